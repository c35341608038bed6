#pragma once

/**
 * Line feeds, delimiters and quotes in text, 64 bytes at a time.
 *
 * There is one set of functions for each kind of processor; all of them give the same answers.
 * Which one runs is found out once.
 */

#include <fanout/source.h>

/** Entries of `starts` that may be written behind the last one that counts. */
#define FANOUT_INDEX_SLACK 128

typedef enum
{
  FANOUT_FOUND_QUOTE = 1 << 0,
  FANOUT_FOUND_NUL = 1 << 1,
  FANOUT_FOUND_RETURN = 1 << 2,    /* a carriage return */
  FANOUT_FOUND_DOUBLED = 1 << 3,   /* a doubled quote inside quotes */
  FANOUT_FOUND_MISPLACED = 1 << 4, /* a quote that is neither at a field's edge nor doubled */
  FANOUT_FOUND_UNEVEN = 1 << 5,    /* a row without n_fields fields; WHITESPACE: perhaps */
} FanoutFound;

/** Where fields are in a piece of text that begins with a row. */
typedef struct
{
  gint delimiter;  /* a byte, a line feed where there is none, or FANOUT_DELIMITER_WHITESPACE */
  gint quote;      /* a byte, or FANOUT_QUOTE_NONE */
  guint n_fields;  /* in each row, at least 1 */
  guint32 *starts; /* starts[0] is 0, the others the offsets behind delimiters and line feeds that
                      are not inside quotes; room for limit + FANOUT_INDEX_SLACK */
  guint32 *nexts;  /* FANOUT_DELIMITER_WHITESPACE: fields begin at starts[0], starts[1], ... and end
                      before nexts[0] - 1, nexts[1] - 1, ...; the same room */
  gsize limit;     /* look no further when there are as many (more may have been found by then) */
  gsize n;         /* fields: starts[n] is behind the last one, or at one more */
  gsize n_rows;    /* line feeds that end rows */
  guint found;     /* FanoutFound, in the bytes looked at */
} FanoutIndex;

/** A field: data[start] to data[next - 2]. Behind it is what ends it, or is to be left out. */
typedef struct
{
  guint32 start;
  guint32 next;
} FanoutField;

/** The fields of one column: the `start` of field i is at[i * step], its `next` behind that. So
 * they can be picked out of FanoutIndex.starts; an array of FanoutField has a step of 2. */
typedef struct
{
  const char *data;
  const guint32 *at;
  gsize step;
} FanoutFields;

static inline FanoutField
fanout_fields_get (const FanoutFields *fields, gsize i)
{
  const guint32 *at = fields->at + i * fields->step;

  return (FanoutField){ at[0], at[1] };
}

static inline guint32
fanout_field_length (FanoutField field)
{
  return field.next - field.start - 1;
}

static inline FanoutFields
fanout_fields_from (const FanoutFields *fields, gsize first)
{
  return (FanoutFields){ fields->data, fields->at + first * fields->step, fields->step };
}

/** Which tokens of JSON are looked for. */
typedef enum
{
  FANOUT_TOKENS_ALL,
  FANOUT_TOKENS_MARKS,  /* brackets, commas, colons and line feeds alone */
  FANOUT_TOKENS_QUOTES, /* those of strings, and line feeds wherever they are */
} FanoutTokensKind;

/** Where the tokens of JSON are in a piece of text that begins outside strings: brackets, commas,
 * colons, line feeds, both quotes of each string, and the first byte of anything else that is no
 * blank. */
typedef struct
{
  FanoutTokensKind kind; /* in */
  guint32 *at;           /* offsets; room for limit + FANOUT_INDEX_SLACK */
  gsize limit;   /* look no further when there are as many (more may have been found by then) */
  gsize n;       /* tokens */
  gsize control; /* where a control character is in a string, with QUOTES another than a line feed:
                    no token behind it counts; G_MAXSIZE: there is none */
  gboolean escape; /* there is a backslash */
  gboolean high;   /* there is a byte beyond ASCII */
  gboolean loose;  /* MARKS: something else than blanks and a mark is behind a string */
} FanoutTokens;

/** Sixteen bytes that are to be the same in many rows, so many behind one of the marks of each;
 * less than 0: in front of it. */
#define FANOUT_SAME_STEP 16
typedef guint8 FanoutSameBytes __attribute__ ((vector_size (FANOUT_SAME_STEP)));
typedef struct
{
  FanoutSameBytes wanted, mask;
  gsize mark;
  gssize bytes;
} FanoutSame;

/** Rows of JSON that have so many marks each. */
typedef struct
{
  const char *data;
  const guint32 *marks; /* offsets: those of the first row, then those of the next one */
  gsize n_marks;
} FanoutMarkedRows;

/** Numbers of one column on their way. */
typedef struct
{
  guint8 scale;       /* in: of the mantissas */
  guint8 most_digits; /* in, out: after the point in one of the values */
  gboolean any_null;  /* in, out: there was an empty field */
} FanoutScaled;

typedef struct
{
  const char *name;
  /** fanout_scan_quoted; `quote` may be FANOUT_QUOTE_NONE. */
  void (*scan) (const char *data, gsize length, gint quote, FanoutScan *scan);
  /** Index the first `length` bytes, less than 2 GB. With `quotes` FALSE a quote is like any other
   * byte but is noted in `found`: the index is good when there is none. Answers how many bytes were
   * looked at: all, or what `limit` let. */
  gsize (*index) (const char *data, gsize length, gboolean quotes, FanoutIndex *index);
  /** Find the tokens of JSON in the first `length` bytes, less than 2 GB. Answers how many bytes
   * were looked at: all, or what `limit` let, or up to a control character in a string. */
  gsize (*tokens) (const char *data, gsize length, FanoutTokens *tokens);
  /** How many of `n` rows, from the first one on, have all these bytes. */
  gsize (*same) (const FanoutMarkedRows *rows, gsize n, const FanoutSame *same, gsize n_same);
  /** How many texts, from the first one on, are a number of JSON, true, false or null. They begin
   * where the fields do, and are by `longer` longer than these, which may be less than 0. Bytes
   * around them are readable. */
  gsize (*scalars) (const FanoutFields *fields, gssize longer, gsize n);
  /** Whether a text that ends with a byte of ASCII is UTF-8. */
  gboolean (*is_utf8) (const char *text, gsize length);
  /** Fields as texts; answers whether one is empty. */
  gboolean (*texts) (FanoutFields fields, gsize n, FanoutText *texts);
  /** Numbers of fields from the first one on, as long as they are short and plain; empty ones are 0
   * and marked in `nulls`, which is all zero before. Answers how many are done: of the next ones,
   * up to FANOUT_NUMBERS_STEP, some need more thought. FANOUT_PADDING bytes before the data are
   * readable. */
  gsize (*numbers) (FanoutFields fields, gsize n, gint64 *mantissas, guint8 *nulls,
                    FanoutScaled *scaled);
} FanoutScanner;

#define FANOUT_NUMBERS_STEP 8

/** Where the first byte is that does not belong to UTF-8, G_MAXSIZE: nowhere. */
gsize fanout_bad_utf8 (const char *text, gsize length);

/** The functions to use on this machine. */
const FanoutScanner *fanout_scanner (void);

/** All that run on this machine, the plain one first; `all` has room for FANOUT_SCANNERS_MAX.
 * Answers how many there are. For tests and measurements. */
#define FANOUT_SCANNERS_MAX 3
guint fanout_scanners (const FanoutScanner **all);

extern const FanoutScanner fanout_scanner_plain;
/** NULL where the compiler had not the flags for it. */
extern const FanoutScanner *const fanout_scanner_avx2;
extern const FanoutScanner *const fanout_scanner_avx512;
