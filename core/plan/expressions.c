#include "core/plan/private.h"

#include <string.h>

/* Who asks for the columns of an expression. */
typedef struct
{
  FanoutPlanning *planning;
  const FanoutConfigGroup *group;
  const char *key;
  gboolean filter; /* [pipeline] where: its columns are read first */
} Asking;

static gint
find_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  const Asking *asking = data;
  FanoutPlanning *self = asking->planning;
  g_autofree char *number = NULL;
  guint index;
  (void) error;
  if (name == NULL)
    {
      number = g_strdup_printf ("$%u", position);
      name = number;
    }
  index = fanout_planning_column (self, fanout_config_intern (self->plan->config, name), takes,
                                  asking->group, asking->key, FALSE);
  FanoutPlanColumn *column = g_ptr_array_index (self->columns, index);
  column->position = position;
  column->first |= asking->filter;
  return (gint) index;
}

/* `which` of the programs. */
enum
{
  ALL,
  FILTER,
  TIME,
};

static FanoutProgram *
new_program (FanoutPlanning *self, guint which)
{
  Asking *asking = fanout_config_allocate (self->plan->config, sizeof *asking);
  const FanoutSource *source = self->plan->source;
  const FanoutNames names = {
    .column = find_column,
    .data = asking,
    .paths = source != NULL && (source->flags & FANOUT_PATHS) != 0,
  };
  asking->planning = self;
  asking->filter = which == FILTER;
  self->asking[which] = asking;
  return fanout_program_new (&names);
}

/* Whose expression is looked at now. */
static void
ask_for (FanoutPlanning *self, const FanoutConfigGroup *group, const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->asking); i++)
    {
      Asking *asking = self->asking[i];
      if (asking == NULL)
        continue;
      asking->group = group;
      asking->key = key;
    }
}

static void
mistaken (FanoutPlanning *self, const FanoutConfigGroup *group, const FanoutConfigEntry *entry,
          const GError *error)
{
  fanout_config_mistake (self->errors, group, entry, "%s", error->message);
}

const FanoutExpression *
fanout_planning_parse (const FanoutPlanning *self, const char *text, GError **error)
{
  FanoutExpression *expression = fanout_expression_parse (text, error);
  if (expression != NULL)
    g_ptr_array_add (self->plan->expressions, expression);
  return expression;
}

/* What is called as it is written stands for a column of that name, where the input has one. To
 * merge, no input is read, and it may be either. */
static gboolean
is_column (const FanoutPlanning *self, const FanoutConfigEntry *entry)
{
  char **fields = self->plan->fields;
  return strcmp (entry->key, entry->value) == 0
         && (self->merge
             || (fields != NULL && g_strv_contains ((const char *const *) fields, entry->key)));
}

/* Where columns are called by numbers, a number in an expression is none of them. */
static void
doubt_number (FanoutPlanning *self, const FanoutConfigEntry *entry,
              const FanoutExpression *expression)
{
  g_autofree char *number = g_strdup_printf ("%u", fanout_expression_number_alone (expression));
  char **fields = self->plan->fields;
  if (fields == NULL || !g_strv_contains ((const char *const *) fields, number))
    return;
  g_autofree char *text = fanout_quote (expression->text, -1);
  fanout_planning_note (
      self, g_strdup_printf ("%s: %s has no column in it; the one called %s is written \"%s\"",
                             entry->origin, text, number, number));
}

static void
define (FanoutPlanning *self, const FanoutConfigGroup *group, const FanoutConfigEntry *entry)
{
  FanoutPlan *plan = self->plan;
  g_autoptr (GError) error = NULL;
  if (is_column (self, entry))
    return;
  const FanoutExpression *expression = fanout_planning_parse (self, entry->value, &error);
  ask_for (self, group, entry->key);
  if (expression == NULL || !fanout_program_define (plan->program, entry->key, expression, &error)
      || (plan->filter != NULL
          && !fanout_program_define (plan->filter, entry->key, expression, &error))
      || (plan->window != NULL
          && !fanout_program_define (plan->window->program, entry->key, expression, &error)))
    mistaken (self, group, entry, error);
  else
    doubt_number (self, entry, expression);
}

static gint
add_value (FanoutPlanning *self, FanoutProgram *program, FanoutVectorKind kind, const char *text,
           const FanoutConfigGroup *group, const char *key)
{
  g_autoptr (GError) error = NULL;
  ask_for (self, group, key);
  const FanoutConfigEntry *entry = fanout_config_entry (group, key);
  const FanoutExpression *expression = fanout_planning_parse (self, text, &error);
  const gint register_
      = expression != NULL ? fanout_program_add (program, expression, kind, &error) : -1;
  if (register_ < 0)
    mistaken (self, group, entry, error);
  else if (entry != NULL)
    doubt_number (self, entry, expression);
  return register_;
}

gint
fanout_planning_condition (FanoutPlanning *self, FanoutProgram *program, const char *text,
                           const FanoutConfigGroup *group, const char *key)
{
  return add_value (self, program, FANOUT_KIND_CONDITION, text, group, key);
}

gint
fanout_planning_number (FanoutPlanning *self, FanoutProgram *program, const char *text,
                        const FanoutConfigGroup *group, const char *key)
{
  return add_value (self, program, FANOUT_KIND_NUMBER, text, group, key);
}

void
fanout_planning_expressions (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *let = fanout_config_find (plan->config, "let");
  FanoutConfigGroup none;
  const FanoutConfigGroup *pipeline = fanout_planning_group (self, "pipeline", &none);
  plan->expressions = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_expression_free);
  plan->program = new_program (self, ALL);
  if (self->pipeline.where != NULL)
    plan->filter = new_program (self, FILTER);
  if (fanout_config_find (plan->config, "window") != NULL)
    {
      plan->window = g_new0 (FanoutPlanWindow, 1);
      plan->window->program = new_program (self, TIME);
    }
  for (guint i = 0; let != NULL && i < let->n_entries; i++)
    define (self, let, &let->entries[i]);
  plan->where = -1;
  plan->where_text = self->pipeline.where;
  if (self->pipeline.where != NULL)
    plan->where
        = fanout_planning_condition (self, plan->filter, self->pipeline.where, pipeline, "where");
  if (plan->window != NULL)
    fanout_planning_window (self);
}

static FanoutVectorKind
kind_for (FanoutTakes takes)
{
  switch (takes)
    {
    case FANOUT_TAKES_TEXT:
      return FANOUT_KIND_TEXT;
    case FANOUT_TAKES_NOTHING:
      return FANOUT_KIND_FREE;
    default:
      return FANOUT_KIND_NUMBER;
    }
}

static guint
derive (FanoutPlanning *self, const char *name, FanoutTakes takes, const FanoutConfigGroup *group,
        const char *key)
{
  FanoutPlan *plan = self->plan;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < self->derived->len; i++)
    {
      const FanoutPlanDerived *known = &g_array_index (self->derived, FanoutPlanDerived, i);
      if (known->takes == takes && strcmp (known->name, name) == 0)
        return FANOUT_PLAN_DERIVED + i;
    }
  FanoutVectorKind kind = FANOUT_KIND_FREE;
  fanout_value_quote (text, name);
  const FanoutExpression *alone = fanout_planning_parse (self, text->str, NULL);
  if (alone != NULL)
    fanout_program_kind (plan->program, alone, &kind, NULL);
  if (takes == FANOUT_TAKES_TEXT)
    {
      g_string_prepend (text, "text(");
      g_string_append_c (text, ')');
    }
  ask_for (self, group, key);
  const FanoutExpression *expression = fanout_planning_parse (self, text->str, &error);
  const gint register_ = expression != NULL ? fanout_program_add (plan->program, expression,
                                                                  kind_for (takes), &error)
                                            : -1;
  if (register_ < 0)
    mistaken (self, group, fanout_config_entry (group, key), error);
  const FanoutPlanDerived derived = { name, (guint) MAX (register_, 0), takes, kind };
  g_array_append_val (self->derived, derived);
  return FANOUT_PLAN_DERIVED + self->derived->len - 1;
}

/* What [let] has under this name, which may stand in quotes where a value cannot hold it as it is;
 * NULL: nothing. */
static const char *
defined (FanoutPlanning *self, const char *name)
{
  const FanoutProgram *program = self->plan->program;
  if (fanout_program_defines (program, name))
    return name;
  const char *end = name;
  g_autofree char *inner = name[0] == '"' ? fanout_value_unquote (&end) : NULL;
  return inner != NULL && *end == '\0' && fanout_program_defines (program, inner)
             ? fanout_config_intern (self->plan->config, inner)
             : NULL;
}

guint
fanout_planning_reference (FanoutPlanning *self, const char *name, FanoutTakes takes,
                           const FanoutConfigGroup *group, const char *key, gboolean has_as)
{
  const char *derived = defined (self, name);
  if (derived != NULL)
    return derive (self, derived, takes, group, key);
  return fanout_planning_column (self, name, takes, group, key, has_as);
}

gboolean
fanout_plan_numbers_rows (const FanoutPlan *plan)
{
  return fanout_program_numbers_rows (plan->program)
         || (plan->filter != NULL && fanout_program_numbers_rows (plan->filter));
}

static gboolean
are_all_in (char **parts, const char *const *names)
{
  for (guint i = 0; parts[i] != NULL; i++)
    if (!g_strv_contains (names, parts[i]))
      return FALSE;
  return TRUE;
}

char *
fanout_plan_dashed_name (const FanoutPlan *plan, const char *const *names)
{
  static const char word[] = "-_." G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS;
  for (guint i = 0; i < plan->expressions->len; i++)
    {
      const char *p = ((const FanoutExpression *) plan->expressions->pdata[i])->text;
      while (*(p += strcspn (p, word)) != '\0')
        {
          g_autofree char *name = g_strndup (p, strspn (p, word));
          g_auto (GStrv) parts = g_strsplit (name, "-", -1);
          if (parts[1] != NULL && are_all_in (parts, names))
            return g_steal_pointer (&name);
          p += strlen (name);
        }
    }
  return NULL;
}
