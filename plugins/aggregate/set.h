#pragma once

/**
 * A set of values, which are bytes, most of them few.
 */

#include <fanout/kept.h>

/*
 * A hash table of words. The word of a short value is the value itself, with its length + 1 in the
 * highest byte. That of a longer one is, where it is how an integer is written that has 63 bits,
 * the highest bit and that integer; else it lies in `bytes` behind its length, and its word has the
 * second bit, 30 bits of its hash, and its position in the lower half.
 *
 * All zeroes: empty. May be moved.
 */
typedef struct
{
  guint64 *words; /* 0: free */
  guint8 *bytes;
  guint32 mask; /* of a hash: where the group of words begins that is looked at first */
  guint32 n_bytes;
  guint32 n;
  guint32 seed; /* of hashes, from the address of the first words */
} Set;

#define SET_SHORT_MAX       7
#define SET_INTEGER         ((guint64) 1 << 63)
#define SET_INTEGER_MAX     19 /* digits */
#define SET_LONG            ((guint64) 1 << 62)
#define SET_GROUP           4
/* Longer values may take that much on average, so that it is their set that decides when they are
 * too many. */
#define SET_BYTES_PER_VALUE 256
#define SET_BYTES_MAX       ((guint64) 1 << 31)

static inline gsize
set_bytes_room (guint32 n_bytes)
{
  gsize room = 16;

  while (room < n_bytes)
    room *= 2;
  return n_bytes > 0 ? room : 0;
}

static inline gsize
set_words_room (const Set *set)
{
  return set->words != NULL ? (gsize) set->mask + SET_GROUP : 0;
}

/* Lengths: seven bits a byte, the lowest first. */
#define SET_LENGTH_MAX 10

static inline gsize
set_put_length (guint8 *bytes, gsize length)
{
  gsize n = 0;

  for (; length >= 0x80; length >>= 7)
    bytes[n++] = (guint8) (length | 0x80);
  bytes[n++] = (guint8) length;
  return n;
}

static inline FanoutText
set_value_at (const guint8 *bytes)
{
  FanoutText value = { NULL, 0 };
  guint shift = 0;

  for (; *bytes >= 0x80; shift += 7)
    value.length |= (gsize) (*bytes++ & 0x7f) << shift;
  value.length |= (gsize) *bytes++ << shift;
  value.data = (const char *) bytes;
  return value;
}

static inline guint64
set_seed (const Set *set)
{
  return (guint64) set->seed << 32 | set->seed;
}

/* Words. */

static inline guint64
set_short_word (guint64 start, gsize length)
{
  const guint64 mask = ((guint64) 1 << 8 * length) - 1;

  return (start & mask) | (guint64) (length + 1) << 56;
}

static inline gboolean
set_is_long (guint64 word)
{
  return (word & (SET_INTEGER | SET_LONG)) == SET_LONG;
}

/* 0: it is not how an integer is written that has a word. */
static inline guint64
set_integer_word (FanoutText value)
{
  guint64 integer = 0;

  if (value.length > SET_INTEGER_MAX)
    return 0;
  for (gsize i = 0; i < value.length; i++)
    {
      const guint digit = (guint) (guint8) value.data[i] - '0';

      if (digit > 9)
        return 0;
      integer = integer * 10 + digit;
    }
  return integer < SET_INTEGER ? SET_INTEGER | integer : 0;
}

/* What is to stand for a value that is added. */
static inline guint64
set_word_of (const Set *set, FanoutText value)
{
  guint64 word = 0;

  if (value.length <= SET_SHORT_MAX)
    return set_short_word (fanout_hash_word (value.data, value.length), value.length);
  if (value.data[0] >= '1' && value.data[0] <= '9')
    word = set_integer_word (value);
  if (word != 0)
    return word;
  return SET_LONG | fanout_hash_bytes (value.data, value.length, set_seed (set)) >> 34 << 32
         | set->n_bytes;
}

/* Room for a value that lies in its word, behind its length. */
#define SET_BUFFER (1 + SET_INTEGER_MAX)

/* Behind its length: in `buffer`, or where it is. */
static inline const guint8 *
set_word_bytes (const Set *set, guint64 word, guint8 buffer[SET_BUFFER])
{
  const guint64 bytes = GUINT64_TO_LE (word << 8 | ((word >> 56) - 1));
  guint64 integer = word & ~SET_INTEGER;
  gsize n = 0;

  if (set_is_long (word))
    return set->bytes + (guint32) word;
  if ((word & SET_INTEGER) == 0)
    {
      memcpy (buffer, &bytes, sizeof bytes);
      return buffer;
    }
  for (; integer > 0; integer /= 10)
    buffer[SET_BUFFER - ++n] = (guint8) ('0' + integer % 10);
  buffer[SET_BUFFER - 1 - n] = (guint8) n;
  return buffer + SET_BUFFER - 1 - n;
}

/* Where the group begins that is looked at first. */
static inline gsize
set_short_group (const Set *set, guint64 word, gsize mask)
{
  return (gsize) fanout_hash_words (word, 0, set_seed (set)) & mask;
}

static inline gsize
set_word_group (const Set *set, guint64 word, gsize mask)
{
  return set_short_group (set, set_is_long (word) ? word >> 32 : word, mask);
}

static inline gboolean
set_group_has (const guint64 *group, guint64 word)
{
  return ((group[0] == word) | (group[1] == word) | (group[2] == word) | (group[3] == word)) != 0;
}

/* Whether a short value is in its first group, as nearly all are. */
static inline gboolean
set_has_at_hand (const Set *set, guint64 word)
{
  return set->words != NULL
         && set_group_has (set->words + set_short_group (set, word, set->mask), word);
}

/* Where a value is or, with a 0 there, belongs. NULL: all words are in use. */
static inline guint64 *
set_find (const Set *set, FanoutText value, guint64 word)
{
  const gboolean is_long = set_is_long (word);
  const gsize room = set_words_room (set);
  gsize i = room > 0 ? set_word_group (set, word, set->mask) : 0;

  for (gsize left = room; left > 0; left--, i = (i + 1) & (room - 1))
    {
      const guint64 other = set->words[i];

      if (other == 0 || other == word)
        return &set->words[i];
      if (is_long && other >> 32 == word >> 32)
        {
          const FanoutText long_value = set_value_at (set->bytes + (guint32) other);

          if (long_value.length == value.length
              && memcmp (long_value.data, value.data, value.length) == 0)
            return &set->words[i];
        }
    }
  return NULL;
}

/* Adding. */

/* Up to two thirds of the words get used, and all of a single group. */
static inline gboolean
set_is_full (const Set *set)
{
  const gsize room = set_words_room (set);

  return room <= SET_GROUP ? set->n == room : ((gsize) set->n + 1) * 3 > room * 2;
}

/* FALSE: there is no memory for that, and no result. */
static inline gboolean
set_grow (Set *set, FanoutMemory *memory)
{
  const gsize room = MAX (set_words_room (set) * 2, SET_GROUP);
  guint64 *words;

  if (!fanout_may_allocate (memory, room * sizeof *words))
    return FALSE;
  words = fanout_allocate (memory, room * sizeof *words);
  if (set->words == NULL)
    set->seed = (guint32) (fanout_hash_secret (words) >> 32);
  for (gsize i = 0; i < set_words_room (set); i++)
    {
      const guint64 word = set->words[i];
      gsize to = set_word_group (set, word, room - SET_GROUP);

      while (words[to] != 0)
        to = (to + 1) & (room - 1);
      words[to] = word;
    }
  fanout_release (memory, set->words, set_words_room (set) * sizeof *words);
  set->words = words;
  set->mask = (guint32) (room - SET_GROUP);
  return TRUE;
}

static inline gboolean
set_append (Set *set, FanoutText value, const guint8 *head, gsize n_head, FanoutMemory *memory)
{
  const guint32 at = set->n_bytes;
  const guint32 n_bytes = at + (guint32) (n_head + value.length);

  if (set_bytes_room (n_bytes) != set_bytes_room (at))
    {
      if (!fanout_may_allocate (memory, set_bytes_room (n_bytes)))
        return FALSE;
      set->bytes
          = fanout_reallocate (memory, set->bytes, set_bytes_room (at), set_bytes_room (n_bytes));
    }
  memcpy (set->bytes + at, head, n_head);
  memcpy (set->bytes + at + n_head, value.data, value.length);
  set->n_bytes = n_bytes;
  return TRUE;
}

/* Add the value of a word. FALSE: there are too many values. */
static inline gboolean
set_add_word (Set *set, FanoutText value, guint64 word, guint64 limit, FanoutMemory *memory)
{
  guint8 head[SET_LENGTH_MAX];
  gsize n_head;
  guint64 *place = set_find (set, value, word);

  if (place != NULL && *place != 0)
    return TRUE;
  if (set->n >= limit)
    return FALSE;
  if (set_is_long (word))
    {
      n_head = set_put_length (head, value.length);
      if (set->n_bytes + n_head + value.length > MIN (limit * SET_BYTES_PER_VALUE, SET_BYTES_MAX))
        return FALSE;
      if (!set_append (set, value, head, n_head, memory))
        return TRUE;
    }
  if (set_is_full (set))
    {
      if (!set_grow (set, memory))
        return TRUE;
      place = set_find (set, value, word);
    }
  *place = word;
  set->n++;
  return TRUE;
}

/* The same without one. */
static inline gboolean
set_add (Set *set, FanoutText value, guint64 limit, FanoutMemory *memory)
{
  if (set->words == NULL && limit > 0 && !set_grow (set, memory))
    return TRUE;
  return set_add_word (set, value, set_word_of (set, value), limit, memory);
}

/* A value that is about to be added to a set that has words: what is looked at is fetched for
   several at once. */
typedef struct
{
  Set *set;
  FanoutText value;
  guint64 word;
} SetComing;

/* Whether its words are more than the nearest cache holds. */
static inline gboolean
set_is_large (const Set *set)
{
  return set->mask >= 4096;
}

static inline void
set_fetch (SetComing *coming, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const Set *set = coming[i].set;

      coming[i].word = set_word_of (set, coming[i].value);
      __builtin_prefetch (set->words + set_word_group (set, coming[i].word, set->mask));
    }
  for (gsize i = 0; i < n; i++)
    if (set_is_long (coming[i].word))
      {
        const Set *set = coming[i].set;
        const guint64 other = set->words[set_word_group (set, coming[i].word, set->mask)];

        if (other >> 32 == coming[i].word >> 32)
          __builtin_prefetch (set->bytes + (guint32) other);
      }
}

/* Where others came before it, the set may have grown. */
static inline gboolean
set_add_coming (const SetComing *coming, guint64 limit, FanoutMemory *memory)
{
  guint64 word = coming->word;

  if (set_is_long (word))
    word = word >> 32 << 32 | coming->set->n_bytes;
  return set_add_word (coming->set, coming->value, word, limit, memory);
}

static inline void
set_clear (Set *set, FanoutMemory *memory)
{
  fanout_release (memory, set->bytes, set_bytes_room (set->n_bytes));
  fanout_release (memory, set->words, set_words_room (set) * sizeof *set->words);
  memset (set, 0, sizeof *set);
}

/* Encoding: sorted, so that equal sets have equal bytes. */

static inline gint
set_compare_words (gconstpointer a_, gconstpointer b_, gpointer set)
{
  const guint64 a = *(const guint64 *) a_;
  const guint64 b = *(const guint64 *) b_;
  const guint8 *const bytes = ((const Set *) set)->bytes;

  if (!set_is_long (a) || !set_is_long (b))
    return (a > b) - (a < b);
  return fanout_text_compare (set_value_at (bytes + (guint32) a),
                              set_value_at (bytes + (guint32) b));
}

/* Each value behind its length. */
static inline void
set_write (const Set *set, FanoutWriter *out)
{
  g_autofree guint64 *words = g_new (guint64, (gsize) set->n + 1);
  gsize n = 0;

  for (gsize i = 0; i < set_words_room (set); i++)
    if (set->words[i] != 0)
      words[n++] = set->words[i];
  if (n > 1)
    g_qsort_with_data (words, (gint) n, sizeof *words, set_compare_words, (gpointer) set);
  for (gsize i = 0; i < n; i++)
    {
      guint8 buffer[SET_BUFFER];
      const guint8 *bytes = set_word_bytes (set, words[i], buffer);
      const FanoutText value = set_value_at (bytes);

      fanout_write (out, bytes, (gsize) ((const guint8 *) value.data + value.length - bytes));
    }
}

/* The next value of what set_write() wrote; FALSE when the bytes are damaged. */
static inline gboolean
set_read_value (FanoutText *value, FanoutReader *in)
{
  guint8 byte;
  guint shift = 0;

  value->length = 0;
  do
    {
      if (shift > 28 || !fanout_read_u8 (in, &byte))
        return FALSE;
      value->length |= (gsize) (byte & 0x7f) << shift;
      shift += 7;
    }
  while (byte >= 0x80);
  if (value->length > fanout_reader_left (in))
    return FALSE;
  value->data = (const char *) in->next;
  in->next += value->length;
  return TRUE;
}
