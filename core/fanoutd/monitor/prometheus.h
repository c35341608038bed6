#pragma once

/** Prometheus' text format. Whatever a name or a text is, what is written can be read. */

#include <fanout/value.h>

/** Append `name` with everything replaced that has no place in the name of a metric or label, in
 * small letters. */
void prometheus_name (GString *text, const char *name);
/** The two lines before the samples of a family. */
void prometheus_family (GString *text, const char *name, const char *type, const char *help);
/** `,name="value"` (no comma behind a brace): a label. `name` is one already. */
void prometheus_label (GString *text, const char *name, const char *value, gsize length);
/** ` value` and the end of the line. */
void prometheus_double (GString *text, double value);
void prometheus_count (GString *text, guint64 value);
/** FALSE: it is no number, and nothing was written. */
gboolean prometheus_value (GString *text, const FanoutValue *value);
