/* Text to number: which are decimals, which doubles, and which bits. */

#include "tests/support/suite.h"
#include "core/number/fast.h"
#include "tests/support/numbers.h"
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From a block of exactly that size, so that tools see a byte read beyond. */
static gboolean
parse (const char *text, FanoutNumber *number, gboolean *rounded)
{
  const gsize length = strlen (text);
  char *block = g_malloc (MAX (length, 1));
  gboolean good;

  memcpy (block, text, length);
  good = fanout_number_parse (block, length, number, rounded);
  g_free (block);
  return good;
}

typedef struct
{
  const char *text;
  gint64 mantissa;
  guint8 scale;
} Decimal;

static const Decimal decimals[] = {
  { "0", 0, 0 },
  { "-0", 0, 0 },
  { "+0.000", 0, 0 },
  { "0e5", 0, 0 },
  { "0e999999999999999999999999", 0, 0 },
  { "-0.0e-999999999999999999999999", 0, 0 },
  { "0000000000000000000000000000000000", 0, 0 },
  { "7", 7, 0 },
  { "+7", 7, 0 },
  { "-7", -7, 0 },
  { "007", 7, 0 },
  { ".5", 5, 1 },
  { "5.", 5, 0 },
  { "-.5", -5, 1 },
  { "+5.", 5, 0 },
  { "1.50", 15, 1 },
  { "1.5000000000000000000000000000", 15, 1 },
  { "100.000", 100, 0 },
  { "1e3", 1000, 0 },
  { "1E3", 1000, 0 },
  { "1e+3", 1000, 0 },
  { "1.e3", 1000, 0 },
  { ".1e1", 1, 0 },
  { "2.5E-4", 25, 5 },
  { "1e-18", 1, 18 },
  { "10e-19", 1, 18 },
  { "1000000000000000000000e-21", 1, 0 },
  { "0.000000000000000001", 1, 18 },
  { "9223372036854775807", G_MAXINT64, 0 },
  { "-9223372036854775807", -G_MAXINT64, 0 },
  { "9223372036854775807.", G_MAXINT64, 0 },
  { "9223372036854775807.000000", G_MAXINT64, 0 },
  { "9.223372036854775807", G_MAXINT64, 18 },
  { "-9.223372036854775807", -G_MAXINT64, 18 },
  { "92233720368547758070e-1", G_MAXINT64, 0 },
  { "9223372036854775.807e3", G_MAXINT64, 0 },
  { "9e18", 9000000000000000000, 0 },
  { "0.9e19", 9000000000000000000, 0 },
  { "  12\t", 12, 0 },
  { "\t -1.25e1  ", -125, 1 },
  { "1700000000000000000", 1700000000000000000, 0 },
  { "00000000000000000000000001.25", 125, 2 },
  { "12345678.87654321", 1234567887654321, 8 },
};

START_TEST (texts_of_decimals)
{
  for (gsize i = 0; i < G_N_ELEMENTS (decimals); i++)
    {
      FanoutNumber number;
      gboolean rounded = TRUE;

      ck_assert_msg (parse (decimals[i].text, &number, &rounded), "%s", decimals[i].text);
      ck_assert_msg (number.mantissa == decimals[i].mantissa && number.scale == decimals[i].scale,
                     "%s is %" G_GINT64_FORMAT "/%d", decimals[i].text, number.mantissa,
                     number.scale);
      ck_assert (!rounded);
      ck_assert (parse (decimals[i].text, &number, NULL));
    }
}
END_TEST

typedef struct
{
  const char *text;
  guint64 bits;
  gboolean rounded;
} Double;

static const Double doubles[] = {
  { "9223372036854775808", 0x43e0000000000000, FALSE },
  { "-9223372036854775808", 0xc3e0000000000000, FALSE },
  { "9223372036854775809", 0x43e0000000000000, TRUE },
  { "1e19", 0x43e158e460913d00, FALSE },
  { "1e22", 0x4480f0cf064dd592, FALSE },
  { "1e23", 0x44b52d02c7e14af6, TRUE },
  { "1.5e23", 0x44bfc3842bd1f072, TRUE },
  { "18446744073709551615", 0x43f0000000000000, TRUE },
  { "18446744073709551616", 0x43f0000000000000, FALSE },
  { "18446744073709551616.0", 0x43f0000000000000, FALSE },
  { "18446744073709551616.5", 0x43f0000000000000, TRUE },
  { "36893488147419103232", 0x4400000000000000, FALSE },
  { "36893488147419103233", 0x4400000000000000, TRUE },
  { "340282366920938463463374607431768211456", 0x47f0000000000000, FALSE },
  { "340282366920938463463374607431768211457", 0x47f0000000000000, TRUE },
  { "123456789012345678901234567890", 0x45f8ee90ff6c373e, TRUE },
  { "1090544144181609348671888949248", 0x462b8779f2474dfa, TRUE },
  { "10905441441816093e14", 0x462b8779f2474dfa, TRUE },
  { "1e-19", 0x3bfd83c94fb6d2ac, TRUE },
  { "0.1000000000000000055511151231257827021181583404541015625", 0x3fb999999999999a, FALSE },
  { "0.500000000000000166533453693773481063544750213623046875", 0x3fe0000000000002, TRUE },
  { "1.00000000000000011102230246251565404236316680908203125", 0x3ff0000000000000, TRUE },
  { "1.000000000000000111022302462515654042363166809082031250000000000000000000000001",
    0x3ff0000000000001, TRUE },
  { "1.00000000000000033306690738754696212708950042724609375", 0x3ff0000000000002, TRUE },
  { "9007199254740993.00000000000000000000000001", 0x4340000000000001, TRUE },
  { "3.518437208883201171875e13", 0x42c0000000000002, TRUE },
  { "62.5364939768271845828", 0x404f44abd5aa7ca4, TRUE },
  { "2.2250738585072011e-308", 0x000fffffffffffff, TRUE },
  { "2.2250738585072012e-308", 0x0010000000000000, TRUE },
  { "6.631236846766476e-316", 0x0000000008000000, TRUE },
  { "3.2378839133029013e-319", 0x0000000000010000, TRUE },
  { "4.9406564584124654e-324", 0x0000000000000001, TRUE },
  { "2.4703282292062328e-324", 0x0000000000000001, TRUE },
  { "2.4703282292062327e-324", 0x0000000000000000, TRUE },
  { "-2.4703282292062327e-324", 0x8000000000000000, TRUE },
  { "1e-324", 0x0000000000000000, TRUE },
  { "-1e-999999999999", 0x8000000000000000, TRUE },
  { "1.7976931348623157e308", 0x7fefffffffffffff, TRUE },
  { "1.7976931348623158e308", 0x7fefffffffffffff, TRUE },
  { "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775"
    "87"
    "2070963302864166928879109465555478519404026306574886715058206819089020007083836762738548458177"
    "11"
    "5317644757302700698555713669596228429148198608349364752927190741684443655107043427115596995080"
    "93"
    "042880177904174497791.999",
    0x7fefffffffffffff, TRUE },
  { "inf", 0x7ff0000000000000, FALSE },
  { "-inf", 0xfff0000000000000, FALSE },
  { "+Infinity", 0x7ff0000000000000, FALSE },
  { " INFINITY\t", 0x7ff0000000000000, FALSE },
  { "nan", 0x7ff8000000000000, FALSE },
  { "-NaN", 0x7ff8000000000000, FALSE },
  { "NAN", 0x7ff8000000000000, FALSE },
};

START_TEST (texts_of_doubles)
{
  for (gsize i = 0; i < G_N_ELEMENTS (doubles); i++)
    {
      FanoutNumber number;
      gboolean rounded = !doubles[i].rounded;

      ck_assert_msg (parse (doubles[i].text, &number, &rounded), "%s", doubles[i].text);
      ck_assert_msg (number.scale == FANOUT_SCALE_DOUBLE, "%s", doubles[i].text);
      ck_assert_msg (bits_of (number.real) == doubles[i].bits, "%s is %a", doubles[i].text,
                     number.real);
      ck_assert_msg (rounded == doubles[i].rounded, "%s", doubles[i].text);
    }
}
END_TEST

START_TEST (texts_of_no_number)
{
  static const char *const texts[] = { "",
                                       " ",
                                       "\t",
                                       "+",
                                       "-",
                                       ".",
                                       "-.",
                                       "+-1",
                                       "--1",
                                       "1-",
                                       "1 2",
                                       "- 1",
                                       "1_000",
                                       "1,234",
                                       "12%",
                                       "0x10",
                                       "0x1p3",
                                       "1e",
                                       "1e+",
                                       "e5",
                                       ".e5",
                                       "1e5.0",
                                       "1.2.3",
                                       "1..2",
                                       "1e 5",
                                       "1e5 x",
                                       "\n1",
                                       "1\n",
                                       "1\r",
                                       "\v1",
                                       "1d5",
                                       "1f",
                                       "infin",
                                       "in",
                                       "na",
                                       "nan(1)",
                                       "infinit",
                                       "nano",
                                       "infinityx",
                                       "i",
                                       "1e309",
                                       "-1e309",
                                       "2e308",
                                       "1e999999999999999999999",
                                       "$1",
                                       ("\xc2\xa0"
                                        "1"),
                                       "१",
                                       "1.7976931348623159e308",
                                       "179769313486231580793e289",
                                       "1e5e5",
                                       "1+1",
                                       "'1'",
                                       "\"1\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      FanoutNumber number = fanout_number_decimal (77, 7);
      gboolean rounded = 55;

      ck_assert_msg (!parse (texts[i], &number, &rounded), "%s", texts[i]);
      ck_assert (number.mantissa == 77 && number.scale == 7 && rounded == 55);
    }
  {
    FanoutNumber number;

    ck_assert (!fanout_number_parse ("1\0002", 3, &number, NULL));
    ck_assert (!fanout_number_parse ("1\0", 2, &number, NULL));
    ck_assert (fanout_number_parse ("123", 2, &number, NULL));
    ck_assert_int_eq (number.mantissa, 12);
  }
}
END_TEST

/* A random text of the grammar. */
static gsize
random_text (guint64 *random, char *text)
{
  static const guint lengths[] = { 4, 10, 19, 25, 40, 120 };
  const guint n_digits = 1 + (guint) (next_random (random) % lengths[next_random (random) % 6]);
  const guint point = (guint) (next_random (random) % (2 * n_digits + 1));
  const guint zeros = next_random (random) % 4 == 0 ? (guint) (next_random (random) % n_digits) : 0;
  char *p = text;

  if (next_random (random) % 2 == 0)
    *p++ = "-+"[next_random (random) % 4 == 0];
  for (guint i = 0; i < n_digits; i++)
    {
      if (i == point)
        *p++ = '.';
      *p++ = (char) (i + zeros >= n_digits ? '0' : '0' + (char) (next_random (random) % 10));
    }
  if (point == n_digits)
    *p++ = '.';
  *p = '\0';
  if (next_random (random) % 2 == 0)
    {
      static const gint spans[] = { 7, 41, 700 };
      const gint span = spans[next_random (random) % 3];
      const gint exponent = (gint) (next_random (random) % (guint64) span) - span / 2;

      p += sprintf (p, "%c%d", "eE"[next_random (random) % 2], exponent);
    }
  return (gsize) (p - text);
}

/* The value in the form that is not left with zeros. */
static FanoutNumber
without_zeros (gint64 mantissa, guint8 scale)
{
  return fanout_number_canonical (fanout_number_decimal (mantissa, scale));
}

static void
check_random_text (guint64 *random)
{
  char text[256];
  char block[512];
  const gsize length = random_text (random, text);
  char *field = block + 64;
  const double expected = strtod (text, NULL);
  FanoutNumber number;
  FanoutNumber fast;
  gboolean rounded;
  gint64 mantissa = 0;
  gint64 other = 0;
  guint8 scale = 0;
  guint8 other_scale = 0;
  gboolean is_short;

  if (isinf (expected))
    {
      ck_assert_msg (!parse (text, &number, NULL), "%s", text);
      return;
    }
  ck_assert_msg (parse (text, &number, NULL), "%s", text);
  if (fanout_number_is_double (number))
    ck_assert_msg (bits_of (number.real) == bits_of (expected), "%s is %a", text, number.real);
  else
    {
      ck_assert (number.scale == 0 || number.mantissa % 10 != 0);
      ck_assert_msg (fanout_number_to_double (number) == expected, "%s", text);
    }

  /* The same from the middle of something else. */
  memset (block, "9.-5 ,\n\xff"[next_random (random) % 8], sizeof block);
  memcpy (field, text, length);
  ck_assert (parse_number (field, length, &fast, NULL, &rounded));
  ck_assert_msg (fanout_number_is_double (fast) == fanout_number_is_double (number)
                     && (fanout_number_is_double (fast)
                             ? bits_of (fast.real) == bits_of (number.real)
                             : fanout_number_compare (fast, number) == 0),
                 "%s", text);
  is_short = strpbrk (text, "+eE") == NULL && length - (text[0] == '-') <= 16;
  ck_assert_msg (parse_short (field, length, &mantissa, &scale) == is_short, "%s", text);
  ck_assert_msg (parse_short_portable (field, length, &other, &other_scale) == is_short, "%s",
                 text);
  ck_assert_msg (mantissa == other && scale == other_scale, "%s", text);
  if (is_short)
    {
      const FanoutNumber value = without_zeros (mantissa, scale);

      ck_assert_msg (value.mantissa == number.mantissa && value.scale == number.scale, "%s", text);
    }
}

START_TEST (random_texts)
{
  guint64 random = 1;

  for (guint i = 0; i < rounds (150000); i++)
    check_random_text (&random);
}
END_TEST

START_TEST (short_fields)
{
  static const char *const texts[] = { "",
                                       ".",
                                       "-",
                                       "-.",
                                       "1.2.3",
                                       "..",
                                       "1-",
                                       "--1",
                                       "1 ",
                                       " 1",
                                       "1e5",
                                       "+1",
                                       "12345678901234567",
                                       "/1",
                                       ":1",
                                       "1:",
                                       "\xb1",
                                       "\xff\xff",
                                       ("1\xb1"
                                        "2"),
                                       "0x1",
                                       "nan",
                                       "1234567.12345678.",
                                       "1..",
                                       "-12345678.9012.45",
                                       "00000000000000000.",
                                       ".................",
                                       "1,5" };
  char block[256];

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (const char *around = "0.-,\xff"; *around != '\0'; around++)
      {
        gint64 mantissa;
        guint8 scale;

        memset (block, *around, sizeof block);
        memcpy (block + 64, texts[i], strlen (texts[i]));
        ck_assert_msg (!parse_short (block + 64, strlen (texts[i]), &mantissa, &scale), "%s",
                       texts[i]);
        ck_assert_msg (!parse_short_portable (block + 64, strlen (texts[i]), &mantissa, &scale),
                       "%s", texts[i]);
      }
}
END_TEST

START_TEST (long_fields)
{
  static const struct
  {
    const char *text;
    gint64 mantissa;
    gint scale; /* -1: not this way */
  } cases[] = {
    { "12345678901234567", 12345678901234567, 0 },
    { "-1234567890123456789", -1234567890123456789, 0 },
    { "9223372036854775807", G_MAXINT64, 0 },
    { "-9223372036854775807", -G_MAXINT64, 0 },
    { "9223372036854775808", 0, -1 },
    { "9999999999999999999", 0, -1 },
    { "0000000000000000000000000000012", 12, 0 },
    { "00000000000000000000000000000012", 12, 0 },
    { "000000000000000000000000000000012", 0, -1 },
    { "0.12345678901234567", 12345678901234567, 17 },
    { "-0.123456789012345678", -123456789012345678, 18 },
    { "0.1234567890123456789", 0, -1 },
    { "1234567890123456.7", 12345678901234567, 1 },
    { "1234567890123456789.", 1234567890123456789, 0 },
    { ".123456789012345678", 123456789012345678, 18 },
    { "12345678.90123456.7", 0, -1 },
    { "1234567890123456x7", 0, -1 },
    { "12345678901234567e3", 0, -1 },
    { "1234567890 12345678", 0, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char block[256];
      gint64 mantissa = 0;
      guint8 scale = 0;

      memset (block, '7', sizeof block);
      memcpy (block + 64, cases[i].text, strlen (cases[i].text));
      for (guint k = 0; k < 2; k++)
        {
          const gsize length = strlen (cases[i].text);
          const gboolean taken = k == 0
                                     ? parse_long (block + 64, length, &mantissa, &scale)
                                     : parse_long_portable (block + 64, length, &mantissa, &scale);

          ck_assert_msg (taken == (cases[i].scale >= 0), "%s", cases[i].text);
          if (taken)
            ck_assert_msg (mantissa == cases[i].mantissa && scale == cases[i].scale, "%s",
                           cases[i].text);
          mantissa = scale = 0;
        }
    }
}
END_TEST

/* Halfway between neighbours, and one in the last of about 780 digits on either side. */
static void
check_halfway (guint64 bits)
{
  const long double low = double_of (bits);
  const long double half = low + ((long double) double_of (bits + 1) - low) / 2;
  const guint64 even = bits + (bits & 1);
  char text[1200];
  char *exponent;
  char *last;
  FanoutNumber number;

  /* Valgrind computes with 64 bits, and has no half. */
  if (half <= low || half >= double_of (bits + 1))
    return;
  snprintf (text, sizeof text, "%.800Le", half);
  exponent = strchr (text, 'e');
  ck_assert (parse (text, &number, NULL));
  /* A few of them have so few digits that they are decimals. */
  ck_assert_msg (bits_of (fanout_number_to_double (number)) == even, "%s", text);

  last = exponent - 1;
  *last = '1';
  ck_assert (parse (text, &number, NULL));
  ck_assert_msg (bits_of (number.real) == bits + 1, "%s", text);

  *last = '0';
  while (*last == '0' || *last == '.')
    {
      if (*last == '0')
        *last = '9';
      last--;
    }
  (*last)--;
  ck_assert (parse (text, &number, NULL));
  ck_assert_msg (bits_of (number.real) == bits, "%s", text);
}

START_TEST (halfway_cases)
{
  guint64 random = 2;

  check_halfway (0);
  check_halfway (1);
  check_halfway (2);
  check_halfway (0x000fffffffffffff);
  check_halfway (0x0010000000000000);
  check_halfway (0x001fffffffffffff);
  check_halfway (0x7feffffffffffffe);
  check_halfway (bits_of (1));
  check_halfway (bits_of (1) - 1);
  check_halfway (bits_of (9007199254740992.0));
  for (guint i = 0; i < rounds (2000); i++)
    check_halfway (next_random (&random) % 0x7feffffffffffffe);
  for (guint i = 0; i < rounds (300); i++)
    check_halfway (next_random (&random) % 0x0020000000000000);
}
END_TEST

START_TEST (decimals_to_doubles)
{
  guint64 random = 3;
  char text[64];

  for (guint i = 0; i < rounds (150000); i++)
    {
      gint64 mantissa = (gint64) (next_random (&random) >> (next_random (&random) % 64));
      const guint8 scale = (guint8) (next_random (&random) % 19);

      /* Just above 2^53, where a second rounding would show. */
      if (i % 4 == 0)
        mantissa = ((gint64) ((guint64) 1 << 53) + (gint64) (next_random (&random) % 64) - 32)
                   * (gint64) (1 + next_random (&random) % 1023);
      if (i % 2 == 0)
        mantissa = -mantissa;
      snprintf (text, sizeof text, "%" G_GINT64_FORMAT "e-%d", mantissa, scale);
      ck_assert_msg (bits_of (fanout_decimal_to_double (mantissa, scale))
                         == bits_of (mantissa == 0 ? 0 : strtod (text, NULL)),
                     "%s", text);
    }
  ck_assert (fanout_decimal_to_double (G_MININT64, 0) == -9223372036854775808.0);
  ck_assert (fanout_decimal_to_double (G_MININT64, 18) == -9.223372036854775808);
}
END_TEST

START_TEST (locales_do_not_matter)
{
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8" };
  FanoutNumber number;
  char text[FANOUT_NUMBER_TEXT_MAX];

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (setlocale (LC_ALL, names[i]) != NULL)
      break;
  ck_assert (fanout_number_parse ("1.25", 4, &number, NULL));
  ck_assert_int_eq (number.mantissa, 125);
  ck_assert (!fanout_number_parse ("1,25", 4, &number, NULL));
  ck_assert (fanout_number_parse ("1.25e-30", 8, &number, NULL));
  fanout_number_format (number, text);
  ck_assert_str_eq (text, "1.25e-30");
  setlocale (LC_ALL, "C");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("number");
  TCase *tests = tcase_create ("number");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, texts_of_decimals);
  tcase_add_test (tests, texts_of_doubles);
  tcase_add_test (tests, texts_of_no_number);
  tcase_add_test (tests, random_texts);
  tcase_add_test (tests, short_fields);
  tcase_add_test (tests, long_fields);
  tcase_add_test (tests, halfway_cases);
  tcase_add_test (tests, decimals_to_doubles);
  tcase_add_test (tests, locales_do_not_matter);
  suite_add_tcase (suite, tests);
  return suite;
}
