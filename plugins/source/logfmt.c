/* Lines of key=value. */

#include "delimited.h"
#include "lines.h"

typedef struct
{
  DelimitedOptions all;
} Options;

static const FanoutOption options[] = {
  DELIMITED_COMMENT,
  DELIMITED_SKIP_LINES,
  { .key = NULL },
};

/* Keys of a line that are expected where they were in the line before. */
#define GUESSES 64

typedef struct
{
  char *key; /* NULL: nothing is expected */
  gsize length;
  gint column; /* the first one that it is; -1: none */
} Guess;

/* What is kept in the chunk. */
typedef struct
{
  guint n_columns;
  gsize *lengths; /* of the columns' names */
  gint *same;     /* for each column: the next one of that name; -1: none */
  gint *first;    /* for each column: the first one of that name */
  FanoutText *values;
  gboolean *escaped; /* for each value: there is a backslash in it */
  Guess guesses[GUESSES];
} Own;

/* One pair, and where in the line it is. */
typedef struct
{
  FanoutText key;
  FanoutText value;
  gboolean escaped;
} Pair;

/* Texts are read beyond both of their ends. */
static const char padded_true[2 * FANOUT_PADDING + 4] = { [FANOUT_PADDING] = 't', 'r', 'u', 'e' };
static const FanoutText flag = { padded_true + FANOUT_PADDING, 4 };

/* What ends a key. */
static inline gboolean
ends_key (char c)
{
  return c == '=' || c == ' ' || c == '\t' || c == '"';
}

static inline gboolean
ends_value (char c)
{
  return c == ' ' || c == '\t' || c == '"';
}

static gboolean
column (gconstpointer data G_GNUC_UNUSED, const char *name, GError **error)
{
  for (const char *p = name; *p != '\0'; p++)
    if (ends_key (*p))
      {
        g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                     "'%s' is no key of logfmt: there is a %s in it", name,
                     *p == '='   ? "="
                     : *p == '"' ? "double quote"
                                 : "blank");
        return FALSE;
      }
  return TRUE;
}

static void
free_own (gpointer data)
{
  Own *own = data;

  for (guint i = 0; i < GUESSES; i++)
    g_free (own->guesses[i].key);
  g_free (own->lengths);
  g_free (own->same);
  g_free (own->first);
  g_free (own->values);
  g_free (own->escaped);
  g_free (own);
}

static Own *
own_of (FanoutChunk *chunk)
{
  const guint n = chunk->n_columns;
  Own *own = chunk->own;

  if (own != NULL)
    return own;
  own = g_new0 (Own, 1);
  own->n_columns = n;
  own->lengths = g_new (gsize, n + 1);
  own->same = g_new (gint, n + 1);
  own->first = g_new (gint, n + 1);
  own->values = g_new (FanoutText, n + 1);
  own->escaped = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const char *name = fanout_chunk_column (chunk, i)->name;
      guint before = i;

      own->lengths[i] = strlen (name);
      own->same[i] = -1;
      own->first[i] = (gint) i;
      while (before > 0 && own->first[i] == (gint) i)
        if (strcmp (fanout_chunk_column (chunk, --before)->name, name) == 0)
          {
            own->first[i] = own->first[before];
            own->same[before] = (gint) i;
          }
    }
  chunk->own = own;
  chunk->free_own = free_own;
  return own;
}

static gint
look_up (const Own *own, const FanoutChunk *chunk, FanoutText key)
{
  for (guint i = 0; i < own->n_columns; i++)
    if (own->lengths[i] == key.length
        && memcmp (fanout_chunk_column (chunk, i)->name, key.data, key.length) == 0)
      return own->first[i];
  return -1;
}

/* Whether the `i`-th key of a line, at `p`, is what it was in the line before, with a = behind. */
static inline gboolean
is_guess (const Own *own, guint i, const char *p, const char *end)
{
  const Guess *guess = i < GUESSES ? &own->guesses[i] : NULL;

  return guess != NULL && guess->key != NULL && (gsize) (end - p) > guess->length
         && p[guess->length] == '=' && memcmp (guess->key, p, guess->length) == 0;
}

/* The first column that the `i`-th key of a line is. */
static inline gint
find_column (Own *own, const FanoutChunk *chunk, guint i, FanoutText key)
{
  Guess *guess;

  if (i >= GUESSES)
    return look_up (own, chunk, key);
  guess = &own->guesses[i];
  if (guess->key != NULL && guess->length == key.length
      && memcmp (guess->key, key.data, key.length) == 0)
    return guess->column;
  g_free (guess->key);
  guess->key = g_memdup2 (key.data, key.length);
  guess->length = key.length;
  guess->column = look_up (own, chunk, key);
  return guess->column;
}

static void
set_value (Own *own, FanoutChunk *chunk, gint first, const Pair *pair)
{
  for (gint i = first; i >= 0; i = own->same[i])
    {
      own->values[i] = pair->value;
      own->escaped[i] = pair->escaped;
      fanout_chunk_column (chunk, (guint) i)->seen = TRUE;
    }
}

/* Behind the value in quotes that opens at `p`; NULL: it is not closed. */
static const char *
take_quoted (const char *p, const char *end, Pair *pair)
{
  const char *start = ++p;

  for (; p < end && *p != '"'; p++)
    if (*p == '\\')
      {
        pair->escaped = TRUE;
        p++;
      }
  if (p >= end)
    return NULL;
  pair->value = (FanoutText){ start, (gsize) (p - start) };
  return p + 1;
}

/* Behind the pair at `p`, whose key is known to have `known` bytes, if any; NULL with `reason` and
 * `at`. */
static inline const char *
take_pair (const char *p, const char *end, gsize known, Pair *pair, const char **reason,
           const char **at)
{
  const char *start = p;

  *pair = (Pair){ .value = flag };
  p += known;
  while (p < end && !ends_key (*p))
    p++;
  pair->key = (FanoutText){ start, (gsize) (p - start) };
  *at = p;
  *reason = "a double quote in a key";
  if (p == start && *p == '=')
    *reason = "a = without a key before it";
  if (p < end && (*p == '"' || p == start))
    return NULL;
  if (p == end || *p != '=')
    return p;
  p++;
  *at = p;
  if (p < end && *p == '"')
    {
      *reason = "a quote that is never closed";
      p = take_quoted (p, end, pair);
      if (p == NULL)
        return NULL;
      *at = p;
      *reason = "text behind a closing quote";
      return p == end || *p == ' ' || *p == '\t' ? p : NULL;
    }
  start = p;
  while (p < end && !ends_value (*p))
    p++;
  pair->value = (FanoutText){ start, (gsize) (p - start) };
  *at = p;
  *reason = "a double quote in a value that does not begin with one";
  return p == end || *p != '"' ? p : NULL;
}

/* The character of \uXXXX at `p`; 0: it is none. */
static gunichar
unicode_of (const char *p, const char *end)
{
  gunichar value = 0;

  if (end - p < 6)
    return 0;
  for (guint i = 2; i < 6; i++)
    {
      const gint digit = g_ascii_xdigit_value (p[i]);

      if (digit < 0)
        return 0;
      value = value * 16 + (gunichar) digit;
    }
  return value;
}

/* The character at `p`, where there is a backslash, and behind it. What is no escape stands for
 * itself: Windows' paths are written so. */
static const char *
unescape_one (const char *p, const char *end, char **to)
{
  static const char letters[] = "\"\\/nrt";
  static const char plain[] = "\"\\/\n\r\t";
  const char *found = p + 1 < end && p[1] != '\0' ? strchr (letters, p[1]) : NULL;
  gunichar value = p + 1 < end && p[1] == 'u' ? unicode_of (p, end) : 0;
  gsize length = 6;

  if (found != NULL)
    {
      *(*to)++ = plain[found - letters];
      return p + 2;
    }
  if (value >= 0xd800 && value < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u')
    {
      const gunichar low = unicode_of (p + 6, end);

      if (low >= 0xdc00 && low < 0xe000)
        {
          value = 0x10000u + ((value - 0xd800u) << 10) + (low - 0xdc00u);
          length = 12;
        }
    }
  if (value == 0 || (value >= 0xd800 && value < 0xe000))
    {
      *(*to)++ = *p;
      return p + 1;
    }
  *to += g_unichar_to_utf8 (value, *to);
  return p + length;
}

static FanoutText
unescape (FanoutChunk *chunk, FanoutText text)
{
  const char *p = text.data;
  const char *end = p + text.length;
  char *start = fanout_chunk_text (chunk, text.length);
  char *to = start;

  while (p < end)
    if (*p == '\\')
      p = unescape_one (p, end, &to);
    else
      *to++ = *p++;
  return (FanoutText){ start, (gsize) (to - start) };
}

static gboolean
put_values (const Own *own, const FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  for (guint i = 0; i < own->n_columns; i++)
    {
      FanoutText value = own->values[i];

      if (own->escaped[i])
        value = unescape (chunk, value);
      if (!fanout_chunk_put (chunk, block, i, value.data, value.length, error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

static inline const char *
skip_blanks (const char *p, const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  return p;
}

/* FALSE with `error` unless the line became a row, is none or was skipped. */
static gboolean
put_line (Own *own, const FanoutBlock *block, FanoutChunk *chunk, const Line *line, GError **error)
{
  const char *end = line->text + line->length;
  const char *p = skip_blanks (line->text, end);
  gboolean good;

  if (!line_check (chunk, block, line, &good, error))
    return FALSE;
  if (!good || p == end)
    return TRUE;
  for (guint i = 0; i < own->n_columns; i++)
    {
      own->values[i] = (FanoutText){ line->text, 0 };
      own->escaped[i] = FALSE;
    }
  for (guint i = 0; p < end; i++, p = skip_blanks (p, end))
    {
      const gboolean guessed = is_guess (own, i, p, end);
      const char *reason, *at;
      gint first;
      Pair pair;

      p = take_pair (p, end, guessed ? own->guesses[i].length : 0, &pair, &reason, &at);
      if (p == NULL)
        return fanout_chunk_bad_row (chunk, block, error, "column %zu: %s",
                                     (gsize) (at - line->text) + 1, reason);
      first = guessed ? own->guesses[i].column : find_column (own, chunk, i, pair.key);
      if (first >= 0)
        set_value (own, chunk, first, &pair);
    }
  return put_values (own, block, chunk, error);
}

static gboolean
decode_lines (gconstpointer data G_GNUC_UNUSED, FanoutBlock *block, FanoutChunk *chunk,
              GError **error)
{
  Own *own = own_of (chunk);

  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    {
      const Line line = line_next (block);

      if (!put_line (own, block, chunk, &line, error))
        return FALSE;
      line_pass (block, &line);
    }
  return TRUE;
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return delimited_decode_others (data, decode_lines, block, chunk, error);
}

static const FanoutSource logfmt = {
  .size = sizeof (FanoutSource),
  .name = "logfmt",
  .summary = "lines of key=value",
  .details
  = "The columns are the keys; one that a line has not is null there, and so is one with nothing "
    "behind its =. A key alone is 'true'. A value with blanks stands in double quotes, with \\\", "
    "\\\\, \\n, \\r, \\t and \\uXXXX inside; a backslash before anything else stands for itself. "
    "Of "
    "a key that is repeated the last one counts; a blank line is no row. Bad rows: a quote that is "
    "not closed or has text behind it, one elsewhere, a = without a key, a NUL byte.",
  FANOUT_OPTIONS (Options, options),
  .prepare = delimited_prepare_others,
  .lead = delimited_lead,
  .column = column,
  .decode = decode,
  .flags = FANOUT_SPARSE,
};

FANOUT_SOURCES (&logfmt);
