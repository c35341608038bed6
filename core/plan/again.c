#include "core/plan/private.h"

#include <string.h>

/* Keys of [source] that say nothing of how bytes become rows. */
static const char *const free_keys[]
    = { "path",    "null-values",     "missing-columns", "on-bad-row", "on-bad-value",
        "max-row", "rotate-wait",     "discover",        "decimal",    "thousands",
        "ragged",  "max-connections", "start",           NULL };

static const char *
value_of (const FanoutConfigGroup *group, const char *key)
{
  const FanoutConfigEntry *entry = group != NULL ? fanout_config_entry (group, key) : NULL;
  return entry != NULL ? entry->value : NULL;
}

/* Files that are read one after the other are what they were. */
static gboolean
may_change (const FanoutPlanning *self, const char *key)
{
  const FanoutPlan *running = self->running;
  return running->source != NULL && running->source->decode != NULL
         && g_strv_contains (free_keys, key)
         && (strcmp (key, "path") != 0 || fanout_reader_is_live (self->reader));
}

/* What one of the two groups says, and the other one does not. */
static void
refuse (FanoutPlanning *self, const FanoutConfigGroup *now, const FanoutConfigGroup *before,
        const FanoutConfigGroup *of)
{
  for (guint i = 0; of != NULL && i < of->n_entries; i++)
    {
      const char *key = of->entries[i].key;
      const char *old = value_of (before, key);
      if (may_change (self, key) || g_strcmp0 (old, value_of (now, key)) == 0
          || (of == before && value_of (now, key) != NULL))
        continue;
      g_autofree char *quoted = old != NULL ? fanout_quote (old, -1) : NULL;
      fanout_config_mistake (
          self->errors, now, fanout_config_entry (now, key),
          "%s%s%s%s: how bytes become rows cannot change while they are read; "
          "it takes a new start",
          value_of (now, key) == NULL ? key : "", value_of (now, key) == NULL ? " is gone" : "",
          quoted == NULL ? "it is new" : " it was ", quoted != NULL ? quoted : "");
    }
}

const char *
fanout_planning_running_type (FanoutPlanning *self)
{
  const FanoutConfigGroup *before = fanout_config_find (self->running->config, "source");
  const FanoutConfigGroup *now = fanout_config_find (self->plan->config, "source");
  const FanoutConfigEntry *format = fanout_config_entry (before, "format");
  if (format != NULL && value_of (now, "format") == NULL)
    fanout_config_set (self->plan->config, "source", "format", format->value, format->origin);
  return self->running->source->name;
}

void
fanout_planning_check_running (FanoutPlanning *self)
{
  FanoutConfigGroup none;
  const FanoutConfigGroup *before = fanout_config_find (self->running->config, "source");
  const FanoutConfigGroup *now = fanout_planning_group (self, "source", &none);
  refuse (self, now, before, now);
  refuse (self, now, before, before);
}

void
fanout_planning_running_fields (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  plan->fields = g_strdupv (self->running->fields);
  if (plan->fields == NULL)
    plan->fields = fanout_reader_known_names (self->reader);
}
