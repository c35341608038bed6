#include "core/partial/fields.h"

#include <string.h>

/* What a length says is not believed before so many bytes of it are there. */
#define BELIEVED ((gsize) 64 * 1024)

void
fanout_put_u32 (FanoutSealer *out, guint32 value)
{
  const guint32 raw = GUINT32_TO_LE (value);
  fanout_sealer_write (out, &raw, sizeof raw);
}

void
fanout_put_u64 (FanoutSealer *out, guint64 value)
{
  const guint64 raw = GUINT64_TO_LE (value);
  fanout_sealer_write (out, &raw, sizeof raw);
}

void
fanout_put_length (FanoutSealer *out, guint64 length)
{
  guint8 bytes[FANOUT_FIELD_LENGTH_MAX];
  guint n = 0;
  for (; length >= 0x80; length >>= 7)
    bytes[n++] = (guint8) (length | 0x80);
  bytes[n++] = (guint8) length;
  fanout_sealer_write (out, bytes, n);
}

gboolean
fanout_put_bytes (FanoutSealer *out, gconstpointer bytes, gsize length)
{
  fanout_put_length (out, length);
  return fanout_sealer_write (out, bytes, length);
}

void
fanout_put_text (FanoutSealer *out, const char *text)
{
  fanout_put_bytes (out, text != NULL ? text : "", text != NULL ? strlen (text) : 0);
}

gboolean
fanout_get_u32 (FanoutSealed *in, guint32 *value)
{
  guint32 raw;
  if (!fanout_sealed_read (in, &raw, sizeof raw))
    return FALSE;
  *value = GUINT32_FROM_LE (raw);
  return TRUE;
}

gboolean
fanout_get_u64 (FanoutSealed *in, guint64 *value)
{
  guint64 raw;
  if (!fanout_sealed_read (in, &raw, sizeof raw))
    return FALSE;
  *value = GUINT64_FROM_LE (raw);
  return TRUE;
}

gboolean
fanout_get_length (FanoutSealed *in, guint64 *length)
{
  guint64 value = 0;
  for (guint i = 0; i < FANOUT_FIELD_LENGTH_MAX; i++)
    {
      guint8 byte;
      const guint shift = 7 * i;
      if (!fanout_sealed_read (in, &byte, 1)
          || (guint64) (byte & 0x7f) << shift >> shift != (byte & 0x7f))
        return FALSE;
      value |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *length = value;
          return TRUE;
        }
    }
  return FALSE;
}

void
fanout_buffer_resize (FanoutBuffer *buffer, gsize size)
{
  fanout_memory_count (buffer->memory, (gssize) (size - buffer->size));
  buffer->data = g_realloc (buffer->data, size);
  buffer->size = size;
}

void
fanout_buffer_clear (FanoutBuffer *buffer)
{
  fanout_buffer_resize (buffer, 0);
  buffer->length = 0;
}

void
fanout_buffer_pad (FanoutBuffer *buffer)
{
  enum
  {
    PADDING = 64,
  };
  if (buffer->length + PADDING > buffer->size)
    fanout_buffer_resize (buffer, MAX (buffer->size * 2, buffer->length + PADDING));
  memset (buffer->data + buffer->length, 0, PADDING);
  buffer->length += PADDING;
}

gboolean
fanout_buffer_is_full (const FanoutBuffer *buffer)
{
  return buffer->memory != NULL && fanout_memory_limit_exceeded (buffer->memory->limit);
}

/* Append; a NUL that does not count is always behind it. */
gboolean
fanout_get_bytes (FanoutSealed *in, FanoutBuffer *buffer, guint64 length)
{
  while (length > 0)
    {
      const gsize n = (gsize) MIN (length, (guint64) BELIEVED);
      if (buffer->length + n + 1 > buffer->size)
        fanout_buffer_resize (buffer, MAX (buffer->size * 2, buffer->length + n + 1));
      if (fanout_buffer_is_full (buffer)
          || !fanout_sealed_read (in, buffer->data + buffer->length, n))
        return FALSE;
      buffer->length += n;
      length -= n;
    }
  return TRUE;
}

gboolean
fanout_get_text (FanoutSealed *in, char **text)
{
  FanoutBuffer buffer = { 0 };
  guint64 length;
  if (!fanout_get_length (in, &length) || !fanout_get_bytes (in, &buffer, length))
    {
      g_free (buffer.data);
      return FALSE;
    }
  *text = buffer.data != NULL ? buffer.data : g_malloc (1);
  (*text)[buffer.length] = '\0';
  return TRUE;
}
