/* The product: exact while it fits, then from a sum of logarithms. */

#include <fanout/steps.h>
#include <fanout/logarithm.h>
#include <math.h>

#define ODD_LIMBS    FANOUT_DECIMAL_LIMBS
/* Powers further off are left to the logarithms. */
#define EXPONENT_MAX 4096

typedef struct
{
  gint column;
} Options;

enum
{
  IS_NEGATIVE = 1 << 0,
  HAS_DOUBLE = 1 << 1,
  IS_BEYOND = 1 << 2, /* `odd` did not fit; it is zeroes then */
  FLAGS_ALL = (1 << 3) - 1,
};

/*
 * The product is odd 2^twos 5^fives, with what is left of the mantissas without their twos and
 * fives. `odd` never gets smaller, so whether it ever became too large depends on the values alone
 * and not on their order. The logarithms are of all magnitudes, for when it did.
 */
typedef struct
{
  guint64 odd[ODD_LIMBS];
  guint64 twos; /* two's complement, as are the fives */
  guint64 fives;
  FanoutLogSum logarithms;
  guint8 flags;
} State;

static void
init (FanoutAggregate *self, gpointer state)
{
  (void) self;
  ((State *) state)->odd[0] = 1;
}

/* a *= b; FALSE when that takes more than the limbs without a bit for the sign. */
static gboolean
multiply (guint64 *a, const guint64 *b, guint n_b)
{
  guint64 product[2 * ODD_LIMBS] = { 0 };
  guint64 above = 0;

  for (guint i = 0; i < n_b; i++)
    {
      guint64 carry = 0;

      for (guint k = 0; k < ODD_LIMBS; k++)
        {
          const FanoutUint128 sum = (FanoutUint128) a[k] * b[i] + product[i + k] + carry;

          product[i + k] = (guint64) sum;
          carry = (guint64) (sum >> 64);
        }
      product[i + ODD_LIMBS] = carry;
    }
  for (guint i = ODD_LIMBS; i < 2 * ODD_LIMBS; i++)
    above |= product[i];
  if (above != 0 || product[ODD_LIMBS - 1] >> 63 != 0)
    return FALSE;
  memcpy (a, product, ODD_LIMBS * sizeof *a);
  return TRUE;
}

static void
multiply_odd (State *state, const guint64 *odd, guint n)
{
  if ((state->flags & IS_BEYOND) == 0 && !multiply (state->odd, odd, n))
    {
      state->flags |= IS_BEYOND;
      memset (state->odd, 0, sizeof state->odd);
    }
}

/* |x| = m * 2^twos * 5^fives for a finite x. */
static FanoutUint128
split (FanoutNumber x, gint *twos, gint *fives)
{
  double fraction;

  *fives = 0;
  if (fanout_number_is_double (x))
    {
      fraction = frexp (fabs (x.real), twos);
      *twos -= 53;
      return (guint64) ldexp (fraction, 53);
    }
  if (fanout_number_is_wide (x))
    {
      *twos = *fives = -x.wide->scale;
      return (FanoutUint128) ABS (x.wide->mantissa);
    }
  *twos = -x.scale;
  *fives = -x.scale;
  return x.mantissa < 0 ? 0 - (guint64) x.mantissa : (guint64) x.mantissa;
}

static void
multiply_finite (State *state, FanoutNumber x)
{
  gint twos;
  gint fives;
  FanoutUint128 wide = split (x, &twos, &fives);
  guint64 m;

  if (wide == 0)
    return;
  for (; wide >> 64 != 0 && (wide & 1) == 0; wide >>= 1)
    twos++;
  for (; wide >> 64 != 0 && wide % 5 == 0; wide /= 5)
    fives++;
  if (G_UNLIKELY (wide >> 64 != 0))
    {
      const guint64 limbs[] = { (guint64) wide, (guint64) (wide >> 64) };

      state->twos += (guint64) (gint64) twos;
      state->fives += (guint64) (gint64) fives;
      multiply_odd (state, limbs, G_N_ELEMENTS (limbs));
      return;
    }
  m = (guint64) wide;
  twos += __builtin_ctzll (m);
  m >>= __builtin_ctzll (m);
  while (m % 5 == 0)
    {
      m /= 5;
      fives++;
    }
  state->twos += (guint64) (gint64) twos;
  state->fives += (guint64) (gint64) fives;
  multiply_odd (state, &m, 1);
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  const gboolean is_double = fanout_number_is_double (x);
  const gboolean is_wide = fanout_number_is_wide (x);
  const gboolean negative = is_double ? x.real < 0
                            : is_wide ? x.wide->mantissa < 0
                                      : x.mantissa < 0;
  FanoutWide room;

  (void) self;
  if (is_double)
    state->flags |= HAS_DOUBLE;
  if (!is_double || isfinite (x.real))
    multiply_finite (state, x);
  if (negative)
    {
      state->flags ^= IS_NEGATIVE;
      if (is_double)
        x.real = -x.real;
      else if (is_wide)
        {
          room = (FanoutWide){ -x.wide->mantissa, x.wide->scale };
          x.wide = &room;
        }
      else
        x.mantissa = -x.mantissa;
    }
  fanout_log_sum_add (&state->logarithms, x, 1);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  const guint8 negative = (into->flags ^ from->flags) & IS_NEGATIVE;

  (void) self;
  if ((from->flags & IS_BEYOND) != 0)
    memset (into->odd, 0, sizeof into->odd);
  into->flags |= from->flags;
  into->flags = (guint8) ((into->flags & ~IS_NEGATIVE) | negative);
  multiply_odd (into, from->odd, ODD_LIMBS);
  into->twos += from->twos;
  into->fives += from->fives;
  fanout_log_sum_combine (&into->logarithms, &from->logarithms);
}

/* base^exponent; NULL where that would take too many digits. */
static FanoutRational *
power_of (gint64 base, guint64 exponent)
{
  g_autoptr (FanoutRational) number = NULL;

  if (exponent + EXPONENT_MAX > 2 * EXPONENT_MAX)
    return NULL;
  number = fanout_rational_new (base, 1);
  return fanout_rational_power (number, (gint) (gint64) exponent);
}

/* NULL where it is not known. */
static FanoutRational *
exact_product (const State *state)
{
  const gint64 sign = (state->flags & IS_NEGATIVE) != 0 ? -1 : 1;
  g_autoptr (FanoutRational) twos = power_of (2, state->twos);
  g_autoptr (FanoutRational) fives = power_of (5, state->fives);
  FanoutDecimal whole = { .scale = 0 };

  if ((state->flags & IS_BEYOND) != 0 || twos == NULL || fives == NULL)
    return NULL;
  memcpy (whole.limbs, state->odd, sizeof whole.limbs);
  {
    g_autoptr (FanoutRational) odd = fanout_rational_new_decimal (&whole);
    g_autoptr (FanoutRational) even = fanout_rational_multiply (odd, twos);
    g_autoptr (FanoutRational) all = fanout_rational_multiply (even, fives);

    return fanout_rational_scale (all, sign, 1);
  }
}

/* 2^sum; the sum is of 192 bits, of which 128 are enough for any double. */
static double
power_of_two (const FanoutLogSum *sum)
{
  const guint64 *limbs = sum->limbs;
  const guint64 sign = (gint64) limbs[2] < 0 ? G_MAXUINT64 : 0;

  if (limbs[2] != sign || (limbs[1] ^ sign) >> 63 != 0)
    return sign != 0 ? 0 : INFINITY;
  return fanout_exp2 ((FanoutLogarithm) ((FanoutUint128) limbs[1] << 64 | limbs[0]));
}

static void
write_finite (FanoutOut *out, gsize row, const State *state)
{
  g_autoptr (FanoutRational) exact = exact_product (state);
  FanoutDecimal decimal;
  double real;

  if (exact == NULL)
    {
      real = power_of_two (&state->logarithms);
      fanout_out_double (out, row, 0, (state->flags & IS_NEGATIVE) != 0 ? -real : real);
    }
  else if ((state->flags & HAS_DOUBLE) == 0 && fanout_rational_to_decimal (exact, &decimal))
    fanout_out_decimal (out, row, 0, &decimal);
  else
    fanout_out_double (out, row, 0, fanout_rational_to_double (exact));
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  g_autoptr (FanoutRational) logarithm = fanout_log_sum_rational (&state->logarithms);
  const double rough = fanout_rational_to_double (logarithm);

  (void) self;
  if (state->logarithms.weight == 0)
    return;
  if (isfinite (rough))
    write_finite (out, row, state);
  else if (rough < 0)
    fanout_out_number (out, row, 0, fanout_number_decimal (0, 0));
  else
    fanout_out_double (out, row, 0, (state->flags & IS_NEGATIVE) != 0 ? -rough : rough);
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  for (guint i = 0; i < ODD_LIMBS; i++)
    fanout_write_u64 (bytes, state->odd[i]);
  fanout_write_u64 (bytes, state->twos);
  fanout_write_u64 (bytes, state->fives);
  fanout_write_u8 (bytes, state->flags);
  fanout_log_sum_encode (&state->logarithms, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  State *state = state_;
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  for (guint i = 0; i < ODD_LIMBS; i++)
    if (!fanout_read_u64 (&in, &state->odd[i]))
      return FALSE;
  return state->odd[ODD_LIMBS - 1] >> 63 == 0 && fanout_read_u64 (&in, &state->twos)
         && fanout_read_u64 (&in, &state->fives) && fanout_read_u8 (&in, &state->flags)
         && (state->flags & ~FLAGS_ALL) == 0 && fanout_log_sum_decode (&state->logarithms, &in)
         && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator product = {
  FANOUT_OPERATOR ("product", 2),
  .summary = "the product of the numbers",
  .details = "x1 x2 ... xn. Of decimals it is a decimal as long as that takes at most 96 digits, "
             "72 of them behind the point; then a double. While the mantissas without their twos "
             "and fives multiply to less than 2^319 the double is the product rounded once; "
             "beyond that it is 2^sum(log2(|x|)) with logarithms that are multiples of 2^-100, "
             "so the memory is bounded and the order does not matter. What is beyond the greatest "
             "double is inf, what is below the smallest is 0.",
  .promise = "exact up to 96 digits; beyond 319 bits off by less than n 2^-93 of it, before it "
             "is rounded once",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .init = init,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&product);
