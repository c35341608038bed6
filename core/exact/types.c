#include "core/exact/slots.h"
#include "core/number/limbs.h"
#include "core/number/powers.h"
#include "core/number/text.h"
#include <string.h>

/* The public states as slots, and back. */

static const FanoutSlotKind sum_kinds[] = { { 2, 1, 0 } };
static const FanoutSlotKind moments_kinds[] = { { 2, 1, 0 }, { 3, 2, 0 } };
static const FanoutSlotKind moments4_kinds[]
    = { { 2, 1, 0 }, { 3, 2, 0 }, { 4, 3, 0 }, { 5, 4, 0 } };
/* In the order of FanoutPairsSum. */
static const FanoutSlotKind pairs_kinds[]
    = { { 2, 1, 0 }, { 2, 0, 1 }, { 3, 2, 0 }, { 3, 1, 1 }, { 3, 0, 2 } };

static void
load128 (guint64 *limbs, FanoutUint128 value)
{
  limbs[0] = (guint64) value;
  limbs[1] = (guint64) (value >> 64);
}

static FanoutUint128
store128 (const guint64 *limbs)
{
  return (FanoutUint128) limbs[1] << 64 | limbs[0];
}

/* Everything but the sums. */
static void
load (FanoutSlots *slots, const FanoutSlotKind *kinds, guint n_slots, guint64 n, guint8 x_scale1,
      guint8 y_scale1, FanoutExact *exact)
{
  memset (slots, 0, sizeof *slots);
  slots->kinds = kinds;
  slots->n_slots = n_slots;
  slots->n = n;
  slots->x_scale1 = x_scale1;
  slots->y_scale1 = y_scale1;
  slots->exact = exact;
}

static void
load_sum (FanoutSlots *slots, const FanoutSum *state)
{
  load (slots, sum_kinds, G_N_ELEMENTS (sum_kinds), state->scale1 > 0 || state->exact != NULL,
        state->scale1, state->scale1 > 0, state->exact);
  load128 (slots->limbs[0], (FanoutUint128) state->total);
}

static void
store_sum (FanoutSum *state, const FanoutSlots *slots)
{
  state->scale1 = slots->x_scale1;
  state->exact = slots->exact;
  state->total = (FanoutInt128) store128 (slots->limbs[0]);
}

static void
load_moments (FanoutSlots *slots, const FanoutMoments *state)
{
  load (slots, moments_kinds, G_N_ELEMENTS (moments_kinds), state->n, state->scale1,
        state->scale1 > 0, state->exact);
  load128 (slots->limbs[0], (FanoutUint128) state->s1);
  load128 (slots->limbs[1], state->s2_low);
  slots->limbs[1][2] = state->s2_high;
}

static void
store_moments (FanoutMoments *state, const FanoutSlots *slots)
{
  state->n = slots->n;
  state->scale1 = slots->x_scale1;
  state->exact = slots->exact;
  state->s1 = (FanoutInt128) store128 (slots->limbs[0]);
  state->s2_low = store128 (slots->limbs[1]);
  state->s2_high = slots->limbs[1][2];
}

static void
load_moments4 (FanoutSlots *slots, const FanoutMoments4 *state)
{
  load (slots, moments4_kinds, G_N_ELEMENTS (moments4_kinds), state->n, state->scale1,
        state->scale1 > 0, state->exact);
  load128 (slots->limbs[0], (FanoutUint128) state->s1);
  load128 (slots->limbs[1], state->s2_low);
  slots->limbs[1][2] = state->s2_high;
  load128 (slots->limbs[2], state->s3_low);
  load128 (slots->limbs[2] + 2, state->s3_high);
  load128 (slots->limbs[3], state->s4_low);
  memcpy (slots->limbs[3] + 2, state->s4_high, sizeof state->s4_high);
}

static void
store_moments4 (FanoutMoments4 *state, const FanoutSlots *slots)
{
  state->n = slots->n;
  state->scale1 = slots->x_scale1;
  state->exact = slots->exact;
  state->s1 = (FanoutInt128) store128 (slots->limbs[0]);
  state->s2_low = store128 (slots->limbs[1]);
  state->s2_high = slots->limbs[1][2];
  state->s3_low = store128 (slots->limbs[2]);
  state->s3_high = store128 (slots->limbs[2] + 2);
  state->s4_low = store128 (slots->limbs[3]);
  memcpy (state->s4_high, slots->limbs[3] + 2, sizeof state->s4_high);
}

static void
load_pairs (FanoutSlots *slots, const FanoutPairs *state)
{
  load (slots, pairs_kinds, G_N_ELEMENTS (pairs_kinds), state->n, state->x_scale1, state->y_scale1,
        state->exact);
  load128 (slots->limbs[0], (FanoutUint128) state->x);
  load128 (slots->limbs[1], (FanoutUint128) state->y);
  load128 (slots->limbs[2], state->xx_low);
  load128 (slots->limbs[3], state->xy_low);
  load128 (slots->limbs[4], state->yy_low);
  slots->limbs[2][2] = state->xx_high;
  slots->limbs[3][2] = state->xy_high;
  slots->limbs[4][2] = state->yy_high;
}

static void
store_pairs (FanoutPairs *state, const FanoutSlots *slots)
{
  state->n = slots->n;
  state->x_scale1 = slots->x_scale1;
  state->y_scale1 = slots->y_scale1;
  state->exact = slots->exact;
  state->x = (FanoutInt128) store128 (slots->limbs[0]);
  state->y = (FanoutInt128) store128 (slots->limbs[1]);
  state->xx_low = store128 (slots->limbs[2]);
  state->xy_low = store128 (slots->limbs[3]);
  state->yy_low = store128 (slots->limbs[4]);
  state->xx_high = slots->limbs[2][2];
  state->xy_high = slots->limbs[3][2];
  state->yy_high = slots->limbs[4][2];
}

/*
 * Sums and moments without exact sums, as fanout_slots_encode() writes them: version, n, scales,
 * limbs, no exact sums. There are very many of them in what machines send each other.
 */

enum
{
  PLAIN_HEAD = 1 + sizeof (guint64) + 2,
  SUM_BYTES = PLAIN_HEAD + 2 * sizeof (guint64) + 1,
  MOMENTS_BYTES = PLAIN_HEAD + 5 * sizeof (guint64) + 1,
};

static void
save64 (guint8 *bytes, guint64 value)
{
  const guint64 raw = GUINT64_TO_LE (value);

  memcpy (bytes, &raw, sizeof raw);
}

static void
save_head (guint8 *bytes, guint64 n, guint8 scale1)
{
  bytes[0] = 1;
  save64 (bytes + 1, n);
  bytes[PLAIN_HEAD - 2] = scale1;
  bytes[PLAIN_HEAD - 1] = 1;
}

/* Whether so many bytes are such a state. */
static gboolean
is_plain (const FanoutReader *in, gsize size)
{
  const guint8 *bytes = in->next;

  return fanout_reader_left (in) >= size && bytes[0] == 1 && bytes[PLAIN_HEAD - 2] > 0
         && bytes[PLAIN_HEAD - 2] <= FANOUT_SCALE_MAX + 1 && bytes[PLAIN_HEAD - 1] == 1
         && bytes[size - 1] == 0;
}

static gboolean
encode_plain_sum (const FanoutSum *state, FanoutWriter *out)
{
  guint8 bytes[SUM_BYTES] = { 0 };

  if (state->exact != NULL || state->scale1 == 0)
    return FALSE;
  save_head (bytes, 1, state->scale1);
  save64 (bytes + PLAIN_HEAD, (guint64) state->total);
  save64 (bytes + PLAIN_HEAD + 8, (guint64) (state->total >> 64));
  fanout_write (out, bytes, sizeof bytes);
  return TRUE;
}

static gboolean
decode_plain_sum (FanoutSum *state, FanoutReader *in)
{
  guint64 high;

  if (!is_plain (in, SUM_BYTES))
    return FALSE;
  high = fanout_load_word (in->next + PLAIN_HEAD + 8);
  if (high >> 62 != 0 && high >> 62 != 3)
    return FALSE;
  state->scale1 = in->next[PLAIN_HEAD - 2];
  state->total
      = (FanoutInt128) ((FanoutUint128) high << 64 | fanout_load_word (in->next + PLAIN_HEAD));
  in->next += SUM_BYTES;
  return TRUE;
}

static gboolean
encode_plain_moments (const FanoutMoments *state, FanoutWriter *out)
{
  guint8 bytes[MOMENTS_BYTES] = { 0 };

  if (state->exact != NULL || state->scale1 == 0)
    return FALSE;
  save_head (bytes, state->n, state->scale1);
  save64 (bytes + PLAIN_HEAD, (guint64) state->s1);
  save64 (bytes + PLAIN_HEAD + 8, (guint64) (state->s1 >> 64));
  save64 (bytes + PLAIN_HEAD + 16, (guint64) state->s2_low);
  save64 (bytes + PLAIN_HEAD + 24, (guint64) (state->s2_low >> 64));
  save64 (bytes + PLAIN_HEAD + 32, state->s2_high);
  fanout_write (out, bytes, sizeof bytes);
  return TRUE;
}

static gboolean
decode_plain_moments (FanoutMoments *state, FanoutReader *in)
{
  const guint8 *limbs;
  guint64 s1_high, s2_high;

  if (!is_plain (in, MOMENTS_BYTES))
    return FALSE;
  limbs = in->next + PLAIN_HEAD;
  s1_high = fanout_load_word (limbs + 8);
  s2_high = fanout_load_word (limbs + 32);
  if ((s1_high >> 62 != 0 && s1_high >> 62 != 3) || (s2_high >> 62 != 0 && s2_high >> 62 != 3))
    return FALSE;
  state->n = fanout_load_word (in->next + 1);
  state->scale1 = in->next[PLAIN_HEAD - 2];
  state->s1 = (FanoutInt128) ((FanoutUint128) s1_high << 64 | fanout_load_word (limbs));
  state->s2_low
      = (FanoutUint128) fanout_load_word (limbs + 24) << 64 | fanout_load_word (limbs + 16);
  state->s2_high = s2_high;
  in->next += MOMENTS_BYTES;
  return TRUE;
}

/* All others. */
#define encode_plain_moments4(state, out) FALSE
#define decode_plain_moments4(state, in)  FALSE
#define encode_plain_pairs(state, out)    FALSE
#define decode_plain_pairs(state, in)     FALSE

#define DEFINE_COMMON(Type, name)                                                                  \
  static void combine_##name (Type *into, const Type *from, FanoutMemory *memory)                  \
  {                                                                                                \
    FanoutSlots a;                                                                                 \
    FanoutSlots b;                                                                                 \
                                                                                                   \
    load_##name (&a, into);                                                                        \
    load_##name (&b, from);                                                                        \
    fanout_slots_combine (&a, &b, memory);                                                         \
    store_##name (into, &a);                                                                       \
  }                                                                                                \
                                                                                                   \
  void fanout_##name##_clear (Type *state, FanoutMemory *memory)                                   \
  {                                                                                                \
    FanoutSlots slots;                                                                             \
                                                                                                   \
    if (state->exact != NULL)                                                                      \
      {                                                                                            \
        load_##name (&slots, state);                                                               \
        fanout_slots_clear (&slots, memory);                                                       \
      }                                                                                            \
    memset (state, 0, sizeof *state);                                                              \
  }                                                                                                \
                                                                                                   \
  void fanout_##name##_encode (const Type *state, FanoutWriter *out)                               \
  {                                                                                                \
    FanoutSlots slots;                                                                             \
                                                                                                   \
    if (encode_plain_##name (state, out))                                                          \
      return;                                                                                      \
    load_##name (&slots, state);                                                                   \
    fanout_slots_encode (&slots, out);                                                             \
  }                                                                                                \
                                                                                                   \
  gboolean fanout_##name##_decode (Type *state, FanoutReader *in, FanoutMemory *memory)            \
  {                                                                                                \
    FanoutSlots slots;                                                                             \
    gboolean good;                                                                                 \
                                                                                                   \
    if (decode_plain_##name (state, in))                                                           \
      return TRUE;                                                                                 \
    load_##name (&slots, state);                                                                   \
    good = fanout_slots_decode (&slots, in, memory);                                               \
    store_##name (state, &slots);                                                                  \
    return good;                                                                                   \
  }

DEFINE_COMMON (FanoutSum, sum)
DEFINE_COMMON (FanoutMoments, moments)
DEFINE_COMMON (FanoutMoments4, moments4)
DEFINE_COMMON (FanoutPairs, pairs)

void
fanout_sum_add_scaled (FanoutSum *state, FanoutNumber number, FanoutMemory *memory)
{
  if (state->scale1 == 0 && number.scale <= FANOUT_SCALE_MAX)
    {
      state->total = number.mantissa;
      state->scale1 = (guint8) (number.scale + 1);
      return;
    }
  if (number.scale < state->scale1)
    {
      /* Less than 2^123 at any scale. */
      const FanoutInt128 scaled = (FanoutInt128) number.mantissa
                                  * (gint64) fanout_powers_of_ten[state->scale1 - 1 - number.scale];
      FanoutInt128 total;

      if (!__builtin_add_overflow (state->total, scaled, &total) && total >> 126 == total >> 127)
        {
          state->total = total;
          return;
        }
    }
  if (fanout_number_is_double (number) && state->exact != NULL)
    fanout_exact_add_double (state->exact, number.real, memory);
  else if (fanout_number_is_wide (number) && state->exact != NULL)
    fanout_exact_add (state->exact, number, memory);
  else
    {
      FanoutSlots slots;

      load_sum (&slots, state);
      fanout_slots_add (&slots, number, fanout_number_decimal (0, 0), memory);
      store_sum (state, &slots);
    }
}

void
fanout_sum_combine (FanoutSum *into, const FanoutSum *from, FanoutMemory *memory)
{
  FanoutInt128 total;

  /* The usual cases in a merge of many groups. */
  if (from->exact == NULL && into->scale1 == 0 && from->total >> 126 == from->total >> 127)
    {
      into->total = from->total;
      into->scale1 = from->scale1;
    }
  else if (from->exact == NULL && from->scale1 == into->scale1
           && !__builtin_add_overflow (into->total, from->total, &total)
           && total >> 126 == total >> 127)
    into->total = total;
  else
    combine_sum (into, from, memory);
}

FanoutSumKind
fanout_sum_result (const FanoutSum *state, FanoutDecimal *decimal, double *real)
{
  FanoutSlots slots;

  load_sum (&slots, state);
  return fanout_slots_result (&slots, 0, decimal, real);
}

FanoutRational *
fanout_sum_rational (const FanoutSum *state)
{
  FanoutSlots slots;

  load_sum (&slots, state);
  return fanout_slots_rational (&slots, 0);
}

void
fanout_moments_add_scaled (FanoutMoments *state, FanoutNumber number, FanoutMemory *memory)
{
  FanoutSlots slots;

  if (state->scale1 > 0 && fanout_number_rescale (&number, state->scale1 - 1u))
    fanout_moments_add (state, number, memory);
  else if (fanout_number_is_double (number) && state->exact != NULL)
    {
      state->n++;
      fanout_exact_add_double (&state->exact[0], number.real, memory);
      fanout_exact_add_square (&state->exact[1], number.real, memory);
    }
  else
    {
      load_moments (&slots, state);
      fanout_slots_add (&slots, number, fanout_number_decimal (0, 0), memory);
      store_moments (state, &slots);
    }
}

void
fanout_moments_combine (FanoutMoments *into, const FanoutMoments *from, FanoutMemory *memory)
{
  const FanoutUint128 low = from->s2_low;
  FanoutInt128 s1;

  /* The usual case in a merge of many groups. */
  if (from->exact == NULL && from->scale1 == into->scale1
      && !__builtin_add_overflow (into->s1, from->s1, &s1) && s1 >> 126 == s1 >> 127
      && (into->s2_high | from->s2_high) >> 61 == 0)
    {
      into->n += from->n;
      into->s1 = s1;
      into->s2_low += low;
      into->s2_high += from->s2_high + (into->s2_low < low);
    }
  else
    combine_moments (into, from, memory);
}

/* Results of n alone and of a slot. */
static FanoutSumKind
result_of (const FanoutSlots *slots, guint power, FanoutDecimal *decimal, double *real)
{
  g_return_val_if_fail (power <= slots->n_slots, FANOUT_SUM_NONE);
  if (power > 0)
    return fanout_slots_result (slots, power - 1, decimal, real);
  fanout_decimal_set_unsigned (decimal, slots->n);
  return FANOUT_SUM_DECIMAL;
}

static FanoutRational *
rational_of (const FanoutSlots *slots, guint power)
{
  FanoutDecimal n;

  g_return_val_if_fail (power <= slots->n_slots, fanout_rational_new (0, 1));
  if (power > 0)
    return fanout_slots_rational (slots, power - 1);
  fanout_decimal_set_unsigned (&n, slots->n);
  return fanout_rational_new_decimal (&n);
}

#define DEFINE_RESULTS(Type, name, Which, slot)                                                    \
  FanoutSumKind fanout_##name##_result (const Type *state, Which which, FanoutDecimal *decimal,    \
                                        double *real)                                              \
  {                                                                                                \
    FanoutSlots slots;                                                                             \
                                                                                                   \
    load_##name (&slots, state);                                                                   \
    return result_of (&slots, slot, decimal, real);                                                \
  }                                                                                                \
                                                                                                   \
  FanoutRational *fanout_##name##_rational (const Type *state, Which which)                        \
  {                                                                                                \
    FanoutSlots slots;                                                                             \
                                                                                                   \
    load_##name (&slots, state);                                                                   \
    return rational_of (&slots, slot);                                                             \
  }

DEFINE_RESULTS (FanoutMoments, moments, guint, which)
DEFINE_RESULTS (FanoutMoments4, moments4, guint, which)
DEFINE_RESULTS (FanoutPairs, pairs, FanoutPairsSum, which == FANOUT_PAIRS_N ? 0 : (guint) which + 1)

/* Add the powers of a mantissa of any size at the state's scale. */
static void
add_powers (FanoutMoments4 *state, gint64 mantissa)
{
  const guint64 m = mantissa < 0 ? -(guint64) mantissa : (guint64) mantissa;
  const FanoutUint128 sign = mantissa < 0 ? ~(FanoutUint128) 0 : 0;
  const FanoutUint128 square = (FanoutUint128) m * m;
  const guint64 square_high = (guint64) (square >> 64);
  const FanoutUint128 part = (FanoutUint128) (guint64) square * m;
  const FanoutUint128 upper = (FanoutUint128) square_high * m + (guint64) (part >> 64);
  const FanoutUint128 cube_low = ((upper << 64 | (guint64) part) ^ sign) - sign;
  const FanoutUint128 cube_high = ((upper >> 64) ^ sign) + (sign != 0 && cube_low == 0);
  const FanoutUint128 low = (FanoutUint128) (guint64) square * (guint64) square;
  const FanoutUint128 middle = (FanoutUint128) (guint64) square * square_high;
  const FanoutUint128 fourth_low = low + (middle << 65);
  const FanoutUint128 fourth_high
      = (FanoutUint128) square_high * square_high + (middle >> 63) + (fourth_low < low);
  FanoutUint128 high;

  state->n++;
  state->s1 += mantissa;
  state->s2_low += square;
  state->s2_high += state->s2_low < square;
  state->s3_low += cube_low;
  state->s3_high += cube_high + (state->s3_low < cube_low);
  state->s4_low += fourth_low;
  high = store128 (state->s4_high) + fourth_high + (state->s4_low < fourth_low);
  state->s4_high[2] += high < fourth_high;
  load128 (state->s4_high, high);
}

void
fanout_moments4_add_scaled (FanoutMoments4 *state, FanoutNumber number, FanoutMemory *memory)
{
  FanoutSlots slots;

  if (state->scale1 > 0 && fanout_number_rescale (&number, state->scale1 - 1u))
    add_powers (state, number.mantissa);
  else
    {
      load_moments4 (&slots, state);
      fanout_slots_add (&slots, number, fanout_number_decimal (0, 0), memory);
      store_moments4 (state, &slots);
    }
}

void
fanout_moments4_combine (FanoutMoments4 *into, const FanoutMoments4 *from, FanoutMemory *memory)
{
  combine_moments4 (into, from, memory);
}

void
fanout_pairs_add_scaled (FanoutPairs *state, FanoutNumber x, FanoutNumber y, FanoutMemory *memory)
{
  FanoutSlots slots;
  FanoutNumber scaled_x = x;
  FanoutNumber scaled_y = y;

  if (state->x_scale1 > 0 && fanout_number_rescale (&scaled_x, state->x_scale1 - 1u)
      && fanout_number_rescale (&scaled_y, state->y_scale1 - 1u))
    fanout_pairs_add (state, scaled_x, scaled_y, memory);
  else
    {
      load_pairs (&slots, state);
      fanout_slots_add (&slots, x, y, memory);
      store_pairs (state, &slots);
    }
}

void
fanout_pairs_combine (FanoutPairs *into, const FanoutPairs *from, FanoutMemory *memory)
{
  combine_pairs (into, from, memory);
}
