#pragma once

/** What there is to see of a run at one moment, and how it is written. */

#include "core/fanoutd/flow.h"
#include "core/fanoutd/monitor/kept.h"
#include "core/fanoutd/monitor/server.h"
#include "core/input/survey.h"
#include "core/plan/plan.h"

typedef struct
{
  const FanoutPlan *plan;
  const char *const *inputs; /* as they were when the run began */
  Kept *kept;
  gint64 started; /* microseconds since 1970 */
  gint64 now;
  const char *state;    /* running, ended or failed */
  const char *failure;  /* why; NULL: it has not */
  double lag;           /* seconds that the results are behind the clock; negative: nobody knows */
  double rows_a_second; /* of late */
  double bytes_a_second;
  FanoutCounters counters;
  const GArray *surveyed; /* of FanoutSurveyed: some of the inputs; NULL: nobody knows */
  guint64 n_surveyed;     /* of so many */
  FlowState output;
  ServerCounters server;
} Look;

/** What a result column of table `table` is. */
typedef struct
{
  const FanoutPlanAggregate *aggregate; /* NULL: a key, a window's column or one of [result] */
  guint index;                          /* which of its columns */
  const char *kind;                     /* window, key, aggregate or result */
} LookColumn;

LookColumn look_column (const FanoutPlan *plan, const FanoutPlanTable *table, guint column);

/** The JSON object of /stats and of each event. */
void look_append_stats (GString *json, const Look *look);
/** The table of the results that is called so (NULL or empty: the first one); FALSE with `error`.
 */
gboolean look_find_table (const FanoutPlan *plan, const char *name, guint *table, GError **error);

/** In a word how an input is. */
const char *look_input_state (const FanoutSurveyed *input);
/** What is wrong, in words: an array of texts. */
GPtrArray *look_find_reasons (const Look *look);
/** The JSON object of /health; whether all is well. */
gboolean look_append_health (GString *json, const Look *look);
/** All that goes on a screen of `width` columns and `rows` rows, with the newest results of a
 * table; FALSE with `error` where there is no such table. */
gboolean look_append_screen (GString *text, const Look *look, const char *table, guint width,
                             guint rows, GError **error);
/** The text of /metrics. */
void look_append_metrics (GString *text, const Look *look);

/** What of the results is asked for. */
typedef struct
{
  const char *table; /* NULL: all */
  const char *where; /* NULL: all rows */
  guint64 windows;   /* the newest so many; 0: all */
  guint64 limit;     /* rows of each; 0: all */
} LookResults;

/** The JSON object of /results; FALSE with `error` where there is no such table, or the condition
 * makes no sense. */
gboolean look_append_results (GString *json, const Look *look, const LookResults *wanted,
                              GError **error);
