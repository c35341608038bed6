/* Wide decimals: which texts are, and that a value has one form whatever it came from. */

#include "tests/support/numbers.h"
#include "tests/support/suite.h"
#include <fanout/kept.h>
#include <check.h>
#include <math.h>
#include <stdio.h>

static FanoutNumber
read_wide (const char *text, FanoutWide *room)
{
  FanoutNumber number = fanout_number_decimal (0, 0);
  gboolean rounded = TRUE;

  ck_assert_msg (fanout_number_parse_wide (text, strlen (text), &number, room, &rounded), "%s",
                 text);
  ck_assert_msg (!rounded, "%s", text);
  return number;
}

static const struct
{
  const char *text;
  const char *written; /* NULL: so */
} wides[] = {
  { "9223372036854775808", NULL },
  { "-9223372036854775808", NULL },
  { "18446744073709551615", NULL },
  { "+18446744073709551616.00", "18446744073709551616" },
  { "1e19", "10000000000000000000" },
  { "1e37", "10000000000000000000000000000000000000" },
  { "-1e-38", "-0.00000000000000000000000000000000000001" },
  { "0.0000000000000000001", NULL },
  { "10e-20", "0.0000000000000000001" },
  { "1234.567890123456789013", NULL },
  { "12345678901.123456789", NULL },
  { "99999999999999999999999999999999999999", NULL },
  { "-99999999999999999999999999999999999999", NULL },
  { "0.99999999999999999999999999999999999999", NULL },
  { "-00099999999999999999.999999999999999999000", "-99999999999999999.999999999999999999" },
  { "9.9999999999999999999999999999999999999e37", "99999999999999999999999999999999999999" },
  { "0.00000000000000000010000000000000000000000000000000000000000000e-19",
    "0.00000000000000000000000000000000000001" },
};

START_TEST (texts)
{
  for (guint i = 0; i < G_N_ELEMENTS (wides); i++)
    {
      FanoutWide room;
      FanoutWide again;
      char text[FANOUT_NUMBER_TEXT_MAX];
      const char *written = wides[i].written != NULL ? wides[i].written : wides[i].text;
      FanoutNumber x = read_wide (wides[i].text, &room);
      FanoutNumber y;
      FanoutDecimal decimal;
      double nearest;

      ck_assert (fanout_number_is_wide (x));
      ck_assert_uint_eq (fanout_number_format (x, text), strlen (text));
      ck_assert_str_eq (text, written);
      y = read_wide (text, &again);
      ck_assert_int_eq (fanout_number_compare (x, y), 0);
      ck_assert_uint_eq (fanout_number_hash (x), fanout_number_hash (y));
      ck_assert (fanout_decimal_set_number (&decimal, x));
      ck_assert (fanout_decimal_get_wide (&decimal, &y, &again));
      ck_assert_int_eq (fanout_number_compare (x, y), 0);
      nearest = strtod (text, NULL);
      ck_assert_uint_eq (bits_of (fanout_number_to_double (x)), bits_of (nearest));
    }
}
END_TEST

START_TEST (other_forms)
{
  static const char *const doubles[]
      = { "1e38",    "1e-39",   "100000000000000000000000000000000000001",
          "0.1e-38", "1.5e-38", "1e300",
          "-nan",    "inf",     "0.100000000000000000000000000000000000001" };
  static const char *const decimals[] = { "9223372036854775807",
                                          "-9223372036854775807",
                                          "1e-18",
                                          "1.000000000000000000",
                                          "1e18",
                                          "0.00000000000000000000000000000000000000000000" };
  FanoutWide room;
  FanoutNumber x;
  gboolean rounded;

  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    {
      ck_assert (fanout_number_parse_wide (doubles[i], strlen (doubles[i]), &x, &room, &rounded));
      ck_assert_msg (fanout_number_is_double (x), "%s", doubles[i]);
      ck_assert_msg (rounded == isfinite (x.real), "%s", doubles[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (decimals); i++)
    {
      ck_assert (fanout_number_parse_wide (decimals[i], strlen (decimals[i]), &x, &room, &rounded));
      ck_assert_msg (x.scale <= FANOUT_SCALE_MAX && !rounded, "%s", decimals[i]);
    }
  /* Without a room. */
  ck_assert (fanout_number_parse ("18446744073709551615", 20, &x, &rounded));
  ck_assert (fanout_number_is_double (x) && rounded);
}
END_TEST

/* Numbers of all forms in ascending order. */
static const char *const ascending[] = {
  "-inf",
  "-1e300",
  "-99999999999999999999999999999999999999",
  "-18446744073709551616.5",
  "-18446744073709551616",
  "-9223372036854775808",
  "-9223372036854775807.5",
  "-9223372036854775807",
  "-1",
  "-0.0000000000000000001",
  "-1e-38",
  "-1e-300",
  "0",
  "1e-300",
  "1e-38",
  "0.0000000000000000001",
  "0.1",
  "0.1000000000000000000000000001",
  "0.1000000000000000055511151231257827021181583404541015625", /* the double 0.1 */
  "0.10000000000000000555111512312578270212",
  "9007199254740993",
  "9007199254740993.00000000000000000001",
  "9223372036854775807",
  "9223372036854775807.12",
  "9223372036854775807.24",
  "9223372036854775808",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999999999999999999999",
  "1e300",
  "inf",
  "nan",
};

START_TEST (order)
{
  for (guint i = 0; i < G_N_ELEMENTS (ascending); i++)
    for (guint k = 0; k < G_N_ELEMENTS (ascending); k++)
      {
        FanoutWide rooms[2];
        FanoutNumber x = { .scale = 0 };
        FanoutNumber y = { .scale = 0 };
        const int wanted = (i > k) - (i < k);
        int found;

        fanout_number_parse_wide (ascending[i], strlen (ascending[i]), &x, &rooms[0], NULL);
        fanout_number_parse_wide (ascending[k], strlen (ascending[k]), &y, &rooms[1], NULL);
        found = fanout_number_compare (x, y);
        ck_assert_msg (wanted == (found > 0) - (found < 0), "%s %s: %d", ascending[i], ascending[k],
                       found);
      }
}
END_TEST

/* What is exactly a double as well as a wide decimal is one value. */
START_TEST (doubles_that_are_wide)
{
  static const struct
  {
    double real;
    const char *text;
  } equal[] = {
    { 0x1p63, "9223372036854775808" },
    { -0x1p64, "-18446744073709551616" },
    { 0x1p126, "85070591730234615865843651857942052864" },
    { 0x1.fffffffffffffp125, "85070591730234606421110686118651625472" },
    { 0x1p-38, "0.00000000000363797880709171295166015625" },
    { 1e22, "10000000000000000000000" },
  };
  FanoutWide rooms[2];

  for (guint i = 0; i < G_N_ELEMENTS (equal); i++)
    {
      const FanoutNumber real = fanout_number_double (equal[i].real);
      const FanoutNumber x = read_wide (equal[i].text, &rooms[0]);
      const FanoutNumber y = fanout_number_canonical_wide (real, &rooms[1]);

      ck_assert (fanout_number_is_wide (x));
      ck_assert_msg (fanout_number_is_wide (y), "%s", equal[i].text);
      ck_assert (y.wide->mantissa == x.wide->mantissa);
      ck_assert_uint_eq (y.wide->scale, x.wide->scale);
      ck_assert_int_eq (fanout_number_compare (x, real), 0);
      ck_assert_uint_eq (fanout_number_hash (x), fanout_number_hash (real));
    }
  ck_assert (fanout_number_is_double (
      fanout_number_canonical_wide (fanout_number_double (2e38), &rooms[0])));
  ck_assert (fanout_number_is_double (
      fanout_number_canonical_wide (fanout_number_double (0x1p-39), &rooms[0])));
  ck_assert (fanout_number_is_double (
      fanout_number_canonical_wide (fanout_number_double (0.1), &rooms[0])));
}
END_TEST

START_TEST (random_doubles)
{
  guint64 state = 7;

  for (guint i = 0; i < rounds (20000); i++)
    {
      FanoutWide rooms[2];
      FanoutNumber x = { .scale = 0 };
      FanoutNumber y;
      const FanoutUint128 m = ((FanoutUint128) next_random (&state) << 64 | next_random (&state))
                              >> (2 + next_random (&state) % 100);
      char text[FANOUT_NUMBER_TEXT_MAX];
      gsize length;

      if (!fanout_number_set_decimal (&x, i % 2 != 0 ? (FanoutInt128) m : -(FanoutInt128) m,
                                      (guint) (next_random (&state) % 39), &rooms[0]))
        continue;
      length = fanout_number_format (x, text);
      y = read_wide (text, &rooms[1]);
      ck_assert_msg (fanout_number_compare (x, y) == 0, "%s", text);
      ck_assert (fanout_number_is_wide (x) == fanout_number_is_wide (y));
      ck_assert_uint_eq (bits_of (fanout_number_to_double (x)), bits_of (strtod (text, NULL)));
      ck_assert_uint_lt (length, FANOUT_NUMBER_TEXT_MAX);
    }
}
END_TEST

START_TEST (kept)
{
  FanoutNumber number = { .scale = 0 };
  FanoutWide room;

  fanout_number_keep (&number, read_wide ("18446744073709551615", &room), NULL);
  room.mantissa = 1;
  ck_assert (number.wide->mantissa == (FanoutInt128) G_MAXUINT64);
  fanout_number_keep (&number, number, NULL);
  fanout_number_keep (&number, read_wide ("18446744073709551616", &room), NULL);
  ck_assert (number.wide != &room);
  fanout_number_keep (&number, fanout_number_decimal (5, 1), NULL);
  ck_assert_int_eq (number.mantissa, 5);
  fanout_number_keep (&number, read_wide ("1e30", &room), NULL);
  fanout_number_drop (&number, NULL);
  ck_assert_int_eq (number.mantissa, 0);
  ck_assert_uint_eq (number.scale, 0);
}
END_TEST

START_TEST (written)
{
  const FanoutWriting writing = { .decimal = ',', .thousands = "." };
  FanoutWide room;
  FanoutNumber x;
  char text[FANOUT_NUMBER_TEXT_MAX];

  ck_assert (fanout_number_parse_written_wide ("18.446.744.073.709.551.615,25", 29, &writing, &x,
                                               &room, NULL));
  fanout_number_format (x, text);
  ck_assert_str_eq (text, "18446744073709551615.25");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("wide");
  TCase *tests = tcase_create ("wide");

  tcase_add_test (tests, texts);
  tcase_add_test (tests, other_forms);
  tcase_add_test (tests, order);
  tcase_add_test (tests, doubles_that_are_wide);
  tcase_add_test (tests, random_doubles);
  tcase_add_test (tests, kept);
  tcase_add_test (tests, written);
  suite_add_tcase (suite, tests);
  return suite;
}
