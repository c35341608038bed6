/* An option that would be written behind the end of its struct. */

#include "parts.h"

static const FanoutOption options[] = {
  { .key = "far", .type = FANOUT_OPTION_COUNT, .offset = 4096, .help = "nothing" },
  { 0 },
};

static const FanoutOperator bad = { .size = sizeof bad,
                                    .name = "bad-option",
                                    .options_size = 8,
                                    .option_size = sizeof (FanoutOption),
                                    .options = options,
                                    .state_size = 8,
                                    .update = update,
                                    .finish = finish };

FANOUT_OPERATORS (&bad);
