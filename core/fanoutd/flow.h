#pragma once

/** What goes out of the program, and how long it has to wait to be taken. Any thread, but one at a
 * time writes. */

#include <glib.h>

typedef struct
{
  guint64 bytes;
  double blocked;  /* seconds in which something was to be written, and was not yet */
  double standing; /* of them, those since the last byte was taken; 0: nothing waits */
  char *name;      /* of what waits, owned by whoever has this; NULL: nothing does */
  char *reason;    /* why; NULL: nobody says */
} FlowState;

typedef struct Flow Flow;

Flow *flow_new (void);
void flow_free (Flow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Flow, flow_free)

/** Something is to be written to `name`, */
void flow_begin (Flow *flow, const char *name);
/** of which so many bytes were taken; `reason` why not all were (NULL: nobody knows): it is tried
 * again, */
void flow_move (Flow *flow, gsize bytes, const char *reason);
/** or it is done or given up. */
void flow_end (Flow *flow);

/** How it is now; to be cleared. NULL: nothing goes out. */
void flow_read (Flow *flow, FlowState *state);
void flow_state_clear (FlowState *state);
