#include "core/plan/private.h"

static void
two_of_one_name (FanoutPlanning *self, const FanoutPlanTable *table, const char *name,
                 const char *origin)
{
  g_autofree char *quoted = fanout_quote (name, -1);
  if (origin != NULL)
    {
      fanout_errors_add (self->errors, origin, "two result columns are called %s", quoted);
      return;
    }
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = table->group;
  if (group == NULL)
    group = fanout_planning_group (self, "pipeline", &none);
  fanout_config_mistake (self->errors, group, fanout_config_entry (group, "group-by"),
                         "two result columns are called %s", quoted);
}

/* The columns of a table as they are collected. */
typedef struct
{
  const FanoutPlanTable *table;
  GPtrArray *names;
  GHashTable *seen;
} Columns;

static void
add_column (FanoutPlanning *self, Columns *columns, const char *name, const char *origin)
{
  g_ptr_array_add (columns->names, (gpointer) name);
  if (!g_hash_table_add (columns->seen, (gpointer) name) && fanout_errors_wants (self->errors))
    two_of_one_name (self, columns->table, name, origin);
}

static void
lay_out (FanoutPlanning *self, FanoutPlanTable *table)
{
  FanoutPlan *plan = self->plan;
  Columns columns = { table, g_ptr_array_new (), g_hash_table_new (g_str_hash, g_str_equal) };
  if (plan->window != NULL)
    {
      add_column (self, &columns, FANOUT_PLAN_WINDOW_START, NULL);
      add_column (self, &columns, FANOUT_PLAN_WINDOW_END, NULL);
    }
  else if (plan->every > 0)
    add_column (self, &columns, FANOUT_PLAN_AT, NULL);
  for (guint k = 0; k < table->n_keys; k++)
    add_column (self, &columns, table->key_names[k], NULL);
  if (table->rollup)
    add_column (self, &columns, FANOUT_PLAN_GROUPING, NULL);
  for (guint i = 0; i < table->n_nodes; i++)
    {
      const FanoutPlanAggregate *aggregate = plan->nodes[table->first_node + i].aggregate;
      for (guint r = 0; r < aggregate->n_results; r++)
        add_column (self, &columns, aggregate->results[r], aggregate->origin);
    }
  table->layout.size = sizeof table->layout;
  table->layout.n_columns = columns.names->len;
  table->layout.n_keys = fanout_plan_leading (plan) + fanout_plan_result_keys (table);
  table->layout.grouped = fanout_plan_has_ids (plan, table) || plan->every > 0;
  table->layout.table = table->name;
  g_ptr_array_add (columns.names, NULL);
  table->layout.names = (const char *const *) g_ptr_array_free (columns.names, FALSE);
  g_hash_table_unref (columns.seen);
}

void
fanout_planning_layouts (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  for (guint t = 0; t < plan->n_all_tables; t++)
    if (!plan->tables[t].hidden)
      lay_out (self, &plan->tables[t]);
}

char *
fanout_plan_grouping (const FanoutPlanTable *table, guint level)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint k = 0; k < level; k++)
    g_string_append_printf (names, "%s%s", k > 0 ? ", " : "", table->key_names[k]);
  return g_strdup (names->str);
}
