#pragma once

/** Memory of a chunk: as many rows as fit half of the second-level cache over all columns. */

#include "core/decode/marks.h"
#include "core/decode/scan.h"

typedef struct
{
  const char *name;  /* for messages; must outlive the chunk */
  FanoutTakes takes; /* DOUBLE is decoded as WIDE: to convert is the caller's business */
  const char *hint;  /* said of a bad value after the reason; NULL: nothing */
} FanoutChunkWant;

/** `capacity` 0: chosen. All policy members are 0 or NULL until the caller sets them. */
FANOUT_API FanoutChunk *fanout_chunk_new (guint n_columns, const FanoutChunkWant *wants,
                                          gsize capacity);
/** Of the chosen capacity, or of less where no more than @rows are expected. */
FanoutChunk *fanout_chunk_new_for (guint n_columns, const FanoutChunkWant *wants, guint64 rows);
FANOUT_API void fanout_chunk_free (FanoutChunk *chunk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutChunk, fanout_chunk_free)

/** Forget the rows; keep the counters. */
FANOUT_API void fanout_chunk_reset (FanoutChunk *chunk);
/** Bytes that it holds by now. */
gsize fanout_chunk_bytes (const FanoutChunk *chunk);

/** Rows `first` and on of a column, as operators see them. */
FANOUT_API void fanout_chunk_view (const FanoutChunkColumn *column, gsize first,
                                   FanoutColumn *view);

/** Something to say of a value: it is no number, or it was rounded. */
typedef struct
{
  guint64 record;
  guint column;
  gboolean rounded;
  FanoutText text; /* lives as long as the rows */
} FanoutFinding;

/** From now on values that are no numbers are marked (see FanoutValueMark), and neither they nor
 * rounded ones are counted or fail: they are found. For who knows which values are looked at at
 * all, and then judges them. */
FANOUT_API void fanout_chunk_defer (FanoutChunk *chunk);
/** Of FanoutFinding, in the order of rows within each column; NULL: values are judged at once. */
GArray *fanout_chunk_findings (const FanoutChunk *chunk);
/** Count a value, or FALSE with `error` where it fails. `line` matters where it is the first one of
 * its kind in the stream, or fails. */
gboolean fanout_chunk_judge (FanoutChunk *chunk, const FanoutBlock *block, guint64 line,
                             const FanoutFinding *finding, GError **error);

/** Count a value of the row `record` that is taken for no value; `text` ("FILE:LINE: reason", taken
 * over; NULL where it is not the first) says why. */
void fanout_chunk_null_value (FanoutChunk *chunk, guint64 record, char *text);
/** Count a number of the row `record` at `line`, which matters as above, that was rounded in the
 * derived column `name`. */
void fanout_chunk_count_rounded (FanoutChunk *chunk, const FanoutBlock *block, guint64 record,
                                 guint64 line, const char *name, FanoutNumber number);
/** Whether the next such value would be the first one of the stream as far as it is known. */
gboolean fanout_chunk_is_first_null (const FanoutChunk *chunk, guint64 record);

/** Let the rows at `kept`, ascending, be all there are: `n` of them. */
void fanout_chunk_keep (FanoutChunk *chunk, const guint32 *kept, gsize n);

/** Decides about rows as soon as the columns are there that it reads. For a chunk with
 * fanout_chunk_defer(): what it keeps may be looked at again. A decoder need not ask it. */
typedef struct
{
  const guint8 *reads; /* for each column */
  /** Which of the `n` rows from chunk->n_rows on, numbered from block->record on, are kept: their
   * places among these into `kept`, ascending. Answers how many. */
  gsize (*keep) (gpointer data, FanoutChunk *chunk, const FanoutBlock *block, gsize n,
                 guint32 *kept);
  gpointer data;
} FanoutChunkFilter;

/** `filter` must outlive the chunk; NULL: none. */
void fanout_chunk_set_filter (FanoutChunk *chunk, const FanoutChunkFilter *filter);
const FanoutChunkFilter *fanout_chunk_filter (const FanoutChunk *chunk);

/* For the decoders. */

/** A decoder keeps so many bytes more in the chunk's `own`. */
void fanout_chunk_hold (FanoutChunk *chunk, gsize bytes);

/** Of the rows of a column from `first` on let those at `kept`, ascending, be all: `n` of them. */
void fanout_chunk_pick (FanoutChunkColumn *column, gsize first, const guint32 *kept, gsize n);
/** The `n` rows from chunk->n_rows on are whole: number them record + kept[i]. */
void fanout_chunk_end_picked (FanoutChunk *chunk, guint64 record, const guint32 *kept, gsize n);

/** Whether what is found in this column has not been counted in another, which takes the same. */
gboolean fanout_chunk_counts (const FanoutChunk *chunk, const FanoutBlock *block,
                              const FanoutChunkColumn *column);
/** The same of a value that was rounded, which may have more room in a column that is wide. */
gboolean fanout_chunk_counts_rounded (const FanoutChunk *chunk, const FanoutBlock *block,
                                      const FanoutChunkColumn *column, const FanoutText *text);
/** Some columns go by their places, which may be those of other names in some inputs: blocks say
 * which columns are the same. */
void fanout_chunk_use_places (FanoutChunk *chunk);
/** Whether two columns take the same numbers from the block. */
gboolean fanout_chunk_takes_same (const FanoutChunk *chunk, const FanoutBlock *block, guint a,
                                  guint b);

/** The mark of a value. */
static inline guint8
fanout_chunk_mark (const FanoutChunk *chunk, gboolean is_null, gboolean bad)
{
  return bad && fanout_chunk_findings (chunk) != NULL ? FANOUT_MARK_BAD
         : is_null                                    ? FANOUT_MARK_NULL
                                                      : FANOUT_MARK_VALUE;
}

/** Where a field is, from the start of the block's data; without its quotes. */
typedef struct
{
  gsize start;
  gsize length;
  gboolean doubled; /* there are doubled quotes in it */
} FanoutSpan;

/** Working memory of fanout_delimited_decode. */
typedef struct
{
  guint32 *starts;     /* see FanoutIndex */
  guint32 *nexts;      /* see FanoutIndex */
  FanoutField *fields; /* of one column */
  gsize room;          /* in each of them */
  guint32 *loose;      /* see fanout_chunk_loose() */
  gsize loose_room;
  GArray *spans; /* of FanoutSpan */
  guint32 *kept; /* with a filter: rows of a piece */
} FanoutScratch;

/** The arrays get room for `room` at least. */
FanoutScratch *fanout_chunk_scratch (FanoutChunk *chunk, gsize room);

static inline gboolean
fanout_is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/** Room for so many words, of the working memory too. */
guint32 *fanout_chunk_loose (FanoutChunk *chunk, gsize room);

/** Whether there is nothing but blanks in a text: where a number is wanted, no value. */
gboolean fanout_text_is_blank (const char *text, gsize length);

/** Whether a text that is not empty is one of chunk->null_values, blanks around it aside. */
gboolean fanout_chunk_is_null (const FanoutChunk *chunk, const char *text, gsize length);

/** Put a number into row `row` of a column, plain or mixed; rows before it are written already. A
 * wide one is copied, or rounded where the column has none. */
void fanout_chunk_put_number (FanoutChunk *chunk, FanoutChunkColumn *column, gsize row,
                              FanoutNumber number);

/** The number in a text that is not null, into row `row`, and whether it was rounded; FALSE when
 * there is none. */
gboolean fanout_chunk_parse (FanoutChunk *chunk, FanoutChunkColumn *column, gsize row,
                             const char *text, gsize length, gboolean *rounded);

/** A value of the row `record` at `line` was rounded: count it. */
void fanout_chunk_rounded (FanoutChunk *chunk, const FanoutBlock *block, guint64 record,
                           guint64 line, const FanoutChunkColumn *column, const char *text,
                           gsize length);

/** fanout_chunk_bad_row() of a row with `length` bytes at the block's offset, which may hold line
 * feeds; G_MAXSIZE: it is cut, and nobody knows how long it is. */
gboolean fanout_chunk_bad_lines (FanoutChunk *chunk, const FanoutBlock *block, gsize length,
                                 GError **error, const char *format, ...) G_GNUC_PRINTF (5, 6);

/** A value of the row `record` at `line` is bad: TRUE to take it for a null, counted. */
gboolean fanout_chunk_bad_value (FanoutChunk *chunk, const FanoutBlock *block, guint64 record,
                                 guint64 line, const FanoutChunkColumn *column, const char *text,
                                 gsize length, GError **error);
