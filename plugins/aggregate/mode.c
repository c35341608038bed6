/* The most frequent value, and the rarest one. */

#include "bags.h"

enum
{
  TIES_SMALLEST = 0,
  TIES_LARGEST,
  TIES_FIRST,
  TIES_ALL,
};

typedef struct
{
  BagsOptions bags;
  gint ties;
} Options;

static inline gboolean
first_decides (const FanoutAggregate *self)
{
  return ((const Options *) self->options)->ties == TIES_FIRST;
}

/* Where the first of equally frequent values is wanted `error` is the row where each was first. */

static inline gboolean
add_seen (Bag *bag, FanoutText value, guint64 count, guint64 row, FanoutAggregate *self)
{
  BagEntry *entry = bag_find (bag, value);
  const guint64 first = entry != NULL ? MIN (entry->error, row) : row;

  if (!bag_add (bag, value, count, ((const Options *) self->options)->bags.limit, self))
    return FALSE;
  bag_find (bag, value)->error = first;
  return TRUE;
}

static FanoutAnswer
update (gpointer bags, const FanoutInput *input)
{
  ValuesBuffer buffer;

  if (!first_decides (input->aggregate))
    return bags_update (bags, input);
  for (gsize i = 0; i < input->n_rows; i++)
    if ((input->skip == NULL || !input->skip[i])
        && !add_seen ((Bag *) bags + (input->ids != NULL ? input->ids[i] : 0),
                      values_at (fanout_input_column (input, 0), i, &buffer), 1,
                      fanout_input_row (input, i), input->aggregate))
      return fanout_fail_at (input, i);
  return FANOUT_MORE;
}

static gboolean
merge_seen (FanoutAggregate *self, Bag *into, const Bag *from)
{
  for (gsize i = 0; i < bag_room (from); i++)
    {
      const BagEntry *entry = &from->entries[i];

      if (entry->count != 0
          && !add_seen (into, fanout_kept_text (&entry->value), entry->count, entry->error, self))
        return FALSE;
    }
  return TRUE;
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  if (!first_decides (self))
    return bags_combine (self, into, ids, from, n);
  for (gsize i = 0; i < n; i++)
    if (!merge_seen (self, (Bag *) into + (ids != NULL ? ids[i] : i), (Bag *) from + i))
      return FALSE;
  return TRUE;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  for (Bag *bag = states, *end = bag + n; bag < end && first_decides (self); bag++)
    for (gsize i = 0; i < bag_room (bag); i++)
      if (bag->entries[i].count != 0)
        bag->entries[i].error += rows;
}

/* Results. */

static gboolean
precedes (const BagItem *a, const BagItem *b, int (*order) (gconstpointer, gconstpointer))
{
  return a->count != b->count && order (a, b) < 0;
}

/* The values before which none comes: sorted, and no others. */
static gsize
foremost (const Bag *bag, gint as, int (*order) (gconstpointer, gconstpointer), BagItem **items)
{
  gsize n = 0;

  *items = bag_items (bag, as, order);
  while (n < bag->n && !precedes (*items, *items + n, order))
    n++;
  return n;
}

/* The first in the stream of the most frequent ones, or of the rarest; `bag` is not empty. */
static FanoutText
earliest (const Bag *bag, gboolean rarest)
{
  const BagEntry *best = NULL;

  for (gsize i = 0; i < bag_room (bag); i++)
    {
      const BagEntry *entry = &bag->entries[i];

      if (entry->count == 0)
        continue;
      if (best == NULL
          || (entry->count == best->count ? entry->error < best->error
                                          : (entry->count < best->count) == rarest))
        best = entry;
    }
  return fanout_kept_text (&best->value);
}

static void
result (FanoutAggregate *self, const Bag *bag, FanoutOut *out, gsize row,
        int (*order) (gconstpointer, gconstpointer))
{
  const gint ties = ((const Options *) self->options)->ties;
  const gboolean numbers = values_are_numbers (self);
  g_autofree BagItem *items = NULL;
  gsize n;

  if (bag->n == 0)
    return;
  if (ties == TIES_FIRST)
    {
      values_out (out, row, 0, earliest (bag, order == bag_by_rarity), numbers);
      return;
    }
  n = foremost (bag,
                numbers                ? VALUES_NUMBER
                : bag_is_numeric (bag) ? VALUES_NUMERIC
                                       : VALUES_TEXT,
                order, &items);
  if (ties != TIES_ALL)
    {
      values_out (out, row, 0, items[ties == TIES_SMALLEST ? 0 : n - 1].value, numbers);
      return;
    }
  fanout_list_begin (out, row, 0);
  for (gsize i = 0; i < n; i++)
    values_list (out, items[i].value, numbers);
  fanout_list_end (out);
}

static void
mode_result (FanoutAggregate *self, const Bag *bag, FanoutOut *out, gsize row)
{
  result (self, bag, out, row, bag_by_count);
}

static void
antimode_result (FanoutAggregate *self, const Bag *bag, FanoutOut *out, gsize row)
{
  result (self, bag, out, row, bag_by_rarity);
}

FANOUT_FINISH (mode_finish, Bag, mode_result)
FANOUT_FINISH (antimode_finish, Bag, antimode_result)

static const char *const ties_choices[] = { "smallest", "largest", "first", "all", NULL };

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  { .key = "ties",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, ties),
    .value = "smallest",
    .choices = ties_choices,
    .help = "which of several equally frequent values: one, the first in the stream among them, "
            "or the sorted list of all" },
  BAGS_LIMIT,
  FANOUT_OPTIONS_END,
};

#define TIES                                                                                       \
  "Of several the smallest, as in datamash and as in PostgreSQL's mode () within group (order "    \
  "by): by value where all are numbers, else bytewise. `ties = first` takes the one that comes "   \
  "first in "                                                                                      \
  "the stream, as Python's statistics.mode and Miller do, whatever the partitions; `ties = all` "  \
  "gives them all, as Python's multimode and the mode of pandas. NaN is a value, after all "       \
  "others. More than `limit` different values, or 256 bytes for each of so many, are an error."

/* Rows are told apart for `ties = first` alone. */
#define STATE                                                                                      \
  .version = 2, .order = FANOUT_ORDER_TAGGED, .takes = values_takes, .state_size = sizeof (Bag),   \
  .clear = bags_clear, .update = update, .combine = combine, .encode = bags_encode,                \
  .decode = bags_decode, .shift = shift

static const FanoutOperator mode = {
  .size = sizeof mode,
  .name = "mode",
  .summary = "the most frequent value",
  .details = "The value that occurs most often. " TIES,
  .promise = "exact",
  FANOUT_OPTIONS (Options, options),
  STATE,
  .finish = mode_finish,
};

static const FanoutOperator antimode = {
  .size = sizeof antimode,
  .name = "antimode",
  .summary = "the rarest value",
  .details = "The value that occurs least often, but does occur. " TIES,
  .promise = "exact",
  FANOUT_OPTIONS (Options, options),
  STATE,
  .finish = antimode_finish,
};

FANOUT_OPERATORS (&mode, &antimode);
