#include "core/expression/kinds.h"
#include "core/expression/comparisons.h"
#include "core/expression/conversions.h"
#include "core/expression/logic.h"
#include "core/expression/numbers.h"
#include "core/expression/patterns.h"
#include "core/expression/sets.h"
#include "core/expression/texts.h"
#include "core/expression/times.h"

#include "core/config/list.h"
#include "core/exact/arithmetic.h"

static gint
emit_operation (const FanoutScope *scope, const FanoutTree *place, const FanoutOperation *operation,
                FanoutVectorKind kind, guint n, const guint *arguments, GError **error)
{
  return fanout_program_emit (scope->program, operation, kind, n, arguments, NULL, NULL, "",
                              scope->expression, place, error);
}

/* An operation on all children, each taken as `want`. */
static gint
emit_children (const FanoutScope *scope, const FanoutTree *tree, const FanoutOperation *operation,
               FanoutVectorKind kind, FanoutVectorKind want, GError **error)
{
  guint arguments[3];

  for (guint i = 0; i < tree->n_children; i++)
    {
      const gint argument = fanout_scope_emit (scope, tree->children[i], want, error);

      if (argument < 0)
        return -1;
      arguments[i] = (guint) argument;
    }
  return emit_operation (scope, tree, operation, kind, tree->n_children, arguments, error);
}

static gint
read_column (const FanoutScope *scope, const FanoutTree *place, gint column, FanoutVectorKind kind,
             GError **error)
{
  g_autofree char *key = g_strdup_printf ("%d", column);

  return fanout_program_emit (scope->program, &fanout_operation_column, kind, 0, NULL,
                              GINT_TO_POINTER (column), NULL, key, scope->expression, place, error);
}

static gint
emit_column (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind want,
             gboolean presence_alone, GError **error)
{
  const FanoutNames *names = &scope->program->names;
  const FanoutTakes takes = presence_alone                 ? FANOUT_TAKES_NOTHING
                            : fanout_kind_is_number (want) ? FANOUT_TAKES_WIDE
                                                           : FANOUT_TAKES_TEXT;
  const gboolean named = tree->kind == FANOUT_TREE_COLUMN;
  g_autoptr (GString) quoted = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;
  const char *name = tree->text;
  gint column;

  if (named && tree->quoted && names->paths)
    {
      fanout_value_quote (quoted, name);
      name = quoted->str;
    }
  column = names->column (names->data, named ? name : NULL,
                          named ? 0 : (guint) tree->number.mantissa, takes, &problem);
  if (column < 0)
    return fanout_scope_fail (scope, tree, error, "%s", problem->message);
  return read_column (scope, tree, column,
                      takes == FANOUT_TAKES_WIDE ? FANOUT_KIND_NUMBER : FANOUT_KIND_TEXT, error);
}

/* A register of one kind as another. */
static gint
convert (const FanoutScope *scope, const FanoutTree *tree, guint register_, FanoutVectorKind from,
         FanoutVectorKind want, GError **error)
{
  g_autofree char *text = NULL;

  if (from == want || want == FANOUT_KIND_FREE
      || (fanout_kind_is_number (from) && fanout_kind_is_number (want)))
    return (gint) register_;
  text = fanout_scope_text (scope, tree);
  if (from == FANOUT_KIND_CONDITION)
    return emit_operation (scope, tree,
                           fanout_kind_is_number (want) ? &fanout_operation_truth_number
                                                        : &fanout_operation_truth_text,
                           want, 1, &register_, error);
  if (want == FANOUT_KIND_CONDITION)
    return fanout_kind_is_number (from)
               ? fanout_scope_fail (scope, tree, error,
                                    "a number where a condition is wanted: say %s != 0", text)
               : fanout_scope_fail (
                   scope, tree, error,
                   "a text where a condition is wanted: say %s = 'true', or %s is not null", text,
                   text);
  if (fanout_kind_is_number (want))
    return fanout_scope_fail (scope, tree, error, "a text where a number is wanted: say num(%s)",
                              text);
  return fanout_scope_fail (scope, tree, error, "%s where a text is wanted: say text(%s)",
                            fanout_kind_words (from), text);
}

static gint
emit_definition (const FanoutScope *scope, guint i, FanoutVectorKind want, GError **error)
{
  FanoutDefinition *found = fanout_program_definition (scope->program, i);
  const FanoutScope inner = { scope->program, found->expression, i };
  FanoutProgram *program = scope->program;

  program->deepest = MAX (program->deepest, program->depth + found->depth);
  if (found->registers[want] == 0)
    {
      const gint register_
          = fanout_scope_emit (&inner, found->expression->root,
                               found->kind == FANOUT_KIND_FREE ? want : found->kind, error);

      if (register_ < 0)
        return -1;
      found->registers[want] = register_ + 1;
    }
  return found->registers[want] - 1;
}

static gint
emit_list (const FanoutScope *scope, const FanoutTree *tree, GError **error)
{
  FanoutVectorKind kind;
  guint arguments[2];
  gint result = -1;
  gint value;

  if (!fanout_scope_kind (scope, tree->children[0], &kind, error))
    return -1;
  for (guint i = 1; i < tree->n_children; i++)
    {
      FanoutVectorKind one;

      if (!fanout_scope_kind (scope, tree->children[i], &one, error)
          || !fanout_scope_join (scope, tree->children[0], kind, tree->children[i], one, &kind,
                                 error))
        return -1;
    }
  if (kind == FANOUT_KIND_FREE)
    kind = FANOUT_KIND_TEXT;
  if (kind == FANOUT_KIND_CONDITION)
    kind = FANOUT_KIND_NUMBER;
  value = fanout_scope_emit (scope, tree->children[0], kind, error);
  if (value < 0)
    return -1;
  {
    g_autoptr (GString) key = g_string_new (NULL);
    FanoutSet *set = fanout_set_new (kind);

    for (guint i = 1; i < tree->n_children; i++)
      {
        const gint item = fanout_scope_emit (scope, tree->children[i], kind, error);

        if (item < 0)
          {
            fanout_set_free (set);
            return -1;
          }
        g_string_append_printf (key, "%d,", item);
        fanout_set_add (set, &fanout_instruction (scope->program, (guint) item)->constant);
      }
    fanout_set_end (set);
    arguments[0] = (guint) value;
    result = fanout_program_emit (scope->program, &fanout_operation_in, FANOUT_KIND_CONDITION, 1,
                                  arguments, set, fanout_set_free, key->str, scope->expression,
                                  tree, error);
  }
  return result;
}

/* a <= x and x <= b, so that each comparison is shared with others. */
static gint
emit_between (const FanoutScope *scope, const FanoutTree *tree, GError **error)
{
  FanoutVectorKind kind;
  FanoutVectorKind other;
  guint sides[2][2];
  guint both[2];

  if (!fanout_scope_join_compared (scope, tree->children[0], tree->children[1], &kind, error)
      || !fanout_scope_join_compared (scope, tree->children[0], tree->children[2], &other, error))
    return -1;
  if (fanout_tree_is_null (tree->children[1])) /* of the kind of the other bound */
    kind = other;
  else if (fanout_tree_is_null (tree->children[2]))
    other = kind;
  if ((kind == FANOUT_KIND_TEXT) != (other == FANOUT_KIND_TEXT))
    return fanout_scope_fail (scope, tree, error, "a number and a text as bounds of one value");
  for (guint i = 0; i < 3; i++)
    {
      const gint register_ = fanout_scope_emit (scope, tree->children[i], kind, error);

      if (register_ < 0)
        return -1;
      if (i == 0)
        sides[0][1] = sides[1][0] = (guint) register_;
      else
        sides[i - 1][i - 1] = (guint) register_;
    }
  for (guint i = 0; i < 2; i++)
    {
      const gint side = emit_operation (scope, tree,
                                        kind == FANOUT_KIND_TEXT ? &fanout_operation_text_less_equal
                                                                 : &fanout_operation_less_equal,
                                        FANOUT_KIND_CONDITION, 2, sides[i], error);

      if (side < 0)
        return -1;
      both[i] = (guint) side;
    }
  return emit_operation (scope, tree, &fanout_operation_and, FANOUT_KIND_CONDITION, 2, both, error);
}

static gint
emit_is_null (const FanoutScope *scope, const FanoutTree *tree, const FanoutTree *value,
              GError **error)
{
  FanoutVectorKind kind;
  guint argument;
  gint register_;

  if (!fanout_scope_kind (scope, value, &kind, error))
    return -1;
  if (kind == FANOUT_KIND_FREE
      && (value->kind == FANOUT_TREE_POSITION
          || (value->kind == FANOUT_TREE_COLUMN && fanout_scope_find (scope, value->text) < 0)))
    register_ = emit_column (scope, value, FANOUT_KIND_TEXT, TRUE, error);
  else
    register_ = fanout_scope_emit (scope, value, FANOUT_KIND_FREE, error);
  if (register_ < 0)
    return -1;
  argument = (guint) register_;
  return emit_operation (scope, tree, &fanout_operation_is_null, FANOUT_KIND_CONDITION, 1,
                         &argument, error);
}

static gint
emit_compared (const FanoutScope *scope, const FanoutTree *tree, GError **error)
{
  const FanoutOperation *operation;
  FanoutVectorKind kind;

  /* x = null asks whether there is a value, of whatever kind. */
  if (tree->kind == FANOUT_TREE_EQUAL && fanout_tree_is_null (tree->children[1]))
    return emit_is_null (scope, tree, tree->children[0], error);
  if (tree->kind == FANOUT_TREE_EQUAL && fanout_tree_is_null (tree->children[0]))
    return emit_is_null (scope, tree, tree->children[1], error);
  if (!fanout_scope_join_compared (scope, tree->children[0], tree->children[1], &kind, error))
    return -1;
  if (kind == FANOUT_KIND_TEXT)
    operation = tree->kind == FANOUT_TREE_EQUAL  ? &fanout_operation_text_equal
                : tree->kind == FANOUT_TREE_LESS ? &fanout_operation_text_less
                                                 : &fanout_operation_text_less_equal;
  else
    operation = tree->kind == FANOUT_TREE_EQUAL  ? &fanout_operation_equal
                : tree->kind == FANOUT_TREE_LESS ? &fanout_operation_less
                                                 : &fanout_operation_less_equal;
  return emit_children (scope, tree, operation, FANOUT_KIND_CONDITION, kind, error);
}

static gint
emit_match (const FanoutScope *scope, const FanoutTree *tree, GError **error)
{
  g_autofree char *problem = NULL;
  FanoutPattern *pattern;
  guint argument;
  gint value = fanout_scope_emit (scope, tree->children[0], FANOUT_KIND_TEXT, error);

  if (value < 0)
    return -1;
  pattern = fanout_pattern_new (tree->text, tree->length, &problem);
  if (pattern == NULL)
    return fanout_scope_fail (scope, tree, error, "%s", problem);
  argument = (guint) value;
  return fanout_program_emit (scope->program, &fanout_operation_matches, FANOUT_KIND_CONDITION, 1,
                              &argument, pattern, fanout_pattern_free, tree->text,
                              scope->expression, tree, error);
}

/* As what an argument is computed. */
static FanoutVectorKind
argument_kind (char letter, FanoutVectorKind alike)
{
  switch (letter)
    {
    case FANOUT_ARGUMENT_NUMBER:
      return FANOUT_KIND_NUMBER;
    case FANOUT_ARGUMENT_CONDITION:
      return FANOUT_KIND_CONDITION;
    case FANOUT_ARGUMENT_TEXT:
      return FANOUT_KIND_TEXT;
    case FANOUT_ARGUMENT_ALIKE:
      return alike;
    case FANOUT_ARGUMENT_WRITTEN:
    case FANOUT_ARGUMENT_READ:
    case FANOUT_ARGUMENT_TAKEN:
    default:
      return FANOUT_KIND_FREE;
    }
}

/* Any value as text. */
static gint
emit_written (const FanoutScope *scope, const FanoutTree *tree, guint register_, GError **error)
{
  const FanoutVectorKind kind = fanout_program_register_kind (scope->program, register_);

  if (fanout_kind_is_number (kind))
    return emit_operation (scope, tree,
                           kind == FANOUT_KIND_TIME ? &fanout_operation_time_text
                                                    : &fanout_operation_number_text,
                           FANOUT_KIND_TEXT, 1, &register_, error);
  return convert (scope, tree, register_, kind, FANOUT_KIND_TEXT, error);
}

static gint
emit_total (const FanoutScope *scope, const FanoutTree *call, GError **error)
{
  const FanoutNames *names = &scope->program->names;
  g_autofree char *text = fanout_scope_text (scope, call);
  gint argument;

  if (names->total == NULL)
    return fanout_scope_fail (
        scope, call, error,
        "the groups of a table have a total: this has its place in [result] and having");
  argument = fanout_scope_emit (scope, call->children[0], FANOUT_KIND_NUMBER, error);
  if (argument < 0)
    return -1;
  return read_column (scope, call, names->total (names->data, (guint) argument, text),
                      FANOUT_KIND_NUMBER, error);
}

static gint
emit_call (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind want, GError **error)
{
  const FanoutFunction *function = fanout_scope_function (scope, tree, error);
  g_autofree guint *arguments = g_new (guint, tree->n_children + 1);
  g_autofree FanoutVectorKind *kinds = g_new0 (FanoutVectorKind, tree->n_children + 1);
  FanoutVectorKind alike = FANOUT_KIND_FREE;
  FanoutCall call = { 0 };
  g_autofree char *key = NULL;
  guint n = 0;

  if (function == NULL || !fanout_scope_alike (scope, function, tree, &alike, error))
    return -1;
  if (fanout_function_letter (function, 0) == FANOUT_ARGUMENT_SUMMED)
    return emit_total (scope, tree, error);
  if (scope->program->names.total != NULL && fanout_function_is_of_input (function))
    return fanout_scope_fail (
        scope, tree, error, "%s is about rows of the input: it has no place in [result] and having",
        function->usage);
  if (alike == FANOUT_KIND_FREE)
    alike = want == FANOUT_KIND_FREE || want == FANOUT_KIND_CONDITION ? FANOUT_KIND_TEXT : want;
  for (guint i = 0; i < tree->n_children; i++)
    {
      const FanoutTree *child = tree->children[i];
      const char letter = fanout_function_letter (function, i);
      gint argument;

      if (letter == FANOUT_ARGUMENT_LITERAL)
        {
          if (child->kind != FANOUT_TREE_TEXT && !child->quoted)
            return fanout_scope_fail (scope, child, error,
                                      "a text in single quotes is wanted here, as in %s",
                                      function->usage);
          kinds[i] = FANOUT_KIND_TEXT;
          continue;
        }
      if (letter == FANOUT_ARGUMENT_GROUP)
        continue;
      if (letter == FANOUT_ARGUMENT_WIDTH)
        {
          if (child->kind != FANOUT_TREE_NUMBER && child->kind != FANOUT_TREE_CALENDAR)
            return fanout_scope_fail (
                scope, child, error,
                "a number or a span such as 5m, 1h, 1d or 1mo is wanted here, as in %s",
                function->usage);
          kinds[i] = FANOUT_KIND_NUMBER;
          continue;
        }
      argument = fanout_scope_emit (scope, child, argument_kind (letter, alike), error);
      if (argument >= 0 && letter == FANOUT_ARGUMENT_WRITTEN)
        argument = emit_written (scope, child, (guint) argument, error);
      if (argument >= 0 && letter == FANOUT_ARGUMENT_TAKEN
          && fanout_program_register_kind (scope->program, (guint) argument)
                 == FANOUT_KIND_CONDITION)
        argument = convert (scope, child, (guint) argument, FANOUT_KIND_CONDITION, FANOUT_KIND_TEXT,
                            error);
      if (argument < 0)
        return -1;
      kinds[i] = fanout_program_register_kind (scope->program, (guint) argument);
      if (letter == FANOUT_ARGUMENT_NUMBER && i == 0)
        fanout_scope_kind (scope, child, &kinds[i], NULL);
      arguments[n++] = (guint) argument;
    }
  call.operation = function->operation;
  call.kind = function->kind;
  if (call.kind == FANOUT_KIND_FREE)
    call.kind = strchr (function->arguments, FANOUT_ARGUMENT_ALIKE) != NULL ? alike
                : kinds[0] == FANOUT_KIND_TIME                              ? FANOUT_KIND_TIME
                                                                            : FANOUT_KIND_NUMBER;
  if (function->prepare != NULL)
    {
      g_autoptr (GError) problem = NULL;
      guint wrong = 0;

      if (!function->prepare (tree, kinds, &call, &wrong, &problem))
        return fanout_scope_fail (scope, wrong < tree->n_children ? tree->children[wrong] : tree,
                                  error, "%s", problem->message);
    }
  /* The operand is the result already, as in text('a'). */
  if (call.operation == NULL)
    return (gint) arguments[0];
  key = call.key;
  return fanout_program_emit (scope->program, call.operation, call.kind, n, arguments, call.payload,
                              call.free_payload, key != NULL ? key : "", scope->expression, tree,
                              error);
}

/* A tree as the kind that it has by itself; `want` where it is FREE. */
static gint
emit_natural (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind kind,
              FanoutVectorKind want, GError **error)
{
  FanoutProgram *program = scope->program;
  FanoutWide room;
  gint found;

  switch (tree->kind)
    {
    case FANOUT_TREE_NUMBER:
      return (gint) fanout_program_constant_number (program, FANOUT_KIND_NUMBER, tree->number);
    case FANOUT_TREE_CALENDAR:
      return (gint) fanout_program_constant_number (
          program, FANOUT_KIND_NUMBER,
          fanout_number_multiply (
              tree->number, fanout_number_decimal (tree->unit == 'd' ? 86400 : 604800, 0), &room));
    case FANOUT_TREE_TEXT:
      return (gint) fanout_program_constant_text (program, tree->text, tree->length);
    case FANOUT_TREE_TRUE:
    case FANOUT_TREE_FALSE:
      return (gint) fanout_program_constant_truth (program, tree->kind == FANOUT_TREE_TRUE);
    case FANOUT_TREE_NULL:
      return (gint) fanout_program_constant_null (
          program, want == FANOUT_KIND_FREE ? FANOUT_KIND_TEXT : want);
    case FANOUT_TREE_COLUMN:
      found = fanout_scope_find (scope, tree->text);
      if (found >= 0)
        return emit_definition (scope, (guint) found, want, error);
      G_GNUC_FALLTHROUGH;
    case FANOUT_TREE_POSITION:
      return emit_column (scope, tree, want, FALSE, error);
    case FANOUT_TREE_NEGATE:
      return emit_children (scope, tree, &fanout_operation_negate, kind, FANOUT_KIND_NUMBER, error);
    case FANOUT_TREE_ADD:
      return emit_children (scope, tree, &fanout_operation_add, kind, FANOUT_KIND_NUMBER, error);
    case FANOUT_TREE_SUBTRACT:
      return emit_children (scope, tree, &fanout_operation_subtract, kind, FANOUT_KIND_NUMBER,
                            error);
    case FANOUT_TREE_MULTIPLY:
      return emit_children (scope, tree, &fanout_operation_multiply, kind, FANOUT_KIND_NUMBER,
                            error);
    case FANOUT_TREE_DIVIDE:
      return emit_children (scope, tree, &fanout_operation_divide, kind, FANOUT_KIND_NUMBER, error);
    case FANOUT_TREE_FLOOR_DIVIDE:
      return emit_children (scope, tree, &fanout_operation_floor_divide, kind, FANOUT_KIND_NUMBER,
                            error);
    case FANOUT_TREE_MODULO:
      return emit_children (scope, tree, &fanout_operation_modulo, kind, FANOUT_KIND_NUMBER, error);
    case FANOUT_TREE_EQUAL:
    case FANOUT_TREE_LESS:
    case FANOUT_TREE_LESS_EQUAL:
      return emit_compared (scope, tree, error);
    case FANOUT_TREE_IN:
      return emit_list (scope, tree, error);
    case FANOUT_TREE_BETWEEN:
      return emit_between (scope, tree, error);
    case FANOUT_TREE_MATCH:
      return emit_match (scope, tree, error);
    case FANOUT_TREE_IS_NULL:
      return emit_is_null (scope, tree, tree->children[0], error);
    case FANOUT_TREE_NOT:
      return emit_children (scope, tree, &fanout_operation_not, kind, FANOUT_KIND_CONDITION, error);
    case FANOUT_TREE_AND:
      return emit_children (scope, tree, &fanout_operation_and, kind, FANOUT_KIND_CONDITION, error);
    case FANOUT_TREE_OR:
      return emit_children (scope, tree, &fanout_operation_or, kind, FANOUT_KIND_CONDITION, error);
    case FANOUT_TREE_CALL:
    default:
      return emit_call (scope, tree, want, error);
    }
}

static gint
emit_converted (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind want,
                GError **error)
{
  FanoutVectorKind kind;
  gint register_;

  if (!fanout_scope_kind (scope, tree, &kind, error))
    return -1;
  if (kind == FANOUT_KIND_FREE && want == FANOUT_KIND_CONDITION)
    {
      g_autofree char *text = fanout_scope_text (scope, tree);

      return fanout_scope_fail (scope, tree, error,
                                "a condition is wanted: say %s = 'true', %s != 0 or %s is not null",
                                text, text, text);
    }
  register_ = emit_natural (scope, tree, kind, want, error);
  if (register_ < 0)
    return -1;
  if (kind == FANOUT_KIND_FREE)
    return register_;
  return convert (scope, tree, (guint) register_, kind, want, error);
}

gint
fanout_scope_emit (const FanoutScope *scope, const FanoutTree *tree, FanoutVectorKind want,
                   GError **error)
{
  FanoutProgram *program = scope->program;
  gint register_;

  program->depth++;
  program->deepest = MAX (program->deepest, program->depth);
  register_ = emit_converted (scope, tree, want, error);
  program->depth--;
  return register_;
}

gboolean
fanout_program_kind (FanoutProgram *program, const FanoutExpression *expression,
                     FanoutVectorKind *kind, GError **error)
{
  const FanoutScope scope = { program, expression, program->definitions->len };

  return fanout_scope_kind (&scope, expression->root, kind, error);
}

gint
fanout_program_add (FanoutProgram *program, const FanoutExpression *expression,
                    FanoutVectorKind kind, GError **error)
{
  const FanoutScope scope = { program, expression, program->definitions->len };
  FanoutVectorKind natural;
  gint register_;
  guint text;

  if (kind != FANOUT_KIND_NUMBER || !fanout_scope_kind (&scope, expression->root, &natural, NULL)
      || natural != FANOUT_KIND_TEXT)
    return fanout_scope_emit (&scope, expression->root, kind, error);
  register_ = fanout_scope_emit (&scope, expression->root, FANOUT_KIND_TEXT, error);
  if (register_ < 0)
    return -1;
  text = (guint) register_;
  return emit_operation (&scope, expression->root, &fanout_operation_read_number,
                         FANOUT_KIND_NUMBER, 1, &text, error);
}
