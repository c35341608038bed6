#include "core/plugin/index.h"
#include "core/plugin/access.h"

#include <glib/gstdio.h>
#include <string.h>

#define FIRST_LINE "fanout plugins 1"

/* A line is SIZE SECONDS.NANOSECONDS NAMES FILE; of a file that offers nothing of its own, this. */
#define NO_NAMES "-"

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

/* Archives of packages keep whole seconds only. */
static gboolean
same_time (const FanoutIndexStamp *stamp, const char *text)
{
  char *end;
  const gint64 seconds = g_ascii_strtoll (text, &end, 10);
  const guint64 nanoseconds = *end == '.' ? g_ascii_strtoull (end + 1, &end, 10) : G_MAXUINT64;

  return *end == '\0' && seconds == stamp->seconds
         && (nanoseconds == stamp->nanoseconds || stamp->nanoseconds == 0);
}

static gboolean
read_line (char *line, FanoutIndexEntry *entry)
{
  const char *size = next_word (&line);
  const char *time = size != NULL ? next_word (&line) : NULL;
  const char *names = time != NULL ? next_word (&line) : NULL;
  char *end;

  if (names == NULL || strcmp (line, entry->file) != 0
      || g_ascii_strtoull (size, &end, 10) != entry->stamp.size || *end != '\0'
      || !same_time (&entry->stamp, time))
    return FALSE;
  entry->names = strcmp (names, NO_NAMES) != 0 ? names : "";
  return TRUE;
}

static gboolean
read_lines (char *text, FanoutIndexEntry *entries, guint n_entries)
{
  char *next;
  guint n = 0;

  for (char *line = text; line != NULL && *line != '\0'; line = next)
    {
      next = strchr (line, '\n');
      if (next == NULL)
        return FALSE;
      *next++ = '\0';
      if (line == text ? strcmp (line, FIRST_LINE) != 0
                       : n == n_entries || !read_line (line, &entries[n++]))
        return FALSE;
    }
  return n == n_entries && n_entries > 0;
}

char *
fanout_index_read (const char *folder, FanoutIndexEntry *entries, guint n_entries)
{
  g_autofree char *path = g_build_filename (folder, FANOUT_INDEX_FILE, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!fanout_plugin_check_access_inside (path, NULL)
      || !g_file_get_contents (path, &text, &length, NULL))
    return NULL;
  if (strlen (text) == length && read_lines (text, entries, n_entries))
    return g_steal_pointer (&text);
  for (guint i = 0; i < n_entries; i++)
    entries[i].names = NULL;
  return NULL;
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
    return TRUE;
  g_unlink (path);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: %s", path, reason->message);
  return FALSE;
}
