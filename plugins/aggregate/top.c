/* The most frequent values, or the rarest ones, and how often they occur. */

#include "bag.h"
#include "countmin.h"

#include <fanout/error.h>

typedef struct
{
  ValuesOptions values;
  guint64 k;
  guint64 capacity;
  gboolean least;
} Options;

/*
 * Beyond `capacity` different values the counts are those of a count-min sketch, which depends on
 * the multiset of rows alone; what it cannot tell is which values there are.
 *
 * That is what the bag is for then: Space-Saving (Metwally et al. 2005) that makes room for half of
 * its values at once, as Anderson et al. (2017) do: what was dropped, or never came, occurred at
 * most `dropped` times, and a value that comes (back) gets that as its error. As each drop takes
 * `dropped` from capacity / 2 + 1 values at least, it stays below 2 rows in `capacity`. Sums of
 * such counts keep that bound (Agarwal et al., "Mergeable summaries", 2012). So every value of more
 * rows than that is in the bag, however the rows came, while which others are depends on their
 * order.
 *
 * Listed are values whose count in the sketch is more than twice that, so that one that is not sure
 * to be in the bag had to be counted too high by that much in all rows of the sketch. These are at
 * least eight times as wide as `capacity`, and there are fewer than capacity / 2 values of as many
 * rows: the chance of it is below (1/16)^5 for a value, and as a rule below 10^-10.
 */
typedef struct
{
  Bag bag;
  guint64 dropped;
  CountMin sketch; /* none: exact */
} State;

#define WIDTH 8 /* of the sketch, in capacities */

static inline guint64
sketch_hash (FanoutText value)
{
  return fanout_hash_bytes (value.data, value.length, 0);
}

static void
to_sketch (State *state, const Options *options, FanoutMemory *memory)
{
  countmin_init (&state->sketch, WIDTH * options->capacity, memory);
  for (gsize i = 0; i < bag_room (&state->bag); i++)
    if (state->bag.entries[i].count != 0)
      countmin_add (&state->sketch, sketch_hash (fanout_kept_text (&state->bag.entries[i].value)),
                    state->bag.entries[i].count);
}

/* The most frequent half of `capacity` stays. */
static gboolean
make_room (FanoutAggregate *self, State *state)
{
  const Options *options = self->options;
  const gsize n_kept = options->capacity / 2;
  const gsize n = state->bag.n;
  g_autofree BagItem *items = NULL;

  if (options->least)
    return fanout_fail (self,
                        "more than %" G_GUINT64_FORMAT " different value%s, so that the rarest "
                        "cannot be told; raise `capacity`",
                        options->capacity, options->capacity == 1 ? "" : "s");
  if (state->sketch.counts == NULL)
    to_sketch (state, options, self->memory);
  items = bag_items (&state->bag, values_are_numbers (self), bag_by_count);
  state->dropped = items[n_kept].count;
  for (gsize i = n_kept; i < n; i++)
    bag_drop (&state->bag, items[i].at, self->memory);
  bag_rebuild (&state->bag, state->bag.bits, self->memory);
  return TRUE;
}

static gboolean
add (FanoutAggregate *self, State *state, FanoutText value)
{
  BagEntry *entry = bag_find (&state->bag, value);

  if (entry != NULL)
    entry->count++;
  else if (state->bag.n >= ((const Options *) self->options)->capacity && !make_room (self, state))
    return FALSE;
  else
    bag_insert (&state->bag, value, 1, state->dropped, self->memory);
  if (state->sketch.counts != NULL)
    countmin_add (&state->sketch, sketch_hash (value), 1);
  return TRUE;
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  ValuesBuffer buffer;

  for (gsize i = 0; i < input->n_rows; i++)
    if ((input->skip == NULL || !input->skip[i])
        && !add (input->aggregate, (State *) states + (input->ids != NULL ? input->ids[i] : 0),
                 values_at (fanout_input_column (input, 0), i, &buffer)))
      return fanout_fail_at (input, i);
  return FANOUT_MORE;
}

static void
merge_sketches (State *into, const State *from, const Options *options, FanoutMemory *memory)
{
  if (from->sketch.counts != NULL && into->sketch.counts == NULL)
    to_sketch (into, options, memory);
  if (from->sketch.counts != NULL)
    countmin_merge (&into->sketch, &from->sketch);
  for (gsize i = 0;
       i < bag_room (&from->bag) && into->sketch.counts != NULL && from->sketch.counts == NULL; i++)
    {
      const BagEntry *entry = &from->bag.entries[i];

      if (entry->count != 0)
        countmin_add (&into->sketch, sketch_hash (fanout_kept_text (&entry->value)), entry->count);
    }
}

/* A value that only one of both holds may have been dropped by the other. */
static void
merge_bags (State *into, const State *from, FanoutMemory *memory)
{
  for (gsize i = 0; i < bag_room (&into->bag) && from->dropped > 0; i++)
    {
      BagEntry *entry = &into->bag.entries[i];

      if (entry->count != 0 && bag_find (&from->bag, fanout_kept_text (&entry->value)) == NULL)
        entry->error += from->dropped;
    }
  for (gsize i = 0; i < bag_room (&from->bag); i++)
    {
      const BagEntry *entry = &from->bag.entries[i];
      const FanoutText value = fanout_kept_text (&entry->value);
      BagEntry *other = entry->count != 0 ? bag_find (&into->bag, value) : NULL;

      if (other != NULL)
        {
          other->count += entry->count;
          other->error += entry->error;
        }
      else if (entry->count != 0)
        bag_insert (&into->bag, value, entry->count, entry->error + into->dropped, memory);
    }
  into->dropped += from->dropped;
}

static gboolean
merge (FanoutAggregate *self, State *into, const State *from)
{
  const Options *options = self->options;

  merge_sketches (into, from, options, self->memory);
  merge_bags (into, from, self->memory);
  return into->bag.n <= options->capacity || make_room (self, into);
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!merge (self, (State *) into + (ids != NULL ? ids[i] : i), (State *) from + i))
      return FALSE;
  return TRUE;
}

#define BOUND                                                                                      \
  "counts too high by at most the error beside them, and values in few rows left out; a greater "  \
  "`capacity` lowers both"

/* What may be listed, the first of it first; how many. */
static gsize
choose (const State *state, const Options *options, BagItem *items)
{
  const guint64 error = 2 * state->sketch.total / options->capacity;
  gsize n = 0;

  if (state->sketch.counts == NULL)
    return MIN (options->k, state->bag.n);
  for (gsize i = 0; i < state->bag.n; i++)
    {
      BagItem item = items[i];

      item.count = countmin_get (&state->sketch, sketch_hash (item.value));
      item.error = error;
      if (item.count > 2 * error)
        items[n++] = item;
    }
  if (n > 1)
    qsort (items, n, sizeof *items, bag_by_count);
  return MIN (options->k, n);
}

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const Options *options = self->options;
  const gboolean numbers = values_are_numbers (self);
  g_autofree BagItem *items = NULL;
  gsize n;

  if (state->bag.n == 0)
    return;
  items = bag_items (&state->bag, numbers, options->least ? bag_by_rarity : bag_by_count);
  n = choose (state, options, items);
  fanout_list_begin (out, row, 0);
  for (gsize i = 0; i < n; i++)
    {
      fanout_list_open (out);
      values_list (out, items[i].value, numbers);
      fanout_list_count (out, items[i].count);
      fanout_list_count (out, items[i].error);
      fanout_list_close (out);
    }
  fanout_list_end (out);
  if (state->sketch.counts != NULL)
    fanout_out_approximate (out, 0, BOUND);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  bag_clear (&state->bag, self->memory);
  countmin_clear (&state->sketch, self->memory);
  state->dropped = 0;
}

FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, state->dropped);
  bag_write (&state->bag, bytes);
  if (state->dropped > 0)
    countmin_write (&state->sketch, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  const Options *options = self->options;
  State *state = state_;

  if (!fanout_read_u64 (&in, &state->dropped) || state->dropped >> 48 != 0
      || !bag_read (&state->bag, values_are_numbers (self), &in, self->memory)
      || state->bag.n > options->capacity)
    return FALSE;
  if (state->dropped > 0)
    {
      countmin_init (&state->sketch, WIDTH * options->capacity, self->memory);
      if (!countmin_read (&state->sketch, &in))
        return FALSE;
    }
  return fanout_reader_left (&in) == 0;
}

static gboolean
prepare (gpointer options_, GError **error)
{
  const Options *options = options_;

  if (options->k <= options->capacity / 2)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "k: %" G_GUINT64_FORMAT
               " is more than half of `capacity`, which is %" G_GUINT64_FORMAT,
               options->k, options->capacity);
  return FALSE;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  { .key = "k",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, k),
    .value = "10",
    .min = "1",
    .help = "how many values to list" },
  { .key = "least",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, least),
    .value = "false",
    .help = "the rarest in place of the most frequent; fails beyond `capacity`" },
  { .key = "capacity",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, capacity),
    .value = "10000",
    .min = "1000",
    .max = "100000000",
    .help = "exact while there are at most so many different values" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator top = {
  FANOUT_OPERATOR ("top", 3),
  .summary = "the most frequent values with their counts",
  .details = "A list [[value, count, error], ...], the most frequent first, of equally frequent "
             "ones the smallest. The error is 0 while there are at most `capacity` different "
             "values. Beyond that a value occurs count - error to count times, but for a chance of "
             "less than one in a million: count-min (Cormode, Muthukrishnan 2005) of 5 rows, 8 "
             "times as wide as `capacity`, which gives the same whatever the order of the rows; "
             "Space-Saving (Metwally, Agrawal, El Abbadi 2005) tells of which values. The error is "
             "2 rows in `capacity`, and values of no more than 4 rows in `capacity` are left out. "
             "Texts are kept whole.",
  .promise = "exact up to `capacity` different values; beyond it each count is too high by at most "
             "its error, 2 rows in `capacity`, and values of no more than 4 rows in `capacity` are "
             "left out",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .takes = values_takes,
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&top);
