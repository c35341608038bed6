/* Rows of fields told apart by a byte, quoted as in RFC 4180. */

#include <fanout/source.h>

typedef struct
{
  gint delimiter;
  gint quote;
  gint header;
  const char *const *columns;
  FanoutDialect dialect;
} Options;

enum
{
  HEADER_AUTO,
};

static const char *const delimiters[] = { "whitespace", "tab", "space", NULL };
static const char *const quotes[] = { "none", NULL };
static const char *const headers[] = { "auto", "true", "false", "yes", "no", "1", "0", NULL };

static const FanoutOption options[] = {
  { .key = "delimiter",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = offsetof (Options, delimiter),
    .value = ",",
    .choices = delimiters,
    .help = "what is between two fields; whitespace: runs of blanks, edges trimmed" },
  { .key = "quote",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = offsetof (Options, quote),
    .value = "\"",
    .choices = quotes,
    .help = "what may stand around a field; doubled where it is a part of one" },
  { .key = "header",
    .type = FANOUT_OPTION_CHOICE,
    .offset = offsetof (Options, header),
    .value = "auto",
    .choices = headers,
    .help = "whether the first row holds the names; auto: yes, unless columns are given" },
  { .key = "columns",
    .type = FANOUT_OPTION_TEXTS,
    .offset = offsetof (Options, columns),
    .help = "names of the columns, in order; with header = true they replace the header's",
    .example = "date, delay, distance" },
  { .key = NULL },
};

static gboolean
prepare (gpointer data, GError **error)
{
  Options *self = data;
  const guint n_columns = self->columns != NULL ? g_strv_length ((char **) self->columns) : 0;

  self->dialect = (FanoutDialect){
    .size = sizeof (FanoutDialect),
    .delimiter = self->delimiter, /* the name `whitespace` is FANOUT_DELIMITER_WHITESPACE */
    .quote = self->quote,         /* the name `none` is FANOUT_QUOTE_NONE */
    .header = self->header == HEADER_AUTO ? n_columns == 0 : self->header % 2 == 1,
    .n_columns = n_columns,
    .columns = self->columns,
  };
  return fanout_dialect_check (&self->dialect, error);
}

static char **
names (gconstpointer data)
{
  const Options *self = data;

  return fanout_delimited_names (&self->dialect);
}

static gboolean
header (gconstpointer data, const char *text, gsize length, gboolean complete, char ***columns,
        guint *n_fields, gsize *header_length, GError **error)
{
  const Options *self = data;

  return fanout_delimited_header (&self->dialect, text, length, complete, columns, n_fields,
                                  header_length, error);
}

static void
scan (gconstpointer data, const char *text, gsize length, FanoutScan *found)
{
  const Options *self = data;

  fanout_delimited_scan (&self->dialect, text, length, found);
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const Options *self = data;

  return fanout_delimited_decode (&self->dialect, block, chunk, error);
}

static const FanoutSource csv = {
  .size = sizeof (FanoutSource),
  .name = "csv",
  .summary = "rows of fields told apart by a byte, quoted as in RFC 4180",
  .details
  = "A field may stand in quotes; it can then hold delimiters, line feeds and, doubled, "
    "quotes. A quote anywhere else, a row with too few or too many fields and a NUL byte "
    "are bad rows; a quote that is never closed makes one bad row of what comes up to "
    "the end of its input. An empty field is null, quoted or not. An empty line is no row, or a "
    "null where there is one column.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .names = names,
  .header = header,
  .scan = scan,
  .decode = decode,
};

FANOUT_SOURCES (&csv);
