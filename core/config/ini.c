#include "core/config/list.h"
#include "core/config/private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Far above any configuration: what is larger was not meant to be one, and may have no end. */
#define FILE_MAX (16 << 20)

/* The lines of a file have a reader of their own. GKeyFile stops at the first mistake, merges what
 * is given twice, keeps no line numbers and gives keys with [...] a meaning; what is left to it, a
 * line that is [group], key = value, a comment or blank, is less than the way around it was. */

/* Behind the quotes that begin at `quote`; NULL: they are not closed. */
static const char *
behind (const char *quote)
{
  g_autofree char *text = fanout_value_unquote (&quote);

  return text != NULL ? quote : NULL;
}

/* After a wrong header the lines below still belong to the group that was meant. */
static void
read_wrong_header (FanoutConfigScan *scan, const char *line, const char *reason)
{
  const gsize length = strcspn (line + 1, "]#");
  g_autofree char *inner = g_strstrip (g_strndup (line + 1, length));

  fanout_config_wrong_line (scan->errors, scan->origin, reason, line);
  scan->begun = TRUE;
  scan->group = NULL;
  if (fanout_config_wrong_group (inner) == NULL && strpbrk (inner, "[\"") == NULL)
    fanout_config_scan_group (scan, inner, line);
}

static void
read_header (FanoutConfigScan *scan, const char *line)
{
  const char *quote = fanout_config_quoted_name (line + 1);
  const char *from = quote != NULL ? behind (quote) : line;
  const char *end = strchr (from != NULL ? from : line, ']');
  g_autofree char *name = NULL;

  if (end == NULL)
    {
      read_wrong_header (scan, line, "no ']' behind the group's name");
      return;
    }
  if (end[1] != '\0' && end != line + 1)
    {
      read_wrong_header (scan, line, "text behind the group's ']'");
      return;
    }
  name = g_strndup (line + 1, (gsize) (end - line - 1));
  fanout_config_scan_group (scan, name, line);
}

/* `line` has no blanks at its ends. */
static void
read_line (FanoutConfigScan *scan, const char *line)
{
  const char *from = scan->group != NULL && line[0] == '"'
                             && fanout_config_has_names (fanout_config_built (scan->group)->name)
                         ? behind (line)
                         : line;
  const char *equals = strchr (from != NULL ? from : line, '=');

  if (line[0] == '\0' || line[0] == '#')
    return;
  if (line[0] == '[')
    read_header (scan, line);
  else if (equals != NULL)
    {
      g_autofree char *key = g_strchomp (g_strndup (line, (gsize) (equals - line)));

      fanout_config_scan_entry (scan, key, equals + 1, line);
    }
  else
    fanout_config_wrong_line (scan->errors, scan->origin,
                              line[0] == ';'
                                  ? fanout_config_wrong_key ("", line)
                                  : "neither '[group]' nor 'key = value' nor '# comment'",
                              line);
}

static void
scan_line (FanoutConfigScan *scan, const char *text, gsize length)
{
  const char *nul = memchr (text, '\0', length);
  const char *bad;
  g_autofree char *line = NULL;

  if (nul != NULL)
    {
      fanout_errors_add (scan->errors, scan->origin, "a NUL byte, the line's byte %" G_GSIZE_FORMAT,
                         (gsize) (nul - text) + 1);
      return;
    }
  if (!g_utf8_validate (text, (gssize) length, &bad))
    {
      fanout_errors_add (scan->errors, scan->origin,
                         "text that is not UTF-8: 0x%02X, the line's byte %" G_GSIZE_FORMAT,
                         (guint) (guchar) *bad, (gsize) (bad - text) + 1);
      return;
    }
  line = g_strstrip (g_strndup (text, length));
  read_line (scan, line);
}

static void
scan_text (FanoutConfigScan *scan, const char *text, gsize length, const char *name)
{
  g_autofree char *file = fanout_escape (name, -1);
  const char *end;
  guint number = 0;

  if (length == 0)
    return;
  end = text + length;
  if (length >= 2 && (memcmp (text, "\xFF\xFE", 2) == 0 || memcmp (text, "\xFE\xFF", 2) == 0))
    {
      fanout_errors_add (scan->errors, file, "text in UTF-16; possible: UTF-8");
      return;
    }
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    text += 3;
  while (text < end && !fanout_errors_is_full (scan->errors))
    {
      const char *feed = memchr (text, '\n', (gsize) (end - text));
      const char *stop = feed != NULL ? feed : end;
      g_autofree char *origin = g_strdup_printf ("%s:%u", file, ++number);

      scan->origin = fanout_config_intern (scan->config, origin);
      scan_line (scan, text, (gsize) (stop - text));
      text = feed != NULL ? feed + 1 : end;
    }
  scan->errors->more |= text < end;
}

FanoutConfig *
fanout_config_parse (const char *text, gsize length, const char *name, const char *folder,
                     const char *const *overrides, FanoutErrors *errors)
{
  FanoutConfigScan scan = { .config = fanout_config_new (folder), .errors = errors };

  scan_text (&scan, text, length, name);
  fanout_config_override_all (scan.config, overrides, errors);
  return scan.config;
}

FanoutConfig *
fanout_config_parse_written (const char *text, gsize length, const char *name, FanoutErrors *errors)
{
  FanoutConfigScan scan
      = { .config = fanout_config_new (NULL), .errors = errors, .from = FANOUT_CONFIG_WRITTEN };

  scan_text (&scan, text, length, name);
  return scan.config;
}

/* All bytes of a file, a pipe as well; 0, or an errno. */
static int
read_all (int fd, GByteArray *bytes)
{
  guint8 part[16384];

  for (;;)
    {
      const gssize n = read (fd, part, sizeof part);

      if (n == 0)
        return 0;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (bytes->len + (gsize) n > FILE_MAX)
        return EFBIG;
      g_byte_array_append (bytes, part, (guint) n);
    }
}

FanoutConfig *
fanout_config_load (const char *path, const char *const *overrides, FanoutErrors *errors)
{
  const gboolean standard = strcmp (path, "-") == 0;
  const char *name = standard ? "standard input" : path;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *folder = standard ? g_strdup (".") : g_path_get_dirname (path);
  const int fd = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  const int code = fd < 0 ? errno : read_all (fd, bytes);

  if (fd >= 0 && !standard)
    close (fd);
  if (code != 0)
    {
      g_autofree char *file = fanout_escape (name, -1);

      if (code == EFBIG)
        fanout_errors_add (errors, file, "larger than 16M: no configuration");
      else
        fanout_errors_add_system (errors, file, code);
      return NULL;
    }
  return fanout_config_parse ((const char *) bytes->data, bytes->len, name, folder, overrides,
                              errors);
}
