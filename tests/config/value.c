#include "core/config/option-value.h"
#include "core/config/option.h"
#include "tests/support/suite.h"

#include <check.h>
#include <string.h>

/* What is no comment, and what would be taken for one. */
static const struct
{
  const char *value;
  gboolean comment;
} comments[] = {
  { "", FALSE },
  { "a", FALSE },
  { "#", FALSE },
  { ";", FALSE },
  { "a#b", FALSE },
  { "a;b", FALSE },
  { "a # b", TRUE },
  { "a\t#", TRUE },
  { "a ;", TRUE },
  { " #", TRUE },
  { "\"a # b\"", FALSE },
  { "\"a\" # b", TRUE },
  { "\"a\"\" # b\"", FALSE },
  { "a \"b\" ;c", TRUE },
  { "5\" # b", TRUE },
  { "\"\" #", TRUE },
  { "a, \"b ;c\", d", FALSE },
};

START_TEST (test_comment)
{
  ck_assert_int_eq (fanout_value_has_comment (comments[_i].value), comments[_i].comment);
}
END_TEST

static const struct
{
  const char *items[4];
  const char *list;
} lists[] = {
  { { NULL }, "" },
  { { "a", "b c", NULL }, "a, b c" },
  { { "Last, First", "v", NULL }, "\"Last, First\", v" },
  { { "a\"b", NULL }, "\"a\"\"b\"" },
  { { " a", "b ", NULL }, "\" a\", \"b \"" },
  { { "#N/A", "Order #", "x ;y", NULL }, "\"#N/A\", \"Order #\", \"x ;y\"" },
};

START_TEST (test_list)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_auto (GStrv) items = NULL;
  const char *reason = NULL;

  for (gsize i = 0; lists[_i].items[i] != NULL; i++)
    fanout_list_append (list, lists[_i].items[i]);
  ck_assert_str_eq (list->str, lists[_i].list);
  items = fanout_list_split (list->str, &reason);
  ck_assert_ptr_nonnull (items);
  ck_assert (g_strv_equal ((const char *const *) items, lists[_i].items));
}
END_TEST

START_TEST (test_show)
{
  const char *odd[] = { "a\nb", "Last, First", NULL };
  const char *many[201] = { NULL };
  g_autofree char *shown = fanout_list_show (odd);
  g_autofree char *cut = NULL;

  ck_assert_str_eq (shown, "a\\nb, \"Last, First\"");
  for (gsize i = 0; i < 200; i++)
    many[i] = "name";
  cut = fanout_list_show (many);
  ck_assert_uint_eq (strlen (cut), 68 * 6 - 2 + strlen (", ..."));
  ck_assert (g_str_has_suffix (cut, ", name, ..."));
}
END_TEST

static const char *const characters[] = { "tab", "space", NULL };

/* What a line of a file must have for a value that came another way. */
static const struct
{
  FanoutOption option;
  const char *value;
  const char *line;
} lines[] = {
  { { .type = FANOUT_OPTION_TEXT }, "a b", "a b" },
  { { .type = FANOUT_OPTION_TEXT }, "", "" },
  { { .type = FANOUT_OPTION_TEXT }, "a #b", NULL },
  { { .type = FANOUT_OPTION_TEXT }, " a", NULL },
  { { .type = FANOUT_OPTION_TEXT }, "a\nb", NULL },
  { { .type = FANOUT_OPTION_TEXT, .flags = FANOUT_OPTION_RAW }, "a #b", "a #b" },
  { { .type = FANOUT_OPTION_TEXT, .flags = FANOUT_OPTION_RAW }, "a #b ", NULL },
  { { .type = FANOUT_OPTION_TEXTS }, "-, #N/A", "-, \"#N/A\"" },
  { { .type = FANOUT_OPTION_TEXTS }, "-,#N/A", "-,#N/A" },
  { { .type = FANOUT_OPTION_TEXTS }, "-, #N/A,", NULL },
  { { .type = FANOUT_OPTION_COLUMNS }, "a, Order #", "a, \"Order #\"" },
  { { .type = FANOUT_OPTION_COLUMN }, "Last, First", "Last, First" },
  { { .type = FANOUT_OPTION_COLUMN }, "Order #", "\"Order #\"" },
  { { .type = FANOUT_OPTION_COLUMN }, "5\" #", "\"5\"\" #\"" },
  { { .type = FANOUT_OPTION_CHARACTER, .choices = characters }, " ", "space" },
  { { .type = FANOUT_OPTION_CHARACTER }, " ", "\\x20" },
  { { .type = FANOUT_OPTION_CHARACTER, .choices = characters }, "\t", "\\t" },
  { { .type = FANOUT_OPTION_CHARACTER }, "#", "#" },
  { { .type = FANOUT_OPTION_CHARACTER }, "\x01", "\\x01" },
  { { .type = FANOUT_OPTION_CHARACTERS, .choices = characters }, " ", "space" },
  { { .type = FANOUT_OPTION_CHARACTERS, .choices = characters }, " | ", "\\x20|\\x20" },
  { { .type = FANOUT_OPTION_CHARACTERS }, "\t\x01\xC2\xA7", "\\t\\x01\xC2\xA7" },
  { { .type = FANOUT_OPTION_CHARACTERS }, "||", "||" },
};

START_TEST (test_line)
{
  g_autofree char *line = fanout_option_as_line (&lines[_i].option, lines[_i].value);

  ck_assert_pstr_eq (line, lines[_i].line);
}
END_TEST

START_TEST (test_nearest_names)
{
  static const char *const names[]
      = { "count", "mean", "median", "meann", "man", "men", "range", NULL };
  static const struct
  {
    const char *text;
    const char *near;
  } cases[] = {
    { "maen", "'mean', 'man' or 'men'" },
    { "cuont", "'count'" },
    { "MEAN", "'mean', 'meann' or 'man'" },
    { "ragne", "'range'" },
    { "frobnicate", "" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *near = fanout_nearest_names (cases[i].text, names);

      ck_assert_str_eq (near, cases[i].near);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("value");
  TCase *tests = tcase_create ("value");

  tcase_add_loop_test (tests, test_comment, 0, G_N_ELEMENTS (comments));
  tcase_add_loop_test (tests, test_list, 0, G_N_ELEMENTS (lists));
  tcase_add_test (tests, test_show);
  tcase_add_loop_test (tests, test_line, 0, G_N_ELEMENTS (lines));
  tcase_add_test (tests, test_nearest_names);
  suite_add_tcase (suite, tests);
  return suite;
}
