/* What is declared, and what `update` can do wrong. */

#include "tests/kit/right.h"

START_TEST (test_right)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;

  for (int apart = 0; apart <= 1; apart++)
    {
      fanout_contract_report_init (&report);
      report.hasty = TRUE;
      if (apart)
        fanout_contract_check_apart (FANOUT_KIND_OPERATOR, &right, 60, &report);
      else
        fanout_contract_check (FANOUT_KIND_OPERATOR, &right, &report);
      g_free (all);
      all = all_findings (&report);
      ck_assert_msg (report.findings->len == 0, "%s", all);
      ck_assert (report.n_checks > 500);
      fanout_contract_report_clear (&report);
    }
}
END_TEST

/* What is declared. */

static void
two_columns (gconstpointer bound, FanoutColumnNames *names)
{
  (void) bound;
  fanout_columns_add (names, "x");
  fanout_columns_add (names, "x");
}

static gboolean
refuse_options (gpointer bound, GError **error)
{
  (void) bound;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "never");
  return FALSE;
}

START_TEST (test_declarations)
{
  static const FanoutOption bad[] = { { .key = "x", .type = 99, .help = "x" }, { 0 } };
  static const FanoutOption helpless[]
      = { { .key = "x", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED }, { 0 } };
  FanoutOperator wrong = right;

  wrong.summary = NULL;
  wrong.details = "";
  wrong.promise = "exact.";
  wrong.version = 0;
  wrong.options = helpless;
  wrong.columns = two_columns;
  assert_finding (&wrong, FALSE, "summary");
  assert_finding (&wrong, FALSE, "details");
  assert_finding (&wrong, FALSE, "promise");
  assert_finding (&wrong, FALSE, "version");
  assert_finding (&wrong, FALSE, "help");
  assert_finding (&wrong, FALSE, "columns");
  wrong.options = bad;
  assert_finding (&wrong, FALSE, "options");
  wrong = right;
  wrong.prepare = refuse_options;
  assert_finding (&wrong, FALSE, "options");
}
END_TEST

/* What `update` can do wrong. */

/* As if each batch had one row more. */
static FanoutAnswer
count_batches (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL)
    add (states, 1, input->aggregate->memory);
  return update (states, input);
}

/* Remembers where a state was. */
static FanoutAnswer
remember_address (gpointer states, const FanoutInput *input)
{
  State *state = states;
  static gpointer place;

  if (state->n == 0)
    place = states;
  else if (input->ids == NULL && place != states)
    add (state, 1, input->aggregate->memory);
  return update (states, input);
}

/* Takes mantissas for values. */
static inline void
step_mantissa (FanoutAggregate *self, State *state, FanoutNumber x)
{
  add (state, (guint64) x.mantissa, self->memory);
}

FANOUT_UPDATE_NUMBER (update_mantissas, State, step_mantissa)

/* Reads what is null. */
static FanoutAnswer
read_nulls (gpointer states, const FanoutInput *input)
{
  FanoutInput all = *input;

  all.skip = NULL;
  return update (states, &all);
}

/* All groups are one. */
static FanoutAnswer
forget_groups (gpointer states, const FanoutInput *input)
{
  FanoutInput single = *input;

  single.ids = NULL;
  return update (states, &single);
}

/* Passes over batches that have a group twice. */
static FanoutAnswer
last_of_batch (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL || input->n_rows < 2)
    return update (states, input);
  for (gsize i = 0; i + 1 < input->n_rows; i++)
    if (input->ids[i] == input->ids[input->n_rows - 1])
      return FANOUT_MORE;
  return update (states, input);
}

/* Each row counts for its place. */
static FanoutAnswer
depend_on_order (gpointer states, const FanoutInput *input)
{
  State *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    if (input->skip == NULL || !input->skip[i])
      {
        State *state = all + (input->ids != NULL ? input->ids[i] : 0);
        const FanoutNumber x = fanout_column_number (fanout_input_column (input, 0), i);

        add (state, fanout_number_hash (x) * (state->n + 1), input->aggregate->memory);
      }
  return FANOUT_MORE;
}

/* All uses of it share one number. */
static FanoutAnswer
share (gpointer states, const FanoutInput *input)
{
  static guint64 shared;
  State *state = states;

  if (input->ids == NULL && state->n == 0)
    shared = 0;
  shared += input->n_rows;
  if (input->ids == NULL)
    {
      add (state, shared, input->aggregate->memory);
      *state->sum = shared;
    }
  return FANOUT_MORE;
}

static FanoutAnswer
fail_silently (gpointer states, const FanoutInput *input)
{
  (void) states;
  (void) input;
  return FANOUT_FAILED;
}

static FanoutAnswer
refuse (gpointer states, const FanoutInput *input)
{
  (void) states;
  return fanout_fail_row (input, 0, "not this one");
}

START_TEST (test_updates)
{
  static const struct
  {
    FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
    const char *kind;
  } cases[] = {
    { count_batches, "batches" },          { remember_address, "moved states" },
    { update_mantissas, "forms" },         { read_nulls, "nulls" },
    { forget_groups, "groups" },           { last_of_batch, "batches of groups" },
    { depend_on_order, "order" },          { share, "company" },
    { fail_silently, "fails in silence" }, { refuse, "refuses" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FanoutOperator wrong = right;

      wrong.update = cases[i].update;
      assert_finding (&wrong, FALSE, cases[i].kind);
    }
}
END_TEST

/* Leaving. */

static FanoutAnswer
keep_first (gpointer states, const FanoutInput *input)
{
  State *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    {
      State *state = all + (input->ids != NULL ? input->ids[i] : 0);

      if ((input->skip != NULL && input->skip[i]) || state->n > 0)
        continue;
      add (state, fanout_input_row (input, i), input->aggregate->memory);
      if (input->ids == NULL)
        return fanout_enough (input, i + 1);
    }
  return FANOUT_MORE;
}

static FanoutAnswer
leave_late (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = keep_first (states, input);

  return answer == FANOUT_ENOUGH ? fanout_enough (input, input->n_rows) : answer;
}

static FanoutAnswer
leave_early (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = update (states, input);

  return answer == FANOUT_MORE && input->ids == NULL ? fanout_enough (input, input->n_rows)
                                                     : answer;
}

START_TEST (test_leaving)
{
  FanoutOperator wrong = right;

  wrong.order = FANOUT_ORDER_SEQUENCE;
  wrong.update = keep_first;
  assert_finding (&wrong, FALSE, "leaves");
  wrong.flags = FANOUT_MAY_LEAVE;
  wrong.update = leave_late;
  assert_finding (&wrong, FALSE, "leaves too early or late");
  wrong.update = leave_early;
  assert_finding (&wrong, FALSE, "leaves and comes back");
}
END_TEST

/* Row numbers. */

static inline void
merge_first (FanoutAggregate *self, State *into, State *from)
{
  if (from->n > 0 && into->n > 0)
    *into->sum = MIN (*into->sum, *from->sum);
  else
    merge (self, into, from);
}

FANOUT_COMBINE (combine_first, State, merge_first)

static FanoutAnswer
keep_first_and_stay (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = keep_first (states, input);

  return answer == FANOUT_ENOUGH ? FANOUT_MORE : answer;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    if (state->sum != NULL)
      *state->sum += rows;
}

static void
shift_one (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  shift (self, states, MIN (n, 1), rows);
}

START_TEST (test_row_numbers)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;
  FanoutOperator tagged = right;

  tagged.order = FANOUT_ORDER_TAGGED;
  tagged.update = keep_first_and_stay;
  tagged.combine = combine_first;
  tagged.shift = shift;
  fanout_contract_report_init (&report);
  report.hasty = TRUE;
  fanout_contract_check (FANOUT_KIND_OPERATOR, &tagged, &report);
  all = all_findings (&report);
  ck_assert_msg (report.findings->len == 0, "%s", all);
  fanout_contract_report_clear (&report);

  tagged.shift = shift_one;
  assert_finding (&tagged, FALSE, "shift");
  tagged.order = FANOUT_ORDER_FREE;
  assert_finding (&tagged, FALSE, "order");
  tagged = right;
  tagged.order = FANOUT_ORDER_TAGGED;
  tagged.update = depend_on_order;
  assert_finding (&tagged, FALSE, "split and combine");
  tagged.order = FANOUT_ORDER_ORDERED;
  assert_finding (&tagged, FALSE, "split and combine");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("updates");
  TCase *tests = tcase_create ("updates");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_right);
  tcase_add_test (tests, test_declarations);
  tcase_add_test (tests, test_updates);
  tcase_add_test (tests, test_leaving);
  tcase_add_test (tests, test_row_numbers);
  suite_add_tcase (suite, tests);
  return suite;
}
