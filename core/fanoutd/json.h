#pragma once

/** Members of a JSON object that is being written: a comma comes before each but the first. */

#include <glib.h>

/** `"key":` */
void json_key (GString *json, const char *key);
void json_count (GString *json, const char *key, guint64 count);
/** To the microsecond. */
void json_seconds (GString *json, const char *key, double seconds);
/** NULL: null. */
void json_text (GString *json, const char *key, const char *text);
void json_boolean (GString *json, const char *key, gboolean value);
