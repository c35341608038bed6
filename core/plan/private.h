#pragma once

/** What the files that make a plan share. */

#include "core/config/option.h"
#include "core/plan/options.h"
#include "core/plan/plan.h"

typedef struct
{
  FanoutPlan *plan;
  FanoutErrors *errors;
  const char *name;          /* of the file, for messages */
  gboolean merge;            /* [source] does not matter */
  const char *const *fed;    /* the columns of a feed, in place of [source]; NULL: there is one */
  const char *const *inputs; /* in place of [source] path; NULL: none */
  const FanoutPlan *running; /* in whose place the plan comes, while it runs; NULL: none */
  FanoutBlockReader *reader; /* of it; NULL: it has none */
  FanoutPipelineOptions pipeline;
  FanoutOutputKeys output;
  GPtrArray *columns;  /* of FanoutPlanColumn: who needs what */
  GHashTable *by_name; /* a set of them, by name and what they are taken as */
  GArray *derived;     /* of FanoutPlanDerived */
  gpointer asking[3];  /* who asks for the columns of expressions, program by program */
  GError *unreadable;  /* why the inputs have no columns */
} FanoutPlanning;

/** The group of this name, or `none`, made an empty one. */
const FanoutConfigGroup *fanout_planning_group (const FanoutPlanning *self, const char *name,
                                                FanoutConfigGroup *none);

/** A column that somebody asked for. */
typedef struct
{
  guint index; /* in the plan */
  const char *name;
  FanoutTakes takes;
  const FanoutConfigGroup *group; /* who asked, for messages */
  const char *key;
  gboolean has_as; /* all who asked could take texts instead: as = text */
  guint position;  /* from 1; 0: it goes by its name */
  gboolean first;  /* [pipeline] where reads it */
} FanoutPlanColumn;

/** The index of a column of the plan, made when it is new. */
guint fanout_planning_column (FanoutPlanning *self, const char *name, FanoutTakes takes,
                              const FanoutConfigGroup *group, const char *key, gboolean has_as);

/** The same of a column or of what [let] derives; see FANOUT_PLAN_DERIVED. */
guint fanout_planning_reference (FanoutPlanning *self, const char *name, FanoutTakes takes,
                                 const FanoutConfigGroup *group, const char *key, gboolean has_as);
/** An expression that the plan owns; NULL with `error`. */
const FanoutExpression *fanout_planning_parse (const FanoutPlanning *self, const char *text,
                                               GError **error);
/** The register of a condition that is the value of `key`; -1: a mistake, and it is told. */
gint fanout_planning_condition (FanoutPlanning *self, FanoutProgram *program, const char *text,
                                const FanoutConfigGroup *group, const char *key);
/** [let], [pipeline] where, and the time of [window]. */
void fanout_planning_expressions (FanoutPlanning *self);
/** The register of an expression that is the value of `key`, as numbers; -1: a mistake, and it is
 * told. */
gint fanout_planning_number (FanoutPlanning *self, FanoutProgram *program, const char *text,
                             const FanoutConfigGroup *group, const char *key);
/** [window], where there is one. */
void fanout_planning_window (FanoutPlanning *self);
/** [monitor]. */
void fanout_planning_monitor (FanoutPlanning *self);
/** [checkpoint], and [output] every. */
void fanout_planning_stream (FanoutPlanning *self);
/** Whether all aggregates have a place there. */
void fanout_planning_check_stream (FanoutPlanning *self);
/** Whether all aggregates have a place in it. */
void fanout_planning_check_window (FanoutPlanning *self);
void fanout_plan_window_free (FanoutPlanWindow *window);
/** The tables, with what makes their groups. */
void fanout_planning_tables (FanoutPlanning *self);
/** Whether the states of different groups can be combined. */
gboolean fanout_plan_merges_groups (const FanoutOperator *operator_);
/** Which table is combined from which other one, and their order. */
void fanout_planning_bases (FanoutPlanning *self);
/** The columns of each table. */
void fanout_planning_layouts (FanoutPlanning *self);
/** Which rows each view has, and what is looked at in them. */
void fanout_planning_selections (FanoutPlanning *self);
/** The selection of the rows that a condition leaves (-1: all), and the view of a table of them. */
guint fanout_plan_selection (FanoutPlan *plan, gint condition);
guint fanout_plan_view (FanoutPlan *plan, guint table, gint condition);
gboolean fanout_plan_is_in (const FanoutPlanAggregate *aggregate, const FanoutPlanTable *table);
/** Which aggregate is in which table, and the columns of each. */
void fanout_planning_nodes (FanoutPlanning *self);
/** Whether all aggregates are right, so that it is known which result columns there are. */
gboolean fanout_planning_knows_columns (const FanoutPlanning *self);
/** What is computed of the rows of each table: columns at the end of its layout. */
void fanout_planning_results (FanoutPlanning *self);
/** Of the plan that runs: the type that it has found. */
const char *fanout_planning_running_type (FanoutPlanning *self);
/** The columns of its inputs. */
void fanout_planning_running_fields (FanoutPlanning *self);
/** Whether its reader can go on by the new plan. */
void fanout_planning_check_running (FanoutPlanning *self);
/** [source]. */
void fanout_planning_source (FanoutPlanning *self);
/** Every [aggregate NAME]. */
void fanout_planning_aggregates (FanoutPlanning *self);
/** Add to what is told of the inputs; takes `text` (may be NULL). */
void fanout_planning_note (FanoutPlanning *self, char *text);
/** What the inputs have for columns. */
void fanout_planning_fields (FanoutPlanning *self);
/** Look up there the columns that are wanted. FALSE with `error` (FANOUT_ERROR_INPUT) when it
 * cannot be read. */
gboolean fanout_planning_resolve (FanoutPlanning *self, GError **error);
/** How many partitions. */
void fanout_planning_partitions (FanoutPlanning *self);
/** How each table is written, and in which order. */
void fanout_planning_output (FanoutPlanning *self);
void fanout_plan_release_sink (const FanoutPlanSink *used);

/** What would take the only field of a header apart, so that one is called `name`, or pass over a
 * line in front of it, as a message's end; NULL: nothing. */
char *fanout_hint_of_header (const FanoutPlan *plan, const char *name);
