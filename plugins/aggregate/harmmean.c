/* The harmonic mean, from a sum of reciprocals with 123 bits each. */

#include "formula.h"

#include <math.h>

typedef struct
{
  gint column;
} Options;

enum
{
  HAS_FINITE = 1 << 0,
  HAS_ZERO = 1 << 1,
  HAS_INF = 1 << 2,
  HAS_NEGATIVE_INF = 1 << 3,
  HAS_NAN = 1 << 4,
  HAS_ALL = (1 << 5) - 1,
};

typedef struct
{
  FanoutExact reciprocals;
  guint64 n;
  guint8 flags;
} State;

/* |number| = m * 2^e / 10^scale for a finite number that is not 0. */
static guint64
split (FanoutNumber number, gint *e)
{
  double fraction;

  if (fanout_number_is_double (number))
    {
      fraction = frexp (fabs (number.real), e);
      *e -= 53;
      return (guint64) ldexp (fraction, 53);
    }
  *e = 0;
  return number.mantissa < 0 ? -(guint64) number.mantissa : (guint64) number.mantissa;
}

static guint64
power_of_ten (guint exponent)
{
  guint64 power = 1;

  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* Add @part * 2^@exponent, where 2^@exponent may be less than any double. */
static void
add_part (FanoutExact *sum, gint64 part, gint exponent, FanoutMemory *memory)
{
  const FanoutNumber factors[] = {
    fanout_number_decimal (part, 0),
    fanout_number_double (ldexp (1, exponent / 2)),
    fanout_number_double (ldexp (1, exponent - exponent / 2)),
  };

  fanout_exact_add_product (sum, factors, G_N_ELEMENTS (factors), memory);
}

static FanoutUint128
normal (FanoutUint128 value, gint *zeros)
{
  /* Of 127 bits: what is left of a division can be doubled then. */
  for (*zeros = 0; value >> 126 == 0; value <<= 1)
    (*zeros)++;
  return value;
}

/* The same of a wide decimal, bit by bit. */
static void
add_wide_reciprocal (FanoutExact *sum, const FanoutWide *x, FanoutMemory *memory)
{
  const gboolean negative = x->mantissa < 0;
  FanoutUint128 above = 1;
  FanoutUint128 quotient = 0;
  FanoutUint128 rest;
  FanoutUint128 m;
  gint m_zeros;
  gint above_zeros;
  gint64 high;
  gint64 low;

  for (guint i = 0; i < x->scale; i++)
    above *= 10;
  m = normal ((FanoutUint128) ABS (x->mantissa), &m_zeros);
  rest = normal (above, &above_zeros);
  for (guint i = 0; i <= 124; i++)
    {
      quotient = quotient << 1 | (rest >= m);
      if (rest >= m)
        rest -= m;
      rest <<= 1;
    }
  high = (gint64) (quotient >> 62);
  low = (gint64) (quotient & (((guint64) 1 << 62) - 1));
  add_part (sum, negative ? -high : high, m_zeros - above_zeros - 62, memory);
  add_part (sum, negative ? -low : low, m_zeros - above_zeros - 124, memory);
}

/* Add 1 / x, cut off behind at least 123 bits. What is cut off depends on the value of x alone. */
static void
add_reciprocal (FanoutExact *sum, FanoutNumber x, FanoutMemory *memory)
{
  FanoutWide room;
  const FanoutNumber one = fanout_number_canonical_wide (x, &room);
  const gboolean is_double = fanout_number_is_double (one);
  const gboolean negative = is_double ? one.real < 0 : one.mantissa < 0;
  gint e;
  guint64 m;
  guint64 above;
  int m_zeros;
  int above_zeros;
  gint exponent;
  FanoutUint128 rest;
  gint64 high;
  gint64 low;

  if (fanout_number_is_wide (one))
    {
      add_wide_reciprocal (sum, one.wide, memory);
      return;
    }
  m = split (one, &e);
  above = is_double ? 1 : power_of_ten (one.scale);
  m_zeros = __builtin_clzll (m);
  above_zeros = __builtin_clzll (above);
  exponent = m_zeros - above_zeros - e;
  /* With the first bits of both set the quotient is between 1/2 and 2. */
  m <<= m_zeros;
  above <<= above_zeros;
  rest = (FanoutUint128) above << 62;
  high = (gint64) (rest / m);
  rest = (rest % m) << 62;
  low = (gint64) (rest / m);
  add_part (sum, negative ? -high : high, exponent - 62, memory);
  add_part (sum, negative ? -low : low, exponent - 124, memory);
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  const gboolean is_double = fanout_number_is_double (x);

  state->n++;
  if (is_double ? x.real == 0 : x.mantissa == 0)
    state->flags |= HAS_ZERO;
  else if (is_double && isnan (x.real))
    state->flags |= HAS_NAN;
  else if (is_double && isinf (x.real))
    state->flags |= x.real > 0 ? HAS_INF : HAS_NEGATIVE_INF;
  else
    {
      state->flags |= HAS_FINITE;
      add_reciprocal (&state->reciprocals, x, self->memory);
    }
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  fanout_exact_combine (&into->reciprocals, &from->reciprocals, self->memory);
  into->n += from->n;
  into->flags |= from->flags;
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_exact_clear (&state->reciprocals, self->memory);
}

/* What the values make of it that have no reciprocal, or 0; FALSE where there is more to it. */
static gboolean
is_special (guint8 flags, double *mean)
{
  if ((flags & HAS_NAN) != 0)
    *mean = NAN;
  else if ((flags & HAS_ZERO) != 0)
    *mean = 0;
  else if (flags == HAS_INF || flags == HAS_NEGATIVE_INF)
    *mean = flags == HAS_INF ? INFINITY : -INFINITY;
  else
    return FALSE;
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  double mean;

  (void) self;
  if (state->n == 0)
    return;
  if (is_special (state->flags, &mean))
    fanout_out_double (out, row, 0, mean);
  else
    {
      g_autoptr (FanoutRational) n = formula_count (state->n);
      g_autoptr (FanoutRational) sum = fanout_exact_rational (&state->reciprocals);

      formula_write_quotient (out, row, 0, n, sum);
    }
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_CLEAR (clear, State, release)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, state->n);
  fanout_write_u8 (bytes, state->flags);
  fanout_exact_encode (&state->reciprocals, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  State *state = state_;
  FanoutReader in = fanout_reader (bytes, length);

  return fanout_read_u64 (&in, &state->n) && fanout_read_u8 (&in, &state->flags)
         && (state->flags & ~HAS_ALL) == 0
         && fanout_exact_decode (&state->reciprocals, &in, self->memory)
         && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator harmmean = {
  FANOUT_OPERATOR ("harmmean", 2),
  .summary = "the harmonic mean",
  .details = "n / sum(1 / x), as SciPy's hmean and datamash's harmmean. Each 1 / x is cut off "
             "behind 123 bits or more, and their sum is "
             "exact, so it is the same in any order. 0 where there is a 0, which is the limit; "
             "negative numbers count as the formula says (Python's harmonic_mean refuses them); "
             "null where the reciprocals add up to 0.",
  .promise = "sum(1 / x) is off by less than 2^-122 of sum(|1 / x|): within 0.50001 units in the "
             "last place where all numbers have one sign",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&harmmean);
