/* Numbers: a text, what is read of it, and what is written of that, against GMP and strtod (). */

#include "tests/fuzz/fuzz.h"
#include "core/number/fast.h"

#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this there are too many digits to be computed with. */
#define EXPONENT_MAX 3000

typedef enum
{
  NONE = 0, /* no number */
  NAN_,
  INFINITE,
  FINITE, /* `value` */
  FAR,    /* its exponent is out of reach */
} Kind;

typedef struct
{
  Kind kind;
  gboolean negative;
  mpq_t value;
  double nearest;
} Oracle;

static void
power_of_ten (mpz_t power, gint64 exponent)
{
  mpz_ui_pow_ui (power, 10, (unsigned long) exponent);
}

static gboolean
is_word (const char *text, gsize length, const char *word)
{
  return length == strlen (word) && g_ascii_strncasecmp (text, word, length) == 0;
}

/* The digits from `at` on, behind those in `m`; how many. */
static gsize
take_digits (const char *text, gsize length, gsize at, mpz_t m)
{
  gsize n = 0;

  for (; at + n < length && g_ascii_isdigit (text[at + n]); n++)
    {
      mpz_mul_ui (m, m, 10);
      mpz_add_ui (m, m, (unsigned long) (text[at + n] - '0'));
    }
  return n;
}

static gboolean
take_exponent (const char *text, gsize length, gsize at, gint64 *exponent)
{
  gint64 value = 0;
  gboolean negative;

  if (at == length)
    return TRUE;
  if (g_ascii_tolower (text[at++]) != 'e' || at == length)
    return FALSE;
  negative = text[at] == '-';
  at += negative || text[at] == '+' ? 1 : 0;
  if (at == length)
    return FALSE;
  for (; at < length && g_ascii_isdigit (text[at]); at++)
    value = MIN (value * 10 + (text[at] - '0'), 1000000000);
  *exponent = negative ? -value : value;
  return at == length;
}

static void
scale (mpq_t value, const mpz_t m, gint64 exponent)
{
  mpz_t power;

  mpz_init (power);
  power_of_ten (power, ABS (exponent));
  mpq_set_z (value, m);
  if (exponent < 0)
    mpz_set (mpq_denref (value), power);
  else
    mpz_mul (mpq_numref (value), mpq_numref (value), power);
  mpq_canonicalize (value);
  mpz_clear (power);
}

static Kind
understand (Oracle *oracle, const char *text, gsize length)
{
  gint64 exponent = 0;
  gsize before, after = 0;
  gsize at = 0;
  mpz_t m;
  Kind kind = NONE;

  if (length > 0 && (text[0] == '+' || text[0] == '-'))
    {
      oracle->negative = text[0] == '-';
      text++;
      length--;
    }
  if (is_word (text, length, "nan"))
    return NAN_;
  if (is_word (text, length, "inf") || is_word (text, length, "infinity"))
    return INFINITE;
  mpz_init (m);
  at += before = take_digits (text, length, at, m);
  if (at < length && text[at] == '.')
    {
      after = take_digits (text, length, at + 1, m);
      at += after + 1;
    }
  if (before + after > 0 && take_exponent (text, length, at, &exponent))
    {
      exponent -= (gint64) after;
      kind = mpz_sgn (m) != 0 && ABS (exponent) > EXPONENT_MAX ? FAR : FINITE;
      if (oracle->negative)
        mpz_neg (m, m);
      if (kind == FINITE)
        scale (oracle->value, m, mpz_sgn (m) != 0 ? exponent : 0);
    }
  mpz_clear (m);
  return kind;
}

static void
ask_oracle (Oracle *oracle, const char *text, gsize length)
{
  g_autofree char *copy = NULL;

  for (; length > 0 && (*text == ' ' || *text == '\t'); text++)
    length--;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  copy = g_strndup (text, length);
  oracle->negative = FALSE;
  oracle->nearest = 0;
  oracle->kind = memchr (text, '\0', length) != NULL ? NONE : understand (oracle, text, length);
  if (oracle->kind < FINITE)
    return;
  oracle->nearest = g_ascii_strtod (copy, NULL);
  if (isinf (oracle->nearest))
    oracle->kind = NONE;
  /* A decimal has one zero. */
  if (oracle->kind == FINITE && mpq_sgn (oracle->value) == 0)
    oracle->nearest = 0;
}

typedef enum
{
  DECIMAL, /* m / 10^s with |m| < 2^63 and s <= 18 */
  WIDE,    /* |m| < 10^38 and s <= 38 */
  DOUBLE,
} Form;

/* Whether it is m / 10^s with |m| < `end` and s <= `most`. */
static gboolean
is_decimal (const Oracle *oracle, const mpz_t end, guint most)
{
  gboolean is = FALSE;
  mpz_t m;

  mpz_init (m);
  for (guint s = 0; !is && s <= most; s++)
    {
      power_of_ten (m, s);
      if (mpz_divisible_p (m, mpq_denref (oracle->value)) == 0)
        continue;
      mpz_mul (m, m, mpq_numref (oracle->value));
      mpz_divexact (m, m, mpq_denref (oracle->value));
      if (mpz_cmpabs (m, end) >= 0)
        break;
      is = TRUE;
    }
  mpz_clear (m);
  return is;
}

static Form
form_of (const Oracle *oracle)
{
  Form form = DOUBLE;
  mpz_t end;

  mpz_init (end);
  mpz_ui_pow_ui (end, 2, 63);
  if (is_decimal (oracle, end, FANOUT_SCALE_MAX))
    form = DECIMAL;
  else
    {
      power_of_ten (end, FANOUT_WIDE_DIGITS);
      if (is_decimal (oracle, end, FANOUT_WIDE_DIGITS))
        form = WIDE;
    }
  mpz_clear (end);
  return form;
}

static gboolean
same_bits (double a, double b)
{
  return memcmp (&a, &b, sizeof a) == 0;
}

static void
set_exactly (mpq_t value, FanoutNumber number)
{
  mpz_t m;

  if (fanout_number_is_wide (number))
    {
      const FanoutInt128 wide = number.wide->mantissa;
      const FanoutUint128 magnitude = wide < 0 ? -(FanoutUint128) wide : (FanoutUint128) wide;

      mpz_init_set_ui (m, (unsigned long) (guint64) (magnitude >> 64));
      mpz_mul_2exp (m, m, 64);
      mpz_add_ui (m, m, (unsigned long) (guint64) magnitude);
      if (wide < 0)
        mpz_neg (m, m);
      scale (value, m, -(gint64) number.wide->scale);
      mpz_clear (m);
      return;
    }

  if (fanout_number_is_double (number))
    {
      mpq_set_d (value, number.real);
      return;
    }
  mpz_init_set_si (m, number.mantissa);
  scale (value, m, -(gint64) number.scale);
  mpz_clear (m);
}

static Form
form_of_number (FanoutNumber number)
{
  return fanout_number_is_double (number) ? DOUBLE
         : fanout_number_is_wide (number) ? WIDE
                                          : DECIMAL;
}

static void
check_value (const Oracle *oracle, FanoutNumber number, gboolean wide, gboolean rounded,
             const char *text)
{
  static const char *const words[] = { "decimal", "wide decimal", "double" };
  const Form form = form_of_number (number);
  Form wanted = form_of (oracle);
  mpq_t value;

  if (wanted == WIDE && !wide)
    wanted = DOUBLE;
  fuzz_check (form == wanted, "'%s': a %s, not a %s", text, words[form], words[wanted]);
  fuzz_check (form != DECIMAL || number.scale == 0 || number.mantissa % 10 != 0,
              "'%s': trailing zeros", text);
  fuzz_check (form != WIDE || number.wide->scale == 0 || number.wide->mantissa % 10 != 0,
              "'%s': trailing zeros", text);
  mpq_init (value);
  set_exactly (value, number);
  fuzz_check (rounded == (mpq_equal (value, oracle->value) == 0), "'%s': rounded is %d", text,
              rounded);
  mpq_clear (value);
}

static void
check_read (const Oracle *oracle, FanoutNumber number, gboolean wide, gboolean rounded,
            const char *text)
{
  const double real = fanout_number_to_double (number);

  switch (oracle->kind)
    {
    case NAN_:
      fuzz_check (fanout_number_is_double (number) && isnan (real), "'%s': not nan", text);
      break;
    case INFINITE:
      fuzz_check (fanout_number_is_double (number)
                      && same_bits (real, oracle->negative ? -INFINITY : INFINITY),
                  "'%s': not infinite", text);
      break;
    default:
      fuzz_check (same_bits (real, oracle->nearest), "'%s': %a, not %a", text, real,
                  oracle->nearest);
      if (oracle->kind == FINITE)
        check_value (oracle, number, wide, rounded, text);
      break;
    }
}

/* Written and read again it is the same, and so is what comes of its other forms. */
static void
check_written (FanoutNumber number)
{
  const double real = fanout_number_to_double (number);
  char text[FANOUT_NUMBER_TEXT_MAX];
  char long_[FANOUT_DECIMAL_TEXT_MAX];
  const gsize length = fanout_number_format (number, text);
  FanoutWide canonical_room, room;
  const FanoutNumber canonical = fanout_number_canonical_wide (number, &canonical_room);
  FanoutNumber again;
  FanoutDecimal decimal;

  fuzz_check (length < sizeof text && strlen (text) == length, "'%s' is not %zu long", text,
              length);
  fuzz_check (fanout_number_parse_wide (text, length, &again, &room, NULL), "'%s' cannot be read",
              text);
  /* What is too small for any double has a zero with its sign, whose text is that of a decimal,
   * which has none. */
  fuzz_check (isnan (real) ? isnan (fanout_number_to_double (again))
                           : same_bits (real, fanout_number_to_double (again))
                                 || (real == 0 && fanout_number_to_double (again) == 0),
              "'%s' is another number", text);
  fuzz_check (fanout_number_compare (number, canonical) == 0
                  && fanout_number_hash (number) == fanout_number_hash (canonical),
              "'%s': its canonical form differs", text);
  if (!fanout_number_is_double (number))
    fuzz_check (form_of_number (again) == form_of_number (number)
                    && fanout_number_compare (again, number) == 0,
                "'%s' is another decimal", text);
  if (!fanout_decimal_set_number (&decimal, number))
    return;
  fuzz_check (same_bits (fanout_decimal_get_double (&decimal), real), "'%s': long it differs",
              text);
  fuzz_check (fanout_decimal_get_wide (&decimal, &again, &room)
                  && fanout_number_compare (number, again) == 0,
              "'%s': it does not come back from long", text);
  fanout_decimal_format (&decimal, long_);
  fuzz_check_same (text, long_, "as a long decimal");
}

/* The shortest text of its double. */
static void
check_double (double real)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  fanout_double_format (real, text);
  fuzz_check (isnan (real) || same_bits (g_ascii_strtod (text, NULL), real), "%a is not %s", real,
              text);
  for (int digits = 1; digits < 17; digits++)
    {
      char shorter[64];
      gsize n = 0;

      g_snprintf (shorter, sizeof shorter, "%.*e", digits - 1, real);
      if (!isfinite (real) || !same_bits (g_ascii_strtod (shorter, NULL), real))
        continue;
      /* Zeros before the first digit and behind the last one do not count. */
      for (const char *at = text; *at != '\0' && *at != 'e'; at++)
        n += g_ascii_isdigit (*at) && (n > 0 || *at != '0') ? 1 : 0;
      if (strchr (text, '.') == NULL)
        for (const char *at = strchrnul (text, 'e'); at > text && at[-1] == '0'; at--)
          n -= n > 0 ? 1 : 0;
      fuzz_check (n <= (gsize) digits, "%s is longer than %s", text, shorter);
      break;
    }
}

/* As the decoder reads it: with other bytes around. */
static void
check_fast (const char *text, gsize length, gboolean wanted, FanoutNumber number, gboolean rounded)
{
  g_autofree char *room = g_malloc (length + 128);
  FanoutNumber fast;
  gboolean fast_rounded = FALSE;
  gint64 mantissa;
  guint8 digits;

  if (length == 0)
    return;
  memset (room, '7', length + 128);
  memcpy (room + 64, text, length);
  fuzz_check (parse_number (room + 64, length, &fast, NULL, &fast_rounded) == wanted,
              "'%.*s': the fast way differs", (int) length, text);
  if (!wanted)
    return;
  fuzz_check (fanout_number_compare (fast, number) == 0
                  && fanout_number_is_double (fast) == fanout_number_is_double (number)
                  && fast_rounded == rounded,
              "'%.*s': the fast way reads another number", (int) length, text);
  if (parse_short_portable (room + 64, length, &mantissa, &digits))
    fuzz_check (fanout_number_compare (fanout_number_decimal (mantissa, digits), number) == 0,
                "'%.*s': the portable way differs", (int) length, text);
}

/* What is read of it without wide decimals, and with them: that is the answer. */
static gboolean
check_text (const char *text, gsize length, FanoutNumber *number, FanoutWide *room)
{
  g_autofree char *exact = fuzz_copy (text, length);
  g_autofree char *shown = g_strndup (text, length);
  const FanoutNumber untouched = { .scale = 77 };
  gboolean is_number = FALSE;
  Oracle oracle;

  mpq_init (oracle.value);
  ask_oracle (&oracle, text, length);
  for (guint wide = 0; wide < 2; wide++)
    {
      gboolean rounded = 77;

      *number = untouched;
      is_number = wide == 1 ? fanout_number_parse_wide (exact, length, number, room, &rounded)
                            : fanout_number_parse (exact, length, number, &rounded);
      fuzz_check (is_number == (oracle.kind != NONE), "'%s': is%s a number", shown,
                  is_number ? "" : " not");
      if (is_number)
        {
          check_read (&oracle, *number, wide == 1, rounded, shown);
          check_written (*number);
        }
      else
        fuzz_check (number->scale == 77 && rounded == 77, "'%s': an out parameter was touched",
                    shown);
      if (wide == 0)
        check_fast (text, length, is_number, *number, rounded);
    }
  if (is_number)
    check_double (fanout_number_to_double (*number));
  mpq_clear (oracle.value);
  return is_number;
}

static int
compare_exactly (FanoutNumber a, FanoutNumber b)
{
  const double x = fanout_number_to_double (a), y = fanout_number_to_double (b);
  mpq_t p, q;
  int order;

  if (isnan (x) || isnan (y))
    return isnan (x) - isnan (y);
  if (isinf (x) || isinf (y))
    return (x > y) - (x < y);
  mpq_inits (p, q, NULL);
  set_exactly (p, a);
  set_exactly (q, b);
  order = mpq_cmp (p, q);
  mpq_clears (p, q, NULL);
  return order;
}

static void
check_order (FanoutNumber a, FanoutNumber b)
{
  const int order = compare_exactly (a, b);
  const int found = fanout_number_compare (a, b);

  fuzz_check ((found > 0) - (found < 0) == (order > 0) - (order < 0),
              "the order of two numbers is %d, not %d", found, order);
  fuzz_check (order != 0 || fanout_number_hash (a) == fanout_number_hash (b),
              "equal numbers, and other hashes");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, MIN (size, 2000) };
  FanoutNumber numbers[2];
  FanoutWide rooms[2];
  guint n = 0;

  while (in.length > 0)
    {
      const guint8 *end = memchr (in.data, '\n', in.length);
      const gsize length = end != NULL ? (gsize) (end - in.data) : in.length;

      /* Each is compared with the one before. */
      if (check_text ((const char *) in.data, length, &numbers[n % 2], &rooms[n % 2]) && n++ > 0)
        check_order (numbers[0], numbers[1]);
      in.data += MIN (length + 1, in.length);
      in.length -= MIN (length + 1, in.length);
    }
  return 0;
}
