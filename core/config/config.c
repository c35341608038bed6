#include "core/config/list.h"
#include "core/config/private.h"

#include <string.h>

struct FanoutConfigBuild
{
  FanoutConfigGroup public;
  GArray *entries;  /* FanoutConfigEntry */
  GHashTable *keys; /* key to its first entry: index + 1 */
};

struct FanoutConfig
{
  GStringChunk *strings;
  GPtrArray *memory;
  GPtrArray *groups;   /* FanoutConfigBuild, in order */
  GHashTable *by_name; /* name to the first group of that name */
  const char *folder;
};

static void
group_free (gpointer data)
{
  FanoutConfigBuild *group = data;

  g_array_unref (group->entries);
  g_hash_table_unref (group->keys);
  g_free (group);
}

FanoutConfig *
fanout_config_new (const char *folder)
{
  FanoutConfig *config = g_new0 (FanoutConfig, 1);

  config->strings = g_string_chunk_new (4096);
  config->memory = g_ptr_array_new_with_free_func (g_free);
  config->groups = g_ptr_array_new_with_free_func (group_free);
  config->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  config->folder = fanout_config_intern (config, folder != NULL ? folder : ".");
  return config;
}

void
fanout_config_free (FanoutConfig *config)
{
  g_hash_table_unref (config->by_name);
  g_ptr_array_unref (config->groups);
  g_ptr_array_unref (config->memory);
  g_string_chunk_free (config->strings);
  g_free (config);
}

guint
fanout_config_n_groups (const FanoutConfig *config)
{
  return config->groups->len;
}

const FanoutConfigGroup *
fanout_config_group (const FanoutConfig *config, guint index)
{
  const FanoutConfigBuild *group = config->groups->pdata[index];

  return &group->public;
}

const FanoutConfigGroup *
fanout_config_find (const FanoutConfig *config, const char *name)
{
  const FanoutConfigBuild *group = g_hash_table_lookup (config->by_name, name);

  return group != NULL ? &group->public : NULL;
}

const FanoutConfigEntry *
fanout_config_entry (const FanoutConfigGroup *group, const char *key)
{
  const FanoutConfigEntry *found = NULL;

  for (guint i = 0; i < group->n_entries; i++)
    if (strcmp (group->entries[i].key, key) == 0)
      found = &group->entries[i];
  return found;
}

const char *
fanout_config_folder (const FanoutConfig *config)
{
  return config->folder;
}

const char *
fanout_config_intern (FanoutConfig *config, const char *text)
{
  return g_string_chunk_insert (config->strings, text);
}

const char *const *
fanout_config_intern_list (FanoutConfig *config, const char *const *list)
{
  const gsize n = g_strv_length ((char **) list);
  const char **copy = fanout_config_allocate (config, (n + 1) * sizeof *copy);

  for (gsize i = 0; i < n; i++)
    copy[i] = fanout_config_intern (config, list[i]);
  return copy;
}

gpointer
fanout_config_allocate (FanoutConfig *config, gsize size)
{
  gpointer memory = g_malloc0 (MAX (size, 1));

  g_ptr_array_add (config->memory, memory);
  return memory;
}

void
fanout_config_mistake (FanoutErrors *errors, const FanoutConfigGroup *group,
                       const FanoutConfigEntry *entry, const char *format, ...)
{
  const char *origin = entry != NULL ? entry->origin : group->origin;
  g_autofree char *key = entry != NULL ? fanout_escape (entry->key, -1) : NULL;
  g_autofree char *name = fanout_escape (group->name, -1);
  g_autofree char *where
      = g_strdup_printf ("[%s]%s%s", name, key != NULL ? " " : "", key != NULL ? key : "");
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* A key file has no better origin than the group and the key, which are named once. */
  if (strcmp (origin, where) == 0)
    fanout_errors_add (errors, origin, "%s", text);
  else
    fanout_errors_add (errors, origin, "%s: %s", where, text);
}

/* Words apart by any number of blanks are the same words: [aggregate  x] is [aggregate x]. */
static const char *
intern_name (FanoutConfig *config, const char *name)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  const gsize word = strcspn (trimmed, " ");
  const gsize blanks = strspn (trimmed + word, " ");

  if (blanks > 1)
    memmove (trimmed + word + 1, trimmed + word + blanks, strlen (trimmed + word + blanks) + 1);
  return fanout_config_intern (config, trimmed);
}

FanoutConfigBuild *
fanout_config_begin (FanoutConfig *config, const char *name, const char *origin)
{
  FanoutConfigBuild *group = g_new0 (FanoutConfigBuild, 1);

  group->public.name = intern_name (config, name);
  group->public.origin = origin;
  group->entries = g_array_new (FALSE, FALSE, sizeof (FanoutConfigEntry));
  group->keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (config->groups, group);
  if (!g_hash_table_contains (config->by_name, group->public.name))
    g_hash_table_insert (config->by_name, (gpointer) group->public.name, group);
  return group;
}

/* The first group of this name; NULL. */
static FanoutConfigBuild *
building (const FanoutConfig *config, const char *name)
{
  return g_hash_table_lookup (config->by_name, name);
}

const FanoutConfigGroup *
fanout_config_built (const FanoutConfigBuild *group)
{
  return &group->public;
}

FanoutConfigEntry *
fanout_config_first (FanoutConfigBuild *group, const char *key)
{
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (group->keys, key));

  return place > 0 ? &g_array_index (group->entries, FanoutConfigEntry, place - 1) : NULL;
}

void
fanout_config_append (FanoutConfigBuild *group, const FanoutConfigEntry *entry)
{
  g_array_append_vals (group->entries, entry, 1);
  group->public.n_entries = group->entries->len;
  group->public.entries = (const FanoutConfigEntry *) (gpointer) group->entries->data;
  if (!g_hash_table_contains (group->keys, entry->key))
    g_hash_table_insert (group->keys, (gpointer) entry->key,
                         GUINT_TO_POINTER (group->entries->len));
}

/* `origin` is the config's own. */
static void
set_entry (FanoutConfig *config, const char *group, const char *key, const char *value,
           const char *origin)
{
  FanoutConfigBuild *build = building (config, intern_name (config, group));
  FanoutConfigEntry entry = { .origin = origin, .from = FANOUT_CONFIG_ARGUMENT };
  FanoutConfigEntry *there;

  if (build == NULL)
    build = fanout_config_begin (config, group, origin);
  entry.value = fanout_config_intern (config, value);
  there = fanout_config_first (build, key);
  entry.key = there != NULL ? there->key : fanout_config_intern (config, key);
  if (there != NULL)
    *there = entry;
  else
    fanout_config_append (build, &entry);
}

void
fanout_config_set (FanoutConfig *config, const char *group, const char *key, const char *value,
                   const char *origin)
{
  g_autofree char *shown = fanout_escape (origin, -1);

  set_entry (config, group, key, value, fanout_config_intern (config, shown));
}

void
fanout_config_lay (FanoutConfig *config, const FanoutConfig *over)
{
  for (guint i = 0; i < over->groups->len; i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (over, i);

      for (guint k = 0; k < group->n_entries; k++)
        {
          const FanoutConfigEntry *entry = &group->entries[k];

          set_entry (config, group->name, entry->key, entry->value,
                     fanout_config_intern (config, entry->origin));
        }
    }
}

/* The name behind the first word, where a header must have it in quotes; NULL. */
static const char *
name_to_quote (const char *group)
{
  const char *name = strchr (group, ' ');

  return name != NULL && (name[1] == '"' || strpbrk (name, "[]") != NULL) ? name + 1 : NULL;
}

static void
write_header (GString *out, const char *group)
{
  const char *name = name_to_quote (group);

  g_string_append_c (out, '[');
  g_string_append_len (out, group, name != NULL ? name - group : (gssize) strlen (group));
  if (name != NULL)
    fanout_value_quote (out, name);
  g_string_append (out, "]\n");
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static void
write_key (GString *out, const char *group, const char *key)
{
  const gsize length = strlen (key);

  if (fanout_config_has_names (group)
      && (strchr ("[#;\"", key[0]) != NULL || is_blank (key[0]) || is_blank (key[length - 1])
          || strchr (key, '=') != NULL))
    fanout_value_quote (out, key);
  else
    g_string_append (out, key);
}

void
fanout_config_write (const FanoutConfig *config, GString *out)
{
  for (guint i = 0; i < config->groups->len; i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      g_string_append (out, i > 0 ? "\n" : "");
      write_header (out, group->name);
      for (guint k = 0; k < group->n_entries; k++)
        {
          write_key (out, group->name, group->entries[k].key);
          g_string_append_printf (out, " = %s\n", group->entries[k].value);
        }
    }
}
