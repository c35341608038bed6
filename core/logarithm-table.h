#pragma once

#include <fanout/abi.h>

extern const guint64 fanout_logarithm_table[128][2];
