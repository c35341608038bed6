#pragma once

/** The columns of one aggregate: those that its options name, and those of its results. */

#include <fanout/aggregate.h>

/** An input column. */
typedef struct
{
  const FanoutOption *option; /* that names it */
  FanoutTakes takes;
} FanoutOperatorInput;

/** The first @n columns that the bound options name, in order. Newly allocated. */
FANOUT_API FanoutOperatorInput *fanout_operator_inputs (const FanoutOperator *operator_,
                                                        gconstpointer options, guint n);

/** For one aggregate called `name`: newly allocated (g_strfreev), at least one. */
FANOUT_API char **fanout_operator_columns (const FanoutOperator *operator_, gconstpointer options,
                                           const char *name);
