#include "core/plan/private.h"

guint
fanout_plan_selection (FanoutPlan *plan, gint condition)
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

guint
fanout_plan_view (FanoutPlan *plan, guint table, gint condition)
{
  const FanoutPlanView wanted = { table, fanout_plan_selection (plan, condition) };
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
