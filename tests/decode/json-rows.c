#include "tests/support/suite.h"
#include "tests/support/decode.h"

/* Rows of one shape, decoded many at a time, and what may be among them. */

#define AT_MOST 200 /* bytes of a text, of which each may be a token */

/* Quotes and line feeds among all tokens; a line feed in a string is one too, and is no control
 * character. */
START_TEST (quotes)
{
  static const char bytes[] = "\"\"\"\"\"\"\\\\{}[]:,,, \t\r\nax-0";
  static const char *const more[] = { "", "\x01", "\xc3\xa9", "\"\"\"\"\"\"\"\"\"\"\"\"\"\"" };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *from = g_strconcat (bytes, more[round % 4], more[round / 4 % 4], NULL);
      const gsize length = (gsize) g_rand_int_range (random, 1, AT_MOST);
      guint32 wanted[AT_MOST], at[AT_MOST + FANOUT_INDEX_SLACK];
      gboolean escaped = FALSE, inside = FALSE, escape = FALSE, high = FALSE;
      gsize control = G_MAXSIZE, n_wanted = 0;
      char text[AT_MOST];

      for (gsize i = 0; i < length; i++)
        {
          const char c = from[g_rand_int_range (random, 0, (gint32) strlen (from))];
          const gboolean quote = c == '"' && !escaped;

          text[i] = c;
          escape |= c == '\\';
          high |= (guchar) c >= 0x80;
          if (quote || c == '\n')
            wanted[n_wanted++] = (guint32) i;
          if (inside && (guchar) c < ' ' && c != '\n' && control == G_MAXSIZE)
            control = i;
          inside ^= quote;
          escaped = c == '\\' && !escaped;
        }
      for (guint i = 0; i < n; i++)
        {
          FanoutTokens found = { .kind = FANOUT_TOKENS_QUOTES, .at = at, .limit = AT_MOST };

          ck_assert_uint_eq (all[i]->tokens (text, length, &found), length);
          ck_assert_uint_eq (found.n, n_wanted);
          ck_assert_mem_eq (at, wanted, n_wanted * sizeof *at);
          ck_assert_uint_eq (found.control, control);
          ck_assert_int_eq (found.escape, escape);
          ck_assert_int_eq (found.high, high);
          ck_assert (!found.loose);
        }
    }
}
END_TEST

/* The first row that differs, at each place and in each of some comparisons. */
START_TEST (same_bytes)
{
  enum
  {
    ROWS = 21,
    LENGTH = 40,
  };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  FanoutSame same[] = { { .mark = 0, .bytes = -3 }, { .mark = 1, .bytes = 2 } };
  char text[ROWS * LENGTH + 2 * FANOUT_PADDING] = "";
  char *data = text + FANOUT_PADDING;
  guint32 marks[2 * ROWS];
  const FanoutMarkedRows marked = { data, marks, 2 };

  for (gsize i = 0; i < (gsize) ROWS * LENGTH; i++)
    data[i] = (char) ('a' + i % LENGTH);
  for (gsize row = 0; row < ROWS; row++)
    {
      marks[2 * row] = (guint32) (row * LENGTH + 5);
      marks[2 * row + 1] = (guint32) (row * LENGTH + 20);
    }
  memset (&same[0].mask, 0xff, 7);
  memcpy (&same[0].wanted, data + 2, 7);
  memset (&same[1].mask, 0xff, FANOUT_SAME_STEP);
  memcpy (&same[1].wanted, data + 22, FANOUT_SAME_STEP);
  for (gsize changed = 0; changed < (gsize) ROWS * LENGTH; changed++)
    {
      const gsize place = changed % LENGTH;
      const gboolean matters = (place >= 2 && place < 9) || (place >= 22 && place < 38);

      data[changed] ^= 1;
      for (guint i = 0; i < n; i++)
        for (gsize rows = 0; rows <= ROWS; rows++)
          ck_assert_uint_eq (all[i]->same (&marked, rows, same, 2),
                             matters ? MIN (rows, changed / LENGTH) : rows);
      data[changed] ^= 1;
    }
}
END_TEST

static const struct
{
  const char *text;
  gboolean right;
} scalars[] = {
  { "0", TRUE },
  { "-0", TRUE },
  { "7", TRUE },
  { "-7.5", TRUE },
  { "0.5", TRUE },
  { "10", TRUE },
  { "12345678", TRUE },
  { "123456789", TRUE },
  { "-1234567", TRUE },
  { "-12345678", TRUE },
  { "1234567890123456", TRUE },
  { "12345678901234567", TRUE },
  { "-123456789012.45", TRUE },
  { "1e5", TRUE },
  { "-1.5E-300", TRUE },
  { "true", TRUE },
  { "false", TRUE },
  { "null", TRUE },
  { "", FALSE },
  { "-", FALSE },
  { ".", FALSE },
  { "00", FALSE },
  { "01", FALSE },
  { "-01", FALSE },
  { "1.", FALSE },
  { ".5", FALSE },
  { "-.5", FALSE },
  { "1..5", FALSE },
  { "1.2.3", FALSE },
  { "--1", FALSE },
  { "1-", FALSE },
  { "+1", FALSE },
  { "1234567.", FALSE },
  { "0123456789", FALSE },
  { "123456789012345.", FALSE },
  { "12345678 ", FALSE },
  { "1e", FALSE },
  { "1x", FALSE },
  { "tru", FALSE },
  { "truf", FALSE },
  { "True", FALSE },
  { "fals", FALSE },
  { "nulll", FALSE },
  { "falsetrue", FALSE },
  { "x", FALSE },
  { "\x80", FALSE },
};

/* Of each kind behind some of another, all in brackets. */
START_TEST (values_that_are_no_strings)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (guint first = 0; first < G_N_ELEMENTS (scalars) && scalars[first].right; first++)
    for (gsize rows = 1; rows < 20; rows++)
      for (gsize other = 0; other < rows; other++)
        {
          g_autoptr (GString) text = g_string_new (NULL);
          guint32 marks[2 * 20];

          g_string_set_size (text, FANOUT_PADDING);
          memset (text->str, '1', FANOUT_PADDING);
          for (gsize row = 0; row < rows; row++)
            {
              const char *value = row == other ? scalars[_i].text : scalars[first].text;

              marks[2 * row] = (guint32) (text->len - FANOUT_PADDING);
              g_string_append_printf (text, "[%s", value);
              marks[2 * row + 1] = (guint32) (text->len - FANOUT_PADDING);
              g_string_append (text, "]");
            }
          g_string_append (text,
                           "1111111111111111111111111111111111111111111111111111111111111111");
          for (guint i = 0; i < n; i++)
            {
              const FanoutFields fields = { text->str + FANOUT_PADDING + 1, marks, 2 };

              ck_assert_msg (
                  all[i]->scalars (&fields, 0, rows) == (scalars[_i].right ? rows : other),
                  "%s: '%s' behind '%s'", all[i]->name, scalars[_i].text, scalars[first].text);
            }
        }
}
END_TEST

static const struct
{
  const char *row;
  const char *wanted; /* behind the number of the row; NULL: it is bad */
} odd_ones[] = {
  { "{\"a\":\"x\",\"n\":-1.50,\"t\":true,\"b\":\"y\"}", "|x|-1.50|y" },
  { "{\"a\":\"x\",\"n\":1e3,\"t\":null,\"b\":\"\"}", "|x|1e3|-" },
  { "{\"a\":\"x\",\"n\":null,\"t\":false,\"b\":\"\\\"\\\\\"}", "|x|-|\"\\" },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y\"}\r", "|x|2|y" },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y\"}\t", "|x|2|y" },
  { " {\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y\"}", "|x|2|y" },
  { "{\"a\":\"x\",\"n\": 2 ,\"t\":true,\"b\":\"\xc3\xa9\"}", "|x|2|<c3><a9>" },
  { "{\"b\":\"x\",\"n\":2,\"t\":true,\"a\":\"y\"}", "|y|2|x" },
  { "{\"a\":\"x\",\"n\":\"2\",\"t\":true,\"b\":\"y\"}", "|x|2|y" },
  { "{\"a\":\"x\",\"n\":[2,3],\"t\":true,\"b\":\"y\"}", "|x|[2,3]|y" },
  { "{\"a\":\"x\",\"n\":2,\"t\":{},\"b\":\"y\"}", "|x|2|y" },
  { "{}", "|-|-|-" },
  { "", "" },
  { "{\"a\":\"x\",\"n\":02,\"t\":true,\"b\":\"y\"}", NULL },
  { "{\"a\":\"x\",\"n\":,\"t\":true,\"b\":\"y\"}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":truf,\"b\":\"y\"}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y\"", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"\\x\"}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"\t\"}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"\xc3\"}", NULL },
  { "{\"a\":\"x\"\"n\":2,\"t\":true,\"b\":\"y\"}", NULL },
  { "{\"a\":\"x\",\"n\":2,\"t\":true,\"b\":\"y\"}}", NULL },
  { "{\"a\":\"x\",\"n\":2\x01,\"t\":true,\"b\":\"y\"}", NULL },
};

/* One among many that are alike, wherever it is, and in front of it, when several are looked at
 * together, and the last one. */
START_TEST (one_among_many)
{
  static const Case test = {
    .n_columns = 3, .takes = { T, T, T }, .paths = { "a", "n", "b" }, .on_bad_row = FANOUT_BAD_PASS
  };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (gsize at = 0; at < 150; at = at * 5 / 4 + 1)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GString) wanted = g_string_new (NULL);

      for (gsize row = 0; row < 160; row++)
        if (row != at)
          {
            g_string_append_printf (text, "{\"a\":\"%zu\",\"n\":%zu,\"t\":false,\"b\":\"v\"}\n",
                                    row, row * row);
            g_string_append_printf (wanted, "%zu|%zu|%zu|v\n", row, row, row * row);
          }
        else
          {
            g_string_append_printf (text, "%s\n", odd_ones[_i].row);
            if (odd_ones[_i].wanted != NULL && *odd_ones[_i].wanted != '\0')
              g_string_append_printf (wanted, "%zu%s\n", row, odd_ones[_i].wanted);
          }
      for (guint i = 0; i < n; i++)
        for (gsize capacity = 100; capacity < 1000; capacity += 800)
          {
            g_autofree char *found
                = decode (all[i], &test, text->str, text->len, capacity, text->len, NULL);
            char *skipped = strstr (found, "skipped");

            ck_assert_int_eq (skipped != NULL, odd_ones[_i].wanted == NULL);
            if (skipped != NULL)
              {
                g_autofree char *told = g_strdup_printf ("skipped 1: f:%zu: ", at + 1);

                ck_assert_msg (g_str_has_prefix (skipped, told), "%s", skipped);
                *skipped = '\0';
              }
            ck_assert_str_eq (found, wanted->str);
          }
    }
}
END_TEST

/* The longest that may be, and one byte more, among many. */
START_TEST (max_row)
{
  static const Case test = { .n_columns = 2,
                             .takes = { T, T },
                             .paths = { "a", "b" },
                             .on_bad_row = FANOUT_BAD_PASS,
                             .max_row = 16 };
  const FanoutScanner *scanner = fanout_scanner ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) wanted = g_string_new (NULL);
  g_autofree char *found = NULL;

  for (guint row = 0; row < 100; row++)
    {
      const char *value = row == 70 ? "44444" : row % 2 == 0 ? "4444" : "333";

      g_string_append_printf (text, "{\"a\":1,\"b\":%s}%s\n", value, row == 60 ? "\r" : "");
      if (row != 70)
        g_string_append_printf (wanted, "%u|1|%s\n", row, value);
    }
  g_string_append (wanted, "skipped 1: f:71: a row longer than max-row (16 bytes)\n");
  found = decode (scanner, &test, text->str, text->len, 1000, text->len, NULL);
  ck_assert_str_eq (found, wanted->str);
}
END_TEST

/* Names and blanks of any length: far from the next quote, and at the end of what is readable. */
START_TEST (long_names)
{
  static const Case test = { .n_columns = 1, .takes = { T }, .paths = { "a" } };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (gsize length = 1; length < 300; length++)
    {
      g_autofree char *name = g_strnfill (length, 'x');
      g_autofree char *blanks = g_strnfill (length, ' ');
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint row = 0; row < 4; row++)
        g_string_append_printf (text, "{\"%s\":1%s,\"a\":\"%u\"}\n", name, blanks, row);
      /* As many marks, but short. */
      g_string_append (text, "{\"x\":1,\"a\":\"4\"}\n{\"x\":1,\"a\":\"5\"}\n");
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *found
              = decode (all[i], &test, text->str, text->len, 99, text->len, NULL);

          ck_assert_str_eq (found, "0|0\n1|1\n2|2\n3|3\n4|4\n5|5\n");
        }
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("json-rows");
  TCase *tests = tcase_create ("json-rows");

  tcase_add_test (tests, quotes);
  tcase_add_test (tests, same_bytes);
  tcase_add_loop_test (tests, values_that_are_no_strings, 0, G_N_ELEMENTS (scalars));
  tcase_add_loop_test (tests, one_among_many, 0, G_N_ELEMENTS (odd_ones));
  tcase_add_test (tests, max_row);
  tcase_add_test (tests, long_names);
  suite_add_tcase (suite, tests);
  return suite;
}
