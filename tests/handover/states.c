#include "tests/support/suite.h"
#include "core/handover/node.h"

#include <check.h>
#include <string.h>

enum
{
  MANY = 300000, /* of them are mapped by themselves */
};

typedef struct
{
  guint64 n;
  guint64 sum;
} State;

static gboolean
combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  State *into = into_;
  const State *from = from_;

  (void) self;
  for (gsize i = 0; i < n; i++)
    {
      into[ids[i]].n += from[i].n;
      into[ids[i]].sum += from[i].sum;
    }
  return TRUE;
}

static void
begin (FanoutAggregate *self, gpointer state)
{
  (void) self;
  ((State *) state)->sum = 7;
}

static const FanoutOperator plain
    = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .combine = combine };
static const FanoutOperator beginning = {
  .size = sizeof (FanoutOperator), .state_size = sizeof (State), .init = begin, .combine = combine
};

static const FanoutPlanAggregate plain_plan = { .name = "plain", .operator_ = &plain };
static const FanoutPlanAggregate beginning_plan = { .name = "beginning", .operator_ = &beginning };

static State *
states_of (const FanoutNode *node)
{
  return (State *) (gpointer) node->states;
}

/* Those from `first` on are as they were made. */
static void
check_made (const FanoutNode *node, guint64 first, guint64 sum)
{
  for (guint64 i = first; i < node->n_states; i++)
    if (states_of (node)[i].n != 0 || states_of (node)[i].sum != sum)
      ck_abort_msg ("state %" G_GUINT64_FORMAT, i);
}

static void
mark (FanoutNode *node)
{
  for (guint64 i = 0; i < node->n_states; i++)
    states_of (node)[i] = (State){ i + 1, i };
}

static void
grow_and_shrink (const FanoutPlanAggregate *plan, guint64 sum)
{
  FanoutNode *node = fanout_node_new (plan, TRUE, NULL, NULL);
  guint64 before = 0;

  for (guint64 n = 1; n < MANY; n = n * 3 / 2 + 1)
    {
      fanout_node_reserve (node, n);
      ck_assert_uint_eq (node->n_states, n);
      check_made (node, before, sum);
      mark (node);
      before = n;
    }
  for (guint64 n = MANY / 3; n > 0; n /= 5)
    {
      fanout_node_pack (node, NULL, 0);
      fanout_node_reserve (node, n);
      check_made (node, 0, sum);
      mark (node);
      fanout_node_reserve (node, MANY);
      check_made (node, n, sum);
      ck_assert_uint_eq (states_of (node)[n - 1].n, n);
      mark (node);
    }
  ck_assert_uint_eq (node->memory.used, node->capacity * sizeof (State));
  fanout_node_free (node);
}

START_TEST (test_grow)
{
  grow_and_shrink (&plain_plan, 0);
  grow_and_shrink (&beginning_plan, 7);
}
END_TEST

START_TEST (test_lend)
{
  FanoutNode *node = fanout_node_new (&plain_plan, TRUE, NULL, NULL);

  for (guint64 n = 10; n <= MANY; n *= 100)
    {
      State *lent;

      fanout_node_reserve (node, n);
      mark (node);
      lent = g_new (State, node->capacity);
      memset (lent, 0xa5, node->capacity * sizeof *lent);
      memcpy (lent, node->states, node->n_states * sizeof *lent);
      fanout_node_lend_states (node, lent);
      fanout_node_reserve (node, 2 * n);
      check_made (node, n, 0);
      ck_assert_uint_eq (states_of (node)[n - 1].n, n);
    }
  fanout_node_free (node);
}
END_TEST

START_TEST (test_combine)
{
  FanoutNode *into = fanout_node_new (&plain_plan, TRUE, NULL, NULL);
  FanoutNode *from = fanout_node_new (&plain_plan, TRUE, NULL, NULL);
  g_autofree guint32 *ids = g_new (guint32, MANY);

  fanout_node_reserve (into, MANY);
  fanout_node_reserve (from, MANY);
  mark (into);
  mark (from);
  for (guint i = 0; i < MANY; i++)
    ids[i] = (guint32) ((guint64) i * 7 % MANY);
  ck_assert (fanout_node_combine (into, from, ids, 0, MANY));
  check_made (from, 0, 0);
  for (guint i = 0; i < MANY; i++)
    {
      const State *state = &states_of (into)[ids[i]];

      if (state->n != ids[i] + (guint64) i + 2 || state->sum != ids[i] + (guint64) i)
        ck_abort_msg ("state %u", ids[i]);
    }
  fanout_node_free (into);
  fanout_node_free (from);
}
END_TEST

/* What has been passed is looked at no more, the rest is cleared. */
static guint64 n_cleared;

static void
count_cleared (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  n_cleared += n;
  for (gsize i = 0; i < n; i++)
    if (((State *) states)[i].sum != 5)
      ck_abort_msg ("not what was left");
}

START_TEST (test_pass)
{
  static const FanoutOperator clearing
      = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .clear = count_cleared };
  static const FanoutPlanAggregate plan = { .name = "clearing", .operator_ = &clearing };
  FanoutNode *node = fanout_node_new (&plan, TRUE, NULL, NULL);

  fanout_node_reserve (node, MANY);
  for (guint64 i = 0; i < MANY; i++)
    states_of (node)[i] = (State){ 0, i < MANY - 10 ? 4 : 5 };
  for (guint64 first = 0; first < MANY - 10; first += 10)
    {
      fanout_node_pass (node, first, 10);
      if (first + 20 < MANY)
        ck_assert_uint_eq (states_of (node)[first + 10].sum, 4);
    }
  n_cleared = 0;
  fanout_node_free (node);
  ck_assert_uint_eq (n_cleared, 10);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("handover/states");
  TCase *tcase = tcase_create ("states");

  tcase_add_test (tcase, test_grow);
  tcase_add_test (tcase, test_lend);
  tcase_add_test (tcase, test_combine);
  tcase_add_test (tcase, test_pass);
  suite_add_tcase (suite, tcase);
  return suite;
}
