#include "core/fanoutd/json.h"

#include <fanout/value.h>
#include <math.h>
#include <string.h>

static void
separate (GString *json, char bracket)
{
  if (json->str[json->len - 1] != bracket)
    g_string_append_c (json, ',');
}

void
json_key (GString *json, const char *key)
{
  separate (json, '{');
  fanout_json_append (json, key, strlen (key));
  g_string_append_c (json, ':');
}

void
json_open (GString *json, const char *key, char bracket)
{
  json_key (json, key);
  g_string_append_c (json, bracket);
}

void
json_item (GString *json)
{
  separate (json, '[');
}

void
json_texts (GString *json, const char *key, const char *const *texts)
{
  json_open (json, key, '[');
  for (; *texts != NULL; texts++)
    {
      json_item (json);
      fanout_json_append (json, *texts, strlen (*texts));
    }
  g_string_append_c (json, ']');
}

void
json_count (GString *json, const char *key, guint64 count)
{
  json_key (json, key);
  g_string_append_printf (json, "%" G_GUINT64_FORMAT, count);
}

void
json_seconds (GString *json, const char *key, double seconds)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  json_key (json, key);
  fanout_double_format (isfinite (seconds) ? round (seconds * 1e6) / 1e6 : 0, text);
  g_string_append (json, text);
}

void
json_text (GString *json, const char *key, const char *text)
{
  json_key (json, key);
  if (text != NULL)
    fanout_json_append (json, text, strlen (text));
  else
    g_string_append (json, "null");
}

void
json_boolean (GString *json, const char *key, gboolean value)
{
  json_key (json, key);
  g_string_append (json, value ? "true" : "false");
}
