#include "core/decode/scan.h"

/* Eight words; the first byte of the text is the lowest. */
typedef struct
{
  guint64 words[8];
} Block;

typedef struct
{
  guint64 nul, returned, quote;
} Seen;

static inline Block
load (const char *data)
{
  Block block;

  __builtin_memcpy (&block, data, sizeof block);
  for (guint i = 0; i < 8; i++)
    block.words[i] = GUINT64_FROM_LE (block.words[i]);
  return block;
}

/* 0x80 in each byte that is `c`, exactly. */
static inline guint64
equal_bytes (guint64 word, char c)
{
  const guint64 low = 0x7f7f7f7f7f7f7f7fu;
  const guint64 x = word ^ (0x0101010101010101u * (guint8) c);

  return ~(((x & low) + low) | x | low);
}

static inline guint64
equal (Block block, char c)
{
  guint64 bits = 0;

  for (guint i = 0; i < 8; i++)
    bits |= ((equal_bytes (block.words[i], c) * 0x0002040810204081u) >> 56) << (8 * i);
  return bits;
}

static inline Seen
see_nothing (void)
{
  return (Seen){ 0, 0, 0 };
}

static inline Seen
see (Seen bytes, Block block, char quote)
{
  for (guint i = 0; i < 8; i++)
    {
      bytes.nul |= equal_bytes (block.words[i], '\0');
      bytes.returned |= equal_bytes (block.words[i], '\r');
      bytes.quote |= equal_bytes (block.words[i], quote);
    }
  return bytes;
}

static inline guint
seen (Seen bytes)
{
  return (bytes.nul != 0 ? (guint) FANOUT_FOUND_NUL : 0)
         | (bytes.returned != 0 ? (guint) FANOUT_FOUND_RETURN : 0)
         | (bytes.quote != 0 ? (guint) FANOUT_FOUND_QUOTE : 0);
}

static inline guint64
prefix_xor (guint64 bits)
{
  for (guint i = 1; i < 64; i *= 2)
    bits ^= bits << i;
  return bits;
}

static inline guint
count (guint64 bits)
{
  return (guint) __builtin_popcountll (bits);
}

static inline void
emit (guint32 *starts, guint64 bits, guint32 base)
{
  for (; bits != 0; bits &= bits - 1)
    *starts++ = base + (guint32) __builtin_ctzll (bits);
}

#define EXTRACT_IS_FAST FALSE

static inline guint64
extract (guint64 bits, guint64 where)
{
  guint64 result = 0;

  for (guint64 to = 1; where != 0; where &= where - 1, to *= 2)
    result |= (bits & where & (0 - where)) != 0 ? to : 0;
  return result;
}

#include "core/decode/scan-fields.h"
#define emit_dense emit

#include "core/decode/scan-kernel.h"

static inline Classes
classify (Block block)
{
  Classes classes = { 0, 0, 0, 0 };
  Block folded, upper;

  for (guint i = 0; i < 8; i++)
    {
      folded.words[i] = block.words[i] | 0x2020202020202020u;
      upper.words[i] = block.words[i] & 0xe0e0e0e0e0e0e0e0u;
      classes.high |= block.words[i] & 0x8080808080808080u;
    }
  classes.marks = equal (folded, '{') | equal (folded, '}') | equal (block, ':')
                  | equal (block, ',') | equal (block, '\n');
  classes.blanks = equal (block, ' ') | equal (block, '\t') | equal (block, '\r');
  classes.controls = equal (upper, 0);
  return classes;
}

typedef struct
{
  guint64 controls, all;
} Sum;

static inline Sum
sum_nothing (void)
{
  return (Sum){ 0, 0 };
}

static inline Sum
add_up (Sum sum, Block block)
{
  for (guint i = 0; i < 8; i++)
    {
      sum.controls |= equal_bytes (block.words[i] & 0xe0e0e0e0e0e0e0e0u, 0)
                      & ~equal_bytes (block.words[i], '\n');
      sum.all |= block.words[i];
    }
  return sum;
}

static inline gboolean
has_control (Sum sum)
{
  return sum.controls != 0;
}

static inline gboolean
has_high (Sum sum)
{
  return (sum.all & 0x8080808080808080u) != 0;
}

#include "core/decode/scan-rows.h"
#include "core/decode/scan-tokens.h"

static gboolean
is_utf8 (const char *text, gsize length)
{
  return fanout_bad_utf8 (text, length) == G_MAXSIZE;
}

const FanoutScanner fanout_scanner_plain = {
  .name = "plain",
  .scan = scan_ends,
  .index = index_fields,
  .tokens = index_tokens,
  .same = same_rows,
  .scalars = scalar_scalars,
  .is_utf8 = is_utf8,
  .texts = scalar_texts,
  .numbers = scalar_numbers,
};
