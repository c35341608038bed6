#include "core/base/writer.h"

#include <string.h>

#define SIZE_MIN 64

struct FanoutWriter
{
  guint8 *bytes;
  gsize length;
  gsize size;
  gsize piece; /* that `take` takes */
  FanoutTake take;
  gpointer taker;
};

FanoutWriter *
fanout_writer_new (gsize piece, FanoutTake take, gpointer taker)
{
  FanoutWriter *self = g_new0 (FanoutWriter, 1);

  self->piece = piece;
  self->take = take;
  self->taker = taker;
  return self;
}

void
fanout_writer_free (FanoutWriter *self)
{
  if (self == NULL)
    return;
  g_free (self->bytes);
  g_free (self);
}

void
fanout_writer_reset (FanoutWriter *self)
{
  self->length = 0;
}

guint8 *
fanout_writer_bytes (const FanoutWriter *self, gsize *length)
{
  *length = self->length;
  return self->bytes;
}

static void
append (FanoutWriter *self, gconstpointer bytes, gsize length)
{
  if (length == 0)
    return;
  if (self->size - self->length < length)
    {
      self->size = MAX (MAX (2 * self->size, self->length + length), SIZE_MIN);
      self->bytes = g_realloc (self->bytes, self->size);
    }
  memcpy (self->bytes + self->length, bytes, length);
  self->length += length;
}

void
fanout_write (FanoutWriter *self, gconstpointer bytes, gsize length)
{
  const guint8 *next = bytes;

  while (self->take != NULL && length >= self->piece - self->length)
    {
      const gsize n = self->piece - self->length;

      append (self, next, n);
      self->length = 0;
      self->take (self->taker, self->bytes, self->piece);
      next += n;
      length -= n;
    }
  append (self, next, length);
}
