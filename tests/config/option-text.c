/* What is written of a table of options: the reference, and the list for people. */

#include "tests/support/options.h"
#include "tests/support/suite.h"

static const FanoutOption documented[] = {
  { .key = "strategy",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Bound, choice),
    .value = "fiber",
    .help = "fiber, threads or callback",
    .choices = strategies },
  { .key = "threads",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Bound, count),
    .help = "strategy = threads only: threads for the aggregates; default: the number of cores",
    .min = "1",
    .example = "2" },
  { .key = "columns",
    .type = FANOUT_OPTION_TEXTS,
    .offset = G_STRUCT_OFFSET (Bound, texts),
    .help = "names, in order" },
  { .key = "null-values",
    .type = FANOUT_OPTION_TEXTS,
    .offset = G_STRUCT_OFFSET (Bound, texts),
    .value = "",
    .help = "caf\xC3\xA9" },
  { .key = "pattern",
    .type = FANOUT_OPTION_TEXT,
    .offset = G_STRUCT_OFFSET (Bound, text),
    .help = "a regular expression" },
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .flags = FANOUT_OPTION_REQUIRED,
    .min = "0",
    .max = "1",
    .example = "0.5, 0.9" },
  { .key = NULL },
};

START_TEST (test_reference)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (Try) try = { 0 };

  fanout_options_reference (out, documented);
  ck_assert_str_eq (
      out->str,
      "# fiber, threads or callback\n"
      "strategy = fiber\n"
      "# strategy = threads only: threads for the aggregates; default: the number of cores\n"
      "threads = 2\n"
      "# names, in order\n"
      "columns =\n"
      "# caf\xC3\xA9\n"
      "null-values =\n"
      "# a regular expression\n"
      "# pattern =\n"
      "q = 0.5, 0.9\n");
  /* It can be used as it is. */
  text = g_strconcat ("[g]\n", out->str, NULL);
  try_parse (&try, text);
  try_bind (&try, documented, NULL);
  ck_assert_str_eq (try.lines, "");
}
END_TEST

START_TEST (test_describe)
{
  static const FanoutOption nothing[] = { { .key = NULL } };
  static const FanoutOption accented[] = {
    { .key = "\xC3\xA9", .type = FANOUT_OPTION_TIME, .value = "10s", .help = "how long" },
    { .key = NULL },
  };
  const FanoutOption *const tables[] = { documented, nothing, accented, NULL };
  const FanoutOption *const empty[] = { nothing, NULL };
  g_autoptr (GString) out = g_string_new (NULL);

  fanout_options_describe (out, empty, "  ");
  ck_assert_str_eq (out->str, "");
  fanout_options_describe (out, tables, "  ");
  ck_assert_str_eq (
      out->str,
      "  key          possible                                 default   meaning\n"
      "  strategy     fiber, threads or callback               fiber     fiber, threads or "
      "callback\n"
      "  threads      a whole number from 1                              strategy = threads only: "
      "threads for the aggregates; default: the number of cores\n"
      "  columns      texts separated by commas                          names, in order\n"
      "  null-values  texts separated by commas                          caf\xC3\xA9\n"
      "  pattern      a text                                             a regular expression\n"
      "  q            numbers from 0 to 1 separated by commas  required\n"
      "  \xC3\xA9            a time (500ms, 10s, 5m, 1h)              10s       how long\n");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("option texts");
  TCase *tests = tcase_create ("option texts");

  tcase_add_test (tests, test_reference);
  tcase_add_test (tests, test_describe);
  suite_add_tcase (suite, tests);
  return suite;
}
