/* Packed bytes of every kind: whole, cut, damaged, in pieces, one member behind the other. */

#include "core/input/unpack.h"
#include "tests/support/feed.h"
#include "tests/support/suite.h"
#include <check.h>
#include <fanout/error.h>
#include <string.h>

#define TEXT "h\n1\n22\n333\n22\n333\n22\n333\n"

/* TEXT, and nothing, as the usual tools pack them. */
typedef struct
{
  FanoutCompression kind;
  Bytes text;
  Bytes nothing;
} Packed;

static const Packed kinds[] = {
  { FANOUT_COMPRESSION_GZ,
    BYTES ("\037\213\010\010\000\000\000\000\002\377t.csv\000\313\3402\34422\342266F\243"
           "\000\314\234\262l\031\000\000\000"),
    BYTES ("\037\213\010\010\000\000\000\000\002\377t.csv\000\003\000\000\000\000\000\000"
           "\000\000\000") },
  { FANOUT_COMPRESSION_ZST,
    BYTES ("(\265/\375\004X\205\000\000Ph\0121\01222\012333\001\000\352\012\022\252^\245"
           "\030"),
    BYTES ("(\265/\375$\000\001\000\000\231\351\330Q") },
  { FANOUT_COMPRESSION_XZ,
    BYTES ("\3757zXZ\000\000\004\346\326\264F\002\000!\001\026\000\000\000t/\345\243\340"
           "\000\030\000\017]\0004\002\202\037\031\217(\247\026\272\304\374X\000\000\000"
           "\000\305\271\251K\215\310\241\302\000\001+\031\202\340\2352\037\266\363}\001"
           "\000\000\000\000\004YZ"),
    BYTES ("\3757zXZ\000\000\004\346\326\264F\000\000\000\000\034\337D!\037\266\363}\001"
           "\000\000\000\000\004YZ") },
  { FANOUT_COMPRESSION_BZ2,
    BYTES ("BZh91AY&SYJ;T\026\000\000\014I\000\000\0208\000\000@ \0000\315\000\220\236\243"
           "\221\225\322\314J\036.\344\212p\241 \224v\250,"),
    BYTES ("BZh9\027rE8P\220\000\000\000\000") },
  { FANOUT_COMPRESSION_LZ4,
    BYTES ("\004\042M\030d@\247\023\000\000\000\246h\0121\01222\012333\007\000P\012333\012"
           "\000\000\000\000\022e\255\240"),
    BYTES ("\004\042M\030d@\247\000\000\000\000\005]\314\002") },
};

/* Some of the kinds may have been left out of this build. */
static FanoutBytes *
open_feed (Feed *feed, FanoutCompression kind, _Atomic gsize *memory)
{
  g_autoptr (GError) error = NULL;
  FanoutBytes *unpacked;

  unpacked = fanout_unpack_new (feed_open (feed), kind, NULL, 0, 0, memory, &error);
  if (unpacked == NULL)
    ck_assert_msg (strstr (error->message, ", and this fanoutd was built without ") != NULL, "%s",
                   error->message);
  return unpacked;
}

static char *
unpack_feed (Feed feed, FanoutCompression kind, gsize room)
{
  _Atomic gsize memory = 0;
  FanoutBytes *unpacked = open_feed (&feed, kind, &memory);
  char *text = unpacked != NULL ? feed_read (&feed, unpacked, room) : g_strdup ("");

  fanout_bytes_free (unpacked);
  ck_assert_uint_eq (memory, 0);
  return text;
}

static gboolean there[G_N_ELEMENTS (kinds)];

static void
find_kinds (void)
{
  _Atomic gsize memory = 0;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Feed feed = { 0 };
      FanoutBytes *unpacked = open_feed (&feed, kinds[i].kind, &memory);

      there[i] = unpacked != NULL;
      fanout_bytes_free (unpacked);
    }
}

static gboolean
is_there (FanoutCompression kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == kind)
      return there[i];
  return FALSE;
}

static void
expect_pieces (FanoutCompression kind, GString *data, const char *expected)
{
  static const gsize rooms[] = { 1, 7, 256 };
  const Bytes bytes = { data->str, data->len };

  for (gsize first = 0; first < bytes.length; first++)
    {
      const Feed halves = { .data = bytes, .first = first };
      g_autofree char *text = unpack_feed (halves, kind, rooms[first % G_N_ELEMENTS (rooms)]);

      ck_assert_str_eq (text, expected);
    }
  for (gsize piece = 1; piece < 12; piece++)
    {
      const Feed pieces = { .data = bytes, .piece = piece };
      g_autofree char *text = unpack_feed (pieces, kind, rooms[piece % G_N_ELEMENTS (rooms)]);

      ck_assert_str_eq (text, expected);
    }
}

static void
append (GString *string, const Bytes *bytes)
{
  g_string_append_len (string, bytes->data, (gssize) bytes->length);
}

START_TEST (members_in_pieces)
{
  const Packed *packed = &kinds[_i];
  g_autoptr (GString) data = g_string_new (NULL);

  if (!is_there (packed->kind))
    return;
  append (data, &packed->text);
  expect_pieces (packed->kind, data, TEXT);
  append (data, &packed->nothing);
  append (data, &packed->text);
  expect_pieces (packed->kind, data, TEXT TEXT);
  g_string_append_len (data, "\0\0\0\0\0", 5);
  expect_pieces (packed->kind, data, TEXT TEXT);
  append (data, &packed->nothing);
  expect_pieces (packed->kind, data, TEXT TEXT);
}
END_TEST

/* An extra field, as in BGZF, a name, a comment, and a checksum of them. */
START_TEST (long_header)
{
  static const Bytes bytes = BYTES (
      "\037\213\010\036\000\000\000\000\000\003\006\000BC\002\000\033\000name\000some words"
      "\000\371\177\313\3402\34422\342266F\243\000\314\234\262l\031\000\000\000");
  g_autoptr (GString) data = g_string_new (NULL);

  if (!is_there (FANOUT_COMPRESSION_GZ))
    return;
  append (data, &bytes);
  append (data, &bytes);
  expect_pieces (FANOUT_COMPRESSION_GZ, data, TEXT TEXT);
}
END_TEST

START_TEST (no_members)
{
  const Packed *packed = &kinds[_i];
  g_autoptr (GString) data = g_string_new (NULL);
  const Feed empty = { .data = BYTES ("") };

  if (!is_there (packed->kind))
    return;
  g_autofree char *text = unpack_feed (empty, packed->kind, 1);
  ck_assert_str_eq (text, "");
  append (data, &packed->nothing);
  expect_pieces (packed->kind, data, "");
  append (data, &packed->nothing);
  expect_pieces (packed->kind, data, "");
}
END_TEST

/* What was whole is given, and then where the data ends. */
static void
expect_cut (const Packed *packed, const Bytes *before)
{
  g_autoptr (GString) data = g_string_new (NULL);

  append (data, before);
  for (gsize i = 0; i + 1 < packed->text.length; i++)
    {
      Feed feed = { .piece = 1 + i % 9 };
      g_autofree char *message = NULL;
      g_autofree char *text = NULL;

      g_string_append_c (data, packed->text.data[i]);
      feed.data.data = data->str;
      feed.data.length = data->len;
      text = unpack_feed (feed, packed->kind, 100);
      message = g_strdup_printf ("x: the compressed data ends too early, at byte %zu", data->len);
      ck_assert_msg (g_str_has_suffix (text, message), "%zu: %s", i, text);
      text[strlen (text) - strlen (message)] = '\0';
      ck_assert (g_str_has_prefix (TEXT TEXT, text));
      ck_assert_uint_ge (strlen (text), before->length > 0 ? strlen (TEXT) : 0);
    }
}

START_TEST (cut_at_every_byte)
{
  const Bytes nothing = BYTES ("");

  if (!is_there (kinds[_i].kind))
    return;
  expect_cut (&kinds[_i], &nothing);
  expect_cut (&kinds[_i], &kinds[_i].text);
}
END_TEST

/* Some bytes say nothing about the text. */
START_TEST (damaged_at_every_byte)
{
  const Packed *packed = &kinds[_i];
  guint found = 0;

  if (!is_there (packed->kind))
    return;
  for (gsize i = 0; i < 8 * packed->text.length; i++)
    {
      g_autofree char *data = g_memdup2 (packed->text.data, packed->text.length);
      Feed feed = { .data = { data, packed->text.length } };
      g_autofree char *text = NULL;

      data[i / 8] = (char) (data[i / 8] ^ 1 << i % 8);
      text = unpack_feed (feed, packed->kind, 256);
      if (strcmp (text, TEXT) == 0)
        continue;
      ck_assert_msg (strstr (text, "x: the compressed data ") != NULL
                         || strstr (text, "x: it does not begin as ") != NULL
                         || strstr (text, "x: to unpack it takes a window of more than ") != NULL,
                     "bit %zu: %s", i, text);
      found += strstr (text, "is damaged, at byte ") != NULL;
    }
  ck_assert_uint_ge (found, 4 * packed->text.length);
}
END_TEST

static void
expect_failure (const Packed *packed, const char *more, gsize n, gsize zeros)
{
  g_autoptr (GString) data = g_string_new (NULL);
  Feed feed = { .piece = 5 };
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;

  append (data, &packed->text);
  g_string_append_len (data, more, (gssize) n);
  feed.data.data = data->str;
  feed.data.length = data->len;
  text = unpack_feed (feed, packed->kind, 100);
  message
      = g_strdup_printf (TEXT "x: the compressed data is followed by other bytes, from byte %zu",
                         packed->text.length + zeros);
  ck_assert_str_eq (text, message);
}

START_TEST (other_bytes_behind)
{
  const Packed *packed = &kinds[_i];

  if (!is_there (packed->kind))
    return;
  expect_failure (packed, "\n", 1, 0);
  expect_failure (packed, "1\n", 2, 0);
  expect_failure (packed, "\0\0\0x\0\0\0\0\0\0\0\0", 12, 3);
}
END_TEST

START_TEST (too_large_a_window)
{
  static const struct
  {
    FanoutCompression kind;
    Bytes data;
    const char *tool;
  } large[] = {
    { FANOUT_COMPRESSION_ZST, BYTES ("(\265/\375\000\250\001\000\000"), "zstd -dc --long=31" },
    /* What it has would fit in less. */
    { FANOUT_COMPRESSION_ZST, BYTES ("(\265/\375\200\250\001\000\000\000\011\000\000a"),
      "zstd -dc --long=31" },
    { FANOUT_COMPRESSION_XZ,
      BYTES ("\3757zXZ\000\000\004\346\326\264F\002\000!\001\042\000\000\000\202@\254\334"
             "\001\000\003h\0121\012\000\231:\222\360\030f9\002\000\001\034\004o,\234\301"
             "\037\266\363}\001\000\000\000\000\004YZ"),
      "xz -dc" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    {
      g_autofree char *message = g_strconcat (
          "x: to unpack it takes a window of more than 128 MiB; this does: ", large[i].tool, NULL);

      if (!is_there (large[i].kind))
        continue;
      for (gsize piece = 0; piece <= large[i].data.length; piece++)
        {
          const Feed feed = { .data = large[i].data, .piece = piece };
          g_autofree char *text = unpack_feed (feed, large[i].kind, 100);

          ck_assert_str_eq (text, message);
        }
    }
}
END_TEST

/* A frame that is said to have 5,543 bytes, of one block that is empty. */
START_TEST (frame_of_another_size)
{
  static const Bytes frame = BYTES ("(\265/\375@~\247\024\001\000\000");

  if (!is_there (FANOUT_COMPRESSION_ZST))
    return;
  for (gsize piece = 0; piece <= frame.length; piece++)
    for (gsize room = 1; room <= 100; room *= 10)
      {
        const Feed feed = { .data = frame, .piece = piece };
        g_autofree char *text = unpack_feed (feed, FANOUT_COMPRESSION_ZST, room);

        ck_assert_msg (strstr (text, "x: the compressed data is damaged, at byte ") != NULL,
                       "in pieces of %zu, for %zu: %s", piece, room, text);
      }
}
END_TEST

START_TEST (kinds_by_their_marks)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (gsize length = 0; length <= kinds[i].text.length; length++)
      {
        const char *data = kinds[i].text.data;
        const FanoutCompression found = fanout_packed_kind (data, length, FALSE);

        ck_assert (found == kinds[i].kind || (found == FANOUT_COMPRESSION_AUTO && length < 10));
        ck_assert (found == FANOUT_COMPRESSION_AUTO || length >= 2);
        ck_assert_int_eq (fanout_packed_kind (kinds[i].nothing.data,
                                              MIN (length, kinds[i].nothing.length), FALSE),
                          found);
        /* A file that was cut there is no text. */
        ck_assert_int_eq (fanout_packed_kind (data, length, TRUE),
                          length >= 3 || found == kinds[i].kind ? kinds[i].kind
                                                                : FANOUT_COMPRESSION_NONE);
      }
  ck_assert_int_eq (fanout_packed_kind ("BZh9,x\n", 7, TRUE), FANOUT_COMPRESSION_NONE);
  ck_assert_int_eq (fanout_packed_kind ("a", 1, TRUE), FANOUT_COMPRESSION_NONE);
  ck_assert_int_eq (fanout_packed_kind ("(a", 2, TRUE), FANOUT_COMPRESSION_NONE);
  ck_assert_int_eq (fanout_packed_kind ("\x5f\x2a\x4d\x18", 4, TRUE), FANOUT_COMPRESSION_ZST);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("unpack");
  TCase *tests = tcase_create ("all");
  const int n = G_N_ELEMENTS (kinds);

  tcase_add_unchecked_fixture (tests, find_kinds, NULL);
  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, members_in_pieces, 0, n);
  tcase_add_test (tests, long_header);
  tcase_add_loop_test (tests, no_members, 0, n);
  tcase_add_loop_test (tests, cut_at_every_byte, 0, n);
  tcase_add_loop_test (tests, damaged_at_every_byte, 0, n);
  tcase_add_loop_test (tests, other_bytes_behind, 0, n);
  tcase_add_test (tests, too_large_a_window);
  tcase_add_test (tests, frame_of_another_size);
  tcase_add_test (tests, kinds_by_their_marks);
  suite_add_tcase (suite, tests);
  return suite;
}
