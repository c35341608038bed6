#include "tests/support/suite.h"
#include "core/handover/bundle.h"

#include <fanout/bytes.h>

#include <check.h>
#include <string.h>

enum
{
  N_NODES = 5, /* the last one stays alone */
  FEW = 1000,
  MANY = 100000,
};

/* States of 8, 16 and 32 bytes. */
typedef struct
{
  guint64 n;
} Small;

typedef struct
{
  guint64 n;
  guint64 more[1];
} Middle;

typedef struct
{
  guint64 n;
  guint64 more[3];
} Large;

static guint64 n_cleared;

#define OPERATOR(State, kind, copies)                                                              \
  static FanoutAnswer update_##kind (gpointer states, const FanoutInput *input)                    \
  {                                                                                                \
    for (gsize i = 0; i < input->n_rows; i++)                                                      \
      ((State *) states)[input->ids[i]].n++;                                                       \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  static gboolean combine_##kind (FanoutAggregate *self, gpointer into, const guint32 *ids,        \
                                  gpointer from, gsize n)                                          \
  {                                                                                                \
    (void) self;                                                                                   \
    for (gsize i = 0; i < n; i++)                                                                  \
      ((State *) into)[ids[i]].n += ((const State *) from)[i].n;                                   \
    return TRUE;                                                                                   \
  }                                                                                                \
  static void clear_##kind (FanoutAggregate *self, gpointer states, gsize n)                       \
  {                                                                                                \
    (void) self;                                                                                   \
    for (gsize i = 0; i < n; i++)                                                                  \
      n_cleared += ((const State *) states)[i].n > 0;                                              \
  }                                                                                                \
  static void encode_##kind (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)      \
  {                                                                                                \
    (void) self;                                                                                   \
    fanout_write_u64 (bytes, ((const State *) state)->n);                                          \
  }                                                                                                \
  static const FanoutOperator kind = { .size = sizeof (FanoutOperator),                            \
                                       .state_size = sizeof (State),                               \
                                       .update = update_##kind,                                    \
                                       .combine = combine_##kind,                                  \
                                       .clear = clear_##kind,                                      \
                                       .encode = encode_##kind,                                    \
                                       .copy = copies };                                           \
  static const FanoutPlanAggregate kind##_plan = { .name = #kind, .operator_ = &kind };

static gboolean copy_large (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n);

OPERATOR (Small, small, NULL)
OPERATOR (Middle, middle, NULL)
OPERATOR (Large, large, copy_large)

static gboolean
copy_large (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n)
{
  (void) self;
  memcpy (into, from, n * sizeof (Large));
  return TRUE;
}

static const FanoutPlanAggregate *const plans[N_NODES]
    = { &middle_plan, &small_plan, &large_plan, &small_plan, &middle_plan };

typedef struct
{
  FanoutMemoryLimit limit;
  FanoutNode *nodes[N_NODES];
} Fixture;

static void
fixture_init (Fixture *fixture, gboolean bundled)
{
  memset (fixture, 0, sizeof *fixture);
  fanout_memory_limit_init (&fixture->limit, G_MAXINT64);
  for (guint i = 0; i < N_NODES; i++)
    fixture->nodes[i] = fanout_node_new (plans[i], TRUE, &fixture->limit, NULL);
  if (bundled)
    fanout_bundle_nodes (fixture->nodes, N_NODES);
}

static void
fixture_clear (Fixture *fixture)
{
  for (guint i = 0; i < N_NODES; i++)
    fanout_node_free (fixture->nodes[i]);
}

static void
reserve (Fixture *fixture, guint64 n)
{
  for (guint i = 0; i < N_NODES; i++)
    fanout_node_reserve (fixture->nodes[i], n);
}

static guint64 *
count_of (const Fixture *fixture, guint i, guint64 id)
{
  return fanout_node_state (fixture->nodes[i], id);
}

/* Rows of the groups `first` .. `first + n - 1`, from the last one on. */
static void
fold (Fixture *fixture, guint32 first, gsize n)
{
  g_autofree guint32 *ids = g_new (guint32, n);

  for (gsize i = 0; i < n; i++)
    ids[i] = first + (guint32) (n - 1 - i);
  for (guint i = 0; i < N_NODES; i++)
    {
      FanoutNode *node = fixture->nodes[i];

      node->input.n_rows = n;
      node->input.ids = ids;
      ck_assert_int_eq (node->update (node->states, &node->input), FANOUT_MORE);
      ck_assert (node->input.ids != ids || !fanout_bundle_has (node));
      node->input.ids = NULL;
    }
}

/* Every state has counted `n`. */
static void
check_counts (const Fixture *fixture, guint64 first, guint64 end, guint64 n)
{
  for (guint i = 0; i < N_NODES; i++)
    {
      const FanoutNode *node = fixture->nodes[i];

      for (guint64 id = first; id < end; id++)
        if (*count_of (fixture, i, id) != n)
          ck_abort_msg ("state %" G_GUINT64_FORMAT " of %s", id, node->plan->name);
      ck_assert_uint_eq (node->memory.used, node->capacity * node->plan->operator_->state_size);
    }
}

/* Four of them fill a line: 32, 16, 16; then 8 and 8 do not. */
static void
check_bundled (const Fixture *fixture, gboolean bundled)
{
  const FanoutNode *large_node = fixture->nodes[2];

  for (guint i = 0; i < N_NODES; i++)
    {
      const FanoutNode *node = fixture->nodes[i];
      const gboolean inside = bundled && node->plan != &small_plan;

      ck_assert_int_eq (fanout_bundle_has (node), inside);
      ck_assert_uint_eq (node->stride,
                         inside ? FANOUT_BUNDLE_LINE : node->plan->operator_->state_size);
      if (inside)
        ck_assert (node->states < large_node->states + FANOUT_BUNDLE_LINE
                   && node->states >= large_node->states);
    }
  if (bundled)
    ck_assert_uint_eq ((guintptr) large_node->states % FANOUT_BUNDLE_LINE, 0);
}

START_TEST (come_together)
{
  Fixture fixture;

  fixture_init (&fixture, TRUE);
  reserve (&fixture, FEW);
  check_bundled (&fixture, FALSE);
  fold (&fixture, 0, FEW);
  reserve (&fixture, MANY);
  check_bundled (&fixture, TRUE);
  check_counts (&fixture, 0, FEW, 1);
  check_counts (&fixture, FEW, MANY, 0);
  fold (&fixture, 0, MANY);
  reserve (&fixture, 3 * MANY);
  check_counts (&fixture, 0, FEW, 2);
  check_counts (&fixture, FEW, MANY, 1);
  check_counts (&fixture, MANY, 3 * MANY, 0);
  n_cleared = 0;
  fixture_clear (&fixture);
  ck_assert_uint_eq (n_cleared, N_NODES * (guint64) MANY);
}
END_TEST

START_TEST (part_again)
{
  Fixture fixture;

  fixture_init (&fixture, TRUE);
  reserve (&fixture, MANY);
  fold (&fixture, 0, MANY);
  fixture.nodes[0]->bundle->largest = 2 * MANY;
  reserve (&fixture, 2 * MANY);
  check_bundled (&fixture, TRUE);
  reserve (&fixture, 3 * MANY);
  check_bundled (&fixture, FALSE);
  fold (&fixture, 0, 3 * MANY);
  check_counts (&fixture, 0, MANY, 2);
  check_counts (&fixture, MANY, 3 * MANY, 1);
  fixture_clear (&fixture);
}
END_TEST

START_TEST (combine)
{
  for (guint way = 0; way < 4; way++)
    {
      Fixture into, from;

      fixture_init (&into, (way & 1) != 0);
      fixture_init (&from, (way & 2) != 0);
      reserve (&into, 2 * MANY);
      reserve (&from, MANY);
      fold (&into, 0, 2 * MANY);
      fold (&from, 0, MANY);
      for (guint32 first = 0; first < MANY; first += 1000)
        {
          guint32 ids[1000];

          for (guint32 i = 0; i < 1000; i++)
            ids[i] = 2 * MANY - 1 - first - i;
          for (guint i = 0; i < N_NODES; i++)
            {
              ck_assert (fanout_node_combine (into.nodes[i], from.nodes[i], ids, first, 1000));
              fanout_node_pass (from.nodes[i], first, 1000);
            }
        }
      check_counts (&into, 0, MANY, 1);
      check_counts (&into, MANY, 2 * MANY, 2);
      n_cleared = 0;
      fixture_clear (&from);
      ck_assert_uint_eq (n_cleared, 0);
      fixture_clear (&into);
    }
}
END_TEST

START_TEST (copy_and_renew)
{
  static const guint32 ids[] = { MANY - 1, 5, 70000 };
  static const guint32 to[] = { 2, 0, 1 };
  Fixture from, into;

  fixture_init (&from, TRUE);
  reserve (&from, MANY);
  fold (&from, 5, 1);
  for (guint i = 0; i < N_NODES; i++)
    {
      FanoutNode *copy;

      for (guint way = 0; way < 3; way++)
        {
          fixture_init (&into, way == 2);
          copy = into.nodes[i];
          reserve (&into, way == 2 ? MANY : 3);
          if (way == 0)
            ck_assert (fanout_node_copy (copy, from.nodes[i], ids, 0, 3));
          else if (way == 1)
            ck_assert (fanout_node_copy (copy, from.nodes[i], NULL, 4, 3));
          else
            ck_assert (fanout_node_copy_to (copy, to, from.nodes[i], ids, 3));
          for (guint id = 0; id < 3; id++)
            ck_assert_uint_eq (*count_of (&into, i, id), id == (way == 2 ? 0 : 1));
          fixture_clear (&into);
        }
      fanout_node_renew (from.nodes[i], ids, 3);
    }
  check_counts (&from, 0, MANY, 0);
  fixture_clear (&from);
}
END_TEST

/* One whose states are all over, as when it has failed. */
START_TEST (pass_and_leave)
{
  Fixture fixture;

  fixture_init (&fixture, TRUE);
  reserve (&fixture, MANY);
  fold (&fixture, 0, MANY);
  for (guint32 first = 0; first < MANY - 10; first += 10)
    for (guint i = 1; i < N_NODES; i++)
      fanout_node_pass (fixture.nodes[i], first, 10);
  /* The first one still needs its own. */
  for (guint64 id = 0; id < MANY; id++)
    ck_assert_uint_eq (*count_of (&fixture, 0, id), 1);
  fanout_node_pass (fixture.nodes[0], 0, MANY - 10);
  n_cleared = 0;
  fixture_clear (&fixture);
  ck_assert_uint_eq (n_cleared, N_NODES * (guint64) 10);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("handover/bundle");
  TCase *tests = tcase_create ("bundle");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, come_together);
  tcase_add_test (tests, part_again);
  tcase_add_test (tests, combine);
  tcase_add_test (tests, copy_and_renew);
  tcase_add_test (tests, pass_and_leave);
  suite_add_tcase (suite, tests);
  return suite;
}
