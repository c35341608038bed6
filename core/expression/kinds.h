#pragma once

/** Of what kind an expression is, and the program that it becomes. */

#include "core/expression/functions.h"

#define FANOUT_N_KINDS (FANOUT_KIND_CONDITION + 1)

/** A name with what it stands for; what it may use are the definitions before it. */
typedef struct
{
  const char *name;
  const FanoutExpression *expression;
  FanoutVectorKind kind;
  gint registers[FANOUT_N_KINDS]; /* + 1, as each kind, where it was asked for; 0: not yet */
  gint shadowed;                  /* the definition of the same name before, or -1 */
  guint depth;                    /* trees in each other, with what they stand for */
} FanoutDefinition;

/** Where names lead from within one expression. */
typedef struct
{
  FanoutProgram *program;
  const FanoutExpression *expression;
  guint n_visible; /* definitions */
} FanoutScope;

static inline FanoutDefinition *
fanout_program_definition (const FanoutProgram *program, guint i)
{
  return g_ptr_array_index (program->definitions, i);
}

static inline gboolean
fanout_kind_is_number (FanoutVectorKind kind)
{
  return kind == FANOUT_KIND_NUMBER || kind == FANOUT_KIND_TIME;
}

static inline gboolean
fanout_tree_is_null (const FanoutTree *tree)
{
  return tree->kind == FANOUT_TREE_NULL;
}

/** Index of what `name` stands for here; -1: a column of the source. */
gint fanout_scope_find (const FanoutScope *scope, const char *name);

/** -1 with `error`, which shows the place. */
gint fanout_scope_fail (const FanoutScope *scope, const FanoutTree *place, GError **error,
                        const char *format, ...) G_GNUC_PRINTF (4, 5);

/** The text of a part of the expression; owned by the caller. */
char *fanout_scope_text (const FanoutScope *scope, const FanoutTree *tree);

/** The kind of a tree; FREE: whatever it is taken for. FALSE with `error`, here and below. */
gboolean fanout_scope_kind (const FanoutScope *scope, const FanoutTree *tree,
                            FanoutVectorKind *kind, GError **error);

/** The kind as which two values that stand side by side are taken. */
gboolean fanout_scope_join (const FanoutScope *scope, const FanoutTree *a, FanoutVectorKind a_kind,
                            const FanoutTree *b, FanoutVectorKind b_kind, FanoutVectorKind *kind,
                            GError **error);

/** The same of two values that are compared, where somebody has to say what columns are. */
gboolean fanout_scope_join_compared (const FanoutScope *scope, const FanoutTree *a,
                                     const FanoutTree *b, FanoutVectorKind *kind, GError **error);

/** The function of a call with as many arguments as it takes; NULL with `error`. */
const FanoutFunction *fanout_scope_function (const FanoutScope *scope, const FanoutTree *call,
                                             GError **error);

/** How argument `i` of a call is taken; 0: there is no such argument. */
char fanout_function_letter (const FanoutFunction *function, guint i);

/** The kind that the arguments 'a' of a call share. */
gboolean fanout_scope_alike (const FanoutScope *scope, const FanoutFunction *function,
                             const FanoutTree *call, FanoutVectorKind *kind, GError **error);

/** The register of a tree as `want`, FREE: as it is, and a column as text; -1 with `error`. */
gint fanout_scope_emit (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind want,
                        GError **error);
