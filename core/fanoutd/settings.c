#include "core/fanoutd/arguments.h"

void
settings_init (Settings *settings)
{
  *settings = (Settings){ .plugin_path = g_ptr_array_new (), .overrides = g_ptr_array_new () };
}

int
settings_check (const Verb *verb, const Settings *settings)
{
  if (settings->partial == NULL || (settings->output == NULL && settings->format == NULL))
    return -1;
  return message_usage (verb, "--partial writes states, not results: %s is for who merges them",
                        settings->output != NULL ? "-o" : "-f");
}

void
settings_clear (Settings *settings)
{
  g_clear_pointer (&settings->plugin_path, g_ptr_array_unref);
  g_clear_pointer (&settings->overrides, g_ptr_array_unref);
}

static void
set (FanoutConfig *config, const char *group, const char *key, const char *value,
     const char *option)
{
  g_autofree char *origin = g_strconcat (option, " ", value, NULL);

  if (value != NULL)
    fanout_config_set (config, group, key, value, origin);
}

FanoutConfig *
settings_config (const Settings *settings, FanoutErrors *errors)
{
  FanoutConfig *config = fanout_config_new (NULL);

  for (guint i = 0; i < settings->overrides->len; i++)
    fanout_config_override (config, settings->overrides->pdata[i], errors);
  set (config, "output", "format", settings->format, "-f");
  set (config, "output", "path", settings->output, "-o");
  set (config, "monitor", "listen", settings->monitor, "--monitor");
  return config;
}
