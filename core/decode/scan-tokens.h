#pragma once

/**
 * The tokens of JSON. What includes this has included scan-kernel.h, and defined
 *
 * - Classes classify (Block);
 * - Sum, sum_nothing (), add_up (Sum, Block), gboolean has_control (Sum), has_high (Sum): whether
 *   there was a control character but a line feed, and a byte beyond ASCII.
 */

/* 64 bits that have every second bit set, from the second one on. */
#define ODD_BITS 0xaaaaaaaaaaaaaaaau

/* Which bytes are escaped: those behind an odd run of backslashes. `next`: the first one is; then
 * whether the one behind the block is. */
static inline guint64
find_escaped (guint64 backslashes, guint64 *next)
{
  const guint64 starts = backslashes & ~*next;
  const guint64 odd = ((starts << 1 | ODD_BITS) - starts) ^ ODD_BITS;
  const guint64 escaped = odd ^ (backslashes | *next);

  *next = (odd & backslashes) >> 63;
  return escaped;
}

/* An index of tokens in the making. */
typedef struct
{
  guint32 *at;
  guint64 inside;  /* all ones inside a string */
  guint64 escaped; /* the next byte is */
  guint64 other;   /* the byte before is none of those that stand for themselves */
  guint64 backslashes;
  guint64 high;
  guint64 closed; /* the next byte is behind a string, blanks aside */
  gboolean loose;
} Tokens;

/* Whether something else than a mark is behind a string, blanks aside; `closing`: the quotes. */
static inline void
look_behind_strings (Tokens *tokens, Classes classes, guint64 closing, guint64 valid)
{
  const guint64 others = (closing << 1 | tokens->closed) & ~classes.marks & valid;
  guint64 behind;

  tokens->closed = closing >> 63;
  if (G_LIKELY (others == 0))
    return;
  /* The carry runs through the blanks, perhaps into the next block. */
  behind = classes.blanks + (others & classes.blanks);
  tokens->closed |= behind < classes.blanks ? 1 : 0;
  if (((others & ~classes.blanks) | (behind & ~classes.blanks & ~classes.marks & valid)) != 0)
    tokens->loose = TRUE;
}

/* FALSE where there is a control character in a string. */
INLINE gboolean
add_tokens (Tokens *tokens, Block block, gsize from, guint64 valid, gboolean marks, gsize *control)
{
  const Classes classes = classify (block);
  const guint64 backslashes = equal (block, '\\') & valid;
  guint64 quotes = equal (block, '"') & valid;
  guint64 inside, text, bad, found;

  if (G_UNLIKELY ((backslashes | tokens->escaped) != 0))
    {
      tokens->backslashes |= backslashes;
      quotes &= ~find_escaped (backslashes, &tokens->escaped);
    }
  inside = prefix_xor (quotes) ^ tokens->inside;
  text = inside | quotes;
  bad = classes.controls & inside & valid;
  tokens->inside = 0 - (inside >> 63);
  tokens->high |= classes.high;
  found = classes.marks & ~text & valid;
  if (marks)
    look_behind_strings (tokens, classes, quotes & ~inside, valid);
  else
    {
      const guint64 others = ~(classes.marks | classes.blanks | text) & valid;

      found |= quotes | (others & ~(others << 1 | tokens->other));
      tokens->other = others >> 63;
    }
  emit (tokens->at, found, (guint32) from);
  tokens->at += count (found);
  if (G_LIKELY (bad == 0))
    return TRUE;
  *control = from + (gsize) __builtin_ctzll (bad);
  return FALSE;
}

/* The first control character in a string but a line feed. */
static __attribute__ ((noinline)) gsize
find_control (const char *data, gsize length)
{
  Tokens state = { .inside = 0 };

  for (gsize from = 0; from < length; from += BLOCK)
    {
      const gsize n = MIN (length - from, BLOCK);
      const Block block = n == BLOCK ? load (data + from) : load_part (data + from, n);
      guint64 inside, bad;

      inside = prefix_xor (equal (block, '"') & ~find_escaped (equal (block, '\\'), &state.escaped))
               ^ state.inside;
      bad = classify (block).controls & inside & ~equal (block, '\n') & first_bits (n);
      if (bad != 0)
        return from + (gsize) __builtin_ctzll (bad);
      state.inside = 0 - (inside >> 63);
    }
  return G_MAXSIZE;
}

INLINE void
add_quotes (Tokens *tokens, Sum *sum, Block block, gsize from, guint64 valid)
{
  const guint64 backslashes = equal (block, '\\') & valid;
  const guint64 lines = equal (block, '\n') & valid;
  guint64 quotes = equal (block, '"') & valid;

  *sum = add_up (*sum, block);
  if (G_UNLIKELY ((backslashes | tokens->escaped) != 0))
    {
      tokens->backslashes |= backslashes;
      quotes &= ~find_escaped (backslashes, &tokens->escaped);
    }
  emit_dense (tokens->at, quotes | lines, (guint32) from);
  tokens->at += count (quotes | lines);
}

static gsize
find_quotes (const char *data, gsize length, FanoutTokens *tokens)
{
  const gsize whole = length - length % BLOCK;
  const guint32 *enough = tokens->at + tokens->limit;
  Tokens local = { .at = tokens->at };
  Sum sum = sum_nothing ();
  gsize from = 0;

  for (; from < whole && local.at < enough; from += BLOCK)
    add_quotes (&local, &sum, load (data + from), from, ~(guint64) 0);
  if (from == whole && whole < length && local.at < enough)
    {
      /* Zeros would be control characters. */
      char rest[BLOCK];

      memset (rest, ' ', sizeof rest);
      memcpy (rest, data + whole, length - whole);
      add_quotes (&local, &sum, load (rest), whole, first_bits (length - whole));
      from = length;
    }
  tokens->n = (gsize) (local.at - tokens->at);
  tokens->control = has_control (sum) ? find_control (data, from) : G_MAXSIZE;
  tokens->escape = local.backslashes != 0;
  tokens->high = has_high (sum);
  tokens->loose = FALSE;
  return from;
}

INLINE gsize
find_tokens (const char *data, gsize length, gboolean marks, FanoutTokens *tokens)
{
  const gsize whole = length - length % BLOCK;
  const guint32 *enough = tokens->at + tokens->limit;
  Tokens local = { .at = tokens->at };
  gsize control = G_MAXSIZE;
  gboolean fine = TRUE;
  gsize from = 0;

  for (; from < whole && local.at < enough && fine; from += BLOCK)
    fine = add_tokens (&local, load (data + from), from, ~(guint64) 0, marks, &control);
  if (from == whole && whole < length && local.at < enough && fine)
    {
      add_tokens (&local, load_part (data + whole, length - whole), whole,
                  first_bits (length - whole), marks, &control);
      from = length;
    }
  tokens->n = (gsize) (local.at - tokens->at);
  tokens->control = control;
  tokens->escape = local.backslashes != 0;
  tokens->high = local.high != 0;
  tokens->loose = local.loose;
  return from;
}

static gsize
index_tokens (const char *data, gsize length, FanoutTokens *tokens)
{
  switch (tokens->kind)
    {
    case FANOUT_TOKENS_QUOTES:
      return find_quotes (data, length, tokens);
    case FANOUT_TOKENS_MARKS:
      return find_tokens (data, length, TRUE, tokens);
    case FANOUT_TOKENS_ALL:
    default:
      return find_tokens (data, length, FALSE, tokens);
    }
}
