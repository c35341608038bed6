#include "core/input/known.h"
#include "core/input/live.h"

#include <errno.h>
#include <fanout/kept.h>
#include <unistd.h>

/* Files that may come again under another name; those that are there are known beyond that. */
#define KNOWN_MAX 1000

static void
free_file (gpointer data)
{
  FanoutKnownFile *self = data;

  fanout_live_release (self->file);
  g_free (self);
}

void
fanout_known_init (FanoutKnown *self)
{
  self->files = fanout_file_table_new (free_file);
  self->look = 0;
}

void
fanout_known_clear (FanoutKnown *self)
{
  g_hash_table_unref (self->files);
}

gboolean
fanout_known_hash (int fd, gsize length, guint64 offset, guint64 *hash)
{
  char bytes[FANOUT_TAIL_MARK];

  for (gsize got = 0; got < length;)
    {
      const gssize n = pread (fd, bytes + got, length - got, (off_t) (offset + got));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      if (n == 0)
        {
          *hash = 0;
          return TRUE;
        }
      got += (gsize) n;
    }
  *hash = fanout_hash_bytes (bytes, length, 0);
  return TRUE;
}

gboolean
fanout_known_has (int fd, gsize length, guint64 offset, guint64 hash)
{
  guint64 found;

  if (!fanout_known_hash (fd, length, offset, &found))
    return FALSE;
  errno = 0;
  return found == hash;
}

void
fanout_known_add (FanoutKnown *self, const struct stat *status, const FanoutTail *tail,
                  FanoutReaderInput *file)
{
  FanoutKnownFile *known = g_new0 (FanoutKnownFile, 1);

  known->id = fanout_file_id (status);
  known->changed = status->st_mtim;
  known->size = (guint64) status->st_size;
  known->look = self->look;
  known->file = file;
  if (file != NULL)
    atomic_fetch_add (&file->holders, 1);
  if (tail != NULL)
    {
      known->offset = tail->offset;
      known->marked = tail->head.length;
      known->head = fanout_hash_bytes (tail->head.bytes, tail->head.length, 0);
      known->last = fanout_hash_bytes (tail->last.bytes, tail->last.length, 0);
    }
  g_hash_table_replace (self->files, &known->id, known);
}

FanoutKnownFile *
fanout_known_find (FanoutKnown *self, FanoutFileId id)
{
  FanoutKnownFile *known = g_hash_table_lookup (self->files, &id);

  if (known != NULL)
    known->look = self->look;
  return known;
}

gboolean
fanout_known_is_same (const FanoutKnownFile *self, const struct stat *status)
{
  return self->size == (guint64) status->st_size && self->changed.tv_sec == status->st_mtim.tv_sec
         && self->changed.tv_nsec == status->st_mtim.tv_nsec;
}

gboolean
fanout_known_has_grown (const FanoutKnownFile *self, int fd, const struct stat *status)
{
  errno = 0;
  return self->offset > 0 && (guint64) status->st_size >= self->offset
         && fanout_known_has (fd, self->marked, 0, self->head)
         && fanout_known_has (fd, self->marked, self->offset - self->marked, self->last);
}

static gboolean
is_forgotten (gpointer id G_GNUC_UNUSED, gpointer file, gpointer look)
{
  return ((const FanoutKnownFile *) file)->look < *(const guint64 *) look;
}

void
fanout_known_forget (FanoutKnown *self)
{
  if (g_hash_table_size (self->files) > KNOWN_MAX)
    g_hash_table_foreach_remove (self->files, is_forgotten, &self->look);
}
