#pragma once

/** Sources of delimited text: the options, with which their own begin, and what comes of them. */

#include <fanout/source.h>
#include <string.h>

typedef struct
{
  gint header;
  const char *const *columns;
  gboolean ragged;
  const char *comment;
  guint64 skip_lines;
  gboolean trim;
  const char *decimal;
  const char *thousands;
  FanoutDialect dialect;
} DelimitedOptions;

enum
{
  DELIMITED_HEADER_AUTO,
};

static const char *const delimited_headers[]
    = { "auto", "true", "false", "yes", "no", "1", "0", NULL };
static const char *const delimited_space[] = { "space", NULL };

#define DELIMITED_HEADER                                                                           \
  {                                                                                                \
    .key = "header", .type = FANOUT_OPTION_CHOICE, .offset = offsetof (DelimitedOptions, header),  \
    .value = "auto", .choices = delimited_headers,                                                 \
    .help = "whether the first row holds the names; auto: yes, unless columns are given"           \
  }
#define DELIMITED_COLUMNS                                                                          \
  {                                                                                                \
    .key = "columns", .type = FANOUT_OPTION_TEXTS, .offset = offsetof (DelimitedOptions, columns), \
    .help = "names of the columns, in order; with header = true they replace the header's",        \
    .example = "date, delay, distance"                                                             \
  }
#define DELIMITED_RAGGED                                                                           \
  {                                                                                                \
    .key = "ragged", .type = FANOUT_OPTION_BOOLEAN, .offset = offsetof (DelimitedOptions, ragged), \
    .value = "false",                                                                              \
    .help = "rows may be shorter than the header, or the first row where there is none (the rest " \
            "is null), or longer (the rest is ignored)"                                            \
  }
#define DELIMITED_COMMENT                                                                          \
  {                                                                                                \
    .key = "comment", .type = FANOUT_OPTION_TEXT, .offset = offsetof (DelimitedOptions, comment),  \
    .help = "lines that begin with this are no rows, before the header either", .example = "#"     \
  }
#define DELIMITED_SKIP_LINES                                                                       \
  {                                                                                                \
    .key = "skip-lines", .type = FANOUT_OPTION_COUNT,                                              \
    .offset = offsetof (DelimitedOptions, skip_lines), .value = "0",                               \
    .help = "lines to pass over at the beginning of each input"                                    \
  }
#define DELIMITED_TRIM                                                                             \
  {                                                                                                \
    .key = "trim", .type = FANOUT_OPTION_BOOLEAN, .offset = offsetof (DelimitedOptions, trim),     \
    .value = "false", .help = "blanks around fields and around quotes do not count"                \
  }
#define DELIMITED_DECIMAL                                                                          \
  {                                                                                                \
    .key = "decimal", .type = FANOUT_OPTION_CHARACTERS,                                            \
    .offset = offsetof (DelimitedOptions, decimal), .value = ".",                                  \
    .help = "the decimal mark of numbers; 1.234,5 has decimal = , and thousands = ."               \
  }
#define DELIMITED_THOUSANDS                                                                        \
  {                                                                                                \
    .key = "thousands", .type = FANOUT_OPTION_CHARACTERS,                                          \
    .offset = offsetof (DelimitedOptions, thousands), .choices = delimited_space,                  \
    .help = "one character that may stand between the thousands of a number"                       \
  }

/* How numbers are written, where that can be chosen, and which lines are no rows: for every source
 * of lines. */
static inline gboolean
delimited_prepare_lines (DelimitedOptions *self, GError **error)
{
  const char *reason;

  if (self->decimal != NULL
      && !fanout_writing_set (&self->dialect.writing, self->decimal, self->thousands, &reason))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "'decimal' and 'thousands': %s",
                   reason);
      return FALSE;
    }
  self->dialect.comment = self->comment != NULL && self->comment[0] != '\0' ? self->comment : NULL;
  self->dialect.skip_lines = self->skip_lines;
  return fanout_dialect_check (&self->dialect, error);
}

/* A delimiter or quote that is a name is what FanoutDialect calls so. */
static inline gboolean
delimited_prepare (DelimitedOptions *self, gint delimiter, const char *delimiter_text, gint quote,
                   GError **error)
{
  const guint n_columns = self->columns != NULL ? g_strv_length ((char **) self->columns) : 0;

  self->dialect = (FanoutDialect){
    .size = sizeof (FanoutDialect),
    .delimiter = delimiter,
    .quote = quote,
    .header = self->header == DELIMITED_HEADER_AUTO ? n_columns == 0 : self->header % 2 == 1,
    .n_columns = n_columns,
    .columns = self->columns,
    .delimiter_text = delimiter_text,
    .ragged = self->ragged,
    .trim = self->trim,
  };
  return delimited_prepare_lines (self, error);
}

static inline char **
delimited_names (gconstpointer data)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_names (&self->dialect);
}

static inline gboolean
delimited_lead (gconstpointer data, const char *text, gsize length, gboolean complete,
                guint64 *lines, gsize *passed, gsize *row)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_lead (&self->dialect, text, length, complete, lines, passed, row);
}

static inline gboolean
delimited_header (gconstpointer data, const char *text, gsize length, gboolean complete,
                  char ***columns, guint *n_fields, gsize *header_length, GError **error)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_header (&self->dialect, text, length, complete, columns, n_fields,
                                  header_length, error);
}

static inline gboolean
delimited_decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_decode (&self->dialect, block, chunk, error);
}

/* For sources whose lines are no fields: their own options, which come behind the others, know
 * nothing of comments. */

static inline gboolean
delimited_prepare_others (gpointer data, GError **error)
{
  DelimitedOptions *self = data;

  self->dialect = (FanoutDialect){
    .size = sizeof (FanoutDialect),
    .delimiter = FANOUT_DELIMITER_NONE,
    .quote = FANOUT_QUOTE_NONE,
  };
  return delimited_prepare_lines (self, error);
}

static inline gboolean
delimited_is_comment (const char *comment, const char *text, gsize length)
{
  const gsize n = strlen (comment);

  return length >= n && memcmp (text, comment, n) == 0;
}

/* Where the next comment behind the line at block->offset begins, or the block ends. */
static inline gsize
delimited_next_comment (const char *comment, const FanoutBlock *block)
{
  const char *end = block->data + block->length;
  const char *p = block->data + block->offset + 1;

  while (p < end && (p = memchr (p, comment[0], (gsize) (end - p))) != NULL)
    {
      if (p[-1] == '\n' && delimited_is_comment (comment, p, (gsize) (end - p)))
        return (gsize) (p - block->data);
      p++;
    }
  return block->length;
}

typedef gboolean (*DelimitedDecode) (gconstpointer options, FanoutBlock *block, FanoutChunk *chunk,
                                     GError **error);

/* What `decode` makes of the lines between comments. */
static inline gboolean
delimited_decode_others (gconstpointer options, DelimitedDecode decode, FanoutBlock *block,
                         FanoutChunk *chunk, GError **error)
{
  const DelimitedOptions *self = options;
  const char *comment = self->dialect.comment;
  const gsize length = block->length;
  gboolean done = TRUE;

  if (comment == NULL)
    return decode (options, block, chunk, error);
  while (done && block->offset < length && chunk->n_rows < chunk->capacity)
    {
      const char *line = block->data + block->offset;
      const gsize left = length - block->offset;

      if (delimited_is_comment (comment, line, left))
        {
          const char *feed = memchr (line, '\n', left);

          block->offset += feed != NULL ? (gsize) (feed - line) + 1 : left;
          block->line += feed != NULL ? 1 : 0;
          block->record++;
          continue;
        }
      block->length = delimited_next_comment (comment, block);
      done = decode (options, block, chunk, error);
      block->length = length;
    }
  return done;
}

#define DELIMITED_OPTIONS                                                                          \
  DELIMITED_HEADER, DELIMITED_COLUMNS, DELIMITED_RAGGED, DELIMITED_COMMENT, DELIMITED_SKIP_LINES,  \
      DELIMITED_TRIM, DELIMITED_DECIMAL, DELIMITED_THOUSANDS
#define DELIMITED_SOURCE                                                                           \
  .names = delimited_names, .lead = delimited_lead, .header = delimited_header,                    \
  .decode = delimited_decode
