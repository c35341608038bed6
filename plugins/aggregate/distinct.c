/* How many different values there are: exact up to a number of them, estimated beyond it. */

#include <fanout/steps.h>
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
 * A hash table of words. The word of a short value is the value itself, with its length + 1 in the
 * highest byte. A longer one lies in `bytes` behind its length; its word has the highest bit, 31
 * bits of its hash, and its position in the lower half. When there are too many values, `bytes` are
 * the registers of a HyperLogLog.
 */
typedef struct
{
  guint64 *words; /* 0: free */
  guint8 *bytes;
  guint32 mask; /* of a hash: where the group of words begins that is looked at first */
  guint32 n_bytes;
  guint32 n; /* SKETCHED: see above */
} State;

#define SKETCHED        G_MAXUINT32
#define SHORT_MAX       7
#define LONG            ((guint64) 1 << 63)
#define GROUP           4
/* Longer values may take that much on average, so that it is their set that decides when they are
 * too many. */
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

static inline gsize
words_room (const State *state)
{
  return state->words != NULL ? (gsize) state->mask + GROUP : 0;
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

/* Words. */

static inline guint64
short_word (guint64 start, gsize length)
{
  const guint64 mask = ((guint64) 1 << 8 * length) - 1;

  return (start & mask) | (guint64) (length + 1) << 56;
}

/* What is to stand for a value that is added. */
static guint64
word_of (const State *state, FanoutText value)
{
  if (value.length <= SHORT_MAX)
    return short_word (fanout_hash_word (value.data, value.length), value.length);
  return LONG | fanout_hash_bytes (value.data, value.length, 0) >> 33 << 32 | state->n_bytes;
}

/* `buffer` has room for a short value behind its length, as longer ones lie in `bytes`. */
static const guint8 *
word_bytes (const State *state, guint64 word, guint8 buffer[8])
{
  const guint64 bytes = GUINT64_TO_LE (word << 8 | ((word >> 56) - 1));

  if ((word & LONG) != 0)
    return state->bytes + (guint32) word;
  memcpy (buffer, &bytes, sizeof bytes);
  return buffer;
}

/* A word of them for each `i`. */
static inline guint64
any_word (const State *state, gsize i)
{
  return state->words[fanout_hash_shuffle (i, words_room (state))];
}

/* Where the group begins that is looked at first. */
static inline gsize
short_group (guint64 word, gsize mask)
{
  return (gsize) fanout_hash_mix (word, G_GUINT64_CONSTANT (0xe7037ed1a0b428db)) & mask;
}

static inline gsize
word_group (guint64 word, gsize mask)
{
  return short_group ((word & LONG) != 0 ? word >> 32 : word, mask);
}

/* Whether a short value is in its first group, as nearly all are. */
static inline gboolean
is_at_hand (const State *state, guint64 word)
{
  const guint64 *group;

  if (state->words == NULL)
    return FALSE;
  group = state->words + short_group (word, state->mask);
  return ((group[0] == word) | (group[1] == word) | (group[2] == word) | (group[3] == word)) != 0;
}

/* Where a value is or, with a 0 there, belongs. NULL: all words are in use. */
static guint64 *
find (const State *state, FanoutText value, guint64 word)
{
  const gboolean is_long = (word & LONG) != 0;
  const gsize room = words_room (state);
  gsize i = word_group (word, state->mask);

  for (gsize left = room; left > 0; left--, i = (i + 1) & (room - 1))
    {
      const guint64 other = state->words[i];

      if (other == 0 || other == word)
        return &state->words[i];
      if (is_long && other >> 32 == word >> 32)
        {
          const FanoutText long_value = value_at (state->bytes + (guint32) other);

          if (long_value.length == value.length
              && memcmp (long_value.data, value.data, value.length) == 0)
            return &state->words[i];
        }
    }
  return NULL;
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
  fanout_release (memory, state->words, words_room (state) * sizeof *state->words);
}

static void
to_sketch (State *state, FanoutMemory *memory)
{
  guint8 *registers = fanout_allocate (memory, N_REGISTERS);

  for (gsize i = 0; i < words_room (state); i++)
    if (state->words[i] != 0)
      {
        guint8 buffer[8];
        const FanoutText value = value_at (word_bytes (state, state->words[i], buffer));

        count_hash (registers, fanout_hash_bytes (value.data, value.length, 0));
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

/* Adding. */

/* Up to two thirds of the words get used, and all of a single group. */
static gboolean
is_full (const State *state)
{
  const gsize room = words_room (state);

  return room <= GROUP ? state->n == room : ((gsize) state->n + 1) * 3 > room * 2;
}

static void
grow (State *state, FanoutMemory *memory)
{
  const gsize room = MAX (words_room (state) * 2, GROUP);
  guint64 *words = fanout_allocate (memory, room * sizeof *words);

  for (gsize i = 0; i < words_room (state); i++)
    {
      const guint64 word = state->words[i];
      gsize to = word_group (word, room - GROUP);

      while (words[to] != 0)
        to = (to + 1) & (room - 1);
      words[to] = word;
    }
  fanout_release (memory, state->words, words_room (state) * sizeof *words);
  state->words = words;
  state->mask = (guint32) (room - GROUP);
}

static void
append (State *state, FanoutText value, const guint8 *head, gsize n_head, FanoutMemory *memory)
{
  const guint32 at = state->n_bytes;
  const guint32 n_bytes = at + (guint32) (n_head + value.length);

  if (bytes_room (n_bytes) != bytes_room (at))
    state->bytes = fanout_reallocate (memory, state->bytes, bytes_room (at), bytes_room (n_bytes));
  memcpy (state->bytes + at, head, n_head);
  memcpy (state->bytes + at + n_head, value.data, value.length);
  state->n_bytes = n_bytes;
}

/* FALSE: there are too many values. */
static gboolean
add_exact (State *state, FanoutText value, guint64 limit, FanoutMemory *memory)
{
  const guint64 word = word_of (state, value);
  guint64 *place = find (state, value, word);
  guint8 head[LENGTH_MAX];
  gsize n_head;

  if (place != NULL && *place != 0)
    return TRUE;
  if (state->n >= limit)
    return FALSE;
  if (value.length > SHORT_MAX)
    {
      n_head = put_length (head, value.length);
      if (state->n_bytes + n_head + value.length > MIN (limit * BYTES_PER_VALUE, BYTES_MAX))
        return FALSE;
      append (state, value, head, n_head, memory);
    }
  if (is_full (state))
    {
      grow (state, memory);
      place = find (state, value, word);
    }
  *place = word;
  state->n++;
  return TRUE;
}

static void
add (State *state, FanoutText value, const Options *options, FanoutMemory *memory)
{
  if (state->n != SKETCHED)
    {
      if (add_exact (state, value, options->limit, memory))
        return;
      to_sketch (state, memory);
    }
  count_hash (state->bytes, fanout_hash_bytes (value.data, value.length, 0));
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
    length += column_value (fanout_input_column (input, c), i, buffer).length + LENGTH_MAX;
  if (length > sizeof inside)
    tuple = outside = g_malloc (length);
  length = 0;
  for (guint c = 0; c < input->n_columns; c++)
    {
      const FanoutText value = column_value (fanout_input_column (input, c), i, buffer);

      length += put_length (tuple + length, value.length);
      memcpy (tuple + length, value.data, value.length);
      length += value.length;
    }
  add (state, (FanoutText){ (const char *) tuple, length }, input->aggregate->options,
       input->aggregate->memory);
}

/* A text of the stream, which is short and known as a rule. */
static inline void
text_step (State *state, FanoutText text, const Options *options, FanoutMemory *memory)
{
  if (G_UNLIKELY (text.length > SHORT_MAX)
      || G_UNLIKELY (
          !is_at_hand (state, short_word (fanout_hash_word (text.data, 8), text.length))))
    add (state, text, options, memory);
}

static inline void
step (State *state, const FanoutInput *input, gsize i)
{
  char buffer[16];

  if (input->n_columns > 1)
    add_tuple (state, input, i);
  else
    add (state, column_value (fanout_input_column (input, 0), i, buffer), input->aggregate->options,
         input->aggregate->memory);
}

static FanoutAnswer
update (gpointer states_, const FanoutInput *input)
{
  const FanoutText *text = fanout_input_column (input, 0)->text;
  const Options *options = input->aggregate->options;
  FanoutMemory *memory = input->aggregate->memory;
  State *states = states_;

  if (input->n_columns > 1 || fanout_input_column (input, 0)->form != FANOUT_FORM_TEXT)
    FANOUT_EACH_ROW (State, states, input, step (state, input, i));
  else
    FANOUT_EACH_ROW (State, states, input, text_step (state, text[i], options, memory));
  return FANOUT_MORE;
}

static void
merge (State *into, State *from, const Options *options, FanoutMemory *memory)
{
  if (from->n == SKETCHED)
    {
      if (into->n != SKETCHED)
        to_sketch (into, memory);
      for (guint i = 0; i < N_REGISTERS; i++)
        into->bytes[i] = MAX (into->bytes[i], from->bytes[i]);
      return;
    }
  for (gsize i = 0; i < words_room (from); i++)
    {
      const guint64 word = any_word (from, i);
      guint8 buffer[8];

      if (word != 0)
        add (into, value_at (word_bytes (from, word, buffer)), options, memory);
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
release (FanoutAggregate *self, State *state)
{
  if (state->n == SKETCHED)
    fanout_release (self->memory, state->bytes, N_REGISTERS);
  else
    drop_exact (state, self->memory);
  memset (state, 0, sizeof *state);
}

FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *out)
{
  const State *state = state_;

  (void) self;
  fanout_write_u32 (out, state->n);
  if (state->n == SKETCHED)
    g_byte_array_append (out, state->bytes, N_REGISTERS);
  for (gsize i = 0; i < words_room (state); i++)
    {
      const guint64 word = any_word (state, i);
      guint8 buffer[8];
      const guint8 *bytes;
      FanoutText value;

      if (word == 0)
        continue;
      bytes = word_bytes (state, word, buffer);
      value = value_at (bytes);
      g_byte_array_append (out, bytes,
                           (guint) ((const guint8 *) value.data + value.length - bytes));
    }
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
  FANOUT_OPTIONS (Options, options),
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
