#pragma once

/** Text for people. */

#include <glib.h>

/** Append the words of `text` in lines of at most 80 columns, each behind `prefix`. */
void text_wrap (GString *out, const char *prefix, const char *text);

/** How many columns of a terminal UTF-8 text takes. */
gsize text_width (const char *text);
/** Append as much of UTF-8 text as there is room for in `width` columns; a > says that there was
 * more. */
void text_cut (GString *out, const char *text, gsize width);
/** 1.2 GB */
void text_size (GString *out, double bytes);
/** 1,234,567 */
void text_count (GString *out, guint64 count);
/** 2:03, 1:02:03 */
void text_time (GString *out, double seconds);
