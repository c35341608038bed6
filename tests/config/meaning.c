#include "core/config/option.h"
#include "tests/support/suite.h"

#include <check.h>
#include <string.h>

typedef struct
{
  gboolean boolean;
  guint64 count;
  gint64 integer;
  FanoutNumber number;
  FanoutNumbers numbers;
  guint64 size;
  guint64 time;
  gint character;
  gint choice;
  const char *text;
  const char *const *texts;
  gint column;
  FanoutColumns columns;
} Options;

static const char *const choices[] = { "left", "right", NULL };
static const char *const automatic[] = { "auto", NULL };

#define AT(member) G_STRUCT_OFFSET (Options, member)

static const FanoutOption table[] = {
  { .key = "boolean", .type = FANOUT_OPTION_BOOLEAN, .offset = AT (boolean), .value = "no" },
  { .key = "count", .type = FANOUT_OPTION_COUNT, .offset = AT (count), .choices = automatic },
  { .key = "integer", .type = FANOUT_OPTION_INTEGER, .offset = AT (integer), .value = "-7" },
  { .key = "number", .type = FANOUT_OPTION_NUMBER, .offset = AT (number) },
  { .key = "numbers",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = AT (numbers),
    .takes = FANOUT_TAKES_WIDE },
  { .key = "size", .type = FANOUT_OPTION_BYTES, .offset = AT (size) },
  { .key = "time", .type = FANOUT_OPTION_TIME, .offset = AT (time) },
  { .key = "character", .type = FANOUT_OPTION_CHARACTER, .offset = AT (character) },
  { .key = "choice", .type = FANOUT_OPTION_CHOICE, .offset = AT (choice), .choices = choices },
  { .key = "text", .type = FANOUT_OPTION_TEXT, .offset = AT (text) },
  { .key = "texts", .type = FANOUT_OPTION_TEXTS, .offset = AT (texts) },
  { .key = "column", .type = FANOUT_OPTION_COLUMN, .offset = AT (column) },
  { .key = "columns", .type = FANOUT_OPTION_COLUMNS, .offset = AT (columns) },
  { .key = NULL },
};

static char *
meaning_of (const char *entries)
{
  const FanoutOption *const tables[] = { table, NULL };
  Options options = { 0 };
  gpointer const targets[] = { &options };
  g_autofree char *text = g_strconcat ("[a]\n", entries, NULL);
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  g_autoptr (FanoutConfig) config = NULL;
  FanoutErrors errors;
  char *meaning;

  fanout_errors_init (&errors);
  config = fanout_config_parse (text, strlen (text), "p.ini", ".", NULL, &errors);
  ck_assert (fanout_options_bind (config, fanout_config_group (config, 0), tables, targets, NULL,
                                  columns, &errors));
  fanout_errors_clear (&errors);
  meaning = fanout_options_meaning (table, &options, columns);
  return meaning;
}

START_TEST (test_every_type)
{
  g_autofree char *meaning
      = meaning_of ("boolean = yes\ncount = 3\ninteger = 5\nnumber = 1.50\nnumbers = 1, 0.25\n"
                    "size = 2K\ntime = 3ms\ncharacter = \\t\nchoice = right\ntext = a b\n"
                    "texts = a, \"b,c\"\ncolumn = x\ncolumns = y, z\n");

  ck_assert_str_eq (meaning, "boolean=1\ncharacter=9\nchoice=5:right\ncolumn=1:x\n"
                             "columns=1:y1:z\ncount=3\ninteger=5\nnumber=15/1\n"
                             "numbers=,1/0,25/2\nsize=2048\ntext=3:a b\ntexts=1:a3:b,c\n"
                             "time=3000\n");
}
END_TEST

START_TEST (test_absent)
{
  g_autofree char *meaning = meaning_of ("");
  g_autofree char *none = fanout_options_meaning (NULL, NULL, NULL);

  ck_assert_str_eq (meaning, "boolean=0\ncharacter=0\nchoice=4:left\ncolumn=\ncolumns=\ncount=0\n"
                             "integer=-7\nnumber=0/0\nnumbers=\nsize=0\ntext=\ntexts=\ntime=0\n");
  ck_assert_str_eq (none, "");
}
END_TEST

static const struct
{
  const char *one;
  const char *other;
  gboolean same;
} pairs[] = {
  { "number = 1e1\nsize = 1K\n", "size = 1024\nnumber = 10.0\n", TRUE },
  { "numbers = 1,2\n", "numbers =  1.0 , \"2\"\n", TRUE },
  { "boolean = no\n", "", TRUE },
  { "boolean = 1\n", "boolean = true\n", TRUE },
  { "number = 1e300\n", "number = 10e299\n", TRUE },
  { "number = 1e300\n", "number = 1.0000000000000002e300\n", FALSE },
  { "number = 1\n", "number = 1.000000001\n", FALSE },
  { "numbers = 18446744073709551615\n", "numbers = 18446744073709551615.0\n", TRUE },
  { "numbers = 18446744073709551615\n", "numbers = 18446744073709551614\n", FALSE },
  { "texts = ab, c\n", "texts = a, bc\n", FALSE },
  { "texts = \"a,b\"\n", "texts = a, b\n", FALSE },
  { "text =\n", "", FALSE },
  { "column = x\ncolumns = y\n", "column = y\ncolumns = x\n", FALSE },
  { "columns = x, y\n", "columns = y, x\n", FALSE },
  { "count = auto\n", "count = 1\n", FALSE },
};

START_TEST (test_same)
{
  g_autofree char *one = meaning_of (pairs[_i].one);
  g_autofree char *other = meaning_of (pairs[_i].other);

  ck_assert_int_eq (strcmp (one, other) == 0, pairs[_i].same);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("meaning");
  TCase *tests = tcase_create ("meaning");

  tcase_add_test (tests, test_every_type);
  tcase_add_test (tests, test_absent);
  tcase_add_loop_test (tests, test_same, 0, G_N_ELEMENTS (pairs));
  suite_add_tcase (suite, tests);
  return suite;
}
