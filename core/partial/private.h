#pragma once

/** The layout of a partial result, for its writer and its reader. */

#include "core/partial/partial.h"

#include <fanout/bytes.h>

/** The first byte keeps text tools away, the last ones show damage by line end conversion. */
#define FANOUT_PARTIAL_MAGIC                                                                       \
  "\x89"                                                                                           \
  "FANOUT\r\n"
#define FANOUT_PARTIAL_MAGIC_LENGTH 9
#define FANOUT_PARTIAL_VERSION      10u
/** They and the version (u32) stand before the sealed bytes. */
#define FANOUT_PARTIAL_START        13

/** Hex SHA-256 of what decides the states: keys, operators, options. Newly allocated. */
char *fanout_partial_fingerprint (const FanoutPlan *plan);
