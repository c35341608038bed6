#pragma once

/**
 * The loops that all scanners share. What includes this defines before it:
 *
 * - Block, 64 bytes, and Block load (const char *);
 * - guint64 equal (Block, char): bit i is set where byte i is that one;
 * - Seen, see_nothing (), see (Seen, Block, char), guint seen (Seen): FanoutFound, whether there
 * was a NUL, a carriage return or that byte;
 * - guint64 prefix_xor (guint64): bit i is the parity of the bits up to i;
 * - guint count (guint64): bits that are set;
 * - guint64 extract (guint64, guint64): the bits of the first where the second has some, moved
 *   together; EXTRACT_IS_FAST, TRUE or FALSE;
 * - emit (guint32 *, guint64, guint32 base): base + i for each bit i that is set; may write more
 *   behind, FANOUT_INDEX_SLACK in all; emit_dense (...): the same where often more than 16 are.
 */

#include "core/decode/scan.h"
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
static inline __attribute__ ((always_inline)) gboolean
scan_plain_strip (const char *data, gsize from, gsize to, gint quote, Ends *ends)
{
  guint64 quotes = 0;
  guint64 lines = 0;
  guint64 n = 0;

  for (gsize at = from; at < to; at += BLOCK)
    {
      const Block block = load (data + at);

      quotes |= quote >= 0 ? equal (block, (char) quote) : 0;
      n += count (equal (block, '\n'));
    }
  if (quotes != 0)
    return FALSE;
  ends->lines += n;
  ends->rows += n;
  /* The last one is near. */
  for (gsize at = to; n > 0 && lines == 0; at -= BLOCK)
    {
      lines = equal (load (data + at - BLOCK), '\n');
      if (lines != 0)
        ends->tail = at - (gsize) __builtin_clzll (lines);
    }
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
      if (inside != 0
          || !(quote >= 0 ? scan_plain_strip (data, from, to, quote, &ends)
                          : scan_plain_strip (data, from, to, FANOUT_QUOTE_NONE, &ends)))
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

/* Line feeds among marks, which are to be every n-th of them, looked at block by block. */
typedef struct
{
  guint64 pattern; /* where they are to be among the next ones */
  guint period;    /* of the pattern, at most 64 */
  guint64 uneven;  /* not 0: some are elsewhere */
} Even;

static inline Even
even_start (guint n)
{
  Even even = { .period = n > 0 && n <= 64 ? 64 - 64 % n : 64 };

  for (guint i = n - 1; i < 64; i += n)
    even.pattern |= (guint64) 1 << i;
  return even;
}

static inline void
even_next (Even *even, guint64 marks, guint64 lines)
{
  guint n = count (marks);

  even->uneven |= (extract (lines, marks) ^ even->pattern) & first_bits (n);
  n = n < even->period ? n : n - even->period;
  even->pattern = even->pattern >> n | even->pattern << 1 << (even->period - n - 1);
}

/* The same for ends of fields when all has been seen. */
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

/* Bytes that mean something to JSON, and others to look out for. */
typedef struct
{
  guint64 marks;    /* { } [ ] : , line feed; perhaps 0x1a and 0x0c too */
  guint64 blanks;   /* space, tab, carriage return */
  guint64 controls; /* below 0x20 */
  guint64 high;     /* not 0: there are bytes beyond ASCII */
} Classes;

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
  parity->misplaced |= (returned & ~lines & valid) | (quotes & in & ~(2 * edges + parity->edge));
  parity->doubled |= quotes & in & (2 * quotes + parity->quote);
  parity->inside = 0 - (in >> 63);
  parity->edge = edges >> 63;
  parity->quote = quotes >> 63;
  parity->closed = closing >> 63;
  return fields;
}

/* What an index is made of. All are constants where this is inlined. */
typedef struct
{
  gboolean quotes;  /* there may be some */
  gboolean runs;    /* fields are what is between blanks */
  gboolean stepped; /* line feeds are looked at block by block */
} Kind;

/* An index in the making. */
typedef struct
{
  guint32 *starts;
  guint32 *nexts;
  gsize n_rows;
  Seen bytes;
  Even even;
  Parity parity;
  guint64 in_run; /* the byte before belongs to a field */
} Growth;

#define INLINE static inline __attribute__ ((always_inline))

/* Fields with blanks around. */
INLINE void
add_runs (Growth *growth, guint64 ends, guint64 lines, gsize from, guint64 valid)
{
  const guint64 inside = ~ends & valid;
  const guint64 before = 2 * inside + growth->in_run;
  const guint64 starts = inside & ~before;
  const guint64 nexts = before & ~inside & valid;

  growth->in_run = inside >> 63;
  even_next (&growth->even, starts | lines, lines);
  emit (growth->starts, starts, (guint32) from);
  emit (growth->nexts, nexts, (guint32) from + 1);
  growth->starts += count (starts);
  growth->nexts += count (nexts);
}

INLINE void
add_block (Growth *growth, const FanoutIndex *index, Kind kind, Block block, gsize from,
           guint64 valid)
{
  guint64 lines = equal (block, '\n') & valid;
  guint64 ends = kind.runs ? (equal (block, ' ') | equal (block, '\t')) & valid
                           : equal (block, (char) index->delimiter) & valid;

  ends |= lines;
  if (kind.quotes)
    {
      const guint64 quotes = equal (block, (char) index->quote) & valid;

      ends = unquoted (&growth->parity, block, ends, lines, quotes, valid);
      lines &= ends;
    }
  growth->n_rows += count (lines);
  if (kind.runs)
    {
      add_runs (growth, ends, lines, from, valid);
      return;
    }
  if (kind.stepped)
    even_next (&growth->even, ends, lines);
  emit (growth->starts, ends, (guint32) from + 1);
  growth->starts += count (ends);
}

INLINE gsize
index_blocks (const char *data, gsize length, Kind kind, FanoutIndex *index, Growth *growth)
{
  const FanoutIndex given = *index;
  const guint32 *enough = growth->starts + given.limit;
  const gsize whole = length - length % BLOCK;
  Growth local = *growth;
  gsize from = 0;

  for (; from < whole && local.starts < enough; from += BLOCK)
    {
      const Block block = load (data + from);

      local.bytes = see (local.bytes, block, (char) given.quote);
      add_block (&local, &given, kind, block, from, ~(guint64) 0);
    }
  if (from == whole && whole < length && local.starts < enough)
    {
      const gsize n = length - whole;

      index->found |= seen_part (data + whole, n, given.quote);
      add_block (&local, &given, kind, load_part (data + whole, n), whole, first_bits (n));
      from = length;
    }
  *growth = local;
  return from;
}

static gsize
index_fields (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  const gboolean runs = index->delimiter == FANOUT_DELIMITER_WHITESPACE;
  const guint step = runs ? index->n_fields + 1 : index->n_fields;
  const gboolean stepped = step <= 64 && (EXTRACT_IS_FAST || runs);
  Growth growth = {
    .starts = runs ? index->starts : index->starts + 1,
    .nexts = index->nexts,
    .bytes = see_nothing (),
    .even = even_start (step),
    .parity = { .edge = 1 },
  };
  gboolean uneven;
  gsize looked_at;

  index->found = 0;
  index->starts[0] = 0;
  if (runs)
    looked_at = quotes ? index_blocks (data, length, (Kind){ TRUE, TRUE, TRUE }, index, &growth)
                       : index_blocks (data, length, (Kind){ FALSE, TRUE, TRUE }, index, &growth);
  else
    looked_at = quotes ? index_blocks (data, length, (Kind){ TRUE, FALSE, EXTRACT_IS_FAST }, index,
                                       &growth)
                       : index_blocks (data, length, (Kind){ FALSE, FALSE, EXTRACT_IS_FAST }, index,
                                       &growth);
  index->n = (gsize) (growth.starts - index->starts) - (runs ? 0 : 1);
  index->n_rows = growth.n_rows;
  uneven = stepped ? growth.even.uneven != 0 : runs || is_uneven (data, index);
  index->found |= seen (growth.bytes);
  if (index->quote == FANOUT_QUOTE_NONE)
    index->found &= ~(guint) FANOUT_FOUND_QUOTE;
  index->found |= growth.parity.doubled != 0 ? FANOUT_FOUND_DOUBLED : 0;
  index->found |= growth.parity.misplaced != 0 ? FANOUT_FOUND_MISPLACED : 0;
  index->found |= uneven ? FANOUT_FOUND_UNEVEN : 0;
  return looked_at;
}
