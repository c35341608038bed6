#include "core/plan/guess.h"
#include "core/decode/clf.h"
#include <string.h>

/* So many of the first lines are looked at. */
#define LINES 8

typedef struct
{
  const char *text;
  gsize length;
} Line;

typedef struct
{
  Line lines[LINES]; /* that are not blank */
  guint n;
} Head;

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static Head
take_lines (const char *data, gsize length, gboolean complete)
{
  Head head = { .n = 0 };
  const char *end;

  if (length == 0)
    return head;
  end = data + length;
  if (length >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0)
    data += 3;
  while (data < end && head.n < LINES)
    {
      const char *feed = memchr (data, '\n', (gsize) (end - data));
      const char *next = feed != NULL ? feed + 1 : end;
      const char *stop = feed != NULL ? feed : end;

      if (feed == NULL && !complete && head.n > 0)
        break;
      while (data < stop && is_blank (*data))
        data++;
      if (stop > data && stop[-1] == '\r')
        stop--;
      if (stop > data)
        head.lines[head.n++] = (Line){ data, (gsize) (stop - data) };
      data = next;
    }
  return head;
}

/* A name in quotes, or the end, behind a brace. */
static gboolean
is_object (const Line *line)
{
  gsize i = 1;

  if (line->text[0] != '{')
    return FALSE;
  while (i < line->length && is_blank (line->text[i]))
    i++;
  return i < line->length && (line->text[i] == '"' || line->text[i] == '}');
}

static gboolean
is_log (const Line *line, FanoutClfFormat format)
{
  FanoutText fields[FANOUT_CLF_FIELDS];
  const char *wanted;
  gsize at;

  return fanout_clf_line (format, line->text, line->length, fields, &wanted, &at);
}

static gboolean
is_key (const char *start, const char *end)
{
  if (start == end || !(g_ascii_isalpha (*start) || *start == '_' || *start == '@'))
    return FALSE;
  for (; start < end; start++)
    if (!g_ascii_isalnum (*start) && strchr ("_-.@/", *start) == NULL)
      return FALSE;
  return TRUE;
}

/* Behind the value at `p`; NULL: it is none. */
static const char *
skip_value (const char *p, const char *end)
{
  if (p < end && *p == '"')
    {
      for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
      return p < end ? p + 1 : NULL;
    }
  while (p < end && !is_blank (*p))
    if (*p++ == '"')
      return NULL;
  return p;
}

/* Pairs with blanks between, at least two of them, and nothing else. */
static gboolean
is_pairs (const Line *line)
{
  const char *p = line->text;
  const char *end = p + line->length;
  guint n = 0;

  for (; p < end; n++)
    {
      const char *equals = memchr (p, '=', (gsize) (end - p));

      if (equals == NULL || !is_key (p, equals))
        return FALSE;
      p = skip_value (equals + 1, end);
      if (p == NULL || (p < end && !is_blank (*p)))
        return FALSE;
      while (p < end && is_blank (*p))
        p++;
    }
  return n >= 2;
}

static gsize
count (const Line *line, char c)
{
  gsize n = 0;

  for (gsize i = 0; i < line->length; i++)
    n += line->text[i] == c;
  return n;
}

/* As many of them in each line, and not none. */
static gboolean
are_even (const Head *head, char c)
{
  for (guint i = 0; i < head->n; i++)
    if (count (&head->lines[i], c) != count (&head->lines[0], c))
      return FALSE;
  return head->n > 0 && count (&head->lines[0], c) > 0;
}

static gboolean
all_lines (const Head *head, gboolean (*is) (const Line *line))
{
  for (guint i = 0; i < head->n; i++)
    if (!is (&head->lines[i]))
      return FALSE;
  return head->n > 0;
}

static gboolean
find_log (const Head *head, const char **format)
{
  static const char *const names[] = {
    [FANOUT_CLF_COMMON] = "common",
    [FANOUT_CLF_COMBINED] = "combined",
    [FANOUT_CLF_VHOST_COMBINED] = "vhost",
  };

  for (guint f = G_N_ELEMENTS (names); f-- > 0;)
    {
      guint n = 0;

      for (guint i = 0; i < head->n; i++)
        n += is_log (&head->lines[i], (FanoutClfFormat) f) ? 1 : 0;
      *format = names[f];
      /* There may be a line that is damaged. */
      if (2 * n > head->n)
        return TRUE;
    }
  *format = NULL;
  return FALSE;
}

const char *
fanout_guess_packed_end (const char *name)
{
  static const char *const packed[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4" };
  const gsize length = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (packed); i++)
    {
      const gsize n = strlen (packed[i]);

      if (length >= n && g_ascii_strcasecmp (name + length - n, packed[i]) == 0)
        return name + length - n;
    }
  return NULL;
}

/* What the end of a name stands for, that of packed files aside; NULL: nothing. */
static const char *
type_of_name (const char *name)
{
  static const char *const ends[][2] = {
    { ".csv", "csv" },     { ".tsv", "tsv" },      { ".tab", "tsv" },
    { ".jsonl", "jsonl" }, { ".ndjson", "jsonl" }, { ".logfmt", "logfmt" },
  };
  const char *packed = fanout_guess_packed_end (name);
  g_autofree char *plain = g_ascii_strdown (name, packed != NULL ? packed - name : -1);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (plain, ends[i][0]))
      return ends[i][1];
  return NULL;
}

FanoutGuess
fanout_guess (const char *name, const char *data, gsize length, gboolean complete)
{
  const Head head = take_lines (data, length, complete);
  const char *named = type_of_name (name);
  FanoutGuess guess = { .type = named != NULL ? named : "csv" };
  const gboolean commas = are_even (&head, ',');

  if (all_lines (&head, is_object))
    guess.type = "jsonl";
  else if (find_log (&head, &guess.format))
    guess.type = "clf";
  else if (named == NULL && all_lines (&head, is_pairs))
    guess.type = "logfmt";
  else if (!commas && are_even (&head, '\t'))
    guess.type = "tsv";
  guess.obvious = g_strcmp0 (named, guess.type) == 0
                  || (named == NULL && strcmp (guess.type, "csv") == 0 && (commas || head.n == 0));
  return guess;
}
