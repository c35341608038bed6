#include "core/base/error.h"
#include "core/fanoutd/monitor/look.h"
#include "core/fanoutd/stats.h"
#include "core/fanoutd/text.h"

#include <string.h>

/* Columns of a table are no wider than this. */
#define CELL_MAX 32

typedef struct
{
  GString *text;
  guint width;
  guint rows; /* that are left */
} Screen;

/* A line, cut where the screen ends. */
static void
put_line (Screen *screen, const char *line)
{
  if (screen->rows == 0)
    return;
  text_cut (screen->text, line, screen->width);
  g_string_append_c (screen->text, '\n');
  screen->rows--;
}

static void
append_rates (GString *line, const Look *look)
{
  text_count (line, look->counters.rows);
  g_string_append (line, " rows, ");
  text_count (line, (guint64) (look->rows_a_second + 0.5));
  g_string_append (line, " a second; ");
  text_size (line, (double) look->counters.bytes);
  g_string_append (line, ", ");
  text_size (line, look->bytes_a_second);
  g_string_append (line, "/s");
  if (look->counters.bytes_total > 0)
    {
      g_string_append_printf (line, "; %.1f %% of ",
                              100 * (double) look->counters.bytes
                                  / (double) look->counters.bytes_total);
      text_size (line, (double) look->counters.bytes_total);
    }
}

static void
append_lost (GString *line, const char *what, guint64 n)
{
  if (n == 0)
    return;
  g_string_append (line, strchr (line->str, ':') != NULL ? ", " : "lost: ");
  text_count (line, n);
  g_string_append_printf (line, " %s", what);
}

static void
put_state (Screen *screen, const Look *look)
{
  const FanoutCounters *counters = &look->counters;
  g_autoptr (GString) line = g_string_new ("fanoutd ");

  g_string_append_printf (line, "%s for ", look->state);
  text_time (line, strcmp (look->state, "running") == 0
                       ? (double) (look->now - look->started) * 1e-6
                       : counters->seconds);
  if (look->lag >= 0)
    {
      g_string_append (line, ", behind the clock by ");
      text_time (line, look->lag);
    }
  put_line (screen, line->str);
  g_string_truncate (line, 0);
  append_rates (line, look);
  put_line (screen, line->str);
  g_string_truncate (line, 0);
  append_lost (line, "late", counters->rows_late);
  append_lost (line, "skipped", counters->rows_skipped);
  append_lost (line, "values taken for none", counters->values_nulled);
  append_lost (line, "files", counters->files_lost);
  append_lost (line, "datagrams", counters->datagrams_dropped);
  put_line (screen, line->len > 0 ? line->str : "nothing lost");
}

/* Where it stands that goes on without an end. */
static void
put_stream (Screen *screen, const Look *look)
{
  const FanoutCounters *counters = &look->counters;
  g_autoptr (GString) line = g_string_new (NULL);

  if (look->plan->window != NULL)
    {
      text_count (line, counters->open_windows);
      g_string_append (line, " windows open with ");
      text_count (line, counters->open_groups);
      g_string_append (line, " groups in ");
      text_size (line, (double) counters->state_bytes);
      g_string_append (line, ", ");
      text_count (line, counters->windows);
      g_string_append (line, " over");
      put_line (screen, line->str);
      g_string_truncate (line, 0);
    }
  if (counters->checkpoint_time <= 0)
    return;
  g_string_append (line, "checkpoint of ");
  text_size (line, (double) counters->checkpoint_bytes);
  g_string_append (line, " ");
  text_time (line, stats_checkpoint_age (counters));
  g_string_append_printf (line, " ago, pause %.3f s, %.3f at most", counters->checkpoint_pause,
                          counters->checkpoint_longest_pause);
  put_line (screen, line->str);
}

static void
put_reasons (Screen *screen, const Look *look)
{
  g_autoptr (GPtrArray) reasons = look_find_reasons (look);

  for (guint i = 0; i < reasons->len; i++)
    {
      g_autofree char *line = fanout_escape (reasons->pdata[i], -1);
      put_line (screen, line);
    }
}

static void
put_aggregates (Screen *screen, const Look *look)
{
  const FanoutCounters *counters = &look->counters;
  g_autoptr (GString) line = g_string_new ("busy:");

  for (guint i = 0; i < counters->n_aggregates; i++)
    {
      const FanoutAggregateCounters *aggregate = fanout_counters_aggregate (counters, i);

      g_string_append_printf (line, "%s %s %.1f %%", i > 0 ? "," : "", aggregate->name,
                              100 * aggregate->busy_seconds / MAX (counters->seconds, 1e-9));
    }
  if (counters->n_aggregates > 0)
    put_line (screen, line->str);
}

/* The table. */

static char *
show_cell (const KeptRows *rows, gsize r, guint c)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) cut = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  fanout_value_append (text, &rows->values[r * rows->n_columns + c]);
  /* What is cut is long, and need not be made fit whole. */
  escaped = fanout_escape (text->str, (gssize) MIN (text->len, 4 * CELL_MAX));
  text_cut (cut, escaped, CELL_MAX);
  return g_strdup (cut->str);
}

static gboolean
is_number (const KeptRows *rows, guint c)
{
  for (gsize r = 0; r < rows->n_rows; r++)
    {
      const FanoutValueKind kind = rows->values[r * rows->n_columns + c].kind;

      if (kind != FANOUT_VALUE_NULL)
        return kind == FANOUT_VALUE_DECIMAL || kind == FANOUT_VALUE_DOUBLE;
    }
  return FALSE;
}

static void
append_cell (GString *line, const char *cell, gsize width, gboolean right)
{
  const gsize left = width - MIN (width, text_width (cell));

  g_string_append (line, line->len > 0 ? "  " : "");
  if (right)
    g_string_append_printf (line, "%*s", (int) left, "");
  g_string_append (line, cell);
  if (!right)
    g_string_append_printf (line, "%*s", (int) left, "");
}

static void
put_rows (Screen *screen, const FanoutPlanTable *table, const KeptRows *rows, guint first)
{
  const gsize n = MIN (rows->n_rows, (gsize) screen->rows - 1);
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (gsize r = 0; r <= n; r++)
    g_ptr_array_add (lines, g_string_new (NULL));
  for (guint c = first; c < rows->n_columns; c++)
    {
      g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
      const gboolean right = is_number (rows, c);
      gsize width = 0;

      g_ptr_array_add (cells, fanout_escape (table->layout.names[c], -1));
      for (gsize r = 0; r < n; r++)
        g_ptr_array_add (cells, show_cell (rows, r, c));
      for (guint i = 0; i < cells->len; i++)
        width = MAX (width, text_width (cells->pdata[i]));
      for (guint i = 0; i < cells->len; i++)
        append_cell (lines->pdata[i], cells->pdata[i], width, right);
    }
  for (guint i = 0; i < lines->len; i++)
    {
      GString *line = lines->pdata[i];

      put_line (screen, line->str);
      g_string_free (line, TRUE);
    }
}

static void
put_table (Screen *screen, const Look *look, guint t)
{
  const FanoutPlanTable *table = &look->plan->tables[look->plan->shown[t]];
  g_autoptr (GPtrArray) kept = kept_get (look->kept, t);
  const KeptRows *newest = kept->len > 0 ? kept->pdata[0] : NULL;
  g_autoptr (GString) line = g_string_new (table->name);

  if (newest == NULL)
    {
      put_line (screen, look->plan->window != NULL ? "no window is over yet" : "no results yet");
      return;
    }
  if (newest->start != NULL)
    g_string_append_printf (line, "%swindow %s to %s", line->len > 0 ? ", " : "", newest->start,
                            newest->end);
  g_string_append (line, line->len > 0 ? ", " : "");
  text_count (line, newest->n_groups);
  g_string_append (line, newest->n_groups == 1 ? " row" : " rows");
  put_line (screen, line->str);
  if (screen->rows > 1)
    put_rows (screen, table, newest, fanout_plan_leading (look->plan));
}

gboolean
look_append_screen (GString *text, const Look *look, const char *table, guint width, guint rows,
                    GError **error)
{
  Screen screen = { .text = text, .width = width, .rows = rows };
  guint t;

  if (!look_find_table (look->plan, table, &t, error))
    return FALSE;
  put_state (&screen, look);
  put_stream (&screen, look);
  put_reasons (&screen, look);
  put_aggregates (&screen, look);
  put_line (&screen, "");
  put_table (&screen, look, t);
  return TRUE;
}
