#include "core/expression/lexer.h"

#include "core/base/error.h"
#include "core/exact/arithmetic.h"

#include <string.h>

/* Recursive descent, one function a rule of the grammar. A rule that fails has set the error. */
typedef struct
{
  const char *text;
  FanoutToken token; /* the one that comes */
  guint last_end;    /* of the one before */
  guint depth;
  guint n_tokens;
  GError *error;
} Parser;

/* Trees are walked by recursion, and a long sum is a deep tree. */
#define TOKENS_MAX 10000

static FanoutTree *parse_or (Parser *parser);
static FanoutTree *parse_sum (Parser *parser);

/* What was found in place of `wanted`. */
static void
fail (Parser *parser, const char *wanted)
{
  const FanoutToken *token = &parser->token;
  g_autofree char *found = fanout_quote (parser->text + token->start, token->end - token->start);

  if (parser->error != NULL)
    return;
  fanout_expression_fail (&parser->error, parser->text, token->start, token->end,
                          "%s where %s is wanted",
                          token->kind == FANOUT_TOKEN_END ? "the expression ends" : found, wanted);
}

static gboolean
advance (Parser *parser)
{
  FanoutToken next;

  parser->last_end = parser->token.end;
  if (++parser->n_tokens > TOKENS_MAX)
    {
      fanout_expression_fail (&parser->error, parser->text, parser->token.start, parser->token.end,
                              "an expression of more than %d words", TOKENS_MAX);
      return FALSE;
    }
  if (!fanout_token_read (parser->text, parser->token.end, &next, &parser->error))
    return FALSE;
  fanout_token_clear (&parser->token);
  parser->token = next;
  return TRUE;
}

static gboolean
is_sign (const Parser *parser, const char *sign)
{
  return parser->token.kind == FANOUT_TOKEN_SIGN && strcmp (parser->token.text, sign) == 0;
}

static gboolean
is_word (const Parser *parser, const char *word)
{
  return parser->token.kind == FANOUT_TOKEN_WORD
         && g_ascii_strcasecmp (parser->token.text, word) == 0;
}

static gboolean
is_keyword (const char *text)
{
  static const char *const keywords[]
      = { "and", "or", "not", "in", "is", "between", "null", "true", "false" };

  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    if (g_ascii_strcasecmp (text, keywords[i]) == 0)
      return TRUE;
  return FALSE;
}

/* TRUE and go on when the sign comes; FALSE with the error when not. */
static gboolean
expect_sign (Parser *parser, const char *sign, const char *wanted)
{
  if (!is_sign (parser, sign))
    {
      fail (parser, wanted);
      return FALSE;
    }
  return advance (parser);
}

static gboolean
go_deeper (Parser *parser)
{
  if (++parser->depth <= FANOUT_EXPRESSION_DEPTH_MAX)
    return TRUE;
  fanout_expression_fail (&parser->error, parser->text, parser->token.start, parser->token.end,
                          "nested more than %d deep", FANOUT_EXPRESSION_DEPTH_MAX);
  return FALSE;
}

static FanoutTree *
parse_call (Parser *parser, FanoutTree *call)
{
  g_autoptr (FanoutTree) tree = call;

  if (!advance (parser))
    return NULL;
  if (!is_sign (parser, ")"))
    while (TRUE)
      {
        FanoutTree *argument = parse_or (parser);

        if (argument == NULL)
          return NULL;
        fanout_tree_add (tree, argument);
        if (!is_sign (parser, ","))
          break;
        if (!advance (parser))
          return NULL;
      }
  if (!expect_sign (parser, ")", "a comma or a closing parenthesis"))
    return NULL;
  tree->end = parser->last_end;
  return g_steal_pointer (&tree);
}

static FanoutTree *
parse_word (Parser *parser)
{
  const FanoutToken *token = &parser->token;
  FanoutTree *tree;

  if (is_word (parser, "true") || is_word (parser, "false") || is_word (parser, "null"))
    {
      const char first = g_ascii_tolower (token->text[0]);

      tree = fanout_tree_new (first == 't'   ? FANOUT_TREE_TRUE
                              : first == 'f' ? FANOUT_TREE_FALSE
                                             : FANOUT_TREE_NULL,
                              token->start, token->end);
    }
  else if (is_keyword (token->text))
    {
      fail (parser, "a value (a column of that name is written in double quotes)");
      return NULL;
    }
  else
    {
      tree = fanout_tree_new (FANOUT_TREE_COLUMN, token->start, token->end);
      tree->text = g_strdup (token->text);
      tree->length = token->length;
    }
  if (!advance (parser))
    {
      fanout_tree_free (tree);
      return NULL;
    }
  if (tree->kind == FANOUT_TREE_COLUMN && is_sign (parser, "("))
    {
      tree->kind = FANOUT_TREE_CALL;
      return parse_call (parser, tree);
    }
  return tree;
}

static FanoutTree *
parse_primary_inside (Parser *parser)
{
  const FanoutToken *token = &parser->token;
  g_autoptr (FanoutTree) tree = NULL;

  switch (token->kind)
    {
    case FANOUT_TOKEN_WORD:
      return parse_word (parser);
    case FANOUT_TOKEN_NUMBER:
    case FANOUT_TOKEN_CALENDAR:
    case FANOUT_TOKEN_POSITION:
      tree = fanout_tree_new (token->kind == FANOUT_TOKEN_NUMBER     ? FANOUT_TREE_NUMBER
                              : token->kind == FANOUT_TOKEN_CALENDAR ? FANOUT_TREE_CALENDAR
                                                                     : FANOUT_TREE_POSITION,
                              token->start, token->end);
      tree->number = token->number;
      if (fanout_number_is_wide (token->number))
        {
          tree->wide = token->wide;
          tree->number = fanout_number_wide (&tree->wide);
        }
      tree->unit = token->unit;
      break;
    case FANOUT_TOKEN_TEXT:
    case FANOUT_TOKEN_QUOTED:
      tree = fanout_tree_new (token->kind == FANOUT_TOKEN_TEXT ? FANOUT_TREE_TEXT
                                                               : FANOUT_TREE_COLUMN,
                              token->start, token->end);
      tree->quoted = token->kind == FANOUT_TOKEN_QUOTED;
      tree->text = g_strdup (token->text);
      tree->length = token->length;
      break;
    case FANOUT_TOKEN_SIGN:
      if (is_sign (parser, "("))
        {
          const guint start = token->start;

          if (!advance (parser))
            return NULL;
          tree = parse_or (parser);
          if (tree == NULL || !expect_sign (parser, ")", "an operator or a closing parenthesis"))
            return NULL;
          tree->start = start;
          tree->end = parser->last_end;
          return g_steal_pointer (&tree);
        }
      G_GNUC_FALLTHROUGH;
    case FANOUT_TOKEN_END:
    default:
      fail (parser, "a number, a 'text', a column, a function or a parenthesis");
      return NULL;
    }
  if (!advance (parser))
    return NULL;
  return g_steal_pointer (&tree);
}

static FanoutTree *
parse_primary (Parser *parser)
{
  FanoutTree *tree;

  if (!go_deeper (parser))
    return NULL;
  tree = parse_primary_inside (parser);
  parser->depth--;
  return tree;
}

static FanoutTree *
parse_unary (Parser *parser)
{
  FanoutTree *operand;
  guint start;

  if (!is_sign (parser, "-"))
    return parse_primary (parser);
  start = parser->token.start;
  if (!advance (parser))
    return NULL;
  operand = parse_primary (parser);
  if (operand == NULL)
    return NULL;
  if (operand->kind == FANOUT_TREE_NUMBER)
    {
      operand->number = fanout_number_negate (operand->number, &operand->wide);
      operand->start = start;
      return operand;
    }
  operand = fanout_tree_new_parent (FANOUT_TREE_NEGATE, operand, NULL);
  operand->start = start;
  return operand;
}

/* One level of left-associative operators. */
typedef struct
{
  const char *sign;
  FanoutTreeKind kind;
} Operator;

static FanoutTree *
parse_level (Parser *parser, const Operator *operators, FanoutTree *(*below) (Parser *parser))
{
  g_autoptr (FanoutTree) left = below (parser);

  while (left != NULL)
    {
      const Operator *found = operators;
      FanoutTree *right;

      while (found->sign != NULL && !is_sign (parser, found->sign))
        found++;
      if (found->sign == NULL)
        break;
      if (!advance (parser))
        return NULL;
      right = below (parser);
      if (right == NULL)
        return NULL;
      left = fanout_tree_new_parent (found->kind, left, right);
    }
  return g_steal_pointer (&left);
}

static FanoutTree *
parse_term (Parser *parser)
{
  static const Operator operators[] = { { "*", FANOUT_TREE_MULTIPLY },
                                        { "/", FANOUT_TREE_DIVIDE },
                                        { "//", FANOUT_TREE_FLOOR_DIVIDE },
                                        { "%", FANOUT_TREE_MODULO },
                                        { NULL, 0 } };

  return parse_level (parser, operators, parse_unary);
}

static FanoutTree *
parse_sum (Parser *parser)
{
  static const Operator operators[]
      = { { "+", FANOUT_TREE_ADD }, { "-", FANOUT_TREE_SUBTRACT }, { NULL, 0 } };

  return parse_level (parser, operators, parse_term);
}

static FanoutTree *
negate (FanoutTree *tree, gboolean yes)
{
  return yes && tree != NULL ? fanout_tree_new_parent (FANOUT_TREE_NOT, tree, NULL) : tree;
}

/* A comparison with its right side; `left` is taken. */
static FanoutTree *
parse_comparison (Parser *parser, FanoutTree *left)
{
  static const struct
  {
    const char *sign;
    FanoutTreeKind kind;
    gboolean swapped;
    gboolean opposite;
  } comparisons[] = {
    { "=", FANOUT_TREE_EQUAL, FALSE, FALSE }, { "==", FANOUT_TREE_EQUAL, FALSE, FALSE },
    { "!=", FANOUT_TREE_EQUAL, FALSE, TRUE }, { "<>", FANOUT_TREE_EQUAL, FALSE, TRUE },
    { "<", FANOUT_TREE_LESS, FALSE, FALSE },  { "<=", FANOUT_TREE_LESS_EQUAL, FALSE, FALSE },
    { ">", FANOUT_TREE_LESS, TRUE, FALSE },   { ">=", FANOUT_TREE_LESS_EQUAL, TRUE, FALSE },
  };
  g_autoptr (FanoutTree) first = left;
  FanoutTree *second;
  guint i = 0;

  while (i < G_N_ELEMENTS (comparisons) && !is_sign (parser, comparisons[i].sign))
    i++;
  if (i == G_N_ELEMENTS (comparisons))
    return g_steal_pointer (&first);
  if (!advance (parser))
    return NULL;
  second = parse_sum (parser);
  if (second == NULL)
    return NULL;
  left = comparisons[i].swapped
             ? fanout_tree_new_parent (comparisons[i].kind, second, g_steal_pointer (&first))
             : fanout_tree_new_parent (comparisons[i].kind, g_steal_pointer (&first), second);
  for (guint j = 0; j < G_N_ELEMENTS (comparisons); j++)
    if (is_sign (parser, comparisons[j].sign))
      {
        fanout_expression_fail (&parser->error, parser->text, parser->token.start,
                                parser->token.end,
                                "comparisons do not chain: say a < b and b < c, or between");
        fanout_tree_free (left);
        return NULL;
      }
  return negate (left, comparisons[i].opposite);
}

static gboolean
is_literal (const FanoutTree *tree)
{
  return tree->kind <= FANOUT_TREE_NULL;
}

/* Behind `in`; `left` is taken. */
static FanoutTree *
parse_list (Parser *parser, FanoutTree *left)
{
  g_autoptr (FanoutTree) tree = fanout_tree_new_parent (FANOUT_TREE_IN, left, NULL);

  if (!expect_sign (parser, "(", "a list in parentheses"))
    return NULL;
  while (TRUE)
    {
      FanoutTree *item = parse_unary (parser);

      if (item == NULL)
        return NULL;
      fanout_tree_add (tree, item);
      if (!is_literal (item))
        {
          fanout_expression_fail (&parser->error, parser->text, item->start, item->end,
                                  "a list is of numbers and 'texts' alone: say x = a or x = b");
          return NULL;
        }
      if (!is_sign (parser, ","))
        break;
      if (!advance (parser))
        return NULL;
    }
  if (!expect_sign (parser, ")", "a comma or a closing parenthesis"))
    return NULL;
  tree->end = parser->last_end;
  return g_steal_pointer (&tree);
}

/* Behind `between`; `left` is taken. */
static FanoutTree *
parse_between (Parser *parser, FanoutTree *left)
{
  g_autoptr (FanoutTree) tree = fanout_tree_new_parent (FANOUT_TREE_BETWEEN, left, NULL);

  for (guint i = 0; i < 2; i++)
    {
      FanoutTree *bound;

      if (i == 1)
        {
          if (!is_word (parser, "and"))
            {
              fail (parser, "and (x between a and b)");
              return NULL;
            }
          if (!advance (parser))
            return NULL;
        }
      bound = parse_sum (parser);
      if (bound == NULL)
        return NULL;
      fanout_tree_add (tree, bound);
    }
  return g_steal_pointer (&tree);
}

/* Behind `~`; `left` is taken. */
static FanoutTree *
parse_match (Parser *parser, FanoutTree *left)
{
  g_autoptr (FanoutTree) tree = fanout_tree_new_parent (FANOUT_TREE_MATCH, left, NULL);

  /* What stands here is a text, whatever its quotes. */
  if (parser->token.kind != FANOUT_TOKEN_TEXT && parser->token.kind != FANOUT_TOKEN_QUOTED)
    {
      fail (parser, "a regular expression in single quotes");
      return NULL;
    }
  tree->text = g_strdup (parser->token.text);
  tree->length = parser->token.length;
  tree->end = parser->token.end;
  if (!advance (parser))
    return NULL;
  return g_steal_pointer (&tree);
}

static FanoutTree *
parse_test_of (Parser *parser, FanoutTree *left)
{
  gboolean opposite = FALSE;

  if (is_word (parser, "is"))
    {
      if (!advance (parser))
        goto failed;
      if (is_word (parser, "not"))
        {
          opposite = TRUE;
          if (!advance (parser))
            goto failed;
        }
      if (!is_word (parser, "null"))
        {
          fail (parser, "null (x is null, x is not null)");
          goto failed;
        }
      left = fanout_tree_new_parent (FANOUT_TREE_IS_NULL, left, NULL);
      left->end = parser->token.end;
      if (!advance (parser))
        goto failed;
      return negate (left, opposite);
    }
  if (is_sign (parser, "~") || is_sign (parser, "!~"))
    {
      opposite = is_sign (parser, "!~");
      if (!advance (parser))
        goto failed;
      return negate (parse_match (parser, left), opposite);
    }
  if (is_word (parser, "not"))
    {
      opposite = TRUE;
      if (!advance (parser))
        goto failed;
      if (!is_word (parser, "in") && !is_word (parser, "between"))
        {
          fail (parser, "in or between");
          goto failed;
        }
    }
  if (is_word (parser, "in") || is_word (parser, "between"))
    {
      const gboolean list = is_word (parser, "in");

      if (!advance (parser))
        goto failed;
      return negate ((list ? parse_list : parse_between) (parser, left), opposite);
    }
  return parse_comparison (parser, left);

failed:
  fanout_tree_free (left);
  return NULL;
}

static FanoutTree *
parse_test (Parser *parser)
{
  FanoutTree *left = parse_sum (parser);

  return left != NULL ? parse_test_of (parser, left) : NULL;
}

static FanoutTree *
parse_not (Parser *parser)
{
  FanoutTree *tree;
  guint start;

  if (!is_word (parser, "not"))
    return parse_test (parser);
  start = parser->token.start;
  if (!go_deeper (parser) || !advance (parser))
    return NULL;
  tree = parse_not (parser);
  parser->depth--;
  if (tree == NULL)
    return NULL;
  tree = fanout_tree_new_parent (FANOUT_TREE_NOT, tree, NULL);
  tree->start = start;
  return tree;
}

static FanoutTree *
parse_joined (Parser *parser, const char *word, FanoutTreeKind kind,
              FanoutTree *(*below) (Parser *parser))
{
  g_autoptr (FanoutTree) left = below (parser);

  while (left != NULL && is_word (parser, word))
    {
      FanoutTree *right;

      if (!advance (parser))
        return NULL;
      right = below (parser);
      if (right == NULL)
        return NULL;
      left = fanout_tree_new_parent (kind, left, right);
    }
  return g_steal_pointer (&left);
}

static FanoutTree *
parse_and (Parser *parser)
{
  return parse_joined (parser, "and", FANOUT_TREE_AND, parse_not);
}

static FanoutTree *
parse_or (Parser *parser)
{
  return parse_joined (parser, "or", FANOUT_TREE_OR, parse_and);
}

FanoutExpression *
fanout_expression_parse (const char *text, GError **error)
{
  Parser parser = { .text = text };
  FanoutTree *root = NULL;
  FanoutExpression *expression;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "an expression that is not UTF-8");
      return NULL;
    }
  if (advance (&parser))
    root = parse_or (&parser);
  if (root != NULL && parser.token.kind != FANOUT_TOKEN_END)
    {
      fail (&parser, "an operator or the end");
      g_clear_pointer (&root, fanout_tree_free);
    }
  fanout_token_clear (&parser.token);
  if (root == NULL)
    {
      g_propagate_error (error, parser.error);
      return NULL;
    }
  expression = g_new0 (FanoutExpression, 1);
  expression->text = g_strdup (text);
  expression->root = root;
  return expression;
}
