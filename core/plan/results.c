#include "core/plan/private.h"

#include <string.h>

/* What the names in expressions over the rows of one table are. */
typedef struct
{
  FanoutPlanTable *table;
  guint n_columns; /* of its layout before [result] */
  FanoutConfig *config;
  const char *what; /* whose expression is looked at */
  GArray *reads;
  GArray *totals;
} Names;

/* The tables with their names, and what is wrong already. */
typedef struct
{
  FanoutPlanning *planning;
  Names *names; /* for each table */
  GHashTable *wrong;
} Results;

static gint
find_name (const Names *names, const char *name)
{
  for (guint i = 0; i < names->n_columns; i++)
    if (strcmp (names->table->layout.names[i], name) == 0)
      return (gint) i;
  return -1;
}

/* There is no such column in any of these tables. */
static void
no_column (const Names *names, guint n, const char *name, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *quoted = fanout_quote (name, -1);
  for (guint t = 0; t < n; t++)
    for (guint i = 0; i < names[t].table->layout.n_columns; i++)
      if (g_hash_table_add (seen, (gpointer) names[t].table->layout.names[i]))
        g_ptr_array_add (known, (gpointer) names[t].table->layout.names[i]);
  g_ptr_array_add (known, NULL);
  g_autofree char *shown = fanout_list_show ((const char *const *) known->pdata);
  const char *near = fanout_nearest_name (name, (const char *const *) known->pdata);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "no result column %s; there are: %s%s%s%s",
               quoted, shown, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'?" : "");
}

static guint
read_index (Names *names, guint place, FanoutTakes takes)
{
  const FanoutPlanResultRead wanted = { place, takes };
  for (guint i = 0; i < names->reads->len; i++)
    {
      const FanoutPlanResultRead *read = &g_array_index (names->reads, FanoutPlanResultRead, i);
      if (read->place == place && read->takes == takes)
        return i;
    }
  g_array_append_val (names->reads, wanted);
  return names->reads->len - 1;
}

static gint
read_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  Names *names = data;
  if (name == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "$%u is a column of the input: result columns go by their names", position);
      return -1;
    }
  const gint column = find_name (names, name);
  if (column < 0)
    {
      no_column (names, 1, name, error);
      return -1;
    }
  return (gint) read_index (names, (guint) column, takes);
}

/* Above the levels of the totals that `argument` is made of. */
static guint
level_of (const Names *names, guint argument)
{
  guint level = 0;
  for (guint i = 0; i < names->reads->len; i++)
    {
      const guint place = g_array_index (names->reads, FanoutPlanResultRead, i).place;
      if (place < FANOUT_PLAN_TOTAL
          || !fanout_program_reads (names->table->results.program, argument, i))
        continue;
      const FanoutPlanTotal *total
          = &g_array_index (names->totals, FanoutPlanTotal, place - FANOUT_PLAN_TOTAL);
      level = MAX (level, total->level + 1);
    }
  return level;
}

static FanoutPlanResult
result_of (const Names *names, guint register_)
{
  const gint read = fanout_program_register_column (names->table->results.program, register_);
  return (FanoutPlanResult){
    .what = names->what,
    .register_ = register_,
    .place = read < 0 ? FANOUT_PLAN_COMPUTED
                      : g_array_index (names->reads, FanoutPlanResultRead, read).place,
  };
}

static gint
read_total (gpointer data, guint argument, const char *text)
{
  Names *names = data;
  guint i = 0;
  while (i < names->totals->len
         && g_array_index (names->totals, FanoutPlanTotal, i).argument.register_ != argument)
    i++;
  if (i == names->totals->len)
    {
      const FanoutPlanTotal total = { .text = fanout_config_intern (names->config, text),
                                      .argument = result_of (names, argument),
                                      .level = level_of (names, argument) };
      g_array_append_val (names->totals, total);
    }
  return (gint) read_index (names, FANOUT_PLAN_TOTAL + i, FANOUT_TAKES_WIDE);
}

/* As a result column a time and a condition are texts. */
static gint
add_column (Names *names, const FanoutPlanning *self, const char *name, FanoutVectorKind *natural,
            GError **error)
{
  FanoutProgram *program = names->table->results.program;
  g_autoptr (GString) text = g_string_new (NULL);
  FanoutVectorKind kind;
  fanout_value_quote (text, name);
  const FanoutExpression *expression = fanout_planning_parse (self, text->str, error);
  if (expression == NULL || !fanout_program_kind (program, expression, &kind, error))
    return -1;
  *natural = kind;
  if (kind == FANOUT_KIND_TIME || kind == FANOUT_KIND_CONDITION)
    {
      g_string_prepend (text, "text(");
      g_string_append_c (text, ')');
      expression = fanout_planning_parse (self, text->str, error);
      kind = FANOUT_KIND_TEXT;
    }
  return expression != NULL ? fanout_program_add (program, expression, kind, error) : -1;
}

/* FALSE: it is a mistake. */
static gboolean
define (Names *names, const FanoutPlanning *self, const char *name,
        const FanoutExpression *expression, GError **error)
{
  FanoutPlanTable *table = names->table;
  FanoutPlanResults *results = &table->results;
  if (find_name (names, name) >= 0)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "a result column is called so already");
      return FALSE;
    }
  if (!fanout_program_define (results->program, name, expression, error))
    return FALSE;
  FanoutVectorKind kind = FANOUT_KIND_FREE;
  const gint register_ = add_column (names, self, name, &kind, error);
  if (register_ < 0)
    return FALSE;
  const guint n = table->layout.n_columns++;
  const char **all = g_renew (const char *, (gpointer) table->layout.names, n + 2);
  all[n] = name;
  all[n + 1] = NULL;
  table->layout.names = all;
  results->columns = g_renew (FanoutPlanResult, results->columns, results->n_columns + 1);
  results->columns[results->n_columns] = result_of (names, (guint) register_);
  results->columns[results->n_columns++].kind = kind;
  return TRUE;
}

static gboolean
knows (const Names *names, const char *name)
{
  return fanout_program_defines (names->table->results.program, name)
         || find_name (names, name) >= 0;
}

static gboolean
knows_all (const Names *names, const FanoutTree *tree)
{
  if (tree->kind == FANOUT_TREE_COLUMN && !knows (names, tree->text))
    return FALSE;
  for (guint i = 0; i < tree->n_children; i++)
    if (!knows_all (names, tree->children[i]))
      return FALSE;
  return TRUE;
}

/* Whether it is made of something that is wrong. */
static gboolean
is_spoilt (const GHashTable *wrong, const FanoutTree *tree)
{
  if (tree->kind == FANOUT_TREE_COLUMN && g_hash_table_contains ((GHashTable *) wrong, tree->text))
    return TRUE;
  for (guint i = 0; i < tree->n_children; i++)
    if (is_spoilt (wrong, tree->children[i]))
      return TRUE;
  return FALSE;
}

static gboolean
knows_any (const Results *self, const char *name)
{
  for (guint t = 0; t < self->planning->plan->n_shown; t++)
    if (knows (&self->names[t], name))
      return TRUE;
  return FALSE;
}

/* The first name that no table knows. */
static const FanoutTree *
find_unknown (const Results *self, const FanoutTree *tree)
{
  if (tree->kind == FANOUT_TREE_COLUMN)
    return knows_any (self, tree->text) ? NULL : tree;
  for (guint i = 0; i < tree->n_children; i++)
    {
      const FanoutTree *unknown = find_unknown (self, tree->children[i]);
      if (unknown != NULL)
        return unknown;
    }
  return NULL;
}

static void
fail_unknown (const Results *self, const FanoutConfigGroup *group,
              const FanoutExpression *expression, GError **error)
{
  const FanoutTree *unknown = find_unknown (self, expression->root);
  g_autoptr (GError) problem = NULL;
  if (unknown == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "no table has all the columns that this names");
      return;
    }
  if (fanout_config_entry (group, unknown->text) != NULL)
    g_set_error (&problem, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                 "'%s' is defined below: what stands above may be used", unknown->text);
  else
    no_column (self->names, self->planning->plan->n_shown, unknown->text, &problem);
  fanout_expression_fail (error, expression->text, unknown->start, unknown->end, "%s",
                          problem->message);
}

static gboolean
define_everywhere (const Results *self, const FanoutConfigGroup *group,
                   const FanoutConfigEntry *entry, const FanoutExpression *expression,
                   GError **error)
{
  gboolean any = FALSE;
  for (guint t = 0; t < self->planning->plan->n_shown; t++)
    {
      Names *names = &self->names[t];
      if (!knows_all (names, expression->root))
        continue;
      any = TRUE;
      const char *table = names->table->name;
      g_autofree char *what
          = table == NULL ? g_strdup_printf ("[result] %s", entry->key)
                          : g_strdup_printf ("[result] %s of [table %s]", entry->key, table);
      names->what = fanout_config_intern (names->config, what);
      if (!define (names, self->planning, entry->key, expression, error))
        return FALSE;
    }
  if (!any)
    fail_unknown (self, group, expression, error);
  return any;
}

static void
plan_column (Results *self, const FanoutConfigGroup *group, const FanoutConfigEntry *entry)
{
  g_autoptr (GError) error = NULL;
  const FanoutExpression *expression = fanout_planning_parse (self->planning, entry->value, &error);
  const gboolean spoilt = expression != NULL && is_spoilt (self->wrong, expression->root);
  if (expression != NULL && !spoilt && define_everywhere (self, group, entry, expression, &error))
    return;
  if (!knows_any (self, entry->key))
    g_hash_table_add (self->wrong, (gpointer) entry->key);
  if (!spoilt)
    fanout_config_mistake (self->planning->errors, group, entry, "%s", error->message);
}

static void
plan_having (const Results *self, Names *names)
{
  FanoutPlanTable *table = names->table;
  g_autoptr (GError) error = NULL;
  if (table->having == NULL)
    return;
  const FanoutExpression *expression
      = fanout_planning_parse (self->planning, table->having, &error);
  if (expression != NULL && is_spoilt (self->wrong, expression->root))
    return;
  g_autofree char *what = g_strdup_printf ("[%s] having", table->group->name);
  names->what = fanout_config_intern (names->config, what);
  const gint register_
      = expression != NULL
            ? fanout_program_add (table->results.program, expression, FANOUT_KIND_CONDITION, &error)
            : -1;
  if (register_ >= 0)
    table->results.having = result_of (names, (guint) register_);
  else
    fanout_config_mistake (self->planning->errors, table->group,
                           fanout_config_entry (table->group, "having"), "%s", error->message);
}

static void
check_rest (FanoutPlanning *self, const FanoutPlanTable *table)
{
  const FanoutPlan *plan = self->plan;
  if (table->rest == NULL)
    return;
  const FanoutConfigEntry *entry = fanout_config_entry (table->group, "rest");
  if (table->n_keys == 0)
    fanout_config_mistake (self->errors, table->group, entry,
                           "there are no groups to combine: group-by is missing");
  if (table->rollup)
    fanout_config_mistake (
        self->errors, table->group, entry,
        "subtotals have the rest in them already: it has no place beside rollup");
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      const FanoutPlanAggregate *aggregate = plan->nodes[i].aggregate;
      if (!fanout_plan_merges_groups (aggregate->operator_))
        fanout_config_mistake (self->errors, table->group, entry,
                               "it combines groups, and %s (aggregate '%s') cannot be combined",
                               aggregate->operator_->name, aggregate->name);
    }
}

static gboolean
nulls_bad_values (const FanoutPlan *plan)
{
  const FanoutConfigGroup *source = fanout_config_find (plan->config, "source");
  const FanoutConfigEntry *entry
      = source != NULL ? fanout_config_entry (source, "on-bad-value") : NULL;
  return entry != NULL && strcmp (entry->value, "null") == 0;
}

static void
begin_table (Names *names, FanoutPlan *plan, FanoutPlanTable *table)
{
  const FanoutNames callbacks = { .column = read_column, .total = read_total, .data = names };
  names->table = table;
  names->config = plan->config;
  names->n_columns = table->layout.n_columns;
  names->reads = g_array_new (FALSE, FALSE, sizeof (FanoutPlanResultRead));
  names->totals = g_array_new (FALSE, FALSE, sizeof (FanoutPlanTotal));
  table->results.program = fanout_program_new (&callbacks);
  if (table->rollup)
    {
      g_autofree char *grouping = fanout_plan_grouping (table, table->n_keys);
      table->results.grouping = fanout_config_intern (plan->config, grouping);
    }
  table->results.null_bad = nulls_bad_values (plan);
}

static void
end_table (Names *names)
{
  FanoutPlanResults *results = &names->table->results;
  results->n_reads = names->reads->len;
  results->reads = (gpointer) g_array_free (names->reads, FALSE);
  results->n_totals = names->totals->len;
  results->totals = (gpointer) g_array_free (names->totals, FALSE);
  if (results->n_columns == 0 && results->having.what == NULL)
    g_clear_pointer (&results->program, fanout_program_free);
}

gboolean
fanout_planning_knows_columns (const FanoutPlanning *self)
{
  const FanoutPlan *plan = self->plan;
  guint n = 0;
  for (guint i = 0; i < fanout_config_n_groups (plan->config); i++)
    n += g_str_has_prefix (fanout_config_group (plan->config, i)->name, "aggregate ") ? 1 : 0;
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (plan->aggregates[i].results == NULL)
      return FALSE;
  return n == plan->n_aggregates;
}

/* What can be told of a group where it is not known what its names mean. */
static void
check_grammar (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  for (guint i = 0; group != NULL && i < group->n_entries; i++)
    {
      g_autoptr (GError) error = NULL;
      if (fanout_planning_parse (self, group->entries[i].value, &error) == NULL)
        fanout_config_mistake (self->errors, group, &group->entries[i], "%s", error->message);
    }
}

void
fanout_planning_results (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "result");
  if (!fanout_planning_knows_columns (self))
    {
      check_grammar (self, group);
      return;
    }
  g_autofree Names *names = g_new0 (Names, plan->n_shown);
  Results results
      = { .planning = self, .names = names, .wrong = g_hash_table_new (g_str_hash, g_str_equal) };
  for (guint t = 0; t < plan->n_shown; t++)
    begin_table (&names[t], plan, &plan->tables[plan->shown[t]]);
  for (guint i = 0; group != NULL && i < group->n_entries; i++)
    plan_column (&results, group, &group->entries[i]);
  for (guint t = 0; t < plan->n_shown; t++)
    {
      plan_having (&results, &names[t]);
      check_rest (self, names[t].table);
    }
  for (guint t = 0; t < plan->n_shown; t++)
    end_table (&names[t]);
  g_hash_table_unref (results.wrong);
}

void
fanout_plan_results_clear (FanoutPlanResults *results)
{
  fanout_program_free (results->program);
  g_free (results->reads);
  g_free (results->totals);
  g_free (results->columns);
}
