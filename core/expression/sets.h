#pragma once

/** Whether a value is one of a list. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_in;

/** The values of a list: the payload of `in`. */
typedef struct FanoutSet FanoutSet;

FanoutSet *fanout_set_new (FanoutVectorKind kind);
void fanout_set_free (gpointer set);
/** Add the value of a constant of that kind, which stays. */
void fanout_set_add (FanoutSet *set, const FanoutVector *constant);
/** All have been added: before the first row. */
void fanout_set_end (FanoutSet *set);
