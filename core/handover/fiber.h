#pragma once

/** Fibers: ordinary functions with a stack of their own, that run when resumed until they suspend.
 */

#include <glib.h>

typedef struct FanoutFiber FanoutFiber;

/** A fiber that will call `body (data)`; below its stack there is a wide area that nothing may
 * touch, found as that of `owner` (a name that outlives it, or NULL) by fanout_guard_find(). NULL
 * with `error` (FANOUT_ERROR_STATE) when there is no room for the stack. */
FanoutFiber *fanout_fiber_new (void (*body) (gpointer data), gpointer data, const char *owner,
                               GError **error);
/** The body has returned, or never ran. */
void fanout_fiber_free (FanoutFiber *fiber);

/** Run it until it suspends or returns. TRUE while it can be resumed again. Only in one thread at a
 * time, never from inside itself. */
gboolean fanout_fiber_resume (FanoutFiber *fiber);
/** Inside the fiber: go back to who resumed it. */
void fanout_fiber_suspend (FanoutFiber *fiber);
/** Inside `fiber`: suspend and let `next`, which is suspended or has not begun, go on at once. What
 * `next` goes back to then is who resumed `fiber`. */
void fanout_fiber_pass (FanoutFiber *fiber, FanoutFiber *next);
