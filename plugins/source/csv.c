/* Rows of fields told apart by a delimiter, quoted as in RFC 4180. */

#include "delimited.h"

#include <string.h>

typedef struct
{
  DelimitedOptions all;
  const char *delimiter;
  gint quote;
} Options;

static const char *const delimiters[] = { "whitespace", "tab", "space", NULL };
static const char *const quotes[] = { "none", NULL };

static const FanoutOption options[] = {
  { .key = "delimiter",
    .type = FANOUT_OPTION_CHARACTERS,
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
  DELIMITED_OPTIONS,
  { .key = NULL },
};

static gboolean
prepare (gpointer data, GError **error)
{
  Options *self = data;
  const char *text = self->delimiter;

  if (strcmp (text, "whitespace") == 0)
    return delimited_prepare (&self->all, FANOUT_DELIMITER_WHITESPACE, NULL, self->quote, error);
  return delimited_prepare (&self->all, (guchar) text[0], text[1] != '\0' ? text : NULL,
                            self->quote, error);
}

static void
scan (gconstpointer data, const char *text, gsize length, FanoutScan *found)
{
  const Options *self = data;

  fanout_delimited_scan (&self->all.dialect, text, length, found);
}

static const FanoutSource csv = {
  .size = sizeof (FanoutSource),
  .name = "csv",
  .summary = "rows of fields told apart by a delimiter, quoted as in RFC 4180",
  .details
  = "A field may stand in quotes; it can then hold delimiters, line feeds and, doubled, "
    "quotes. A quote anywhere else, a row with too few or too many fields and a NUL byte "
    "are bad rows; a quote that is never closed makes one bad row of what comes up to "
    "the end of its input. An empty field is null, quoted or not. An empty line is no row, or a "
    "null where there is one column.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .scan = scan,
  DELIMITED_SOURCE,
};

FANOUT_SOURCES (&csv);
