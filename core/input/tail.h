#pragma once

/** A file that is followed: bytes that may become more, of which nobody has taken any away. */

#include "core/base/clock.h"
#include "core/base/same-file.h"
#include "core/input/bytes.h"
#include "core/input/resume.h"

/** Bytes that a file is known by, or fewer where it has no more: the first ones, and those before a
 * position. */
#define FANOUT_TAIL_MARK 1024

typedef struct
{
  gsize length;
  char bytes[FANOUT_TAIL_MARK];
} FanoutTailMark;

typedef enum
{
  FANOUT_TAIL_ON = 0,
  FANOUT_TAIL_LEFT,    /* it has another name or none, and was read to its end */
  FANOUT_TAIL_CHANGED, /* it has become shorter, or other bytes where some were read */
  FANOUT_TAIL_FOREIGN, /* it is packed, or in UTF-16 */
} FanoutTailEnd;

typedef struct FanoutTail FanoutTail;

struct FanoutTail
{
  FanoutBytes bytes;
  int fd;
  FanoutFileId id;
  guint64 offset;      /* of the next byte */
  guint64 jump;        /* where that is to be first; 0: where it is */
  FanoutTailMark head; /* of those before `offset` */
  FanoutTailMark last;
  FanoutTailEnd end; /* why no more bytes come */
  gint64 since;      /* when it was taken up, by the system's clock, in microseconds */
  int trouble;       /* errno of the last read; 0: it went well */
  gboolean told;     /* that, by the owner */

  gboolean sure;        /* the bytes before `offset` are the same as they were at `seen` */
  struct timespec seen; /* time of the last change */
  const FanoutClock *clock;
  gint64 wait;                       /* microseconds after it was left */
  gint64 left;                       /* when it was; -1: it is there */
  int watch;                         /* the owner's; -1: none */
  void (*closed) (FanoutTail *tail); /* before it is freed */
  gpointer owner;                    /* for that */
  FanoutReaderResume resume;         /* for the owner */
};

/** Whether a file that begins so is packed or in UTF-16; `short_of`: there are too few bytes to
 * know. */
gboolean fanout_tail_is_foreign (const char *data, gsize length, gboolean *short_of);
/** Takes `fd`. */
FanoutTail *fanout_tail_new (int fd, const struct stat *status, const char *name,
                             const FanoutClock *clock, gint64 wait);
/** Go on at `offset`, from the next read on: a file that is shorter has changed. */
void fanout_tail_jump (FanoutTail *tail, guint64 offset);
/** Whether a read would come to something new; as far as stat says. */
gboolean fanout_tail_has_news (FanoutTail *tail);
/** Whether another file has the same bytes where these are known, such as a copy. FALSE with errno:
 * 0 where it has others, else why they cannot be read. */
gboolean fanout_tail_matches (const FanoutTail *tail, int fd);
/** Its file has no longer the name that it was opened by. */
void fanout_tail_leave (FanoutTail *tail);
/** Give away the file descriptor; it reads nothing from then on. */
int fanout_tail_steal (FanoutTail *tail);
