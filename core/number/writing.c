#include "core/number/writing.h"

#include <string.h>

/* Whether a byte means something in a number already, or nothing at all. */
static gboolean
is_taken (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '-' || c == '\n' || c == '\r' || c == '\t';
}

gboolean
fanout_writing_set (FanoutWriting *writing, const char *decimal, const char *thousands,
                    const char **reason)
{
  const gsize length = thousands != NULL ? strlen (thousands) : 0;

  if (strlen (decimal) != 1 || is_taken (decimal[0]) || decimal[0] == ' ')
    *reason = "the decimal mark is one ASCII character, and no letter, digit, sign or blank";
  else if (length >= sizeof writing->thousands
           || (length > 0
               && (!g_utf8_validate (thousands, (gssize) length, NULL)
                   || g_utf8_strlen (thousands, (gssize) length) != 1 || is_taken (thousands[0]))))
    *reason = "the mark between thousands is one character, and no letter, digit or sign";
  else if (length > 0 && thousands[0] == decimal[0])
    *reason = "the decimal mark and the one between thousands are the same";
  else
    {
      memset (writing, 0, sizeof *writing);
      writing->decimal = decimal[0];
      if (length > 0)
        memcpy (writing->thousands, thousands, length);
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* A text on its way from one way of writing to the other. */
typedef struct
{
  const char *from;
  const char *end;
  char *to;
} Rewriting;

static guint
take_digits (Rewriting *self)
{
  guint n = 0;

  for (; self->from < self->end && g_ascii_isdigit (*self->from); n++)
    *self->to++ = *self->from++;
  return n;
}

static gboolean
take_mark (Rewriting *self, const char *mark)
{
  gsize n = 0;

  while (mark[n] != '\0' && self->from + n < self->end && self->from[n] == mark[n])
    n++;
  if (n == 0 || mark[n] != '\0')
    return FALSE;
  self->from += n;
  return TRUE;
}

/* The digits before the decimal mark, without what is between them; FALSE where that stands
 * elsewhere. */
static gboolean
take_whole (Rewriting *self, const char *thousands)
{
  guint digits = take_digits (self);
  gboolean first = TRUE;

  if (!take_mark (self, thousands))
    return TRUE;
  do
    {
      if (digits == 0 || digits > 3 || (digits == 1 && !first))
        return FALSE;
      first = FALSE;
      digits = take_digits (self);
    }
  while (take_mark (self, thousands));
  return digits == 3;
}

gsize
fanout_writing_rewrite (const FanoutWriting *writing, const char *text, gsize length, char *out)
{
  Rewriting self = { text, text, out };

  if (length == 0)
    return 0;
  self.end += length;
  while (self.from < self.end && is_blank (*self.from))
    self.from++;
  while (self.from < self.end && is_blank (self.end[-1]))
    self.end--;
  if (self.from < self.end && (*self.from == '-' || *self.from == '+'))
    *self.to++ = *self.from++;
  if (!take_whole (&self, writing->thousands))
    return 0;
  if (self.from < self.end && *self.from == writing->decimal)
    {
      *self.to++ = '.';
      self.from++;
    }
  for (; self.from < self.end; self.from++)
    {
      if (*self.from == '.')
        return 0;
      *self.to++ = *self.from;
    }
  return (gsize) (self.to - out);
}

gboolean
fanout_number_parse_written_wide (const char *text, gsize length, const FanoutWriting *writing,
                                  FanoutNumber *number, FanoutWide *room, gboolean *rounded)
{
  char own[128];
  g_autofree char *longer = NULL;
  char *plain = own;

  if (fanout_writing_is_plain (writing))
    return fanout_number_parse_wide (text, length, number, room, rounded);
  if (length > sizeof own)
    {
      longer = g_malloc (length);
      plain = longer;
    }
  length = fanout_writing_rewrite (writing, text, length, plain);
  return length > 0 && fanout_number_parse_wide (plain, length, number, room, rounded);
}

gboolean
fanout_number_parse_written (const char *text, gsize length, const FanoutWriting *writing,
                             FanoutNumber *number, gboolean *rounded)
{
  return fanout_number_parse_written_wide (text, length, writing, number, NULL, rounded);
}
