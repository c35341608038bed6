#pragma once

/**
 * Operators whose state is a Bag that may hold so many values and no more; their options begin with
 * BagsOptions.
 */

#include "bag.h"

typedef struct
{
  ValuesOptions values;
  guint64 limit;
} BagsOptions;

#define BAGS_LIMIT                                                                                 \
  {                                                                                                \
    .key = "limit", .type = FANOUT_OPTION_COUNT, .offset = G_STRUCT_OFFSET (BagsOptions, limit),   \
    .value = "100000", .min = "1", .max = "100000000",                                             \
    .help = "fails where there are more different values"                                          \
  }

static inline gboolean
bags_step (Bag *bag, const FanoutInput *input, gsize i)
{
  const BagsOptions *options = input->aggregate->options;
  ValuesBuffer buffer;

  return bag_add (bag, values_at (fanout_input_column (input, 0), i, &buffer), 1, options->limit,
                  input->aggregate);
}

static FanoutAnswer
bags_update (gpointer bags, const FanoutInput *input)
{
  for (gsize i = 0; i < input->n_rows; i++)
    if ((input->skip == NULL || !input->skip[i])
        && !bags_step ((Bag *) bags + (input->ids != NULL ? input->ids[i] : 0), input, i))
      return fanout_fail_at (input, i);
  return FANOUT_MORE;
}

static gboolean
bags_merge (FanoutAggregate *self, Bag *into, const Bag *from)
{
  const guint64 limit = ((const BagsOptions *) self->options)->limit;

  for (gsize i = 0; i < bag_room (from); i++)
    {
      const BagEntry *entry = &from->entries[i];

      if (entry->count != 0
          && !bag_add (into, fanout_kept_text (&entry->value), entry->count, limit, self))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bags_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!bags_merge (self, (Bag *) into + (ids != NULL ? ids[i] : i), (Bag *) from + i))
      return FALSE;
  return TRUE;
}

static inline void
bags_clear_one (FanoutAggregate *self, Bag *bag)
{
  bag_clear (bag, self->memory);
}

FANOUT_CLEAR (bags_clear, Bag, bags_clear_one)

static void
bags_encode (FanoutAggregate *self, gconstpointer bag, FanoutWriter *bytes)
{
  (void) self;
  bag_write (bag, bytes);
}

static gboolean
bags_decode (FanoutAggregate *self, gpointer bag, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  return bag_read (bag, values_are_numbers (self), &in, self->memory)
         && fanout_reader_left (&in) == 0;
}

/* What these operators have in common. */
#define BAGS_STATE                                                                                 \
  .version = 2, .order = FANOUT_ORDER_FREE, .takes = values_takes, .state_size = sizeof (Bag),     \
  .clear = bags_clear, .update = bags_update, .combine = bags_combine, .encode = bags_encode,      \
  .decode = bags_decode
