#include "tests/support/suite.h"
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

/* What a binding needs and gives. */
typedef struct
{
  FanoutErrors errors;
  FanoutConfig *config;
  GPtrArray *columns;
  Bound bound;
  char *lines;
} Try;

static void
try_clear (Try *try)
{
  g_clear_pointer (&try->config, fanout_config_free);
  g_clear_pointer (&try->columns, g_ptr_array_unref);
  g_clear_pointer (&try->lines, g_free);
  fanout_errors_clear (&try->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Try, try_clear)

static void
try_parse (Try *try, const char *text)
{
  memset (try, 0, sizeof *try);
  fanout_errors_init (&try->errors);
  try->columns = g_ptr_array_new ();
  try->config = fanout_config_parse (text, strlen (text), "p.ini", NULL, NULL, &try->errors);
}

static void
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

/* Bind one line below [g]; the text of the mistake, without its origin, or "" must be `expected`.
 */
static void
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

typedef struct
{
  const char *line;
  const char *mistake;
} Wrong;

static const Wrong wrong[] = {
  { "flag = maybe", "flag: found 'maybe'; possible: true/false, yes/no or 1/0" },
  { "flag = True",
    "flag: found 'True'; possible: true/false, yes/no or 1/0; did you mean 'true'?" },
  { "flag =", "flag: found nothing; possible: true/false, yes/no or 1/0" },
  { "flag = 2", "flag: found '2'; possible: true/false, yes/no or 1/0" },
  { "count = many", "count: found 'many'; possible: a whole number from 0" },
  { "count = -1", "count: found '-1'; possible: a whole number from 0" },
  { "count = +1", "count: found '+1'; possible: a whole number from 0" },
  { "count = 1.5", "count: found '1.5'; possible: a whole number from 0" },
  { "count = 1e3", "count: found '1e3'; possible: a whole number from 0" },
  { "count = 1 000", "count: found '1 000'; possible: a whole number from 0" },
  { "count = 1K", "count: found '1K'; possible: a whole number from 0" },
  { "count = 0x10", "count: found '0x10'; possible: a whole number from 0" },
  { "count =", "count: found nothing; possible: a whole number from 0" },
  { "count = 9223372036854775808",
    "count: found '9223372036854775808' (too large); possible: a whole number from 0" },
  { "count = 99999999999999999999999",
    "count: found '99999999999999999999999' (too large); possible: a whole number from 0" },
  { "count = 1 # x", "count: found '1 # x'; a comment cannot stand behind a value, only on a line "
                     "of its own that starts with '#'" },
  { "text = a\t; b", "text: found 'a\\t; b'; a comment cannot stand behind a value, only on a line "
                     "of its own that starts with '#'" },
  { "texts = a, \"b\" #c",
    "texts: found 'a, \"b\" #c'; a comment cannot stand behind a value, only on a line of its own "
    "that starts with '#'" },
  { "text = 5\" #c",
    "text: found '5\" #c'; a comment cannot stand behind a value, only on a line of its own that "
    "starts with '#'" },
  { "partitions = 0",
    "partitions: found '0' (too small); possible: a whole number from 1 to 64, auto or all" },
  { "partitions = 65",
    "partitions: found '65' (too large); possible: a whole number from 1 to 64, auto or all" },
  { "partitions = atuo", "partitions: found 'atuo'; possible: a whole number from 1 to 64, auto or "
                         "all; did you mean 'auto'?" },
  { "partitions = 1, 2",
    "partitions: found '1, 2'; possible: a whole number from 1 to 64, auto or all" },
  { "integer = 101", "integer: found '101' (too large); possible: a whole number up to 100" },
  { "integer = --1", "integer: found '--1'; possible: a whole number up to 100" },
  { "integer = -", "integer: found '-'; possible: a whole number up to 100" },
  { "integer = - 1", "integer: found '- 1'; possible: a whole number up to 100" },
  { "any-integer = 9223372036854775808",
    "any-integer: found '9223372036854775808' (too large); possible: a whole number" },
  { "number = 1,5", "number: found '1,5'; possible: a number" },
  { "number = 0x1", "number: found '0x1'; possible: a number" },
  { "number =", "number: found nothing; possible: a number" },
  { "number = nan", "number: found 'nan' (not finite); possible: a number" },
  { "number = -Infinity", "number: found '-Infinity' (not finite); possible: a number" },
  { "number = 1e999", "number: found '1e999'; possible: a number" },
  { "share = 0.500000000000000001",
    "share: found '0.500000000000000001' (too large); possible: a number from 0 to 0.5" },
  { "share = -1e-30", "share: found '-1e-30' (too small); possible: a number from 0 to 0.5" },
  { "q = 0.5, 1.5", "q: found '0.5, 1.5' ('1.5' is too large); possible: numbers from 0 to 1 "
                    "separated by commas" },
  { "q = 0.5, x",
    "q: found '0.5, x' ('x' is no number); possible: numbers from 0 to 1 separated by commas" },
  { "q = 0.5,",
    "q: found '0.5,' (an empty item); possible: numbers from 0 to 1 separated by commas" },
  { "q = ,", "q: found ',' (an empty item); possible: numbers from 0 to 1 separated by commas" },
  { "q = 0.5 0.9", "q: found '0.5 0.9' ('0.5 0.9' is no number); possible: numbers from 0 to 1 "
                   "separated by commas" },
  { "bytes = 4g", "bytes: found '4g'; possible: a size (64K, 1M, 4G)" },
  { "bytes = 4KB", "bytes: found '4KB'; possible: a size (64K, 1M, 4G)" },
  { "bytes = 4 K", "bytes: found '4 K'; possible: a size (64K, 1M, 4G)" },
  { "bytes = K", "bytes: found 'K'; possible: a size (64K, 1M, 4G)" },
  { "bytes = 1.5G", "bytes: found '1.5G'; possible: a size (64K, 1M, 4G)" },
  { "bytes = 8589934592G",
    "bytes: found '8589934592G' (too large); possible: a size (64K, 1M, 4G)" },
  { "bytes = 18014398509481985K",
    "bytes: found '18014398509481985K' (too large); possible: a size (64K, 1M, 4G)" },
  { "max-row = 1023",
    "max-row: found '1023' (too small); possible: a size (64K, 1M, 4G) from 1K to 1G" },
  { "max-row = 1048577K",
    "max-row: found '1048577K' (too large); possible: a size (64K, 1M, 4G) from 1K to 1G" },
  { "time = 10", "time: found '10' (no unit); possible: a time (500ms, 10s, 5m, 1h)" },
  { "time = 10d", "time: found '10d'; possible: a time (500ms, 10s, 5m, 1h)" },
  { "time = 2562047789h",
    "time: found '2562047789h' (too large); possible: a time (500ms, 10s, 5m, 1h)" },
  { "wait = 61m", "wait: found '61m' (too large); possible: a time (500ms, 10s, 5m, 1h) up to 1h, "
                  "auto or all" },
  { "character = ab", "character: found 'ab'; possible: one ASCII character (or \\t, \\x1F)" },
  { "character = tab", "character: found 'tab'; possible: one ASCII character (or \\t, \\x1F)" },
  { "character = \xC2\xA7", "character: found '\xC2\xA7' (2 bytes in UTF-8); possible: one ASCII "
                            "character (or \\t, \\x1F)" },
  { "character = \\x80",
    "character: found '\\x80'; possible: one ASCII character (or \\t, \\x1F)" },
  { "character = \\x1", "character: found '\\x1'; possible: one ASCII character (or \\t, \\x1F)" },
  { "character = \\n", "character: found '\\n'; possible: one ASCII character (or \\t, \\x1F)" },
  { "character =", "character: found nothing; possible: one ASCII character (or \\t, \\x1F)" },
  { "delimiter = non",
    "delimiter: found 'non'; possible: one ASCII character (or \\t, \\x1F), whitespace, "
    "tab, space or none; did you mean 'none'?" },
  { "strategy = fibre", "strategy: found 'fibre'; possible: fiber, threads or callback; did you "
                        "mean 'fiber'?" },
  { "strategy = Threads", "strategy: found 'Threads'; possible: fiber, threads or callback; did "
                          "you mean 'threads'?" },
  { "strategy = mpi", "strategy: found 'mpi'; possible: fiber, threads or callback" },
  { "strategy =", "strategy: found nothing; possible: fiber, threads or callback" },
  { "texts = a,,b", "texts: found 'a,,b' (an empty item); possible: texts separated by commas" },
  { "texts = \"a",
    "texts: found '\"a' (a quote that is not closed); possible: texts separated by commas" },
  { "texts = \"a\" b",
    "texts: found '\"a\" b' (text behind a closing quote); possible: texts separated by commas" },
  { "texts = \"\"", "texts: found '\"\"' (an empty item); possible: texts separated by commas" },
  { "column =", "column: found nothing; possible: a column" },
  { "columns = a, ", "columns: found 'a,' (an empty item); possible: columns separated by commas" },
};

START_TEST (test_wrong_value)
{
  g_auto (Try) try = { 0 };

  try_line (&try, wrong[_i].line, wrong[_i].mistake);
}
END_TEST

START_TEST (test_boolean)
{
  static const char *const texts[] = { "false", "true", "no", "yes", "0", "1" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *line = g_strdup_printf ("flag = %s", texts[i]);
      g_auto (Try) try = { 0 };

      try_line (&try, line, "");
      ck_assert_int_eq (try.bound.flag, i % 2);
    }
}
END_TEST

START_TEST (test_counts)
{
  static const struct
  {
    const char *line;
    guint64 count;
  } cases[] = {
    { "count = 0", 0 },
    { "count = 007", 7 },
    { "count = 9223372036854775807", G_MAXINT64 },
    { "partitions = 1", 1 },
    { "partitions = 64", 64 },
    { "partitions = auto", FANOUT_OPTION_NAMED (0) },
    { "partitions = all", FANOUT_OPTION_NAMED (1) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Try) try = { 0 };

      try_line (&try, cases[i].line, "");
      ck_assert_uint_eq (try.bound.count, cases[i].count);
    }
}
END_TEST

START_TEST (test_integers)
{
  static const struct
  {
    const char *line;
    gint64 integer;
  } cases[] = {
    { "integer = 100", 100 },
    { "integer = -100", -100 },
    { "integer = +5", 5 },
    { "integer = -0", 0 },
    { "any-integer = 9223372036854775807", G_MAXINT64 },
    { "any-integer = -9223372036854775807", -G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Try) try = { 0 };

      try_line (&try, cases[i].line, "");
      ck_assert_int_eq (try.bound.integer, cases[i].integer);
    }
}
END_TEST

START_TEST (test_number)
{
  g_auto (Try) decimal = { 0 };
  g_auto (Try) real = { 0 };
  g_auto (Try) bound = { 0 };

  try_line (&decimal, "number = -12.50", "");
  ck_assert_int_eq (decimal.bound.number.mantissa, -125);
  ck_assert_int_eq (decimal.bound.number.scale, 1);
  try_line (&real, "number = 1e300", "");
  ck_assert_int_eq (real.bound.number.scale, FANOUT_SCALE_DOUBLE);
  ck_assert (real.bound.number.real == 1e300);
  try_line (&bound, "share = 0.500", "");
  ck_assert_int_eq (bound.bound.number.mantissa, 5);
}
END_TEST

START_TEST (test_numbers)
{
  g_auto (Try) try = { 0 };
  g_auto (Try) empty = { 0 };

  try_line (&try, "q = 0.50,0.9 , \"1\"", "");
  ck_assert_uint_eq (try.bound.numbers.n, 3);
  ck_assert_int_eq (try.bound.numbers.values[0].mantissa, 5);
  ck_assert_str_eq (try.bound.numbers.texts[0], "0.50");
  ck_assert_str_eq (try.bound.numbers.texts[1], "0.9");
  ck_assert_int_eq (try.bound.numbers.values[2].mantissa, 1);
  ck_assert_ptr_null (try.bound.numbers.texts[3]);
  try_line (&empty, "q =", "");
  ck_assert_uint_eq (empty.bound.numbers.n, 0);
}
END_TEST

START_TEST (test_sizes_and_times)
{
  static const struct
  {
    const char *line;
    guint64 bytes, time;
  } cases[] = {
    { "bytes = 0", 0, 0 },
    { "bytes = 4096", 4096, 0 },
    { "bytes = 64K", 65536, 0 },
    { "bytes = 1M", 1048576, 0 },
    { "bytes = 4G", G_GUINT64_CONSTANT (4294967296), 0 },
    { "bytes = 8589934591G", G_GUINT64_CONSTANT (8589934591) << 30, 0 },
    { "max-row = 1024", 1024, 0 },
    { "max-row = 1024M", 1073741824, 0 },
    { "time = 500ms", 0, 500000 },
    { "time = 10s", 0, 10000000 },
    { "time = 5m", 0, 300000000 },
    { "time = 2h", 0, G_GUINT64_CONSTANT (7200000000) },
    { "wait = 60m", 0, G_GUINT64_CONSTANT (3600000000) },
    { "wait = auto", 0, FANOUT_OPTION_NAMED (0) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Try) try = { 0 };

      try_line (&try, cases[i].line, "");
      ck_assert_uint_eq (try.bound.bytes, cases[i].bytes);
      ck_assert_uint_eq (try.bound.time, cases[i].time);
    }
}
END_TEST

START_TEST (test_character)
{
  static const struct
  {
    const char *line;
    gint character;
  } cases[] = {
    { "character = ,", ',' },     { "character = ;", ';' },       { "character = #", '#' },
    { "character = \"", '"' },    { "character = \\t", '\t' },    { "character = \\", '\\' },
    { "character = =", '=' },     { "character = \x1F", '\x1F' }, { "character = \\x01", 1 },
    { "character = \\x7c", '|' }, { "character = \\x7F", 127 },   { "delimiter = \\t", '\t' },
    { "delimiter = tab", '\t' },  { "delimiter = space", ' ' },   { "delimiter = whitespace", -1 },
    { "delimiter = none", -4 },   { "delimiter = n", 'n' },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Try) try = { 0 };

      try_line (&try, cases[i].line, "");
      ck_assert_int_eq (try.bound.character, cases[i].character);
    }
}
END_TEST

START_TEST (test_choice)
{
  g_auto (Try) try = { 0 };

  try_line (&try, "strategy = callback", "");
  ck_assert_int_eq (try.bound.choice, 2);
}
END_TEST

START_TEST (test_text)
{
  g_auto (Try) text = { 0 };
  g_auto (Try) empty = { 0 };
  g_auto (Try) raw = { 0 };

  try_line (&text, "text = # \"a\\n\",b#;c", "");
  ck_assert_str_eq (text.bound.text, "# \"a\\n\",b#;c");
  try_line (&empty, "text =", "");
  ck_assert_str_eq (empty.bound.text, "");
  try_line (&raw, "pattern = (?<a>\\d+) # (?<b>.*) ; $", "");
  ck_assert_str_eq (raw.bound.text, "(?<a>\\d+) # (?<b>.*) ; $");
}
END_TEST

START_TEST (test_texts)
{
  g_auto (Try) some = { 0 };
  g_auto (Try) empty = { 0 };
  g_auto (Try) absent = { 0 };

  try_line (&some, "texts = \\N,#N/A, \"a, \"\"b\"\"\" ,c d, e\"f", "");
  ck_assert_str_eq (some.bound.texts[0], "\\N");
  ck_assert_str_eq (some.bound.texts[1], "#N/A");
  ck_assert_str_eq (some.bound.texts[2], "a, \"b\"");
  ck_assert_str_eq (some.bound.texts[3], "c d");
  ck_assert_str_eq (some.bound.texts[4], "e\"f");
  ck_assert_ptr_null (some.bound.texts[5]);
  try_line (&empty, "texts =", "");
  ck_assert_ptr_null (empty.bound.texts[0]);
  try_line (&absent, "", "");
  ck_assert_ptr_null (absent.bound.texts[0]);
}
END_TEST

START_TEST (test_columns)
{
  g_auto (Try) both = { 0 };
  g_auto (Try) none = { 0 };

  /* By their place in the table, not in the file. */
  try_line (&both, "columns = c, \"a, b\"\ncolumn = \"x\", y", "");
  ck_assert_int_eq (both.bound.column, 0);
  ck_assert_int_eq (both.bound.columns.first, 1);
  ck_assert_uint_eq (both.bound.columns.n, 2);
  ck_assert_uint_eq (both.columns->len, 3);
  ck_assert_str_eq (both.columns->pdata[0], "\"x\", y");
  ck_assert_str_eq (both.columns->pdata[1], "c");
  ck_assert_str_eq (both.columns->pdata[2], "a, b");
  try_line (&none, "columns =", "");
  ck_assert_int_eq (none.bound.column, -1);
  ck_assert_uint_eq (none.bound.columns.n, 0);
  ck_assert_uint_eq (none.columns->len, 0);
}
END_TEST

static const FanoutOption defaults[] = {
  { .key = "type", .type = FANOUT_OPTION_TEXT, .offset = G_STRUCT_OFFSET (Bound, text) },
  { .key = "strategy",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Bound, choice),
    .value = "threads",
    .choices = strategies },
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Bound, column) },
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .min = "0",
    .max = "1" },
  { .key = "partitions",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Bound, count),
    .value = "auto",
    .choices = count_names },
  { .key = NULL },
};

START_TEST (test_defaults)
{
  g_auto (Try) given = { 0 };
  g_auto (Try) missing = { 0 };
  g_auto (Try) empty = { 0 };

  try_parse (&given, "[aggregate p]\ncolumn = x\nq = 0.5\n");
  try_bind (&given, defaults, NULL);
  ck_assert_str_eq (given.lines, "");
  ck_assert_int_eq (given.bound.choice, 1);
  ck_assert_uint_eq (given.bound.count, FANOUT_OPTION_NAMED (0));
  ck_assert_ptr_null (given.bound.text);
  try_parse (&missing, "\n[aggregate p]\nstrategy = fiber\n");
  try_bind (&missing, defaults, NULL);
  ck_assert_str_eq (missing.lines,
                    "p.ini:2: [aggregate p]: the key 'column' is missing; possible: a column\n"
                    "p.ini:2: [aggregate p]: the key 'q' is missing; possible: numbers from 0 to 1 "
                    "separated by commas");
  ck_assert_int_eq (missing.bound.column, -1);
  ck_assert_int_eq (missing.bound.choice, 0);
  try_parse (&empty, "[g]\nq =\ncolumn = x\n");
  try_bind (&empty, defaults, NULL);
  ck_assert_str_eq (empty.lines, "p.ini:2: [g] q: found nothing; possible: numbers from 0 to 1 "
                                 "separated by commas");
}
END_TEST

START_TEST (test_unknown_keys)
{
  const char *const ignore[] = { "on-error", NULL };
  g_auto (Try) try = { 0 };

  try_parse (&try, "[aggregate p]\n"
                   "colunm = x\n"
                   "on-error = drop\n"
                   "Q = 0.5\n"
                   "on-eror = drop\n"
                   "window = 5\n"
                   "q = 1\n"
                   "column = x\n");
  try_bind (&try, defaults, ignore);
  ck_assert_str_eq (
      try.lines,
      "p.ini:2: [aggregate p] colunm: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'column'?\n"
      "p.ini:4: [aggregate p] Q: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'q'?\n"
      "p.ini:5: [aggregate p] on-eror: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions; did you mean 'on-error'?\n"
      "p.ini:6: [aggregate p] window: unknown key; possible: on-error, type, strategy, column, q, "
      "partitions");
}
END_TEST

/* Lines come in the order of the file, whatever the order of the table; duplicates are read too. */
START_TEST (test_all_at_once)
{
  g_auto (Try) try = { 0 };

  try_parse (&try, "[pipeline]\n"
                   "strategy = fibre # x\n"
                   "count = x\n"
                   "nothing\n"
                   "flag = x\n"
                   "flag = y\n"
                   "keys = 1\n");
  try_bind (&try, table, NULL);
  ck_assert_str_eq (
      try.lines,
      "p.ini:2: [pipeline] strategy: found 'fibre # x'; a comment cannot stand behind a value, "
      "only on a line of its own that starts with '#'\n"
      "p.ini:3: [pipeline] count: found 'x'; possible: a whole number from 0\n"
      "p.ini:4: neither '[group]' nor 'key = value' nor '# comment': 'nothing'\n"
      "p.ini:5: [pipeline] flag: found 'x'; possible: true/false, yes/no or 1/0\n"
      "p.ini:6: [pipeline] flag: the key is given twice, first at p.ini:5\n"
      "p.ini:6: [pipeline] flag: found 'y'; possible: true/false, yes/no or 1/0\n"
      "p.ini:7: [pipeline] keys: unknown key; possible: flag, count, partitions, integer, "
      "any-integer, number, share, q, bytes, max-row, time, wait, character, delimiter, strategy, "
      "text, pattern, texts, column, columns");
}
END_TEST

START_TEST (test_override_mistake)
{
  const char *const overrides[] = { "pipeline.count=x", "pipeline.cuont=1", NULL };
  const FanoutOption *const tables[] = { table, NULL };
  g_auto (Try) try = { 0 };
  const gpointer targets[] = { &try.bound };

  fanout_errors_init (&try.errors);
  try.columns = g_ptr_array_new ();
  try.config = fanout_config_parse ("", 0, "p.ini", NULL, overrides, &try.errors);
  ck_assert (!fanout_options_bind (try.config, fanout_config_group (try.config, 0), tables, targets,
                                   NULL, try.columns, &try.errors));
  ck_assert_uint_eq (try.errors.lines->len, 2);
  ck_assert (g_str_has_prefix (try.errors.lines->pdata[0],
                               "-s pipeline.cuont=1: [pipeline] cuont: unknown key; possible: "));
  ck_assert (g_str_has_suffix (try.errors.lines->pdata[0], "; did you mean 'count'?"));
  ck_assert_str_eq (try.errors.lines->pdata[1],
                    "-s pipeline.count=x: [pipeline] count: found 'x'; possible: a whole number "
                    "from 0");
}
END_TEST

START_TEST (test_key_file_mistake)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_auto (Try) try = { 0 };

  g_key_file_set_value (key_file, "g", "count", "x");
  fanout_errors_init (&try.errors);
  try.columns = g_ptr_array_new ();
  try.config = fanout_config_from_key_file (key_file, NULL, NULL, &try.errors);
  try_bind (&try, table, NULL);
  ck_assert_str_eq (try.lines, "[g] count: found 'x'; possible: a whole number from 0");
}
END_TEST

START_TEST (test_several_tables)
{
  typedef struct
  {
    gint first, second;
  } Other;
  static const FanoutOption more[] = {
    { .key = "first", .type = FANOUT_OPTION_COLUMN, .offset = G_STRUCT_OFFSET (Other, first) },
    { .key = "second",
      .type = FANOUT_OPTION_COLUMN,
      .offset = G_STRUCT_OFFSET (Other, second),
      .value = "s" },
    { .key = NULL },
  };
  const FanoutOption *const tables[] = { table, more, NULL };
  g_auto (Try) try = { 0 };
  Other other = { 0 };
  const gpointer targets[] = { &try.bound, &other };

  try_parse (&try, "[g]\nfirst = f\ncolumn = c\n");
  ck_assert (fanout_options_bind (try.config, fanout_config_group (try.config, 0), tables, targets,
                                  NULL, try.columns, &try.errors));
  ck_assert_int_eq (try.bound.column, 0);
  ck_assert_int_eq (other.first, 1);
  ck_assert_int_eq (other.second, 2);
  ck_assert_str_eq (try.columns->pdata[2], "s");
}
END_TEST

START_TEST (test_group_that_is_not_there)
{
  const FanoutConfigGroup group = { .name = "output", .origin = "p.ini" };
  const FanoutOption *const tables[] = { defaults, NULL };
  g_auto (Try) try = { 0 };
  const gpointer targets[] = { &try.bound };

  try_parse (&try, "");
  ck_assert (!fanout_options_bind (try.config, &group, tables, targets, NULL, NULL, &try.errors));
  ck_assert_int_eq (try.bound.choice, 1);
  ck_assert_str_eq (try.errors.lines->pdata[0],
                    "p.ini: [output]: the key 'column' is missing; possible: a column");
}
END_TEST

START_TEST (test_check)
{
  static const char *const none[] = { NULL };
  const FanoutOption wrong_tables[][3] = {
    { { .key = "a", .type = 99 } },
    { { .key = "a" } },
    { { .key = "a", .type = FANOUT_OPTION_COUNT, .offset = sizeof (Bound) - 4 } },
    { { .key = "a", .type = FANOUT_OPTION_COUNT, .offset = 4 } },
    { { .key = "a", .type = FANOUT_OPTION_TEXT, .offset = (gsize) -8 } },
    { { .key = "a", .type = FANOUT_OPTION_CHOICE } },
    { { .key = "a", .type = FANOUT_OPTION_CHOICE, .choices = none } },
    { { .key = "a", .type = FANOUT_OPTION_BYTES, .max = "1T" } },
    { { .key = "a", .type = FANOUT_OPTION_NUMBERS, .min = "x" } },
    { { .key = "a", .type = FANOUT_OPTION_NUMBER, .min = "1", .value = "0" } },
    { { .key = "a", .type = FANOUT_OPTION_TEXT },
      { .key = "a", .type = FANOUT_OPTION_TEXT, .offset = 8 } },
  };
  static const char *const problems[] = {
    "option 'a': its type is unknown",
    "option 'a': its type is unknown",
    "option 'a': its offset does not fit the options struct",
    "option 'a': its offset does not fit the options struct",
    "option 'a': its offset does not fit the options struct",
    "option 'a': it has no choices",
    "option 'a': it has no choices",
    "option 'a': its bounds are wrong",
    "option 'a': its bounds are wrong",
    "option 'a': its default is wrong",
    "option 'a': it is there twice",
  };
  char *untouched = NULL;

  ck_assert (fanout_options_check (table, sizeof (Bound), &untouched));
  ck_assert (fanout_options_check (defaults, sizeof (Bound), &untouched));
  ck_assert (fanout_options_check (NULL, 0, &untouched));
  ck_assert_ptr_null (untouched);
  for (guint i = 0; i < G_N_ELEMENTS (problems); i++)
    {
      g_autofree char *problem = NULL;

      ck_assert (!fanout_options_check (wrong_tables[i], sizeof (Bound), &problem));
      ck_assert_str_eq (problem, problems[i]);
    }
}
END_TEST

START_TEST (test_nearest_name)
{
  static const char *const names[]
      = { "batch", "strategy", "threads", "sum", "min", "max", "q", "mean", "median", NULL };
  static const struct
  {
    const char *text, *nearest;
  } cases[] = {
    { "bacth", "batch" },
    { "batchs", "batch" },
    { "BATCH", "batch" },
    { "bath", "batch" },
    { "thread", "threads" },
    { "thraeds", "threads" },
    { "sun", "sum" },
    { "mni", "min" },
    { "q", "q" },
    { "p", NULL },
    { "", NULL },
    { "average", NULL },
    { "meen", "mean" },
    { "medain", "median" },
    { "strat", NULL },
    { "mixed", NULL },
  };
  g_autofree char *longest = g_strnfill (64, 'x');
  g_autofree char *longer = g_strnfill (1 << 20, 'x');
  const char *const long_names[] = { longer, longest, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_pstr_eq (fanout_nearest_name (cases[i].text, names), cases[i].nearest);
  ck_assert_ptr_null (fanout_nearest_name (longer, long_names));
  ck_assert_ptr_eq (fanout_nearest_name (longest, long_names), longest);
  ck_assert_ptr_null (fanout_nearest_name ("x", NULL));
}
END_TEST

static const FanoutOption documented[] = {
  { .key = "strategy",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Bound, choice),
    .value = "fiber",
    .help = "fiber, threads or callback",
    .choices = strategies },
  { .key = "threads",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Bound, count),
    .help = "strategy = threads only: threads for the aggregates; default: the number of cores",
    .min = "1",
    .example = "2" },
  { .key = "columns",
    .type = FANOUT_OPTION_TEXTS,
    .offset = G_STRUCT_OFFSET (Bound, texts),
    .help = "names, in order" },
  { .key = "null-values",
    .type = FANOUT_OPTION_TEXTS,
    .offset = G_STRUCT_OFFSET (Bound, texts),
    .value = "",
    .help = "caf\xC3\xA9" },
  { .key = "pattern",
    .type = FANOUT_OPTION_TEXT,
    .offset = G_STRUCT_OFFSET (Bound, text),
    .help = "a regular expression" },
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = G_STRUCT_OFFSET (Bound, numbers),
    .flags = FANOUT_OPTION_REQUIRED,
    .min = "0",
    .max = "1",
    .example = "0.5, 0.9" },
  { .key = NULL },
};

START_TEST (test_reference)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (Try) try = { 0 };

  fanout_options_reference (out, documented);
  ck_assert_str_eq (
      out->str,
      "# fiber, threads or callback\n"
      "strategy = fiber\n"
      "# strategy = threads only: threads for the aggregates; default: the number of cores\n"
      "threads = 2\n"
      "# names, in order\n"
      "columns =\n"
      "# caf\xC3\xA9\n"
      "null-values =\n"
      "# a regular expression\n"
      "# pattern =\n"
      "q = 0.5, 0.9\n");
  /* It can be used as it is. */
  text = g_strconcat ("[g]\n", out->str, NULL);
  try_parse (&try, text);
  try_bind (&try, documented, NULL);
  ck_assert_str_eq (try.lines, "");
}
END_TEST

START_TEST (test_describe)
{
  static const FanoutOption nothing[] = { { .key = NULL } };
  static const FanoutOption accented[] = {
    { .key = "\xC3\xA9", .type = FANOUT_OPTION_TIME, .value = "10s", .help = "how long" },
    { .key = NULL },
  };
  const FanoutOption *const tables[] = { documented, nothing, accented, NULL };
  const FanoutOption *const empty[] = { nothing, NULL };
  g_autoptr (GString) out = g_string_new (NULL);

  fanout_options_describe (out, empty, "  ");
  ck_assert_str_eq (out->str, "");
  fanout_options_describe (out, tables, "  ");
  ck_assert_str_eq (
      out->str,
      "  key          possible                                 default   meaning\n"
      "  strategy     fiber, threads or callback               fiber     fiber, threads or "
      "callback\n"
      "  threads      a whole number from 1                              strategy = threads only: "
      "threads for the aggregates; default: the number of cores\n"
      "  columns      texts separated by commas                          names, in order\n"
      "  null-values  texts separated by commas                          caf\xC3\xA9\n"
      "  pattern      a text                                             a regular expression\n"
      "  q            numbers from 0 to 1 separated by commas  required\n"
      "  \xC3\xA9            a time (500ms, 10s, 5m, 1h)              10s       how long\n");
}
END_TEST

/* Whatever a value is, it is bound or is one mistake on one line. */
static void
check_sound (const char *value)
{
  for (const FanoutOption *option = table; option->key != NULL; option++)
    {
      g_autofree char *line = g_strdup_printf ("[g]\n%s = %s\n", option->key, value);
      g_auto (Try) try = { 0 };

      try_parse (&try, line);
      ck_assert_uint_eq (try.errors.lines->len, 0);
      try_bind (&try, table, NULL);
      ck_assert_uint_le (try.errors.lines->len, 1);
      ck_assert (g_utf8_validate (try.lines, -1, NULL) && strchr (try.lines, '\n') == NULL);
    }
}

START_TEST (test_random_values)
{
  static const char *const pieces[] = { "0",
                                        "1",
                                        "9",
                                        ".",
                                        "-",
                                        "+",
                                        "e",
                                        "\"",
                                        "\"\"",
                                        ",",
                                        " ",
                                        "\t",
                                        "K",
                                        "G",
                                        "ms",
                                        "h",
                                        "inf",
                                        "\\t",
                                        "\\",
                                        "a",
                                        "auto",
                                        "#",
                                        ";",
                                        "\xC3\xA9",
                                        "\xE2\x82\xAC",
                                        "\x7F",
                                        "true",
                                        "99999999999999999999",
                                        "=",
                                        "[",
                                        "]" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);

  for (guint i = 0; i < 1500; i++)
    {
      g_autoptr (GString) value = g_string_new (NULL);
      const gint n = g_rand_int_range (rand, 0, 8);

      for (gint k = 0; k < n; k++)
        g_string_append (value, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
      check_sound (value->str);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("option");
  TCase *tests = tcase_create ("option");

  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, test_wrong_value, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tests, test_boolean);
  tcase_add_test (tests, test_counts);
  tcase_add_test (tests, test_integers);
  tcase_add_test (tests, test_number);
  tcase_add_test (tests, test_numbers);
  tcase_add_test (tests, test_sizes_and_times);
  tcase_add_test (tests, test_character);
  tcase_add_test (tests, test_choice);
  tcase_add_test (tests, test_text);
  tcase_add_test (tests, test_texts);
  tcase_add_test (tests, test_columns);
  tcase_add_test (tests, test_defaults);
  tcase_add_test (tests, test_unknown_keys);
  tcase_add_test (tests, test_all_at_once);
  tcase_add_test (tests, test_override_mistake);
  tcase_add_test (tests, test_key_file_mistake);
  tcase_add_test (tests, test_several_tables);
  tcase_add_test (tests, test_group_that_is_not_there);
  tcase_add_test (tests, test_check);
  tcase_add_test (tests, test_nearest_name);
  tcase_add_test (tests, test_reference);
  tcase_add_test (tests, test_describe);
  tcase_add_test (tests, test_random_values);
  suite_add_tcase (suite, tests);
  return suite;
}
