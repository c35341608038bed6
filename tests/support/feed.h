#pragma once

/** Bytes that come piece by piece, with nothing to be had between two pieces, and what others make
 * of them. */

#include "core/input/bytes.h"
#include <check.h>
#include <string.h>

typedef struct
{
  const char *data;
  gsize length;
} Bytes;

#define BYTES(text)                                                                                \
  {                                                                                                \
    text, sizeof (text) - 1                                                                        \
  }

typedef struct
{
  FanoutBytes bytes;
  Bytes data;
  gsize offset;
  gsize first; /* of the first piece, if not 0 */
  gsize piece; /* of others; 0: all */
  gboolean dry;
} Feed;

static inline FanoutRead
read_feed (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error G_GNUC_UNUSED)
{
  Feed *self = (Feed *) bytes;
  gsize piece = self->piece > 0 ? self->piece : self->data.length;

  ck_assert_uint_gt (room, 0);
  self->dry = !self->dry;
  if (self->dry)
    return FANOUT_READ_WAIT;
  if (self->offset < self->first)
    piece = self->first - self->offset;
  piece = MIN (piece, self->data.length - self->offset);
  *got = MIN (room, piece);
  if (*got > 0)
    memcpy (to, self->data.data + self->offset, *got);
  self->offset += *got;
  return FANOUT_READ_BLOCK;
}

static inline int
no_fd (const FanoutBytes *bytes G_GNUC_UNUSED)
{
  return -1;
}

static inline FanoutPosition
feed_position (const FanoutBytes *bytes)
{
  const Feed *self = (const Feed *) bytes;
  const FanoutPosition position = { self->offset, self->offset };

  return position;
}

static inline void
keep (FanoutBytes *bytes G_GNUC_UNUSED)
{
}

static const FanoutBytesType feed_type = {
  .read = read_feed,
  .fd = no_fd,
  .position = feed_position,
  .free = keep,
};

/* To be given away to others, which have no need to free it. */
static inline FanoutBytes *
feed_open (Feed *feed)
{
  feed->bytes.type = &feed_type;
  feed->bytes.name = "x";
  return &feed->bytes;
}

/* All that `made` from the feed gives, at most `room` bytes at a time, with ~ for NUL; a failure is
 * the last line. */
static inline char *
feed_read (const Feed *feed, FanoutBytes *made, gsize room)
{
  GString *text = g_string_new (NULL);
  gboolean more = TRUE;
  char buffer[256];
  guint waits = 0;

  ck_assert_uint_le (room, sizeof buffer);
  while (more)
    {
      g_autoptr (GError) error = NULL;
      gsize got = 0;
      const FanoutRead result = made->type->read (made, buffer, room, &got, &error);

      if (result == FANOUT_READ_WAIT)
        ck_assert_uint_lt (waits++, 100000);
      else if (result == FANOUT_READ_BLOCK)
        {
          const FanoutPosition position = made->type->position (made);

          for (gsize i = 0; i < got; i++)
            g_string_append_c (text, buffer[i] != '\0' ? buffer[i] : '~');
          more = got > 0;
          ck_assert_uint_eq (position.offset, text->len);
          ck_assert (more || position.source == feed->data.length);
        }
      else
        {
          g_string_append (text, error->message);
          more = FALSE;
        }
    }
  return g_string_free (text, FALSE);
}
