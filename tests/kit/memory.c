/* What can be wrong with the memory that an operator is given or takes. */

#include "tests/kit/right.h"

/* What a batch pointed to is kept, though the batch is gone. */

typedef struct
{
  FanoutText last;
} Kept;

static FanoutAnswer
keep_text (gpointer states, const FanoutInput *input)
{
  Kept *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    if (input->skip == NULL || !input->skip[i])
      all[input->ids != NULL ? input->ids[i] : 0].last = input->columns[0].text[i];
  return FANOUT_MORE;
}

static gboolean
finish_text (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const Kept *all = states;

  (void) self;
  for (gsize i = 0; i < n; i++)
    if (all[i].last.data != NULL)
      fanout_out_text (out, i, 0, all[i].last.data, 1);
  return TRUE;
}

START_TEST (test_kept)
{
  static const FanoutOption texts[] = {
    { .key = "column",
      .type = FANOUT_OPTION_COLUMN,
      .flags = FANOUT_OPTION_REQUIRED,
      .takes = FANOUT_TAKES_TEXT,
      .help = "the column" },
    { 0 },
  };
  FanoutOperator wrong = right;

  wrong.order = FANOUT_ORDER_SEQUENCE;
  wrong.options = texts;
  wrong.state_size = sizeof (Kept);
  wrong.update = keep_text;
  wrong.finish = finish_text;
  wrong.combine = NULL;
  wrong.encode = NULL;
  wrong.decode = NULL;
  wrong.clear = NULL;
  assert_finding (&wrong, TRUE, "keeps a batch");
}
END_TEST

/* A byte behind what is its own. */

static FanoutAnswer
write_behind_state (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL)
    ((guint8 *) states)[sizeof (State)] = 1;
  return update (states, input);
}

static gboolean
combine_behind (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  if (ids == NULL && n == 1)
    ((guint8 *) into)[sizeof (State) + 7] = 0;
  return combine (self, into, ids, from, n);
}

static FanoutAnswer
write_behind_block (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = update (states, input);

  if (input->ids == NULL && ((State *) states)->sum != NULL)
    ((guint8 *) ((State *) states)->sum)[8] = 0;
  return answer;
}

static void
clear_less (FanoutAggregate *self, gpointer states, gsize n)
{
  State *all = states;

  for (gsize i = 0; i < n; i++)
    {
      fanout_release (self->memory, all[i].sum, sizeof (guint32));
      all[i].sum = NULL;
    }
}

START_TEST (test_bounds)
{
  FanoutOperator wrong = right;

  wrong.update = write_behind_state;
  assert_finding (&wrong, FALSE, "writes behind a state");
  wrong.update = write_behind_block;
  assert_finding (&wrong, FALSE, "writes behind a block");
  wrong.update = update;
  wrong.combine = combine_behind;
  assert_finding (&wrong, FALSE, "writes behind a state");
  wrong.combine = combine;
  wrong.clear = clear_less;
  assert_finding (&wrong, FALSE, "gives back another size");
}
END_TEST

/* Memory that is refused. */

/* For leak checkers: somebody knows them. */
static GPtrArray *forgotten;

static FanoutAnswer
forget_block (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL && !fanout_may_allocate (input->aggregate->memory, 0))
    {
      g_ptr_array_add (forgotten, ((State *) states)->sum);
      ((State *) states)->sum = NULL;
    }
  return update (states, input);
}

START_TEST (test_refused)
{
  FanoutOperator wrong = right;

  forgotten = g_ptr_array_new_with_free_func (g_free);
  wrong.update = forget_block;
  assert_finding (&wrong, FALSE, "leaks");
  g_ptr_array_unref (forgotten);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("memory of operators");
  TCase *tests = tcase_create ("memory of operators");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_kept);
  tcase_add_test (tests, test_bounds);
  tcase_add_test (tests, test_refused);
  suite_add_tcase (suite, tests);
  return suite;
}
