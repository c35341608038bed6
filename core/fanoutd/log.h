#pragma once

/** The last lines that were said on standard error. Any thread. */

#include <glib.h>

/** Keep a line. */
void log_add (const char *line);
/** Changes with each line. */
guint64 log_serial (void);
/** Append them as a JSON array of {"time":seconds since 1970,"text":line}, the oldest first. */
void log_append (GString *json);
