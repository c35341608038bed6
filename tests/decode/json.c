#include "tests/support/suite.h"
#include "tests/support/decode.h"

/* The same, however the rows are dealt. */
static void
check_decode (const Case *test, const char *text, gsize length, const char *wanted)
{
  static const gsize capacities[] = { 1, 2, 7, 4096 };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (guint i = 0; i < G_N_ELEMENTS (capacities) * n; i++)
    for (gsize piece = 1; piece <= length + 1; piece = piece * 3 + 1)
      {
        g_autofree char *found
            = decode (all[i % n], test, text, length, capacities[i / n], piece, NULL);

        ck_assert_str_eq (found, wanted);
      }
}

typedef struct
{
  Case test;
  const char *text;
  const char *wanted;
} Example;

#define A      .n_columns = 1, .takes = { T }, .paths = { "a" }
#define NUMBER .n_columns = 1, .takes = { N }, .paths = { "a" }
#define AB     .n_columns = 2, .takes = { T, T }, .paths = { "a", "b" }
#define SKIP   .on_bad_row = FANOUT_BAD_PASS
#define PASS   .on_bad_value = FANOUT_BAD_PASS

#define SMILE "<f0><9f><98><80>"

static const Example values[] = {
  { { AB }, "", "" },
  { { AB }, "{\"a\":\"x\",\"b\":\"y\"}\n", "0|x|y\n" },
  { { AB }, "{\"b\":\"y\",\"a\":\"x\"}", "0|x|y\n" },
  { { AB }, " {\t\"a\" : \"x\" , \"b\"\r:\"y\"} \r\n{}\n", "0|x|y\n1|-|-\n" },
  { { AB }, "\n{\"a\":1}\n \t\n\r\n{\"b\":2}\n\n\n", "1|1|-\n4|-|2\n" },
  { { AB }, "{\"a\":null,\"b\":\"\"}\n{\"a\":true,\"b\":false}\n", "0|-|-\n1|true|false\n" },
  { { AB }, "{\"a\":-0.50e+1,\"b\":1E400}\n", "0|-0.50e+1|1E400\n" },
  { { AB }, "{\"a\": [1, {\"b\":2}] ,\"b\":{ }}\n", "0|[1,<20>{\"b\":2}]|{<20>}\n" },
  { { AB },
    "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"b\":\"\\u0041\\u00e9\\u20ac\\uD83D\\ude00\"}\n",
    "0|\"\\/<08><0c><0a><0d><09>|A<c3><a9><e2><82><ac>" SMILE "\n" },
  { { AB }, "{\"a\":\"\\u0000\",\"b\":\"\xf0\x9f\x98\x80\"}\n", "0|<00>|" SMILE "\n" },
  { { AB }, "{\"a\":\"\\\\\",\"b\":\"\\\\\\\"\"}\n", "0|\\|\\\"\n" },
  { { AB }, "{\"\\u0061\":1,\"\\\"\":2,\"a\\\"\":3,\"\":4}\n", "0|1|-\n" },
  /* of a name that is repeated the last counts */
  { { AB }, "{\"a\":1,\"a\":2,\"b\":3,\"b\":null}\n", "0|2|-\n" },
  { { .n_columns = 3, .takes = { T, T, T }, .paths = { "a.b", "a", "a.c[1]" } },
    "{\"a\":{\"b\":1,\"c\":[2,3]},\"a\":{\"c\":[4]}}\n{\"a\":{\"b\":1,\"c\":[2,3]},\"a\":5}\n"
    "{\"a\":{\"b\":1,\"b\":{},\"c\":[2,3,4]}}\n",
    "0|-|{\"c\":[4]}|-\n1|-|5|-\n2|{}|{\"b\":1,\"b\":{},\"c\":[2,3,4]}|3\n" },
  /* paths */
  { { .n_columns = 5,
      .takes = { T, T, T, N, X },
      .paths = { "a.b", "a[0]", "\"a.b\"", "a.b[2].\"c[0]\"", "\"\"" } },
    "{\"a\":{\"b\":[0,1,{\"c[0]\":7}]},\"a.b\":8,\"\":0}\n{\"a\":[{\"b\":1},2]}\n"
    "{\"a\":[]}\n{\"a\":{}}\n{\"a\":\"b\"}\n",
    "0|[0,1,{\"c[0]\":7}]|-|8|7|+\n1|-|{\"b\":1}|-|-|-\n2|-|-|-|-|-\n3|-|-|-|-|-\n4|-|-|-|-|-\n" },
  { { .n_columns = 2, .takes = { T, N }, .paths = { "\"x \"\"y\"\"\"", "x-y z" } },
    "{\"x \\\"y\\\"\":1,\"x-y z\":2}\n",
    "0|1|2\n" },
  { { .n_columns = 4, .takes = { T, N, T, X }, .paths = { "a", "a", "b", "a" } },
    "{\"b\":\"x\",\"a\":\"1.50\"}\n{\"a\":2}\n",
    "0|1.50|1.5|x|+\n1|2|2|-|+\n" },
  /* the guess of what comes next is wrong in every way */
  { { AB },
    "{\"a\":1,\"b\":2}\n{\"b\":1,\"a\":2}\n{\"aa\":1,\"b\":2}\n{\"a\":1,\"bb\":2,\"b\":3}\n"
    "{\"abcdefgh\":1,\"abcdefghi\":2}\n{\"abcdefghabcdefghi\":1,\"abcdefghabcdefghj\":2,\"a\":3}\n"
    "{\"abcdefghabcdefghj\":1,\"abcdefghabcdefghi\":2,\"a\":3,\"b\":4}\n",
    "0|1|2\n1|2|1\n2|-|2\n3|1|3\n4|-|-\n5|3|-\n6|3|4\n" },
  /* numbers */
  { { NUMBER },
    "{\"a\":12.30}\n{\"a\":\"-7\"}\n{\"a\":\" 8 \"}\n{\"a\":null}\n{\"a\":\"\"}\n{\"a\":\" \"}\n"
    "{\"a\":18446744073709551615}\n{\"a\":\"\\u0031\"}\n{}\n",
    "0|12.3\n1|-7\n2|8\n3|-\n4|-\n5|-\n6|~18446744073709552000\n7|1\n8|-\n" },
  { { NUMBER },
    "\n{\"a\":1}\n\n{\"b\":1,\"a\":\"x\\n\"}\n",
    "1|1\nf:4: column 'a': 'x\\n' is not a number; null-values or on-bad-value = null take it for "
    "no "
    "value @3\n" },
  { { NUMBER, PASS },
    "{\"a\":1}\n{\"a\":true}\n{\"a\":[3]}\n{\"a\":4}\n",
    "0|1\n1|-\n2|-\n3|4\nnulled 2: f:2: column 'a': 'true' is not a number\n" },
  { { .n_columns = 2, .takes = { T, N }, .paths = { "a", "b" }, .null_values = { "NA", "-1" } },
    "{\"a\":\"NA\",\"b\":-1}\n{\"a\":\"N\\u0041\",\"b\":\"NA\"}\n{\"a\":-1,\"b\":1}\n",
    "0|-|-\n1|-|-\n2|-|1\n" },
  { { .n_columns = 0, .paths = { "a" } },
    "{}\n\n{\"a\":1}\n{]\n",
    "0\n2\nf:4: column 2: a name in double quotes or } is wanted, not ']' @3\n" },
};

/* Each is the second row of three. */
static const struct
{
  const char *row;
  const char *reason;
} mistakes[] = {
  { "[1]", "column 1: an object is wanted, not '['; jq -c '.[]' makes lines of an array" },
  { "[", "column 1: an object is wanted, not '['; jq -c '.[]' makes lines of an array" },
  { "\"a\"", "column 1: an object is wanted, not '\"'" },
  { " 12", "column 2: an object is wanted, not '12'" },
  { "null", "column 1: an object is wanted, not 'null'" },
  { "\xef\xbb\xbf{}", "column 1: an object is wanted, not '\\xEF\\xBB\\xBF'" },
  { "{\"a\":1}{}",
    "column 8: the end of the line is wanted, not '{'; jq -c . makes a line of each object" },
  { "\x1e{\"a\":1}",
    "column 1: an object is wanted, not '\\x1E'; without the separators of RFC 7464 it comes from: "
    "tr -d '\\036'" },
  { "{\"a\":1}}", "column 8: the end of the line is wanted, not '}'" },
  { "{\"a\":1} x", "column 9: the end of the line is wanted, not 'x'" },
  { "{",
    "column 2: the line ends where a name in double quotes or } is wanted; jq -c . makes a line of "
    "each object" },
  { "{\"a\"", "column 5: the line ends where a colon is wanted" },
  { "{\"a\": ", "column 7: the line ends where a value is wanted" },
  { "{\"a\":1", "column 7: the line ends where a comma or } is wanted" },
  { "{\"a\":1,", "column 8: the line ends where a name in double quotes is wanted" },
  { "{\"a\":[", "column 7: the line ends where a value is wanted" },
  { "{\"a\":[1", "column 8: the line ends where a comma or ] is wanted" },
  { "{a:1}", "column 2: a name in double quotes or } is wanted, not 'a'" },
  { "{'a':1}", "column 2: a name in double quotes or } is wanted, not ''a''" },
  { "{,}", "column 2: a name in double quotes or } is wanted, not ','" },
  { "{1:2}", "column 2: a name in double quotes or } is wanted, not '1'" },
  { "{\"a\":1,}", "column 8: a name in double quotes is wanted, not '}'" },
  { "{\"a\":1,,\"b\":2}", "column 8: a name in double quotes is wanted, not ','" },
  { "{\"a\" 1}", "column 6: a colon is wanted, not '1'" },
  { "{\"a\",\"b\"}", "column 5: a colon is wanted, not ','" },
  { "{\"a\"::1}", "column 6: a value is wanted, not ':'" },
  { "{\"a\":}", "column 6: a value is wanted, not '}'" },
  { "{\"a\":1 2}", "column 8: a comma or } is wanted, not '2'" },
  { "{\"a\":\"x\"y}", "column 9: a comma or } is wanted, not 'y'" },
  { "{\"a\":\"x\"\"y\"}", "column 9: a comma or } is wanted, not '\"'" },
  { "{\"a\":1]", "column 7: a comma or } is wanted, not ']'" },
  { "{\"a\":1:2}", "column 7: a comma or } is wanted, not ':'" },
  { "{\"a\":[1}", "column 8: a comma or ] is wanted, not '}'" },
  { "{\"a\":[1,]}", "column 9: a value is wanted, not ']'" },
  { "{\"a\":[,1]}", "column 7: a value is wanted, not ','" },
  { "{\"a\":[1 2]}", "column 9: a comma or ] is wanted, not '2'" },
  { "{\"c\":[{\"d\":1,}]}", "column 14: a name in double quotes is wanted, not '}'" },
  { "{\"c\":{\"d\":[1}}}", "column 13: a comma or ] is wanted, not '}'" },
  { "{\"c\":{\"d\" 1}}", "column 11: a colon is wanted, not '1'" },
  { "{\"c\":{\"d\":tru}}", "column 11: 'tru' is no value" },
  /* what is no value */
  { "{\"a\":nul}", "column 6: 'nul' is no value" },
  { "{\"a\":True}", "column 6: 'True' is no value" },
  { "{\"a\":NaN}", "column 6: 'NaN' is no value" },
  { "{\"a\":Infinity}", "column 6: 'Infinity' is no value" },
  { "{\"a\":nullx}", "column 6: 'nullx' is no value" },
  { "{\"b\":01}", "column 6: '01' is no value" },
  { "{\"a\":-01.5}", "column 6: '-01.5' is no value" },
  { "{\"a\":+1}", "column 6: '+1' is no value" },
  { "{\"a\":-}", "column 6: '-' is no value" },
  { "{\"a\":.5}", "column 6: '.5' is no value" },
  { "{\"a\":5.}", "column 6: '5.' is no value" },
  { "{\"a\":1.2.3}", "column 6: '1.2.3' is no value" },
  { "{\"a\":1e}", "column 6: '1e' is no value" },
  { "{\"a\":1e+}", "column 6: '1e+' is no value" },
  { "{\"a\":1.e5}", "column 6: '1.e5' is no value" },
  { "{\"a\":0x1f}", "column 6: '0x1f' is no value" },
  { "{\"a\":1_000}", "column 6: '1_000' is no value" },
  { "{\"a\":12345678901234567890123x}", "column 6: '12345678901234567890123x' is no value" },
  { "{\"a\":\x1a}", "column 6: '\\x1A' is no value" },
  /* strings */
  { "{\"a\":\"x}", "column 6: a string begins here and is never closed" },
  { "{\"a\":\"x\\\"}", "column 6: a string begins here and is never closed" },
  { "{\"a\":1,\"b}", "column 8: a string begins here and is never closed" },
  { "{\"a\":\"x\ty\"}",
    "column 8: a control character in a string, which is to be escaped, as \\t" },
  { "{\"\x01\":1}", "column 3: a control character in a string, which is to be escaped" },
  { "{\"b\":\"\x1f\"}", "column 7: a control character in a string, which is to be escaped" },
  { "{\"a\":\"\\x41\"}", "column 7: '\\x' is no escape" },
  { "{\"a\":\"\\'\"}", "column 7: '\\'' is no escape" },
  { "{\"c\":\"\\u12g4\"}", "column 7: '\\u' is no escape" },
  { "{\"c\":\"\\u12\"}", "column 7: '\\u' is no escape" },
  { "{\"c\":\"\\ud800\"}", "column 7: '\\ud800' is half of a surrogate pair, without the other" },
  { "{\"c\":\"\\ud800\\u0041\"}",
    "column 7: '\\ud800' is half of a surrogate pair, without the other" },
  { "{\"c\":\"\\uDFFF\"}", "column 7: '\\uDFFF' is half of a surrogate pair, without the other" },
  { "{\"\\q\":1}", "column 3: '\\q' is no escape" },
  /* bytes that are not UTF-8; places are those of characters */
  { "{\"a\":\"\xc3\xa9\xe2\x82\xac\xff\"}", "column 9: the byte 0xff does not belong to UTF-8" },
  { "{\"\x80\":1}", "column 3: the byte 0x80 does not belong to UTF-8" },
  { "{\"a\":\"\xc3\"}", "column 7: the byte 0xc3 does not belong to UTF-8" },
  { "{\"a\":\"\xc0\xaf\"}", "column 7: the byte 0xc0 does not belong to UTF-8" },
  { "{\"a\":\"\xe0\x80\x80\"}", "column 7: the byte 0xe0 does not belong to UTF-8" },
  { "{\"a\":\"\xed\xa0\x80\"}", "column 7: the byte 0xed does not belong to UTF-8" },
  { "{\"a\":\"\xf4\x90\x80\x80\"}", "column 7: the byte 0xf4 does not belong to UTF-8" },
  { "{\"a\":\"\xf0\x9f\x98\"}", "column 7: the byte 0xf0 does not belong to UTF-8" },
  { "{\"a\":\xc3\xa9}", "column 6: '\xc3\xa9' is no value" },
};

START_TEST (examples)
{
  const Example *example = &values[_i];

  check_decode (&example->test, example->text, strlen (example->text), example->wanted);
}
END_TEST

/* A bad row is told, or passed over, and nothing of it is left in its neighbours. */
START_TEST (bad_rows)
{
  static const Case fail = { AB };
  static const Case skip = { AB, SKIP };
  g_autofree char *text
      = g_strdup_printf ("{\"a\":1,\"b\":2}\n%s\r\n{\"b\":3}\n", mistakes[_i].row);
  g_autofree char *last = g_strdup_printf ("{\"a\":1,\"b\":2}\n%s", mistakes[_i].row);
  g_autofree char *told = g_strdup_printf ("0|1|2\nf:2: %s @1\n", mistakes[_i].reason);
  g_autofree char *skipped
      = g_strdup_printf ("0|1|2\n2|-|3\nskipped 1: f:2: %s\n", mistakes[_i].reason);

  check_decode (&fail, last, strlen (last), told);
  check_decode (&fail, text, strlen (text), told);
  check_decode (&skip, text, strlen (text), skipped);
}
END_TEST

START_TEST (nul_bytes)
{
  static const Case test = { AB };
  static const char outside[] = "{\"a\":\0}\n";
  static const char inside[] = "{\"a\":\"\0\"}\n";

  check_decode (&test, outside, sizeof outside - 1, "f:1: column 6: '\\x00' is no value @0\n");
  check_decode (&test, inside, sizeof inside - 1,
                "f:1: column 7: a control character in a string, which is to be escaped @0\n");
}
END_TEST

/* `n` arrays in one another, as the value of `name`. */
static char *
nest (const char *name, guint n)
{
  g_autofree char *open = g_strnfill (n, '[');
  g_autofree char *close = g_strnfill (n, ']');

  return g_strdup_printf ("{\"%s\":%s%s}\n", name, open, close);
}

START_TEST (depth)
{
  static const Case test = { .n_columns = 1, .takes = { X }, .paths = { "a[0][0]" } };
  const FanoutScanner *scanner = fanout_scanner ();

  for (guint i = 0; i < 2; i++)
    {
      const char *name = i == 0 ? "a" : "x";
      g_autofree char *right = nest (name, FANOUT_JSON_DEPTH - 1);
      g_autofree char *wrong = nest (name, FANOUT_JSON_DEPTH);
      g_autofree char *found = decode (scanner, &test, right, strlen (right), 7, 99999, NULL);
      g_autofree char *told = decode (scanner, &test, wrong, strlen (wrong), 7, 99999, NULL);

      ck_assert_str_eq (found, i == 0 ? "0|+\n" : "0|-\n");
      ck_assert_str_eq (told, "f:1: column 1029: more than 1024 arrays and objects in one another "
                              "@0\n");
    }
}
END_TEST

START_TEST (long_rows)
{
  static const Case test = { AB, SKIP, .max_row = 20 };
  static const Case fail = { AB, .max_row = 13 };
  const char *text = "{\"a\":1,\"b\":22222222}\n{\"a\":1,\"b\":22222222}\r\n"
                     "{\"a\":1,\"b\":222222222}\n{\"a\":\"\n{}\n";

  check_decode (&test, text, strlen (text),
                "0|1|22222222\n1|1|22222222\n4|-|-\n"
                "skipped 2: f:3: a row longer than max-row (20 bytes)\n");
  text = "{}\n{\"a\":\"unclosed\n{}\n";
  check_decode (&fail, text, strlen (text),
                "0|-|-\nf:2: a row longer than max-row (13 bytes) @1\n");
}
END_TEST

/* Rows longer than what is indexed at a time, in front of short ones. */
START_TEST (rows_beyond_pieces)
{
  static const Case test = { AB };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (gsize size = 1000; size < 200000; size = size * 3 / 2)
    {
      GString *text = g_string_new ("{\"x\":[");
      g_autofree char *bytes = NULL;
      gsize length;

      while (text->len < size)
        g_string_append (text, "\"\\\"\\\\\",-1.5,{},");
      g_string_append (text, "0],\"a\":\"y\"}\n{\"b\":\"z\"}\n{}");
      length = text->len;
      bytes = g_string_free (text, FALSE);
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *found = decode (all[i], &test, bytes, length, 4096, length, NULL);

          ck_assert_str_eq (found, "0|y|-\n1|-|z\n2|-|-\n");
        }
    }
}
END_TEST

/* Behind a row of the same shape each row is what it is alone, whatever is changed in it: a byte is
 * replaced by some, or some are put in front of it. */
START_TEST (damage_behind_the_same)
{
  static const char row[] = "{\"a\":\"x y\",\"n\": -12.5 ,\"averylongnameofamember\":{\"t\":true,"
                            "\"e\":[\"\",0],\"b\":null},\"b\":\"z\"}";
  static const Case test = { .n_columns = 4,
                             .takes = { T, T, T, T },
                             .paths = { "a", "n", "averylongnameofamember.b", "b" },
                             .on_bad_row = FANOUT_BAD_FAIL };
  static const char *const others[]
      = { "\"",   "\\",   "{",  "}",    "[",     "]",     ":",    ",",     " ",
          "0",    ".",    "-",  "e",    "a",     "n",     "t",    "x",     "\t",
          "\x01", "\x80", "\r", "",     "\":\"", "\",\"", "\"\"", "\" \"", "\" , \"",
          "\\\"", "{}",   "\n", " \" ", "\x1a",  "\x0c",  "00",   "],[",   "\",\"a\":\"" };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (gsize at = 0; at < sizeof row - 1; at++)
    for (gsize other = 0; other < 2 * G_N_ELEMENTS (others); other++)
      {
        g_autofree char *damaged = g_strdup_printf ("%.*s%s%s", (int) at, row, others[other / 2],
                                                    row + at + (other % 2 == 0 ? 1 : 0));
        g_autofree char *alone = g_strconcat ("\n", damaged, "\n", row, "\n", NULL);
        g_autofree char *behind = g_strconcat (row, "\n", damaged, "\n", row, "\n", NULL);

        for (guint i = 0; i < n; i++)
          {
            g_autofree char *wanted
                = decode (all[i], &test, alone, strlen (alone), 4096, strlen (alone), NULL);
            g_autofree char *found
                = decode (all[i], &test, behind, strlen (behind), 4096, strlen (behind), NULL);

            ck_assert (g_str_has_prefix (found, "0|x<20>y|-12.5|-|z\n"));
            ck_assert_str_eq (found + strlen ("0|x<20>y|-12.5|-|z\n"), wanted);
          }
      }
}
END_TEST

/* More shapes than are kept, in turns and at random; long enough for nothing to be learned. */
START_TEST (many_shapes)
{
  static const char *const rows[] = {
    "{\"a\":1,\"b\":2}",
    "{\"b\":2,\"a\":1}",
    "{\"a\":1,\"c\":[],\"b\":2}",
    "{\"a\":1,\"c\":[1],\"b\":2}",
    "{\"a\":1,\"c\":[1,2],\"b\":2}",
    "{ \"a\" : 1 , \"b\" : 2 } ",
    "{\"c\":{},\"a\":1,\"b\":2}",
    "{\"a\":0,\"a\":1,\"b\":2}",
    "{\"\\u0061\":1,\"b\":2}\r",
  };
  static const Case test = { AB };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint shapes = 1; shapes <= G_N_ELEMENTS (rows); shapes++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GString) wanted = g_string_new (NULL);
      g_autofree char *found = NULL;

      for (guint i = 0; i < 12000; i++)
        {
          const guint row
              = i < 300 ? i % shapes : (guint) g_rand_int_range (random, 0, (gint) shapes);

          g_string_append_printf (text, "%s\n", rows[row]);
          g_string_append_printf (wanted, "%u|1|2\n", i);
        }
      found = decode (fanout_scanner (), &test, text->str, text->len, 1000, 100000, NULL);
      ck_assert_str_eq (found, wanted->str);
    }
}
END_TEST

/* Every kernel says of random bytes near the borders of UTF-8 what GLib does. */
START_TEST (utf8)
{
  static const guint8 bytes[]
      = { 'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
          0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint round = 0; round < 50000; round++)
    {
      char text[100];
      const gsize length = (gsize) g_rand_int_range (random, 1, sizeof text);
      const gsize at = (gsize) g_rand_int_range (random, 0, (gint32) length);
      const gchar *end;
      gsize bad;

      /* A right text of characters of all lengths, with a few bytes of any kind in it. */
      memset (text, 'x', sizeof text);
      for (gsize i = 0; i + 5 < length;)
        {
          static const gunichar characters[] = { 'a', 0xe9, 0x7ff, 0x800, 0xd7ff, 0x20ac, 0x1f600 };

          i += (gsize) g_unichar_to_utf8 (
              characters[g_rand_int_range (random, 0, G_N_ELEMENTS (characters))], text + i);
        }
      for (gsize i = at; i < MIN (at + round % 5, length); i++)
        text[i] = (char) bytes[g_rand_int_range (random, 0, G_N_ELEMENTS (bytes))];
      text[length - 1] = '\n';
      bad = g_utf8_validate_len (text, length, &end) ? G_MAXSIZE : (gsize) (end - text);
      ck_assert_uint_eq (fanout_bad_utf8 (text, length), bad);
      for (guint i = 0; i < n; i++)
        ck_assert_int_eq (all[i]->is_utf8 (text, length), bad == G_MAXSIZE);
    }
}
END_TEST

static const struct
{
  const char *path;
  const char *reason;
} wrong_paths[] = {
  { "", "a name is missing" },
  { "a..b", "a name is missing" },
  { ".a", "a name is missing" },
  { "a.", "a name is missing" },
  { "[0]", "it begins with the name of a member" },
  { "a[]", "a number, from 0, and ] are wanted behind [" },
  { "a[-1]", "a number, from 0, and ] are wanted behind [" },
  { "a[1", "a number, from 0, and ] are wanted behind [" },
  { "a[0]b", "a . or [ is wanted behind a name" },
  { "\"a", "a quote is not closed" },
  { "\"a\"b", "a . or [ is wanted behind a name" },
  { "a\"b\"", "a . or [ is wanted behind a name" },
  { "a]", "a . or [ is wanted behind a name" },
};

START_TEST (paths)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!fanout_json_column (wrong_paths[_i].path, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  ck_assert_msg (strstr (error->message, wrong_paths[_i].reason) != NULL, "%s", error->message);
}
END_TEST

/* Every bit pattern of a short run of backslashes and quotes, across the border of blocks. */
START_TEST (escapes_across_blocks)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (guint shift = 50; shift < 66; shift++)
    for (guint bits = 0; bits < 1024; bits++)
      {
        char text[128];
        guint32 at[128 + FANOUT_INDEX_SLACK];
        gboolean escaped = FALSE;
        gsize n_quotes = 0;

        memset (text, ' ', sizeof text);
        for (guint i = 0; i < 10; i++)
          {
            text[shift + i] = (bits >> i & 1) != 0 ? '\\' : '"';
            n_quotes += text[shift + i] == '"' && !escaped;
            escaped = text[shift + i] == '\\' && !escaped;
          }
        for (guint i = 0; i < n; i++)
          {
            FanoutTokens tokens = { .at = at, .limit = 128 };
            gsize found = 0;

            all[i]->tokens (text, sizeof text, &tokens);
            for (gsize t = 0; t < tokens.n; t++)
              found += text[at[t]] == '"';
            ck_assert_uint_eq (found, n_quotes);
          }
      }
}
END_TEST

/* Whether a string of the text, whose tokens these are, is followed by something else than a mark,
 * blanks aside. */
static gboolean
is_loose (const char *text, gsize length, const FanoutTokens *tokens)
{
  for (gsize t = 0; t + 1 < tokens->n; t++)
    if (text[tokens->at[t]] == '"')
      {
        gsize behind = tokens->at[++t] + 1;

        while (behind < length && strchr (" \t\r", text[behind]) != NULL)
          behind++;
        if (behind < length && strchr ("{}[]:,\n", text[behind]) == NULL)
          return TRUE;
      }
  return FALSE;
}

/* The marks alone are those among all tokens. */
START_TEST (marks)
{
  static const char bytes[] = "\"\"\"\"\\{}[]:,,, \t\r\nax-0";
  static const char control[] = "\"\"{:, \n\x01";
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint n_loose = 0;

  for (guint round = 0; round < 20000; round++)
    {
      const char *from = round % 4 == 0 ? control : bytes;
      const gsize length = (gsize) g_rand_int_range (random, 1, 200);
      char text[256] = "";
      guint32 at[256 + FANOUT_INDEX_SLACK], only[256 + FANOUT_INDEX_SLACK];

      /* Runs of blanks reach from one block into the next. */
      for (gsize i = 0; i < length; i++)
        text[i] = i > 0 && text[i - 1] == ' ' && g_rand_int_range (random, 0, 10) > 0
                      ? ' '
                      : from[g_rand_int_range (random, 0, (gint32) strlen (from))];
      for (guint i = 0; i < n; i++)
        {
          FanoutTokens tokens = { .at = at, .limit = 256 };
          FanoutTokens found = { .kind = FANOUT_TOKENS_MARKS, .at = only, .limit = 256 };
          gsize k = 0;

          all[i]->tokens (text, length, &tokens);
          all[i]->tokens (text, length, &found);
          ck_assert_uint_eq (found.control, tokens.control);
          ck_assert_int_eq (found.escape, tokens.escape);
          for (gsize t = 0; t < tokens.n; t++)
            if (strchr ("{}[]:,\n", text[at[t]]) != NULL)
              ck_assert_uint_eq (only[k++], at[t]);
          ck_assert_uint_eq (k, found.n);
          if (tokens.control == G_MAXSIZE)
            ck_assert_int_eq (found.loose, is_loose (text, length, &tokens));
          n_loose += found.loose != FALSE;
        }
    }
  ck_assert_uint_gt (n_loose, 1000 * n);
  ck_assert_uint_lt (n_loose, 19000 * n);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("json");
  TCase *tests = tcase_create ("json");

  tcase_add_loop_test (tests, examples, 0, G_N_ELEMENTS (values));
  tcase_add_loop_test (tests, bad_rows, 0, G_N_ELEMENTS (mistakes));
  tcase_add_loop_test (tests, paths, 0, G_N_ELEMENTS (wrong_paths));
  tcase_add_test (tests, nul_bytes);
  tcase_add_test (tests, depth);
  tcase_add_test (tests, long_rows);
  tcase_add_test (tests, rows_beyond_pieces);
  tcase_add_test (tests, damage_behind_the_same);
  tcase_add_test (tests, many_shapes);
  tcase_add_test (tests, utf8);
  tcase_add_test (tests, escapes_across_blocks);
  tcase_add_test (tests, marks);
  suite_add_tcase (suite, tests);
  return suite;
}
