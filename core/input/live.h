#pragma once

/**
 * Inputs that are open beside each other, and deal blocks as bytes come: followed names, of which
 * the files that follow each other are one input, and connections.
 *
 * All of it needs the reader's `claim`, but for fanout_live_enter, fanout_live_leave and
 * fanout_live_release.
 */

#include "core/input/private.h"
#include "core/input/tail.h"

typedef struct FanoutFollow FanoutFollow;
typedef struct FanoutListen FanoutListen;

/** What epoll tells of: whose descriptor it is begins with it. */
typedef struct FanoutLiveEvent FanoutLiveEvent;

struct FanoutLiveEvent
{
  void (*ready) (FanoutLiveEvent *event);
};

/** The rows of an input have the numbers from its ordinal << this on, however inputs meet. */
#define FANOUT_LIVE_RECORD_BITS 40
/** So there can be no more of them. */
#define FANOUT_LIVE_INPUTS_MAX  (1 << 24)

struct FanoutLiveInput
{
  FanoutLiveEvent event;
  FanoutLive *live;
  guint ordinal;
  const char *name;           /* for messages; lives as long as the reader */
  FanoutReaderInput *current; /* the file that is read; NULL: there is none now */
  FanoutReaderState kept;     /* while it is another's turn */
  gboolean ready;             /* it may have bytes */
  gboolean begun;             /* a piece of it was dealt */

  gboolean connection; /* it is no name, and goes when it ends */

  char *path;
  GQueue files;        /* of FanoutTail: what comes behind `current` */
  struct timespec age; /* of the last of them that was looked at; 0: unknown */
  const char *trouble; /* why it cannot be read, which was told; NULL: it can, or is not there */
  FanoutTailEnd ended; /* the last of its files, and that itself where it goes on */
  FanoutTail *copy;    /* of it, which has what it had more; NULL */
  int changed_fd;
  gint64 changed_left;
};

struct FanoutLive
{
  FanoutBlockReader *reader;
  const FanoutClock *clock;
  gint64 rotate_wait;
  GPtrArray *inputs; /* of FanoutLiveInput, by their ordinals */
  GQueue ready;
  int epoll;
  int timer;
  GHashTable *names;
  FanoutFollow *follow;
  FanoutListen *listen;
  FanoutLiveInput *turn; /* whose state that of the reader is; of the lane whose turn it is */
};

FanoutLive *fanout_live_new (FanoutBlockReader *reader, const FanoutReaderPlan *plan,
                             GError **error);
void fanout_live_free (FanoutLive *live);
/** Forget all inputs. */
void fanout_live_clear (FanoutLive *live);

/** One with a name for messages, behind all others. */
FanoutLiveInput *fanout_live_add (FanoutLive *live, const char *name);
/** Nobody wants it any more. */
void fanout_live_drop (FanoutLiveInput *input);
/** Let it be asked for bytes. */
void fanout_live_queue (FanoutLiveInput *input);
/** Read `bytes` of it, which it takes, from now on: it has no current ones. */
void fanout_live_begin (FanoutLiveInput *input, FanoutBytes *bytes, const char *path);
/** Go on where its `resume` says. */
void fanout_live_resume (FanoutReaderInput *input);

/** The next one to be asked for bytes. BLOCK when there is one; WAIT (without `wait`), REST, END or
 * FAILED. */
FanoutRead fanout_live_next (FanoutBlockReader *reader, gboolean wait, FanoutReaderInput **input,
                             GCancellable *cancellable, GError **error);
/** It cannot be read, for `error`: whether that is nobody's business but the peer's. */
gboolean fanout_live_refuse (FanoutReaderInput *input, const GError *error);
/** It had bytes, and may have more. */
void fanout_live_go_on (FanoutReaderInput *input);
typedef enum
{
  FANOUT_LIVE_WHOLE = 0, /* its last row ends with it */
  FANOUT_LIVE_JOINED,    /* goes on in what follows it */
  FANOUT_LIVE_TORN,      /* has no end */
} FanoutLiveEnd;

/** It has no more, ever: on with what follows it. */
FanoutLiveEnd fanout_live_finish (FanoutReaderInput *input);
/** Make the first that can be so FANOUT_STAGE_NAMED; as fanout_live_next. */
FanoutRead fanout_live_find_names (FanoutBlockReader *reader, FanoutReaderInput **input,
                                   GError **error);

/** One of them with a line, or none (`input` NULL). */
FanoutRead fanout_live_peek (FanoutBlockReader *reader, FanoutReaderInput **input, GError **error);
FanoutInputStage fanout_live_stage (const FanoutLive *live, guint ordinal);

/** As fanout_reader_save, of what is live; and back. */
void fanout_live_save (FanoutLive *live, GVariantBuilder *inputs, GVariantBuilder *known);
gboolean fanout_live_restore (FanoutLive *live, guint32 next, GVariantIter *inputs,
                              GVariantIter *known, GError **error);
/** Of the row that is next to be dealt: the state of an input, whoever has it. */
const FanoutReaderState *fanout_live_state (const FanoutLiveInput *input);

/** The last block of a lane is of this one from now on (NULL: none). */
void fanout_live_hold (FanoutLane *lane, FanoutReaderInput *input);
void fanout_live_release (FanoutReaderInput *input);

/** Of the lane whose turn it is: the reader's state is that of the input from now on. */
void fanout_live_enter (FanoutReaderInput *input);
/** The input is not to be touched any more. */
void fanout_live_leave (FanoutReaderInput *input);

/* follow.c */

FanoutFollow *fanout_follow_new (FanoutLive *live, const FanoutReaderPlan *plan);
void fanout_follow_free (FanoutFollow *follow);
/** Follow the names of another plan in place of those so far. */
void fanout_follow_change (FanoutFollow *follow, const FanoutReaderPlan *plan);
/** Look where something may have changed. */
void fanout_follow_look (FanoutFollow *follow);
/** When it wants to look again, whatever happens. */
gint64 fanout_follow_next_look (FanoutFollow *follow);
/** The current file of an input has ended. */
void fanout_follow_finish (FanoutFollow *follow, FanoutLiveInput *input);

/* listen.c */

FanoutListen *fanout_listen_new (FanoutLive *live, const FanoutReaderPlan *plan);
void fanout_listen_free (FanoutListen *listen);
/** Open the sockets, the first time. */
gboolean fanout_listen_begin (FanoutListen *listen, GError **error);
/** Listen at the addresses of another plan in place of those so far; connections that are open stay
 * so. FALSE with `error`: all is as it was. */
gboolean fanout_listen_change (FanoutListen *listen, const FanoutReaderPlan *plan, GError **error);
/** A connection has ended. */
void fanout_listen_end (FanoutListen *listen);
/** Take what could not be taken; and when that is to be tried, whatever happens. */
void fanout_listen_look (FanoutListen *listen);
gint64 fanout_listen_next_look (const FanoutListen *listen);
/** The port of a socket, where it has one, for who let the system choose. */
guint fanout_listen_port (const FanoutListen *listen, guint socket);
