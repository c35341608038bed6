#include "core/plan/private.h"

#include "core/expression/calendar.h"

static gboolean
read_width (FanoutPlanning *self, const FanoutConfigGroup *group, const char *key, const char *text,
            FanoutAxisWidth *width)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = fanout_quote (text, -1);
  if (fanout_axis_width (text, width, &error))
    return TRUE;
  fanout_config_mistake (self->errors, group, fanout_config_entry (group, key), "%s: %s", quoted,
                         error->message);
  return FALSE;
}

static void
make_axis (FanoutPlanning *self, const FanoutConfigGroup *group, const FanoutWindowOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  const char *every = options->every != NULL ? options->every : options->size;
  FanoutAxisWidth widths[2];
  GTimeZone *zone = fanout_zone_new (options->zone, &problem);
  if (zone == NULL)
    {
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "zone"), "%s",
                             problem);
      return;
    }
  if (!read_width (self, group, "size", options->size, &widths[0])
      || !read_width (self, group, options->every != NULL ? "every" : "size", every, &widths[1]))
    g_time_zone_unref (zone);
  else if (!fanout_axis_init (&self->plan->window->axis, &widths[0], &widths[1], zone, &error))
    fanout_config_mistake (self->errors, group, fanout_config_entry (group, "every"), "%s",
                           error->message);
}

void
fanout_planning_window (FanoutPlanning *self)
{
  FanoutPlanWindow *window = self->plan->window;
  const FanoutConfigGroup *group = fanout_config_find (self->plan->config, "window");
  const FanoutOption *const tables[] = { fanout_window_options, NULL };
  FanoutWindowOptions options = { 0 };
  if (!fanout_options_bind (self->plan->config, group, tables, (gpointer[]){ &options }, NULL, NULL,
                            self->errors))
    return;
  make_axis (self, group, &options);
  window->time = options.time;
  window->register_ = fanout_planning_number (self, window->program, options.time, group, "time");
  window->lateness = (FanoutInstant) options.lateness * 1000;
  window->idle = (FanoutInstant) options.idle * 1000;
  window->ahead = (FanoutInstant) options.ahead * 1000;
  window->late_fails = options.late == FANOUT_LATE_FAIL;
}

/* Why its states cannot be those of windows; NULL: they can. */
static const char *
why_not (const FanoutOperator *operator_, gboolean overlapping)
{
  if (operator_->loop != NULL || (operator_->flags & FANOUT_UNGROUPED) != 0)
    return "it has one state, for all of the stream";
  if (operator_->clear != NULL && operator_->copy == NULL && operator_->encode == NULL)
    return "its states cannot be copied";
  if (overlapping && (operator_->combine == NULL || operator_->order >= FANOUT_ORDER_ORDERED))
    return "slices of overlapping windows are combined, and its states are a matter of sequence; "
           "without every it has a place";
  return NULL;
}

void
fanout_planning_check_window (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  if (plan->window == NULL)
    return;
  const gboolean overlapping = plan->window->axis.size > 1;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      const char *why
          = aggregate->operator_ != NULL ? why_not (aggregate->operator_, overlapping) : NULL;
      if (why != NULL)
        fanout_errors_add (self->errors, aggregate->origin,
                           "[aggregate %s]: %s has no place in windows: %s", aggregate->name,
                           aggregate->operator_->name, why);
    }
  /* Blocks pass on how far they came: one after the other where there are none. */
  if (plan->source != NULL && plan->source->decode == NULL)
    plan->partitions = 1;
}

void
fanout_plan_window_free (FanoutPlanWindow *window)
{
  if (window == NULL)
    return;
  fanout_program_free (window->program);
  fanout_axis_clear (&window->axis);
  g_free (window);
}
