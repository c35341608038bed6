/* Text in other encodings, cut at every byte. */

#include "core/input/convert.h"
#include "tests/support/feed.h"
#include "tests/support/suite.h"
#include <fanout/error.h>

static char *
convert_feed (Feed feed, const char *encoding, gsize room)
{
  g_autoptr (GError) error = NULL;
  FanoutBytes *converted = fanout_convert_new (feed_open (&feed), encoding, NULL, 0, &error);
  char *text;

  ck_assert_ptr_nonnull (converted);
  text = feed_read (&feed, converted, room);
  fanout_bytes_free (converted);
  return text;
}

static void
expect (const char *encoding, const char *data, gsize length, const char *expected)
{
  static const gsize rooms[] = { 1, 3, 256 };

  for (gsize first = 0; first <= length; first++)
    {
      const Feed feed = { .data = { data, length }, .first = first, .piece = 1 + first % 5 };
      g_autofree char *text = convert_feed (feed, encoding, rooms[first % G_N_ELEMENTS (rooms)]);

      ck_assert_str_eq (text, expected);
    }
}

#define EXPECT(encoding, data, expected) expect (encoding, data, sizeof (data) - 1, expected)

START_TEST (utf16)
{
  EXPECT ("utf-16le", "a\0\n\0\xe4\0\xac\x20\x3d\xd8\x00\xde", "a\n\u00e4\u20ac\U0001F600");
  EXPECT ("UTF16BE", "\0a\0\n\0\xe4\x20\xac\xd8\x3d\xde\x00", "a\n\u00e4\u20ac\U0001F600");
  EXPECT ("utf-16",
          "\xff\xfe"
          "a\0",
          "\ufeff"
          "a");
  EXPECT ("utf_16", "\xfe\xff\0a",
          "\ufeff"
          "a");
  EXPECT ("utf-16", "", "");
  EXPECT ("utf-16le", "\xff\xdb\xff\xdf\xff\xd7\0\xe0", "\U0010FFFF\ud7ff\ue000");
  EXPECT ("utf-16le", "a\0\0\0", "a~");
}
END_TEST

START_TEST (broken_utf16)
{
  EXPECT ("utf-16", "a\0",
          "x: there is no byte order mark that says which utf-16 it is; utf-16le or "
          "utf-16be does");
  EXPECT ("utf-16", "a", "x: it ends within a character of utf-16, at byte 0");
  EXPECT ("utf-16le", "a\0b", "ax: it ends within a character of utf-16le, at byte 2");
  EXPECT ("utf-16le", "a\0\x3d\xd8", "ax: it ends within a character of utf-16le, at byte 2");
  EXPECT ("utf-16le", "a\0\x3d\xd8\0", "ax: it ends within a character of utf-16le, at byte 2");
  EXPECT ("utf-16le", "a\0\x3d\xd8\x3d\xd8\0\xde", "ax: this is not valid utf-16le, at byte 2");
  EXPECT ("utf-16le",
          "a\0\0\xdc"
          "b\0",
          "ax: this is not valid utf-16le, at byte 2");
}
END_TEST

START_TEST (others)
{
  EXPECT ("latin1", "a\xe4\xff\n", "a\u00e4\u00ff\n");
  EXPECT ("ISO-2022-JP", "1,\x1b$BF|K\\\x1b(B\n", "1,\u65e5\u672c\n");
  EXPECT ("euc-jp", "\xc6\xfc\xcb\xdc\n", "\u65e5\u672c\n");
  EXPECT ("euc-jp", "a\xc6", "ax: it ends within a character of euc-jp, at byte 1");
  EXPECT ("euc-jp", "ab\xff\n", "abx: this is not valid euc-jp, at byte 2");
}
END_TEST

START_TEST (names)
{
  static const char *const known[] = { "utf-8", "UTF8", "utf-16", "Utf_16Le", "latin1", "cp1252" };
  static const char *const unknown[] = { "", "utf-17", "utf-8//IGNORE", "latin1/", "auto" };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      ck_assert (fanout_encoding_check (known[i], NULL));
      ck_assert_int_eq (fanout_encoding_is_plain (known[i]), i < 2);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (!fanout_encoding_check (unknown[i], &error));
      ck_assert_int_eq (error->code, FANOUT_ERROR_CONFIG);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("convert");
  TCase *tests = tcase_create ("all");

  tcase_add_test (tests, utf16);
  tcase_add_test (tests, broken_utf16);
  tcase_add_test (tests, others);
  tcase_add_test (tests, names);
  suite_add_tcase (suite, tests);
  return suite;
}
