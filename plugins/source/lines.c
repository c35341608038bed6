/* Whole lines, or what a regular expression finds in them. */

#include "delimited.h"
#include "lines.h"

/* Not GRegex: it wants text that is valid UTF-8 altogether. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <time.h>

/* Decode no longer than this at a time where lines are slow: who wants to stop waits for it. */
#define ENOUGH_MS 50

typedef struct
{
  DelimitedOptions all; /* the rows of whole lines are those of a table with one column */
  const char *pattern;
  pcre2_code *code;  /* NULL: whole lines */
  pcre2_code *ascii; /* for lines of ASCII, which it takes for the same, but faster; may be NULL */
  char **names;      /* of the named groups, in the order of their numbers */
  guint *numbers;    /* of those groups */
  guint n_groups;    /* how many */
} Options;

static const FanoutOption options[] = {
  { .key = "pattern",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_RAW,
    .offset = offsetof (Options, pattern),
    .help = "a regular expression (PCRE) searched in each line; its named groups are the columns",
    .example = "^(?<host>\\S+) .* (?<bytes>\\d+)$" },
  DELIMITED_COMMENT,
  DELIMITED_SKIP_LINES,
  DELIMITED_DECIMAL,
  DELIMITED_THOUSANDS,
  { .key = NULL },
};

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  /* The number of the group, high byte first, then its name. */
  return memcmp (*(guchar *const *) a, *(guchar *const *) b, 2);
}

static gboolean
find_groups (Options *self, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  uint32_t n = 0;
  uint32_t size = 0;
  guchar *table = NULL;

  pcre2_pattern_info (self->code, PCRE2_INFO_NAMECOUNT, &n);
  pcre2_pattern_info (self->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  pcre2_pattern_info (self->code, PCRE2_INFO_NAMETABLE, &table);
  for (uint32_t i = 0; i < n; i++)
    g_ptr_array_add (entries, table + i * size);
  if (n == 0)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                           "'pattern' has no named groups, such as (?<name>...), to be columns");
      return FALSE;
    }
  g_ptr_array_sort (entries, compare_entries);
  self->n_groups = n;
  self->names = g_new0 (char *, n + 1);
  self->numbers = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    {
      const guchar *entry = entries->pdata[i];
      const char *name = (const char *) entry + 2;

      if (g_strv_contains ((const char *const *) self->names, name))
        {
          g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                       "'pattern' has more than one group '%s'", name);
          return FALSE;
        }
      self->names[i] = g_strdup (name);
      self->numbers[i] = (guint) entry[0] << 8 | entry[1];
    }
  return TRUE;
}

static char *
reason_of (int code)
{
  PCRE2_UCHAR text[256];

  pcre2_get_error_message (code, text, sizeof text);
  return g_strdup ((const char *) text);
}

static void
release (gpointer data)
{
  Options *self = data;

  g_clear_pointer (&self->code, pcre2_code_free);
  g_clear_pointer (&self->ascii, pcre2_code_free);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->numbers, g_free);
}

static pcre2_code *
compile (const char *pattern, uint32_t flags, int *code, PCRE2_SIZE *at)
{
  pcre2_compile_context *context = pcre2_compile_context_create (NULL);
  pcre2_code *compiled;

  pcre2_set_newline (context, PCRE2_NEWLINE_LF);
  pcre2_set_bsr (context, PCRE2_BSR_ANYCRLF);
  compiled = pcre2_compile ((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, flags, code, at, context);
  pcre2_compile_context_free (context);
  /* Where there is none for this machine, it is interpreted. */
  if (compiled != NULL)
    pcre2_jit_compile (compiled, PCRE2_JIT_COMPLETE);
  return compiled;
}

static gboolean
is_ascii (const char *text, gsize length)
{
  guint64 any = 0;

  for (; length >= sizeof any; length -= sizeof any, text += sizeof any)
    {
      guint64 word;

      memcpy (&word, text, sizeof word);
      any |= word;
    }
  for (; length > 0; length--)
    any |= (guchar) *text++;
  return (any & 0x8080808080808080u) == 0;
}

static gboolean
prepare (gpointer data, GError **error)
{
  Options *self = data;
  PCRE2_SIZE at = 0;
  int code = 0;

  if (!delimited_prepare_others (&self->all, error))
    return FALSE;
  if (self->pattern == NULL)
    return TRUE;
  self->code = compile (self->pattern, PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &code, &at);
  if (self->code == NULL)
    {
      g_autofree char *reason = reason_of (code);

      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "'pattern': %s at char %zu", reason,
                   at);
      return FALSE;
    }
  /* What is beyond a byte is refused there. */
  if (is_ascii (self->pattern, strlen (self->pattern)))
    self->ascii = compile (self->pattern, 0, &code, &at);
  return find_groups (self, error);
}

static char **
names (gconstpointer data)
{
  static const char *const line[] = { "line", NULL };
  const Options *self = data;

  return g_strdupv (self->code != NULL ? self->names : (char **) line);
}

static gboolean
header (gconstpointer data, const char *text, gsize length, gboolean complete, char ***columns,
        guint *n_fields, gsize *header_length, GError **error)
{
  const Options *self = data;

  if (!fanout_delimited_header (&self->all.dialect, text, length, complete, columns, n_fields,
                                header_length, error))
    return FALSE;
  g_strfreev (*columns);
  *columns = names (data);
  *n_fields = self->code != NULL ? self->n_groups : 1;
  return TRUE;
}

static gboolean
put_groups (const Options *self, const FanoutBlock *block, FanoutChunk *chunk, const char *line,
            pcre2_match_data *match, int n_set, GError **error)
{
  const PCRE2_SIZE *spans = pcre2_get_ovector_pointer (match);

  for (guint i = 0; i < chunk->n_columns; i++)
    {
      const guint number = self->numbers[block->fields[i]];
      PCRE2_SIZE start = spans[2 * number], end = spans[2 * number + 1];

      if (number >= (guint) n_set || start == PCRE2_UNSET)
        start = end = 0;
      if (!fanout_chunk_put (chunk, block, i, line + start, end - start, error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

/* FALSE with `error` unless the line became a row or was skipped. */
static gboolean
put_line (const Options *self, const FanoutBlock *block, FanoutChunk *chunk, const Line *line,
          pcre2_match_data *match, GError **error)
{
  const PCRE2_SPTR text = (PCRE2_SPTR) line->text;
  const pcre2_code *pattern = self->code;
  g_autofree char *reason = NULL;
  gboolean good;
  int n;

  if (!line_check (chunk, block, line, &good, error))
    return FALSE;
  if (!good)
    return TRUE;
  if (self->ascii != NULL && is_ascii (line->text, line->length))
    pattern = self->ascii;
  n = pcre2_match (pattern, text, line->length, 0, 0, match, NULL);
  if (n == PCRE2_ERROR_JIT_STACKLIMIT)
    n = pcre2_match (pattern, text, line->length, 0, PCRE2_NO_JIT, match, NULL);
  if (n > 0)
    return put_groups (self, block, chunk, line->text, match, n, error);
  if (n == PCRE2_ERROR_NOMATCH)
    return fanout_chunk_bad_row (chunk, block, error,
                                 g_utf8_validate_len (line->text, line->length, NULL)
                                     ? "the pattern does not match"
                                     : "the pattern does not match: this line is not UTF-8; "
                                       "encoding = latin1, or what else it is, takes it so");
  reason = reason_of (n);
  return fanout_chunk_bad_row (chunk, block, error, "the pattern: %s", reason);
}

/* Coarse, where there is such a clock: it is asked after each line. */
static gint64
milliseconds (void)
{
#ifdef CLOCK_MONOTONIC_COARSE
  struct timespec now;

  if (clock_gettime (CLOCK_MONOTONIC_COARSE, &now) == 0)
    return (gint64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
#endif
  return g_get_monotonic_time () / 1000;
}

static gboolean
decode_lines (const Options *self, FanoutBlock *block, FanoutChunk *chunk, pcre2_match_data *match,
              GError **error)
{
  const char *comment = self->all.dialect.comment;
  const gint64 enough = milliseconds () + ENOUGH_MS;

  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    {
      const Line line = line_next (block);

      if ((comment == NULL || !delimited_is_comment (comment, line.text, line.length))
          && !put_line (self, block, chunk, &line, match, error))
        return FALSE;
      line_pass (block, &line);
      if (milliseconds () > enough)
        break;
    }
  return TRUE;
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const Options *self = data;
  pcre2_match_data *match;
  gboolean done;

  if (self->code == NULL)
    return fanout_delimited_decode (&self->all.dialect, block, chunk, error);
  chunk->writing = self->all.dialect.writing;
  match = pcre2_match_data_create_from_pattern (self->code, NULL);
  done = decode_lines (self, block, chunk, match, error);
  pcre2_match_data_free (match);
  return done;
}

static const FanoutSource lines = {
  .size = sizeof (FanoutSource),
  .name = "lines",
  .summary = "whole lines, or what a regular expression finds in them",
  .details = "Without a pattern, each line is a row with one column, 'line'. With one, it is "
             "searched in each line that is not empty, and its named groups are the "
             "columns; one that is unset or empty is null. A line without a match is a bad row, "
             "and so is one with a NUL byte.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .release = release,
  .names = names,
  .lead = delimited_lead,
  .header = header,
  .decode = decode,
};

FANOUT_SOURCES (&lines);
