#include "core/decode/delimited.h"
#include <string.h>

gboolean
fanout_dialect_is_comment (const FanoutDialect *dialect, const char *data, gsize length)
{
  const char *comment = dialect->comment;
  gsize n = 0;

  if (comment == NULL)
    return FALSE;
  while (n < length && comment[n] != '\0' && data[n] == comment[n])
    n++;
  return comment[n] == '\0';
}

/* Where a scan stands, as FanoutScan.quoted: FALSE at the start of a row, TRUE inside quotes, or
 * else: */
enum
{
  IN_ROW = 2,
  IN_COMMENT,
  /* + how many bytes of `comment` came since the start of the row, at least 1 */
  IN_PREFIX,
};

typedef struct
{
  const FanoutDialect *dialect;
  const char *data;
  gsize length;
  gsize at;
  gint state;
  FanoutScan *found;
} Walk;

/* At the start of a row: whether it is a comment. */
static void
match_prefix (Walk *self)
{
  const char *comment = self->dialect->comment;
  gsize n = self->state > IN_PREFIX ? (gsize) (self->state - IN_PREFIX) : 0;

  while (comment[n] != '\0' && self->at < self->length && self->data[self->at] == comment[n])
    {
      n++;
      self->at++;
    }
  if (comment[n] == '\0')
    self->state = IN_COMMENT;
  else if (self->at < self->length)
    self->state = IN_ROW;
  else
    self->state = n > 0 ? IN_PREFIX + (gint) n : FALSE;
}

static void
pass_comment (Walk *self)
{
  const char *feed = memchr (self->data + self->at, '\n', self->length - self->at);

  if (feed == NULL)
    {
      self->at = self->length;
      return;
    }
  self->at = (gsize) (feed - self->data) + 1;
  self->found->tail = self->at;
  self->found->rows++;
  self->found->lines++;
  self->state = FALSE;
}

/* The next line that may be a comment. */
static gsize
next_candidate (const Walk *self)
{
  const char *end = self->data + self->length;
  const char *p = self->data + self->at + 1;

  while (p < end && (p = memchr (p, self->dialect->comment[0], (gsize) (end - p))) != NULL)
    if (p[-1] == '\n')
      return (gsize) (p - self->data);
    else
      p++;
  return self->length;
}

static void
pass_rows (Walk *self)
{
  const gsize to = next_candidate (self);
  FanoutScan scan = { .quoted = self->state == TRUE };

  fanout_scan_quoted (self->data + self->at, to - self->at, (char) self->dialect->quote, &scan);
  self->found->rows += scan.rows;
  self->found->lines += scan.lines;
  if (scan.rows > 0)
    self->found->tail = self->at + scan.tail;
  self->at = to;
  if (scan.quoted)
    self->state = TRUE;
  else
    self->state = self->data[to - 1] == '\n' ? FALSE : IN_ROW;
}

void
fanout_comment_scan (const FanoutDialect *dialect, const char *data, gsize length, FanoutScan *scan)
{
  Walk self = { dialect, data, length, 0, scan->quoted, scan };

  scan->tail = 0;
  scan->rows = scan->lines = 0;
  while (self.at < length)
    if (self.state == IN_COMMENT)
      pass_comment (&self);
    else if (self.state == TRUE || self.state == IN_ROW)
      pass_rows (&self);
    else
      match_prefix (&self);
  scan->quoted = self.state;
}

/* The end of the line at `at`, FALSE where it is not there. */
static gboolean
find_line (const char *data, gsize at, gsize length, gboolean complete, gsize *end)
{
  const char *feed = memchr (data + at, '\n', length - at);

  *end = feed != NULL ? (gsize) (feed - data) : length;
  return feed != NULL || complete;
}

static gboolean
is_blank_line (const char *text, gsize length)
{
  while (length > 0 && (*text == ' ' || *text == '\t' || *text == '\r'))
    {
      text++;
      length--;
    }
  return length == 0;
}

gboolean
fanout_delimited_lead (const FanoutDialect *dialect, const char *data, gsize length,
                       gboolean complete, guint64 *lines, gsize *passed, gsize *row)
{
  gsize at = 0, end;

  for (*row = *passed = 0; *lines < dialect->skip_lines; (*lines)++)
    {
      const gboolean found = find_line (data, at, length, FALSE, &end);

      *row = *passed = at = found ? end + 1 : length;
      if (!found)
        return complete;
    }
  for (; at < length && find_line (data, at, length, complete, &end); *row = at)
    {
      const gboolean comment = fanout_dialect_is_comment (dialect, data + at, end - at);

      if (!comment && !is_blank_line (data + at, end - at))
        return TRUE;
      at = MIN (end + 1, length);
      /* Rows of nulls are blank lines too, where there is no header. */
      if (*passed == *row && (comment || (dialect->header && dialect->comment != NULL)))
        {
          *passed = at;
          *lines += end < length;
        }
    }
  return complete;
}
