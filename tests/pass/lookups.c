#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "core/pass/lookups.h"

#include <check.h>
#include <string.h>

enum
{
  SLACK = 16,
  GROUPS = 150000, /* enough of them for a thread */
};

static guint32
add_group (FanoutTable *table, guint64 number)
{
  char block[32 + 2 * SLACK] = { 0 };
  const FanoutText text
      = { block + SLACK, (gsize) g_snprintf (block + SLACK, 32, "%" G_GUINT64_FORMAT, number) };
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = &text };
  const FanoutColumn *const columns[] = { &column };
  guint32 id;

  CHECK (fanout_table_ids (table, columns, 0, 1, &id) == 1);
  return id;
}

/* `n` groups that are multiples of `step`. */
static FanoutTable *
make_table (guint64 n, guint64 step, guint64 max_groups, FanoutMemory *memory)
{
  FanoutTable *table = fanout_table_new (1, max_groups, 1, memory);

  for (guint64 i = 0; i < n; i++)
    add_group (table, i * step);
  return table;
}

static void
look_up_all (guint n_groups, gboolean threaded)
{
  FanoutMemory memory;
  guint64 n = 0;
  const FanoutLookup *some;

  fanout_memory_init (&memory, NULL);
  {
    g_autoptr (FanoutTable) into = make_table (n_groups, 3, G_MAXUINT32, &memory);
    g_autoptr (FanoutTable) from = make_table (n_groups, 2, G_MAXUINT32, &memory);
    g_autofree guint32 *ids = g_new (guint32, n_groups);
    FanoutLookups *lookups = fanout_lookups_new (into, from, threaded);

    while ((some = fanout_lookups_next (lookups)) != NULL)
      {
        CHECK (some->first == n && some->n > 0 && !some->full);
        memcpy (ids + n, some->ids, some->n * sizeof *ids);
        n += some->n;
        for (gsize i = 0; i < some->n; i++)
          CHECK (some->ids[i] < some->n_groups);
        /* What has been seen may go while the others are looked up. */
        fanout_table_pass (from, some->first, some->n);
      }
    ck_assert_ptr_null (fanout_lookups_next (lookups));
    fanout_lookups_free (lookups);
    ck_assert_uint_eq (n, n_groups);
    for (guint64 i = 0; i < n_groups; i++)
      CHECK (add_group (into, 2 * i) == ids[i]);
  }
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
}

START_TEST (test_all)
{
  look_up_all (100, TRUE);
  look_up_all (GROUPS, FALSE);
  look_up_all (GROUPS, TRUE);
}
END_TEST

START_TEST (test_full)
{
  for (guint threaded = 0; threaded < 2; threaded++)
    {
      g_autoptr (FanoutTable) into = make_table (10, 1, GROUPS - 1, NULL);
      g_autoptr (FanoutTable) from = make_table (GROUPS, 1, G_MAXUINT32, NULL);
      g_autoptr (FanoutLookups) lookups = fanout_lookups_new (into, from, threaded != 0);
      const FanoutLookup *some;
      guint64 n = 0;

      while ((some = fanout_lookups_next (lookups)) != NULL && !some->full)
        n += some->n;
      ck_assert_ptr_nonnull (some);
      ck_assert_uint_eq (n, (GROUPS - 1) / FANOUT_LOOKUPS_ROWS * FANOUT_LOOKUPS_ROWS);
      ck_assert_ptr_null (fanout_lookups_next (lookups));
    }
}
END_TEST

/* Whoever has enough leaves. */
START_TEST (test_leave)
{
  g_autoptr (FanoutTable) from = make_table (GROUPS, 1, G_MAXUINT32, NULL);

  for (guint n = 0; n < 8; n++)
    {
      g_autoptr (FanoutTable) into = make_table (0, 1, G_MAXUINT32, NULL);
      g_autoptr (FanoutLookups) lookups = fanout_lookups_new (into, from, TRUE);

      for (guint i = 0; i < n; i++)
        ck_assert_ptr_nonnull (fanout_lookups_next (lookups));
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("pass/lookups");
  TCase *tcase = tcase_create ("lookups");

  tcase_add_test (tcase, test_all);
  tcase_add_test (tcase, test_full);
  tcase_add_test (tcase, test_leave);
  suite_add_tcase (suite, tcase);
  return suite;
}
