#pragma once

/** How many have something that never changes; GLib's own counters are none that a checker of
 * threads sees. */

#include <glib.h>
#include <stdatomic.h>

typedef _Atomic guint References;

static inline void
references_begin (References *references)
{
  atomic_init (references, 1);
}

static inline void
references_add (References *references)
{
  atomic_fetch_add (references, 1);
}

/** TRUE: nobody has it any more. */
static inline gboolean
references_drop (References *references)
{
  return atomic_fetch_sub (references, 1) == 1;
}
