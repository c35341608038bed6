#include "core/group/table-keys.h"
#include "core/base/pages.h"

void
fanout_keys_init (FanoutKeys *keys, guint n_keys, FanoutMemory *memory)
{
  memset (keys, 0, sizeof *keys);
  keys->n_keys = n_keys;
  keys->memory = memory;
}

void
fanout_keys_clear (FanoutKeys *keys)
{
  for (gsize i = 0; i < keys->n_far; i++)
    fanout_release (keys->memory, keys->far[i].bytes, keys->far[i].size);
  fanout_pages_resize (keys->memory, keys->far, keys->far_size, 0);
  fanout_pages_resize (keys->memory, keys->bytes, keys->bytes_size, 0);
  fanout_pages_resize (keys->memory, keys->starts, keys->starts_size, 0);
  fanout_pages_resize (keys->memory, keys->bases, keys->bases_size, 0);
  fanout_keys_init (keys, keys->n_keys, keys->memory);
}

/* Room for `need` bytes in an array. */
static gpointer
want (FanoutKeys *keys, gpointer array, gsize *size, gsize need)
{
  const gsize old = *size;

  if (G_LIKELY (need <= old))
    return array;
  *size = fanout_pages_grow (keys->memory, old, need);
  return fanout_pages_resize (keys->memory, array, old, *size);
}

static guint32
append_far (FanoutKeys *keys, const guint8 *record, gsize size)
{
  FanoutFarKey *far;

  keys->far = want (keys, keys->far, &keys->far_size, (keys->n_far + 1) * sizeof *far);
  far = &keys->far[keys->n_far];
  far->size = size + 2 * FANOUT_KEY_SLACK;
  far->bytes = fanout_allocate (keys->memory, far->size);
  far->id = (guint32) keys->n;
  memcpy (far->bytes + FANOUT_KEY_SLACK, record, size);
  return (guint32) keys->n_far++ | FANOUT_KEYS_FAR_MARK;
}

void
fanout_keys_append (FanoutKeys *keys, const guint8 *record, gsize size)
{
  const guint64 run = keys->n >> FANOUT_KEYS_RUN_BITS;

  keys->starts = want (keys, keys->starts, &keys->starts_size, (keys->n + 1) * sizeof (guint32));
  if (G_UNLIKELY (keys->n == run << FANOUT_KEYS_RUN_BITS))
    {
      keys->bases = want (keys, keys->bases, &keys->bases_size, (run + 1) * sizeof (gsize));
      keys->used = MAX (keys->used, FANOUT_KEY_SLACK);
      keys->bases[run] = keys->used;
    }
  if (G_UNLIKELY (size > FANOUT_KEYS_FAR))
    keys->starts[keys->n] = append_far (keys, record, size);
  else
    {
      keys->bytes
          = want (keys, keys->bytes, &keys->bytes_size, keys->used + size + FANOUT_KEY_SLACK);
      keys->starts[keys->n] = (guint32) (keys->used - keys->bases[run]);
      memcpy (keys->bytes + keys->used, record, size);
      keys->used += size;
    }
  keys->n++;
}

void
fanout_keys_cut (FanoutKeys *keys, guint64 n)
{
  while (keys->n_far > 0 && keys->far[keys->n_far - 1].id >= n)
    {
      const FanoutFarKey *far = &keys->far[--keys->n_far];

      fanout_release (keys->memory, far->bytes, far->size);
    }
  /* The first of the others that is not far away is where theirs begin. */
  for (guint64 id = n; id < keys->n; id++)
    if ((keys->starts[id] & FANOUT_KEYS_FAR_MARK) == 0)
      {
        keys->used = keys->bases[id >> FANOUT_KEYS_RUN_BITS] + keys->starts[id];
        break;
      }
  keys->n = MIN (keys->n, n);
}

/* Where the record of `id` begins; of one that is far away, or of none, the end of those before it
 * is not known here: 0. */
static gsize
offset_of (const FanoutKeys *keys, guint64 id)
{
  if (id >= keys->n || (keys->starts[id] & FANOUT_KEYS_FAR_MARK) != 0)
    return 0;
  return keys->bases[id >> FANOUT_KEYS_RUN_BITS] + keys->starts[id];
}

void
fanout_keys_pass (FanoutKeys *keys, guint64 first, gsize n)
{
  const gsize to = offset_of (keys, first + n);

  if (to > 0)
    {
      fanout_pages_pass (keys->bytes, keys->bytes_size, keys->passed, to);
      keys->passed = to;
    }
  fanout_pages_pass (keys->starts, keys->starts_size, first * sizeof (guint32),
                     (first + n) * sizeof (guint32));
}

gsize
fanout_record_measure (guint n_keys, const FanoutText *texts)
{
  gsize size = n_keys;

  for (guint k = 0; k < n_keys; k++)
    if (texts[k].data != NULL)
      size += texts[k].length + (texts[k].length < FANOUT_KEY_LONG - 1 ? 0 : sizeof (guint64));
  return size;
}

static void
write_long (guint n_keys, const FanoutText *texts, guint8 *record)
{
  guint8 *next = record + n_keys;

  for (guint k = 0; k < n_keys; k++)
    if (texts[k].data == NULL)
      record[k] = 0;
    else if (texts[k].length < FANOUT_KEY_LONG - 1)
      record[k] = (guint8) (texts[k].length + 1);
    else
      {
        const guint64 length = texts[k].length;

        record[k] = FANOUT_KEY_LONG;
        memcpy (next, &length, sizeof length);
        next += sizeof length;
      }
  for (guint k = 0; k < n_keys; k++)
    if (texts[k].data != NULL)
      {
        memcpy (next, texts[k].data, texts[k].length);
        next += texts[k].length;
      }
}

void
fanout_record_write (guint n_keys, const FanoutText *texts, guint8 *record)
{
  guint8 *next = record + n_keys;

  for (guint k = 0; k < n_keys; k++)
    {
      const gsize length = texts[k].length;

      if (texts[k].data == NULL)
        {
          record[k] = 0;
          continue;
        }
      if (G_UNLIKELY (length >= FANOUT_KEY_LONG - 1))
        {
          write_long (n_keys, texts, record);
          return;
        }
      record[k] = (guint8) (length + 1);
      memcpy (next, texts[k].data, 16);
      if (length > 16)
        memcpy (next + 16, texts[k].data + 16, length - 16);
      next += length;
    }
}

gsize
fanout_record_read_long (guint n_keys, const guint8 *record, FanoutText *texts)
{
  const guint8 *lengths = record + n_keys;
  const guint8 *next = lengths;

  for (guint k = 0; k < n_keys; k++)
    if (record[k] == FANOUT_KEY_LONG)
      next += sizeof (guint64);
  for (guint k = 0; k < n_keys; k++)
    {
      FanoutText text = { NULL, 0 };

      if (record[k] != 0)
        {
          text.data = (const char *) next;
          text.length = (gsize) record[k] - 1;
        }
      if (record[k] == FANOUT_KEY_LONG)
        {
          text.length = fanout_load_64 (lengths);
          lengths += sizeof (guint64);
        }
      if (texts != NULL)
        texts[k] = text;
      next += text.length;
    }
  return (gsize) (next - record);
}

void
fanout_record_key_long (guint n_keys, const guint8 *record, guint key, FanoutText *text)
{
  const guint8 *lengths = record + n_keys;
  const guint8 *next = lengths;

  for (guint k = 0; k < n_keys; k++)
    if (record[k] == FANOUT_KEY_LONG)
      next += sizeof (guint64);
  for (guint k = 0;; k++)
    {
      gsize length = (gsize) record[k] - (record[k] != 0);

      if (record[k] == FANOUT_KEY_LONG)
        {
          length = fanout_load_64 (lengths);
          lengths += sizeof (guint64);
        }
      if (k == key)
        {
          text->data = (const char *) next;
          text->length = length;
          return;
        }
      next += length;
    }
}
