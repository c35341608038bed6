#include "core/fanoutd/looks.h"
#include "core/expression/tree.h"

#include <string.h>

/* Whether the value depends on the row; 2020-01 is no sum, but a name. */
static gboolean
reads (const FanoutTree *tree)
{
  if (tree->kind == FANOUT_TREE_COLUMN || tree->kind == FANOUT_TREE_POSITION
      || tree->kind == FANOUT_TREE_CALL)
    return TRUE;
  for (guint i = 0; i < tree->n_children; i++)
    if (reads (tree->children[i]))
      return TRUE;
  return FALSE;
}

Looks
looks_like (const char *text)
{
  g_autoptr (FanoutExpression) expression = fanout_expression_parse (text, NULL);

  if (expression == NULL)
    /* The * of count(*) is neither. */
    return text[1] != '\0' && strpbrk (text, "()'\"*/<>=~+") != NULL ? LOOKS_BROKEN : LOOKS_NAME;
  return g_strcmp0 (fanout_expression_column (expression), text) == 0 || !reads (expression->root)
             ? LOOKS_NAME
             : LOOKS_EXPRESSION;
}
