#include "core/strategy.h"

/* A hand-over is a function call for each node, made by the sender itself. */

static void
wake (FanoutReceiver *receiver)
{
  FanoutNode *node = receiver->owner;
  FanoutCrew *crew = (FanoutCrew *) receiver->channel;
  const FanoutBatch *batch;
  if (fanout_receiver_peek (receiver, &batch))
    fanout_crew_serve (crew, node, batch);
}

static FanoutCrew *
start (guint n_nodes, FanoutNode **nodes, guint threads, GMainContext *context, GError **error)
{
  (void) threads;
  (void) error;
  FanoutCrew *crew = g_aligned_alloc0 (1, sizeof (FanoutCrew), FANOUT_CACHE_LINE);
  fanout_crew_init (crew, n_nodes, nodes, context);
  FanoutReceiver **receivers = g_new (FanoutReceiver *, n_nodes);
  for (guint i = 0; i < n_nodes; i++)
    {
      receivers[i] = &nodes[i]->receiver;
      fanout_receiver_init (receivers[i], &crew->channel, wake, nodes[i]);
    }
  fanout_channel_init (&crew->channel, n_nodes, receivers, NULL);
  return crew;
}

static void
resume (FanoutCrew *crew, FanoutNode *node)
{
  fanout_crew_resume (crew, node);
}

static gboolean
settled (FanoutCrew *crew)
{
  return fanout_crew_settled (crew, resume);
}

static void
wait (FanoutCrew *crew)
{
  while (!settled (crew))
    g_main_context_iteration (crew->context, TRUE);
}

static void
stop (FanoutCrew *crew)
{
  g_free (crew->channel.receivers);
  g_aligned_free (crew);
}

const FanoutStrategy fanout_strategy_callback = {
  .name = "callback",
  .start = start,
  .settled = settled,
  .wait = wait,
  .stop = stop,
};
