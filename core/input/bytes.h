#pragma once

/**
 * An input as bytes with a position, whatever they come from: a file, a pipe, what is packed in
 * one of them. They come one after the other, or at any offset where `read_at` is there.
 */

#include <glib.h>

typedef enum
{
  FANOUT_READ_BLOCK = 0,
  FANOUT_READ_WAIT, /* there are none by now: poll the file descriptor that is named */
  FANOUT_READ_END,
  FANOUT_READ_FAILED,
  FANOUT_READ_REST, /* nobody is to read on for now */
} FanoutRead;

typedef struct
{
  guint64 offset; /* of the next byte among these bytes */
  guint64 source; /* where those stand that it came from: the same, but for unpacked or converted
                     bytes */
} FanoutPosition;

typedef struct FanoutBytes FanoutBytes;

typedef struct
{
  /** What there is, at most `room` bytes (at least 1); BLOCK with 0 of them at the end. WAIT in
   * place of waiting. */
  FanoutRead (*read) (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error);
  /** `length` bytes at `offset`, all of them before `end`. Any thread. (nullable) */
  gboolean (*read_at) (FanoutBytes *bytes, char *to, gsize length, guint64 offset, GError **error);
  /** What to poll for reading after WAIT. */
  int (*fd) (const FanoutBytes *bytes);
  FanoutPosition (*position) (const FanoutBytes *bytes);
  /** All of it counts as read: leave what others go on with behind it. (nullable) */
  void (*finish) (FanoutBytes *bytes);
  void (*free) (FanoutBytes *bytes);
} FanoutBytesType;

struct FanoutBytes
{
  const FanoutBytesType *type;
  const char *name; /* for messages; outlives it */
  guint64 end;      /* the offset behind the last byte; 0: unknown */
};

static inline void
fanout_bytes_free (FanoutBytes *bytes)
{
  if (bytes != NULL)
    bytes->type->free (bytes);
}

static inline void
fanout_bytes_finish (FanoutBytes *bytes)
{
  if (bytes->type->finish != NULL)
    bytes->type->finish (bytes);
}

/** A regular file, from where it stands, or anything else, as a pipe; "-" is standard input. Does
 * not wait for the writer of a FIFO. NULL with `error` (FANOUT_ERROR_INPUT). */
FanoutBytes *fanout_bytes_open (const char *path, const char *name, GError **error);

/** What is there to be opened, for what it says beforehand: whether it is a regular file, and its
 * size. FALSE when it cannot be looked at. */
gboolean fanout_bytes_look (const char *path, gboolean *is_file, guint64 *size);
