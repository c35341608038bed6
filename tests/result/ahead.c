#include "tests/support/suite.h"
#include "core/handover/node.h"
#include "core/result/ahead.h"

#include <check.h>
#include <string.h>

enum
{
  SLACK = 16,
  GROUPS = 70000, /* enough of them */
  BAD = 66000,
};

/* A count, a text that is made of it, and a list of both now and then. */
static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  for (gsize i = 0; i < n; i++)
    {
      const guint64 group = ((const guint64 *) states)[i];
      char text[64];

      if (group == BAD && strcmp (self->name, "bad") == 0)
        return fanout_fail (self, "this group is no good");
      fanout_out_count (out, i, 0, group);
      if (group % 7 == 0)
        {
          fanout_list_begin (out, i, 1);
          fanout_list_count (out, group);
          fanout_list_text (out, "of many", 7);
          fanout_list_end (out);
          continue;
        }
      g_snprintf (text, sizeof text, "group %" G_GUINT64_FORMAT, group);
      fanout_out_text (out, i, 1, text, strlen (text));
    }
  return TRUE;
}

static gboolean
end (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  (void) states;
  (void) n;
  return TRUE;
}

static const FanoutOperator plain
    = { .size = sizeof (FanoutOperator), .state_size = sizeof (guint64), .finish = finish };
static const FanoutOperator ending = {
  .size = sizeof (FanoutOperator), .state_size = sizeof (guint64), .end = end, .finish = finish
};

/* Groups with the keys 0, 1, ... in a shuffled order. */
typedef struct
{
  FanoutTable *table;
  guint64 *states;
  FanoutNode node;
  FanoutResultPart part;
  const char *names[3];
  FanoutResultPlan plan;
  FanoutMemory memory;
} Fixture;

static void
fixture_init (Fixture *fixture, guint n_groups, const char *name)
{
  memset (fixture, 0, sizeof *fixture);
  fanout_memory_init (&fixture->memory, NULL);
  fixture->table = fanout_table_new (1, n_groups, 1, &fixture->memory);
  fixture->states = g_new (guint64, n_groups);
  for (guint i = 0; i < n_groups; i++)
    {
      const guint group = (guint) ((guint64) i * 31 % n_groups);
      char block[16 + 2 * SLACK] = { 0 };
      const FanoutText text
          = { block + SLACK, (gsize) g_snprintf (block + SLACK, 16, "%u", group) };
      const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = &text };
      const FanoutColumn *const columns[] = { &column };
      guint32 id;

      CHECK (fanout_table_ids (fixture->table, columns, 0, 1, &id) == 1);
      fixture->states[i] = group;
    }
  fixture->node.aggregate.name = name;
  fixture->part = (FanoutResultPart){ .operator_ = &plain,
                                      .self = &fixture->node.aggregate,
                                      .states = fixture->states,
                                      .stride = plain.state_size,
                                      .n_columns = 2 };
  fixture->plan
      = (FanoutResultPlan){ .table = fixture->table,
                            .n_parts = 1,
                            .parts = &fixture->part,
                            .layout = { .n_columns = 3, .names = fixture->names, .n_keys = 1 },
                            .threaded = TRUE,
                            .memory = &fixture->memory };
}

static void
fixture_clear (Fixture *fixture)
{
  g_clear_error (&fixture->node.error);
  fanout_table_free (fixture->table);
  g_free (fixture->states);
  ck_assert_uint_eq (fixture->memory.used, 0);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static FanoutResult *
make_result (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FanoutResult *result = fanout_result_new (&fixture->plan, NULL, NULL, &error);

  ck_assert_ptr_null (error);
  return result;
}

static void
append_rows (GString *text, const FanoutRows *rows)
{
  for (gsize i = 0; i < rows->n_rows; i++)
    for (guint c = 0; c < rows->n_columns; c++)
      {
        fanout_value_append_json (text, fanout_rows_value (rows, i, c));
        g_string_append_c (text, c + 1 < rows->n_columns ? ' ' : '\n');
      }
}

START_TEST (test_same_rows)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GString) one = g_string_new (NULL);
  g_autoptr (GString) other = g_string_new (NULL);
  const FanoutRows *rows;

  fixture_init (&fixture, GROUPS, "good");
  result = make_result (&fixture);
  while ((rows = fanout_result_next (result, NULL)) != NULL)
    append_rows (one, rows);
  for (guint times = 0; times < 2; times++)
    {
      g_autoptr (FanoutRowsAhead) ahead = NULL;
      g_autoptr (GError) error = NULL;

      fanout_result_rewind (result);
      g_string_truncate (other, 0);
      ahead = fanout_rows_ahead_new (result);
      ck_assert_ptr_nonnull (ahead);
      while ((rows = fanout_rows_ahead_next (ahead, &error)) != NULL)
        append_rows (other, rows);
      ck_assert_ptr_null (error);
      ck_assert_ptr_null (fanout_rows_ahead_next (ahead, &error));
      ck_assert_ptr_null (error);
      CHECK (strcmp (one->str, other->str) == 0);
    }
}
END_TEST

START_TEST (test_failure)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (FanoutRowsAhead) ahead = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n = 0;
  const FanoutRows *rows;

  fixture_init (&fixture, GROUPS, "bad");
  result = make_result (&fixture);
  ahead = fanout_rows_ahead_new (result);
  ck_assert_ptr_nonnull (ahead);
  while ((rows = fanout_rows_ahead_next (ahead, &error)) != NULL)
    n += rows->n_rows;
  ck_assert_ptr_nonnull (error);
  ck_assert_str_eq (error->message, "aggregate 'bad': this group is no good");
  CHECK (n > 0 && n <= BAD);
}
END_TEST

/* Whoever has enough leaves, at whatever row. */
START_TEST (test_leave)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;

  fixture_init (&fixture, GROUPS, "good");
  result = make_result (&fixture);
  for (guint n = 0; n < 20; n++)
    {
      g_autoptr (FanoutRowsAhead) ahead = NULL;

      fanout_result_rewind (result);
      ahead = fanout_rows_ahead_new (result);
      ck_assert_ptr_nonnull (ahead);
      for (guint i = 0; i < n; i++)
        ck_assert_ptr_nonnull (fanout_rows_ahead_next (ahead, NULL));
    }
}
END_TEST

START_TEST (test_refused)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Fixture) small = { 0 };
  FanoutResult *result;

  fixture_init (&fixture, GROUPS, "good");
  fixture_init (&small, 100, "good");
  result = make_result (&small);
  ck_assert_ptr_null (fanout_rows_ahead_new (result));
  fanout_result_free (result);

  fixture.plan.threaded = FALSE;
  result = make_result (&fixture);
  ck_assert_ptr_null (fanout_rows_ahead_new (result));
  fanout_result_free (result);
  fixture.plan.threaded = TRUE;

  fixture.part.drop = TRUE;
  result = make_result (&fixture);
  ck_assert_ptr_null (fanout_rows_ahead_new (result));
  fanout_result_free (result);
  fixture.part.drop = FALSE;

  fixture.part.operator_ = &ending;
  result = make_result (&fixture);
  ck_assert_ptr_null (fanout_rows_ahead_new (result));
  fanout_result_free (result);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("result/ahead");
  TCase *tcase = tcase_create ("ahead");

  tcase_add_test (tcase, test_same_rows);
  tcase_add_test (tcase, test_failure);
  tcase_add_test (tcase, test_leave);
  tcase_add_test (tcase, test_refused);
  suite_add_tcase (suite, tcase);
  return suite;
}
