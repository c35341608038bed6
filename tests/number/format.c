/* Numbers as text, their order and their wide decimals. */

#include "tests/support/suite.h"
#include "tests/support/numbers.h"
#include <check.h>
#include <fanout/number.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST (texts_of_doubles)
{
  static const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.0, "0" },
    { -0.0, "-0" },
    { 1.0, "1" },
    { -1.5, "-1.5" },
    { 0.1, "0.1" },
    { 0.3, "0.3" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666" },
    { 100, "100" },
    { 1e6, "1000000" },
    { 123456789.125, "123456789.125" },
    { 9007199254740991.0, "9007199254740991" },
    { 9007199254740992.0, "9007199254740992" },
    { 9007199254740994.0, "9007199254740994" },
    { 9007199254740996.0, "9007199254740996" },
    { -9007199254740993.0, "-9007199254740992" },
    { 4503599627370495.5, "4503599627370495.5" },
    { 36028797018963968.0, "36028797018963970" },
    { 18446744073709551616.0, "18446744073709552000" },
    { 123456789012345680000.0, "123456789012345680000" },
    { 999999999999999900000.0, "999999999999999900000" },
    { 1e20, "100000000000000000000" },
    { 1e21, "1e21" },
    { 1.5e21, "1.5e21" },
    { 1e22, "1e22" },
    { 1e23, "1e23" },
    { 9.999999999999999e22, "1e23" },
    { 1e-6, "0.000001" },
    { 1.5e-6, "0.0000015" },
    { -1.2345678901234567e-6, "-0.0000012345678901234567" },
    { 9.999999999999997e-7, "9.999999999999997e-7" },
    { 1e-7, "1e-7" },
    { -1.5e-7, "-1.5e-7" },
    { 5e-324, "5e-324" },
    { 1e-323, "1e-323" },
    { 2.225073858507201e-308, "2.225073858507201e-308" },
    { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    { 1.7976931348623157e308, "1.7976931348623157e308" },
    { -1.7976931348623157e308, "-1.7976931348623157e308" },
    /* Powers of two, where the neighbour below is nearer; Ryu's and others' hard cases. */
    { 5.960464477539063e-08, "5.960464477539063e-8" },
    { 9.5367431640625e-07, "9.5367431640625e-7" },
    { 2.98023223876953125e-8, "2.9802322387695312e-8" },
    { 4.35029e+186, "4.35029e186" },
    { -2.109808898695963E16, "-21098088986959630" },
    { 4.940656E-318, "4.940656e-318" },
    { 1.18575755E-316, "1.18575755e-316" },
    { 2.989102097996E-312, "2.989102097996e-312" },
    { 9.0608011534336E15, "9060801153433600" },
    { 4.708356024711512E18, "4708356024711512000" },
    { 9.409340012568248E18, "9409340012568248000" },
    { 1.2345678E20, "123456780000000000000" },
    { 1.9430376160308388E16, "19430376160308388" },
    { -6.9741824662760956E19, "-69741824662760956000" },
    { 4.3816050601147837E18, "4381605060114783700" },
    { 1.8531501765868567E21, "1.8531501765868567e21" },
    { -3.347727380279489E33, "-3.347727380279489e33" },
    { 2.0919495182368195E19, "20919495182368195000" },
    { 8.371857850713801E298, "8.3718578507138e298" },
    { (double) NAN, "nan" },
    { (double) INFINITY, "inf" },
    { -(double) INFINITY, "-inf" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char text[FANOUT_NUMBER_TEXT_MAX];
      const gsize length = fanout_double_format (cases[i].value, text);

      ck_assert_str_eq (text, cases[i].text);
      ck_assert_uint_eq (length, strlen (text));
      ck_assert_uint_eq (fanout_number_format (fanout_number_double (cases[i].value), text),
                         length);
      ck_assert_str_eq (text, cases[i].text);
    }
}
END_TEST

/* The digits of a text, without point, sign, exponent and zeros at the ends. */
static void
significant (const char *text, char *digits)
{
  gsize n = 0;

  for (; *text != '\0' && *text != 'e'; text++)
    if (g_ascii_isdigit (*text) && (n > 0 || *text != '0'))
      digits[n++] = *text;
  while (n > 0 && digits[n - 1] == '0')
    n--;
  digits[n] = '\0';
}

static void
check_shortest (double value)
{
  char text[FANOUT_NUMBER_TEXT_MAX + 8];
  char other[64];
  char digits[64];
  char other_digits[64];
  const double magnitude = fabs (value);
  gsize length;
  int n_digits;
  FanoutNumber number;

  memset (text, '#', sizeof text);
  length = fanout_double_format (value, text);
  ck_assert (length < FANOUT_NUMBER_TEXT_MAX && text[FANOUT_NUMBER_TEXT_MAX] == '#');
  ck_assert_msg (bits_of (strtod (text, NULL)) == bits_of (value), "%a is %s", value, text);
  ck_assert (fanout_number_parse (text, length, &number, NULL));
  ck_assert (value == 0 || bits_of (fanout_number_to_double (number)) == bits_of (value));
  ck_assert_msg ((strchr (text, 'e') != NULL)
                     == (value != 0 && (magnitude < 1e-6 || magnitude >= 1e21)),
                 "%s", text);

  /* The nearest text of each length; above a power of two a shorter one may do that is not it. */
  significant (text, digits);
  n_digits = (int) strlen (digits);
  if (n_digits > 1)
    {
      snprintf (other, sizeof other, "%.*e", n_digits - 2, value);
      ck_assert_msg (strtod (other, NULL) != value, "%s, not %s", text, other);
    }
  snprintf (other, sizeof other, "%.*e", MAX (n_digits, 1) - 1, value);
  if ((bits_of (value) & 0xfffffffffffff) == 0 && strtod (other, NULL) != value)
    return;
  significant (other, other_digits);
  ck_assert_msg (strcmp (digits, other_digits) == 0, "%s, not %s", text, other);
}

START_TEST (shortest_texts)
{
  guint64 random = 1;

  for (guint i = 0; i < rounds (150000); i++)
    {
      guint64 bits = next_random (&random);

      if (i % 16 == 1)
        bits &= ((guint64) 1 << 63) | (((guint64) 1 << 52) - 1);
      if (i % 16 == 2)
        bits = bits_of (round (ldexp ((double) (gint64) bits, -30)) / 1000);
      if (isfinite (double_of (bits)))
        check_shortest (double_of (bits));
    }
  for (int e = -1074; e < 1024; e += RUNNING_ON_VALGRIND ? 50 : 1)
    {
      check_shortest (ldexp (1, e));
      check_shortest (nextafter (ldexp (1, e), 0));
      check_shortest (nextafter (ldexp (1, e), INFINITY));
    }
}
END_TEST

START_TEST (texts_of_decimals)
{
  static const struct
  {
    gint64 mantissa;
    guint8 scale;
    const char *text;
  } cases[] = {
    { 0, 0, "0" },
    { 0, 18, "0" },
    { 7, 0, "7" },
    { -7, 0, "-7" },
    { 100, 0, "100" },
    { 100, 2, "1" },
    { 150, 2, "1.5" },
    { -5, 1, "-0.5" },
    { 5, 3, "0.005" },
    { 50, 3, "0.05" },
    { 12345, 2, "123.45" },
    { G_MAXINT64, 0, "9223372036854775807" },
    { -G_MAXINT64, 0, "-9223372036854775807" },
    { G_MAXINT64, 18, "9.223372036854775807" },
    { -1, 18, "-0.000000000000000001" },
    { G_MININT64, 0, "-9223372036854775808" },
    { 1000000000000000000, 18, "1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FanoutNumber number = fanout_number_decimal (cases[i].mantissa, cases[i].scale);
      char text[FANOUT_NUMBER_TEXT_MAX];

      ck_assert_uint_eq (fanout_number_format (number, text), strlen (cases[i].text));
      ck_assert_str_eq (text, cases[i].text);
    }
}
END_TEST

typedef struct
{
  const char *integer;
  guint8 scale;
  const char *text;
  guint64 bits; /* of the nearest double */
} Wide;

/* Computed with Python's integers and fractions. */
static const Wide wides[] = {
  { "0", 0, "0", 0x0000000000000000 },
  { "0", 72, "0", 0x0000000000000000 },
  { "1", 72, "0.000000000000000000000000000000000000000000000000000000000000000000000001",
    0x30fc45016d841baa },
  { "-1", 72, "-0.000000000000000000000000000000000000000000000000000000000000000000000001",
    0xb0fc45016d841baa },
  { "1000000000000000000000000000000000000000000000000000000000000000000000000", 72, "1",
    0x3ff0000000000000 },
  { "-1000000000000000000000000000000000000000000000000000000000000000000000000", 72, "-1",
    0xbff0000000000000 },
  { "1067993517960455041197510853084776057301352261178326384973520803911109862890320275011481043468"
    "287",
    0,
    "1067993517960455041197510853084776057301352261178326384973520803911109862890320275011481043468"
    "287",
    0x53e0000000000000 },
  { "-106799351796045504119751085308477605730135226117832638497352080391110986289032027501148104346"
    "8288",
    0,
    "-106799351796045504119751085308477605730135226117832638497352080391110986289032027501148104346"
    "8288",
    0xd3e0000000000000 },
  { "1067993517960455041197510853084776057301352261178326384973520803911109862890320275011481043468"
    "287",
    72,
    "1067993517960455041197510."
    "853084776057301352261178326384973520803911109862890320275011481043468287",
    0x44ec45016d841baa },
  { "-106799351796045504119751085308477605730135226117832638497352080391110986289032027501148104346"
    "8288",
    72,
    "-1067993517960455041197510."
    "853084776057301352261178326384973520803911109862890320275011481043468288",
    0xc4ec45016d841baa },
  { "18446744073709551616", 0, "18446744073709551616", 0x43f0000000000000 },
  { "18446744073709551616", 5, "184467440737095.51616", 0x42e4f8b588e368f1 },
  { "10000000000000000000", 0, "10000000000000000000", 0x43e158e460913d00 },
  { "10000000000000000000", 1, "1000000000000000000", 0x43abc16d674ec800 },
  { "100000000000000000000000000000000000000", 0, "100000000000000000000000000000000000000",
    0x47d2ced32a16a1b1 },
  { "99999999999999999999999999999999999999", 3, "99999999999999999999999999999999999.999",
    0x4733426172c74d82 },
  { "-1000000000000000000000000000000000000000000000000000000000", 57, "-1", 0xbff0000000000000 },
  { "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00",
    20, "1000000000000000000000000000000000000000000000000000000000000000000000000000",
    0x4f81afd6ec0e1411 },
  { "123456789012345678901234567890", 10, "12345678901234567890.123456789", 0x43e56a95319d63e1 },
  { "-5", 1, "-0.5", 0xbfe0000000000000 },
  { "9223372036854775808", 18, "9.223372036854775808", 0x4022725dd1d243ac },
  { "-9223372036854775808", 18, "-9.223372036854775808", 0xc022725dd1d243ac },
  { "16171756744541069006447041", 61,
    "0.0000000000000000000000000000000000016171756744541069006447041", 0x3881325ef5421313 },
  { "2097286295344752414768514346147555", 23, "20972862953.44752414768514346147555",
    0x42138851f7a5ca44 },
  { "-415156614120218224584210648950633515689706296135403563015880555045826472011670", 29,
    "-4151566141202182245842106489506335156897062961354.0356301588055504582647201167",
    0xca06b9955068f708 },
  { "1325986251670611001347177244766020857", 52,
    "0.0000000000000001325986251670611001347177244766020857", 0x3ca31c069b383fe0 },
  { "1270864381895289763794233845000076699224644018259421023496782850538107851372041353022626875600"
    "74",
    2,
    "1270864381895289763794233845000076699224644018259421023496782850538107851372041353022626875600"
    ".74",
    0x53437f089bb5e254 },
  { "-106950855782843947391586", 2, "-1069508557828439473915.86", 0xc44cfd34d76c423a },
  { "2565268516390747890902851819770382116778028691539940246865435934179846", 60,
    "2565268516.390747890902851819770382116778028691539940246865435934179846", 0x41e31cdc848c8102 },
  { "554453433350898060424352570571129820", 9, "554453433350898060424352570.57112982",
    0x457caa214d95ba33 },
  { "4393326254257092693", 49, "0.0000000000000000000000000000004393326254257092693",
    0x39a1d24a734a787a },
  { "8964361647844241748033170762858", 37, "0.0000008964361647844241748033170762858",
    0x3eae1453f935e7fe },
};

static FanoutDecimal
wide_decimal (const Wide *wide)
{
  const gboolean negative = wide->integer[0] == '-';
  FanoutDecimal decimal = { { 0 }, wide->scale };

  for (const char *p = wide->integer + negative; *p != '\0'; p++)
    {
      FanoutUint128 carry = (FanoutUint128) (*p - '0');

      for (guint i = 0; i < FANOUT_DECIMAL_LIMBS; i++)
        {
          carry += (FanoutUint128) decimal.limbs[i] * 10;
          decimal.limbs[i] = (guint64) carry;
          carry >>= 64;
        }
    }
  for (guint i = 0, carry = 1; negative && i < FANOUT_DECIMAL_LIMBS; i++)
    {
      decimal.limbs[i] = ~decimal.limbs[i] + carry;
      carry = carry != 0 && decimal.limbs[i] == 0;
    }
  return decimal;
}

START_TEST (wide_decimals)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wides); i++)
    {
      const FanoutDecimal made = wide_decimal (&wides[i]);
      const FanoutDecimal *decimal = &made;
      FanoutDecimal other = made;
      FanoutNumber number;
      char text[FANOUT_DECIMAL_TEXT_MAX + 8];

      memset (text, '#', sizeof text);
      ck_assert_uint_eq (fanout_decimal_format (decimal, text), strlen (wides[i].text));
      ck_assert_str_eq (text, wides[i].text);
      ck_assert (text[FANOUT_DECIMAL_TEXT_MAX] == '#');
      ck_assert_msg (bits_of (fanout_decimal_get_double (decimal)) == wides[i].bits, "%s", text);

      fanout_decimal_normalise (&other);
      ck_assert_int_eq (fanout_decimal_compare (&other, decimal), 0);
      fanout_decimal_format (&other, text);
      ck_assert_str_eq (text, wides[i].text);
      ck_assert_uint_eq (other.scale,
                         strchr (text, '.') == NULL ? 0 : strlen (strchr (text, '.') + 1));

      /* What reads back as a decimal is one number. */
      ck_assert (fanout_number_parse (text, strlen (text), &number, NULL));
      ck_assert (fanout_decimal_get_number (decimal, &number) == !fanout_number_is_double (number));
      if (!fanout_number_is_double (number))
        {
          ck_assert (fanout_decimal_set_number (&other, number));
          ck_assert_int_eq (fanout_decimal_compare (&other, decimal), 0);
        }
    }
}
END_TEST

START_TEST (order_of_wide_decimals)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wides); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (wides); k++)
      {
        const FanoutDecimal a = wide_decimal (&wides[i]);
        const FanoutDecimal b = wide_decimal (&wides[k]);
        const int order = fanout_decimal_compare (&a, &b);
        const double x = double_of (wides[i].bits);
        const double y = double_of (wides[k].bits);
        FanoutDecimal difference;
        FanoutDecimal sum;

        ck_assert_int_eq (order, -fanout_decimal_compare (&b, &a));
        if (x != y)
          ck_assert_int_eq (order, x < y ? -1 : 1);
        else
          ck_assert (order == 0 || strcmp (wides[i].text, wides[k].text) != 0);

        if (fanout_decimal_subtract (&difference, &a, &b))
          {
            const FanoutDecimal zero = { { 0 }, 0 };

            ck_assert_int_eq (fanout_decimal_compare (&difference, &zero), order);
            ck_assert (fanout_decimal_add (&sum, &difference, &b));
            ck_assert_int_eq (fanout_decimal_compare (&sum, &a), 0);
          }
      }
}
END_TEST

START_TEST (wide_against_double)
{
  FanoutDecimal decimal;

  for (gsize i = 0; i < G_N_ELEMENTS (wides); i++)
    {
      const double nearest = double_of (wides[i].bits);

      decimal = wide_decimal (&wides[i]);
      ck_assert_int_eq (fanout_decimal_compare_double (&decimal, nextafter (nearest, INFINITY)),
                        -1);
      ck_assert_int_eq (fanout_decimal_compare_double (&decimal, nextafter (nearest, -INFINITY)),
                        1);
      ck_assert_int_eq (fanout_decimal_compare_double (&decimal, INFINITY), -1);
      ck_assert_int_eq (fanout_decimal_compare_double (&decimal, -INFINITY), 1);
      ck_assert_int_eq (fanout_decimal_compare_double (&decimal, NAN), -1);
    }
  fanout_decimal_set (&decimal, 5, 1);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, 0.5), 0);
  fanout_decimal_set (&decimal, -1, 1);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, -0.1), 1);
  fanout_decimal_set (&decimal, 3, 1);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, 0.3), 1);
  fanout_decimal_set (&decimal, 0, 9);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, -0.0), 0);
  fanout_decimal_set (&decimal, 1, 18);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, 0), 1);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, 1e-18), -1);
  fanout_decimal_set_unsigned (&decimal, G_MAXUINT64);
  ck_assert_int_eq (fanout_decimal_compare_double (&decimal, 18446744073709551616.0), -1);
}
END_TEST

START_TEST (sums_that_do_not_fit)
{
  const FanoutDecimal most
      = { { ~(guint64) 0, ~(guint64) 0, ~(guint64) 0, ~(guint64) 0, ~(guint64) 0 >> 1 }, 0 };
  const FanoutDecimal one = { { 1 }, 0 };
  const FanoutDecimal tenth = { { 1 }, 1 };
  FanoutDecimal result = one;

  ck_assert (!fanout_decimal_add (&result, &most, &one));
  ck_assert (!fanout_decimal_add (&result, &most, &tenth));
  ck_assert_int_eq (fanout_decimal_compare (&result, &one), 0);
  ck_assert (fanout_decimal_subtract (&result, &most, &one));
  ck_assert (fanout_decimal_add (&result, &result, &one));
  ck_assert_int_eq (fanout_decimal_compare (&result, &most), 0);
}
END_TEST

/* In ascending order; those on one line are equal. */
static const char *const ascending[][3] = {
  { "-inf" },
  { "-1.7976931348623157e308" },
  { "-1e19" },
  { "-9223372036854775807" },
  { "-9223372036854775806" },
  { "-1.5", "-1.50", "-1.500000000000000000000" },
  { "-1" },
  { "-0.1000000000000000055511151231257827021181583404541015625" },
  { "-0.1", "-0.100", "-1e-1" },
  { "-1e-30" },
  { "0", "-0", "-1e-400" },
  { "5e-324" },
  { "0.000000000000000001" },
  { "0.1", "0.10", "1e-1" },
  { "0.1000000000000000055511151231257827021181583404541015625" },
  { "0.299999999999999988897769753748434595763683319091796875" },
  { "0.3", "0.30" },
  { "1", "1.0", "1.00000000000000000000" },
  { "1.000000000000000001" },
  { "9007199254740992", "9007199254740992.000000000000000000" },
  { "9007199254740993" },
  { "9007199254740994" },
  { "9223372036854775806" },
  { "9223372036854775807" },
  { "9223372036854775808" },
  { "1e19", "10000000000000000000" },
  { "1e308" },
  { "inf", "infinity" },
  { "nan", "-nan" },
};

START_TEST (order_of_numbers)
{
  for (gsize i = 0; i < 3 * G_N_ELEMENTS (ascending); i++)
    for (gsize k = 0; k < 3 * G_N_ELEMENTS (ascending); k++)
      {
        const char *left = ascending[i / 3][i % 3];
        const char *right = ascending[k / 3][k % 3];
        FanoutNumber a;
        FanoutNumber b;

        if (left == NULL || right == NULL)
          continue;
        ck_assert (fanout_number_parse (left, strlen (left), &a, NULL));
        ck_assert (fanout_number_parse (right, strlen (right), &b, NULL));
        ck_assert_msg (fanout_number_compare (a, b) == (i / 3 > k / 3) - (i / 3 < k / 3), "%s, %s",
                       left, right);
        ck_assert_msg ((fanout_number_hash (a) == fanout_number_hash (b)) == (i / 3 == k / 3),
                       "%s, %s", left, right);
        a = fanout_number_canonical (a);
        b = fanout_number_canonical (b);
        ck_assert_msg ((a.mantissa == b.mantissa && a.scale == b.scale) == (i / 3 == k / 3),
                       "%s, %s", left, right);
      }
}
END_TEST

START_TEST (random_order)
{
  guint64 random = 5;

  for (guint i = 0; i < rounds (100000); i++)
    {
      const FanoutNumber a
          = fanout_number_decimal ((gint64) next_random (&random) >> next_random (&random) % 64,
                                   (guint8) (next_random (&random) % 19));
      const double nearest = fanout_number_to_double (a);
      const FanoutNumber b = fanout_number_double (nearest);
      const FanoutNumber c = fanout_number_canonical (b);
      char text[400];
      FanoutNumber exact;
      int order;

      /* The double's own digits, all of them; as a wide text they are no decimal mostly. */
      order = fanout_number_compare (a, b);
      ck_assert_int_eq (order, -fanout_number_compare (b, a));
      ck_assert_int_eq (fanout_number_compare (b, c), 0);
      if (!fanout_number_is_double (c))
        ck_assert_int_eq (order, fanout_number_compare (a, c));
      ck_assert_int_eq (
          fanout_number_compare (a, fanout_number_double (nextafter (nearest, 1e300))), -1);
      snprintf (text, sizeof text, "%.*f", 18, nearest);
      if (fanout_number_parse (text, strlen (text), &exact, NULL)
          && !fanout_number_is_double (exact) && fanout_number_compare (a, exact) != 0)
        ck_assert_int_eq (order, fanout_number_compare (a, exact));
    }
}
END_TEST

START_TEST (hashes_are_fixed)
{
  ck_assert_uint_eq (fanout_number_hash (fanout_number_decimal (0, 0)), 11286133854226296554u);
  ck_assert_uint_eq (fanout_number_hash (fanout_number_decimal (150, 2)), 10267468082004773775u);
  ck_assert_uint_eq (fanout_number_hash (fanout_number_double (1e-30)), 18314631993638668323u);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("number-format");
  TCase *tests = tcase_create ("number-format");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, texts_of_doubles);
  tcase_add_test (tests, shortest_texts);
  tcase_add_test (tests, texts_of_decimals);
  tcase_add_test (tests, wide_decimals);
  tcase_add_test (tests, order_of_wide_decimals);
  tcase_add_test (tests, wide_against_double);
  tcase_add_test (tests, sums_that_do_not_fit);
  tcase_add_test (tests, order_of_numbers);
  tcase_add_test (tests, random_order);
  tcase_add_test (tests, hashes_are_fixed);
  suite_add_tcase (suite, tests);
  return suite;
}
