/* Needs a function that no libfanout has. */

#include "parts.h"

FANOUT_API gboolean fanout_not_there (void);

static void
clear (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  (void) states;
  (void) n;
  fanout_not_there ();
}

static const FanoutOperator undefined = { .size = sizeof undefined,
                                          .name = "undefined",
                                          .state_size = 8,
                                          .clear = clear,
                                          .update = update,
                                          .finish = finish };

FANOUT_OPERATORS (&undefined);
