#include "core/input/members.h"
#include <pthread.h>
#include <string.h>

/* Of one share of the members: it takes long in comparison to handing it over. One that is larger
 * has a share of its own. */
#define SHARE_PACKED   ((gsize) 256 * 1024)
#define SHARE_UNPACKED ((gsize) 512 * 1024)

/* Libraries want room also where they have nothing more to give. */
#define SLACK 1

typedef enum
{
  SHARE_OPEN = 0, /* more members may come */
  SHARE_WAITING,
  SHARE_BUSY,
  SHARE_DONE,
  SHARE_FAILED,
} Stage;

/* Some members, one behind the other. */
typedef struct
{
  Stage stage; /* guarded by `mutex`; who is BUSY with it has all the rest */
  GArray *sizes;
  GByteArray *packed;
  char *data;
  gsize room;
  gsize length; /* unpacked */
  gsize taken;
} Share;

typedef struct
{
  FanoutMembers *members;
  pthread_t thread;
  gpointer state;
} Worker;

struct FanoutMembers
{
  const FanoutUnpacker *unpacker;
  _Atomic gsize *memory;
  gsize counted;
  gsize held;
  Share *shares; /* a ring */
  guint n_shares;
  guint64 first; /* the oldest one */
  guint64 last;  /* the one that is open, or will be */
  Worker *workers;
  guint n_workers;

  pthread_mutex_t mutex; /* guards these */
  pthread_cond_t given;
  pthread_cond_t done;
  guint64 next; /* to be worked on */
  gboolean stopped;
};

static inline Share *
share_at (const FanoutMembers *self, guint64 number)
{
  return &self->shares[number % self->n_shares];
}

/* The workers. */

static gboolean
unpack_member (const FanoutUnpacker *unpacker, gpointer state, FanoutUnpackSpan *span)
{
  FanoutUnpackStep step = FANOUT_UNPACK_MORE;
  gboolean moves = unpacker->begin (state);

  while (moves && step == FANOUT_UNPACK_MORE)
    {
      const gsize left = span->in_length + span->out_room;

      step = unpacker->step (state, span);
      moves = step == FANOUT_UNPACK_END || span->in_length + span->out_room < left;
    }
  return step == FANOUT_UNPACK_END && span->in_length == 0 && span->out_room == SLACK;
}

static gboolean
unpack_share (const FanoutUnpacker *unpacker, gpointer state, Share *share)
{
  const char *in = (const char *) share->packed->data;
  char *out = share->data;

  for (guint i = 0; i < share->sizes->len; i++)
    {
      const FanoutMemberSize size = g_array_index (share->sizes, FanoutMemberSize, i);
      FanoutUnpackSpan span = { in, size.packed, out, size.unpacked + SLACK };

      if (!unpack_member (unpacker, state, &span))
        return FALSE;
      in += size.packed;
      out += size.unpacked;
    }
  return TRUE;
}

/* NULL: nobody wants more. */
static Share *
next_share (FanoutMembers *self)
{
  Share *share = NULL;

  pthread_mutex_lock (&self->mutex);
  while (!self->stopped && share_at (self, self->next)->stage != SHARE_WAITING)
    pthread_cond_wait (&self->given, &self->mutex);
  if (!self->stopped)
    {
      share = share_at (self, self->next++);
      share->stage = SHARE_BUSY;
    }
  pthread_mutex_unlock (&self->mutex);
  return share;
}

static gpointer
work (gpointer worker)
{
  const Worker *self = worker;
  FanoutMembers *members = self->members;
  Share *share;

  while ((share = next_share (members)) != NULL)
    {
      const gboolean fine = unpack_share (members->unpacker, self->state, share);

      pthread_mutex_lock (&members->mutex);
      share->stage = fine ? SHARE_DONE : SHARE_FAILED;
      pthread_cond_signal (&members->done);
      pthread_mutex_unlock (&members->mutex);
    }
  return NULL;
}

/* Who gives and takes. */

static void
count_memory (FanoutMembers *self)
{
  const FanoutUnpacker *unpacker = self->unpacker;
  gsize bytes = self->n_workers * (unpacker->size + unpacker->allocates);

  for (guint i = 0; i < self->n_shares; i++)
    bytes += self->shares[i].room + self->shares[i].packed->len;
  atomic_fetch_add (self->memory, bytes - self->counted);
  self->counted = bytes;
}

static void
end_workers (FanoutMembers *self)
{
  pthread_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  pthread_cond_broadcast (&self->given);
  pthread_mutex_unlock (&self->mutex);
  for (guint i = 0; i < self->n_workers; i++)
    pthread_join (self->workers[i].thread, NULL);
}

void
fanout_members_free (FanoutMembers *self)
{
  if (self == NULL)
    return;
  end_workers (self);
  for (guint i = 0; i < self->n_workers; i++)
    {
      if (self->unpacker->end != NULL)
        self->unpacker->end (self->workers[i].state);
      g_free (self->workers[i].state);
    }
  for (guint i = 0; i < self->n_shares; i++)
    {
      g_array_unref (self->shares[i].sizes);
      g_byte_array_unref (self->shares[i].packed);
      g_free (self->shares[i].data);
    }
  atomic_fetch_sub (self->memory, self->counted);
  pthread_cond_destroy (&self->given);
  pthread_cond_destroy (&self->done);
  pthread_mutex_destroy (&self->mutex);
  g_free (self->workers);
  g_free (self->shares);
  g_free (self);
}

/* Signals are for the threads of the program: whoever reads packed bytes blocks them. */
static gboolean
start_worker (FanoutMembers *self, Worker *worker, GError **error)
{
  const FanoutUnpacker *unpacker = self->unpacker;

  worker->members = self;
  worker->state = g_malloc0 (unpacker->size);
  if (fanout_library_open (unpacker->library, unpacker->names, worker->state, error)
      && pthread_create (&worker->thread, NULL, work, worker) == 0)
    return TRUE;
  g_free (worker->state);
  return FALSE;
}

FanoutMembers *
fanout_members_new (const FanoutUnpacker *unpacker, guint n_threads, _Atomic gsize *memory)
{
  FanoutMembers *self = g_new0 (FanoutMembers, 1);

  self->unpacker = unpacker;
  self->memory = memory;
  /* One for each, one that is being filled, one that is being emptied. */
  self->n_shares = n_threads + 2;
  self->shares = g_new0 (Share, self->n_shares);
  for (guint i = 0; i < self->n_shares; i++)
    {
      self->shares[i].sizes = g_array_new (FALSE, FALSE, sizeof (FanoutMemberSize));
      self->shares[i].packed = g_byte_array_new ();
    }
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->given, NULL);
  pthread_cond_init (&self->done, NULL);
  self->workers = g_new0 (Worker, n_threads);
  while (self->n_workers < n_threads && start_worker (self, &self->workers[self->n_workers], NULL))
    self->n_workers++;
  if (self->n_workers > 0)
    return self;
  fanout_members_free (self);
  return NULL;
}

void
fanout_members_flush (FanoutMembers *self)
{
  Share *share = share_at (self, self->last);

  if (self->last - self->first == self->n_shares || share->sizes->len == 0)
    return;
  if (share->data == NULL || share->room < share->length)
    {
      g_free (share->data);
      share->data = g_malloc (share->length + SLACK);
      share->room = share->length;
    }
  self->last++;
  count_memory (self);
  pthread_mutex_lock (&self->mutex);
  share->stage = SHARE_WAITING;
  pthread_cond_signal (&self->given);
  pthread_mutex_unlock (&self->mutex);
}

gboolean
fanout_members_give (FanoutMembers *self, const char *data, FanoutMemberSize size)
{
  Share *share = share_at (self, self->last);

  if (self->last - self->first == self->n_shares)
    return FALSE;
  if (share->sizes->len > 0
      && (share->packed->len + size.packed > SHARE_PACKED
          || share->length + size.unpacked > SHARE_UNPACKED))
    {
      fanout_members_flush (self);
      return fanout_members_give (self, data, size);
    }
  g_array_append_val (share->sizes, size);
  g_byte_array_append (share->packed, (const guint8 *) data, (guint) size.packed);
  share->length += size.unpacked;
  self->held += size.packed;
  return TRUE;
}

gsize
fanout_members_held (const FanoutMembers *self)
{
  return self->held;
}

/* The oldest share, when it is done: it is open for others. */
static void
empty_share (FanoutMembers *self)
{
  Share *share = share_at (self, self->first++);

  pthread_mutex_lock (&self->mutex);
  share->stage = SHARE_OPEN;
  pthread_mutex_unlock (&self->mutex);
  self->held -= share->packed->len;
  g_array_set_size (share->sizes, 0);
  g_byte_array_set_size (share->packed, 0);
  share->length = share->taken = 0;
}

static Stage
await_share (FanoutMembers *self, guint64 number)
{
  const Share *share = share_at (self, number);
  Stage stage;

  pthread_mutex_lock (&self->mutex);
  while (share->stage == SHARE_WAITING || share->stage == SHARE_BUSY)
    pthread_cond_wait (&self->done, &self->mutex);
  stage = share->stage;
  pthread_mutex_unlock (&self->mutex);
  return stage;
}

gboolean
fanout_members_take (FanoutMembers *self, char *to, gsize room, gsize *got)
{
  Share *share = share_at (self, self->first);

  *got = 0;
  if (self->held == 0)
    return TRUE;
  if (self->first == self->last)
    fanout_members_flush (self);
  if (await_share (self, self->first) == SHARE_FAILED)
    return FALSE;
  *got = MIN (room, share->length - share->taken);
  if (*got > 0)
    memcpy (to, share->data + share->taken, *got);
  share->taken += *got;
  if (share->taken == share->length)
    empty_share (self);
  return TRUE;
}

char *
fanout_members_give_back (FanoutMembers *self, gsize *length)
{
  GByteArray *all = g_byte_array_new ();

  fanout_members_flush (self);
  while (self->first < self->last)
    {
      const Share *share = share_at (self, self->first);

      await_share (self, self->first);
      g_byte_array_append (all, share->packed->data, share->packed->len);
      empty_share (self);
    }
  *length = all->len;
  return (char *) g_byte_array_free (all, FALSE);
}
