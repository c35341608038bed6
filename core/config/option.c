#include "core/config/option.h"
#include "core/config/option-value.h"

#include <string.h>

typedef struct
{
  FanoutConfig *config;
  const FanoutConfigGroup *group;
  GPtrArray *column_names;
  FanoutErrors *errors;
  gboolean right; /* no mistake so far */
} Binding;

static const char *const no_texts[] = { NULL };

/* "; possible: ...; did you mean ...?" */
static char *
help_with (const char *text, const char *possible, const char *const *names)
{
  const char *nearest = fanout_nearest_name (text, names);

  return g_strconcat ("; possible: ", possible, nearest != NULL ? "; did you mean '" : NULL,
                      nearest, "'?", NULL);
}

static void
add_bad_value (Binding *binding, const FanoutOption *option, const FanoutConfigEntry *entry,
               const char *reason)
{
  g_autofree char *words = NULL;
  g_autofree char *help = NULL;
  g_autofree char *found = NULL;
  const gboolean why = reason[0] != '\0';

  binding->right = FALSE;
  if (!fanout_errors_wants (binding->errors))
    return;
  words = fanout_option_words (option);
  help = help_with (entry->value, words, fanout_option_names (option));
  found = entry->value[0] != '\0' ? fanout_quote (entry->value, -1) : g_strdup ("nothing");
  fanout_config_mistake (binding->errors, binding->group, entry, "found %s%s%s%s%s", found,
                         why ? " (" : "", reason, why ? ")" : "", help);
}

static void
bind_entry (Binding *binding, const FanoutOption *option, const FanoutConfigEntry *entry,
            gpointer place)
{
  g_autoptr (GString) reason = g_string_new (NULL);
  const gboolean missing = (option->flags & FANOUT_OPTION_REQUIRED) != 0 && entry->value[0] == '\0';

  if (entry->from == FANOUT_CONFIG_FILE && (option->flags & FANOUT_OPTION_RAW) == 0
      && fanout_value_has_comment (entry->value))
    {
      g_autofree char *quoted = fanout_quote (entry->value, -1);

      binding->right = FALSE;
      fanout_config_mistake (binding->errors, binding->group, entry,
                             "found %s; a comment cannot stand behind a value, only on a line of "
                             "its own that starts with '#'",
                             quoted);
    }
  else if (missing
           || !fanout_option_set (binding->config, option, entry->value, place,
                                  binding->column_names, reason))
    add_bad_value (binding, option, entry, reason->str);
}

static void
bind_absent (Binding *binding, const FanoutOption *option, gpointer place)
{
  const FanoutConfigEntry entry
      = { .key = option->key, .value = option->value, .origin = binding->group->origin };
  g_autoptr (GString) reason = g_string_new (NULL);

  if (option->value == NULL && (option->flags & FANOUT_OPTION_REQUIRED) != 0)
    {
      g_autofree char *words = fanout_option_words (option);

      binding->right = FALSE;
      fanout_config_mistake (binding->errors, binding->group, NULL,
                             "the key '%s' is missing; possible: %s", option->key, words);
    }
  else if (option->value != NULL
           && !fanout_option_set (binding->config, option, option->value, place,
                                  binding->column_names, reason))
    add_bad_value (binding, option, &entry, reason->str);
}

static void
bind_option (Binding *binding, const FanoutOption *option, gpointer target)
{
  const FanoutConfigGroup *group = binding->group;
  gpointer place = (char *) target + option->offset;
  gboolean found = FALSE;

  if (option->type == FANOUT_OPTION_COLUMN)
    *(gint *) place = -1;
  else if (option->type == FANOUT_OPTION_TEXTS)
    *(const char *const **) place = no_texts;
  for (guint i = 0; i < group->n_entries; i++)
    if (strcmp (group->entries[i].key, option->key) == 0)
      {
        bind_entry (binding, option, &group->entries[i], place);
        found = TRUE;
      }
  if (!found)
    bind_absent (binding, option, place);
}

static GPtrArray *
keys_of (const FanoutOption *const *tables, const char *const *ignore)
{
  GPtrArray *keys = g_ptr_array_new ();

  for (gsize i = 0; ignore != NULL && ignore[i] != NULL; i++)
    g_ptr_array_add (keys, (gpointer) ignore[i]);
  for (gsize i = 0; tables[i] != NULL; i++)
    for (const FanoutOption *option = tables[i]; option->key != NULL; option++)
      g_ptr_array_add (keys, (gpointer) option->key);
  g_ptr_array_add (keys, NULL);
  return keys;
}

static void
check_keys (Binding *binding, const FanoutOption *const *tables, const char *const *ignore)
{
  g_autoptr (GPtrArray) array = keys_of (tables, ignore);
  const char *const *keys = (const char *const *) array->pdata;
  g_autofree char *all = g_strjoinv (", ", (char **) keys);

  for (guint i = 0; i < binding->group->n_entries; i++)
    {
      const FanoutConfigEntry *entry = &binding->group->entries[i];

      if (fanout_name_index (keys, entry->key) < 0)
        {
          g_autofree char *help = NULL;

          binding->right = FALSE;
          if (!fanout_errors_wants (binding->errors))
            return;
          help = help_with (entry->key, all, keys);
          fanout_config_mistake (binding->errors, binding->group, entry, "unknown key%s", help);
        }
    }
}

gboolean
fanout_options_bind (FanoutConfig *config, const FanoutConfigGroup *group,
                     const FanoutOption *const *tables, gpointer const *targets,
                     const char *const *ignore, GPtrArray *column_names, FanoutErrors *errors)
{
  Binding binding = { config, group, column_names, errors, TRUE };

  check_keys (&binding, tables, ignore);
  for (gsize i = 0; tables[i] != NULL; i++)
    for (const FanoutOption *option = tables[i]; option->key != NULL; option++)
      bind_option (&binding, option, targets[i]);
  return binding.right;
}

#define SHAPE(type) sizeof (type), _Alignof(type)

/* What an option is bound to. */
static const struct
{
  gsize size, alignment;
} shapes[] = {
  [FANOUT_OPTION_BOOLEAN] = { SHAPE (gboolean) },
  [FANOUT_OPTION_COUNT] = { SHAPE (guint64) },
  [FANOUT_OPTION_INTEGER] = { SHAPE (gint64) },
  [FANOUT_OPTION_NUMBER] = { SHAPE (FanoutNumber) },
  [FANOUT_OPTION_NUMBERS] = { SHAPE (FanoutNumbers) },
  [FANOUT_OPTION_BYTES] = { SHAPE (guint64) },
  [FANOUT_OPTION_TIME] = { SHAPE (guint64) },
  [FANOUT_OPTION_CHARACTER] = { SHAPE (gint) },
  [FANOUT_OPTION_CHOICE] = { SHAPE (gint) },
  [FANOUT_OPTION_TEXT] = { SHAPE (const char *) },
  [FANOUT_OPTION_TEXTS] = { SHAPE (const char *const *) },
  [FANOUT_OPTION_COLUMN] = { SHAPE (gint) },
  [FANOUT_OPTION_COLUMNS] = { SHAPE (FanoutColumns) },
  [FANOUT_OPTION_CHARACTERS] = { SHAPE (const char *) },
};

/* Whether the option could be given this text; NULL is fine. `config` keeps what is bound. */
static gboolean
is_readable (FanoutConfig *config, const FanoutOption *option, const char *text, gboolean bounded)
{
  FanoutOption copy = *option;
  FanoutNumbers place; /* the largest of the types */
  g_autoptr (GString) reason = NULL;

  G_STATIC_ASSERT (sizeof place >= sizeof (FanoutNumber));
  if (text == NULL)
    return TRUE;
  if (!bounded)
    copy.min = copy.max = NULL;
  reason = g_string_new (NULL);
  return fanout_option_set (config, &copy, text, &place, NULL, reason);
}

static const char *
problem_of (FanoutConfig *config, const FanoutOption *option, gsize size)
{
  const guint type = option->type;

  if (type >= G_N_ELEMENTS (shapes) || shapes[type].size == 0)
    return "its type is unknown";
  if (option->offset % shapes[type].alignment != 0 || option->offset > size
      || size - option->offset < shapes[type].size)
    return "its offset does not fit the options struct";
  if (type == FANOUT_OPTION_CHOICE && (option->choices == NULL || option->choices[0] == NULL))
    return "it has no choices";
  if (!is_readable (config, option, option->min, FALSE)
      || !is_readable (config, option, option->max, FALSE))
    return "its bounds are wrong";
  if (!is_readable (config, option, option->value, TRUE))
    return "its default is wrong";
  return NULL;
}

gboolean
fanout_options_check (const FanoutOption *table, gsize size, char **problem)
{
  g_autoptr (FanoutConfig) config = fanout_config_new ("");

  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    {
      const char *text = problem_of (config, option, size);

      for (const FanoutOption *other = table; other < option && text == NULL; other++)
        if (strcmp (other->key, option->key) == 0)
          text = "it is there twice";
      if (text != NULL)
        {
          *problem = g_strdup_printf ("option '%s': %s", option->key, text);
          return FALSE;
        }
    }
  return TRUE;
}
