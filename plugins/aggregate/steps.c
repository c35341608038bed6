/* What depends on the order of the rows: from one value to the next. */

#include "formula.h"

#include <fanout/kept.h>
#include <math.h>

typedef struct
{
  gint column;
  gint time;
} Options;

#define STEPS_MEMORY "24 bytes for each value in it that has more digits than 63 bits hold"

/* delta: the last value less the first one. */

typedef struct
{
  guint64 first1; /* number of the row + 1; 0: none */
  guint64 last1;
  FanoutNumber first;
  FanoutNumber last;
} Delta;

static inline void
delta_step (FanoutAggregate *self, Delta *state, const FanoutRow *row)
{
  const guint64 row1 = fanout_row_position (row) + 1;
  const FanoutNumber x = fanout_row_number (row, 0);

  if (state->first1 == 0)
    {
      state->first1 = row1;
      fanout_number_keep (&state->first, x, self->memory);
    }
  state->last1 = row1;
  fanout_number_keep (&state->last, x, self->memory);
}

FANOUT_UPDATE_ROW (delta_update, Delta, delta_step)

static inline void
delta_merge (FanoutAggregate *self, Delta *into, Delta *from)
{
  if (from->first1 != 0 && (into->first1 == 0 || from->first1 < into->first1))
    {
      into->first1 = from->first1;
      fanout_number_keep (&into->first, from->first, self->memory);
    }
  if (from->last1 > into->last1)
    {
      into->last1 = from->last1;
      fanout_number_keep (&into->last, from->last, self->memory);
    }
}

FANOUT_COMBINE (delta_combine, Delta, delta_merge)

static inline void
delta_release (FanoutAggregate *self, Delta *state)
{
  fanout_number_drop (&state->first, self->memory);
  fanout_number_drop (&state->last, self->memory);
}

FANOUT_CLEAR (delta_clear, Delta, delta_release)

static void
delta_result (FanoutAggregate *self, const Delta *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->first1 != 0)
    formula_write_difference (out, row, state->last, state->first);
}

FANOUT_FINISH (delta_finish, Delta, delta_result)

static void
delta_encode (FanoutAggregate *self, gconstpointer data, FanoutWriter *bytes)
{
  const Delta *state = data;

  (void) self;
  fanout_write_u64 (bytes, state->first1);
  fanout_write_u64 (bytes, state->last1);
  fanout_number_write (state->first, bytes);
  fanout_number_write (state->last, bytes);
}

static gboolean
delta_decode (FanoutAggregate *self, gpointer data, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  Delta *state = data;

  return fanout_read_u64 (&in, &state->first1) && fanout_read_u64 (&in, &state->last1)
         && fanout_number_read_kept (&state->first, &in, self->memory)
         && fanout_number_read_kept (&state->last, &in, self->memory)
         && fanout_reader_left (&in) == 0 && state->first1 <= state->last1;
}

static void
delta_shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (Delta *state = states, *end = state + n; state < end; state++)
    if (state->first1 != 0)
      {
        state->first1 += rows;
        state->last1 += rows;
      }
}

/* gap: the longest step, whatever its direction. */

typedef struct
{
  FanoutNumber first;
  FanoutNumber last;
  FanoutNumber high; /* between which the longest step was as yet */
  FanoutNumber low;
  double at_least; /* that step is not shorter */
  guint8 seen;     /* values, up to 2 */
} Gap;

/* From one to the other, and how far off that is at most. */
static double
rough_step (FanoutNumber high, FanoutNumber low, double *error)
{
  const double x = fanout_number_to_double (high);
  const double y = fanout_number_to_double (low);

  *error = (fabs (x) + fabs (y)) * 0x1p-51;
  return x - y;
}

static FanoutRational *
exact_step (FanoutNumber high, FanoutNumber low)
{
  g_autoptr (FanoutRational) x = fanout_rational_new_number (high);
  g_autoptr (FanoutRational) y = fanout_rational_new_number (low);

  return fanout_rational_subtract (x, y);
}

/* Doubles that are clearly nearer to each other are not worth exact arithmetic. */
static gboolean
is_longer (const Gap *state, FanoutNumber high, FanoutNumber low)
{
  g_autoptr (FanoutRational) step = NULL;
  g_autoptr (FanoutRational) longest = NULL;
  double error;

  if (high.scale == low.scale && high.scale == state->high.scale && high.scale == state->low.scale
      && high.scale <= FANOUT_SCALE_MAX)
    return (FanoutInt128) high.mantissa - low.mantissa
           > (FanoutInt128) state->high.mantissa - state->low.mantissa;
  if (rough_step (high, low, &error) + error < state->at_least)
    return FALSE;
  step = exact_step (high, low);
  longest = exact_step (state->high, state->low);
  if (isnan (fanout_rational_to_double (longest)))
    return TRUE;
  return !isnan (fanout_rational_to_double (step)) && fanout_rational_compare (step, longest) > 0;
}

static inline void
keep_longer (Gap *state, FanoutNumber high, FanoutNumber low, FanoutMemory *memory)
{
  double error;

  if (state->seen == 2 && !is_longer (state, high, low))
    return;
  fanout_number_keep (&state->high, high, memory);
  fanout_number_keep (&state->low, low, memory);
  state->at_least = rough_step (high, low, &error) - error;
  state->seen = 2;
}

static inline void
gap_step (FanoutAggregate *self, Gap *state, FanoutNumber x)
{
  if (state->seen == 0)
    {
      fanout_number_keep (&state->first, x, self->memory);
      state->seen = 1;
    }
  else if (fanout_number_compare (x, state->last) < 0)
    keep_longer (state, state->last, x, self->memory);
  else
    keep_longer (state, x, state->last, self->memory);
  fanout_number_keep (&state->last, x, self->memory);
}

static inline void
gap_merge (FanoutAggregate *self, Gap *into, Gap *from)
{
  if (into->seen == 0)
    {
      *into = *from;
      memset (from, 0, sizeof *from);
      return;
    }
  if (from->seen > 0)
    gap_step (self, into, from->first);
  if (from->seen == 2)
    keep_longer (into, from->high, from->low, self->memory);
  if (from->seen > 0)
    fanout_number_keep (&into->last, from->last, self->memory);
}

static inline void
gap_release (FanoutAggregate *self, Gap *state)
{
  fanout_number_drop (&state->first, self->memory);
  fanout_number_drop (&state->last, self->memory);
  fanout_number_drop (&state->high, self->memory);
  fanout_number_drop (&state->low, self->memory);
}

FANOUT_CLEAR (gap_clear, Gap, gap_release)

FANOUT_UPDATE_NUMBER (gap_update, Gap, gap_step)
FANOUT_COMBINE (gap_combine, Gap, gap_merge)

static inline void
gap_write (FanoutAggregate *self, const Gap *state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u8 (bytes, state->seen);
  if (state->seen > 0)
    {
      fanout_number_write (state->first, bytes);
      fanout_number_write (state->last, bytes);
    }
  if (state->seen == 2)
    {
      fanout_number_write (state->high, bytes);
      fanout_number_write (state->low, bytes);
    }
}

static inline gboolean
gap_read (FanoutAggregate *self, Gap *state, FanoutReader *in)
{
  FanoutWide rooms[2];
  FanoutNumber high;
  FanoutNumber low;
  guint8 seen;

  if (!fanout_read_u8 (in, &seen) || seen > 2)
    return FALSE;
  state->seen = MIN (seen, 1);
  if (seen > 0
      && (!fanout_number_read_kept (&state->first, in, self->memory)
          || !fanout_number_read_kept (&state->last, in, self->memory)))
    return FALSE;
  if (seen < 2)
    return TRUE;
  if (!fanout_number_read_wide (&high, &rooms[0], in)
      || !fanout_number_read_wide (&low, &rooms[1], in) || fanout_number_compare (high, low) < 0)
    return FALSE;
  keep_longer (state, high, low, self->memory);
  return TRUE;
}

FANOUT_ENCODE (gap_encode, Gap, gap_write)
FANOUT_DECODE (gap_decode, Gap, gap_read)

static void
gap_result (FanoutAggregate *self, const Gap *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->seen > 1)
    formula_write_difference (out, row, state->high, state->low);
}

FANOUT_FINISH (gap_finish, Gap, gap_result)

/* increase, rate: how far a counter has run, resets included. */

typedef struct
{
  FanoutSum sum;
  FanoutNumber first;
  FanoutNumber last;
  FanoutNumber first_time;
  FanoutNumber last_time;
  guint64 n;
} Counter;

/* In `room` where it is wide. */
static FanoutNumber
negative (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    x.real = -x.real;
  else if (fanout_number_is_wide (x))
    {
      *room = (FanoutWide){ -x.wide->mantissa, x.wide->scale };
      x.wide = room;
    }
  else
    x.mantissa = -x.mantissa;
  return x;
}

static gboolean
is_nan (FanoutNumber x)
{
  return fanout_number_is_double (x) && isnan (x.real);
}

/* After a reset the counter has run from 0 to x. A step from nan is none: it is nan. */
static inline void
count_step (FanoutAggregate *self, Counter *state, FanoutNumber x)
{
  FanoutWide room;

  if (state->n == 0)
    fanout_number_keep (&state->first, x, self->memory);
  else
    {
      fanout_sum_add (&state->sum, x, self->memory);
      if (fanout_number_compare (x, state->last) >= 0 || is_nan (state->last))
        fanout_sum_add (&state->sum, negative (state->last, &room), self->memory);
    }
  fanout_number_keep (&state->last, x, self->memory);
  state->n++;
}

static inline void
count_merge (FanoutAggregate *self, Counter *into, Counter *from)
{
  if (from->n == 0)
    return;
  if (into->n == 0)
    {
      fanout_number_keep (&into->first, from->first, self->memory);
      fanout_number_keep (&into->first_time, from->first_time, self->memory);
    }
  else
    count_step (self, into, from->first);
  fanout_sum_combine (&into->sum, &from->sum, self->memory);
  into->n += into->n == 0 ? from->n : from->n - 1;
  fanout_number_keep (&into->last, from->last, self->memory);
  fanout_number_keep (&into->last_time, from->last_time, self->memory);
}

FANOUT_COMBINE (counter_combine, Counter, count_merge)

static inline void
count_write (FanoutAggregate *self, const Counter *state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, state->n);
  if (state->n == 0)
    return;
  fanout_number_write (state->first, bytes);
  fanout_number_write (state->last, bytes);
  fanout_number_write (state->first_time, bytes);
  fanout_number_write (state->last_time, bytes);
  fanout_sum_encode (&state->sum, bytes);
}

static inline gboolean
count_read (FanoutAggregate *self, Counter *state, FanoutReader *in)
{
  return fanout_read_u64 (in, &state->n)
         && (state->n == 0
             || (fanout_number_read_kept (&state->first, in, self->memory)
                 && fanout_number_read_kept (&state->last, in, self->memory)
                 && fanout_number_read_kept (&state->first_time, in, self->memory)
                 && fanout_number_read_kept (&state->last_time, in, self->memory)
                 && fanout_sum_decode (&state->sum, in, self->memory)));
}

FANOUT_ENCODE (counter_encode, Counter, count_write)
FANOUT_DECODE (counter_decode, Counter, count_read)

FANOUT_UPDATE_NUMBER (increase_update, Counter, count_step)

static inline void
rate_step (FanoutAggregate *self, Counter *state, const FanoutRow *row)
{
  fanout_number_keep (&state->last_time, fanout_row_number (row, 1), self->memory);
  if (state->n == 0)
    fanout_number_keep (&state->first_time, state->last_time, self->memory);
  count_step (self, state, fanout_row_number (row, 0));
}

FANOUT_UPDATE_ROW (rate_update, Counter, rate_step)

static inline void
clear_one (FanoutAggregate *self, Counter *state)
{
  fanout_sum_clear (&state->sum, self->memory);
  fanout_number_drop (&state->first, self->memory);
  fanout_number_drop (&state->last, self->memory);
  fanout_number_drop (&state->first_time, self->memory);
  fanout_number_drop (&state->last_time, self->memory);
}

FANOUT_CLEAR (counter_clear, Counter, clear_one)

static void
increase_result (FanoutAggregate *self, const Counter *state, FanoutOut *out, gsize row)
{
  if (state->n > 1)
    formula_sum (self, &state->sum, out, row);
}

FANOUT_FINISH (increase_finish, Counter, increase_result)

static void
rate_result (FanoutAggregate *self, const Counter *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n > 1)
    {
      g_autoptr (FanoutRational) run = fanout_sum_rational (&state->sum);
      g_autoptr (FanoutRational) time = exact_step (state->last_time, state->first_time);
      FanoutDecimal decimal;
      double real;
      const gboolean of_decimals
          = fanout_sum_result (&state->sum, &decimal, &real) == FANOUT_SUM_DECIMAL
            && !fanout_number_is_double (state->first_time)
            && !fanout_number_is_double (state->last_time);

      formula_write_ending (out, row, run, time, of_decimals);
    }
}

FANOUT_FINISH (rate_finish, Counter, rate_result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE,
                        "the column with the numbers, in the order of the stream"),
  FANOUT_OPTIONS_END,
};

static const FanoutOption rate_options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the counter"),
  FANOUT_COLUMN_OPTION (Options, time, FANOUT_TAKES_WIDE,
                        "when it was read, as a number; the rate is for each of its units"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator delta = {
  FANOUT_OPERATOR ("delta", 2),
  .summary = "the last value less the first one",
  .details = "x[n] - x[1], whatever lies between; Prometheus's delta() without extrapolation. "
             "Decimals are subtracted as decimals. With one value it is 0; over none, null.",
  .promise = "exact; rounded once where there are doubles",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .memory = STEPS_MEMORY,
  .state_size = sizeof (Delta),
  .clear = delta_clear,
  .update = delta_update,
  .combine = delta_combine,
  .finish = delta_finish,
  .encode = delta_encode,
  .decode = delta_decode,
  .shift = delta_shift,
};

static const FanoutOperator gap = {
  FANOUT_OPERATOR ("gap", 2),
  .summary = "the longest step from one value to the next",
  .details = "The largest |x[i] - x[i-1]| in the order of the stream, such as the longest silence "
             "in a column of times. Null below two values; a step to or from nan counts only when "
             "there is no other.",
  .promise = "exact; rounded once where there are doubles",
  .order = FANOUT_ORDER_ORDERED,
  FANOUT_OPTIONS (Options, options),
  .memory = STEPS_MEMORY,
  .state_size = sizeof (Gap),
  .clear = gap_clear,
  .update = gap_update,
  .combine = gap_combine,
  .finish = gap_finish,
  .encode = gap_encode,
  .decode = gap_decode,
};

static const FanoutOperator increase = {
  FANOUT_OPERATOR ("increase", 2),
  .summary = "how far a counter has run, resets included",
  .details = "The sum of x[i] - x[i-1], or of x[i] where it is below x[i-1]: the counter was reset "
             "and has run from 0 to x[i] since. As Prometheus's increase(), but without "
             "extrapolation to the ends of a window. A nan makes it nan. Null below two values.",
  .promise = "exact; rounded once where there are doubles",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_ORDERED,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Counter),
  .clear = counter_clear,
  .update = increase_update,
  .combine = counter_combine,
  .finish = increase_finish,
  .encode = counter_encode,
  .decode = counter_decode,
};

static const FanoutOperator rate = {
  FANOUT_OPERATOR ("rate", 2),
  .summary = "how fast a counter runs, resets included",
  .details = "The increase (see there) divided by the difference of the last time and the first: "
             "Prometheus's rate(), but without extrapolation. "
             "Null below two values, and when the times are the same.",
  .promise = "exact where it is a decimal of up to 38 digits, else rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_ORDERED,
  FANOUT_OPTIONS (Options, rate_options),
  .state_size = sizeof (Counter),
  .clear = counter_clear,
  .update = rate_update,
  .combine = counter_combine,
  .finish = rate_finish,
  .encode = counter_encode,
  .decode = counter_decode,
};

FANOUT_OPERATORS (&delta, &gap, &increase, &rate);
