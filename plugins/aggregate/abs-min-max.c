/* The values nearest to zero and furthest from it. */

#include "extreme.h"

#include <fanout/steps.h>

typedef struct
{
  gint column;
  gboolean signed_;
} Options;

/* In `room` where it is wide. */
static inline FanoutNumber
magnitude (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    x.real = fabs (x.real);
  else if (fanout_number_is_wide (x))
    {
      *room = *x.wide;
      room->mantissa = ABS (room->mantissa);
      x.wide = room;
    }
  else if (x.mantissa < 0)
    x.mantissa = -x.mantissa;
  return x;
}

static inline gboolean
is_negative (FanoutNumber x)
{
  return fanout_number_is_double (x) ? x.real < 0
         : fanout_number_is_wide (x) ? x.wide->mantissa < 0
                                     : x.mantissa < 0;
}

/* `sign` is 1 for the nearest, -1 for the furthest. Of 3 and -3 it is 3, NaN is the last choice. */
static inline void
keep_further (Extreme *extreme, FanoutNumber x, int sign, FanoutMemory *memory)
{
  FanoutWide rooms[2];
  FanoutNumber kept;
  int order;

  if (!extreme_is_set (extreme) || extreme_is_nan (kept = extreme_number (extreme)))
    extreme_keep (extreme, x, memory);
  else if (!extreme_is_nan (x))
    {
      order = sign * fanout_number_compare (magnitude (x, &rooms[0]), magnitude (kept, &rooms[1]));
      if (order < 0 || (order == 0 && is_negative (kept)))
        extreme_keep (extreme, x, memory);
    }
}

static inline void
min_step (FanoutAggregate *self, Extreme *extreme, FanoutNumber x)
{
  keep_further (extreme, x, 1, self->memory);
}

static inline void
max_step (FanoutAggregate *self, Extreme *extreme, FanoutNumber x)
{
  keep_further (extreme, x, -1, self->memory);
}

static inline void
min_merge (FanoutAggregate *self, Extreme *into, Extreme *from)
{
  if (extreme_is_set (from))
    keep_further (into, extreme_number (from), 1, self->memory);
}

static inline void
max_merge (FanoutAggregate *self, Extreme *into, Extreme *from)
{
  if (extreme_is_set (from))
    keep_further (into, extreme_number (from), -1, self->memory);
}

static inline void
result (FanoutAggregate *self, const Extreme *extreme, FanoutOut *out, gsize row)
{
  const gboolean signed_ = ((const Options *) self->options)->signed_;
  FanoutWide rooms[2];
  FanoutNumber x;

  if (!extreme_is_set (extreme))
    return;
  x = fanout_number_canonical_wide (extreme_number (extreme), &rooms[0]);
  fanout_out_number (out, row, 0, signed_ ? x : magnitude (x, &rooms[1]));
}

static inline void
release (FanoutAggregate *self, Extreme *extreme)
{
  extreme_clear (extreme, self->memory);
}

FANOUT_UPDATE_NUMBER (min_update, Extreme, min_step)
FANOUT_UPDATE_NUMBER (max_update, Extreme, max_step)
FANOUT_COMBINE (min_combine, Extreme, min_merge)
FANOUT_COMBINE (max_combine, Extreme, max_merge)
FANOUT_CLEAR (clear, Extreme, release)
FANOUT_FINISH (finish, Extreme, result)

static void
encode (FanoutAggregate *self, gconstpointer extreme, FanoutWriter *bytes)
{
  (void) self;
  extreme_write (extreme, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer extreme, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  return extreme_read (extreme, &in, self->memory) && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  { .key = "signed",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, signed_),
    .value = "true",
    .help = "the value with its sign; false: its distance from 0" },
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "It keeps its sign, as in datamash; with `signed = false` it is the distance itself. Of 3 and "  \
  "-3 "                                                                                            \
  "it is 3. NaN counts only where there is nothing else."

static const FanoutOperator absmin = {
  FANOUT_OPERATOR ("absmin", 2),
  .summary = "the value nearest to zero",
  .details = "The x for which |x| is smallest. " RULES,
  .promise = "exact",
  .memory = EXTREME_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Extreme),
  .clear = clear,
  .update = min_update,
  .combine = min_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator absmax = {
  FANOUT_OPERATOR ("absmax", 2),
  .summary = "the value furthest from zero",
  .details = "The x for which |x| is largest. " RULES,
  .promise = "exact",
  .memory = EXTREME_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Extreme),
  .clear = clear,
  .update = max_update,
  .combine = max_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&absmin, &absmax);
