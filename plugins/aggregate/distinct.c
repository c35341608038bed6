/* How many different values there are: exact up to a number of them, estimated beyond it. */

#include <fanout/aggregate.h>
#include <fanout/kept.h>
#include <math.h>

enum
{
  AS_TEXT = 0,
  AS_NUMBER,
};

typedef struct
{
  FanoutColumns columns;
  guint64 limit;
  gint as;
} Options;

/*
 * Values lie one after the other in `bytes`, each behind its length. Beyond a few there is a hash
 * table of where they start. Both have a size that follows from what is in them. When there are too
 * many values, `bytes` are the registers of a HyperLogLog.
 */
typedef struct
{
  guint8 *bytes;
  guint64 *slots; /* hash, upper half, and position + 1, lower half; 0: free */
  guint32 n_bytes;
  guint32 n; /* SKETCHED: see above */
} State;

#define SKETCHED        G_MAXUINT32
#define SLOTLESS        8
/* Values may take that much on average, so that it is their set that decides when they are too
 * many. */
#define BYTES_PER_VALUE 256
#define BYTES_MAX       ((guint64) 1 << 31)

/* With 2^14 registers the standard error is 1.04 / 2^7. A register counts zeros after the first 14
 * bits of a hash, so it stays below 52. */
#define REGISTER_BITS 14
#define N_REGISTERS   (1u << REGISTER_BITS)
#define REGISTER_MAX  (64 - REGISTER_BITS + 1)
#define BOUND         "standard error 0.81 %"

static gsize
bytes_room (guint32 n_bytes)
{
  gsize room = 16;

  while (room < n_bytes)
    room *= 2;
  return n_bytes > 0 ? room : 0;
}

static gsize
slots_room (guint32 n)
{
  gsize room = 2 * SLOTLESS;

  while (room * 2 < (gsize) n * 3)
    room *= 2;
  return n > SLOTLESS ? room : 0;
}

/* Lengths: seven bits a byte, the lowest first. */
#define LENGTH_MAX 10

static gsize
put_length (guint8 *bytes, gsize length)
{
  gsize n = 0;

  for (; length >= 0x80; length >>= 7)
    bytes[n++] = (guint8) (length | 0x80);
  bytes[n++] = (guint8) length;
  return n;
}

static inline FanoutText
value_at (const guint8 *bytes)
{
  FanoutText value = { NULL, 0 };
  guint shift = 0;

  for (; *bytes >= 0x80; shift += 7)
    value.length |= (gsize) (*bytes++ & 0x7f) << shift;
  value.length |= (gsize) *bytes++ << shift;
  value.data = (const char *) bytes;
  return value;
}

static inline gboolean
equal (FanoutText a, FanoutText b)
{
  return a.length == b.length && memcmp (a.data, b.data, a.length) == 0;
}

/* HyperLogLog. */

static inline void
count_hash (guint8 *registers, guint64 hash)
{
  guint8 *place = &registers[hash >> (64 - REGISTER_BITS)];
  const guint64 rest = hash << REGISTER_BITS | N_REGISTERS >> 1;
  const guint8 zeros1 = (guint8) (__builtin_clzll (rest) + 1);

  if (zeros1 > *place)
    *place = zeros1;
}

static void
drop_exact (State *state, FanoutMemory *memory)
{
  fanout_release (memory, state->bytes, bytes_room (state->n_bytes));
  fanout_release (memory, state->slots, slots_room (state->n) * sizeof *state->slots);
}

static void
to_sketch (State *state, FanoutMemory *memory)
{
  guint8 *registers = fanout_allocate (memory, N_REGISTERS);

  for (guint32 at = 0; at < state->n_bytes;)
    {
      const FanoutText value = value_at (state->bytes + at);

      count_hash (registers, fanout_hash_bytes (value.data, value.length));
      at = (guint32) ((const guint8 *) value.data + value.length - state->bytes);
    }
  drop_exact (state, memory);
  *state = (State){ .bytes = registers, .n = SKETCHED };
}

/*
 * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6,
 * without the correction for full registers, which 2^50 different values have not got yet.
 */
static guint64
estimate (const guint8 *registers)
{
  guint32 counts[REGISTER_MAX + 1] = { 0 };
  double z = 0;
  double x;
  double y = 1;
  double old;

  for (guint i = 0; i < N_REGISTERS; i++)
    counts[registers[i]]++;
  if (counts[0] == N_REGISTERS)
    return 0;
  for (guint k = REGISTER_MAX; k >= 1; k--)
    z = (z + counts[k]) / 2;
  x = (double) counts[0] / N_REGISTERS;
  z += x * N_REGISTERS;
  do
    {
      x *= x;
      old = z;
      z += x * y * N_REGISTERS;
      y += y;
    }
  while (z > old);
  return (guint64) round ((double) N_REGISTERS * N_REGISTERS / (2 * G_LN2) / z);
}

/* Exact. */

static gboolean
is_there (const State *state, FanoutText value, guint64 hash)
{
  const gsize room = slots_room (state->n);
  const guint64 tag = hash >> 32;

  if (room == 0)
    {
      for (guint32 at = 0; at < state->n_bytes;)
        {
          const FanoutText other = value_at (state->bytes + at);

          if (equal (other, value))
            return TRUE;
          at = (guint32) ((const guint8 *) other.data + other.length - state->bytes);
        }
      return FALSE;
    }
  for (gsize i = hash & (room - 1); state->slots[i] != 0; i = (i + 1) & (room - 1))
    if (state->slots[i] >> 32 == tag
        && equal (value_at (state->bytes + (guint32) state->slots[i] - 1), value))
      return TRUE;
  return FALSE;
}

static void
put_slot (guint64 *slots, gsize room, guint64 hash, guint32 at)
{
  gsize i = hash & (room - 1);

  while (slots[i] != 0)
    i = (i + 1) & (room - 1);
  slots[i] = (hash & ~(guint64) G_MAXUINT32) | (at + 1);
}

/* All values that are there get a slot in a table for one more. */
static void
grow_slots (State *state, gsize room, FanoutMemory *memory)
{
  guint64 *slots = fanout_allocate (memory, room * sizeof *slots);

  for (guint32 at = 0; at < state->n_bytes;)
    {
      const FanoutText value = value_at (state->bytes + at);

      put_slot (slots, room, fanout_hash_bytes (value.data, value.length), at);
      at = (guint32) ((const guint8 *) value.data + value.length - state->bytes);
    }
  fanout_release (memory, state->slots, slots_room (state->n) * sizeof *slots);
  state->slots = slots;
}

static void
append (State *state, FanoutText value, guint64 hash, const guint8 *head, gsize n_head,
        FanoutMemory *memory)
{
  const guint32 at = state->n_bytes;
  const guint32 n_bytes = at + (guint32) (n_head + value.length);
  const gsize room = slots_room (state->n + 1);

  if (room != slots_room (state->n))
    grow_slots (state, room, memory);
  if (bytes_room (n_bytes) != bytes_room (at))
    state->bytes = fanout_reallocate (memory, state->bytes, bytes_room (at), bytes_room (n_bytes));
  memcpy (state->bytes + at, head, n_head);
  memcpy (state->bytes + at + n_head, value.data, value.length);
  state->n_bytes = n_bytes;
  state->n++;
  if (room > 0)
    put_slot (state->slots, room, hash, at);
}

static void
add (State *state, FanoutText value, const Options *options, FanoutMemory *memory)
{
  const guint64 hash = fanout_hash_bytes (value.data, value.length);
  guint8 head[LENGTH_MAX];
  gsize n_head;

  if (state->n != SKETCHED)
    {
      if (is_there (state, value, hash))
        return;
      n_head = put_length (head, value.length);
      if (state->n < options->limit
          && state->n_bytes + n_head + value.length
                 <= MIN (options->limit * BYTES_PER_VALUE, BYTES_MAX))
        {
          append (state, value, hash, head, n_head, memory);
          return;
        }
      to_sketch (state, memory);
    }
  count_hash (state->bytes, hash);
}

/* Rows to values. */

static FanoutText
number_value (const FanoutColumn *column, gsize i, char *buffer)
{
  const FanoutNumber x = fanout_number_canonical (fanout_column_number (column, i));
  const guint64 mantissa = GUINT64_TO_LE ((guint64) x.mantissa);

  memcpy (buffer, &mantissa, sizeof mantissa);
  buffer[sizeof mantissa] = (char) x.scale;
  return (FanoutText){ buffer, sizeof mantissa + 1 };
}

static FanoutText
column_value (const FanoutColumn *column, gsize i, char *buffer)
{
  return column->form == FANOUT_FORM_TEXT ? column->text[i] : number_value (column, i, buffer);
}

/* Several columns together: each behind its length. */
static void
add_tuple (State *state, const FanoutInput *input, gsize i)
{
  guint8 inside[512];
  g_autofree guint8 *outside = NULL;
  guint8 *tuple = inside;
  gsize length = 0;
  char buffer[16];

  for (guint c = 0; c < input->n_columns; c++)
    length += column_value (&input->columns[c], i, buffer).length + LENGTH_MAX;
  if (length > sizeof inside)
    tuple = outside = g_malloc (length);
  length = 0;
  for (guint c = 0; c < input->n_columns; c++)
    {
      const FanoutText value = column_value (&input->columns[c], i, buffer);

      length += put_length (tuple + length, value.length);
      memcpy (tuple + length, value.data, value.length);
      length += value.length;
    }
  add (state, (FanoutText){ (const char *) tuple, length }, input->aggregate->options,
       input->aggregate->memory);
}

static inline void
step (State *state, const FanoutInput *input, gsize i)
{
  char buffer[16];

  if (input->n_columns > 1)
    add_tuple (state, input, i);
  else
    add (state, column_value (&input->columns[0], i, buffer), input->aggregate->options,
         input->aggregate->memory);
}

static void
merge (State *into, const State *from, const Options *options, FanoutMemory *memory)
{
  if (from->n == SKETCHED)
    {
      if (into->n != SKETCHED)
        to_sketch (into, memory);
      for (guint i = 0; i < N_REGISTERS; i++)
        into->bytes[i] = MAX (into->bytes[i], from->bytes[i]);
      return;
    }
  for (guint32 at = 0; at < from->n_bytes;)
    {
      const FanoutText value = value_at (from->bytes + at);

      add (into, value, options, memory);
      at = (guint32) ((const guint8 *) value.data + value.length - from->bytes);
    }
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    merge ((State *) into + (ids != NULL ? ids[i] : i), (State *) from + i, self->options,
           self->memory);
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n != SKETCHED)
    {
      fanout_out_count (out, row, 0, state->n);
      return;
    }
  fanout_out_count (out, row, 0, estimate (state->bytes));
  fanout_out_approximate (out, 0, BOUND);
}

static inline void
release (State *state, FanoutMemory *memory)
{
  if (state->n == SKETCHED)
    fanout_release (memory, state->bytes, N_REGISTERS);
  else
    drop_exact (state, memory);
  memset (state, 0, sizeof *state);
}

FANOUT_UPDATE_ROW (update, State, step)
FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u32 (bytes, state->n);
  if (state->n == SKETCHED)
    g_byte_array_append (bytes, state->bytes, N_REGISTERS);
  else
    g_byte_array_append (bytes, state->bytes, state->n_bytes);
}

static gboolean
decode_sketch (State *state, FanoutReader *in, FanoutMemory *memory)
{
  to_sketch (state, memory);
  if (!fanout_read (in, state->bytes, N_REGISTERS))
    return FALSE;
  for (guint i = 0; i < N_REGISTERS; i++)
    if (state->bytes[i] > REGISTER_MAX)
      return FALSE;
  return TRUE;
}

static gboolean
decode_value (State *state, FanoutReader *in, const Options *options, FanoutMemory *memory)
{
  FanoutText value = { NULL, 0 };
  guint8 byte;
  guint shift = 0;

  do
    {
      if (shift > 28 || !fanout_read_u8 (in, &byte))
        return FALSE;
      value.length |= (gsize) (byte & 0x7f) << shift;
      shift += 7;
    }
  while (byte >= 0x80);
  if (value.length > fanout_reader_left (in))
    return FALSE;
  value.data = (const char *) in->next;
  in->next += value.length;
  add (state, value, options, memory);
  return TRUE;
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  guint32 n;

  if (!fanout_read_u32 (&in, &n))
    return FALSE;
  if (n == SKETCHED)
    return decode_sketch (state, &in, self->memory) && fanout_reader_left (&in) == 0;
  for (guint32 i = 0; i < n; i++)
    if (!decode_value (state, &in, self->options, self->memory))
      return FALSE;
  return fanout_reader_left (&in) == 0;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const Options *) options)->as == AS_TEXT ? FANOUT_TAKES_TEXT : FANOUT_TAKES_NUMBER;
}

static const char *const as_choices[] = { "text", "number", NULL };

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMNS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, columns),
    .help = "the column with the values, or several, whose values count together" },
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, as),
    .value = "text",
    .choices = as_choices,
    .help = "when values are the same: as texts, or as numbers (1, 1.0 and 01 are one then)" },
  { .key = "limit",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, limit),
    .value = "100000",
    .min = "0",
    .max = "100000000",
    .help = "exact while there are at most so many different values" },
  { 0 },
};

static const FanoutOperator distinct = {
  .size = sizeof distinct,
  .version = 1,
  .name = "distinct",
  .summary = "how many different values there are",
  .details = "Counts each value once; of several columns, each combination of their values. Beyond "
             "`limit` different values (or 256 bytes of text for each of so many) it is estimated: "
             "HyperLogLog (Flajolet et al. 2007) with 2^14 registers and the estimator of Ertl "
             "(2017).",
  .promise = "exact up to `limit` different values, beyond it with a " BOUND,
  .order = FANOUT_ORDER_FREE,
  .options_size = sizeof (Options),
  .options = options,
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&distinct);
