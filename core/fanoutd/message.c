#include "core/base/error.h"
#include "core/base/output.h"
#include "core/fanoutd/log.h"
#include "core/fanoutd/program.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

static GString *kept;

void
message_keep (GString *text)
{
  kept = text;
}

/* stdio and g_print() are not used: the one hides which write failed, the other converts what is
 * printed to the locale's character set. */
void
print_error (const char *text)
{
  if (kept != NULL)
    g_string_append (kept, text);
  else
    fanout_write_all (STDERR_FILENO, text, strlen (text));
}

/* As in syslog. */
typedef enum
{
  LEVEL_ERROR = 3,
  LEVEL_NOTICE = 5,
} Level;

/* Whether standard error is the journal, which takes a level before each line. */
static gboolean
is_journal (void)
{
  const char *stream = g_getenv ("JOURNAL_STREAM");
  struct stat status;
  g_autofree char *own = NULL;

  if (stream == NULL || fstat (STDERR_FILENO, &status) != 0)
    return FALSE;
  own = g_strdup_printf ("%ju:%ju", (uintmax_t) status.st_dev, (uintmax_t) status.st_ino);
  return strcmp (stream, own) == 0;
}

/* One write for all of it, so that messages of processes that share a terminal stay whole. */
static void
print_lines (const char *text, Level level)
{
  const gboolean journal = is_journal ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      {
        if (journal)
          g_string_append_printf (out, "<%d>%s\n", level, lines[i]);
        else
          g_string_append_printf (out, "fanoutd: %s\n", lines[i]);
        log_add (lines[i]);
      }
  print_error (out->str);
}

void
message (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  print_lines (text, LEVEL_NOTICE);
}

/* The exit code that an error stands for. */
static int
error_code (const GError *error)
{
  return g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG)  ? EXIT_CONFIG
         : g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY) ? EXIT_RETRY
                                                                     : EXIT_FAILED;
}

int
message_error (const GError *error)
{
  print_lines (error->message, LEVEL_ERROR);
  return error_code (error);
}

int
message_usage (const Verb *verb, const char *format, ...)
{
  const char *name = verb != NULL ? verb->name : NULL;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (name != NULL)
    message ("%s: %s (see 'fanoutd %s -h')", name, text, name);
  else
    message ("%s (see 'fanoutd -h')", text);
  return EXIT_USAGE;
}

int
print (const char *text)
{
  const int copy = kept == NULL ? fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : -1;
  g_autoptr (GError) error = NULL;

  if (kept != NULL)
    return EXIT_DONE;

  /* What the system kept back is told when it is closed. */
  if (fanout_write_all (STDOUT_FILENO, text, strlen (text))
      && (copy < 0 || close (copy) == 0 || errno == EINTR))
    return EXIT_DONE;
  fanout_error_system (&error, FANOUT_ERROR_OUTPUT, errno, "standard output");
  return message_error (error);
}
