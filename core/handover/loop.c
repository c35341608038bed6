#include "core/handover/loop.h"

#include "core/handover/fiber.h"

#include <fanout/error.h>

typedef struct FanoutLoops FanoutLoops;

struct FanoutLoop
{
  FanoutFiber *fiber;
  FanoutLoops *loops;
  gpointer state;
  const FanoutInput *input;
  gsize next; /* row to hand out */
  gsize end;
  gboolean started;
  gboolean returned;
};

struct FanoutLoops
{
  FanoutNode *node;
  GPtrArray *loops; /* FanoutLoop, by id */
  gboolean ended;
};

static void
body (gpointer data)
{
  FanoutLoop *loop = data;
  FanoutNode *node = loop->loops->node;
  node->plan->operator_->loop (&node->aggregate, loop->state, loop);
  loop->returned = TRUE;
}

static FanoutLoop *
start (FanoutLoops *loops, guint32 id, GError **error)
{
  FanoutNode *node = loops->node;
  FanoutLoop *loop = g_new0 (FanoutLoop, 1);
  loop->loops = loops;
  loop->state = node->states + id * node->plan->operator_->state_size;
  loop->fiber = fanout_fiber_new (body, loop, node->plan->name, error);
  if (loop->fiber == NULL)
    {
      g_free (loop);
      return NULL;
    }
  g_ptr_array_add (loops->loops, loop);
  return loop;
}

/* Ids are dense and come in order of first appearance, so that one start at a time is enough. */
static FanoutLoop *
find (FanoutLoops *loops, guint32 id, GError **error)
{
  while (id >= loops->loops->len)
    {
      if (loops->loops->len == FANOUT_LOOPS_MAX)
        {
          g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                       "more than %d groups: each group of '%s' has a function call of its own",
                       FANOUT_LOOPS_MAX, loops->node->plan->operator_->name);
          return NULL;
        }
      if (start (loops, loops->loops->len, error) == NULL)
        return NULL;
    }
  return g_ptr_array_index (loops->loops, id);
}

static FanoutAnswer
hand_over (FanoutLoop *loop, const FanoutInput *input, gsize first, gsize end)
{
  FanoutNode *node = loop->loops->node;
  loop->input = input;
  loop->next = first;
  loop->end = end;
  loop->started = TRUE;
  fanout_fiber_resume (loop->fiber);
  if (node->error != NULL)
    return node->row_known ? FANOUT_FAILED
                           : fanout_fail_at (input, MAX (loop->next, first + 1) - 1);
  return loop->returned ? fanout_enough (input, loop->next) : FANOUT_MORE;
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  (void) states;
  const FanoutNode *node = (const FanoutNode *) input->aggregate;
  FanoutLoops *loops = node->adapter.data;
  for (gsize i = 0; i < input->n_rows;)
    {
      guint32 id = input->ids != NULL ? input->ids[i] : 0;
      gsize end = i + 1;
      if (input->ids == NULL)
        end = input->n_rows;
      else
        while (end < input->n_rows && input->ids[end] == id)
          end++;
      g_autoptr (GError) error = NULL;
      FanoutLoop *loop = find (loops, id, &error);
      if (loop == NULL)
        return fanout_fail_row (input, i, "%s", error->message);
      if (!loop->returned)
        {
          FanoutAnswer answer = hand_over (loop, input, i, end);
          if (answer == FANOUT_FAILED || (answer == FANOUT_ENOUGH && input->ids == NULL))
            return answer;
        }
      i = end;
    }
  return FANOUT_MORE;
}

gboolean
fanout_next (FanoutLoop *in, FanoutRow *row)
{
  while (!in->loops->ended)
    {
      for (; in->next < in->end; in->next++)
        if (in->input->skip == NULL || !in->input->skip[in->next])
          {
            row->input = in->input;
            row->index = in->next++;
            return TRUE;
          }
      fanout_fiber_suspend (in->fiber);
    }
  return FALSE;
}

static void
end (gpointer data)
{
  FanoutLoops *loops = data;
  if (loops->ended)
    return;
  /* Every group that exists gets its call, also one that has seen no row. */
  g_autoptr (GError) error = NULL;
  if (loops->node->n_states > 0 && loops->node->status == FANOUT_NODE_RUNNING
      && loops->loops->len == 0 && !loops->node->grouped)
    find (loops, 0, &error);
  loops->ended = TRUE;
  for (guint i = 0; i < loops->loops->len; i++)
    {
      FanoutLoop *loop = g_ptr_array_index (loops->loops, i);
      if (!loop->returned)
        fanout_fiber_resume (loop->fiber);
    }
  if (error != NULL)
    fanout_fail (&loops->node->aggregate, "%s", error->message);
}

static void
loops_free (gpointer data)
{
  FanoutLoops *loops = data;
  end (loops);
  for (guint i = 0; i < loops->loops->len; i++)
    {
      FanoutLoop *loop = g_ptr_array_index (loops->loops, i);
      fanout_fiber_free (loop->fiber);
      g_free (loop);
    }
  g_ptr_array_unref (loops->loops);
  g_free (loops);
}

void
fanout_loops_adapt (FanoutNode *node)
{
  if (node->plan->operator_->loop == NULL)
    return;
  FanoutLoops *loops = g_new0 (FanoutLoops, 1);
  loops->node = node;
  loops->loops = g_ptr_array_new ();
  /* The functions hold pointers to their states, so these must not move. */
  fanout_node_reserve (node, node->grouped ? FANOUT_LOOPS_MAX : 1);
  fanout_node_adapt (node, &(FanoutNodeAdapter){ update, end, loops_free, loops });
}
