/* What expressions give, value by value. */

#include "tests/support/expression.h"
#include "tests/support/suite.h"

#include "core/expression/functions.h"

#define BACK                                                                                       \
  "(the regular expression takes too many steps for this text, goes back in it with \\K, or "      \
  "makes "                                                                                         \
  "more than 64 MB of it)"

static const char *const names[] = { "a", "b", "s", "t", "a b", "2020", NULL };

static const ExpressionRows rows = {
  names,
  4,
  {
      { "1", "2.5", "abc", "2024-05-17 08:30", "x", "7" },
      { "-3", "", "", "10/Oct/2000:13:55:36 -0700", "", "8" },
      { "x", "0", "Bär", "86400", "y", "9" },
      { "12345678901234567890", "1e3", "12", "never", "z", "10" },
  },
};

typedef struct
{
  const char *expression;
  const char *values;
} Case;

/* As text, row by row. */
static const Case cases[] = {
  /* Columns as they stand and by place. */
  { "s", "abc - Bär 12" },
  { "$1", "1 -3 x 12345678901234567890" },
  { "\"a b\"", "x - y z" },
  { "text(\"2020\")", "7 8 9 10" },
  /* Exact arithmetic. */
  { "text(0.1 + 0.2)", "0.3 0.3 0.3 0.3" },
  { "text(b * 1.1)", "2.75 - 0 1100" },
  { "text(1 / 4)", "0.25 0.25 0.25 0.25" },
  { "text(1 / 3)", "0.3333333333333333 0.3333333333333333 0.3333333333333333 0.3333333333333333" },
  { "text(b / 0)", "- - - -" },
  { "text(5 // 3)", "1 1 1 1" },
  { "text(-5 // 3)", "-2 -2 -2 -2" },
  { "text(-5 % 3)", "1 1 1 1" },
  { "text(5 % -3)", "-1 -1 -1 -1" },
  { "text(5.5 % 0.3)", "0.1 0.1 0.1 0.1" },
  { "text(9223372036854775807 + 1)",
    "9223372036854775808 9223372036854775808 9223372036854775808 9223372036854775808" },
  { "text(2 + 3 * 4 - -1)", "15 15 15 15" },
  { "text(10 - 4 - 3)", "3 3 3 3" },
  { "text(b * 9 / 5 + 32)", "36.5 - 32 1832" },
  /* Conditions know no third truth. */
  { "text(b > 1)", "true false false true" },
  { "text(not b > 1)", "false true true false" },
  { "text(b <= 2.5)", "true false true false" },
  { "text(b = null)", "false true false false" },
  { "text(b != 2.5)", "false true true true" },
  { "text(s is null)", "false true false false" },
  { "text(s is not null)", "true false true true" },
  { "text(s = 'abc')", "true false false false" },
  { "text(s <> 'abc')", "false true true true" },
  { "text(s in ('abc', '12', ''))", "true true false true" },
  { "text(b in (0, 1000, null))", "false true true true" },
  { "text(b not in (0, 1000.0))", "true true false false" },
  { "text(b between 0 and 2.5)", "true false true false" },
  { "text(b not between 0 and 2.5)", "false true false true" },
  { "text(b between null and 2)", "false false false false" },
  { "text(b not between 0 and null)", "true true true true" },
  { "text(s between null and null)", "false false false false" },
  { "text(s ~ '^[a-z]+$')", "true false false false" },
  { "text(s !~ '^[a-z]+$')", "false true true true" },
  { "text(s ~ '^\\w+$')", "true false true true" },
  { "text((b > 1) + 1)", "2 1 1 2" },
  { "text(s = 'abc' or b = 1000)", "true false false true" },
  { "text(s >= 'B' AND s < 'c')", "true false true false" },
  /* A bad value counts where it is used. */
  { "text(a + 0)", "1 -3 !(no number) 12345678901234567890" },
  { "text(is_number(a) and a > 3)", "false false false true" },
  { "text(not is_number(a) or a > 3)", "false false true true" },
  { "text(if(is_number(a), a, 0))", "1 -3 0 12345678901234567890" },
  { "text(num(a))", "1 -3 - 12345678901234567890" },
  { "text(coalesce(num(a), -1))", "1 -3 -1 12345678901234567890" },
  { "text(time(t))",
    "2024-05-17T08:30:00Z 2000-10-10T20:55:36Z 1970-01-02T00:00:00Z !('never' is no time that is "
    "known without a format: time(x, '%d.%m.%Y') reads others)" },
  /* Nothing comes of nothing. */
  { "text(b + 1)", "3.5 - 1 1001" },
  { "upper(s)", "ABC - BäR 12" },
  { "text(length(s))", "3 - 3 2" },
  { "text(size(s))", "3 - 4 2" },
  { "concat(s, '-', b)", "abc-2.5 - Bär-0 12-1e3" },
  { "coalesce(s, 'none')", "abc none Bär 12" },
  { "nullif(s, 'abc')", "- - Bär 12" },
  { "if(b > 1, s, 'small')", "abc small small 12" },
  { "text(least(b, 1))", "1 - 0 1" },
  { "text(greatest(b, 1, 2))", "2.5 - 2 1000" },
  { "greatest('b', s)", "b - b b" },
  /* Pieces of text. */
  { "substr(s, 2)", "bc - är 2" },
  { "substr(s, -2)", "bc - är 12" },
  { "substr(s, -2, 1)", "b - ä 1" },
  { "substr(s, 0, 2)", "a - B 1" },
  { "substr(s, 9)", "- - - -" },
  { "split('a,b,,d', ',', 3)", "- - - -" },
  { "split('a,b,,d', ',', -1)", "d d d d" },
  { "split('a,b', ',', 5)", "- - - -" },
  { "match(t, '(\\d+)-(\\d+)', 2)", "05 - - -" },
  { "match(t, '(?<y>\\d+)-', 'y')", "2024 - - -" },
  { "match(t, '\\d+')", "2024 10 86400 -" },
  { "sub(t, '[-:/]', '')", "20240517 0830 10Oct2000135536 0700 86400 never" },
  { "sub('a1b22', '([0-9]+)', '<\\1>')", "a<1>b<22> a<1>b<22> a<1>b<22> a<1>b<22>" },
  /* A match that ends before it begins, and one that begins before the last one has ended. */
  { "sub(s, '(?=(?1))|(.\\K)', 'x')", "!" BACK " - ! !" },
  { "sub(s, '^.|.(?<=(?1))|(?!)(\\K..)', 'x')", "!" BACK " - ! !" },
  { "sub('abc', 'x*', '-')", "-a-b-c- -a-b-c- -a-b-c- -a-b-c-" },
  { "replace(s, 'b', '')", "ac - Bär 12" },
  { "trim(' \t a b ')", "a b a b a b a b" },
  /* Numbers as people write them. */
  { "text(num('1.234,5', ',', '.'))", "1234.5 1234.5 1234.5 1234.5" },
  { "text(num('1.23,5', ',', '.'))", "- - - -" },
  { "text(round(2.5))", "3 3 3 3" },
  { "text(round(-2.5))", "-3 -3 -3 -3" },
  { "text(round(1234.567, -2))", "1200 1200 1200 1200" },
  { "text(round(9223372036854775807, -1))",
    "9223372036854775810 9223372036854775810 9223372036854775810 9223372036854775810" },
  { "text(floor(-0.5))", "-1 -1 -1 -1" },
  { "text(sqrt(2))",
    "1.4142135623730951 1.4142135623730951 1.4142135623730951 1.4142135623730951" },
  { "text(ln(10))", "2.302585092994046 2.302585092994046 2.302585092994046 2.302585092994046" },
  { "text(nan = nan)", "!" },
  { "text(row())", "1 2 3 4" },
  { "file()", "some.csv some.csv some.csv some.csv" },
  { "text(hash(1.0) = hash(1))", "true true true true" },
  { "text(hash('1.0') = hash('1'))", "false false false false" },
  { "text(hash(1 < 2) = hash('true'))", "true true true true" },
  { "text(is_number(1 < 2))", "true true true true" },
  /* Times. */
  { "text(bucket(time('2024-05-17 08:37:11'), 5m))",
    "2024-05-17T08:35:00Z 2024-05-17T08:35:00Z 2024-05-17T08:35:00Z 2024-05-17T08:35:00Z" },
  /* 23:20 for the second time, after 00:01 of the first of November. */
  { "text(bucket(time('2009-11-01T02:50:00Z'), 1mo, 'America/St_Johns'))",
    "2009-11-01T02:30:00Z 2009-11-01T02:30:00Z 2009-11-01T02:30:00Z 2009-11-01T02:30:00Z" },
  { "text(bucket(time('2024-05-17 23:30:00Z'), 1d, 'Europe/Berlin'))",
    "2024-05-17T22:00:00Z 2024-05-17T22:00:00Z 2024-05-17T22:00:00Z 2024-05-17T22:00:00Z" },
  { "text(bucket(time('2024-05-17'), 1w))",
    "2024-05-13T00:00:00Z 2024-05-13T00:00:00Z 2024-05-13T00:00:00Z 2024-05-13T00:00:00Z" },
  { "text(bucket(time('2024-05-17'), 1q))",
    "2024-04-01T00:00:00Z 2024-04-01T00:00:00Z 2024-04-01T00:00:00Z 2024-04-01T00:00:00Z" },
  { "text(time('2024-03-31 02:30', '%Y-%m-%d %H:%M', 'Europe/Berlin'))",
    "2024-03-31T01:30:00Z 2024-03-31T01:30:00Z 2024-03-31T01:30:00Z 2024-03-31T01:30:00Z" },
  { "text(time('2024-10-27 02:30', '', 'Europe/Berlin'))",
    "2024-10-27T00:30:00Z 2024-10-27T00:30:00Z 2024-10-27T00:30:00Z 2024-10-27T00:30:00Z" },
  { "text(time('05/17/2024', '%m/%d/%Y') - time('2024-05-16'))", "86400 86400 86400 86400" },
  { "text(time('0.000000000025'))",
    "1970-01-01T00:00:00.000000000025Z 1970-01-01T00:00:00.000000000025Z "
    "1970-01-01T00:00:00.000000000025Z 1970-01-01T00:00:00.000000000025Z" },
  { "text(time('1e-7'))", "1970-01-01T00:00:00.0000001Z 1970-01-01T00:00:00.0000001Z "
                          "1970-01-01T00:00:00.0000001Z 1970-01-01T00:00:00.0000001Z" },
  { "text(time('2024-05-17T00:00:00.123456789Z') + 500ms)",
    "2024-05-17T00:00:00.623456789Z 2024-05-17T00:00:00.623456789Z "
    "2024-05-17T00:00:00.623456789Z 2024-05-17T00:00:00.623456789Z" },
  { "format(time('2024-05-07 15:04:05.25'), '%d.%m.%y %e %I:%M %p %f %j %b %B %%', 'UTC')",
    "07.05.24  7 03:04 PM 250000 128 May May % 07.05.24  7 03:04 PM 250000 128 May May % "
    "07.05.24  7 03:04 PM 250000 128 May May % 07.05.24  7 03:04 PM 250000 128 May May %" },
  { "text(time('2024-05-17T00:00:00.123456789012Z'))",
    "2024-05-17T00:00:00.123456789012Z 2024-05-17T00:00:00.123456789012Z "
    "2024-05-17T00:00:00.123456789012Z 2024-05-17T00:00:00.123456789012Z" },
  { "text(time('9999-12-31T23:59:59.999999999Z'))",
    "9999-12-31T23:59:59.999999999Z 9999-12-31T23:59:59.999999999Z 9999-12-31T23:59:59.999999999Z "
    "9999-12-31T23:59:59.999999999Z" },
  { "text(time('9999-12-31T23:59:59.1234567890123456789012345Z') - time('9999-12-31T23:59:59Z'))",
    "0.1234567890123456789012345 0.1234567890123456789012345 0.1234567890123456789012345 "
    "0.1234567890123456789012345" },
  { "text(time('253402300799.123456789012345678') - time('9999-12-31T23:59:59Z'))",
    "0.123456789012345678 0.123456789012345678 0.123456789012345678 0.123456789012345678" },
  { "text(time('253402300799.123456789012', '%s'))",
    "9999-12-31T23:59:59.123456789012Z 9999-12-31T23:59:59.123456789012Z "
    "9999-12-31T23:59:59.123456789012Z 9999-12-31T23:59:59.123456789012Z" },
  { "text(time('17/05/2024 0.1234567890123456789', '%d/%m/%Y %H.%f'))",
    "2024-05-17T00:00:00.1234567890123456789Z 2024-05-17T00:00:00.1234567890123456789Z "
    "2024-05-17T00:00:00.1234567890123456789Z 2024-05-17T00:00:00.1234567890123456789Z" },
  { "text(second(59.99999999999999999999))", "59 59 59 59" },
  { "format(59.99999999999999999999, '%T.%f')",
    "00:00:59.999999 00:00:59.999999 00:00:59.999999 00:00:59.999999" },
  { "text(bucket(time('1970-01-02T23:59:59.99999999999999999999Z'), 1d))",
    "1970-01-02T00:00:00Z 1970-01-02T00:00:00Z 1970-01-02T00:00:00Z 1970-01-02T00:00:00Z" },
  { "text(bucket(1, 0.10000000000000000000000000000000000001))",
    "0.90000000000000000000000000000000000009 0.90000000000000000000000000000000000009 "
    "0.90000000000000000000000000000000000009 0.90000000000000000000000000000000000009" },
  { "text(bucket(10000000000000000000000000000000000000, 0.03))", "1e37 1e37 1e37 1e37" },
  { "text(bucket(123456789012345678901234567890.5, 0.0000003))",
    "123456789012345678901234567890.4999998 123456789012345678901234567890.4999998 "
    "123456789012345678901234567890.4999998 123456789012345678901234567890.4999998" },
  { "text(bucket(18446744073709551615, 2))",
    "18446744073709551614 18446744073709551614 18446744073709551614 18446744073709551614" },
  { "text(bucket(1, 1.00000000000000000001d))", "!" },
  { "text(0.12345678901234567890123m)", "7.4074073407407407340738 7.4074073407407407340738 "
                                        "7.4074073407407407340738 7.4074073407407407340738" },
  { "text(1d + 2h + 30m + 5s)", "95405 95405 95405 95405" },
};

START_TEST (values)
{
  const Case *test = &cases[_i];
  g_autoptr (GError) error = NULL;
  g_autofree char *found
      = expression_values (&rows, NULL, test->expression, FANOUT_KIND_FREE, " ", &error);

  if (g_strcmp0 (test->values, "!") == 0)
    {
      ck_assert_ptr_nonnull (error);
      return;
    }
  ck_assert_msg (found != NULL, "%s: %s", test->expression, error != NULL ? error->message : "");
  ck_assert_msg (strcmp (found, test->values) == 0, "%s\n gives %s\nwanted %s", test->expression,
                 found, test->values);
}
END_TEST

/* What the manual shows of each function. */
START_TEST (examples)
{
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autofree char *found = NULL;

      ck_assert_msg (function > fanout_functions ? strcmp (function[-1].name, function->name) < 0
                                                 : TRUE,
                     "%s is not in its place", function->name);
      if (function->example == NULL)
        continue;
      text = g_strdup_printf ("text(%s)", function->example);
      found = expression_values (&rows, NULL, text, FANOUT_KIND_TEXT, "\n", &error);
      ck_assert_msg (found != NULL, "%s: %s", text, error != NULL ? error->message : "");
      *strchr (found, '\n') = '\0';
      ck_assert_msg (strcmp (found, function->result) == 0, "%s gives %s", text, found);
    }
}
END_TEST

START_TEST (definitions)
{
  static const char *const lets[]
      = { "u", "b * 9 / 5 + 32", "hot", "u > 100", "b", "b + 1", "c", "b * 2", NULL };
  static const Case after[] = {
    { "text(u)", "36.5 - 32 1832" },
    { "text(hot)", "false false false true" },
    { "if(hot, 'hot', 'cold')", "cold cold cold hot" },
    /* A name may take the place of a column, which it still sees itself. */
    { "text(c)", "7 - 2 2002" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (after); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *found
          = expression_values (&rows, lets, after[i].expression, FANOUT_KIND_FREE, " ", &error);

      ck_assert_msg (found != NULL, "%s", error != NULL ? error->message : "");
      ck_assert_str_eq (found, after[i].values);
    }
}
END_TEST

/* What is in a list of thousands of numbers or texts, most of them twice, and what is not. */
START_TEST (long_lists)
{
  static const char *const ends[][2] = { { "", "" }, { "'", "'" } };
  static const char *const columns[] = { "num(b)", "s" };
  static const char *const found_in[] = { "true - false true", "true - true false" };
  static const char *const last[] = { "2.5", "'abc', 'Bär'" };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *found = NULL;

      g_string_append_printf (text, "if(%s is null, null, text(%s in (", columns[i], columns[i]);
      for (guint n = 0; n < 4000; n++)
        g_string_append_printf (text, "%s%u%s, ", ends[i][0], 1000 - n % 900, ends[i][1]);
      g_string_append_printf (text, "%s)))", last[i]);
      found = expression_values (&rows, NULL, text->str, FANOUT_KIND_TEXT, " ", &error);
      ck_assert_msg (found != NULL, "%s", error != NULL ? error->message : "");
      ck_assert_str_eq (found, found_in[i]);
    }
}
END_TEST

/* A long chain of names is computed once each. */
START_TEST (many_definitions)
{
  const char *lets[2 * 60 + 1] = { "x0", "num(b)" };
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  for (guint i = 1; i < 60; i++)
    {
      char *name = g_strdup_printf ("x%u", i);
      char *text = g_strdup_printf ("x%u + x%u", i - 1, i - 1);

      g_ptr_array_add (owned, name);
      g_ptr_array_add (owned, text);
      lets[2 * i] = name;
      lets[2 * i + 1] = text;
    }
  found = expression_values (&rows, lets, "text(x59 / x58)", FANOUT_KIND_TEXT, " ", &error);
  ck_assert_msg (found != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (found, "2 - - 2");
}
END_TEST

/* Twice as long with each name: a short expression could take all the memory that there is. */
START_TEST (long_texts)
{
  enum
  {
    DOUBLED = 26
  };
  static const struct
  {
    const char *expression;
    const char *values;
  } long_cases[] = {
    { "size(x24)", "50331648" },
    { "size(concat(x24, x24))", "!(what concat() makes is longer than 64 MB, or 1 GB with what is "
                                "made of the rows beside it)" },
    { "size(replace(x24, x20, concat(x20, x20)))",
      "!(what replace() makes is longer than 64 MB, or 1 GB with "
      "what is made of the rows beside it)" },
    { "if(true, 1, size(x26))", "1" },
  };
  ExpressionRows one = { names, 1, { { "1", "2.5", "abc" } } };
  g_autoptr (GPtrArray) lets = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (lets, g_strdup ("x0"));
  g_ptr_array_add (lets, g_strdup ("s"));
  for (guint i = 1; i <= DOUBLED; i++)
    {
      g_ptr_array_add (lets, g_strdup_printf ("x%u", i));
      g_ptr_array_add (lets, g_strdup_printf ("concat(x%u, x%u)", i - 1, i - 1));
    }
  g_ptr_array_add (lets, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (long_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *found
          = expression_values (&one, (const char *const *) lets->pdata, long_cases[i].expression,
                               FANOUT_KIND_FREE, " ", &error);

      ck_assert_msg (found != NULL, "%s", error != NULL ? error->message : "");
      ck_assert_str_eq (found, long_cases[i].values);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("values");
  TCase *tests = tcase_create ("values");

  tcase_set_timeout (tests, 0);
  tcase_add_loop_test (tests, values, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tests, examples);
  tcase_add_test (tests, definitions);
  tcase_add_test (tests, long_lists);
  tcase_add_test (tests, many_definitions);
  tcase_add_test (tests, long_texts);
  suite_add_tcase (suite, tests);
  return suite;
}
