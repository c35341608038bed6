/* Logs of web servers, as Apache and nginx write them. */

#include "delimited.h"

static const char *const formats[] = { "common", "combined", "vhost", NULL };

typedef struct
{
  DelimitedOptions all;
  gint format; /* FanoutClfFormat */
} Options;

static const FanoutOption options[] = {
  { .key = "format",
    .type = FANOUT_OPTION_CHOICE,
    .offset = offsetof (Options, format),
    .value = "combined",
    .choices = formats,
    .help = "common: up to the bytes; combined: with referer and agent; vhost: that, behind the "
            "name of the virtual host" },
  DELIMITED_COMMENT,
  DELIMITED_SKIP_LINES,
  { .key = NULL },
};

static char **
names (gconstpointer data G_GNUC_UNUSED)
{
  return fanout_clf_names ();
}

static gboolean
header (gconstpointer data, const char *text G_GNUC_UNUSED, gsize length G_GNUC_UNUSED,
        gboolean complete G_GNUC_UNUSED, char ***found, guint *n_fields, gsize *header_length,
        GError **error G_GNUC_UNUSED)
{
  *found = names (data);
  *n_fields = g_strv_length (*found);
  *header_length = 0;
  return TRUE;
}

static gboolean
decode_lines (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const Options *self = data;

  return fanout_clf_decode ((FanoutClfFormat) self->format, block, chunk, error);
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return delimited_decode_others (data, decode_lines, block, chunk, error);
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
  .prepare = delimited_prepare_others,
  .names = names,
  .lead = delimited_lead,
  .header = header,
  .decode = decode,
  .flags = FANOUT_SPARSE,
};

FANOUT_SOURCES (&clf);
