#pragma once

/**
 * Keys of groups and the states that they have, where both come and go with time: a state that was
 * given back is given again, and keys that have none any more are forgotten.
 */

#include "core/group/table.h"

typedef struct
{
  FanoutTable *keys;
  guint64 max_groups;
  FanoutMemory *memory;
  guint64 n_states;
  GArray *spare; /* states that were given back */
  guint32 *uses; /* of each key: how many states it has */
  gsize uses_room;
  guint64 n_used; /* keys that have any */
} FanoutStock;

/** As fanout_table_new(); `max_groups` are the states in use. */
void fanout_stock_init (FanoutStock *stock, guint n_keys, guint64 max_groups, guint64 seed,
                        FanoutMemory *memory);
void fanout_stock_clear (FanoutStock *stock);

/** The numbers of the keys of rows 0 .. `n` - 1 into `ids`; as fanout_table_ids(). */
gsize fanout_stock_find_keys (FanoutStock *stock, const FanoutColumn *const *keys, gsize n,
                              guint32 *ids);

/** Whether there can be no state more, and `bytes` that go with it. */
gboolean fanout_stock_is_full (const FanoutStock *stock, gsize bytes);
/** A state for a key. */
guint32 fanout_stock_take (FanoutStock *stock, guint32 key);
void fanout_stock_give_back (FanoutStock *stock, const guint32 *keys, const guint32 *states,
                             gsize n);

/** Whether so much was given back that it is worth moving what is left together. */
gboolean fanout_stock_is_sparse (const FanoutStock *stock);
/** Move states together. The new number of the state that was at i, G_MAXUINT32 where there was
 * none; never above i. Owned by the caller. */
guint32 *fanout_stock_move_states (FanoutStock *stock);
/** Forget keys that have no state. The new number of each that has; owned by the caller. */
guint32 *fanout_stock_move_keys (FanoutStock *stock);

/** States in use. */
static inline guint64
fanout_stock_n_used (const FanoutStock *stock)
{
  return stock->n_states - stock->spare->len;
}
