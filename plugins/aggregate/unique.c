/* The different values, sorted. */

#include "bags.h"

static void
result (FanoutAggregate *self, const Bag *bag, FanoutOut *out, gsize row)
{
  const gboolean numbers = values_are_numbers (self);
  g_autofree BagItem *items = NULL;

  if (bag->n == 0)
    return;
  items = bag_items (bag, numbers, bag_by_value);
  fanout_list_begin (out, row, 0);
  for (gsize i = 0; i < bag->n; i++)
    values_list (out, items[i].value, numbers);
  fanout_list_end (out);
}

FANOUT_FINISH (finish, Bag, result)

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  BAGS_LIMIT,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator unique = {
  .size = sizeof unique,
  .name = "unique",
  .summary = "the sorted list of the different values",
  .details = "Each value once: texts sorted bytewise, numbers by value (NaN last). As datamash's "
             "unique and SQL's array_agg (distinct), but without nulls. More than "
             "`limit` different values, or 256 bytes of text for each of so many, are an error. "
             "For how many there are, see distinct; for how often each occurs, top.",
  .promise = "exact",
  FANOUT_OPTIONS (BagsOptions, options),
  BAGS_STATE,
  .finish = finish,
};

FANOUT_OPERATORS (&unique);
