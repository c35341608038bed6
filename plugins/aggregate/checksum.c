/* A checksum of a column that does not depend on the order of the rows. */

#include "values.h"

/* The sum of the values' hashes modulo 2^128: unlike their exclusive or, it sees pairs. */
typedef struct
{
  FanoutUint128 sum;
  guint64 n;
} State;

/* Eight bytes a step into two lanes, which know of each other; the odd constants are wyhash's. */
static FanoutUint128
hash_of (FanoutText value)
{
  guint64 a = G_GUINT64_CONSTANT (0xa0761d6478bd642f) ^ value.length;
  guint64 b = G_GUINT64_CONSTANT (0xe7037ed1a0b428db) + value.length;

  for (gsize i = 0; i < value.length; i += 8)
    {
      const guint64 word = fanout_hash_word (value.data + i, MIN (value.length - i, 8));

      a = fanout_hash_mix (a ^ word, G_GUINT64_CONSTANT (0x8ebc6af09c88c6e3)) + b;
      b = fanout_hash_mix (b + word, G_GUINT64_CONSTANT (0x589965cc75374cc3)) ^ a;
    }
  a = fanout_hash_mix (a ^ b >> 32, G_GUINT64_CONSTANT (0x1d8e4e27c47d124f));
  b = fanout_hash_mix (b ^ a, G_GUINT64_CONSTANT (0xeb44accab455d165));
  return (FanoutUint128) a << 64 | b;
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  ValuesBuffer buffer;

  (void) self;
  state->sum += hash_of (values_at (fanout_row_column (row, 0), row->index, &buffer));
  state->n++;
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  into->sum += from->sum;
  into->n += from->n;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const FanoutUint128 sum = state->sum + state->n;
  char text[33];

  (void) self;
  if (state->n == 0)
    return;
  g_snprintf (text, sizeof text, "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
              (guint64) (sum >> 64), (guint64) sum);
  fanout_out_text (out, row, 0, text, 32);
}

FANOUT_UPDATE_ROW (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, (guint64) state->sum);
  fanout_write_u64 (bytes, (guint64) (state->sum >> 64));
  fanout_write_u64 (bytes, state->n);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;
  guint64 low;
  guint64 high;

  (void) self;
  if (!fanout_read_u64 (&in, &low) || !fanout_read_u64 (&in, &high)
      || !fanout_read_u64 (&in, &state->n))
    return FALSE;
  state->sum = (FanoutUint128) high << 64 | low;
  return (state->n > 0 || state->sum == 0) && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator checksum = {
  FANOUT_OPERATOR ("checksum", 2),
  .summary = "a hash of the values that does not depend on their order",
  .details = "32 hexadecimal digits: the sum modulo 2^128 of fixed hashes of the values, plus how "
             "many there are. The same for the same values in any order, on every machine; a "
             "value that is lost, doubled or changed shows. Against accidents, not against "
             "forgery. Nulls are passed over. It compares one column of two files; "
             "order-sensitive digests are the task of sha256sum and the like.",
  .promise = "two columns that differ have the same one about once in 2^128, if nobody aims at it",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (ValuesOptions, options),
  .takes = values_takes,
  FANOUT_MERGEABLE (State, NULL),
};

FANOUT_OPERATORS (&checksum);
