#include "core/base/error.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/monitor/look.h"
#include "core/fanoutd/stats.h"
#include "core/result/condition.h"

#include <string.h>

/* No answer is longer: what does not fit is left out, and that is said. */
#define ANSWER_MAX ((gsize) 16 * 1024 * 1024)

static void
append_row (GString *json, const KeptRows *rows, gsize r)
{
  g_string_append_c (json, '[');
  for (guint c = 0; c < rows->n_columns; c++)
    {
      if (c > 0)
        g_string_append_c (json, ',');
      fanout_value_append_json (json, &rows->values[r * rows->n_columns + c]);
    }
  g_string_append_c (json, ']');
}

/* `holds` NULL: all rows do. Answers how many rows it has. */
static guint64
append_rows (GString *json, const KeptRows *rows, const guint8 *holds, guint64 limit)
{
  guint64 n = 0;

  json_open (json, "rows", '[');
  for (gsize r = 0; r < rows->n_rows && json->len < ANSWER_MAX && (limit == 0 || n < limit); r++)
    {
      if (holds != NULL && holds[r] == 0)
        continue;
      g_string_append (json, n > 0 ? ",\n" : "\n");
      append_row (json, rows, r);
      n++;
    }
  g_string_append_c (json, ']');
  return n;
}

static guint64
count_held (const KeptRows *rows, const guint8 *holds)
{
  guint64 n = 0;

  for (gsize r = 0; holds != NULL && r < rows->n_rows; r++)
    n += holds[r];
  return holds != NULL ? n : rows->n_rows;
}

static void
append_window (GString *json, const KeptRows *rows, FanoutResultCondition *condition, guint64 limit)
{
  g_autofree guint8 *holds = NULL;

  if (condition != NULL)
    {
      holds = g_malloc (MAX (rows->n_rows, 1));
      fanout_result_condition_test (condition, rows->values, rows->n_rows, holds);
    }
  json_item (json);
  g_string_append_c (json, '{');
  json_text (json, "start", rows->start);
  json_text (json, "end", rows->end);
  json_seconds (json, "taken", (double) rows->taken * 1e-6);
  json_count (json, "groups", rows->n_groups);
  json_count (json, "kept", rows->n_rows);
  json_count (json, "found", count_held (rows, holds));
  append_rows (json, rows, holds, limit);
  g_string_append_c (json, '}');
}

static gboolean
append_table (GString *json, const Look *look, guint t, const LookResults *wanted, GError **error)
{
  const FanoutPlanTable *table = &look->plan->tables[look->plan->shown[t]];
  g_autoptr (GPtrArray) kept = kept_get (look->kept, t);
  g_autoptr (FanoutResultCondition) condition = NULL;
  guint n = kept->len;

  if (wanted->where != NULL && wanted->where[0] != '\0')
    {
      condition = fanout_result_condition_new (wanted->where, &table->layout, error);
      if (condition == NULL)
        return FALSE;
    }
  if (wanted->windows > 0)
    n = (guint) MIN (wanted->windows, n);
  json_item (json);
  g_string_append_c (json, '{');
  json_text (json, "name", table->name);
  json_count (json, "keys", table->layout.n_keys);
  json_open (json, "columns", '[');
  for (guint c = 0; c < table->layout.n_columns; c++)
    {
      json_item (json);
      fanout_json_append (json, table->layout.names[c], strlen (table->layout.names[c]));
    }
  g_string_append_c (json, ']');
  json_open (json, "windows", '[');
  for (guint i = 0; i < n && json->len < ANSWER_MAX; i++)
    append_window (json, kept->pdata[i], condition, wanted->limit);
  g_string_append (json, "]}");
  return TRUE;
}

gboolean
look_append_results (GString *json, const Look *look, const LookResults *wanted, GError **error)
{
  const gboolean all = wanted->table == NULL || wanted->table[0] == '\0';
  guint only = 0;

  if (!all && !look_find_table (look->plan, wanted->table, &only, error))
    return FALSE;
  g_string_append_c (json, '{');
  json_text (json, "state", look->state);
  json_count (json, "serial", kept_serial (look->kept));
  json_key (json, "stats");
  stats_append (json, &look->counters, &look->output, NULL);
  json_open (json, "tables", '[');
  for (guint t = 0; t < look->plan->n_shown; t++)
    {
      if (!all && t != only)
        continue;
      if (!append_table (json, look, t, wanted, error))
        return FALSE;
    }
  g_string_append_c (json, ']');
  json_boolean (json, "truncated", json->len >= ANSWER_MAX);
  g_string_append (json, "}\n");
  return TRUE;
}
