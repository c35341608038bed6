/* The k largest and the k smallest values. */

#include "heap.h"
#include "values.h"

typedef struct
{
  ValuesOptions values;
  guint64 k;
} Options;

/* A heap with the value on top that the next better one replaces. Room follows from n. */
typedef struct
{
  FanoutKept *heap;
  guint32 n;
} State;

/* Whether `a` comes before `b` in the result for this sign: 1 for the smallest, -1 for the largest.
 * NaN comes last for both. */
static inline gboolean
precedes (FanoutText a, FanoutText b, gboolean numbers, int sign)
{
  if (numbers && (values_is_nan (a) || values_is_nan (b)))
    return !values_is_nan (a) && values_is_nan (b);
  return sign * values_compare (a, b, numbers) < 0;
}

/* How the values of a heap compare. */
typedef struct
{
  gboolean numbers;
  int sign;
} Order;

static inline gboolean
kept_precedes (gconstpointer a, gconstpointer b, gconstpointer order_)
{
  const Order *order = order_;

  return precedes (fanout_kept_text (a), fanout_kept_text (b), order->numbers, order->sign);
}

static void
settle_last (FanoutKept *heap, gsize n, gboolean numbers, int sign)
{
  const Order order = { numbers, sign };

  heap_settle_last (heap, n, sizeof *heap, kept_precedes, &order);
}

static void
settle_top (FanoutKept *heap, gsize n, gboolean numbers, int sign)
{
  const Order order = { numbers, sign };

  heap_settle_top (heap, n, sizeof *heap, kept_precedes, &order);
}

static void
add (FanoutAggregate *self, State *state, FanoutText value, int sign)
{
  const gboolean numbers = values_are_numbers (self);

  if (state->n < ((const Options *) self->options)->k)
    {
      const gsize room = values_room (state->n);
      const gsize new_room = values_room (state->n + (guint64) 1);

      if (new_room > room)
        state->heap = fanout_reallocate (self->memory, state->heap, room * sizeof (FanoutKept),
                                         new_room * sizeof (FanoutKept));
      fanout_kept_set (&state->heap[state->n], value, self->memory);
      settle_last (state->heap, ++state->n, numbers, sign);
    }
  else if (precedes (value, fanout_kept_text (&state->heap[0]), numbers, sign))
    {
      fanout_kept_set (&state->heap[0], value, self->memory);
      settle_top (state->heap, state->n, numbers, sign);
    }
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row, int sign)
{
  ValuesBuffer buffer;

  add (self, state, values_at (fanout_row_column (row, 0), row->index, &buffer), sign);
}

static inline void
smallest_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, 1);
}

static inline void
largest_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, -1);
}

FANOUT_UPDATE_ROW (smallest_update, State, smallest_step)
FANOUT_UPDATE_ROW (largest_update, State, largest_step)

static gboolean
combine (FanoutAggregate *self, State *into, const guint32 *ids, const State *from, gsize n,
         int sign)
{
  for (gsize i = 0; i < n; i++)
    for (guint32 j = 0; j < from[i].n; j++)
      add (self, into + (ids != NULL ? ids[i] : i), fanout_kept_text (&from[i].heap[j]), sign);
  return TRUE;
}

static gboolean
smallest_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  return combine (self, into, ids, from, n, 1);
}

static gboolean
largest_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  return combine (self, into, ids, from, n, -1);
}

/* The heap, sorted: its top goes to its end until none is left. */
static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row, int sign)
{
  const gboolean numbers = values_are_numbers (self);
  g_autofree FanoutKept *sorted = NULL;

  if (state->n == 0)
    return;
  sorted = g_new (FanoutKept, state->n);
  memcpy (sorted, state->heap, state->n * sizeof *sorted);
  for (guint32 n = state->n; n > 1; n--)
    {
      heap_swap (sorted, 0, n - 1, sizeof *sorted);
      settle_top (sorted, n - 1, numbers, sign);
    }
  fanout_list_begin (out, row, 0);
  for (guint32 i = 0; i < state->n; i++)
    values_list (out, fanout_kept_text (&sorted[i]), numbers);
  fanout_list_end (out);
}

static void
smallest_result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  result (self, state, out, row, 1);
}

static void
largest_result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  result (self, state, out, row, -1);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  for (guint32 i = 0; i < state->n; i++)
    fanout_kept_clear (&state->heap[i], self->memory);
  fanout_release (self->memory, state->heap, values_room (state->n) * sizeof (FanoutKept));
  memset (state, 0, sizeof *state);
}

FANOUT_FINISH (smallest_finish, State, smallest_result)
FANOUT_FINISH (largest_finish, State, largest_result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u32 (bytes, state->n);
  for (guint32 i = 0; i < state->n; i++)
    fanout_kept_write (&state->heap[i], bytes);
}

static gboolean
decode (FanoutAggregate *self, State *state, const guint8 *bytes, gsize length, int sign)
{
  const gboolean numbers = values_are_numbers (self);
  FanoutReader in = fanout_reader (bytes, length);
  gboolean good = TRUE;
  guint32 n;

  if (!fanout_read_u32 (&in, &n) || n > ((const Options *) self->options)->k)
    return FALSE;
  for (guint32 i = 0; i < n && good; i++)
    {
      FanoutKept value = { 0 };

      good = values_read (&value, numbers, FALSE, &in, self->memory);
      if (good)
        add (self, state, fanout_kept_text (&value), sign);
      fanout_kept_clear (&value, self->memory);
    }
  return good && fanout_reader_left (&in) == 0;
}

static gboolean
smallest_decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  return decode (self, state, bytes, length, 1);
}

static gboolean
largest_decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  return decode (self, state, bytes, length, -1);
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("number", "how values compare: as numbers, or bytewise as texts"),
  { .key = "k",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, k),
    .value = "10",
    .min = "1",
    .max = "10000000",
    .help = "how many values" },
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "Equal values are listed as often as they occur. NaN comes after all other numbers, here as in "

static const FanoutOperator largest = {
  FANOUT_OPERATOR ("largest", 1),
  .summary = "the k largest values",
  .details = "A list, the largest first. " RULES "smallest.",
  .promise = "exact",
  .memory = "for each of `k` values 16 to 32 bytes and its text",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .takes = values_takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = largest_update,
  .combine = largest_combine,
  .finish = largest_finish,
  .encode = encode,
  .decode = largest_decode,
};

static const FanoutOperator smallest = {
  FANOUT_OPERATOR ("smallest", 1),
  .summary = "the k smallest values",
  .details = "A list, the smallest first. " RULES "largest.",
  .promise = "exact",
  .memory = "for each of `k` values 16 to 32 bytes and its text",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .takes = values_takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = smallest_update,
  .combine = smallest_combine,
  .finish = smallest_finish,
  .encode = encode,
  .decode = smallest_decode,
};

FANOUT_OPERATORS (&largest, &smallest);
