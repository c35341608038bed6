#include "parts.h"

FANOUT_API const FanoutOperator *operator_of_no_plugin (void);

static const FanoutOperator unseen = OPERATOR ("no-symbol");

const FanoutOperator *
operator_of_no_plugin (void)
{
  return &unseen;
}
