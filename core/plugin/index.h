#pragma once

/**
 * The index of one folder of plugins: which file offers which names, so that only the one that is
 * asked for has to be opened.
 *
 * It is written when all files can be used, and it counts only as long as the folder holds exactly
 * those files, each of the size and time that it had.
 */

#include <fanout/error.h>

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

/** Read the index of @folder into the `names` of @entries, which are all files of the folder,
 * sorted by name. What they point into is to be freed with g_free(). NULL, and they stay NULL, when
 * there is none that fits. */
char *fanout_index_read (const char *folder, FanoutIndexEntry *entries, guint n_entries);

/** Write the index of @folder; FALSE with @error (FANOUT_ERROR_OUTPUT), and then there is none. */
gboolean fanout_index_write (const char *folder, const FanoutIndexEntry *entries, guint n_entries,
                             GError **error);
