#include "core/plan/private.h"

static guint
selection_of (FanoutPlan *plan, gint condition)
{
  guint i = 0;
  while (i < plan->n_selections && plan->selections[i].condition != condition)
    i++;
  if (i == plan->n_selections)
    {
      plan->selections = g_renew (FanoutPlanSelection, plan->selections, ++plan->n_selections);
      plan->selections[i] = (FanoutPlanSelection){ .condition = condition };
    }
  return i;
}

static guint
view_of (FanoutPlan *plan, guint table, gint condition)
{
  const FanoutPlanView wanted = { table, selection_of (plan, condition) };
  guint i = 0;
  while (i < plan->n_views
         && (plan->views[i].table != table || plan->views[i].selection != wanted.selection))
    i++;
  if (i == plan->n_views)
    {
      plan->views = g_renew (FanoutPlanView, plan->views, ++plan->n_views);
      plan->views[i] = wanted;
    }
  return i;
}

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

void
fanout_planning_tables (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = fanout_planning_group (self, "pipeline", &none);
  plan->n_tables = 1;
  plan->tables = g_new0 (FanoutPlanTable, plan->n_tables);
  selection_of (plan, -1);
  plan->tables[0].origin = group->origin;
  plan->tables[0].view = view_of (plan, 0, -1);
  find_keys (self, &plan->tables[0], group, self->pipeline.group_by);
}

static void
two_of_one_name (FanoutPlanning *self, const char *name, const char *origin)
{
  g_autofree char *quoted = fanout_quote (name, -1);
  if (origin != NULL)
    {
      fanout_errors_add (self->errors, origin, "two result columns are called %s", quoted);
      return;
    }
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = fanout_planning_group (self, "pipeline", &none);
  fanout_config_mistake (self->errors, group, fanout_config_entry (group, "group-by"),
                         "two result columns are called %s", quoted);
}

/* The columns of a table as they are collected. */
typedef struct
{
  GPtrArray *names;
  GHashTable *seen;
} Columns;

static void
add_column (FanoutPlanning *self, Columns *columns, const char *name, const char *origin)
{
  g_ptr_array_add (columns->names, (gpointer) name);
  if (!g_hash_table_add (columns->seen, (gpointer) name) && fanout_errors_wants (self->errors))
    two_of_one_name (self, name, origin);
}

static void
lay_out (FanoutPlanning *self, FanoutPlanTable *table)
{
  FanoutPlan *plan = self->plan;
  Columns columns = { g_ptr_array_new (), g_hash_table_new (g_str_hash, g_str_equal) };
  for (guint k = 0; k < table->n_keys; k++)
    add_column (self, &columns, table->key_names[k], NULL);
  for (guint i = 0; i < table->n_nodes; i++)
    {
      const FanoutPlanAggregate *aggregate = plan->nodes[table->first_node + i].aggregate;
      for (guint r = 0; r < aggregate->n_results; r++)
        add_column (self, &columns, aggregate->results[r], aggregate->origin);
    }
  table->layout.size = sizeof table->layout;
  table->layout.n_columns = columns.names->len;
  table->layout.n_keys = table->n_keys;
  table->layout.grouped = table->n_keys > 0;
  g_ptr_array_add (columns.names, NULL);
  table->layout.names = (const char *const *) g_ptr_array_free (columns.names, FALSE);
  g_hash_table_unref (columns.seen);
}

static void
add_node (FanoutPlanning *self, guint table, const FanoutPlanAggregate *aggregate)
{
  FanoutPlan *plan = self->plan;
  FanoutPlanNode *node = &plan->nodes[plan->n_nodes++];
  node->aggregate = aggregate;
  node->table = table;
  node->view = view_of (plan, table, aggregate->condition);
  plan->tables[table].n_nodes++;
  if ((aggregate->operator_->flags & FANOUT_UNGROUPED) && plan->tables[table].n_keys > 0)
    fanout_errors_add (self->errors, aggregate->origin,
                       "[aggregate %s]: %s cannot be used with group-by", aggregate->name,
                       aggregate->operator_->name);
}

void
fanout_planning_nodes (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  plan->nodes = g_new0 (FanoutPlanNode, MAX (plan->n_tables * plan->n_aggregates, 1));
  for (guint t = 0; t < plan->n_tables; t++)
    {
      plan->tables[t].first_node = plan->n_nodes;
      for (guint i = 0; i < plan->n_aggregates; i++)
        add_node (self, t, &plan->aggregates[i]);
      lay_out (self, &plan->tables[t]);
    }
}

/* Which columns somebody looks at, a mark for each. */
static void
mark_columns (guint8 *marks, guint n, const guint *columns)
{
  for (guint i = 0; i < n; i++)
    marks[columns[i]] = 1;
}

static void
collect_columns (const FanoutPlan *plan, FanoutPlanSelection *selection)
{
  const guint n = plan->n_columns + plan->n_derived;
  const guint index = (guint) (selection - plan->selections);
  g_autofree guint8 *marks = g_malloc0 (n + 1);
  for (guint i = 0; i < plan->n_nodes; i++)
    if (plan->views[plan->nodes[i].view].selection == index)
      mark_columns (marks, plan->nodes[i].aggregate->n_columns, plan->nodes[i].aggregate->columns);
  for (guint t = 0; t < plan->n_tables; t++)
    if (plan->views[plan->tables[t].view].selection == index)
      mark_columns (marks, plan->tables[t].n_keys, plan->tables[t].keys);
  selection->columns = g_new0 (guint, n + 1);
  for (guint c = 0; c < n; c++)
    if (marks[c])
      selection->columns[selection->n_columns++] = c;
}

void
fanout_planning_selections (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  for (guint s = 0; s < plan->n_selections; s++)
    collect_columns (plan, &plan->selections[s]);
}

gboolean
fanout_plan_is_grouped (const FanoutPlan *plan)
{
  for (guint t = 0; t < plan->n_tables; t++)
    if (plan->tables[t].n_keys == 0)
      return FALSE;
  return TRUE;
}
