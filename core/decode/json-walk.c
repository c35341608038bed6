#include "core/decode/json-scalar.h"

#define INLINE static inline __attribute__ ((always_inline))

static const guint32 *
fail (FanoutJsonWalk *walk, const guint32 *t, FanoutJsonWanted wanted)
{
  walk->failed = t;
  walk->wanted = wanted;
  return NULL;
}

static inline gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* Where the value that is no string, array or object at `t` ends. */
static inline guint32
scalar_end (const FanoutJsonWalk *walk, const guint32 *t)
{
  guint32 end = t[1];

  while (is_blank (walk->data[end - 1]))
    end--;
  return end;
}

/* Pass over the array or object that opens at `t`, at level `depth`. */
static const guint32 *
skip (FanoutJsonWalk *walk, const guint32 *t, guint depth)
{
  const char *data = walk->data;
  guint64 objects[FANOUT_JSON_DEPTH / 64 + 1]; /* a bit for each level: it is one */
  const guint bottom = depth;

  objects[depth / 64] = 0;

open:
  if (G_UNLIKELY (depth >= FANOUT_JSON_DEPTH))
    return fail (walk, t, FANOUT_JSON_LESS_DEPTH);
  depth++;
  if (G_UNLIKELY (depth % 64 == 0))
    objects[depth / 64] = 0;
  if (data[*t++] == '{')
    {
      objects[depth / 64] |= (guint64) 1 << depth % 64;
      if (data[*t] == '}')
        goto close;
      if (data[*t] != '"')
        return fail (walk, t, FANOUT_JSON_NAME_OR_END);
      goto member;
    }
  objects[depth / 64] &= ~((guint64) 1 << depth % 64);
  if (data[*t] == ']')
    goto close;

value:
  switch (data[*t])
    {
    case '"':
      t += 2;
      break;
    case '{':
    case '[':
      goto open;
    default:
      if (!fanout_json_is_scalar (data + *t, scalar_end (walk, t) - *t))
        return fail (walk, t, FANOUT_JSON_VALUE);
      t++;
    }

next:
  if (data[*t] == ',')
    {
      t++;
      if ((objects[depth / 64] >> depth % 64 & 1) == 0)
        goto value;
      if (data[*t] != '"')
        return fail (walk, t, FANOUT_JSON_NAME);
      goto member;
    }
  if (data[*t] != ((objects[depth / 64] >> depth % 64 & 1) != 0 ? '}' : ']'))
    return fail (walk, t,
                 (objects[depth / 64] >> depth % 64 & 1) != 0 ? FANOUT_JSON_MORE_MEMBERS
                                                              : FANOUT_JSON_MORE_ELEMENTS);
close:
  t++;
  if (--depth == bottom)
    return t;
  goto next;

member:
  if (data[t[2]] != ':')
    return fail (walk, t + 2, FANOUT_JSON_COLON);
  t += 3;
  goto value;
}

/* The columns from `first` to `end` of the targets have this text. */
INLINE void
store (const FanoutJsonWalk *walk, guint first, guint end, guint32 start, guint32 next)
{
  for (guint i = first; i < end; i++)
    {
      const guint column = walk->tree->targets[i];

      walk->starts[column] = start - walk->origin;
      walk->nexts[column] = next - walk->origin;
      walk->columns[column].seen = TRUE;
    }
}

/* Of what was in a value that another one replaces. */
static void
forget (const FanoutJsonWalk *walk, const FanoutJsonNode *node)
{
  for (guint i = node->behind; i < node->end; i++)
    walk->nexts[walk->tree->targets[i]] = walk->starts[walk->tree->targets[i]] + 1;
}

static const guint32 *walk_members (FanoutJsonWalk *walk, const guint32 *t, FanoutJsonNode *node,
                                    guint depth);

static const guint32 *walk_elements (FanoutJsonWalk *walk, const guint32 *t,
                                     const FanoutJsonNode *node, guint depth);

/* The value at `t` of a node that is wanted, or of NULL. */
INLINE const guint32 *
walk_value (FanoutJsonWalk *walk, const guint32 *t, FanoutJsonNode *node, guint depth)
{
  const char *data = walk->data;
  const guint32 start = *t;
  guint32 end;

  if (node != NULL && G_UNLIKELY (node->end != node->behind))
    forget (walk, node);
  if (G_LIKELY (data[start] == '"'))
    {
      if (node != NULL)
        store (walk, node->first, node->behind, start + 1, t[1] + 1);
      return t + 2;
    }
  if (data[start] == '{' || data[start] == '[')
    {
      if (node == NULL || node->behind == node->end)
        t = skip (walk, t, depth);
      else if (data[start] == '{')
        t = walk_members (walk, t, node, depth);
      else
        t = walk_elements (walk, t, node, depth);
      if (t != NULL && node != NULL)
        store (walk, node->first, node->behind, start, t[-1] + 2);
      return t;
    }
  end = scalar_end (walk, t);
  if (G_UNLIKELY (!fanout_json_is_scalar (data + start, end - start)))
    return fail (walk, t, FANOUT_JSON_VALUE);
  if (node != NULL)
    store (walk, node->first, node->behind, start, data[start] == 'n' ? start + 1 : end + 1);
  return t + 1;
}

static inline gboolean
is_guess (const FanoutJsonGuess *guess, const char *name, gsize length)
{
  guint64 low, high;

  memcpy (&low, name, sizeof low);
  memcpy (&high, name + 8, sizeof high);
  return (((low & guess->low_mask) ^ guess->low) | ((high & guess->high_mask) ^ guess->high)
          | (length ^ guess->length))
             == 0
         && (length <= 16 || memcmp (name + 16, guess->rest, length - 16) == 0);
}

/* The node of the `i`-th member of an object, which has this name. */
INLINE FanoutJsonNode *
find_member (const FanoutJsonNode *node, guint i, const char *name, gsize length)
{
  FanoutJsonNode *member;

  if (G_LIKELY (i < node->n_guesses && is_guess (&node->guesses[i], name, length)))
    return node->guesses[i].node;
  member = fanout_json_member (node, name, length);
  if (i < node->n_guesses)
    fanout_json_guess_set (&node->guesses[i], name, length, member);
  return member;
}

/* The object that opens at `t`, at level `depth`. */
static const guint32 *
walk_members (FanoutJsonWalk *walk, const guint32 *t, FanoutJsonNode *node, guint depth)
{
  const char *data = walk->data;

  if (data[*++t] == '}')
    return t + 1;
  if (data[*t] != '"')
    return fail (walk, t, FANOUT_JSON_NAME_OR_END);
  for (guint i = 0;; i++)
    {
      FanoutJsonNode *member;

      if (G_UNLIKELY (data[t[2]] != ':'))
        return fail (walk, t + 2, FANOUT_JSON_COLON);
      member = find_member (node, i, data + *t + 1, t[1] - *t - 1);
      t = walk_value (walk, t + 3, member, depth + 1);
      if (G_UNLIKELY (t == NULL))
        return NULL;
      if (data[*t] != ',')
        break;
      if (G_UNLIKELY (data[*++t] != '"'))
        return fail (walk, t, FANOUT_JSON_NAME);
    }
  return data[*t] == '}' ? t + 1 : fail (walk, t, FANOUT_JSON_MORE_MEMBERS);
}

/* The array that opens at `t`, at level `depth`. */
static const guint32 *
walk_elements (FanoutJsonWalk *walk, const guint32 *t, const FanoutJsonNode *node, guint depth)
{
  const char *data = walk->data;

  if (data[*++t] == ']')
    return t + 1;
  for (guint64 i = 0;; i++)
    {
      t = walk_value (walk, t, fanout_json_element (node, i), depth + 1);
      if (t == NULL)
        return NULL;
      if (data[*t] != ',')
        break;
      t++;
    }
  return data[*t] == ']' ? t + 1 : fail (walk, t, FANOUT_JSON_MORE_ELEMENTS);
}

const guint32 *
fanout_json_walk (FanoutJsonWalk *walk, const guint32 *t)
{
  if (G_UNLIKELY (walk->data[*t] != '{'))
    return fail (walk, t, FANOUT_JSON_OBJECT);
  t = walk_members (walk, t, walk->tree->root, 0);
  if (t != NULL && G_UNLIKELY (walk->data[*t] != '\n'))
    return fail (walk, t, FANOUT_JSON_LINE_END);
  return t;
}
