#include "core/fanoutd/monitor/metrics-results.h"
#include "core/fanoutd/monitor/prometheus.h"

#include <math.h>
#include <string.h>

/* A table, and which rows of it are shown. */
typedef struct
{
  const FanoutPlanTable *table;
  KeptRows *rows; /* NULL: there are none yet */
  guint8 *shown;
  char **labels; /* of each row that is shown, as they stand between the braces */
  guint64 left;  /* groups that are not shown */
} Table;

typedef struct
{
  const Look *look;
  guint n_tables;
  Table *tables;
  GHashTable *names; /* of families that are there */
  GHashTable *done;  /* columns that are, by their names */
} Results;

/* Labels. */

/* The names of the labels of its keys, no two alike. */
static char **
label_names (const FanoutPlanTable *table, guint first)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  static const char *const taken[] = { "table", "le", "quantile", "twin" };
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    g_hash_table_add (seen, (gpointer) taken[i]);
  for (guint k = first; k < table->layout.n_keys; k++)
    {
      g_autoptr (GString) name = g_string_new (NULL);

      prometheus_name (name, table->layout.names[k]);
      /* Prometheus keeps names that begin so for itself. */
      if (g_str_has_prefix (name->str, "__"))
        g_string_prepend (name, "key");
      while (g_hash_table_contains (seen, name->str))
        g_string_append (name, "_key");
      g_ptr_array_add (names, g_strdup (name->str));
      g_hash_table_add (seen, g_ptr_array_index (names, names->len - 1));
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static char *
make_labels (const Table *table, char **names, guint first, gsize row)
{
  g_autoptr (GString) text = g_string_new ("{");

  if (table->table->name != NULL)
    prometheus_label (text, "table", table->table->name, strlen (table->table->name));
  for (guint k = first; k < table->table->layout.n_keys; k++)
    {
      const FanoutValue *key = &table->rows->values[row * table->rows->n_columns + k];
      g_autoptr (GString) value = g_string_new (NULL);

      fanout_value_append (value, key);
      prometheus_label (text, names[k - first], value->str, value->len);
    }
  return g_strdup (text->str + 1);
}

/* Keys that differ may be the same when they are shown: null and the empty text, bytes that are no
 * UTF-8. No two samples may have the same labels. */
static char *
tell_apart (char *labels, GHashTable *seen)
{
  guint n = 1;
  g_autofree char *first = labels;
  char *own = g_strdup (first);

  while (g_hash_table_contains (seen, own))
    {
      g_free (own);
      own = g_strdup_printf ("%s%stwin=\"%u\"", first, first[0] != '\0' ? "," : "", ++n);
    }
  g_hash_table_add (seen, own);
  return own;
}

static void
fill_table (Table *table, const Look *look, guint t)
{
  g_autoptr (GPtrArray) kept = kept_get (look->kept, t);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const guint first = fanout_plan_leading (look->plan);
  gsize n_shown = 0;

  table->table = &look->plan->tables[look->plan->shown[t]];
  if (kept->len == 0)
    return;
  g_auto (GStrv) names = label_names (table->table, first);
  table->rows = kept_rows_ref (kept->pdata[0]);
  table->shown = kept_rows_largest (table->rows, table->table->layout.n_keys,
                                    (gsize) look->plan->monitor.metrics_groups);
  table->labels = g_new0 (char *, table->rows->n_rows + 1);
  for (gsize r = 0; r < table->rows->n_rows; r++)
    if (table->shown[r] != 0)
      {
        table->labels[r] = tell_apart (make_labels (table, names, first, r), seen);
        n_shown++;
      }
  table->left = table->rows->n_groups - n_shown;
}

static void
clear_table (Table *table)
{
  for (gsize r = 0; table->rows != NULL && r < table->rows->n_rows; r++)
    g_free (table->labels[r]);
  g_free (table->labels);
  g_free (table->shown);
  kept_rows_unref (table->rows);
}

/* Samples. */

/* NAME{labels,more} without its value. */
static void
begin_sample (GString *text, const char *name, const char *suffix, const char *labels,
              const char *label, const char *value)
{
  g_string_append_printf (text, "%s%s", name, suffix);
  if (labels[0] == '\0' && label == NULL)
    return;
  g_string_append_printf (text, "{%s", labels);
  if (label != NULL)
    prometheus_label (text, label, value, strlen (value));
  g_string_append_c (text, '}');
}

static void
add_number (GString *text, const char *name, const char *labels, const char *quantile,
            const FanoutValue *value)
{
  const gsize before = text->len;

  begin_sample (text, name, "", labels, quantile != NULL ? "quantile" : NULL, quantile);
  if (!prometheus_value (text, value))
    g_string_truncate (text, before);
}

/* One bin [from, to, count] of a histogram's list, from `*at` on, which goes behind it. FALSE at
 * the end of the list. */
static gboolean
next_bin (const char **at, double bounds[2], guint64 *count)
{
  const char *p = strchr (*at, '[');

  if (p == NULL)
    return FALSE;
  p++;
  for (guint i = 0; i < 2; i++)
    {
      char *end = (char *) p;

      bounds[i] = i == 0 ? -INFINITY : INFINITY;
      if (*p == '"')
        bounds[i] = NAN;
      else if (*p != 'n')
        bounds[i] = g_ascii_strtod (p, &end);
      p = strchr (end, ',');
      if (p == NULL)
        return FALSE;
      p++;
    }
  *count = g_ascii_strtoull (p, NULL, 10);
  p = strchr (p, ']');
  *at = p != NULL ? p + 1 : "";
  return p != NULL;
}

static void
add_buckets (GString *text, const char *name, const char *labels, const FanoutValue *value)
{
  if (value->kind != FANOUT_VALUE_LIST || value->text.length == 0)
    return;
  g_autofree char *list = g_strndup (value->text.data, value->text.length);
  const char *at = list + 1;
  double bounds[2];
  guint64 count;
  guint64 sum = 0;
  double last = -INFINITY;

  while (next_bin (&at, bounds, &count))
    {
      sum += count;
      /* What is no number counts in all. A bin [0, 0] has no width. */
      if (isnan (bounds[1]) || isinf (bounds[1]) || bounds[1] <= last)
        continue;
      last = bounds[1];
      char bound[FANOUT_NUMBER_TEXT_MAX + 1];
      bound[fanout_double_format (last, bound)] = '\0';
      begin_sample (text, name, "_bucket", labels, "le", bound);
      prometheus_count (text, sum);
    }
  begin_sample (text, name, "_bucket", labels, "le", "+Inf");
  prometheus_count (text, sum);
  begin_sample (text, name, "_count", labels, NULL, NULL);
  prometheus_count (text, sum);
}

/* Families. */

typedef enum
{
  SHAPE_GAUGE,
  SHAPE_COUNTER,
  SHAPE_HISTOGRAM,
  SHAPE_SUMMARY,
} Shape;

static const char *const shape_names[] = { "gauge", "counter", "histogram", "summary" };

/* The quantiles of an aggregate, one for each of its columns; NULL: it has none. */
static char **
quantiles_of (const FanoutPlanAggregate *aggregate)
{
  const FanoutOption *option = aggregate->operator_->options;
  const FanoutNumbers *q;

  if (strcmp (aggregate->operator_->name, "median") == 0)
    return g_strsplit ("0.5", ",", -1);
  if (strcmp (aggregate->operator_->name, "quantile") != 0)
    return NULL;
  while (option->key != NULL && strcmp (option->key, "q") != 0)
    option++;
  if (option->key == NULL || option->type != FANOUT_OPTION_NUMBERS)
    return NULL;
  q = (gconstpointer) ((const char *) aggregate->options + option->offset);
  if (q->n != aggregate->n_results)
    return NULL;
  char **texts = g_new0 (char *, q->n + 1);
  for (guint i = 0; i < q->n; i++)
    {
      char text[FANOUT_NUMBER_TEXT_MAX];
      texts[i] = g_strndup (text, fanout_number_format (q->values[i], text));
    }
  return texts;
}

static Shape
shape_of (const FanoutPlan *plan, const LookColumn *column, char **quantiles)
{
  const char *operator_;

  if (column->aggregate == NULL)
    return SHAPE_GAUGE;
  operator_ = column->aggregate->operator_->name;
  if (strcmp (operator_, "histogram") == 0)
    return SHAPE_HISTOGRAM;
  if (quantiles != NULL)
    return SHAPE_SUMMARY;
  return plan->window == NULL
                 && (strcmp (operator_, "count") == 0 || strcmp (operator_, "sum") == 0)
             ? SHAPE_COUNTER
             : SHAPE_GAUGE;
}

/* No name may say of which kind something is; the operators' own names do. */
static void
append_name (GString *text, const char *column)
{
  static const char *const kinds[] = { "counter", "gauge", "histogram", "summary", NULL };
  g_autoptr (GString) name = g_string_new (NULL);

  prometheus_name (name, column);
  g_auto (GStrv) words = g_strsplit (name->str, "_", -1);
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (text, "%s%s%s", i > 0 ? "_" : "", words[i],
                            g_strv_contains (kinds, words[i]) ? "s" : "");
}

/* A name that no other family has, with the ending that its kind has and none that it may not have.
 */
static char *
family_name (Results *self, const char *column, Shape shape)
{
  static const char *const kept_back[] = { "_total", "_count", "_sum", "_bucket", "_info" };
  g_autoptr (GString) name = g_string_new ("fanout_result_");

  append_name (name, column);
  for (guint i = 0; i < G_N_ELEMENTS (kept_back); i++)
    if (g_str_has_suffix (name->str, kept_back[i]))
      {
        if (shape != SHAPE_COUNTER)
          g_string_append (name, "_value");
        else if (i == 0)
          g_string_truncate (name, name->len - strlen (kept_back[0]));
        break;
      }
  for (guint n = 2;; n++)
    {
      g_autofree char *whole
          = g_strconcat (name->str, shape == SHAPE_COUNTER ? "_total" : "", NULL);

      if (g_hash_table_add (self->names, g_strdup (whole)))
        return g_steal_pointer (&whole);
      g_string_append_printf (name, "_%u", n);
    }
}

/* All samples of what stands in column `name` of the tables. */
static void
add_samples (GString *text, const Results *self, const char *family, Shape shape,
             const char *column, const char *quantile)
{
  for (guint t = 0; t < self->n_tables; t++)
    {
      const Table *table = &self->tables[t];
      guint c = 0;

      if (table->rows == NULL)
        continue;
      while (c < table->rows->n_columns && strcmp (table->table->layout.names[c], column) != 0)
        c++;
      for (gsize r = 0; c < table->rows->n_columns && r < table->rows->n_rows; r++)
        {
          const FanoutValue *value = &table->rows->values[r * table->rows->n_columns + c];

          if (table->shown[r] == 0)
            continue;
          if (shape == SHAPE_HISTOGRAM)
            add_buckets (text, family, table->labels[r], value);
          else
            add_number (text, family, table->labels[r], quantile, value);
        }
    }
}

static void
add_column (GString *text, Results *self, const FanoutPlanTable *table, guint c)
{
  const LookColumn column = look_column (self->look->plan, table, c);
  const char *name = table->layout.names[c];
  g_auto (GStrv) quantiles = column.aggregate != NULL ? quantiles_of (column.aggregate) : NULL;
  const Shape shape = shape_of (self->look->plan, &column, quantiles);
  g_autofree char *help = NULL;

  if (shape == SHAPE_SUMMARY && column.index > 0)
    return;
  g_autofree char *family
      = family_name (self, shape == SHAPE_SUMMARY ? column.aggregate->name : name, shape);
  g_autofree char *shown = g_utf8_make_valid (name, -1);
  help = column.aggregate == NULL
             ? g_strdup_printf ("The result %s.", shown)
             : g_strdup_printf ("The aggregate %s (%s).", shown, column.aggregate->operator_->name);
  const gsize before = text->len;
  prometheus_family (text, family, shape_names[shape], help);
  const gsize headed = text->len;
  if (shape != SHAPE_SUMMARY)
    add_samples (text, self, family, shape, name, NULL);
  else
    for (guint i = 0; i < column.aggregate->n_results; i++)
      add_samples (text, self, family, shape, column.aggregate->results[i], quantiles[i]);
  if (text->len == headed)
    g_string_truncate (text, before);
}

static void
add_left (GString *text, const Results *self)
{
  prometheus_family (text, "fanout_groups_left_out", "gauge",
                     "Groups of a table that are not shown here.");
  for (guint t = 0; t < self->n_tables; t++)
    {
      const char *name = self->tables[t].table->name;

      begin_sample (text, "fanout_groups_left_out", "", "", name != NULL ? "table" : NULL, name);
      prometheus_count (text, self->tables[t].left);
    }
}

void
metrics_append_results (GString *text, const Look *look)
{
  Results self = { .look = look, .n_tables = look->plan->n_shown };

  self.tables = g_new0 (Table, MAX (self.n_tables, 1));
  self.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.done = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint t = 0; t < self.n_tables; t++)
    fill_table (&self.tables[t], look, t);
  for (guint t = 0; t < self.n_tables; t++)
    {
      const FanoutPlanTable *table = self.tables[t].table;

      for (guint c = table->layout.n_keys; c < table->layout.n_columns; c++)
        if (g_hash_table_add (self.done, (gpointer) table->layout.names[c]))
          add_column (text, &self, table, c);
    }
  add_left (text, &self);
  for (guint t = 0; t < self.n_tables; t++)
    clear_table (&self.tables[t]);
  g_free (self.tables);
  g_hash_table_unref (self.names);
  g_hash_table_unref (self.done);
}
