#include "tests/support/written.h"
#include "tests/support/suite.h"

#include <check.h>

#define PIECE 7

typedef struct
{
  guint n;
  guint8 bytes[64];
} Taken;

static void
take (gpointer taker, const guint8 *bytes, gsize length)
{
  Taken *taken = taker;

  ck_assert_uint_eq (length, PIECE);
  memcpy (taken->bytes + taken->n++ * PIECE, bytes, length);
}

/* However it is written, the same bytes come in the same pieces. */
START_TEST (pieces)
{
  guint8 all[40];

  for (guint i = 0; i < sizeof all; i++)
    all[i] = (guint8) i;
  for (gsize length = 0; length <= sizeof all; length++)
    for (gsize step = 1; step <= sizeof all; step++)
      {
        Taken taken = { 0 };
        g_autoptr (FanoutWriter) out = fanout_writer_new (PIECE, take, &taken);
        FanoutReader rest;

        for (gsize at = 0; at < length; at += step)
          fanout_write (out, all + at, MIN (step, length - at));
        rest = written (out);
        ck_assert_uint_eq (taken.n, length / PIECE);
        ck_assert_uint_eq (fanout_reader_left (&rest), length % PIECE);
        ck_assert (memcmp (taken.bytes, all, taken.n * PIECE) == 0);
        ck_assert (length % PIECE == 0
                   || memcmp (rest.next, all + taken.n * PIECE, length % PIECE) == 0);
      }
}
END_TEST

START_TEST (kept)
{
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  FanoutReader in;
  guint64 value;

  for (guint64 i = 0; i < 1000; i++)
    fanout_write_u64 (out, i * i);
  fanout_write (out, NULL, 0);
  in = written (out);
  for (guint64 i = 0; i < 1000; i++)
    ck_assert (fanout_read_u64 (&in, &value) && value == i * i);
  ck_assert_uint_eq (fanout_reader_left (&in), 0);
  fanout_writer_reset (out);
  fanout_write_u8 (out, 5);
  in = written (out);
  ck_assert_uint_eq (fanout_reader_left (&in), 1);
  ck_assert_uint_eq (*in.next, 5);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("writer");
  TCase *tests = tcase_create ("writer");

  tcase_add_test (tests, pieces);
  tcase_add_test (tests, kept);
  suite_add_tcase (suite, tests);
  return suite;
}
