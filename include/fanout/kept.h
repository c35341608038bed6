#pragma once

/**
 * What a state keeps of the stream: numbers and texts that outlive their batch, and a fixed hash.
 */

#include <fanout/batch.h>
#include <fanout/bytes.h>

G_BEGIN_DECLS

/** Let @kept be what fanout_number_keep() made no more; 0 from then on. */
static inline void
fanout_number_drop (FanoutNumber *kept, FanoutMemory *memory)
{
  if (G_UNLIKELY (fanout_number_is_wide (*kept)))
    fanout_release (memory, (gpointer) kept->wide, sizeof *kept->wide);
  *kept = fanout_number_decimal (0, 0);
}

/** Let @kept, which is zeroes at first, be @number, also where the batch is gone: a wide decimal is
 * copied. It owns memory then, and may be moved. */
static inline void
fanout_number_keep (FanoutNumber *kept, FanoutNumber number, FanoutMemory *memory)
{
  if (G_UNLIKELY (fanout_number_is_wide (number)))
    {
      FanoutWide *own = fanout_number_is_wide (*kept)
                            ? (FanoutWide *) kept->wide
                            : (FanoutWide *) fanout_allocate (memory, sizeof *own);

      *own = *number.wide;
      *kept = fanout_number_wide (own);
      return;
    }
  if (G_UNLIKELY (fanout_number_is_wide (*kept)))
    fanout_number_drop (kept, memory);
  *kept = number;
}

/** Append @number to an encoded state. */
static inline void
fanout_number_write (FanoutNumber number, FanoutWriter *out)
{
  fanout_write_u8 (out, number.scale);
  if (fanout_number_is_wide (number))
    {
      fanout_write_u8 (out, number.wide->scale);
      fanout_write_u64 (out, (guint64) number.wide->mantissa);
      fanout_write_u64 (out, (guint64) (number.wide->mantissa >> 64));
    }
  else
    fanout_write_u64 (out, (guint64) number.mantissa);
}

/** Read what fanout_number_write() wrote; FALSE when it is damaged, or wide. */
static inline gboolean
fanout_number_read (FanoutNumber *number, FanoutReader *in)
{
  guint8 scale;
  guint64 mantissa;

  if (!fanout_read_u8 (in, &scale) || !fanout_read_u64 (in, &mantissa))
    return FALSE;
  if (scale != FANOUT_SCALE_DOUBLE && (scale > FANOUT_SCALE_MAX || (gint64) mantissa == G_MININT64))
    return FALSE;
  number->mantissa = (gint64) mantissa;
  number->scale = scale;
  return TRUE;
}

/** The same of numbers that may be wide, which are then in @room. */
static inline gboolean
fanout_number_read_wide (FanoutNumber *number, FanoutWide *room, FanoutReader *in)
{
  FanoutNumber read = fanout_number_decimal (0, 0);
  guint64 low;
  guint64 high;
  guint8 form;
  guint8 scale;

  if (fanout_reader_left (in) == 0 || *in->next != FANOUT_SCALE_WIDE)
    return fanout_number_read (number, in);
  /* Nothing that has another form. */
  if (!fanout_read_u8 (in, &form) || !fanout_read_u8 (in, &scale) || !fanout_read_u64 (in, &low)
      || !fanout_read_u64 (in, &high)
      || !fanout_number_set_decimal (&read, (FanoutInt128) ((FanoutUint128) high << 64 | low),
                                     scale, room)
      || !fanout_number_is_wide (read) || room->scale != scale)
    return FALSE;
  *number = read;
  return TRUE;
}

/** Read into @kept, which is zeroes: as fanout_number_keep() keeps it. */
static inline gboolean
fanout_number_read_kept (FanoutNumber *kept, FanoutReader *in, FanoutMemory *memory)
{
  FanoutNumber number;
  FanoutWide room;

  if (!fanout_number_read_wide (&number, &room, in))
    return FALSE;
  fanout_number_keep (kept, number, memory);
  return TRUE;
}

/** Bytewise; a text comes after its own beginnings. Negative, 0 or positive. */
static inline int
fanout_text_compare (FanoutText a, FanoutText b)
{
  const gsize length = MIN (a.length, b.length);
  const int order = length > 0 ? memcmp (a.data, b.data, length) : 0;

  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/**
 * A text that outlives its batch, in 16 bytes: up to 12 bytes of text lie in the state itself. All
 * zeroes: none is kept. May be moved.
 */
typedef struct
{
  guint32 length1; /* of the text + 1; 0: none */
  char start[4];   /* the text, on into `rest`, when it is short; else its first bytes */
  union
  {
    char rest[8];
    char *data;
  };
} FanoutKept;

#define FANOUT_KEPT_INSIDE 12
/** Longer texts are cut: rows are shorter. */
#define FANOUT_KEPT_MAX    (G_MAXUINT32 - 1)

static inline gboolean
fanout_kept_is_set (const FanoutKept *kept)
{
  return kept->length1 != 0;
}

/** What is kept; empty when nothing is. Valid until @kept changes or moves. */
static inline FanoutText
fanout_kept_text (const FanoutKept *kept)
{
  FanoutText text;

  text.length = kept->length1 > 0 ? kept->length1 - 1 : 0;
  text.data = text.length > FANOUT_KEPT_INSIDE
                  ? kept->data
                  : (const char *) kept + G_STRUCT_OFFSET (FanoutKept, start);
  return text;
}

/* Bytes allocated: a function of the length, so that it need not be kept. */
static inline gsize
fanout_kept_room (guint32 length1)
{
  gsize room = 32;

  if (length1 <= FANOUT_KEPT_INSIDE + 1)
    return 0;
  while (room < length1)
    room *= 2;
  return room;
}

/** Keep a copy of @text in place of what was kept. */
static inline void
fanout_kept_set (FanoutKept *kept, FanoutText text, FanoutMemory *memory)
{
  const guint32 length = (guint32) MIN (text.length, FANOUT_KEPT_MAX);
  const gsize old_room = fanout_kept_room (kept->length1);
  const gsize room = fanout_kept_room (length + 1);
  char *data = kept->data;

  if (room != old_room)
    {
      if (old_room > 0)
        fanout_release (memory, data, old_room);
      data = (char *) fanout_allocate (memory, room);
    }
  kept->length1 = length + 1;
  if (room > 0)
    {
      memcpy (data, text.data, length);
      memcpy (kept->start, text.data, sizeof kept->start);
      kept->data = data;
    }
  else
    {
      memset ((char *) kept + G_STRUCT_OFFSET (FanoutKept, start), 0, FANOUT_KEPT_INSIDE);
      memcpy ((char *) kept + G_STRUCT_OFFSET (FanoutKept, start), text.data, length);
    }
}

/** Keep nothing. */
static inline void
fanout_kept_clear (FanoutKept *kept, FanoutMemory *memory)
{
  const gsize room = fanout_kept_room (kept->length1);

  if (room > 0)
    fanout_release (memory, kept->data, room);
  memset (kept, 0, sizeof *kept);
}

/** Append @kept to an encoded state. */
static inline void
fanout_kept_write (const FanoutKept *kept, FanoutWriter *out)
{
  const FanoutText text = fanout_kept_text (kept);

  fanout_write_u32 (out, kept->length1);
  fanout_write (out, text.data, text.length);
}

/** Read what fanout_kept_write() wrote into @kept, which keeps nothing; FALSE when it is damaged.
 */
static inline gboolean
fanout_kept_read (FanoutKept *kept, FanoutReader *in, FanoutMemory *memory)
{
  guint32 length1;
  FanoutText text;

  if (!fanout_read_u32 (in, &length1))
    return FALSE;
  if (length1 == 0)
    return TRUE;
  text.data = (const char *) in->next;
  text.length = length1 - 1;
  if (fanout_reader_left (in) < text.length)
    return FALSE;
  fanout_kept_set (kept, text, memory);
  in->next += text.length;
  return TRUE;
}

/*
 * Hashes: multiply and fold, as in W. Yi's wyhash (2019, public domain), read little-endian
 * whatever the machine.
 */

static inline guint64
fanout_hash_mix (guint64 a, guint64 b)
{
  const FanoutUint128 product = (FanoutUint128) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

/** The same where either may be what somebody chose. A product with 0, 1 or 2^64 - 1, once folded,
 * knows nothing of the other factor (0 is what wyhash has WYHASH_CONDOM for), so both are added. */
static inline guint64
fanout_hash_mix_whole (guint64 a, guint64 b)
{
  return fanout_hash_mix (a, b) + a + b;
}

static inline guint64
fanout_hash_word (const char *data, gsize length)
{
  guint64 word = 0;

  memcpy (&word, data, length);
  return GUINT64_FROM_LE (word);
}

/**
 * A seed for the hash table at @table, so that nobody can make values that meet in it: where it
 * lies changes from run to run and from table to table. So does the order of what is in it, which
 * no result and no encoded state may show.
 */
static inline guint64
fanout_hash_secret (gconstpointer table)
{
  return (guint64) (gsize) table * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

/** A hash of two words for the table whose secret is @seed. */
static inline guint64
fanout_hash_words (guint64 a, guint64 b, guint64 seed)
{
  return fanout_hash_mix_whole (a ^ seed ^ G_GUINT64_CONSTANT (0xa0761d6478bd642f),
                                b ^ seed << 32 ^ seed >> 32
                                    ^ G_GUINT64_CONSTANT (0xe7037ed1a0b428db));
}

/** A hash of the bytes. @seed 0: the same on every machine. */
static inline guint64
fanout_hash_bytes (gconstpointer bytes, gsize length, guint64 seed)
{
  const guint64 k1 = seed ^ G_GUINT64_CONSTANT (0xe7037ed1a0b428db);
  const char *data = (const char *) bytes;
  guint64 hash = seed ^ G_GUINT64_CONSTANT (0xa0761d6478bd642f) ^ length;
  gsize left = length;
  guint64 a = 0;
  guint64 b = 0;

  for (; left > 16; left -= 16, data += 16)
    hash = fanout_hash_mix_whole (fanout_hash_word (data, 8) ^ k1,
                                  fanout_hash_word (data + 8, 8) ^ hash);
  if (left >= 8)
    {
      a = fanout_hash_word (data, 8);
      b = fanout_hash_word (data + left - 8, 8);
    }
  else if (left >= 4)
    {
      a = fanout_hash_word (data, 4);
      b = fanout_hash_word (data + left - 4, 4);
    }
  else if (left > 0)
    a = fanout_hash_word (data, left);
  hash = fanout_hash_mix_whole (a ^ k1, b ^ hash);
  return fanout_hash_mix_whole (hash ^ length, G_GUINT64_CONSTANT (0x8ebc6af09c88c6e3));
}

G_END_DECLS
