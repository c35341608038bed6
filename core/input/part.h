#pragma once

/**
 * One of several equal pieces of the bytes of all inputs: the rows that begin in it.
 *
 * Files that are not packed are cut anywhere; what is packed or in another encoding belongs whole
 * to the piece with its first byte. A piece that begins within a file is read from the start of the
 * line with its first byte, and passes over the row that ends in that line. Whether that line
 * begins inside quotes is a matter of all bytes before it: it is told, or guessed by what follows.
 */

#include <fanout/abi.h>

/** FanoutPart.quoted: look at the text. */
#define FANOUT_PART_GUESS (-1)

/** Lines of a file of which nobody knows how many come before are numbered from here. */
#define FANOUT_LINE_OPEN (G_GUINT64_CONSTANT (1) << 62)

/** Which piece is wanted. */
typedef struct
{
  guint64 index; /* from 0 */
  guint64 count;
  gint quoted;       /* how the line with its first byte begins: FANOUT_PART_GUESS, or as
                        FanoutScan.quoted */
  guint64 line;      /* and its number; 0: unknown */
  gboolean numbered; /* its rows are numbered as those of the whole stream */
  guint64 record;    /* so many come before them there; 0: unknown, or none */
} FanoutPart;

/** What is known of it when its rows have been read. */
typedef struct
{
  gboolean empty;   /* there are fewer bytes than pieces: nothing else is set */
  gboolean begun;   /* within a file, */
  gboolean guessed; /* which was guessed to be in quotes or not, */
  gint start;       /* as FanoutScan.quoted */
  guint64 from;     /* the offset of that line in the file */
  gboolean cut;     /* it ends within a file, */
  gboolean told;    /* and has been read to there, */
  gboolean through; /* in the line where it begins: it says nothing of quotes */
  gint end;         /* else how the line there begins, as FanoutScan.quoted, */
  guint64 line; /* and the line's number, from FANOUT_LINE_OPEN where those before are unknown */
  guint64 rows; /* of the stream: all that begin in it */
} FanoutPartEnds;

/** What a piece says of how those behind it begin, without being decoded. Plain data, to be sent.
 */
typedef struct
{
  gboolean empty; /* as in FanoutPartEnds */
  gboolean begun;
  gboolean cut;
  gboolean through;
  gint end[2];   /* where it begins as FALSE, or as TRUE */
  guint64 line;  /* of its first row, where it is not begun */
  guint64 lines; /* line feeds between where it begins in the file that it ends in, and there */
} FanoutPartScan;

/** How piece `index` of those that `scans` are of begins: `quoted` and `line` of `part`. */
FANOUT_API void fanout_part_settle (const FanoutPartScan *scans, guint64 index, FanoutPart *part);
