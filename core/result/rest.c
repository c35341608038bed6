#include "core/result/private.h"
#include "core/base/memory.h"
#include "core/handover/node.h"

#include <string.h>

/* A mark for each group that has a row. */
static guint8 *
mark_listed (const FanoutResult *result, gsize size)
{
  guint8 *marks = fanout_allocate (result->plan.memory, size);

  memset (marks, 0, size);
  for (guint64 i = 0; i < result->n_ids; i++)
    marks[result->ids[i] / 8] |= (guint8) (1u << (result->ids[i] % 8));
  return marks;
}

/* The next groups from `*id` on without a row, a chunk of them at most. */
static gsize
next_others (const FanoutResult *result, const guint8 *marks, guint64 *id, guint32 *ids)
{
  const guint64 n_groups = fanout_table_n_groups (result->plan.table);
  gsize n = 0;

  for (; *id < n_groups && n < result->chunk; ++*id)
    if ((marks[*id / 8] >> (*id % 8) & 1) == 0)
      ids[n++] = (guint32) *id;
  return n;
}

static gpointer
new_state (const FanoutResultPart *part)
{
  gpointer state = g_malloc0 (MAX (part->operator_->state_size, 1));

  if (part->operator_->init != NULL)
    part->operator_->init (part->self, state);
  return state;
}

/* What `combine` takes over is gone from where it was. */
static gboolean
add_states (FanoutResult *result, guint index, const guint32 *ids, gsize n)
{
  const FanoutResultPart *part = &result->parts[index];
  const gsize size = part->operator_->state_size;
  g_autofree guint32 *first = g_new0 (guint32, n);
  gpointer states = fanout_result_gather (result, index, ids, n);
  const gboolean done
      = part->operator_->combine (part->self, result->rest[index], first, states, n);

  if (part->operator_->clear != NULL)
    part->operator_->clear (part->self, states, n);
  for (gsize i = 0; i < n; i++)
    memset ((guint8 *) part->states + ids[i] * part->stride, 0, size);
  return done;
}

static gboolean
combine_part (FanoutResult *result, guint index, const guint8 *marks, GError **error)
{
  const FanoutResultPart *part = &result->parts[index];
  g_autofree guint32 *ids = g_new (guint32, result->chunk);
  g_autoptr (GError) reason = NULL;
  guint64 id = 0;
  gsize n;

  if (part->dropped)
    return TRUE;
  result->rest[index] = new_state (part);
  while ((n = next_others (result, marks, &id, ids)) > 0)
    if (!add_states (result, index, ids, n))
      {
        reason = fanout_aggregate_take_error (part->self);
        g_prefix_error (&reason, "aggregate '%s': ", part->self->name);
        if (part->drop)
          {
            fanout_out_reset (&result->out, 0);
            fanout_result_drop (result, index, 0, reason);
            return TRUE;
          }
        g_propagate_error (error, g_steal_pointer (&reason));
        return FALSE;
      }
  return (part->operator_->flags & FANOUT_FINISH_MAY_FAIL) == 0
         || fanout_result_finish (result, index, NULL, 1, error);
}

gboolean
fanout_result_combine (FanoutResult *result, GError **error)
{
  const guint64 n_groups = fanout_table_n_groups (result->plan.table);
  const gsize size = (gsize) (n_groups / 8 + 1);
  gboolean done = TRUE;
  guint8 *marks;

  if (result->plan.rest == NULL || result->n_ids == n_groups)
    return TRUE;
  result->rest = g_new0 (gpointer, result->plan.n_parts + 1);
  result->n_rows++;
  marks = mark_listed (result, size);
  for (guint p = 0; p < result->plan.n_parts && done; p++)
    done = combine_part (result, p, marks, error);
  fanout_release (result->plan.memory, marks, size);
  return done;
}

void
fanout_result_free_rest (FanoutResult *result)
{
  for (guint p = 0; result->rest != NULL && p < result->plan.n_parts; p++)
    {
      const FanoutResultPart *part = &result->parts[p];

      if (result->rest[p] != NULL && part->operator_->clear != NULL)
        part->operator_->clear (part->self, result->rest[p], 1);
      g_free (result->rest[p]);
    }
  g_free (result->rest);
}
