/* Hashes of values: nobody's choice of values takes from what they tell apart. */

#include "tests/support/numbers.h"
#include "tests/support/suite.h"

#include <fanout/kept.h>

#include <check.h>
#include <stdlib.h>

#define N    4096
#define BITS 12

/* What hashes begin with, for seed 0. */
#define K0 G_GUINT64_CONSTANT (0xa0761d6478bd642f)
#define K1 G_GUINT64_CONSTANT (0xe7037ed1a0b428db)

/* 0 and what tables get. */
static guint64
seed_of (guint i)
{
  static const gsize addresses[] = { 0, 0x10000, 0x55560010, 0x7ffff010 };

  return fanout_hash_secret ((gconstpointer) addresses[i]);
}

#define N_SEEDS 4

/* Of N random ones 63 % have a start of their own; neighbours may have fewer, but never a handful.
 */
static void
assert_spread (const guint64 *hashes, const char *what, guint64 with)
{
  guint8 seen[1 << BITS] = { 0 };
  guint n = 0;

  for (guint i = 0; i < N; i++)
    {
      guint8 *place = &seen[hashes[i] >> (64 - BITS)];

      n += *place == 0;
      *place = 1;
    }
  ck_assert_msg (n > N / 16, "%s with %016" G_GINT64_MODIFIER "x: %u different starts of %d hashes",
                 what, with, n, N);
}

static void
check_with (guint64 word)
{
  guint64 hashes[N];

  for (guint s = 0; s < N_SEEDS; s++)
    for (guint where = 0; where < 3; where++)
      {
        for (guint i = 0; i < N; i++)
          {
            guint64 words[4] = { i, i, i, i };

            words[where] = GUINT64_TO_LE (word);
            hashes[i] = fanout_hash_bytes (words, 16 + 8 * (where + 1) / 2, seed_of (s));
          }
        assert_spread (hashes, "text", word);
      }
  for (guint s = 1; s < N_SEEDS; s++)
    {
      for (guint i = 0; i < N; i++)
        hashes[i] = fanout_hash_words (word, i, seed_of (s));
      assert_spread (hashes, "first", word);
      for (guint i = 0; i < N; i++)
        hashes[i] = fanout_hash_words (i, word, seed_of (s));
      assert_spread (hashes, "second", word);
    }
}

/* Words that make a factor of a product 0, or a power of two, or one less than 2^64. */
START_TEST (test_chosen)
{
  static const guint64 constants[] = { 0, K0, K1, K0 ^ 16, K0 ^ 24 };

  for (guint c = 0; c < G_N_ELEMENTS (constants); c++)
    {
      for (guint bit = 0; bit < 64; bit++)
        check_with (constants[c] ^ (guint64) 1 << bit);
      check_with (constants[c]);
      check_with (~constants[c]);
    }
}
END_TEST

/* Numbers that all belong at one place of a table with seed 0 do not with another. */
START_TEST (test_seed)
{
  guint64 state = 1;
  guint64 numbers[N];
  guint64 hashes[N];

  for (guint i = 0; i < N;)
    {
      numbers[i] = next_random (&state);
      i += fanout_hash_words (numbers[i], 0, 0) >> 56 == 0;
    }
  for (guint s = 1; s < N_SEEDS; s++)
    {
      for (guint i = 0; i < N; i++)
        hashes[i] = fanout_hash_words (numbers[i], 0, seed_of (s));
      assert_spread (hashes, "seed", seed_of (s));
    }
}
END_TEST

/* The same on every machine: encoded states rest on it. */
START_TEST (test_fixed)
{
  static const char text[] = "a text of some length, to be hashed";

  ck_assert_uint_eq (fanout_hash_bytes (text, 0, 0), G_GUINT64_CONSTANT (0xc1ecef8768ac7efa));
  ck_assert_uint_eq (fanout_hash_bytes (text, 3, 0), G_GUINT64_CONSTANT (0xff7b00d17010bdb2));
  ck_assert_uint_eq (fanout_hash_bytes (text, 7, 0), G_GUINT64_CONSTANT (0x6dc82f082a25bb00));
  ck_assert_uint_eq (fanout_hash_bytes (text, 16, 0), G_GUINT64_CONSTANT (0xd64825019f3a3db6));
  ck_assert_uint_eq (fanout_hash_bytes (text, 35, 0), G_GUINT64_CONSTANT (0xed300521bfe64785));
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("hash");
  TCase *tests = tcase_create ("hash");

  tcase_add_test (tests, test_chosen);
  tcase_add_test (tests, test_seed);
  tcase_add_test (tests, test_fixed);
  suite_add_tcase (suite, tests);
  return suite;
}
