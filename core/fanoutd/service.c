#include "core/fanoutd/service.h"
#include "core/fanoutd/text.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Between two states. */
#define STATUS_TIME ((gint64) 5 * G_USEC_PER_SEC)

/* There is one service in a process. */
static struct
{
  FanoutPipeline *pipeline;
  Flow *flow;
  guint n_inputs;  /* when the run began */
  gint64 watchdog; /* microseconds in which the manager wants to hear something; 0: never */
  gboolean started;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  gboolean stopped;
  guint64 rows; /* at the last state */
  gint64 time;  /* of it */
} service = { .mutex = PTHREAD_MUTEX_INITIALIZER, .condition = PTHREAD_COND_INITIALIZER };

/* A datagram of three words needs no library. Nobody minds when it is not heard. */
static void
tell (const char *text)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (path == NULL || (path[0] != '/' && path[0] != '@')
      || strlen (path) >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, strlen (path));
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  if (sendto (fd, text, strlen (text), MSG_NOSIGNAL, (const struct sockaddr *) &address,
              (socklen_t) (offsetof (struct sockaddr_un, sun_path) + strlen (path)))
      < 0)
    g_debug ("%s: the service manager does not listen", path);
  close (fd);
}

/* 0: this process is not the one that is meant. */
static gint64
watchdog_time (void)
{
  const char *text = g_getenv ("WATCHDOG_USEC");
  const char *pid = g_getenv ("WATCHDOG_PID");
  gint64 time = 0;
  gint64 wanted = 0;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, 1, G_MAXINT64 / 2, &time, NULL)
      || (pid != NULL
          && (!g_ascii_string_to_signed (pid, 10, 1, G_MAXINT64, &wanted, NULL)
              || wanted != getpid ())))
    return 0;
  return time;
}

static void
append_rate (GString *text, double rate)
{
  g_string_append_printf (text,
                          rate < 1000  ? "%.0f rows/s, "
                          : rate < 1e6 ? "%.1fk rows/s, "
                                       : "%.1fM rows/s, ",
                          rate < 1000  ? rate
                          : rate < 1e6 ? rate / 1000
                                       : rate / 1e6);
}

static void
append_lag (GString *text, double seconds)
{
  if (seconds < 60)
    g_string_append_printf (text, "%.1f s", seconds);
  else
    text_time (text, seconds);
  g_string_append (text, " behind, ");
}

/* Names that are followed, or those that there were; and connections. */
static void
append_inputs (GString *text, const FanoutCounters *counters)
{
  const guint64 n = MAX (service.n_inputs, counters->files_taken_up - counters->files_rotated)
                    + counters->connections_open;

  g_string_append_printf (text, "%" G_GUINT64_FORMAT " input%s", n, n == 1 ? "" : "s");
}

/* "12.3k rows/s, 1.2 s behind, 3 inputs" */
static void
tell_status (void)
{
  const gint64 now = g_get_monotonic_time ();
  FanoutCounters counters = { 0 };
  g_autoptr (GString) text = g_string_new ("STATUS=");

  fanout_pipeline_counters (service.pipeline, &counters, sizeof counters);
  if (service.time > 0 && counters.rows >= service.rows)
    append_rate (text, (double) (counters.rows - service.rows) * 1e6
                           / (double) MAX (now - service.time, 1));
  if (counters.watermark > 0)
    append_lag (text, MAX (0, (double) g_get_real_time () * 1e-6 - counters.watermark));
  append_inputs (text, &counters);
  service.rows = counters.rows;
  service.time = now;
  tell (text->str);
}

/* Whoever takes what goes out may be slow: that is no fault of ours. */
static gboolean
is_held_up (void)
{
  FlowState state = { 0 };
  gboolean waits;

  flow_read (service.flow, &state);
  waits = state.name != NULL;
  flow_state_clear (&state);
  return waits;
}

static void
wait_until (gint64 when)
{
  struct timespec time;
  const gint64 left = MAX (when - g_get_monotonic_time (), 0);

  clock_gettime (CLOCK_REALTIME, &time);
  time.tv_sec += (time_t) (left / G_USEC_PER_SEC);
  time.tv_nsec += (long) (left % G_USEC_PER_SEC) * 1000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  pthread_cond_timedwait (&service.condition, &service.mutex, &time);
}

static void *
watch (void *data)
{
  gint64 next_status = g_get_monotonic_time () + STATUS_TIME;
  gint64 next_pulse = service.watchdog > 0 ? 0 : G_MAXINT64;

  pthread_mutex_lock (&service.mutex);
  while (!service.stopped)
    {
      const gint64 now = g_get_monotonic_time ();

      if (now >= next_pulse)
        {
          if (!fanout_pipeline_is_asked (service.pipeline, FANOUT_ASK_PULSE) || is_held_up ())
            tell ("WATCHDOG=1");
          fanout_pipeline_ask (service.pipeline, FANOUT_ASK_PULSE);
          next_pulse = now + service.watchdog / 4;
        }
      if (now >= next_status)
        {
          tell_status ();
          next_status = now + STATUS_TIME;
        }
      wait_until (MIN (next_status, next_pulse));
    }
  pthread_mutex_unlock (&service.mutex);
  return data;
}

void
service_watch (FanoutPipeline *pipeline, Flow *flow)
{
  service.pipeline = pipeline;
  service.flow = flow;
  service.n_inputs = g_strv_length ((char **) fanout_pipeline_inputs (pipeline));
  service.watchdog = watchdog_time ();
}

static void
start (void)
{
  if (service.started || service.pipeline == NULL || g_getenv ("NOTIFY_SOCKET") == NULL)
    return;
  service.stopped = FALSE;
  service.started = pthread_create (&service.thread, NULL, watch, NULL) == 0;
}

void
service_ready (void)
{
  tell ("READY=1\nSTATUS=running");
  start ();
}

void
service_reloading (void)
{
  g_autofree char *text = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT
                                           "\nSTATUS=reading the configuration again",
                                           g_get_monotonic_time ());

  tell (text);
}

void
service_stopping (void)
{
  if (service.started)
    {
      pthread_mutex_lock (&service.mutex);
      service.stopped = TRUE;
      pthread_cond_signal (&service.condition);
      pthread_mutex_unlock (&service.mutex);
      pthread_join (service.thread, NULL);
      service.started = FALSE;
    }
  service.pipeline = NULL;
  tell ("STOPPING=1");
}
