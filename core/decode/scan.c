#include "core/decode/scan.h"

#include "core/base/processor.h"
#include <stdatomic.h>

#ifdef __x86_64__

static gboolean
has_avx2 (void)
{
  return fanout_scanner_avx2 != NULL && FANOUT_PROCESSOR_HAS (AVX2, "avx2")
         && FANOUT_PROCESSOR_HAS (BMI1, "bmi") && FANOUT_PROCESSOR_HAS (BMI2, "bmi2")
         && FANOUT_PROCESSOR_HAS (PCLMULQDQ, "pclmul") && FANOUT_PROCESSOR_HAS (POPCNT, "popcnt");
}

static gboolean
has_avx512 (void)
{
  return fanout_scanner_avx512 != NULL && has_avx2 () && FANOUT_PROCESSOR_HAS (AVX512F, "avx512f")
         && FANOUT_PROCESSOR_HAS (AVX512BW, "avx512bw")
         && FANOUT_PROCESSOR_HAS (AVX512VL, "avx512vl")
         && FANOUT_PROCESSOR_HAS (AVX512_VBMI, "avx512vbmi")
         && FANOUT_PROCESSOR_HAS (AVX512_VBMI2, "avx512vbmi2");
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
