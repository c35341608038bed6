#include "core/group/order-words.h"
#include "core/group/order-halves.h"
#include <math.h>
#include <string.h>

enum
{
  FEW = 24,
  DIGIT_MAX = 8,
};

static void
insert_sort (FanoutOrderItem *items, gsize n)
{
  for (gsize i = 1; i < n; i++)
    {
      const FanoutOrderItem item = items[i];
      gsize j = i;

      for (; j > 0 && items[j - 1].word > item.word; j--)
        items[j] = items[j - 1];
      items[j] = item;
    }
}

/* Distribute by `bits` bits from `shift` on, in place; ends[d] is set to the end of digit d. P.
 * McIlroy, K. Bostic, M. D. McIlroy, "Engineering radix sort" (1993): American flag sort. */
static void
distribute (FanoutOrderItem *items, gsize n, guint shift, guint bits, gsize *ends)
{
  const guint64 mask = (1u << bits) - 1;
  gsize next[1 << DIGIT_MAX];
  gsize sum = 0;

  memset (ends, 0, sizeof *ends << bits);
  for (gsize i = 0; i < n; i++)
    ends[items[i].word >> shift & mask]++;
  for (guint d = 0; d <= mask; d++)
    {
      next[d] = sum;
      sum += ends[d];
      ends[d] = sum;
    }
  for (guint d = 0; d <= mask; d++)
    while (next[d] < ends[d])
      {
        FanoutOrderItem item = items[next[d]];
        guint64 digit;

        while ((digit = item.word >> shift & mask) != d)
          {
            const FanoutOrderItem other = items[next[digit]];

            items[next[digit]++] = item;
            item = other;
          }
        items[next[d]++] = item;
      }
}

/* Items that have been distributed: those of digits `first` .. `end` - 1. */
typedef struct
{
  FanoutOrderItem *items;
  const gsize *ends;
  guint first, end;
  gsize need;
} Digits;

static void
sort_digits (gpointer data)
{
  const Digits *digits = data;
  gsize start = digits->first > 0 ? digits->ends[digits->first - 1] : 0;

  for (guint d = digits->first; d < digits->end && start < digits->need; start = digits->ends[d++])
    if (digits->ends[d] - start > 1)
      fanout_order_words (digits->items + start, digits->ends[d] - start, digits->need - start,
                          FALSE);
}

void
fanout_order_words (FanoutOrderItem *items, gsize n, gsize need, gboolean threaded)
{
  gsize ends[1 << DIGIT_MAX];
  guint64 differences = 0;
  guint bits, shift;
  Digits low, high;

  if (n <= FEW)
    {
      insert_sort (items, n);
      return;
    }
  for (gsize i = 1; i < n; i++)
    differences |= items[i].word ^ items[0].word;
  if (differences == 0)
    return;
  bits = MIN (DIGIT_MAX, (guint) g_bit_storage (n / 8));
  shift = 64 - (guint) __builtin_clzll (differences);
  bits = MIN (bits, shift);
  shift -= bits;
  distribute (items, n, shift, bits, ends);
  low = high = (Digits){ items, ends, 0, 1u << bits, need };
  if (!threaded || MIN (n, need) < FANOUT_HALVES_MIN)
    {
      sort_digits (&low);
      return;
    }
  low.end = 1;
  while (ends[low.end - 1] < MIN (n, need) / 2)
    low.end++;
  high.first = low.end;
  fanout_halves (sort_digits, &low, &high, TRUE);
}

guint64
fanout_order_text (const FanoutText *text, gsize window, gboolean *more)
{
  const gsize from = 7 * window;
  const gsize left = text->length > from ? text->length - from : 0;
  guint64 word = 0;

  *more = left > 7;
  if (left > 0)
    memcpy (&word, text->data + from, MIN (left, 7));
  return GUINT64_FROM_BE (word) | MIN (left, 8);
}

guint64
fanout_order_double (double value)
{
  guint64 bits;

  if (isnan (value))
    return G_MAXUINT64 - 1;
  value += 0.0;
  memcpy (&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | G_GUINT64_CONSTANT (1) << 63;
}
