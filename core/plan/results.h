#pragma once

/** What is computed of the rows of a result table: [result], having, and the totals in them. */

#include "core/expression/program.h"

/** Where a value stands: in a column of the table's layout, in a total, counted from here, or
 * nowhere, since it is computed. */
#define FANOUT_PLAN_TOTAL    0x80000000u
#define FANOUT_PLAN_COMPUTED G_MAXUINT

/** A column that the program reads. */
typedef struct
{
  guint place;
  FanoutTakes takes;
} FanoutPlanResultRead;

/** A value that somebody wants. */
typedef struct
{
  const char *what; /* whose it is, for messages: "[result] share"; NULL: nobody's */
  guint register_;
  guint place;           /* of which it is a copy */
  FanoutVectorKind kind; /* before a time or a condition became a text */
} FanoutPlanResult;

/** The sum of something over all groups. */
typedef struct
{
  const char *text; /* as it was called: "total(flights)" */
  FanoutPlanResult argument;
  guint level; /* the totals that the argument is made of are of lower ones */
} FanoutPlanTotal;

typedef struct
{
  FanoutProgram *program; /* NULL: nothing is computed */
  guint n_reads;
  FanoutPlanResultRead *reads; /* in the order of FanoutNames */
  guint n_totals;
  FanoutPlanTotal *totals;
  guint n_columns;           /* of [result], the last ones of the layout */
  FanoutPlanResult *columns; /* for each */
  FanoutPlanResult having;
  const char *grouping; /* a rollup: the last key of groups that are no subtotals; else NULL */
  gboolean null_bad;    /* on-bad-value = null */
} FanoutPlanResults;

/** Frees what it holds. */
void fanout_plan_results_clear (FanoutPlanResults *results);
