#include "core/pass/key-rows.h"

void
fanout_key_rows_init (FanoutKeyRows *rows, guint n_keys, gsize room)
{
  *rows = (FanoutKeyRows){ .n_keys = n_keys,
                           .room = room,
                           .texts = g_new0 (FanoutText, n_keys * room + 1),
                           .nulls = g_new0 (guint8, n_keys * room + 1),
                           .columns = g_new0 (FanoutColumn, n_keys + 1),
                           .pointers = g_new0 (const FanoutColumn *, n_keys + 1),
                           .arena = g_byte_array_new () };
  for (guint k = 0; k < n_keys; k++)
    {
      rows->columns[k] = (FanoutColumn){ .form = FANOUT_FORM_TEXT,
                                         .text = rows->texts + k * room,
                                         .null = rows->nulls + k * room };
      rows->pointers[k] = &rows->columns[k];
    }
}

void
fanout_key_rows_clear (FanoutKeyRows *rows)
{
  g_free (rows->texts);
  g_free (rows->nulls);
  g_free (rows->columns);
  g_free (rows->pointers);
  g_byte_array_unref (rows->arena);
}

/* The core reads beyond both ends of texts. */
static void
put_padding (FanoutKeyRows *rows)
{
  static const guint8 padding[64] = { 0 };
  g_byte_array_append (rows->arena, padding, sizeof padding);
}

void
fanout_key_rows_begin (FanoutKeyRows *rows)
{
  g_byte_array_set_size (rows->arena, 0);
  put_padding (rows);
}

void
fanout_key_rows_put (FanoutKeyRows *rows, guint key, gsize row, FanoutText text, gboolean null)
{
  const gsize cell = key * rows->room + row;
  rows->texts[cell] = (FanoutText){ GSIZE_TO_POINTER (rows->arena->len), null ? 0 : text.length };
  rows->nulls[cell] = null ? 1 : 0;
  if (!null)
    g_byte_array_append (rows->arena, (const guint8 *) text.data, (guint) text.length);
}

void
fanout_key_rows_end (FanoutKeyRows *rows, gsize n)
{
  put_padding (rows);
  for (guint k = 0; k < rows->n_keys; k++)
    for (gsize i = 0; i < n; i++)
      {
        FanoutText *text = &rows->texts[k * rows->room + i];
        text->data = (const char *) rows->arena->data + GPOINTER_TO_SIZE (text->data);
      }
}
