/* What is told to be wrong with a run, and how what goes out is counted. */

#include "core/fanoutd/monitor/look.h"
#include "core/fanoutd/program.h"
#include "tests/support/suite.h"

#include <check.h>
#include <string.h>

/* Of the program, which prints. */
void
print_error (const char *text)
{
  ck_abort_msg ("%s", text);
}

static const FanoutPlan plan;

/* A run of which all is well. */
static Look
well (void)
{
  return (Look){ .plan = &plan, .state = "running", .lag = -1 };
}

static void
assert_reasons (const Look *look, const char *wanted)
{
  g_autoptr (GPtrArray) reasons = look_find_reasons (look);
  g_autoptr (GString) json = g_string_new (NULL);
  g_ptr_array_add (reasons, NULL);
  g_autofree char *text = g_strjoinv ("\n", (char **) reasons->pdata);
  ck_assert_str_eq (text, wanted);
  ck_assert_int_eq (look_append_health (json, look), wanted[0] == '\0');
  ck_assert_ptr_nonnull (
      strstr (json->str, wanted[0] == '\0' ? "\"status\":\"ok\"" : "\"status\":\"unwell\""));
}

START_TEST (of_a_run)
{
  Look look = well ();
  assert_reasons (&look, "");
  look.failure = "x.csv:3: no number";
  look.state = "failed";
  assert_reasons (&look, "the run failed: x.csv:3: no number");
}
END_TEST

START_TEST (of_time)
{
  FanoutPlan bounded = { .monitor = { .max_lag = 60 * G_USEC_PER_SEC } };
  Look look = well ();
  look.plan = &bounded;
  look.lag = 60;
  assert_reasons (&look, "");
  look.lag = 61;
  assert_reasons (&look, "61 seconds behind the clock, and max-lag is 60");
}
END_TEST

START_TEST (of_inputs)
{
  FanoutSurveyed surveyed[] = {
    { .name = "a.log", .stage = FANOUT_INPUT_OPEN, .wanted = TRUE },
    { .name = "old.log", .stage = FANOUT_INPUT_ENDED },
    { .name = "b\nc.log", .stage = FANOUT_INPUT_ENDED, .wanted = TRUE },
    { .name = "d.log", .stage = FANOUT_INPUT_OPEN, .trouble = "Permission denied" },
  };
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof *surveyed);
  Look look = well ();
  g_array_append_vals (inputs, surveyed, G_N_ELEMENTS (surveyed));
  look.surveyed = inputs;
  assert_reasons (&look, "the input b\\nc.log is not there\n"
                         "the input d.log cannot be read: Permission denied");
  for (guint i = 0; i < 20; i++)
    g_array_append_val (inputs, surveyed[2]);
  g_autoptr (GPtrArray) reasons = look_find_reasons (&look);
  ck_assert_uint_eq (reasons->len, 11);
  ck_assert_str_eq (reasons->pdata[10], "12 more inputs are gone or cannot be read");
  /* What was seen of them is old. */
  look.output = (FlowState){ .name = (char *) "out.csv", .standing = 6 };
  assert_reasons (&look, "the output out.csv has taken nothing for 6 seconds");
  look.output = (FlowState){ 0 };
  /* What has ended reads none. */
  look.state = "ended";
  assert_reasons (&look, "");
}
END_TEST

START_TEST (of_checkpoints)
{
  FanoutPlanCheckpoint checkpoint = { .every = 10 * G_USEC_PER_SEC };
  FanoutPlan saved = { .checkpoint = &checkpoint };
  Look look = well ();
  look.plan = &saved;
  look.counters.checkpoint_time = (double) g_get_real_time () * 1e-6 - 30;
  assert_reasons (&look, "");
  look.counters.checkpoint_failure = "p.state: No space left on device";
  assert_reasons (&look, "no checkpoint can be written: p.state: No space left on device");
  look.counters.checkpoint_failure = NULL;
  look.counters.checkpoint_time -= 1000;
  g_autoptr (GPtrArray) reasons = look_find_reasons (&look);
  ck_assert_uint_eq (reasons->len, 1);
  ck_assert_ptr_nonnull (strstr (reasons->pdata[0], "seconds ago, and one is due every 10"));
}
END_TEST

START_TEST (of_outputs)
{
  Look look = well ();
  look.output = (FlowState){ .name = (char *) "out.csv", .standing = 4 };
  assert_reasons (&look, "");
  look.output.standing = 6;
  assert_reasons (&look, "the output out.csv has taken nothing for 6 seconds");
  look.output.reason = (char *) "out.csv: No space left on device";
  look.output.standing = 0;
  assert_reasons (&look, "an output cannot be written: out.csv: No space left on device");
}
END_TEST

START_TEST (flows)
{
  g_autoptr (Flow) flow = flow_new ();
  FlowState state;
  flow_read (NULL, &state);
  ck_assert_uint_eq (state.bytes, 0);
  flow_begin (flow, "a.csv");
  flow_move (flow, 3, "a.csv: it is full");
  flow_read (flow, &state);
  ck_assert_str_eq (state.name, "a.csv");
  ck_assert_str_eq (state.reason, "a.csv: it is full");
  ck_assert_uint_eq (state.bytes, 3);
  ck_assert (state.standing >= 0 && state.standing <= state.blocked);
  flow_state_clear (&state);
  flow_move (flow, 4, NULL);
  flow_end (flow);
  flow_read (flow, &state);
  ck_assert_ptr_null (state.name);
  ck_assert_ptr_null (state.reason);
  ck_assert_uint_eq (state.bytes, 7);
  ck_assert (state.standing == 0 && state.blocked >= 0);
  flow_begin (flow, "b.csv");
  flow_read (flow, &state);
  ck_assert_str_eq (state.name, "b.csv");
  ck_assert_ptr_null (state.reason);
  flow_state_clear (&state);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("health");
  TCase *tests = tcase_create ("health");
  tcase_add_test (tests, of_a_run);
  tcase_add_test (tests, of_time);
  tcase_add_test (tests, of_inputs);
  tcase_add_test (tests, of_checkpoints);
  tcase_add_test (tests, of_outputs);
  tcase_add_test (tests, flows);
  suite_add_tcase (suite, tests);
  return suite;
}
