#pragma once

/** Names that operators have elsewhere. */

#include <fanout/abi.h>

/** What we have under a name from SQL, pandas, datamash, ...: "'mean'", "'quantile' with q = 0.99";
 * NULL: nothing is known by it. Owned by the caller. */
FANOUT_API char *fanout_synonym (const char *name);
