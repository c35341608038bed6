#pragma once

/** Words of keys, for sorting groups by them. */

#include "core/order.h"

/** What is known of a key column. */
typedef struct
{
  gboolean known;
  gboolean numeric; /* all keys that there are are numbers */
  gint scale;       /* all of them are mantissas of 64 bits over 10^scale; -1: they are not */
} FanoutOrderColumn;

/** Words of key column `key`; see FanoutOrderLoad. */
void fanout_order_load_key (const FanoutTable *table, guint key, FanoutOrderColumn *column,
                            FanoutOrderItem *items, gsize n, guint32 depth);

/** Words of as many of the key columns that `levels` name as fit, by their ranks among the distinct keys. Answers how many
 * levels that are; 0: none, words are undefined. */
guint fanout_order_load_ranks (const FanoutTable *table, guint n_levels, const FanoutOrderLevel *levels,
                               FanoutOrderColumn *columns, FanoutOrderItem *items, gsize n,
                               FanoutMemory *memory);

/** fanout_order for tables of one key column of which something is known. */
guint32 *fanout_order_single (FanoutTable *table, FanoutOrderColumn *column, FanoutMemory *memory);

/** Find out what column `key` holds, if that is not known yet. */
void fanout_order_inspect (const FanoutTable *table, guint key, FanoutOrderColumn *column);
