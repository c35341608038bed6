#include "core/plan/private.h"

#include "core/base/output.h"

#include <string.h>

/* Paths in a file are relative to its folder. */
static const char *
whole_path (const FanoutPlan *plan, const FanoutConfigEntry *entry)
{
  const char *folder = fanout_config_folder (plan->config);
  if (entry->from == FANOUT_CONFIG_ARGUMENT || g_path_is_absolute (entry->value)
      || strcmp (folder, ".") == 0)
    return entry->value;
  g_autofree char *whole = g_build_filename (folder, entry->value, NULL);
  return fanout_config_intern (plan->config, whole);
}

static void
plan_checkpoint (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  const FanoutOption *const tables[] = { fanout_checkpoint_options, NULL };
  FanoutCheckpointOptions options = { 0 };
  if (!fanout_options_bind (plan->config, group, tables, (gpointer[]){ &options }, NULL, NULL,
                            self->errors))
    return;
  plan->checkpoint = g_new0 (FanoutPlanCheckpoint, 1);
  plan->checkpoint->path = whole_path (plan, fanout_config_entry (group, "path"));
  plan->checkpoint->every = options.every;
  plan->checkpoint->keep = (guint) options.keep;
}

void
fanout_planning_stream (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *checkpoint = fanout_config_find (plan->config, "checkpoint");
  const FanoutConfigGroup *output = fanout_config_find (plan->config, "output");
  const FanoutConfigEntry *every = output != NULL ? fanout_config_entry (output, "every") : NULL;
  FanoutOutputKeys keys = { 0 };
  FanoutErrors ignored;
  if (checkpoint != NULL && !self->merge)
    plan_checkpoint (self, checkpoint);
  if (every == NULL || self->merge)
    return;
  /* What else is wrong with it is told when it is planned. */
  const FanoutConfigGroup alone
      = { .name = "output", .origin = output->origin, .n_entries = 1, .entries = every };
  const FanoutOption *const tables[] = { fanout_output_options, NULL };
  fanout_errors_init (&ignored);
  if (fanout_options_bind (plan->config, &alone, tables, (gpointer[]){ &keys }, NULL, NULL,
                           &ignored))
    plan->every = keys.every;
  fanout_errors_clear (&ignored);
  if (plan->window != NULL)
    fanout_config_mistake (self->errors, output, every,
                           "results come when windows end: it has no place beside [window]");
}

const char *
fanout_plan_why_at_end (const FanoutOperator *operator_)
{
  if (operator_->loop != NULL || (operator_->flags & FANOUT_UNGROUPED) != 0)
    return "it has one state, for all of the stream";
  if (operator_->clear != NULL && operator_->copy == NULL && operator_->encode == NULL)
    return "its states cannot be copied";
  return NULL;
}

const char *
fanout_plan_why_unwritten (const FanoutOperator *operator_)
{
  if (operator_->loop != NULL)
    return "it is a loop";
  return operator_->encode == NULL || operator_->decode == NULL ? "its states cannot be written"
                                                                : NULL;
}

gboolean
fanout_plan_has_helpers (const FanoutPlan *plan)
{
  return plan->partitions != 1 && g_get_num_processors () > 1;
}

gboolean
fanout_plan_reads_several (const FanoutPlan *plan)
{
  const char *const *paths = plan->reader.paths;
  return plan->reader.follow && paths != NULL && paths[0] != NULL
         && (paths[1] != NULL || strpbrk (paths[0], "*?[") != NULL);
}

/* Results that come one after the other make no whole of a format that is one from its first byte
 * to its last. */
static void
check_format (FanoutPlanning *self, const FanoutPlanTable *table)
{
  const FanoutPlan *plan = self->plan;
  const gboolean streams = plan->window != NULL || plan->every > 0 || fanout_plan_is_endless (plan);
  const gboolean goes_on = fanout_plan_is_endless (plan) || table->output.append;
  if (!streams || table->n_sinks == 0 || strcmp (table->sinks[0].sink->name, "json") != 0
      || (!goes_on && table->layout.n_tables < 2))
    return;
  fanout_errors_add (self->errors, table->origin,
                     "[output] format: json is one %s; results that come while the stream goes on "
                     "are written as ndjson",
                     goes_on ? "list from its beginning to its end" : "object for all tables");
}

/* That it has a date is known by its %. */
static void
check_dated_path (FanoutPlanning *self, const FanoutPlanTable *table)
{
  const FanoutPlan *plan = self->plan;
  const char *path = table->output.path;
  const gboolean streams = plan->window != NULL || plan->every > 0 || fanout_plan_is_endless (plan);

  if (!streams || path == NULL || strchr (path, '%') == NULL)
    return;
  if (fanout_plan_has_sessions (plan))
    {
      fanout_errors_add (self->errors, table->origin,
                         "[output] path: one with a date has no meaning for sessions, which "
                         "begin whenever they do");
      return;
    }
  g_autoptr (GDateTime) some_day = g_date_time_new_utc (2000, 1, 1, 0, 0, 0);
  g_autofree char *made = g_date_time_format (some_day, path);
  if (made != NULL)
    return;
  g_autofree char *quoted = fanout_quote (path, -1);
  fanout_errors_add (self->errors, table->origin,
                     "[output] path: %s has no date that is known: %%Y-%%m-%%d is one, as date(1) "
                     "has it, %%%% is one %%",
                     quoted);
}

/* One would take the place of the other. */
static void
check_checkpoint (FanoutPlanning *self)
{
  const FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "checkpoint");
  if (plan->checkpoint == NULL)
    return;
  g_autofree char *place = fanout_output_place (plan->checkpoint->path);
  for (guint i = 0; i < plan->n_shown; i++)
    {
      const char *path = plan->tables[plan->shown[i]].output.path;
      g_autofree char *other = path != NULL ? fanout_output_place (path) : NULL;
      if (g_strcmp0 (place, other) != 0)
        continue;
      g_autofree char *name = fanout_escape (path, -1);
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "path"),
                             "found '%s', where results go as well", name);
      return;
    }
}

void
fanout_planning_check_stream (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  check_checkpoint (self);
  /* Pieces of sessions in several partitions may overlap, and are put back into one. */
  if (plan->checkpoint != NULL && fanout_plan_has_sessions (plan))
    plan->partitions = 1;
  for (guint i = 0; i < plan->n_shown; i++)
    {
      const FanoutPlanTable *table = &plan->tables[plan->shown[i]];
      check_format (self, table);
      check_dated_path (self, table);
    }
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      const FanoutOperator *operator_ = aggregate->operator_;
      if (operator_ == NULL)
        continue;
      const char *why = plan->every > 0 ? fanout_plan_why_at_end (operator_) : NULL;
      if (why != NULL)
        fanout_errors_add (
            self->errors, aggregate->origin,
            "[aggregate %s]: %s has no results while the stream goes on, as [output] "
            "every wants them: %s",
            aggregate->name, operator_->name, why);
      if (operator_->order >= FANOUT_ORDER_ORDERED && fanout_plan_reads_several (plan))
        fanout_errors_add (self->errors, aggregate->origin,
                           "[aggregate %s]: %s has no place over several inputs that are read "
                           "beside each other: its result would be a matter of which comes first",
                           aggregate->name, operator_->name);
      why = plan->checkpoint != NULL ? fanout_plan_why_unwritten (operator_) : NULL;
      if (why != NULL)
        fanout_errors_add (self->errors, aggregate->origin,
                           "[aggregate %s]: %s has no place beside [checkpoint]: %s",
                           aggregate->name, operator_->name, why);
    }
}
