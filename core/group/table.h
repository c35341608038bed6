#pragma once

/** Keys to ids: a hash table from the texts of the key columns to dense numbers in order of first
 * appearance. */

#include <fanout/batch.h>

typedef struct FanoutTable FanoutTable;

/** `n_keys` 0: one group, always there, id 0. `seed` guards against keys made to collide; ids do
 * not depend on it. */
FanoutTable *fanout_table_new (guint n_keys, guint64 max_groups, guint64 seed,
                               FanoutMemory *memory);
void fanout_table_free (FanoutTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutTable, fanout_table_free)

guint64 fanout_table_seed (const FanoutTable *table);
guint fanout_table_n_keys (const FanoutTable *table);
guint64 fanout_table_n_groups (const FanoutTable *table);

/** Ids of rows `first` .. `first + n - 1` of the key columns (TEXT form, with nulls) into
 * ids[first] ... Answers how many rows got one: fewer than `n` when the next would be one group
 * more than max_groups, or its memory has no room for more. */
gsize fanout_table_ids (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n,
                        guint32 *ids);

/** Ids in `into` of the groups `first` .. `first + n - 1` of `from`, into ids[0] ... Answers how
 * many fit. The seed of `from` need not be that of `into`. */
gsize fanout_table_merge (FanoutTable *into, const FanoutTable *from, guint32 first, gsize n,
                          guint32 *ids);

/** An empty table: so many groups will come. */
void fanout_table_expect (FanoutTable *table, guint64 n);

/** Groups `first` .. `first + n - 1` are looked at no more, nor any before them: their memory may
 * go before the table does. */
void fanout_table_pass (FanoutTable *table, guint64 first, gsize n);

/** Forget all groups but the first `n`. */
void fanout_table_cut (FanoutTable *table, guint64 n);

/** Release what only looking up needs; the next look-up makes it again. */
void fanout_table_settle (FanoutTable *table);

/** Key `key` of group `id`; FALSE when it is null. It lives, and stays where it is, until the next
 * look-up. */
gboolean fanout_table_key (const FanoutTable *table, guint32 id, guint key, FanoutText *text);

/** The store of keys, for those who look at very many of them; see core/group/table-keys.h. */
const struct FanoutKeys *fanout_table_store (const FanoutTable *table);
