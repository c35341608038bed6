#pragma once

/**
 * An aggregate in one argument: `operator`, `operator(column)`, `operator(column, option=value,
 * ...)` or `name=operator(...)`. An item without `=` continues the list before it; what contains
 * `,` `(` `)` or `=` stands in double quotes, doubled inside.
 */

#include <glib.h>

typedef struct
{
  char *key;
  GPtrArray *items; /* char *, without their quotes; at least one */
} ExpressionOption;

typedef struct
{
  const char *text; /* as given */
  char *name;       /* as given, or made of operator and columns */
  gboolean named;   /* it was given */
  char *operator_;
  GPtrArray *options; /* ExpressionOption, in order; the column first, as the option `column` */
} Expression;

/** NULL with what is wrong (static) and at which byte of `text`. */
Expression *expression_parse (const char *text, const char **problem, gsize *offset);
void expression_free (Expression *expression);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Expression, expression_free)

/** The text with a caret below byte `offset`; two lines. */
char *expression_point (const char *text, gsize offset);
