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
  const FanoutChunk *chunk = slot->chunk;
  g_clear_error (&feed->pending);
  feed->pending = error;
  feed->pending_record = chunk->consecutive ? chunk->first_row + row : chunk->rows[row];
}

/* Run a program over what is in the chunk until nothing bad is looked at. Answers how many rows
 * come before one that fails. */
static gsize
run (FanoutFeed *feed, FanoutSlot *slot, FanoutEvaluator *evaluator, guint end, guint n_looks,
     const FanoutLook *looks)
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

/* [pipeline] where. */
static void
filter (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const guint register_ = (guint) plan->where;
  const FanoutLook look
      = { .evaluator = slot->filter, .register_ = register_, .column = -1, .condition = NULL };
  const gsize n = run (feed, slot, slot->filter, fanout_program_length (plan->filter), 1, &look);
  const FanoutVector *passed = fanout_evaluator_vector (slot->filter, register_);
  gsize kept = 0;
  for (gsize i = 0; i < n; i++)
    {
      slot->kept[kept] = (guint32) i;
      kept += fanout_vector_truth (passed, i) ? 1 : 0;
    }
  fanout_chunk_keep (slot->chunk, slot->kept, kept);
  slot->n_read = n;
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
  slot->n_read = slot->n_left = slot->chunk->n_rows;
  if (slot->looks == NULL)
    return;
  fanout_slot_sort_findings (slot);
  if (slot->filter != NULL)
    filter (feed, slot);
  const guint n_looks = list_looks (plan, slot, slot->looks);
  slot->chunk->n_rows = run (feed, slot, slot->evaluator, fanout_program_length (plan->program),
                             n_looks, slot->looks);
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
  if (plan->where < 0)
    return;
  slot->filter = fanout_evaluator_new (plan->filter, capacity);
  slot->kept = g_new (guint32, capacity);
}

void
fanout_slot_clear_derive (FanoutSlot *slot)
{
  g_clear_pointer (&slot->filter, fanout_evaluator_free);
  g_clear_pointer (&slot->evaluator, fanout_evaluator_free);
  g_free (slot->looks);
  g_free (slot->kept);
}

gsize
fanout_slot_derive_bytes (const FanoutSlot *slot)
{
  return (slot->filter != NULL ? fanout_evaluator_bytes (slot->filter) : 0)
         + (slot->evaluator != NULL ? fanout_evaluator_bytes (slot->evaluator) : 0);
}
