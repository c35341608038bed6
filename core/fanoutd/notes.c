#include "core/fanoutd/notes.h"
#include "core/fanoutd/program.h"

/* "1 row", "2 rows" */
static char *
count_of (guint64 n, const char *one, const char *many)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", n, n == 1 ? one : many);
}

static void
note_bad (guint64 n, const char *one, const char *many, const char *first)
{
  g_autofree char *count = count_of (n, one, many);

  if (n > 0)
    message ("%s%s%s", count, first != NULL ? "; first: " : "", first != NULL ? first : "");
}

static void
note_approximate (FanoutResult *result)
{
  const FanoutLayout *layout = fanout_result_layout (result);
  const char *const *bounds = fanout_result_approximate (result);

  for (guint i = 0; i < layout->n_columns; i++)
    if (bounds[i] != NULL)
      message ("%s is approximate: %s", layout->names[i], bounds[i]);
}

void
notes_print (const FanoutCounters *counters, FanoutResult *result)
{
  note_bad (counters->rows_skipped, "row skipped", "rows skipped", counters->first_skipped);
  note_bad (counters->values_nulled, "bad value taken as null", "bad values taken as null",
            counters->first_nulled);
  note_bad (counters->integers_rounded, "integer rounded to the nearest double",
            "integers rounded to the nearest double", NULL);
  if (result != NULL)
    note_approximate (result);
  for (guint i = 0; i < counters->n_aggregates; i++)
    if (counters->aggregates[i].error != NULL)
      message ("%s; dropped, its columns are null", counters->aggregates[i].error);
}

gboolean
notes_any_dropped (const FanoutCounters *counters)
{
  for (guint i = 0; i < counters->n_aggregates; i++)
    if (counters->aggregates[i].error != NULL)
      return TRUE;
  return FALSE;
}
