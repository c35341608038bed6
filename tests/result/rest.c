/* Groups that are left out of a result, and the row that they have together. */

#include "tests/support/suite.h"
#include "core/handover/node.h"
#include "core/result/result.h"

#include <check.h>
#include <string.h>

enum
{
  SLACK = 16,
  GROUPS = 5000,
};

/* A sum in a block of its own. */
typedef struct
{
  guint64 *sum;
} State;

static void
clear (FanoutAggregate *self, gpointer states, gsize n)
{
  for (gsize i = 0; i < n; i++)
    fanout_release (self->memory, ((State *) states)[i].sum, sizeof (guint64));
}

/* "odd" refuses what would be odd. */
static gboolean
combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  State *from = from_;

  for (gsize i = 0; i < n; i++)
    {
      State *into = (State *) into_ + (ids != NULL ? ids[i] : i);

      if (into->sum == NULL)
        {
          into->sum = from[i].sum;
          from[i].sum = NULL;
        }
      else
        *into->sum += *from[i].sum;
      if (strcmp (self->name, "odd") == 0 && *into->sum % 2 != 0)
        return fanout_fail (self, "%u is odd", (guint) *into->sum);
    }
  return TRUE;
}

static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  for (gsize i = 0; i < n; i++)
    {
      const State *state = (const State *) states + i;

      if (strcmp (self->name, "small") == 0 && *state->sum >= GROUPS)
        return fanout_fail (self, "%u is too much", (guint) *state->sum);
      fanout_out_count (out, i, 0, *state->sum);
    }
  return TRUE;
}

static const FanoutOperator sum = { .size = sizeof (FanoutOperator),
                                    .state_size = sizeof (State),
                                    .flags = FANOUT_FINISH_MAY_FAIL,
                                    .clear = clear,
                                    .combine = combine,
                                    .finish = finish };

/* Groups 0, 1, ..., each the sum of its number; the columns are key, sum, and what is computed. */
typedef struct
{
  FanoutMemory memory;
  FanoutTable *table;
  State *states;
  FanoutNode node;
  FanoutResultPart part;
  FanoutPlanResultRead reads[8];
  FanoutExpression *expression;
  FanoutPlanTotal total;
  FanoutPlanResult share;
  FanoutPlanResults results;
  FanoutResultPlan plan;
  char *dropped;
} Fixture;

static void
note_dropped (gpointer data, guint part, const char *reason)
{
  ck_assert_uint_eq (part, 0);
  ((Fixture *) data)->dropped = g_strdup (reason);
}

static void
add_group (FanoutTable *table, guint group)
{
  char block[64 + 2 * SLACK] = { 0 };
  const gsize length = (gsize) g_snprintf (block + SLACK, 64, "%u", group);
  const FanoutText text = { block + SLACK, length };
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = &text };
  const FanoutColumn *const columns[] = { &column };
  guint32 id;

  ck_assert_uint_eq (fanout_table_ids (table, columns, 0, 1, &id), 1);
}

static void
fixture_init (Fixture *fixture, const char *name)
{
  static const char *const names[] = { "key", "sum", "share", NULL };

  memset (fixture, 0, sizeof *fixture);
  fanout_memory_init (&fixture->memory, NULL);
  fixture->table = fanout_table_new (1, GROUPS, 1, &fixture->memory);
  fixture->states = g_new0 (State, GROUPS);
  fixture->node.aggregate.name = name;
  fixture->node.aggregate.memory = &fixture->memory;
  for (guint i = 0; i < GROUPS; i++)
    {
      const guint group = i * 31 % GROUPS;

      add_group (fixture->table, group);
      fixture->states[i].sum = fanout_allocate (&fixture->memory, sizeof (guint64));
      *fixture->states[i].sum = group;
    }
  fixture->part = (FanoutResultPart){ .operator_ = &sum,
                                      .self = &fixture->node.aggregate,
                                      .states = fixture->states,
                                      .stride = sizeof (State),
                                      .n_columns = 1 };
  fixture->plan = (FanoutResultPlan){
    .table = fixture->table,
    .n_parts = 1,
    .parts = &fixture->part,
    .layout = { .n_columns = 2, .names = names, .n_keys = 1, .grouped = TRUE },
    .rest = "others",
    .memory = &fixture->memory,
    .tell_dropped = note_dropped,
    .data = fixture,
  };
}

static gint
read_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  FanoutPlanResults *results = &((Fixture *) data)->results;

  (void) position;
  (void) error;
  results->reads[results->n_reads]
      = (FanoutPlanResultRead){ strcmp (name, "key") == 0 ? 0 : 1, takes };
  return (gint) results->n_reads++;
}

static gint
read_total (gpointer data, guint argument, const char *text)
{
  Fixture *fixture = data;

  fixture->total
      = (FanoutPlanTotal){ .text = text,
                           .argument = { .what = "total", .register_ = argument, .place = 1 } };
  fixture->results.totals = &fixture->total;
  fixture->results.n_totals = 1;
  fixture->reads[fixture->results.n_reads]
      = (FanoutPlanResultRead){ FANOUT_PLAN_TOTAL, FANOUT_TAKES_WIDE };
  return (gint) fixture->results.n_reads++;
}

/* One more column, or a condition. */
static void
compute (Fixture *fixture, const char *text, FanoutVectorKind kind)
{
  const FanoutNames names = { .column = read_column, .total = read_total, .data = fixture };
  g_autoptr (GError) error = NULL;
  FanoutPlanResult result = { .what = text, .place = FANOUT_PLAN_COMPUTED };
  gint register_;

  fixture->results.program = fanout_program_new (&names);
  fixture->results.reads = fixture->reads;
  fixture->expression = fanout_expression_parse (text, &error);
  register_ = fanout_program_add (fixture->results.program, fixture->expression, kind, &error);
  if (register_ < 0)
    ck_abort_msg ("%s", error->message);
  result.register_ = (guint) register_;
  fixture->share = result;
  if (kind == FANOUT_KIND_CONDITION)
    fixture->results.having = result;
  else
    {
      fixture->results.n_columns = 1;
      fixture->results.columns = &fixture->share;
      fixture->plan.layout.n_columns++;
    }
  fixture->plan.results = &fixture->results;
}

static void
fixture_clear (Fixture *fixture)
{
  clear (&fixture->node.aggregate, fixture->states, GROUPS);
  fanout_table_free (fixture->table);
  g_free (fixture->states);
  g_free (fixture->dropped);
  fanout_program_free (fixture->results.program);
  fanout_expression_free (fixture->expression);
  ck_assert_uint_eq (fixture->memory.used, 0);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static char *
refuse (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FanoutResult *result = fanout_result_new (&fixture->plan, NULL, NULL, &error);

  ck_assert_ptr_null (result);
  return g_strdup (error->message);
}

/* The first row and the last, and how many there are, each time that they are read. */
static void
check_rows (Fixture *fixture, guint64 n, const char *first, const char *last)
{
  g_autoptr (GError) error = NULL;
  FanoutResult *result = fanout_result_new (&fixture->plan, NULL, NULL, &error);

  if (result == NULL)
    ck_abort_msg ("%s", error->message);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      guint64 n_rows = 0;
      const FanoutRows *rows;

      while ((rows = fanout_result_next (result, &error)) != NULL)
        for (gsize i = 0; i < rows->n_rows; i++, n_rows++)
          {
            g_string_truncate (line, 0);
            for (guint c = 0; c < rows->n_columns; c++)
              {
                g_string_append (line, c > 0 ? " " : "");
                fanout_value_append_json (line, fanout_rows_value (rows, i, c));
              }
            if (n_rows == 0)
              ck_assert_str_eq (line->str, first);
          }
      ck_assert_ptr_null (error);
      ck_assert_str_eq (line->str, last);
      ck_assert_uint_eq (n_rows, n);
      ck_assert_ptr_null (fanout_result_next (result, &error));
      fanout_result_rewind (result);
    }
  fanout_result_free (result);
}

START_TEST (test_limit)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "sum");
  fixture.plan.sorts = &(FanoutSort){ 1, TRUE };
  fixture.plan.n_sorts = 1;
  fixture.plan.limit = 3000;
  check_rows (&fixture, 3001, "\"4999\" 4999", "\"others\" 1999000");
}
END_TEST

START_TEST (test_all_listed)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "sum");
  fixture.plan.limit = GROUPS;
  check_rows (&fixture, GROUPS, "\"0\" 0", "\"4999\" 4999");
}
END_TEST

START_TEST (test_having)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "sum");
  compute (&fixture, "sum % 2 = 1 and sum <= total(sum) / 2500", FANOUT_KIND_CONDITION);
  check_rows (&fixture, 2501, "\"1\" 1", "\"others\" 6247500");
}
END_TEST

START_TEST (test_share)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "sum");
  compute (&fixture, "sum * 12497500 / total(sum)", FANOUT_KIND_NUMBER);
  fixture.plan.sorts = &(FanoutSort){ 2, TRUE };
  fixture.plan.n_sorts = 1;
  fixture.plan.limit = 1;
  check_rows (&fixture, 2, "\"4999\" 4999 4999", "\"others\" 12492501 12492501");
}
END_TEST

/* Only what is used is looked at; the row that is told is the first by its key. */
START_TEST (test_bad_values)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *message = NULL;

  fixture_init (&fixture, "sum");
  compute (&fixture, "if(key < 4000, 1, time(concat(key, 'x')))", FANOUT_KIND_NUMBER);
  fixture.plan.limit = 4000;
  fixture.plan.rest = NULL;
  check_rows (&fixture, 4000, "\"0\" 0 1", "\"3999\" 3999 1");
  fixture.plan.limit = 4001;
  message = refuse (&fixture);
  ck_assert_str_eq (message,
                    "if(key < 4000, 1, time(concat(key, 'x'))), row of key '4000': '4000x' "
                    "is no time that is known without a format: time(x, '%d.%m.%Y') reads "
                    "others; [source] on-bad-value = null takes it for no value");
  fixture.results.null_bad = TRUE;
  check_rows (&fixture, 4001, "\"0\" 0 1", "\"4000\" 4000 null");
}
END_TEST

/* The name of the rest is not of the data, and no bad value. */
START_TEST (test_bad_name)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "sum");
  compute (&fixture, "key + 1", FANOUT_KIND_NUMBER);
  fixture.plan.limit = 1;
  check_rows (&fixture, 2, "\"0\" 0 1", "\"others\" 12497500 null");
}
END_TEST

START_TEST (test_failing_combine)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *message = NULL;

  fixture_init (&fixture, "odd");
  fixture.plan.limit = 1;
  message = refuse (&fixture);
  ck_assert_str_eq (message, "aggregate 'odd': 31 is odd");
}
END_TEST

START_TEST (test_dropped_in_combine)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, "odd");
  fixture.part.drop = TRUE;
  fixture.plan.limit = 2;
  check_rows (&fixture, 3, "\"0\" null", "\"others\" null");
  ck_assert_str_eq (fixture.dropped, "aggregate 'odd': 31 is odd");
}
END_TEST

/* What is too much together is known before the first row is out. */
START_TEST (test_failing_finish)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *message = NULL;

  fixture_init (&fixture, "small");
  fixture.plan.limit = 1;
  message = refuse (&fixture);
  ck_assert_str_eq (message, "aggregate 'small': 12497500 is too much");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("result/rest");
  TCase *tcase = tcase_create ("rest");

  tcase_add_test (tcase, test_limit);
  tcase_add_test (tcase, test_all_listed);
  tcase_add_test (tcase, test_having);
  tcase_add_test (tcase, test_share);
  tcase_add_test (tcase, test_bad_values);
  tcase_add_test (tcase, test_bad_name);
  tcase_add_test (tcase, test_failing_combine);
  tcase_add_test (tcase, test_dropped_in_combine);
  tcase_add_test (tcase, test_failing_finish);
  suite_add_tcase (suite, tcase);
  return suite;
}
