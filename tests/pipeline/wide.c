/* Wide decimals beside an operator that knows none: it gets the nearest double, and that is counted
 * once, whoever else sees the value. */

#define FANOUT_PLUGIN_SYMBOL narrow_operators

#include "tests/support/put.h"
#include "tests/support/suite.h"

#include <fanout/exact.h>
#include <fanout/steps.h>

typedef struct
{
  gint column;
} Options;

static inline void
result (FanoutAggregate *self, const FanoutSum *sum, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double value;

  (void) self;
  if (fanout_sum_result (sum, &decimal, &value) == FANOUT_SUM_DECIMAL)
    fanout_out_decimal (out, row, 0, &decimal);
  else
    fanout_out_double (out, row, 0, value);
}

FANOUT_STATE_OF_NUMBERS (FanoutSum, fanout_sum)
FANOUT_FINISH (finish, FanoutSum, result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator narrow = {
  FANOUT_OPERATOR ("narrow", 1),     .summary = "a sum of two forms",     .promise = "rounded",
  FANOUT_OPTIONS (Options, options), FANOUT_MERGEABLE (FanoutSum, clear),
};

FANOUT_OPERATORS (&narrow);

static const struct
{
  const char *ini;
  const char *result;
  guint64 rounded;
  const char *first;
} cases[] = {
  { "[aggregate n]\ntype = narrow\ncolumn = x\n", "18446744073709552000\n", 2, "column 'x'" },
  { "[aggregate s]\ntype = sum\ncolumn = x\n", "18446744073709551615.50000000000000000001\n", 0,
    NULL },
  { "[aggregate n]\ntype = narrow\ncolumn = x\n[aggregate s]\ntype = sum\ncolumn = x\n",
    "18446744073709552000,18446744073709551615.50000000000000000001\n", 2, "column 'x'" },
  { "[aggregate s]\ntype = sum\ncolumn = x\n[aggregate n]\ntype = narrow\ncolumn = x\n",
    "18446744073709551615.50000000000000000001,18446744073709552000\n", 2, "column 'x'" },
  { "[let]\ny = x * 2\n[aggregate s]\ntype = sum\ncolumn = y\n[aggregate n]\ntype = narrow\n"
    "column = y\n[aggregate m]\ntype = max\ncolumn = y\n",
    "36893488147419103231.00000000000000000002,36893488147419103000,36893488147419103230\n", 2,
    "column 'y'" },
  /* A double of any text is what strtod gives. */
  { "[aggregate e]\ntype = ewma\ncolumn = x\nalpha = 1\n", "0.5\n", 0, NULL },
};

START_TEST (test_narrow)
{
  ck_assert (fanout_registry_add (test_registry (), &narrow_operators, NULL));
  for (gsize c = 0; c < G_N_ELEMENTS (cases); c++)
    for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
      for (guint batch = 1; batch <= 2; batch++)
        {
          g_autoptr (FanoutPipeline) pipeline
              = make_pipeline (strategies[s], batch, cases[c].ini, only_x);
          g_autoptr (FanoutFeeder) feeder = begin (pipeline);
          const FanoutWide wide = { ((FanoutInt128) 1 << 64) - 1, 0 };
          const FanoutCell cells[] = { fanout_cell_number (fanout_number_wide (&wide)),
                                       fanout_cell_text ("0.50000000000000000001", -1) };
          g_autofree char *text = NULL;
          FanoutCounters counters;

          put (feeder, &cells[0], 1);
          put (feeder, &cells[1], 1);
          text = end (feeder);
          fanout_pipeline_counters (pipeline, &counters, sizeof counters);
          ck_assert_str_eq (text, cases[c].result);
          ck_assert_uint_eq (counters.numbers_rounded, cases[c].rounded);
          if (cases[c].first != NULL)
            ck_assert_ptr_nonnull (strstr (counters.first_rounded, cases[c].first));
        }
}
END_TEST

/* One that is none of 38 digits, and one whose digits can be fewer. */
START_TEST (test_fed)
{
  static const char ini[] = "[aggregate s]\ntype = sum\ncolumn = x\n";
  g_autoptr (FanoutPipeline) pipeline = make_pipeline ("fiber", 2, ini, only_x);
  g_autoptr (FanoutFeeder) feeder = begin (pipeline);
  const FanoutWide wides[] = { { (FanoutInt128) 1 << 126, 39 }, { 1250, 3 } };
  const FanoutCell cells[] = { fanout_cell_number (fanout_number_wide (&wides[0])),
                               fanout_cell_number (fanout_number_wide (&wides[1])) };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  ck_assert (!fanout_feed_row (feeder, cells, 1, &error));
  ck_assert_str_eq (error->message, "feed:1: column 'x': a wide decimal of more than 38 digits");
  put (feeder, &cells[1], 1);
  text = end (feeder);
  ck_assert_str_eq (text, "1.25\n");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("wide");
  TCase *tests = tcase_create ("wide");

  tcase_add_test (tests, test_narrow);
  tcase_add_test (tests, test_fed);
  suite_add_tcase (suite, tests);
  return suite;
}
