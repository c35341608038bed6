/* All values, in the order of the stream. */

#include "values.h"

typedef struct
{
  ValuesOptions values;
  guint64 limit;
} Options;

typedef struct
{
  guint64 row;
  FanoutKept value;
} Entry;

/* Entries in the order of their rows; room for them follows from how many there are. */
typedef struct
{
  Entry *entries;
  guint64 n_bytes;
  guint32 n;
} State;

#define BYTES_PER_VALUE 256

/* FALSE after fanout_fail. */
static gboolean
may_hold (FanoutAggregate *self, guint64 n, guint64 n_bytes)
{
  const guint64 limit = ((const Options *) self->options)->limit;

  if (n > limit)
    return fanout_fail (self, "more than %" G_GUINT64_FORMAT " value%s; raise `limit`", limit,
                        limit == 1 ? "" : "s");
  if (n_bytes > limit * BYTES_PER_VALUE)
    return fanout_fail (self,
                        "the values take more than %" G_GUINT64_FORMAT
                        " bytes, which is %d for each of `limit`",
                        limit * BYTES_PER_VALUE, BYTES_PER_VALUE);
  return TRUE;
}

static gboolean
reserve (State *state, guint64 n, FanoutMemory *memory)
{
  Entry *entries = values_reserve (state->entries, state->n, n, sizeof *entries, memory);

  if (entries != NULL)
    state->entries = entries;
  return entries != NULL;
}

/* In the order of rows: those of other inputs may come later and stand before. */
static void
insert (State *state, guint64 row, FanoutText value, FanoutMemory *memory)
{
  guint32 place = state->n;
  Entry *entry;

  if (!reserve (state, state->n + (guint64) 1, memory))
    return;
  while (place > 0 && state->entries[place - 1].row > row)
    place--;
  entry = &state->entries[place];
  memmove (entry + 1, entry, (state->n - place) * sizeof *entry);
  memset (entry, 0, sizeof *entry);
  state->n++;
  entry->row = row;
  fanout_kept_set (&entry->value, value, memory);
  state->n_bytes += value.length;
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  ValuesBuffer buffer;

  for (gsize i = 0; i < input->n_rows; i++)
    if (input->skip == NULL || !input->skip[i])
      {
        State *state = (State *) states + (input->ids != NULL ? input->ids[i] : 0);
        const FanoutText value = values_at (fanout_input_column (input, 0), i, &buffer);

        if (!may_hold (input->aggregate, state->n + (guint64) 1, state->n_bytes + value.length))
          return fanout_fail_at (input, i);
        insert (state, fanout_input_row (input, i), value, input->aggregate->memory);
      }
  return FANOUT_MORE;
}

/* From the back, so that what is there is moved once at most. `from` is empty then. */
static void
merge (State *into, State *from, FanoutMemory *memory)
{
  guint32 a = into->n;
  guint32 b = from->n;
  const guint64 n = (guint64) a + b;

  if (!reserve (into, n, memory))
    return;
  for (guint64 i = n; b > 0; i--)
    if (a > 0 && into->entries[a - 1].row > from->entries[b - 1].row)
      into->entries[i - 1] = into->entries[--a];
    else
      into->entries[i - 1] = from->entries[--b];
  into->n = (guint32) n;
  into->n_bytes += from->n_bytes;
  fanout_release (memory, from->entries, values_room (from->n) * sizeof (Entry));
  memset (from, 0, sizeof *from);
}

static gboolean
combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      State *into = (State *) into_ + (ids != NULL ? ids[i] : i);
      State *from = (State *) from_ + i;

      if (!may_hold (self, (guint64) into->n + from->n, into->n_bytes + from->n_bytes))
        return FALSE;
      merge (into, from, self->memory);
    }
  return TRUE;
}

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const gboolean numbers = values_are_numbers (self);

  if (state->n == 0)
    return;
  fanout_list_begin (out, row, 0);
  for (guint32 i = 0; i < state->n; i++)
    values_list (out, fanout_kept_text (&state->entries[i].value), numbers);
  fanout_list_end (out);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  for (guint32 i = 0; i < state->n; i++)
    fanout_kept_clear (&state->entries[i].value, self->memory);
  fanout_release (self->memory, state->entries, values_room (state->n) * sizeof (Entry));
  memset (state, 0, sizeof *state);
}

FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u32 (bytes, state->n);
  for (guint32 i = 0; i < state->n; i++)
    {
      fanout_write_u64 (bytes, state->entries[i].row);
      fanout_kept_write (&state->entries[i].value, bytes);
    }
}

static gboolean
decode_entry (FanoutAggregate *self, State *state, FanoutReader *in)
{
  FanoutKept value = { 0 };
  guint64 row = 0;
  const gboolean good = fanout_read_u64 (in, &row)
                        && (state->n == 0 || row > state->entries[state->n - 1].row)
                        && values_read (&value, values_are_numbers (self), FALSE, in, self->memory);

  if (good)
    insert (state, row, fanout_kept_text (&value), self->memory);
  fanout_kept_clear (&value, self->memory);
  return good;
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  guint32 n;

  if (!fanout_read_u32 (&in, &n) || n > ((const Options *) self->options)->limit)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (!decode_entry (self, state, &in))
      return FALSE;
  return fanout_reader_left (&in) == 0;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    for (guint32 i = 0; i < state->n; i++)
      state->entries[i].row += rows;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_READ),
  { .key = "limit",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, limit),
    .value = "100000",
    .min = "1",
    .max = "100000000",
    .help = "fails where there are more values" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator collapse = {
  FANOUT_OPERATOR ("collapse", 2),
  .summary = "the list of all values, in stream order",
  .details = "Each value as it comes, whatever the partitions; as in datamash's collapse and SQL's "
             "string_agg, but as a list. Nulls are passed over, as string_agg does (array_agg and "
             "datamash keep them). More than `limit` values, or 256 bytes of text for each of so "
             "many, are an error.",
  .promise = "exact",
  .memory = "for each value, up to `limit`, 24 to 48 bytes and its text",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = values_takes,
  FANOUT_MERGEABLE (State, clear),
  .shift = shift,
};

FANOUT_OPERATORS (&collapse);
