#include "parts.h"

/* It tells that it was opened. */
__attribute__ ((constructor)) static void
tell (void)
{
  g_setenv ("FANOUT_TEST_NOISY", "opened", TRUE);
}

static const FanoutOperator noisy = OPERATOR ("noisy");

FANOUT_OPERATORS (&noisy);
