#pragma once

/**
 * How to write a source: the single node that produces the stream.
 *
 * A source over bytes says what the columns are, where a row ends, and decodes a block of whole
 * rows into columns; the core reads, cuts, counts and deals the blocks. A source without bytes (a
 * generator) fills rows by their number. Several threads may be in its functions at once, with the
 * same options: nothing in a source may change but the block and the chunk that it is given.
 */

#include <fanout/batch.h>
#include <fanout/error.h>
#include <fanout/option.h>

G_BEGIN_DECLS

/** Readable bytes before and after those of a block, and of texts made by fanout_chunk_text(). */
#define FANOUT_PADDING 64

/**
 * Where rows end in a piece of input, and how many there are. Set `quoted` to FALSE before the
 * first piece of an input; each piece is continued by the next.
 */
typedef struct
{
  gint quoted;  /* in: TRUE where the piece starts inside quotes; out: where it ends so. What else a
                   scan leaves here it gets back with the next piece; FALSE at a row's start */
  gsize tail;   /* out: offset behind the last row end; 0 when no row ends here */
  guint64 rows; /* out: row ends (every one ends a record, also of an empty line) */
  guint64 lines; /* out: line feeds, those inside quotes too */
} FanoutScan;

/**
 * A block: whole rows of one input; the last row of an input may lack its row end, or end inside
 * quotes. A row that is
 * longer than `max_row` of the chunk may be cut: it is the last row of its block then, with at
 * least max_row + 2 of its bytes.
 */
typedef struct
{
  guint32 size;     /* sizeof (FanoutBlock) */
  const char *data; /* FANOUT_PADDING readable bytes on both sides */
  gsize length;
  gsize offset;     /* decoded so far; `decode` moves it on */
  const char *name; /* of the input, for messages */
  guint64 line;     /* of data[offset], from 1, moved on by `decode` */
  guint64 record;   /* number in the stream of the row at data[offset], from 0, moved on likewise;
                       empty lines and skipped rows have one too */
  gboolean clean;   /* a hint: no quote, NUL or carriage return in it; FALSE when unknown */
  guint n_fields;   /* fields that each row of this input must have; 0: any number */
  const guint *fields; /* for each column of the chunk: which field of this input, from 0, or
                          FANOUT_FIELD_NONE; where a source has `column`, the columns' names say
                          what they are */
  guint64 first_line;  /* of the first row of this input */
} FanoutBlock;

/** In FanoutBlock.fields: the input has no such column, which is null in all of its rows. */
#define FANOUT_FIELD_NONE G_MAXUINT

/** A column of a chunk being built. The arrays have room for `capacity` rows. */
typedef struct
{
  FanoutTakes takes;  /* NUMBER, TEXT or NOTHING */
  const char *name;   /* for messages, and for a source with `column` */
  const char *hint;   /* said behind the message about a bad value; may be NULL */
  gint64 *mantissa;   /* NUMBER: as in FanoutColumn, 0 where null */
  guint8 *scales;     /* NUMBER: filled only when the column has become mixed */
  FanoutText *text;   /* TEXT */
  guint8 *null;       /* 0 or 1 for each row written */
  guint8 scale;       /* NUMBER, not mixed: scale of all mantissas */
  guint8 most_digits; /* NUMBER: digits after the point that a value had so far; the next guess */
  gboolean mixed;
  gboolean any_null; /* FALSE: `null` is 0 for all rows */
  gboolean seen;     /* a row had it, if only as a null; set by sources that are FANOUT_SPARSE */
  gboolean wide;     /* NUMBER: wide decimals stay what they are */
} FanoutChunkColumn;

/** What happens to rows and values that are not as they should be. */
typedef enum
{
  FANOUT_BAD_FAIL = 0,
  FANOUT_BAD_PASS, /* skip the row; null for the value. They are counted */
} FanoutBad;

/** Decoded columns of a piece of a block. Made by the core. */
typedef struct
{
  guint32 size;        /* sizeof (FanoutChunk) */
  guint32 column_size; /* sizeof (FanoutChunkColumn): from one column to the next */
  gsize capacity;
  gsize n_rows; /* written so far */
  guint n_columns;
  FanoutChunkColumn *columns; /* see fanout_chunk_column() */
  guint64 first_row;          /* record number of row 0 */
  guint64 *rows;              /* room for the number of each row */
  gboolean consecutive;       /* rows are first_row + i, `rows` is not filled */
  /* policy */
  FanoutBad on_bad_row;
  FanoutBad on_bad_value;
  gsize max_row;                  /* bytes without the row end; 0: no limit */
  const char *const *null_values; /* besides the empty text; NULL-terminated, may be NULL */
  /* counted since the chunk was made */
  guint64 rows_skipped;
  guint64 values_nulled;
  guint64 numbers_rounded; /* that became doubles inexactly */
  char *first_skipped;     /* "FILE:LINE: text" of the first skipped row, NULL when none (owned) */
  guint64 first_skipped_record; /* its number */
  char *first_nulled;           /* the same of the first value that became null for being bad */
  guint64 first_nulled_record;
  /* policy */
  gboolean shared; /* it is read by threads other than the one that fills it */
  /* counted */
  guint64 first_skipped_line; /* where the first skipped row begins */
  guint64 first_skipped_last; /* and its last line; 0: unknown */
  char *first_rounded;        /* "FILE:LINE: text" of the first rounded number (owned) */
  guint64 first_rounded_record;
  /* the source's */
  gpointer own; /* what it keeps from one decode to the next; NULL at first */
  void (*free_own) (gpointer own);
  /* policy, of a source that has a say in it; `decode` sets it */
  FanoutWriting writing; /* of numbers; its `decimal` is 0 where there is no choice */
} FanoutChunk;

/** Column `column` of the chunk, from 0. */
static inline FanoutChunkColumn *
fanout_chunk_column (const FanoutChunk *chunk, guint column)
{
  return (FanoutChunkColumn *) (gpointer) ((char *) chunk->columns
                                           + (gsize) column * chunk->column_size);
}

typedef enum
{
  /** A row need not have every column: one that none had is told of after the run. */
  FANOUT_SPARSE = 1 << 0,
  /** The name of a column is a path, in which quotes say that what is in them is one name: they are
   * kept where a list has them. */
  FANOUT_PATHS = 1 << 1,
} FanoutSourceFlags;

/** A source. Members that do not apply are NULL. */
typedef struct FanoutSource
{
  guint32 size FANOUT_UNSET;        /* sizeof (FanoutSource) */
  const char *name FANOUT_UNSET;    /* `type =` in the INI file */
  const char *summary FANOUT_UNSET; /* one line, lower case, no full stop */
  const char *details FANOUT_UNSET; /* a paragraph */

  /* FANOUT_OPTIONS (Options, options) sets these three. */
  gsize options_size FANOUT_UNSET;
  gsize option_size FANOUT_UNSET; /* sizeof (FanoutOption) */
  const FanoutOption *options
      FANOUT_UNSET; /* besides those that the core knows: path, null-values, ... */
  /** Check options together and derive what the run needs (read-only from then on, shared by
   * threads). FALSE with `error` (FANOUT_ERROR_CONFIG): the text alone, without a place. */
  gboolean (*prepare) (gpointer options, GError **error) FANOUT_UNSET;
  /** Free what `prepare` allocated, also after it failed. */
  void (*release) (gpointer options) FANOUT_UNSET;

  /* Over bytes. */

  /**
   * The column names of one input. `data` holds its first bytes (more than max-row, with
   * FANOUT_PADDING readable bytes on both sides), `complete` when they are all of it. On success
   * `names` gets newly allocated names (g_strfreev; NULL: columns go by number, 1, 2, ...),
   * `n_fields` how many fields each row must have (0: any number), and `header_length` the bytes to
   * skip before the first row (the header). A byte order mark is not in the data. FALSE with
   * `error` (FANOUT_ERROR_DATA): the text alone, to be told of the first line that is not blank.
   * Not called for an input of 0 bytes. Absent where there is `column`: then there is none.
   */
  gboolean (*header) (gconstpointer options, const char *data, gsize length, gboolean complete,
                      char ***names, guint *n_fields, gsize *header_length,
                      GError **error) FANOUT_UNSET;
  /** Where rows end. Absent: at each line feed. Reads no byte outside data[0 .. length - 1]. */
  void (*scan) (gconstpointer options, const char *data, gsize length,
                FanoutScan *scan) FANOUT_UNSET;
  /** Names known before any input is read (NULL: from the header). Newly allocated. */
  char **(*names) (gconstpointer options) FANOUT_UNSET;
  /**
   * Decode rows from data[offset] on into `chunk` until it is full or the block is at its end,
   * which may add no row at all; or until it took long (some 50 ms): it is called again. FALSE with
   * `error` (FANOUT_ERROR_DATA, "FILE:LINE: text") at a bad row or value that fails: the rows
   * before it are in the chunk, and the block stands at it. A row longer than max_row is bad
   * whatever it holds. What ends inside quotes is one bad row.
   */
  gboolean (*decode) (gconstpointer options, FanoutBlock *block, FanoutChunk *chunk,
                      GError **error) FANOUT_UNSET;

  /* Without bytes. */

  /** How many rows there are; G_MAXUINT64: no end. */
  guint64 (*n_rows) (gconstpointer options) FANOUT_UNSET;
  /** Fill rows `first` .. `first + n - 1` of the stream (n <= capacity) into the empty chunk, whose
   * columns are all in fields[] (for each: which of `names`). */
  gboolean (*fill) (gconstpointer options, guint64 first, gsize n, const guint *fields,
                    FanoutChunk *chunk, GError **error) FANOUT_UNSET;

  guint flags FANOUT_UNSET; /* FanoutSourceFlags */
  /** Where each row names its own columns, so that no header does: whether @name can be one. FALSE
   * with `error` (FANOUT_ERROR_CONFIG): the text alone. `names` is absent then. */
  gboolean (*column) (gconstpointer options, const char *name, GError **error) FANOUT_UNSET;
  /* Over bytes. */

  /**
   * What an input begins with that is neither header nor row; absent: nothing. `data` holds its
   * first bytes, `complete` when they are all of it, and `lines` (0 at first) how many line feeds
   * were passed over by earlier calls. `passed` gets how many bytes can be forgotten, `lines` is
   * moved on by those in them, and `row` gets where the first row begins that is not blank (the
   * header, where there is one). FALSE: more bytes are needed to know; it is called again with
   * those behind the `passed` ones, and more.
   */
  gboolean (*lead) (gconstpointer options, const char *data, gsize length, gboolean complete,
                    guint64 *lines, gsize *passed, gsize *row) FANOUT_UNSET;
} FanoutSource;

/* For sources over bytes. */

/** Ready-made `scan`: a row ends at each line feed. */
FANOUT_API void fanout_scan_lines (const char *data, gsize length, FanoutScan *scan);

/** The same, but not at those inside quotes: an odd number of @quote bytes comes before these. */
FANOUT_API void fanout_scan_quoted (const char *data, gsize length, char quote, FanoutScan *scan);

/**
 * Put the @length bytes at @text into row `chunk->n_rows` of column @column: null texts, numbers,
 * mixed columns and the policy for bad values are taken care of. @text must lie in the block or
 * come from fanout_chunk_text(). There must be room for the row. FALSE with @error
 * (FANOUT_ERROR_DATA) when a bad value fails; the row is then not to be ended.
 */
FANOUT_API gboolean fanout_chunk_put (FanoutChunk *chunk, const FanoutBlock *block, guint column,
                                      const char *text, gsize length, GError **error);

/** The row put last is whole: number it @record. All of its columns must have been put. */
FANOUT_API void fanout_chunk_end_row (FanoutChunk *chunk, guint64 record);

/** The @n rows from `chunk->n_rows` on are whole: number them @record and on. */
FANOUT_API void fanout_chunk_end_rows (FanoutChunk *chunk, guint64 record, gsize n);

/**
 * Row `block->record` at `block->line` is bad, for the reason given (no capital, no full stop).
 * TRUE: skip it, it has been counted. FALSE with @error set to "FILE:LINE: reason".
 */
FANOUT_API gboolean fanout_chunk_bad_row (FanoutChunk *chunk, const FanoutBlock *block,
                                          GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/** Room for @length bytes of text that is not in the block as it stands; lives as long as the rows
 * of the chunk, with FANOUT_PADDING readable bytes on both sides. */
FANOUT_API char *fanout_chunk_text (FanoutChunk *chunk, gsize length);

/* For sources of delimited text: csv, tsv, lines. */

/** In place of a delimiter: runs of spaces and tabs, those at the edges of a row ignored. */
#define FANOUT_DELIMITER_WHITESPACE (-1)
/** In place of a delimiter: the whole row is one field. */
#define FANOUT_DELIMITER_NONE       (-2)
/** In place of a quote. */
#define FANOUT_QUOTE_NONE           (-1)

/** How fields are told apart. Delimiter and quote differ, and are no line feed, NUL or CR. */
typedef struct
{
  gsize size;      /* sizeof (FanoutDialect): set it in `prepare` */
  gint delimiter;  /* a byte, or FANOUT_DELIMITER_... */
  gint quote;      /* a byte, or FANOUT_QUOTE_NONE */
  gboolean header; /* the first row holds the names */
  guint n_columns; /* names given in the INI file; they replace those of the header */
  const char *const *columns;
  const char *delimiter_text; /* where it is of several bytes, of which `delimiter` is the first */
  gboolean ragged;            /* rows may have less fields, which are null, or more */
  gboolean trim;              /* blanks around fields and around quotes do not count */
  const char *comment;        /* lines that begin so are no rows; NULL: none */
  guint64 skip_lines;         /* at the beginning of each input */
  FanoutWriting writing;      /* of numbers */
} FanoutDialect;

/** A ready-made `prepare`: FALSE with @error (FANOUT_ERROR_CONFIG) when bytes of @dialect clash. */
FANOUT_API gboolean fanout_dialect_check (const FanoutDialect *dialect, GError **error);

/** Ready-made `lead`, `header`, `names`, `scan` and `decode`; see there. */
FANOUT_API gboolean fanout_delimited_lead (const FanoutDialect *dialect, const char *data,
                                           gsize length, gboolean complete, guint64 *lines,
                                           gsize *passed, gsize *row);
FANOUT_API gboolean fanout_delimited_header (const FanoutDialect *dialect, const char *data,
                                             gsize length, gboolean complete, char ***names,
                                             guint *n_fields, gsize *header_length, GError **error);
FANOUT_API char **fanout_delimited_names (const FanoutDialect *dialect);
FANOUT_API void fanout_delimited_scan (const FanoutDialect *dialect, const char *data, gsize length,
                                       FanoutScan *scan);
FANOUT_API gboolean fanout_delimited_decode (const FanoutDialect *dialect, FanoutBlock *block,
                                             FanoutChunk *chunk, GError **error);

/* For sources of web servers' logs. */

typedef enum
{
  FANOUT_CLF_COMMON,
  FANOUT_CLF_COMBINED,
  FANOUT_CLF_VHOST_COMBINED, /* combined, behind the name of the virtual host */
} FanoutClfFormat;

/** The names of the columns, whatever the format; newly allocated. */
FANOUT_API char **fanout_clf_names (void);

/** A ready-made `decode`; the source is FANOUT_SPARSE, its columns are those, and it keeps what it
 * needs in the chunk. */
FANOUT_API gboolean fanout_clf_decode (FanoutClfFormat format, FanoutBlock *block,
                                       FanoutChunk *chunk, GError **error);

/* For sources of JSON lines. */

/** A ready-made `column`: whether @name is a path, such as commit.author, tags[0] or "a.b".c. */
FANOUT_API gboolean fanout_json_column (const char *name, GError **error);

/** A ready-made `decode` of one object a line; the source is FANOUT_SPARSE, and keeps what it needs
 * in the chunk. */
FANOUT_API gboolean fanout_json_decode (FanoutBlock *block, FanoutChunk *chunk, GError **error);

G_END_DECLS
