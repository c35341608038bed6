#pragma once

/**
 * The loops that all scanners share. What includes this defines before:
 *
 *   Block                              64 bytes
 *   Block load (const char *)
 *   guint64 equal (Block, char)        bit i: byte i is that
 *   Seen, see_nothing (), see (Seen, Block, char), seen (Seen)
 *                                      whether a NUL, a carriage return, that byte were there at all
 *   guint64 prefix_xor (guint64)       bit i: parity of the bits up to i
 *   guint count (guint64)              bits that are set
 *   guint64 extract (guint64, guint64) the bits of the first where the second has some, moved together;
 *                                      left out (no EXTRACT) where that is slow
 *   emit (guint32 *, guint64, guint32) base + i for each bit i; may write more behind, up to 64 in all
 */

#include "core/scan.h"
#include <string.h>

#define BLOCK 64
/* Bytes that are scanned for quotes before it is known what is to be done with them. */
#define STRIP 4096

/* The last bytes of a piece, with zeros behind them. */
static inline Block
load_part (const char *data, gsize length)
{
  char bytes[BLOCK] = { 0 };

  memcpy (bytes, data, length);
  return load (bytes);
}

static inline guint64
first_bits (gsize n)
{
  return n < 64 ? ((guint64) 1 << n) - 1 : ~(guint64) 0;
}

typedef struct
{
  guint64 rows;
  guint64 lines;
  gsize tail;
} Ends;

static inline void
add_ends (Ends *ends, guint64 lines, guint64 inside, gsize from)
{
  const guint64 rows = lines & ~inside;

  ends->lines += count (lines);
  ends->rows += count (rows);
  ends->tail = rows != 0 ? from + BLOCK - (gsize) __builtin_clzll (rows) : ends->tail;
}

/* Whole blocks that begin outside quotes; FALSE when there is a quote in them. */
static inline gboolean
scan_plain_strip (const char *data, gsize from, gsize to, gint quote, Ends *ends)
{
  Ends found = *ends;
  guint64 quotes = 0;

  for (; from < to; from += BLOCK)
    {
      const Block block = load (data + from);

      quotes |= quote >= 0 ? equal (block, (char) quote) : 0;
      add_ends (&found, equal (block, '\n'), 0, from);
    }
  if (quotes != 0)
    return FALSE;
  *ends = found;
  return TRUE;
}

static inline guint64
scan_quoted_strip (const char *data, gsize from, gsize to, gint quote, guint64 inside, Ends *ends)
{
  for (; from < to; from += BLOCK)
    {
      const Block block = load (data + from);
      const guint64 in = prefix_xor (equal (block, (char) quote)) ^ inside;

      inside = 0 - (in >> 63);
      add_ends (ends, equal (block, '\n'), in, from);
    }
  return inside;
}

static void
scan_ends (const char *data, gsize length, gint quote, FanoutScan *scan)
{
  const gsize whole = length - length % BLOCK;
  guint64 inside = scan->quoted && quote >= 0 ? ~(guint64) 0 : 0;
  Ends ends = { 0, 0, 0 };

  for (gsize from = 0, to; from < whole; from = to)
    {
      to = MIN (from + STRIP, whole);
      if (inside != 0 || !scan_plain_strip (data, from, to, quote, &ends))
        inside = scan_quoted_strip (data, from, to, quote, inside, &ends);
    }
  if (whole < length)
    {
      const gsize n = length - whole;
      const Block block = load_part (data + whole, n);
      const guint64 quotes = quote >= 0 ? equal (block, (char) quote) & first_bits (n) : 0;
      const guint64 in = prefix_xor (quotes) ^ inside;

      inside = 0 - (in >> 63);
      add_ends (&ends, equal (block, '\n') & first_bits (n), in, whole);
    }
  scan->quoted = inside != 0;
  scan->rows = ends.rows;
  scan->lines = ends.lines;
  scan->tail = ends.tail;
}

/* What see() says of whole blocks, for the last bytes. */
static inline guint
seen_part (const char *data, gsize length, gint quote)
{
  return (memchr (data, '\0', length) != NULL ? (guint) FANOUT_FOUND_NUL : 0)
         | (memchr (data, '\r', length) != NULL ? (guint) FANOUT_FOUND_RETURN : 0)
         | (memchr (data, quote, length) != NULL ? (guint) FANOUT_FOUND_QUOTE : 0);
}

/* Line feeds among the ends of fields, which are to be every n-th, looked at block by block. */
typedef struct
{
  guint64 pattern; /* where they are to be among the next ones */
  guint period;    /* of the pattern, at most 64 */
  guint64 uneven;  /* not 0: some are elsewhere */
  gboolean known;  /* the above are right */
} Even;

#ifdef EXTRACT

static inline Even
even_start (guint n_fields)
{
  Even even = { .period = 64 };

  if (n_fields == 0 || n_fields > 64)
    return even;
  even.known = TRUE;
  even.period = 64 - 64 % n_fields;
  for (guint i = n_fields - 1; i < 64; i += n_fields)
    even.pattern |= (guint64) 1 << i;
  return even;
}

static inline void
even_next (Even *even, guint64 fields, guint64 lines, guint n)
{
  even->uneven |= (extract (lines, fields) ^ even->pattern) & first_bits (n);
  n = n < even->period ? n : n - even->period;
  even->pattern = even->pattern >> n | even->pattern << 1 << (even->period - n - 1);
}

#else

static inline Even
even_start (guint n_fields)
{
  (void) n_fields;
  return (Even){ .known = FALSE };
}

static inline void
even_next (Even *even, guint64 fields, guint64 lines, guint n)
{
  (void) even, (void) fields, (void) lines, (void) n;
}

#endif

/* The same when all has been seen. */
static gboolean
is_uneven (const char *data, const FanoutIndex *index)
{
  const gsize n_fields = index->n_fields;
  const char *before = data - 1;
  const guint32 *starts = index->starts;
  const gsize whole = index->n - index->n % n_fields;
  guint other = 0;

  for (gsize i = n_fields; i <= whole; i += n_fields)
    other |= (guint) (guchar) before[starts[i]] ^ '\n';
  return other != 0 || index->n_rows != whole / n_fields;
}

static inline guint
even_end (const Even *even, const char *data, const FanoutIndex *index)
{
  if (index->n_fields == 0)
    return 0;
  return (even->known ? even->uneven != 0 : is_uneven (data, index)) ? FANOUT_FOUND_UNEVEN : 0;
}

/* What goes on from one block to the next: bits that belong to its first byte. */
typedef struct
{
  guint64 inside;   /* all ones inside quotes */
  guint64 edge;     /* a field may begin here, or a doubled quote end */
  guint64 quote;    /* there was a quote before */
  guint64 closed;   /* a closing quote was before */
  guint64 returned; /* a carriage return behind a closing quote was before */
  guint64 quotes;   /* wherever they were */
  guint64 doubled;
  guint64 misplaced;
} Parity;

/* Delimiters and line feeds outside quotes. */
static inline guint64
unquoted (Parity *parity, Block block, guint64 ends, guint64 lines, guint64 quotes, guint64 valid)
{
  const guint64 in = prefix_xor (quotes) ^ parity->inside;
  const guint64 closing = quotes & ~in;
  const guint64 fields = ends & ~in;
  const guint64 edges = fields | quotes;
  const guint64 odd = (2 * closing + parity->closed) & ~edges & valid;
  guint64 returned = parity->returned;

  parity->returned = 0;
  if (G_UNLIKELY (odd != 0))
    {
      const guint64 returns = equal (block, '\r') & odd;

      parity->misplaced |= odd ^ returns;
      returned += 2 * returns;
      parity->returned = returns >> 63;
    }
  parity->misplaced |= (returned & ~lines & valid)
                       | (quotes & in & ~(2 * edges + parity->edge));
  parity->doubled |= quotes & in & (2 * quotes + parity->quote);
  parity->quotes |= quotes;
  parity->inside = 0 - (in >> 63);
  parity->edge = edges >> 63;
  parity->quote = quotes >> 63;
  parity->closed = closing >> 63;
  return fields;
}

/* An index in the making. */
typedef struct
{
  guint32 *out;
  gsize n_rows;
  Seen bytes;
  Even even;
  Parity parity;
} Growth;

static inline __attribute__ ((always_inline)) void
add_block (Growth *growth, const FanoutIndex *index, Block block, gboolean quotes, gsize from,
           guint64 valid)
{
  guint64 lines = equal (block, '\n') & valid;
  guint64 fields = (equal (block, index->delimiter) & valid) | lines;
  guint n;

  if (quotes)
    fields = unquoted (&growth->parity, block, fields, lines,
                       equal (block, (char) index->quote) & valid, valid);
  if (quotes)
    lines &= fields;
  n = count (fields);
  growth->n_rows += count (lines);
  even_next (&growth->even, fields, lines, n);
  emit (growth->out, fields, (guint32) from + 1);
  growth->out += n;
}

static inline __attribute__ ((always_inline)) gsize
index_all (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  const FanoutIndex kind = *index;
  const guint32 *enough = kind.starts + 1 + kind.limit;
  const gsize whole = length - length % BLOCK;
  Growth growth = {
    .out = kind.starts + 1,
    .bytes = see_nothing (),
    .even = even_start (kind.n_fields),
    .parity = { .edge = 1 },
  };
  gsize from = 0;

  for (; from < whole && growth.out < enough; from += BLOCK)
    {
      const Block block = load (data + from);

      growth.bytes = see (growth.bytes, block, (char) kind.quote);
      add_block (&growth, &kind, block, quotes, from, ~(guint64) 0);
    }
  if (from == whole && whole < length && growth.out < enough)
    {
      const gsize n = length - whole;

      index->found |= seen_part (data + whole, n, kind.quote);
      add_block (&growth, &kind, load_part (data + whole, n), quotes, whole, first_bits (n));
      from = length;
    }
  index->n = (gsize) (growth.out - kind.starts) - 1;
  index->n_rows = growth.n_rows;
  index->found |= seen (growth.bytes) | even_end (&growth.even, data, index);
  index->found |= growth.parity.doubled != 0 ? FANOUT_FOUND_DOUBLED : 0;
  index->found |= growth.parity.misplaced != 0 ? FANOUT_FOUND_MISPLACED : 0;
  return from;
}

static gsize
index_fields (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  gsize looked_at;

  index->found = 0;
  index->starts[0] = 0;
  looked_at = quotes ? index_all (data, length, TRUE, index)
                     : index_all (data, length, FALSE, index);
  if (index->quote == FANOUT_QUOTE_NONE)
    index->found &= ~(guint) FANOUT_FOUND_QUOTE;
  return looked_at;
}
