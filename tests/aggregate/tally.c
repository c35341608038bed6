/* Tallies: the same numbers come out that went in, whether they lie close together or apart. */

#include "tests/support/numbers.h"
#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "tests/support/written.h"
#include "plugins/aggregate/tally.h"

#include <check.h>
#include <stdlib.h>

#define N     20000
#define LIMIT G_MAXUINT32

/* Streams. */

typedef FanoutNumber (*Draw) (GRand *random);

/* Like the sum of throws. */
static gint64
near_zero (GRand *random, gint32 width)
{
  gint64 sum = 0;

  for (guint i = 0; i < 6; i++)
    sum += g_rand_int_range (random, -width, width);
  return sum;
}

static gint64
above_zero (GRand *random, gint32 width)
{
  const gint64 x = near_zero (random, width);

  return ABS (x);
}

static FanoutNumber
draw_one (GRand *random)
{
  (void) random;
  return fanout_number_decimal (42, 0);
}

static FanoutNumber
draw_close (GRand *random)
{
  return fanout_number_decimal (near_zero (random, 20) + 1000000, 0);
}

/* A long tail, as of delays, and now and then what must be a mistake. */
static FanoutNumber
draw_far (GRand *random)
{
  const gint64 spread = (gint64) 1 << g_rand_int_range (random, 0, 12);

  if (g_rand_int_range (random, 0, 500) == 0)
    return fanout_number_decimal (near_zero (random, G_MAXINT32) * (1 << 28), 0);
  return fanout_number_decimal (above_zero (random, 3) * spread / 4 - 20, 0);
}

static FanoutNumber
draw_two_places (GRand *random)
{
  return fanout_number_decimal (near_zero (random, 10) + (g_rand_boolean (random) ? 0 : 100000), 0);
}

static FanoutNumber
draw_least (GRand *random)
{
  return fanout_number_decimal (-G_MAXINT64 + above_zero (random, 20), 0);
}

static FanoutNumber
draw_most (GRand *random)
{
  return fanout_number_decimal (G_MAXINT64 - above_zero (random, 20), 0);
}

static FanoutNumber
draw_ends (GRand *random)
{
  return g_rand_boolean (random) ? draw_least (random) : draw_most (random);
}

static FanoutNumber
draw_apart (GRand *random)
{
  return fanout_number_decimal (near_zero (random, G_MAXINT32 / 2), 0);
}

/* Two digits after the point, of which some are zeros. */
static FanoutNumber
draw_price (GRand *random)
{
  return fanout_number_decimal (near_zero (random, 100) + 500, 2);
}

static FanoutNumber
draw_scaled (GRand *random)
{
  return fanout_number_decimal (near_zero (random, 10), (guint8) g_rand_int_range (random, 0, 4));
}

/* Small ones, of which one in a hundred has as many digits as there can be. */
static FanoutNumber
draw_long (GRand *random)
{
  return fanout_number_decimal (near_zero (random, 20),
                                g_rand_int_range (random, 0, 100) == 0 ? FANOUT_SCALE_MAX : 1);
}

/* Doubles that are decimals too, and others. */
static FanoutNumber
draw_double (GRand *random)
{
  if (g_rand_boolean (random))
    return draw_price (random);
  return fanout_number_double ((double) near_zero (random, 20)
                               * (g_rand_boolean (random) ? 0.25 : 1e30));
}

/* Wide ones too. */
static FanoutNumber
draw_wide (GRand *random)
{
  static const FanoutWide wide[] = { { .mantissa = (FanoutInt128) 1 << 70, .scale = 3 },
                                     { .mantissa = -((FanoutInt128) 7 << 80), .scale = 1 } };

  return g_rand_boolean (random) ? draw_price (random)
                                 : fanout_number_wide (&wide[g_rand_int_range (random, 0, 2)]);
}

static const Draw draws[]
    = { draw_one,   draw_close, draw_far,    draw_two_places, draw_least,  draw_most, draw_ends,
        draw_apart, draw_price, draw_scaled, draw_long,       draw_double, draw_wide };

/* What is to come out. */

static int
compare (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (*(const FanoutNumber *) a, *(const FanoutNumber *) b);
}

static void
assert_tally (const Tally *tally, const FanoutNumber *numbers, gsize n)
{
  g_autofree FanoutNumber *want = g_new (FanoutNumber, n + 1);
  g_autofree CountsEntry *got = counts_sorted (&tally->counts);
  gsize k = 0;

  memcpy (want, numbers, n * sizeof *want);
  qsort (want, n, sizeof *want, compare);
  for (gsize i = 0; i < n; k++)
    {
      FanoutWide room;
      const FanoutNumber number = fanout_number_canonical_wide (want[i], &room);
      guint64 count = 0;

      for (; i < n && compare (&want[i], &number) == 0; i++)
        count++;
      ck_assert_uint_lt (k, tally->counts.n);
      ck_assert_uint_eq (counts_key (&got[k]).scale, number.scale);
      if (fanout_number_is_wide (number))
        ck_assert_int_eq (fanout_number_compare (number, counts_key (&got[k])), 0);
      else
        ck_assert_int_eq (got[k].mantissa, number.mantissa);
      ck_assert_uint_eq (counts_count (&got[k]), count);
    }
  ck_assert_uint_eq (k, tally->counts.n);
  ck_assert_uint_eq (counts_total (&tally->counts), n);
}

static void
add_all (Tally *tally, const FanoutNumber *numbers, gsize n, FanoutMemory *memory)
{
  for (gsize i = 0; i < n; i++)
    tally_add (tally, numbers[i], LIMIT, memory);
}

static void
through_bytes (Tally *tally, FanoutMemory *memory)
{
  g_autoptr (FanoutWriter) bytes = fanout_writer_new (0, NULL, NULL);
  FanoutReader in;

  tally_write (tally, bytes);
  tally_clear (tally, memory);
  in = written (bytes);
  ck_assert (tally_read (tally, LIMIT, &in, memory));
  ck_assert_uint_eq (fanout_reader_left (&in), 0);
}

/* As a whole, in three parts, and what either takes. */
static void
check_stream (Draw draw, gsize n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autofree FanoutNumber *numbers = g_new (FanoutNumber, n + 1);
  FanoutMemory memory;
  Tally whole = { 0 };
  Tally parts[3] = { { .sketch = NULL } };
  Tally copies[2] = { { .sketch = NULL } };

  fanout_memory_init (&memory, NULL);
  for (gsize i = 0; i < n; i++)
    numbers[i] = draw (random);
  add_all (&whole, numbers, n, &memory);
  assert_tally (&whole, numbers, n);
  ck_assert_uint_le (memory.used, 64 + 96 * (gsize) whole.counts.n);
  for (gsize p = 0; p < 3; p++)
    add_all (&parts[p], numbers + n * p / 3, n * (p + 1) / 3 - n * p / 3, &memory);
  through_bytes (&parts[1], &memory);
  tally_merge (&parts[2], &parts[0], LIMIT, &memory);
  tally_copy (&copies[0], &parts[1], &memory);
  tally_copy (&copies[1], &parts[2], &memory);
  tally_merge (&parts[1], &parts[2], LIMIT, &memory);
  assert_tally (&parts[1], numbers, n);
  tally_clear (&whole, &memory);
  for (gsize p = 0; p < 3; p++)
    tally_clear (&parts[p], &memory);
  /* Copies stay what they are, and the larger one may come to the smaller one. */
  assert_tally (&copies[0], numbers + n / 3, n * 2 / 3 - n / 3);
  tally_take (&copies[0], &copies[1], LIMIT, &memory);
  assert_tally (&copies[0], numbers, n);
  tally_clear (&copies[1], &memory);
  ck_assert_uint_le (memory.used, 64 + 96 * (gsize) copies[0].counts.n);
  tally_clear (&copies[0], &memory);
  ck_assert_uint_eq (memory.used, 0);
}

START_TEST (test_streams)
{
  static const gsize sizes[] = { 0, 1, 2, 11, 12, 13, 100, 1000, N };

  for (gsize d = 0; d < G_N_ELEMENTS (draws); d++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      check_stream (draws[d], sizes[i]);
}
END_TEST

/* Both ways to count a number. */
START_TEST (test_window)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  Tally tally = { 0 };

  for (gsize i = 0; i < N; i++)
    tally_add (&tally, draw_far (random), LIMIT, NULL);
  ck_assert_uint_gt (tally.counts.width, 0);
  ck_assert_uint_gt (tally.counts.n_entries, 0);
  ck_assert (counts_add_again (&tally.counts, fanout_number_decimal (0, 0), 1));
  ck_assert (!counts_add_again (&tally.counts, fanout_number_decimal (0, 1), 1));
  ck_assert (!counts_add_again (&tally.counts, fanout_number_decimal ((gint64) 1 << 60, 0), 1));
  tally_clear (&tally, NULL);

  for (gsize i = 0; i < N; i++)
    tally_add (&tally, draw_apart (random), LIMIT, NULL);
  ck_assert_uint_eq (tally.counts.width, 0);
  tally_clear (&tally, NULL);
}
END_TEST

/* Buckets. */

static double
draw_real (guint64 *state)
{
  const guint64 bits = next_random (state);

  return isnan (double_of (bits)) ? INFINITY : double_of (bits);
}

START_TEST (test_buckets)
{
  static const double special[] = { 0,
                                    -0.0,
                                    5e-324,
                                    1e-323,
                                    0x1.8p-1074,
                                    0x1p-1022,
                                    0x1.fffffffffffffp-1023,
                                    1,
                                    -1,
                                    0x1.fffffffffffffp1023 };
  guint64 state = 7;

  for (guint i = 0; i < rounds (100000); i++)
    {
      const double x = i < G_N_ELEMENTS (special) ? special[i] : draw_real (&state);
      const double near = nextafter (x, 2 * x);
      const guint fine = TALLY_FINE_MIN + (guint) (next_random (&state) % 46);
      const guint fewer = (guint) (next_random (&state) % (fine - TALLY_FINE_MIN + 1));
      const gint64 bucket = tally_bucket (x, fine);
      const double middle = tally_bucket_middle (bucket, fine);

      if (isinf (x))
        continue;
      ck_assert_double_le (fabs (middle - x), ldexp (0.5, -(int) fine) * fabs (x));
      ck_assert_int_eq (tally_bucket (middle, fine), bucket);
      ck_assert_int_eq (tally_coarser (bucket, fewer), tally_bucket (x, fine - fewer));
      ck_assert (x >= 0 ? tally_bucket (near, fine) >= bucket
                        : tally_bucket (near, fine) <= bucket);
    }
  for (guint fine = TALLY_FINE_MIN; fine <= TALLY_FINE_MAX; fine++)
    {
      ck_assert (isinf (tally_bucket_middle (tally_bucket (-INFINITY, fine), fine)));
      ck_assert_int_lt (tally_bucket (0x1.fffffffffffffp1023, fine), tally_bucket (INFINITY, fine));
    }
}
END_TEST

static gint
compare_words (gconstpointer a, gconstpointer b)
{
  return (*(const gint64 *) a > *(const gint64 *) b) - (*(const gint64 *) a < *(const gint64 *) b);
}

static gsize
count_buckets (const FanoutNumber *numbers, gsize n, guint fine)
{
  g_autofree gint64 *buckets = g_new (gint64, n + 1);
  gsize n_buckets = n > 0;

  for (gsize i = 0; i < n; i++)
    buckets[i] = tally_bucket (fanout_number_to_double (numbers[i]), fine);
  qsort (buckets, n, sizeof *buckets, compare_words);
  for (gsize i = 1; i < n; i++)
    n_buckets += buckets[i] != buckets[i - 1];
  return n_buckets;
}

/* The buckets are the finest for which there is room, however the numbers came. */
static void
check_same (const FanoutWriter *one, const FanoutWriter *other)
{
  gsize length, other_length;
  const guint8 *bytes = fanout_writer_bytes (one, &length);
  const guint8 *other_bytes = fanout_writer_bytes (other, &other_length);

  ck_assert_mem_eq (bytes, other_bytes, MIN (length, other_length));
  ck_assert_uint_eq (length, other_length);
}

static void
check_fineness (Draw draw, gsize n, guint64 limit)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  g_autofree FanoutNumber *numbers = g_new (FanoutNumber, n + 1);
  g_autoptr (FanoutWriter) one = fanout_writer_new (0, NULL, NULL);
  g_autoptr (FanoutWriter) other = fanout_writer_new (0, NULL, NULL);
  FanoutMemory memory;
  Tally whole = { 0 };
  Tally parts[3] = { { .sketch = NULL } };
  Tally copy = { 0 };
  FanoutReader in;

  fanout_memory_init (&memory, NULL);
  for (gsize i = 0; i < n; i++)
    tally_add (&whole, numbers[i] = draw (random), limit, &memory);
  if (whole.sketch != NULL)
    {
      const guint fine = whole.sketch->fine;

      ck_assert (fine == TALLY_FINE_MIN || count_buckets (numbers, n, fine) <= limit);
      ck_assert (fine == TALLY_FINE_MAX || count_buckets (numbers, n, fine + 1) > limit);
      ck_assert_uint_eq (whole.counts.n, count_buckets (numbers, n, fine));
    }
  for (gsize i = n; i > 0; i--)
    tally_add (&parts[i % 5 / 2], numbers[i - 1], limit, &memory);
  tally_merge (&parts[2], &parts[1], limit, &memory);
  tally_take (&parts[2], &parts[0], limit, &memory);
  tally_copy (&copy, &parts[2], &memory);
  tally_write (&whole, one);
  tally_clear (&whole, &memory);
  in = written (one);
  ck_assert (tally_read (&whole, limit, &in, &memory));
  tally_write (&parts[2], other);
  check_same (one, other);
  fanout_writer_reset (other);
  tally_write (&whole, other);
  check_same (one, other);
  tally_clear (&whole, &memory);
  fanout_writer_reset (other);
  tally_write (&copy, other);
  check_same (one, other);
  tally_clear (&copy, &memory);
  for (gsize p = 0; p < 3; p++)
    tally_clear (&parts[p], &memory);
  ck_assert_uint_eq (memory.used, 0);
}

/* All doubles there are, most of them with a bucket of their own. */
static FanoutNumber
draw_any (GRand *random)
{
  guint64 state = (guint64) g_rand_int (random) << 32 | g_rand_int (random);

  return fanout_number_double (draw_real (&state));
}

START_TEST (test_fineness)
{
  static const guint64 limits[] = { 0, 1, 20, 1000 };
  static const gsize sizes[] = { 1, 50, N };

  for (gsize l = 0; l < G_N_ELEMENTS (limits); l++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        for (gsize d = 0; d < G_N_ELEMENTS (draws); d++)
          check_fineness (draws[d], sizes[i], limits[l]);
        check_fineness (draw_any, sizes[i], limits[l]);
      }
}
END_TEST

/* Bytes that no tally has written. */
START_TEST (test_damaged)
{
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  guint8 *bytes;
  gsize length;
  FanoutMemory memory;
  Tally tally = { 0 };

  fanout_memory_init (&memory, NULL);
  for (gint64 i = -3; i < 4; i++)
    tally_add (&tally, fanout_number_decimal (i, 0), 4, &memory);
  tally_write (&tally, out);
  bytes = fanout_writer_bytes (out, &length);
  tally_clear (&tally, &memory);
  for (gsize i = 0; i < length * 2; i++)
    {
      const guint8 old = bytes[i / 2];
      FanoutReader in = fanout_reader (bytes, length);

      bytes[i / 2] = i % 2 == 0 ? 0xff : 0;
      if (tally_read (&tally, 4, &in, &memory) && tally.sketch != NULL)
        ck_assert (!isnan (fanout_number_to_double (tally.sketch->least)));
      bytes[i / 2] = old;
      tally_clear (&tally, &memory);
    }
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("tally");
  TCase *tests = tcase_create ("tally");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_streams);
  tcase_add_test (tests, test_window);
  tcase_add_test (tests, test_buckets);
  tcase_add_test (tests, test_fineness);
  tcase_add_test (tests, test_damaged);
  suite_add_tcase (suite, tests);
  return suite;
}
