/* Whole lines, or what a regular expression finds in them. */

#include <fanout/source.h>

#include <string.h>

typedef struct
{
  const char *pattern;
  GRegex *regex;  /* NULL: whole lines */
  char **names;   /* of the named groups, in the order of their numbers */
  gint *numbers;  /* of those groups */
  guint n_groups; /* how many */
} Options;

static const FanoutOption options[] = {
  { .key = "pattern",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_RAW,
    .offset = offsetof (Options, pattern),
    .help = "a regular expression (PCRE) searched in each line; its named groups are the columns",
    .example = "^(?<host>\\S+) .* (?<bytes>\\d+)$" },
  { .key = NULL },
};

/* The rows of whole lines are those of a table with one column. */
static const FanoutDialect whole = {
  .delimiter = FANOUT_DELIMITER_NONE,
  .quote = FANOUT_QUOTE_NONE,
};

typedef struct
{
  gint number;
  char *name;
} Group;

static void
group_clear (gpointer data)
{
  g_free (((Group *) data)->name);
}

static gint
group_compare (gconstpointer a, gconstpointer b)
{
  const Group *first = a, *second = b;

  return (first->number > second->number) - (first->number < second->number);
}

/* Whatever looks like the name of a group is one if the compiled expression knows it. */
static GArray *
named_groups (const char *pattern, GRegex *regex)
{
  g_autoptr (GRegex) looks
      = g_regex_new ("\\(\\?P?[<'](?<name>[A-Za-z_][A-Za-z_0-9]*)[>']", G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (Group));

  g_array_set_clear_func (groups, group_clear);
  for (g_regex_match (looks, pattern, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch_named (match, "name");
      Group group = { g_regex_get_string_number (regex, name), NULL };

      if (group.number < 0 || g_hash_table_contains (known, name))
        continue;
      group.name = g_strdup (name);
      g_array_append_val (groups, group);
      g_hash_table_add (known, g_steal_pointer (&name));
    }
  g_array_sort (groups, group_compare);
  return groups;
}

static gboolean
prepare (gpointer data, GError **error)
{
  Options *self = data;
  g_autoptr (GArray) groups = NULL;
  g_autoptr (GError) reason = NULL;

  if (self->pattern == NULL)
    return TRUE;
  self->regex = g_regex_new (self->pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE | G_REGEX_NEWLINE_LF, 0,
                             &reason);
  if (self->regex == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "'pattern': %s", reason->message);
      return FALSE;
    }
  groups = named_groups (self->pattern, self->regex);
  if (groups->len == 0)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                           "'pattern' has no named groups, such as (?<name>...), to be columns");
      return FALSE;
    }
  self->n_groups = groups->len;
  self->names = g_new0 (char *, groups->len + 1);
  self->numbers = g_new (gint, groups->len);
  for (guint i = 0; i < groups->len; i++)
    {
      self->names[i] = g_strdup (g_array_index (groups, Group, i).name);
      self->numbers[i] = g_array_index (groups, Group, i).number;
    }
  return TRUE;
}

static void
release (gpointer data)
{
  Options *self = data;

  g_clear_pointer (&self->regex, g_regex_unref);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->numbers, g_free);
}

static char **
names (gconstpointer data)
{
  static const char *const line[] = { "line", NULL };
  const Options *self = data;

  return g_strdupv (self->regex != NULL ? self->names : (char **) line);
}

static gboolean
header (gconstpointer data, const char *text, gsize length, gboolean complete, char ***columns,
        guint *n_fields, gsize *header_length, GError **error)
{
  const Options *self = data;

  if (!fanout_delimited_header (&whole, text, length, complete, columns, n_fields, header_length,
                                error))
    return FALSE;
  g_strfreev (*columns);
  *columns = names (data);
  *n_fields = self->regex != NULL ? self->n_groups : 1;
  return TRUE;
}

static gboolean
put_groups (const Options *self, const FanoutBlock *block, FanoutChunk *chunk, const char *line,
            GMatchInfo *match, GError **error)
{
  for (guint i = 0; i < chunk->n_columns; i++)
    {
      gint start, end;

      if (!g_match_info_fetch_pos (match, self->numbers[block->fields[i]], &start, &end)
          || start < 0)
        start = end = 0;
      if (!fanout_chunk_put (chunk, block, i, line + start, (gsize) (end - start), error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

/* One line without its end; FALSE with `error` unless it became a row or was skipped. */
static gboolean
put_line (const Options *self, const FanoutBlock *block, FanoutChunk *chunk, const char *line,
          gsize length, GError **error)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GError) reason = NULL;

  if (chunk->max_row > 0 && length > chunk->max_row)
    return fanout_chunk_bad_row (chunk, block, error, "a row longer than max-row (%zu bytes)",
                                 chunk->max_row);
  if (memchr (line, '\0', length) != NULL)
    return fanout_chunk_bad_row (chunk, block, error, "a NUL byte");
  if (length == 0)
    return TRUE;
  if (g_regex_match_full (self->regex, line, (gssize) length, 0, 0, &match, &reason))
    return put_groups (self, block, chunk, line, match, error);
  if (reason != NULL)
    return fanout_chunk_bad_row (chunk, block, error, "%s", reason->message);
  return fanout_chunk_bad_row (chunk, block, error, "the pattern does not match");
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const Options *self = data;

  if (self->regex == NULL)
    return fanout_delimited_decode (&whole, block, chunk, error);
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    {
      const char *line = block->data + block->offset;
      const gsize left = block->length - block->offset;
      const char *feed = memchr (line, '\n', left);
      gsize length = feed != NULL ? (gsize) (feed - line) : left;
      const gsize next = length + (feed != NULL);

      if (feed != NULL && length > 0 && line[length - 1] == '\r')
        length--;
      if (!put_line (self, block, chunk, line, length, error))
        return FALSE;
      block->offset += next;
      block->line += feed != NULL;
      block->record++;
    }
  return TRUE;
}

static const FanoutSource lines = {
  .size = sizeof (FanoutSource),
  .name = "lines",
  .summary = "whole lines, or what a regular expression finds in them",
  .details = "Without a pattern, each line is a row with one column, 'line'. With one, it is "
             "searched in the bytes of each line that is not empty, and its named groups are the "
             "columns; one that is unset or empty is null. A line without a match is a bad row, "
             "and so is one with a NUL byte.",
  .options_size = sizeof (Options),
  .options = options,
  .prepare = prepare,
  .release = release,
  .names = names,
  .header = header,
  .decode = decode,
};

FANOUT_SOURCES (&lines);
