/* Numbers that are written another way. */

#include "tests/support/suite.h"
#include <fanout/number.h>
#include <check.h>
#include <string.h>

static const struct
{
  const char *decimal, *thousands;
  const char *text;
  const char *wanted; /* NULL: no number */
} cases[] = {
  { ".", NULL, "1234.5", "1234.5" },
  { ".", NULL, "1,234", NULL },
  { ",", NULL, "1,5", "1.5" },
  { ",", NULL, "-,5", "-0.5" },
  { ",", NULL, "+5,", "5" },
  { ",", NULL, " \t1,5e3 ", "1500" },
  { ",", NULL, "1.5", NULL },
  { ",", NULL, "1,5,", NULL },
  { ",", NULL, "1,5.0", NULL },
  { ",", NULL, ",", NULL },
  { ",", NULL, "nan", "nan" },
  { ",", NULL, "-Infinity", "-inf" },
  { ",", ".", "1.234,5", "1234.5" },
  { ",", ".", "1.234.567", "1234567" },
  { ",", ".", "12", "12" },
  { ",", ".", "1234567,25", "1234567.25" },
  { ",", ".", "1.5", NULL },
  { ",", ".", "1.2345", NULL },
  { ",", ".", ".123", NULL },
  { ",", ".", "1..234", NULL },
  { ",", ".", "1.234,567.890", NULL },
  { ",", ".", "1.234.", NULL },
  { ".", ",", "-100,000.00", "-100000" },
  { ".", ",", "12,34,567", "1234567" },
  { ".", ",", "1,2,345", NULL },
  { ".", ",", "1234,567", NULL },
  { ".", ",", "1,234e2", "123400" },
  { ".", ",", "1.234,567", NULL },
  { ".", "'", "1'234.5", "1234.5" },
  { ".", " ", " 1 234 567.5 ", "1234567.5" },
  { ".", " ", "1 2", NULL },
  { ",", "\xE2\x80\xAF", "1\xE2\x80\xAF\x32\x33\x34,5", "1234.5" },
  { ",", "\xE2\x80\xAF", "1\xE2\x80\x32\x33\x34,5", NULL },
  { ",", ".", "", NULL },
  { ",", ".", "-", NULL },
};

START_TEST (test_case)
{
  const gsize length = strlen (cases[_i].text);
  g_autofree char *block = g_memdup2 (cases[_i].text, length);
  FanoutNumber number = fanout_number_decimal (7, 0);
  char text[FANOUT_NUMBER_TEXT_MAX];
  const char *reason;
  FanoutWriting writing;

  ck_assert (fanout_writing_set (&writing, cases[_i].decimal, cases[_i].thousands, &reason));
  ck_assert_int_eq (fanout_number_parse_written (block, length, &writing, &number, NULL),
                    cases[_i].wanted != NULL);
  fanout_number_format (number, text);
  ck_assert_str_eq (text, cases[_i].wanted != NULL ? cases[_i].wanted : "7");
}
END_TEST

START_TEST (test_long)
{
  const FanoutWriting writing = { ',', "." };
  g_autoptr (GString) text = g_string_new ("0,");
  FanoutNumber number;

  for (guint i = 0; i < 300; i++)
    g_string_append_c (text, '0');
  g_string_append (text, "5e300");
  ck_assert (fanout_number_parse_written (text->str, text->len, &writing, &number, NULL));
  ck_assert_int_eq (fanout_number_compare (number, fanout_number_decimal (5, 1)), 0);
}
END_TEST

START_TEST (test_refused)
{
  static const struct
  {
    const char *decimal, *thousands, *reason;
  } wrong[] = {
    { "", NULL, "the decimal mark is one" },     { ",,", NULL, "the decimal mark is one" },
    { "5", NULL, "the decimal mark is one" },    { "e", NULL, "the decimal mark is one" },
    { " ", NULL, "the decimal mark is one" },    { ",", ",", "are the same" },
    { ".", "..", "the mark between thousands" }, { ".", "7", "the mark between thousands" },
    { ".", "-", "the mark between thousands" },  { ".", "\xA0", "the mark between thousands" },
  };
  FanoutWriting writing = { ';', ":" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *reason = NULL;

      ck_assert (!fanout_writing_set (&writing, wrong[i].decimal, wrong[i].thousands, &reason));
      ck_assert_msg (strstr (reason, wrong[i].reason) != NULL, "%s", reason);
      ck_assert (writing.decimal == ';' && strcmp (writing.thousands, ":") == 0);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("number-writing");
  TCase *tests = tcase_create ("number-writing");

  tcase_add_loop_test (tests, test_case, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tests, test_long);
  tcase_add_test (tests, test_refused);
  suite_add_tcase (suite, tests);
  return suite;
}
