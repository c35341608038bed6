#include "core/input/ahead.h"
#include "core/base/error.h"
#include <fanout/error.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What both threads have in hand stays in the caches; a block of the reader, so that it is woken
 * once for each. */
#define BUFFER_SIZE ((gsize) 512 * 1024)

typedef struct Buffer
{
  struct Buffer *next;
  gsize length;
  FanoutPosition end; /* behind its last byte */
  char data[BUFFER_SIZE];
} Buffer;

typedef struct
{
  FanoutBytes bytes;
  FanoutBytes *inner; /* the thread's */
  pthread_t thread;
  int stop[2]; /* closed to end the thread */
  _Atomic gsize *memory;

  pthread_mutex_t mutex; /* guards these */
  pthread_cond_t emptied;
  Buffer *first;
  Buffer **last;
  Buffer *spare;
  gsize used; /* bytes of all buffers but the spare ones */
  gsize room;
  gboolean stopped;
  gboolean ended;
  GError *failure;   /* behind all buffers */
  int ready[2];      /* a byte is in it while there is something to be read, be it the end */
  gboolean is_ready; /* it is */

  Buffer *current; /* the reader's */
  gsize taken;     /* of it */
  FanoutPosition position;
} Ahead;

/* While `mutex` is held. */
static void
set_ready (Ahead *self)
{
  const gboolean ready = self->first != NULL || self->ended;
  char byte = 0;

  while (ready != self->is_ready)
    if ((ready ? write (self->ready[1], &byte, 1) : read (self->ready[0], &byte, 1)) == 1)
      self->is_ready = ready;
}

static Buffer *
free_buffer (Ahead *self, Buffer *buffer)
{
  Buffer *next = buffer->next;

  atomic_fetch_sub (self->memory, sizeof *buffer);
  g_free (buffer);
  return next;
}

/* The thread. */

/* NULL: nobody wants more. */
static Buffer *
take_empty (Ahead *self)
{
  Buffer *buffer = NULL;
  gboolean wanted;

  pthread_mutex_lock (&self->mutex);
  while (!self->stopped && self->used > 0 && self->used + BUFFER_SIZE > self->room)
    pthread_cond_wait (&self->emptied, &self->mutex);
  wanted = !self->stopped;
  if (wanted)
    {
      buffer = self->spare;
      self->spare = buffer != NULL ? buffer->next : NULL;
      self->used += BUFFER_SIZE;
    }
  pthread_mutex_unlock (&self->mutex);
  if (!wanted || buffer != NULL)
    return buffer;
  atomic_fetch_add (self->memory, sizeof *buffer);
  return g_new (Buffer, 1);
}

/* FALSE: nobody wants more. */
static gboolean
await_inner (const Ahead *self)
{
  struct pollfd fds[]
      = { { self->inner->type->fd (self->inner), POLLIN, 0 }, { self->stop[0], POLLIN, 0 } };

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    continue;
  return fds[1].revents == 0;
}

/* What there is by now goes on its way rather than wait for more. */
static FanoutRead
fill (Ahead *self, Buffer *buffer, GError **error)
{
  FanoutBytes *inner = self->inner;

  for (;;)
    {
      gsize got = 0;
      const FanoutRead result = inner->type->read (inner, buffer->data + buffer->length,
                                                   BUFFER_SIZE - buffer->length, &got, error);

      buffer->length += got;
      if (result == FANOUT_READ_BLOCK && got == 0)
        return FANOUT_READ_END;
      if (result == FANOUT_READ_FAILED || buffer->length == BUFFER_SIZE)
        return result;
      if (result == FANOUT_READ_BLOCK)
        continue;
      if (buffer->length > 0)
        return FANOUT_READ_BLOCK;
      if (!await_inner (self))
        return FANOUT_READ_END;
    }
}

static void
push (Ahead *self, Buffer *buffer, gboolean ended, GError *failure)
{
  buffer->end = self->inner->type->position (self->inner);
  pthread_mutex_lock (&self->mutex);
  *self->last = buffer;
  self->last = &buffer->next;
  self->ended = ended;
  self->failure = failure;
  set_ready (self);
  pthread_mutex_unlock (&self->mutex);
}

static gpointer
run (gpointer ahead)
{
  Ahead *self = ahead;
  FanoutRead result = FANOUT_READ_BLOCK;

  while (result == FANOUT_READ_BLOCK)
    {
      Buffer *buffer = take_empty (self);
      GError *failure = NULL;

      if (buffer == NULL)
        break;
      buffer->next = NULL;
      buffer->length = 0;
      result = fill (self, buffer, &failure);
      push (self, buffer, result != FANOUT_READ_BLOCK, failure);
    }
  return NULL;
}

/* The reader. */

/* While `mutex` is held. */
static void
give_back (Ahead *self)
{
  Buffer *buffer = g_steal_pointer (&self->current);

  if (buffer == NULL)
    return;
  self->position = buffer->end;
  self->taken = 0;
  if (self->used > self->room)
    free_buffer (self, buffer);
  else
    {
      buffer->next = self->spare;
      self->spare = buffer;
    }
  self->used -= BUFFER_SIZE;
  pthread_cond_signal (&self->emptied);
}

static FanoutRead
next_buffer (Ahead *self, GError **error)
{
  FanoutRead result = FANOUT_READ_BLOCK;

  pthread_mutex_lock (&self->mutex);
  give_back (self);
  self->current = self->first;
  if (self->current != NULL)
    self->first = self->current->next;
  else if (!self->ended)
    result = FANOUT_READ_WAIT;
  else if (self->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->failure));
      result = FANOUT_READ_FAILED;
    }
  else
    result = FANOUT_READ_END;
  if (self->first == NULL)
    self->last = &self->first;
  set_ready (self);
  pthread_mutex_unlock (&self->mutex);
  return result;
}

static FanoutRead
read_ahead (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  Ahead *self = (Ahead *) bytes;
  gsize n;

  while (self->current == NULL || self->taken == self->current->length)
    {
      const FanoutRead result = next_buffer (self, error);

      if (result == FANOUT_READ_END)
        {
          *got = 0;
          return FANOUT_READ_BLOCK;
        }
      if (result != FANOUT_READ_BLOCK)
        return result;
    }
  n = MIN (room, self->current->length - self->taken);
  memcpy (to, self->current->data + self->taken, n);
  self->taken += n;
  *got = n;
  return FANOUT_READ_BLOCK;
}

static int
get_fd (const FanoutBytes *bytes)
{
  return ((const Ahead *) bytes)->ready[0];
}

/* Where the source stands is known between buffers alone. */
static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const Ahead *self = (const Ahead *) bytes;
  const FanoutPosition position = { self->position.offset + self->taken, self->position.source };

  return position;
}

static void
finish (FanoutBytes *bytes)
{
  fanout_bytes_finish (((Ahead *) bytes)->inner);
}

static void
close_both (int *ends)
{
  close (ends[0]);
  close (ends[1]);
}

static void
free_ahead (FanoutBytes *bytes)
{
  Ahead *self = (Ahead *) bytes;
  Buffer *lists[] = { self->current, NULL, NULL };

  pthread_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  pthread_cond_signal (&self->emptied);
  pthread_mutex_unlock (&self->mutex);
  close (self->stop[1]);
  pthread_join (self->thread, NULL);
  close (self->stop[0]);
  close_both (self->ready);
  if (self->current != NULL)
    self->current->next = NULL;
  lists[1] = self->first;
  lists[2] = self->spare;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    while (lists[i] != NULL)
      lists[i] = free_buffer (self, lists[i]);
  pthread_cond_destroy (&self->emptied);
  pthread_mutex_destroy (&self->mutex);
  fanout_bytes_free (self->inner);
  g_clear_error (&self->failure);
  g_free (self);
}

static const FanoutBytesType type = {
  .read = read_ahead,
  .fd = get_fd,
  .position = get_position,
  .finish = finish,
  .free = free_ahead,
};

/* Signals are for the threads of the program. */
static int
start (Ahead *self)
{
  sigset_t all;
  sigset_t before;
  int number;

  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  number = pthread_create (&self->thread, NULL, run, self);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return number;
}

static gboolean
open_pipes (Ahead *self, GError **error)
{
  if (!g_unix_open_pipe (self->ready, FD_CLOEXEC, error))
    return FALSE;
  if (g_unix_open_pipe (self->stop, FD_CLOEXEC, error))
    return TRUE;
  close_both (self->ready);
  return FALSE;
}

FanoutBytes *
fanout_ahead_new (FanoutBytes *inner, gsize room, _Atomic gsize *memory, GError **error)
{
  Ahead *self = g_new0 (Ahead, 1);
  int number;

  if (!open_pipes (self, error))
    {
      g_prefix_error (error, "%s: ", inner->name);
      g_free (self);
      return NULL;
    }
  self->bytes.type = &type;
  self->bytes.name = inner->name;
  self->inner = inner;
  self->memory = memory;
  self->last = &self->first;
  self->room = room;
  self->position = inner->type->position (inner);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->emptied, NULL);
  number = start (self);
  if (number == 0)
    return &self->bytes;
  fanout_error_system (error, FANOUT_ERROR_INPUT, number, "%s", inner->name);
  pthread_cond_destroy (&self->emptied);
  pthread_mutex_destroy (&self->mutex);
  close_both (self->ready);
  close_both (self->stop);
  g_free (self);
  return NULL;
}

void
fanout_ahead_set_room (FanoutBytes *ahead, gsize room)
{
  Ahead *self = (Ahead *) ahead;

  pthread_mutex_lock (&self->mutex);
  self->room = room;
  pthread_cond_signal (&self->emptied);
  pthread_mutex_unlock (&self->mutex);
}
