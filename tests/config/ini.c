/* The text of a file: what it says, and what is wrong with it. */

#include "tests/support/config.h"
#include "tests/support/suite.h"

START_TEST (test_values_as_they_stand)
{
  expect ("# comment\n"
          "\n"
          "  # indented comment\n"
          "[pipeline]\n"
          "batch=4096\n"
          "  strategy =   fiber  \t \n"
          "group-by = \"Last, First\", city\n"
          "[source]\n"
          "null-values = \\N\n"
          "pattern = ^(?<a>\\d+) # \\s=[x]\n"
          "columns =\n"
          "delimiter = ;\n"
          "quote = #\n"
          "empty-too=   \n"
          "  [aggregate \xC3\xA9t\xC3\xA9.x]  \n"
          "a.b = c=d\n",
          "[pipeline] @p.ini:4\n"
          "batch=<4096> @p.ini:5\n"
          "strategy=<fiber> @p.ini:6\n"
          "group-by=<\"Last, First\", city> @p.ini:7\n"
          "[source] @p.ini:8\n"
          "null-values=<\\N> @p.ini:9\n"
          "pattern=<^(?<a>\\d+) # \\s=[x]> @p.ini:10\n"
          "columns=<> @p.ini:11\n"
          "delimiter=<;> @p.ini:12\n"
          "quote=<#> @p.ini:13\n"
          "empty-too=<> @p.ini:14\n"
          "[aggregate \xC3\xA9t\xC3\xA9.x] @p.ini:15\n"
          "a.b=<c=d> @p.ini:16\n",
          "");
}
END_TEST

START_TEST (test_line_ends_and_mark)
{
  const char *dump = "[a] @p.ini:1\nb=<c> @p.ini:2\nd=<e> @p.ini:4\n";

  expect ("[a]\nb = c\n\nd = e\n", dump, "");
  expect ("[a]\nb = c\n\nd = e", dump, "");
  expect ("[a]\r\nb = c\r\n\r\nd = e\r\n", dump, "");
  expect ("[a]\r\nb = c\r\n\r\nd = e\r", dump, "");
  expect ("\xEF\xBB\xBF[a]\nb = c\n\nd = e\n", dump, "");
  expect ("\xEF\xBB\xBF[a]\r\nb = c \r\n\r\nd = e", dump, "");
  expect ("", "", "");
  expect ("\xEF\xBB\xBF", "", "");
  expect ("\n", "", "");
  expect ("# only a comment", "", "");
  /* Only the first mark is one. */
  expect ("\xEF\xBB\xBF\xEF\xBB\xBF[a]\n", "",
          "p.ini:1: neither '[group]' nor 'key = value' nor '# comment': '\\xEF\\xBB\\xBF[a]'");
}
END_TEST

static const struct
{
  const char *text;
  const char *lines;
} mistakes[] = {
  { "[a]\nstrategy fiber\n",
    "p.ini:2: neither '[group]' nor 'key = value' nor '# comment': 'strategy fiber'" },
  { "batch = 1\n[a]\n", "p.ini:1: before the first [group]: 'batch = 1'" },
  { "[a]\n= 1\n", "p.ini:2: no key before the '=': '= 1'" },
  { "[a]\n =\n", "p.ini:2: no key before the '=': '='" },
  { "[a]\n; x\n", "p.ini:2: ';' starts no comment, only '#' does: '; x'" },
  { "[a]\n  ; x = 1\n", "p.ini:2: ';' starts no comment, only '#' does: '; x = 1'" },
  { "[a]\nkey[de] = 1\n", "p.ini:2: a key with [...] has no meaning here: 'key[de] = 1'" },
  { "[a]\nkey[] = 1\n", "p.ini:2: a key with [...] has no meaning here: 'key[] = 1'" },
  { "[a]\nkey] = 1\n", "p.ini:2: a bracket in a key's name: 'key] = 1'" },
  { "[a]\nkey[de = 1\n", "p.ini:2: a bracket in a key's name: 'key[de = 1'" },
  { "[a] # x\nb = 1\n", "p.ini:1: text behind the group's ']': '[a] # x'" },
  { "[a] = 3\n", "p.ini:1: text behind the group's ']': '[a] = 3'" },
  { "[a]]\n", "p.ini:1: text behind the group's ']': '[a]]'" },
  { "[a\nb = 1\n", "p.ini:1: no ']' behind the group's name: '[a'" },
  { "[\n", "p.ini:1: no ']' behind the group's name: '['" },
  { "[]\n", "p.ini:1: a group without a name: '[]'" },
  { "[  ]\n", "p.ini:1: a group without a name: '[  ]'" },
  { "[a[b]\n", "p.ini:1: a bracket or control character in a group's name: '[a[b]'" },
  { "[a \"b]\n", "p.ini:1: a quote that is not closed: '[a \"b]'" },
  { "[a \"b\" c]\n", "p.ini:1: text behind a closing quote: '[a \"b\" c]'" },
  { "[a \"b\"] c\n", "p.ini:1: text behind the group's ']': '[a \"b\"] c'" },
  { "[a \"\"]\n", "p.ini:1: blanks at the ends of a group's name: '[a \"\"]'" },
  { "[let]\n\"b = 1\n", "p.ini:2: a quote that is not closed: '\"b = 1'" },
  { "[let]\n\"b\" c = 1\n", "p.ini:2: text behind a closing quote: '\"b\" c = 1'" },
  { "[let]\n\"\" = 1\n", "p.ini:2: no key before the '=': '\"\" = 1'" },
  { "[let]\n; b = 1\n", "p.ini:2: ';' starts no comment, only '#' does: '; b = 1'" },
  { "[a]\n\"b\" = 1\n[let]\n\"b\" = 1\nb = 2\n",
    "p.ini:5: [let] b: the key is given twice, first at p.ini:4" },
  { "[a\tb]\n", "p.ini:1: a bracket or control character in a group's name: '[a\\tb]'" },
  { "[ a]\nb = 1\n", "p.ini:1: blanks at the ends of a group's name: '[ a]'" },
  { "[a]\nb = \xFF\n", "p.ini:2: text that is not UTF-8: 0xFF, the line's byte 5" },
  { "[a]\n# caf\xE9\n", "p.ini:2: text that is not UTF-8: 0xE9, the line's byte 6" },
  { "[caf\xC3]\n", "p.ini:1: text that is not UTF-8: 0xC3, the line's byte 5" },
  { "[a]\nb = 1\n[c]\n[a]\n", "p.ini:4: [a]: the group is given twice, first at p.ini:1" },
  { "[a]\nb = 1\nc = 2\nb = 1\n", "p.ini:4: [a] b: the key is given twice, first at p.ini:2" },
  { "[a]\nb = 1\nb = 2\nb = 3\n", "p.ini:3: [a] b: the key is given twice, first at p.ini:2\n"
                                  "p.ini:4: [a] b: the key is given twice, first at p.ini:2" },
  { "[a]\rb = 1\r", "p.ini:1: text behind the group's ']': '[a]\\rb = 1'" },
  { "\xFF\xFE[\0a\0]\0", "p.ini: text in UTF-16; possible: UTF-8" },
  { "\xFE\xFF\0[\0a\0]", "p.ini: text in UTF-16; possible: UTF-8" },
  { "[a]\n0123456789012345678901234567890123456789012345678901234567890123456789\n",
    "p.ini:2: neither '[group]' nor 'key = value' nor '# comment': "
    "'012345678901234567890123456789012345678901234567890123456789...'" },
};

START_TEST (test_mistake)
{
  expect (mistakes[_i].text, NULL, mistakes[_i].lines);
}
END_TEST

START_TEST (test_nul)
{
  const char text[] = "[a]\nb = 1\0x\nc = 2\n\0";

  expect_bytes (text, sizeof text - 1, NULL, "[a] @p.ini:1\nc=<2> @p.ini:3\n",
                "p.ini:2: a NUL byte, the line's byte 6\n"
                "p.ini:4: a NUL byte, the line's byte 1");
}
END_TEST

/* One wrong line hides no other, and brings no mistakes about lines that are right. */
START_TEST (test_all_at_once)
{
  expect ("\xEF\xBB\xBF"
          "batch = 1\r\n"
          "[pipeline] # here\r\n"
          "batch = 2\r\n"
          "what is this\r\n"
          "[source\r\n"
          "type = csv\r\n"
          "type = tsv\r\n"
          "[a[b]\r\n"
          "batch = 2\r\n"
          "; no\r\n"
          "[pipeline]\r\n"
          "batch = 3\r\n",
          "[pipeline] @p.ini:2\n"
          "batch=<2> @p.ini:3\n"
          "[source] @p.ini:5\n"
          "type=<csv> @p.ini:6\n"
          "type=<tsv> @p.ini:7\n"
          "[pipeline] @p.ini:11\n"
          "batch=<3> @p.ini:12\n",
          "p.ini:1: before the first [group]: 'batch = 1'\n"
          "p.ini:2: text behind the group's ']': '[pipeline] # here'\n"
          "p.ini:4: neither '[group]' nor 'key = value' nor '# comment': 'what is this'\n"
          "p.ini:5: no ']' behind the group's name: '[source'\n"
          "p.ini:7: [source] type: the key is given twice, first at p.ini:6\n"
          "p.ini:8: a bracket or control character in a group's name: '[a[b]'\n"
          "p.ini:10: ';' starts no comment, only '#' does: '; no'\n"
          "p.ini:11: [pipeline]: the group is given twice, first at p.ini:2");
}
END_TEST

/* Names with what a line would take for something else. */
START_TEST (test_names)
{
  static const char text[] = "[let]\n"
                             "tags[0] = tags[0]\n"
                             "\"if(a = 1, \"\"b c\"\", d)\" = if(a = 1, \"b c\", d)\n"
                             "\"# \" = 3\n"
                             "\n[result]\n"
                             "\"\"\"x\"\" * 2\" = \"x\" * 2\n"
                             "\n[aggregate \"mean(tags[0])\"]\n"
                             "type = mean\n"
                             "\n[aggregate \"\"\"x\"\"\"]\n"
                             "type = sum\n"
                             "\n[aggregate argmax(x, \"y\")]\n"
                             "type = argmax\n";
  g_auto (Read) read = { 0 };
  g_autoptr (GString) written = g_string_new (NULL);

  expect (text,
          "[let] @p.ini:1\n"
          "tags[0]=<tags[0]> @p.ini:2\n"
          "if(a = 1, \"b c\", d)=<if(a = 1, \"b c\", d)> @p.ini:3\n"
          "# =<3> @p.ini:4\n"
          "[result] @p.ini:6\n"
          "\"x\" * 2=<\"x\" * 2> @p.ini:7\n"
          "[aggregate mean(tags[0])] @p.ini:9\n"
          "type=<mean> @p.ini:10\n"
          "[aggregate \"x\"] @p.ini:12\n"
          "type=<sum> @p.ini:13\n"
          "[aggregate argmax(x, \"y\")] @p.ini:15\n"
          "type=<argmax> @p.ini:16\n",
          "");
  read_bytes (&read, text, sizeof text - 1, NULL);
  fanout_config_write (read.config, written);
  ck_assert_str_eq (written->str, text);
}
END_TEST

START_TEST (test_key_named_encoding)
{
  expect ("[a]\nEncoding = latin1\n", "[a] @p.ini:1\nEncoding=<latin1> @p.ini:2\n", "");
}
END_TEST

START_TEST (test_many_mistakes)
{
  g_autoptr (GString) text = g_string_new ("[a]\n");
  g_auto (Read) read = { 0 };
  g_autofree char *lines = NULL;
  g_auto (GStrv) parts = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "1,2,3\n");
  read_bytes (&read, text->str, text->len, NULL);
  lines = lines_of (&read.errors);
  parts = g_strsplit (lines, "\n", -1);
  ck_assert_uint_eq (g_strv_length (parts), FANOUT_ERRORS_MAX + 1);
  ck_assert_str_eq (parts[FANOUT_ERRORS_MAX], "more than 200 mistakes: the others are not shown");
}
END_TEST

START_TEST (test_exactly_as_many_mistakes)
{
  g_autoptr (GString) text = g_string_new ("[a]\n");
  g_auto (Read) read = { 0 };

  for (guint i = 0; i < FANOUT_ERRORS_MAX; i++)
    g_string_append (text, "1,2,3\n");
  read_bytes (&read, text->str, text->len, NULL);
  ck_assert_uint_eq (read.errors.lines->len, FANOUT_ERRORS_MAX);
  ck_assert (!read.errors.more);
  fanout_errors_add (&read.errors, "p.ini:1", "one more");
  ck_assert_uint_eq (read.errors.lines->len, FANOUT_ERRORS_MAX);
  ck_assert (read.errors.more);
}
END_TEST

START_TEST (test_mistakes_in_order)
{
  FanoutErrors errors;
  g_autofree char *lines = NULL;

  fanout_errors_init (&errors);
  fanout_errors_add (&errors, "p.ini:10", "%s", "b");
  fanout_errors_add (&errors, "p.ini:9", "a");
  fanout_errors_add (&errors, "p.ini:10", "c");
  fanout_errors_add (&errors, "-s a.b=p.ini:1", "d");
  fanout_errors_add (&errors, "p.ini:100", "e");
  fanout_errors_add (&errors, "p.ini:2", "f");
  lines = lines_of (&errors);
  ck_assert_str_eq (lines, "p.ini:9: a\np.ini:10: b\np.ini:10: c\n-s a.b=p.ini:1: d\n"
                           "p.ini:2: f\np.ini:100: e");
  fanout_errors_clear (&errors);
}
END_TEST

static const char sample[] = "\xEF\xBB\xBF# comment\r\n[pipeline]\r\nbatch = 1 # x\n"
                             "group-by = \"Last, First\", caf\xC3\xA9\n[source] ; x\n"
                             "pattern = ^(?<a>\\d+)\n; y\nkey[de] = 1\n\n[aggregate a.b]\n= 2\n"
                             "type = sum\n[aggregate a.b]\ntype = sum\ntype = mean\nx\ty = \0z\n";

/* What is read stays valid UTF-8 without line feeds, and mistakes are one line each. */
static void
check_sound (const char *text, gsize length, const char *override)
{
  const char *const overrides[] = { override, NULL };
  g_auto (Read) read = { 0 };

  read_bytes (&read, text, length, overrides);
  for (guint i = 0; i < fanout_config_n_groups (read.config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (read.config, i);

      ck_assert (group->name[0] != '\0' && g_utf8_validate (group->name, -1, NULL));
      for (guint k = 0; k < group->n_entries; k++)
        {
          ck_assert (group->entries[k].key[0] != '\0');
          ck_assert (g_utf8_validate (group->entries[k].key, -1, NULL));
          ck_assert (g_utf8_validate (group->entries[k].value, -1, NULL));
          ck_assert (strchr (group->entries[k].value, '\n') == NULL);
        }
    }
  for (guint i = 0; i < read.errors.lines->len; i++)
    {
      const char *line = read.errors.lines->pdata[i];

      ck_assert (g_utf8_validate (line, -1, NULL) && strchr (line, '\n') == NULL);
    }
}

START_TEST (test_truncated)
{
  for (gsize i = 0; i < sizeof sample; i++)
    {
      check_sound (sample, i, "a.b=1");
      check_sound (sample + i, sizeof sample - i, sample + i);
    }
}
END_TEST

START_TEST (test_mutated)
{
  static const char pieces[] = "[]=#;\n\r\t .\"\\\0\x7F\xC3\xFF\xEFpq";
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);

  for (guint i = 0; i < 4000; i++)
    {
      char text[sizeof sample];
      char override[24];
      const guint n = (guint) g_rand_int_range (rand, 1, 12);

      memcpy (text, sample, sizeof text);
      for (guint k = 0; k < n; k++)
        text[g_rand_int_range (rand, 0, (gint32) sizeof text)]
            = pieces[g_rand_int_range (rand, 0, (gint32) sizeof pieces)];
      for (guint k = 0; k < sizeof override; k++)
        override[k] = pieces[g_rand_int_range (rand, 0, (gint32) sizeof pieces)];
      override[sizeof override - 1] = '\0';
      check_sound (text, (gsize) g_rand_int_range (rand, 0, (gint32) sizeof text), override);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("ini");
  TCase *tests = tcase_create ("ini");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_values_as_they_stand);
  tcase_add_test (tests, test_line_ends_and_mark);
  tcase_add_loop_test (tests, test_mistake, 0, G_N_ELEMENTS (mistakes));
  tcase_add_test (tests, test_nul);
  tcase_add_test (tests, test_all_at_once);
  tcase_add_test (tests, test_names);
  tcase_add_test (tests, test_key_named_encoding);
  tcase_add_test (tests, test_many_mistakes);
  tcase_add_test (tests, test_exactly_as_many_mistakes);
  tcase_add_test (tests, test_mistakes_in_order);
  tcase_add_test (tests, test_truncated);
  tcase_add_test (tests, test_mutated);
  suite_add_tcase (suite, tests);
  return suite;
}
