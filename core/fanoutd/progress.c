#include "core/fanoutd/progress.h"
#include "core/fanoutd/text.h"

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

static _Atomic guint64 other_rows;
static _Atomic guint64 other_bytes;
static _Atomic guint64 other_total;

void
progress_add (guint64 rows, guint64 bytes, guint64 total)
{
  other_rows = rows;
  other_bytes = bytes;
  other_total = total;
}

static void
append_line (GString *out, const FanoutCounters *counters)
{
  const double bytes = (double) counters->bytes;
  const double total = (double) counters->bytes_total;

  if (counters->bytes > 0)
    {
      text_size (out, bytes);
      if (total > 0)
        {
          g_string_append (out, " of ");
          text_size (out, total);
        }
      g_string_append (out, "  ");
    }
  text_count (out, counters->rows);
  g_string_append (out, " rows");
  if (counters->seconds > 0 && counters->bytes > 0)
    {
      g_string_append (out, "  ");
      text_size (out, bytes / counters->seconds);
      g_string_append (out, "/s");
    }
  if (total > bytes && bytes > 0)
    {
      g_string_append (out, "  ");
      text_time (out, counters->seconds * (total - bytes) / bytes);
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
  counters.rows += other_rows;
  counters.bytes += other_bytes;
  counters.bytes_total += other_total;
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
