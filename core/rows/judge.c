#include "core/rows/private.h"

#include "core/base/error.h"

#include <fanout/error.h>
#include <string.h>

#define WAY_OUT "; on-bad-value = null takes it for no value"

static gint
compare_findings (gconstpointer a, gconstpointer b)
{
  const FanoutFinding *first = a, *second = b;
  if (first->column != second->column)
    return first->column < second->column ? -1 : 1;
  return first->record < second->record ? -1 : first->record > second->record;
}

void
fanout_slot_sort_findings (FanoutSlot *slot)
{
  GArray *findings = fanout_chunk_findings (slot->chunk);
  if (findings->len > 1)
    g_array_sort (findings, compare_findings);
}

/* What the decoder found of a value that is no number. */
static const FanoutFinding *
find (const FanoutSlot *slot, guint column, guint64 record)
{
  const GArray *findings = fanout_chunk_findings (slot->chunk);
  const FanoutFinding wanted = { .record = record, .column = column };
  guint first = 0, end = findings->len;
  while (first < end)
    {
      const guint middle = first + (end - first) / 2;
      const FanoutFinding *found = &g_array_index (findings, FanoutFinding, middle);
      const gint order = compare_findings (found, &wanted);
      if (order == 0 && !found->rounded)
        return found;
      if (order < 0)
        first = middle + 1;
      else
        end = middle;
    }
  return NULL;
}

static const guint8 *
marks_of (const FanoutSlot *slot, const FanoutLook *look)
{
  if (look->column < 0)
    return fanout_evaluator_vector (look->evaluator, look->register_)->marks;
  const FanoutChunkColumn *column = &slot->chunk->columns[look->column];
  return column->any_null ? column->null : NULL;
}

static gboolean
is_looked_at (const FanoutLook *look, gsize row)
{
  return look->condition == NULL || fanout_vector_truth (look->condition, row);
}

/* The next bad value from `row` on that is looked at; `n`: there is none. */
static gsize
next_bad (const FanoutSlot *slot, const FanoutLook *look, gsize row, gsize n)
{
  const guint8 *marks = marks_of (slot, look);
  if (marks == NULL
      || (look->column < 0 && fanout_evaluator_vector (look->evaluator, look->register_)->constant))
    return n;
  for (; row < n; row++)
    {
      const guint8 *bad = memchr (marks + row, FANOUT_MARK_BAD, n - row);
      if (bad == NULL)
        return n;
      row = (gsize) (bad - marks);
      if (is_looked_at (look, row))
        return row;
    }
  return n;
}

static void
blame (const FanoutLook *look, gsize row, FanoutBlame *found)
{
  if (look->column < 0)
    fanout_evaluator_blame (look->evaluator, look->register_, row, found);
  else
    *found = (FanoutBlame){ .column = look->column };
}

/* "FILE:LINE: reason" */
static char *
say (FanoutFeed *feed, const FanoutSlot *slot, guint64 record, const FanoutBlame *found)
{
  g_autofree char *place = fanout_slot_locate (feed, slot, record);
  const char *reason = found->reason != NULL ? found->reason : "a value that cannot be computed";
  return place != NULL ? g_strdup_printf ("%s: %s", place, reason)
                       : g_strdup_printf ("row %" G_GUINT64_FORMAT ": %s", record + 1, reason);
}

void
fanout_inlet_refuse (guint64 record, const char *column, const char *text, gsize length,
                     GError **error)
{
  g_autofree char *name = fanout_quote (column, -1);
  g_autofree char *shown = fanout_quote (text, (gssize) length);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
               FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT ": column %s: %s is not a number",
               record + 1, name, shown);
}

static void
fail_value (FanoutFeed *feed, FanoutSlot *slot, const FanoutLook *look, gsize row, GError **error)
{
  const guint64 record = fanout_slot_record (slot, row);
  FanoutBlame found;
  blame (look, row, &found);
  const FanoutFinding *finding
      = found.column >= 0 ? find (slot, (guint) found.column, record) : NULL;
  if (finding != NULL && feed->plan.inlet != NULL)
    fanout_inlet_refuse (record, slot->chunk->columns[finding->column].name, finding->text.data,
                         finding->text.length, error);
  else if (finding != NULL)
    fanout_chunk_judge (slot->chunk, &slot->block, fanout_slot_line (feed, slot, record), finding,
                        error);
  else
    {
      g_autofree char *text = say (feed, slot, record, &found);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s%s", text,
                   feed->plan.reader != NULL ? WAY_OUT : "");
    }
  g_free (found.reason);
}

/* All columns that take the same number. */
static void
forgive_cell (FanoutSlot *slot, guint column, gsize row)
{
  FanoutChunk *chunk = slot->chunk;
  for (guint c = 0; c < chunk->n_columns; c++)
    if (fanout_chunk_takes_same (chunk, &slot->block, c, column)
        && chunk->columns[c].null[row] == FANOUT_MARK_BAD)
      chunk->columns[c].null[row] = FANOUT_MARK_NULL;
}

static guint
first_of_cell (const FanoutSlot *slot, guint column)
{
  guint c = 0;
  while (!fanout_chunk_takes_same (slot->chunk, &slot->block, c, column))
    c++;
  return c;
}

/* The filter has programs and registers of its own: what it could not compute is known by its row
 * and the reason when it is computed again. */
static gboolean
was_nulled (FanoutSlot *slot, const FanoutLook *look, guint64 record, const FanoutBlame *found)
{
  if (slot->filter == NULL)
    return FALSE;
  g_autofree char *key = g_strdup_printf ("%" G_GUINT64_FORMAT " %s", record,
                                          found->reason != NULL ? found->reason : "");
  if (look->evaluator != slot->filter)
    return g_hash_table_contains (slot->nulled, key);
  g_hash_table_add (slot->nulled, g_steal_pointer (&key));
  return FALSE;
}

/* Take a value for a null, and count it. */
static void
null_value (FanoutFeed *feed, FanoutSlot *slot, const FanoutLook *look, gsize row)
{
  const guint64 record = fanout_slot_record (slot, row);
  const gboolean first = fanout_chunk_is_first_null (slot->chunk, record);
  FanoutBlame found;
  blame (look, row, &found);
  if (found.column >= 0)
    {
      const guint column = first_of_cell (slot, (guint) found.column);
      const FanoutFinding *finding = find (slot, column, record);
      forgive_cell (slot, column, row);
      if (finding != NULL)
        fanout_chunk_judge (slot->chunk, &slot->block,
                            first ? fanout_slot_line (feed, slot, record) : 0, finding, NULL);
    }
  else
    {
      fanout_evaluator_forgive (look->evaluator, &found, row);
      if (!was_nulled (slot, look, record, &found))
        fanout_chunk_null_value (slot->chunk, record,
                                 first ? say (feed, slot, record, &found) : NULL);
    }
  g_free (found.reason);
}

/* Values of one row may be bad for the same reason: one of them at a time, until all has been
 * computed again. `taken` are the rows that have had theirs. */
static guint8 *
null_values (FanoutFeed *feed, FanoutSlot *slot, const FanoutLook *look, gsize n, guint8 *taken)
{
  for (gsize row = next_bad (slot, look, 0, n); row < n; row = next_bad (slot, look, row + 1, n))
    {
      if (taken == NULL)
        taken = g_malloc0 (n);
      if (taken[row])
        continue;
      taken[row] = 1;
      null_value (feed, slot, look, row);
    }
  return taken;
}

/* TRUE: there were some. */
static gboolean
null_all (FanoutFeed *feed, FanoutSlot *slot, guint n_looks, const FanoutLook *looks, gsize n)
{
  g_autofree guint8 *taken = NULL;
  for (guint i = 0; i < n_looks; i++)
    taken = null_values (feed, slot, &looks[i], n, taken);
  return taken != NULL;
}

gboolean
fanout_slot_judge (FanoutFeed *feed, FanoutSlot *slot, guint n_looks, const FanoutLook *looks,
                   gsize *n_rows, GError **error)
{
  const FanoutLook *first = NULL;
  gsize n = *n_rows;
  if (slot->chunk->on_bad_value == FANOUT_BAD_PASS)
    return null_all (feed, slot, n_looks, looks, n);
  for (guint i = 0; i < n_looks; i++)
    {
      const gsize row = next_bad (slot, &looks[i], 0, n);
      if (row < n)
        {
          first = &looks[i];
          n = row;
        }
    }
  if (first != NULL)
    fail_value (feed, slot, first, n, error);
  *n_rows = n;
  return FALSE;
}

void
fanout_slot_count_rounded (FanoutFeed *feed, FanoutSlot *slot)
{
  const GArray *findings = fanout_chunk_findings (slot->chunk);
  FanoutChunk *chunk = slot->chunk;
  for (guint i = 0; i < findings->len; i++)
    {
      const FanoutFinding *finding = &g_array_index (findings, FanoutFinding, i);
      if (!finding->rounded || !fanout_slot_has (slot, finding->record))
        continue;
      const gboolean first
          = chunk->first_rounded == NULL || chunk->first_rounded_record > finding->record;
      fanout_chunk_judge (chunk, &slot->block,
                          first ? fanout_slot_line (feed, slot, finding->record) : 0, finding,
                          NULL);
    }
}

gboolean
fanout_slot_has (const FanoutSlot *slot, guint64 record)
{
  const FanoutChunk *chunk = slot->chunk;
  gsize first = 0, end = chunk->n_rows;
  if (chunk->consecutive)
    return record >= chunk->first_row && record < chunk->first_row + chunk->n_rows;
  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;
      if (chunk->rows[middle] == record)
        return TRUE;
      if (chunk->rows[middle] < record)
        first = middle + 1;
      else
        end = middle;
    }
  return FALSE;
}
