#include "core/expression/kinds.h"

/* What definitions are made of, through each other, is emitted by functions that call themselves.
 */
#define DEPTH_MAX 6000

gboolean
fanout_program_defines (const FanoutProgram *program, const char *name)
{
  return g_hash_table_contains (program->by_name, name);
}

static gint
take_any_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  (void) data;
  (void) name;
  (void) position;
  (void) takes;
  (void) error;
  return 0;
}

static gint
take_any_total (gpointer data, guint argument, const char *text)
{
  (void) data;
  (void) argument;
  (void) text;
  return 0;
}

static void
add_definition (FanoutProgram *program, const FanoutDefinition *definition)
{
  FanoutDefinition *made = g_memdup2 (definition, sizeof *definition);

  g_ptr_array_add (program->definitions, made);
  g_hash_table_insert (program->by_name, (gpointer) made->name,
                       GUINT_TO_POINTER (program->definitions->len));
}

gboolean
fanout_program_define (FanoutProgram *program, const char *name, const FanoutExpression *expression,
                       GError **error)
{
  const guint n = program->definitions->len;
  const FanoutScope scope = { program, expression, n };
  FanoutDefinition made = { .name = name, .expression = expression };

  if (!fanout_scope_kind (&scope, expression->root, &made.kind, error))
    return FALSE;
  /* What nobody uses asks for no column: it is checked over in a program of its own. */
  if (program->trial == NULL)
    {
      const FanoutNames any = { .column = take_any_column,
                                .total = program->names.total != NULL ? take_any_total : NULL };

      program->trial = fanout_program_new (&any);
    }
  {
    const FanoutScope checked = { program->trial, expression, n };

    program->trial->deepest = 0;
    if (fanout_scope_emit (&checked, expression->root, FANOUT_KIND_FREE, error) < 0)
      return FALSE;
  }
  made.depth = program->trial->deepest;
  if (made.depth > DEPTH_MAX)
    return fanout_scope_fail (&scope, expression->root, error,
                              "made of others, which are made of others, more than %d deep",
                              DEPTH_MAX)
           == 0;
  made.shadowed = GPOINTER_TO_INT (g_hash_table_lookup (program->by_name, name)) - 1;
  add_definition (program, &made);
  add_definition (program->trial, &made);
  return TRUE;
}
