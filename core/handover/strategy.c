#include "core/handover/strategy.h"

const FanoutStrategy *
fanout_strategy_get (FanoutStrategyKind kind)
{
  switch (kind)
    {
    case FANOUT_STRATEGY_THREADS:
      return &fanout_strategy_threads;
    case FANOUT_STRATEGY_CALLBACK:
      return &fanout_strategy_callback;
    case FANOUT_STRATEGY_FIBER:
    default:
      return &fanout_strategy_fiber;
    }
}

void
fanout_crew_init (FanoutCrew *crew, guint n_nodes, FanoutNode **nodes, FanoutContext *context)
{
  crew->n_nodes = n_nodes;
  crew->nodes = nodes;
  crew->context = context;
  atomic_init (&crew->attention, FALSE);
  for (guint i = 0; i < n_nodes; i++)
    fanout_node_wait_in (nodes[i], context);
}

void
fanout_crew_wait (FanoutCrew *crew, gboolean (*settled) (FanoutCrew *crew))
{
  while (!settled (crew))
    g_main_context_iteration (fanout_context_get (crew->context), TRUE);
}

void
fanout_crew_answered (FanoutCrew *crew, FanoutNode *node)
{
  if (G_LIKELY (node->status == FANOUT_NODE_RUNNING))
    {
      fanout_receiver_take (&node->receiver);
      return;
    }
  fanout_crew_attend (crew);
  fanout_receiver_leave (&node->receiver);
}

void
fanout_crew_end_share (FanoutCrew *crew, guint first, guint step)
{
  for (guint i = first; i < crew->n_nodes; i += step)
    if (crew->nodes[i]->status == FANOUT_NODE_RUNNING)
      {
        fanout_node_end (crew->nodes[i]);
        fanout_crew_look (crew, crew->nodes[i]);
      }
}

gboolean
fanout_crew_resume (FanoutCrew *crew, FanoutNode *node)
{
  if (!fanout_node_resolve (node))
    return FALSE;
  fanout_crew_answered (crew, node);
  return TRUE;
}

gboolean
fanout_crew_settled (FanoutCrew *crew, void (*resume) (FanoutCrew *crew, FanoutNode *node))
{
  if (G_LIKELY (fanout_channel_settled (&crew->channel)))
    return TRUE;
  for (guint i = 0; i < crew->n_nodes; i++)
    if (atomic_load_explicit (&crew->nodes[i]->ticket.state, memory_order_acquire)
        == FANOUT_TICKET_BACK)
      resume (crew, crew->nodes[i]);
  return fanout_channel_settled (&crew->channel);
}
