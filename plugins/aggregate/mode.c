/* The most frequent value, and the rarest one. */

#include "bags.h"

enum
{
  TIES_SMALLEST = 0,
  TIES_LARGEST,
  TIES_ALL,
};

typedef struct
{
  BagsOptions bags;
  gint ties;
} Options;

static gboolean
precedes (const BagItem *a, const BagItem *b, int (*order) (gconstpointer, gconstpointer))
{
  return a->count != b->count && order (a, b) < 0;
}

/* The values before which none comes: sorted, and no others. */
static gsize
foremost (const Bag *bag, gboolean numbers, int (*order) (gconstpointer, gconstpointer),
          BagItem **items)
{
  gsize n = 0;

  *items = bag_items (bag, numbers, order);
  while (n < bag->n && !precedes (*items, *items + n, order))
    n++;
  return n;
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
  n = foremost (bag, numbers, order, &items);
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

static const char *const ties_choices[] = { "smallest", "largest", "all", NULL };

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  { .key = "ties",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, ties),
    .value = "smallest",
    .choices = ties_choices,
    .help = "which of several equally frequent values: one, or the sorted list of all" },
  BAGS_LIMIT,
  { 0 },
};

#define TIES                                                                                       \
  "Of several the smallest, as in datamash and as in PostgreSQL's mode () within group (order "    \
  "by): by value of numbers, bytewise of texts. Python's statistics.mode takes the first in the "  \
  "data; its multimode and the mode of pandas give them all, as `ties = all` does here. NaN is a " \
  "value, after all others. More than `limit` different values, or 256 bytes for each of so "      \
  "many, are an error."

static const FanoutOperator mode = {
  .size = sizeof mode,
  .name = "mode",
  .summary = "the most frequent value",
  .details = "The value that occurs most often. " TIES,
  .promise = "exact",
  .options_size = sizeof (Options),
  .options = options,
  BAGS_STATE,
  .finish = mode_finish,
};

static const FanoutOperator antimode = {
  .size = sizeof antimode,
  .name = "antimode",
  .summary = "the rarest value",
  .details = "The value that occurs least often, but does occur. " TIES,
  .promise = "exact",
  .options_size = sizeof (Options),
  .options = options,
  BAGS_STATE,
  .finish = antimode_finish,
};

FANOUT_OPERATORS (&mode, &antimode);
