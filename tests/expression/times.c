/* Times in the form that most have, which are read in a way of their own, against others. */

#include "tests/support/suite.h"

#include "core/expression/time-text.h"

#include <string.h>

/* The same time or none, and nothing is read behind its end. With an offset it is read byte by
 * byte. */
static void
expect_same (const char *text, gsize length)
{
  const gboolean zulu = length > 0 && (text[length - 1] | 0x20) == 'z';
  g_autofree char *exact = g_memdup2 (text, length);
  g_autoptr (GString) other = g_string_new_len (text, (gssize) length - (zulu ? 1 : 0));
  FanoutNumber one = fanout_number_decimal (0, 0);
  FanoutNumber two = fanout_number_decimal (0, 0);
  FanoutWide rooms[2];
  gboolean fine;

  g_string_append (other, "+00:00");
  fine = fanout_time_read (exact, length, NULL, &one, &rooms[0]);
  ck_assert_msg (fine == fanout_time_read (other->str, other->len, NULL, &two, &rooms[1]), "'%.*s'",
                 (int) length, text);
  if (!fine)
    return;
  ck_assert_msg (fanout_number_compare (one, two) == 0, "'%.*s'", (int) length, text);
  ck_assert_uint_eq (one.scale, two.scale);
  ck_assert (fanout_number_is_wide (one) || one.mantissa == two.mantissa);
}

START_TEST (each_byte_as_another)
{
  static const char *const texts[] = {
    "2025-07-01 07:59:43",          "2025-12-31T23:59:43Z",
    "0001-01-01t00:00:40.120",      "9999-12-31 23:59:59.9999999z",
    "1969-02-28 23:59:59,00000000", "2024-02-29 12:00:00.123456789012345678901234567",
  };
  static const char others[] = "09/:;  tTzZ.,x\0\x7f\x80\xff";

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize at = 0; at < strlen (texts[i]); at++)
      for (guint k = 0; k < sizeof others; k++)
        {
          g_autofree char *text = g_strdup (texts[i]);

          text[at] = others[k];
          expect_same (text, strlen (texts[i]));
        }
}
END_TEST

START_TEST (cut_at_each_byte)
{
  const char text[] = "2025-07-01 07:59:43.250000000";

  /* What is shorter than that is read in one way alone. */
  for (gsize length = strlen ("2025-07-01 07:59:43"); length < sizeof text; length++)
    expect_same (text, length);
}
END_TEST

START_TEST (each_day)
{
  for (guint year = 1896; year <= 2004; year++)
    for (guint month = 0; month <= 13; month++)
      for (guint day = 0; day <= 32; day++)
        {
          g_autofree char *text
              = g_strdup_printf ("%04u-%02u-%02u %02u:%02u:%02u.%u", year, month, day, day % 26,
                                 (year + 2 * day) % 62, (year * 7 + day) % 62, year * day);

          expect_same (text, strlen (text));
        }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("times");
  TCase *tests = tcase_create ("times");

  tcase_add_test (tests, each_byte_as_another);
  tcase_add_test (tests, cut_at_each_byte);
  tcase_add_test (tests, each_day);
  suite_add_tcase (suite, tests);
  return suite;
}
