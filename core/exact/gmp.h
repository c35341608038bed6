#pragma once

/**
 * GMP, loaded when it is needed first: sums and counts of decimals, which are most of what short
 * runs ask for, make no rationals.
 */

#include "core/base/library.h"
#include <gmp.h>

/* Those for whole numbers that are used. */
/* clang-format off */
#define FANOUT_GMP_FUNCTIONS(X)                                                                    \
  X (abs) X (add) X (clear) X (cmp) X (cmp_ui) X (divexact) X (export) X (fdiv_q) X (gcd)          \
  X (import) X (init) X (init_set_ui) X (mul) X (mul_2exp) X (neg) X (pow_ui) X (remove)           \
  X (scan1) X (set) X (set_ui) X (sizeinbase) X (sqrtrem) X (sub) X (tdiv_q_2exp) X (tdiv_qr)      \
  X (ui_pow_ui)
/* clang-format on */

/* The library has them under names that its header hides. */
#define FANOUT_GMP_MEMBER(name) __typeof__ (__gmpz_##name) *name;
#define FANOUT_GMP_NAME(name)   "__gmpz_" #name,
#define FANOUT_GMP_TAKE(name)   .name = __gmpz_##name,

typedef struct
{
  FANOUT_GMP_FUNCTIONS (FANOUT_GMP_MEMBER)
} FanoutGmp;

/** To be used after fanout_gmp_load () alone. */
extern FanoutGmp fanout_gmp;

/** Any thread, any number of times. */
void fanout_gmp_load (void);
