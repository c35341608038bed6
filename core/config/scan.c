#include "core/config/list.h"
#include "core/config/private.h"

#include <string.h>

#define NO_GROUP    "a group without a name"
#define BLANK_GROUP "blanks at the ends of a group's name"
#define WRONG_GROUP "a bracket or control character in a group's name"
#define WRONG_KEY   "a bracket in a key's name"

static gboolean
has_control_character (const char *text)
{
  while (*text != '\0' && !g_ascii_iscntrl (*text))
    text++;
  return *text != '\0';
}

/* Brackets may stand in the quotes behind the first word alone. */
const char *
fanout_config_wrong_group (const char *name)
{
  const char end = name[strcspn (name, " []")];

  if (name[0] == '\0')
    return NO_GROUP;
  return has_control_character (name) || end == '[' || end == ']' ? WRONG_GROUP : NULL;
}

const char *
fanout_config_quoted_name (const char *header)
{
  const char *const word_end = header + strcspn (header, " \t[]");
  const char *const p = word_end + strspn (word_end, " \t");

  return p > word_end && *p == '"' ? p : NULL;
}

gboolean
fanout_config_has_names (const char *group)
{
  return strcmp (group, "let") == 0 || strcmp (group, "result") == 0;
}

/* `key[de]`: a translation, to those who know such files. */
static gboolean
is_translation (const char *name)
{
  const char *open = strchr (name, '[');
  const char *close = open != NULL ? strpbrk (open + 1, "[]") : NULL;

  return open > name && close != NULL && close[0] == ']' && close[1] == '\0';
}

const char *
fanout_config_wrong_key (const char *group, const char *name)
{
  if (name[0] == '\0')
    return "no key before the '='";
  if (fanout_config_has_names (group))
    return NULL;
  if (name[0] == ';')
    return "';' starts no comment, only '#' does";
  if (name[0] == '#')
    return "a '#' at the start of a key's name";
  if (is_translation (name))
    return "a key with [...] has no meaning here";
  return strpbrk (name, "[]") != NULL ? WRONG_KEY : NULL;
}

void
fanout_config_wrong_line (FanoutErrors *errors, const char *origin, const char *reason,
                          const char *line)
{
  g_autofree char *quoted = fanout_quote (line, -1);

  fanout_errors_add (errors, origin, "%s: %s", reason, quoted);
}

/* The text in quotes that begins at `quote` and ends where `quote` does, or why it is none. */
static char *
unquote (const char *quote, const char **reason)
{
  g_autofree char *text = fanout_value_unquote (&quote);

  if (text == NULL)
    *reason = "a quote that is not closed";
  else if (quote[strspn (quote, " \t")] != '\0')
    *reason = "text behind a closing quote";
  return *reason == NULL ? g_steal_pointer (&text) : g_strdup ("");
}

/* What a header means. */
static char *
name_of_group (const char *header, const char **reason)
{
  const char *quote = fanout_config_quoted_name (header);
  g_autofree char *name = NULL;

  if (quote != NULL)
    {
      name = unquote (quote, reason);
      return g_strdup_printf ("%.*s%s", (int) (quote - header), header, name);
    }
  if (strpbrk (header, "[]") != NULL)
    *reason = WRONG_GROUP;
  return g_strdup (header);
}

void
fanout_config_scan_group (FanoutConfigScan *scan, const char *name, const char *line)
{
  const char *reason = NULL;
  g_autofree char *plain = name_of_group (name, &reason);
  g_autofree char *trimmed = g_strstrip (g_strdup (plain));
  const FanoutConfigGroup *other;

  if (reason == NULL)
    reason = fanout_config_wrong_group (trimmed);
  if (reason == NULL && strcmp (trimmed, plain) != 0)
    fanout_config_wrong_line (scan->errors, scan->origin, BLANK_GROUP, line);
  scan->begun = TRUE;
  scan->group = NULL;
  if (reason != NULL)
    {
      fanout_config_wrong_line (scan->errors, scan->origin, reason, line);
      return;
    }
  scan->group = fanout_config_begin (scan->config, trimmed, scan->origin);
  other = fanout_config_find (scan->config, fanout_config_built (scan->group)->name);
  if (other != fanout_config_built (scan->group))
    fanout_config_mistake (scan->errors, fanout_config_built (scan->group), NULL,
                           "the group is given twice, first at %s", other->origin);
}

void
fanout_config_scan_entry (FanoutConfigScan *scan, const char *key, const char *value,
                          const char *line)
{
  FanoutConfigEntry entry = { .origin = scan->origin, .from = scan->from };
  const char *group = scan->group != NULL ? fanout_config_built (scan->group)->name : "";
  const char *reason = NULL;
  g_autofree char *name
      = key[0] == '"' && fanout_config_has_names (group) ? unquote (key, &reason) : g_strdup (key);
  g_autofree char *trimmed = g_strstrip (g_strdup (value));
  const FanoutConfigEntry *other;

  if (reason == NULL)
    reason = fanout_config_wrong_key (key[0] == ';' ? "" : group, name);
  if (reason != NULL)
    {
      fanout_config_wrong_line (scan->errors, scan->origin, reason, line);
      return;
    }
  if (!scan->begun)
    fanout_config_wrong_line (scan->errors, scan->origin, "before the first [group]", line);
  if (scan->group == NULL)
    return;
  entry.key = fanout_config_intern (scan->config, name);
  entry.value = fanout_config_intern (scan->config, trimmed);
  other = fanout_config_first (scan->group, name);
  if (other != NULL)
    fanout_config_mistake (scan->errors, fanout_config_built (scan->group), &entry,
                           "the key is given twice, first at %s", other->origin);
  fanout_config_append (scan->group, &entry);
}
