#include "core/handover/strategy.h"

#include "core/base/park.h"
#include "core/handover/overflow.h"

#include <errno.h>
#include <fanout/error.h>

/*
 * Threads of a pool of this run, each with a share of the nodes and one end of the channel. The
 * sender's thread takes the last share itself, which has the fewest nodes: it also makes the
 * batches. Who takes a share waits for the acknowledgements of it alone, in a context of its own,
 * so that none can swallow what is to wake another.
 *
 * A thread that does not come, because others want its processor, would hold everybody for as long
 * as the system lets those run, which is thousands of hand-overs. So each share of each batch is
 * claimed by who takes it: its thread or, when that does not come, the sender. From then on the
 * sender takes the share at once, until its thread is seen again.
 *
 * Whoever waits spins for a short while, then parks. GLib's own locks are not seen by
 * ThreadSanitizer, so what is shared goes through C11 atomics and FanoutPark.
 */

/* How long the sender looks out for a thread that was asleep when it was called. */
#define SPINS_FOR_SLEEPER 5

/* Nothing that one thread writes for each turn shares a cache line with what another needs. */
typedef struct
{
  FanoutReceiver receiver;
  FanoutCrew *crew;
  guint index;           /* this share has nodes index, index + n_shares, ... */
  gboolean bound;        /* to its thread: it has fibers */
  _Atomic gboolean here; /* its thread looks out for the next turn; seldom written */
  _Alignas(FANOUT_CACHE_LINE) FanoutPark park;
  gboolean called;                                     /* the sender's: its thread was asleep */
  _Alignas(FANOUT_CACHE_LINE) _Atomic guint64 claimed; /* the last turn that somebody takes */
  FanoutContext context; /* of who that is; the sender's: the crew's */
} Share;

typedef struct
{
  FanoutCrew crew;
  guint n_shares;
  Share *shares;
  GThreadPool *pool;
  _Alignas(FANOUT_CACHE_LINE) FanoutPark sender;
  _Atomic guint n_running;
  _Atomic gboolean ready; /* what the threads read is written */
} ThreadCrew;

static gboolean
is_sender (const ThreadCrew *self, const Share *share)
{
  return share->index == self->n_shares - 1;
}

static gboolean
acknowledged (const FanoutNode *node)
{
  return atomic_load_explicit (&node->ticket.state, memory_order_acquire) != FANOUT_TICKET_OUT;
}

/* Let every node of the share that still runs take the batch, then those that answered later. */
static void
take_share (ThreadCrew *self, Share *share, const FanoutBatch *batch)
{
  FanoutCrew *crew = &self->crew;
  if (G_UNLIKELY (batch == NULL))
    {
      fanout_crew_end_share (crew, share->index, self->n_shares);
      return;
    }
  fanout_crew_see (crew, share->index, self->n_shares, batch->frame);
  if (G_LIKELY (fanout_crew_fold_share (crew, share->index, self->n_shares, batch) == 0))
    return;
  for (guint i = share->index; i < crew->n_nodes; i += self->n_shares)
    {
      FanoutNode *node = crew->nodes[i];
      if (atomic_load_explicit (&node->ticket.state, memory_order_relaxed) == FANOUT_TICKET_NONE)
        continue;
      while (!acknowledged (node))
        g_main_context_iteration (fanout_context_get (node->context), TRUE);
      fanout_node_resolve (node);
      fanout_crew_look (crew, node);
    }
}

static guint64
turn_of (const Share *share)
{
  return atomic_load_explicit (&share->crew->channel.turn, memory_order_acquire);
}

static gboolean
offered (gpointer data)
{
  Share *share = data;
  if (!atomic_load_explicit (&share->here, memory_order_relaxed))
    atomic_store_explicit (&share->here, TRUE, memory_order_relaxed);
  return turn_of (share) != atomic_load_explicit (&share->claimed, memory_order_relaxed);
}

/* Take the share of what is on offer, unless somebody else does. */
static gboolean
claim_share (ThreadCrew *self, Share *share, const FanoutBatch **batch)
{
  const guint64 turn = turn_of (share);
  guint64 before = turn - 1;
  if (!atomic_compare_exchange_strong_explicit (&share->claimed, &before, turn,
                                                memory_order_acquire, memory_order_relaxed))
    return FALSE;
  fanout_receiver_peek (&share->receiver, batch);
  fanout_context_enter (&share->context);
  take_share (self, share, *batch);
  fanout_context_leave (&share->context);
  fanout_receiver_take (&share->receiver);
  return TRUE;
}

/* The sender, once it has nothing else to do: take the shares whose threads are not `here`, or of
 * all that nobody takes. The end is left to the threads, which end with it. */
static void
help (ThreadCrew *self, gboolean all)
{
  const FanoutBatch *batch = self->crew.channel.batch;
  for (guint i = 0; batch != NULL && i + 1 < self->n_shares; i++)
    {
      Share *share = &self->shares[i];
      if (share->bound
          || (!all && (share->called || atomic_load_explicit (&share->here, memory_order_relaxed))))
        continue;
      if (claim_share (self, share, &batch))
        atomic_store_explicit (&share->here, FALSE, memory_order_relaxed);
    }
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
  fanout_guard_thread ();
  do
    fanout_park_wait (&share->park, offered, share);
  while (!claim_share (self, share, &batch) || batch != NULL);
  atomic_fetch_sub_explicit (&self->n_running, 1, memory_order_release);
}

static void
wake (FanoutReceiver *receiver)
{
  Share *share = receiver->owner;
  ThreadCrew *self = (ThreadCrew *) share->crew;
  if (!is_sender (self, share))
    {
      share->called = fanout_park_wake (&share->park);
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
  fanout_park_wake (&((ThreadCrew *) channel)->sender);
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
  for (guint i = 0; i < crew->n_nodes; i++)
    fanout_node_wait_in (crew->nodes[i], crew->context);
  for (guint i = 0; i < self->n_shares; i++)
    {
      fanout_park_clear (&self->shares[i].park);
      fanout_context_clear (&self->shares[i].context);
    }
  fanout_park_clear (&self->sender);
  g_aligned_free (self->shares);
  g_free (crew->channel.receivers);
  g_aligned_free (self);
}

/* GLib may answer a pool and an error: one with fewer threads than are wanted. */
static gboolean
start_pool (ThreadCrew *self, GError **error)
{
  g_autoptr (GError) refused = NULL;
  if (self->n_shares < 2)
    return TRUE;
  GThreadPool *pool = g_thread_pool_new (work, self, (gint) self->n_shares - 1, TRUE, &refused);
  if (refused != NULL)
    {
      if (pool != NULL)
        g_thread_pool_free (pool, TRUE, TRUE);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                   "the system refuses a thread: %s; [pipeline] threads asks for %u, fewer of them "
                   "or strategy = fiber may do",
                   g_strerror (EAGAIN), self->n_shares);
      return FALSE;
    }
  self->pool = pool;
  atomic_store (&self->n_running, self->n_shares - 1);
  atomic_store_explicit (&self->ready, TRUE, memory_order_release);
  for (guint i = 0; i < self->n_shares - 1; i++)
    g_thread_pool_push (self->pool, &self->shares[i], NULL);
  return TRUE;
}

static FanoutCrew *
start (guint n_nodes, FanoutNode **nodes, guint threads, FanoutContext *context, GError **error)
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
      fanout_context_init (&share->context, NULL);
      fanout_receiver_init (&share->receiver, &crew->channel, wake, share);
      atomic_init (&share->claimed, 0);
      atomic_init (&share->here, FALSE);
      ends[i] = &share->receiver;
      for (guint n = i; n < n_nodes && !is_sender (self, share); n += self->n_shares)
        {
          fanout_node_wait_in (nodes[n], &share->context);
          share->bound |= fanout_node_is_adapted (nodes[n]);
        }
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
  crew->channel.beside = *batch;
  fanout_channel_offer (&crew->channel, &crew->channel.beside);
  help ((ThreadCrew *) crew, FALSE);
  return 1;
}

static gboolean
settled (FanoutCrew *crew)
{
  return fanout_channel_settled (&crew->channel);
}

static gboolean
all_taken (gpointer data)
{
  return settled (data);
}

static gboolean
is_any_called (const ThreadCrew *self)
{
  for (guint i = 0; i + 1 < self->n_shares; i++)
    if (self->shares[i].called)
      return TRUE;
  return FALSE;
}

static void
wait (FanoutCrew *crew)
{
  ThreadCrew *self = (ThreadCrew *) crew;
  if (fanout_park_spin (all_taken, crew, is_any_called (self) ? SPINS_FOR_SLEEPER : 1))
    return;
  help (self, TRUE);
  fanout_park_wait (&self->sender, all_taken, crew);
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
