#pragma once

/** Members of a JSON object that is being written: a comma comes before each but the first. */

#include <glib.h>

/** `"key":` */
void json_key (GString *json, const char *key);
/** `"key":`, and what begins a list or an object: the end of it is written as it is. */
void json_open (GString *json, const char *key, char bracket);
/** What comes before each item of a list. */
void json_item (GString *json);
/** A list of texts that ends with NULL. */
void json_texts (GString *json, const char *key, const char *const *texts);
void json_count (GString *json, const char *key, guint64 count);
/** To the microsecond. */
void json_seconds (GString *json, const char *key, double seconds);
/** NULL: null. */
void json_text (GString *json, const char *key, const char *text);
void json_boolean (GString *json, const char *key, gboolean value);
