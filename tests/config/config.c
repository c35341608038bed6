#include "tests/support/suite.h"
#include "core/config/config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  FanoutConfig *config;
  FanoutErrors errors;
} Read;

static void
read_clear (Read *read)
{
  g_clear_pointer (&read->config, fanout_config_free);
  fanout_errors_clear (&read->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Read, read_clear)

static void
read_bytes (Read *read, const char *text, gsize length, const char *const *overrides)
{
  /* A heap copy without NUL: a sanitizer sees a read past its end. */
  g_autofree char *copy = g_memdup2 (text, length);

  fanout_errors_init (&read->errors);
  read->config = fanout_config_parse (copy, length, "p.ini", "folder", overrides, &read->errors);
  ck_assert_ptr_nonnull (read->config);
}

static char *
lines_of (const FanoutErrors *errors)
{
  g_autoptr (GError) error = NULL;

  if (fanout_errors_raise (errors, &error))
    {
      ck_assert_ptr_null (error);
      return g_strdup ("");
    }
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  return g_strdup (error->message);
}

/* All groups and entries as one text, with their origins. */
static char *
dump_of (const FanoutConfig *config)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      g_string_append_printf (out, "[%s] @%s\n", group->name, group->origin);
      for (guint k = 0; k < group->n_entries; k++)
        g_string_append_printf (out, "%s=<%s> @%s\n", group->entries[k].key,
                                group->entries[k].value, group->entries[k].origin);
    }
  return g_string_free (out, FALSE);
}

static void
expect_bytes (const char *text, gsize length, const char *const *overrides, const char *dump,
              const char *lines)
{
  g_auto (Read) read = { 0 };
  g_autofree char *actual_lines = NULL;
  g_autofree char *actual_dump = NULL;

  read_bytes (&read, text, length, overrides);
  actual_lines = lines_of (&read.errors);
  ck_assert_str_eq (actual_lines, lines);
  actual_dump = dump_of (read.config);
  if (dump != NULL)
    ck_assert_str_eq (actual_dump, dump);
}

static void
expect (const char *text, const char *dump, const char *lines)
{
  expect_bytes (text, strlen (text), NULL, dump, lines);
}

static void
expect_override (const char *text, const char *override, const char *dump, const char *lines)
{
  const char *const overrides[] = { override, NULL };

  expect_bytes (text, strlen (text), overrides, dump, lines);
}

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

START_TEST (test_override)
{
  const char *text = "[pipeline]\nbatch = 1\nthreads = 2\n[aggregate p99]\ntype = quantile\n";

  expect_override (text, "pipeline.batch=7",
                   "[pipeline] @p.ini:1\nbatch=<7> @-s pipeline.batch=7\nthreads=<2> @p.ini:3\n"
                   "[aggregate p99] @p.ini:4\ntype=<quantile> @p.ini:5\n",
                   "");
  expect_override (text, "aggregate p99.q = 0.99 ",
                   "[pipeline] @p.ini:1\nbatch=<1> @p.ini:2\nthreads=<2> @p.ini:3\n"
                   "[aggregate p99] @p.ini:4\ntype=<quantile> @p.ini:5\n"
                   "q=<0.99> @-s aggregate p99.q = 0.99 \n",
                   "");
  expect_override ("", "aggregate p99.9.q=a.b=c.d",
                   "[aggregate p99.9] @-s aggregate p99.9.q=a.b=c.d\n"
                   "q=<a.b=c.d> @-s aggregate p99.9.q=a.b=c.d\n",
                   "");
  expect_override ("[a]\n", " a .b=", "[a] @p.ini:1\nb=<> @-s  a .b=\n", "");
}
END_TEST

START_TEST (test_overrides)
{
  const char *text = "[a]\nb = 1\nb = 2\n[a]\nb = 3\n";
  const char *const overrides[] = { "a.b=4", "x.y=5", "a.b=6", "x.z=7", "x.y=8", NULL };

  expect_bytes (text, strlen (text), overrides,
                "[a] @p.ini:1\nb=<6> @-s a.b=6\nb=<2> @p.ini:3\n[a] @p.ini:4\nb=<3> @p.ini:5\n"
                "[x] @-s x.y=5\ny=<8> @-s x.y=8\nz=<7> @-s x.z=7\n",
                "p.ini:3: [a] b: the key is given twice, first at p.ini:2\n"
                "p.ini:4: [a]: the group is given twice, first at p.ini:1");
}
END_TEST

static const struct
{
  const char *override;
  const char *lines;
} wrong_overrides[] = {
  { "batch", "-s batch: no '='; possible: GROUP.KEY=VALUE" },
  { "", "-s : no '='; possible: GROUP.KEY=VALUE" },
  { "batch=1", "-s batch=1: no '.' before the '='; possible: GROUP.KEY=VALUE" },
  { "batch=1.5", "-s batch=1.5: no '.' before the '='; possible: GROUP.KEY=VALUE" },
  { ".batch=1", "-s .batch=1: no group before the '.'; possible: GROUP.KEY=VALUE" },
  { "  .batch=1", "-s   .batch=1: no group before the '.'; possible: GROUP.KEY=VALUE" },
  { "pipeline.=1", "-s pipeline.=1: no key before the '='; possible: GROUP.KEY=VALUE" },
  { "a.b]=1", "-s a.b]=1: a bracket in a key's name; possible: GROUP.KEY=VALUE" },
  { "a.#b=1", "-s a.#b=1: a '#' at the start of a key's name; possible: GROUP.KEY=VALUE" },
  { "a\t.b\t.c=1", "-s a\\t.b\\t.c=1: a bracket or control character in a group's name; possible: "
                   "GROUP.KEY=VALUE" },
  { "a.b=1\n2", "-s a.b=1\\n2: a line feed; possible: GROUP.KEY=VALUE" },
  { "a.b=\xFF", "-s a.b=\\xFF: text that is not UTF-8; possible: GROUP.KEY=VALUE" },
  { "a.b[de]=1", "-s a.b[de]=1: a key with [...] has no meaning here; possible: GROUP.KEY=VALUE" },
};

START_TEST (test_wrong_override)
{
  const char *text = "[a]\nb = 1\n";
  const char *const overrides[] = { wrong_overrides[_i].override, "a.b=2", NULL };

  expect_bytes (text, strlen (text), overrides, "[a] @p.ini:1\nb=<2> @-s a.b=2\n",
                wrong_overrides[_i].lines);
}
END_TEST

/* Words in a group's name stand apart by one blank, however many there are. */
START_TEST (test_blanks_in_names)
{
  expect ("[aggregate   h]\nb = 1\n[aggregate h i  j]\n",
          "[aggregate h] @p.ini:1\nb=<1> @p.ini:2\n[aggregate h i  j] @p.ini:3\n", "");
  expect ("[aggregate  h]\n[aggregate h]\n", "[aggregate h] @p.ini:1\n[aggregate h] @p.ini:2\n",
          "p.ini:2: [aggregate h]: the group is given twice, first at p.ini:1");
  expect_override ("[aggregate  h]\nb = 1\n", "aggregate   h.b=2",
                   "[aggregate h] @p.ini:1\nb=<2> @-s aggregate   h.b=2\n", "");
}
END_TEST

START_TEST (test_build)
{
  g_autoptr (FanoutConfig) config = fanout_config_new (NULL);
  g_autoptr (FanoutConfig) over = fanout_config_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *dump = NULL;
  FanoutErrors errors;

  fanout_errors_init (&errors);
  fanout_config_set (config, "source", "type", "csv", "-t csv");
  fanout_config_set (config, "aggregate  a", "column", " x #1 ", "a=sum(\n)");
  fanout_config_set (config, "source", "#", "1", "b");
  fanout_config_set (over, "output", "format", "json", "-f json");
  fanout_config_override (over, "source.type = tsv ", &errors);
  fanout_config_override (over, "source.type = lines", &errors);
  fanout_config_lay (config, over);
  dump = dump_of (config);
  ck_assert_str_eq (dump, "[source] @-t csv\n"
                          "type=<lines> @-s source.type = lines\n"
                          "#=<1> @b\n"
                          "[aggregate a] @a=sum(\\n)\n"
                          "column=< x #1 > @a=sum(\\n)\n"
                          "[output] @-f json\n"
                          "format=<json> @-f json\n");
  ck_assert_str_eq (fanout_config_folder (config), ".");
  ck_assert (fanout_config_group (config, 0)->entries[0].from == FANOUT_CONFIG_ARGUMENT);
  ck_assert (errors.lines->len == 0);
  fanout_config_write (over, text);
  ck_assert_str_eq (text->str, "[output]\nformat = json\n\n[source]\ntype = lines\n");
  fanout_errors_clear (&errors);
}
END_TEST

START_TEST (test_find_and_keep)
{
  const char *text = "[a]\nb = 1\n[c]\n[a]\n";
  const char *list[] = { "x", "y", NULL };
  g_auto (Read) read = { 0 };
  const FanoutConfigGroup *group;
  const char *const *kept;
  const char *word;
  guint64 *memory;

  read_bytes (&read, text, strlen (text), NULL);
  group = fanout_config_find (read.config, "a");
  ck_assert_ptr_eq (group, fanout_config_group (read.config, 0));
  ck_assert_uint_eq (group->n_entries, 1);
  ck_assert_ptr_null (fanout_config_find (read.config, "b"));
  ck_assert_str_eq (fanout_config_folder (read.config), "folder");
  word = fanout_config_intern (read.config, "word");
  kept = fanout_config_intern_list (read.config, list);
  memory = fanout_config_allocate (read.config, 3 * sizeof *memory);
  ck_assert_str_eq (word, "word");
  ck_assert_str_eq (kept[1], "y");
  ck_assert_ptr_null (kept[2]);
  ck_assert_uint_eq (memory[2], 0);
  ck_assert_ptr_nonnull (fanout_config_allocate (read.config, 0));
}
END_TEST

START_TEST (test_mistake_names_place_once)
{
  const FanoutConfigGroup group = { .name = "a\tb", .origin = "p.ini:1" };
  const FanoutConfigEntry entry = { .key = "c", .value = "", .origin = "[a\\tb] c" };
  FanoutErrors errors;
  g_autofree char *lines = NULL;

  fanout_errors_init (&errors);
  fanout_config_mistake (&errors, &group, NULL, "%d", 1);
  fanout_config_mistake (&errors, &group, &entry, "%d", 2);
  lines = lines_of (&errors);
  ck_assert_str_eq (lines, "p.ini:1: [a\\tb]: 1\n[a\\tb] c: 2");
  fanout_errors_clear (&errors);
}
END_TEST

START_TEST (test_key_file)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  const char *const overrides[] = { "pipeline.batch=7", NULL };
  g_auto (Read) read = { 0 };
  g_autofree char *dump = NULL;
  g_autofree char *lines = NULL;

  g_key_file_set_value (key_file, "pipeline", "batch", "1");
  g_key_file_set_value (key_file, "pipeline", "strategy", " fiber ");
  g_key_file_set_value (key_file, "pipeline", "strategy[de]", "Faser");
  g_key_file_set_value (key_file, "source", "path", "a\nb");
  g_key_file_set_value (key_file, "source", "type", "\xFF");
  g_key_file_set_value (key_file, " x", "type", "csv");
  g_key_file_set_comment (key_file, "pipeline", "batch", "rows", NULL);
  fanout_errors_init (&read.errors);
  read.config = fanout_config_from_key_file (key_file, NULL, overrides, &read.errors);
  dump = dump_of (read.config);
  lines = lines_of (&read.errors);
  ck_assert_str_eq (dump, "[pipeline] @[pipeline]\n"
                          "batch=<7> @-s pipeline.batch=7\n"
                          "strategy=<fiber> @[pipeline] strategy\n"
                          "[source] @[source]\n"
                          "[x] @[ x]\n"
                          "type=<csv> @[ x] type\n");
  ck_assert_str_eq (
      lines, "[pipeline] strategy[de]: a key with [...] has no meaning here: 'strategy[de]'\n"
             "[source] path: a value of several lines: 'a\\nb'\n"
             "[source] type: text that is not UTF-8\n"
             "[ x]: blanks at the ends of a group's name: '[ x]'");
  ck_assert_str_eq (fanout_config_folder (read.config), ".");
}
END_TEST

static void
expect_load (const char *path, const char *lines)
{
  g_auto (Read) read = { 0 };
  g_autofree char *actual = NULL;

  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  actual = lines_of (&read.errors);
  ck_assert_str_eq (actual, lines);
  ck_assert (read.config == NULL);
}

START_TEST (test_load)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.ini", NULL);
  g_autofree char *origin = g_strdup_printf ("%s:2", path);
  g_autofree char *missing = g_strdup_printf ("%s/no\nsuch", folder);
  g_autofree char *no_such = g_strdup_printf ("%s/no\\nsuch: No such file or directory", folder);
  g_autofree char *is_folder = g_strdup_printf ("%s: Is a directory", folder);
  g_auto (Read) read = { 0 };

  ck_assert (g_file_set_contents (path, "[a]\nb = 1\n", -1, NULL));
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  ck_assert_ptr_nonnull (read.config);
  ck_assert_uint_eq (read.errors.lines->len, 0);
  ck_assert_str_eq (fanout_config_folder (read.config), folder);
  ck_assert_str_eq (fanout_config_group (read.config, 0)->entries[0].origin, origin);
  ck_assert (g_file_set_contents (path, "", 0, NULL));
  read_clear (&read);
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  ck_assert_ptr_nonnull (read.config);
  expect_load (missing, no_such);
  expect_load (folder, is_folder);
  expect_load ("/dev/zero", "/dev/zero: larger than 16M: no configuration");
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

START_TEST (test_standard_input)
{
  const char *text = "[a]\nb = 1\nc\n";
  const int before = dup (STDIN_FILENO);
  g_auto (Read) read = { 0 };
  g_autofree char *lines = NULL;
  int ends[2];

  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_int_eq (write (ends[1], text, strlen (text)), (int) strlen (text));
  close (ends[1]);
  dup2 (ends[0], STDIN_FILENO);
  close (ends[0]);
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load ("-", NULL, &read.errors);
  dup2 (before, STDIN_FILENO);
  close (before);
  ck_assert_ptr_nonnull (read.config);
  ck_assert_str_eq (fanout_config_folder (read.config), ".");
  lines = lines_of (&read.errors);
  ck_assert_str_eq (lines,
                    "standard input:3: neither '[group]' nor 'key = value' nor '# comment': 'c'");
}
END_TEST

START_TEST (test_escape)
{
  static const struct
  {
    const char *text;
    gssize length;
    const char *escaped;
  } cases[] = {
    { "", -1, "" },
    { "a b", -1, "a b" },
    { "a\tb\r\n", -1, "a\\tb\\r\\n" },
    { "\x1B[0m\x7F", -1, "\\x1B[0m\\x7F" },
    { "a\0b", 3, "a\\x00b" },
    { "abc", 2, "ab" },
    { "\xC3\xA9", -1, "\xC3\xA9" },
    { "\xC3\xA9", 1, "\\xC3" },
    { "\xFF\xC3\xA9\x80", -1, "\\xFF\xC3\xA9\\x80" },
    { "\xC2\xA0", -1, "\\xC2\\xA0" },               /* no-break space */
    { "\xE2\x80\xAE", -1, "\\xE2\\x80\\xAE" },      /* right-to-left override */
    { "\xF0\x9F\x98\x80", -1, "\xF0\x9F\x98\x80" }, /* a face */
    { "\xED\xA0\x80", -1, "\\xED\\xA0\\x80" },      /* a surrogate */
    { "\xF8\x88\x80\x80\x80", 5, "\\xF8\\x88\\x80\\x80\\x80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = fanout_escape (cases[i].text, cases[i].length);
      g_autofree char *quoted = fanout_quote (cases[i].text, cases[i].length);
      g_autofree char *expected = g_strdup_printf ("'%s'", cases[i].escaped);

      ck_assert_str_eq (escaped, cases[i].escaped);
      ck_assert_str_eq (quoted, expected);
    }
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
  Suite *suite = suite_create ("config");
  TCase *tests = tcase_create ("config");

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
  tcase_add_test (tests, test_override);
  tcase_add_test (tests, test_overrides);
  tcase_add_loop_test (tests, test_wrong_override, 0, G_N_ELEMENTS (wrong_overrides));
  tcase_add_test (tests, test_blanks_in_names);
  tcase_add_test (tests, test_build);
  tcase_add_test (tests, test_find_and_keep);
  tcase_add_test (tests, test_mistake_names_place_once);
  tcase_add_test (tests, test_key_file);
  tcase_add_test (tests, test_load);
  tcase_add_test (tests, test_standard_input);
  tcase_add_test (tests, test_escape);
  tcase_add_test (tests, test_truncated);
  tcase_add_test (tests, test_mutated);
  suite_add_tcase (suite, tests);
  return suite;
}
