#pragma once

/** Options of every type, and binding lines of a configuration to them. */

#include "core/config/option.h"

#include <check.h>
#include <string.h>

typedef struct
{
  gboolean flag;
  guint64 count;
  gint64 integer;
  FanoutNumber number;
  FanoutNumbers numbers;
  guint64 bytes;
  guint64 time;
  gint character;
  gint choice;
  const char *text;
  const char *const *texts;
  gint column;
  FanoutColumns columns;
} Bound;

static const char *const count_names[] = { "auto", "all", NULL };
static const char *const character_names[] = { "whitespace", "tab", "space", "none", NULL };
static const char *const strategies[] = { "fiber", "threads", "callback", NULL };

/** One or two of each type. */
static const FanoutOption table[] = {
  { .key = "flag", .type = FANOUT_OPTION_BOOLEAN, .offset = G_STRUCT_OFFSET (Bound, flag) },
  { .key = "count", .type = FANOUT_OPTION_COUNT, .offset = G_STRUCT_OFFSET (Bound, count) },
  { .key = "partitions",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Bound, count),
    .choices = count_names,
    .min = "1",
    .max = "64" },
  { .key = "integer",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Bound, integer),
    .max = "100" },
  { .key = "any-integer",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Bound, integer) },
  { .key = "number", .type = FANOUT_OPTION_NUMBER, .offset = G_STRUCT_OFFSET (Bound, number) },
  { .key = "share",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Bound, number),
    .min = "0",
    .max = "0.5" },
  { .key = "amount",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Bound, number),
    .takes = FANOUT_TAKES_WIDE,
    .min = "-18446744073709551615",
    .max = "18446744073709551615" },
  { .key = "amounts",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .takes = FANOUT_TAKES_WIDE },
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .min = "0",
    .max = "1" },
  { .key = "bytes", .type = FANOUT_OPTION_BYTES, .offset = G_STRUCT_OFFSET (Bound, bytes) },
  { .key = "max-row",
    .type = FANOUT_OPTION_BYTES,
    .offset = G_STRUCT_OFFSET (Bound, bytes),
    .min = "1K",
    .max = "1G" },
  { .key = "time", .type = FANOUT_OPTION_TIME, .offset = G_STRUCT_OFFSET (Bound, time) },
  { .key = "wait",
    .type = FANOUT_OPTION_TIME,
    .offset = G_STRUCT_OFFSET (Bound, time),
    .choices = count_names,
    .max = "1h" },
  { .key = "character",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Bound, character) },
  { .key = "characters",
    .type = FANOUT_OPTION_CHARACTERS,
    .offset = G_STRUCT_OFFSET (Bound, text),
    .value = "|",
    .choices = character_names },
  { .key = "delimiter",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Bound, character),
    .choices = character_names },
  { .key = "strategy",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Bound, choice),
    .choices = strategies },
  { .key = "text", .type = FANOUT_OPTION_TEXT, .offset = G_STRUCT_OFFSET (Bound, text) },
  { .key = "pattern",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_RAW,
    .offset = G_STRUCT_OFFSET (Bound, text) },
  { .key = "texts", .type = FANOUT_OPTION_TEXTS, .offset = G_STRUCT_OFFSET (Bound, texts) },
  { .key = "column", .type = FANOUT_OPTION_COLUMN, .offset = G_STRUCT_OFFSET (Bound, column) },
  { .key = "columns", .type = FANOUT_OPTION_COLUMNS, .offset = G_STRUCT_OFFSET (Bound, columns) },
  { .key = NULL },
};

/** What a binding needs and gives. */
typedef struct
{
  FanoutErrors errors;
  FanoutConfig *config;
  GPtrArray *columns;
  Bound bound;
  char *lines;
} Try;

static inline void
try_clear (Try *try)
{
  g_clear_pointer (&try->config, fanout_config_free);
  g_clear_pointer (&try->columns, g_ptr_array_unref);
  g_clear_pointer (&try->lines, g_free);
  fanout_errors_clear (&try->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Try, try_clear)

static inline void
try_parse (Try *try, const char *text)
{
  memset (try, 0, sizeof *try);
  fanout_errors_init (&try->errors);
  try->columns = g_ptr_array_new ();
  try->config = fanout_config_parse (text, strlen (text), "p.ini", NULL, NULL, &try->errors);
}

static inline void
try_bind (Try *try, const FanoutOption *options, const char *const *ignore)
{
  const FanoutOption *const tables[] = { options, NULL };
  const gpointer targets[] = { &try->bound };
  g_autoptr (GError) error = NULL;
  gboolean right;

  right = fanout_options_bind (try->config, fanout_config_group (try->config, 0), tables, targets,
                               ignore, try->columns, &try->errors);
  ck_assert_int_eq (right, fanout_errors_raise (&try->errors, &error));
  try->lines = g_strdup (right ? "" : error->message);
}

/** Bind one line below [g]; the text of the mistake, without its origin, or "" must be `expected`.
 */
static inline void
try_line (Try *try, const char *line, const char *expected)
{
  g_autofree char *text = g_strdup_printf ("[g]\n%s\n", line);
  const char *actual;

  try_parse (try, text);
  try_bind (try, table, NULL);
  actual = try->lines;
  if (actual[0] != '\0')
    {
      ck_assert_msg (g_str_has_prefix (actual, "p.ini:2: [g] "), "%s", actual);
      actual += strlen ("p.ini:2: [g] ");
    }
  ck_assert_str_eq (actual, expected);
}
