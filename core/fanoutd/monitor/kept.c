#include "core/fanoutd/monitor/kept.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of one table at one moment. */
#define ROWS_MAX    10000
/* Of one table. */
#define WINDOWS_MAX 1000
/* Of all. */
#define BYTES_MAX   ((gsize) 64 * 1024 * 1024)
/* What may be read before and behind a FanoutText. */
#define PADDING     16

struct Kept
{
  gboolean windows;
  pthread_mutex_t mutex;
  GPtrArray *tables; /* of GQueue of KeptRows, the newest first */
  gsize size;
  guint64 serial;
};

KeptRows *
kept_rows_ref (KeptRows *rows)
{
  references_add (&rows->references);
  return rows;
}

void
kept_rows_unref (KeptRows *rows)
{
  if (rows == NULL || !references_drop (&rows->references))
    return;
  g_free (rows->start);
  g_free (rows->end);
  g_free (rows->values);
  g_free (rows->texts);
  g_free (rows);
}

static void
free_table (gpointer table)
{
  g_queue_free_full (table, (GDestroyNotify) kept_rows_unref);
}

Kept *
kept_new (gboolean windows)
{
  Kept *kept = g_new0 (Kept, 1);

  kept->windows = windows;
  pthread_mutex_init (&kept->mutex, NULL);
  kept->tables = g_ptr_array_new_with_free_func (free_table);
  return kept;
}

void
kept_free (Kept *kept)
{
  if (kept == NULL)
    return;
  g_ptr_array_unref (kept->tables);
  pthread_mutex_destroy (&kept->mutex);
  g_free (kept);
}

/* Which rows are kept. */

static double
size_of (const FanoutValue *value)
{
  char text[FANOUT_DECIMAL_TEXT_MAX + 1];

  if (value->kind == FANOUT_VALUE_DOUBLE)
    return isnan (value->real) ? -INFINITY : value->real;
  if (value->kind != FANOUT_VALUE_DECIMAL)
    return -INFINITY;
  text[fanout_value_format (value, text)] = '\0';
  return g_ascii_strtod (text, NULL);
}

/* The first result that is a number in these rows; that many columns: none is. */
static guint
find_measure (guint n_keys, const FanoutRows *rows)
{
  for (guint c = n_keys; c < rows->n_columns; c++)
    for (gsize r = 0; r < rows->n_rows; r++)
      {
        const FanoutValueKind kind = fanout_rows_value (rows, r, c)->kind;

        if (kind == FANOUT_VALUE_DECIMAL || kind == FANOUT_VALUE_DOUBLE)
          return c;
      }
  return rows->n_columns;
}

static void
append_sizes (GArray *sizes, const FanoutRows *rows, guint column)
{
  for (gsize r = 0; r < rows->n_rows; r++)
    {
      const double size
          = column < rows->n_columns ? size_of (fanout_rows_value (rows, r, column)) : -INFINITY;

      g_array_append_val (sizes, size);
    }
}

static int
compare_down (const void *a, const void *b)
{
  const double x = *(const double *) a;
  const double y = *(const double *) b;

  return (x < y) - (x > y);
}

/* What a row must have to be kept, and how many that have just that are. */
typedef struct
{
  guint column; /* G_MAXUINT: all rows are kept */
  double least;
  gsize equal;
} Bar;

/* `n` rows, at least one, of more. */
static void
set_bar (Bar *bar, GArray *sizes, gsize n)
{
  const double *size = (const double *) (gpointer) sizes->data;

  qsort (sizes->data, sizes->len, sizeof (double), compare_down);
  bar->least = size[n - 1];
  for (gsize i = n; i-- > 0 && size[i] == bar->least;)
    bar->equal++;
}

/* Goes over all rows: where the bar lies. */
static void
measure (FanoutResult *result, const FanoutLayout *layout, Bar *bar)
{
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (double));
  const FanoutRows *rows;
  guint column = layout->n_columns;

  while ((rows = fanout_result_next (result, NULL)) != NULL)
    {
      if (column == layout->n_columns)
        column = find_measure (layout->n_keys, rows);
      append_sizes (sizes, rows, column);
    }
  bar->column = column;
  set_bar (bar, sizes, ROWS_MAX);
}

static gboolean
clears (Bar *bar, const FanoutRows *rows, gsize r)
{
  double size;

  if (bar->column == G_MAXUINT)
    return TRUE;
  size = bar->column < rows->n_columns ? size_of (fanout_rows_value (rows, r, bar->column))
                                       : -INFINITY;
  if (size != bar->least)
    return size > bar->least;
  if (bar->equal == 0)
    return FALSE;
  bar->equal--;
  return TRUE;
}

guint8 *
kept_rows_largest (const KeptRows *kept, guint n_keys, gsize n)
{
  const FanoutRows rows = { .size = sizeof rows,
                            .value_size = sizeof (FanoutValue),
                            .n_rows = kept->n_rows,
                            .n_columns = kept->n_columns,
                            .values = kept->values };
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (double));
  guint8 *marks = g_malloc0 (MAX (kept->n_rows, 1));
  Bar bar = { .column = G_MAXUINT };

  if (n == 0)
    return marks;
  if (n < kept->n_rows)
    {
      bar.column = find_measure (n_keys, &rows);
      append_sizes (sizes, &rows, bar.column);
      set_bar (&bar, sizes, n);
    }
  for (gsize r = 0; r < kept->n_rows; r++)
    marks[r] = clears (&bar, &rows, r) ? 1 : 0;
  return marks;
}

/* The copy. */

static gboolean
is_text (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT || value->kind == FANOUT_VALUE_LIST;
}

static void
append_padding (GString *texts)
{
  static const char zeroes[PADDING];

  g_string_append_len (texts, zeroes, PADDING);
}

static void
copy_rows (GArray *values, GString *texts, const FanoutLayout *layout, const FanoutRows *rows,
           Bar *bar)
{
  for (gsize r = 0; r < rows->n_rows; r++)
    {
      if (!clears (bar, rows, r))
        continue;
      for (guint c = 0; c < layout->n_columns; c++)
        {
          FanoutValue value = *fanout_rows_value (rows, r, c);

          if (is_text (&value))
            {
              const gsize at = texts->len;

              g_string_append_len (texts, value.text.data, (gssize) value.text.length);
              value.text.data = GSIZE_TO_POINTER (at);
            }
          g_array_append_val (values, value);
        }
    }
}

/* Where the texts lie is known when all are there. */
static void
place_texts (KeptRows *kept)
{
  for (gsize i = 0; i < kept->n_rows * kept->n_columns; i++)
    if (is_text (&kept->values[i]))
      kept->values[i].text.data = kept->texts + GPOINTER_TO_SIZE (kept->values[i].text.data);
}

/* Copies all rows, or, where they are too many, counts them. */
static gboolean
copy_all (FanoutResult *table, const FanoutLayout *layout, GArray *values, GString *texts,
          guint64 *n_rows, GError **error)
{
  Bar none = { .column = G_MAXUINT };
  g_autoptr (GError) reason = NULL;
  const FanoutRows *rows;

  *n_rows = 0;
  while ((rows = fanout_result_next (table, &reason)) != NULL)
    {
      *n_rows += rows->n_rows;
      if (*n_rows <= ROWS_MAX)
        copy_rows (values, texts, layout, rows, &none);
    }
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static void
copy_largest (FanoutResult *table, const FanoutLayout *layout, GArray *values, GString *texts)
{
  Bar bar = { 0 };
  const FanoutRows *rows;

  g_array_set_size (values, 0);
  g_string_truncate (texts, PADDING);
  fanout_result_rewind (table);
  measure (table, layout, &bar);
  fanout_result_rewind (table);
  while ((rows = fanout_result_next (table, NULL)) != NULL)
    copy_rows (values, texts, layout, rows, &bar);
}

static char *
copy_text (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT ? g_strndup (value->text.data, value->text.length)
                                          : g_strdup ("");
}

static KeptRows *
copy_table (FanoutResult *table, gboolean windows, GError **error)
{
  const FanoutLayout *layout = fanout_result_layout (table);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (FanoutValue));
  g_autoptr (GString) texts = g_string_new (NULL);
  guint64 n_groups;
  KeptRows *kept;

  append_padding (texts);
  fanout_result_rewind (table);
  if (!copy_all (table, layout, values, texts, &n_groups, error))
    return NULL;
  if (n_groups > ROWS_MAX)
    copy_largest (table, layout, values, texts);
  append_padding (texts);
  fanout_result_rewind (table);
  kept = g_new0 (KeptRows, 1);
  references_begin (&kept->references);
  kept->taken = g_get_real_time ();
  kept->n_groups = n_groups;
  kept->n_columns = layout->n_columns;
  kept->n_rows = values->len / MAX (layout->n_columns, 1);
  kept->size = sizeof *kept + values->len * sizeof (FanoutValue) + texts->len + 1;
  kept->values = (FanoutValue *) (gpointer) g_array_free (g_steal_pointer (&values), FALSE);
  kept->texts = g_string_free (g_steal_pointer (&texts), FALSE);
  place_texts (kept);
  if (windows && kept->n_rows > 0)
    {
      kept->start = copy_text (&kept->values[0]);
      kept->end = copy_text (&kept->values[1]);
    }
  return kept;
}

/* Keeping. */

static void
drop_oldest (Kept *kept, GQueue *table)
{
  KeptRows *rows = g_queue_pop_tail (table);

  kept->size -= rows->size;
  kept_rows_unref (rows);
}

/* The table whose oldest window goes: that of which there are most. NULL: each has one. */
static GQueue *
longest (Kept *kept)
{
  GQueue *found = NULL;

  for (guint t = 0; t < kept->tables->len; t++)
    {
      GQueue *table = kept->tables->pdata[t];

      if (table->length > 1 && (found == NULL || table->length > found->length))
        found = table;
    }
  return found;
}

static void
add (Kept *kept, guint t, KeptRows *rows)
{
  GQueue *table;

  while (kept->tables->len <= t)
    g_ptr_array_add (kept->tables, g_queue_new ());
  table = kept->tables->pdata[t];
  if (!kept->windows || table->length >= WINDOWS_MAX)
    while (table->length > (kept->windows ? WINDOWS_MAX - 1 : 0))
      drop_oldest (kept, table);
  rows->serial = ++kept->serial;
  kept->size += rows->size;
  g_queue_push_head (table, rows);
  while (kept->size > BYTES_MAX && (table = longest (kept)) != NULL)
    drop_oldest (kept, table);
}

gboolean
kept_take (Kept *kept, FanoutResult *result, GError **error)
{
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    {
      KeptRows *rows = copy_table (fanout_result_table (result, t), kept->windows, error);

      if (rows == NULL)
        return FALSE;
      if (kept->windows && rows->n_rows == 0)
        {
          kept_rows_unref (rows);
          continue;
        }
      pthread_mutex_lock (&kept->mutex);
      add (kept, t, rows);
      pthread_mutex_unlock (&kept->mutex);
    }
  return TRUE;
}

GPtrArray *
kept_get (Kept *kept, guint t)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) kept_rows_unref);

  pthread_mutex_lock (&kept->mutex);
  if (t < kept->tables->len)
    for (GList *at = ((GQueue *) kept->tables->pdata[t])->head; at != NULL; at = at->next)
      g_ptr_array_add (all, kept_rows_ref (at->data));
  pthread_mutex_unlock (&kept->mutex);
  return all;
}

guint64
kept_serial (Kept *kept)
{
  pthread_mutex_lock (&kept->mutex);
  const guint64 serial = kept->serial;
  pthread_mutex_unlock (&kept->mutex);
  return serial;
}
