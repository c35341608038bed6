#include "core/fanoutd/call.h"
#include "core/base/error.h"
#include "core/config/list.h"
#include "core/fanoutd/looks.h"
#include "core/fanoutd/text.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *at;
  const char *problem; /* NULL: none yet */
  gsize offset;
} Parser;

static void
clear_item (CallItem *item)
{
  g_free (item->text);
  g_free (item->name);
}

static void
free_item (gpointer item)
{
  clear_item (item);
  g_free (item);
}

static void
option_free (gpointer data)
{
  CallOption *option = data;

  g_free (option->key);
  g_ptr_array_unref (option->items);
  g_free (option);
}

void
call_free (Call *call)
{
  g_free (call->name);
  g_free (call->operator_);
  g_ptr_array_unref (call->options);
  g_free (call);
}

void
call_definition_free (CallDefinition *definition)
{
  g_free (definition->name);
  clear_item (&definition->item);
  g_free (definition);
}

const char *
call_item_value (const CallItem *item)
{
  return item->name != NULL ? item->name : item->text;
}

/* Only the first problem is told. Always NULL. */
static gpointer
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

/* The word in quotes that comes; NULL without a problem: other text stands behind it, so that it
 * is none. */
static char *
read_quoted (Parser *parser)
{
  const char *p = parser->at;
  g_autofree char *word = fanout_value_unquote (&p);

  if (word == NULL)
    return fail (parser, parser->at, "this quote is not closed");
  p += strspn (p, " \t");
  if (strchr ("=(),", *p) == NULL)
    return NULL;
  parser->at = p;
  return g_steal_pointer (&word);
}

/* Of an operator or an aggregate, which is not empty in quotes either. */
static char *
read_name (Parser *parser)
{
  static const char missing[] = "an operator is missing here";
  const char *start = parser->at;
  g_autofree char *word = NULL;

  if (*start == '"')
    {
      word = read_quoted (parser);
      if (word == NULL)
        return fail (parser, start, "text behind the closing quote");
    }
  else
    {
      const gsize length = strcspn (start, "=(),\"");

      word = g_strndup (start, length);
      parser->at += length;
    }
  return g_strstrip (word)[0] != '\0' ? g_steal_pointer (&word) : fail (parser, start, missing);
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (c & 0x80) != 0;
}

/* The end of the name in double quotes that begins at `p`; NULL: they are not closed. */
static const char *
name_end (const char *p)
{
  g_autofree char *name = fanout_value_unquote (&p);

  return name != NULL ? p - 1 : NULL;
}

/* The end of the text in single quotes that begins at `p`; where none does, `p`. */
static const char *
text_end (const char *text, const char *p)
{
  const char *end = p > text && is_word (p[-1]) ? NULL : strchr (p + 1, '\'');

  return end != NULL ? end : p;
}

/* Where the item ends that begins here: at a comma or, with `call`, a parenthesis outside of quotes
 * and of its own parentheses, or at the end of all. */
static const char *
find_end (Parser *parser, gboolean call)
{
  guint depth = 0;

  for (const char *p = parser->at; *p != '\0'; p++)
    {
      if (depth == 0 && (*p == ',' || (call && *p == ')')))
        return p;
      if (*p == '"')
        {
          const char *end = name_end (p);

          if (end == NULL)
            return fail (parser, p, "this quote is not closed");
          p = end;
        }
      else if (*p == '\'')
        p = text_end (parser->at, p);
      else if (*p == '(')
        depth++;
      else if (*p == ')' && depth > 0)
        depth--;
    }
  return parser->at + strlen (parser->at);
}

/* FALSE with a problem: `missing` when it is empty. */
static gboolean
read_item (Parser *parser, gboolean call, const char *missing, CallItem *item)
{
  const char *start = parser->at;
  const char *end = find_end (parser, call);
  const char *quote = start;

  if (end == NULL)
    return FALSE;
  parser->at = end;
  item->text = g_strchomp (g_strndup (start, (gsize) (end - start)));
  if (item->text[0] == '\0')
    {
      g_clear_pointer (&item->text, g_free);
      fail (parser, start, missing);
      return FALSE;
    }
  if (*start == '"')
    {
      g_autofree char *name = fanout_value_unquote (&quote);

      if (quote + strspn (quote, " \t") == end)
        item->name = g_steal_pointer (&name);
    }
  return TRUE;
}

/* The word before a single `=`, which is passed over; NULL: there is none. */
static char *
read_key (Parser *parser)
{
  const char *p = parser->at;
  g_autofree char *word = NULL;

  if (*p == '"')
    word = fanout_value_unquote (&p);
  else
    {
      while (is_word (*p) || *p == '-' || *p == '.')
        p++;
      word = g_strndup (parser->at, (gsize) (p - parser->at));
    }
  if (word == NULL || word[0] == '\0')
    return NULL;
  p += strspn (p, " \t");
  if (p[0] != '=' || p[1] == '=')
    return NULL;
  parser->at = p + 1;
  skip_blanks (parser);
  return g_steal_pointer (&word);
}

static CallOption *
find_option (const Call *call, const char *key)
{
  for (guint i = 0; i < call->options->len; i++)
    {
      CallOption *option = call->options->pdata[i];

      if (strcmp (option->key, key) == 0)
        return option;
    }
  return NULL;
}

static CallOption *
add_option (Call *call, char *key)
{
  CallOption *option = g_new0 (CallOption, 1);

  option->key = key;
  option->items = g_ptr_array_new_with_free_func (free_item);
  g_ptr_array_add (call->options, option);
  return option;
}

static void
read_option (Parser *parser, Call *call)
{
  const char *start = parser->at;
  const guint n = call->options->len;
  CallOption *option = n > 0 ? call->options->pdata[n - 1] : NULL;
  char *key = *start == '=' ? fail (parser, start, "a column or option is missing here")
                            : read_key (parser);
  CallItem item = { 0 };

  if (key != NULL && find_option (call, key) != NULL)
    fail (parser, start, "this option is given twice");
  if (key != NULL)
    option = add_option (call, key);
  else if (option == NULL)
    option = add_option (call, g_strdup ("column"));
  if (parser->problem == NULL
      && read_item (parser, TRUE,
                    key != NULL ? "a value is missing here" : "a column or option is missing here",
                    &item))
    g_ptr_array_add (option->items, g_memdup2 (&item, sizeof item));
}

static void
read_options (Parser *parser, Call *call)
{
  if (take (parser, ')'))
    return;
  for (;;)
    {
      read_option (parser, call);
      if (parser->problem != NULL || take (parser, ')'))
        return;
      if (!take (parser, ','))
        fail (parser, parser->at, "a ')' is missing here");
    }
}

/* OPERATOR_COLUMN_COLUMN..., or all of it. */
static char *
made_name (const Call *call)
{
  const CallOption *option = find_option (call, "column");
  g_autoptr (GString) name = g_string_new (call->operator_);

  for (guint i = 0; option != NULL && i < option->items->len; i++)
    {
      const CallItem *item = option->items->pdata[i];

      if (item->name == NULL && looks_like (item->text) == LOOKS_EXPRESSION)
        return g_strstrip (g_strdup (call->text));
      g_string_append_printf (name, "_%s", call_item_value (item));
    }
  return g_strstrip (g_strdup (name->str));
}

static void
parse (Parser *parser, Call *call)
{
  g_autofree char *word = read_name (parser);

  if (word != NULL && take (parser, '='))
    {
      call->name = g_steal_pointer (&word);
      call->named = TRUE;
      word = read_name (parser);
    }
  call->operator_ = g_steal_pointer (&word);
  if (parser->problem != NULL)
    return;
  if (take (parser, '('))
    read_options (parser, call);
  if (*parser->at != '\0')
    fail (parser, parser->at,
          strchr ("+-*/%<>!", *parser->at) != NULL
              ? "a call ends before this; what is computed from results stands in -r"
              : "the expression should end before this");
  if (parser->problem == NULL && call->name == NULL)
    call->name = made_name (call);
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

/* TRUE when there is no problem. */
static gboolean
report (const Parser *parser, const char **problem, gsize *offset)
{
  if (parser->problem == NULL)
    return TRUE;
  *problem = parser->problem;
  *offset = parser->offset;
  return FALSE;
}

Call *
call_parse (const char *text, const char **problem, gsize *offset)
{
  g_autoptr (Call) call = g_new0 (Call, 1);
  Parser parser = { .text = text, .at = text };

  call->text = text;
  call->options = g_ptr_array_new_with_free_func (option_free);
  skip_blanks (&parser);
  if (is_line (&parser))
    parse (&parser, call);
  return report (&parser, problem, offset) ? g_steal_pointer (&call) : NULL;
}

static CallDefinition *
new_definition (const Parser *parser)
{
  CallDefinition *definition = g_new0 (CallDefinition, 1);

  definition->text = parser->text;
  return definition;
}

static CallDefinition *
read_definition (Parser *parser)
{
  g_autoptr (CallDefinition) definition = new_definition (parser);

  skip_blanks (parser);
  definition->name = read_key (parser);
  return read_item (parser, FALSE,
                    definition->name != NULL ? "an expression is missing here"
                                             : "a column is missing here",
                    &definition->item)
             ? g_steal_pointer (&definition)
             : NULL;
}

GPtrArray *
call_split (const char *text)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (free_item);
  Parser parser = { .text = text, .at = text };

  do
    {
      CallItem item = { 0 };

      skip_blanks (&parser);
      if (read_item (&parser, FALSE, "", &item))
        g_ptr_array_add (items, g_memdup2 (&item, sizeof item));
    }
  while (parser.problem == NULL && take (&parser, ','));
  return parser.problem == NULL ? g_steal_pointer (&items) : NULL;
}

GPtrArray *
call_parse_list (const char *text, const char **problem, gsize *offset)
{
  g_autoptr (GPtrArray) list
      = g_ptr_array_new_with_free_func ((GDestroyNotify) call_definition_free);
  Parser parser = { .text = text, .at = text };

  if (is_line (&parser))
    do
      {
        CallDefinition *definition = read_definition (&parser);

        if (definition != NULL)
          g_ptr_array_add (list, definition);
      }
    while (parser.problem == NULL && take (&parser, ','));
  return report (&parser, problem, offset) ? g_steal_pointer (&list) : NULL;
}

CallDefinition *
call_parse_definition (const char *text, const char **problem, gsize *offset)
{
  Parser parser = { .text = text, .at = text };
  g_autoptr (CallDefinition) definition = new_definition (&parser);

  skip_blanks (&parser);
  if (is_line (&parser))
    {
      definition->name = read_key (&parser);
      if (definition->name == NULL)
        fail (&parser, text, "NAME=EXPRESSION is wanted");
      else if (*parser.at == '\0')
        fail (&parser, parser.at, "an expression is missing here");
      definition->item.text = g_strchomp (g_strdup (parser.at));
    }
  return report (&parser, problem, offset) ? g_steal_pointer (&definition) : NULL;
}

char *
call_point (const char *text, gsize offset)
{
  g_autofree char *before = fanout_escape (text, (gssize) offset);
  g_autofree char *all = fanout_escape (text, -1);

  return g_strdup_printf ("  %s\n  %*s^", all, (int) text_width (before), "");
}
