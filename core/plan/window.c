#include "core/plan/private.h"

#include "core/expression/calendar.h"

/* So many times a row may be there, at most. */
#define REPEATS_MAX 10000

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

/* What is there, and not empty. */
static gboolean
is_given (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static void
make_sessions (FanoutPlanning *self, const FanoutConfigGroup *group,
               const FanoutWindowOptions *options)
{
  FanoutAxisWidth width;
  static const char *const others[] = { "size", "every", "zone" };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      const FanoutConfigEntry *entry = fanout_config_entry (group, others[i]);
      if (entry != NULL && is_given (entry->value))
        fanout_config_mistake (self->errors, group, entry,
                               "sessions have none: it has no place beside gap");
    }
  if (!read_width (self, group, "gap", options->gap, &width))
    return;
  if (width.unit == FANOUT_AXIS_SPANS)
    self->plan->window->axis.gap = width.n;
  else
    fanout_config_mistake (self->errors, group, fanout_config_entry (group, "gap"),
                           "days are not all equally long; a gap such as 500ms, 30s, 5m or 24h is "
                           "wanted");
}

static void
make_axis (FanoutPlanning *self, const FanoutConfigGroup *group, const FanoutWindowOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  const char *every = is_given (options->every) ? options->every : options->size;
  FanoutAxisWidth widths[2];
  if (is_given (options->gap))
    {
      make_sessions (self, group, options);
      return;
    }
  if (!is_given (options->size))
    {
      fanout_config_mistake (
          self->errors, group, NULL,
          "one of the keys 'size' and 'gap' is missing: how long windows are, or "
          "how long a group is without a row before a new session begins");
      return;
    }
  GTimeZone *zone = fanout_zone_new (options->zone, &problem);
  if (zone == NULL)
    {
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "zone"), "%s",
                             problem);
      return;
    }
  if (!read_width (self, group, "size", options->size, &widths[0])
      || !read_width (self, group, is_given (options->every) ? "every" : "size", every, &widths[1]))
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
why_not (const FanoutOperator *operator_, gboolean sessions)
{
  const char *why = fanout_plan_why_at_end (operator_);
  if (why != NULL)
    return why;
  if (sessions && !fanout_plan_merges_groups (operator_))
    return "pieces of sessions are combined when a row comes between them, and its states are a "
           "matter of sequence";
  return NULL;
}

static void
refuse (FanoutPlanning *self, const FanoutPlanTable *table, const char *key, const char *why)
{
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = table->group;
  const FanoutConfigEntry *entry = group != NULL ? fanout_config_entry (group, key) : NULL;
  if (entry == NULL)
    {
      group = fanout_planning_group (self, "output", &none);
      entry = fanout_config_entry (group, key);
    }
  fanout_config_mistake (self->errors, group, entry, "%s", why);
}

/* What is about all groups of a window, where each has its own. */
static void
check_session_table (FanoutPlanning *self, const FanoutPlanTable *table)
{
  if (table->n_sorts > 0)
    refuse (self, table, "sort",
            "sessions come in the order of their ends, and by their keys: nothing else sorts them");
  if (table->offset > 0)
    refuse (self, table, "offset", "each session is a window of its own: it would pass over all");
  if (table->limit > 0)
    refuse (self, table, "limit", "each session is a window of its own: there is nothing to limit");
  if (table->rest != NULL)
    refuse (self, table, "rest",
            "each session is a window of its own: it has no other groups to combine");
  for (guint i = 0; i < table->results.n_totals; i++)
    fanout_errors_add (self->errors, table->origin,
                       "%s: each session is a window of its own, so it is the value of its only "
                       "group",
                       table->results.totals[i].text);
}

/* A row goes to the slice that it is in, and to no other state, unless some aggregate has to see
 * all rows of a window one after the other. */
static void
check_repeated (FanoutPlanning *self)
{
  FanoutPlanWindow *window = self->plan->window;
  const FanoutPlanAggregate *sequence = NULL;
  for (guint i = 0; i < self->plan->n_aggregates && sequence == NULL; i++)
    if (self->plan->aggregates[i].operator_ != NULL
        && !fanout_plan_merges_groups (self->plan->aggregates[i].operator_))
      sequence = &self->plan->aggregates[i];
  if (sequence == NULL || window->axis.size <= 1)
    return;
  window->repeated = TRUE;
  if (fanout_axis_n_windows (&window->axis) > REPEATS_MAX)
    fanout_errors_add (self->errors, sequence->origin,
                       "[aggregate %s]: %s is updated once for each window that a row is in, and "
                       "that is %" G_GINT64_FORMAT " times; at most %d are possible",
                       sequence->name, sequence->operator_->name,
                       fanout_axis_n_windows (&window->axis), REPEATS_MAX);
}

FanoutAxis
fanout_plan_slices (const FanoutPlan *plan)
{
  FanoutAxis axis = plan->window->axis;
  if (plan->window->repeated)
    axis.size = axis.every = 1;
  return axis;
}

void
fanout_planning_check_window (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  if (plan->window == NULL)
    return;
  const gboolean sessions = fanout_plan_has_sessions (plan);
  for (guint t = 0; sessions && t < plan->n_shown; t++)
    check_session_table (self, &plan->tables[plan->shown[t]]);
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      const char *why
          = aggregate->operator_ != NULL ? why_not (aggregate->operator_, sessions) : NULL;
      if (why != NULL)
        fanout_errors_add (self->errors, aggregate->origin,
                           "[aggregate %s]: %s has no place in windows: %s", aggregate->name,
                           aggregate->operator_->name, why);
    }
  if (!sessions)
    check_repeated (self);
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
