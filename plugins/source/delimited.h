#pragma once

/** Sources of delimited text: the options, with which their own begin, and what comes of them. */

#include <fanout/source.h>

typedef struct
{
  gint header;
  const char *const *columns;
  FanoutDialect dialect;
} DelimitedOptions;

enum
{
  DELIMITED_HEADER_AUTO,
};

static const char *const delimited_headers[]
    = { "auto", "true", "false", "yes", "no", "1", "0", NULL };

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

/* A delimiter or quote that is a name is what FanoutDialect calls so. */
static gboolean
delimited_prepare (DelimitedOptions *self, gint delimiter, gint quote, GError **error)
{
  const guint n_columns = self->columns != NULL ? g_strv_length ((char **) self->columns) : 0;

  self->dialect = (FanoutDialect){
    .size = sizeof (FanoutDialect),
    .delimiter = delimiter,
    .quote = quote,
    .header = self->header == DELIMITED_HEADER_AUTO ? n_columns == 0 : self->header % 2 == 1,
    .n_columns = n_columns,
    .columns = self->columns,
  };
  return fanout_dialect_check (&self->dialect, error);
}

static char **
delimited_names (gconstpointer data)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_names (&self->dialect);
}

static gboolean
delimited_header (gconstpointer data, const char *text, gsize length, gboolean complete,
                  char ***columns, guint *n_fields, gsize *header_length, GError **error)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_header (&self->dialect, text, length, complete, columns, n_fields,
                                  header_length, error);
}

static gboolean
delimited_decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const DelimitedOptions *self = data;

  return fanout_delimited_decode (&self->dialect, block, chunk, error);
}

#define DELIMITED_SOURCE                                                                           \
  .names = delimited_names, .header = delimited_header, .decode = delimited_decode
