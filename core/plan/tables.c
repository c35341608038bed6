#include "core/plan/private.h"

#include <string.h>

static void
find_keys (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group,
           const char *const *names)
{
  table->key_names = names;
  table->n_keys = g_strv_length ((char **) names);
  table->keys = g_new0 (guint, MAX (table->n_keys, 1));
  for (guint i = 0; i < table->n_keys; i++)
    table->keys[i]
        = fanout_planning_reference (self, names[i], FANOUT_TAKES_TEXT, group, "group-by", FALSE);
}

/* A table whose keys and rows are not known yet. */
static FanoutPlanTable *
add_table (FanoutPlan *plan, const char *origin)
{
  plan->tables = g_renew (FanoutPlanTable, plan->tables, plan->n_all_tables + 1);
  FanoutPlanTable *table = &plan->tables[plan->n_all_tables++];
  *table = (FanoutPlanTable){ .origin = origin, .condition = -1, .base = FANOUT_PLAN_COUNTED };
  return table;
}

/* Keys of [table] that say how it is written are bound with [output]. */
static const char **
other_keys (const FanoutConfigGroup *group)
{
  GPtrArray *keys = g_ptr_array_new ();
  for (guint i = 0; i < group->n_entries; i++)
    g_ptr_array_add (keys, (gpointer) group->entries[i].key);
  g_ptr_array_add (keys, NULL);
  return (const char **) g_ptr_array_free (keys, FALSE);
}

static void
plan_table (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  const FanoutOption *const tables[] = { fanout_table_options, NULL };
  g_autofree const char **others = other_keys (group);
  FanoutTableOptions options = { 0 };
  FanoutPlanTable *table = add_table (plan, group->origin);
  table->name = fanout_config_intern (
      plan->config,
      g_strstrip ((char *) fanout_config_intern (plan->config, group->name + strlen ("table "))));
  table->group = group;
  if (table->name[0] == '\0')
    fanout_errors_add (self->errors, group->origin, "[table]: a name is wanted");
  if (!fanout_options_bind (plan->config, group, tables, (gpointer[]){ &options }, others, NULL,
                            self->errors))
    return;
  table->where = options.where;
  if (options.where != NULL)
    table->condition
        = fanout_planning_condition (self, plan->program, options.where, group, "where");
  find_keys (self, table, group, options.group_by);
  table->having = options.having;
  table->rest = options.rest != NULL && options.rest[0] != '\0' ? options.rest : NULL;
  table->rollup = options.rollup && table->n_keys > 0;
}

void
fanout_planning_tables (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  FanoutConfigGroup none;
  const FanoutConfigGroup *pipeline = fanout_planning_group (self, "pipeline", &none);
  fanout_plan_selection (plan, -1);
  for (guint i = 0; i < fanout_config_n_groups (plan->config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (plan->config, i);
      if (g_str_has_prefix (group->name, "table "))
        plan_table (self, group);
    }
  if (plan->n_all_tables == 0)
    find_keys (self, add_table (plan, pipeline->origin), pipeline, self->pipeline.group_by);
  else if (self->pipeline.group_by != NULL && self->pipeline.group_by[0] != NULL)
    fanout_config_mistake (self->errors, pipeline, fanout_config_entry (pipeline, "group-by"),
                           "it has no meaning beside [table NAME]: say group-by there");
}

gboolean
fanout_plan_is_in (const FanoutPlanAggregate *aggregate, const FanoutPlanTable *table)
{
  return table->name == NULL || aggregate->tables == NULL || aggregate->tables[0] == NULL
         || g_strv_contains (aggregate->tables, table->name);
}

static void
check_table_names (FanoutPlanning *self, const FanoutPlanAggregate *aggregate)
{
  const FanoutPlan *plan = self->plan;
  g_autofree const char **names = g_new0 (const char *, plan->n_all_tables + 1);
  guint n = 0;
  for (guint t = 0; t < plan->n_all_tables; t++)
    if (plan->tables[t].name != NULL)
      names[n++] = plan->tables[t].name;
  for (const char *const *name = aggregate->tables; name != NULL && *name != NULL; name++)
    {
      if (g_strv_contains ((const char *const *) names, *name))
        continue;
      g_autofree char *group_name = g_strconcat ("aggregate ", aggregate->name, NULL);
      const FanoutConfigGroup *group = fanout_config_find (plan->config, group_name);
      g_autofree char *quoted = fanout_quote (*name, -1);
      g_autofree char *list = fanout_list_show ((const char *const *) names);
      const char *near = fanout_nearest_name (*name, (const char *const *) names);
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "tables"),
                             "no table %s; %s%s%s%s%s", quoted,
                             n > 0 ? "there are: " : "there is no [table NAME]", list,
                             near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                             near != NULL ? "'?" : "");
    }
}

/* The condition of an aggregate in a table: that of both. */
static gint
condition_of (FanoutPlanning *self, const FanoutPlanTable *table,
              const FanoutPlanAggregate *aggregate)
{
  if (table->condition < 0 || aggregate->condition < 0)
    return MAX (table->condition, aggregate->condition);
  g_autofree char *both = g_strdup_printf ("(%s) and (%s)", table->where, aggregate->where);
  return fanout_planning_condition (self, self->plan->program, both, table->group, "where");
}

static void
add_node (FanoutPlanning *self, guint t, const FanoutPlanAggregate *aggregate)
{
  FanoutPlan *plan = self->plan;
  FanoutPlanTable *table = &plan->tables[t];
  FanoutPlanNode *node = &plan->nodes[plan->n_all_nodes++];
  node->aggregate = aggregate;
  node->table = t;
  if (table->base == FANOUT_PLAN_COUNTED)
    node->view = fanout_plan_view (plan, t, condition_of (self, table, aggregate));
  table->n_nodes++;
  if ((aggregate->operator_->flags & FANOUT_UNGROUPED) && table->n_keys > 0)
    fanout_errors_add (self->errors, aggregate->origin,
                       "[aggregate %s]: %s cannot be used with group-by", aggregate->name,
                       aggregate->operator_->name);
}

static gboolean
members_of (const FanoutPlan *plan, const FanoutPlanTable *table, GPtrArray *members)
{
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (fanout_plan_is_in (&plan->aggregates[i], table))
      g_ptr_array_add (members, &plan->aggregates[i]);
  return members->len > 0;
}

/* The nodes of every table, now that it is known which come first. */
static void
add_nodes (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  plan->nodes = g_new0 (FanoutPlanNode, MAX (plan->n_all_tables * plan->n_aggregates, 1));
  for (guint t = 0; t < plan->n_all_tables; t++)
    {
      g_autoptr (GPtrArray) members = g_ptr_array_new ();
      FanoutPlanTable *table = &plan->tables[t];
      table->first_node = plan->n_all_nodes;
      if (table->base == FANOUT_PLAN_COUNTED)
        table->view = fanout_plan_view (plan, t, table->condition);
      if (!members_of (plan, table, members) && plan->n_aggregates > 0 && table->group != NULL)
        fanout_errors_add (self->errors, table->origin, "[%s]: no aggregate is in it",
                           table->group->name);
      for (guint i = 0; i < members->len; i++)
        add_node (self, t, members->pdata[i]);
      if (t < plan->n_tables)
        plan->n_nodes = plan->n_all_nodes;
    }
}

void
fanout_planning_nodes (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  for (guint i = 0; i < plan->n_aggregates; i++)
    check_table_names (self, &plan->aggregates[i]);
  fanout_planning_bases (self);
  add_nodes (self);
  fanout_planning_layouts (self);
}

gboolean
fanout_plan_is_grouped (const FanoutPlan *plan)
{
  for (guint t = 0; t < plan->n_all_tables; t++)
    if (plan->tables[t].n_keys == 0)
      return FALSE;
  return TRUE;
}
