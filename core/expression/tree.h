#pragma once

/**
 * An expression as written: text to tree.
 *
 * The grammar is in fanout.ini(5). A tree never changes; what its names stand for and of which
 * kinds its parts are is found out by who makes a program of it.
 */

#include <fanout/error.h>
#include <fanout/number.h>

/** Deepest nesting of parentheses and calls. */
#define FANOUT_EXPRESSION_DEPTH_MAX 100

typedef enum
{
  FANOUT_TREE_NUMBER,
  FANOUT_TREE_CALENDAR, /* 1mo: `number` of the unit `unit` */
  FANOUT_TREE_TEXT,
  FANOUT_TREE_TRUE,
  FANOUT_TREE_FALSE,
  FANOUT_TREE_NULL,
  FANOUT_TREE_COLUMN,   /* `text`, its name */
  FANOUT_TREE_POSITION, /* `number`, from 1 */
  FANOUT_TREE_NEGATE,
  FANOUT_TREE_ADD,
  FANOUT_TREE_SUBTRACT,
  FANOUT_TREE_MULTIPLY,
  FANOUT_TREE_DIVIDE,
  FANOUT_TREE_FLOOR_DIVIDE,
  FANOUT_TREE_MODULO,
  FANOUT_TREE_EQUAL,
  FANOUT_TREE_LESS,
  FANOUT_TREE_LESS_EQUAL,
  FANOUT_TREE_IN,      /* the first child among the others */
  FANOUT_TREE_BETWEEN, /* the first child from the second to the third */
  FANOUT_TREE_MATCH,   /* the first child; `text`, the pattern */
  FANOUT_TREE_IS_NULL,
  FANOUT_TREE_NOT,
  FANOUT_TREE_AND,
  FANOUT_TREE_OR,
  FANOUT_TREE_CALL, /* `text`, the function, of the children */
} FanoutTreeKind;

typedef struct FanoutTree FanoutTree;

/** One node. `x != y` is NOT of EQUAL, `x > y` is LESS of y and x, and so on. */
struct FanoutTree
{
  FanoutTreeKind kind;
  guint start; /* where it stands in the text of the expression, in bytes */
  guint end;
  gboolean quoted; /* COLUMN: in double quotes */
  FanoutNumber number;
  FanoutWide wide; /* where `number` is */
  char unit;       /* CALENDAR: d, w, m(onth), q or y */
  char *text;
  gsize length; /* of `text` */
  guint n_children;
  FanoutTree **children;
};

/** A node of no children between these bytes of the text; free with fanout_tree_free(). */
FanoutTree *fanout_tree_new (FanoutTreeKind kind, guint start, guint end);

/** One of one child or two, NULL for none; takes them over, and stands where they do. */
FanoutTree *fanout_tree_new_parent (FanoutTreeKind kind, FanoutTree *first, FanoutTree *second);

/** Takes `child` over as the last one of `tree`, which stands where it did and where that does. */
void fanout_tree_add (FanoutTree *tree, FanoutTree *child);
void fanout_tree_free (FanoutTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutTree, fanout_tree_free)

typedef struct
{
  char *text; /* as written */
  FanoutTree *root;
} FanoutExpression;

/** The expression that `text` is; NULL with `error` (FANOUT_ERROR_CONFIG), which says what was
 * found, what could stand there, and shows the place. Free with fanout_expression_free(). */
FANOUT_API FanoutExpression *fanout_expression_parse (const char *text, GError **error);
FANOUT_API void fanout_expression_free (FanoutExpression *expression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutExpression, fanout_expression_free)

/** The name, when the expression is a column and nothing else; else NULL. */
FANOUT_API const char *fanout_expression_column (const FanoutExpression *expression);

/** The least whole number, from 1, in an expression that asks for nothing of its row, neither a
 * name nor row() or file(); else 0. */
guint fanout_expression_number_alone (const FanoutExpression *expression);

/** Set `error` to the message, then the text of the expression with a mark under what is between
 * the bytes `start` and `end`, each a line of its own. */
void fanout_expression_fail (GError **error, const char *text, guint start, guint end,
                             const char *format, ...) G_GNUC_PRINTF (5, 6);
