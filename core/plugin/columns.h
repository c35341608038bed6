#pragma once

/** The result columns that an operator names. */

#include <fanout/aggregate.h>

/** For one aggregate called `name`: newly allocated (g_strfreev), at least one. */
FANOUT_API char **fanout_operator_columns (const FanoutOperator *operator_, gconstpointer options,
                                           const char *name);
