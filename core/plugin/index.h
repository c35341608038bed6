#pragma once

/**
 * The index of one folder of plugins: which file offers which names, so that only the one that is
 * asked for has to be opened.
 *
 * It is written when all files can be used, and it counts only as long as the folder holds exactly
 * those files, each of the size and time that it had. While the folder is older than the index, it
 * holds those files; whether one of them was written to in place, only a look at it can tell.
 */

#include <fanout/error.h>
#include <sys/stat.h>

/** The file in the folder. */
#define FANOUT_INDEX_FILE "index"

/** What identifies a file without opening it. */
typedef struct
{
  guint64 size;
  gint64 seconds; /* when it was changed last */
  guint32 nanoseconds;
} FanoutIndexStamp;

/** One file of the folder. */
typedef struct
{
  const char *file; /* its name, without the folder */
  FanoutIndexStamp stamp;
  const char *names; /* that it offers, with commas; NULL: not known */
} FanoutIndexEntry;

typedef struct
{
  char *text;        /* what the entries point into */
  GArray *entries;   /* FanoutIndexEntry */
  gboolean is_young; /* no file has come, gone or got another name since */
} FanoutIndex;

/** The index of @folder, which was `found` so; NULL when there is none that can be read. */
FanoutIndex *fanout_index_read (const char *folder, const struct stat *found);
void fanout_index_free (FanoutIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutIndex, fanout_index_free)

/** Whether the index is that of these files, which are all of the folder, sorted by name. */
gboolean fanout_index_fits (const FanoutIndex *index, const FanoutIndexEntry *files, guint n_files);
/** Whether what is in the index is the file that was found: archives of packages keep whole seconds
 * only. */
gboolean fanout_index_stamp_fits (const FanoutIndexStamp *stamp, const FanoutIndexStamp *found);

/** The next of the names of an entry, of which `rest` is what is left, and its length; NULL: there
 * is none. */
const char *fanout_index_next_name (const char **rest, gsize *length);
/** Whether `wanted` is among the names of an entry, which may be NULL. */
gboolean fanout_index_has_name (const char *names, const char *wanted);

/** Write the index of @folder; FALSE with @error (FANOUT_ERROR_OUTPUT), and then there is none. */
gboolean fanout_index_write (const char *folder, const FanoutIndexEntry *entries, guint n_entries,
                             GError **error);
