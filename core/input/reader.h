#pragma once

/**
 * Bytes to blocks: opens the inputs one after the other, cuts them into blocks of whole rows by the
 * source's own rule and deals the blocks, in the order of the stream, to one or more partitions.
 *
 * What is packed or in another encoding is unpacked and converted first, by a thread of its own.
 * Each lane reads its piece by itself where the input is any other regular file; what a piece needs
 * to know of those before it (inside quotes or not, row and line numbers, the bytes of a row cut by
 * the border) is passed from piece to piece as soon as each has been scanned, so that lanes wait
 * for scans only, never for decoding.
 *
 * Blocks are cut as the bytes come, so where a block ends says nothing; rows, their records and
 * their lines are the same whatever the lanes and the block size. The last row of an input may lack
 * its row end, or end inside quotes. Of a row longer than max_row that a border cuts come the first
 * max_row + 2 bytes or more, at the end of a block and as soon as they are there; the rest of it is
 * dropped.
 *
 * A reader serves one run. After fanout_reader_stop the rows dealt are a prefix of the stream.
 */

#include "core/base/clock.h"
#include "core/input/bytes.h"
#include "core/input/packed.h"
#include "core/input/part.h"
#include <fanout/error.h>
#include <fanout/source.h>
#include <gio/gio.h>

/** What "-" is called in messages. */
#define FANOUT_STANDARD_INPUT "standard input"

typedef struct FanoutBlockReader FanoutBlockReader;
/** One partition's place at the reader, with its buffer. */
typedef struct FanoutLane FanoutLane;

typedef struct
{
  const FanoutSource *source;
  gconstpointer options;
  const char *const *paths;  /* in stream order, NULL-terminated; "-" is standard input; copied */
  gboolean glob;             /* paths with * ? [ are globs, as in a shell: without a match the name
                                itself, if that exists */
  const char *folder;        /* relative paths are relative to it; NULL: the working directory */
  gsize max_row;             /* bytes of the longest row, without its row end; 0: no limit */
  FanoutBad missing_columns; /* PASS: what an input lacks that one before it has is null in it */
  gsize block_size;          /* bytes of a piece; 0: chosen */
  gsize max_memory;          /* of a run; a part of it holds bytes before their turn; 0: no bound */
  FanoutCompression compression;
  gboolean follow; /* files may become more, give way to others, come later: all are open at once
                      and deal blocks as their bytes come; see core/input/live.h */
  gboolean start_at_end;    /* of the files that are there at first */
  gint64 rotate_wait;       /* microseconds in which a file that was left may become more */
  gint64 discover;          /* between two looks at everything */
  guint64 max_connections;  /* at the same time */
  const FanoutClock *clock; /* NULL: the system's; outlives the reader */
  const char *encoding;     /* as iconv names them; NULL: UTF-16 by its byte order mark, else as it
                               is; copied */
} FanoutReaderPlan;

/** Expand the globs; no match is an error (FANOUT_ERROR_INPUT). Opens nothing yet. */
FanoutBlockReader *fanout_reader_new (const FanoutReaderPlan *plan, GError **error);
void fanout_reader_free (FanoutBlockReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutBlockReader, fanout_reader_free)

/** The first bytes of the first input that is not empty, with a whole line that is not blank where
 * it has one, and FANOUT_PADDING readable bytes on both sides; `length` 0: all are empty. Before
 * fanout_reader_fields, with a plan that has no source; fanout_reader_use comes next. */
gboolean fanout_reader_peek (FanoutBlockReader *reader, const char **name, const char **data,
                             gsize *length, gboolean *complete, GError **error);
/** The source that a plan of fanout_reader_new did not have. */
void fanout_reader_use (FanoutBlockReader *reader, const FanoutSource *source,
                        gconstpointer options);

/** Names of the columns of the first input that is not empty: from the configuration (then
 * nothing is opened), from its header, or numbers as texts. Opens and reads as much as that
 * needs, and keeps what it read for the run. A name may occur twice; fanout_reader_select is the
 * place where that matters.
 *
 * `known` FALSE: all inputs are empty, none that is followed has a header by now, or the reader was
 * stopped; there are no names then. Names
 * are NULL with `known` TRUE where rows have any number of fields: every number is a column.
 * Waits for the bytes of a pipe, also for `cancellable` (may be NULL). */
gboolean fanout_reader_fields (FanoutBlockReader *reader, char ***names, gboolean *known,
                               GCancellable *cancellable, GError **error);

/** The columns that blocks must map (FanoutBlock.fields), by name or, where `positions` (may be
 * NULL) is not 0, by their place from 1; copied. Call once, before the first lane. An input that
 * lacks a name, unless missing_columns lets it pass, or has it twice, fails the run there
 * (FANOUT_ERROR_INPUT). */
void fanout_reader_select (FanoutBlockReader *reader, guint n, const char *const *names,
                           const guint *positions);

/** Read one piece alone of the inputs, which must be files: before the first lane. FALSE with
 * `error` (FANOUT_ERROR_INPUT). */
gboolean fanout_reader_set_part (FanoutBlockReader *reader, const FanoutPart *part, GError **error);
/** Look at the piece alone, by a reader that serves for nothing else: its bytes in the file that it
 * ends in are scanned, all others are not read. FALSE with `error`. */
gboolean fanout_reader_scan_part (FanoutBlockReader *reader, FanoutPartScan *scan, GError **error);
/** After the run: how it begins and ends. */
void fanout_reader_part_ends (FanoutBlockReader *reader, FanoutPartEnds *ends);
/** The size of each input in bytes, for who compares what was shared out. */
const guint64 *fanout_reader_sizes (FanoutBlockReader *reader, guint *n);

/** Lanes that wait are woken by `cancellable` (may be NULL) too. Call before the lanes run: what
 * fanout_reader_next and fanout_reader_fields get they watch by themselves, but only when they
 * first wait, in whichever thread that is. */
void fanout_reader_watch (FanoutBlockReader *reader, GCancellable *cancellable);

/** `blocking` FALSE: fanout_reader_next answers WAIT in place of waiting for bytes of a pipe.
 * Lanes are freed before the reader. */
FanoutLane *fanout_reader_lane (FanoutBlockReader *reader, gboolean blocking);
/** Its thread has no other one, and takes all blocks from it: before the first of them. */
void fanout_lane_set_alone (FanoutLane *lane);
/** From the next call on. A lane that does not block does not wait for another one either. */
void fanout_lane_set_blocking (FanoutLane *lane, gboolean blocking);
/** Bytes of its buffer by now: a long row makes it larger. The first lane of a reader has those of
 * the threads that read ahead as well. */
gsize fanout_lane_bytes (const FanoutLane *lane);
void fanout_lane_free (FanoutLane *lane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutLane, fanout_lane_free)

/** The next block for this lane, valid until its next call; its name and fields live as long as
 * the reader. Waits also for `cancellable` (may be NULL; cancelled is FAILED with
 * G_IO_ERROR_CANCELLED), the same one for all lanes. On FAILED, `record` is the number of the
 * row that failed, so that the first failure of the stream can be told from others; the other
 * lanes get what was dealt before it, then END. Thread-safe for different lanes. */
FanoutRead fanout_reader_next (FanoutLane *lane, FanoutBlock *block, GCancellable *cancellable,
                               guint64 *record, GError **error);

/** Deal no block after this; lanes that wait for bytes wake up and get END. Async-signal-safe. */
void fanout_reader_stop (FanoutBlockReader *reader);
/** Deal no block that starts after row `record` (a failure was found there); of several the least
 * counts. Any thread. */
void fanout_reader_stop_after (FanoutBlockReader *reader, guint64 record);

/** Whether its inputs are open beside each other: files that are followed, and sockets. */
gboolean fanout_reader_is_live (const FanoutBlockReader *reader);

/** While all lanes rest that a run had, and before those of the next one get anything: go by
 * another plan of the same source, follow the names and listen at the addresses of that, and deal
 * the columns that are selected now; what is read already goes on where it is. FALSE with `error`:
 * all is as it was. */
gboolean fanout_reader_change (FanoutBlockReader *reader, const FanoutReaderPlan *plan, guint n,
                               const char *const *names, const guint *positions, GError **error);
/** After that, and after the lanes of the run before are done: what was stopped goes on. */
void fanout_reader_go_on (FanoutBlockReader *reader);
/** Names of the columns of an input that is read; owned by the caller. NULL: they have none, or
 * nobody knows. */
char **fanout_reader_known_names (FanoutBlockReader *reader);

/** After a run: whether bytes of the inputs may be left that were not dealt. */
gboolean fanout_reader_has_more (const FanoutBlockReader *reader);

/** Whether fanout_reader_stop was called: the caller then leaves the rest of its block, which
 * counts as not dealt. */
gboolean fanout_reader_leaves (FanoutBlockReader *reader);

/** While it is wanted, fanout_reader_next answers REST in place of reading on, also where it waits
 * for bytes: once all lanes have got that, the blocks dealt are a prefix of the stream. Not before
 * there are lanes. Any thread; async-signal-safe. */
void fanout_reader_rest (FanoutBlockReader *reader, gboolean wanted);

/** Where a block comes from. */
typedef struct
{
  guint input;    /* which, from 0 */
  guint64 serial; /* of the block in the order of the stream, from 0, without gaps */
  gboolean last;  /* no other block of that input follows; where it is FALSE, one may */
} FanoutBlockOrigin;

/** Of the block that the lane got last. */
FanoutBlockOrigin fanout_lane_origin (const FanoutLane *lane);

typedef enum
{
  FANOUT_INPUT_NOT_BEGUN = 0,
  FANOUT_INPUT_OPEN,
  FANOUT_INPUT_ENDED, /* of one that is followed: there is no file of its name, for now; of a socket
                         also: nothing has come of it yet */
} FanoutInputStage;

/** How many inputs there are by now, and how far one of them is: exact while all lanes rest. */
guint fanout_reader_n_inputs (FanoutBlockReader *reader);
FanoutInputStage fanout_reader_input_stage (FanoutBlockReader *reader, guint input);
/** What is told, in any lane's thread, when an input has ended or one has been taken up; it may
 * call fanout_reader_rest, and nothing else of the reader. NULL: nobody. Before the lanes run. */
void fanout_reader_on_change (FanoutBlockReader *reader, void (*changed) (gpointer data),
                              gpointer data);

/** What is told that is no failure, one line without a line feed at its end, in any thread: the
 * same rules as for fanout_reader_on_change. What came before is told at once. */
void fanout_reader_on_note (FanoutBlockReader *reader,
                            void (*note) (gpointer data, const char *text), gpointer data);

/** Where all inputs are, behind what `to` holds, while all lanes rest: rows that have begun and
 * were not dealt are read again. */
void fanout_reader_save (FanoutBlockReader *reader, GByteArray *to);
/** Go on where a reader with the same plan was when it saved these bytes; behind
 * fanout_reader_select, before the first lane. What was renamed meanwhile is looked for; what
 * cannot be found, or be read again, is told in notes. FALSE with `error` (FANOUT_ERROR_INPUT) when
 * the bytes or the inputs are not those; the reader cannot be used then. */
gboolean fanout_reader_restore (FanoutBlockReader *reader, gconstpointer bytes, gsize length,
                                GError **error);

/** Of files that are followed, since the reader was made. */
typedef struct
{
  guint64 taken_up;
  guint64 rotated; /* of them, since the file that had their name gave way to them */
  guint64 changed; /* became shorter or other, and were read again from their beginning */
  guint64 lost;    /* were there once, and could not be found again or read */
} FanoutReaderFiles;

/** Any thread. */
FanoutReaderFiles fanout_reader_files (FanoutBlockReader *reader);

/** Open the sockets among the inputs, so that others can connect; else the first block does that.
 * FALSE with `error` (FANOUT_ERROR_INPUT). */
gboolean fanout_reader_listen (FanoutBlockReader *reader, GError **error);

/** Of sockets, since the reader was made. */
typedef struct
{
  guint64 taken;   /* connections */
  guint64 open;    /* of these, now */
  guint64 refused; /* what they began with was no header, or no text */
  guint64 dropped; /* datagrams, by the kernel: there was no room for them */
} FanoutReaderSockets;

/** Any thread. */
FanoutReaderSockets fanout_reader_sockets (FanoutBlockReader *reader);

/** What to poll for reading after WAIT; -1 when it is a regular file. */
int fanout_reader_fd (FanoutBlockReader *reader);
/** Becomes readable when the reader is stopped or is to rest, to be polled beside fanout_reader_fd;
 * do not read it. */
int fanout_reader_wake_fd (FanoutBlockReader *reader);

/** Bytes read so far, headers too, packed ones as they are, and bytes there are in all (0: unknown,
 * a pipe). Any thread. */
guint64 fanout_reader_bytes (FanoutBlockReader *reader);
guint64 fanout_reader_total (FanoutBlockReader *reader);
/** Whether the first input of which names of columns have been found is packed: then there are more
 * bytes of rows than of inputs. */
gboolean fanout_reader_is_packed (FanoutBlockReader *reader);
/** For messages: the first input of which names of columns have been found, else the first of all;
 * NULL when there is none. */
const char *fanout_reader_named (FanoutBlockReader *reader);
/** What its header looks like, where that is not what one wants without knowing: all of its names
 * are numbers, so it may be a row. "FILE:LINE: text", newly allocated, or NULL. */
char *fanout_reader_doubt (FanoutBlockReader *reader);
/** The expanded list of inputs, NULL-terminated; "-" is standard input. */
const char *const *fanout_reader_paths (FanoutBlockReader *reader);
