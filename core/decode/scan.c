#include "core/decode/scan.h"
#include <stdatomic.h>

static gboolean
has_avx2 (void)
{
#if defined(__x86_64__)
  return fanout_scanner_avx2 != NULL && __builtin_cpu_supports ("avx2")
         && __builtin_cpu_supports ("bmi") && __builtin_cpu_supports ("bmi2")
         && __builtin_cpu_supports ("pclmul") && __builtin_cpu_supports ("popcnt");
#else
  return FALSE;
#endif
}

static gboolean
has_avx512 (void)
{
#if defined(__x86_64__)
  return fanout_scanner_avx512 != NULL && has_avx2 () && __builtin_cpu_supports ("avx512f")
         && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl")
         && __builtin_cpu_supports ("avx512vbmi") && __builtin_cpu_supports ("avx512vbmi2");
#else
  return FALSE;
#endif
}

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
