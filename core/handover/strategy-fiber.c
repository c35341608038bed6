#include "core/handover/strategy.h"

#include "core/handover/fiber.h"

/*
 * Each node is a fiber that blocks on its end of the channel; the sender runs on the thread's own
 * stack. It switches to the first receiver, which switches to the next, and the last one back: that
 * saves nearly half of the switches. As all of it is one thread, ends of the channel are told what
 * was taken when the sender has handed over what it has.
 */

typedef struct FiberCrew FiberCrew;

typedef struct Receiver
{
  FanoutFiber *fiber;
  FanoutNode *node;
  FiberCrew *crew;
  struct Receiver *next; /* that still runs; NULL: the last one */
  gboolean late;         /* its acknowledgement is awaited */
} Receiver;

struct FiberCrew
{
  FanoutCrew crew;
  Receiver *receivers;
  Receiver *first; /* that still runs */
  guint n_running;
  guint n_taken; /* of the batch on offer, at once */
};

/* Who still runs, in their order. */
static void
link_running (FiberCrew *self)
{
  Receiver **next = &self->first;
  self->n_running = 0;
  for (guint i = 0; i < self->crew.n_nodes; i++)
    if (!fanout_receiver_left (&self->receivers[i].node->receiver))
      {
        *next = &self->receivers[i];
        next = &self->receivers[i].next;
        self->n_running++;
      }
  *next = NULL;
}

/* Let those go on that are behind in the crew, and have not seen what is on offer. */
static inline void
pass_on (Receiver *self)
{
  if (self->next != NULL)
    fanout_fiber_pass (self->fiber, self->next->fiber);
  else
    fanout_fiber_suspend (self->fiber);
}

/* It has left, failed, or will answer later. FALSE: it takes part no more. */
static gboolean
answer_otherwise (Receiver *self, FanoutAnswer answer)
{
  FanoutCrew *crew = &self->crew->crew;
  if (answer != FANOUT_LATER)
    fanout_crew_answered (crew, self->node);
  else
    {
      self->late = TRUE;
      pass_on (self);
      while (!fanout_crew_resume (crew, self->node))
        fanout_fiber_suspend (self->fiber);
      self->late = FALSE;
    }
  if (fanout_receiver_left (&self->node->receiver))
    {
      link_running (self->crew);
      return FALSE;
    }
  fanout_fiber_suspend (self->fiber);
  return TRUE;
}

/* Whenever it goes on there is something new on offer. */
static void
body (gpointer data)
{
  Receiver *self = data;
  FanoutNode *node = self->node;
  const FanoutBatch *batch = NULL;
  while (fanout_receiver_peek (&node->receiver, &batch) && batch != NULL)
    {
      const FanoutAnswer answer = fanout_node_fold (node, batch);
      if (G_LIKELY (answer == FANOUT_MORE))
        {
          self->crew->n_taken++;
          pass_on (self);
        }
      else if (!answer_otherwise (self, answer))
        return;
    }
  fanout_node_end (node);
  fanout_crew_answered (&self->crew->crew, node);
}

static void
resume (FanoutCrew *crew, FanoutNode *node)
{
  (void) crew;
  fanout_fiber_resume (((Receiver *) node->receiver.owner)->fiber);
}

static void
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
      receiver->crew = self;
      ends[i] = &nodes[i]->receiver;
      fanout_receiver_init (ends[i], &crew->channel, wake, receiver);
      receiver->fiber = fanout_fiber_new (body, receiver, nodes[i]->plan->name, error);
      if (receiver->fiber == NULL)
        {
          stop (crew);
          return NULL;
        }
    }
  link_running (self);
  return crew;
}

/* Those behind one that stopped in the middle go on. */
static void
wake_rest (FiberCrew *self)
{
  for (guint i = 0; i < self->crew.n_nodes; i++)
    wake (&self->receivers[i].node->receiver);
}

static void
tell_taken (FiberCrew *self)
{
  for (guint i = 0; i < self->crew.n_nodes; i++)
    {
      const Receiver *receiver = &self->receivers[i];
      if (!receiver->late && !fanout_receiver_left (&receiver->node->receiver))
        fanout_receiver_take (&receiver->node->receiver);
    }
}

static guint
hand_over (FanoutCrew *crew, FanoutBatch *batch, gsize rows, guint most)
{
  FiberCrew *self = (FiberCrew *) crew;
  gboolean all;
  guint n = 0;
  fanout_crew_see (crew, 0, 1, batch->frame);
  do
    {
      const guint n_running = self->n_running;
      n++;
      self->n_taken = 0;
      fanout_channel_show (&crew->channel, batch);
      if (G_LIKELY (self->first != NULL))
        fanout_fiber_resume (self->first->fiber);
      all = self->n_taken == n_running;
    }
  while (all && n < most && !atomic_load_explicit (&crew->attention, memory_order_relaxed)
         && fanout_batch_advance (batch, rows));
  if (G_UNLIKELY (!all))
    wake_rest (self);
  tell_taken (self);
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

const FanoutStrategy fanout_strategy_fiber = {
  .name = "fiber",
  .start = start,
  .hand_over = hand_over,
  .settled = settled,
  .wait = wait,
  .stop = stop,
};
