#include "tests/support/suite.h"
#include "core/config/option.h"

#include <fanout/sink.h>

#include <check.h>
#include <gmodule.h>
#include <math.h>
#include <string.h>

typedef struct
{
  GModule *module;
  const FanoutSink *sink;
  FanoutConfig *config;
  gpointer options;
} Opened;

static void
opened_clear (Opened *opened)
{
  fanout_config_free (opened->config);
  g_module_close (opened->module);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

/* Bind the keys; what is wrong with them, NULL: nothing. */
static char *
set_options (Opened *opened, const char *settings)
{
  const FanoutSink *sink = opened->sink;
  const FanoutOption *const tables[] = { sink->options, NULL };
  g_autofree char *text = g_strdup_printf ("[output]\n%s", settings);
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;
  char *problem = NULL;

  g_clear_pointer (&opened->config, fanout_config_free);
  fanout_errors_init (&errors);
  opened->config = fanout_config_parse (text, strlen (text), "test", ".", NULL, &errors);
  opened->options = fanout_config_allocate (opened->config, sink->options_size + 1);
  fanout_options_bind (opened->config, fanout_config_find (opened->config, "output"), tables,
                       &opened->options, NULL, NULL, &errors);
  if (errors.lines->len > 0)
    problem = g_strdup (errors.lines->pdata[0]);
  else if (sink->prepare != NULL && !sink->prepare (opened->options, &error))
    problem = g_strdup (error->message);
  fanout_errors_clear (&errors);
  return problem;
}

/* The sink `name` of plugins/sink/`file`.so in the build tree. */
static void
open_sink (Opened *opened, const char *file, const char *name)
{
  const char *folder = g_getenv ("FANOUT_BUILD_DIR");
  g_autofree char *path
      = g_strdup_printf ("%s/plugins/sink/%s.so", folder != NULL ? folder : ".", file);
  gpointer symbol;
  const FanoutPlugin *plugin;

  opened->module = g_module_open (path, G_MODULE_BIND_LOCAL);
  if (opened->module == NULL)
    ck_abort_msg ("%s", g_module_error ());
  ck_assert (g_module_symbol (opened->module, "fanout_plugin", &symbol));
  plugin = symbol;
  ck_assert_uint_eq (plugin->abi, FANOUT_ABI);
  ck_assert_uint_eq (plugin->kind, FANOUT_KIND_SINK);
  for (guint i = 0; i < plugin->n_items; i++)
    {
      opened->sink = plugin->items[i];
      ck_assert_uint_eq (opened->sink->size, sizeof (FanoutSink));
      if (strcmp (opened->sink->name, name) == 0)
        {
          ck_assert_pstr_eq (set_options (opened, ""), NULL);
          return;
        }
    }
  ck_abort_msg ("no sink %s in %s", name, path);
}

/* Cells are written as texts: a number, 'text, [list], - for null. */
static FanoutValue
read_cell (const char *cell, gsize length)
{
  FanoutValue value = { .kind = FANOUT_VALUE_NULL };
  FanoutNumber number;

  if (length == 1 && cell[0] == '-')
    return value;
  if (cell[0] == '\'' || cell[0] == '[')
    {
      const gsize skip = cell[0] == '\'';
      char *padded = g_malloc0 (length + 32); /* what a text may be read around it */

      memcpy (padded + 16, cell + skip, length - skip);
      value.kind = skip ? FANOUT_VALUE_TEXT : FANOUT_VALUE_LIST;
      value.text.data = padded + 16;
      value.text.length = length - skip;
      return value;
    }
  if (!fanout_number_parse (cell, length, &number, NULL))
    ck_abort_msg ("'%.*s' is no cell", (int) length, cell);
  value.kind = fanout_number_is_double (number) ? FANOUT_VALUE_DOUBLE : FANOUT_VALUE_DECIMAL;
  if (fanout_number_is_double (number))
    value.real = number.real;
  else
    fanout_decimal_set_number (&value.decimal, number);
  return value;
}

static FanoutValue
read_string_cell (const char *cell)
{
  return read_cell (cell, strlen (cell));
}

static void
free_cells (FanoutValue *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (values[i].kind == FANOUT_VALUE_TEXT || values[i].kind == FANOUT_VALUE_LIST)
      g_free ((char *) values[i].text.data - 16);
  g_free (values);
}

/* Hand over `rows` in pieces of `piece`, as a result does. */
static char *
write_rows (const Opened *opened, const FanoutLayout *layout, const FanoutValue *values,
            gsize n_rows, gsize piece)
{
  const FanoutSink *sink = opened->sink;
  GString *text = g_string_new (NULL);
  gpointer state = sink->begin (opened->options, layout, text);

  for (guint pass = sink->measure == NULL ? 1 : 0; pass < 2; pass++)
    for (gsize done = 0; done < n_rows; done += piece)
      {
        const FanoutRows rows = { .size = sizeof rows,
                                  .value_size = sizeof *values,
                                  .n_rows = MIN (piece, n_rows - done),
                                  .n_columns = layout->n_columns,
                                  .values = values + done * layout->n_columns };

        if (pass == 0)
          sink->measure (state, &rows);
        else
          sink->rows (state, &rows, text);
      }
  sink->end (state, text);
  return g_string_free (text, FALSE);
}

typedef struct
{
  guint n_columns;
  const char *names[4];
  guint n_keys;
  gboolean grouped;
  gboolean no_header;
  gsize n_rows;
  const char *cells[24];
  const char *csv, *tsv, *json, *ndjson, *table;
} Case;

static const Case cases[] = {
  /* Grouped, with a null key, decimals and doubles. */
  { .n_columns = 4,
    .names = { "origin", "year", "n", "mean" },
    .n_keys = 2,
    .grouped = TRUE,
    .n_rows = 3,
    .cells
    = { "'ABQ", "'2020", "12", "-1.50", "'Zürich", "'21", "1000000", "1e300", "-", "-", "0", "-" },
    .csv = "origin,year,n,mean\nABQ,2020,12,-1.5\nZürich,21,1000000,1e300\n,,0,\n",
    .tsv = "origin\tyear\tn\tmean\nABQ\t2020\t12\t-1.5\nZürich\t21\t1000000\t1e300\n\t\t0\t\n",
    .json = "[\n"
            "{\"origin\":\"ABQ\",\"year\":\"2020\",\"n\":12,\"mean\":-1.5},\n"
            "{\"origin\":\"Zürich\",\"year\":\"21\",\"n\":1000000,\"mean\":1e300},\n"
            "{\"origin\":null,\"year\":null,\"n\":0,\"mean\":null}\n"
            "]\n",
    .ndjson = "{\"origin\":\"ABQ\",\"year\":\"2020\",\"n\":12,\"mean\":-1.5}\n"
              "{\"origin\":\"Zürich\",\"year\":\"21\",\"n\":1000000,\"mean\":1e300}\n"
              "{\"origin\":null,\"year\":null,\"n\":0,\"mean\":null}\n",
    .table = "origin  year        n   mean\n"
             "ABQ     2020       12   -1.5\n"
             "Zürich    21  1000000  1e300\n"
             "-          -        0      -\n" },
  /* No groups: one row, in a table one line for each result. */
  { .n_columns = 4,
    .names = { "count", "mean", "first", "top" },
    .n_rows = 1,
    .cells = { "20000", "0.25", "'a, b", "[[\"x\",1]]" },
    .csv = "count,mean,first,top\n20000,0.25,\"a, b\",\"[[\"\"x\"\",1]]\"\n",
    .tsv = "count\tmean\tfirst\ttop\n20000\t0.25\ta, b\t[[\"x\",1]]\n",
    .json = "[\n{\"count\":20000,\"mean\":0.25,\"first\":\"a, b\",\"top\":[[\"x\",1]]}\n]\n",
    .ndjson = "{\"count\":20000,\"mean\":0.25,\"first\":\"a, b\",\"top\":[[\"x\",1]]}\n",
    .table = "count  20000\n"
             "mean    0.25\n"
             "first  a, b\n"
             "top    [[\"x\",1]]\n" },
  /* The same without a header, and all nulls. */
  { .n_columns = 2,
    .names = { "a", "bb" },
    .no_header = TRUE,
    .n_rows = 1,
    .cells = { "-", "-" },
    .csv = ",\n",
    .tsv = "\t\n",
    .json = "[\n{\"a\":null,\"bb\":null}\n]\n",
    .ndjson = "{\"a\":null,\"bb\":null}\n",
    .table = "a   -\nbb  -\n" },
  /* Groups, but no rows. */
  { .n_columns = 2,
    .names = { "key", "n" },
    .n_keys = 1,
    .grouped = TRUE,
    .csv = "key,n\n",
    .tsv = "key\tn\n",
    .json = "[]\n",
    .ndjson = "",
    .table = "key  n\n" },
  { .n_columns = 2,
    .names = { "key", "n" },
    .n_keys = 1,
    .grouped = TRUE,
    .no_header = TRUE,
    .csv = "",
    .tsv = "",
    .json = "[]\n",
    .ndjson = "",
    .table = "" },
  { .n_columns = 2,
    .names = { "a long key", "n" },
    .n_keys = 1,
    .grouped = TRUE,
    .no_header = TRUE,
    .n_rows = 2,
    .cells = { "'a", "1", "'bcd", "10" },
    .csv = "a,1\nbcd,10\n",
    .tsv = "a\t1\nbcd\t10\n",
    .json = "[\n{\"a long key\":\"a\",\"n\":1},\n{\"a long key\":\"bcd\",\"n\":10}\n]\n",
    .ndjson = "{\"a long key\":\"a\",\"n\":1}\n{\"a long key\":\"bcd\",\"n\":10}\n",
    .table = "a     1\nbcd  10\n" },
  /* A null as the only field; an empty text. */
  { .n_columns = 1,
    .names = { "x" },
    .n_rows = 1,
    .cells = { "-" },
    .csv = "x\n\"\"\n",
    .tsv = "x\n\n",
    .json = "[\n{\"x\":null}\n]\n",
    .ndjson = "{\"x\":null}\n",
    .table = "x  -\n" },
  { .n_columns = 2,
    .names = { "x", "y" },
    .n_rows = 1,
    .cells = { "'", "-" },
    .csv = "x,y\n\"\",\n",
    .tsv = "x\ty\n\t\n",
    .json = "[\n{\"x\":\"\",\"y\":null}\n]\n",
    .ndjson = "{\"x\":\"\",\"y\":null}\n",
    .table = "x  \ny  -\n" },
  /* What has to be quoted and escaped, also in names. */
  { .n_columns = 3,
    .names = { "a,b", "c\"d", "e\\\tf\n" },
    .n_keys = 1,
    .grouped = TRUE,
    .n_rows = 3,
    .cells = { "'say \"hi\"", "'line\nline", "'tab\tback\\slash", "'1,2", "'\r", "' blank ",
               "'\x1b[31m\x7f\x01", "'bad \xff\xe2\x82", "'\xe2\x80\xae\xc2\x9bx" },
    .csv = "\"a,b\",\"c\"\"d\",\"e\\\tf\n\"\n"
           "\"say \"\"hi\"\"\",\"line\nline\",tab\tback\\slash\n"
           "\"1,2\",\"\r\", blank \n"
           "\x1b[31m\x7f\x01,bad \xff\xe2\x82,\xe2\x80\xae\xc2\x9bx\n",
    .tsv = "a,b\tc\"d\te\\\\\\tf\\n\n"
           "say \"hi\"\tline\\nline\ttab\\tback\\\\slash\n"
           "1,2\t\\r\t blank \n"
           "\x1b[31m\x7f\x01\tbad \xff\xe2\x82\t\xe2\x80\xae\xc2\x9bx\n",
    .json = "[\n"
            "{\"a,b\":\"say "
            "\\\"hi\\\"\",\"c\\\"d\":\"line\\nline\",\"e\\\\\\tf\\n\":\"tab\\tback\\\\slash\"},\n"
            "{\"a,b\":\"1,2\",\"c\\\"d\":\"\\r\",\"e\\\\\\tf\\n\":\" blank \"},\n"
            "{\"a,b\":\"\\u001b[31m\x7f\\u0001\",\"c\\\"d\":\"bad \xef\xbf\xbd\xef\xbf\xbd\","
            "\"e\\\\\\tf\\n\":\"\xe2\x80\xae\xc2\x9bx\"}\n"
            "]\n",
    .ndjson = "{\"a,b\":\"say "
              "\\\"hi\\\"\",\"c\\\"d\":\"line\\nline\",\"e\\\\\\tf\\n\":\"tab\\tback\\\\slash\"}\n"
              "{\"a,b\":\"1,2\",\"c\\\"d\":\"\\r\",\"e\\\\\\tf\\n\":\" blank \"}\n"
              "{\"a,b\":\"\\u001b[31m\x7f\\u0001\",\"c\\\"d\":\"bad \xef\xbf\xbd\xef\xbf\xbd\","
              "\"e\\\\\\tf\\n\":\"\xe2\x80\xae\xc2\x9bx\"}\n",
    .table
    = "a,b               c\"d         e\\\\tf\\n\n"
      "say \"hi\"          line\\nline  tab\\tback\\slash\n"
      "1,2               \\r           blank \n"
      "\\x1b[31m\\x7f\\x01  bad \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd     \\u202e\\u009bx\n" },
  /* Wide, combining and invisible characters; a number that is nan. */
  { .n_columns = 2,
    .names = { "名", "x" },
    .n_keys = 1,
    .grouped = TRUE,
    .n_rows = 3,
    .cells = { "'日本語", "nan", "'e\xcc\x81", "inf", "'abcdef", "-inf" },
    .csv = "名,x\n日本語,nan\ne\xcc\x81,inf\nabcdef,-inf\n",
    .tsv = "名\tx\n日本語\tnan\ne\xcc\x81\tinf\nabcdef\t-inf\n",
    .json = "[\n{\"名\":\"日本語\",\"x\":\"nan\"},\n{\"名\":\"e\xcc\x81\",\"x\":\"inf\"},\n"
            "{\"名\":\"abcdef\",\"x\":\"-inf\"}\n]\n",
    .ndjson = "{\"名\":\"日本語\",\"x\":\"nan\"}\n{\"名\":\"e\xcc\x81\",\"x\":\"inf\"}\n"
              "{\"名\":\"abcdef\",\"x\":\"-inf\"}\n",
    .table = "名         x\n"
             "日本語   nan\n"
             "e\xcc\x81        inf\n"
             "abcdef  -inf\n" },
  /* One text among numbers puts a column to the left; numbers as texts that are no keys stay left.
   */
  { .n_columns = 3,
    .names = { "key", "mixed", "text" },
    .n_keys = 1,
    .grouped = TRUE,
    .n_rows = 2,
    .cells = { "'1e3", "7", "'1", "'x", "'ab", "'22" },
    .csv = "key,mixed,text\n1e3,7,1\nx,ab,22\n",
    .tsv = "key\tmixed\ttext\n1e3\t7\t1\nx\tab\t22\n",
    .json = "[\n{\"key\":\"1e3\",\"mixed\":7,\"text\":\"1\"},\n{\"key\":\"x\",\"mixed\":\"ab\","
            "\"text\":\"22\"}\n]\n",
    .ndjson = "{\"key\":\"1e3\",\"mixed\":7,\"text\":\"1\"}\n{\"key\":\"x\",\"mixed\":\"ab\","
              "\"text\":\"22\"}\n",
    .table = "key  mixed  text\n"
             "1e3  7         1\n"
             "x    ab       22\n" },
};

static void
check_case (const Case *this, const char *file, const char *name, const char *expected)
{
  g_auto (Opened) opened = { 0 };
  const FanoutLayout layout = { .n_columns = this->n_columns,
                                .names = this->names,
                                .n_keys = this->n_keys,
                                .grouped = this->grouped,
                                .header = !this->no_header };
  const gsize n = this->n_rows * this->n_columns;
  FanoutValue *values = g_new0 (FanoutValue, n);

  open_sink (&opened, file, name);
  for (gsize i = 0; i < n; i++)
    values[i] = read_string_cell (this->cells[i]);
  for (gsize piece = 1; piece <= 3; piece++)
    {
      g_autofree char *text = write_rows (&opened, &layout, values, this->n_rows, piece);

      ck_assert_str_eq (text, expected);
    }
  free_cells (values, n);
}

START_TEST (test_csv)
{
  check_case (&cases[_i], "csv", "csv", cases[_i].csv);
}
END_TEST

START_TEST (test_tsv)
{
  check_case (&cases[_i], "tsv", "tsv", cases[_i].tsv);
}
END_TEST

START_TEST (test_json)
{
  check_case (&cases[_i], "json", "json", cases[_i].json);
}
END_TEST

START_TEST (test_ndjson)
{
  check_case (&cases[_i], "json", "ndjson", cases[_i].ndjson);
}
END_TEST

START_TEST (test_table)
{
  check_case (&cases[_i], "table", "table", cases[_i].table);
}
END_TEST

/* As RFC 4180 says, byte by byte. */
static void
append_csv (GString *text, const char *data, gsize length)
{
  gboolean quote = length == 0;

  for (gsize i = 0; i < length; i++)
    quote |= data[i] == ',' || data[i] == '"' || data[i] == '\n' || data[i] == '\r';
  if (quote)
    g_string_append_c (text, '"');
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, data[i]);
    }
  if (quote)
    g_string_append_c (text, '"');
}

/* Fields of all lengths with something special in any place, or just behind the end. */
START_TEST (test_csv_quoting)
{
  static const char letters[] = "aaaaaaaaaaaa,\"\n\r\t\0\xac\xa2\x8a\x2b";
  g_auto (Opened) opened = { 0 };
  const char *const names[] = { "x", "y" };
  const FanoutLayout layout = { .n_columns = 2, .names = names };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) expected = g_string_new (NULL);
  gpointer state;

  open_sink (&opened, "csv", "csv");
  state = opened.sink->begin (opened.options, &layout, text);
  for (guint round = 0; round < 20000; round++)
    {
      FanoutValue values[2] = { { .kind = FANOUT_VALUE_TEXT }, { .kind = FANOUT_VALUE_TEXT } };
      char data[2][80];

      g_string_truncate (text, 0);
      g_string_truncate (expected, 0);
      for (guint c = 0; c < 2; c++)
        {
          const gsize length = (gsize) g_rand_int_range (random, 0, 40);

          memset (data[c], round % 2 ? ',' : '"', sizeof data[c]);
          for (gsize i = 0; i < length; i++)
            data[c][16 + i] = letters[g_rand_int_range (
                random, 0, round % 3 ? 12 : (gint32) sizeof letters - 1)];
          values[c].text = (FanoutText){ data[c] + 16, length };
          append_csv (expected, data[c] + 16, length);
          g_string_append_c (expected, c == 0 ? ',' : '\n');
        }
      opened.sink->rows (state,
                         &(FanoutRows){ .size = sizeof (FanoutRows),
                                        .value_size = sizeof *values,
                                        .n_rows = 1,
                                        .n_columns = 2,
                                        .values = values },
                         text);
      if (!g_string_equal (text, expected))
        ck_abort_msg ("'%s' in place of '%s'", text->str, expected->str);
    }
  opened.sink->end (state, text);
}
END_TEST

static const struct
{
  const char *file, *name, *settings, *wanted;
} settings[] = {
  { "csv", "csv", "delimiter = ;\n", "a;\"b;\"\"\"\n1.5;x,y\n\"p;q\";-0.25\n" },
  { "csv", "csv", "delimiter = tab\n", "a\t\"b;\"\"\"\n1.5\tx,y\np;q\t-0.25\n" },
  { "csv", "csv", "delimiter = ;\ndecimal = ,\n", "a;\"b;\"\"\"\n1,5;x,y\n\"p;q\";-0,25\n" },
  { "csv", "csv", "delimiter = |\n", "a|\"b;\"\"\"\n1.5|x,y\np;q|-0.25\n" },
  { "json", "json", "indent = 2\n",
    "[\n  {\n    \"a\": 1.5,\n    \"b;\\\"\": \"x,y\"\n  },\n"
    "  {\n    \"a\": \"p;q\",\n    \"b;\\\"\": -0.25\n  }\n]\n" },
};

START_TEST (test_settings)
{
  static const char *const names[] = { "a", "b;\"" };
  static const char *const cells[] = { "1.5", "'x,y", "'p;q", "-0.25" };
  const FanoutLayout layout = { .n_columns = 2, .names = names, .header = TRUE };
  FanoutValue *values = g_new0 (FanoutValue, 4);
  g_auto (Opened) opened = { 0 };
  g_autofree char *text = NULL;

  for (guint i = 0; i < 4; i++)
    values[i] = read_string_cell (cells[i]);
  open_sink (&opened, settings[_i].file, settings[_i].name);
  ck_assert_pstr_eq (set_options (&opened, settings[_i].settings), NULL);
  text = write_rows (&opened, &layout, values, 2, 2);
  ck_assert_str_eq (text, settings[_i].wanted);
  free_cells (values, 4);
}
END_TEST

START_TEST (test_bad_settings)
{
  static const struct
  {
    const char *settings, *wanted;
  } wrong[] = {
    { "decimal = ,\n", "'delimiter' and 'decimal' are the same" },
    { "delimiter = \"\n", "'delimiter' cannot be a double quote, a line feed, a carriage return or "
                          "NUL" },
    { "decimal = ;\n", "'decimal' is a point or a comma" },
  };
  g_auto (Opened) opened = { 0 };

  open_sink (&opened, "csv", "csv");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *problem = set_options (&opened, wrong[i].settings);

      ck_assert_pstr_eq (problem, wrong[i].wanted);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sink");
  TCase *tests = tcase_create ("sink");
  const int n = G_N_ELEMENTS (cases);

  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, test_csv, 0, n);
  tcase_add_loop_test (tests, test_tsv, 0, n);
  tcase_add_loop_test (tests, test_json, 0, n);
  tcase_add_loop_test (tests, test_ndjson, 0, n);
  tcase_add_loop_test (tests, test_table, 0, n);
  tcase_add_test (tests, test_csv_quoting);
  tcase_add_loop_test (tests, test_settings, 0, G_N_ELEMENTS (settings));
  tcase_add_test (tests, test_bad_settings);
  suite_add_tcase (suite, tests);
  return suite;
}
