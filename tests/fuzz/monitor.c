/* What anybody may send to the monitor: it answers by HTTP, in UTF-8, or not at all, and goes on.
 */

#include "tests/fuzz/fuzz.h"
#include "core/fanoutd/monitor/monitor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX  (1024 * 1024)
#define WAIT_MS     20000
/* For one who has not said all: the server would wait for more, and does so for a while. */
#define PATIENCE_MS 50

static const char rows[] = "k,v,t\na,1,x\nb,2.5,y\na,-3,\n,nan,<&>\n";
static const char ini[] = "[source]\ntype = csv\n"
                          "[aggregate n]\ntype = count\n[aggregate s]\ntype = sum\ncolumn = v\n"
                          "[aggregate u]\ntype = unique\ncolumn = t\n"
                          "[aggregate q]\ntype = quantile\ncolumn = v\nq = 0.5, 0.9\n"
                          "[table one]\ngroup-by = k\n[table two]\ngroup-by = k, t\n";

/* A run that has ended, and can be looked at as long as this process is there. */
static const char *
start (void)
{
  static const char *path;
  const char *const inputs[] = { fuzz_file ("monitor.csv", rows, strlen (rows)), NULL };
  g_autofree char *listen = NULL;
  g_autoptr (GError) error = NULL;
  FanoutPipeline *pipeline;
  FanoutResult *result;
  Monitor *monitor = NULL;

  if (path != NULL)
    return path;
  path = fuzz_file ("monitor.sock", "", 0);
  unlink (path);
  listen = g_strdup_printf ("monitor.listen=unix:%s", path);
  pipeline = fuzz_pipeline (ini, (const char *const[]){ listen, NULL }, inputs, &error);
  fuzz_check (pipeline != NULL && monitor_start (pipeline, &monitor, &error), "%s",
              error != NULL ? error->message : "");
  result = fanout_pipeline_run (pipeline, NULL, &error);
  fuzz_check_error (result == NULL, error);
  monitor_take (monitor, result);
  fanout_result_free (result);
  monitor_end (monitor, NULL);
  return path;
}

static int
join (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  fuzz_check (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0,
              "the monitor is gone: %s", g_strerror (errno));
  return fd;
}

static void
say (int fd, const GString *text)
{
  for (gsize done = 0; done < text->len;)
    {
      const ssize_t n = send (fd, text->str + done, text->len - done, MSG_NOSIGNAL);

      if (n <= 0)
        return; /* it has heard enough */
      done += (gsize) n;
    }
}

/* What comes, to its end; those who follow events are content with the first. */
static GString *
listen_to (int fd, gboolean asked)
{
  GString *all = g_string_new (NULL);
  char buffer[16 * 1024];

  while (all->len < ANSWER_MAX && strstr (all->str, "text/event-stream") == NULL)
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };
      ssize_t n;

      if (poll (&wait, 1, asked || all->len > 0 ? WAIT_MS : PATIENCE_MS) == 0)
        {
          fuzz_check (!asked && all->len == 0, "no end of the answer: %s", all->str);
          break;
        }
      n = recv (fd, buffer, sizeof buffer, 0);
      if (n <= 0)
        break;
      g_string_append_len (all, buffer, n);
    }
  return all;
}

static GString *
take_request (FuzzInput *in, gboolean *whole)
{
  static const char *const methods[] = { "GET", "POST", "HEAD", "PUT", "OPTIONS", "get" };
  static const char *const paths[]
      = { "/",        "/stats",      "/health", "/results", "/log", "/top",
          "/metrics", "/checkpoint", "/reload", "/events",  "/x" };
  static const char *const arguments[]
      = { "where", "table", "windows", "limit", "columns", "rows" };
  GString *text = g_string_new (NULL);
  const guint n = fuzz_below (in, 4);

  g_string_append_printf (text, "%s %s", fuzz_pick (in, methods), fuzz_pick (in, paths));
  for (guint i = 0; i < n; i++)
    {
      const char *argument = fuzz_pick (in, arguments);
      g_autofree char *value = fuzz_line (in);
      g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) value, strlen (value), NULL);

      g_string_append_printf (text, "%c%s=%s", i == 0 ? '?' : '&', argument, escaped);
    }
  /* What headers say may be that more is to come. */
  *whole = in->length == 0;
  g_string_append (text, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
  g_string_append_len (text, (const char *) in->data, (gssize) in->length);
  g_string_append (text, "\r\n\r\n");
  return text;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const int fd = size < 10000 ? join (start ()) : -1;
  FuzzInput in = { data, size };
  gboolean asked = FALSE;
  GString *request, *answer;

  if (fd < 0)
    return 0;
  if (fuzz_below (&in, 4) == 0)
    request = g_string_new_len ((const char *) in.data, (gssize) in.length);
  else
    request = take_request (&in, &asked);
  say (fd, request);
  shutdown (fd, SHUT_WR);
  answer = listen_to (fd, asked);
  close (fd);
  fuzz_check (answer->len == 0 || g_str_has_prefix (answer->str, "HTTP/1."), "no HTTP: %s",
              answer->str);
  fuzz_check (answer->len >= ANSWER_MAX
                  || g_utf8_validate (answer->str, (gssize) answer->len, NULL),
              "not UTF-8: %s\nof\n%s", answer->str, request->str);
  g_string_free (answer, TRUE);
  g_string_free (request, TRUE);
  return 0;
}
