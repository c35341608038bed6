#include "core/config/private.h"

#include <string.h>

static void
scan_keys (FanoutConfigScan *scan, GKeyFile *key_file, const char *group, const char *header)
{
  g_auto (GStrv) keys = g_key_file_get_keys (key_file, group, NULL, NULL);

  for (guint k = 0; keys != NULL && keys[k] != NULL; k++)
    {
      g_autofree char *value = g_key_file_get_value (key_file, group, keys[k], NULL);
      g_autofree char *key = fanout_escape (keys[k], -1);
      g_autofree char *origin = g_strdup_printf ("%s %s", header, key);

      scan->origin = fanout_config_intern (scan->config, origin);
      if (!g_utf8_validate (keys[k], -1, NULL) || !g_utf8_validate (value, -1, NULL))
        fanout_errors_add (scan->errors, scan->origin, "text that is not UTF-8");
      else if (strchr (value, '\n') != NULL)
        fanout_config_wrong_line (scan->errors, scan->origin, "a value of several lines", value);
      else
        fanout_config_scan_entry (scan, keys[k], value, keys[k]);
    }
}

FanoutConfig *
fanout_config_from_key_file (GKeyFile *key_file, const char *folder, const char *const *overrides,
                             FanoutErrors *errors)
{
  FanoutConfigScan scan = { .config = fanout_config_new (folder), .errors = errors };
  g_auto (GStrv) groups = g_key_file_get_groups (key_file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *group = fanout_escape (groups[i], -1);
      g_autofree char *header = g_strdup_printf ("[%s]", group);

      scan.origin = fanout_config_intern (scan.config, header);
      if (!g_utf8_validate (groups[i], -1, NULL))
        {
          fanout_errors_add (errors, scan.origin, "text that is not UTF-8");
          continue;
        }
      fanout_config_scan_group (&scan, groups[i], header);
      scan_keys (&scan, key_file, groups[i], header);
    }
  fanout_config_override_all (scan.config, overrides, errors);
  return scan.config;
}
