#include "core/input/ahead.h"
#include "core/input/convert.h"
#include "core/input/private.h"
#include "core/input/unpack.h"
#include <string.h>

#define SMALL_MAX ((guint64) 64 * 1024)

/* Of bytes that are ready before they are asked for: enough that who unpacks goes on while who
 * reads has not got a processor for some milliseconds, and for files whose turn has not come, that
 * there is much to begin with. */
#define AHEAD_ROOM ((gsize) 4 * 1024 * 1024)
#define LATER_ROOM ((gsize) 32 * 1024 * 1024)

/* Of the bound of a run all files together take so much. */
#define LATER_SHARE 8

/* Of files that are unpacked at the same time, and of threads for the members of one. */
#define FILES_MAX   8
#define THREADS_MAX 8
/* What one of these may hold. */
#define THREAD_ROOM ((gsize) 6 * 1024 * 1024)

/* Bytes that were read at an offset come again one after the other. */
static const char *
begun (const FanoutReaderInput *input, gsize *n)
{
  *n = input->sequential ? input->head_length : 0;
  return *n > 0 ? input->head + FANOUT_PADDING : NULL;
}

/* To start a thread takes longer than to unpack so little. */
static gboolean
is_small (const FanoutReaderInput *input)
{
  return input->bytes->end > 0 && input->bytes->end <= SMALL_MAX;
}

/* From now on its bytes are those of `top`, read by a thread where they are many. */
static gboolean
put_on_top (FanoutBlockReader *reader, FanoutReaderInput *input, FanoutBytes *top, GError **error)
{
  const gboolean small = is_small (input);
  FanoutBytes *ahead
      = small ? NULL : fanout_ahead_new (top, AHEAD_ROOM, &reader->ahead_memory, error);

  input->bytes = ahead != NULL ? ahead : top;
  input->ahead = ahead != NULL;
  input->sequential = TRUE;
  input->complete = FALSE;
  input->head_scanned = 0;
  fanout_reader_drop_head (input);
  return small || ahead != NULL;
}

/* A file that is unpacked beside others is by one thread. */
static guint
threads_for (const FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  const gsize room = reader->max_memory > 0 ? reader->max_memory / LATER_SHARE : G_MAXSIZE;
  gsize n;

  if (is_small (input) || input != &reader->inputs[reader->current])
    return 0;
  n = MIN (MIN (g_get_num_processors (), THREADS_MAX), room / THREAD_ROOM);
  return n > 1 ? (guint) n : 0;
}

static gboolean
unpack (FanoutBlockReader *reader, FanoutReaderInput *input, GError **error)
{
  gsize n;
  const char *data = begun (input, &n);
  FanoutBytes *top = fanout_unpack_new (input->bytes, input->packed, data, n,
                                        threads_for (reader, input), &reader->ahead_memory, error);

  return top != NULL && put_on_top (reader, input, top, error);
}

static gboolean
convert (FanoutBlockReader *reader, FanoutReaderInput *input, const char *encoding, GError **error)
{
  gsize n;
  const char *data = begun (input, &n);
  FanoutBytes *top = fanout_convert_new (input->bytes, encoding, data, n, error);

  return top != NULL && put_on_top (reader, input, top, error);
}

/* AUTO: the head is too short to know. */
static FanoutCompression
find_compression (const FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  FanoutCompression found = reader->compression;

  if (input->head_length == 0)
    return input->complete ? FANOUT_COMPRESSION_NONE : FANOUT_COMPRESSION_AUTO;
  if (found == FANOUT_COMPRESSION_AUTO)
    found = fanout_packed_kind (input->head + FANOUT_PADDING, input->head_length, input->complete);
  return found;
}

/* FALSE: the head is too short to know. NULL: as it is. */
static gboolean
find_encoding (const FanoutBlockReader *reader, const FanoutReaderInput *input,
               const char **encoding)
{
  static const char little[] = "\xff\xfe\0\0";
  static const char big[] = "\xfe\xff";
  const gsize n = input->head_length;
  const char *data;

  *encoding = NULL;
  if (n == 0)
    return input->complete;
  data = input->head + FANOUT_PADDING;
  if (reader->encoding != NULL)
    {
      *encoding = fanout_encoding_is_plain (reader->encoding) ? NULL : reader->encoding;
      return TRUE;
    }
  if (memcmp (data, little, MIN (n, 4)) == 0)
    {
      if (n < 4 && !input->complete)
        return FALSE;
      *encoding = n == 2 || n == 3 ? "utf-16" : NULL;
      return TRUE;
    }
  if (n == 1 && data[0] == big[0])
    return input->complete;
  if (n >= 2 && (memcmp (data, little, 2) == 0 || memcmp (data, big, 2) == 0))
    *encoding = "utf-16";
  return TRUE;
}

gboolean
fanout_reader_unwrap (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean *told,
                      GError **error)
{
  const char *encoding;

  if (!input->unpacked)
    {
      input->packed = find_compression (reader, input);
      *told = FALSE;
      if (input->packed == FANOUT_COMPRESSION_AUTO)
        return TRUE;
      input->unpacked = TRUE;
      if (input->packed != FANOUT_COMPRESSION_NONE && !unpack (reader, input, error))
        return FALSE;
    }
  if (!input->converted)
    {
      *told = FALSE;
      if (!find_encoding (reader, input, &encoding))
        return TRUE;
      input->converted = TRUE;
      if (encoding != NULL && !convert (reader, input, encoding, error))
        return FALSE;
    }
  *told = TRUE;
  return TRUE;
}

/* What is not a file may have its bytes for one reader alone. */
static gboolean
is_file (const FanoutReaderInput *input)
{
  gboolean found;
  guint64 size;

  return strcmp (input->path, "-") != 0 && fanout_bytes_look (input->path, &found, &size) && found
         && size > 0;
}

/* What is wrong with it is told in its turn. */
static void
begin_early (FanoutBlockReader *reader, FanoutReaderInput *input, gsize room)
{
  if (input->stage != FANOUT_STAGE_NEW || input->left_out || !is_file (input)
      || fanout_reader_open (input, NULL) != FANOUT_READ_BLOCK)
    return;
  if (fanout_reader_begin (reader, input, FALSE, NULL, NULL) == FANOUT_READ_FAILED)
    fanout_reader_close (input);
  else if (input->ahead)
    fanout_ahead_set_room (input->bytes, room);
}

void
fanout_reader_look_ahead (FanoutBlockReader *reader)
{
  const guint first = reader->current;
  const guint n = MIN (MIN (g_get_num_processors (), FILES_MAX), reader->n_inputs - first);
  const gsize room = CLAMP (reader->max_memory / LATER_SHARE / n, AHEAD_ROOM / 2, LATER_ROOM);

  fanout_ahead_set_room (reader->inputs[first].bytes, AHEAD_ROOM);
  for (guint i = first + 1; i < first + n; i++)
    begin_early (reader, &reader->inputs[i], room);
}
