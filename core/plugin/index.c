#include "core/plugin/index.h"
#include "core/plugin/access.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_LINE "fanout plugins 1"

/* A line is SIZE SECONDS.NANOSECONDS NAMES FILE; of a file that offers nothing of its own, this. */
#define NO_NAMES "-"

#define TICKS_MAX 50 /* in ms */

/* The next of the words before `end`, which it moves on to; NULL when there is none. */
static char *
next_word (char **rest)
{
  char *word = *rest;
  char *blank = strchr (word, ' ');

  if (blank == NULL)
    return NULL;
  *blank = '\0';
  *rest = blank + 1;
  return word;
}

/* There are three in each line, so that what the C library takes for its locales would be seen. */
static gboolean
read_number (const char *text, char end, const char **rest, guint64 *number)
{
  guint64 value = 0;
  gsize n = 0;

  for (; g_ascii_isdigit (text[n]); n++)
    value = value * 10 + (guint64) (text[n] - '0');
  *number = value;
  *rest = text + n + 1;
  return n > 0 && text[n] == end;
}

static gboolean
read_stamp (const char *size, const char *time, FanoutIndexStamp *stamp)
{
  const gboolean negative = *time == '-';
  guint64 seconds;
  guint64 nanoseconds;
  const char *rest;

  if (!read_number (size, '\0', &rest, &stamp->size)
      || !read_number (time + negative, '.', &rest, &seconds)
      || !read_number (rest, '\0', &rest, &nanoseconds))
    return FALSE;
  stamp->seconds = (gint64) (negative ? 0 - seconds : seconds);
  stamp->nanoseconds = (guint32) nanoseconds;
  return TRUE;
}

static gboolean
read_line (char *line, FanoutIndexEntry *entry)
{
  const char *size = next_word (&line);
  const char *time = size != NULL ? next_word (&line) : NULL;
  const char *names = time != NULL ? next_word (&line) : NULL;

  if (names == NULL || *line == '\0' || strchr (line, '/') != NULL
      || !read_stamp (size, time, &entry->stamp))
    return FALSE;
  entry->file = line;
  entry->names = strcmp (names, NO_NAMES) != 0 ? names : "";
  return TRUE;
}

static gboolean
read_lines (char *text, GArray *entries)
{
  char *next;

  for (char *line = text; *line != '\0'; line = next)
    {
      FanoutIndexEntry entry;

      next = strchr (line, '\n');
      if (next == NULL)
        return FALSE;
      *next++ = '\0';
      if (line == text ? strcmp (line, FIRST_LINE) != 0 : !read_line (line, &entry))
        return FALSE;
      if (line != text)
        g_array_append_val (entries, entry);
    }
  return entries->len > 0;
}

/* Whoever puts a file into a folder, or takes one out, changes the folder. */
static gboolean
is_younger (const struct stat *index, const struct stat *folder)
{
  return index->st_ctim.tv_sec > folder->st_mtim.tv_sec
         || (index->st_ctim.tv_sec == folder->st_mtim.tv_sec
             && index->st_ctim.tv_nsec > folder->st_mtim.tv_nsec);
}

FanoutIndex *
fanout_index_read (const char *folder, const struct stat *found)
{
  g_autofree char *path = g_build_filename (folder, FANOUT_INDEX_FILE, NULL);
  g_autoptr (FanoutIndex) index = g_new0 (FanoutIndex, 1);
  struct stat st;
  gsize length;

  if (!fanout_plugin_check_access_inside (path, &st, NULL))
    return NULL;
  index->is_young = is_younger (&st, found);
  if (!g_file_get_contents (path, &index->text, &length, NULL))
    return NULL;
  index->entries = g_array_new (FALSE, FALSE, sizeof (FanoutIndexEntry));
  return strlen (index->text) == length && read_lines (index->text, index->entries)
             ? g_steal_pointer (&index)
             : NULL;
}

void
fanout_index_free (FanoutIndex *index)
{
  if (index == NULL)
    return;
  g_clear_pointer (&index->entries, g_array_unref);
  g_free (index->text);
  g_free (index);
}

gboolean
fanout_index_stamp_fits (const FanoutIndexStamp *stamp, const FanoutIndexStamp *found)
{
  return stamp->size == found->size && stamp->seconds == found->seconds
         && (stamp->nanoseconds == found->nanoseconds || found->nanoseconds == 0);
}

gboolean
fanout_index_fits (const FanoutIndex *index, const FanoutIndexEntry *files, guint n_files)
{
  if (index->entries->len != n_files)
    return FALSE;
  for (guint i = 0; i < n_files; i++)
    {
      const FanoutIndexEntry *entry = &g_array_index (index->entries, FanoutIndexEntry, i);

      if (strcmp (entry->file, files[i].file) != 0
          || !fanout_index_stamp_fits (&entry->stamp, &files[i].stamp))
        return FALSE;
    }
  return TRUE;
}

/* The clock of files ticks some hundred times a second: what comes within the tick of the index is
 * not to be taken for older. */
static void
make_younger (const char *path, const char *folder)
{
  struct stat index;
  struct stat st;

  for (guint i = 0; i < TICKS_MAX; i++)
    {
      if (stat (path, &index) != 0 || stat (folder, &st) != 0 || is_younger (&index, &st))
        return;
      g_usleep (1000);
      if (utimensat (AT_FDCWD, path, NULL, 0) != 0)
        return;
    }
}

gboolean
fanout_index_write (const char *folder, const FanoutIndexEntry *entries, guint n_entries,
                    GError **error)
{
  g_autofree char *path = g_build_filename (folder, FANOUT_INDEX_FILE, NULL);
  g_autoptr (GString) text = g_string_new (FIRST_LINE "\n");
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < n_entries; i++)
    {
      const FanoutIndexEntry *entry = &entries[i];

      g_string_append_printf (text, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%u %s %s\n",
                              entry->stamp.size, entry->stamp.seconds, entry->stamp.nanoseconds,
                              *entry->names != '\0' ? entry->names : NO_NAMES, entry->file);
    }
  if (g_file_set_contents_full (path, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                                0644, &reason))
    {
      make_younger (path, folder);
      return TRUE;
    }
  g_unlink (path);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: %s", path, reason->message);
  return FALSE;
}

const char *
fanout_index_next_name (const char **rest, gsize *length)
{
  const char *name = *rest;

  *length = strcspn (name, ",");
  *rest = name + *length + (name[*length] == ',' ? 1 : 0);
  return *name != '\0' ? name : NULL;
}

gboolean
fanout_index_has_name (const char *names, const char *wanted)
{
  const gsize wanted_length = strlen (wanted);
  const char *name;
  gsize length;

  while (names != NULL && (name = fanout_index_next_name (&names, &length)) != NULL)
    if (length == wanted_length && memcmp (name, wanted, length) == 0)
      return TRUE;
  return FALSE;
}
