#include "core/handover/strategy.h"

/* A hand-over is a function call for each node, made by the sender itself: one end of the channel
 * stands for all of them. */

typedef struct
{
  FanoutCrew crew;
  FanoutReceiver receiver;
  guint n_late;
} CallbackCrew;

/* All but the end is handed over by hand_over() itself. */
static void
wake (FanoutReceiver *receiver)
{
  CallbackCrew *self = receiver->owner;
  const FanoutBatch *batch;
  if (!fanout_receiver_peek (receiver, &batch))
    return;
  fanout_crew_end_share (&self->crew, 0, 1);
  fanout_receiver_take (receiver);
}

static void
resume (FanoutCrew *crew, FanoutNode *node)
{
  CallbackCrew *self = (CallbackCrew *) crew;
  fanout_node_resolve (node);
  fanout_crew_look (crew, node);
  if (--self->n_late == 0)
    fanout_receiver_take (&self->receiver);
}

/* Both ends of the channel are in this thread, so that it is told of the last batch alone. */
static guint
hand_over (FanoutCrew *crew, FanoutBatch *batch, gsize rows, guint most)
{
  CallbackCrew *self = (CallbackCrew *) crew;
  guint n = 0;
  fanout_crew_see (crew, 0, 1, batch->frame);
  do
    {
      n++;
      self->n_late = fanout_crew_fold_share (crew, 0, 1, batch);
    }
  while (self->n_late == 0 && n < most
         && !atomic_load_explicit (&crew->attention, memory_order_relaxed)
         && fanout_batch_advance (batch, rows));
  fanout_channel_handed (&crew->channel, &self->receiver, batch, n, self->n_late == 0);
  return n;
}

static gboolean
settled (FanoutCrew *crew)
{
  return fanout_crew_settled (crew, resume);
}

static void
wait (FanoutCrew *crew)
{
  fanout_crew_wait (crew, settled);
}

static void
stop (FanoutCrew *crew)
{
  g_free (crew->channel.receivers);
  g_aligned_free (crew);
}

static FanoutCrew *
start (guint n_nodes, FanoutNode **nodes, guint threads, FanoutContext *context, GError **error)
{
  (void) threads;
  (void) error;
  CallbackCrew *self = g_aligned_alloc0 (1, sizeof (CallbackCrew), FANOUT_CACHE_LINE);
  FanoutReceiver **ends = g_new (FanoutReceiver *, 1);
  fanout_crew_init (&self->crew, n_nodes, nodes, context);
  fanout_receiver_init (&self->receiver, &self->crew.channel, wake, self);
  ends[0] = &self->receiver;
  fanout_channel_init (&self->crew.channel, 1, ends, NULL);
  return &self->crew;
}

const FanoutStrategy fanout_strategy_callback = {
  .name = "callback",
  .start = start,
  .hand_over = hand_over,
  .settled = settled,
  .wait = wait,
  .stop = stop,
};
