#include "core/handover/node.h"
#include "core/base/writer.h"

#include <fanout/error.h>
#include <string.h>
#include <time.h>

/* One update in so many is timed; a batch of many rows counts for more. */
#define SAMPLE_EVERY       64
#define SAMPLE_EVERY_SMALL 4096
#define SMALL_BATCH        64

static gpointer
make_prototype (FanoutNode *node)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  if (operator_->init == NULL)
    return NULL;
  gpointer prototype = g_malloc0 (MAX (operator_->state_size, 1));
  operator_->init (&node->aggregate, prototype);
  return prototype;
}

FanoutNode *
fanout_node_new (const FanoutPlanAggregate *plan, gboolean grouped, FanoutMemoryLimit *limit,
                 GMainContext *context)
{
  FanoutNode *node = g_aligned_alloc0 (1, sizeof (FanoutNode), FANOUT_CACHE_LINE);
  node->plan = plan;
  node->grouped = grouped;
  node->stride = plan->operator_->state_size;
  fanout_memory_init (&node->memory, limit);
  node->aggregate.size = sizeof node->aggregate;
  node->aggregate.options = plan->options;
  node->aggregate.memory = &node->memory;
  node->aggregate.name = plan->name;
  fanout_context_init (&node->own_context, context);
  node->context = &node->own_context;
  node->slices = g_new0 (FanoutColumn, MAX (plan->n_columns, 1));
  /* Values, nulls and scales of each column; nulls of all; ids and row numbers. */
  node->cursors = g_new0 (FanoutCursor, 3 * plan->n_columns + 3);
  node->input.size = sizeof node->input;
  node->input.column_size = sizeof *node->slices;
  node->input.n_columns = plan->n_columns;
  node->input.columns = node->slices;
  node->input.aggregate = &node->aggregate;
  node->counters.countdown = 1;
  node->prototype = make_prototype (node);
  if (!grouped)
    fanout_node_reserve (node, 1);
  node->update = plan->operator_->update;
  return node;
}

void
fanout_node_adapt (FanoutNode *node, const FanoutNodeAdapter *adapter)
{
  node->adapter = *adapter;
  node->update = adapter->update;
}

void
fanout_node_free (FanoutNode *node)
{
  if (node == NULL)
    return;
  if (node->adapter.free != NULL)
    node->adapter.free (node->adapter.data);
  fanout_node_release_states (node);
  fanout_memory_clear (&node->memory);
  fanout_context_clear (&node->own_context);
  g_clear_error (&node->error);
  g_free (node->passing);
  g_free (node->prototype);
  g_free (node->slices);
  g_free (node->cursors);
  g_free (node->skip);
  g_aligned_free (node);
}

/* Nulls of several columns together: one row to pass over. */
static const guint8 *
merge_nulls (FanoutNode *node, gsize n_rows)
{
  const guint8 *only = NULL;
  gboolean merged = FALSE;
  if (n_rows == 0)
    return NULL;
  for (guint c = 0; c < node->plan->n_columns; c++)
    {
      const guint8 *null = node->slices[c].null;
      if (null == NULL || null == only)
        continue;
      if (only == NULL)
        {
          only = null;
          continue;
        }
      if (!merged)
        {
          if (node->skip_size < n_rows)
            {
              node->skip = g_realloc (node->skip, n_rows);
              node->skip_size = n_rows;
            }
          memcpy (node->skip, only, n_rows);
          merged = TRUE;
        }
      for (gsize i = 0; i < n_rows; i++)
        node->skip[i] |= null[i];
    }
  return merged ? node->skip : only;
}

static void
add_cursor (FanoutNode *node, gconstpointer place, gsize stride)
{
  const char **pointer = (const char **) place;
  if (*pointer == NULL)
    return;
  *node->cursors_end++ = (FanoutCursor){ pointer, *pointer, stride };
}

static void
add_column_cursors (FanoutNode *node, FanoutColumn *column)
{
  if (column->form != FANOUT_FORM_NONE)
    add_cursor (node, &column->mantissa,
                column->form == FANOUT_FORM_TEXT ? sizeof (FanoutText) : sizeof (gint64));
  if (column->form == FANOUT_FORM_MIXED)
    add_cursor (node, &column->scales, sizeof *column->scales);
  add_cursor (node, &column->null, sizeof *column->null);
}

void
fanout_node_use_frame (FanoutNode *node, const FanoutFrame *frame)
{
  const FanoutPlanAggregate *plan = node->plan;
  const FanoutFrameView *view = &frame->views[node->view];
  FanoutInput *input = &node->input;
  node->serial = frame->serial;
  node->before = view->before;
  node->first_row = view->first_row;
  node->cursors_end = node->cursors;
  for (guint c = 0; c < plan->n_columns; c++)
    node->slices[c] = view->columns[plan->columns[c]];
  input->skip = NULL;
  if (!(plan->operator_->flags & FANOUT_TAKES_NULLS))
    input->skip
        = merge_nulls (node, view->before != NULL ? view->before[frame->n_rows] : frame->n_rows);
  input->ids = view->ids;
  input->rows = view->rows;
  for (guint c = 0; c < plan->n_columns; c++)
    add_column_cursors (node, &node->slices[c]);
  add_cursor (node, &input->skip, sizeof *input->skip);
  add_cursor (node, &input->ids, sizeof *input->ids);
  add_cursor (node, &input->rows, sizeof *input->rows);
  if (view->ids != NULL && node->adapter.data == NULL)
    fanout_node_reserve (node, view->n_groups);
}

static inline guint64
now_ns (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * G_GUINT64_CONSTANT (1000000000) + (guint64) now.tv_nsec;
}

FanoutAnswer
fanout_node_sampled_update (FanoutNode *node)
{
  FanoutNodeCounters *counters = &node->counters;
  guint64 start = now_ns ();
  FanoutAnswer answer = node->update (node->states, &node->input);
  counters->sampled_ns += now_ns () - start;
  counters->sampled_rows += node->input.n_rows;
  counters->countdown = node->input.n_rows < SMALL_BATCH ? SAMPLE_EVERY_SMALL : SAMPLE_EVERY;
  return answer;
}

void
fanout_node_fail (FanoutNode *node, guint64 row)
{
  node->status = FANOUT_NODE_FAILED;
  if (node->error == NULL)
    g_set_error (&node->error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                 "operator '%s' failed without saying why", node->plan->operator_->name);
  if (!node->row_known)
    node->last_row = row;
}

/* Without one nobody could ever acknowledge. */
static gboolean
has_ticket (FanoutNode *node)
{
  if (atomic_load_explicit (&node->ticket.state, memory_order_relaxed) != FANOUT_TICKET_NONE)
    return TRUE;
  fanout_fail (&node->aggregate, "operator '%s' answered later, but took no ticket",
               node->plan->operator_->name);
  return FALSE;
}

FanoutAnswer
fanout_node_settle (FanoutNode *node, FanoutAnswer answer)
{
  if (answer == FANOUT_ENOUGH && (node->grouped || node->stays))
    answer = FANOUT_MORE;
  if (answer == FANOUT_MORE)
    return answer;
  if (answer == FANOUT_ENOUGH)
    {
      gsize n_taken = node->n_taken;
      if (n_taken == 0 || n_taken > node->input.n_rows)
        n_taken = node->input.n_rows;
      node->last_row = fanout_input_row (&node->input, n_taken - 1);
      node->status = FANOUT_NODE_LEFT;
      return answer;
    }
  if (answer == FANOUT_LATER && has_ticket (node))
    return answer;
  fanout_node_fail (node, fanout_input_row (&node->input, 0));
  return FANOUT_FAILED;
}

gboolean
fanout_node_resolve (FanoutNode *node)
{
  FanoutTicket *ticket = &node->ticket;
  int state = atomic_load_explicit (&ticket->state, memory_order_acquire);
  if (state == FANOUT_TICKET_OUT)
    return FALSE;
  FanoutAnswer answer = state == FANOUT_TICKET_BACK ? ticket->answer : FANOUT_FAILED;
  atomic_store_explicit (&ticket->state, FANOUT_TICKET_NONE, memory_order_relaxed);
  fanout_node_settle (node, answer == FANOUT_LATER ? FANOUT_FAILED : answer);
  return TRUE;
}

void
fanout_node_end (FanoutNode *node)
{
  if (node->adapter.end == NULL)
    return;
  node->adapter.end (node->adapter.data);
  if (node->error != NULL && node->status != FANOUT_NODE_FAILED)
    fanout_node_fail (node, G_MAXUINT64);
}

gboolean
fanout_aggregate_end (FanoutAggregate *self)
{
  FanoutNode *node = (FanoutNode *) self;
  const FanoutOperator *operator_ = node->plan->operator_;
  if (node->ended || operator_->end == NULL)
    return TRUE;
  node->ended = TRUE;
  return operator_->end (self, node->states, node->n_states);
}

GError *
fanout_aggregate_take_error (FanoutAggregate *self)
{
  FanoutNode *node = (FanoutNode *) self;
  if (node->error == NULL)
    fanout_node_fail (node, G_MAXUINT64);
  return g_steal_pointer (&node->error);
}

/* The part of <fanout/aggregate.h> that operators call. */

static void
set_error (FanoutNode *node, const char *format, va_list arguments)
{
  if (node->error == NULL)
    node->error = g_error_new_valist (FANOUT_ERROR, FANOUT_ERROR_STATE, format, arguments);
}

gboolean
fanout_fail (FanoutAggregate *self, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  set_error ((FanoutNode *) self, format, arguments);
  va_end (arguments);
  return FALSE;
}

FanoutAnswer
fanout_fail_row (const FanoutInput *input, gsize row, const char *format, ...)
{
  FanoutNode *node = (FanoutNode *) input->aggregate;
  va_list arguments;
  va_start (arguments, format);
  set_error (node, format, arguments);
  va_end (arguments);
  node->last_row = fanout_input_row (input, row);
  node->row_known = TRUE;
  return FANOUT_FAILED;
}

FanoutAnswer
fanout_fail_at (const FanoutInput *input, gsize row)
{
  FanoutNode *node = (FanoutNode *) input->aggregate;
  node->last_row = fanout_input_row (input, row);
  node->row_known = TRUE;
  node->gathered = TRUE;
  return FANOUT_FAILED;
}

FanoutAnswer
fanout_enough (const FanoutInput *input, gsize n_taken)
{
  ((FanoutNode *) input->aggregate)->n_taken = n_taken;
  return FANOUT_ENOUGH;
}

FanoutTicket *
fanout_later (const FanoutInput *input)
{
  FanoutNode *node = (FanoutNode *) input->aggregate;
  FanoutTicket *ticket = &node->ticket;
  ticket->context = fanout_context_use (node->context);
  atomic_store_explicit (&ticket->state, FANOUT_TICKET_OUT, memory_order_relaxed);
  return ticket;
}

void
fanout_acknowledge (FanoutTicket *ticket, FanoutAnswer answer)
{
  /* The node may be gone as soon as the ticket is back. */
  g_autoptr (GMainContext) context = g_main_context_ref (ticket->context);
  ticket->answer = answer;
  atomic_store_explicit (&ticket->state, FANOUT_TICKET_BACK, memory_order_release);
  g_main_context_wakeup (context);
}

int
fanout_aggregate_stop_fd (FanoutAggregate *self)
{
  FanoutStop *stop = ((FanoutNode *) self)->stop;
  return stop != NULL ? fanout_stop_fd (stop) : -1;
}

GMainContext *
fanout_aggregate_context (FanoutAggregate *self)
{
  return fanout_context_get (((FanoutNode *) self)->context);
}
