#pragma once

/** What the files of the reader share. */

#include "core/input/bytes.h"
#include "core/input/packed.h"
#include "core/input/reader.h"
#include "core/input/resume.h"
#include <pthread.h>
#include <stdatomic.h>

typedef enum
{
  FANOUT_STAGE_NEW = 0,
  FANOUT_STAGE_OPEN,  /* its first bytes are being collected for the header */
  FANOUT_STAGE_NAMED, /* the names of its columns are known */
  FANOUT_STAGE_READY, /* the selected columns are found: pieces can be dealt */
} FanoutStage;

typedef struct FanoutLive FanoutLive;
typedef struct FanoutLiveInput FanoutLiveInput;

/** One input. All but `users` belongs to the holder of `claim`, or to all once it is READY. */
struct FanoutReaderInput
{
  const char *path;
  char *name;             /* for messages */
  const char *block_name; /* the same, as long as the reader lives; NULL: `name` does */
  guint ordinal;
  FanoutLiveInput *live; /* whose file it is; NULL: it is read in its turn */
  FanoutLiveInput *own;  /* the same, where it goes with this: a connection */
  atomic_int holders;    /* of one that is live: who has it, and the lanes with blocks of it */
  guint64 end_line;      /* where its last row ended; of who deals its last piece */
  FanoutReaderResume resume;
  guint64 skip; /* rows that end up to this offset are passed over */
  FanoutStage stage;
  FanoutBytes *bytes;
  gboolean sequential; /* read one after the other, in place of at an offset */
  gboolean unpacked;   /* what `packed` says has been done */
  gboolean converted;  /* the same of its encoding */
  gboolean ahead;      /* a thread reads it, see core/input/ahead.h */
  FanoutCompression packed;
  GError *failure;   /* of the read behind the bytes that were taken last */
  guint64 counted;   /* of its bytes, as far as they are sequential, in `bytes` of the reader */
  gboolean complete; /* all its bytes have been read, into the head or into pieces */
  gboolean empty;    /* and closed */
  gboolean begun;    /* a piece of it was dealt */
  atomic_int users;  /* the reader and the pieces still to be read; the last one closes */

  guint64 offset; /* of the next piece; not of those that are sequential */

  char *head; /* first bytes, behind FANOUT_PADDING; NULL when used up */
  gsize head_length;
  gsize head_start;   /* of what is to be dealt: behind byte order mark and header */
  gsize head_scanned; /* the search for the end of the first row goes on here */
  gint head_quoted;   /* FanoutScan.quoted there */
  gboolean head_row;  /* a row that is not empty, nor blank, ends in the head */
  gboolean led;       /* what comes before its first row and header was passed over */
  guint64 led_bytes;
  guint64 led_lines;
  gboolean looked; /* whether it is text: before anything was passed over */
  GError *refusal; /* it is none */
  gsize first_row; /* once `led`: where in the head the first row begins that is not blank */

  char **names;         /* NULL: they go by number */
  guint64 numeric_line; /* of a header where all names are numbers; 0: there is none */
  guint n_fields;
  guint64 line; /* of its first row */
  guint *fields;

  gboolean left_out; /* no byte of it is in the part */
  guint64 part_from; /* the part's bytes in it; without a part 0 and G_MAXUINT64 */
  guint64 part_to;
  gboolean inside;    /* it is read from a line within */
  guint64 stretch;    /* where the part's last line begins; G_MAXUINT64: it goes to the end */
  gsize stretch_step; /* bytes of the next piece there */
};

/** The piece of the inputs that a reader reads. */
typedef struct
{
  FanoutPart wanted;
  guint64 *sizes;
  FanoutPartEnds ends; /* of the lane whose turn it is */
  atomic_bool over;    /* its last row has been dealt */
} FanoutReaderPart;

/** What a piece passes on to the next one. */
typedef struct
{
  guint64 record;    /* of the row that has begun */
  guint64 line;      /* where it begins */
  guint64 last_line; /* of the bytes up to here */
  gint quoted;       /* FanoutScan.quoted */
  gboolean too_long; /* the row was dealt as too long: drop the rest of it */
  gboolean foreign;  /* the same of the end of a row that begins before the part */
  char *tail;        /* the bytes of the row up to here */
  gsize tail_length;
  gsize tail_room;
} FanoutReaderState;

struct FanoutBlockReader
{
  const FanoutSource *source;
  gconstpointer options;
  gsize max_row;
  FanoutBad missing_columns;
  gsize block_size;
  FanoutCompression compression;
  char *encoding; /* NULL: auto */
  char **paths;
  guint64 total;
  _Atomic gsize ahead_memory; /* of the threads that read ahead */
  gsize max_memory;
  guint n_lanes;

  guint n_selected;
  char **selected;
  guint *positions; /* from 1; 0: by its name */

  guint n_inputs;
  FanoutReaderInput *inputs;
  FanoutReaderInput *named; /* the first of them with names, or simply the first; NULL: none */
  FanoutLive *live;         /* in place of `inputs`; NULL: they are read one after the other */

  FanoutReaderPart *part; /* NULL: all */

  pthread_mutex_t claim; /* who holds it deals itself the next piece, and waits for its bytes */
  guint current;         /* input */
  guint64 next_ticket;

  pthread_mutex_t turn; /* guards `failure`, and who waits for `ticket` */
  pthread_cond_t turned;
  _Atomic guint64 ticket; /* of the piece whose turn it is: `serial` and `state` are of its lane */
  guint64 serial;         /* of the next block */
  guint64 first_record;   /* of the input that is dealt, where they come one after the other */
  FanoutReaderState state;
  GError *failure; /* the first of the stream; NULL when told */
  guint64 failed_record;

  atomic_bool stopped;
  atomic_bool resting; /* or on the way to it */
  atomic_bool left;    /* a block was dealt, but not to its end */
  atomic_bool failed;
  atomic_ullong stop_record; /* nothing that starts after it */
  atomic_ullong record;      /* the first one not dealt yet */
  atomic_ullong bytes;
  atomic_int wait_fd;
  int wake[2];
  atomic_bool woken; /* there may be something to be drained from it */
  void (*changed) (gpointer data);
  gpointer changed_data;
  pthread_mutex_t noting;
  void (*note) (gpointer data, const char *text);
  gpointer note_data;
  GPtrArray *notes; /* that nobody has been told of */
  atomic_ullong files_taken_up;
  atomic_ullong files_rotated;
  atomic_ullong files_changed;
  atomic_ullong files_lost;
  atomic_ullong connections_taken;
  atomic_ullong connections_open;
  atomic_ullong connections_refused;
  _Atomic guint64 datagrams_dropped;
  GCancellable *cancellable; /* wakes as well; guarded by `claim` */
  gulong cancel_handler;
};

struct FanoutLane
{
  FanoutBlockReader *reader;
  gboolean blocking;
  gboolean first; /* it answers for what the reader allocates */
  guint n_places; /* for a piece */
  char *memory;   /* for each: padding, head room, a piece, padding */
  gsize size;     /* of it */
  char *data;     /* the piece */
  char *next;     /* where the next one goes */
  gsize head_room;
  FanoutBlockOrigin origin;
  FanoutReaderInput *held; /* that is live, of the last block */
};

/* paths.c */

/** Globs to names, in a new NULL-terminated list. */
char **fanout_reader_expand (const FanoutReaderPlan *plan, GError **error);
/** What the path of a plan names, or the pattern it is (`glob`), wherever the process is. */
char *fanout_reader_path (const FanoutReaderPlan *plan, const char *path, gboolean *glob);
/** What a pattern matches now, in bytewise order, perhaps nothing. */
GPtrArray *fanout_reader_match (const char *pattern);

/* inputs.c: needs `claim`, but for release */

FanoutRead fanout_reader_open (FanoutReaderInput *input, GError **error);
/** One read of a sequential input; BLOCK with 0 bytes where it ended, WAIT (without `wait`) where
 * it has none. */
FanoutRead fanout_reader_read (FanoutBlockReader *reader, FanoutReaderInput *input, char *to,
                               gsize room, gsize *got, gboolean wait, GCancellable *cancellable,
                               GError **error);
/** Wait for what wakes lanes, or until `fd` is readable (BLOCK). WAIT: look again. */
FanoutRead fanout_reader_poll (FanoutBlockReader *reader, int fd, const char *name,
                               GCancellable *cancellable, GError **error);
/** The offset of the next byte that fanout_reader_take gives. */
guint64 fanout_reader_position (const FanoutReaderInput *input);
/** What there is of a sequential input, at most `room` bytes, those of the head first. As
 * fanout_reader_read. */
FanoutRead fanout_reader_take (FanoutBlockReader *reader, FanoutReaderInput *input, char *to,
                               gsize room, gsize *taken, gboolean wait, GCancellable *cancellable,
                               GError **error);
/** Whether no byte of a NAMED input is left to be dealt. */
gboolean fanout_reader_is_exhausted (const FanoutReaderInput *input);
/** One user less; the last one closes. */
void fanout_reader_release (FanoutReaderInput *input);
/** Forget who woke the lanes: the flags say why. */
void fanout_reader_drain (FanoutBlockReader *reader);
/** Back to NEW. */
void fanout_reader_close (FanoutReaderInput *input);
void fanout_reader_drop_head (FanoutReaderInput *input);
void fanout_reader_clear (FanoutReaderInput *input);

/* unwrap.c: needs `claim` */

/** Unpack and convert what is packed and encoded, as far as the head is enough to know; FALSE in
 * `told` when it is not. The head is that of the text then. */
gboolean fanout_reader_unwrap (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean *told,
                               GError **error);
/** Have the files behind the current input, which is packed, unpacked meanwhile. */
void fanout_reader_look_ahead (FanoutBlockReader *reader);

/* deal.c */

/** How many bytes the row takes that has begun, `quoted` or not, or all of them. */
gsize fanout_reader_row_end (const FanoutBlockReader *reader, const char *data, gsize length,
                             gint quoted);

/* part.c: needs `claim` */

/** Where in an input that is NAMED the part begins and ends. */
FanoutRead fanout_reader_place (FanoutBlockReader *reader, FanoutReaderInput *input,
                                GError **error);
void fanout_reader_part_free (FanoutReaderPart *part);

/* looks.c */

/** FALSE where the first bytes are of something that is known and is no text in UTF-8 or the like:
 * the error says what, and how to make text of it. */
gboolean fanout_reader_is_text (const FanoutReaderInput *input, GError **error);
/** FALSE where text that is to begin with the names of columns begins like something else. */
gboolean fanout_reader_is_table (const FanoutReaderInput *input, GError **error);

/* header.c */

/** Bring `input` to `stage`. BLOCK when it is there; END when the reader was stopped; WAIT (without
 * `wait`) when it takes bytes of a pipe. Needs `claim`. */
FanoutRead fanout_reader_advance (FanoutBlockReader *reader, FanoutReaderInput *input,
                                  FanoutStage stage, gboolean wait, GCancellable *cancellable,
                                  GError **error);
/** Where the selected columns are in the rows of one that is NAMED: FanoutBlock.fields, owned by
 * the caller. NULL with `error`. */
guint *fanout_reader_map (const FanoutBlockReader *reader, const FanoutReaderInput *input,
                          GError **error);
/** Read as much of an OPEN one as is needed to unwrap it. As fanout_reader_advance. */
FanoutRead fanout_reader_begin (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean wait,
                                GCancellable *cancellable, GError **error);
/** Read as much of an input that is OPEN as has a whole line that is not blank. Needs `claim`. */
FanoutRead fanout_reader_look (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean wait,
                               GError **error);
/** The scan of the source. */
void fanout_reader_scan (const FanoutBlockReader *reader, const char *data, gsize length,
                         FanoutScan *scan);
/** How many line feeds there are. */
guint64 fanout_reader_count_lines (const char *data, gsize length);

/* position.c */

/** Go on where the `resume` of a READY one says. */
void fanout_reader_resume (FanoutReaderInput *input);
/** Whether it gets there by reading all that comes before. */
gboolean fanout_reader_passes_over (const FanoutReaderInput *input);

/* reader.c */

/** What bounds inputs from now on. */
void fanout_reader_set_limits (FanoutBlockReader *reader, const FanoutReaderPlan *plan);

/** Nothing more is to be dealt: stopped, failed, or the next row is beyond what is wanted. */
gboolean fanout_reader_is_over (FanoutBlockReader *reader);
/** Whether nothing is to be dealt for now. */
gboolean fanout_reader_is_resting (FanoutBlockReader *reader);
/** Say that an input has ended or was taken up. */
void fanout_reader_tell_change (const FanoutBlockReader *reader);
/** Tell of something that is no failure. Any thread. */
void fanout_reader_tell (FanoutBlockReader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);
