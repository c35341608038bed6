/* What can be wrong with results: cells, mid-stream, many values, early and late answers. */

#include "tests/kit/right.h"

/* Cells. */

static gboolean
finish_open (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const gboolean fine = finish (self, states, n, out);

  fanout_list_begin (out, 0, 0);
  fanout_list_count (out, 1);
  return fine;
}

static gboolean
finish_nothing (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) self;
  (void) states;
  (void) n;
  (void) out;
  return TRUE;
}

START_TEST (test_cells)
{
  FanoutOperator wrong = right;

  wrong.finish = finish_open;
  assert_finding (&wrong, FALSE, "open list");
  wrong.finish = finish_nothing;
  assert_finding (&wrong, FALSE, "always null: result column 'result'");
}
END_TEST

/* In mid-stream. */

/* Each result starts anew. */
static gboolean
finish_anew (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const State *all = states;
  const gboolean fine = finish (self, states, n, out);

  /* The second time this is the same. */
  for (gsize i = 0; i < n; i++)
    if (all[i].sum != NULL)
      *all[i].sum &= ~(guint64) 1;
  return fine;
}

static void
encode_and_empty (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  encode (self, state, bytes);
  if (state->sum != NULL)
    *state->sum = 0;
}

/* What is read is whole, but no row may come after it. */
static guint64 frozen;

static gboolean
decode_frozen (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  State *state = state_;

  if (!decode (self, state, bytes, length))
    return FALSE;
  if (state->n > 0)
    state->n |= frozen = G_GUINT64_CONSTANT (1) << 60;
  return TRUE;
}

static FanoutAnswer
update_unless_frozen (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL && (((State *) states)->n & frozen) != 0)
    return FANOUT_MORE;
  return update (states, input);
}

START_TEST (test_midstream)
{
  FanoutOperator wrong = right;

  wrong.finish = finish_anew;
  assert_finding (&wrong, FALSE, "finish in mid-stream");
  wrong.finish = finish;
  wrong.encode = encode_and_empty;
  assert_finding (&wrong, FALSE, "encode changes states");
  wrong.encode = encode;
  wrong.decode = decode_frozen;
  wrong.update = update_unless_frozen;
  assert_finding (&wrong, FALSE, "encode in mid-stream");
}
END_TEST

/* Copies and new starts. */

static gboolean
copy (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (((const State *) from)[i].n > 0)
      {
        add ((State *) into + i, *((const State *) from)[i].sum, self->memory);
        ((State *) into)[i].n = ((const State *) from)[i].n;
      }
  return TRUE;
}

static gboolean
copy_first (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n)
{
  return copy (self, into, from, MIN (n, 1));
}

/* Both have one block, so one of them loses what the other adds. */
static gboolean
copy_address (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n)
{
  (void) self;
  memcpy (into, from, n * sizeof (State));
  return TRUE;
}

static void
reset (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    {
      state->n = 0;
      if (state->sum != NULL)
        *state->sum = 0;
    }
}

static void
reset_number (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  for (gsize i = 0; i < n; i++)
    ((State *) states)[i].n = 0;
}

START_TEST (test_copies)
{
  FanoutOperator other = right;

  other.copy = copy;
  other.reset = reset;
  assert_right (&other);
  other.copy = copy_first;
  assert_finding (&other, FALSE, "copy in mid-stream");
  other.copy = copy_address;
  assert_finding (&other, TRUE, "copy changes states");
  other.copy = copy;
  other.reset = reset_number;
  assert_finding (&other, FALSE, "reset");
}
END_TEST

/* Many values. */

static inline void
merge_few (FanoutAggregate *self, State *into, State *from)
{
  if (into->n + from->n <= 5000)
    merge (self, into, from);
}

FANOUT_COMBINE (combine_few, State, merge_few)

static FanoutAnswer
update_few (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL && ((State *) states)->n > 5000)
    return FANOUT_MORE;
  return update (states, input);
}

START_TEST (test_many)
{
  FanoutOperator wrong = right;

  wrong.combine = combine_few;
  assert_finding (&wrong, FALSE, "split and combine");
  wrong.combine = combine;
  wrong.update = update_few;
  assert_finding (&wrong, FALSE, "batches");
}
END_TEST

/* Answers. */

static gboolean
acknowledge (gpointer ticket)
{
  fanout_acknowledge (ticket, FANOUT_MORE);
  return G_SOURCE_REMOVE;
}

static void
acknowledge_later (const FanoutInput *input)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, acknowledge, fanout_later (input), NULL);
  g_source_attach (source, fanout_aggregate_context (input->aggregate));
}

static FanoutAnswer
update_late (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = update (states, input);

  acknowledge_later (input);
  return answer;
}

static FanoutAnswer
update_later (gpointer states, const FanoutInput *input)
{
  update_late (states, input);
  return FANOUT_LATER;
}

/* The first group that is there is enough for all. */
static FanoutAnswer
leave_groups (gpointer states, const FanoutInput *input)
{
  State *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    {
      State *state = all + (input->ids != NULL ? input->ids[i] : 0);

      if (input->skip != NULL && input->skip[i])
        continue;
      if (state->n == 0)
        add (state, 1, input->aggregate->memory);
      return fanout_enough (input, i + 1);
    }
  return FANOUT_MORE;
}

START_TEST (test_answers)
{
  FanoutOperator other = right;

  other.update = update_later;
  assert_right (&other);
  other.update = update_late;
  assert_finding (&other, FALSE, "ticket");
  other = right;
  other.order = FANOUT_ORDER_SEQUENCE;
  other.flags = FANOUT_MAY_LEAVE;
  other.update = leave_groups;
  assert_finding (&other, FALSE, "leaves groups");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("results of operators");
  TCase *tests = tcase_create ("results of operators");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_cells);
  tcase_add_test (tests, test_midstream);
  tcase_add_test (tests, test_copies);
  tcase_add_test (tests, test_many);
  tcase_add_test (tests, test_answers);
  suite_add_tcase (suite, tests);
  return suite;
}
