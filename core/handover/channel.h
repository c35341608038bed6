#pragma once

/**
 * The zero-capacity channel: one sender, any number of receivers, nothing in between.
 *
 * A hand-over is complete ("settled") when every receiver that has not left has taken the batch.
 * The channel never blocks and never allocates; of a receiver it knows only how to wake it. It
 * needs no lock: the sender alone writes the turn, each receiver alone what it has taken.
 */

#include "core/rows/batch.h"

#include <stdatomic.h>

typedef struct FanoutChannel FanoutChannel;
typedef struct FanoutReceiver FanoutReceiver;

/** Bytes between things that different threads write. */
#define FANOUT_CACHE_LINE 64

/** One receiving end. Embedded by who receives, on cache lines of its own. */
struct FanoutReceiver
{
  _Alignas(FANOUT_CACHE_LINE) _Atomic guint64 taken; /* the last turn taken; G_MAXUINT64: left */
  guint64 seen;                                      /* the last turn peeked at */
  FanoutChannel *channel;
  void (*wake) (FanoutReceiver *receiver);
  gpointer owner; /* whoever `wake` is for */
};

struct FanoutChannel
{
  _Alignas(FANOUT_CACHE_LINE) _Atomic guint64 turn; /* hand-overs begun */
  const FanoutBatch *batch;                         /* of this turn; NULL: the end */
  guint n_receivers;
  FanoutReceiver **receivers;
  void (*wake_sender) (FanoutChannel *channel); /* after each batch taken; may be NULL */
  FanoutBatch beside; /* room for one that other threads read: with the turn, in one line */
};

/** `receivers` is borrowed. */
void fanout_channel_init (FanoutChannel *channel, guint n_receivers, FanoutReceiver **receivers,
                          void (*wake_sender) (FanoutChannel *channel));
void fanout_receiver_init (FanoutReceiver *receiver, FanoutChannel *channel,
                           void (*wake) (FanoutReceiver *receiver), gpointer owner);

static inline gboolean
fanout_receiver_left (const FanoutReceiver *receiver)
{
  return atomic_load_explicit (&receiver->taken, memory_order_relaxed) == G_MAXUINT64;
}

/** Put `batch` on offer and wake nobody: for who sees itself that each receiver takes it. */
static inline void
fanout_channel_show (FanoutChannel *channel, const FanoutBatch *batch)
{
  const guint64 turn = atomic_load_explicit (&channel->turn, memory_order_relaxed) + 1;
  channel->batch = batch;
  atomic_store_explicit (&channel->turn, turn, memory_order_release);
}

/** Begin to hand `batch` over (NULL: the stream has ended). Only when settled. The batch stays
 * valid until it is settled again. TRUE: it is already, since each receiver took it when woken. */
static inline gboolean
fanout_channel_offer (FanoutChannel *channel, const FanoutBatch *batch)
{
  gboolean settled = TRUE;
  fanout_channel_show (channel, batch);
  const guint64 turn = atomic_load_explicit (&channel->turn, memory_order_relaxed);
  for (guint i = 0; i < channel->n_receivers; i++)
    {
      FanoutReceiver *receiver = channel->receivers[i];
      if (!fanout_receiver_left (receiver))
        receiver->wake (receiver);
      if (atomic_load_explicit (&receiver->taken, memory_order_acquire) < turn)
        settled = FALSE;
    }
  return settled;
}

/** Sender and only receiver in one thread: `n` batches have been handed over, `batch` was the last
 * one, and the only one that may not be `taken` yet. */
static inline void
fanout_channel_handed (FanoutChannel *channel, FanoutReceiver *receiver, const FanoutBatch *batch,
                       guint n, gboolean taken)
{
  const guint64 turn = atomic_load_explicit (&channel->turn, memory_order_relaxed) + n;
  channel->batch = batch;
  atomic_store_explicit (&channel->turn, turn, memory_order_relaxed);
  receiver->seen = turn;
  atomic_store_explicit (&receiver->taken, taken ? turn : turn - 1, memory_order_relaxed);
}

/** Sender: whether every receiver has taken the batch or left. */
static inline gboolean
fanout_channel_settled (FanoutChannel *channel)
{
  guint64 turn = atomic_load_explicit (&channel->turn, memory_order_relaxed);
  for (guint i = 0; i < channel->n_receivers; i++)
    if (atomic_load_explicit (&channel->receivers[i]->taken, memory_order_acquire) < turn)
      return FALSE;
  return TRUE;
}

/** Receiver: TRUE when there is something new: a batch, or NULL for the end of the stream. It must
 * be answered with fanout_receiver_take or fanout_receiver_leave before the next. */
static inline gboolean
fanout_receiver_peek (FanoutReceiver *receiver, const FanoutBatch **batch)
{
  guint64 turn = atomic_load_explicit (&receiver->channel->turn, memory_order_acquire);
  if (turn == receiver->seen)
    return FALSE;
  receiver->seen = turn;
  *batch = receiver->channel->batch;
  return TRUE;
}

/** Whether there is something that it has not peeked at, and it still takes part. In the receiver's
 * thread. */
static inline gboolean
fanout_receiver_is_behind (const FanoutReceiver *receiver)
{
  return atomic_load_explicit (&receiver->channel->turn, memory_order_acquire) != receiver->seen
         && !fanout_receiver_left (receiver);
}

/** Receiver: the batch is taken, it is not looked at any more. */
static inline void
fanout_receiver_take (FanoutReceiver *receiver)
{
  FanoutChannel *channel = receiver->channel;
  atomic_store_explicit (&receiver->taken, receiver->seen, memory_order_release);
  if (channel->wake_sender != NULL)
    channel->wake_sender (channel);
}

/** Receiver: the batch is taken, and no other is wanted. */
void fanout_receiver_leave (FanoutReceiver *receiver);
