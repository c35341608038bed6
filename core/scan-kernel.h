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

/* What goes on from one block to the next: bits that belong to its first byte. */
typedef struct
{
  guint64 inside;   /* all ones inside quotes */
  guint64 edge;     /* a field may begin here, or a doubled quote end */
  guint64 quote;    /* there was a quote before */
  guint64 closed;   /* a closing quote was before */
  guint64 returned; /* a carriage return behind a closing quote was before */
  guint64 doubled;  /* wherever they were */
  guint64 misplaced;
} Parity;

/* Delimiters and line feeds outside quotes. */
static inline guint64
unquoted (Parity *parity, guint64 ends, guint64 lines, guint64 quotes, guint64 returns,
          guint64 valid)
{
  const guint64 in = prefix_xor (quotes) ^ parity->inside;
  const guint64 opening = quotes & in;
  const guint64 closing = quotes & ~in;
  const guint64 fields = ends & ~in;
  const guint64 before = (fields | quotes) << 1 | parity->edge;
  const guint64 behind = closing << 1 | parity->closed;
  const guint64 returned = (behind & returns) << 1 | parity->returned;

  parity->doubled |= opening & (quotes << 1 | parity->quote);
  parity->misplaced |= ((opening & ~before) | (behind & ~(fields | quotes | returns))
                        | (returned & ~lines))
                       & valid;
  parity->inside = 0 - (in >> 63);
  parity->edge = (fields | quotes) >> 63;
  parity->quote = quotes >> 63;
  parity->closed = closing >> 63;
  parity->returned = (behind & returns) >> 63;
  return fields;
}

static gsize
index_quoted (const char *data, gsize length, FanoutIndex *index)
{
  Parity parity = { .edge = 1 };
  Seen bytes = see_nothing ();
  guint32 *out = index->positions;
  const guint32 *enough = out + index->limit;
  gsize n_rows = 0;
  gsize from = 0;

  while (from < length && out < enough)
    {
      const gsize n = MIN (length - from, BLOCK);
      const Block block = n == BLOCK ? load (data + from) : load_part (data + from, n);
      const guint64 valid = first_bits (n);
      const guint64 lines = equal (block, '\n') & valid;
      const guint64 ends = (equal (block, index->delimiter) & valid) | lines;
      const guint64 fields
          = unquoted (&parity, ends, lines, equal (block, (char) index->quote) & valid,
                      equal (block, '\r') & valid, valid);

      if (G_LIKELY (n == BLOCK))
        bytes = see (bytes, block, (char) index->quote);
      else
        index->found |= seen_part (data + from, n, index->quote);
      n_rows += count (fields & lines);
      emit (out, fields, (guint32) from);
      out += count (fields);
      from += n;
    }
  index->n = (gsize) (out - index->positions);
  index->n_rows = n_rows;
  index->found |= seen (bytes);
  index->found |= parity.doubled != 0 ? FANOUT_FOUND_DOUBLED : 0;
  index->found |= parity.misplaced != 0 ? FANOUT_FOUND_MISPLACED : 0;
  return from;
}

static gsize
index_plain (const char *data, gsize length, FanoutIndex *index)
{
  const char delimiter = index->delimiter;
  const char quote = (char) index->quote;
  const gsize whole = length - length % BLOCK;
  guint32 *out = index->positions;
  const guint32 *enough = out + index->limit;
  Seen bytes = see_nothing ();
  gsize n_rows = 0;
  gsize from = 0;

  for (; from < whole && out < enough; from += BLOCK)
    {
      const Block block = load (data + from);
      const guint64 lines = equal (block, '\n');
      const guint64 fields = equal (block, delimiter) | lines;

      bytes = see (bytes, block, quote);
      n_rows += count (lines);
      emit (out, fields, (guint32) from);
      out += count (fields);
    }
  if (from == whole && whole < length && out < enough)
    {
      const gsize n = length - whole;
      const Block block = load_part (data + whole, n);
      const guint64 lines = equal (block, '\n') & first_bits (n);
      const guint64 fields = (equal (block, delimiter) & first_bits (n)) | lines;

      index->found |= seen_part (data + whole, n, index->quote);
      n_rows += count (lines);
      emit (out, fields, (guint32) from);
      out += count (fields);
      from = length;
    }
  index->n = (gsize) (out - index->positions);
  index->n_rows = n_rows;
  index->found |= seen (bytes);
  return from;
}

static gsize
index_fields (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  gsize looked_at;

  index->found = 0;
  looked_at = quotes ? index_quoted (data, length, index) : index_plain (data, length, index);
  if (index->quote == FANOUT_QUOTE_NONE)
    index->found &= ~(guint) FANOUT_FOUND_QUOTE;
  return looked_at;
}
