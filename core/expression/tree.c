#include "core/expression/functions.h"

void
fanout_tree_free (FanoutTree *tree)
{
  if (tree == NULL)
    return;
  for (guint i = 0; i < tree->n_children; i++)
    fanout_tree_free (tree->children[i]);
  g_free (tree->children);
  g_free (tree->text);
  g_free (tree);
}

FanoutTree *
fanout_tree_new (FanoutTreeKind kind, guint start, guint end)
{
  FanoutTree *tree = g_new0 (FanoutTree, 1);

  tree->kind = kind;
  tree->start = start;
  tree->end = end;
  return tree;
}

void
fanout_tree_add (FanoutTree *tree, FanoutTree *child)
{
  tree->children = g_renew (FanoutTree *, tree->children, tree->n_children + 1);
  tree->children[tree->n_children++] = child;
  tree->start = MIN (tree->start, child->start);
  tree->end = MAX (tree->end, child->end);
}

FanoutTree *
fanout_tree_new_parent (FanoutTreeKind kind, FanoutTree *first, FanoutTree *second)
{
  FanoutTree *tree = fanout_tree_new (kind, first->start, first->end);

  fanout_tree_add (tree, first);
  if (second != NULL)
    fanout_tree_add (tree, second);
  return tree;
}

void
fanout_expression_free (FanoutExpression *expression)
{
  if (expression == NULL)
    return;
  fanout_tree_free (expression->root);
  g_free (expression->text);
  g_free (expression);
}

const char *
fanout_expression_column (const FanoutExpression *expression)
{
  return expression->root->kind == FANOUT_TREE_COLUMN ? expression->root->text : NULL;
}

static gboolean
asks_for_row (const FanoutTree *tree)
{
  if (tree->kind == FANOUT_TREE_COLUMN || tree->kind == FANOUT_TREE_POSITION)
    return TRUE;
  if (tree->kind == FANOUT_TREE_CALL
      && fanout_function_is_of_input (fanout_function_find (tree->text)))
    return TRUE;
  for (guint i = 0; i < tree->n_children; i++)
    if (asks_for_row (tree->children[i]))
      return TRUE;
  return FALSE;
}

/* The least one up to `least`. */
static guint
least_number (const FanoutTree *tree, guint least)
{
  if (tree->kind == FANOUT_TREE_NUMBER && tree->number.scale == 0 && tree->number.mantissa > 0
      && tree->number.mantissa < least)
    least = (guint) tree->number.mantissa;
  for (guint i = 0; i < tree->n_children; i++)
    least = least_number (tree->children[i], least);
  return least;
}

guint
fanout_expression_number_alone (const FanoutExpression *expression)
{
  const guint least
      = asks_for_row (expression->root) ? G_MAXUINT : least_number (expression->root, G_MAXUINT);

  return least < G_MAXUINT ? least : 0;
}
