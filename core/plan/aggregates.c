#include "core/plugin/columns.h"
#include "core/plan/private.h"
#include "core/plan/synonyms.h"

#include <string.h>

/* Whether the operator would take this column as text if it were told `as = text`. */
static gboolean
can_take_text (const FanoutOperator *operator_, gconstpointer options, guint index)
{
  for (const FanoutOption *option = operator_->options;
       operator_->takes != NULL && option != NULL && option->key != NULL; option++)
    {
      if (strcmp (option->key, "as") != 0 || option->type != FANOUT_OPTION_CHOICE)
        continue;
      for (gint choice = 0; option->choices[choice] != NULL; choice++)
        if (strcmp (option->choices[choice], "text") == 0)
          {
            g_autofree char *other = g_memdup2 (options, operator_->options_size);
            *(gint *) (gpointer) (other + option->offset) = choice;
            return operator_->takes (other, index) == FANOUT_TAKES_TEXT;
          }
    }
  return FALSE;
}

static void
choose_columns (FanoutPlanning *self, FanoutPlanAggregate *aggregate,
                const FanoutConfigGroup *group, const GPtrArray *names)
{
  const FanoutOperator *operator_ = aggregate->operator_;
  g_autofree FanoutOperatorInput *inputs
      = fanout_operator_inputs (operator_, aggregate->options, names->len);
  aggregate->n_columns = names->len;
  aggregate->columns = g_new0 (guint, MAX (names->len, 1));
  for (guint i = 0; i < names->len && inputs[i].option != NULL; i++)
    aggregate->columns[i] = fanout_planning_reference (
        self, g_ptr_array_index (names, i), inputs[i].takes, group, inputs[i].option->key,
        can_take_text (operator_, aggregate->options, i));
}

static gboolean
is_operator (const FanoutPlanning *self, const FanoutConfigEntry *type)
{
  return type != NULL
         && g_strv_contains (fanout_registry_names (self->plan->registry, FANOUT_KIND_OPERATOR),
                             type->value);
}

static const FanoutOperator *
find_operator (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  const FanoutConfigEntry *type = fanout_config_entry (group, "type");
  g_autoptr (GError) error = NULL;
  /* With thousands of wrong names the search for near ones would take its time. */
  if (fanout_errors_is_full (self->errors) && !is_operator (self, type)
      && !fanout_errors_wants (self->errors))
    return NULL;
  if (type == NULL)
    {
      fanout_errors_add (self->errors, group->origin,
                         "[%s] type: missing; it is an operator, such as count or mean; 'fanoutd "
                         "plugins' lists them",
                         group->name);
      return NULL;
    }
  const FanoutOperator *operator_
      = fanout_registry_operator (self->plan->registry, type->value, &error);
  if (operator_ != NULL)
    return operator_;
  g_autofree char *quoted = fanout_quote (type->value, -1);
  g_autofree char *ours = fanout_synonym (type->value);
  if (ours != NULL && g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG))
    fanout_config_mistake (self->errors, group, type, "there is no operator %s; did you mean %s?",
                           quoted, ours);
  else
    fanout_config_mistake (self->errors, group, type, "%s", error->message);
  fanout_errors_weigh (self->errors, error);
  return NULL;
}

static gboolean
prepare (FanoutPlanning *self, FanoutPlanAggregate *aggregate, const FanoutConfigGroup *group)
{
  const FanoutOperator *operator_ = aggregate->operator_;
  g_autoptr (GError) error = NULL;
  aggregate->prepared = TRUE;
  if (operator_->prepare != NULL && !operator_->prepare (aggregate->options, &error))
    {
      fanout_errors_add (self->errors, group->origin, "[%s]: %s", group->name, error->message);
      return FALSE;
    }
  return TRUE;
}

static void
plan_aggregate (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  const char *name = fanout_config_intern (plan->config,
                                           g_strstrip ((char *) fanout_config_intern (
                                               plan->config, group->name + strlen ("aggregate "))));
  if (name[0] == '\0')
    {
      fanout_errors_add (self->errors, group->origin, "[aggregate]: a name is wanted");
      return;
    }
  const FanoutOperator *operator_ = find_operator (self, group);
  if (operator_ == NULL)
    return;
  FanoutPlanAggregate *aggregate = &plan->aggregates[plan->n_aggregates++];
  aggregate->name = name;
  aggregate->origin = group->origin;
  aggregate->operator_ = operator_;
  aggregate->options = fanout_config_allocate (plan->config, MAX (operator_->options_size, 1));
  FanoutAggregateOptions common = { 0 };
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  const FanoutOption *const tables[] = { fanout_aggregate_options, operator_->options, NULL };
  gpointer const targets[] = { &common, aggregate->options };
  if (!fanout_options_bind (plan->config, group, tables, targets, NULL, columns, self->errors))
    return;
  /* Before `prepare`, which may change them. */
  g_autofree char *meaning
      = fanout_options_meaning (operator_->options, aggregate->options, columns);
  aggregate->meaning = fanout_config_intern (plan->config, meaning);
  if (!prepare (self, aggregate, group))
    return;
  aggregate->drop = common.on_error == 2 ? self->pipeline.on_error == 1 : common.on_error == 1;
  aggregate->where = common.where;
  aggregate->tables = common.tables;
  aggregate->condition = -1;
  if (common.where != NULL)
    aggregate->condition
        = fanout_planning_condition (self, plan->program, common.where, group, "where");
  choose_columns (self, aggregate, group, columns);
  g_auto (GStrv) names = fanout_operator_columns (operator_, aggregate->options, name);
  aggregate->results = fanout_config_intern_list (plan->config, (const char *const *) names);
  aggregate->n_results = g_strv_length (names);
}

void
fanout_planning_aggregates (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  guint n_groups = fanout_config_n_groups (plan->config);
  plan->aggregates = g_new0 (FanoutPlanAggregate, MAX (n_groups, 1));
  guint n_aggregates = 0;
  for (guint i = 0; i < n_groups; i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (plan->config, i);
      if (!g_str_has_prefix (group->name, "aggregate "))
        continue;
      n_aggregates++;
      plan_aggregate (self, group);
    }
  if (n_aggregates == 0)
    fanout_errors_add (self->errors, self->name,
                       "no aggregate: at least one group [aggregate NAME] is wanted");
}

/* Why an aggregate keeps the pipeline at one partition; NULL: it does not. */
static const char *
why_single (const FanoutOperator *operator_)
{
  if (operator_->loop != NULL)
    return "a loop";
  if (operator_->order >= FANOUT_ORDER_ORDERED)
    return "a matter of sequence";
  return operator_->combine == NULL ? "without combine" : NULL;
}

/* Fewer bytes or rows than this are not worth a second thread. */
#define SMALL_BYTES (4 * 1024 * 1024)
#define SMALL_ROWS  1000000
/* Bytes of rows in one of an input that is packed, roughly. */
#define PACKED      4

static gboolean
is_small (const FanoutPlan *plan, FanoutBlockReader *reader)
{
  if (reader == NULL)
    return plan->source->n_rows (plan->source_options) < SMALL_ROWS;
  guint64 total = fanout_reader_total (reader) * (fanout_reader_is_packed (reader) ? PACKED : 1);
  return total > 0 && total < SMALL_BYTES;
}

void
fanout_planning_partitions (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  gboolean automatic = self->pipeline.partitions == FANOUT_OPTION_NAMED (0);
  guint asked = automatic ? 0 : (guint) MAX (self->pipeline.partitions, 1);
  gboolean all_may_leave = plan->n_aggregates > 0 && !fanout_plan_is_grouped (plan);
  gboolean single = FALSE;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      const char *why = why_single (aggregate->operator_);
      all_may_leave &= (aggregate->operator_->flags & FANOUT_MAY_LEAVE) != 0;
      single |= why != NULL;
      if (why != NULL && asked > 1)
        fanout_errors_add (self->errors, aggregate->origin,
                           "[aggregate %s]: %s is %s: it needs [pipeline] partitions = 1, not %u",
                           aggregate->name, aggregate->operator_->name, why, asked);
    }
  if (plan->fed && asked > 1)
    fanout_errors_add (self->errors, self->name,
                       "[pipeline] partitions: rows that are put in need 1, not %u", asked);
  if (single || all_may_leave || plan->fed)
    plan->partitions = 1;
  else if (!automatic)
    plan->partitions = asked;
  else
    plan->partitions = plan->strategy == FANOUT_STRATEGY_FIBER ? 0 : 1;
}

guint
fanout_plan_partitions (const FanoutPlan *plan, FanoutBlockReader *reader)
{
  if (plan->partitions != 0)
    return plan->partitions;
  if (plan->source == NULL)
    return 1;
  return is_small (plan, reader) ? 1 : g_get_num_processors ();
}
