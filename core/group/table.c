#include "core/group/table.h"
#include "core/base/pages.h"
#include "core/group/table-private.h"

FanoutTable *
fanout_table_new (guint n_keys, guint64 max_groups, guint64 seed, FanoutMemory *memory)
{
  FanoutTable *table = g_new0 (FanoutTable, 1);

  fanout_keys_init (&table->keys, n_keys, memory);
  table->max_groups = MIN (max_groups, (guint64) G_MAXUINT32 - 1);
  table->seed = fanout_hash_seed (seed);
  fanout_front_init (&table->front, memory);
  table->memory = memory;
  if (n_keys == 0)
    table->keys.n = 1;
  return table;
}

void
fanout_table_want_scratch (FanoutTable *table, gsize size)
{
  if (size <= table->scratch_size)
    return;
  fanout_release (table->memory, table->scratch, table->scratch_size);
  table->scratch = fanout_allocate (table->memory, size);
  table->scratch_size = size;
}

void
fanout_table_settle (FanoutTable *table)
{
  fanout_pages_resize (table->memory, table->slots, table->n_slots * sizeof (guint64), 0);
  table->slots = NULL;
  table->n_slots = 0;
  fanout_front_clear (&table->front);
  fanout_release (table->memory, table->scratch, table->scratch_size);
  table->scratch = NULL;
  table->scratch_size = 0;
}

void
fanout_table_cut (FanoutTable *table, guint64 n)
{
  if (table->keys.n_keys == 0 || n >= table->keys.n)
    return;
  fanout_table_settle (table);
  fanout_keys_cut (&table->keys, n);
  if (table->null_1 > n)
    table->null_1 = 0;
}

void
fanout_table_free (FanoutTable *table)
{
  if (table == NULL)
    return;
  fanout_table_settle (table);
  fanout_keys_clear (&table->keys);
  g_free (table);
}

guint64
fanout_table_seed (const FanoutTable *table)
{
  return table->seed.words[0];
}

guint
fanout_table_n_keys (const FanoutTable *table)
{
  return table->keys.n_keys;
}

guint64
fanout_table_n_groups (const FanoutTable *table)
{
  return table->keys.n;
}

gsize
fanout_table_merge (FanoutTable *into, const FanoutTable *from, guint32 first, gsize n,
                    guint32 *ids)
{
  FanoutText pieces[FANOUT_TABLE_PIECES];

  if (into->keys.n_keys == 0)
    {
      memset (ids, 0, n * sizeof *ids);
      return n;
    }
  for (gsize done = 0; done < n; done += FANOUT_TABLE_PIECES)
    {
      const gsize size = MIN (n - done, FANOUT_TABLE_PIECES);
      gsize got;

      for (gsize i = 0; i < size; i++)
        pieces[i] = fanout_table_piece (from, (guint32) (first + done + i));
      got = fanout_table_resolve (into, pieces, size, ids + done);
      if (got < size)
        return done + got;
    }
  return n;
}

void
fanout_table_pass (FanoutTable *table, guint64 first, gsize n)
{
  if (table->keys.n_keys > 0)
    fanout_keys_pass (&table->keys, first, n);
}

gboolean
fanout_table_key (const FanoutTable *table, guint32 id, guint key, FanoutText *text)
{
  return fanout_record_key (table->keys.n_keys, fanout_keys_record (&table->keys, id), key, text);
}

const FanoutKeys *
fanout_table_store (const FanoutTable *table)
{
  return &table->keys;
}
