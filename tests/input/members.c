/* Members that tell their sizes, unpacked side by side: what one thread makes of them, whatever
 * they are. */

#include "core/input/unpack.h"
#include "tests/support/feed.h"
#include "tests/support/suite.h"
#include <check.h>
#include <string.h>

static GRand *numbers;

static guint32
crc_of (const char *data, gsize length)
{
  guint32 crc = ~(guint32) 0;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= (guint8) data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
    }
  return ~crc;
}

static void
append_number (GString *out, guint64 number, guint bytes)
{
  for (guint i = 0; i < bytes; i++)
    g_string_append_c (out, (char) (number >> 8 * i));
}

/* Up to 65000 bytes, not packed, as bgzip would write them. */
static void
append_bgzf (GString *out, const char *text, gsize length)
{
  g_string_append_len (out, "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0", 16);
  append_number (out, length + 30, 2);
  append_number (out, 1, 1);
  append_number (out, length, 2);
  append_number (out, ~length, 2);
  g_string_append_len (out, text, (gssize) length);
  append_number (out, crc_of (text, length), 4);
  append_number (out, length, 4);
}

/* The same without its length. */
static void
append_gz (GString *out, const char *text, gsize length)
{
  const gsize start = out->len;

  append_bgzf (out, text, length);
  out->str[start + 3] = '\0';
  g_string_erase (out, (gssize) start + 10, 8);
}

/* A frame of one block; now and then with one before it that is to be skipped. */
static void
append_zst (GString *out, const char *text, gsize length)
{
  if (length % 5 == 0)
    g_string_append_len (out, "\x53\x2a\x4d\x18\x03\0\0\0abc", 11);
  g_string_append_len (out, "\x28\xb5\x2f\xfd\xa0", 5);
  append_number (out, length, 4);
  append_number (out, 1 | length << 3, 3);
  g_string_append_len (out, text, (gssize) length);
}

typedef struct
{
  FanoutCompression kind;
  void (*append) (GString *out, const char *text, gsize length);
} Kind;

static const Kind kinds[] = {
  { FANOUT_COMPRESSION_GZ, append_bgzf },
  { FANOUT_COMPRESSION_ZST, append_zst },
};

static char *
unpack (const Kind *kind, const GString *packed, gsize piece, guint n_threads)
{
  Feed feed = { .data = { packed->str, packed->len }, .piece = piece };
  _Atomic gsize memory = 0;
  g_autoptr (GError) error = NULL;
  FanoutBytes *bytes
      = fanout_unpack_new (feed_open (&feed), kind->kind, NULL, 0, n_threads, &memory, &error);
  char *text = bytes != NULL ? feed_read (&feed, bytes, 256) : NULL;

  fanout_bytes_free (bytes);
  ck_assert_uint_eq (memory, 0);
  return text;
}

static guint
random_below (guint n)
{
  return (guint) g_rand_int_range (numbers, 0, (gint32) n);
}

/* Members of letters, most of them large; `text` gets these. */
static GString *
make (const Kind *kind, guint n, GString *text)
{
  GString *packed = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const gsize length = random_below (8) == 0 ? random_below (3) : random_below (60000);
      const gsize start = text->len;

      for (gsize k = 0; k < length; k++)
        g_string_append_c (text, (char) ('a' + (i * 7 + k / 3) % 26));
      kind->append (packed, text->str + start, length);
    }
  return packed;
}

static void
begin (void)
{
  numbers = g_rand_new_with_seed (11);
}

static void
end (void)
{
  g_rand_free (numbers);
}

START_TEST (whole)
{
  const Kind *kind = &kinds[_i];

  for (guint n = 1; n < 60; n = n * 3)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GString) packed = make (kind, n, text);

      for (guint threads = 1; threads < 5; threads += 2)
        {
          g_autofree char *found = unpack (kind, packed, threads * 10007 * n, threads);

          if (found != NULL)
            ck_assert_str_eq (found, text->str);
        }
    }
}
END_TEST

/* Whatever is wrong with them: what comes of it, and what is said, is the same. */
START_TEST (same_as_by_one)
{
  const Kind *kind = &kinds[_i];

  for (guint round = 0; round < 40; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GString) packed = make (kind, 1 + random_below (20), text);
      const gsize at = random_below ((guint) packed->len);
      g_autofree char *one = NULL;
      g_autofree char *several = NULL;

      switch (round % 5)
        {
        case 0:
          g_string_truncate (packed, at);
          break;
        case 1:
          packed->str[at] = (char) (packed->str[at] ^ 1 << random_below (8));
          break;
        case 2:
          g_string_append_len (packed, "\0\0\0\0x", round % 2 == 0 ? 4 : 5);
          break;
        case 3:
          /* One that does not tell its size, between others. */
          if (kind->kind == FANOUT_COMPRESSION_GZ)
            append_gz (packed, text->str, MIN (text->len, 50000));
          kind->append (packed, text->str, MIN (text->len, 50000));
          break;
        default:
          g_string_erase (packed, (gssize) at, (gssize) MIN (packed->len - at, 30));
        }
      one = unpack (kind, packed, 50000, 0);
      several = unpack (kind, packed, 50000, 2);
      ck_assert_msg (g_strcmp0 (one, several) == 0, "round %u", round);
    }
}
END_TEST

/* Members that nobody takes any more are given up. */
START_TEST (ends_while_they_are_unpacked)
{
  const Kind *kind = &kinds[_i];
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) packed = make (kind, 60, text);

  for (guint round = 0; round < 10; round++)
    {
      Feed feed = { .data = { packed->str, packed->len } };
      _Atomic gsize memory = 0;
      FanoutBytes *bytes
          = fanout_unpack_new (feed_open (&feed), kind->kind, NULL, 0, 3, &memory, NULL);
      FanoutRead result = FANOUT_READ_WAIT;
      char byte;
      gsize got;

      while (bytes != NULL && result == FANOUT_READ_WAIT)
        result = bytes->type->read (bytes, &byte, 1, &got, NULL);
      fanout_bytes_free (bytes);
      ck_assert_uint_eq (memory, 0);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("members");
  TCase *tests = tcase_create ("all");
  const int n = G_N_ELEMENTS (kinds);

  tcase_add_checked_fixture (tests, begin, end);
  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, whole, 0, n);
  tcase_add_loop_test (tests, same_as_by_one, 0, n);
  tcase_add_loop_test (tests, ends_while_they_are_unpacked, 0, n);
  suite_add_tcase (suite, tests);
  return suite;
}
