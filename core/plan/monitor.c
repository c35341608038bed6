#include "core/plan/private.h"

#include "core/config/address.h"

/* Where it listens may be heard by others only on demand. */
static void
check_address (FanoutPlanning *self, const FanoutConfigGroup *group,
               const FanoutMonitorOptions *options)
{
  g_autoptr (GError) error = NULL;
  FanoutAddress address;
  const FanoutConfigEntry *entry = fanout_config_entry (group, "listen");
  if (!fanout_address_parse (options->listen, &address, &error))
    fanout_config_mistake (self->errors, group, entry, "%s", error->message);
  else if (!address.near && !options->allow_remote)
    {
      g_autofree char *quoted = fanout_quote (options->listen, -1);
      fanout_config_mistake (self->errors, group, entry,
                             "%s can be reached from other machines, by anybody: allow-remote = "
                             "true says that this is meant",
                             quoted);
    }
}

void
fanout_planning_monitor (FanoutPlanning *self)
{
  /* What a part says is somebody else's, and nobody is to listen for him. */
  if (self->merge)
    return;
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = fanout_planning_group (self, "monitor", &none);
  const FanoutOption *const tables[] = { fanout_monitor_options, NULL };
  FanoutMonitorOptions *options = &self->plan->monitor;
  fanout_options_bind (self->plan->config, group, tables, (gpointer[]){ options }, NULL, NULL,
                       self->errors);
  if (options->listen != NULL)
    check_address (self, group, options);
}
