#pragma once

/** What came of reading the configuration again, for who asks later. Any thread. */

#include <glib.h>

typedef struct
{
  guint64 reloads; /* that took place */
  guint64 failed;  /* the run went on as before */
} OutcomeCounts;

/** Of one more: `json`, an object or, where it `failed`, a text; taken over. */
void outcome_add (gboolean failed, char *json);
OutcomeCounts outcome_counts (void);
/** Wait until more have been than `before`, but no longer than `microseconds`. FALSE: there are
 * none yet. Else `text` gets what was told of the last one. */
gboolean outcome_wait (guint64 before, gint64 microseconds, gboolean *failed, GString *text);
