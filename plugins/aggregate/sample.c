/* Some rows, each as likely as any other, and the same ones always. */

#include "heap.h"
#include "values.h"

#include <stdlib.h>

typedef struct
{
  ValuesOptions values;
  guint64 k;
  guint64 seed;
} Options;

typedef struct
{
  guint64 hash;
  guint64 row;
  FanoutKept value; /* none: null */
} Entry;

/* A heap with the greatest hash on top. Room follows from n. */
typedef struct
{
  Entry *heap;
  guint32 n;
} State;

/* Independent of what a row holds; the same on every machine. */
static guint64
hash_of (guint64 row, guint64 seed)
{
  const guint64 key = fanout_hash_mix (seed ^ G_GUINT64_CONSTANT (0xa0761d6478bd642f),
                                       G_GUINT64_CONSTANT (0xe7037ed1a0b428db));

  return fanout_hash_mix (fanout_hash_mix (row ^ key, G_GUINT64_CONSTANT (0x8ebc6af09c88c6e3))
                              ^ row,
                          key ^ G_GUINT64_CONSTANT (0x589965cc75374cc3));
}

static inline gboolean
below (gconstpointer a_, gconstpointer b_, gconstpointer data)
{
  const Entry *a = a_;
  const Entry *b = b_;

  (void) data;
  return a->hash != b->hash ? a->hash < b->hash : a->row < b->row;
}

/* Where to keep the value of this row, as the last of the heap or on its top; NULL: nowhere. */
static Entry *
place (State *state, const Entry *new, guint64 k, FanoutMemory *memory)
{
  Entry *entry = state->heap;

  if (state->n < k)
    {
      entry = values_reserve (state->heap, state->n, state->n + (guint64) 1, sizeof *entry, memory);
      if (entry == NULL)
        return NULL;
      state->heap = entry;
      entry = &state->heap[state->n++];
    }
  else if (!below (new, entry, NULL))
    return NULL;
  entry->hash = new->hash;
  entry->row = new->row;
  return entry;
}

static void
settle (State *state, const Entry *entry)
{
  if (entry == state->heap)
    heap_settle_top (state->heap, state->n, sizeof *entry, below, NULL);
  else
    heap_settle_last (state->heap, state->n, sizeof *entry, below, NULL);
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  const Options *options = self->options;
  FanoutMemory *memory = self->memory;
  const guint64 position = fanout_row_position (row);
  const Entry new = { .hash = hash_of (position, options->seed), .row = position };
  Entry *entry = place (state, &new, options->k, memory);
  ValuesBuffer buffer;

  if (entry == NULL)
    return;
  if (fanout_row_is_null (row, 0))
    fanout_kept_clear (&entry->value, memory);
  else
    fanout_kept_set (&entry->value, values_at (fanout_row_column (row, 0), row->index, &buffer),
                     memory);
  settle (state, entry);
}

/* The entry's value is taken over. */
static void
add (State *state, Entry *from, guint64 k, FanoutMemory *memory)
{
  Entry *entry = place (state, from, k, memory);

  if (entry == NULL)
    return;
  fanout_kept_clear (&entry->value, memory);
  entry->value = from->value;
  memset (&from->value, 0, sizeof from->value);
  settle (state, entry);
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from_, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      State *from = (State *) from_ + i;

      for (guint32 j = 0; j < from->n; j++)
        add ((State *) into + (ids != NULL ? ids[i] : i), &from->heap[j],
             ((const Options *) self->options)->k, self->memory);
    }
  return TRUE;
}

static int
by_row (gconstpointer a, gconstpointer b)
{
  const guint64 x = ((const Entry *) a)->row;
  const guint64 y = ((const Entry *) b)->row;

  return (x > y) - (x < y);
}

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const gboolean numbers = values_are_numbers (self);
  g_autofree Entry *sorted = NULL;

  if (state->n == 0)
    return;
  sorted = g_new (Entry, state->n);
  memcpy (sorted, state->heap, state->n * sizeof *sorted);
  qsort (sorted, state->n, sizeof *sorted, by_row);
  fanout_list_begin (out, row, 0);
  for (guint32 i = 0; i < state->n; i++)
    if (fanout_kept_is_set (&sorted[i].value))
      values_list (out, fanout_kept_text (&sorted[i].value), numbers);
    else
      fanout_list_null (out);
  fanout_list_end (out);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  for (guint32 i = 0; i < state->n; i++)
    fanout_kept_clear (&state->heap[i].value, self->memory);
  fanout_release (self->memory, state->heap, values_room (state->n) * sizeof (Entry));
  memset (state, 0, sizeof *state);
}

FANOUT_UPDATE_ROW (update, State, step)
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
      fanout_write_u64 (bytes, state->heap[i].row);
      fanout_kept_write (&state->heap[i].value, bytes);
    }
}

static gboolean
decode_entry (FanoutAggregate *self, State *state, FanoutReader *in)
{
  const Options *options = self->options;
  Entry entry = { 0 };
  const gboolean good
      = fanout_read_u64 (in, &entry.row)
        && values_read (&entry.value, values_are_numbers (self), TRUE, in, self->memory);

  entry.hash = hash_of (entry.row, options->seed);
  if (good)
    add (state, &entry, options->k, self->memory);
  fanout_kept_clear (&entry.value, self->memory);
  return good;
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  guint32 n;

  if (!fanout_read_u32 (&in, &n) || n > ((const Options *) self->options)->k)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (!decode_entry (self, state, &in))
      return FALSE;
  return fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_READ),
  { .key = "k",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, k),
    .value = "10",
    .min = "1",
    .max = "10000000",
    .help = "how many rows" },
  { .key = "seed",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, seed),
    .value = "0",
    .help = "another number, another sample" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator sample = {
  FANOUT_OPERATOR ("sample", 2),
  .summary = "the values of k rows, taken at random",
  .details = "A uniform sample without replacement, in stream order, all rows where there are no "
             "more than k: those with the k smallest of a fixed hash of `seed` and the row's "
             "number (a bottom-k sample, Cohen and Kaplan 2007). So the same `seed` gives the "
             "same rows, whatever the partitions, and two columns sampled alike come from the "
             "same rows. Nulls are values here.",
  .promise = "a function of the rows, their numbers and the seed",
  .memory = "for each of `k` values 32 to 64 bytes and its text",
  .order = FANOUT_ORDER_TAGGED,
  .flags = FANOUT_TAKES_NULLS,
  FANOUT_OPTIONS (Options, options),
  .takes = values_takes,
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&sample);
