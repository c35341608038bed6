#pragma once

/** Running a program over the rows of a chunk. */

#include "core/expression/program.h"

typedef struct FanoutEvaluator FanoutEvaluator;

/** The rows to run over: whole columns, in the order of FanoutNames. In their null marks 2 is a
 * value that is bad, see FanoutValueMark. */
typedef struct
{
  gsize n_rows;
  const FanoutColumn *columns;
  guint64 first_row;            /* in the stream, from 0 */
  const guint64 *rows;          /* NULL: consecutive */
  const char *file;             /* of the input; NULL: none */
  const FanoutWriting *writing; /* of numbers in columns that are texts; NULL: with a point */
} FanoutView;

/** For up to `capacity` rows at a time; used by one thread. `program` outlives it. */
FanoutEvaluator *fanout_evaluator_new (const FanoutProgram *program, gsize capacity);
void fanout_evaluator_free (FanoutEvaluator *evaluator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutEvaluator, fanout_evaluator_free)

/** Turn to other rows; what `view` points to must stay until the next call. Values computed before
 * are gone. */
void fanout_evaluator_begin (FanoutEvaluator *evaluator, const FanoutView *view);

/** Compute the registers `first` .. `end` - 1; those before `first` that they use are there. */
void fanout_evaluator_run (FanoutEvaluator *evaluator, guint first, guint end);

const FanoutVector *fanout_evaluator_vector (FanoutEvaluator *evaluator, guint register_);

/** The values of a register as a column, one for each row also where they are constant. Bad values
 * are seen as nulls: look for them first. */
void fanout_evaluator_column (FanoutEvaluator *evaluator, guint register_, FanoutColumn *column);

/** What makes a value bad. */
typedef struct
{
  gint column;     /* of the view, whose text is no number; -1: a computation */
  guint register_; /* of the computation, or of the column */
  char *reason;    /* a computation: what is wrong with it, in words; owned */
} FanoutBlame;

/** Why `row` of a register is bad. */
void fanout_evaluator_blame (FanoutEvaluator *evaluator, guint register_, gsize row,
                             FanoutBlame *blame);

/** Take the value of `blame` in `row` for a null from now on, when the rows are run over again;
 * forgotten with the next fanout_evaluator_begin(). */
void fanout_evaluator_forgive (FanoutEvaluator *evaluator, const FanoutBlame *blame, gsize row);

/** Bytes that it holds. */
gsize fanout_evaluator_bytes (const FanoutEvaluator *evaluator);
