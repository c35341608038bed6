#include "core/fanoutd/expression.h"
#include "core/base/error.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *at;
  const char *problem; /* NULL: none yet */
  gsize offset;
} Parser;

static void
option_free (gpointer data)
{
  ExpressionOption *option = data;

  g_free (option->key);
  g_ptr_array_unref (option->items);
  g_free (option);
}

void
expression_free (Expression *expression)
{
  g_free (expression->name);
  g_free (expression->operator_);
  g_ptr_array_unref (expression->options);
  g_free (expression);
}

/* Only the first problem is told. Always NULL. */
static char *
fail (Parser *parser, const char *at, const char *problem)
{
  if (parser->problem == NULL)
    {
      parser->problem = problem;
      parser->offset = (gsize) (at - parser->text);
    }
  return NULL;
}

static void
skip_blanks (Parser *parser)
{
  parser->at += strspn (parser->at, " \t");
}

/* If the next character is `c`, go past it. */
static gboolean
take (Parser *parser, char c)
{
  if (*parser->at != c)
    return FALSE;
  parser->at++;
  skip_blanks (parser);
  return TRUE;
}

static char *
read_quoted (Parser *parser)
{
  const char *start = parser->at++;
  g_autoptr (GString) word = g_string_new (NULL);

  for (; *parser->at != '\0'; parser->at++)
    if (parser->at[0] == '"' && parser->at[1] == '"')
      g_string_append_c (word, *parser->at++);
    else if (parser->at[0] == '"')
      {
        parser->at++;
        skip_blanks (parser);
        if (strchr ("=(),", *parser->at) == NULL)
          return fail (parser, parser->at, "text behind the closing quote");
        return g_strdup (word->str);
      }
    else
      g_string_append_c (word, *parser->at);
  return fail (parser, start, "this quote is not closed");
}

/* A word up to one of `stops` or the end; NULL when there is a problem: `missing` if it is empty.
 */
static char *
read_word (Parser *parser, const char *stops, const char *missing)
{
  const char *start = parser->at;
  gsize length;

  if (*start == '"')
    return read_quoted (parser);
  length = strcspn (start, stops);
  parser->at += length;
  while (length > 0 && strchr (" \t", start[length - 1]) != NULL)
    length--;
  if (length == 0)
    return fail (parser, start, missing);
  return g_strndup (start, length);
}

static ExpressionOption *
find_option (const Expression *expression, const char *key)
{
  for (guint i = 0; i < expression->options->len; i++)
    {
      ExpressionOption *option = expression->options->pdata[i];

      if (strcmp (option->key, key) == 0)
        return option;
    }
  return NULL;
}

static ExpressionOption *
add_option (Expression *expression, char *key)
{
  ExpressionOption *option = g_new0 (ExpressionOption, 1);

  option->key = key;
  option->items = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (expression->options, option);
  return option;
}

static void
read_item (Parser *parser, Expression *expression)
{
  const char *start = parser->at;
  g_autofree char *word = read_word (parser, "=(),\"", "a column or option is missing here");
  const guint n = expression->options->len;
  ExpressionOption *option = n > 0 ? expression->options->pdata[n - 1] : NULL;

  if (word != NULL && take (parser, '='))
    {
      if (find_option (expression, word) != NULL)
        fail (parser, start, "this option is given twice");
      option = add_option (expression, g_steal_pointer (&word));
      word = read_word (parser, "(),\"", "a value is missing here");
    }
  else if (option == NULL)
    option = add_option (expression, g_strdup ("column"));
  if (word != NULL)
    g_ptr_array_add (option->items, g_steal_pointer (&word));
}

static void
read_items (Parser *parser, Expression *expression)
{
  if (take (parser, ')'))
    return;
  for (;;)
    {
      read_item (parser, expression);
      if (parser->problem != NULL || take (parser, ')'))
        return;
      if (*parser->at == '\0')
        fail (parser, parser->at, "a ')' is missing here");
      else if (!take (parser, ','))
        fail (parser, parser->at, "put what contains this in double quotes");
    }
}

/* OPERATOR_COLUMN_COLUMN... */
static char *
made_name (const Expression *expression)
{
  const ExpressionOption *option = find_option (expression, "column");
  g_autoptr (GString) name = g_string_new (expression->operator_);

  for (guint i = 0; option != NULL && i < option->items->len; i++)
    g_string_append_printf (name, "_%s", (const char *) option->items->pdata[i]);
  return g_strstrip (g_strdup (name->str));
}

/* Of an operator or an aggregate, which is not empty in quotes either. */
static char *
read_name (Parser *parser)
{
  static const char missing[] = "an operator is missing here";
  const char *start = parser->at;
  g_autofree char *word = read_word (parser, "=(),\"", missing);

  if (word != NULL && g_strstrip (word)[0] == '\0')
    return fail (parser, start, missing);
  return g_steal_pointer (&word);
}

static void
parse (Parser *parser, Expression *expression)
{
  g_autofree char *word = read_name (parser);

  if (word != NULL && take (parser, '='))
    {
      expression->name = g_steal_pointer (&word);
      expression->named = TRUE;
      word = read_name (parser);
    }
  expression->operator_ = g_steal_pointer (&word);
  if (parser->problem != NULL)
    return;
  if (take (parser, '('))
    read_items (parser, expression);
  if (*parser->at != '\0')
    fail (parser, parser->at, "the expression should end before this");
  if (parser->problem == NULL && expression->name == NULL)
    expression->name = made_name (expression);
}

/* The text goes into one line of an INI file. */
static gboolean
is_line (Parser *parser)
{
  const char *bad;

  if (!g_utf8_validate (parser->text, -1, &bad))
    fail (parser, bad, "this is not UTF-8");
  for (const char *p = parser->text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) && *p != '\t')
      fail (parser, p, "a control character");
  return parser->problem == NULL;
}

Expression *
expression_parse (const char *text, const char **problem, gsize *offset)
{
  g_autoptr (Expression) expression = g_new0 (Expression, 1);
  Parser parser = { .text = text, .at = text };

  expression->text = text;
  expression->options = g_ptr_array_new_with_free_func (option_free);
  skip_blanks (&parser);
  if (is_line (&parser))
    parse (&parser, expression);
  if (parser.problem == NULL)
    return g_steal_pointer (&expression);
  *problem = parser.problem;
  *offset = parser.offset;
  return NULL;
}

static gsize
width_of (const char *text)
{
  gsize width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += g_unichar_iszerowidth (g_utf8_get_char (text)) ? 0
             : g_unichar_iswide (g_utf8_get_char (text))    ? 2
                                                            : 1;
  return width;
}

char *
expression_point (const char *text, gsize offset)
{
  g_autofree char *before = fanout_escape (text, (gssize) offset);
  g_autofree char *all = fanout_escape (text, -1);

  return g_strdup_printf ("  %s\n  %*s^", all, (int) width_of (before), "");
}
