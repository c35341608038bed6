/* The k largest and the k smallest values, or what stands beside them. */

#include "heap.h"
#include "values.h"

typedef struct
{
  ValuesOptions values;
  guint64 k;
  gint value; /* -1: none, the values themselves */
} Options;

/* Where there is a `value`, an item of the heap is all of this; else it is `key` alone. */
typedef struct
{
  FanoutKept key; /* first */
  FanoutKept value;
  guint64 row; /* of equal keys the first in the stream comes first */
} Item;

/* A heap with the item on top that the next better one replaces. Room follows from n. */
typedef struct
{
  char *heap;
  guint32 n;
} State;

static inline const Options *
options_of (const FanoutAggregate *self)
{
  return self->options;
}

static inline gboolean
has_value (const FanoutAggregate *self)
{
  return options_of (self)->value >= 0;
}

static inline gsize
item_size (const FanoutAggregate *self)
{
  return has_value (self) ? sizeof (Item) : sizeof (FanoutKept);
}

/* The whole of it may be used only where there is a `value`. */
static inline Item *
item_at (const FanoutAggregate *self, char *heap, gsize i)
{
  return (Item *) (gpointer) (heap + i * item_size (self));
}

/* Negative: `a` comes before `b` in the result for this sign, 1 for the smallest, -1 for the
 * largest. NaN comes last for both. */
static inline int
compare (FanoutText a, FanoutText b, gboolean numbers, int sign)
{
  if (numbers && (values_is_nan (a) || values_is_nan (b)))
    return values_is_nan (a) - values_is_nan (b);
  return sign * values_compare (a, b, numbers);
}

/* How the items of a heap compare. */
typedef struct
{
  gboolean numbers;
  int sign;
} Order;

static inline gboolean
key_precedes (gconstpointer a, gconstpointer b, gconstpointer order_)
{
  const Order *order = order_;

  return compare (fanout_kept_text (a), fanout_kept_text (b), order->numbers, order->sign) < 0;
}

static inline gboolean
item_precedes (gconstpointer a, gconstpointer b, gconstpointer order_)
{
  const Item *x = a, *y = b;
  const Order *order = order_;
  const int by_key = compare (fanout_kept_text (&x->key), fanout_kept_text (&y->key),
                              order->numbers, order->sign);

  return by_key < 0 || (by_key == 0 && x->row < y->row);
}

static void
settle_last (const FanoutAggregate *self, char *heap, gsize n, int sign)
{
  const Order order = { values_are_numbers (self), sign };

  if (has_value (self))
    heap_settle_last (heap, n, sizeof (Item), item_precedes, &order);
  else
    heap_settle_last (heap, n, sizeof (FanoutKept), key_precedes, &order);
}

static void
settle_top (const FanoutAggregate *self, char *heap, gsize n, int sign)
{
  const Order order = { values_are_numbers (self), sign };

  if (has_value (self))
    heap_settle_top (heap, n, sizeof (Item), item_precedes, &order);
  else
    heap_settle_top (heap, n, sizeof (FanoutKept), key_precedes, &order);
}

/* A value of a row, or of another heap. */
typedef struct
{
  FanoutText key;
  FanoutText value;
  guint64 row;
} Candidate;

static void
set_item (FanoutAggregate *self, Item *item, const Candidate *candidate)
{
  fanout_kept_set (&item->key, candidate->key, self->memory);
  if (!has_value (self))
    return;
  fanout_kept_set (&item->value, candidate->value, self->memory);
  item->row = candidate->row;
}

static gboolean
is_better (const FanoutAggregate *self, const Candidate *candidate, const Item *top, int sign)
{
  const int by_key
      = compare (candidate->key, fanout_kept_text (&top->key), values_are_numbers (self), sign);

  return by_key < 0 || (by_key == 0 && has_value (self) && candidate->row < top->row);
}

static void
add (FanoutAggregate *self, State *state, const Candidate *candidate, int sign)
{
  if (state->n < options_of (self)->k)
    {
      char *heap = values_reserve (state->heap, state->n, state->n + (guint64) 1, item_size (self),
                                   self->memory);

      if (heap == NULL)
        return;
      state->heap = heap;
      set_item (self, item_at (self, state->heap, state->n), candidate);
      settle_last (self, state->heap, ++state->n, sign);
    }
  else if (is_better (self, candidate, item_at (self, state->heap, 0), sign))
    {
      set_item (self, item_at (self, state->heap, 0), candidate);
      settle_top (self, state->heap, state->n, sign);
    }
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row, int sign)
{
  ValuesBuffer buffer;
  Candidate candidate = { .key = values_at (fanout_row_column (row, 0), row->index, &buffer) };

  if (has_value (self))
    {
      candidate.value = fanout_row_text (row, 1);
      candidate.row = fanout_row_position (row);
    }
  add (self, state, &candidate, sign);
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
      {
        const Item *item = item_at (self, from[i].heap, j);
        Candidate candidate = { .key = fanout_kept_text (&item->key) };

        if (has_value (self))
          {
            candidate.value = fanout_kept_text (&item->value);
            candidate.row = item->row;
          }
        add (self, into + (ids != NULL ? ids[i] : i), &candidate, sign);
      }
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
  g_autofree char *sorted = NULL;

  if (state->n == 0)
    return;
  sorted = g_memdup2 (state->heap, state->n * item_size (self));
  for (guint32 n = state->n; n > 1; n--)
    {
      heap_swap (sorted, 0, n - 1, item_size (self));
      settle_top (self, sorted, n - 1, sign);
    }
  fanout_list_begin (out, row, 0);
  for (guint32 i = 0; i < state->n; i++)
    {
      const Item *item = item_at (self, sorted, i);

      if (has_value (self))
        values_list (out, fanout_kept_text (&item->value), FALSE);
      else
        values_list (out, fanout_kept_text (&item->key), values_are_numbers (self));
    }
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
    {
      Item *item = item_at (self, state->heap, i);

      fanout_kept_clear (&item->key, self->memory);
      if (has_value (self))
        fanout_kept_clear (&item->value, self->memory);
    }
  fanout_release (self->memory, state->heap, values_room (state->n) * item_size (self));
  memset (state, 0, sizeof *state);
}

FANOUT_FINISH (smallest_finish, State, smallest_result)
FANOUT_FINISH (largest_finish, State, largest_result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  fanout_write_u32 (bytes, state->n);
  for (guint32 i = 0; i < state->n; i++)
    {
      const Item *item = item_at (self, state->heap, i);

      fanout_kept_write (&item->key, bytes);
      if (!has_value (self))
        continue;
      fanout_kept_write (&item->value, bytes);
      fanout_write_u64 (bytes, item->row);
    }
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  for (State *state = states, *end = state + n; state < end && has_value (self); state++)
    for (guint32 i = 0; i < state->n; i++)
      item_at (self, state->heap, i)->row += rows;
}

static gboolean
decode (FanoutAggregate *self, State *state, const guint8 *bytes, gsize length, int sign)
{
  FanoutReader in = fanout_reader (bytes, length);
  gboolean good = TRUE;
  guint32 n;

  if (!fanout_read_u32 (&in, &n) || n > options_of (self)->k)
    return FALSE;
  for (guint32 i = 0; i < n && good; i++)
    {
      Item item = { 0 };

      good = values_read (&item.key, values_are_numbers (self), FALSE, &in, self->memory)
             && (!has_value (self)
                 || (values_read (&item.value, FALSE, FALSE, &in, self->memory)
                     && fanout_read_u64 (&in, &item.row)));
      if (good)
        add (self, state,
             &(Candidate){ fanout_kept_text (&item.key), fanout_kept_text (&item.value), item.row },
             sign);
      fanout_kept_clear (&item.key, self->memory);
      fanout_kept_clear (&item.value, self->memory);
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

static FanoutTakes
takes (gconstpointer options, guint column)
{
  return column == 0 ? values_takes (options, column) : FANOUT_TAKES_TEXT;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  { .key = "value",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (Options, value),
    .takes = FANOUT_TAKES_TEXT,
    .help = "the column whose values are listed, as read, in place of those that are compared" },
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
  "Equal values are listed as often as they occur; with `value`, what stands beside them is, of "  \
  "equal ones the first in the stream first, and rows without a `value` are passed over. NaN "     \
  "comes after all other numbers, here as in "

static const FanoutOperator largest = {
  FANOUT_OPERATOR ("largest", 3),
  .summary = "the k largest values",
  .details = "A list, the largest first. " RULES "smallest.",
  .promise = "exact",
  .memory = "for each of `k` values 16 to 32 bytes and its text; with `value` 40 to 80 and both",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = largest_update,
  .combine = largest_combine,
  .finish = largest_finish,
  .encode = encode,
  .decode = largest_decode,
  .shift = shift,
};

static const FanoutOperator smallest = {
  FANOUT_OPERATOR ("smallest", 3),
  .summary = "the k smallest values",
  .details = "A list, the smallest first. " RULES "largest.",
  .promise = "exact",
  .memory = "for each of `k` values 16 to 32 bytes and its text; with `value` 40 to 80 and both",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = smallest_update,
  .combine = smallest_combine,
  .finish = smallest_finish,
  .encode = encode,
  .decode = smallest_decode,
  .shift = shift,
};

FANOUT_OPERATORS (&largest, &smallest);
