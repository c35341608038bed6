#include "core/group/order-keys.h"
#include "core/number/text.h"
#include <string.h>

#define NO_INTEGER G_MAXUINT32

enum
{
  TILE = 1024,
  PROBE = 1 << 18, /* so many items show whether a column has few distinct keys */
};

static gsize
codes_of_tile (FanoutTable *dictionary, const FanoutKeys *keys, guint key, FanoutOrderItem *items,
               gsize n)
{
  FanoutText texts[TILE];
  guint8 null[TILE];
  guint32 codes[TILE];
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .null = null, .text = texts };
  const FanoutColumn *const columns[] = { &column };
  gsize got;

  for (gsize i = 0; i < n; i++)
    {
      fanout_order_prefetch (keys, items, i, n);
      null[i] = !fanout_order_key (keys, items[i].id, key, &texts[i]);
    }
  got = fanout_table_ids (dictionary, columns, 0, n, codes);
  for (gsize i = 0; i < got; i++)
    items[i].next = codes[i];
  return got;
}

/* Give the items the codes of their keys; NULL when there are too many distinct ones. */
static FanoutTable *
encode (const FanoutTable *table, guint key, FanoutOrderItem *items, gsize n, FanoutMemory *memory)
{
  g_autoptr (FanoutTable) dictionary
      = fanout_table_new (1, n / 8, fanout_table_seed (table), memory);
  const FanoutKeys *keys = fanout_table_store (table);

  for (gsize done = 0; done < n; done += TILE)
    {
      const gsize size = MIN (n - done, TILE);

      if (codes_of_tile (dictionary, keys, key, items + done, size) < size)
        return NULL;
      if (done == PROBE && fanout_table_n_groups (dictionary) > PROBE / 2)
        return NULL;
    }
  return g_steal_pointer (&dictionary);
}

static guint32 *
ranks_of (FanoutTable *dictionary, FanoutOrderColumn *column, gboolean descending,
          FanoutOrderSingle single, FanoutMemory *memory)
{
  const gsize n = fanout_table_n_groups (dictionary);
  g_autofree guint32 *ids = single (dictionary, column, memory);
  guint32 *ranks = g_new (guint32, n);
  FanoutText text;
  gsize n_texts = n;

  if (!fanout_table_key (dictionary, ids[n - 1], 0, &text))
    n_texts--;
  for (gsize i = 0; i < n; i++)
    ranks[ids[i]] = (guint32) (descending && i < n_texts ? n_texts - 1 - i : i);
  return ranks;
}

/* The value of a text that is an integer of at most eight digits and written in no other way; else
 * NO_INTEGER. */
static guint32
read_integer (const FanoutText *text)
{
  const guint64 zeros = G_GUINT64_CONSTANT (0x3030303030303030);
  guint64 digits;

  if (text->length == 0 || text->length > 8 || (text->data[0] == '0' && text->length > 1))
    return NO_INTEGER;
  memcpy (&digits, text->data, sizeof digits);
  digits = GUINT64_FROM_LE (digits) ^ zeros;
  digits <<= 64 - 8 * text->length;
  if (((digits + G_GUINT64_CONSTANT (0x7676767676767676)) | digits)
      & G_GUINT64_CONSTANT (0x8080808080808080))
    return NO_INTEGER;
  return (guint32) fanout_eight_digits (digits);
}

/* Where all keys are small integers they are their own ranks, but for the nulls. */
static gboolean
load_integers (const FanoutKeys *keys, guint key, FanoutOrderItem *items, gsize n, guint32 *largest)
{
  guint32 most = 0;

  for (gsize i = 0; i < n; i++)
    {
      FanoutText text;

      fanout_order_prefetch (keys, items, i, n);
      items[i].next = NO_INTEGER;
      if (!fanout_order_key (keys, items[i].id, key, &text))
        continue;
      items[i].next = read_integer (&text);
      if (items[i].next == NO_INTEGER)
        return FALSE;
      most = MAX (most, items[i].next);
    }
  *largest = most;
  return TRUE;
}

/* Append ranks of `bits` bits, which are in `next`, to the words. */
static void
append_ranks (FanoutOrderItem *items, gsize n, guint bits, gboolean first)
{
  for (gsize i = 0; i < n; i++)
    items[i].word = (first ? 0 : items[i].word << (bits & 63)) | items[i].next;
}

/* Put ranks of key column `level` into `next`. Answers their bits, or 0 when there are too many
 * distinct keys. */
static guint
rank_level (const FanoutTable *table, const FanoutOrderLevel *level, FanoutOrderColumn *column,
            FanoutOrderItem *items, gsize n, FanoutOrderSingle single, FanoutMemory *memory)
{
  const gboolean all = n == fanout_table_n_groups (table);
  g_autoptr (FanoutTable) dictionary = NULL;
  g_autofree guint32 *ranks = NULL;
  guint32 largest;

  /* The distinct keys of all groups tell as much of the column as the groups do, and sooner. */
  if (!all)
    fanout_order_inspect (table, level->key, column);
  if ((!column->known || column->numeric)
      && load_integers (fanout_table_store (table), level->key, items, n, &largest))
    {
      *column = (FanoutOrderColumn){ TRUE, TRUE, 0 };
      for (gsize i = 0; i < n; i++)
        items[i].next = items[i].next == NO_INTEGER ? largest + 1
                        : level->descending         ? largest - items[i].next
                                                    : items[i].next;
      return (guint) g_bit_storage (largest + 1);
    }
  dictionary = encode (table, level->key, items, n, memory);
  if (dictionary == NULL)
    return 0;
  ranks = ranks_of (dictionary, column, level->descending, single, memory);
  for (gsize i = 0; i < n; i++)
    items[i].next = ranks[items[i].next];
  return (guint) g_bit_storage (fanout_table_n_groups (dictionary) - 1);
}

guint
fanout_order_load_ranks (const FanoutTable *table, guint n_levels, const FanoutOrderLevel *levels,
                         FanoutOrderColumn *columns, FanoutOrderItem *items, gsize n,
                         FanoutOrderSingle single, FanoutMemory *memory)
{
  guint used = 0;
  guint done = 0;

  for (; done < n_levels && levels[done].load == NULL; done++)
    {
      const guint bits
          = rank_level (table, &levels[done], &columns[levels[done].key], items, n, single, memory);

      if (bits == 0 || used + bits > 64)
        break;
      append_ranks (items, n, bits, done == 0);
      used += bits;
    }
  for (gsize i = 0; i < n && done > 0; i++)
    items[i].next = 0;
  return done;
}
