#pragma once

/* What the operators here have in common: all that is right about them. */

#include <fanout/aggregate.h>

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  (void) states;
  (void) input;
  return FANOUT_MORE;
}

static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) self;
  (void) states;
  (void) n;
  (void) out;
  return TRUE;
}

#define OPERATOR(name_)                                                                            \
  {                                                                                                \
    .size = sizeof (FanoutOperator), .name = name_, .summary = "nothing", .state_size = 8,         \
    .update = update, .finish = finish                                                             \
  }
