#pragma once

/** Text and help texts as roff, with the macros of man(7). */

#include <glib.h>

/** Append `text` so that it shows as it is, wherever it stands. */
void roff_text (GString *out, const char *text);
/** Append lines that are shown as they are. */
void roff_lines (GString *out, const char *text);
/** Append what -h prints, but for its usage: paragraphs, options, examples. */
void roff_help (GString *out, const char *help);

/** Split a line of a help text, "  -o, --option VALUE   meaning": TRUE when it is one. `option` and
 * `meaning` are freed by the caller. */
gboolean roff_option (const char *line, char **option, char **meaning);
