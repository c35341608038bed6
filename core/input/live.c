#include "core/input/live.h"
#include "core/base/error.h"
#include "core/base/gio.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Descriptors that are ready, at one go. */
#define EVENTS 64

static gboolean
fail (const char *what, GError **error)
{
  return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s", what);
}

static gboolean
open_poll (FanoutLive *self, GError **error)
{
  struct epoll_event event = { .events = EPOLLIN };

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->epoll < 0 || self->timer < 0)
    return fail ("cannot wait for several inputs", error);
  return epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->timer, &event) == 0
         || fail ("cannot wait for several inputs", error);
}

FanoutLive *
fanout_live_new (FanoutBlockReader *reader, const FanoutReaderPlan *plan, GError **error)
{
  FanoutLive *self = g_new0 (FanoutLive, 1);

  self->reader = reader;
  self->clock = plan->clock;
  self->rotate_wait = plan->rotate_wait;
  self->inputs = g_ptr_array_new ();
  g_queue_init (&self->ready);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!open_poll (self, error))
    {
      fanout_live_free (self);
      return NULL;
    }
  self->follow = fanout_follow_new (self, plan);
  self->listen = fanout_listen_new (self, plan);
  return self;
}

/* Files and inputs go when nobody has them any more. */

/* Whoever still has the file has no use for its bytes. */
static void
close_current (FanoutLiveInput *input)
{
  if (input->current == NULL)
    return;
  fanout_reader_close (input->current);
  fanout_live_release (g_steal_pointer (&input->current));
}

static void
clear_input (FanoutLiveInput *input)
{
  close_current (input);
  for (FanoutTail *tail; (tail = g_queue_pop_head (&input->files)) != NULL;)
    fanout_bytes_free (&tail->bytes);
  if (input->changed_fd >= 0)
    close (input->changed_fd);
  g_free (input->kept.tail);
  g_free (input->path);
  g_free (input);
}

void
fanout_live_release (FanoutReaderInput *file)
{
  if (file == NULL || atomic_fetch_sub (&file->holders, 1) > 1)
    return;
  fanout_live_release (file->resume.before);
  if (file->own != NULL)
    clear_input (file->own);
  fanout_reader_clear (file);
  g_free (file);
}

void
fanout_live_hold (FanoutLane *lane, FanoutReaderInput *file)
{
  if (lane->held == file)
    return;
  if (file != NULL)
    atomic_fetch_add (&file->holders, 1);
  fanout_live_release (lane->held);
  lane->held = file;
}

void
fanout_live_clear (FanoutLive *self)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      FanoutLiveInput *input = self->inputs->pdata[i];

      /* A connection goes with its file. */
      if (input != NULL && input->connection)
        close_current (input);
      else if (input != NULL)
        clear_input (input);
    }
  g_ptr_array_set_size (self->inputs, 0);
  g_queue_clear (&self->ready);
}

void
fanout_live_free (FanoutLive *self)
{
  if (self == NULL)
    return;
  if (self->reader->named != NULL)
    fanout_live_release (g_steal_pointer (&self->reader->named));
  fanout_live_clear (self);
  fanout_listen_free (self->listen);
  fanout_follow_free (self->follow);
  g_ptr_array_unref (self->inputs);
  g_hash_table_unref (self->names);
  if (self->epoll >= 0)
    close (self->epoll);
  if (self->timer >= 0)
    close (self->timer);
  g_free (self);
}

static const char *
intern (FanoutLive *self, const char *name)
{
  gpointer key;

  if (!g_hash_table_lookup_extended (self->names, name, &key, NULL))
    {
      key = g_strdup (name);
      g_hash_table_add (self->names, key);
    }
  return key;
}

FanoutLiveInput *
fanout_live_add (FanoutLive *self, const char *name)
{
  FanoutLiveInput *input = g_new0 (FanoutLiveInput, 1);

  input->live = self;
  input->ordinal = self->inputs->len;
  input->name = intern (self, name);
  input->kept.record = (guint64) input->ordinal << FANOUT_LIVE_RECORD_BITS;
  input->changed_fd = -1;
  g_queue_init (&input->files);
  g_ptr_array_add (self->inputs, input);
  return input;
}

void
fanout_live_drop (FanoutLiveInput *input)
{
  FanoutLive *self = input->live;

  if (self->turn == input)
    {
      input->kept = self->reader->state;
      memset (&self->reader->state, 0, sizeof input->kept);
      self->turn = NULL;
    }
  g_queue_remove (&self->ready, input);
  self->inputs->pdata[input->ordinal] = NULL;
  clear_input (input);
  fanout_reader_tell_change (self->reader);
}

void
fanout_live_queue (FanoutLiveInput *input)
{
  if (input->ready || input->current == NULL)
    return;
  input->ready = TRUE;
  g_queue_push_tail (&input->live->ready, input);
}

void
fanout_live_begin (FanoutLiveInput *input, FanoutBytes *bytes, const char *path)
{
  FanoutReaderInput *file = g_new0 (FanoutReaderInput, 1);

  file->path = path;
  file->name = g_strdup (input->name);
  file->block_name = input->name;
  file->ordinal = input->ordinal;
  file->live = input;
  file->own = input->connection ? input : NULL;
  file->bytes = bytes;
  file->sequential = file->unpacked = file->converted = TRUE;
  file->part_to = file->stretch = G_MAXUINT64;
  file->counted = bytes->type->position (bytes).source;
  file->stage = FANOUT_STAGE_OPEN;
  atomic_init (&file->users, 1);
  atomic_init (&file->holders, 1);
  input->current = file;
  fanout_live_queue (input);
}

/* Waiting. */

static void
drain_timer (const FanoutLive *self)
{
  guint64 ticks;

  while (read (self->timer, &ticks, sizeof ticks) > 0)
    continue;
}

static void
arm_timer (const FanoutLive *self, gint64 when)
{
  const gint64 left = when == G_MAXINT64 ? 0 : MAX (when - fanout_clock_monotonic (self->clock), 1);
  const struct itimerspec spec = { .it_value = { .tv_sec = (time_t) (left / G_USEC_PER_SEC),
                                                 .tv_nsec = (left % G_USEC_PER_SEC) * 1000 } };

  timerfd_settime (self->timer, 0, &spec, NULL);
}

/* Look at what says that it is ready. */
static void
look (FanoutLive *self)
{
  struct epoll_event events[EVENTS];
  const int n = epoll_wait (self->epoll, events, EVENTS, 0);

  drain_timer (self);
  for (int i = 0; i < n; i++)
    {
      FanoutLiveEvent *event = events[i].data.ptr;

      if (event != NULL)
        event->ready (event);
    }
  fanout_follow_look (self->follow);
  fanout_listen_look (self->listen);
}

FanoutRead
fanout_live_next (FanoutBlockReader *reader, gboolean wait, FanoutReaderInput **file,
                  GCancellable *cancellable, GError **error)
{
  FanoutLive *self = reader->live;
  FanoutRead result = FANOUT_READ_BLOCK;
  FanoutLiveInput *input;

  while (TRUE)
    {
      look (self);
      input = g_queue_pop_head (&self->ready);
      if (input != NULL)
        break;
      arm_timer (self, MIN (fanout_follow_next_look (self->follow),
                            fanout_listen_next_look (self->listen)));
      if (!wait)
        return FANOUT_READ_WAIT;
      fanout_reader_watch (reader, cancellable);
      result = fanout_reader_poll (reader, self->epoll, "inputs", cancellable, error);
      if (result != FANOUT_READ_BLOCK && result != FANOUT_READ_WAIT)
        return result;
    }
  input->ready = FALSE;
  *file = input->current;
  return FANOUT_READ_BLOCK;
}

void
fanout_live_resume (FanoutReaderInput *file)
{
  FanoutTail *tail = (FanoutTail *) file->bytes;

  fanout_reader_drop_head (file);
  file->complete = FALSE;
  fanout_tail_jump (tail, file->resume.offset);
  tail->end = FANOUT_TAIL_ON;
  file->counted = file->resume.offset;
}

void
fanout_live_go_on (FanoutReaderInput *file)
{
  file->live->begun = TRUE;
  if (file->live->current == file)
    fanout_live_queue (file->live);
}

FanoutLiveEnd
fanout_live_finish (FanoutReaderInput *file)
{
  FanoutLiveInput *input = file->live;
  FanoutLive *self = input->live;
  FanoutLiveEnd end;

  if (!file->empty)
    fanout_reader_release (file);
  input->current = NULL;
  if (input->connection)
    {
      self->inputs->pdata[input->ordinal] = NULL;
      fanout_listen_end (self->listen);
    }
  else
    fanout_follow_finish (self->follow, input);
  end = input->ended != FANOUT_TAIL_CHANGED                       ? FANOUT_LIVE_WHOLE
        : input->current != NULL && input->current->resume.joined ? FANOUT_LIVE_JOINED
                                                                  : FANOUT_LIVE_TORN;
  fanout_live_release (file);
  fanout_reader_tell_change (self->reader);
  return end;
}

/* Begin anew with what comes next. */
static void
begin_again (FanoutLiveInput *input)
{
  FanoutReaderInput *file = g_steal_pointer (&input->current);
  FanoutBytes *bytes = g_steal_pointer (&file->bytes);

  atomic_store (&file->users, 0);
  fanout_live_release (file);
  fanout_live_begin (input, bytes, input->name);
}

gboolean
fanout_live_refuse (FanoutReaderInput *file, const GError *error)
{
  FanoutLiveInput *input = file->live;
  FanoutBlockReader *reader = input->live->reader;

  if (input->path != NULL || g_error_matches (error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  fanout_reader_tell (reader, "%s; %s", error->message,
                      input->connection ? "the connection is closed" : "it is passed over");
  atomic_fetch_add (&reader->connections_refused, 1);
  if (input->connection)
    fanout_live_finish (file);
  else
    begin_again (input);
  return TRUE;
}

FanoutRead
fanout_live_find_names (FanoutBlockReader *reader, FanoutReaderInput **found, GError **error)
{
  FanoutReaderInput *file = NULL;

  while (TRUE)
    {
      g_autoptr (GError) failure = NULL;
      FanoutRead result = fanout_live_next (reader, FALSE, &file, NULL, error);

      if (result != FANOUT_READ_BLOCK)
        return result;
      result = fanout_reader_advance (reader, file, FANOUT_STAGE_NAMED, FALSE, NULL, &failure);
      if (result == FANOUT_READ_FAILED && fanout_live_refuse (file, failure))
        continue;
      if (result == FANOUT_READ_BLOCK && !file->empty)
        break;
      if (result == FANOUT_READ_BLOCK)
        fanout_live_finish (file);
      else if (result != FANOUT_READ_WAIT)
        {
          if (failure != NULL)
            g_propagate_error (error, g_steal_pointer (&failure));
          return result;
        }
    }
  atomic_fetch_add (&file->holders, 1);
  reader->named = file;
  file->live->ready = TRUE;
  g_queue_push_head (&reader->live->ready, file->live);
  *found = file;
  return FANOUT_READ_BLOCK;
}

FanoutRead
fanout_live_peek (FanoutBlockReader *reader, FanoutReaderInput **found, GError **error)
{
  FanoutReaderInput *file = NULL;
  FanoutRead result;

  do
    {
      result = fanout_live_next (reader, FALSE, &file, NULL, error);
      if (result == FANOUT_READ_WAIT)
        break;
      if (result == FANOUT_READ_BLOCK)
        result = fanout_reader_look (reader, file, FALSE, error);
    }
  while (result == FANOUT_READ_WAIT);
  if (result != FANOUT_READ_BLOCK)
    return result;
  file->live->ready = TRUE;
  g_queue_push_head (&reader->live->ready, file->live);
  *found = file;
  return FANOUT_READ_BLOCK;
}

FanoutInputStage
fanout_live_stage (const FanoutLive *self, guint ordinal)
{
  const FanoutLiveInput *input = self->inputs->pdata[ordinal];

  if (input == NULL || input->current == NULL || (input->path == NULL && !input->begun))
    return FANOUT_INPUT_ENDED;
  return input->begun ? FANOUT_INPUT_OPEN : FANOUT_INPUT_NOT_BEGUN;
}

const FanoutReaderState *
fanout_live_state (const FanoutLiveInput *input)
{
  return input->live->turn == input ? &input->live->reader->state : &input->kept;
}

/* Turns. */

void
fanout_live_enter (FanoutReaderInput *file)
{
  FanoutLiveInput *input = file->live;
  FanoutLive *self = input != NULL ? input->live : NULL;

  if (self == NULL || self->turn == input)
    return;
  if (self->turn != NULL)
    self->turn->kept = self->reader->state;
  self->turn = input;
  self->reader->state = input->kept;
  memset (&input->kept, 0, sizeof input->kept);
}

void
fanout_live_leave (FanoutReaderInput *file)
{
  FanoutLiveInput *input = file->live;

  if (input == NULL || input->live->turn != input)
    return;
  file->end_line = input->live->reader->state.last_line;
  input->kept = input->live->reader->state;
  memset (&input->live->reader->state, 0, sizeof input->kept);
  input->live->turn = NULL;
}
