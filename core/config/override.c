#include "core/config/private.h"

#include <string.h>

/* The parts of GROUP.KEY=VALUE, or why it has none. */
static const char *
split (const char *text, char **group, char **key, char **value)
{
  const char *equals = strchr (text, '=');
  const char *dot = equals != NULL ? g_strrstr_len (text, equals - text, ".") : NULL;
  const char *reason;

  if (equals == NULL)
    return "no '='";
  if (dot == NULL)
    return "no '.' before the '='";
  if (strchr (text, '\n') != NULL)
    return "a line feed";
  *group = g_strstrip (g_strndup (text, (gsize) (dot - text)));
  *key = g_strstrip (g_strndup (dot + 1, (gsize) (equals - dot - 1)));
  *value = g_strstrip (g_strdup (equals + 1));
  if ((*group)[0] == '\0')
    return "no group before the '.'";
  reason = fanout_config_wrong_group (*group);
  return reason != NULL ? reason : fanout_config_wrong_key (*group, *key);
}

void
fanout_config_override (FanoutConfig *config, const char *text, FanoutErrors *errors)
{
  g_autofree char *shown = fanout_escape (text, -1);
  g_autofree char *origin = g_strconcat ("-s ", shown, NULL);
  g_autofree char *group = NULL;
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;
  const char *reason = g_utf8_validate (text, -1, NULL) ? split (text, &group, &key, &value)
                                                        : "text that is not UTF-8";

  if (reason != NULL)
    fanout_errors_add (errors, origin, "%s; possible: GROUP.KEY=VALUE", reason);
  else
    fanout_config_set (config, group, key, value, origin);
}

void
fanout_config_override_all (FanoutConfig *config, const char *const *texts, FanoutErrors *errors)
{
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    fanout_config_override (config, texts[i], errors);
}
