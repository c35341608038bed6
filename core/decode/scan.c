#include "core/decode/scan.h"
#include <stdatomic.h>

#if defined(__x86_64__)

/* The C library knows already; to ask the processor takes a few microseconds for each question
 * where it is a virtual one. */
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

/* What the macro of the header does, but that one shifts a bit into the sign of an int. */
static gboolean
is_active (guint feature)
{
  const struct cpuid_feature *leaf = __x86_get_cpuid_feature_leaf (feature / 128);

  return (leaf->active_array[feature / 32 % 4] >> feature % 32 & 1) != 0;
}
#define HAS(feature, name) is_active (x86_cpu_##feature)
#else
#define HAS(feature, name) __builtin_cpu_supports (name)
#endif

static gboolean
has_avx2 (void)
{
  return fanout_scanner_avx2 != NULL && HAS (AVX2, "avx2") && HAS (BMI1, "bmi")
         && HAS (BMI2, "bmi2") && HAS (PCLMULQDQ, "pclmul") && HAS (POPCNT, "popcnt");
}

static gboolean
has_avx512 (void)
{
  return fanout_scanner_avx512 != NULL && has_avx2 () && HAS (AVX512F, "avx512f")
         && HAS (AVX512BW, "avx512bw") && HAS (AVX512VL, "avx512vl")
         && HAS (AVX512_VBMI, "avx512vbmi") && HAS (AVX512_VBMI2, "avx512vbmi2");
}

#else

static gboolean
has_avx2 (void)
{
  return FALSE;
}

static gboolean
has_avx512 (void)
{
  return FALSE;
}

#endif

guint
fanout_scanners (const FanoutScanner **all)
{
  guint n = 0;

  all[n++] = &fanout_scanner_plain;
  if (has_avx2 ())
    all[n++] = fanout_scanner_avx2;
  if (has_avx512 ())
    all[n++] = fanout_scanner_avx512;
  return n;
}

const FanoutScanner *
fanout_scanner (void)
{
  /* Whoever comes first sets it; all would set the same. */
  static _Atomic (const FanoutScanner *) chosen;
  const FanoutScanner *scanner = atomic_load_explicit (&chosen, memory_order_relaxed);

  if (G_UNLIKELY (scanner == NULL))
    {
      const FanoutScanner *all[FANOUT_SCANNERS_MAX];

      scanner = all[fanout_scanners (all) - 1];
      atomic_store_explicit (&chosen, scanner, memory_order_relaxed);
    }
  return scanner;
}

void
fanout_scan_lines (const char *data, gsize length, FanoutScan *scan)
{
  fanout_scanner ()->scan (data, length, FANOUT_QUOTE_NONE, scan);
}

void
fanout_scan_quoted (const char *data, gsize length, char quote, FanoutScan *scan)
{
  fanout_scanner ()->scan (data, length, (guchar) quote, scan);
}
