#pragma once

/** Inside of a table: slots that find ids, in front of them a smaller and faster table of short
 * keys. */

#include "core/group/table.h"
#include "core/group/table-front.h"
#include "core/group/table-keys.h"

enum
{
  FANOUT_TABLE_TILE = 64,    /* pieces that are hashed, then looked up together */
  FANOUT_TABLE_PIECES = 256, /* that are got ready for it */
  FANOUT_TABLE_SCRATCH = 16 * 1024,
};

/* A slot is a hash of 32 bits over 1 + the id, 0 when free; where it lies is given by the upper
 * bits of the hash, so that slots stay in the order of hashes when the table grows. */
struct FanoutTable
{
  FanoutKeys keys;
  guint64 max_groups;
  FanoutHashSeed seed;
  guint64 *slots;
  guint shift; /* of a 32-bit hash to its slot */
  gsize n_slots;
  FanoutFront front;
  guint32 null_1; /* 1 + the id of null where there is one key column; 0: not seen yet */
  guint8 *scratch;
  gsize scratch_size;
  FanoutMemory *memory;
};

/*
 * What is looked up is a piece of bytes: the text where there is one key column (a null has no
 * data), else the record. 16 bytes after it can be read.
 */

/** The group as it would be looked up. */
static inline FanoutText
fanout_table_piece (const FanoutTable *table, guint32 id)
{
  const guint n_keys = table->keys.n_keys;
  const guint8 *record = fanout_keys_record (&table->keys, id);
  FanoutText piece = { NULL, 0 };

  if (n_keys == 1)
    fanout_record_key (1, record, 0, &piece);
  else
    {
      piece.data = (const char *) record;
      piece.length = fanout_record_size (n_keys, record);
    }
  return piece;
}

/** Ids of `n` pieces, new ones where there are none. Answers how many got one: fewer when there
 * would be too many groups, or no memory for them. */
gsize fanout_table_resolve (FanoutTable *table, const FanoutText *pieces, gsize n, guint32 *ids);

/** Have at least `size` bytes of scratch memory; what was there is gone. */
void fanout_table_want_scratch (FanoutTable *table, gsize size);
