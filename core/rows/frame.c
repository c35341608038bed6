#include "core/rows/private.h"

#include "core/base/error.h"

#include <fanout/error.h>

FanoutChunk *
fanout_rows_chunk (const FanoutPlan *plan)
{
  FanoutChunk *chunk = fanout_chunk_new (plan->n_columns, plan->columns, 0);
  chunk->on_bad_row = plan->on_bad_row;
  chunk->on_bad_value = plan->on_bad_value;
  chunk->max_row = plan->reader.max_row;
  chunk->null_values = plan->null_values;
  return chunk;
}

/* What the arrays beside those of the chunk take. */
static gsize
derived_bytes (const FanoutPlan *plan, const FanoutSlot *slot)
{
  gsize row = 0;
  for (guint t = 0; t < plan->n_tables; t++)
    row += slot->ids[t] != NULL ? sizeof *slot->ids[t] : 0;
  for (guint c = 0; c < plan->n_columns; c++)
    row += slot->reals[c] != NULL ? sizeof *slot->reals[c] : 0;
  return row * slot->chunk->capacity + plan->n_columns * sizeof *slot->columns;
}

void
fanout_slot_init (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  slot->chunk = fanout_rows_chunk (plan);
  slot->chunk->shared = feed->plan.ahead;
  slot->columns = g_new0 (FanoutColumn, MAX (plan->n_columns, 1));
  slot->reals = g_new0 (double *, MAX (plan->n_columns, 1));
  for (guint c = 0; c < plan->n_columns; c++)
    if (plan->columns[c].takes == FANOUT_TAKES_DOUBLE)
      slot->reals[c] = g_new (double, slot->chunk->capacity);
  slot->ids = g_new0 (guint32 *, plan->n_tables);
  for (guint t = 0; t < plan->n_tables; t++)
    if (plan->tables[t].n_keys > 0)
      slot->ids[t] = g_new (guint32, slot->chunk->capacity);
  slot->known = g_new0 (guint64, plan->n_tables);
  slot->views = g_new0 (FanoutFrameView, plan->n_views);
  slot->frame.views = slot->views;
  slot->derived = derived_bytes (plan, slot);
}

void
fanout_slot_clear (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  for (guint c = 0; c < plan->n_columns; c++)
    g_free (slot->reals[c]);
  for (guint t = 0; t < plan->n_tables; t++)
    g_free (slot->ids[t]);
  g_free (slot->reals);
  g_free (slot->columns);
  g_free (slot->ids);
  g_free (slot->known);
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

static void
view_column (const FanoutSlot *slot, guint c)
{
  fanout_chunk_view (&slot->chunk->columns[c], 0, &slot->columns[c]);
  if (slot->reals[c] != NULL)
    convert_to_double (&slot->columns[c], slot->reals[c], slot->chunk->n_rows);
}

/* The stream ends before row `n` of the frame, which would be one group too many, or for which
 * there is no memory. */
static void
end_before (FanoutFeed *feed, FanoutFrame *frame, gsize n)
{
  g_clear_error (&feed->pending);
  feed->pending_record = fanout_frame_record (frame, n);
  frame->n_rows = n;
  if (fanout_memory_limit_exceeded (feed->plan.limit))
    {
      fanout_memory_limit_fail (feed->plan.limit, &feed->pending);
      return;
    }
  g_autofree char *most = fanout_count_of (feed->plan.plan->max_groups, "group");
  g_set_error (&feed->pending, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "more than %s: [pipeline] max-groups allows more", most);
}

static void
assign_ids (FanoutFeed *feed, FanoutSlot *slot, guint t)
{
  const FanoutPlanTable *table = &feed->plan.plan->tables[t];
  FanoutFrame *frame = &slot->frame;
  for (guint k = 0; k < table->n_keys; k++)
    feed->keys[k] = &slot->columns[table->keys[k]];
  const gsize n = frame->n_rows;
  slot->known[t] = fanout_table_n_groups (feed->plan.tables[t]);
  const gsize known = fanout_table_ids (feed->plan.tables[t], feed->keys, 0, n, slot->ids[t]);
  if (known < n)
    end_before (feed, frame, known);
}

static void
make_view (FanoutFeed *feed, FanoutSlot *slot, guint v)
{
  const guint t = feed->plan.plan->views[v].table;
  slot->views[v] = (FanoutFrameView){
    .columns = slot->columns,
    .ids = slot->ids[t],
    .n_groups = fanout_table_n_groups (feed->plan.tables[t]),
    .first_row = slot->frame.first_row,
    .rows = slot->frame.rows,
  };
}

void
fanout_slot_frame (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutChunk *chunk = slot->chunk;
  FanoutFrame *frame = &slot->frame;
  for (guint c = 0; c < chunk->n_columns; c++)
    view_column (slot, c);
  frame->n_rows = chunk->n_rows;
  frame->first_row = chunk->first_row;
  frame->rows = chunk->consecutive ? NULL : chunk->rows;
  for (guint t = 0; t < plan->n_tables; t++)
    if (plan->tables[t].n_keys > 0)
      assign_ids (feed, slot, t);
  for (guint v = 0; v < plan->n_views; v++)
    make_view (feed, slot, v);
}
