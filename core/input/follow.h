#pragma once

/** What the files share that follow names through their files. All of it needs the reader's
 * `claim`.
 */

#include "core/input/known.h"
#include "core/input/live.h"
#include "core/input/watch.h"

struct FanoutFollow
{
  FanoutLive *live;
  GArray *patterns; /* of FanoutFollowPattern */
  gint64 discover;
  gboolean at_end; /* what the first look finds is begun at its end */
  gint64 next_look;
  FanoutWatch *watch;
  GHashTable *folders;  /* watch to path */
  GHashTable *watching; /* watch to FanoutLiveInput */
  GHashTable *by_path;  /* to FanoutLiveInput */
  GHashTable *held;     /* FanoutFileId to FanoutTail */
  FanoutKnown known;
  GHashTable *troubled; /* paths of no input that could not be read, which was told */
  char *last_folder;    /* that was watched */
  GPtrArray *leaving;   /* inputs whose files wait for their end */
};

typedef struct
{
  char *text;
  gboolean glob;
} FanoutFollowPattern;

/* follow.c: names and their files */

FanoutLiveInput *fanout_follow_add (FanoutFollow *follow, const char *path);
static inline FanoutTail *
fanout_follow_current (const FanoutLiveInput *input)
{
  return input->current != NULL ? (FanoutTail *) input->current->bytes : NULL;
}
/** Take `fd` for the last of its files, where `resume` says. */
FanoutTail *fanout_follow_append (FanoutFollow *follow, FanoutLiveInput *input, int fd,
                                  const struct stat *status, const FanoutReaderResume *resume);
/** The last of its files has lost the name. */
void fanout_follow_leave (FanoutFollow *follow, FanoutLiveInput *input);
/** See what file has its name, and whether the one that is read has more. */
void fanout_follow_look_at (FanoutFollow *follow, FanoutLiveInput *input);
/** Take up what has a name that was none so far. */
void fanout_follow_meet (FanoutFollow *follow, const char *path);
