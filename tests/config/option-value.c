/* Values of each type of option: what they are bound to, and how wrong ones are told. */

#include "tests/support/options.h"
#include "tests/support/suite.h"

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
  { "amount = 18446744073709551615.5",
    "amount: found '18446744073709551615.5' (too large); possible: a number from "
    "-18446744073709551615 to 18446744073709551615" },
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
  { "characters = blank", "characters: found 'blank'; possible: characters (or \\t, \\x1F), "
                          "whitespace, tab, space or none" },
  { "characters = \\x0A", "characters: found '\\x0A'; possible: characters (or \\t, \\x1F), "
                          "whitespace, tab, space or none" },
  { "characters = |\\x00", "characters: found '|\\x00'; possible: characters (or \\t, \\x1F), "
                           "whitespace, tab, space or none" },
  { "characters = \\x1", "characters: found '\\x1'; possible: characters (or \\t, \\x1F), "
                         "whitespace, tab, space or none" },
  { "characters =", "characters: found nothing; possible: characters (or \\t, \\x1F), "
                    "whitespace, tab, space or none" },
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

/* Only options that say so see wide decimals. */
START_TEST (test_wide_number)
{
  g_auto (Try) narrow = { 0 };
  g_auto (Try) wide = { 0 };
  g_auto (Try) list = { 0 };

  try_line (&narrow, "number = 18446744073709551615", "");
  ck_assert_int_eq (narrow.bound.number.scale, FANOUT_SCALE_DOUBLE);
  try_line (&wide, "amount = -18446744073709551615.0", "");
  ck_assert_int_eq (wide.bound.number.scale, FANOUT_SCALE_WIDE);
  ck_assert (wide.bound.number.wide->mantissa == -(FanoutInt128) G_MAXUINT64);
  ck_assert_int_eq (wide.bound.number.wide->scale, 0);
  try_line (&list, "amounts = 0.0000000000000000001, 1, 1e300, 18446744073709551615", "");
  ck_assert_uint_eq (list.bound.numbers.n, 4);
  ck_assert_int_eq (list.bound.numbers.values[0].wide->scale, 19);
  ck_assert_int_eq (list.bound.numbers.values[1].mantissa, 1);
  ck_assert_int_eq (list.bound.numbers.values[2].scale, FANOUT_SCALE_DOUBLE);
  ck_assert (list.bound.numbers.values[3].wide->mantissa == G_MAXUINT64);
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

START_TEST (test_characters)
{
  static const struct
  {
    const char *line;
    const char *characters;
  } cases[] = {
    { "characters = ,", "," },
    { "characters = ||", "||" },
    { "characters = \\t", "\t" },
    { "characters = \\t|\\x01\\xFE", "\t|\x01\xFE" },
    { "characters = \xC2\xA7", "\xC2\xA7" },
    { "characters = a", "a" },
    { "characters = a,b", "a,b" },
    { "characters = \\", "\\" },
    { "characters = \\n", "\\n" },
    { "characters = tab", "\t" },
    { "characters = space", " " },
    { "characters = whitespace", "whitespace" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Try) try = { 0 };

      try_line (&try, cases[i].line, "");
      ck_assert_str_eq (try.bound.text, cases[i].characters);
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
  Suite *suite = suite_create ("option values");
  TCase *tests = tcase_create ("option values");

  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, test_wrong_value, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tests, test_boolean);
  tcase_add_test (tests, test_counts);
  tcase_add_test (tests, test_integers);
  tcase_add_test (tests, test_number);
  tcase_add_test (tests, test_wide_number);
  tcase_add_test (tests, test_numbers);
  tcase_add_test (tests, test_sizes_and_times);
  tcase_add_test (tests, test_character);
  tcase_add_test (tests, test_characters);
  tcase_add_test (tests, test_choice);
  tcase_add_test (tests, test_text);
  tcase_add_test (tests, test_texts);
  tcase_add_test (tests, test_columns);
  tcase_add_test (tests, test_random_values);
  suite_add_tcase (suite, tests);
  return suite;
}
