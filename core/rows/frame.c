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
derived_bytes (const FanoutSlot *slot)
{
  const FanoutChunk *chunk = slot->chunk;
  gsize row = slot->ids != NULL ? sizeof *slot->ids : 0;
  for (guint c = 0; c < chunk->n_columns; c++)
    row += slot->reals[c] != NULL ? sizeof *slot->reals[c] : 0;
  return row * chunk->capacity + chunk->n_columns * sizeof *slot->columns;
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
  if (fanout_feed_grouping (feed)->n_keys > 0)
    slot->ids = g_new (guint32, slot->chunk->capacity);
  slot->frame.columns = slot->columns;
  slot->frame.n_columns = plan->n_columns;
  slot->frame.ids = slot->ids;
  slot->derived = derived_bytes (slot);
}

void
fanout_slot_clear (FanoutFeed *feed, FanoutSlot *slot)
{
  for (guint c = 0; c < feed->plan.plan->n_columns; c++)
    g_free (slot->reals[c]);
  g_free (slot->reals);
  g_free (slot->columns);
  g_free (slot->ids);
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

static void
assign_ids (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const FanoutPlanGrouping *keys = fanout_feed_grouping (feed);
  FanoutFrame *frame = &slot->frame;
  for (guint k = 0; k < keys->n_keys; k++)
    feed->keys[k] = &slot->columns[keys->keys[k]];
  gsize n = fanout_table_ids (feed->plan.table, feed->keys, 0, frame->n_rows, slot->ids);
  frame->n_groups = fanout_table_n_groups (feed->plan.table);
  if (n == frame->n_rows)
    return;
  g_clear_error (&feed->pending);
  feed->pending_record = fanout_frame_record (frame, n);
  frame->n_rows = n;
  g_autofree char *most = fanout_count_of (plan->max_groups, "group");
  g_set_error (&feed->pending, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "more than %s: [pipeline] max-groups allows more", most);
}

void
fanout_slot_frame (FanoutFeed *feed, FanoutSlot *slot)
{
  FanoutChunk *chunk = slot->chunk;
  FanoutFrame *frame = &slot->frame;
  for (guint c = 0; c < chunk->n_columns; c++)
    view_column (slot, c);
  frame->n_rows = chunk->n_rows;
  frame->first_row = chunk->first_row;
  frame->rows = chunk->consecutive ? NULL : chunk->rows;
  frame->n_groups = 1;
  if (fanout_feed_grouping (feed)->n_keys > 0)
    assign_ids (feed, slot);
}
