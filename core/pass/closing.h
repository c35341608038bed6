#pragma once

/** Who is told of what is over. */

#include "core/pass/passes.h"

/** One window. */
typedef struct
{
  FanoutInstant start;
  FanoutInstant end; /* behind it */
} FanoutWindow;

/** What is done with the groups of a window, which are in the one partition of `groups`, taken
 * over. Sessions come many at a time, in the order of their numbers, with start and end before the
 * keys; `window` is NULL then. FALSE with `error`: no more. */
typedef gboolean (*FanoutWindowDo) (gpointer data, FanoutPasses *groups, const FanoutWindow *window,
                                    GError **error);
/** A window that begins at `start` is told next, and its states are all where they were: when it is
 * told, some have moved to what is told. FALSE with `error`: no more. */
typedef gboolean (*FanoutWindowBefore) (gpointer data, FanoutInstant start, GError **error);
