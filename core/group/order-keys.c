#include "core/group/order-keys.h"
#include "core/number/powers.h"
#include <string.h>

/* Depths of a column of numbers; a column of texts has only windows, from depth 0. */
enum
{
  DEPTH_VALUE = 0,
  DEPTH_EXACT = 1, /* ranks of values whose nearest doubles are equal */
  DEPTH_TEXT = 2,  /* windows of the texts of equal values */
};

typedef struct
{
  FanoutNumber number;
  gsize index;
} Numbered;

/* The scale that all decimals can be brought to, where the largest mantissa of each scale is given.
 */
static gint
common_scale (const gint64 *largest)
{
  gint scale = 0;

  for (gint s = 0; s <= FANOUT_SCALE_MAX; s++)
    if (largest[s] > 0)
      scale = s;
  for (gint s = 0; s < scale; s++)
    if (largest[s] > G_MAXINT64 / (gint64) fanout_powers_of_ten[scale - s])
      return -1;
  return scale;
}

void
fanout_order_inspect (const FanoutTable *table, guint key, FanoutOrderColumn *column)
{
  const FanoutKeys *keys = fanout_table_store (table);
  gint64 largest[FANOUT_SCALE_MAX + 1] = { 0 };
  gboolean doubles = FALSE;

  if (column->known)
    return;
  column->known = TRUE;
  column->numeric = FALSE;
  for (guint64 id = 0; id < keys->n; id++)
    {
      FanoutNumber number;
      FanoutText text;

      if (!fanout_order_key (keys, (guint32) id, key, &text))
        continue;
      if (!fanout_number_parse (text.data, text.length, &number, NULL))
        return;
      if (fanout_number_is_double (number))
        doubles = TRUE;
      else
        largest[number.scale] = MAX (largest[number.scale], ABS (number.mantissa));
    }
  column->numeric = TRUE;
  column->scale = doubles ? -1 : common_scale (largest);
}

static FanoutNumber
key_number (const FanoutKeys *keys, guint32 id, guint key, FanoutWide *room)
{
  FanoutNumber number = { .mantissa = 0, .scale = 0 };
  FanoutText text;

  if (fanout_order_key (keys, id, key, &text))
    fanout_number_parse_wide (text.data, text.length, &number, room, NULL);
  return number;
}

static void
load_text (const FanoutKeys *keys, guint key, FanoutOrderItem *item, guint32 window, guint32 depth)
{
  FanoutText text;
  gboolean more;

  item->next = 0;
  item->word = FANOUT_ORDER_NULL;
  if (!fanout_order_key (keys, item->id, key, &text))
    return;
  item->word = fanout_order_text (&text, window, &more);
  item->next = more ? depth + 1 : 0;
}

static void
load_value (const FanoutKeys *keys, guint key, gint scale, FanoutOrderItem *item)
{
  FanoutNumber number = { .mantissa = 0, .scale = 0 };
  FanoutText text;

  item->next = 0;
  item->word = FANOUT_ORDER_NULL;
  if (!fanout_order_key (keys, item->id, key, &text))
    return;
  fanout_number_parse (text.data, text.length, &number, NULL);
  if (scale >= 0)
    {
      const gint64 mantissa = number.mantissa * (gint64) fanout_powers_of_ten[scale - number.scale];

      item->word = (guint64) mantissa + G_MAXINT64;
      item->next = DEPTH_TEXT;
    }
  else
    {
      item->word = fanout_order_double (fanout_number_to_double (number));
      item->next = DEPTH_EXACT;
    }
}

static gint
compare_numbered (gconstpointer a, gconstpointer b, gpointer data)
{
  (void) data;
  return fanout_number_compare (((const Numbered *) a)->number, ((const Numbered *) b)->number);
}

static void
load_exact (const FanoutKeys *keys, guint key, FanoutOrderItem *items, gsize n)
{
  g_autofree Numbered *numbers = NULL;
  g_autofree FanoutWide *wides = NULL;
  guint64 rank = 0;
  gsize same = 1;
  FanoutWide rooms[2];
  const FanoutNumber first = key_number (keys, items[0].id, key, &rooms[0]);

  while (same < n
         && fanout_number_compare (key_number (keys, items[same].id, key, &rooms[1]), first) == 0)
    same++;
  for (gsize i = 0; i < n; i++)
    {
      items[i].word = 0;
      items[i].next = DEPTH_TEXT;
    }
  if (same == n)
    return;
  numbers = g_new (Numbered, n);
  wides = g_new (FanoutWide, n);
  for (gsize i = 0; i < n; i++)
    numbers[i] = (Numbered){ key_number (keys, items[i].id, key, &wides[i]), i };
  g_qsort_with_data (numbers, (gint) n, sizeof *numbers, compare_numbered, NULL);
  for (gsize i = 1; i < n; i++)
    {
      rank += fanout_number_compare (numbers[i - 1].number, numbers[i].number) != 0;
      items[numbers[i].index].word = rank;
    }
}

void
fanout_order_load_key (const FanoutTable *table, guint key, const FanoutOrderColumn *column,
                       FanoutOrderItem *items, gsize n, guint32 depth)
{
  const FanoutKeys *keys = fanout_table_store (table);
  const guint32 first = column->numeric ? DEPTH_TEXT : 0;

  if (column->numeric && depth == DEPTH_EXACT)
    load_exact (keys, key, items, n);
  else
    for (gsize i = 0; i < n; i++)
      {
        fanout_order_prefetch (keys, items, i, n);
        if (depth < first)
          load_value (keys, key, column->scale, &items[i]);
        else
          load_text (keys, key, &items[i], depth - first, depth);
      }
}
