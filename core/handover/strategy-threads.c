#include "core/handover/strategy.h"

#include "core/base/park.h"

/*
 * Threads of a pool of this run, each with a share of the nodes and one end of the channel. The
 * sender's thread takes the last share itself, which has the fewest nodes: it also makes the
 * batches. A node never changes thread.
 *
 * Whoever waits spins for a short while, then parks. GLib's own locks are not seen by
 * ThreadSanitizer, so what is shared goes through C11 atomics and FanoutPark.
 */

typedef struct
{
  FanoutReceiver receiver;
  FanoutCrew *crew;
  guint index; /* this share has nodes index, index + n_shares, ... */
  FanoutPark park;
} Share;

typedef struct
{
  FanoutCrew crew;
  guint n_shares;
  Share *shares;
  GThreadPool *pool;
  FanoutPark sender;
  _Atomic guint sender_iterates; /* the sender waits in the main context */
  _Atomic guint n_late;
  _Atomic guint n_running;
  _Atomic gboolean ready; /* what the threads read is written */
} ThreadCrew;

static gboolean
is_sender (const ThreadCrew *self, const Share *share)
{
  return share->index == self->n_shares - 1;
}

static gboolean
acknowledged (gpointer data)
{
  const FanoutNode *node = data;
  return atomic_load_explicit (&node->ticket.state, memory_order_acquire) != FANOUT_TICKET_OUT;
}

/* Let every node of the share that still runs take the batch, then those that answered later. */
static void
take_share (ThreadCrew *self, Share *share, const FanoutBatch *batch)
{
  FanoutCrew *crew = &self->crew;
  const guint n_late = fanout_crew_serve_share (crew, share->index, self->n_shares, batch);
  if (G_LIKELY (n_late == 0))
    return;
  atomic_fetch_add (&self->n_late, n_late);
  if (!is_sender (self, share))
    fanout_park_wake (&self->sender);
  for (guint i = share->index; i < crew->n_nodes; i += self->n_shares)
    {
      FanoutNode *node = crew->nodes[i];
      if (atomic_load_explicit (&node->ticket.state, memory_order_relaxed) == FANOUT_TICKET_NONE)
        continue;
      if (is_sender (self, share))
        while (!acknowledged (node))
          g_main_context_iteration (crew->context, TRUE);
      else
        fanout_park_wait (&share->park, acknowledged, node);
      fanout_node_resolve (node);
      fanout_crew_look (crew, node);
      atomic_fetch_sub (&self->n_late, 1);
    }
}

static gboolean
offered (gpointer data)
{
  const FanoutReceiver *receiver = data;
  return atomic_load_explicit (&receiver->channel->turn, memory_order_acquire) != receiver->seen;
}

/* In a thread of the pool, until the end of the stream. */
static void
work (gpointer data, gpointer user_data)
{
  Share *share = data;
  ThreadCrew *self = user_data;
  const FanoutBatch *batch = NULL;
  while (!atomic_load_explicit (&self->ready, memory_order_acquire))
    g_thread_yield ();
  do
    {
      fanout_park_wait (&share->park, offered, &share->receiver);
      fanout_receiver_peek (&share->receiver, &batch);
      take_share (self, share, batch);
      fanout_receiver_take (&share->receiver);
    }
  while (batch != NULL);
  atomic_fetch_sub_explicit (&self->n_running, 1, memory_order_release);
}

static void
wake (FanoutReceiver *receiver)
{
  Share *share = receiver->owner;
  ThreadCrew *self = (ThreadCrew *) share->crew;
  if (!is_sender (self, share))
    {
      fanout_park_wake (&share->park);
      return;
    }
  /* The sender's own share: last among the receivers, so that the others are at work by now. */
  const FanoutBatch *batch;
  if (!fanout_receiver_peek (receiver, &batch))
    return;
  take_share (self, share, batch);
  fanout_receiver_take (receiver);
}

static void
wake_sender (FanoutChannel *channel)
{
  ThreadCrew *self = (ThreadCrew *) channel;
  fanout_park_wake (&self->sender);
  if (G_UNLIKELY (atomic_fetch_or (&self->sender_iterates, 0)))
    g_main_context_wakeup (self->crew.context);
}

static gboolean
finished (gpointer data)
{
  ThreadCrew *self = data;
  return atomic_load_explicit (&self->n_running, memory_order_acquire) == 0;
}

static void
stop (FanoutCrew *crew)
{
  ThreadCrew *self = (ThreadCrew *) crew;
  if (self->pool != NULL)
    {
      while (!finished (self))
        g_thread_yield ();
      g_thread_pool_free (self->pool, FALSE, TRUE);
    }
  for (guint i = 0; i < self->n_shares; i++)
    fanout_park_clear (&self->shares[i].park);
  fanout_park_clear (&self->sender);
  g_aligned_free (self->shares);
  g_free (crew->channel.receivers);
  g_aligned_free (self);
}

static gboolean
start_pool (ThreadCrew *self, GError **error)
{
  if (self->n_shares < 2)
    return TRUE;
  self->pool = g_thread_pool_new (work, self, (gint) self->n_shares - 1, TRUE, error);
  if (self->pool == NULL)
    return FALSE;
  atomic_store (&self->n_running, self->n_shares - 1);
  atomic_store_explicit (&self->ready, TRUE, memory_order_release);
  for (guint i = 0; i < self->n_shares - 1; i++)
    g_thread_pool_push (self->pool, &self->shares[i], NULL);
  return TRUE;
}

static FanoutCrew *
start (guint n_nodes, FanoutNode **nodes, guint threads, GMainContext *context, GError **error)
{
  ThreadCrew *self = g_aligned_alloc0 (1, sizeof (ThreadCrew), FANOUT_CACHE_LINE);
  FanoutCrew *crew = &self->crew;
  fanout_crew_init (crew, n_nodes, nodes, context);
  self->n_shares = CLAMP (threads, 1, MAX (n_nodes, 1));
  self->shares = g_aligned_alloc0 (self->n_shares, sizeof (Share), FANOUT_CACHE_LINE);
  FanoutReceiver **ends = g_new (FanoutReceiver *, self->n_shares);
  fanout_channel_init (&crew->channel, self->n_shares, ends, wake_sender);
  fanout_park_init (&self->sender);
  for (guint i = 0; i < self->n_shares; i++)
    {
      Share *share = &self->shares[i];
      share->crew = crew;
      share->index = i;
      fanout_park_init (&share->park);
      fanout_receiver_init (&share->receiver, &crew->channel, wake, share);
      ends[i] = &share->receiver;
    }
  if (!start_pool (self, error))
    {
      stop (crew);
      return NULL;
    }
  return crew;
}

/* One at a time: the next is made while this one is being taken. */
static guint
hand_over (FanoutCrew *crew, FanoutBatch *batch, gsize rows, guint most)
{
  (void) rows;
  (void) most;
  fanout_channel_offer (&crew->channel, batch);
  return 1;
}

static gboolean
settled (FanoutCrew *crew)
{
  return fanout_channel_settled (&crew->channel);
}

static gboolean
settled_or_late (gpointer data)
{
  ThreadCrew *self = data;
  return fanout_channel_settled (&self->crew.channel) || atomic_load (&self->n_late) > 0;
}

/* Acknowledgements wake the main context; the shares they are for look again when woken. */
static void
iterate (ThreadCrew *self)
{
  atomic_exchange (&self->sender_iterates, 1);
  if (!fanout_channel_settled (&self->crew.channel))
    g_main_context_iteration (self->crew.context, TRUE);
  atomic_store (&self->sender_iterates, 0);
  for (guint i = 0; i < self->n_shares - 1; i++)
    fanout_park_wake (&self->shares[i].park);
}

static void
wait (FanoutCrew *crew)
{
  ThreadCrew *self = (ThreadCrew *) crew;
  while (!fanout_channel_settled (&crew->channel))
    {
      fanout_park_wait (&self->sender, settled_or_late, self);
      while (atomic_load (&self->n_late) > 0 && !fanout_channel_settled (&crew->channel))
        iterate (self);
    }
}

const FanoutStrategy fanout_strategy_threads = {
  .name = "threads",
  .ahead = TRUE,
  .start = start,
  .hand_over = hand_over,
  .settled = settled,
  .wait = wait,
  .stop = stop,
};
