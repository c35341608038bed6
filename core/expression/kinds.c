#include "core/expression/kinds.h"
#include "core/expression/logic.h"

#include "core/config/option.h"

#include <string.h>

gint
fanout_scope_find (const FanoutScope *scope, const char *name)
{
  gint i = GPOINTER_TO_INT (g_hash_table_lookup (scope->program->by_name, name)) - 1;

  while (i >= (gint) scope->n_visible)
    i = fanout_program_definition (scope->program, (guint) i)->shadowed;
  return i;
}

gint
fanout_scope_fail (const FanoutScope *scope, const FanoutTree *place, GError **error,
                   const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fanout_expression_fail (error, scope->expression->text, place->start, place->end, "%s", text);
  return -1;
}

char *
fanout_scope_text (const FanoutScope *scope, const FanoutTree *tree)
{
  return g_strndup (scope->expression->text + tree->start, tree->end - tree->start);
}

gboolean
fanout_scope_join (const FanoutScope *scope, const FanoutTree *a, FanoutVectorKind a_kind,
                   const FanoutTree *b, FanoutVectorKind b_kind, FanoutVectorKind *kind,
                   GError **error)
{
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;
  FanoutTree both = { .start = MIN (a->start, b->start), .end = MAX (a->end, b->end) };

  if (a_kind == b_kind)
    *kind = a_kind;
  else if (a_kind == FANOUT_KIND_FREE)
    *kind = b_kind == FANOUT_KIND_CONDITION ? FANOUT_KIND_TEXT : b_kind;
  else if (b_kind == FANOUT_KIND_FREE)
    *kind = a_kind == FANOUT_KIND_CONDITION ? FANOUT_KIND_TEXT : a_kind;
  else if (fanout_kind_is_number (a_kind) && fanout_kind_is_number (b_kind))
    *kind = FANOUT_KIND_NUMBER;
  else if (a_kind == FANOUT_KIND_CONDITION)
    *kind = b_kind;
  else if (b_kind == FANOUT_KIND_CONDITION)
    *kind = a_kind;
  else
    {
      const FanoutTree *text = a_kind == FANOUT_KIND_TEXT ? a : b;
      const FanoutTree *number = text == a ? b : a;
      const gboolean time = a_kind == FANOUT_KIND_TIME || b_kind == FANOUT_KIND_TIME;

      a_text = fanout_scope_text (scope, text);
      b_text = fanout_scope_text (scope, number);
      fanout_scope_fail (scope, &both, error, "%s beside a text: say %s(%s) or text(%s)",
                         time ? "a time" : "a number", time ? "time" : "num", a_text, b_text);
      return FALSE;
    }
  return TRUE;
}

gboolean
fanout_scope_join_compared (const FanoutScope *scope, const FanoutTree *a, const FanoutTree *b,
                            FanoutVectorKind *kind, GError **error)
{
  FanoutTree both = { .start = MIN (a->start, b->start), .end = MAX (a->end, b->end) };
  FanoutVectorKind a_kind;
  FanoutVectorKind b_kind;

  if (!fanout_scope_kind (scope, a, &a_kind, error) || !fanout_scope_kind (scope, b, &b_kind, error)
      || !fanout_scope_join (scope, a, a_kind, b, b_kind, kind, error))
    return FALSE;
  if (*kind == FANOUT_KIND_CONDITION)
    *kind = FANOUT_KIND_NUMBER;
  if (*kind != FANOUT_KIND_FREE)
    return TRUE;
  if (fanout_tree_is_null (a) || fanout_tree_is_null (b))
    {
      *kind = FANOUT_KIND_TEXT;
      return TRUE;
    }
  {
    g_autofree char *a_text = fanout_scope_text (scope, a);
    g_autofree char *b_text = fanout_scope_text (scope, b);

    fanout_scope_fail (
        scope, &both, error,
        "two columns side by side, as numbers or as texts? say num(%s) and num(%s), or text(%s) "
        "and text(%s)%s",
        a_text, b_text, a_text, b_text,
        a->quoted || b->quoted ? "; a text stands in single quotes, a name in double ones" : "");
  }
  return FALSE;
}

static const FanoutFunction *
find_function (const FanoutScope *scope, const FanoutTree *call, GError **error)
{
  const FanoutFunction *function = fanout_function_find (call->text);
  const FanoutTree name = { .start = call->start, .end = call->start + (guint) call->length };
  const char *elsewhere = fanout_function_elsewhere (call->text);
  const char *names[200];
  const char *nearest;
  guint n = 0;

  if (function != NULL)
    return function;
  for (; fanout_functions[n].name != NULL; n++)
    names[n] = fanout_functions[n].name;
  names[n] = NULL;
  nearest = fanout_nearest_name (call->text, names);
  if (elsewhere != NULL)
    fanout_scope_fail (scope, &name, error, "no function '%s'; did you mean %s?", call->text,
                       elsewhere);
  else if (nearest != NULL)
    fanout_scope_fail (scope, &name, error, "no function '%s'; did you mean '%s'?", call->text,
                       nearest);
  else
    fanout_scope_fail (scope, &name, error, "no function '%s'; fanoutd functions lists them%s",
                       call->text,
                       scope->expression->text[name.end] == ' '
                           ? ", and a column such as \"a (b)\" stands in double quotes"
                           : "");
  return NULL;
}

char
fanout_function_letter (const FanoutFunction *function, guint i)
{
  char last = 0;
  guint n = 0;

  for (const char *p = function->arguments; *p != '\0'; p++)
    {
      if (*p == '|')
        continue;
      if (*p == '*')
        return last;
      if (n++ == i)
        return *p;
      last = *p;
    }
  return 0;
}

static gboolean
check_count (const FanoutScope *scope, const FanoutFunction *function, const FanoutTree *call,
             GError **error)
{
  guint least = 0;

  for (const char *p = function->arguments; *p != '\0' && *p != '|' && *p != '*'; p++)
    least++;
  if (call->n_children >= least
      && (call->n_children == 0 || fanout_function_letter (function, call->n_children - 1) != 0))
    return TRUE;
  fanout_scope_fail (scope, call, error, "%u argument%s where %s is wanted", call->n_children,
                     call->n_children == 1 ? "" : "s", function->usage);
  return FALSE;
}

const FanoutFunction *
fanout_scope_function (const FanoutScope *scope, const FanoutTree *call, GError **error)
{
  const FanoutFunction *function = find_function (scope, call, error);

  return function != NULL && check_count (scope, function, call, error) ? function : NULL;
}

/* A condition is never null: what may give one takes conditions as numbers. */
static gboolean
keeps_conditions (const FanoutFunction *function)
{
  return function->operation == &fanout_operation_if
         || function->operation == &fanout_operation_coalesce;
}

gboolean
fanout_scope_alike (const FanoutScope *scope, const FanoutFunction *function,
                    const FanoutTree *call, FanoutVectorKind *kind, GError **error)
{
  const FanoutTree *first = NULL;
  FanoutVectorKind shared = FANOUT_KIND_FREE;

  for (guint i = 0; i < call->n_children; i++)
    {
      FanoutVectorKind one;

      if (fanout_function_letter (function, i) != FANOUT_ARGUMENT_ALIKE)
        continue;
      if (!fanout_scope_kind (scope, call->children[i], &one, error))
        return FALSE;
      if (first != NULL
          && !fanout_scope_join (scope, first, shared, call->children[i], one, &one, error))
        return FALSE;
      if (first == NULL || one != FANOUT_KIND_FREE)
        first = call->children[i];
      shared = one;
    }
  *kind = shared == FANOUT_KIND_CONDITION && !keeps_conditions (function) ? FANOUT_KIND_NUMBER
                                                                          : shared;
  return TRUE;
}

static gboolean
find_call_kind (const FanoutScope *scope, const FanoutTree *call, FanoutVectorKind *kind,
                GError **error)
{
  const FanoutFunction *function = fanout_scope_function (scope, call, error);

  if (function == NULL)
    return FALSE;
  if (strchr (function->arguments, FANOUT_ARGUMENT_ALIKE) != NULL)
    return fanout_scope_alike (scope, function, call, kind, error);
  *kind = function->kind;
  /* What a bucket begins with is of the kind of what is in it. */
  if (*kind == FANOUT_KIND_FREE)
    {
      if (!fanout_scope_kind (scope, call->children[0], kind, error))
        return FALSE;
      if (!fanout_kind_is_number (*kind))
        *kind = FANOUT_KIND_NUMBER;
    }
  return TRUE;
}

static gboolean
find_sum_kind (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind *kind,
               GError **error)
{
  FanoutVectorKind a;
  FanoutVectorKind b;

  if (!fanout_scope_kind (scope, tree->children[0], &a, error)
      || !fanout_scope_kind (scope, tree->children[1], &b, error))
    return FALSE;
  /* A time and a duration are a time; two times are a duration apart. */
  if (tree->kind == FANOUT_TREE_ADD)
    *kind = (a == FANOUT_KIND_TIME) != (b == FANOUT_KIND_TIME) ? FANOUT_KIND_TIME
                                                               : FANOUT_KIND_NUMBER;
  else
    *kind = a == FANOUT_KIND_TIME && b != FANOUT_KIND_TIME ? FANOUT_KIND_TIME : FANOUT_KIND_NUMBER;
  return TRUE;
}

gboolean
fanout_scope_kind (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind *kind,
                   GError **error)
{
  gint found;

  switch (tree->kind)
    {
    case FANOUT_TREE_NUMBER:
    case FANOUT_TREE_NEGATE:
    case FANOUT_TREE_MULTIPLY:
    case FANOUT_TREE_DIVIDE:
    case FANOUT_TREE_FLOOR_DIVIDE:
    case FANOUT_TREE_MODULO:
      *kind = FANOUT_KIND_NUMBER;
      return TRUE;
    case FANOUT_TREE_CALENDAR:
      if (tree->unit != 'd' && tree->unit != 'w')
        return fanout_scope_fail (
                   scope, tree, error,
                   "a month, a quarter and a year are of different lengths: they are widths of "
                   "bucket() alone")
               == 0;
      *kind = FANOUT_KIND_NUMBER;
      return TRUE;
    case FANOUT_TREE_ADD:
    case FANOUT_TREE_SUBTRACT:
      return find_sum_kind (scope, tree, kind, error);
    case FANOUT_TREE_TEXT:
      *kind = FANOUT_KIND_TEXT;
      return TRUE;
    case FANOUT_TREE_NULL:
    case FANOUT_TREE_POSITION:
      *kind = FANOUT_KIND_FREE;
      return TRUE;
    case FANOUT_TREE_COLUMN:
      found = fanout_scope_find (scope, tree->text);
      *kind = found < 0 ? FANOUT_KIND_FREE
                        : fanout_program_definition (scope->program, (guint) found)->kind;
      return TRUE;
    case FANOUT_TREE_CALL:
      return find_call_kind (scope, tree, kind, error);
    case FANOUT_TREE_TRUE:
    case FANOUT_TREE_FALSE:
    case FANOUT_TREE_EQUAL:
    case FANOUT_TREE_LESS:
    case FANOUT_TREE_LESS_EQUAL:
    case FANOUT_TREE_IN:
    case FANOUT_TREE_BETWEEN:
    case FANOUT_TREE_MATCH:
    case FANOUT_TREE_IS_NULL:
    case FANOUT_TREE_NOT:
    case FANOUT_TREE_AND:
    case FANOUT_TREE_OR:
    default:
      *kind = FANOUT_KIND_CONDITION;
      return TRUE;
    }
}
