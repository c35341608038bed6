#include "core/table-keys.h"
#include "core/memory.h"
#include <sys/mman.h>

void
fanout_want_huge_pages (gpointer block, gsize size)
{
#ifdef MADV_HUGEPAGE
  const guintptr page = 2 * 1024 * 1024;
  const guintptr from = ((guintptr) block + page - 1) & ~(page - 1);
  const guintptr to = ((guintptr) block + size) & ~(page - 1);

  if (from < to)
    madvise ((gpointer) from, to - from, MADV_HUGEPAGE);
#else
  (void) block;
  (void) size;
#endif
}

/* As fanout_reallocate, but what is added is not zeroed: it is about to be written. */
static gpointer
resize (FanoutMemory *memory, gpointer block, gsize old_size, gsize new_size)
{
  fanout_memory_count (memory, (gssize) (new_size - old_size));
  block = g_realloc (block, new_size);
  if (new_size > old_size)
    fanout_want_huge_pages (block, new_size);
  return block;
}

void
fanout_keys_init (FanoutKeys *keys, guint n_keys, FanoutMemory *memory)
{
  memset (keys, 0, sizeof *keys);
  keys->n_keys = n_keys;
  keys->memory = memory;
}

static void
clear_page (FanoutKeys *keys, FanoutKeyPage *page)
{
  fanout_release (keys->memory, page->bytes, page->size);
  fanout_release (keys->memory, page->starts, page->n_starts * sizeof (guint32));
  memset (page, 0, sizeof *page);
}

void
fanout_keys_clear (FanoutKeys *keys)
{
  for (gsize i = 0; i < keys->n_pages; i++)
    clear_page (keys, &keys->pages[i]);
  fanout_release (keys->memory, keys->pages, keys->n_pages * sizeof (FanoutKeyPage));
  for (gsize i = 0; i < keys->n_far; i++)
    fanout_release (keys->memory, keys->far[i].bytes, keys->far[i].size);
  fanout_release (keys->memory, keys->far, keys->size_far * sizeof (FanoutFarKey));
  fanout_keys_init (keys, keys->n_keys, keys->memory);
}

void
fanout_keys_forget (FanoutKeys *keys, guint64 before)
{
  before = MIN (before, keys->n);
  for (guint64 i = before >> FANOUT_KEYS_PAGE_BITS; i > 0 && keys->pages[i - 1].starts != NULL; i--)
    clear_page (keys, &keys->pages[i - 1]);
  for (gsize i = 0; i < keys->n_far && keys->far[i].id < before; i++)
    {
      fanout_release (keys->memory, keys->far[i].bytes, keys->far[i].size);
      keys->far[i].bytes = NULL;
      keys->far[i].size = 0;
    }
}

static void
open_page (FanoutKeys *keys, gsize index)
{
  FanoutKeyPage *page, *last;

  if (index == keys->n_pages)
    {
      keys->n_pages += index / 4 + 1;
      keys->pages = fanout_reallocate (keys->memory, keys->pages, index * sizeof (FanoutKeyPage),
                                       keys->n_pages * sizeof (FanoutKeyPage));
    }
  if (index == 0)
    return;
  /* It will get about as full as the last one, and that one grows no more. */
  page = &keys->pages[index];
  last = &keys->pages[index - 1];
  page->n_starts = FANOUT_KEYS_PAGE;
  page->starts = resize (keys->memory, NULL, 0, page->n_starts * sizeof (guint32));
  page->size = last->used + last->used / 16 + 2 * FANOUT_KEY_SLACK;
  page->bytes = resize (keys->memory, NULL, 0, page->size);
  memset (page->bytes, 0, FANOUT_KEY_SLACK);
  page->used = FANOUT_KEY_SLACK;
  if (last->bytes != NULL)
    {
      last->bytes = resize (keys->memory, last->bytes, last->size, last->used + FANOUT_KEY_SLACK);
      last->size = last->used + FANOUT_KEY_SLACK;
    }
}

static guint32
append_far (FanoutKeys *keys, const guint8 *record, gsize size)
{
  FanoutFarKey *far;

  if (keys->n_far == keys->size_far)
    {
      const gsize old = keys->size_far;

      keys->size_far = old + old / 2 + 4;
      keys->far = fanout_reallocate (keys->memory, keys->far, old * sizeof (FanoutFarKey),
                                     keys->size_far * sizeof (FanoutFarKey));
    }
  far = &keys->far[keys->n_far];
  far->size = size + 2 * FANOUT_KEY_SLACK;
  far->bytes = resize (keys->memory, NULL, 0, far->size);
  far->id = (guint32) keys->n;
  memset (far->bytes, 0, FANOUT_KEY_SLACK);
  memcpy (far->bytes + FANOUT_KEY_SLACK, record, size);
  memset (far->bytes + FANOUT_KEY_SLACK + size, 0, FANOUT_KEY_SLACK);
  return (guint32) keys->n_far++ | FANOUT_KEYS_FAR_MARK;
}

static void
grow_page (FanoutKeys *keys, FanoutKeyPage *page, gsize size)
{
  const gsize need = page->used + size + FANOUT_KEY_SLACK;
  const gsize more = page->size < 64 * 1024 ? MAX (page->size, 256) : page->size / 4;
  const gsize to = MAX (need, page->size + more);

  page->bytes = resize (keys->memory, page->bytes, page->size, to);
  if (page->used == 0)
    {
      memset (page->bytes, 0, FANOUT_KEY_SLACK);
      page->used = FANOUT_KEY_SLACK;
    }
  page->size = to;
}

void
fanout_keys_append (FanoutKeys *keys, const guint8 *record, gsize size)
{
  const gsize i = keys->n & (FANOUT_KEYS_PAGE - 1);
  FanoutKeyPage *page;

  if (i == 0)
    open_page (keys, keys->n >> FANOUT_KEYS_PAGE_BITS);
  page = &keys->pages[keys->n >> FANOUT_KEYS_PAGE_BITS];
  if (G_UNLIKELY (i == page->n_starts))
    {
      const gsize to = i == 0 ? 64 : 2 * i;

      page->starts
          = resize (keys->memory, page->starts, i * sizeof (guint32), to * sizeof (guint32));
      page->n_starts = to;
    }
  if (G_UNLIKELY (size > FANOUT_KEYS_FAR))
    page->starts[i] = append_far (keys, record, size);
  else
    {
      if (G_UNLIKELY (page->used + size + FANOUT_KEY_SLACK > page->size))
        grow_page (keys, page, size + FANOUT_KEY_SLACK);
      page->starts[i] = (guint32) page->used;
      memcpy (page->bytes + page->used, record, size);
      page->used += size;
      memset (page->bytes + page->used, 0, FANOUT_KEY_SLACK);
    }
  keys->n++;
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
