#pragma once

/**
 * The keys of groups, packed: id to record, a record being one key for each key column.
 *
 * A record is one code for each column (0 null, 1 + length, or LONG), then the lengths of the LONG
 * ones as 8 bytes each, then the bytes. No record is the beginning of another one.
 */

#include "core/group/table-hash.h"
#include <fanout/batch.h>

enum
{
  FANOUT_KEY_LONG = 255,
  FANOUT_KEY_SLACK = 16, /* before and after a text that many bytes can be read */
  FANOUT_KEYS_RUN_BITS = 16,
  FANOUT_KEYS_FAR = 1 << 14, /* longer records lie on their own: starts take 31 bits */
};

/** In place of a start: the index of a far record. */
#define FANOUT_KEYS_FAR_MARK (1u << 31)

typedef struct
{
  guint8 *bytes; /* with slack */
  gsize size;    /* allocated */
  guint32 id;
} FanoutFarKey;

/** Record `id` begins at bytes + bases[id >> RUN_BITS] + starts[id]. */
typedef struct FanoutKeys
{
  guint n_keys;
  guint64 n;
  guint8 *bytes;
  guint32 *starts;
  gsize *bases;
  gsize used;   /* of `bytes` */
  gsize passed; /* of these */
  gsize bytes_size;
  gsize starts_size;
  gsize bases_size;
  FanoutFarKey *far;
  gsize n_far;
  gsize far_size;
  FanoutMemory *memory;
} FanoutKeys;

void fanout_keys_init (FanoutKeys *keys, guint n_keys, FanoutMemory *memory);
void fanout_keys_clear (FanoutKeys *keys);

/** Give the next id to a record of `size` bytes. */
void fanout_keys_append (FanoutKeys *keys, const guint8 *record, gsize size);

/** Take back all ids but the first `n`. */
void fanout_keys_cut (FanoutKeys *keys, guint64 n);

/** Records `first` .. `first + n - 1` are looked at no more, nor any before them. */
void fanout_keys_pass (FanoutKeys *keys, guint64 first, gsize n);

/** Bytes that the record of `texts` takes; a null one has no data. */
gsize fanout_record_measure (guint n_keys, const FanoutText *texts);
/** Write it; 16 bytes more may be overwritten. */
void fanout_record_write (guint n_keys, const FanoutText *texts, guint8 *record);

/** Texts of a record with LONG keys. */
gsize fanout_record_read_long (guint n_keys, const guint8 *record, FanoutText *texts);

/** One key, not null, of a record with LONG keys. */
void fanout_record_key_long (guint n_keys, const guint8 *record, guint key, FanoutText *text);

static inline const guint8 *
fanout_keys_record (const FanoutKeys *keys, guint32 id)
{
  const guint32 start = keys->starts[id];

  if (G_UNLIKELY (start & FANOUT_KEYS_FAR_MARK))
    return keys->far[start & ~FANOUT_KEYS_FAR_MARK].bytes + FANOUT_KEY_SLACK;
  return keys->bytes + keys->bases[id >> FANOUT_KEYS_RUN_BITS] + start;
}

/** The keys of a record: a null one has no data. Answers the size of the record. */
static inline gsize
fanout_record_read (guint n_keys, const guint8 *record, FanoutText *texts)
{
  const guint8 *next = record + n_keys;

  for (guint k = 0; k < n_keys; k++)
    {
      if (G_UNLIKELY (record[k] == FANOUT_KEY_LONG))
        return fanout_record_read_long (n_keys, record, texts);
      texts[k].data = record[k] == 0 ? NULL : (const char *) next;
      texts[k].length = record[k] == 0 ? 0 : (gsize) record[k] - 1;
      next += texts[k].length;
    }
  return (gsize) (next - record);
}

/** One key of a record; FALSE when it is null. */
static inline gboolean
fanout_record_key (guint n_keys, const guint8 *record, guint key, FanoutText *text)
{
  const guint8 *next = record + n_keys;
  gboolean has_long = FALSE;

  if (record[key] == 0)
    return FALSE;
  for (guint k = 0; k < key; k++)
    next += (gsize) record[k] - (record[k] != 0);
  for (guint k = 0; k < n_keys; k++)
    has_long |= record[k] == FANOUT_KEY_LONG;
  if (G_UNLIKELY (has_long))
    {
      fanout_record_key_long (n_keys, record, key, text);
      return TRUE;
    }
  text->data = (const char *) next;
  text->length = (gsize) record[key] - 1;
  return TRUE;
}

/** Bring the record of `id` nearer, in two steps with some time between them. */
static inline void
fanout_keys_prefetch_start (const FanoutKeys *keys, guint32 id)
{
  fanout_prefetch (&keys->starts[id]);
}

static inline void
fanout_keys_prefetch_record (const FanoutKeys *keys, guint32 id)
{
  const guint8 *record = fanout_keys_record (keys, id);

  fanout_prefetch (record);
  fanout_prefetch (record + 48);
}

/** The size of a record. */
static inline gsize
fanout_record_size (guint n_keys, const guint8 *record)
{
  gsize size = n_keys;

  for (guint k = 0; k < n_keys; k++)
    {
      if (G_UNLIKELY (record[k] == FANOUT_KEY_LONG))
        return fanout_record_read_long (n_keys, record, NULL);
      size += (gsize) record[k] - (record[k] != 0);
    }
  return size;
}
