#pragma once

/** Text for people. */

#include <glib.h>

/** Append the words of `text` in lines of at most 80 columns, each behind `prefix`. */
void text_wrap (GString *out, const char *prefix, const char *text);
