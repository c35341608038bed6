#include "tests/support/suite.h"
#include "core/group/table.h"
#include "core/group/table-front.h"
#include "core/base/memory.h"

#include <check.h>
#include <string.h>

enum
{
  PART = 1000,
  SLACK = 16,
  NEVER = G_MAXINT32,
};

/* Key `i` of many: short ones, some of them as another with zero bytes behind it, and from number
 * `longer` on one in a hundred of 13 to 40 bytes. */
static gsize
make_key (guint32 i, guint32 longer, char *key)
{
  gsize length;

  memset (key, 0, 64);
  if (i >= longer && i % 100 == 50)
    return (gsize) g_snprintf (key, 64, "%u %0*u", i, 6 + (int) (i % 33), i);
  length = (gsize) g_snprintf (key, 64, "%x", i / 3 * 2654435761u);
  return length + i % 3 + (i % 3 == 2 ? 2 : 0);
}

/* `n` keys, asked for twice, all together: the first time they are new. */
static void
ask (guint32 n, guint32 longer, gboolean nulls, guint64 most)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  g_autoptr (FanoutTable) table = NULL;
  g_autofree char *bytes = g_malloc0 (PART * 80 + SLACK);
  FanoutText texts[PART];
  guint8 null[PART];
  guint32 ids[PART];
  const FanoutColumn column
      = { .form = FANOUT_FORM_TEXT, .text = texts, .null = nulls ? null : NULL };
  const FanoutColumn *const columns[] = { &column };

  fanout_memory_limit_init (&limit, G_MAXINT64);
  fanout_memory_init (&memory, &limit);
  table = fanout_table_new (1, most, 3, &memory);
  for (guint round = 0; round < 2; round++)
    for (guint32 done = 0; done < n; done += PART)
      {
        const gsize want = MIN (PART, most - MIN (most, done));

        for (guint32 i = 0; i < PART; i++)
          {
            char *key = bytes + i * 80;

            texts[i] = (FanoutText){ key, make_key (done + i, longer, key) };
            null[i] = done + i == 777;
          }
        ck_assert_uint_eq (fanout_table_ids (table, columns, 0, PART, ids), want);
        for (guint32 i = 0; i < want; i++)
          if (ids[i] != done + i)
            ck_abort_msg ("key %u is %u", done + i, ids[i]);
      }
  ck_assert_uint_eq (fanout_table_n_groups (table), MIN (n, most));
  g_clear_pointer (&table, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
}

/* Until there are too many for a front. */
START_TEST (short_keys)
{
  ask (300000, NEVER, FALSE, G_MAXUINT32);
  ask (50000, NEVER, TRUE, G_MAXUINT32);
}
END_TEST

/* When they are seen slots become wide again, or never are narrow. */
START_TEST (longer_keys)
{
  static const guint32 firsts[] = { 0, 700, 1000, 5000, 40000, 90000, 160000 };

  for (guint i = 0; i < G_N_ELEMENTS (firsts); i++)
    ask (200000, firsts[i], i % 2 == 1, G_MAXUINT32);
}
END_TEST

START_TEST (too_many)
{
  ask (40000, NEVER, FALSE, 25017);
  ask (40000, 3000, TRUE, 25017);
}
END_TEST

/* No more than the memory that there is: what does not fit is looked up without a front. */
START_TEST (no_room)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  const FanoutHashSeed seed = fanout_hash_seed (5);
  FanoutFront front;

  fanout_memory_limit_init (&limit, 600000);
  fanout_memory_init (&memory, &limit);
  fanout_front_init (&front, &memory);
  ck_assert (fanout_front_ready (&front));
  for (guint32 i = 0; i < 20000 && fanout_front_ready (&front); i++)
    {
      char text[64 + SLACK];
      const gsize length = make_key (i, NEVER, text);
      const FanoutFrontKey key = fanout_front_key (&seed, text, length);

      fanout_front_add (&front, &seed, &key, length, i);
      ck_assert_uint_le (memory.used, 600000);
    }
  ck_assert (front.given_up);
  ck_assert (!fanout_front_ready (&front));
  ck_assert_uint_eq (memory.used, 0);
  fanout_front_clear (&front);
  fanout_memory_clear (&memory);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("group/front");
  TCase *tests = tcase_create ("front");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, short_keys);
  tcase_add_test (tests, longer_keys);
  tcase_add_test (tests, too_many);
  tcase_add_test (tests, no_room);
  suite_add_tcase (suite, tests);
  return suite;
}
