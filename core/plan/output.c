#include "core/plan/private.h"

#include "core/base/output.h"
#include "core/plan/guess.h"

#include <string.h>

#define FORMAT_AUTO  "auto"
#define FOR_TERMINAL "table"

static const FanoutConfigGroup no_output = { .name = "output", .origin = "[output]" };

static gboolean
find_column (const FanoutLayout *layout, const char *name, gsize length, guint *column)
{
  for (guint i = 0; i < layout->n_columns; i++)
    if (strlen (layout->names[i]) == length && strncmp (layout->names[i], name, length) == 0)
      {
        *column = i;
        return TRUE;
      }
  return FALSE;
}

/* NAME, NAME desc or NAME asc; a column may itself be called "x desc". */
static gboolean
parse_sort (const FanoutLayout *layout, const char *text, FanoutSort *sort)
{
  gsize length = strlen (text);
  sort->descending = FALSE;
  if (find_column (layout, text, length, &sort->column))
    return TRUE;
  const char *blank = strrchr (text, ' ');
  if (blank == NULL)
    return FALSE;
  gboolean descending = g_ascii_strcasecmp (blank + 1, "desc") == 0;
  if (!descending && g_ascii_strcasecmp (blank + 1, "asc") != 0)
    return FALSE;
  while (blank > text && blank[-1] == ' ')
    blank--;
  sort->descending = descending;
  return find_column (layout, text, (gsize) (blank - text), &sort->column);
}

static void
plan_sort (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  if (self->output.sort == NULL || !fanout_planning_knows_columns (self))
    return;
  guint n = g_strv_length ((char **) self->output.sort);
  table->sorts = g_new0 (FanoutSort, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      if (parse_sort (&table->layout, self->output.sort[i], &table->sorts[i]))
        {
          table->n_sorts++;
          continue;
        }
      g_autofree char *quoted = fanout_quote (self->output.sort[i], -1);
      g_autofree char *names = fanout_list_show (table->layout.names);
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "sort"),
                             "%s is no result column, with desc or without; there are: %s", quoted,
                             names);
    }
}

static gboolean
add_sink (FanoutPlan *plan, FanoutPlanTable *table, const char *name, GError **error)
{
  const FanoutSink *sink = fanout_registry_sink (plan->registry, name, error);
  if (sink == NULL)
    return FALSE;
  table->sinks[table->n_sinks++] = (FanoutPlanSink){
    .sink = sink,
    .options = fanout_config_allocate (plan->config, MAX (sink->options_size, 1)),
  };
  return TRUE;
}

static gboolean
has_key (const FanoutOption *table, const char *key)
{
  for (; table != NULL && table->key != NULL; table++)
    if (strcmp (table->key, key) == 0)
      return TRUE;
  return FALSE;
}

/* Whether some key of [output] is neither the core's nor of the sinks that were found. */
static gboolean
has_other_keys (const FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  for (guint i = 0; i < group->n_entries; i++)
    {
      gboolean known = has_key (fanout_output_options, group->entries[i].key);
      for (guint k = 0; k < table->n_sinks && !known; k++)
        known = has_key (table->sinks[k].sink->options, group->entries[i].key);
      if (!known)
        return TRUE;
    }
  return FALSE;
}

/* To open a plugin takes time: one that is for terminals is wanted now where it would be a pity to
 * learn after the run that it cannot be used, and where keys may be its own. */
static gboolean
add_automatic_sinks (FanoutPlan *plan, FanoutPlanTable *table, const FanoutConfigGroup *group,
                     GError **error)
{
  table->automatic = TRUE;
  return add_sink (plan, table, "csv", error)
         && ((!isatty (STDOUT_FILENO) && !has_other_keys (table, group))
             || add_sink (plan, table, FOR_TERMINAL, error));
}

static gboolean
find_sinks (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigEntry *entry = fanout_config_entry (group, "format");
  const char *format = entry != NULL ? entry->value : FORMAT_AUTO;
  g_autoptr (GError) error = NULL;
  if (strcmp (format, FORMAT_AUTO) == 0 ? add_automatic_sinks (plan, table, group, &error)
                                        : add_sink (plan, table, format, &error))
    return TRUE;
  fanout_config_mistake (self->errors, group, entry, "%s", error->message);
  fanout_errors_weigh (self->errors, error);
  return FALSE;
}

/* Whose format the command line replaces may have keys of its own. */
static char **
keys_of_others (FanoutPlanning *self, const FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  FanoutRegistry *registry = self->plan->registry;
  const FanoutConfigEntry *entry = fanout_config_entry (group, "format");
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  if (entry == NULL || !g_str_has_prefix (entry->origin, "-") || !has_other_keys (table, group))
    return NULL;
  for (const char *const *name = fanout_registry_names (registry, FANOUT_KIND_SINK); *name != NULL;
       name++)
    {
      const FanoutSink *sink = fanout_registry_sink (registry, *name, NULL);
      const FanoutOption *option = sink != NULL ? sink->options : NULL;
      for (; option != NULL && option->key != NULL; option++)
        g_ptr_array_add (keys, (gpointer) option->key);
    }
  g_ptr_array_add (keys, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&keys), FALSE);
}

static gboolean
bind_output (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  g_autofree char **others = keys_of_others (self, table, group);
  const FanoutOption *tables[G_N_ELEMENTS (table->sinks) + 3] = { fanout_output_options };
  gpointer targets[G_N_ELEMENTS (table->sinks) + 2] = { &self->output };
  FanoutTableOptions own;
  guint n = 1;
  if (table->group != NULL)
    {
      tables[n] = fanout_table_options;
      targets[n++] = &own;
    }
  for (guint i = 0; i < table->n_sinks; i++)
    if (table->sinks[i].sink->options != NULL)
      {
        tables[n] = table->sinks[i].sink->options;
        targets[n++] = table->sinks[i].options;
      }
  return fanout_options_bind (plan->config, group, tables, targets, (const char *const *) others,
                              NULL, self->errors);
}

static gboolean
prepare_sink (FanoutPlanSink *used, GError **error)
{
  used->prepared = TRUE;
  return used->sink->prepare == NULL || used->sink->prepare (used->options, error);
}

void
fanout_plan_release_sink (const FanoutPlanSink *used)
{
  if (used->prepared && used->sink->release != NULL)
    used->sink->release (used->options);
}

static void
prepare_sinks (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  for (guint i = 0; i < table->n_sinks; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!prepare_sink (&table->sinks[i], &error))
        fanout_errors_add (self->errors, group->origin, "[output]: %s", error->message);
    }
}

/* Who names a file so would not look for plain text in it. */
static void
check_packed (FanoutPlanning *self, const FanoutConfigGroup *group, const FanoutConfigEntry *path)
{
  const char *end = fanout_guess_packed_end (path->value);
  if (end == NULL || end == path->value)
    return;
  g_autofree char *found = fanout_escape (path->value, -1);
  g_autofree char *wanted = fanout_escape (path->value, end - path->value);
  fanout_config_mistake (self->errors, group, path,
                         "found '%s', but results are written as they are, not packed; wanted: "
                         "'%s', or - and a program behind it that packs",
                         found, wanted);
}

static void
plan_path (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigEntry *path = fanout_config_entry (group, "path");
  table->output.path = self->output.path;
  if (self->output.path == NULL || self->output.path[0] == '\0')
    fanout_config_mistake (self->errors, group, path,
                           "found ''; the name of a file or - is wanted");
  if (path == NULL || strcmp (path->value, "-") == 0)
    return;
  check_packed (self, group, path);
  if (path->from == FANOUT_CONFIG_ARGUMENT)
    return;
  /* What a partial result says is no reason to write to a file. */
  if (self->merge)
    table->output.path = "-";
  else if (!g_path_is_absolute (path->value))
    {
      g_autofree char *whole
          = g_build_filename (fanout_config_folder (plan->config), path->value, NULL);
      table->output.path = fanout_config_intern (plan->config, whole);
    }
}

static void
plan_output (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *group)
{
  if (!find_sinks (self, table, group) || !bind_output (self, table, group))
    return;
  prepare_sinks (self, table, group);
  plan_path (self, table, group);
  if (table->layout.names != NULL)
    plan_sort (self, table, group);
  table->offset = self->output.offset;
  table->limit = self->output.limit;
  table->item_rows = self->output.lists == FANOUT_LISTS_ROWS;
  table->output.size = sizeof table->output;
  table->output.format = self->output.format;
  table->output.header = self->output.header;
  table->output.append = self->output.append;
  table->layout.header = self->output.header;
}

/* Whether [output] is right by itself. */
static gboolean
check_output (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  const guint n = self->errors->lines->len;
  FanoutPlanTable alone = { .origin = group->origin };
  plan_output (self, &alone, group);
  for (guint i = 0; i < alone.n_sinks; i++)
    fanout_plan_release_sink (&alone.sinks[i]);
  return self->errors->lines->len == n;
}

static gboolean
is_for (const FanoutPlanTable *table, const char *key)
{
  gboolean known = has_key (fanout_output_options, key);
  for (guint i = 0; i < table->n_sinks && !known; i++)
    known = has_key (table->sinks[i].sink->options, key);
  return known;
}

/* A table's own keys behind those of [output]: of a key that is there twice the last one counts. */
static void
plan_table_output (FanoutPlanning *self, FanoutPlanTable *table, const FanoutConfigGroup *output)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FanoutConfigEntry));
  FanoutConfigGroup both = *table->group;
  FanoutPlanTable trial = { .origin = table->origin };
  g_array_append_vals (entries, output->entries, output->n_entries);
  g_array_append_vals (entries, table->group->entries, table->group->n_entries);
  both.entries = (const FanoutConfigEntry *) (gpointer) entries->data;
  both.n_entries = entries->len;
  /* Whose options matter is known by the format, which either may say. */
  if (!find_sinks (self, &trial, &both))
    return;
  g_array_set_size (entries, 0);
  for (guint i = 0; i < output->n_entries; i++)
    if (is_for (&trial, output->entries[i].key)
        && fanout_config_entry (table->group, output->entries[i].key) == NULL)
      g_array_append_vals (entries, &output->entries[i], 1);
  g_array_append_vals (entries, table->group->entries, table->group->n_entries);
  both.entries = (const FanoutConfigEntry *) (gpointer) entries->data;
  both.n_entries = entries->len;
  plan_output (self, table, &both);
}

static void
check_shared (FanoutPlanning *self, const FanoutPlanTable *first, const FanoutPlanTable *table)
{
  const FanoutPlanSink *used = table->n_sinks > 0 ? &table->sinks[table->n_sinks - 1] : NULL;
  if (used == NULL || first->n_sinks == 0)
    return;
  /* There is an error about it already. */
  if (first->output.format == NULL || table->output.format == NULL || table->output.path == NULL)
    return;
  const char *path = strcmp (table->output.path, "-") == 0 ? "standard output" : table->output.path;
  if (strcmp (first->output.format, table->output.format) != 0)
    fanout_errors_add (self->errors, table->origin,
                       "[%s]: %s to %s, where [%s] writes %s; one format, or a path for each",
                       table->group->name, table->output.format, path, first->group->name,
                       first->output.format);
  else if (table->automatic)
    return;
  else if (!FANOUT_HAS (used->sink, flags) || (used->sink->flags & FANOUT_SINK_TABLES) == 0)
    fanout_errors_add (self->errors, table->origin,
                       "[%s]: %s to %s, where [%s] goes as well, but %s holds one table; possible: "
                       "format = json or ndjson, or a path for each",
                       table->group->name, used->sink->name, path, first->group->name,
                       used->sink->name);
}

/* Which tables go to the same place, and whether they can. */
static void
share_outputs (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < plan->n_shown; i++)
    {
      FanoutPlanTable *table = &plan->tables[plan->shown[i]];
      FanoutPlanTable *first = table;
      const char *path = table->output.path;
      g_ptr_array_add (places, path != NULL ? fanout_output_place (path) : NULL);
      for (guint k = i; k-- > 0;)
        if (g_strcmp0 (places->pdata[k], places->pdata[i]) == 0)
          first = &plan->tables[plan->shown[k]];
      table->output_index = first != table ? first->output_index : plan->n_outputs++;
      table->layout.table_index = first->layout.n_tables++;
      if (first != table)
        check_shared (self, first, table);
    }
  for (guint i = 0; i < plan->n_shown; i++)
    for (guint k = 0; k < i; k++)
      if (plan->tables[plan->shown[k]].output_index == plan->tables[plan->shown[i]].output_index)
        plan->tables[plan->shown[i]].layout.n_tables = plan->tables[plan->shown[k]].layout.n_tables;
}

void
fanout_planning_output (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "output");
  if (group == NULL)
    group = &no_output;
  if (plan->tables[plan->shown[0]].group == NULL)
    plan_output (self, &plan->tables[plan->shown[0]], group);
  else if (check_output (self, group))
    for (guint i = 0; i < plan->n_shown; i++)
      plan_table_output (self, &plan->tables[plan->shown[i]], group);
  share_outputs (self);
}

static gboolean
bind_defaults (FanoutPlan *plan, const FanoutPlanSink *used, GError **error)
{
  const FanoutOption *tables[] = { used->sink->options, NULL };
  FanoutErrors errors;
  fanout_errors_init (&errors);
  const gboolean bound
      = fanout_options_bind (plan->config, &no_output, tables, &used->options, NULL, NULL, &errors);
  if (!bound)
    fanout_errors_raise (&errors, error);
  fanout_errors_clear (&errors);
  return bound;
}

const FanoutPlanSink *
fanout_plan_sink (FanoutPlan *plan, guint t, gboolean terminal, GError **error)
{
  FanoutPlanTable *table = &plan->tables[t];
  const guint last = table->n_sinks - 1;
  /* In csv nobody could tell the tables of one output apart. */
  const gboolean named = terminal || table->layout.n_tables > 1;
  if (!named || !table->automatic || last == 1)
    return &table->sinks[named ? last : 0];
  if (!add_sink (plan, table, FOR_TERMINAL, error))
    return NULL;
  FanoutPlanSink *used = &table->sinks[1];
  if (bind_defaults (plan, used, error) && prepare_sink (used, error))
    return used;
  fanout_plan_release_sink (used);
  table->n_sinks--;
  return NULL;
}
