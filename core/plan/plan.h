#pragma once

/**
 * Configuration plus registry: what will run, checked and immutable.
 */

#include "core/decode/chunk.h"
#include "core/config/config.h"
#include "core/expression/program.h"
#include "core/input/reader.h"
#include "core/plan/options.h"
#include "core/plan/results.h"
#include "core/plugin/registry.h"
#include "core/group/order.h"
#include "core/window/axis.h"

#include <stdatomic.h>

typedef enum
{
  FANOUT_STRATEGY_FIBER = 0,
  FANOUT_STRATEGY_THREADS,
  FANOUT_STRATEGY_CALLBACK,
} FanoutStrategyKind;

/** One [aggregate NAME]. */
typedef struct
{
  const char *name;
  const char *origin; /* for messages about it */
  const FanoutOperator *operator_;
  gpointer options;
  const char *meaning; /* of the options as they were bound: fanout_options_meaning () */
  gboolean prepared;   /* `release` is due */
  guint n_columns;
  guint *columns; /* which columns of the frame its input columns are */
  guint n_results;
  const char *const *results; /* names of its result columns */
  gboolean drop;              /* on-error */
  const char *where;          /* NULL: none */
  gint condition;             /* register of it; -1: none */
  const char *const *tables;  /* names of those that it is in; empty: all */
} FanoutPlanAggregate;

/** A sink that [output] format may mean, and its options. */
typedef struct
{
  const FanoutSink *sink;
  gpointer options;
  gboolean prepared; /* `release` is due */
} FanoutPlanSink;

/** What an index of a column is beyond, while a plan is made, when the column is derived. */
#define FANOUT_PLAN_DERIVED 0x80000000u

/** A column of the frame that a program computes. */
typedef struct
{
  const char *name;
  guint register_;
  FanoutTakes takes;
  FanoutVectorKind kind; /* of the values, whatever they are taken as */
} FanoutPlanDerived;

/** Rows that a condition leaves. */
typedef struct
{
  gint condition; /* register of the program; -1: all, as in the first selection of a plan */
  guint n_columns;
  guint *columns; /* of the frame, that somebody looks at in these rows */
} FanoutPlanSelection;

/** Rows of the frame, with the groups of one table, as some aggregates of it see them. */
typedef struct
{
  guint table;
  guint selection;
} FanoutPlanView;

/** One aggregate in one table. */
typedef struct
{
  const FanoutPlanAggregate *aggregate;
  guint table;
  guint view;
} FanoutPlanNode;

#define FANOUT_PLAN_COUNTED (-1)

/** One table of groups. */
typedef struct
{
  const char *name;               /* of [table NAME]; NULL: the only one */
  const FanoutConfigGroup *group; /* [table NAME], or NULL */
  const char *origin;             /* for messages */
  const char *where;              /* NULL: none */
  gint condition;                 /* register of it; -1: none */
  guint n_keys;                   /* 0: one group */
  guint *keys;                    /* columns of the frame */
  const char *const *key_names;
  guint view; /* the rows that make its groups */
  gint base;  /* the table whose groups are combined into these; FANOUT_PLAN_COUNTED: none, rows
                 go to its groups themselves */
  guint *base_keys; /* with a base: which of its keys each is */
  gboolean rollup;  /* with a base: also by the first keys alone; one more key says by which */
  gboolean hidden;  /* it is only a base */
  guint first_node;
  guint n_nodes; /* of the plan's, which stand together */

  FanoutLayout layout; /* keys, columns of the aggregates, [result] */
  FanoutPlanResults results;
  const char *having; /* NULL: none */
  const char *rest;   /* NULL: none */
  guint n_sorts;
  FanoutSort *sorts;
  guint64 offset;
  guint64 limit;
  gboolean item_rows; /* [output] lists = rows */
  FanoutOutputOptions output;
  guint output_index; /* of those to the same place */
  gboolean automatic; /* format = auto */
  guint n_sinks;      /* 2: `auto`, the second is for terminals */
  FanoutPlanSink sinks[2];
} FanoutPlanTable;

/** [window]: results by event time. */
typedef struct
{
  const char *time;       /* as it is written */
  FanoutProgram *program; /* over the rows that [pipeline] where leaves */
  gint register_;         /* of it: seconds since 1970 */
  FanoutAxis axis;
  FanoutInstant lateness;
  FanoutInstant idle;  /* 0: none */
  FanoutInstant ahead; /* 0: no bound */
  gboolean late_fails; /* a late row is an error */
  gboolean repeated;   /* states are those of whole windows: each row goes to all of its own, since
                          some aggregate cannot combine those of slices */
} FanoutPlanWindow;

/** Columns of a result with windows, before its keys; and of one that comes so often. */
#define FANOUT_PLAN_WINDOW_START "window_start"
#define FANOUT_PLAN_WINDOW_END   "window_end"
#define FANOUT_PLAN_AT           "at"

/** [checkpoint]. */
typedef struct
{
  const char *path;
  guint64 every; /* microseconds */
  guint keep;
} FanoutPlanCheckpoint;

typedef struct
{
  _Atomic guint references;
  FanoutRegistry *registry;
  FanoutConfig *config;

  FanoutStrategyKind strategy;
  guint threads; /* of that strategy alone */
  gsize batch;
  guint partitions; /* 0: auto */
  guint64 max_groups;
  guint64 max_memory;

  const FanoutSource *source;
  gboolean fed; /* the program puts the rows in; the source is a name */
  gpointer source_options;
  gboolean source_prepared;
  FanoutReaderPlan reader;         /* over bytes */
  FanoutBlockReader *first_reader; /* opened for the header, serves the first run */
  char **fields; /* names of the stream's columns; NULL: not known, no input has any */
  char *note;    /* about the inputs; NULL: none */
  FanoutBad on_bad_row;
  FanoutBad on_bad_value;
  const char *const *null_values;

  /* Columns of the frame: those that are decoded, each name once for each form, then those that are
   * derived. */
  guint n_columns;
  FanoutChunkWant *columns;
  guint *column_fields; /* which of `fields` each is, as far as these are known */
  guint *positions;     /* from 1, of those that do not go by their names; 0: by its name */
  guint n_derived;
  FanoutPlanDerived *derived;

  GPtrArray *expressions;   /* that the programs are made of */
  FanoutProgram *filter;    /* [pipeline] where, over the columns that are decoded; NULL: none */
  gint where;               /* register of it; -1: there is none */
  const char *where_text;   /* as it is written */
  guint8 *where_reads;      /* for each column that is decoded: whether it reads it */
  FanoutPlanWindow *window; /* NULL: none */
  guint64 every;            /* microseconds between the results so far; 0: at the end alone */
  FanoutPlanCheckpoint *checkpoint; /* NULL: none */
  FanoutProgram *program;           /* everything else, over the rows that they leave */
  guint n_selections;
  FanoutPlanSelection *selections;

  FanoutMonitorOptions monitor;

  guint n_aggregates;
  FanoutPlanAggregate *aggregates;
  guint n_tables; /* that rows are counted for; those that are combined from them come behind */
  guint n_all_tables;
  FanoutPlanTable *tables;
  guint n_shown;
  guint *shown; /* the tables of the result, in the order of the file */
  guint n_outputs;
  guint n_views;
  FanoutPlanView *views;
  guint n_nodes; /* of the tables that rows are counted for; the others come behind */
  guint n_all_nodes;
  FanoutPlanNode *nodes;
} FanoutPlan;

/** Make the plan of `config` (taken over, also on failure), called `name` in messages. `inputs`
 * replace [source] path. NULL with all mistakes in `error` (FANOUT_ERROR_CONFIG), or with
 * FANOUT_ERROR_INPUT when an input cannot be read. `errors` holds those of parsing. */
/** The same for merging partial results: [source] is not looked at. */
FanoutPlan *fanout_plan_new_merge (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                                   FanoutErrors *errors, GError **error);
FanoutPlan *fanout_plan_new (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                             const char *const *inputs, FanoutErrors *errors, GError **error);
/** The same for rows that the program puts in, which have the `columns`: [source] is not looked at.
 */
FanoutPlan *fanout_plan_new_feed (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                                  const char *const *columns, FanoutErrors *errors, GError **error);
/** The same in place of a plan that runs, whose reader (NULL: it has none) goes on by it: nothing
 * is opened, and columns are those of its inputs. What of [source] cannot change is told. */
FanoutPlan *fanout_plan_new_again (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                                   const char *const *inputs, const FanoutPlan *running,
                                   FanoutBlockReader *reader, FanoutErrors *errors, GError **error);
FANOUT_API FanoutPlan *fanout_plan_ref (FanoutPlan *plan);
/** A reference less; with the last one it goes. */
FANOUT_API void fanout_plan_free (FanoutPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPlan, fanout_plan_free)

/** Whether it is known only after decoding which values are looked at. */
gboolean fanout_plan_defers (const FanoutPlan *plan);

/** What a column of the frame is taken as. */
static inline FanoutTakes
fanout_plan_takes (const FanoutPlan *plan, guint column)
{
  return column < plan->n_columns ? plan->columns[column].takes
                                  : plan->derived[column - plan->n_columns].takes;
}

static inline const char *
fanout_plan_column_name (const FanoutPlan *plan, guint column)
{
  return column < plan->n_columns ? plan->columns[column].name
                                  : plan->derived[column - plan->n_columns].name;
}

/** Which of the aggregates it is. */
static inline guint
fanout_plan_index (const FanoutPlan *plan, const FanoutPlanAggregate *aggregate)
{
  return (guint) (aggregate - plan->aggregates);
}

/** The key that tells the groups of a rollup apart: by which keys they are. */
#define FANOUT_PLAN_GROUPING "grouping"

/** Its value for groups by the first `level` keys: "a, b". Owned by the caller. */
char *fanout_plan_grouping (const FanoutPlanTable *table, guint level);

/** Keys of its groups: its own, and in a rollup the one more. */
static inline guint
fanout_plan_result_keys (const FanoutPlanTable *table)
{
  return table->n_keys + (table->rollup ? 1 : 0);
}

/** Whether windows are sessions, each of one group. */
static inline gboolean
fanout_plan_has_sessions (const FanoutPlan *plan)
{
  return plan->window != NULL && plan->window->axis.gap > 0;
}

/** How often a row is in the frame at most. */
static inline gsize
fanout_plan_repeats (const FanoutPlan *plan)
{
  return plan->window != NULL && plan->window->repeated
             ? (gsize) fanout_axis_n_windows (&plan->window->axis)
             : 1;
}

/** How the slices that have states make windows. */
FanoutAxis fanout_plan_slices (const FanoutPlan *plan);

/** Columns of its results before those of its aggregates. */
static inline guint
fanout_plan_leading (const FanoutPlan *plan)
{
  return plan->window != NULL ? 2 : plan->every > 0 ? 1 : 0;
}

/** Whether several inputs that can be read again are read beside each other: rows come in any
 * order, each with its number in its own input. */
gboolean fanout_plan_reads_several (const FanoutPlan *plan);
/** Whether threads may work beside those of partitions: who has one partition wants one processor.
 */
gboolean fanout_plan_has_helpers (const FanoutPlan *plan);
/** Whether something depends on the numbers of rows, as row() does. */
gboolean fanout_plan_numbers_rows (const FanoutPlan *plan);

/** Whether it does not end by itself, or is to outlive its process: results appear while it runs.
 */
static inline gboolean
fanout_plan_is_endless (const FanoutPlan *plan)
{
  return plan->checkpoint != NULL || plan->reader.follow;
}

/** Whether its rows go to groups, by keys or by time. */
static inline gboolean
fanout_plan_has_ids (const FanoutPlan *plan, const FanoutPlanTable *table)
{
  return table->n_keys > 0 || plan->window != NULL;
}

/** Whether rows go to groups by keys in every table. */
gboolean fanout_plan_is_grouped (const FanoutPlan *plan);

/** How many partitions a run has; auto is settled here, where the size of the input is known. */
guint fanout_plan_partitions (const FanoutPlan *plan, FanoutBlockReader *reader);

/** How results are written; what is for terminals alone may be opened here. NULL: it cannot be
 * used, says `error`. One caller at a time. */
const FanoutPlanSink *fanout_plan_sink (FanoutPlan *plan, guint table, gboolean terminal,
                                        GError **error);

/** The plan in words, for a run over `reader`: NULL for a source without bytes, and for none. */
char *fanout_plan_describe (const FanoutPlan *plan, FanoutBlockReader *reader);

/** A name with dashes as some expression has it, which was taken for a difference of columns that
 * are all among `names`; owned by the caller. NULL: there is none. */
char *fanout_plan_dashed_name (const FanoutPlan *plan, const char *const *names);

/** Why the states of an operator cannot be looked at while the stream goes on; NULL: they can. */
const char *fanout_plan_why_at_end (const FanoutOperator *operator_);
/** Why they cannot be written; NULL: they can. */
const char *fanout_plan_why_unwritten (const FanoutOperator *operator_);
