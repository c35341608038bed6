/* The most frequent values, or the rarest ones, and how often they occur. */

#include "bag.h"

#include <fanout/error.h>

typedef struct
{
  ValuesOptions values;
  guint64 k;
  guint64 capacity;
  gboolean least;
} Options;

/*
 * Space-Saving (Metwally et al. 2005) that makes room for half of its values at once, as Anderson
 * et al. (2017) do: what was dropped, or never came, occurred at most `dropped` times, and a value
 * that comes (back) gets that as its error. As each drop takes `dropped` from capacity / 2 + 1
 * values at least, it stays below 2 rows in `capacity`. Sums of such counts keep that bound
 * (Agarwal et al., "Mergeable summaries", 2012).
 */
typedef struct
{
  Bag bag;
  guint64 dropped; /* 0: exact */
} State;

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

/* A value that only one of both holds may have been dropped by the other. */
static gboolean
merge (FanoutAggregate *self, State *into, const State *from)
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
        bag_insert (&into->bag, value, entry->count, entry->error + into->dropped, self->memory);
    }
  into->dropped += from->dropped;
  return into->bag.n <= ((const Options *) self->options)->capacity || make_room (self, into);
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!merge (self, (State *) into + (ids != NULL ? ids[i] : i), (State *) from + i))
      return FALSE;
  return TRUE;
}

#define BOUND "counts too high by at most the error beside them"

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const Options *options = self->options;
  const gboolean numbers = values_are_numbers (self);
  g_autofree BagItem *items = NULL;

  if (state->bag.n == 0)
    return;
  items = bag_items (&state->bag, numbers, options->least ? bag_by_rarity : bag_by_count);
  fanout_list_begin (out, row, 0);
  for (gsize i = 0; i < MIN (options->k, state->bag.n); i++)
    {
      fanout_list_open (out);
      values_list (out, items[i].value, numbers);
      fanout_list_count (out, items[i].count);
      fanout_list_count (out, items[i].error);
      fanout_list_close (out);
    }
  fanout_list_end (out);
  if (state->dropped > 0)
    fanout_out_approximate (out, 0, BOUND);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  bag_clear (&state->bag, self->memory);
  state->dropped = 0;
}

FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state, GByteArray *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const State *) state)->dropped);
  bag_write (&((const State *) state)->bag, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  return fanout_read_u64 (&in, &state->dropped) && state->dropped >> 48 == 0
         && bag_read (&state->bag, values_are_numbers (self), &in, self->memory)
         && state->bag.n <= ((const Options *) self->options)->capacity
         && fanout_reader_left (&in) == 0;
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
  { 0 },
};

static const FanoutOperator top = {
  .size = sizeof top,
  .version = 1,
  .name = "top",
  .summary = "the most frequent values with their counts",
  .details = "A list [[value, count, error], ...], the most frequent first, of equally frequent "
             "ones the smallest. The error is 0 while there are at most `capacity` different "
             "values. Beyond that values that are rare so far are forgotten: Space-Saving "
             "(Metwally, Agrawal, El Abbadi 2005) in the form of Anderson et al. (2017). A value "
             "then occurs count - error to count times, and none is missing that occurs in more "
             "than 2 rows of `capacity`. Texts are kept whole.",
  .promise = "exact up to `capacity` different values; beyond it each count is too high by at most "
             "its error, which is at most 2 rows in `capacity`, and the order of the rows and the "
             "partitions may show in errors and in rare values",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .takes = values_takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&top);
