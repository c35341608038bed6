/* Operators over values and their ranks: what they answer, digit by digit. */

#include "tests/aggregate/results.h"
#include "tests/support/suite.h"

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
  /* Just below and at what leaves one of five out. */
  assert_result ("trimmed-mean", "trim = 0.19999999999999999999\n", "1 2 3 4 50", "12");
  assert_result ("trimmed-mean", "trim = 0.20000000000000000000000000000000000001\n", "1 2 3 4 50",
                 "3");
  assert_refused ("trimmed-mean", "trim = 0.100000000000000000000000000000000000001\n",
                  "too many digits");
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
  /* Doubles would not tell these apart. */
  assert_result ("histogram", "edges = 18446744073709551614, 18446744073709551615\n",
                 "18446744073709551613 18446744073709551614 18446744073709551615 "
                 "18446744073709551616",
                 "[[null,18446744073709551614,1],[18446744073709551614,18446744073709551615,2],"
                 "[18446744073709551615,null,1]]");
  assert_result (
      "histogram",
      "bins = 2\nmin = 0.0000000000000000000000000000000000001\n"
      "max = 0.0000000000000000000000000000000000003\n",
      "0.00000000000000000000000000000000000015 2e-37",
      "[[null,0.0000000000000000000000000000000000001,0],"
      "[0.0000000000000000000000000000000000001,0.0000000000000000000000000000000000002,1],"
      "[0.0000000000000000000000000000000000002,0.0000000000000000000000000000000000003,1],"
      "[0.0000000000000000000000000000000000003,null,0]]");
  assert_refused ("histogram", "bins = 2\nmin = 18446744073709551615\nmax = 18446744073709551615\n",
                  "above `min`");
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

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("values");
  TCase *all = tcase_create ("values");

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
  suite_add_tcase (suite, all);
  return suite;
}
