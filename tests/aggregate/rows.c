/* Operators that pick values or rows, or tell what is true of all: what they answer. */

#include "tests/aggregate/results.h"
#include "tests/support/suite.h"

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
  assert_pairs ("largest", "", "", "", "null");
  assert_pairs ("largest", "k = 3\n", "5 1.5 9 - 9.0 1e300 9", "a b c d e - 01.0",
                "[\"c\",\"e\",\"01.0\"]");
  assert_pairs ("smallest", "k = 2\n", "nan 1 nan nan", "a b c d", "[\"b\",\"a\"]");
  assert_pairs ("smallest", "k = 3\nas = text\n", "b a c b aaaaaaaaaaaaaaaaaaa",
                "1 2 3 4 5555555555555555555", "[\"2\",\"5555555555555555555\",\"1\"]");
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
  assert_pairs ("argmin", "as = text\n", "", "", "null");
  assert_pairs ("argmax", "as = text\n", "2026-01-02 2026-01-10 2025-12-31", "1 2.0 3", "\"2.0\"");
  assert_pairs ("argmin", "as = text\n", "2026-01-02 - 2025-12-31 2025-12-31", "a b c d", "\"c\"");
  assert_pairs ("argmin", "as = text\n", "9 10 2", "a b c", "\"b\"");
  assert_pairs ("argmax", "as = text\n", "a zzzzzzzzzzzzzzzz1 zzzzzzzzzzzzzzzz2 zzzzzzzzzzzzzzzz z",
                "a b ccccccccccccccccc d e", "\"ccccccccccccccccc\"");
  /* times are decimals: nanoseconds are exact */
  assert_pairs ("argmax", "", "1767225600.123456788 1767225600.123456789 1767225600", "a b c",
                "\"b\"");
  assert_pairs ("argmax", "", "0.1 0.1000000000000000055511151231257827", "a b", "\"b\"");
}
END_TEST

START_TEST (test_weights)
{
  assert_beside ("quantile", "weight", "q = 0.25, 0.5\n", "5 1 2 9 nan -", "1 3 0 2.0 0 1", "1 3");
  assert_beside ("median", "weight", "limit = 1\n", "-1 8", "1 3",
                 "8 (relative error at most 0.8 %; a greater `limit` lowers it)");
  assert_beside ("median", "weight", "", "1", "-0.5",
                 "error: the weight -0.5 is not a whole number from 0");
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
  assert_result ("bit-or", "", "1 2.5", "error: 2.5 is not an integer from -2^63 to 2^64 - 1");
  assert_result ("bit-or", "", "1 18446744073709551616",
                 "error: 18446744073709551616 is not an integer from -2^63 to 2^64 - 1");
  assert_result ("bit-or", "", "1 -9223372036854775809",
                 "error: -9223372036854775809 is not an integer from -2^63 to 2^64 - 1");
  assert_result ("bit-or", "", "18446744073709551615.5",
                 "error: 18446744073709551615.5 is not an integer from -2^63 to 2^64 - 1");
  /* Of 64 bits without sign, alone and among negative ones, as Python has it. */
  assert_result ("bit-or", "", "1 9223372036854775808", "9223372036854775809");
  assert_result ("bit-and", "", "18446744073709551615 18446744073709551614",
                 "18446744073709551614");
  assert_result ("bit-xor", "", "18446744073709551615 1", "18446744073709551614");
  assert_result ("bit-and", "", "-1 18446744073709551615", "18446744073709551615");
  assert_result ("bit-and", "", "-9223372036854775808 -1", "-9223372036854775808");
  assert_result ("bit-or", "", "-9223372036854775808 9223372036854775807", "-1");
  assert_result ("bit-or", "", "-9223372036854775808 9223372036854775808", "-9223372036854775808");
  assert_result ("bit-xor", "", "-1 18446744073709551615", "-18446744073709551616");
  assert_result ("bit-xor", "", "-1 18446744073709551615 -1", "18446744073709551615");
  assert_result ("bit-or", "", "9007199254740993e3", "9007199254740993000");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("rows");
  TCase *all = tcase_create ("rows");

  tcase_set_timeout (all, 120);
  tcase_add_test (all, test_largest);
  tcase_add_test (all, test_lengths);
  tcase_add_test (all, test_arg);
  tcase_add_test (all, test_weights);
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
