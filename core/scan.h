#pragma once

/**
 * Line feeds, delimiters and quotes in text, 64 bytes at a time.
 *
 * There is one set of functions for each kind of processor; all of them give the same answers. Which
 * one runs is found out once.
 */

#include <fanout/source.h>

/** Entries of `positions` that may be written behind the last one that counts. */
#define FANOUT_INDEX_SLACK 128

typedef enum
{
  FANOUT_FOUND_QUOTE = 1 << 0,
  FANOUT_FOUND_NUL = 1 << 1,
  FANOUT_FOUND_RETURN = 1 << 2,    /* a carriage return */
  FANOUT_FOUND_DOUBLED = 1 << 3,   /* a doubled quote inside quotes */
  FANOUT_FOUND_MISPLACED = 1 << 4, /* a quote that is neither at a field's edge nor doubled */
} FanoutFound;

/** Where fields end in a piece of text that begins with a row. */
typedef struct
{
  char delimiter;     /* a line feed: there is none */
  gint quote;         /* a byte, or FANOUT_QUOTE_NONE */
  guint32 *positions; /* of delimiters and line feeds outside quotes; room for limit + slack */
  gsize limit;        /* look no further when there are as many (more may have been found by then) */
  gsize n;
  gsize n_rows;       /* line feeds among them */
  guint found;        /* FanoutFound, in the bytes looked at */
} FanoutIndex;

typedef struct
{
  const char *name;
  /** fanout_scan_quoted; `quote` may be FANOUT_QUOTE_NONE. */
  void (*scan) (const char *data, gsize length, gint quote, FanoutScan *scan);
  /** Index the first `length` bytes, less than 4 GB. With `quotes` FALSE a quote is like any other byte
   * but is noted in `found`: the index is good when there is none. FANOUT_PADDING bytes on both sides
   * of the data are readable. Answers how many bytes were looked at: all, or what `limit` let. */
  gsize (*index) (const char *data, gsize length, gboolean quotes, FanoutIndex *index);
} FanoutScanner;

/** The functions to use on this machine. */
const FanoutScanner *fanout_scanner (void);

/** All that run on this machine, the plain one first; `all` has room for FANOUT_SCANNERS_MAX. Answers how
 * many there are. For tests and measurements. */
#define FANOUT_SCANNERS_MAX 3
guint fanout_scanners (const FanoutScanner **all);

extern const FanoutScanner fanout_scanner_plain;
/** NULL where the compiler had not the flags for it. */
extern const FanoutScanner *const fanout_scanner_avx2;
extern const FanoutScanner *const fanout_scanner_avx512;
