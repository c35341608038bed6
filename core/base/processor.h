#pragma once

/**
 * What the processor that runs this can do.
 *
 * The C library knows already; to ask the processor takes microseconds for each question where it
 * is a virtual one, and what the compiler brings along asks a dozen at the start of each run.
 */

#include <glib.h>

#ifdef __x86_64__
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

/* What the macro of the header does, but that one shifts a bit into the sign of an int. */
static inline gboolean
fanout_processor_bit (guint feature)
{
  const struct cpuid_feature *leaf = __x86_get_cpuid_feature_leaf (feature / 128);

  return (leaf->active_array[feature / 32 % 4] >> feature % 32 & 1) != 0;
}

/** Whether it has a feature, given as the C library and as the compiler names it. */
#define FANOUT_PROCESSOR_HAS(feature, name) fanout_processor_bit (x86_cpu_##feature)
#else
#define FANOUT_PROCESSOR_HAS(feature, name) __builtin_cpu_supports (name)
#endif
#endif
