#include "core/partial/checkpoint-private.h"

static void
clear_definition (gpointer data)
{
  FanoutDefinition *definition = data;
  g_free (definition->name);
  g_free (definition->text);
}

GArray *
fanout_checkpoint_definitions (void)
{
  GArray *definitions = g_array_new (FALSE, FALSE, sizeof (FanoutDefinition));
  g_array_set_clear_func (definitions, clear_definition);
  return definitions;
}

/* Both are taken over. */
static void
add (GArray *definitions, char *name, char *text)
{
  const FanoutDefinition definition = { name, text };
  g_array_append_val (definitions, definition);
}

static void
add_expressions (GArray *definitions, const FanoutPlan *plan)
{
  const FanoutConfigGroup *let = fanout_config_find (plan->config, "let");
  add (definitions, g_strdup ("[pipeline] where"),
       g_strdup (plan->where_text != NULL ? plan->where_text : ""));
  for (guint i = 0; let != NULL && i < let->n_entries; i++)
    add (definitions, g_strdup_printf ("[let] %s", let->entries[i].key),
         g_strdup (let->entries[i].value));
}

static void
add_window (GArray *definitions, const FanoutPlan *plan)
{
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "window");
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; group != NULL && i < group->n_entries; i++)
    g_string_append_printf (text, "%s%s = %s", i > 0 ? ", " : "", group->entries[i].key,
                            group->entries[i].value);
  /* By slices, or by windows. */
  if (plan->window != NULL && plan->window->repeated)
    g_string_append (text, "; each window has states of its own");
  add (definitions, g_strdup ("[window]"), g_strdup (text->str));
}

char *
fanout_checkpoint_table_name (const FanoutPlanTable *table)
{
  return table->name != NULL ? g_strdup_printf ("[table %s]", table->name)
                             : g_strdup ("[pipeline] group-by");
}

static void
add_table (GArray *definitions, const FanoutPlan *plan, const FanoutPlanTable *table)
{
  g_autoptr (GString) keys = g_string_new ("group-by = ");
  g_autoptr (GString) nodes = g_string_new (NULL);
  g_autofree char *name = fanout_checkpoint_table_name (table);
  for (guint k = 0; k < table->n_keys; k++)
    g_string_append_printf (keys, "%s%s", k > 0 ? ", " : "", table->key_names[k]);
  g_string_append_printf (keys, "; where = %s", table->where != NULL ? table->where : "");
  for (guint i = 0; i < table->n_nodes; i++)
    g_string_append_printf (nodes, "%s%s", i > 0 ? ", " : "",
                            plan->nodes[table->first_node + i].aggregate->name);
  add (definitions, g_strdup (name), g_strdup (keys->str));
  add (definitions, g_strdup_printf ("the aggregates of %s", name), g_strdup (nodes->str));
}

static void
add_aggregate (GArray *definitions, const FanoutPlanAggregate *aggregate)
{
  g_auto (GStrv) lines = g_strsplit (aggregate->meaning, "\n", -1);
  g_autofree char *options = g_strjoinv (" ", lines);
  add (definitions, g_strdup_printf ("[aggregate %s]", aggregate->name),
       g_strdup_printf ("%s %u %s where = %s", aggregate->operator_->name,
                        aggregate->operator_->version, options,
                        aggregate->where != NULL ? aggregate->where : ""));
}

GArray *
fanout_checkpoint_define (const FanoutPlan *plan)
{
  GArray *definitions = fanout_checkpoint_definitions ();
  add (definitions, g_strdup ("[source] type"),
       g_strdup (plan->source != NULL ? plan->source->name : ""));
  add_expressions (definitions, plan);
  add_window (definitions, plan);
  for (guint t = 0; t < plan->n_tables; t++)
    add_table (definitions, plan, &plan->tables[t]);
  for (guint i = 0; i < plan->n_aggregates; i++)
    add_aggregate (definitions, &plan->aggregates[i]);
  return definitions;
}
