#pragma once

/** A text decoded in pieces, and told as another text. */

#include "core/decode/delimited.h"
#include "core/decode/json.h"
#include "core/base/error.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 8

/* How every message about a row of another length ends. */
#define RAGGED "; ragged = true takes shorter and longer rows"

/* What is decoded, and how. */
typedef struct
{
  FanoutDialect dialect;
  guint n_columns;
  guint fields[COLUMNS_MAX];
  FanoutTakes takes[COLUMNS_MAX];
  FanoutBad on_bad_row;
  FanoutBad on_bad_value;
  gsize max_row;
  const char *null_values[4];
  const char *paths[COLUMNS_MAX]; /* of JSON lines, which are decoded in place of `dialect` then */
} Case;

/* All of a text as blocks, and the rows that came of it. */
typedef struct
{
  const FanoutScanner *scanner;
  const Case *test;
  FanoutChunk *chunk;
  FanoutBlock block;
  GString *out;
  GError *error;
} Decoding;

#define COMMA .delimiter = ',', .quote = '"'
#define CSV                                                                                        \
  {                                                                                                \
    COMMA                                                                                          \
  }

#define N FANOUT_TAKES_NUMBER
#define T FANOUT_TAKES_TEXT
#define X FANOUT_TAKES_NOTHING

static inline void
append_text (GString *out, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] > ' ' && text[i] <= '~')
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "<%02x>", (guchar) text[i]);
}

static inline void
append_number (GString *out, FanoutNumber number)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  if (fanout_number_is_double (number))
    g_string_append_c (out, '~');
  else
    while (number.scale > 0 && number.mantissa % 10 == 0)
      number = fanout_number_decimal (number.mantissa / 10, (guint8) (number.scale - 1));
  fanout_number_format (number, text);
  g_string_append (out, text);
}

/* RECORD|value|value..., a null as -, a double with ~ before it. */
static inline void
dump_rows (Decoding *self)
{
  const FanoutChunk *chunk = self->chunk;

  for (gsize row = 0; row < chunk->n_rows; row++)
    {
      g_string_append_printf (self->out, "%" G_GUINT64_FORMAT,
                              chunk->consecutive ? chunk->first_row + row : chunk->rows[row]);
      for (guint i = 0; i < chunk->n_columns; i++)
        {
          FanoutColumn view;

          fanout_chunk_view (&chunk->columns[i], row, &view);
          g_string_append_c (self->out, '|');
          if (view.null != NULL && view.null[0])
            g_string_append_c (self->out, '-');
          else if (view.form == FANOUT_FORM_TEXT)
            append_text (self->out, view.text[0].data, view.text[0].length);
          else if (view.form == FANOUT_FORM_NONE)
            g_string_append_c (self->out, '+');
          else
            append_number (self->out, fanout_column_number (&view, 0));
        }
      g_string_append_c (self->out, '\n');
    }
}

static inline void
decode_block (Decoding *self, const char *data, gsize length)
{
  g_autofree char *padded = g_malloc (length + 2 * FANOUT_PADDING);

  /* What must not matter looks as if it did. */
  memset (padded, '7', length + 2 * FANOUT_PADDING);
  padded[FANOUT_PADDING - 1] = '\r';
  padded[FANOUT_PADDING + length] = '"';
  memcpy (padded + FANOUT_PADDING, data, length);
  self->block.data = padded + FANOUT_PADDING;
  self->block.length = length;
  self->block.offset = 0;
  while (self->error == NULL && self->block.offset < length)
    {
      const gboolean good
          = self->test->paths[0] != NULL
                ? fanout_json_decode_with (self->scanner, &self->block, self->chunk, &self->error)
                : fanout_delimited_decode_with (self->scanner, &self->test->dialect, &self->block,
                                                self->chunk, &self->error);

      ck_assert_int_eq (good, self->error == NULL);
      dump_rows (self);
      fanout_chunk_reset (self->chunk);
    }
}

/* Cut a text behind rows, at most `piece` bytes at a time where they hold a row. */
static inline void
decode_blocks (Decoding *self, const char *text, gsize length, gsize piece)
{
  FanoutScan scan = { .quoted = FALSE };
  gsize from = 0, tail = 0;

  for (gsize at = 0, n; at < length && self->error == NULL; at += n)
    {
      n = MIN (piece, length - at);
      if (self->test->paths[0] != NULL)
        fanout_scan_lines (text + at, n, &scan);
      else
        fanout_delimited_scan (&self->test->dialect, text + at, n, &scan);
      tail = scan.tail > 0 ? at + scan.tail : tail;
      if (tail > from)
        decode_block (self, text + from, tail - from);
      from = tail;
    }
  if (from < length && self->error == NULL)
    decode_block (self, text + from, length - from);
}

static inline void
dump_end (Decoding *self)
{
  const FanoutChunk *chunk = self->chunk;

  if (chunk->rows_skipped > 0)
    g_string_append_printf (self->out, "skipped %" G_GUINT64_FORMAT ": %s\n", chunk->rows_skipped,
                            chunk->first_skipped);
  if (chunk->values_nulled > 0)
    g_string_append_printf (self->out, "nulled %" G_GUINT64_FORMAT ": %s\n", chunk->values_nulled,
                            chunk->first_nulled);
  if (self->error != NULL)
    {
      ck_assert (g_error_matches (self->error, FANOUT_ERROR, FANOUT_ERROR_DATA));
      g_string_append_printf (self->out, "%s @%" G_GUINT64_FORMAT "\n", self->error->message,
                              self->block.record);
    }
}

/* Everything that comes of a text, as a text. `rounded` (nullable) counts rounded integers. */
static inline char *
decode (const FanoutScanner *scanner, const Case *test, const char *text, gsize length,
        gsize capacity, gsize piece, guint64 *rounded)
{
  FanoutChunkWant wants[COLUMNS_MAX];
  g_auto (GStrv) names = NULL;
  gsize header = 0;
  g_autoptr (FanoutChunk) chunk = NULL;
  g_autoptr (GError) error = NULL;
  Decoding self = { .scanner = scanner, .test = test, .out = g_string_new (NULL) };

  for (guint i = 0; i < test->n_columns; i++)
    {
      static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

      wants[i] = (FanoutChunkWant){ .name = letters[i], .takes = test->takes[i] };
      if (test->paths[0] != NULL)
        wants[i].name = test->paths[i];
    }
  chunk = fanout_chunk_new (test->n_columns, wants, capacity);
  chunk->on_bad_row = test->on_bad_row;
  chunk->on_bad_value = test->on_bad_value;
  chunk->max_row = test->max_row;
  chunk->null_values = test->null_values[0] != NULL ? test->null_values : NULL;
  self.chunk = chunk;
  self.block = (FanoutBlock){ .name = "f", .line = 1, .fields = test->fields };
  if (length > 0 && test->paths[0] == NULL
      && !fanout_delimited_header (&test->dialect, text, length, TRUE, &names, &self.block.n_fields,
                                   &header, &error))
    {
      g_string_append_printf (self.out, "header: %s\n", error->message);
      return g_string_free (self.out, FALSE);
    }
  for (gsize i = 0; i < header; i++)
    self.block.line += text[i] == '\n';
  decode_blocks (&self, text + header, length - header, piece);
  dump_end (&self);
  if (rounded != NULL)
    *rounded = chunk->numbers_rounded;
  g_clear_error (&self.error);
  return g_string_free (self.out, FALSE);
}
