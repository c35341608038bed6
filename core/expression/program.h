#pragma once

/**
 * The expressions of a pipeline as one straight-line program of typed operations over vectors: each
 * different subexpression is computed once, whoever uses it, and constants are folded.
 *
 * A program is made by one thread, then shared and immutable.
 */

#include "core/expression/tree.h"
#include "core/expression/vector.h"

#include <fanout/option.h>

/** Where the names of columns lead. */
typedef struct
{
  /** The index among the columns that an evaluator is given of the column `name`, or, when that is
   * NULL, of the one at `position` (from 1), as `takes` wants it; -1 with `error` when there is no
   * such column. */
  gint (*column) (gpointer data, const char *name, guint position, FanoutTakes takes,
                  GError **error);
  /** The index of a column that holds, in every row, the sum over all rows of the register
   * `argument`, a number; `text` is the call as written. NULL: the rows are those of the input,
   * where total() has no place, and only there row() and file() have one. */
  gint (*total) (gpointer data, guint argument, const char *text);
  gpointer data;
  gboolean paths; /* names in double quotes come with them: what is in them is one name */
} FanoutNames;

typedef struct FanoutProgram FanoutProgram;

/** `names` is copied; its data must outlive the making of the program. */
FanoutProgram *fanout_program_new (const FanoutNames *names);
void fanout_program_free (FanoutProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutProgram, fanout_program_free)

/**
 * Let `name` stand for an expression in what comes after it. The expression must outlive the
 * program; it costs nothing until it is used. FALSE with `error` when it makes no sense.
 */
gboolean fanout_program_define (FanoutProgram *program, const char *name,
                                const FanoutExpression *expression, GError **error);

/** Whether `name` was defined. */
gboolean fanout_program_defines (const FanoutProgram *program, const char *name);

/** Of what kind the values of an expression are; FREE: of any. FALSE with `error`. */
gboolean fanout_program_kind (FanoutProgram *program, const FanoutExpression *expression,
                              FanoutVectorKind *kind, GError **error);

/**
 * The register that holds the values of an expression as `kind` (FREE: as they are, a column as
 * text); -1 with `error` when they cannot be that. A text as a whole is read as a number as a
 * column of the source is, and is bad where it is none. Registers are numbered in the order in
 * which they are computed.
 */
gint fanout_program_add (FanoutProgram *program, const FanoutExpression *expression,
                         FanoutVectorKind kind, GError **error);

/** Whether it asks for the numbers of rows. */
gboolean fanout_program_numbers_rows (const FanoutProgram *program);

/** Registers so far. */
guint fanout_program_length (const FanoutProgram *program);
FanoutVectorKind fanout_program_register_kind (const FanoutProgram *program, guint register_);

/** The column of FanoutNames that a register holds as it is; -1: it is computed. */
gint fanout_program_register_column (const FanoutProgram *program, guint register_);

/** Whether that column is among those that a register is made of. */
gboolean fanout_program_reads (const FanoutProgram *program, guint register_, guint column);

/** Whether values may be bad that come of no bad column. */
gboolean fanout_program_may_fail (const FanoutProgram *program);

/** Bytes that a row takes in all registers. */
gsize fanout_program_row_bytes (const FanoutProgram *program);

/** The kind in words: "a number", ... */
FANOUT_API const char *fanout_kind_words (FanoutVectorKind kind);
