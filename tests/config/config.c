/* Groups and entries, and who sets them: the file, -s, the program. */

#include "tests/support/config.h"
#include "tests/support/suite.h"

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
  { "a[b.batch=1",
    "-s a[b.batch=1: a bracket or control character in a group's name; possible: GROUP.KEY=VALUE" },
  { "[source].type=csv", "-s [source].type=csv: a bracket or control character in a group's name; "
                         "possible: GROUP.KEY=VALUE" },
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

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("config");
  TCase *tests = tcase_create ("config");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_override);
  tcase_add_test (tests, test_overrides);
  tcase_add_loop_test (tests, test_wrong_override, 0, G_N_ELEMENTS (wrong_overrides));
  tcase_add_test (tests, test_blanks_in_names);
  tcase_add_test (tests, test_build);
  tcase_add_test (tests, test_find_and_keep);
  tcase_add_test (tests, test_mistake_names_place_once);
  tcase_add_test (tests, test_key_file);
  suite_add_tcase (suite, tests);
  return suite;
}
