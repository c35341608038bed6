#include "core/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Far above any configuration: what is larger was not meant to be one, and may have no end. */
#define FILE_MAX (16 << 20)

#define NO_GROUP    "a group without a name"
#define BLANK_GROUP "blanks at the ends of a group's name"
#define WRONG_GROUP "a bracket or control character in a group's name"
#define WRONG_KEY   "a bracket in a key's name"

typedef struct
{
  FanoutConfigGroup public;
  GArray *entries;  /* FanoutConfigEntry */
  GHashTable *keys; /* key to its first entry: index + 1 */
} Group;

struct FanoutConfig
{
  GStringChunk *strings;
  GPtrArray *memory;
  GPtrArray *groups;   /* Group, in order */
  GHashTable *by_name; /* name to the first Group of that name */
  const char *folder;
};

/* What a line, an override or a key file is read into. */
typedef struct
{
  FanoutConfig *config;
  FanoutErrors *errors;
  const char *origin; /* of what is being read */
  Group *group;       /* NULL: entries go nowhere */
  gboolean begun;     /* a group header has been seen */
} Scan;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_array_unref (group->entries);
  g_hash_table_unref (group->keys);
  g_free (group);
}

static FanoutConfig *
config_new (const char *folder)
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
  const Group *group = config->groups->pdata[index];

  return &group->public;
}

const FanoutConfigGroup *
fanout_config_find (const FanoutConfig *config, const char *name)
{
  const Group *group = g_hash_table_lookup (config->by_name, name);

  return group != NULL ? &group->public : NULL;
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

static Group *
group_new (FanoutConfig *config, const char *name, const char *origin)
{
  Group *group = g_new0 (Group, 1);

  group->public.name = fanout_config_intern (config, name);
  group->public.origin = origin;
  group->entries = g_array_new (FALSE, FALSE, sizeof (FanoutConfigEntry));
  group->keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (config->groups, group);
  if (!g_hash_table_contains (config->by_name, name))
    g_hash_table_insert (config->by_name, (gpointer) group->public.name, group);
  return group;
}

/* The first entry of this key, or NULL. */
static FanoutConfigEntry *
group_entry (Group *group, const char *key)
{
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (group->keys, key));

  return place > 0 ? &g_array_index (group->entries, FanoutConfigEntry, place - 1) : NULL;
}

static void
group_add (Group *group, const FanoutConfigEntry *entry)
{
  g_array_append_vals (group->entries, entry, 1);
  group->public.n_entries = group->entries->len;
  group->public.entries = (const FanoutConfigEntry *) (gpointer) group->entries->data;
  if (!g_hash_table_contains (group->keys, entry->key))
    g_hash_table_insert (group->keys, (gpointer) entry->key,
                         GUINT_TO_POINTER (group->entries->len));
}

typedef enum
{
  LINE_NOTHING, /* blank, or a comment */
  LINE_GROUP,
  LINE_ENTRY,
  LINE_MISTAKE,
} Line;

/*
 * What one line means, in GKeyFile's words. A whole file is not given to it, since it stops at the
 * first mistake, merges duplicates and forgets lines; line by line it is still the only one to say
 * what a group, a key, a value and a comment are.
 */
static Line
parse_line (const char *line, char **name, char **value)
{
  g_autoptr (GKeyFile) alone = g_key_file_new ();
  g_autoptr (GKeyFile) within = g_key_file_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) keys = NULL;

  if (g_key_file_load_from_data (alone, line, strlen (line), G_KEY_FILE_NONE, NULL))
    {
      *name = g_key_file_get_start_group (alone);
      return *name != NULL ? LINE_GROUP : LINE_NOTHING;
    }
  /* Not in the first group, where the key `Encoding` has a meaning of its own. */
  text = g_strconcat ("[first]\n[group]\n", line, NULL);
  if (!g_key_file_load_from_data (within, text, strlen (text), G_KEY_FILE_KEEP_TRANSLATIONS, NULL))
    return LINE_MISTAKE;
  keys = g_key_file_get_keys (within, "group", NULL, NULL);
  if (keys == NULL || keys[0] == NULL)
    return LINE_MISTAKE;
  *name = g_strdup (keys[0]);
  *value = g_key_file_get_value (within, "group", keys[0], NULL);
  return LINE_ENTRY;
}

/* GKeyFile only says that a line is wrong; this says why. */
static const char *
reason_of (const char *line)
{
  if (line[0] == ';')
    return "';' starts no comment, only '#' does";
  if (line[0] == '[')
    {
      const char *end = strchr (line, ']');

      if (end == NULL)
        return "no ']' behind the group's name";
      if (end == line + 1)
        return NO_GROUP;
      return end[1] != '\0' ? "text behind the group's ']'" : WRONG_GROUP;
    }
  if (line[0] == '=')
    return "no key before the '='";
  if (strchr (line, '=') != NULL)
    return WRONG_KEY;
  return "neither '[group]' nor 'key = value' nor '# comment'";
}

static void
add_mistake (Scan *scan, const char *reason, const char *line)
{
  g_autofree char *quoted = fanout_quote (line, -1);

  fanout_errors_add (scan->errors, scan->origin, "%s: %s", reason, quoted);
}

static void
open_group (Scan *scan, const char *name, const char *line)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  const FanoutConfigGroup *other = fanout_config_find (scan->config, trimmed);

  scan->begun = TRUE;
  if (strcmp (trimmed, name) != 0)
    add_mistake (scan, trimmed[0] == '\0' ? NO_GROUP : BLANK_GROUP, line);
  if (trimmed[0] == '\0')
    {
      scan->group = NULL;
      return;
    }
  scan->group = group_new (scan->config, trimmed, scan->origin);
  if (other != NULL)
    fanout_config_mistake (scan->errors, &scan->group->public, NULL,
                           "the group is given twice, first at %s", other->origin);
}

/* After a wrong header the lines below still belong to the group that was meant. */
static void
open_wrong_group (Scan *scan, const char *line)
{
  const gsize length = strcspn (line + 1, "]#");
  g_autofree char *inner = g_strstrip (g_strndup (line + 1, length));
  g_autofree char *header = g_strdup_printf ("[%s]", inner);
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  scan->begun = TRUE;
  scan->group = NULL;
  add_mistake (scan, reason_of (line), line);
  if (parse_line (header, &name, &value) == LINE_GROUP)
    open_group (scan, name, header);
}

/* GKeyFile takes these for keys. */
static gboolean
is_wrong_key (Scan *scan, const char *key, const char *line)
{
  if (key[0] == ';')
    add_mistake (scan, reason_of (line), line);
  else if (strchr (key, '[') != NULL)
    add_mistake (scan, "a key with [...] has no meaning here", line);
  else
    return FALSE;
  return TRUE;
}

/* `value` loses the blanks around it. */
static void
add_entry (Scan *scan, const char *key, char *value, const char *line)
{
  FanoutConfigEntry entry = { .origin = scan->origin };
  const FanoutConfigEntry *other;

  if (is_wrong_key (scan, key, line))
    return;
  if (!scan->begun)
    add_mistake (scan, "before the first [group]", line);
  if (scan->group == NULL)
    return;
  entry.key = fanout_config_intern (scan->config, key);
  entry.value = fanout_config_intern (scan->config, g_strstrip (value));
  other = group_entry (scan->group, key);
  if (other != NULL)
    fanout_config_mistake (scan->errors, &scan->group->public, &entry,
                           "the key is given twice, first at %s", other->origin);
  group_add (scan->group, &entry);
}

static void
scan_line (Scan *scan, const char *text, gsize length)
{
  const char *nul = memchr (text, '\0', length);
  const char *bad;
  g_autofree char *line = NULL;
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (nul != NULL)
    {
      fanout_errors_add (scan->errors, scan->origin, "a NUL byte, the line's byte %" G_GSIZE_FORMAT,
                         (gsize) (nul - text) + 1);
      return;
    }
  if (!g_utf8_validate (text, (gssize) length, &bad))
    {
      fanout_errors_add (scan->errors, scan->origin,
                         "text that is not UTF-8: 0x%02X, the line's byte %" G_GSIZE_FORMAT,
                         (guint) (guchar) *bad, (gsize) (bad - text) + 1);
      return;
    }
  line = g_strstrip (g_strndup (text, length));
  switch (parse_line (line, &name, &value))
    {
    case LINE_NOTHING:
      break;
    case LINE_GROUP:
      open_group (scan, name, line);
      break;
    case LINE_ENTRY:
      add_entry (scan, name, value, line);
      break;
    case LINE_MISTAKE:
      if (line[0] == '[')
        open_wrong_group (scan, line);
      else
        add_mistake (scan, reason_of (line), line);
      break;
    }
}

static void
scan_text (Scan *scan, const char *text, gsize length, const char *name)
{
  g_autofree char *file = fanout_escape (name, -1);
  const char *end;
  guint number = 0;

  if (length == 0)
    return;
  end = text + length;
  if (length >= 2 && (memcmp (text, "\xFF\xFE", 2) == 0 || memcmp (text, "\xFE\xFF", 2) == 0))
    {
      fanout_errors_add (scan->errors, file, "text in UTF-16; possible: UTF-8");
      return;
    }
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    text += 3;
  while (text < end && !fanout_errors_is_full (scan->errors))
    {
      const char *feed = memchr (text, '\n', (gsize) (end - text));
      const char *stop = feed != NULL ? feed : end;
      g_autofree char *origin = g_strdup_printf ("%s:%u", file, ++number);

      scan->origin = fanout_config_intern (scan->config, origin);
      scan_line (scan, text, (gsize) (stop - text));
      text = feed != NULL ? feed + 1 : end;
    }
  scan->errors->more |= text < end;
}

static void
scan_key_file (Scan *scan, GKeyFile *key_file)
{
  g_auto (GStrv) groups = g_key_file_get_groups (key_file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (key_file, groups[i], NULL, NULL);
      g_autofree char *group = fanout_escape (groups[i], -1);
      g_autofree char *header = g_strdup_printf ("[%s]", group);

      scan->origin = fanout_config_intern (scan->config, header);
      if (!g_utf8_validate (groups[i], -1, NULL))
        {
          fanout_errors_add (scan->errors, scan->origin, "text that is not UTF-8");
          continue;
        }
      open_group (scan, groups[i], header);
      for (guint k = 0; keys != NULL && keys[k] != NULL; k++)
        {
          g_autofree char *value = g_key_file_get_value (key_file, groups[i], keys[k], NULL);
          g_autofree char *key = fanout_escape (keys[k], -1);
          g_autofree char *origin = g_strdup_printf ("%s %s", header, key);

          scan->origin = fanout_config_intern (scan->config, origin);
          if (!g_utf8_validate (keys[k], -1, NULL) || !g_utf8_validate (value, -1, NULL))
            fanout_errors_add (scan->errors, scan->origin, "text that is not UTF-8");
          else if (strchr (value, '\n') != NULL)
            add_mistake (scan, "a value of several lines", value);
          else
            add_entry (scan, keys[k], value, keys[k]);
        }
    }
}

/* The parts of GROUP.KEY=VALUE: its key and value; answers the group, or NULL with `reason`. */
static char *
split_override (const char *text, char **key, char **value, const char **reason)
{
  const char *equals = strchr (text, '=');
  const char *dot = equals != NULL ? g_strrstr_len (text, equals - text, ".") : NULL;
  g_autofree char *before = NULL;
  g_autofree char *header = NULL;
  g_autofree char *group = NULL;
  g_autofree char *name = NULL;
  g_autofree char *content = NULL;

  *reason = "no '='";
  if (equals == NULL)
    return NULL;
  *reason = "no '.' before the '='";
  if (dot == NULL)
    return NULL;
  *reason = "a line feed";
  if (strchr (text, '\n') != NULL)
    return NULL;
  before = g_strstrip (g_strndup (text, (gsize) (dot - text)));
  header = g_strdup_printf ("[%s]", before);
  *reason = before[0] == '\0' ? "no group before the '.'" : WRONG_GROUP;
  if (parse_line (header, &group, &content) != LINE_GROUP)
    return NULL;
  *reason = dot + 1 == equals ? "no key before the '='" : WRONG_KEY;
  if (parse_line (dot + 1, &name, &content) != LINE_ENTRY)
    return NULL;
  *key = g_steal_pointer (&name);
  *value = g_steal_pointer (&content);
  return g_steal_pointer (&group);
}

static void
apply_override (Scan *scan, const char *text)
{
  g_autofree char *shown = fanout_escape (text, -1);
  g_autofree char *origin = g_strdup_printf ("-s %s", shown);
  g_autofree char *group = NULL;
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;
  const char *reason = "text that is not UTF-8";
  FanoutConfigEntry *entry;

  scan->origin = fanout_config_intern (scan->config, origin);
  scan->begun = TRUE;
  if (g_utf8_validate (text, -1, NULL))
    group = split_override (text, &key, &value, &reason);
  if (group == NULL)
    {
      fanout_errors_add (scan->errors, scan->origin, "%s; possible: GROUP.KEY=VALUE", reason);
      return;
    }
  scan->group = g_hash_table_lookup (scan->config->by_name, group);
  if (scan->group == NULL)
    open_group (scan, group, text);
  entry = scan->group != NULL ? group_entry (scan->group, key) : NULL;
  if (entry == NULL)
    {
      add_entry (scan, key, value, text);
      return;
    }
  entry->origin = scan->origin;
  entry->value = fanout_config_intern (scan->config, g_strstrip (value));
}

static FanoutConfig *
finish (Scan *scan, const char *const *overrides)
{
  for (gsize i = 0; overrides != NULL && overrides[i] != NULL; i++)
    apply_override (scan, overrides[i]);
  return scan->config;
}

FanoutConfig *
fanout_config_parse (const char *text, gsize length, const char *name, const char *folder,
                     const char *const *overrides, FanoutErrors *errors)
{
  Scan scan = { .config = config_new (folder), .errors = errors };

  scan_text (&scan, text, length, name);
  return finish (&scan, overrides);
}

FanoutConfig *
fanout_config_from_key_file (GKeyFile *key_file, const char *folder, const char *const *overrides,
                             FanoutErrors *errors)
{
  Scan scan = { .config = config_new (folder), .errors = errors };

  scan_key_file (&scan, key_file);
  return finish (&scan, overrides);
}

/* All bytes of a file, a pipe as well; 0, or an errno. */
static int
read_all (int fd, GByteArray *bytes)
{
  guint8 part[16384];

  for (;;)
    {
      const gssize n = read (fd, part, sizeof part);

      if (n == 0)
        return 0;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (bytes->len + (gsize) n > FILE_MAX)
        return EFBIG;
      g_byte_array_append (bytes, part, (guint) n);
    }
}

FanoutConfig *
fanout_config_load (const char *path, const char *const *overrides, FanoutErrors *errors)
{
  const gboolean standard = strcmp (path, "-") == 0;
  const char *name = standard ? "standard input" : path;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *folder = standard ? g_strdup (".") : g_path_get_dirname (path);
  const int fd = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  const int code = fd < 0 ? errno : read_all (fd, bytes);

  if (fd >= 0 && !standard)
    close (fd);
  if (code != 0)
    {
      g_autofree char *file = fanout_escape (name, -1);

      fanout_errors_add (errors, file, "%s",
                         code == EFBIG ? "larger than 16M: no configuration" : g_strerror (code));
      return NULL;
    }
  return fanout_config_parse ((const char *) bytes->data, bytes->len, name, folder, overrides,
                              errors);
}
