#pragma once

/** What the system tells of files and folders: a hint where to look, and no more. */

#include <glib.h>

typedef struct FanoutWatch FanoutWatch;

typedef struct
{
  int watch;        /* -1: some were lost: anything may have changed */
  gboolean moved;   /* of a file: not only its bytes */
  gboolean dead;    /* nothing more comes of it */
  const char *name; /* of a folder: in it; NULL */
} FanoutWatchEvent;

/** NULL where the system has no more of them. */
FanoutWatch *fanout_watch_new (void);
void fanout_watch_free (FanoutWatch *watch);
/** Readable when there are events. */
int fanout_watch_fd (const FanoutWatch *watch);
/** Its bytes and what it is called. The number of the watch, -1 where there is none to be had; all
 * take a `watch` that is NULL. */
int fanout_watch_file (FanoutWatch *watch, int fd);
/** What comes and goes in it. The same number when it is watched already. */
int fanout_watch_folder (FanoutWatch *watch, const char *path);
void fanout_watch_remove (FanoutWatch *watch, int number);
/** Valid until the next call; FALSE: none by now. */
gboolean fanout_watch_next (FanoutWatch *watch, FanoutWatchEvent *event);
