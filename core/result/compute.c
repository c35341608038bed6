#include "core/result/private.h"
#include "core/base/memory.h"

enum
{
  ROWS = 1024, /* at least as many as are finished together */
};

guint64
fanout_result_n_left (const FanoutResult *result)
{
  return result->ids != NULL ? result->n_ids : fanout_table_n_groups (result->plan.table);
}

const guint32 *
fanout_result_ids (const FanoutResult *result, guint64 first, gsize n, guint32 *room)
{
  if (result->ids != NULL)
    return result->ids + first;
  for (gsize i = 0; i < n; i++)
    room[i] = (guint32) (first + i);
  return room;
}

void
fanout_result_begin (FanoutResult *result)
{
  const FanoutResultPlan *plan = &result->plan;
  const FanoutPlanResults *results = plan->results;

  if (results == NULL || results->program == NULL)
    return;
  result->frame = fanout_result_frame_new (results, &plan->layout, result->chunk, plan->memory);
  result->read = g_malloc0 (plan->n_parts + 1);
  for (guint p = 0; p < plan->n_parts; p++)
    for (guint c = result->firsts[p]; c < result->firsts[p + 1]; c++)
      result->read[p] |= fanout_result_frame_reads (result->frame, c) ? 1 : 0;
  result->wanted = g_new (const FanoutPlanResult *, results->n_columns + 1);
  for (guint i = 0; i < results->n_columns; i++)
    result->wanted[i] = &results->columns[i];
}

gboolean
fanout_result_compute (FanoutResult *result, guint column, const guint32 *ids, gsize n,
                       GError **error)
{
  const guint index = column - result->firsts[result->plan.n_parts];

  if (!fanout_result_finish_read (result, ids, n, error)
      || !fanout_result_frame_run (result->frame, 1, &result->wanted[index], error))
    return FALSE;
  fanout_result_frame_store (result->frame, index, 1);
  return TRUE;
}

/* NULL: it matters only whether there are bad values. */
typedef void (*See) (FanoutResult *result, const guint32 *ids, gsize n, gpointer data);

static gboolean
each_in_order (FanoutResult *result, guint n_wanted, const FanoutPlanResult *const *wanted, See see,
               gpointer data, GError **error)
{
  const guint64 n_left = fanout_result_n_left (result);
  guint32 room[ROWS];

  for (guint64 done = 0; done < n_left;)
    {
      const gsize n = (gsize) MIN ((guint64) result->chunk, n_left - done);
      const guint32 *ids = fanout_result_ids (result, done, n, room);

      if (!fanout_result_finish_read (result, ids, n, error))
        return FALSE;
      if ((see != NULL || !fanout_result_frame_is_sound (result->frame))
          && !fanout_result_frame_run (result->frame, n_wanted, wanted, error))
        return FALSE;
      if (see != NULL)
        see (result, ids, n, data);
      done += n;
    }
  return TRUE;
}

/* The numbers of groups depend on how the input was divided, so the first row that fails is another
 * each time: that by keys is told. */
void
fanout_result_blame (FanoutResult *result, guint n_wanted, const FanoutPlanResult *const *wanted,
                     GError **error)
{
  const FanoutResultPlan *plan = &result->plan;
  g_autoptr (GError) first = NULL;
  if (plan->ordered)
    return;
  guint32 *ids = fanout_result_order (result, 0, NULL, 0);

  fanout_result_set_ids (result, ids, fanout_result_n_left (result));
  if (each_in_order (result, n_wanted, wanted, NULL, NULL, &first))
    return;
  g_clear_error (error);
  g_propagate_error (error, g_steal_pointer (&first));
}

/* Show what is computed of all groups that are left. */
static gboolean
each (FanoutResult *result, guint n_wanted, const FanoutPlanResult *const *wanted, See see,
      gpointer data, GError **error)
{
  GError *reason = NULL;

  if (each_in_order (result, n_wanted, wanted, see, data, &reason))
    return TRUE;
  fanout_result_blame (result, n_wanted, wanted, &reason);
  g_propagate_error (error, reason);
  return FALSE;
}

static void
add_totals (FanoutResult *result, const guint32 *ids, gsize n, gpointer data)
{
  const FanoutPlanResults *results = result->plan.results;
  const guint level = *(const guint *) data;

  (void) ids;
  (void) n;
  for (guint i = 0; i < results->n_totals; i++)
    if (results->totals[i].level == level)
      fanout_result_frame_add (result->frame, i);
}

gboolean
fanout_result_total (FanoutResult *result, GError **error)
{
  const FanoutPlanResults *results = result->plan.results;
  g_autofree const FanoutPlanResult **wanted = NULL;
  guint n;

  if (result->frame == NULL)
    return TRUE;
  wanted = g_new (const FanoutPlanResult *, results->n_totals + 1);
  for (guint level = 0;; level++)
    {
      n = 0;
      for (guint i = 0; i < results->n_totals; i++)
        if (results->totals[i].level == level)
          wanted[n++] = &results->totals[i].argument;
      if (n == 0)
        return TRUE;
      if (!each (result, n, wanted, add_totals, &level, error))
        return FALSE;
      fanout_result_frame_settle (result->frame, level);
    }
}

/* Groups that are left. */
typedef struct
{
  guint32 *ids;
  guint64 n;
  guint64 capacity;
} Left;

static void
keep_groups (FanoutResult *result, const guint32 *ids, gsize n, gpointer data)
{
  const guint register_ = result->plan.results->having.register_;
  const FanoutVector *holds = fanout_result_frame_vector (result->frame, register_);
  Left *left = data;

  if (left->capacity - left->n < n)
    {
      const guint64 more = MAX (left->capacity, n);

      fanout_memory_count (result->plan.memory, (gssize) (more * sizeof *left->ids));
      left->capacity += more;
      left->ids = g_renew (guint32, left->ids, left->capacity);
    }
  for (gsize i = 0; i < n; i++)
    {
      left->ids[left->n] = ids[i];
      left->n += fanout_vector_truth (holds, i) ? 1 : 0;
    }
}

gboolean
fanout_result_filter (FanoutResult *result, GError **error)
{
  Left left = { .ids = g_new (guint32, 1) };
  const FanoutPlanResult *having;
  gboolean done;

  if (result->frame == NULL || result->plan.results->having.what == NULL)
    {
      g_free (left.ids);
      return TRUE;
    }
  having = &result->plan.results->having;
  done = each (result, 1, &having, keep_groups, &left, error);
  fanout_memory_count (result->plan.memory, -(gssize) (left.capacity * sizeof *left.ids));
  if (done)
    fanout_result_set_ids (result, left.ids, left.n);
  else
    g_free (left.ids);
  return done;
}

gboolean
fanout_result_try (FanoutResult *result, GError **error)
{
  const FanoutPlanResults *results = result->plan.results;

  if (result->frame == NULL || results->n_columns == 0)
    return TRUE;
  if (!each_in_order (result, results->n_columns, result->wanted, NULL, NULL, error))
    return FALSE;
  return result->rest == NULL
         || (fanout_result_finish_read (result, NULL, 1, error)
             && fanout_result_frame_run (result->frame, results->n_columns, result->wanted, error));
}
