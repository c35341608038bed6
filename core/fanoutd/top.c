#include "core/base/output.h"
#include "core/fanoutd/arguments.h"
#include "core/fanoutd/monitor/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EVERY_MS 1000

static const char help[]
    = "Usage: fanoutd top [OPTION]... ADDRESS\n"
      "\n"
      "Shows what the monitor of a run (run --monitor, [monitor] listen) at ADDRESS, HOST:PORT or\n"
      "unix:PATH, knows, again and again, until the run ends or an interrupt (Ctrl-C). Where\n"
      "standard output is no terminal it is shown once.\n"
      "\n"
      "  --table NAME         the rows of this table, not of the first one\n" HELP_HELP "\n"
      "Example:\n"
      "  fanoutd top 127.0.0.1:9464\n";

typedef struct
{
  guint columns;
  guint rows;
} Size;

static Size
terminal_size (gboolean terminal)
{
  struct winsize size = { 0 };

  if (!terminal || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0
      || size.ws_row == 0)
    return (Size){ 80, 24 };
  return (Size){ size.ws_col, size.ws_row };
}

/* In place of what was there: no line is wiped before it is written, so nothing flickers. */
static gboolean
draw (const char *text, gboolean terminal)
{
  g_autoptr (GString) out = g_string_new (terminal ? "\033[H" : "");

  for (const char *at = text; *at != '\0'; at++)
    {
      /* The last line ends without a line feed, which would move all of them up. */
      if (*at == '\n' && terminal)
        g_string_append (out, at[1] != '\0' ? "\033[K\r\n" : "\033[K");
      else
        g_string_append_c (out, *at);
    }
  if (terminal)
    g_string_append (out, "\033[J");
  return fanout_write_all (STDOUT_FILENO, out->str, out->len);
}

static char *
make_path (const char *table, Size size)
{
  g_autofree char *escaped = table != NULL ? g_uri_escape_string (table, NULL, FALSE) : NULL;

  return g_strdup_printf ("/top?columns=%u&rows=%u%s%s", size.columns, size.rows,
                          escaped != NULL ? "&table=" : "", escaped != NULL ? escaped : "");
}

static int
show (const FanoutAddress *address, const char *table)
{
  const gboolean terminal = isatty (STDOUT_FILENO) != 0;
  g_autoptr (GString) body = g_string_new (NULL);
  gboolean shown = FALSE;

  for (;;)
    {
      g_autofree char *path = make_path (table, terminal_size (terminal));
      g_autoptr (GError) error = NULL;
      guint status;

      if (!client_ask (address, "GET", path, &status, body, &error))
        {
          if (shown)
            print ("\n");
          message ("top: %s%s", error->message, shown ? ": the run is over" : "");
          return shown ? EXIT_DONE : EXIT_FAILED;
        }
      if (status != 200)
        {
          message ("top: %s", body->str);
          return EXIT_FAILED;
        }
      if (!draw (body->str, terminal))
        return EXIT_FAILED;
      shown = TRUE;
      if (!terminal)
        return EXIT_DONE;
      poll (NULL, 0, EVERY_MS);
    }
}

static int
run (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const char *table = NULL;
  FanoutAddress address;
  const Argument options[] = {
    { 0, "table", ARGUMENT_TEXT, &table },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  const int code = arguments_read (verb, options, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len != 1)
    return message_usage (verb, "ADDRESS is wanted");
  if (!fanout_address_parse (words->pdata[0], &address, &error))
    return message_usage (verb, "%s", error->message);
  return show (&address, table);
}

const Verb top_verb = {
  .name = "top",
  .summary = "show a run that goes on in the terminal, by its monitor",
  .help = help,
  .run = run,
};
