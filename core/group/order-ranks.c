#include "core/group/order-keys.h"
#include "core/group/order-halves.h"
#include "core/base/memory.h"
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

/* Half of the items, or all of them, of one level. */
typedef struct
{
  const FanoutTable *table;
  guint key;
  FanoutOrderItem *items;
  gsize n;
  gboolean good;           /* of what it has been asked for */
  guint32 largest;         /* integer */
  guint64 most;            /* distinct keys */
  FanoutTable *dictionary; /* of them, which gave the items their codes */
  FanoutMemory memory;     /* of that */
  const guint32 *ranks;    /* of codes; NULL: the items have integers */
  guint bits;              /* of a rank */
  gboolean first;          /* nothing is in the words */
  gboolean descending;
} Half;

/* Give the items the codes of their keys, unless there are too many distinct ones. */
static void
encode (gpointer data)
{
  Half *half = data;
  const FanoutKeys *keys = fanout_table_store (half->table);

  half->good = FALSE;
  half->dictionary
      = fanout_table_new (1, half->most, fanout_table_seed (half->table), &half->memory);
  for (gsize done = 0; done < half->n; done += TILE)
    {
      const gsize size = MIN (half->n - done, TILE);

      if (codes_of_tile (half->dictionary, keys, half->key, half->items + done, size) < size)
        return;
      if (done == PROBE && fanout_table_n_groups (half->dictionary) > PROBE / 2)
        return;
    }
  half->good = TRUE;
}

/* The codes that those of `from` become in `into`; NULL: they would be too many. */
static guint32 *
join_codes (FanoutTable *into, FanoutTable *from)
{
  const gsize n = (gsize) fanout_table_n_groups (from);
  g_autofree guint32 *codes = g_new (guint32, n + 1);

  for (gsize done = 0; done < n; done += TILE)
    {
      const gsize size = MIN (n - done, TILE);

      if (fanout_table_merge (into, from, (guint32) done, size, codes + done) < size)
        return NULL;
    }
  return g_steal_pointer (&codes);
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
static void
load_integers (gpointer data)
{
  Half *half = data;
  const FanoutKeys *keys = fanout_table_store (half->table);
  FanoutOrderItem *items = half->items;
  guint32 most = 0;

  half->good = FALSE;
  for (gsize i = 0; i < half->n; i++)
    {
      FanoutText text;

      fanout_order_prefetch (keys, items, i, half->n);
      items[i].next = NO_INTEGER;
      if (!fanout_order_key (keys, items[i].id, half->key, &text))
        continue;
      items[i].next = read_integer (&text);
      if (items[i].next == NO_INTEGER)
        return;
      most = MAX (most, items[i].next);
    }
  half->largest = most;
  half->good = TRUE;
}

static inline guint32
rank_of_integer (const Half *half, guint32 integer)
{
  return integer == NO_INTEGER ? half->largest + 1
         : half->descending    ? half->largest - integer
                               : integer;
}

/* Append the ranks of what is in `next` to the words. */
static void
append_ranks (gpointer data)
{
  const Half *half = data;
  FanoutOrderItem *items = half->items;
  const guint64 keep = half->first ? 0 : G_MAXUINT64;
  const guint shift = half->bits & 63;

  if (half->ranks != NULL)
    for (gsize i = 0; i < half->n; i++)
      items[i].word = (items[i].word & keep) << shift | half->ranks[items[i].next];
  else
    for (gsize i = 0; i < half->n; i++)
      items[i].word = (items[i].word & keep) << shift | rank_of_integer (half, items[i].next);
}

/* What a level has in common, and its halves; without a thread's help the second one is empty. */
typedef struct
{
  gboolean threaded;
  Half halves[2];
} Level;

static void
level_init (Level *level, const FanoutTable *table, guint key, FanoutOrderItem *items, gsize n,
            gboolean threaded, FanoutMemory *memory)
{
  const gsize n_first = threaded && n >= FANOUT_HALVES_MIN ? n / 2 : n;

  memset (level, 0, sizeof *level);
  level->threaded = n_first < n;
  for (guint h = 0; h < 2; h++)
    {
      Half *half = &level->halves[h];

      half->table = table;
      half->key = key;
      half->items = items + (h == 0 ? 0 : n_first);
      half->n = h == 0 ? n_first : n - n_first;
      half->most = n / 8;
      fanout_memory_init (&half->memory, memory != NULL ? memory->limit : NULL);
    }
}

static void
level_clear (Level *level)
{
  for (guint h = 0; h < 2; h++)
    {
      fanout_table_free (level->halves[h].dictionary);
      fanout_memory_clear (&level->halves[h].memory);
    }
}

static gboolean
do_halves (Level *level, void (*work) (gpointer half))
{
  fanout_halves (work, &level->halves[0], &level->halves[1], level->threaded);
  return level->halves[0].good && level->halves[1].good;
}

/* Append `bits` of each rank, where they still fit. */
static guint
append (Level *level, guint bits, guint used, gboolean descending)
{
  if (used + bits > 64)
    return 0;
  for (guint h = 0; h < 2; h++)
    {
      level->halves[h].bits = bits;
      level->halves[h].first = used == 0;
      level->halves[h].descending = descending;
    }
  do_halves (level, append_ranks);
  return bits;
}

static guint
append_integers (Level *level, guint used, gboolean descending)
{
  Half *halves = level->halves;
  const guint32 largest = MAX (halves[0].largest, halves[1].largest);

  halves[0].largest = halves[1].largest = largest;
  return append (level, (guint) g_bit_storage (largest + 1), used, descending);
}

static guint
append_codes (Level *level, guint used, gboolean descending, FanoutOrderColumn *column,
              FanoutOrderSingle single, FanoutMemory *memory)
{
  Half *halves = level->halves;
  FanoutTable *dictionary = halves[0].dictionary;
  const gsize n_second = (gsize) fanout_table_n_groups (halves[1].dictionary);
  g_autofree guint32 *codes = join_codes (dictionary, halves[1].dictionary);
  g_autofree guint32 *ranks = NULL;
  g_autofree guint32 *second = NULL;

  if (codes == NULL)
    return 0;
  ranks = ranks_of (dictionary, column, descending, single, memory);
  second = g_new (guint32, n_second + 1);
  for (gsize i = 0; i < n_second; i++)
    second[i] = ranks[codes[i]];
  halves[0].ranks = ranks;
  halves[1].ranks = second;
  return append (level, (guint) g_bit_storage (fanout_table_n_groups (dictionary) - 1), used,
                 descending);
}

guint
fanout_order_load_ranks (const FanoutTable *table, guint n_levels, const FanoutOrderLevel *levels,
                         FanoutOrderColumn *columns, FanoutOrderItem *items, gsize n,
                         FanoutOrderSingle single, gboolean threaded, FanoutMemory *memory)
{
  const gboolean all = n == fanout_table_n_groups (table);
  guint used = 0;
  guint done = 0;

  for (; done < n_levels && levels[done].load == NULL; done++)
    {
      const guint key = levels[done].key;
      FanoutOrderColumn *column = &columns[key];
      guint bits = 0;
      Level level;

      /* The distinct keys of all groups tell as much of the column as the groups do, and sooner. */
      if (!all)
        fanout_order_inspect (table, key, column);
      level_init (&level, table, key, items, n, threaded, memory);
      if ((!column->known || column->numeric) && do_halves (&level, load_integers))
        {
          *column = (FanoutOrderColumn){ TRUE, TRUE, 0 };
          bits = append_integers (&level, used, levels[done].descending);
        }
      else if (do_halves (&level, encode))
        bits = append_codes (&level, used, levels[done].descending, column, single, memory);
      level_clear (&level);
      if (bits == 0)
        break;
      used += bits;
    }
  for (gsize i = 0; i < n && done > 0; i++)
    items[i].next = 0;
  return done;
}
