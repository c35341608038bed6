#include "core/result/private.h"
#include "core/base/memory.h"
#include "core/handover/node.h"
#include "core/group/table-keys.h"
#include <string.h>

enum
{
  CHUNK_MIN = 16,
  CHUNK_MAX = 1024,
  CHUNK_BYTES = 32 * 1024, /* of cells: they stay in the nearest cache between finish and sink */
  AHEAD = 16,
};

static gsize
choose_chunk (guint n_columns, guint64 n_groups)
{
  const gsize fit = CHUNK_BYTES / (MAX (n_columns, 1) * sizeof (FanoutValue));
  const gsize most = (gsize) CLAMP (n_groups, 1, CHUNK_MAX);

  return CLAMP (fit, MIN (most, CHUNK_MIN), most);
}

static gboolean
consecutive (const guint32 *ids, gsize n)
{
  for (gsize i = 1; i < n; i++)
    if (ids[i] != ids[0] + i)
      return FALSE;
  return TRUE;
}

gpointer
fanout_result_gather (FanoutResult *result, guint index, const guint32 *ids, gsize n)
{
  const FanoutResultPart *part = &result->parts[index];
  const gsize size = part->operator_->state_size;
  guint8 *states = part->states;

  if (size == 0 || (part->stride == size && consecutive (ids, n)))
    return states + ids[0] * size;
  if (result->states_size < n * size)
    {
      fanout_release (result->plan.memory, result->states, result->states_size);
      result->states_size = n * size;
      result->states = fanout_allocate (result->plan.memory, result->states_size);
    }
  for (gsize i = 0; i < n; i++)
    {
      if (i + AHEAD < n)
        fanout_prefetch (states + ids[i + AHEAD] * part->stride);
      memcpy (result->states + i * size, states + ids[i] * part->stride, size);
    }
  return result->states;
}

void
fanout_result_drop (FanoutResult *result, guint index, gsize n, const GError *reason)
{
  FanoutResultPart *part = &result->parts[index];

  part->dropped = TRUE;
  fanout_out_select (&result->out, result->firsts[index], part->n_columns);
  for (guint column = 0; column < part->n_columns; column++)
    {
      for (gsize row = 0; row < n; row++)
        fanout_out_null (&result->out, row, column);
      fanout_out_approximate (&result->out, column, NULL);
    }
  if (result->plan.tell_dropped != NULL)
    result->plan.tell_dropped (result->plan.data, index, reason->message);
}

/* `ids` NULL: the row for the rest. */
static gboolean
finish_part (FanoutResult *result, guint index, const guint32 *ids, gsize n, GError **error)
{
  const FanoutResultPart *part = &result->parts[index];
  g_autoptr (GError) reason = NULL;

  if (part->dropped || part->operator_->finish == NULL)
    return TRUE;
  fanout_out_select (&result->out, result->firsts[index], part->n_columns);
  if ((part->operator_->end == NULL || fanout_aggregate_end (part->self))
      && part->operator_->finish (part->self,
                                  ids != NULL ? fanout_result_gather (result, index, ids, n)
                                              : result->rest[index],
                                  n, &result->out))
    return TRUE;
  reason = fanout_aggregate_take_error (part->self);
  g_prefix_error (&reason, "aggregate '%s': ", part->self->name);
  if (part->drop)
    {
      fanout_result_drop (result, index, n, reason);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
fanout_result_finish (FanoutResult *result, guint part, const guint32 *ids, gsize n, GError **error)
{
  fanout_out_reset (&result->out, n);
  return finish_part (result, part, ids, n, error);
}

static void
fill_keys (FanoutResult *result, const guint32 *ids, gsize n)
{
  const FanoutKeys *keys = fanout_table_store (result->plan.table);
  const guint n_leading = result->plan.n_leading;

  fanout_out_select (&result->out, 0, n_leading + 1);
  for (guint c = 0; c < n_leading && n > 0; c++)
    {
      const char *leading = result->plan.leading[c];
      const FanoutText text = fanout_out_copy (&result->out, leading, strlen (leading));

      for (gsize i = 0; i < n; i++)
        {
          FanoutValue *value = fanout_out_row (&result->out, i) + c;

          value->kind = FANOUT_VALUE_TEXT;
          value->text = text;
        }
    }
  if (ids == NULL)
    {
      fanout_out_text (&result->out, 0, n_leading, result->plan.rest, strlen (result->plan.rest));
      return;
    }
  for (gsize i = 0; i < n && keys->n_keys > 0; i++)
    {
      FanoutValue *row = fanout_out_row (&result->out, i) + n_leading;

      fanout_record_read (keys->n_keys, fanout_keys_record (keys, ids[i]), result->texts);
      for (guint k = 0; k < keys->n_keys; k++)
        {
          row[k].kind = result->texts[k].data == NULL ? FANOUT_VALUE_NULL : FANOUT_VALUE_TEXT;
          row[k].text = result->texts[k];
        }
    }
}

gboolean
fanout_result_finish_read (FanoutResult *result, const guint32 *ids, gsize n, GError **error)
{
  fanout_out_reset (&result->out, n);
  if (result->plan.layout.n_keys > 0)
    fill_keys (result, ids, n);
  for (guint p = 0; p < result->plan.n_parts; p++)
    if (result->read[p] && !finish_part (result, p, ids, n, error))
      return FALSE;
  fanout_result_frame_turn (result->frame, &result->out, n, ids == NULL);
  return TRUE;
}

/* Groups in order lie anywhere in memory: what the next rows are made of comes while the sink works
 * on these. */
static void
prefetch_rows (const FanoutResult *result)
{
  const FanoutKeys *keys = fanout_table_store (result->plan.table);
  const guint32 *ids = result->ids + result->next;
  const gsize n = MIN (result->n_ids - result->next, 2 * result->chunk);

  for (gsize i = result->chunk; i < n && keys->n_keys > 0; i++)
    fanout_keys_prefetch_start (keys, ids[i]);
  for (gsize i = 0; i < MIN (n, result->chunk); i++)
    {
      if (keys->n_keys > 0)
        fanout_keys_prefetch_record (keys, ids[i]);
      for (guint p = 0; p < result->plan.n_parts; p++)
        {
          const FanoutResultPart *part = &result->parts[p];

          if (!part->dropped)
            fanout_prefetch ((const guint8 *) part->states + ids[i] * part->stride);
        }
    }
}

const FanoutLayout *
fanout_result_layout (FanoutResult *result)
{
  return &result->plan.layout;
}

static gboolean
finish_rows (FanoutResult *result, const guint32 *ids, gsize n, GError **error)
{
  const FanoutPlanResults *results = result->plan.results;

  fanout_out_reset (&result->out, n);
  if (result->plan.layout.n_keys > 0)
    fill_keys (result, ids, n);
  for (guint p = 0; p < result->plan.n_parts; p++)
    if (!finish_part (result, p, ids, n, error))
      return FALSE;
  if (result->frame == NULL)
    return TRUE;
  fanout_result_frame_turn (result->frame, &result->out, n, ids == NULL);
  if (!fanout_result_frame_run (result->frame, results->n_columns, result->wanted, error))
    return FALSE;
  fanout_result_frame_store (result->frame, 0, results->n_columns);
  return TRUE;
}

const FanoutRows *
fanout_result_next (FanoutResult *result, GError **error)
{
  const gboolean is_rest = result->next >= result->n_ids;
  const gsize n = MIN ((is_rest ? result->n_rows : result->n_ids) - result->next, result->chunk);

  if (n == 0 || !finish_rows (result, is_rest ? NULL : result->ids + result->next, n, error))
    return NULL;
  result->next += n;
  if (!is_rest)
    prefetch_rows (result);
  result->rows = (FanoutRows){ .size = sizeof (FanoutRows),
                               .value_size = sizeof (FanoutValue),
                               .n_rows = n,
                               .n_columns = result->plan.layout.n_columns,
                               .values = result->out.values };
  return &result->rows;
}

void
fanout_result_rewind (FanoutResult *result)
{
  result->next = 0;
}

const char *const *
fanout_result_approximate (FanoutResult *result)
{
  return result->out.approximate;
}

void
fanout_result_set_ids (FanoutResult *result, guint32 *ids, guint64 n)
{
  const gssize before = (gssize) (result->n_ids * sizeof *ids);

  fanout_memory_count (result->plan.memory, (gssize) (n * sizeof *ids) - before);
  g_free (result->ids);
  result->ids = ids;
  result->n_ids = n;
}

void
fanout_result_free (FanoutResult *result)
{
  if (result == NULL)
    return;
  g_clear_pointer (&result->others, g_ptr_array_unref);
  fanout_result_set_ids (result, NULL, 0);
  fanout_result_free_rest (result);
  fanout_result_frame_free (result->frame);
  g_free (result->read);
  g_free (result->wanted);
  fanout_release (result->plan.memory, result->states, result->states_size);
  fanout_out_clear (&result->out);
  g_free (result->parts);
  g_free (result->firsts);
  g_free (result->texts);
  if (result->release != NULL)
    result->release (result->owner);
  g_free (result);
}

void
fanout_result_add (FanoutResult *result, FanoutResult *other)
{
  if (result->others == NULL)
    result->others = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_result_free);
  g_ptr_array_add (result->others, other);
}

guint
fanout_result_n_tables (FanoutResult *result)
{
  return 1 + (result->others != NULL ? result->others->len : 0);
}

FanoutResult *
fanout_result_table (FanoutResult *result, guint n)
{
  return n == 0 ? result : g_ptr_array_index (result->others, n - 1);
}

static guint
part_of (const FanoutResult *result, guint column)
{
  guint part = result->plan.n_parts;

  while (result->firsts[part] > column)
    part--;
  return part;
}

static void
keep_order (FanoutResult *result)
{
  const guint64 n = fanout_result_n_left (result);
  guint32 *ids = g_new (guint32, MAX (n, 1));

  for (guint64 i = 0; i < n; i++)
    ids[i] = result->ids != NULL ? result->ids[i] : (guint32) i;
  result->n_rows = n;
  fanout_result_set_ids (result, ids, n);
}

guint32 *
fanout_result_order (FanoutResult *result, guint n_levels, const FanoutOrderLevel *levels,
                     guint64 limit)
{
  const FanoutResultPlan *plan = &result->plan;
  const guint n_keys = plan->rollup ? fanout_table_n_keys (plan->table) : 0;
  g_autofree FanoutOrderLevel *all = g_new0 (FanoutOrderLevel, n_levels + n_keys + 1);

  if (n_levels > 0)
    memcpy (all, levels, n_levels * sizeof *levels);
  for (guint k = 0; k < n_keys; k++)
    all[n_levels + k].key = k;
  /* Of two groups with the same keys the one of more keys first, which begin as those of the other:
   * where a key is null a subtotal has the same as it. */
  if (n_keys > 0)
    all[n_levels + n_keys - 1].descending = TRUE;
  return fanout_order (plan->table, result->ids, result->n_ids, n_levels + n_keys, all, limit,
                       plan->threaded, plan->memory);
}

static gboolean
sort (FanoutResult *result, GError **error)
{
  const FanoutResultPlan *plan = &result->plan;
  g_autofree FanoutOrderLevel *levels = g_new0 (FanoutOrderLevel, plan->n_sorts);
  g_autofree FanoutResultColumn *columns = g_new0 (FanoutResultColumn, plan->n_sorts);
  guint n_levels = 0;

  for (guint i = 0; i < plan->n_sorts; i++)
    {
      const guint column = plan->sorts[i].column;
      FanoutOrderLevel *level = &levels[n_levels];

      /* What is the same in all rows puts them in no order. */
      if (column < plan->n_leading)
        continue;
      n_levels++;
      level->descending = plan->sorts[i].descending;
      level->key = column - plan->n_leading;
      if (column < plan->layout.n_keys)
        continue;
      columns[i].result = result;
      columns[i].column = column;
      columns[i].part = part_of (result, column);
      level->load = fanout_result_load;
      level->data = &columns[i];
    }
  const guint64 end = plan->limit > 0 && plan->offset > G_MAXUINT64 - plan->limit
                          ? G_MAXUINT64
                          : plan->offset + plan->limit;
  guint32 *ids = fanout_result_order (result, n_levels, levels, plan->limit > 0 ? end : 0);
  for (guint i = 0; i < plan->n_sorts; i++)
    if (columns[i].error != NULL)
      {
        if (columns[i].part == plan->n_parts)
          fanout_result_blame (result, 1,
                               &result->wanted[columns[i].column - result->firsts[plan->n_parts]],
                               &columns[i].error);
        g_propagate_error (error, columns[i].error);
        break;
      }
  if (ids == NULL)
    return FALSE;
  result->n_rows = fanout_result_n_left (result);
  if (plan->limit > 0)
    result->n_rows = MIN (result->n_rows, end);
  const guint64 n_passed = MIN (result->n_rows, plan->offset);
  result->n_rows -= n_passed;
  memmove (ids, ids + n_passed, result->n_rows * sizeof *ids);
  fanout_result_set_ids (result, ids, result->n_rows);
  result->plan.sorts = NULL; /* borrowed no longer */
  result->plan.n_sorts = 0;
  return TRUE;
}

static gboolean
put_in_order (FanoutResult *result, GError **error)
{
  if (!result->plan.ordered)
    return sort (result, error);
  keep_order (result);
  return TRUE;
}

/* Rows are on their way out while later ones are made. What may fail is tried before, so that a
 * failed run prints nothing, and a dropped column is null from the first row on. */
static gboolean
try_parts (FanoutResult *result, GError **error)
{
  const guint64 n_groups = fanout_table_n_groups (result->plan.table);
  guint32 ids[CHUNK_MAX];

  for (guint p = 0; p < result->plan.n_parts; p++)
    if ((result->parts[p].operator_->flags & FANOUT_FINISH_MAY_FAIL) != 0)
      for (guint64 done = 0; done < n_groups;)
        {
          const gsize n = (gsize) MIN ((guint64) result->chunk, n_groups - done);

          if (!fanout_result_finish (result, p, fanout_result_ids (result, done, n, ids), n, error))
            return FALSE;
          done += n;
        }
  return TRUE;
}

static gboolean
choose (FanoutResult *result, GError **error)
{
  return try_parts (result, error) && fanout_result_total (result, error)
         && fanout_result_filter (result, error) && put_in_order (result, error)
         && fanout_result_combine (result, error) && fanout_result_try (result, error);
}

FanoutResult *
fanout_result_new (const FanoutResultPlan *plan, gpointer owner, GDestroyNotify release,
                   GError **error)
{
  g_autoptr (FanoutResult) result = g_new0 (FanoutResult, 1);
  guint column = plan->layout.n_keys;

  result->plan = *plan;
  result->owner = owner;
  result->release = release;
  result->chunk = choose_chunk (plan->layout.n_columns, fanout_table_n_groups (plan->table));
  fanout_out_init (&result->out, result->chunk, plan->layout.n_columns);
  result->texts = g_new0 (FanoutText, plan->layout.n_keys);
  result->parts = g_new (FanoutResultPart, plan->n_parts);
  result->firsts = g_new (guint, plan->n_parts + 1);
  for (guint p = 0; p < plan->n_parts; p++)
    {
      result->parts[p] = plan->parts[p];
      result->firsts[p] = column;
      column += plan->parts[p].n_columns;
    }
  result->firsts[plan->n_parts] = column;
  result->plan.parts = result->parts;
  if (plan->empty)
    fanout_result_set_ids (result, g_new0 (guint32, 1), 0);
  fanout_result_begin (result);
  if (!choose (result, error))
    return NULL;
  return g_steal_pointer (&result);
}
