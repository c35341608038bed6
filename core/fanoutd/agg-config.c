#include "core/fanoutd/agg-config.h"
#include "core/config/option.h"
#include "core/expression/tree.h"
#include "core/fanoutd/catalogue.h"
#include "core/fanoutd/looks.h"

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

/* NAME=EXPRESSION, of an option. */
static void
set_named (FanoutConfig *config, const char *group, const CallDefinition *given, const char *option)
{
  g_autofree char *origin = g_strconcat (option, " ", given->text, NULL);

  fanout_config_set (config, group, given->name, given->item.text, origin);
}

/* Let a name stand for an expression. */
static void
define (FanoutConfig *config, const char *name, const char *text, const char *origin)
{
  const FanoutConfigGroup *let = fanout_config_find (config, "let");

  /* One of -l counts. */
  if (let == NULL || fanout_config_entry (let, name) == NULL)
    fanout_config_set (config, "let", name, text, origin);
}

/* An expression in place of a column is called as it is written. */
static void
define_column (FanoutConfig *config, const CallItem *item, const char *origin)
{
  if (item->name == NULL && looks_like (item->text) != LOOKS_NAME)
    define (config, item->text, item->text, origin);
}

static gboolean
is_column (const FanoutOption *option)
{
  return option != NULL
         && (option->type == FANOUT_OPTION_COLUMN || option->type == FANOUT_OPTION_COLUMNS);
}

/* What `call` needs in [let]; its operator must be known for it. */
static void
define_columns (FanoutConfig *config, const Call *call, FanoutRegistry *registry)
{
  CatalogueItem operator_;

  if (!catalogue_find (registry, FANOUT_KIND_OPERATOR, call->operator_, &operator_, NULL))
    return;
  for (guint i = 0; i < call->options->len; i++)
    {
      const CallOption *given = call->options->pdata[i];

      if (is_column (catalogue_item_option (&operator_, given->key)))
        for (guint k = 0; k < given->items->len; k++)
          define_column (config, given->items->pdata[k], call->text);
    }
}

static void
define_keys (FanoutConfig *config, const GPtrArray *keys)
{
  for (guint i = 0; i < keys->len; i++)
    {
      const CallDefinition *key = keys->pdata[i];
      g_autofree char *origin = g_strconcat ("-g ", key->text, NULL);

      if (key->name != NULL)
        set_named (config, "let", key, "-g");
      else
        define_column (config, &key->item, origin);
    }
}

static void
define_all (FanoutConfig *config, const AggParts *parts, FanoutRegistry *registry)
{
  for (guint i = 0; i < parts->let->len; i++)
    {
      const CallDefinition *given = parts->let->pdata[i];

      set_named (config, "let", given, "-l");
    }
  for (guint i = 0; i < parts->tables->len; i++)
    define_keys (config, parts->tables->pdata[i]);
  for (guint i = 0; i < parts->calls->len; i++)
    define_columns (config, parts->calls->pdata[i], registry);
}

/* What is between a name's quotes may be a path without them. */
static gboolean
needs_quotes (const CallItem *item)
{
  return item->name != NULL && strpbrk (item->name, ".[]") != NULL;
}

static void
append_name (GString *list, const CallItem *item)
{
  if (!needs_quotes (item))
    {
      fanout_list_append (list, call_item_value (item));
      return;
    }
  g_string_append (list, list->len > 0 ? ", " : "");
  fanout_value_quote (list, item->name);
}

static const char *
name_of (const CallDefinition *key)
{
  return key->name != NULL ? key->name : call_item_value (&key->item);
}

char *
agg_config_table (const GPtrArray *keys)
{
  GString *name = g_string_new (keys->len > 0 ? NULL : "all");

  for (guint i = 0; i < keys->len; i++)
    g_string_append_printf (name, "%s%s", i > 0 ? ", " : "", name_of (keys->pdata[i]));
  return g_string_free (name, FALSE);
}

static char *
list_of (const GPtrArray *keys)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      const CallDefinition *key = keys->pdata[i];

      if (key->name != NULL)
        fanout_list_append (list, key->name);
      else
        append_name (list, &key->item);
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static void
set_keys (FanoutConfig *config, const char *group, const GPtrArray *keys)
{
  g_autofree char *list = list_of (keys);

  if (keys->len > 0)
    set (config, group, "group-by", list, "-g");
}

/* All of them as one, or the first that is none, to be told alone. */
static void
set_conditions (FanoutConfig *config, const char *group, const char *key,
                const GPtrArray *conditions, const char *option)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) given = g_string_new (NULL);

  for (guint i = 0; i < conditions->len; i++)
    {
      const char *text = conditions->pdata[i];
      g_autoptr (FanoutExpression) expression = fanout_expression_parse (text, NULL);

      if (expression == NULL || conditions->len == 1)
        {
          set (config, group, key, text, option);
          return;
        }
      g_string_append_printf (all, "%s(%s)", i > 0 ? " and " : "", text);
      g_string_append_printf (given, "%s%s %s", i > 0 ? " " : "", option, text);
    }
  if (conditions->len > 0)
    fanout_config_set (config, group, key, all->str, given->str);
}

static void
set_table (FanoutConfig *config, const AggParts *parts, const GPtrArray *keys)
{
  g_autofree char *list = list_of (keys);
  g_autofree char *name = agg_config_table (keys);
  g_autofree char *group = g_strconcat ("table ", name, NULL);

  set (config, group, "group-by", list, "-g");
  set_conditions (config, group, "having", parts->having, "--having");
  /* Beside others the table of all rows is one row anyway. */
  if (parts->rest != NULL && (keys->len > 0 || parts->tables->len <= 1))
    set (config, group, "rest", parts->rest, "--rest");
  if (parts->rollup)
    fanout_config_set (config, group, "rollup", "true", "--rollup");
}

/* One for each -g, and what only a table has needs one as well. */
static gboolean
has_tables (const AggParts *parts)
{
  return parts->tables->len > 1 || parts->having->len > 0 || parts->rest != NULL || parts->rollup;
}

static void
set_tables (FanoutConfig *config, const AggParts *parts)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  if (!has_tables (parts))
    return;
  for (guint i = 0; i < parts->tables->len; i++)
    set_table (config, parts, parts->tables->pdata[i]);
  if (parts->tables->len == 0)
    set_table (config, parts, none);
}

/* One item of --sort: a name, perhaps in quotes, and perhaps a direction. */
static void
append_sort (GString *list, const CallItem *item)
{
  const char *rest = item->text;
  g_autofree char *name = *rest == '"' ? fanout_value_unquote (&rest) : NULL;
  g_autofree char *all = g_strconcat (name != NULL ? name : "", rest, NULL);

  fanout_list_append (list, all);
}

static void
set_sort (FanoutConfig *config, const GPtrArray *pieces)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) given = g_string_new (NULL);

  for (guint i = 0; i < pieces->len; i++)
    {
      const char *text = pieces->pdata[i];
      g_autoptr (GPtrArray) items = call_split (text);

      g_string_append_printf (given, "%s--sort %s", i > 0 ? " " : "", text);
      for (guint k = 0; items != NULL && k < items->len; k++)
        append_sort (list, items->pdata[k]);
      if (items == NULL)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", text);
    }
  if (pieces->len > 0)
    fanout_config_set (config, "output", "sort", list->str, given->str);
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

/* Only a list has quotes in a value, and a condition those that are its own; any other stands there
 * as it is. */
static char *
value_of (const CallOption *given, const FanoutOption *option)
{
  const gboolean list = option == NULL || fanout_option_is_list (option);
  const gboolean condition = strcmp (given->key, "where") == 0;
  GString *value = g_string_new (NULL);

  for (guint i = 0; i < given->items->len; i++)
    {
      const CallItem *item = given->items->pdata[i];

      if (list)
        append_name (value, item);
      else
        g_string_append_printf (value, "%s%s", i > 0 ? ", " : "",
                                condition || (is_column (option) && needs_quotes (item))
                                    ? item->text
                                    : call_item_value (item));
    }
  return g_string_free (value, FALSE);
}

/* A comparison as the first thing in a call is taken for an option. */
static void
check_first (const Call *call, FanoutRegistry *registry, FanoutErrors *errors)
{
  const CallOption *first = call->options->len > 0 ? call->options->pdata[0] : NULL;
  CatalogueItem operator_;

  if (first == NULL || strcmp (first->key, "where") == 0 || strcmp (first->key, "tables") == 0
      || strcmp (first->key, "on-error") == 0
      || !catalogue_find (registry, FANOUT_KIND_OPERATOR, call->operator_, &operator_, NULL)
      || catalogue_item_option (&operator_, first->key) != NULL)
    return;
  fanout_errors_add (errors, call->text, "rows are chosen by where=%s = %s, behind the column",
                     first->key, ((const CallItem *) first->items->pdata[0])->text);
}

static void
set_aggregate (FanoutConfig *config, const Call *call, FanoutRegistry *registry)
{
  g_autofree char *group = g_strconcat ("aggregate ", call->name, NULL);

  fanout_config_set (config, group, "type", call->operator_, call->text);
  for (guint i = 0; i < call->options->len; i++)
    {
      const CallOption *given = call->options->pdata[i];
      const FanoutOption *option
          = catalogue_option (registry, fanout_config_find (config, group), given->key);
      g_autofree char *value = value_of (given, option);

      fanout_config_set (config, group, given->key, value, call->text);
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
agg_config_new (const AggParts *parts, FanoutRegistry *registry, FanoutErrors *errors)
{
  FanoutConfig *config = fanout_config_new (".");

  if (parts->tables->len == 1 && !has_tables (parts))
    set_keys (config, "pipeline", parts->tables->pdata[0]);
  set_conditions (config, "pipeline", "where", parts->where, "-w");
  set_source (config, parts, registry);
  define_all (config, parts, registry);
  for (guint i = 0; i < parts->calls->len; i++)
    {
      check_first (parts->calls->pdata[i], registry, errors);
      set_aggregate (config, parts->calls->pdata[i], registry);
    }
  set_tables (config, parts);
  for (guint i = 0; i < parts->result->len; i++)
    set_named (config, "result", parts->result->pdata[i], "-r");
  if (parts->output != NULL)
    set_format (config, parts->output, registry);
  set_sort (config, parts->sort);
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
