#pragma once

/**
 * GIO, loaded when it is needed first.
 *
 * Its libraries and their relocations take as long as all the rest of a short run, which has no use
 * for them: only who brings a GCancellable, and so has GIO already, or who runs a pipeline without
 * waiting needs them.
 */

#include "core/base/library.h"
#include <gio/gio.h>

/* clang-format off */
#define FANOUT_GIO_FUNCTIONS(X)                                                                    \
  X (g_cancellable_connect) X (g_cancellable_disconnect) X (g_cancellable_is_cancelled)            \
  X (g_cancellable_set_error_if_cancelled) X (g_object_ref) X (g_object_unref)                     \
  X (g_task_get_cancellable) X (g_task_get_context) X (g_task_get_task_data) X (g_task_new)        \
  X (g_task_propagate_pointer) X (g_task_return_error) X (g_task_return_pointer)                   \
  X (g_task_run_in_thread) X (g_task_set_check_cancellable) X (g_task_set_task_data)
/* clang-format on */

/** The functions of GIO and GObject that are used, by their names. */
typedef struct
{
  FANOUT_GIO_FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} FanoutGio;

/** Loads GIO the first time. Any thread. */
const FanoutGio *fanout_gio (void);

/** G_IO_ERROR */
#define FANOUT_IO_ERROR (g_quark_from_static_string ("g-io-error-quark"))

/* The same as GIO has; all take NULL. */

static inline gboolean
fanout_is_cancelled (GCancellable *cancellable)
{
  return cancellable != NULL && fanout_gio ()->g_cancellable_is_cancelled_ (cancellable);
}

static inline gboolean
fanout_set_error_if_cancelled (GCancellable *cancellable, GError **error)
{
  return cancellable != NULL
         && fanout_gio ()->g_cancellable_set_error_if_cancelled_ (cancellable, error);
}

static inline gulong
fanout_cancellable_connect (GCancellable *cancellable, GCallback callback, gpointer data,
                            GDestroyNotify destroy)
{
  return cancellable != NULL
             ? fanout_gio ()->g_cancellable_connect_ (cancellable, callback, data, destroy)
             : 0;
}

static inline void
fanout_cancellable_disconnect (GCancellable *cancellable, gulong handler)
{
  if (cancellable != NULL)
    fanout_gio ()->g_cancellable_disconnect_ (cancellable, handler);
}

static inline GCancellable *
fanout_cancellable_ref (GCancellable *cancellable)
{
  return cancellable != NULL ? fanout_gio ()->g_object_ref_ (cancellable) : NULL;
}

static inline void
fanout_cancellable_unref (GCancellable *cancellable)
{
  if (cancellable != NULL)
    fanout_gio ()->g_object_unref_ (cancellable);
}
