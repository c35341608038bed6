/* What is said of expressions that are none, with the place. */

#include "tests/support/expression.h"
#include "tests/support/suite.h"

static const char *const names[] = { "a", "b", "delay", NULL };

static const ExpressionRows rows = { names, 1, { { "1", "2", "3" } } };

typedef struct
{
  const char *expression;
  FanoutVectorKind kind;
  const char *message;
} Case;

#define C FANOUT_KIND_CONDITION
#define N FANOUT_KIND_NUMBER
#define F FANOUT_KIND_FREE

static const Case cases[] = {
  { "", C,
    "the expression ends where a number, a 'text', a column, a function or a parenthesis is "
    "wanted\n"
    "  \n"
    "  ^" },
  { "delay >", C,
    "the expression ends where a number, a 'text', a column, a function or a parenthesis is "
    "wanted\n"
    "  delay >\n"
    "         ^" },
  { "delay > 15 and", C,
    "the expression ends where a number, a 'text', a column, a function or a parenthesis is "
    "wanted\n"
    "  delay > 15 and\n"
    "                ^" },
  { "delay 15", C,
    "'15' where an operator or the end is wanted\n"
    "  delay 15\n"
    "        ^^" },
  { "(delay > 15", C,
    "the expression ends where an operator or a closing parenthesis is wanted\n"
    "  (delay > 15\n"
    "             ^" },
  { "1 < delay < 3", C,
    "comparisons do not chain: say a < b and b < c, or between\n"
    "  1 < delay < 3\n"
    "            ^" },
  { "delay = 'x", C,
    "a text is never closed: a ' behind it is missing\n"
    "  delay = 'x\n"
    "          ^^" },
  { "delay && a", C,
    "'&' means nothing in an expression: conditions are joined by and, or\n"
    "  delay && a\n"
    "        ^" },
  { "2nd > 1", C,
    "'2nd' is no number, and no duration such as 500ms, 5m, 2h or 1d; a column of that name is "
    "written \"2nd\"\n"
    "  2nd > 1\n"
    "  ^^^" },
  { "a < b", C,
    "two columns side by side, as numbers or as texts? say num(a) and num(b), or text(a) and "
    "text(b)\n"
    "  a < b\n"
    "  ^^^^^" },
  { "a + 1 = 'x'", C,
    "a number beside a text: say num('x') or text(a + 1)\n"
    "  a + 1 = 'x'\n"
    "  ^^^^^^^^^^^" },
  { "time(a) > '2024-01-01'", C,
    "a time beside a text: say time('2024-01-01') or text(time(a))\n"
    "  time(a) > '2024-01-01'\n"
    "  ^^^^^^^^^^^^^^^^^^^^^^" },
  { "'x' + 1", F,
    "a text where a number is wanted: say num('x')\n"
    "  'x' + 1\n"
    "  ^^^" },
  { "a + 1", C,
    "a number where a condition is wanted: say a + 1 != 0\n"
    "  a + 1\n"
    "  ^^^^^" },
  { "a and b > 1", C,
    "a condition is wanted: say a = 'true', a != 0 or a is not null\n"
    "  a and b > 1\n"
    "  ^" },
  { "uper(a)", F,
    "no function 'uper'; did you mean 'upper'?\n"
    "  uper(a)\n"
    "  ^^^^" },
  { "qqqqq(a)", F,
    "no function 'qqqqq'; fanoutd functions lists them\n"
    "  qqqqq(a)\n"
    "  ^^^^^" },
  { "abs(a, b)", N,
    "2 arguments where abs(x) is wanted\n"
    "  abs(a, b)\n"
    "  ^^^^^^^^^" },
  { "row(a)", N,
    "1 argument where row() is wanted\n"
    "  row(a)\n"
    "  ^^^^^^" },
  { "a ~ '('", C,
    "no regular expression: missing closing parenthesis at character 2 of it\n"
    "  a ~ '('\n"
    "  ^^^^^^^" },
  { "a ~ b", C,
    "'b' where a regular expression in single quotes is wanted\n"
    "  a ~ b\n"
    "      ^" },
  { "match(a, 'x', 1)", F,
    "the pattern has no group '1'\n"
    "  match(a, 'x', 1)\n"
    "                ^" },
  { "sub(a, 'x', '\\2')", F,
    "\\2 names a group that the pattern does not have\n"
    "  sub(a, 'x', '\\2')\n"
    "              ^^^^" },
  { "time('yesterday')", F,
    "'yesterday' is no time that is known without a format: time(x, '%d.%m.%Y') reads others\n"
    "  time('yesterday')\n"
    "  ^^^^^^^^^^^^^^^^^" },
  { "time(a, '%Q')", F,
    "no %Q in a format: there are %Y %m %d %H %M %S %f %z %b %B %j %s %y %I %p %F %T %e %%\n"
    "  time(a, '%Q')\n"
    "          ^^^^" },
  { "hour(time(a), 'Europe/Berlim')", N,
    "no time zone 'Europe/Berlim': zones are called Europe/Berlin, America/New_York, UTC or "
    "+02:00\n"
    "  hour(time(a), 'Europe/Berlim')\n"
    "                ^^^^^^^^^^^^^^^" },
  { "bucket(a, 0)", N,
    "the width of buckets is above 0\n"
    "  bucket(a, 0)\n"
    "            ^" },
  { "a + 1mo", N,
    "a month, a quarter and a year are of different lengths: they are widths of bucket() alone\n"
    "  a + 1mo\n"
    "      ^^^" },
  { "a in (b)", C,
    "a list is of numbers and 'texts' alone: say x = a or x = b\n"
    "  a in (b)\n"
    "        ^" },
  { "a in (1, 'x')", C,
    "a number beside a text: say num('x') or text(a)\n"
    "  a in (1, 'x')\n"
    "  ^^^^^^^^^^^^" },
  { "a not 3", C,
    "'3' where in or between is wanted\n"
    "  a not 3\n"
    "        ^" },
  { "a is 3", C,
    "'3' where null (x is null, x is not null) is wanted\n"
    "  a is 3\n"
    "       ^" },
  { "nothing > 3", C,
    "no column 'nothing'\n"
    "  nothing > 3\n"
    "  ^^^^^^^" },
  { "$9 > 3", C,
    "no column $9\n"
    "  $9 > 3\n"
    "  ^^" },
  { "$0 > 3", C,
    "columns are numbered from $1 on\n"
    "  $0 > 3\n"
    "  ^^" },
  { "not", C,
    "the expression ends where a number, a 'text', a column, a function or a parenthesis is "
    "wanted\n"
    "  not\n"
    "     ^" },
  { "and", C,
    "'and' where a value (a column of that name is written in double quotes) is wanted\n"
    "  and\n"
    "  ^^^" },
  { "'ä' > 3", C,
    "a number beside a text: say num('ä') or text(3)\n"
    "  'ä' > 3\n"
    "  ^^^^^^^" },
};

START_TEST (mistakes)
{
  const Case *test = &cases[_i];
  g_autoptr (GError) error = NULL;
  g_autofree char *found
      = expression_values (&rows, NULL, test->expression, test->kind, " ", &error);

  ck_assert_msg (found == NULL, "%s gives %s", test->expression, found);
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (strcmp (error->message, test->message) == 0, "%s:\n%s\nwanted:\n%s",
                 test->expression, error->message, test->message);
}
END_TEST

static char *
repeat (const char *begin, guint n, const char *middle, const char *end)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, begin);
  g_string_append (text, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* Depth and length have bounds, so that no text can exhaust a stack. */
START_TEST (bounds)
{
  static const struct
  {
    const char *begin;
    guint n;
    const char *end;
    const char *message;
  } tests[] = {
    { "(", 99, ")", NULL },
    { "(", 100000, ")", "nested more than 100 deep\n" },
    { "not ", 100000, "", "nested more than 100 deep\n" },
    { "a + ", 4000, "", NULL },
    { "a + ", 100000, "", "an expression of more than 10000 words\n" },
    { "abs(", 100000, ")", "nested more than 100 deep\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *text = repeat (tests[i].begin, tests[i].n, "1", tests[i].end);
      g_autoptr (GError) error = NULL;
      g_autofree char *found
          = expression_values (&rows, NULL, text, FANOUT_KIND_NUMBER, " ", &error);

      if (tests[i].message == NULL)
        ck_assert_msg (found != NULL, "%s", error != NULL ? error->message : "");
      else
        ck_assert_msg (error != NULL && g_str_has_prefix (error->message, tests[i].message), "%s",
                       error != NULL ? error->message : "no error");
    }
}
END_TEST

static gint
find_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  (void) data;
  (void) name;
  (void) position;
  (void) takes;
  (void) error;
  return 0;
}

/* What is made of each other has a bound too, through whatever expressions. */
START_TEST (bounds_of_definitions)
{
  const FanoutNames any = { .column = find_column };
  g_autoptr (FanoutProgram) program = fanout_program_new (&any);
  g_autoptr (GPtrArray) made
      = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_expression_free);
  g_autofree char *text = repeat ("x + ", 1000, "1", "");
  g_autoptr (FanoutExpression) more = fanout_expression_parse ("x - 1", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      FanoutExpression *expression = fanout_expression_parse (text, NULL);

      g_ptr_array_add (made, expression);
      ck_assert (fanout_program_define (program, "x", expression, NULL));
    }
  ck_assert (fanout_program_add (program, more, FANOUT_KIND_NUMBER, NULL) >= 0);
  for (guint i = 0; error == NULL; i++)
    {
      ck_assert_uint_lt (i, 1000);
      (void) fanout_program_define (program, "x", more, &error);
    }
  ck_assert_msg (
      g_str_has_prefix (error->message, "made of others, which are made of others, more"), "%s",
      error->message);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("mistakes");
  TCase *tests = tcase_create ("mistakes");

  tcase_set_timeout (tests, 0);
  tcase_add_loop_test (tests, mistakes, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tests, bounds);
  tcase_add_test (tests, bounds_of_definitions);
  suite_add_tcase (suite, tests);
  return suite;
}
