#include "core/handover/node.h"
#include "core/base/writer.h"

#include <fanout/error.h>
#include <string.h>
#include <time.h>

/* One update in so many is timed; a batch of many rows counts for more. */
#define SAMPLE_EVERY       64
#define SAMPLE_EVERY_SMALL 4096
#define SMALL_BATCH        64

/* Bytes of states that grow by less than half. */
#define LARGE ((gsize) 256 * 1024)

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

/* What the states themselves take. */
static gsize
states_size (const FanoutNode *node)
{
  return node->capacity * MAX (node->plan->operator_->state_size, 1);
}

/* What a node counts beyond its states. */
static gssize
count_owned (const FanoutNode *node)
{
  return MAX ((gssize) node->memory.used - (gssize) states_size (node), 0);
}

/* What moved states had of others has been released here. Each of these pays its share. */
static void
settle_debt (FanoutNode *node)
{
  gssize debt = (gssize) states_size (node) - (gssize) node->memory.used;
  gssize owned = 0;
  for (guint i = 0; node->lenders != NULL && i < node->lenders->len; i++)
    owned += count_owned (g_ptr_array_index (node->lenders, i));
  for (guint i = 0; node->lenders != NULL && i < node->lenders->len && debt > 0; i++)
    {
      FanoutNode *lender = g_ptr_array_index (node->lenders, i);
      const gssize lent = count_owned (lender);
      const gssize share = (gssize) ((double) debt * (double) lent / (double) MAX (owned, 1)) + 1;
      const gssize paid = MIN (MIN (share, debt), lent);
      fanout_memory_count (&lender->memory, -paid);
      debt -= paid;
      owned -= lent;
    }
  g_clear_pointer (&node->lenders, g_ptr_array_unref);
}

void
fanout_node_free (FanoutNode *node)
{
  if (node == NULL)
    return;
  const FanoutOperator *operator_ = node->plan->operator_;
  if (node->adapter.free != NULL)
    node->adapter.free (node->adapter.data);
  if (operator_->clear != NULL && node->n_states > 0)
    operator_->clear (&node->aggregate, node->states, node->n_states);
  settle_debt (node);
  fanout_memory_clear (&node->memory);
  fanout_context_clear (&node->own_context);
  g_clear_error (&node->error);
  g_free (node->states);
  g_free (node->prototype);
  g_free (node->slices);
  g_free (node->cursors);
  g_free (node->skip);
  g_aligned_free (node);
}

static void
fill_states (FanoutNode *node, guint64 first, guint64 end)
{
  gsize size = node->plan->operator_->state_size;
  if (node->prototype == NULL)
    memset (node->states + first * size, 0, (end - first) * size);
  else
    for (guint64 id = first; id < end; id++)
      memcpy (node->states + id * size, node->prototype, size);
}

/* `size` is a constant where this is inlined. */
static inline void
zero_states (guint8 *states, const guint32 *ids, gsize n, gsize size)
{
  for (gsize i = 0; i < n; i++)
    memset (states + ids[i] * size, 0, size);
}

/* The same to those of `ids`. */
static void
fill_some_states (FanoutNode *node, const guint32 *ids, gsize n)
{
  const gsize size = node->plan->operator_->state_size;
  if (node->prototype != NULL)
    for (gsize i = 0; i < n; i++)
      memcpy (node->states + ids[i] * size, node->prototype, size);
  else if (size == 8)
    zero_states (node->states, ids, n, 8);
  else if (size == 16)
    zero_states (node->states, ids, n, 16);
  else if (size == 32)
    zero_states (node->states, ids, n, 32);
  else if (size == 48)
    zero_states (node->states, ids, n, 48);
  else
    zero_states (node->states, ids, n, size);
}

void
fanout_node_reserve (FanoutNode *node, guint64 n)
{
  if (n <= node->n_states)
    return;
  if (n > node->capacity)
    {
      gsize size = MAX (node->plan->operator_->state_size, 1);
      /* Large arrays are moved by their pages. */
      const guint64 more = node->capacity * size < LARGE ? node->capacity / 2 : node->capacity / 8;
      guint64 capacity = MAX (n, node->capacity + more);
      if (!fanout_memory_has_room (&node->memory, (capacity - node->capacity) * size))
        capacity = n;
      node->states = g_realloc_n (node->states, capacity, size);
      fanout_memory_count (&node->memory, (gssize) ((capacity - node->capacity) * size));
      node->capacity = capacity;
    }
  fill_states (node, node->n_states, n);
  node->n_states = n;
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

/* `row`: of the stream, where fanout_fail_row has not told. */
static void
fail (FanoutNode *node, guint64 row)
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
  fail (node, fanout_input_row (&node->input, 0));
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
    fail (node, G_MAXUINT64);
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

/* States that lie apart, of `size` bytes, to states that do, or not (`to` NULL). */
static inline void
move_bytes (guint8 *into, const guint32 *to, const guint8 *from, const guint32 *ids, gsize n,
            gsize size)
{
  for (gsize i = 0; i < n; i++)
    memcpy (into + (to != NULL ? to[i] : i) * size, from + ids[i] * size, size);
}

/* What else states own is counted. */
gboolean
fanout_node_owns_nothing (const FanoutNode *node)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  return operator_->copy == NULL && node->lenders == NULL && !node->lent
         && (operator_->clear == NULL
             || (operator_->encode != NULL && node->memory.used == states_size (node)));
}

/* The same where they are nothing but their bytes: FALSE, they are more. */
static gboolean
copy_bytes (FanoutNode *into, const guint32 *to, const FanoutNode *from, const guint32 *ids,
            gsize n)
{
  const FanoutOperator *operator_ = from->plan->operator_;
  if (!fanout_node_owns_nothing (from))
    return FALSE;
  switch (operator_->state_size)
    {
    case 8:
      move_bytes (into->states, to, from->states, ids, n, 8);
      break;
    case 16:
      move_bytes (into->states, to, from->states, ids, n, 16);
      break;
    case 32:
      move_bytes (into->states, to, from->states, ids, n, 32);
      break;
    case 48:
      move_bytes (into->states, to, from->states, ids, n, 48);
      break;
    default:
      move_bytes (into->states, to, from->states, ids, n, operator_->state_size);
    }
  return TRUE;
}

/* Contiguous states. */
static gboolean
copy_states (FanoutNode *into, const FanoutNode *from, guint64 id, guint8 *to, gsize n)
{
  const FanoutOperator *operator_ = from->plan->operator_;
  const gsize size = operator_->state_size;
  const guint8 *states = from->states + id * size;
  if (operator_->copy != NULL)
    return operator_->copy (&into->aggregate, to, states, n);
  if (fanout_node_owns_nothing (from))
    {
      memcpy (to, states, n * size);
      return TRUE;
    }
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  for (gsize i = 0; i < n; i++)
    {
      gsize length;
      fanout_writer_reset (out);
      operator_->encode ((FanoutAggregate *) &from->aggregate, states + i * size, out);
      const guint8 *bytes = fanout_writer_bytes (out, &length);
      if (!operator_->decode (&into->aggregate, to + i * size, bytes, length))
        return fanout_fail (&into->aggregate, "its states cannot be copied");
    }
  return TRUE;
}

gboolean
fanout_node_copy (FanoutNode *into, const FanoutNode *from, const guint32 *ids, guint64 first,
                  gsize n)
{
  const gsize size = from->plan->operator_->state_size;
  fanout_node_reserve (into, n);
  if (ids == NULL)
    return copy_states (into, from, first, into->states, n);
  if (copy_bytes (into, NULL, from, ids, n))
    return TRUE;
  for (gsize i = 0; i < n; i++)
    if (!copy_states (into, from, ids[i], into->states + i * size, 1))
      return FALSE;
  return TRUE;
}

gboolean
fanout_node_copy_to (FanoutNode *into, const guint32 *to, const FanoutNode *from,
                     const guint32 *ids, gsize n)
{
  const gsize size = from->plan->operator_->state_size;
  if (copy_bytes (into, to, from, ids, n))
    return TRUE;
  for (gsize i = 0; i < n; i++)
    if (!copy_states (into, from, ids[i], into->states + to[i] * size, 1))
      return FALSE;
  return TRUE;
}

void
fanout_node_move (FanoutNode *into, const guint32 *to, FanoutNode *from, const guint32 *ids,
                  gsize n, FanoutNode *owner)
{
  if (to == NULL)
    fanout_node_reserve (into, n);
  move_bytes (into->states, to, from->states, ids, n, from->plan->operator_->state_size);
  fill_some_states (from, ids, n);
  from->lent = TRUE;
  if (owner->lenders == NULL)
    owner->lenders = g_ptr_array_new ();
  if (!g_ptr_array_find (owner->lenders, from, NULL))
    g_ptr_array_add (owner->lenders, from);
}

void
fanout_node_renew (FanoutNode *node, const guint32 *ids, gsize n)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  const gboolean clears = operator_->clear != NULL && !fanout_node_owns_nothing (node);
  /* An aggregate that was dropped has no states for what came after. */
  for (gsize i = 0; i < n;)
    {
      gsize end = i;
      while (end < n && ids[end] < node->n_states)
        end++;
      for (gsize k = i; k < end && clears; k++)
        operator_->clear (&node->aggregate, node->states + ids[k] * operator_->state_size, 1);
      fill_some_states (node, ids + i, end - i);
      i = end + 1;
    }
}

void
fanout_node_pack (FanoutNode *node, const guint32 *moved, guint64 n)
{
  const gsize size = node->plan->operator_->state_size;
  for (guint64 i = 0; n > 0 && i < node->n_states; i++)
    if (moved[i] != G_MAXUINT32 && moved[i] != i)
      memcpy (node->states + moved[i] * size, node->states + i * size, size);
  node->n_states = MIN (node->n_states, n);
  const guint64 wanted = MAX (node->n_states, 1);
  if (node->capacity / 4 <= wanted)
    return;
  node->states = g_realloc_n (node->states, wanted, MAX (size, 1));
  fanout_memory_count (&node->memory, -(gssize) ((node->capacity - wanted) * MAX (size, 1)));
  node->capacity = wanted;
}

gboolean
fanout_node_combine (FanoutNode *into, FanoutNode *from, const guint32 *ids, guint64 first, gsize n)
{
  const FanoutOperator *operator_ = into->plan->operator_;
  gpointer states = from->states + first * operator_->state_size;
  /* What `combine` takes over is released from where it goes. */
  gsize own = from->capacity * operator_->state_size;
  if (from->aggregate.memory == &from->memory && from->memory.used > own)
    fanout_memory_move (&into->memory, &from->memory, from->memory.used - own);
  from->aggregate.memory = &into->memory;
  gboolean done = operator_->combine (&into->aggregate, into->states, ids, states, n);
  if (operator_->clear != NULL)
    operator_->clear (&from->aggregate, states, n);
  memset (states, 0, n * operator_->state_size);
  if (!done)
    {
      into->gathered = TRUE;
      fail (into, G_MAXUINT64);
    }
  return done;
}

void
fanout_node_remake (FanoutNode *node, gsize n, gboolean combined)
{
  n = MIN (n, node->n_states);
  if (n > 0 && !combined && node->plan->operator_->clear != NULL)
    node->plan->operator_->clear (&node->aggregate, node->states, n);
  /* What was combined is zeroes. */
  if (n > 0 && (!combined || node->prototype != NULL))
    fill_states (node, 0, n);
}

GError *
fanout_aggregate_take_error (FanoutAggregate *self)
{
  FanoutNode *node = (FanoutNode *) self;
  if (node->error == NULL)
    fail (node, G_MAXUINT64);
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
