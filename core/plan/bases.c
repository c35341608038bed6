#include "core/plan/private.h"

/* A table whose keys are some of another's is combined from that one at the end, and costs nothing
 * a row. */

gboolean
fanout_plan_merges_groups (const FanoutOperator *operator_)
{
  return operator_->loop == NULL && operator_->combine != NULL
         && operator_->order < FANOUT_ORDER_ORDERED;
}

static gboolean
combines (const FanoutOperator *operator_)
{
  return fanout_plan_merges_groups (operator_)
         && (operator_->copy != NULL || operator_->clear == NULL
             || (operator_->encode != NULL && operator_->decode != NULL));
}

/* Whether the aggregates of `table` are all in `base`, and combine. */
static gboolean
has_aggregates (const FanoutPlan *plan, const FanoutPlanTable *table, const FanoutPlanTable *base)
{
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      if (fanout_plan_is_in (aggregate, table)
          && (!fanout_plan_is_in (aggregate, base) || !combines (aggregate->operator_)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_key (const FanoutPlanTable *base, guint column, guint *key)
{
  for (*key = 0; *key < base->n_keys; ++*key)
    if (base->keys[*key] == column)
      return TRUE;
  return FALSE;
}

static gboolean
has_keys (const FanoutPlanTable *table, const FanoutPlanTable *base)
{
  guint key;
  for (guint k = 0; k < table->n_keys; k++)
    if (!find_key (base, table->keys[k], &key))
      return FALSE;
  return TRUE;
}

static gboolean
can_be_base (const FanoutPlan *plan, const FanoutPlanTable *table, const FanoutPlanTable *base)
{
  return base != table && base->base == FANOUT_PLAN_COUNTED && !base->rollup
         && base->condition == table->condition && has_keys (table, base)
         && has_aggregates (plan, table, base);
}

static void
set_base (FanoutPlan *plan, guint t, guint base)
{
  FanoutPlanTable *table = &plan->tables[t];
  table->base = (gint) base;
  table->base_keys = g_new0 (guint, MAX (table->n_keys, 1));
  for (guint k = 0; k < table->n_keys; k++)
    find_key (&plan->tables[base], table->keys[k], &table->base_keys[k]);
}

static gboolean
is_base (const FanoutPlan *plan, guint t)
{
  for (guint other = 0; other < plan->n_all_tables; other++)
    if (plan->tables[other].base == (gint) t)
      return TRUE;
  return FALSE;
}

static gboolean
find_base (FanoutPlan *plan, guint t)
{
  /* Two with the same keys must not be made from each other. */
  if (is_base (plan, t))
    return FALSE;
  for (guint b = 0; b < plan->n_all_tables; b++)
    if (can_be_base (plan, &plan->tables[t], &plan->tables[b]))
      {
        set_base (plan, t, b);
        return TRUE;
      }
  return FALSE;
}

/* One that has the groups of a rollup's keys, and is not shown. */
static guint
add_hidden (FanoutPlan *plan, guint t)
{
  plan->tables = g_renew (FanoutPlanTable, plan->tables, plan->n_all_tables + 1);
  FanoutPlanTable *hidden = &plan->tables[plan->n_all_tables];
  const FanoutPlanTable *table = &plan->tables[t];
  *hidden = *table;
  hidden->keys = g_memdup2 (table->keys, table->n_keys * sizeof *table->keys);
  hidden->rollup = FALSE;
  hidden->hidden = TRUE;
  return plan->n_all_tables++;
}

static void
refuse_rollup (FanoutPlanning *self, const FanoutPlanTable *table)
{
  const FanoutPlan *plan = self->plan;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      if (fanout_plan_is_in (aggregate, table) && !combines (aggregate->operator_))
        fanout_config_mistake (self->errors, table->group,
                               fanout_config_entry (table->group, "rollup"),
                               "it combines groups, and %s (aggregate '%s') cannot be combined",
                               aggregate->operator_->name, aggregate->name);
    }
}

static void
find_rollup_base (FanoutPlanning *self, guint t)
{
  FanoutPlan *plan = self->plan;
  if (!has_aggregates (plan, &plan->tables[t], &plan->tables[t]))
    {
      refuse_rollup (self, &plan->tables[t]);
      plan->tables[t].rollup = FALSE;
    }
  else if (!find_base (plan, t))
    set_base (plan, t, add_hidden (plan, t));
}

/* Those that are counted come first. */
static void
order_tables (FanoutPlan *plan, guint n_shown)
{
  const guint n = plan->n_all_tables;
  g_autofree guint *place = g_new0 (guint, n);
  FanoutPlanTable *ordered = g_new0 (FanoutPlanTable, n);
  guint next = 0;
  for (guint t = 0; t < n; t++)
    if (plan->tables[t].base == FANOUT_PLAN_COUNTED)
      place[t] = next++;
  plan->n_tables = next;
  for (guint t = 0; t < n; t++)
    if (plan->tables[t].base != FANOUT_PLAN_COUNTED)
      place[t] = next++;
  for (guint t = 0; t < n; t++)
    {
      ordered[place[t]] = plan->tables[t];
      if (plan->tables[t].base != FANOUT_PLAN_COUNTED)
        ordered[place[t]].base = (gint) place[plan->tables[t].base];
    }
  g_free (plan->tables);
  plan->tables = ordered;
  plan->shown = g_new0 (guint, n);
  plan->n_shown = n_shown;
  for (guint t = 0; t < n_shown; t++)
    plan->shown[t] = place[t];
}

static void
refuse_subtotals (FanoutPlanning *self)
{
  for (guint t = 0; t < self->plan->n_all_tables; t++)
    {
      FanoutPlanTable *table = &self->plan->tables[t];
      if (table->rollup)
        fanout_config_mistake (self->errors, table->group,
                               fanout_config_entry (table->group, "rollup"),
                               "each session is of one group: a table for each list of keys has "
                               "the sessions of its groups");
      table->rollup = FALSE;
    }
}

void
fanout_planning_bases (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const guint n = plan->n_all_tables;
  guint n_keys = 0;
  /* Each has sessions of its own. */
  if (fanout_plan_has_sessions (plan))
    {
      refuse_subtotals (self);
      order_tables (plan, n);
      return;
    }
  for (guint t = 0; t < n; t++)
    if (plan->tables[t].rollup)
      find_rollup_base (self, t);
  for (guint t = 0; t < n; t++)
    n_keys = MAX (n_keys, plan->tables[t].n_keys);
  /* Those with most keys first, so that as few as can be are counted. */
  for (guint k = n_keys + 1; k-- > 0;)
    for (guint t = 0; t < n; t++)
      if (!plan->tables[t].rollup && plan->tables[t].n_keys == k)
        find_base (plan, t);
  order_tables (plan, n);
}
