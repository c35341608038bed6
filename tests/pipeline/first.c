/* Of several failures the one at the first row of the stream is told, with that row: whatever the
 * strategy, the batch and the partitions. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <glib/gstdio.h>

static char *folder;
static char *path;

static void
set_up (void)
{
  folder = g_dir_make_tmp ("fanout-first-XXXXXX", NULL);
  path = g_build_filename (folder, "x.csv", NULL);
}

static void
tear_down (void)
{
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
}

typedef struct
{
  const char *ini;
  const char *wanted; /* the last aggregate's reason to be dropped behind the rows, if any */
} Case;

static char *
outcome (const char *ini, const char *const *overrides)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  FanoutCounters counters;
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  GString *text = g_string_new (NULL);
  if (result != NULL)
    {
      g_autofree char *rows = test_text (result);
      g_string_append (text, rows);
    }
  else
    g_string_append (text, error->message);
  for (guint i = 0; i < counters.n_aggregates; i++)
    if (counters.aggregates[i].error != NULL && counters.aggregates[i].error[0] != '\0'
        && (result != NULL || strcmp (counters.aggregates[i].error, error->message) != 0))
      g_string_append_printf (text, "\n%s", counters.aggregates[i].error);
  return g_string_free (text, FALSE);
}

static void
check_case (const char *const *overrides, gpointer data)
{
  const Case *test = data;
  g_autofree char *found = outcome (test->ini, overrides);
  ck_assert_msg (strcmp (found, test->wanted) == 0, "with %s %s %s:\nwanted %s\nfound %s",
                 overrides[0], overrides[1], overrides[2], test->wanted, found);
}

/* `wanted` may name the file as %s. */
static void
everywhere (guint partitions, const char *aggregates, const char *wanted)
{
  g_autofree char *ini = g_strdup_printf ("[source]\ntype = csv\npath = %s\n%s", path, aggregates);
  g_auto (GStrv) pieces = g_strsplit (wanted, "%s", -1);
  g_autofree char *message = g_strjoinv (path, pieces);
  Case test = { ini, message };
  test_every_way (partitions, check_case, &test);
}

/* u: `n` values, different ones modulo `different` of each `apart` rows. b: 1, but 1.5 in row
 * `half`. Rows are as long as `padding` makes them. */
static void
write_rows (guint n, guint different, guint apart, guint half, guint padding)
{
  GString *text = g_string_new ("u,b,p\n");
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (text, "v%u_%u,%s,", i / apart, i % different,
                              i == half ? "1.5" : "1");
      for (guint c = 0; c < padding; c++)
        g_string_append_c (text, 'p');
      g_string_append_c (text, '\n');
    }
  ck_assert (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
  g_string_free (text, TRUE);
}

#define BITS      "[aggregate b]\ntype = bit-and\ncolumn = b\n"
#define BITS_DROP "[aggregate b]\ntype = bit-and\ncolumn = b\non-error = drop\n"
#define DIFFERENT(limit)                                                                           \
  "aggregate 'u': more than " limit " different values; raise `limit` or leave this aggregate out"

START_TEST (the_limit_first)
{
  write_rows (700, 700, 700, 600, 0);
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 500\n" BITS,
              "%s:502: " DIFFERENT ("500"));
  everywhere (3, BITS "[aggregate u]\ntype = mode\ncolumn = u\nlimit = 500\n",
              "%s:502: " DIFFERENT ("500"));
  everywhere (3, BITS "[aggregate u]\ntype = mode\ncolumn = u\nties = first\nlimit = 500\n",
              "%s:502: " DIFFERENT ("500"));
  everywhere (3, BITS "[aggregate u]\ntype = collapse\ncolumn = u\nlimit = 500\n",
              "%s:502: aggregate 'u': more than 500 values; raise `limit`");
}
END_TEST

START_TEST (the_limit_last)
{
  write_rows (700, 700, 700, 300, 0);
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 500\n" BITS,
              "%s:302: aggregate 'b': 1.5 is not an integer from -2^63 to 2^64 - 1");
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 500\non-error = drop\n" BITS,
              "%s:302: aggregate 'b': 1.5 is not an integer from -2^63 to 2^64 - 1");
}
END_TEST

START_TEST (dropped)
{
  write_rows (700, 700, 700, 300, 0);
  everywhere (3, BITS_DROP "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 500\n",
              "%s:502: " DIFFERENT (
                  "500") "\n%s:302: aggregate 'b': 1.5 is not an integer from -2^63 to 2^64 - 1");
  everywhere (3,
              "[aggregate n]\ntype = count\n"
              "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 500\non-error = drop\n",
              "700,\n\n%s:502: " DIFFERENT ("500"));
}
END_TEST

START_TEST (the_rarest_beyond_capacity)
{
  write_rows (1100, 1100, 1100, 1050, 0);
  everywhere (3,
              BITS "[aggregate t]\ntype = top\ncolumn = u\nk = 2\ncapacity = 1000\nleast = true\n",
              "%s:1002: aggregate 't': more than 1000 different values, so that the rarest cannot "
              "be told; raise `capacity`");
}
END_TEST

/* The row with which all parts together exceed the limit, though none of them does alone. */
START_TEST (in_many_blocks)
{
  write_rows (2000, 40, 500, 1900, 1100);
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 130\n" BITS,
              "%s:1512: " DIFFERENT ("130"));
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 160\n" BITS,
              "%s:1902: aggregate 'b': 1.5 is not an integer from -2^63 to 2^64 - 1");
  everywhere (3,
              "[aggregate n]\ntype = count\n"
              "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 130\non-error = drop\n",
              "2000,\n\n%s:1512: " DIFFERENT ("130"));
}
END_TEST

/* Before a bad row, behind one, and too many groups among them. */
START_TEST (between_bad_rows_and_groups)
{
  write_rows (2000, 40, 500, 2000, 1100);
  FILE *file = fopen (path, "a");
  ck_assert_ptr_nonnull (file);
  ck_assert_int_gt (fputs ("bad\n", file), 0);
  ck_assert_int_eq (fclose (file), 0);
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 130\n" BITS,
              "%s:1512: " DIFFERENT ("130"));
  everywhere (3, "[aggregate u]\ntype = unique\ncolumn = u\nlimit = 160\n" BITS,
              "%s:2002: 1 field where 3 are wanted; ragged = true takes shorter and longer rows");
  everywhere (3, "[aggregate n]\ntype = count\n[pipeline]\ngroup-by = u\nmax-groups = 130\n",
              "%s:1512: more than 130 groups: [pipeline] max-groups allows more");
}
END_TEST

#define RANGE "[source]\ntype = range\nstop = 500\n"

/* All in one batch or one by one: who leaves early changes nothing for the others, and what comes
 * after the first failure never was. */
START_TEST (among_those_that_leave)
{
  static Case cases[] = {
    { RANGE "[aggregate a]\ntype = fails\ncolumn = value\nat = 300\n"
            "[aggregate b]\ntype = fails\ncolumn = value\nat = 5\n"
            "[aggregate c]\ntype = until\ncolumn = value\nat = 3\n",
      "aggregate 'b': cannot bear 5" },
    { RANGE "[aggregate a]\ntype = fails\ncolumn = value\nat = 300\n"
            "[aggregate b]\ntype = fails\ncolumn = value\nat = 305\non-error = drop\n"
            "[aggregate c]\ntype = until\ncolumn = value\nat = 3\n",
      "aggregate 'a': cannot bear 300" },
    { RANGE "[aggregate b]\ntype = fails\ncolumn = value\nat = 5\non-error = drop\n"
            "[aggregate c]\ntype = until\ncolumn = value\nat = 3\n",
      ",4\n\naggregate 'b': cannot bear 5" },
    { RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 7\n"
            "[aggregate b]\ntype = fails\ncolumn = value\nat = 7\n",
      "aggregate 'a': met 7" },
    { RANGE "[aggregate b]\ntype = fails\ncolumn = value\nat = 7\n"
            "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 7\n",
      "aggregate 'b': cannot bear 7" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    test_every_way (1, check_case, &cases[i]);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("first");
  TCase *tests = tcase_create ("first");
  tcase_set_timeout (tests, 0);
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, the_limit_first);
  tcase_add_test (tests, the_limit_last);
  tcase_add_test (tests, dropped);
  tcase_add_test (tests, the_rarest_beyond_capacity);
  tcase_add_test (tests, in_many_blocks);
  tcase_add_test (tests, between_bad_rows_and_groups);
  tcase_add_test (tests, among_those_that_leave);
  suite_add_tcase (suite, tests);
  return suite;
}
