#include "core/pipeline/reload.h"

#include <fanout/error.h>

/* The reader stays with the run that has it. */
static void
free_passes (FanoutPasses *passes)
{
  if (passes == NULL)
    return;
  FanoutRun *run = fanout_run_ref (passes->run);
  fanout_passes_free (passes);
  run->reader = NULL;
  fanout_run_unref (run);
}

void
fanout_reload_free (FanoutReload *self)
{
  if (self == NULL)
    return;
  free_passes (self->passes);
  fanout_plan_free (self->plan);
  fanout_changes_free (self->changes);
  g_free (self);
}

static const FanoutPlanAggregate *
find_aggregate (const FanoutPlan *plan, const char *name)
{
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (g_str_equal (plan->aggregates[i].name, name))
      return &plan->aggregates[i];
  return NULL;
}

/* What has not changed is not to be lost because it cannot be moved. */
static gboolean
check_kept (const FanoutReload *self, GError **error)
{
  for (guint i = 0; i < self->changes->kept->len; i++)
    {
      const FanoutPlanAggregate *aggregate
          = find_aggregate (self->plan, self->changes->kept->pdata[i]);
      const char *why = aggregate != NULL ? fanout_plan_why_unwritten (aggregate->operator_) : NULL;
      if (why == NULL)
        continue;
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "%s: [aggregate %s]: %s cannot be kept: %s; it takes a new start, or another "
                   "name for what begins anew",
                   aggregate->origin, aggregate->name, aggregate->operator_->name, why);
      return FALSE;
    }
  return TRUE;
}

/* What begins anew tells first what it has. */
static gboolean
check_ended (const FanoutReload *self, const FanoutPlan *before, GError **error)
{
  for (guint i = 0; self->changes->anew && before->window == NULL && i < before->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &before->aggregates[i];
      const char *why = fanout_plan_why_at_end (aggregate->operator_);
      if (why == NULL)
        continue;
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "%s: [aggregate %s]: all states would begin anew, and what %s has comes at the "
                   "end alone: %s; it takes a new start",
                   aggregate->origin, aggregate->name, aggregate->operator_->name, why);
      return FALSE;
    }
  return TRUE;
}

static FanoutRun *
make_run (const FanoutRun *before, const FanoutPlan *plan)
{
  FanoutRun *run = fanout_run_new (plan, before->reader, before->cancellable);
  run->started = before->started;
  run->rest.action = before->rest.action;
  run->rest.data = before->rest.data;
  if (before->reader == NULL)
    atomic_store (&run->generator.next, atomic_load (&before->generator.next));
  return run;
}

static gboolean
change_reader (FanoutBlockReader *reader, const FanoutPlan *plan, GError **error)
{
  if (reader == NULL)
    return TRUE;
  g_autofree const char **names = g_new0 (const char *, plan->n_columns + 1);
  for (guint i = 0; i < plan->n_columns; i++)
    names[i] = plan->columns[i].name;
  return fanout_reader_change (reader, &plan->reader, plan->n_columns, names, plan->positions,
                               error);
}

FanoutReload *
fanout_reload_new (const FanoutPasses *passes, FanoutPlan *plan, GError **error)
{
  g_autoptr (FanoutReload) self = g_new0 (FanoutReload, 1);
  self->plan = plan;
  g_autoptr (FanoutCheckpoint) states = fanout_checkpoint_keep (passes, error);
  if (states == NULL)
    return NULL;
  self->changes = fanout_checkpoint_compare (states, plan);
  if (!check_kept (self, error) || !check_ended (self, passes->run->plan, error))
    return NULL;
  FanoutRun *run = make_run (passes->run, plan);
  self->passes = fanout_passes_new (run, fanout_plan_partitions (plan, run->reader));
  return fanout_checkpoint_load (states, self->passes, self->changes, error)
                 && change_reader (run->reader, plan, error)
             ? g_steal_pointer (&self)
             : NULL;
}
