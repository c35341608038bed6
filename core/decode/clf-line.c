#include "core/decode/clf.h"
#include <string.h>

const char *const fanout_clf_columns[FANOUT_CLF_FIELDS + 1]
    = { "vhost", "host",     "ident",  "user",  "time",    "request", "method",
        "path",  "protocol", "status", "bytes", "referer", "agent",   NULL };

/* A line being taken apart. */
typedef struct
{
  const char *p;
  const char *end;
  const char *wanted; /* what was, where it is not right */
  FanoutText *fields;
} Line;

gboolean
fanout_clf_has (FanoutClfFormat format, FanoutClfField field)
{
  return field == FANOUT_CLF_VHOST ? format == FANOUT_CLF_VHOST_COMBINED
                                   : field < FANOUT_CLF_REFERER || format != FANOUT_CLF_COMMON;
}

/* A field that is - is none. */
static FanoutText
field_of (const char *start, const char *end)
{
  const gsize length = (gsize) (end - start);

  return (FanoutText){ start, length == 1 && *start == '-' ? 0 : length };
}

/* The blank that is to be between two fields. */
static gboolean
take_blank (Line *line)
{
  line->wanted = "a blank";
  if (line->p == line->end || *line->p != ' ')
    return FALSE;
  line->p++;
  return TRUE;
}

/* Up to the next blank, or the end. */
static gboolean
take_word (Line *line, FanoutClfField field)
{
  const char *start = line->p;

  while (line->p < line->end && *line->p != ' ')
    line->p++;
  line->wanted = fanout_clf_columns[field];
  line->fields[field] = field_of (start, line->p);
  return line->p > start;
}

static gboolean
take_time (Line *line)
{
  const char *close;

  line->wanted = "a time in brackets";
  if (line->p == line->end || *line->p != '[')
    return FALSE;
  close = memchr (line->p, ']', (gsize) (line->end - line->p));
  if (close == NULL)
    return FALSE;
  line->fields[FANOUT_CLF_TIME] = field_of (line->p + 1, close);
  line->p = close + 1;
  return TRUE;
}

static gboolean
take_quoted (Line *line, FanoutClfField field, const char *wanted)
{
  const char *p = line->p + 1;

  line->wanted = wanted;
  if (line->p == line->end || *line->p != '"')
    return FALSE;
  line->wanted = "a quote that closes the one here";
  for (; p < line->end && *p != '"'; p++)
    p += *p == '\\';
  if (p >= line->end)
    return FALSE;
  line->fields[field] = field_of (line->p + 1, p);
  line->p = p + 1;
  return TRUE;
}

static gboolean
is_protocol (const char *p, const char *end)
{
  const char *start = p;

  while (p < end && *p >= 'A' && *p <= 'Z')
    p++;
  return p > start && p < end && *p == '/';
}

void
fanout_clf_request (FanoutText request, FanoutText *fields)
{
  const char *start = request.data;
  const char *end = start + request.length;
  const char *first = memchr (start, ' ', request.length);
  const char *last = end;

  fields[0] = fields[1] = fields[2] = (FanoutText){ start, 0 };
  if (first == NULL)
    return;
  while (last[-1] != ' ')
    last--;
  fields[0] = field_of (start, first);
  fields[1] = field_of (first + 1, end);
  if (last - 1 > first && is_protocol (last, end))
    {
      fields[1] = field_of (first + 1, last - 1);
      fields[2] = field_of (last, end);
    }
}

static gboolean
take_line (Line *line, FanoutClfFormat format)
{
  if (format == FANOUT_CLF_VHOST_COMBINED
      && !(take_word (line, FANOUT_CLF_VHOST) && take_blank (line)))
    return FALSE;
  if (!take_word (line, FANOUT_CLF_HOST) || !take_blank (line)
      || !take_word (line, FANOUT_CLF_IDENT) || !take_blank (line)
      || !take_word (line, FANOUT_CLF_USER) || !take_blank (line) || !take_time (line)
      || !take_blank (line) || !take_quoted (line, FANOUT_CLF_REQUEST, "a request in double quotes")
      || !take_blank (line) || !take_word (line, FANOUT_CLF_STATUS) || !take_blank (line)
      || !take_word (line, FANOUT_CLF_BYTES))
    return FALSE;
  if (format != FANOUT_CLF_COMMON
      && (!take_blank (line)
          || !take_quoted (line, FANOUT_CLF_REFERER, "a referer in double quotes")
          || !take_blank (line)
          || !take_quoted (line, FANOUT_CLF_AGENT, "an agent in double quotes")))
    return FALSE;
  line->wanted = "a blank or the end of the line";
  return line->p == line->end || *line->p == ' ';
}

gboolean
fanout_clf_line (FanoutClfFormat format, const char *text, gsize length, FanoutText *fields,
                 const char **wanted, gsize *at)
{
  Line line = { .p = text, .end = text + length, .fields = fields };

  for (guint i = 0; i < FANOUT_CLF_FIELDS; i++)
    fields[i] = (FanoutText){ text, 0 };
  if (take_line (&line, format))
    {
      fanout_clf_request (fields[FANOUT_CLF_REQUEST], fields + FANOUT_CLF_METHOD);
      return TRUE;
    }
  *wanted = line.wanted;
  *at = (gsize) (line.p - text);
  return FALSE;
}

const char *
fanout_clf_hint (FanoutClfFormat format, const char *line, gsize length)
{
  static const char *const hints[] = {
    [FANOUT_CLF_COMMON] = "; it is right for format = common",
    [FANOUT_CLF_COMBINED] = "; it is right for format = combined",
    [FANOUT_CLF_VHOST_COMBINED] = "; it is right for format = vhost",
  };
  FanoutText fields[FANOUT_CLF_FIELDS];
  const char *wanted;
  gsize at;

  for (guint i = G_N_ELEMENTS (hints); i-- > 0;)
    if (i != (guint) format
        && fanout_clf_line ((FanoutClfFormat) i, line, length, fields, &wanted, &at))
      return hints[i];
  return "";
}

/* The byte of \xHH at `p`; -1: it is none. */
static gint
byte_of (const char *p, const char *end)
{
  if (end - p < 4 || p[1] != 'x' || g_ascii_xdigit_value (p[2]) < 0
      || g_ascii_xdigit_value (p[3]) < 0)
    return -1;
  return g_ascii_xdigit_value (p[2]) * 16 + g_ascii_xdigit_value (p[3]);
}

FanoutText
fanout_clf_plain (FanoutChunk *chunk, FanoutText text)
{
  static const char letters[] = "\"\\bnrtv";
  static const char plain[] = "\"\\\b\n\r\t\v";
  const char *p = text.data;
  const char *end = p + text.length;
  char *start, *to;

  if (memchr (p, '\\', text.length) == NULL)
    return text;
  start = to = fanout_chunk_text (chunk, text.length);
  while (p < end)
    {
      const char *found = *p == '\\' && p + 1 < end && p[1] != '\0' ? strchr (letters, p[1]) : NULL;
      const gint byte = *p == '\\' ? byte_of (p, end) : -1;

      if (byte >= 0)
        *to++ = (char) byte;
      else
        *to++ = found != NULL ? plain[found - letters] : *p;
      p += byte >= 0 ? 4 : found != NULL ? 2 : 1;
    }
  return (FanoutText){ start, (gsize) (to - start) };
}
