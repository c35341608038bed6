#pragma once

/**
 * How often each value occurs: what mode, antimode, entropy, unique and top keep.
 */

#include "values.h"

#include <stdlib.h>

typedef struct
{
  FanoutKept value;
  guint64 count; /* 0: a free entry */
  guint64 error; /* of `top`: how many there may have been before these */
} BagEntry;

/* All zeroes: empty. May be moved. */
typedef struct
{
  BagEntry *entries; /* a hash table of 2^bits */
  guint64 n_bytes;   /* of all values */
  guint32 n;         /* entries in use */
  guint8 bits;
} Bag;

/* Values may take that much on average, so that it is their set that decides when they are too
 * many. */
#define BAG_BYTES_PER_VALUE 256

static inline gsize
bag_room (const Bag *bag)
{
  return bag->bits > 0 ? (gsize) 1 << bag->bits : 0;
}

/* The entry of a value, or the free one where it belongs. */
static inline BagEntry *
bag_place (BagEntry *entries, guint bits, FanoutText value)
{
  const gsize mask = ((gsize) 1 << bits) - 1;
  gsize i = (gsize) (fanout_hash_bytes (value.data, value.length, fanout_hash_secret (entries))
                     >> (64 - bits));

  for (; entries[i].count != 0; i = (i + 1) & mask)
    {
      const FanoutText other = fanout_kept_text (&entries[i].value);

      if (other.length == value.length && memcmp (other.data, value.data, value.length) == 0)
        break;
    }
  return &entries[i];
}

/* NULL: it is not there. */
static inline BagEntry *
bag_find (const Bag *bag, FanoutText value)
{
  BagEntry *entry = bag->bits > 0 ? bag_place (bag->entries, bag->bits, value) : NULL;

  return entry != NULL && entry->count != 0 ? entry : NULL;
}

/* All entries go to a new table of 2^bits. FALSE: there is no memory for it, and no result. */
static inline gboolean
bag_rebuild (Bag *bag, guint8 bits, FanoutMemory *memory)
{
  const gsize size = ((gsize) 1 << bits) * sizeof (BagEntry);
  const gsize room = bag_room (bag);
  BagEntry *entries;

  if (!fanout_may_allocate (memory, size))
    return FALSE;
  entries = fanout_allocate (memory, size);
  for (gsize i = 0; i < room; i++)
    if (bag->entries[i].count != 0)
      *bag_place (entries, bits, fanout_kept_text (&bag->entries[i].value)) = bag->entries[i];
  fanout_release (memory, bag->entries, room * sizeof *entries);
  bag->entries = entries;
  bag->bits = bits;
  return TRUE;
}

/* Nothing can be found from here to bag_rebuild(). */
static inline void
bag_drop (Bag *bag, gsize at, FanoutMemory *memory)
{
  BagEntry *entry = &bag->entries[at];

  bag->n--;
  bag->n_bytes -= fanout_kept_text (&entry->value).length;
  fanout_kept_clear (&entry->value, memory);
  entry->count = 0;
}

/* A value that is not there. */
static inline void
bag_insert (Bag *bag, FanoutText value, guint64 count, guint64 error, FanoutMemory *memory)
{
  BagEntry *entry;

  if (((gsize) bag->n + 1) * 4 > bag_room (bag) * 3
      && !bag_rebuild (bag, (guint8) (bag->bits + 1), memory))
    return;
  entry = bag_place (bag->entries, bag->bits, value);
  fanout_kept_set (&entry->value, value, memory);
  entry->count = count;
  entry->error = error;
  bag->n++;
  bag->n_bytes += value.length;
}

/* FALSE after fanout_fail: there are too many values. */
static inline gboolean
bag_add (Bag *bag, FanoutText value, guint64 count, guint64 limit, FanoutAggregate *self)
{
  BagEntry *entry = bag_find (bag, value);

  if (entry != NULL)
    {
      entry->count += count;
      return TRUE;
    }
  if (bag->n >= limit)
    return fanout_fail (self,
                        "more than %" G_GUINT64_FORMAT " different value%s; raise `limit` or leave "
                        "this aggregate out",
                        limit, limit == 1 ? "" : "s");
  if (bag->n_bytes + value.length > limit * BAG_BYTES_PER_VALUE)
    return fanout_fail (self,
                        "the different values take more than %" G_GUINT64_FORMAT
                        " bytes, which is %d for each of `limit`",
                        limit * BAG_BYTES_PER_VALUE, BAG_BYTES_PER_VALUE);
  bag_insert (bag, value, count, 0, self->memory);
  return TRUE;
}

static inline void
bag_clear (Bag *bag, FanoutMemory *memory)
{
  for (gsize i = 0; i < bag_room (bag); i++)
    fanout_kept_clear (&bag->entries[i].value, memory);
  fanout_release (memory, bag->entries, bag_room (bag) * sizeof *bag->entries);
  memset (bag, 0, sizeof *bag);
}

static inline gboolean
bag_read_entry (Bag *bag, gboolean numbers, FanoutReader *in, FanoutMemory *memory)
{
  FanoutKept kept = { 0 };
  guint64 count = 0;
  guint64 error = 0;
  const gboolean good = values_read (&kept, numbers, FALSE, in, memory)
                        && fanout_read_u64 (in, &count) && fanout_read_u64 (in, &error)
                        && count != 0 && count >> 48 == 0 && error >> 48 == 0
                        && bag_find (bag, fanout_kept_text (&kept)) == NULL;

  if (good)
    bag_insert (bag, fanout_kept_text (&kept), count, error, memory);
  fanout_kept_clear (&kept, memory);
  return good;
}

/* Read into an empty bag; FALSE when the bytes are damaged, and then it is to be cleared. */
static inline gboolean
bag_read (Bag *bag, gboolean numbers, FanoutReader *in, FanoutMemory *memory)
{
  guint32 n;

  if (!fanout_read_u32 (in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (!bag_read_entry (bag, numbers, in, memory))
      return FALSE;
  return TRUE;
}

/* What is in it, in an order of its own. */

typedef struct
{
  FanoutText value;
  guint64 count; /* at most */
  guint64 error;
  gsize at; /* which entry it is */
  gint as;
} BagItem;

static inline int
bag_by_value (gconstpointer a_, gconstpointer b_)
{
  const BagItem *a = a_;
  const BagItem *b = b_;

  return values_compare (a->value, b->value, a->as);
}

/* The most frequent first, of equals the smallest. */
static inline int
bag_by_count (gconstpointer a_, gconstpointer b_)
{
  const BagItem *a = a_;
  const BagItem *b = b_;

  return a->count != b->count ? (a->count < b->count) - (a->count > b->count) : bag_by_value (a, b);
}

/* The rarest first, of equals the smallest. */
static inline int
bag_by_rarity (gconstpointer a_, gconstpointer b_)
{
  const BagItem *a = a_;
  const BagItem *b = b_;

  return a->count != b->count ? (a->count > b->count) - (a->count < b->count) : bag_by_value (a, b);
}

/* Whether all values, which are texts, read as numbers. */
static inline gboolean
bag_is_numeric (const Bag *bag)
{
  FanoutNumber number;

  for (gsize i = 0; i < bag_room (bag); i++)
    {
      const FanoutText value = fanout_kept_text (&bag->entries[i].value);

      if (bag->entries[i].count != 0
          && !fanout_number_parse (value.data, value.length, &number, NULL))
        return FALSE;
    }
  return TRUE;
}

/* All n of them; g_free, and valid as long as the bag stays as it is. */
static inline BagItem *
bag_items (const Bag *bag, gint as, int (*order) (gconstpointer, gconstpointer))
{
  BagItem *items = g_new0 (BagItem, bag->n);
  gsize n = 0;

  for (gsize i = 0; i < bag_room (bag); i++)
    {
      const BagEntry *entry = &bag->entries[i];

      if (entry->count != 0)
        items[n++] = (BagItem){ fanout_kept_text (&entry->value), entry->count + entry->error,
                                entry->error, i, as };
    }
  if (n > 1)
    qsort (items, n, sizeof *items, order);
  return items;
}

/* Sorted, so that equal bags have equal bytes. */
static inline void
bag_write (const Bag *bag, FanoutWriter *out)
{
  g_autofree BagItem *items = bag_items (bag, VALUES_TEXT, bag_by_value);

  fanout_write_u32 (out, bag->n);
  for (gsize i = 0; i < bag->n; i++)
    {
      const BagEntry *entry = &bag->entries[items[i].at];

      fanout_kept_write (&entry->value, out);
      fanout_write_u64 (out, entry->count);
      fanout_write_u64 (out, entry->error);
    }
}
