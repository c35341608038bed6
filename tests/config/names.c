/* The name that was meant. */

#include "core/config/names.h"
#include "tests/support/suite.h"

START_TEST (test_nearest_name)
{
  static const char *const names[]
      = { "batch", "strategy", "threads", "sum", "min", "max", "q", "mean", "median", NULL };
  static const struct
  {
    const char *text, *nearest;
  } cases[] = {
    { "bacth", "batch" },
    { "batchs", "batch" },
    { "BATCH", "batch" },
    { "bath", "batch" },
    { "thread", "threads" },
    { "thraeds", "threads" },
    { "sun", "sum" },
    { "mni", "min" },
    { "q", "q" },
    { "p", NULL },
    { "", NULL },
    { "average", NULL },
    { "meen", "mean" },
    { "medain", "median" },
    { "strat", "strategy" },
    { "stra", "strategy" },
    { "str", NULL },
    { "BTC", "batch" },
    { "bch", "batch" },
    { "cht", NULL },
    { "mdia", "median" },
    { "mn", "min" },
    { "mixed", NULL },
  };
  g_autofree char *longest = g_strnfill (64, 'x');
  g_autofree char *longer = g_strnfill (1 << 20, 'x');
  const char *const long_names[] = { longer, longest, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_pstr_eq (fanout_nearest_name (cases[i].text, names), cases[i].nearest);
  ck_assert_ptr_null (fanout_nearest_name (longer, long_names));
  ck_assert_ptr_eq (fanout_nearest_name (longest, long_names), longest);
  ck_assert_ptr_null (fanout_nearest_name ("x", NULL));
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("names");
  TCase *tests = tcase_create ("names");

  tcase_add_test (tests, test_nearest_name);
  suite_add_tcase (suite, tests);
  return suite;
}
