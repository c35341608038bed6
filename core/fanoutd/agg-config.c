#include "core/fanoutd/agg-config.h"
#include "core/config/option.h"
#include "core/fanoutd/catalogue.h"

#include <string.h>

/* A file name as a glob that matches it alone. One without such characters is no glob, and a
 * backslash in it is itself. */
static char *
pattern_of (const char *path)
{
  static const char glob_characters[] = "*?[";
  const gboolean is_glob = strpbrk (path, glob_characters) != NULL;
  GString *pattern = g_string_new (NULL);

  for (; *path != '\0'; path++)
    if (strchr (glob_characters, *path) != NULL)
      g_string_append_printf (pattern, "[%c]", *path);
    else if (is_glob && *path == '\\')
      g_string_append (pattern, "\\\\");
    else
      g_string_append_c (pattern, *path);
  return g_string_free (pattern, FALSE);
}

static char *
path_of (const GPtrArray *inputs)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; inputs != NULL && i < inputs->len; i++)
    {
      g_autofree char *pattern = pattern_of (inputs->pdata[i]);

      fanout_list_append (list, pattern);
    }
  if (list->len == 0)
    g_string_append_c (list, '-');
  return g_string_free (list, FALSE);
}

/* An argument `option value` that sets a key to that value. */
static void
set (FanoutConfig *config, const char *group, const char *key, const char *value,
     const char *option)
{
  g_autofree char *origin = g_strconcat (option, " ", value, NULL);

  fanout_config_set (config, group, key, value, origin);
}

/* The same for a list that is given in pieces; nothing when there are none. */
static void
set_list (FanoutConfig *config, const char *group, const char *key, const GPtrArray *pieces,
          const char *option)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < pieces->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", (const char *) pieces->pdata[i]);
  if (pieces->len > 0)
    set (config, group, key, list->str, option);
}

static void
set_source (FanoutConfig *config, const AggParts *parts, FanoutRegistry *registry)
{
  const char *type = parts->type != NULL ? parts->type : "csv";
  const char *meant = parts->type_over != NULL ? parts->type_over : type;
  const FanoutSource *source = fanout_registry_source (registry, meant, NULL);
  const gboolean reads = source == NULL || source->decode != NULL;

  set (config, "source", "type", type, "-t");
  if (reads || (parts->inputs != NULL && parts->inputs->len > 0))
    {
      g_autofree char *path = path_of (parts->inputs);

      fanout_config_set (config, "source", "path", path, "the inputs");
    }
  if (parts->delimiter != NULL)
    set (config, "source", "delimiter", parts->delimiter, "-d");
  if (parts->header)
    fanout_config_set (config, "source", "header", "true", "--header");
  if (parts->no_header)
    fanout_config_set (config, "source", "header", "false", "--no-header");
}

/* Only a list has quotes in a value; any other stands there as it is. */
static char *
value_of (const GPtrArray *items, gboolean list)
{
  GString *value = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    if (list)
      fanout_list_append (value, items->pdata[i]);
    else
      g_string_append_printf (value, "%s%s", i > 0 ? ", " : "", (const char *) items->pdata[i]);
  return g_string_free (value, FALSE);
}

static void
set_aggregate (FanoutConfig *config, const Expression *expression, FanoutRegistry *registry)
{
  g_autofree char *group = g_strconcat ("aggregate ", expression->name, NULL);

  fanout_config_set (config, group, "type", expression->operator_, expression->text);
  for (guint i = 0; i < expression->options->len; i++)
    {
      const ExpressionOption *given = expression->options->pdata[i];
      const FanoutOption *option
          = catalogue_option (registry, fanout_config_find (config, group), given->key);
      g_autofree char *value
          = value_of (given->items, option == NULL || fanout_option_is_list (option));

      fanout_config_set (config, group, given->key, value, expression->text);
    }
}

/* The sink that the ending of a file's name stands for. */
static void
set_format (FanoutConfig *config, const char *output, FanoutRegistry *registry)
{
  const char *slash = strrchr (output, '/');
  const char *dot = strrchr (slash != NULL ? slash : output, '.');
  const char *format = dot == NULL ? "" : strcmp (dot, ".jsonl") == 0 ? "ndjson" : dot + 1;
  g_autofree char *origin = NULL;

  if (!g_strv_contains (fanout_registry_names (registry, FANOUT_KIND_SINK), format))
    return;
  origin = g_strconcat ("-o ", output, NULL);
  fanout_config_set (config, "output", "format", format, origin);
}

FanoutConfig *
agg_config_new (const AggParts *parts, FanoutRegistry *registry)
{
  FanoutConfig *config = fanout_config_new (".");

  set_list (config, "pipeline", "group-by", parts->group_by, "-g");
  set_source (config, parts, registry);
  for (guint i = 0; i < parts->expressions->len; i++)
    set_aggregate (config, parts->expressions->pdata[i], registry);
  if (parts->output != NULL)
    set_format (config, parts->output, registry);
  set_list (config, "output", "sort", parts->sort, "--sort");
  if (parts->limit != NULL)
    set (config, "output", "limit", parts->limit, "--limit");
  return config;
}

/* A text that one line can hold. */
static gboolean
is_line (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p != '\t' && g_ascii_iscntrl (*p))
      return FALSE;
  return g_utf8_validate (text, -1, NULL);
}

static char *
problem_with (const char *what, const char *value, const char *origin)
{
  g_autofree char *quoted = fanout_quote (value, -1);

  return g_strdup_printf ("%s: no INI file can hold the %s %s", origin, what, quoted);
}

static gboolean
print_entry (const FanoutConfigGroup *group, const FanoutConfigEntry *entry, FanoutConfig *printed,
             FanoutRegistry *registry, char **problem)
{
  const FanoutOption *option = catalogue_option (registry, group, entry->key);
  g_autofree char *line = fanout_option_as_line (option, entry->value);

  const gboolean wrong
      = fanout_config_wrong_key (group->name, entry->key) != NULL || !is_line (entry->key);

  if (line == NULL || !is_line (line) || wrong)
    {
      *problem = wrong ? problem_with ("key", entry->key, entry->origin)
                       : problem_with ("value", entry->value, entry->origin);
      return FALSE;
    }
  fanout_config_set (printed, group->name, entry->key, line, entry->origin);
  return TRUE;
}

char *
agg_config_print (const FanoutConfig *config, FanoutRegistry *registry, char **problem)
{
  g_autoptr (FanoutConfig) printed = fanout_config_new (NULL);
  GString *text;

  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      if (fanout_config_wrong_group (group->name) != NULL || !is_line (group->name))
        {
          *problem = problem_with ("name", group->name, group->origin);
          return NULL;
        }
      for (guint k = 0; k < group->n_entries; k++)
        if (!print_entry (group, &group->entries[k], printed, registry, problem))
          return NULL;
    }
  text = g_string_new (NULL);
  fanout_config_write (printed, text);
  return g_string_free (text, FALSE);
}
