/* Rows of fields told apart by tabs, without quotes and escapes. */

#include <fanout/source.h>

typedef struct
{
  gint header;
  const char *const *columns;
  FanoutDialect dialect;
} Options;

enum
{
  HEADER_AUTO,
};

static const char *const headers[] = { "auto", "true", "false", "yes", "no", "1", "0", NULL };

static const FanoutOption options[] = {
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
    .delimiter = '\t',
    .quote = FANOUT_QUOTE_NONE,
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

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const Options *self = data;

  return fanout_delimited_decode (&self->dialect, block, chunk, error);
}

static const FanoutSource tsv = {
  .size = sizeof (FanoutSource),
  .name = "tsv",
  .summary = "rows of fields told apart by tabs",
  .details
  = "There are no quotes and no escapes: every byte between two tabs belongs to the field. "
    "A row with too few or too many fields and a NUL byte are bad rows. An empty field is "
    "null. An empty line is no row, or a null where there is one column.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .names = names,
  .header = header,
  .scan = NULL, /* at each line feed */
  .decode = decode,
};

FANOUT_SOURCES (&tsv);
