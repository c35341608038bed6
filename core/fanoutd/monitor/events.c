#include "core/fanoutd/monitor/events.h"
#include "core/fanoutd/monitor/references.h"

#include <string.h>
#include <sys/socket.h>

#define PIECE (32 * 1024)

typedef struct
{
  References references;
  char *text;
  gsize length;
} Event;

typedef struct
{
  Events *events;
  struct MHD_Connection *connection;
  int fd;
  Event *event;  /* that is sent; NULL: he waits for the next one */
  gsize offset;  /* of it */
  guint64 seen;  /* the number of the last one he got */
  gint64 active; /* when he took something, or had all there was */
  gboolean suspended;
  gboolean dropped;
} Follower;

struct Events
{
  const Http *http;
  Event *newest;
  guint64 number; /* of the newest; 0: there is none */
  GPtrArray *followers;
  guint64 dropped;
  gboolean ended;
};

static Event *
event_ref (Event *event)
{
  references_add (&event->references);
  return event;
}

static void
event_unref (Event *event)
{
  if (event == NULL || !references_drop (&event->references))
    return;
  g_free (event->text);
  g_free (event);
}

Events *
events_new (const Http *http)
{
  Events *events = g_new0 (Events, 1);

  events->http = http;
  events->followers = g_ptr_array_new ();
  return events;
}

void
events_free (Events *events)
{
  event_unref (events->newest);
  g_ptr_array_unref (events->followers);
  g_free (events);
}

/* He gets the newest one, or waits. */
static void
take_next (Follower *self)
{
  Events *events = self->events;

  g_clear_pointer (&self->event, event_unref);
  self->offset = 0;
  if (self->seen == events->number)
    return;
  self->event = event_ref (events->newest);
  self->seen = events->number;
}

static ssize_t
give (void *data, uint64_t position, char *buffer, size_t max)
{
  Follower *self = data;

  (void) position;
  self->active = g_get_monotonic_time ();
  if (self->dropped)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  if (self->event == NULL || self->offset == self->event->length)
    take_next (self);
  if (self->event == NULL)
    {
      if (self->events->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
      self->suspended = TRUE;
      self->events->http->MHD_suspend_connection_ (self->connection);
      return 0;
    }
  const gsize n = MIN (max, self->event->length - self->offset);
  memcpy (buffer, self->event->text + self->offset, n);
  self->offset += n;
  return (ssize_t) n;
}

static void
leave (void *data)
{
  Follower *self = data;

  g_ptr_array_remove_fast (self->events->followers, self);
  event_unref (self->event);
  g_free (self);
}

guint
events_count (const Events *events)
{
  return events->followers->len;
}

guint64
events_dropped (const Events *events)
{
  return events->dropped;
}

enum MHD_Result
events_open (Events *events, struct MHD_Connection *connection, int fd)
{
  const Http *http = events->http;
  Follower *self = g_new0 (Follower, 1);
  struct MHD_Response *response;

  self->events = events;
  self->connection = connection;
  self->fd = fd;
  self->active = g_get_monotonic_time ();
  g_ptr_array_add (events->followers, self);
  response = http->MHD_create_response_from_callback_ (MHD_SIZE_UNKNOWN, PIECE, give, self, leave);
  if (response == NULL)
    {
      leave (self);
      return MHD_NO;
    }
  http->MHD_add_response_header_ (response, "Content-Type", "text/event-stream");
  http->MHD_add_response_header_ (response, "Cache-Control", "no-store");
  http->MHD_add_response_header_ (response, "X-Content-Type-Options", "nosniff");
  const enum MHD_Result queued = http->MHD_queue_response_ (connection, MHD_HTTP_OK, response);
  http->MHD_destroy_response_ (response);
  return queued;
}

static void
wake (Follower *self)
{
  if (!self->suspended)
    return;
  self->suspended = FALSE;
  self->active = g_get_monotonic_time ();
  self->events->http->MHD_resume_connection_ (self->connection);
}

static void
wake_all (Events *events)
{
  for (guint i = 0; i < events->followers->len; i++)
    wake (events->followers->pdata[i]);
}

void
events_publish (Events *events, char *text)
{
  Event *event = g_new0 (Event, 1);

  references_begin (&event->references);
  event->text = text;
  event->length = strlen (text);
  event_unref (events->newest);
  events->newest = event;
  events->number++;
  wake_all (events);
}

void
events_sweep (Events *events, gint64 before)
{
  for (guint i = 0; i < events->followers->len; i++)
    {
      Follower *self = events->followers->pdata[i];

      if (self->suspended || self->dropped || self->active >= before)
        continue;
      self->dropped = TRUE;
      events->dropped++;
      shutdown (self->fd, SHUT_RDWR);
    }
}

void
events_end (Events *events)
{
  events->ended = TRUE;
  wake_all (events);
}
