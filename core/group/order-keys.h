#pragma once

/** Words of keys, for sorting groups by them. */

#include "core/group/order-words.h"
#include "core/group/table.h"
#include "core/group/table-keys.h"

/** What is known of a key column. */
typedef struct
{
  gboolean known;
  gboolean numeric; /* all keys that there are are numbers */
  gint scale;       /* all of them are mantissas of 64 bits over 10^scale; -1: they are not */
} FanoutOrderColumn;

/** Groups that are sorted lie anywhere: bring those after item `i` nearer. */
static inline void
fanout_order_prefetch (const FanoutKeys *keys, const FanoutOrderItem *items, gsize i, gsize n)
{
  if (i + 32 < n)
    fanout_keys_prefetch_start (keys, items[i + 32].id);
  if (i + 16 < n)
    fanout_keys_prefetch_record (keys, items[i + 16].id);
}

static inline gboolean
fanout_order_key (const FanoutKeys *keys, guint32 id, guint key, FanoutText *text)
{
  return fanout_record_key (keys->n_keys, fanout_keys_record (keys, id), key, text);
}

/** Words of key column `key`, of which `column` is known; see FanoutOrderLoad. */
void fanout_order_load_key (const FanoutTable *table, guint key, const FanoutOrderColumn *column,
                            FanoutOrderItem *items, gsize n, guint32 depth);

/** fanout_order for tables of one key column of which something is known. */
typedef guint32 *(*FanoutOrderSingle) (FanoutTable *table, FanoutOrderColumn *column,
                                       FanoutMemory *memory);

/** Words of as many of the key columns that `levels` name as fit, by their ranks among the distinct
 * keys, which `single` sorts; `threaded`: with a thread's help. Answers how many levels that are;
 * 0: none, words are undefined. */
guint fanout_order_load_ranks (const FanoutTable *table, guint n_levels,
                               const FanoutOrderLevel *levels, FanoutOrderColumn *columns,
                               FanoutOrderItem *items, gsize n, FanoutOrderSingle single,
                               gboolean threaded, FanoutMemory *memory);

/** Find out what column `key` holds, if that is not known yet. */
void fanout_order_inspect (const FanoutTable *table, guint key, FanoutOrderColumn *column);
