#include "core/fanoutd/monitor/server.h"
#include "core/base/error.h"
#include "core/fanoutd/monitor/events.h"
#include "core/fanoutd/monitor/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define HEADERS_MAX   64
/* Of one connection: the request with its headers must fit. */
#define REQUEST_BYTES ((size_t) 16 * 1024)
/* Of all answers that are on their way. */
#define ANSWER_BYTES  ((gsize) 64 * 1024 * 1024)
/* What the system holds of an answer for somebody who does not read. */
#define SEND_BYTES    (128 * 1024)

#define SECOND         G_USEC_PER_SEC
#define ASK_TIME       (10 * SECOND)
#define ANSWER_TIME    (60 * SECOND)
#define READ_TIME      (10 * SECOND)
/* Of connections that libmicrohttpd itself sees do nothing; in seconds. */
#define QUIET_TIME     60u
/* How often there is an event, and how often at most. */
#define EVENT_TIME     (SECOND / 2)
#define EVENT_TIME_MIN (SECOND / 10)
/* How long the end waits for those who follow. */
#define LINGER_TIME    SECOND

const ServerLimits server_limits = {
  .connections = 128,
  .followers = 32,
  .ask_time = 10 * SECOND,
  .answer_time = 60 * SECOND,
  .read_time = 10 * SECOND,
};

typedef enum
{
  PHASE_ASKING,
  PHASE_ANSWERED,
  PHASE_FOLLOWING,
} Phase;

typedef struct
{
  int fd;
  Phase phase;
  gint64 since; /* when that began */
  gboolean closed;
} Client;

struct Server
{
  const Http *http;
  ServerLimits limits;
  ServerHandler handler;
  FanoutAddress address;
  char *name;
  gboolean names;
  struct MHD_Daemon *daemon;
  Events *events;
  GPtrArray *clients; /* in the order of their coming */
  gsize answer_bytes; /* on their way */
  ServerCounters counters;
  gint64 last_event;
  int listen_fd;
  int wake_fd;
  _Atomic gboolean woken;
  _Atomic gboolean stopping;
  pthread_t thread;
};

static ServerCounters
counters_of (const Server *self)
{
  ServerCounters counters = self->counters;

  counters.dropped = events_dropped (self->events);
  counters.connections = self->clients->len;
  counters.followers = events_count (self->events);
  return counters;
}

/* Answers. */

typedef struct
{
  Server *server;
  GString *body;
} Body;

static void
release_body (void *data)
{
  Body *body = data;

  body->server->answer_bytes -= body->body->allocated_len;
  g_string_free (body->body, TRUE);
  g_free (body);
}

static const char *
find_argument (gconstpointer connection, const char *name)
{
  struct MHD_Connection *asked = (struct MHD_Connection *) (gpointer) connection;

  return http_load (NULL)->MHD_lookup_connection_value_ (asked, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result
send_answer (Server *self, struct MHD_Connection *connection, ServerAnswer *answer)
{
  const Http *http = self->http;
  Body *body = g_new0 (Body, 1);
  struct MHD_Response *response;

  body->server = self;
  body->body = answer->body;
  self->answer_bytes += body->body->allocated_len;
  response = http->MHD_create_response_from_buffer_with_free_callback_cls_ (
      body->body->len, body->body->str, release_body, body);
  if (response == NULL)
    {
      release_body (body);
      return MHD_NO;
    }
  http->MHD_add_response_header_ (response, "Content-Type", answer->type);
  http->MHD_add_response_header_ (response, "Cache-Control", "no-store");
  http->MHD_add_response_header_ (response, "X-Content-Type-Options", "nosniff");
  http->MHD_add_response_header_ (response, "Referrer-Policy", "no-referrer");
  http->MHD_add_response_header_ (response, "Cross-Origin-Resource-Policy", "same-origin");
  http->MHD_add_response_header_ (
      response, "Content-Security-Policy",
      answer->policy != NULL ? answer->policy : "default-src 'none'; frame-ancestors 'none'");
  if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
    http->MHD_add_response_header_ (response, "Allow", "GET, HEAD, POST");
  const enum MHD_Result queued = http->MHD_queue_response_ (connection, answer->status, response);
  http->MHD_destroy_response_ (response);
  return queued;
}

static enum MHD_Result
refuse (Server *self, struct MHD_Connection *connection, guint status, const char *text)
{
  ServerAnswer answer
      = { .status = status, .type = "text/plain; charset=utf-8", .body = g_string_new (text) };

  g_string_append_c (answer.body, '\n');
  return send_answer (self, connection, &answer);
}

/* Another site's page cannot reach this one under a name that it let lead here, nor ask for more
 * than what any link could: a header of its own needs our leave. */
static gboolean
is_host_known (const Server *self, struct MHD_Connection *connection)
{
  const char *host = self->http->MHD_lookup_connection_value_ (connection, MHD_HEADER_KIND, "Host");
  FanoutAddress address;

  if (self->names || host == NULL || self->address.any.sa_family == AF_UNIX)
    return TRUE;
  g_autofree char *with_port = g_strconcat (host, ":0", NULL);
  return !g_str_has_prefix (host, "unix:")
         && (fanout_address_parse (host, &address, NULL)
             || fanout_address_parse (with_port, &address, NULL));
}

static enum MHD_Result
answer_request (Server *self, struct MHD_Connection *connection, const char *method,
                const char *path)
{
  const gboolean posts = strcmp (method, "POST") == 0;
  const ServerRequest request
      = { posts ? "POST" : "GET", path, find_argument, connection, counters_of (self) };
  ServerAnswer answer = { .status = MHD_HTTP_NOT_FOUND, .type = "text/plain; charset=utf-8" };

  if (!posts && strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0)
    return refuse (self, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, HEAD and POST are known");
  if (self->http->MHD_get_connection_values_ (connection, MHD_HEADER_KIND, NULL, NULL)
      > HEADERS_MAX)
    return refuse (self, connection, 431, "too many headers");
  if (!is_host_known (self, connection))
    return refuse (self, connection, 421, "no such host: ask by its address, or as localhost");
  if (posts
      && self->http->MHD_lookup_connection_value_ (connection, MHD_HEADER_KIND, "X-Fanoutd")
             == NULL)
    return refuse (self, connection, MHD_HTTP_FORBIDDEN, "the header X-Fanoutd is missing");
  if (self->answer_bytes > ANSWER_BYTES)
    return refuse (self, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too much is asked for at once");
  self->handler.answer (self->handler.data, &request, &answer);
  if (answer.body == NULL)
    answer.body = g_string_new ("there is no such page\n");
  return send_answer (self, connection, &answer);
}

static Client *
client_of (Server *self, struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
      = self->http->MHD_get_connection_info_ (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

  return info != NULL ? info->socket_context : NULL;
}

static gboolean
has_body (const Server *self, struct MHD_Connection *connection)
{
  const char *length
      = self->http->MHD_lookup_connection_value_ (connection, MHD_HEADER_KIND, "Content-Length");

  return (length != NULL && strcmp (length, "0") != 0)
         || self->http->MHD_lookup_connection_value_ (connection, MHD_HEADER_KIND,
                                                      "Transfer-Encoding")
                != NULL;
}

static enum MHD_Result
take_request (void *data, struct MHD_Connection *connection, const char *path, const char *method,
              const char *version, const char *upload, size_t *upload_size, void **state)
{
  Server *self = data;
  Client *client = client_of (self, connection);

  (void) version;
  (void) upload;
  (void) upload_size;
  if (client == NULL)
    return MHD_NO;
  if (has_body (self, connection))
    return refuse (self, connection, 413, "nothing can be sent here");
  /* An answer now, before the request was read to its end, would close the connection. */
  if (*state == NULL)
    {
      *state = self;
      return MHD_YES;
    }
  self->counters.requests++;
  client->since = g_get_monotonic_time ();
  client->phase = PHASE_ANSWERED;
  if (strcmp (path, "/events") != 0 || strcmp (method, "GET") != 0
      || !is_host_known (self, connection))
    return answer_request (self, connection, method, path);
  if (events_count (self->events) >= self->limits.followers)
    return refuse (self, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many follow already");
  client->phase = PHASE_FOLLOWING;
  atomic_store (&self->woken, TRUE);
  return events_open (self->events, connection, client->fd);
}

static void
note_done (void *data, struct MHD_Connection *connection, void **state,
           enum MHD_RequestTerminationCode how)
{
  Client *client = client_of (data, connection);

  (void) state;
  (void) how;
  if (client == NULL)
    return;
  client->phase = PHASE_ASKING;
  client->since = g_get_monotonic_time ();
}

static void
note_connection (void *data, struct MHD_Connection *connection, void **context,
                 enum MHD_ConnectionNotificationCode what)
{
  Server *self = data;

  if (what == MHD_CONNECTION_NOTIFY_CLOSED)
    {
      if (*context != NULL && g_ptr_array_remove (self->clients, *context))
        *context = NULL;
      return;
    }
  Client *client = g_new0 (Client, 1);
  client->fd = self->http->MHD_get_connection_info_ (connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                   ->connect_fd;
  client->since = g_get_monotonic_time ();
  g_ptr_array_add (self->clients, client);
  *context = client;
}

/* Connections. */

/* libmicrohttpd sees the end, and cleans up. */
static void
hang_up (Server *self, Client *client)
{
  if (client->closed)
    return;
  client->closed = TRUE;
  self->counters.refused++;
  shutdown (client->fd, SHUT_RDWR);
}

static void
sweep (Server *self, gint64 now)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = self->clients->pdata[i];

      if ((client->phase == PHASE_ASKING && now - client->since > self->limits.ask_time)
          || (client->phase == PHASE_ANSWERED && now - client->since > self->limits.answer_time))
        hang_up (self, client);
    }
  events_sweep (self->events, now - self->limits.read_time);
}

/* Who has been idle for longest makes room for who comes. */
static void
make_room (Server *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = self->clients->pdata[i];

      if (client->phase != PHASE_ASKING || client->closed)
        continue;
      hang_up (self, client);
      self->http->MHD_run_ (self->daemon);
      return;
    }
}

static void
accept_one (Server *self, int fd)
{
  const int size = SEND_BYTES;
  FanoutAddress peer = { .length = sizeof peer.local };

  if (getpeername (fd, &peer.any, &peer.length) != 0)
    {
      close (fd);
      return;
    }
  if (self->clients->len >= self->limits.connections)
    make_room (self);
  if (self->clients->len >= self->limits.connections)
    {
      self->counters.refused++;
      close (fd);
      return;
    }
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  /* It closes what it does not take. */
  self->http->MHD_add_connection_ (self->daemon, fd, &peer.any, peer.length);
}

/* Not without end: those who are there already get their turn. */
static void
accept_some (Server *self)
{
  for (guint i = 0; i < self->limits.connections; i++)
    {
      const int fd = accept4 (self->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

      if (fd < 0)
        return;
      accept_one (self, fd);
    }
}

/* The thread. */

static void
publish (Server *self, gint64 now)
{
  const ServerCounters counters = counters_of (self);

  atomic_store (&self->woken, FALSE);
  self->last_event = now;
  events_publish (self->events, self->handler.event (self->handler.data, &counters));
  /* Without a socket of its own to listen on, its epoll descriptor tells nothing of who goes on. */
  self->http->MHD_run_ (self->daemon);
}

/* When there is something to do, without anybody's asking; -1: never. */
static int
next_time (Server *self, gint64 now)
{
  MHD_UNSIGNED_LONG_LONG timeout;
  gint64 next = G_MAXINT64;

  if (self->clients->len == 0)
    return -1;
  next = now + MIN (SECOND, self->limits.ask_time);
  if (events_count (self->events) > 0)
    next
        = MIN (next, self->last_event + (atomic_load (&self->woken) ? EVENT_TIME_MIN : EVENT_TIME));
  if (self->http->MHD_get_timeout_ (self->daemon, &timeout) == MHD_YES)
    next = MIN (next, now + (gint64) MIN (timeout, 1000) * 1000);
  return next > now ? (int) ((next - now + 999) / 1000) : 0;
}

static void
step (Server *self, gboolean accepts)
{
  const int epoll_fd
      = self->http->MHD_get_daemon_info_ (self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  struct pollfd fds[] = { { .fd = epoll_fd, .events = POLLIN },
                          { .fd = self->wake_fd, .events = POLLIN },
                          { .fd = accepts ? self->listen_fd : -1, .events = POLLIN } };
  guint64 count;
  gint64 now;

  poll (fds, G_N_ELEMENTS (fds), next_time (self, g_get_monotonic_time ()));
  if ((fds[1].revents & POLLIN) != 0 && read (self->wake_fd, &count, sizeof count) < 0)
    return;
  if ((fds[2].revents & POLLIN) != 0)
    accept_some (self);
  self->http->MHD_run_ (self->daemon);
  now = g_get_monotonic_time ();
  sweep (self, now);
  if (events_count (self->events) > 0
      && now - self->last_event >= (atomic_load (&self->woken) ? EVENT_TIME_MIN : EVENT_TIME))
    publish (self, now);
}

static void
finish (Server *self)
{
  gint64 end = g_get_monotonic_time () + LINGER_TIME;

  /* They ask for the last results, and go. */
  publish (self, g_get_monotonic_time ());
  while (events_count (self->events) > 0 && g_get_monotonic_time () < end)
    step (self, TRUE);
  events_end (self->events);
  self->http->MHD_run_ (self->daemon);
  end += LINGER_TIME / 10;
  while (events_count (self->events) > 0 && g_get_monotonic_time () < end)
    step (self, FALSE);
}

static void *
serve (void *data)
{
  Server *self = data;

  while (!atomic_load (&self->stopping))
    step (self, TRUE);
  finish (self);
  return NULL;
}

/* Signals are for the thread that runs the pipeline. */
static gboolean
start_thread (Server *self, GError **error)
{
  sigset_t all;
  sigset_t before;
  int reason;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  reason = pthread_create (&self->thread, NULL, serve, self);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return reason == 0 || fanout_error_system (error, FANOUT_ERROR_OUTPUT, reason, "monitor");
}

static gboolean
start_daemon (Server *self, GError **error)
{
  self->daemon = self->http->MHD_start_daemon_ (
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
      take_request, self, MHD_OPTION_CONNECTION_LIMIT, self->limits.connections + 1,
      MHD_OPTION_CONNECTION_TIMEOUT, QUIET_TIME, MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES,
      MHD_OPTION_NOTIFY_COMPLETED, note_done, self, MHD_OPTION_NOTIFY_CONNECTION, note_connection,
      self, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (self->daemon != NULL)
    return TRUE;
  return fanout_error_system (error, FANOUT_ERROR_OUTPUT, errno, "monitor");
}

static void
server_free (Server *self)
{
  if (self->daemon != NULL)
    self->http->MHD_stop_daemon_ (self->daemon);
  if (self->listen_fd >= 0)
    listen_close (self->listen_fd, &self->address);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  events_free (self->events);
  g_ptr_array_unref (self->clients);
  g_free (self->name);
  g_free (self);
}

Server *
server_start (const FanoutAddress *address, const char *text, gboolean names,
              const ServerLimits *limits, const ServerHandler *handler, GError **error)
{
  const Http *http = http_load (error);
  Server *self;

  if (http == NULL)
    return NULL;
  self = g_new0 (Server, 1);
  self->http = http;
  self->limits = *limits;
  self->handler = *handler;
  self->address = *address;
  self->names = names;
  self->clients = g_ptr_array_new_with_free_func (g_free);
  self->events = events_new (http);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->listen_fd = -1;
  if (self->wake_fd < 0)
    fanout_error_system (error, FANOUT_ERROR_OUTPUT, errno, "monitor");
  else
    self->listen_fd = listen_open (address, text, error);
  if (self->listen_fd >= 0)
    {
      self->name = listen_name (self->listen_fd, address, text);
      if (start_daemon (self, error) && start_thread (self, error))
        return self;
    }
  server_free (self);
  return NULL;
}

void
server_wake (Server *self)
{
  const guint64 one = 1;

  if (self == NULL || atomic_exchange (&self->woken, TRUE))
    return;
  G_GNUC_UNUSED const gssize n = write (self->wake_fd, &one, sizeof one);
}

void
server_stop (Server *self)
{
  if (self == NULL)
    return;
  atomic_store (&self->stopping, TRUE);
  atomic_store (&self->woken, FALSE);
  server_wake (self);
  pthread_join (self->thread, NULL);
  server_free (self);
}

const char *
server_address (const Server *self)
{
  return self->name;
}
