#include "tests/support/suite.h"
#include "core/decode/chunk.h"
#include "core/config/config.h"
#include "core/config/option.h"

#include <check.h>
#include <gmodule.h>
#include <stdlib.h>
#include <string.h>

/* One source of the build tree with the options of a group. */
typedef struct
{
  GModule *module;
  const FanoutSource *source;
  FanoutConfig *config;
  gpointer options;
  gboolean prepared;
} Loaded;

static void
loaded_clear (Loaded *loaded)
{
  if (loaded->source->release != NULL)
    loaded->source->release (loaded->options);
  g_free (loaded->options);
  fanout_config_free (loaded->config);
  g_module_close (loaded->module);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

static void
bind_options (Loaded *loaded, const char *text)
{
  g_autofree char *file = g_strconcat ("[source]\n", text, NULL);
  const FanoutOption *const tables[] = { loaded->source->options, NULL };
  gpointer const targets[] = { loaded->options };
  FanoutErrors errors;
  g_autoptr (GError) error = NULL;

  fanout_errors_init (&errors);
  loaded->config = fanout_config_parse (file, strlen (file), "p.ini", ".", NULL, &errors);
  fanout_options_bind (loaded->config, fanout_config_find (loaded->config, "source"), tables,
                       targets, NULL, NULL, &errors);
  ck_assert_msg (fanout_errors_raise (&errors, &error), "%s", error != NULL ? error->message : "");
  fanout_errors_clear (&errors);
}

static void
load (Loaded *loaded, const char *name, const char *text, GError **error)
{
  const char *build = g_getenv ("FANOUT_BUILD_DIR");
  g_autofree char *file = NULL;
  FanoutPlugin *plugin;

  ck_assert_msg (build != NULL, "FANOUT_BUILD_DIR is not set");
  file = g_strdup_printf ("%s/plugins/source/%s.so", build, name);
  loaded->module = g_module_open (file, G_MODULE_BIND_LOCAL);
  ck_assert_msg (loaded->module != NULL, "%s", g_module_error ());
  ck_assert (g_module_symbol (loaded->module, "fanout_plugin", (gpointer *) &plugin));
  ck_assert_uint_eq (plugin->kind, FANOUT_KIND_SOURCE);
  loaded->source = plugin->items[0];
  ck_assert_str_eq (loaded->source->name, name);
  loaded->options = g_malloc0 (loaded->source->options_size);
  bind_options (loaded, text);
  loaded->prepared
      = loaded->source->prepare == NULL || loaded->source->prepare (loaded->options, error);
}

static void
load_well (Loaded *loaded, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  load (loaded, name, text, &error);
  ck_assert_msg (loaded->prepared, "%s", error != NULL ? error->message : "");
}

static char *
join_names (const Loaded *loaded)
{
  g_auto (GStrv) names = loaded->source->names (loaded->options);

  return names != NULL ? g_strjoinv ("|", names) : g_strdup ("-");
}

/* VALUE|VALUE... of each row, all columns as texts; then the error or what was skipped. */
static char *
decode (const Loaded *loaded, const char *text, gsize length, FanoutBad on_bad_row)
{
  const FanoutChunkWant wants[4] = { { "a", FANOUT_TAKES_TEXT, NULL },
                                     { "b", FANOUT_TAKES_TEXT, NULL },
                                     { "c", FANOUT_TAKES_TEXT, NULL },
                                     { "d", FANOUT_TAKES_TEXT, NULL } };
  const guint fields[4] = { 0, 1, 2, 3 };
  g_autofree char *padded = g_malloc0 (length + 2 * FANOUT_PADDING);
  FanoutBlock block = {
    .data = padded + FANOUT_PADDING, .length = length, .name = "f", .line = 1, .fields = fields
  };
  GString *out = g_string_new (NULL);
  g_auto (GStrv) names = NULL;
  g_autoptr (FanoutChunk) chunk = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = TRUE;

  memcpy (padded + FANOUT_PADDING, text, length);
  ck_assert (loaded->source->header (loaded->options, block.data, length, TRUE, &names,
                                     &block.n_fields, &block.offset, &error));
  chunk = fanout_chunk_new (block.n_fields, wants, 2);
  chunk->max_row = 40;
  chunk->on_bad_row = on_bad_row;
  while (good && block.offset < length)
    {
      good = loaded->source->decode (loaded->options, &block, chunk, &error);
      for (gsize row = 0; row < chunk->n_rows; row++)
        for (guint i = 0; i < chunk->n_columns; i++)
          {
            const FanoutText *value = &chunk->columns[i].text[row];

            if (chunk->columns[i].null[row])
              g_string_append_c (out, '-');
            else
              g_string_append_len (out, value->data, (gssize) value->length);
            g_string_append_c (out, i + 1 < chunk->n_columns ? '|' : '\n');
          }
      fanout_chunk_reset (chunk);
    }
  if (error != NULL)
    g_string_append (out, error->message);
  if (chunk->rows_skipped > 0)
    g_string_append_printf (out, "%u: %s", (guint) chunk->rows_skipped, chunk->first_skipped);
  return g_string_free (out, FALSE);
}

typedef struct
{
  const char *name;
  const char *options;
  FanoutBad on_bad_row;
  const char *names;
  const char *text;
  const char *wanted;
} Example;

static const Example examples[] = {
  { "csv", "", FANOUT_BAD_FAIL, "-", "a,b\n1,\"x\"\n", "1|x\n" },
  { "csv", "header = false\n", FANOUT_BAD_FAIL, "-", "a,b\n1,2\n", "a|b\n1|2\n" },
  { "csv", "columns = x, y\n", FANOUT_BAD_FAIL, "x|y", "a,b\n1,2\n", "a|b\n1|2\n" },
  { "csv", "columns = x, y\nheader = true\n", FANOUT_BAD_FAIL, "x|y", "a,b\n1,2\n", "1|2\n" },
  { "csv", "columns = x, y\nheader = no\n", FANOUT_BAD_FAIL, "x|y", "a,b\n", "a|b\n" },
  { "csv", "delimiter = ;\nquote = '\n", FANOUT_BAD_FAIL, "-", "a;b\n',;';2\n", ",;|2\n" },
  { "csv", "delimiter = tab\nquote = none\n", FANOUT_BAD_FAIL, "-", "a\tb\n\"\t2\n", "\"|2\n" },
  { "csv", "delimiter = whitespace\n", FANOUT_BAD_FAIL, "-", " a  b\n 1\t2 \n", "1|2\n" },
  { "csv", "delimiter = space\n", FANOUT_BAD_FAIL, "-", "a b c\n1  2\n", "1|-|2\n" },
  { "tsv", "", FANOUT_BAD_FAIL, "-", "a\tb\n\"1\t\\t\n", "\"1|\\t\n" },
  { "tsv", "columns = x, y\n", FANOUT_BAD_FAIL, "x|y", "a\tb\n1\n",
    "a|b\nf:2: 1 field where 2 are wanted; ragged = true takes shorter and longer rows" },
  { "lines", "", FANOUT_BAD_FAIL, "line", "a,\"b\r\n\nc", "a,\"b\n-\nc\n" },
  { "lines", "pattern = (?<x>\\d+)-(?P<y>\\w*)(?'z'!)?\n", FANOUT_BAD_FAIL, "x|y|z",
    "a 1-b!\r\n\n22-\nxx\n", "1|b|!\n22|-|-\nf:4: the pattern does not match" },
  { "lines", "pattern = (?<x>\\d+)\n", FANOUT_BAD_PASS, "x",
    "1\na\n0123456789012345678901234567890123456789x\n2",
    "1\n2\n2: f:2: the pattern does not match" },
  { "lines", "pattern = (?<x>.*)$\n", FANOUT_BAD_FAIL, "x", "\xc3\x85\x0b\x0c\x0d.\n",
    "\xc3\x85\x0b\x0c\x0d.\n" },
  { "lines", "pattern = ((?<b>b)|[(]?<c>|\\(\\?<d>)(?<a>a)\n", FANOUT_BAD_FAIL, "b|a",
    "ba\n?<c>a\n", "b|a\n-|a\n" },
  { "lines", "pattern = ^(?<x>\\S+) (?<y>\\w*)\n", FANOUT_BAD_FAIL, "x|y",
    "voil\xc3\xa0 a\xc3\xa0\n", "voil\xc3\xa0|a\xc3\xa0\n" },
  { "lines", "pattern = (?<x>[\xc3\xa9]+)\n", FANOUT_BAD_FAIL, "x", "a\xc3\xa9\xff\n",
    "\xc3\xa9\n" },
  { "lines", "pattern = ^(?<x>\\w+) (?<y>\\d+)$\n", FANOUT_BAD_FAIL, "x|y",
    "M\xc3\xbcller 5\nMiller 6\nM\xfcller 7\n",
    "M\xc3\xbcller|5\nMiller|6\nf:3: the pattern does not match: this line is not UTF-8; "
    "encoding = latin1, or what else it is, takes it so" },
  { "lines", "pattern = (?i)^(?<x>\xc3\x9f.)(?<y>\\W*)\n", FANOUT_BAD_FAIL, "x|y",
    "\xc3\x9f\xc3\xa4\xff- \n", "\xc3\x9f\xc3\xa4|-\n" },
  { "lines", "pattern = (?<x>\\x{17f}+)\n", FANOUT_BAD_FAIL, "x", "s\xc5\xbf\n", "\xc5\xbf\n" },
  { "lines", "pattern = (?|(?<x>a)|(?<x>b))(?<y>\\d)?(?<z>c)?\n", FANOUT_BAD_FAIL, "x|y|z",
    "a1\nbc\n", "a|1|-\nb|-|c\n" },
  { "lines", "pattern = ^(?:.|.)*(?<x>y)(?:a|b)*$\n", FANOUT_BAD_PASS, "x", "ay\n", "y\n" },
  { "lines", "pattern = ^(?<x>.{3,})\n", FANOUT_BAD_FAIL, "x",
    "abc\n0123456789012345678901234567890123456789x\n",
    "abc\nf:2: a row longer than max-row (40 bytes)" },
};

START_TEST (test_example)
{
  const Example *example = &examples[_i];
  g_auto (Loaded) loaded = { 0 };
  g_autofree char *names = NULL, *found = NULL;

  load_well (&loaded, example->name, example->options);
  names = join_names (&loaded);
  ck_assert_str_eq (names, example->names);
  found = decode (&loaded, example->text, strlen (example->text), example->on_bad_row);
  ck_assert_str_eq (found, example->wanted);
}
END_TEST

/* A minute of work is not done in one go. */
START_TEST (test_slow_pattern)
{
  const FanoutChunkWant want = { "x", FANOUT_TAKES_TEXT, NULL };
  const guint field = 0;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (FanoutChunk) chunk = fanout_chunk_new (1, &want, 0);
  FanoutBlock block = { .name = "f", .line = 1, .n_fields = 1, .fields = &field };

  load_well (&loaded, "lines", "pattern = ^(?<x>(a+)+)$\n");
  g_string_append_len (text, (char[FANOUT_PADDING]){ 0 }, FANOUT_PADDING);
  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n");
  block.length = text->len - FANOUT_PADDING;
  g_string_append_len (text, (char[FANOUT_PADDING]){ 0 }, FANOUT_PADDING);
  block.data = text->str + FANOUT_PADDING;
  chunk->on_bad_row = FANOUT_BAD_PASS;
  ck_assert (loaded.source->decode (loaded.options, &block, chunk, NULL));
  ck_assert_uint_gt (block.offset, 0);
  ck_assert_uint_lt (block.offset, block.length);
  ck_assert_uint_eq (chunk->n_rows, 0);
  ck_assert_str_eq (chunk->first_skipped, "f:1: the pattern: match limit exceeded");
}
END_TEST

START_TEST (test_nul_in_line)
{
  g_auto (Loaded) loaded = { 0 };
  g_autofree char *found = NULL;

  load_well (&loaded, "lines", "pattern = (?<x>a)\n");
  found = decode (&loaded, "a\na\0a\n", 6, FANOUT_BAD_FAIL);
  ck_assert_str_eq (found, "a\nf:2: a NUL byte");
}
END_TEST

static const struct
{
  const char *name, *options, *wanted;
} mistakes[] = {
  { "csv", "delimiter = \"\n", "'delimiter' and 'quote' are the same" },
  { "lines", "pattern = (\\d+)\n",
    "'pattern' has no named groups, such as (?<name>...), to be columns" },
  { "lines", "pattern = (?<x>\n", "'pattern': missing closing parenthesis at char 5" },
  { "lines", "pattern = (?J)(?<x>a)|(?<x>b)\n", "'pattern' has more than one group 'x'" },
  { "range", "stop = 1\nstep = 0\n", "'step' must not be 0" },
};

START_TEST (test_mistake)
{
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GError) error = NULL;

  load (&loaded, mistakes[_i].name, mistakes[_i].options, &error);
  ck_assert (!loaded.prepared);
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  ck_assert_msg (strstr (error->message, mistakes[_i].wanted) != NULL, "%s", error->message);
}
END_TEST

static const struct
{
  const char *options;
  guint64 n_rows;
  gint64 first, last;
} ranges[] = {
  { "stop = 0\n", 0, 0, 0 },
  { "stop = 1\n", 1, 0, 0 },
  { "stop = -1\n", 0, 0, 0 },
  { "start = 3\nstop = 10\nstep = 3\n", 3, 3, 9 },
  { "start = 3\nstop = 9\nstep = 3\n", 2, 3, 6 },
  { "start = 3\nstop = -4\nstep = -2\n", 4, 3, -3 },
  { "start = 3\nstop = 4\nstep = -2\n", 0, 0, 0 },
  { "start = -9223372036854775807\nstop = 9223372036854775807\n", G_MAXUINT64 - 1, -G_MAXINT64,
    G_MAXINT64 - 1 },
  { "start = 9223372036854775807\nstop = -9223372036854775807\nstep = -9223372036854775807\n", 2,
    G_MAXINT64, 0 },
};

START_TEST (test_range)
{
  const FanoutChunkWant wants[3] = { { "value", FANOUT_TAKES_NUMBER, NULL },
                                     { "value", FANOUT_TAKES_TEXT, NULL },
                                     { "value", FANOUT_TAKES_NOTHING, NULL } };
  const guint fields[3] = { 0, 0, 0 };
  const guint64 n = ranges[_i].n_rows;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (FanoutChunk) chunk = fanout_chunk_new (3, wants, 7);
  g_autoptr (GError) error = NULL;

  load_well (&loaded, "range", ranges[_i].options);
  ck_assert_uint_eq (loaded.source->n_rows (loaded.options), n);
  for (guint k = 0; k < 2 && n > 0; k++)
    {
      const gint64 wanted = k == 0 ? ranges[_i].first : ranges[_i].last;
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, wanted);

      fanout_chunk_reset (chunk);
      ck_assert (
          loaded.source->fill (loaded.options, k == 0 ? 0 : n - 1, 1, fields, chunk, &error));
      ck_assert_uint_eq (chunk->n_rows, 1);
      ck_assert_uint_eq (chunk->first_row, k == 0 ? 0 : n - 1);
      ck_assert_int_eq (chunk->columns[0].mantissa[0], wanted);
      ck_assert_uint_eq (chunk->columns[1].text[0].length, strlen (text));
      ck_assert_mem_eq (chunk->columns[1].text[0].data, text, strlen (text));
      for (guint i = 0; i < 3; i++)
        ck_assert (!chunk->columns[i].any_null);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sources");
  TCase *tests = tcase_create ("sources");

  tcase_add_loop_test (tests, test_example, 0, G_N_ELEMENTS (examples));
  tcase_add_test (tests, test_nul_in_line);
  tcase_add_test (tests, test_slow_pattern);
  tcase_add_loop_test (tests, test_mistake, 0, G_N_ELEMENTS (mistakes));
  tcase_add_loop_test (tests, test_range, 0, G_N_ELEMENTS (ranges));
  suite_add_tcase (suite, tests);
  return suite;
}
