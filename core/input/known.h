#pragma once

/** Files that are not read now, and how far they were. */

#include "core/input/private.h"
#include "core/input/tail.h"

typedef struct
{
  FanoutFileId id;
  struct timespec changed;
  guint64 size;
  guint64 offset; /* up to here it was read; 0: it is nothing that could be */
  gsize marked;   /* bytes of each mark */
  guint64 head;   /* their hashes */
  guint64 last;
  guint64 look;            /* the last one at everything that saw it */
  FanoutReaderInput *file; /* that was read, and knows the line; NULL */
  guint64 line;            /* where there is no `file` */
} FanoutKnownFile;

typedef struct
{
  GHashTable *files; /* FanoutFileId to FanoutKnownFile */
  guint64 look;      /* at everything: this one */
} FanoutKnown;

void fanout_known_init (FanoutKnown *known);
void fanout_known_clear (FanoutKnown *known);
/** Read up to where `tail` is, of `file`; both may be NULL. */
void fanout_known_add (FanoutKnown *known, const struct stat *status, const FanoutTail *tail,
                       FanoutReaderInput *file);
/** The one of this number, whether it is the same file or not; seen in this look from now on. */
FanoutKnownFile *fanout_known_find (FanoutKnown *known, FanoutFileId id);
/** Whether it is as it was left. */
gboolean fanout_known_is_same (const FanoutKnownFile *file, const struct stat *status);
/** Whether it is the same, and perhaps more of it. FALSE with errno as for fanout_known_has(). */
gboolean fanout_known_has_grown (const FanoutKnownFile *file, int fd, const struct stat *status);
/** Those that were not seen in this look, where there are too many. */
void fanout_known_forget (FanoutKnown *known);

/** Hash of the `length` bytes of a file at `offset`; 0 when it has them not. FALSE with errno when
 * they cannot be read. */
gboolean fanout_known_hash (int fd, gsize length, guint64 offset, guint64 *hash);
/** Whether it is `hash`. FALSE with errno: 0 where it is another, else why the bytes cannot be
 * read. */
gboolean fanout_known_has (int fd, gsize length, guint64 offset, guint64 hash);
