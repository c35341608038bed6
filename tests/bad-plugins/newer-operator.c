/* Built for a libfanout whose operator struct has grown. */

#include "parts.h"

static const struct
{
  FanoutOperator known;
  gpointer more;
} newer = { { .size = sizeof newer,
              .name = "newer-operator",
              .state_size = 8,
              .update = update,
              .finish = finish },
            NULL };

FANOUT_OPERATORS (&newer);
