/* The geometric mean, from a sum of logarithms. */

#include <fanout/steps.h>
#include <fanout/logarithm.h>

typedef struct
{
  gint column;
} Options;

static inline void
step (FanoutAggregate *self, FanoutLogSum *sum, FanoutNumber x)
{
  (void) self;
  fanout_log_sum_add (sum, x, 1);
}

static inline void
merge (FanoutAggregate *self, FanoutLogSum *into, FanoutLogSum *from)
{
  (void) self;
  fanout_log_sum_combine (into, from);
}

static inline void
result (FanoutAggregate *self, const FanoutLogSum *sum, FanoutOut *out, gsize row)
{
  (void) self;
  if (sum->weight > 0)
    fanout_out_double (out, row, 0, fanout_log_sum_geometric_mean (sum));
}

FANOUT_UPDATE_NUMBER (update, FanoutLogSum, step)
FANOUT_COMBINE (combine, FanoutLogSum, merge)
FANOUT_FINISH (finish, FanoutLogSum, result)

static void
encode (FanoutAggregate *self, gconstpointer sum, FanoutWriter *bytes)
{
  (void) self;
  fanout_log_sum_encode (sum, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer sum, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  return fanout_log_sum_decode (sum, &in) && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator geomean = {
  FANOUT_OPERATOR ("geomean", 2),
  .summary = "the geometric mean",
  .details = "(x1 x2 ... xn)^(1 / n) = 2^(sum(log2(x)) / n): R's exp (mean (log (x))), SciPy's "
             "gmean, datamash's geomean. The logarithms are integers, "
             "multiples of 2^-100, so their sum is exact and the same in any order, and no "
             "library for logarithms is involved. 0 where there is a 0, nan where there is a "
             "negative number, as they have it; GEOMEAN of spreadsheets is an error for both.",
  .promise = "within 0.50001 units in the last place",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (FanoutLogSum, NULL),
};

FANOUT_OPERATORS (&geomean);
