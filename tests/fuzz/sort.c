/* The order of results: that of a plain sort over all rows, however many of them are wanted. Each
 * line of the input is a row: keys and a number, with blanks between them. */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum
{
  KEYS = 2,
  COLUMNS = 5,
};

static const char *const columns[COLUMNS] = { "k", "j", "n", "m", "f" };

/* A row of results; texts are its own. */
typedef struct
{
  FanoutValue values[COLUMNS];
  char *text; /* of the whole row */
} Row;

static GPtrArray *rows;
static guint sorts[2];
static gboolean descending[2];
static guint n_sorts;
static gboolean all_numbers[COLUMNS];

static void
row_free (gpointer data)
{
  Row *row = data;

  for (guint c = 0; c < COLUMNS; c++)
    if (row->values[c].kind == FANOUT_VALUE_TEXT)
      g_free ((gpointer) row->values[c].text.data);
  g_free (row->text);
  g_free (row);
}

static int
compare_bytes (const FanoutText *a, const FanoutText *b)
{
  const int order = memcmp (a->data, b->data, MIN (a->length, b->length));

  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* By value where all of the column are numbers, and equal ones bytewise. */
static int
compare_texts (const FanoutText *a, const FanoutText *b, gboolean numbers)
{
  FanoutWide rooms[2];
  FanoutNumber x, y;
  int order = 0;

  if (numbers && fanout_number_parse_wide (a->data, a->length, &x, &rooms[0], NULL)
      && fanout_number_parse_wide (b->data, b->length, &y, &rooms[1], NULL))
    order = fanout_number_compare (x, y);
  return order != 0 ? order : compare_bytes (a, b);
}

static int
compare_column (const Row *a, const Row *b, guint column, gboolean down)
{
  const FanoutValue *x = &a->values[column];
  const FanoutValue *y = &b->values[column];
  int order;

  if (x->kind == FANOUT_VALUE_NULL || y->kind == FANOUT_VALUE_NULL)
    return (x->kind == FANOUT_VALUE_NULL) - (y->kind == FANOUT_VALUE_NULL);
  order = x->kind == FANOUT_VALUE_TEXT && y->kind == FANOUT_VALUE_TEXT
              ? compare_texts (&x->text, &y->text, all_numbers[column])
              : fanout_value_compare (x, y);
  return down ? -order : order;
}

static int
compare_rows (gconstpointer a_, gconstpointer b_)
{
  const Row *a = *(Row *const *) a_;
  const Row *b = *(Row *const *) b_;
  int order = 0;

  for (guint i = 0; order == 0 && i < n_sorts; i++)
    order = compare_column (a, b, sorts[i], descending[i]);
  for (guint c = 0; order == 0 && c < KEYS; c++)
    order = compare_column (a, b, c, FALSE);
  return order;
}

static void
keep_row (gpointer data, const FanoutRows *from, gsize at)
{
  GString *text = g_string_new (NULL);
  Row *row = g_new0 (Row, 1);

  for (guint c = 0; c < COLUMNS; c++)
    {
      row->values[c] = *fanout_rows_value (from, at, c);
      fanout_value_append (text, &row->values[c]);
      g_string_append_c (text, c + 1 < COLUMNS ? '\x1f' : '\n');
      if (row->values[c].kind == FANOUT_VALUE_TEXT)
        row->values[c].text.data
            = g_memdup2 (row->values[c].text.data, MAX (row->values[c].text.length, 1));
    }
  row->text = g_string_free (text, FALSE);
  g_ptr_array_add (data, row);
}

/* All rows of a run; NULL: it could not run. */
static GPtrArray *
run (const char *path, const char *output)
{
  const char *const inputs[] = { path, NULL };
  g_autofree char *ini = g_strdup_printf (
      "[source]\ntype = csv\nquote = none\ndelimiter = space\ncolumns = k, j, v\nragged = true\n"
      "on-bad-row = skip\non-bad-value = null\n[pipeline]\ngroup-by = k, j\n"
      "[aggregate n]\ntype = count\n[aggregate m]\ntype = max\ncolumn = v\n"
      "[aggregate f]\ntype = first\ncolumn = v\n[output]\n%s",
      output);
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = fuzz_pipeline (ini, NULL, inputs, &error);
  g_autoptr (FanoutResult) result
      = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;
  GPtrArray *found = g_ptr_array_new_with_free_func (row_free);
  const FanoutRows *some;

  fuzz_check_error (result == NULL, error);
  while (result != NULL && (some = fanout_result_next (result, &error)) != NULL)
    for (gsize i = 0; i < some->n_rows; i++)
      keep_row (found, some, i);
  if (error == NULL)
    return found;
  g_ptr_array_unref (found);
  return NULL;
}

static void
see_numbers (void)
{
  for (guint c = 0; c < COLUMNS; c++)
    {
      all_numbers[c] = TRUE;
      for (guint i = 0; i < rows->len; i++)
        {
          const FanoutValue *value = &((Row *) rows->pdata[i])->values[c];
          FanoutNumber number;

          if (value->kind == FANOUT_VALUE_TEXT
              && !fanout_number_parse (value->text.data, value->text.length, &number, NULL))
            all_numbers[c] = FALSE;
        }
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  g_autoptr (GString) output = g_string_new (NULL);
  GPtrArray *sorted;
  const char *path;
  guint limit;

  if (size > 3000)
    return 0;
  n_sorts = fuzz_below (&in, 3);
  for (guint i = 0; i < n_sorts; i++)
    {
      sorts[i] = fuzz_below (&in, COLUMNS);
      descending[i] = fuzz_below (&in, 2) == 1;
      g_string_append_printf (output, "%s%s%s", i == 0 ? "sort = " : ", ", columns[sorts[i]],
                              descending[i] ? " desc" : "");
    }
  limit = fuzz_below (&in, 20);
  g_string_append_printf (output, "\nlimit = %u\n", limit);
  if (n_sorts == 2 && sorts[0] == sorts[1])
    return 0;
  path = fuzz_file ("sort.csv", in.data, in.length);
  rows = run (path, "");
  if (rows == NULL)
    return 0;
  see_numbers ();
  sorted = run (path, output->str);
  fuzz_check (sorted != NULL, "it runs, but not with %s", output->str);
  g_ptr_array_sort (rows, compare_rows);
  fuzz_check (sorted->len == (limit > 0 ? MIN (limit, rows->len) : rows->len), "%u rows of %u",
              sorted->len, rows->len);
  for (guint i = 0; i < sorted->len; i++)
    fuzz_check_same (((Row *) rows->pdata[i])->text, ((Row *) sorted->pdata[i])->text, output->str);
  g_ptr_array_unref (sorted);
  g_ptr_array_unref (rows);
  return 0;
}
