/* Operators over values, ranks and rows: what they answer, digit by digit. */

#include "tests/support/suite.h"
#include "tests/support/use.h"

/* Rows of up to two columns; a text of "-" is null. */
typedef struct
{
  gsize n;
  guint n_columns;
  FanoutText *texts[2];
} Rows;

/* The columns of a part of the rows, as an operator takes them. */
typedef struct
{
  FanoutColumn columns[2];
  FanoutText *texts[2];
  gint64 *mantissas[2];
  guint8 *scales[2];
  guint8 *nulls[2];
} Made;

static gboolean
is_null (FanoutText text)
{
  return text.length == 1 && text.data[0] == '-';
}

static void
make_column (Made *made, guint c, const Rows *rows, FanoutTakes takes, const gsize *picked, gsize n)
{
  FanoutColumn *column = &made->columns[c];

  made->texts[c] = g_new0 (FanoutText, n + 1);
  made->mantissas[c] = g_new0 (gint64, n + 1);
  made->scales[c] = g_new0 (guint8, n + 1);
  made->nulls[c] = g_new0 (guint8, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      const FanoutText text = rows->texts[c][picked[i]];
      FanoutNumber number = { 0 };

      made->nulls[c][i] = is_null (text) ? 1 : 0;
      made->texts[c][i] = text;
      if (takes == FANOUT_TAKES_NUMBER && !is_null (text))
        ck_assert_msg (fanout_number_parse (text.data, text.length, &number, NULL), "%s",
                       text.data);
      made->mantissas[c][i] = number.mantissa;
      made->scales[c][i] = number.scale;
    }
  *column = (FanoutColumn){ .null = made->nulls[c] };
  if (takes == FANOUT_TAKES_TEXT)
    {
      column->form = FANOUT_FORM_TEXT;
      column->text = made->texts[c];
    }
  else if (takes == FANOUT_TAKES_NUMBER)
    {
      column->form = FANOUT_FORM_MIXED;
      column->mantissa = made->mantissas[c];
      column->scales = made->scales[c];
    }
}

static void
made_clear (Made *made)
{
  for (guint c = 0; c < 2; c++)
    {
      g_free (made->texts[c]);
      g_free (made->mantissas[c]);
      g_free (made->scales[c]);
      g_free (made->nulls[c]);
    }
}

/* Hand over the picked rows, to group 1 where there are groups; rows keep their numbers. */
static void
take (Use *use, FanoutNode *node, const Rows *rows, const gsize *picked, gsize n)
{
  g_autofree guint32 *ids = g_new (guint32, n + 1);
  guint64 *numbers = g_new (guint64, n + 1);
  Made made = { 0 };
  FanoutFrame frame = { .serial = node->serial + 1,
                        .n_rows = n,
                        .n_columns = use->plan.n_columns,
                        .columns = made.columns,
                        .ids = node->grouped ? ids : NULL,
                        .n_groups = 2,
                        .rows = numbers };
  const FanoutBatch batch = { &frame, 0, n };

  g_ptr_array_add (use->owned, numbers);
  for (gsize i = 0; i < n; i++)
    {
      ids[i] = 1;
      numbers[i] = picked[i];
    }
  for (guint c = 0; c < use->plan.n_columns; c++)
    make_column (&made, c, rows, use->takes[c], picked, n);
  if (n > 0 && node->status == FANOUT_NODE_RUNNING)
    fanout_node_take (node, &batch);
  made_clear (&made);
}

/* Rows first, first + step, ... */
static void
take_each (Use *use, FanoutNode *node, const Rows *rows, gsize first, gsize step)
{
  g_autofree gsize *picked = g_new (gsize, rows->n + 1);
  gsize n = 0;

  for (gsize i = first; i < rows->n; i += step)
    picked[n++] = i;
  take (use, node, rows, picked, n);
}

static char *
run_whole (Use *use, const Rows *rows)
{
  FanoutNode *node = use_node (use, FALSE);
  char *text;

  take_each (use, node, rows, 0, 1);
  text = use_results (use, node, 1);
  fanout_node_free (node);
  return text;
}

/* In three parts, the rows dealt to them in turn; the last is combined first. */
static char *
run_parts (Use *use, const Rows *rows, gboolean encoded)
{
  FanoutNode *nodes[3];
  char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      nodes[i] = use_node (use, FALSE);
      take_each (use, nodes[i], rows, i, G_N_ELEMENTS (nodes));
      if (nodes[i]->error != NULL && text == NULL)
        text = use_results (use, nodes[i], 1);
      else if (encoded && nodes[i]->error == NULL)
        nodes[i] = use_through_bytes (use, nodes[i]);
    }
  for (gsize i = G_N_ELEMENTS (nodes) - 1; i > 0 && text == NULL; i--)
    if (!fanout_node_combine (nodes[i - 1], nodes[i], NULL, 0, 1))
      text = use_results (use, nodes[i - 1], 1);
  if (text == NULL)
    text = use_results (use, nodes[0], 1);
  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    fanout_node_free (nodes[i]);
  return text;
}

/* Two groups, the first of which gets nothing: both results. */
static char *
run_grouped (Use *use, const Rows *rows)
{
  FanoutNode *node = use_node (use, TRUE);
  char *text;

  fanout_node_reserve (node, 2);
  take_each (use, node, rows, 0, 1);
  text = use_results (use, node, 2);
  fanout_node_free (node);
  return text;
}

static char *
run_nothing (Use *use)
{
  FanoutNode *node = use_node (use, FALSE);
  char *text = use_results (use, node, 1);

  fanout_node_free (node);
  return text;
}

static void
assert_text (const char *how, const char *type, const char *settings, const char *got,
             const char *want)
{
  ck_assert_msg (strcmp (got, want) == 0, "%s %s (%s) is %s, not %s", type, how, settings, got,
                 want);
}

static void
assert_rows (const char *type, const char *settings, const Rows *rows, const char *want)
{
  g_autofree char *whole = NULL;
  g_autofree char *parts = NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *grouped = NULL;
  g_autofree char *nothing = NULL;
  g_autofree char *both = NULL;
  Use use;

  use_init (&use, type, settings);
  ck_assert_uint_eq (use.plan.n_columns, rows->n_columns);
  whole = run_whole (&use, rows);
  parts = run_parts (&use, rows, FALSE);
  encoded = run_parts (&use, rows, TRUE);
  grouped = run_grouped (&use, rows);
  nothing = run_nothing (&use);
  both
      = g_str_has_prefix (want, "error") ? g_strdup (want) : g_strconcat (nothing, " ", want, NULL);
  assert_text ("as a whole", type, settings, whole, want);
  assert_text ("in parts", type, settings, parts, want);
  assert_text ("through bytes", type, settings, encoded, want);
  assert_text ("with groups", type, settings, grouped, both);
  use_clear (&use);
}

static FanoutText *
split (const char *values, gsize *n)
{
  g_auto (GStrv) words = g_strsplit (values, " ", -1);
  FanoutText *texts;

  *n = values[0] != '\0' ? g_strv_length (words) : 0;
  texts = g_new0 (FanoutText, *n + 1);
  for (gsize i = 0; i < *n; i++)
    texts[i] = (FanoutText){ g_strndup (words[i], 1000), strlen (words[i]) };
  return texts;
}

static void
texts_free (FanoutText *texts, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_free ((gpointer) texts[i].data);
  g_free (texts);
}

/* Values with blanks between them. */
static void
assert_result (const char *type, const char *settings, const char *values, const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\n", settings, NULL);
  Rows rows = { .n_columns = 1 };

  rows.texts[0] = split (values, &rows.n);
  assert_rows (type, all, &rows, want);
  texts_free (rows.texts[0], rows.n);
}

static void
assert_pairs (const char *type, const char *settings, const char *xs, const char *ys,
              const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\nvalue = y\n", settings, NULL);
  Rows rows = { .n_columns = 2 };
  gsize n;

  rows.texts[0] = split (xs, &rows.n);
  rows.texts[1] = split (ys, &n);
  ck_assert_uint_eq (n, rows.n);
  assert_rows (type, all, &rows, want);
  texts_free (rows.texts[0], rows.n);
  texts_free (rows.texts[1], rows.n);
}

static void
assert_refused (const char *type, const char *settings, const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\n", settings, NULL);
  g_autofree char *problem = NULL;
  Use use;

  ck_assert_msg (!use_try (&use, type, all, &problem), "%s: %s", type, settings);
  ck_assert_msg (strstr (problem, want) != NULL, "%s: %s", type, problem);
  use_clear (&use);
}

/* Ranks. */

START_TEST (test_quartiles)
{
  assert_result ("quartiles", "", "", "null null null");
  assert_result ("quartiles", "", "- -", "null null null");
  assert_result ("quartiles", "", "7", "7 7 7");
  assert_result ("quartiles", "", "1 2 3 4", "1.75 2.5 3.25");
  /* R: quantile (c (3, 1, 4, 1, 5, 9, 2, 6), c (.25, .5, .75)) */
  assert_result ("quartiles", "", "3 1 4 1 5 9 2 6", "1.75 3.5 5.25");
  assert_result ("quartiles", "", "3 1 - 4 1 5 - 9 2 6 nan", "\"nan\" \"nan\" \"nan\"");
  assert_result ("quartiles", "", "0.1 1e300 0.3", "0.2 0.3 5e299");
  assert_result ("quartiles", "limit = 0\n", "99 100 103",
                 "100.5 100.5 103 (relative error at most 0.8 %; a greater `limit` lowers it) "
                 "(relative error at most 0.8 %; a greater `limit` lowers it)");
  assert_result ("iqr", "", "", "null");
  assert_result ("iqr", "", "1", "0");
  assert_result ("iqr", "", "3 1 4 1 5 9 2 6", "3.5");
  assert_result ("iqr", "", "0.1 0.2 0.3 0.4", "0.15");
  assert_result ("iqr", "", "1 2 nan", "\"nan\"");
  assert_result ("iqr", "", "-inf 1 inf", "\"inf\"");
}
END_TEST

START_TEST (test_mad)
{
  assert_result ("mad", "", "", "null");
  assert_result ("mad", "", "5", "0");
  /* R: mad (c (1, 2, 3, 4, 100)), and with constant = 1 */
  assert_result ("mad", "", "1 2 3 4 100", "1.4826");
  assert_result ("mad", "scale = 1\n", "1 2 3 4 100", "1");
  assert_result ("mad", "", "1 2 3 4", "1.4826");
  assert_result ("mad", "scale = 1\n", "1 1 2 2 4 6 9", "1");
  assert_result ("mad", "scale = 1\n", "1 4 6 8 20 31", "4.5");
  assert_result ("mad", "scale = 1\n", "3 3 3 3 100", "0");
  assert_result ("mad", "scale = 1\n", "0.1 0.2 - 0.4", "0.1");
  assert_result ("mad", "scale = 1\n", "-1e300 0 1e300", "1e300");
  assert_result ("mad", "scale = 1\n", "0 1 inf", "1");
  assert_result ("mad", "", "1 inf inf", "\"nan\"");
  assert_result ("mad", "", "1 nan 2", "\"nan\"");
}
END_TEST

START_TEST (test_trimmed_mean)
{
  assert_result ("trimmed-mean", "", "", "null");
  assert_result ("trimmed-mean", "", "4", "4");
  /* R: mean (c (1:9, 1000), trim = 0.1), 0.25 and 0.5 */
  assert_result ("trimmed-mean", "", "1 2 3 4 5 6 7 8 9 1000", "5.5");
  assert_result ("trimmed-mean", "trim = 0.25\n", "1 2 3 4 5 6 7 8 9 1000", "5.5");
  assert_result ("trimmed-mean", "trim = 0.5\n", "1 2 3 40 50 1000", "21.5");
  assert_result ("trimmed-mean", "trim = 0.5\n", "1 2 50", "2");
  assert_result ("trimmed-mean", "trim = 0\n", "1 2 50 -", "17.666666666666668");
  assert_result ("trimmed-mean", "trim = 0.2\n", "5 5 5 5 5 5 6 1 1 1", "4.333333333333333");
  assert_result ("trimmed-mean", "trim = 0.34\n", "-inf 1 inf", "1");
  assert_result ("trimmed-mean", "", "-inf 1 inf", "\"nan\"");
  assert_result ("trimmed-mean", "", "1 nan", "\"nan\"");
  assert_refused ("trimmed-mean", "trim = 0.6\n", "trim");
  assert_refused ("trimmed-mean", "trim = 0.10000000000000000001\n", "too many digits");
}
END_TEST

/* Values. */

START_TEST (test_mode)
{
  assert_result ("mode", "", "", "null");
  assert_result ("mode", "", "- -", "null");
  assert_result ("mode", "", "b a b", "\"b\"");
  assert_result ("mode", "", "b a b a c", "\"a\"");
  assert_result ("mode", "ties = largest\n", "b a b a c", "\"b\"");
  assert_result ("mode", "ties = all\n", "b a b a c", "[\"a\",\"b\"]");
  assert_result ("mode", "", "1 1.0 2 2", "\"2\"");
  assert_result ("mode", "", "10 9 10 9 1", "\"9\"");
  assert_result ("mode", "", "10 9 10 9 1 x", "\"10\"");
  assert_result ("mode", "ties = largest\n", "1.0 9 01 1", "\"9\"");
  assert_result ("mode", "ties = all\n", "10 9 1.0 01 nan",
                 "[\"01\",\"1.0\",\"9\",\"10\",\"nan\"]");
  assert_result ("antimode", "", "10 9 11 11", "\"9\"");
  assert_result ("mode", "as = number\n", "10 9 10 9 1", "9");
  assert_result ("mode", "as = number\n", "2 1 1.0 2 01", "1");
  assert_result ("mode", "as = number\n", "nan 1 NaN", "\"nan\"");
  assert_result ("mode", "as = number\n", "0.5 5e-1 1e300", "0.5");
  assert_result ("antimode", "", "a b b", "\"a\"");
  assert_result ("antimode", "as = number\n", "3 3 10 9", "9");
  assert_result ("antimode", "as = number\nties = largest\n", "3 3 10 9", "10");
  assert_result ("antimode", "as = number\nties = all\n", "3 3 10 9", "[9,10]");
  /* Python: statistics.mode (list ("bacab")) */
  assert_result ("mode", "ties = first\n", "b a c a b", "\"b\"");
  assert_result ("mode", "ties = first\n", "c - b a b a c d", "\"c\"");
  assert_result ("mode", "ties = first\nas = number\n", "3 10 9 9.0 10 3 nan nan", "3");
  assert_result ("mode", "ties = first\nas = number\n", "nan 10 10.0 nan 3", "\"nan\"");
  assert_result ("antimode", "ties = first\n", "c b b a d", "\"c\"");
  assert_result ("antimode", "ties = first\n", "a b b a d", "\"d\"");
  assert_result ("mode", "ties = first\n", "-", "null");
  assert_result ("mode", "limit = 2\nties = first\n", "a b a c",
                 "error: more than 2 different values; raise `limit` or leave this aggregate out");
  assert_result ("mode", "limit = 2\n", "a b a", "\"a\"");
  assert_result ("mode", "limit = 2\n", "a b a c",
                 "error: more than 2 different values; raise `limit` or leave this aggregate out");
}
END_TEST

START_TEST (test_unique)
{
  assert_result ("unique", "", "", "null");
  assert_result ("unique", "", "b a b -", "[\"a\",\"b\"]");
  assert_result ("unique", "", "10 9 1.0 1", "[\"1\",\"1.0\",\"10\",\"9\"]");
  assert_result ("unique", "as = number\n", "10 9 1.0 1 1e300 -1 0.5 nan -inf",
                 "[\"-inf\",-1,0.5,1,9,10,1e300,\"nan\"]");
  assert_result ("unique", "limit = 2\n", "a b a", "[\"a\",\"b\"]");
  assert_result ("unique", "limit = 2\n", "a b a c",
                 "error: more than 2 different values; raise `limit` or leave this aggregate out");
}
END_TEST

/* Texts of any bytes, and long ones. */
START_TEST (test_bytes)
{
  static const char long_a[] = "a text that does not fit into a state, \"quoted\" and \\";
  FanoutText texts[] = { { "a\0b", 3 }, { "a", 1 }, { long_a, sizeof long_a - 1 },
                         { "a\0a", 3 }, { "a", 1 }, { "\xff", 1 } };
  const Rows rows = { .n = G_N_ELEMENTS (texts), .n_columns = 1, .texts = { texts } };
  g_autofree char *many = g_strnfill (300, 'x');
  FanoutText wide[] = { { many, 300 } };
  const Rows wide_rows = { .n = 1, .n_columns = 1, .texts = { wide } };

#define LONG_JSON "\"a text that does not fit into a state, \\\"quoted\\\" and \\\\\""
  assert_rows ("unique", "column = x\n", &rows,
               "[\"a\",\"a\\u0000a\",\"a\\u0000b\"," LONG_JSON ",\"\xef\xbf\xbd\"]");
  assert_rows ("collapse", "column = x\n", &rows,
               "[\"a\\u0000b\",\"a\"," LONG_JSON ",\"a\\u0000a\",\"a\",\"\xef\xbf\xbd\"]");
  assert_rows ("smallest", "column = x\nas = text\nk = 2\n", &rows, "[\"a\",\"a\"]");
  assert_rows ("largest", "column = x\nas = text\nk = 2\n", &rows,
               "[\"\xef\xbf\xbd\"," LONG_JSON "]");
  assert_rows ("top", "column = x\nk = 2\n", &rows, "[[\"a\",2,0],[\"a\\u0000a\",1,0]]");
  assert_rows ("max-length", "column = x\n", &rows, "53");
  assert_rows ("min-length", "column = x\n", &rows, "1");
  assert_rows ("unique", "column = x\nlimit = 1\n", &wide_rows,
               "error: the different values take more than 256 bytes, which is 256 for each of "
               "`limit`");
  assert_rows ("collapse", "column = x\nlimit = 1\n", &wide_rows,
               "error: the values take more than 256 bytes, which is 256 for each of `limit`");
}
END_TEST

START_TEST (test_entropy)
{
  assert_result ("entropy", "", "", "null");
  assert_result ("entropy", "", "a a a", "0");
  assert_result ("entropy", "", "a b", "1");
  assert_result ("entropy", "", "a b c d - -", "2");
  /* log2 (3) - 2/3; ln 2; 1 - 3/4 log10 (3) / log10 (2) ... */
  assert_result ("entropy", "", "a b b", "0.9182958340544896");
  assert_result ("entropy", "", "a b b b", "0.8112781244591328");
  assert_result ("entropy", "base = 2.718281828459045\n", "a b", "0.6931471805599454");
  assert_result ("entropy", "base = 10\n", "0 1 2 3 4 5 6 7 8 9", "1");
  assert_result ("entropy", "as = number\n", "1 1.0 2 02", "1");
  assert_result ("entropy", "limit = 1\n", "a b",
                 "error: more than 1 different value; raise `limit` or leave this aggregate out");
  assert_refused ("entropy", "base = 1\n", "base");
}
END_TEST

START_TEST (test_top)
{
  assert_result ("top", "", "", "null");
  assert_result ("top", "", "b a b c a b -", "[[\"b\",3,0],[\"a\",2,0],[\"c\",1,0]]");
  assert_result ("top", "k = 2\n", "b a b c a b", "[[\"b\",3,0],[\"a\",2,0]]");
  assert_result ("top", "least = true\nk = 2\n", "b a b c a b", "[[\"c\",1,0],[\"a\",2,0]]");
  assert_result ("top", "as = number\nk = 2\n", "10 9 10.0 9 1", "[[9,2,0],[10,2,0]]");
  assert_result ("top", "as = number\nk = 2\n", "nan -1e300 nan 1", "[[\"nan\",2,0],[-1e300,1,0]]");
  assert_refused ("top", "k = 501\ncapacity = 1000\n", "half of `capacity`");
  assert_refused ("top", "capacity = 10\n", "capacity");
}
END_TEST

START_TEST (test_histogram)
{
  assert_result ("histogram", "edges = 0, 1\n", "", "null");
  assert_result ("histogram", "edges = 0, 10, 20\n", "0 9.99 10 20 20.5 -1 - 5",
                 "[[null,0,1],[0,10,3],[10,20,2],[20,null,1]]");
  assert_result ("histogram", "edges = 5\n", "4 5 6", "[[null,5,1],[5,null,2]]");
  assert_result ("histogram", "bins = 2\nmax = 10\n", "1 2 7 nan inf -inf",
                 "[[null,0,1],[0,5,2],[5,10,1],[10,null,1],[\"nan\",\"nan\",1]]");
  assert_result ("histogram", "bins = 4\n", "0.25 0.5 1 0.1e0",
                 "[[null,0,0],[0,0.25,1],[0.25,0.5,1],[0.5,0.75,1],[0.75,1,1],[1,null,0]]");
  assert_result ("histogram", "bins = 3\n", "0.5",
                 "[[null,0,0],[0,0.3333333333333333,0],[0.3333333333333333,0.6666666666666666,1],"
                 "[0.6666666666666666,1,0],[1,null,0]]");
  assert_result ("histogram", "bins = 3\nmin = 1\nmax = 1000\nscale = logarithmic\n",
                 "1 10 99 100 1000 0.5",
                 "[[null,1,1],[1,10,1],[10,100,2],[100,1000,2],[1000,null,0]]");
  assert_result ("histogram", "", "1 9 10 0 -1 -10 -11 0.05 1e300",
                 "[[-100,-10,2],[-10,-1,1],[0,0,1],[0.01,0.1,1],[1,10,2],[10,100,1],"
                 "[1e300,1e301,1]]");
  assert_result ("histogram", "base = 2\n", "1 3 inf nan",
                 "[[1,2,1],[2,4,1],[8.98846567431158e307,null,1],[\"nan\",\"nan\",1]]");
  /* The bounds that are printed are those that count. */
  assert_result ("histogram", "bins = 3\nmin = 0.01\nmax = 10\nscale = logarithmic\n",
                 "0.1 0.09 0.01 10 1",
                 "[[null,0.01,0],[0.01,0.1,2],[0.1,1,1],[1,10,2],[10,null,0]]");
  assert_result ("histogram", "bins = 3\n", "0.3333333333333333 0.6666666666666665",
                 "[[null,0,0],[0,0.3333333333333333,0],[0.3333333333333333,0.6666666666666666,2],"
                 "[0.6666666666666666,1,0],[1,null,0]]");
  /* R: hist (c (0, 1, 1, 2, 3, 4), breaks = c (0, 1, 2, 4))$counts */
  assert_result ("histogram", "edges = 0, 1, 2, 4\nclosed = right\n", "0 1 1 2 3 4 -1 5 inf",
                 "[[null,0,1],[0,1,3],[1,2,1],[2,4,2],[4,null,2]]");
  assert_result ("histogram", "edges = 5\nclosed = right\n", "4 5 6", "[[null,5,2],[5,null,1]]");
  assert_result ("histogram", "closed = right\n", "1 10 10.5 0 -1 -10 -11 nan",
                 "[[-100,-10,1],[-10,-1,1],[-1,-0.1,1],[0,0,1],[0.1,1,1],[1,10,1],[10,100,1],"
                 "[\"nan\",\"nan\",1]]");
  assert_refused ("histogram", "edges = 1, 1\n", "ascend");
  assert_refused ("histogram", "edges = 1, 2\nbins = 3\n", "only one");
  assert_refused ("histogram", "max = 5\n", "without `bins`");
  assert_refused ("histogram", "bins = 3\nmin = 2\n", "above `min`");
  assert_refused ("histogram", "bins = 3\nscale = logarithmic\n", "above 0");
}
END_TEST

START_TEST (test_checksum)
{
  g_autofree char *ab = NULL;
  g_autofree char *ba = NULL;
  g_autofree char *aab = NULL;
  FanoutText texts[] = { { "a", 1 }, { "b", 1 }, { "a", 1 }, { "a", 1 } };
  Use use;

  assert_result ("checksum", "", "", "null");
  assert_result ("checksum", "", "a", "\"2c5e1ac205314c1a6e957dc9d9f70d5c\"");
  assert_result ("checksum", "as = number\n", "1 2.50 1e300",
                 "\"516f519f9aa9e907a10e3077ac2fd20b\"");
  assert_result ("checksum", "as = number\n", "1e300 01 2.5 -",
                 "\"516f519f9aa9e907a10e3077ac2fd20b\"");
  use_init (&use, "checksum", "column = x\n");
  ab = run_whole (&use, &(Rows){ 2, 1, { texts } });
  ba = run_whole (&use, &(Rows){ 2, 1, { texts + 1 } });
  aab = run_whole (&use, &(Rows){ 3, 1, { texts } });
  ck_assert_str_eq (ab, ba);
  ck_assert_str_ne (ab, aab);
  use_clear (&use);
}
END_TEST

/* Extremes. */

START_TEST (test_largest)
{
  assert_result ("largest", "", "", "null");
  assert_result ("largest", "k = 3\n", "5 1.5 9 - 9.0 -3 1e300", "[1e300,9,9]");
  assert_result ("largest", "k = 3\n", "nan 1", "[1,\"nan\"]");
  assert_result ("largest", "", "1 3 2", "[3,2,1]");
  assert_result ("largest", "as = text\nk = 2\n", "10 9 b", "[\"b\",\"9\"]");
  assert_result ("smallest", "k = 3\n", "5 1.5 9 - 9.0 -3 1e300", "[-3,1.5,5]");
  assert_result ("smallest", "k = 3\n", "nan 1 -inf", "[\"-inf\",1,\"nan\"]");
  assert_result ("smallest", "k = 1\n", "nan nan", "[\"nan\"]");
  assert_result ("smallest", "as = text\nk = 2\n", "9 10 b", "[\"10\",\"9\"]");
  assert_refused ("smallest", "k = 0\n", "k");
}
END_TEST

START_TEST (test_lengths)
{
  assert_result ("min-length", "", "", "null");
  assert_result ("max-length", "", "- -", "null");
  assert_result ("min-length", "", "abc ab abcd -", "2");
  assert_result ("max-length", "", "abc ab abcd \xc3\xa4\xc3\xa4\xc3\xa4", "6");
}
END_TEST

START_TEST (test_arg)
{
  assert_pairs ("argmin", "", "", "", "null");
  assert_pairs ("argmin", "", "3 1 2", "a b c", "\"b\"");
  assert_pairs ("argmax", "", "3 1 2", "a b c", "\"a\"");
  assert_pairs ("argmin", "", "3 1 1.0 1", "a b c d", "\"b\"");
  assert_pairs ("argmax", "", "3 nan 3e0 -", "a b c d", "\"a\"");
  assert_pairs ("argmax", "", "nan nan", "a b", "\"a\"");
  assert_pairs ("argmin", "", "1 2 3", "- b c", "\"b\"");
  assert_pairs ("argmin", "as = number\n", "2 1 3", "0 1.50 1e300", "1.5");
  assert_pairs ("argmax", "", "0.1 0.1000000000000000055511151231257827", "a b", "\"b\"");
}
END_TEST

/* Rows. */

START_TEST (test_collapse)
{
  assert_result ("collapse", "", "", "null");
  assert_result ("collapse", "", "b a - b 1.0", "[\"b\",\"a\",\"b\",\"1.0\"]");
  assert_result ("collapse", "as = number\n", "2 1.0 1e300 nan 2", "[2,1,1e300,\"nan\",2]");
  assert_result ("collapse", "limit = 3\n", "a b - c", "[\"a\",\"b\",\"c\"]");
  assert_result ("collapse", "limit = 3\n", "a b c d", "error: more than 3 values; raise `limit`");
}
END_TEST

START_TEST (test_sample)
{
  assert_result ("sample", "", "", "null");
  assert_result ("sample", "", "b - a", "[\"b\",null,\"a\"]");
  assert_result ("sample", "as = number\n", "2 - 1.0", "[2,null,1]");
  assert_result ("sample", "k = 3\n", "0 1 2 3 4 5 6 7 8 9", "[\"5\",\"7\",\"9\"]");
  assert_result ("sample", "k = 3\nseed = 1\n", "0 1 2 3 4 5 6 7 8 9", "[\"1\",\"3\",\"6\"]");
}
END_TEST

/* Every row is taken about as often as any other. */
START_TEST (test_uniform)
{
  enum
  {
    N = 20,
    SEEDS = 2000,
  };
  FanoutText texts[N];
  char names[N][2] = { { 0 } };
  guint seen[N] = { 0 };

  for (guint i = 0; i < N; i++)
    {
      names[i][0] = (char) ('a' + i);
      texts[i] = (FanoutText){ names[i], 1 };
    }
  for (guint seed = 0; seed < SEEDS; seed++)
    {
      g_autofree char *settings = g_strdup_printf ("column = x\nk = 5\nseed = %u\n", seed);
      g_autofree char *text = NULL;
      Use use;

      use_init (&use, "sample", settings);
      text = run_whole (&use, &(Rows){ N, 1, { texts } });
      for (guint i = 0; i < N; i++)
        seen[i] += strchr (text, 'a' + (int) i) != NULL;
      use_clear (&use);
    }
  /* 500 of 2000 are expected, with a standard deviation of 19.4. */
  for (guint i = 0; i < N; i++)
    ck_assert_msg (seen[i] > 420 && seen[i] < 580, "row %u: %u times", i, seen[i]);
}
END_TEST

/* What was seen at row r is as if it had been seen at row r + 100. */
START_TEST (test_shift)
{
  static const struct
  {
    const char *type;
    const char *settings;
    const char *want;
  } cases[] = { { "collapse", "", "[\"b\",\"c\",\"a\"]" },
                { "first", "", "\"b\"" },
                { "last", "", "\"a\"" },
                { "mode", "ties = first\n", "\"b\"" } };
  FanoutText early[] = { { "a", 1 } };
  FanoutText late[] = { { "b", 1 }, { "c", 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      FanoutNode *nodes[2];
      g_autofree char *settings = g_strconcat ("column = x\n", cases[i].settings, NULL);
      Use use;

      use_init (&use, cases[i].type, settings);
      nodes[0] = use_node (&use, FALSE);
      nodes[1] = use_node (&use, FALSE);
      take_each (&use, nodes[0], &(Rows){ 1, 1, { early } }, 0, 1);
      take_each (&use, nodes[1], &(Rows){ 2, 1, { late } }, 0, 1);
      use.plan.operator_->shift (&nodes[0]->aggregate, nodes[0]->states, 1, 100);
      ck_assert (fanout_node_combine (nodes[0], nodes[1], NULL, 0, 1));
      text = use_results (&use, nodes[0], 1);
      ck_assert_str_eq (text, cases[i].want);
      fanout_node_free (nodes[0]);
      fanout_node_free (nodes[1]);
      use_clear (&use);
    }
  ck_assert (fanout_registry_operator (use_registry (), "argmin", NULL)->shift != NULL);
  ck_assert (fanout_registry_operator (use_registry (), "sample", NULL)->shift == NULL);
}
END_TEST

START_TEST (test_missing)
{
  assert_result ("missing", "", "", "0");
  assert_result ("missing", "", "1 2", "0");
  assert_result ("missing", "", "- 1 - -", "3");
}
END_TEST

/* Truth and bits. */

START_TEST (test_truth)
{
  assert_result ("any", "", "", "null");
  assert_result ("all", "", "- -", "null");
  assert_result ("any", "", "0 0.0 -0 false no 00 JFK", "0");
  assert_result ("any", "", "0 - 2", "1");
  assert_result ("any", "", "0 TRUE", "1");
  assert_result ("all", "", "1 2.5 -3 True yes Y on t nan 1e300", "1");
  assert_result ("all", "", "1 - 0 1", "0");
  assert_result ("all", "", "1 truth", "0");
}
END_TEST

/* A run may end at the row that decides. */
START_TEST (test_leaving)
{
  FanoutText texts[] = { { "0", 1 }, { "1", 1 }, { "0", 1 } };
  const char *const types[] = { "any", "all" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      FanoutNode *node;
      Use use;

      use_init (&use, types[i], "column = x\n");
      node = use_node (&use, FALSE);
      take_each (&use, node, &(Rows){ 3, 1, { texts } }, 0, 1);
      ck_assert_int_eq (node->status, FANOUT_NODE_LEFT);
      ck_assert_uint_eq (node->last_row, i == 0 ? 1 : 0);
      fanout_node_free (node);
      use_clear (&use);
    }
}
END_TEST

START_TEST (test_bits)
{
  assert_result ("bit-and", "", "", "null");
  assert_result ("bit-and", "", "12 10", "8");
  assert_result ("bit-or", "", "12 - 10.0", "14");
  assert_result ("bit-xor", "", "12 10 12", "10");
  assert_result ("bit-and", "", "-1 5 7", "5");
  assert_result ("bit-or", "", "-8 1e0", "-7");
  assert_result ("bit-and", "", "9223372036854775807 -2", "9223372036854775806");
  assert_result ("bit-xor", "others = skip\n", "1 2.5 nan 4 1e300", "5");
  assert_result ("bit-or", "", "1 2.5", "error: 2.5 is not an integer below 2^63 in magnitude");
  assert_result ("bit-or", "", "1 9223372036854775808",
                 "error: 9223372036854776000 is not an integer below 2^63 in magnitude");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("lists");
  TCase *all = tcase_create ("lists");

  tcase_set_timeout (all, 120);
  tcase_add_test (all, test_quartiles);
  tcase_add_test (all, test_mad);
  tcase_add_test (all, test_trimmed_mean);
  tcase_add_test (all, test_mode);
  tcase_add_test (all, test_unique);
  tcase_add_test (all, test_bytes);
  tcase_add_test (all, test_entropy);
  tcase_add_test (all, test_top);
  tcase_add_test (all, test_histogram);
  tcase_add_test (all, test_checksum);
  tcase_add_test (all, test_largest);
  tcase_add_test (all, test_lengths);
  tcase_add_test (all, test_arg);
  tcase_add_test (all, test_collapse);
  tcase_add_test (all, test_sample);
  tcase_add_test (all, test_uniform);
  tcase_add_test (all, test_shift);
  tcase_add_test (all, test_missing);
  tcase_add_test (all, test_truth);
  tcase_add_test (all, test_leaving);
  tcase_add_test (all, test_bits);
  suite_add_tcase (suite, all);
  return suite;
}
