#pragma once

/** What the files of expressions share: instructions, and how operations see their operands. */

#include "core/expression/evaluate.h"
#include "core/expression/program.h"

typedef struct FanoutInstruction FanoutInstruction;

/** One thing that can be computed. */
typedef struct
{
  const char *name;
  /** Compute the rows of `result` from the operands. */
  void (*run) (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
               FanoutVector *result);
  /** Why this row is bad although no operand is; owned by the caller. */
  char *(*problem) (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row);
  /** Does the result depend on more than the operands? */
  gboolean unfoldable;
} FanoutOperation;

/** The operation `what` of run_what() alone. */
#define FANOUT_OPERATION_RUN(what)                                                                 \
  const FanoutOperation fanout_operation_##what = { .name = #what, .run = run_##what }

struct FanoutInstruction
{
  const FanoutOperation *operation;
  FanoutVectorKind kind;
  guint n_arguments;
  guint *arguments; /* registers */
  gpointer payload;
  GDestroyNotify free_payload;
  FanoutVector constant; /* of a constant: its value, with room of its own */
  char *key;             /* equal for equal computations */
};

struct FanoutProgram
{
  FanoutNames names;
  GPtrArray *instructions; /* of FanoutInstruction */
  GHashTable *by_key;      /* to register + 1 */
  GPtrArray *definitions;  /* of FanoutDefinition, see kinds.h */
  GHashTable *by_name;     /* to index + 1, of the last one of a name */
  FanoutProgram *trial;    /* where definitions are checked over; NULL: there are none yet */
  guint depth;             /* trees in each other that are being emitted, through definitions too */
  guint deepest;
};

struct FanoutEvaluator
{
  const FanoutProgram *program;
  guint n_vectors; /* the program may grow while constants are folded */
  gsize capacity;
  FanoutView view;
  FanoutVector *vectors;
  gpointer match_data; /* of PCRE2, for patterns.c */
  GPtrArray *blocks;   /* of texts */
  gsize block_used;
  gsize block_size; /* of the last one */
  guint block;      /* which is in use */
  GArray *block_sizes;
  gsize text_bytes; /* in the blocks */
  GArray *nulled;   /* of FanoutNulled */
};

/** A bad value that is taken for a null. */
typedef struct
{
  guint register_;
  gsize row;
} FanoutNulled;

static inline const FanoutInstruction *
fanout_instruction (const FanoutProgram *program, guint register_)
{
  return g_ptr_array_index (program->instructions, register_);
}

/* For who makes programs. */

/** The register of an instruction; one that computes the same is shared, and one over constants is
 * computed now. `payload`, with its `payload_key` ("" for none), is taken over. -1 with `error`,
 * which names the place, where a constant is bad. */
gint fanout_program_emit (FanoutProgram *program, const FanoutOperation *operation,
                          FanoutVectorKind kind, guint n_arguments, const guint *arguments,
                          gpointer payload, GDestroyNotify free_payload, const char *payload_key,
                          const FanoutExpression *expression, const FanoutTree *place,
                          GError **error);
guint fanout_program_constant_number (FanoutProgram *program, FanoutVectorKind kind,
                                      FanoutNumber number);
guint fanout_program_constant_text (FanoutProgram *program, const char *text, gsize length);
guint fanout_program_constant_truth (FanoutProgram *program, gboolean truth);
/** A null of a kind that is no condition. */
guint fanout_program_constant_null (FanoutProgram *program, FanoutVectorKind kind);

/* For operations. */

static inline const FanoutVector *
fanout_operand (const FanoutEvaluator *evaluator, const FanoutInstruction *instruction, guint i)
{
  const guint argument = instruction->arguments[i];
  const FanoutInstruction *operand = fanout_instruction (evaluator->program, argument);

  return operand->constant.constant ? &operand->constant : &evaluator->vectors[argument];
}

/** Room for as many values as there are rows, to be filled. */
gint64 *fanout_vector_make_numbers (FanoutEvaluator *evaluator, FanoutVector *vector);
guint8 *fanout_vector_make_scales (FanoutEvaluator *evaluator, FanoutVector *vector);
FanoutText *fanout_vector_make_texts (FanoutEvaluator *evaluator, FanoutVector *vector);
guint8 *fanout_vector_make_truths (FanoutEvaluator *evaluator, FanoutVector *vector);
/** The same for marks, all of them values. */
guint8 *fanout_vector_make_marks (FanoutEvaluator *evaluator, FanoutVector *vector);
/** Give `result` the worst mark of all operands in each row; its own array where there is one. */
guint8 *fanout_vector_merge_marks (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                                   FanoutVector *result);
/** The same, and all values where no operand has marks: more may come. */
static inline guint8 *
fanout_vector_own_marks (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                         FanoutVector *result)
{
  guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);

  return marks != NULL ? marks : fanout_vector_make_marks (evaluator, result);
}
/** The rows that these marks call values. */
#define FANOUT_FOR_EACH_VALUE(evaluator, marks, i)                                                 \
  for (gsize i = 0; i < (evaluator)->view.n_rows; i++)                                             \
    if ((marks)[i] == FANOUT_MARK_VALUE)

/** Room for a text of the chunk, with the padding that texts have. */
char *fanout_evaluator_text (FanoutEvaluator *evaluator, gsize length);
/** Whether a text may be so long that is longer than those it was made of: a short expression makes
 * any length of them. One that may not is bad, and fanout_explain_long() says why. */
gboolean fanout_evaluator_has_room (const FanoutEvaluator *evaluator, gsize length);
char *fanout_explain_long (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                           gsize row);

extern const FanoutOperation fanout_operation_constant;
extern const FanoutOperation fanout_operation_column;
extern const FanoutOperation fanout_operation_if;
