#include "core/plan/private.h"

#include <string.h>

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
plan_sort (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  if (self->output.sort == NULL)
    return;
  guint n = g_strv_length ((char **) self->output.sort);
  plan->sorts = g_new0 (FanoutSort, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    {
      if (parse_sort (&plan->layout, self->output.sort[i], &plan->sorts[i]))
        {
          plan->n_sorts++;
          continue;
        }
      g_autofree char *quoted = fanout_quote (self->output.sort[i], -1);
      g_autofree char *names = fanout_list_show (plan->layout.names);
      fanout_config_mistake (self->errors, group, fanout_config_entry (group, "sort"),
                             "%s is no result column, with desc or without; there are: %s", quoted,
                             names);
    }
}

static void
check_format (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  g_autoptr (GError) error = NULL;
  const char *format = self->output.format;
  if (format == NULL || strcmp (format, "auto") == 0
      || fanout_registry_sink (self->plan->registry, format, &error) != NULL)
    return;
  fanout_config_mistake (self->errors, group, fanout_config_entry (group, "format"), "%s",
                         error->message);
}

void
fanout_planning_output (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "output");
  if (group == NULL)
    group = &no_output;
  const FanoutOption *const tables[] = { fanout_output_options, NULL };
  if (!fanout_options_bind (plan->config, group, tables, (gpointer[]){ &self->output }, NULL, NULL,
                            self->errors))
    return;
  check_format (self, group);
  if (self->output.path == NULL || self->output.path[0] == '\0')
    fanout_config_mistake (self->errors, group, fanout_config_entry (group, "path"),
                           "found ''; the name of a file or - is wanted");
  plan_sort (self, group);
  plan->limit = self->output.limit;
  plan->item_rows = self->output.lists == FANOUT_LISTS_ROWS;
  plan->output.size = sizeof plan->output;
  plan->output.format = self->output.format;
  plan->output.header = self->output.header;
  plan->layout.header = self->output.header;
  plan->output.path = self->output.path;
  const FanoutConfigEntry *path = fanout_config_entry (group, "path");
  if (path == NULL || strcmp (path->value, "-") == 0 || path->from == FANOUT_CONFIG_ARGUMENT)
    return;
  /* What a partial result says is no reason to write to a file. */
  if (self->merge)
    plan->output.path = "-";
  else if (!g_path_is_absolute (path->value))
    {
      g_autofree char *whole
          = g_build_filename (fanout_config_folder (plan->config), path->value, NULL);
      plan->output.path = fanout_config_intern (plan->config, whole);
    }
}
