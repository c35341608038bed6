#pragma once

/** The functions of expressions, for people; from the one table of them. */

#include "core/expression/functions.h"

/** Append how a function is called, what it gives and an example. */
void functions_describe (GString *out, const FanoutFunction *function);
/** Append all of them as a list in roff. */
void functions_manual (GString *out);
/** What we have by this name, or one near it: "length(x)"; NULL. Owned by the caller. */
char *functions_near (const char *name);
