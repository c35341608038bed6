#pragma once

#include <glib.h>

/** Ask for a cache line. GCC takes a function that does nothing else for one without effect and
 * drops its calls (seen with 12); the empty statement keeps it from that. */
static inline void
fanout_prefetch (gconstpointer address)
{
  __builtin_prefetch (address);
  __asm__ volatile("" : : "r"(address));
}
