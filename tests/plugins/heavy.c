/* States of any length once they are written. */

#include <fanout/fanout.h>

typedef struct
{
  guint64 bytes;
} Options;

typedef struct
{
  guint64 rows;
} Heavy;

#define PATTERN 65536

static inline void
step (FanoutAggregate *self, Heavy *state, const FanoutRow *row)
{
  (void) self;
  (void) row;
  state->rows++;
}

static inline void
merge (FanoutAggregate *self, Heavy *into, Heavy *from)
{
  (void) self;
  into->rows += from->rows;
}

static inline void
result (FanoutAggregate *self, const Heavy *state, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, state->rows);
}

/* No length that divides those of pieces. */
static void
make_pattern (guint8 *pattern)
{
  for (guint i = 0; i < PATTERN; i++)
    pattern[i] = (guint8) (i % 251);
}

/* Short ones and long ones in turn. */
static gsize
part_length (guint turn, guint64 left)
{
  return (gsize) MIN (left, turn % 3 == 0 ? 1 : turn % 3 == 1 ? 4099 : PATTERN);
}

static inline void
save (FanoutAggregate *self, const Heavy *state, FanoutWriter *out)
{
  const Options *options = self->options;
  guint8 pattern[PATTERN];
  guint64 left = options->bytes;

  make_pattern (pattern);
  fanout_write_u64 (out, state->rows);
  for (guint turn = 0; left > 0; turn++)
    {
      const gsize n = part_length (turn, left);

      fanout_write (out, pattern, n);
      left -= n;
    }
}

static inline gboolean
load (FanoutAggregate *self, Heavy *state, FanoutReader *in)
{
  const Options *options = self->options;
  guint8 pattern[PATTERN];
  guint8 found[PATTERN];
  guint64 left = options->bytes;

  make_pattern (pattern);
  if (!fanout_read_u64 (in, &state->rows))
    return FALSE;
  for (guint turn = 0; left > 0; turn++)
    {
      const gsize n = part_length (turn, left);

      if (!fanout_read (in, found, n) || memcmp (found, pattern, n) != 0)
        return FALSE;
      left -= n;
    }
  return TRUE;
}

FANOUT_UPDATE_ROW (update, Heavy, step)
FANOUT_COMBINE (combine, Heavy, merge)
FANOUT_FINISH (finish, Heavy, result)
FANOUT_ENCODE (encode, Heavy, save)
FANOUT_DECODE (decode, Heavy, load)

static const FanoutOption options[] = {
  { .key = "bytes",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, bytes),
    .value = "0",
    .help = "what a state takes beside its first eight bytes" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator heavy = {
  FANOUT_OPERATOR ("heavy", 1),      .summary = "rows, in large states", .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options), FANOUT_MERGEABLE (Heavy, NULL),
};

FANOUT_OPERATORS (&heavy);
