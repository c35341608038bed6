#include "core/base/error.h"
#include "tests/support/suite.h"

#include <check.h>

START_TEST (test_escape)
{
  static const struct
  {
    const char *text;
    gssize length;
    const char *escaped;
  } cases[] = {
    { "", -1, "" },
    { "a b", -1, "a b" },
    { "a\tb\r\n", -1, "a\\tb\\r\\n" },
    { "\x1B[0m\x7F", -1, "\\x1B[0m\\x7F" },
    { "a\0b", 3, "a\\x00b" },
    { "abc", 2, "ab" },
    { "\xC3\xA9", -1, "\xC3\xA9" },
    { "\xC3\xA9", 1, "\\xC3" },
    { "\xFF\xC3\xA9\x80", -1, "\\xFF\xC3\xA9\\x80" },
    { "\xC2\xA0", -1, "\\xC2\\xA0" },               /* no-break space */
    { "\xE2\x80\xAE", -1, "\\xE2\\x80\\xAE" },      /* right-to-left override */
    { "\xF0\x9F\x98\x80", -1, "\xF0\x9F\x98\x80" }, /* a face */
    { "\xED\xA0\x80", -1, "\\xED\\xA0\\x80" },      /* a surrogate */
    { "\xF8\x88\x80\x80\x80", 5, "\\xF8\\x88\\x80\\x80\\x80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = fanout_escape (cases[i].text, cases[i].length);
      g_autofree char *quoted = fanout_quote (cases[i].text, cases[i].length);
      g_autofree char *expected = g_strdup_printf ("'%s'", cases[i].escaped);

      ck_assert_str_eq (escaped, cases[i].escaped);
      ck_assert_str_eq (quoted, expected);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("error");
  TCase *tests = tcase_create ("error");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_escape);
  suite_add_tcase (suite, tests);
  return suite;
}
