/* Three inputs that are followed, fed row by row in each order that there is: the same results. */

#include "tests/support/follow-files.h"
#include "tests/support/suite.h"

#define INPUTS 3
#define ROWS   2

static const char *const names[INPUTS] = { "a.log", "b.log", "c.log" };
/* One of them late by its own input, one that is not, though others have been further; then each
 * goes beyond all windows. */
static const char *const rows[INPUTS][ROWS]
    = { { "14,a,1\n", "3,a,2\n" }, { "1,b,4\n", "12,a,8\n" }, { "25,b,16\n", "23,a,32\n" } };
static const char *const last[INPUTS] = { "60,z,0\n", "61,z,0\n", "62,z,0\n" };

static const char expected[] = "1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,b,1,4\n"
                               "1970-01-01T00:00:10Z,1970-01-01T00:00:20Z,a,2,9\n"
                               "1970-01-01T00:00:20Z,1970-01-01T00:00:30Z,a,1,32\n"
                               "1970-01-01T00:00:20Z,1970-01-01T00:00:30Z,b,1,16\n";

static const char ini[] = "[pipeline]\n"
                          "group-by = k\n"
                          "[window]\n"
                          "time = t\n"
                          "size = 10s\n"
                          "lateness = 2s\n"
                          "[aggregate n]\n"
                          "type = count\n"
                          "[aggregate s]\n"
                          "type = sum\n"
                          "column = v\n";

/* `order`: which input the next row is of. */
static void
feed (const guint *order, guint n, const char *const *overrides)
{
  guint next[INPUTS] = { 0 };
  FanoutCounters counters = { 0 };
  guint64 bytes = 0;
  Followed self;
  followed_init (&self, 0);
  for (guint i = 0; i < INPUTS; i++)
    followed_put (&self, names[i], "");
  followed_begin (&self, ini, "t, k, v", overrides);
  for (guint i = 0; i < n; i++)
    {
      const guint input = order[i];
      const char *row = rows[input][next[input]++];
      followed_put (&self, names[input], row);
      bytes += strlen (row);
      followed_await_bytes (&self, bytes);
    }
  for (guint i = 0; i < INPUTS; i++)
    followed_put (&self, names[i], last[i]);
  followed_expect (&self, expected);
  fanout_pipeline_interrupt (self.pipeline);
  followed_await_end (&self);
  fanout_pipeline_counters (self.pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.rows, INPUTS * (ROWS + 1));
  ck_assert_uint_eq (counters.rows_late, 1);
  ck_assert_uint_eq (counters.rows_late_by_others, 0);
  followed_end (&self);
}

static void
try_all (guint *order, guint n, guint *left, const char *const *overrides, guint *tried)
{
  if (n == INPUTS * ROWS)
    {
      feed (order, n, overrides);
      ++*tried;
      return;
    }
  for (guint input = 0; input < INPUTS; input++)
    {
      if (left[input] == 0)
        continue;
      left[input]--;
      order[n] = input;
      try_all (order, n + 1, left, overrides, tried);
      left[input]++;
    }
}

START_TEST (interleavings)
{
  static const char *const ways[][3] = { { "pipeline.partitions=1", "pipeline.batch=1" },
                                         { "pipeline.partitions=3", "pipeline.batch=4096" } };
  for (gsize w = 0; w < G_N_ELEMENTS (ways); w++)
    {
      guint order[INPUTS * ROWS];
      guint left[INPUTS] = { ROWS, ROWS, ROWS };
      guint tried = 0;
      try_all (order, 0, left, ways[w], &tried);
      ck_assert_uint_eq (tried, 90);
    }
}
END_TEST

Suite *
test_suite (void)
{
  TCase *const tests = tcase_create ("interleavings");
  Suite *const suite = suite_create ("interleavings");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, interleavings);
  suite_add_tcase (suite, tests);
  return suite;
}
