/* The keys of groups bound to tables of options. */

#include "tests/support/options.h"
#include "tests/support/suite.h"

static const FanoutOption defaults[] = {
  { .key = "type", .type = FANOUT_OPTION_TEXT, .offset = G_STRUCT_OFFSET (Bound, text) },
  { .key = "strategy",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Bound, choice),
    .value = "threads",
    .choices = strategies },
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Bound, column) },
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .min = "0",
    .max = "1" },
  { .key = "partitions",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Bound, count),
    .value = "auto",
    .choices = count_names },
  { .key = NULL },
};

START_TEST (test_defaults)
{
  g_auto (Try) given = { 0 };
  g_auto (Try) missing = { 0 };
  g_auto (Try) empty = { 0 };

  try_parse (&given, "[aggregate p]\ncolumn = x\nq = 0.5\n");
  try_bind (&given, defaults, NULL);
  ck_assert_str_eq (given.lines, "");
  ck_assert_int_eq (given.bound.choice, 1);
  ck_assert_uint_eq (given.bound.count, FANOUT_OPTION_NAMED (0));
  ck_assert_ptr_null (given.bound.text);
  try_parse (&missing, "\n[aggregate p]\nstrategy = fiber\n");
  try_bind (&missing, defaults, NULL);
  ck_assert_str_eq (missing.lines,
                    "p.ini:2: [aggregate p]: the key 'column' is missing; possible: a column\n"
                    "p.ini:2: [aggregate p]: the key 'q' is missing; possible: numbers from 0 to 1 "
                    "separated by commas");
  ck_assert_int_eq (missing.bound.column, -1);
  ck_assert_int_eq (missing.bound.choice, 0);
  try_parse (&empty, "[g]\nq =\ncolumn = x\n");
  try_bind (&empty, defaults, NULL);
  ck_assert_str_eq (empty.lines, "p.ini:2: [g] q: found nothing; possible: numbers from 0 to 1 "
                                 "separated by commas");
}
END_TEST

START_TEST (test_unknown_keys)
{
  const char *const ignore[] = { "on-error", NULL };
  g_auto (Try) try = { 0 };

  try_parse (&try, "[aggregate p]\n"
                   "colunm = x\n"
                   "on-error = drop\n"
                   "Q = 0.5\n"
                   "on-eror = drop\n"
                   "window = 5\n"
                   "q = 1\n"
                   "column = x\n");
  try_bind (&try, defaults, ignore);
  ck_assert_str_eq (
      try.lines,
      "p.ini:2: [aggregate p] colunm: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'column'?\n"
      "p.ini:4: [aggregate p] Q: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'q'?\n"
      "p.ini:5: [aggregate p] on-eror: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'on-error'?\n"
      "p.ini:6: [aggregate p] window: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions");
}
END_TEST

/* Lines come in the order of the file, whatever the order of the table; duplicates are read too. */
START_TEST (test_all_at_once)
{
  g_auto (Try) try = { 0 };

  try_parse (&try, "[pipeline]\n"
                   "strategy = fibre # x\n"
                   "count = x\n"
                   "nothing\n"
                   "flag = x\n"
                   "flag = y\n"
                   "keys = 1\n");
  try_bind (&try, table, NULL);
  ck_assert_str_eq (
      try.lines,
      "p.ini:2: [pipeline] strategy: found 'fibre # x'; a comment cannot stand behind a value, "
      "only on a line of its own that starts with '#'\n"
      "p.ini:3: [pipeline] count: found 'x'; possible: a whole number from 0\n"
      "p.ini:4: neither '[group]' nor 'key = value' nor '# comment': 'nothing'\n"
      "p.ini:5: [pipeline] flag: found 'x'; possible: true/false, yes/no or 1/0\n"
      "p.ini:6: [pipeline] flag: the key is given twice, first at p.ini:5\n"
      "p.ini:6: [pipeline] flag: found 'y'; possible: true/false, yes/no or 1/0\n"
      "p.ini:7: [pipeline] keys: unknown key; possible: flag, count, partitions, integer, "
      "any-integer, number, share, amount, amounts, q, bytes, max-row, time, wait, character, "
      "characters, "
      "delimiter, strategy, text, pattern, texts, column, columns");
}
END_TEST

START_TEST (test_override_mistake)
{
  const char *const overrides[] = { "pipeline.count=x", "pipeline.cuont=1", NULL };
  const FanoutOption *const tables[] = { table, NULL };
  g_auto (Try) try = { 0 };
  const gpointer targets[] = { &try.bound };

  fanout_errors_init (&try.errors);
  try.columns = g_ptr_array_new ();
  try.config = fanout_config_parse ("", 0, "p.ini", NULL, overrides, &try.errors);
  ck_assert (!fanout_options_bind (try.config, fanout_config_group (try.config, 0), tables, targets,
                                   NULL, try.columns, &try.errors));
  ck_assert_uint_eq (try.errors.lines->len, 2);
  ck_assert (g_str_has_prefix (try.errors.lines->pdata[0],
                               "-s pipeline.cuont=1: [pipeline] cuont: unknown key; possible: "));
  ck_assert (g_str_has_suffix (try.errors.lines->pdata[0], "; did you mean 'count'?"));
  ck_assert_str_eq (try.errors.lines->pdata[1],
                    "-s pipeline.count=x: [pipeline] count: found 'x'; possible: a whole number "
                    "from 0");
}
END_TEST

START_TEST (test_key_file_mistake)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_auto (Try) try = { 0 };

  g_key_file_set_value (key_file, "g", "count", "x");
  fanout_errors_init (&try.errors);
  try.columns = g_ptr_array_new ();
  try.config = fanout_config_from_key_file (key_file, NULL, NULL, &try.errors);
  try_bind (&try, table, NULL);
  ck_assert_str_eq (try.lines, "[g] count: found 'x'; possible: a whole number from 0");
}
END_TEST

START_TEST (test_several_tables)
{
  typedef struct
  {
    gint first, second;
  } Other;
  static const FanoutOption more[] = {
    { .key = "first", .type = FANOUT_OPTION_COLUMN, .offset = G_STRUCT_OFFSET (Other, first) },
    { .key = "second",
      .type = FANOUT_OPTION_COLUMN,
      .offset = G_STRUCT_OFFSET (Other, second),
      .value = "s" },
    { .key = NULL },
  };
  const FanoutOption *const tables[] = { table, more, NULL };
  g_auto (Try) try = { 0 };
  Other other = { 0 };
  const gpointer targets[] = { &try.bound, &other };

  try_parse (&try, "[g]\nfirst = f\ncolumn = c\n");
  ck_assert (fanout_options_bind (try.config, fanout_config_group (try.config, 0), tables, targets,
                                  NULL, try.columns, &try.errors));
  ck_assert_int_eq (try.bound.column, 0);
  ck_assert_int_eq (other.first, 1);
  ck_assert_int_eq (other.second, 2);
  ck_assert_str_eq (try.columns->pdata[2], "s");
}
END_TEST

START_TEST (test_group_that_is_not_there)
{
  const FanoutConfigGroup group = { .name = "output", .origin = "p.ini" };
  const FanoutOption *const tables[] = { defaults, NULL };
  g_auto (Try) try = { 0 };
  const gpointer targets[] = { &try.bound };

  try_parse (&try, "");
  ck_assert (!fanout_options_bind (try.config, &group, tables, targets, NULL, NULL, &try.errors));
  ck_assert_int_eq (try.bound.choice, 1);
  ck_assert_str_eq (try.errors.lines->pdata[0],
                    "p.ini: [output]: the key 'column' is missing; possible: a column");
}
END_TEST

START_TEST (test_check)
{
  static const char *const none[] = { NULL };
  const FanoutOption wrong_tables[][3] = {
    { { .key = "a", .type = 99 } },
    { { .key = "a" } },
    { { .key = "a", .type = FANOUT_OPTION_COUNT, .offset = sizeof (Bound) - 4 } },
    { { .key = "a", .type = FANOUT_OPTION_COUNT, .offset = 4 } },
    { { .key = "a", .type = FANOUT_OPTION_TEXT, .offset = (gsize) -8 } },
    { { .key = "a", .type = FANOUT_OPTION_CHOICE } },
    { { .key = "a", .type = FANOUT_OPTION_CHOICE, .choices = none } },
    { { .key = "a", .type = FANOUT_OPTION_BYTES, .max = "1T" } },
    { { .key = "a", .type = FANOUT_OPTION_NUMBERS, .min = "x" } },
    { { .key = "a", .type = FANOUT_OPTION_NUMBER, .min = "1", .value = "0" } },
    { { .key = "a", .type = FANOUT_OPTION_TEXT },
      { .key = "a", .type = FANOUT_OPTION_TEXT, .offset = 8 } },
  };
  static const char *const problems[] = {
    "option 'a': its type is unknown",
    "option 'a': its type is unknown",
    "option 'a': its offset does not fit the options struct",
    "option 'a': its offset does not fit the options struct",
    "option 'a': its offset does not fit the options struct",
    "option 'a': it has no choices",
    "option 'a': it has no choices",
    "option 'a': its bounds are wrong",
    "option 'a': its bounds are wrong",
    "option 'a': its default is wrong",
    "option 'a': it is there twice",
  };
  char *untouched = NULL;

  ck_assert (fanout_options_check (table, sizeof (Bound), &untouched));
  ck_assert (fanout_options_check (defaults, sizeof (Bound), &untouched));
  ck_assert (fanout_options_check (NULL, 0, &untouched));
  ck_assert_ptr_null (untouched);
  for (guint i = 0; i < G_N_ELEMENTS (problems); i++)
    {
      g_autofree char *problem = NULL;

      ck_assert (!fanout_options_check (wrong_tables[i], sizeof (Bound), &problem));
      ck_assert_str_eq (problem, problems[i]);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("option");
  TCase *tests = tcase_create ("option");

  tcase_add_test (tests, test_defaults);
  tcase_add_test (tests, test_unknown_keys);
  tcase_add_test (tests, test_all_at_once);
  tcase_add_test (tests, test_override_mistake);
  tcase_add_test (tests, test_key_file_mistake);
  tcase_add_test (tests, test_several_tables);
  tcase_add_test (tests, test_group_that_is_not_there);
  tcase_add_test (tests, test_check);
  suite_add_tcase (suite, tests);
  return suite;
}
