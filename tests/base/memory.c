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

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tests = tcase_create ("memory");

  tcase_add_test (tests, memory_is_counted);
  suite_add_tcase (suite, tests);
  return suite;
}
