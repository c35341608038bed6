#include "core/fanoutd/notes.h"
#include "core/fanoutd/program.h"
#include "core/pipeline/pipeline.h"

/* "1 row", "2 rows" */
static char *
count_of (guint64 n, const char *one, const char *many)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s", n, n == 1 ? one : many);
}

void
notes_print_inputs (FanoutPipeline *pipeline)
{
  const char *note = fanout_pipeline_note (pipeline);
  g_auto (GStrv) lines = g_strsplit (note != NULL ? note : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    message ("%s", *line);
}

static void
note_skipped (const FanoutCounters *counters)
{
  const guint64 line = counters->first_skipped_line;
  const guint64 last = counters->first_skipped_last;
  g_autofree char *count = count_of (counters->rows_skipped, "row skipped", "rows skipped");
  g_autofree char *lines
      = line > 0 && last > line
            ? g_strdup_printf (", lines %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, line, last)
            : g_strdup ("");

  if (counters->rows_skipped == 0)
    return;
  if (counters->first_skipped == NULL)
    message ("%s", count);
  else if (counters->rows_skipped == 1)
    message ("%s%s; first: %s", count, lines, counters->first_skipped);
  else
    message ("%s; first%s: %s", count, lines, counters->first_skipped);
}

static void
note_late (const FanoutPlan *plan, const FanoutCounters *counters)
{
  g_autofree char *count = count_of (counters->rows_late, "row late", "rows late");

  if (counters->rows_late > 0)
    message ("%s: %s; first: %s; [window] lateness waits longer", count,
             fanout_plan_has_sessions (plan) ? "before the watermark of their input"
                                             : "their windows were over",
             counters->first_late != NULL ? counters->first_late : "unknown");
}

static void
note_bad (guint64 n, const char *one, const char *many, const char *first)
{
  g_autofree char *count = count_of (n, one, many);

  if (n > 0)
    message ("%s%s%s", count, first != NULL ? "; first: " : "", first != NULL ? first : "");
}

static void
list_approximate (FanoutResult *result, GPtrArray *lines)
{
  const FanoutLayout *layout = fanout_result_layout (result);
  const char *const *bounds = fanout_result_approximate (result);

  for (guint i = 0; i < layout->n_columns; i++)
    if (bounds[i] != NULL)
      g_ptr_array_add (lines, g_strdup_printf ("%s%s%s is approximate: %s",
                                               layout->table != NULL ? layout->table : "",
                                               layout->table != NULL ? ": " : "", layout->names[i],
                                               bounds[i]));
}

char **
notes_approximate (FanoutResult *result)
{
  GPtrArray *lines = g_ptr_array_new ();

  for (guint t = 0; result != NULL && t < fanout_result_n_tables (result); t++)
    list_approximate (fanout_result_table (result, t), lines);
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

void
notes_print (FanoutPipeline *pipeline, const FanoutCounters *counters, FanoutResult *result)
{
  note_skipped (counters);
  note_late (fanout_pipeline_plan (pipeline), counters);
  note_bad (counters->values_nulled, "bad value taken as null", "bad values taken as null",
            counters->first_nulled);
  note_bad (counters->numbers_rounded, "number rounded to the nearest double",
            "numbers rounded to the nearest double", counters->first_rounded);
  if (counters->never_seen != NULL)
    message ("columns that no row has, null in all of them: %s", counters->never_seen);
  g_auto (GStrv) approximate = notes_approximate (result);
  for (char **line = approximate; *line != NULL; line++)
    message ("%s", *line);
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
