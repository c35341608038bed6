#include "core/config/list.h"

#include <string.h>

/* A message has no room for more. */
#define SHOWN_MAX 400

/* Behind the quote that closes the one at `p`; NULL: none does. */
static const char *
skip_quoted (const char *p)
{
  for (p++; *p != '"' || p[1] == '"'; p++)
    {
      if (*p == '\0')
        return NULL;
      p += *p == '"';
    }
  return p + 1;
}

gboolean
fanout_value_has_comment (const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    {
      const char *end = *p == '"' ? skip_quoted (p) : NULL;

      if (end != NULL)
        p = end - 1;
      else if ((*p == ' ' || *p == '\t') && (p[1] == '#' || p[1] == ';'))
        return TRUE;
    }
  return FALSE;
}

void
fanout_value_quote (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

char *
fanout_value_unquote (const char **at)
{
  const char *p = *at + 1;
  GString *text = g_string_new (NULL);

  for (; *p != '"' || p[1] == '"'; p++)
    {
      if (*p == '\0')
        {
          g_string_free (text, TRUE);
          return NULL;
        }
      g_string_append_c (text, *p);
      p += *p == '"';
    }
  *at = p + 1;
  return g_string_free (text, FALSE);
}

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

/* One item from `p` on; answers where it ends (at a comma or NUL), NULL with `reason`. */
static const char *
take_item (const char *p, GString *item, const char **reason)
{
  g_autofree char *text = NULL;

  if (*p != '"')
    {
      const gsize length = strcspn (p, ",");

      text = g_strchomp (g_strndup (p, length));
      g_string_append (item, text);
      return p + length;
    }
  *reason = "a quote that is not closed";
  text = fanout_value_unquote (&p);
  if (text == NULL)
    return NULL;
  g_string_append (item, text);
  p = skip_blanks (p);
  *reason = "text behind a closing quote";
  return *p == ',' || *p == '\0' ? p : NULL;
}

char **
fanout_list_split (const char *text, const char **reason)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) item = g_string_new (NULL);
  const char *p = skip_blanks (text);
  gboolean more = *p != '\0';

  while (more)
    {
      g_string_truncate (item, 0);
      p = take_item (skip_blanks (p), item, reason);
      if (p == NULL)
        return NULL;
      if (item->len == 0)
        {
          *reason = "an empty item";
          return NULL;
        }
      g_ptr_array_add (items, g_strdup (item->str));
      more = *p == ',';
      p += more;
    }
  g_ptr_array_add (items, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&items), FALSE);
}

char *
fanout_list_quoted (const char *text, const char *item)
{
  g_autoptr (GString) found = g_string_new (NULL);
  const char *p = text;

  while (p != NULL)
    {
      const char *start = skip_blanks (p);
      const char *reason;

      g_string_truncate (found, 0);
      p = take_item (start, found, &reason);
      if (p != NULL && *start == '"' && strcmp (found->str, item) == 0)
        return g_strndup (start, (gsize) (skip_quoted (start) - start));
      p = p != NULL && *p == ',' ? p + 1 : NULL;
    }
  return NULL;
}

void
fanout_list_append (GString *list, const char *item)
{
  const gsize length = strlen (item);

  if (list->len > 0)
    g_string_append (list, ", ");
  /* A comment could begin behind the blank that stands before it. */
  if (length > 0 && strchr ("#;", item[0]) == NULL && strpbrk (item, ",\"") == NULL
      && !g_ascii_isspace (item[0]) && !g_ascii_isspace (item[length - 1])
      && !fanout_value_has_comment (item))
    {
      g_string_append (list, item);
      return;
    }
  fanout_value_quote (list, item);
}

char *
fanout_list_show (const char *const *names)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      if (list->len > SHOWN_MAX)
        {
          g_string_append (list, ", ...");
          break;
        }
      fanout_list_append (list, names[i]);
    }
  return fanout_escape (list->str, (gssize) list->len);
}
