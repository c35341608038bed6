#include "core/decode/delimited.h"
#include <string.h>

/* From the bounds of an index, which may be more, to the fields of rows, which are as many in each.
 */
typedef struct
{
  const FanoutDialect *dialect;
  const FanoutIndex *index;
  const char *data;
  gsize length;
  gsize max_row;
  gboolean quotes; /* there are some: each field is looked at */
  gboolean doubled;

  gsize bound; /* the next one of the index */
  gsize row;   /* where the row begins */
  guint n;     /* its fields so far */
  gsize end;   /* without the row end, once that is found */
  gsize next;  /* behind the row end */

  guint32 *starts; /* of the row */
  guint32 *nexts;
} Loose;

/* Whether the quotes of a field are around it, or doubled between these. */
static gboolean
check_quotes (Loose *self, gsize start, gsize end)
{
  const char quote = (char) self->index->quote;
  const char *p = self->data + start;
  const char *last = self->data + end - 1;

  if (start == end || *p != quote)
    return start == end || memchr (p, quote, end - start) == NULL;
  if (p == last || *last != quote)
    return FALSE;
  while ((p = memchr (p + 1, quote, (gsize) (last - p - 1))) != NULL)
    {
      p++;
      if (p == last || *p != quote)
        return FALSE;
      self->doubled = TRUE;
    }
  return TRUE;
}

static gboolean
add_field (Loose *self, gsize start, gsize end)
{
  if (self->dialect->trim)
    {
      while (start < end && fanout_is_blank (self->data[start]))
        start++;
      while (start < end && fanout_is_blank (self->data[end - 1]))
        end--;
    }
  if (self->quotes && !check_quotes (self, start, end))
    return FALSE;
  if (self->n < self->index->n_fields)
    {
      self->starts[self->n] = (guint32) start;
      self->nexts[self->n] = (guint32) end + 1;
    }
  self->n++;
  return TRUE;
}

static gsize
without_return (const Loose *self, gsize end)
{
  return end > self->row && self->data[end - 1] == '\r' ? end - 1 : end;
}

/* Bytes of the delimiter whose first one stands there; 0: it is none. */
static gsize
delimiter_length (const Loose *self, gsize at)
{
  const char *text = self->dialect->delimiter_text;
  const gsize length = text != NULL ? strlen (text) : 1;

  return length == 1 || (length <= self->length - at && memcmp (self->data + at, text, length) == 0)
             ? length
             : 0;
}

/* The fields of the next row; FALSE where it is not right, or not all there. */
static gboolean
take_row (Loose *self)
{
  gsize start = self->row;

  while (self->bound <= self->index->n)
    {
      const gsize at = self->index->starts[self->bound++] - 1;
      gsize length;

      if (self->data[at] == '\n')
        {
          self->end = without_return (self, at);
          self->next = at + 1;
          return add_field (self, start, self->end);
        }
      /* Of a delimiter of several bytes, those behind the first one may look like it. */
      length = at >= start ? delimiter_length (self, at) : 0;
      if (length == 0)
        continue;
      if (!add_field (self, start, at))
        return FALSE;
      start = at + length;
    }
  return FALSE;
}

/* The same where fields are what is between blanks, and the row end is known to be there. */
static gboolean
take_runs (Loose *self)
{
  gsize at = self->row;

  for (;;)
    {
      gsize start, end;

      while (at < self->length && fanout_is_blank (self->data[at]))
        at++;
      if (at == self->length)
        return FALSE;
      if (self->data[at] == '\n')
        {
          self->end = without_return (self, at);
          self->next = at + 1;
          return TRUE;
        }
      if (self->bound >= self->index->n)
        return FALSE;
      start = at;
      at = self->index->nexts[self->bound++] - 1;
      end = self->data[at] == '\n' ? without_return (self, at) : at;
      if (end > start && !add_field (self, start, end))
        return FALSE;
    }
}

static gboolean
is_right (const Loose *self)
{
  const FanoutDialect *dialect = self->dialect;
  const gboolean blank = self->n == 0 || (self->n == 1 && self->nexts[0] == self->starts[0] + 1);

  if (blank || (self->max_row > 0 && self->end - self->row > self->max_row))
    return FALSE;
  return self->n == self->index->n_fields || dialect->ragged;
}

void
fanout_loose_rows (const FanoutDialect *dialect, const FanoutIndex *index, gsize length,
                   gsize max_rows, FanoutChunk *chunk, FanoutPiece *piece)
{
  const gboolean runs = index->delimiter == FANOUT_DELIMITER_WHITESPACE;
  const guint n_fields = index->n_fields;
  const gsize room = MIN (max_rows, index->n_rows);
  guint32 *starts = fanout_chunk_loose (chunk, room * (2 * (gsize) n_fields + 1));
  guint32 *nexts = starts + room * n_fields;
  guint32 *ends = nexts + room * n_fields;
  Loose self = {
    .dialect = dialect,
    .index = index,
    .data = piece->data,
    .length = length,
    .max_row = chunk->max_row,
    .quotes = (index->found & FANOUT_FOUND_QUOTE) != 0,
    .bound = runs ? 0 : 1,
  };
  gsize n = 0;

  for (; n < room; n++, self.row = self.next)
    {
      self.n = 0;
      self.starts = starts + n * n_fields;
      self.nexts = nexts + n * n_fields;
      if (fanout_dialect_is_comment (dialect, self.data + self.row, length - self.row)
          || !(runs ? take_runs (&self) : take_row (&self)) || !is_right (&self))
        break;
      for (; self.n < n_fields; self.n++)
        {
          self.starts[self.n] = (guint32) self.end;
          self.nexts[self.n] = (guint32) self.end + 1;
        }
      ends[n] = (guint32) self.next;
    }
  piece->starts = starts;
  piece->nexts = nexts;
  piece->ends = ends;
  piece->n_rows = n;
  piece->doubled = self.doubled;
  piece->quote = self.quotes ? index->quote : FANOUT_QUOTE_NONE;
  piece->returns = FALSE;
  piece->trim = FALSE;
}
