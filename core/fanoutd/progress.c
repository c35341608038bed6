#include "core/fanoutd/progress.h"

#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define NEXT_MS  200

/* Not GMutex and GCond: ThreadSanitizer does not see through an uninstrumented GLib. */
struct Progress
{
  FanoutPipeline *pipeline;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  gboolean stopped;
  gboolean drawn;
};

static void
append_size (GString *out, double bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
  guint unit = 0;

  for (; bytes >= 999.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    bytes /= 1000;
  g_string_append_printf (out, "%.*f %s", unit > 0 && bytes < 99.95 ? 1 : 0, bytes, units[unit]);
}

static void
append_count (GString *out, guint64 count)
{
  char digits[24];
  const int n = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);

  for (int i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append_c (out, ',');
      g_string_append_c (out, digits[i]);
    }
}

static void
append_time (GString *out, double seconds)
{
  const guint64 s = seconds < 1e9 ? (guint64) (seconds + 0.5) : 1000000000;

  if (s >= 3600)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT ":%02u:%02u", s / 3600, (guint) (s / 60 % 60),
                            (guint) (s % 60));
  else
    g_string_append_printf (out, "%u:%02u", (guint) (s / 60), (guint) (s % 60));
}

static void
append_line (GString *out, const FanoutCounters *counters)
{
  const double bytes = (double) counters->bytes;
  const double total = (double) counters->bytes_total;

  if (counters->bytes > 0)
    {
      append_size (out, bytes);
      if (total > 0)
        {
          g_string_append (out, " of ");
          append_size (out, total);
        }
      g_string_append (out, "  ");
    }
  append_count (out, counters->rows);
  g_string_append (out, " rows");
  if (counters->seconds > 0 && counters->bytes > 0)
    {
      g_string_append (out, "  ");
      append_size (out, bytes / counters->seconds);
      g_string_append (out, "/s");
    }
  if (total > bytes && bytes > 0)
    {
      g_string_append (out, "  ");
      append_time (out, counters->seconds * (total - bytes) / bytes);
      g_string_append (out, " left");
    }
}

/* A line that wraps could not be wiped. */
static gsize
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
}

static void
write_out (const GString *out)
{
  /* What does not get through is drawn again soon. */
  G_GNUC_UNUSED const gssize n = write (STDERR_FILENO, out->str, out->len);
}

static void
draw (Progress *progress)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new ("\r");
  FanoutCounters counters = { 0 };

  fanout_pipeline_counters (progress->pipeline, &counters, sizeof counters);
  append_line (line, &counters);
  g_string_truncate (line, MIN (line->len, terminal_width ()));
  g_string_append_printf (out, "%s\033[K", line->str);
  write_out (out);
  progress->drawn = TRUE;
}

static void
add_milliseconds (struct timespec *time, guint milliseconds)
{
  time->tv_sec += milliseconds / 1000;
  time->tv_nsec += (long) (milliseconds % 1000) * 1000000;
  if (time->tv_nsec >= 1000000000)
    {
      time->tv_sec++;
      time->tv_nsec -= 1000000000;
    }
}

static void *
run (void *data)
{
  Progress *progress = data;
  struct timespec next;

  clock_gettime (CLOCK_MONOTONIC, &next);
  add_milliseconds (&next, FIRST_MS);
  pthread_mutex_lock (&progress->mutex);
  while (!progress->stopped)
    if (pthread_cond_timedwait (&progress->condition, &progress->mutex, &next) != 0
        && !progress->stopped)
      {
        draw (progress);
        add_milliseconds (&next, NEXT_MS);
      }
  pthread_mutex_unlock (&progress->mutex);
  return NULL;
}

Progress *
progress_start (FanoutPipeline *pipeline)
{
  Progress *progress;
  pthread_condattr_t attributes;

  if (!isatty (STDERR_FILENO))
    return NULL;
  progress = g_new0 (Progress, 1);
  progress->pipeline = pipeline;
  pthread_mutex_init (&progress->mutex, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&progress->condition, &attributes);
  pthread_condattr_destroy (&attributes);
  if (pthread_create (&progress->thread, NULL, run, progress) == 0)
    return progress;
  pthread_cond_destroy (&progress->condition);
  pthread_mutex_destroy (&progress->mutex);
  g_free (progress);
  return NULL;
}

void
progress_stop (Progress *progress)
{
  if (progress == NULL)
    return;
  pthread_mutex_lock (&progress->mutex);
  progress->stopped = TRUE;
  pthread_cond_signal (&progress->condition);
  pthread_mutex_unlock (&progress->mutex);
  pthread_join (progress->thread, NULL);
  if (progress->drawn)
    {
      g_autoptr (GString) out = g_string_new ("\r\033[K");

      write_out (out);
    }
  pthread_cond_destroy (&progress->condition);
  pthread_mutex_destroy (&progress->mutex);
  g_free (progress);
}
