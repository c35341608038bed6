#pragma once

/** The result columns of an operator, as they are with the defaults of its options. */

#include <fanout/aggregate.h>

/** "NAME" or "NAME_p50, NAME_p90"; owned by the caller. NULL when they cannot be known. */
char *results_of (const FanoutOperator *operator_);
