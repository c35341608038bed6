#include "core/handover/strategy.h"

#include "core/handover/fiber.h"

/*
 * Each node is a fiber that blocks on its end of the channel; the sender runs on the thread's own
 * stack. It switches to the first receiver, which switches to the next, and the last one back: that
 * saves nearly half of the switches.
 */

typedef struct
{
  FanoutFiber *fiber;
  FanoutNode *node;
  FanoutCrew *crew;
  guint index;
} Receiver;

typedef struct
{
  FanoutCrew crew;
  Receiver *receivers;
} FiberCrew;

/* Let those go on that are behind in the crew, and have not seen what is on offer. */
static inline void
suspend (Receiver *self)
{
  FanoutCrew *crew = self->crew;
  const guint next = self->index + 1;
  if (next < crew->n_nodes && fanout_receiver_is_behind (&crew->nodes[next]->receiver))
    fanout_fiber_pass (self->fiber, ((Receiver *) crew->nodes[next]->receiver.owner)->fiber);
  else
    fanout_fiber_suspend (self->fiber);
}

static void
body (gpointer data)
{
  Receiver *self = data;
  FanoutReceiver *receiver = &self->node->receiver;
  const FanoutBatch *batch = NULL;
  do
    {
      while (!fanout_receiver_peek (receiver, &batch))
        suspend (self);
      if (G_UNLIKELY (!fanout_crew_serve (self->crew, self->node, batch)))
        do
          suspend (self);
        while (!fanout_crew_resume (self->crew, self->node));
    }
  while (batch != NULL && !fanout_receiver_left (receiver));
}

static void
resume (FanoutCrew *crew, FanoutNode *node)
{
  (void) crew;
  fanout_fiber_resume (((Receiver *) node->receiver.owner)->fiber);
}

static inline void
wake (FanoutReceiver *receiver)
{
  if (fanout_receiver_is_behind (receiver))
    fanout_fiber_resume (((Receiver *) receiver->owner)->fiber);
}

static void
stop (FanoutCrew *crew)
{
  FiberCrew *self = (FiberCrew *) crew;
  for (guint i = 0; i < crew->n_nodes; i++)
    fanout_fiber_free (self->receivers[i].fiber);
  g_free (self->receivers);
  g_free (crew->channel.receivers);
  g_aligned_free (self);
}

static FanoutCrew *
start (guint n_nodes, FanoutNode **nodes, guint threads, FanoutContext *context, GError **error)
{
  (void) threads;
  FiberCrew *self = g_aligned_alloc0 (1, sizeof (FiberCrew), FANOUT_CACHE_LINE);
  FanoutCrew *crew = &self->crew;
  fanout_crew_init (crew, n_nodes, nodes, context);
  self->receivers = g_new0 (Receiver, n_nodes);
  FanoutReceiver **ends = g_new (FanoutReceiver *, n_nodes);
  fanout_channel_init (&crew->channel, n_nodes, ends, NULL);
  for (guint i = 0; i < n_nodes; i++)
    {
      Receiver *receiver = &self->receivers[i];
      receiver->node = nodes[i];
      receiver->crew = crew;
      receiver->index = i;
      ends[i] = &nodes[i]->receiver;
      fanout_receiver_init (ends[i], &crew->channel, wake, receiver);
      receiver->fiber = fanout_fiber_new (body, receiver, nodes[i]->plan->name, error);
      if (receiver->fiber == NULL)
        {
          stop (crew);
          return NULL;
        }
    }
  return crew;
}

static guint
hand_over (FanoutCrew *crew, FanoutBatch *batch, gsize rows, guint most)
{
  return fanout_crew_hand_over (crew, batch, rows, most, crew->n_nodes, crew->channel.receivers,
                                wake);
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

const FanoutStrategy fanout_strategy_fiber = {
  .name = "fiber",
  .start = start,
  .hand_over = hand_over,
  .settled = settled,
  .wait = wait,
  .stop = stop,
};
