/* Logs of web servers, as Apache and nginx write them. */

#include "lines.h"

enum
{
  VHOST,
  HOST,
  IDENT,
  USER,
  TIME,
  REQUEST,
  METHOD,
  PATH,
  PROTOCOL,
  STATUS,
  BYTES,
  REFERER,
  AGENT,
  N_FIELDS,
};

static const char *const columns[]
    = { "vhost", "host",     "ident",  "user",  "time",    "request", "method",
        "path",  "protocol", "status", "bytes", "referer", "agent",   NULL };

typedef enum
{
  FORMAT_COMMON,
  FORMAT_COMBINED,
  FORMAT_VHOST,
} Format;

static const char *const formats[] = { "common", "combined", "vhost", NULL };

typedef struct
{
  gint format;
} Options;

static const FanoutOption options[] = {
  { .key = "format",
    .type = FANOUT_OPTION_CHOICE,
    .offset = offsetof (Options, format),
    .value = "combined",
    .choices = formats,
    .help = "common: up to the bytes; combined: with referer and agent; vhost: that, behind the "
            "name of the virtual host" },
  { .key = NULL },
};

/* A line being taken apart. */
typedef struct
{
  const char *p;
  const char *end;
  const char *wanted; /* what was, where it is not right */
  FanoutText fields[N_FIELDS];
} Log;

static char **
names (gconstpointer data G_GNUC_UNUSED)
{
  return g_strdupv ((char **) columns);
}

static gboolean
header (gconstpointer data, const char *text G_GNUC_UNUSED, gsize length G_GNUC_UNUSED,
        gboolean complete G_GNUC_UNUSED, char ***found, guint *n_fields, gsize *header_length,
        GError **error G_GNUC_UNUSED)
{
  *found = names (data);
  *n_fields = N_FIELDS;
  *header_length = 0;
  return TRUE;
}

/* A field that is - is none. */
static inline void
set (Log *log, guint field, const char *start, const char *end)
{
  const gsize length = (gsize) (end - start);

  log->fields[field] = (FanoutText){ start, length == 1 && *start == '-' ? 0 : length };
}

/* The blank that is to be between two fields. */
static inline gboolean
take_blank (Log *log)
{
  log->wanted = "a blank";
  if (log->p == log->end || *log->p != ' ')
    return FALSE;
  log->p++;
  return TRUE;
}

/* Up to the next blank, or the end. */
static inline gboolean
take_word (Log *log, guint field)
{
  const char *start = log->p;

  while (log->p < log->end && *log->p != ' ')
    log->p++;
  log->wanted = columns[field];
  set (log, field, start, log->p);
  return log->p > start;
}

static inline gboolean
take_time (Log *log)
{
  const char *close;

  log->wanted = "a time in brackets";
  if (log->p == log->end || *log->p != '[')
    return FALSE;
  close = memchr (log->p, ']', (gsize) (log->end - log->p));
  if (close == NULL)
    return FALSE;
  set (log, TIME, log->p + 1, close);
  log->p = close + 1;
  return TRUE;
}

/* Whether an odd number of backslashes is before a quote. */
static gboolean
is_escaped (const char *start, const char *quote)
{
  gsize n = 0;

  while (quote - n > start && quote[-1 - (gssize) n] == '\\')
    n++;
  return n % 2 == 1;
}

static inline gboolean
take_quoted (Log *log, guint field)
{
  const char *start = log->p + 1;
  const char *close;

  log->wanted = field == REQUEST   ? "a request in double quotes"
                : field == REFERER ? "a referer in double quotes"
                                   : "an agent in double quotes";
  if (log->p == log->end || *log->p != '"')
    return FALSE;
  log->wanted = "a quote that closes the one here";
  close = start;
  while ((close = memchr (close, '"', (gsize) (log->end - close))) != NULL
         && G_UNLIKELY (is_escaped (start, close)))
    close++;
  if (close == NULL)
    return FALSE;
  set (log, field, start, close);
  log->p = close + 1;
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

/* METHOD PATH PROTOCOL; what is not so has none of them, and one without a protocol is HTTP/0.9. */
static inline void
split_request (Log *log)
{
  const FanoutText request = log->fields[REQUEST];
  const char *start = request.data;
  const char *end = start + request.length;
  const char *first = memchr (start, ' ', request.length);
  const char *last = end;

  for (guint field = METHOD; field <= PROTOCOL; field++)
    log->fields[field] = (FanoutText){ start, 0 };
  if (first == NULL)
    return;
  set (log, METHOD, start, first);
  while (last[-1] != ' ')
    last--;
  if (last - 1 > first && is_protocol (last, end))
    {
      set (log, PATH, first + 1, last - 1);
      set (log, PROTOCOL, last, end);
    }
  else
    set (log, PATH, first + 1, end);
}

static inline gboolean
take_line (const Options *self, Log *log)
{
  if (self->format == FORMAT_VHOST && !(take_word (log, VHOST) && take_blank (log)))
    return FALSE;
  if (!take_word (log, HOST) || !take_blank (log) || !take_word (log, IDENT) || !take_blank (log)
      || !take_word (log, USER) || !take_blank (log) || !take_time (log) || !take_blank (log)
      || !take_quoted (log, REQUEST) || !take_blank (log) || !take_word (log, STATUS)
      || !take_blank (log) || !take_word (log, BYTES))
    return FALSE;
  if (self->format != FORMAT_COMMON
      && (!take_blank (log) || !take_quoted (log, REFERER) || !take_blank (log)
          || !take_quoted (log, AGENT)))
    return FALSE;
  log->wanted = "a blank or the end of the line";
  return log->p == log->end || *log->p == ' ';
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

/* What the servers wrote for bytes that would have been in the way. */
static FanoutText
unescape (FanoutChunk *chunk, FanoutText text)
{
  static const char letters[] = "\"\\bnrtv";
  static const char plain[] = "\"\\\b\n\r\t\v";
  const char *p = text.data;
  const char *end = p + text.length;
  char *start = fanout_chunk_text (chunk, text.length);
  char *to = start;

  while (p < end)
    {
      const char *found = *p == '\\' && p + 1 < end ? strchr (letters, p[1]) : NULL;
      const gint byte = *p == '\\' ? byte_of (p, end) : -1;

      if (byte >= 0)
        *to++ = (char) byte;
      else
        *to++ = found != NULL ? plain[found - letters] : *p;
      p += byte >= 0 ? 4 : found != NULL ? 2 : 1;
    }
  return (FanoutText){ start, (gsize) (to - start) };
}

static inline gboolean
has_field (const Options *self, guint field)
{
  return field == VHOST ? self->format == FORMAT_VHOST
                        : field < REFERER || self->format != FORMAT_COMMON;
}

static gboolean
put_fields (const Options *self, const Log *log, const FanoutBlock *block, FanoutChunk *chunk,
            gboolean escaped, GError **error)
{
  for (guint i = 0; i < chunk->n_columns; i++)
    {
      const guint field = block->fields[i];
      FanoutText text = log->fields[field];

      fanout_chunk_column (chunk, i)->seen = has_field (self, field);
      if (G_UNLIKELY (escaped) && memchr (text.data, '\\', text.length) != NULL)
        text = unescape (chunk, text);
      if (!fanout_chunk_put (chunk, block, i, text.data, text.length, error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

/* The way out, where the line looks like another format. */
static const char *
hint (const Options *self, const Line *line)
{
  for (gint format = FORMAT_VHOST; format >= FORMAT_COMMON; format--)
    {
      const Options other = { .format = format };
      Log again = { .p = line->text, .end = line->text + line->length };

      if (format != self->format && take_line (&other, &again))
        return format == FORMAT_VHOST      ? "; it is right for format = vhost"
               : format == FORMAT_COMBINED ? "; it is right for format = combined"
                                           : "; it is right for format = common";
    }
  return "";
}

/* FALSE with `error` unless the line became a row, is none or was skipped. */
static gboolean
put_line (const Options *self, const FanoutBlock *block, FanoutChunk *chunk, const Line *line,
          GError **error)
{
  Log log = { .p = line->text, .end = line->text + line->length };
  gboolean good;

  if (!line_check (chunk, block, line, &good, error))
    return FALSE;
  if (!good)
    return TRUE;
  for (guint i = 0; i < N_FIELDS; i++)
    log.fields[i] = (FanoutText){ line->text, 0 };
  if (!take_line (self, &log))
    return fanout_chunk_bad_row (chunk, block, error, "column %zu: %s is wanted%s",
                                 (gsize) (log.p - line->text) + 1, log.wanted, hint (self, line));
  split_request (&log);
  return put_fields (self, &log, block, chunk, memchr (line->text, '\\', line->length) != NULL,
                     error);
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    {
      const Line line = line_next (block);

      if (!put_line (data, block, chunk, &line, error))
        return FALSE;
      line_pass (block, &line);
    }
  return TRUE;
}

static const FanoutSource clf = {
  .size = sizeof (FanoutSource),
  .name = "clf",
  .summary = "logs of web servers, as Apache and nginx write them",
  .details
  = "The columns are vhost, host, ident, user, time (without its brackets), request, its parts "
    "method, path and protocol, status, bytes, referer and agent. A field that is - is null, and "
    "so "
    "are those that the format has not. In quotes, \\\", \\\\, \\xHH and C's letters for control "
    "characters are read as what they stand for. What a line has behind its format is left out, an "
    "empty line is no row, a line that is not so is a bad row, and the message says at which "
    "byte.",
  FANOUT_OPTIONS (Options, options),
  .names = names,
  .header = header,
  .decode = decode,
  .flags = FANOUT_SPARSE,
};

FANOUT_SOURCES (&clf);
