/* Memory of states: counted by each node, bounded over all of them. */

#include "tests/support/suite.h"
#include "core/base/memory.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST (memory_is_counted)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  FanoutMemory other;
  guint8 *block;
  guint8 *grown;

  fanout_memory_limit_init (&limit, 1000000);
  fanout_memory_init (&memory, &limit);
  fanout_memory_init (&other, &limit);
  ck_assert_ptr_null (fanout_allocate (&memory, 0));
  block = fanout_allocate (&memory, 100);
  for (guint i = 0; i < 100; i++)
    ck_assert_uint_eq (block[i], 0);
  memset (block, 7, 100);
  grown = fanout_reallocate (&memory, block, 100, 300);
  for (guint i = 0; i < 300; i++)
    ck_assert_uint_eq (grown[i], i < 100 ? 7 : 0);
  ck_assert_uint_eq (memory.used, 300);
  grown = fanout_reallocate (&memory, grown, 300, 50);
  ck_assert_uint_eq (memory.used, 50);
  ck_assert_uint_eq (memory.peak, 300);
  ck_assert (!fanout_memory_limit_exceeded (&limit));

  fanout_memory_count (&memory, 700000);
  ck_assert (!fanout_memory_limit_exceeded (&limit));
  fanout_memory_count (&other, 400000);
  ck_assert (fanout_memory_limit_exceeded (&limit));
  fanout_memory_count (&memory, -600000);
  ck_assert (!fanout_memory_limit_exceeded (&limit));
  fanout_memory_move (&other, &memory, 100000);
  ck_assert_uint_eq (memory.used, 50);
  ck_assert_uint_eq (other.used, 500000);
  ck_assert_uint_eq (other.peak, 500000);
  fanout_release (&memory, grown, 50);
  fanout_release (&memory, NULL, 50);
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
  fanout_memory_clear (&other);
  ck_assert_uint_eq (atomic_load (&limit.reserved), 0);

  block = fanout_allocate (NULL, 8);
  block = fanout_reallocate (NULL, block, 8, 16);
  fanout_release (NULL, block, 16);
}
END_TEST

START_TEST (memory_is_asked_for)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  FanoutMemory other;
  g_autoptr (GError) error = NULL;

  fanout_memory_limit_init (&limit, 10 * FANOUT_MEMORY_STEP);
  fanout_memory_init (&memory, &limit);
  fanout_memory_init (&other, &limit);
  ck_assert (fanout_may_allocate (NULL, G_MAXSIZE));
  ck_assert (fanout_may_allocate (&memory, 10 * FANOUT_MEMORY_STEP));
  fanout_memory_count (&memory, 1);
  fanout_memory_count (&other, 8 * FANOUT_MEMORY_STEP);
  /* What is reserved counts as used, but for the one who has reserved it. */
  ck_assert (fanout_memory_has_room (&memory, 2 * FANOUT_MEMORY_STEP - 1));
  ck_assert (!fanout_memory_has_room (&memory, 2 * FANOUT_MEMORY_STEP));
  ck_assert (!fanout_memory_has_room (&other, FANOUT_MEMORY_STEP + 1));
  ck_assert (!fanout_memory_has_room (&other, G_MAXSIZE));
  ck_assert (fanout_may_allocate (&other, FANOUT_MEMORY_STEP));
  ck_assert (!fanout_memory_limit_exceeded (&limit));
  ck_assert (!fanout_may_allocate (&other, FANOUT_MEMORY_STEP + 1));
  fanout_memory_count (&other, -8 * (gssize) FANOUT_MEMORY_STEP);
  ck_assert (fanout_memory_limit_exceeded (&limit));
  ck_assert (fanout_memory_has_room (&other, 1));
  ck_assert (!fanout_may_allocate (&other, 0));
  ck_assert (!fanout_may_allocate (&memory, 1));
  ck_assert (!fanout_memory_limit_fail (&limit, &error));
  ck_assert_str_eq (error->message, "states, keys and chunks take more than 640K: [pipeline] "
                                    "max-memory allows more");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tests = tcase_create ("memory");

  tcase_add_test (tests, memory_is_counted);
  tcase_add_test (tests, memory_is_asked_for);
  suite_add_tcase (suite, tests);
  return suite;
}
