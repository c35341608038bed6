#include "core/rows/private.h"

#include <string.h>

/* The decoded columns, as expressions see them. */
static FanoutView
view_chunk (const FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutChunk *chunk = slot->chunk;
  for (guint c = 0; c < chunk->n_columns; c++)
    fanout_chunk_view (&chunk->columns[c], 0, &slot->columns[c]);
  return (FanoutView){
    .n_rows = chunk->n_rows,
    .columns = slot->columns,
    .first_row = chunk->first_row,
    .rows = chunk->consecutive ? NULL : chunk->rows,
    .file = feed->plan.reader != NULL ? slot->block.name : NULL,
    .writing = &chunk->writing,
  };
}

static void
fail_at (FanoutFeed *feed, FanoutSlot *slot, gsize row, GError *error)
{
  g_clear_error (&feed->pending);
  feed->pending = error;
  feed->pending_record = fanout_slot_record (slot, row);
}

gsize
fanout_slot_run (FanoutFeed *feed, FanoutSlot *slot, FanoutEvaluator *evaluator, guint end,
                 guint n_looks, const FanoutLook *looks)
{
  const FanoutView view = view_chunk (feed, slot);
  GError *error = NULL;
  gsize n = view.n_rows;
  fanout_evaluator_begin (evaluator, &view);
  do
    fanout_evaluator_run (evaluator, 0, end);
  while (fanout_slot_judge (feed, slot, n_looks, looks, &n, &error));
  if (error != NULL)
    fail_at (feed, slot, n, error);
  return n;
}

/* The rows where a condition holds, or is bad. Answers how many. */
static gsize
keep_true (const FanoutVector *condition, gsize n, gsize *n_bad, guint32 *kept)
{
  gsize n_kept = 0;
  if (condition->constant || condition->marks != NULL)
    for (gsize i = 0; i < n; i++)
      {
        const gsize bad = fanout_vector_mark (condition, i) == FANOUT_MARK_BAD ? 1 : 0;
        kept[n_kept] = (guint32) i;
        n_kept += bad != 0 || fanout_vector_truth (condition, i) ? 1 : 0;
        *n_bad += bad;
      }
  else
    for (gsize i = 0; i < n; i++)
      {
        kept[n_kept] = (guint32) i;
        n_kept += condition->truth[i];
      }
  return n_kept;
}

/* [pipeline] where, while a piece is decoded. What is bad is kept, for the judge. */
static gsize
keep (gpointer data, FanoutChunk *chunk, const FanoutBlock *block, gsize n, guint32 *kept)
{
  FanoutSlot *slot = data;
  const gsize first = chunk->n_rows;
  for (guint c = 0; c < chunk->n_columns; c++)
    if (slot->while_decoding.reads[c])
      fanout_chunk_view (&chunk->columns[c], first, &slot->columns[c]);
  const FanoutView view = { .n_rows = n,
                            .columns = slot->columns,
                            .first_row = block->record,
                            .file = block->name,
                            .writing = &chunk->writing };
  fanout_evaluator_begin (slot->filter, &view);
  fanout_evaluator_run (slot->filter, 0, slot->where + 1);
  const FanoutVector *passed = fanout_evaluator_vector (slot->filter, slot->where);
  gsize n_bad = 0;
  const gsize n_kept = keep_true (passed, n, &n_bad, kept);
  slot->n_dropped += n - n_kept;
  slot->n_decided += n_kept - n_bad;
  return n_kept;
}

/* [pipeline] where. */
static void
filter (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const guint register_ = (guint) plan->where;
  const FanoutLook look
      = { .evaluator = slot->filter, .register_ = register_, .column = -1, .condition = NULL };
  const gsize n
      = fanout_slot_run (feed, slot, slot->filter, fanout_program_length (plan->filter), 1, &look);
  const FanoutVector *passed = fanout_evaluator_vector (slot->filter, register_);
  gsize n_bad = 0; /* there are none any more before row n */
  const gsize kept = keep_true (passed, n, &n_bad, slot->kept);
  fanout_chunk_keep (slot->chunk, slot->kept, kept);
  slot->n_read = n + slot->n_dropped;
  slot->n_left = kept;
}

/* Everything that somebody looks at, in the order in which it is told. */
static guint
list_looks (const FanoutPlan *plan, const FanoutSlot *slot, FanoutLook *looks)
{
  guint n = 0;
  for (guint s = 0; s < plan->n_selections; s++)
    if (plan->selections[s].condition >= 0)
      looks[n++] = (FanoutLook){ .evaluator = slot->evaluator,
                                 .register_ = (guint) plan->selections[s].condition,
                                 .column = -1 };
  for (guint s = 0; s < plan->n_selections; s++)
    {
      const FanoutPlanSelection *selection = &plan->selections[s];
      for (guint i = 0; i < selection->n_columns; i++)
        {
          const guint c = selection->columns[i];
          const gboolean derived = c >= plan->n_columns;
          looks[n++] = (FanoutLook){
            .evaluator = slot->evaluator,
            .register_ = derived ? plan->derived[c - plan->n_columns].register_ : 0,
            .column = derived ? -1 : (gint) c,
            .condition
            = selection->condition < 0
                  ? NULL
                  : fanout_evaluator_vector (slot->evaluator, (guint) selection->condition),
          };
        }
    }
  return n;
}

void
fanout_slot_derive (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  slot->n_left = slot->chunk->n_rows;
  slot->n_read = slot->n_left + slot->n_dropped;
  if (slot->looks == NULL)
    return;
  fanout_slot_sort_findings (slot);
  if (slot->nulled != NULL)
    g_hash_table_remove_all (slot->nulled);
  slot->filtered_late = slot->filter != NULL && slot->n_decided < slot->chunk->n_rows;
  if (slot->filtered_late)
    filter (feed, slot);
  if (plan->window != NULL)
    fanout_slot_place (feed, slot);
  const guint n_looks = list_looks (plan, slot, slot->looks);
  slot->chunk->n_rows = fanout_slot_run (
      feed, slot, slot->evaluator, fanout_program_length (plan->program), n_looks, slot->looks);
  fanout_slot_count_rounded (feed, slot);
}

void
fanout_slot_derived (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  for (guint i = 0; i < plan->n_derived; i++)
    fanout_evaluator_column (slot->evaluator, plan->derived[i].register_,
                             &slot->columns[plan->n_columns + i]);
}

static guint
count_looks (const FanoutPlan *plan)
{
  guint n = 0;
  for (guint s = 0; s < plan->n_selections; s++)
    n += 1 + plan->selections[s].n_columns;
  return n;
}

void
fanout_slot_init_derive (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const gsize capacity = slot->chunk->capacity;
  if (!fanout_plan_defers (plan))
    return;
  slot->looks = g_new0 (FanoutLook, MAX (count_looks (plan), 1));
  slot->evaluator = fanout_evaluator_new (plan->program, capacity);
  if (plan->where >= 0 || plan->window != NULL)
    slot->kept = g_new (guint32, capacity);
  if (plan->window != NULL)
    {
      slot->clock = fanout_evaluator_new (plan->window->program, capacity);
      slot->runs = g_array_new (FALSE, FALSE, sizeof (FanoutSliceRun));
      if (fanout_plan_has_sessions (plan))
        slot->instants = g_new (FanoutInstant, capacity);
      else
        slot->later = g_new (guint8, capacity);
    }
  if (plan->where < 0)
    return;
  slot->filter = fanout_evaluator_new (plan->filter, capacity);
  slot->nulled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  slot->where = (guint) plan->where;
  if (feed->plan.reader == NULL)
    return;
  slot->while_decoding = (FanoutChunkFilter){ plan->where_reads, keep, slot };
  fanout_chunk_set_filter (slot->chunk, &slot->while_decoding);
}

void
fanout_slot_clear_derive (FanoutSlot *slot)
{
  g_clear_pointer (&slot->filter, fanout_evaluator_free);
  g_clear_pointer (&slot->clock, fanout_evaluator_free);
  g_clear_pointer (&slot->runs, g_array_unref);
  g_free (slot->instants);
  g_free (slot->later);
  g_clear_pointer (&slot->evaluator, fanout_evaluator_free);
  g_free (slot->looks);
  g_free (slot->kept);
  g_clear_pointer (&slot->nulled, g_hash_table_unref);
}

gsize
fanout_slot_derive_bytes (const FanoutSlot *slot)
{
  return (slot->filter != NULL ? fanout_evaluator_bytes (slot->filter) : 0)
         + (slot->clock != NULL ? fanout_evaluator_bytes (slot->clock) : 0)
         + (slot->evaluator != NULL ? fanout_evaluator_bytes (slot->evaluator) : 0);
}
