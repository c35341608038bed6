#include "core/rows/private.h"

#include "core/base/error.h"

#include <fanout/error.h>
#include <string.h>

#define ROWS_REPEATED 8192
/* What the arrays beside a chunk take at most, as long as it has at least so many rows. */
#define BYTES_BESIDE  ((gsize) 32 * 1024 * 1024)
#define ROWS_LEAST    64
#define ROWS_STEP     4096

/* For each row, of the arrays of selections, registers and ids: where there are thousands of them.
 */
static gsize
bytes_beside (const FanoutPlan *plan)
{
  const gsize repeats = fanout_plan_repeats (plan);
  gsize bytes = fanout_slot_select_bytes (plan, 1) + fanout_program_row_bytes (plan->program);

  if (plan->filter != NULL)
    bytes += fanout_program_row_bytes (plan->filter);
  return bytes + repeats * sizeof (guint32) * (plan->n_tables + plan->n_views);
}

/* As many rows as their arrays have room for, in whole steps where they are more than one. */
static guint64
most_rows (const FanoutPlan *plan)
{
  const guint64 most = MAX (BYTES_BESIDE / MAX (bytes_beside (plan), 1), ROWS_LEAST);

  return most > ROWS_STEP ? most - most % ROWS_STEP : most;
}

FanoutChunk *
fanout_rows_chunk (const FanoutPlan *plan, guint64 rows)
{
  /* What is repeated is not longer than what else would be there. */
  const guint64 repeated
      = fanout_plan_repeats (plan) > 1 ? ROWS_REPEATED / fanout_plan_repeats (plan) : G_MAXUINT64;
  const guint64 most = MIN (repeated, most_rows (plan));
  FanoutChunk *chunk = fanout_chunk_new_for (plan->n_columns, plan->columns, MIN (rows, most));
  chunk->on_bad_row = plan->on_bad_row;
  chunk->on_bad_value = plan->on_bad_value;
  chunk->max_row = plan->reader.max_row;
  chunk->null_values = plan->null_values;
  for (guint c = 0; plan->positions != NULL && c < plan->n_columns; c++)
    if (plan->positions[c] > 0)
      fanout_chunk_use_places (chunk);
  if (fanout_plan_defers (plan))
    fanout_chunk_defer (chunk);
  return chunk;
}

/* What the arrays beside those of the chunk take. */
static gsize
derived_bytes (const FanoutPlan *plan, const FanoutSlot *slot)
{
  const gsize capacity = slot->chunk->capacity;
  const gsize repeats = fanout_plan_repeats (plan);
  const guint n_columns = plan->n_columns + plan->n_derived;
  gsize row = slot->kept != NULL ? sizeof *slot->kept : 0;
  row += slot->instants != NULL ? sizeof *slot->instants : 0;
  row += slot->later != NULL ? sizeof *slot->later : 0;
  for (guint t = 0; t < plan->n_tables; t++)
    row += slot->ids[t] != NULL ? repeats * sizeof *slot->ids[t] : 0;
  for (guint v = 0; v < plan->n_views; v++)
    row += slot->view_ids[v] != NULL ? repeats * sizeof *slot->view_ids[v] : 0;
  for (guint c = 0; c < n_columns; c++)
    row += slot->reals[c] != NULL ? sizeof *slot->reals[c] : 0;
  return row * capacity + n_columns * sizeof *slot->columns
         + fanout_slot_select_bytes (plan, capacity);
}

/* Whether a view has fewer rows than the groups of its table are made of. */
static gboolean
has_fewer_rows (const FanoutPlan *plan, guint view)
{
  const FanoutPlanTable *table = &plan->tables[plan->views[view].table];
  return fanout_plan_has_ids (plan, table)
         && plan->views[view].selection != plan->views[table->view].selection;
}

/* No row is shorter than a byte, so that a short run has no pages to clear that it does not use. */
static guint64
expected_rows (FanoutBlockReader *reader)
{
  const guint64 bytes
      = reader != NULL && !fanout_reader_is_packed (reader) ? fanout_reader_total (reader) : 0;
  return bytes > 0 ? bytes : G_MAXUINT64;
}

void
fanout_slot_init (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const guint n_columns = plan->n_columns + plan->n_derived;
  slot->chunk = fanout_rows_chunk (plan, expected_rows (feed->plan.reader));
  slot->chunk->shared = feed->plan.ahead;
  const gsize capacity = slot->chunk->capacity;
  const gsize repeats = fanout_plan_repeats (plan);
  slot->columns = g_new0 (FanoutColumn, MAX (n_columns, 1));
  slot->reals = g_new0 (double *, MAX (n_columns, 1));
  for (guint c = 0; c < n_columns; c++)
    if (fanout_plan_takes (plan, c) == FANOUT_TAKES_DOUBLE)
      slot->reals[c] = g_new (double, capacity);
  slot->narrow = g_new0 (FanoutNarrow, MAX (plan->n_derived, 1));
  slot->ids = g_new0 (guint32 *, plan->n_tables);
  for (guint t = 0; t < plan->n_tables; t++)
    if (fanout_plan_has_ids (plan, &plan->tables[t]))
      slot->ids[t] = g_new (guint32, capacity * repeats);
  slot->known = g_new0 (guint64, plan->n_tables);
  slot->views = g_new0 (FanoutFrameView, plan->n_views);
  slot->view_ids = g_new0 (guint32 *, plan->n_views);
  for (guint v = 0; v < plan->n_views; v++)
    if (has_fewer_rows (plan, v))
      slot->view_ids[v] = g_new (guint32, capacity * repeats);
  slot->frame.views = slot->views;
  fanout_slot_init_derive (feed, slot);
  fanout_slot_init_select (feed, slot);
  slot->derived = derived_bytes (plan, slot);
}

void
fanout_slot_clear (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  for (guint c = 0; c < plan->n_columns + plan->n_derived; c++)
    g_free (slot->reals[c]);
  for (guint t = 0; t < plan->n_tables; t++)
    g_free (slot->ids[t]);
  for (guint v = 0; v < plan->n_views; v++)
    g_free (slot->view_ids[v]);
  fanout_slot_clear_select (feed, slot);
  fanout_slot_clear_derive (slot);
  for (guint i = 0; i < plan->n_derived; i++)
    {
      g_free (slot->narrow[i].mantissa);
      g_free (slot->narrow[i].scales);
    }
  g_free (slot->narrow);
  g_free (slot->reals);
  g_free (slot->columns);
  g_free (slot->ids);
  g_free (slot->known);
  g_free (slot->view_ids);
  g_free (slot->views);
  fanout_chunk_free (slot->chunk);
}

static void
convert_to_double (FanoutColumn *column, double *reals, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    if (column->null == NULL || !column->null[i])
      reals[i] = fanout_number_to_double (fanout_column_number (column, i));
  column->form = FANOUT_FORM_DOUBLE;
  column->real = reals;
}

static gboolean
is_wide (const FanoutColumn *column, gsize row)
{
  return (column->null == NULL || !column->null[row]) && column->scales[row] == FANOUT_SCALE_WIDE;
}

static void
count_rounded (FanoutFeed *feed, FanoutSlot *slot, gsize row, const char *name, FanoutNumber number)
{
  const guint64 record = fanout_slot_record (slot, row);
  const gboolean first
      = slot->chunk->first_rounded == NULL || slot->chunk->first_rounded_record > record;
  fanout_chunk_count_rounded (slot->chunk, &slot->block, record,
                              first ? fanout_slot_line (feed, slot, record) : 0, name, number);
}

/* The nearest doubles in place of wide decimals, in a copy: others may look at the vector too. */
static void
narrow (FanoutFeed *feed, FanoutSlot *slot, FanoutColumn *column, const char *name,
        FanoutNarrow *room)
{
  FanoutChunk *chunk = slot->chunk;
  const gsize n = chunk->n_rows;
  gsize row = 0;
  while (column->form == FANOUT_FORM_MIXED && row < n && !is_wide (column, row))
    row++;
  if (column->form != FANOUT_FORM_MIXED || row == n)
    return;
  if (room->mantissa == NULL)
    {
      room->mantissa = g_new (gint64, chunk->capacity);
      room->scales = g_new (guint8, chunk->capacity);
    }
  memcpy (room->mantissa, column->mantissa, n * sizeof *room->mantissa);
  memcpy (room->scales, column->scales, n);
  for (; row < n; row++)
    if (is_wide (column, row))
      {
        const FanoutNumber number = fanout_column_number (column, row);
        const FanoutNumber real = fanout_number_narrow (number);
        if (fanout_number_compare (number, real) != 0)
          count_rounded (feed, slot, row, name, number);
        room->mantissa[row] = real.mantissa;
        room->scales[row] = real.scale;
      }
  column->mantissa = room->mantissa;
  column->scales = room->scales;
}

static void
view_columns (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  for (guint c = 0; c < plan->n_columns; c++)
    fanout_chunk_view (&slot->chunk->columns[c], 0, &slot->columns[c]);
  if (plan->n_derived > 0)
    fanout_slot_derived (feed, slot);
  for (guint i = 0; i < plan->n_derived; i++)
    if (plan->derived[i].takes == FANOUT_TAKES_NUMBER)
      narrow (feed, slot, &slot->columns[plan->n_columns + i], plan->derived[i].name,
              &slot->narrow[i]);
  for (guint c = 0; c < plan->n_columns + plan->n_derived; c++)
    if (slot->reals[c] != NULL)
      convert_to_double (&slot->columns[c], slot->reals[c], slot->chunk->n_rows);
}

/* The stream ends before row `n` of the frame, which would be one group too many, or for which
 * there is no memory. */
static void
end_before (FanoutFeed *feed, FanoutSlot *slot, gsize n)
{
  FanoutFrame *frame = &slot->frame;
  g_clear_error (&feed->pending);
  feed->pending_record = fanout_frame_record (frame, n);
  frame->n_rows = n;
  if (fanout_memory_limit_exceeded (feed->plan.limit))
    {
      fanout_memory_limit_fail (feed->plan.limit, &feed->pending);
      return;
    }
  g_autofree char *most = fanout_count_of (feed->plan.plan->max_groups, "group");
  g_autofree char *place = fanout_slot_locate (feed, slot, feed->pending_record);
  g_set_error (&feed->pending, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "%s%smore than %s: [pipeline] max-groups allows more", place != NULL ? place : "",
               place != NULL ? ": " : "", most);
}

static const FanoutColumn *
columns_of (const FanoutSlot *slot, const FanoutSelected *selected)
{
  return selected->whole ? slot->columns : selected->columns;
}

static void
assign_ids (FanoutFeed *feed, FanoutSlot *slot, guint t)
{
  const FanoutPlan *plan = feed->plan.plan;
  const FanoutPlanTable *table = &plan->tables[t];
  const FanoutSelected *selected = &slot->selected[plan->views[table->view].selection];
  const FanoutColumn *columns = columns_of (slot, selected);
  for (guint k = 0; k < table->n_keys; k++)
    feed->keys[k] = &columns[table->keys[k]];
  const gsize n = selected->n_rows;
  gsize known;
  if (fanout_plan_has_sessions (plan))
    known = fanout_sessions_ids (feed->plan.sessions[t], feed->keys, slot->instants,
                                 selected->whole ? NULL : selected->index, n, slot->ids[t]);
  else if (selected->windows != NULL)
    known = fanout_slices_ids (feed->plan.slices[t], feed->keys, selected->windows, NULL, n,
                               slot->ids[t]);
  else if (plan->window != NULL)
    known = fanout_slices_ids (feed->plan.slices[t], feed->keys,
                               (const FanoutSliceRun *) (gpointer) slot->runs->data,
                               selected->whole ? NULL : selected->index, n, slot->ids[t]);
  else
    {
      slot->known[t] = fanout_table_n_groups (feed->plan.tables[t]);
      known = fanout_table_ids (feed->plan.tables[t], feed->keys, 0, n, slot->ids[t]);
    }
  if (known == n)
    return;
  const gsize row = selected->whole ? known : selected->index[known];
  if (row < slot->frame.n_rows)
    end_before (feed, slot, row);
}

/* All ids of a table are below. */
static guint64
count_groups (const FanoutFeed *feed, guint t)
{
  if (fanout_plan_has_sessions (feed->plan.plan))
    return fanout_sessions_n_states (feed->plan.sessions[t]);
  return feed->plan.plan->window != NULL ? fanout_slices_n_states (feed->plan.slices[t])
                                         : fanout_table_n_groups (feed->plan.tables[t]);
}

static void
make_view (FanoutFeed *feed, FanoutSlot *slot, guint v)
{
  const FanoutPlan *plan = feed->plan.plan;
  const FanoutPlanView *planned = &plan->views[v];
  const FanoutPlanView *base = &plan->views[plan->tables[planned->table].view];
  const FanoutSelected *selected = &slot->selected[planned->selection];
  const guint32 *ids = slot->ids[planned->table];
  if (slot->view_ids[v] != NULL && !selected->whole)
    {
      fanout_slot_select_ids (&slot->selected[base->selection], selected, ids, slot->view_ids[v]);
      ids = slot->view_ids[v];
    }
  slot->views[v] = (FanoutFrameView){
    .columns = columns_of (slot, selected),
    .ids = ids,
    .n_groups = count_groups (feed, planned->table),
    .first_row = slot->frame.first_row,
    .rows = selected->whole ? slot->frame.rows : selected->rows,
    .before = selected->whole ? NULL : selected->before,
  };
}

void
fanout_slot_frame (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutChunk *chunk = slot->chunk;
  FanoutFrame *frame = &slot->frame;
  fanout_slot_derive (feed, slot);
  frame->n_rows = chunk->n_rows;
  frame->first_row = chunk->first_row;
  frame->rows = chunk->consecutive ? NULL : chunk->rows;
  if (frame->n_rows == 0)
    return;
  view_columns (feed, slot);
  fanout_slot_select (feed, slot);
  for (guint t = 0; t < plan->n_tables; t++)
    if (fanout_plan_has_ids (plan, &plan->tables[t]))
      assign_ids (feed, slot, t);
  for (guint v = 0; v < plan->n_views; v++)
    make_view (feed, slot, v);
}
