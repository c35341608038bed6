#include "core/decode/json-shape.h"
#include "core/decode/json-scalar.h"

/* Rows of so many shapes may take turns. */
#define SHAPES      4
#define LEAVES_MAX  256
/* Bytes that are compared at a time. */
#define STEP        16
/* A new shape costs as much as many rows of a known one: where more than one of so many is new,
 * nothing is learned from the next ones. */
#define HITS_WANTED 16
#define DEBT_MAX    (32 * HITS_WANTED)
#define REST        4096

/* A value that is no array or object, and what stands before it: names, brackets, blanks. */
typedef struct
{
  const char *before; /* STEP bytes behind are readable */
  guint32 length;     /* of that */
  guint32 token;      /* of the row: a string's closing quote, or what is behind another value */
  guint32 blanks;     /* between the value and that token */
  gboolean string;
} Leaf;

typedef struct
{
  guint n_leaves;
  Leaf *leaves;  /* and the end of the line */
  gint *leaf_of; /* for each column; -1: it has none */
  char *bytes;   /* what stands before the leaves */
} Shape;

struct FanoutJsonShapes
{
  guint n_columns;
  Shape *shapes[SHAPES]; /* the last one that fitted comes first */
  guint debt;            /* rows of known shapes that are to come for the new ones there were */
  guint rest;            /* rows that nothing is learned from */
  Leaf leaves[LEAVES_MAX + 1]; /* of a new one */
};

FanoutJsonShapes *
fanout_json_shapes_new (guint n_columns)
{
  FanoutJsonShapes *self = g_new0 (FanoutJsonShapes, 1);

  self->n_columns = n_columns;
  return self;
}

static void
free_shape (Shape *shape)
{
  if (shape == NULL)
    return;
  g_free (shape->leaves);
  g_free (shape->leaf_of);
  g_free (shape->bytes);
  g_free (shape);
}

void
fanout_json_shapes_free (FanoutJsonShapes *self)
{
  for (guint i = 0; i < SHAPES; i++)
    free_shape (self->shapes[i]);
  g_free (self);
}

#ifdef __SSE2__

/* The first n of the bytes, at most STEP of them. */
static inline gboolean
are_same (const char *a, const char *b, gsize n)
{
  const __m128i first = _mm_loadu_si128 ((const __m128i *) (const void *) a);
  const __m128i second = _mm_loadu_si128 ((const __m128i *) (const void *) b);
  const guint other = ~(guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (first, second));

  return ((other << (STEP - n)) & 0xffff) == 0;
}

#else

static inline gboolean
are_same (const char *a, const char *b, gsize n)
{
  return memcmp (a, b, n) == 0;
}

#endif

static inline gboolean
is_before (const Leaf *leaf, const char *text)
{
  const char *before = leaf->before;
  gsize n = leaf->length;

  for (; G_UNLIKELY (n > STEP); n -= STEP, text += STEP, before += STEP)
    if (!are_same (text, before, STEP))
      return FALSE;
  return are_same (text, before, n);
}

static inline gsize
end_of (const Leaf *leaf, const guint32 *t)
{
  return t[leaf->token] - leaf->blanks;
}

/* As long as all has been the same, each value ends where its token says. */
static inline gboolean
fits (const Shape *shape, const char *data, const guint32 *t, gsize at)
{
  const Leaf *leaf = shape->leaves;

  for (const Leaf *last = leaf + shape->n_leaves; leaf < last; leaf++)
    {
      const gsize start = at + leaf->length;

      if (!is_before (leaf, data + at))
        return FALSE;
      at = end_of (leaf, t);
      if (!leaf->string && !fanout_json_is_scalar (data + start, at - start))
        return FALSE;
    }
  return is_before (leaf, data + at);
}

/* A null has no text. */
static inline void
set_columns (const FanoutJsonShapes *self, const Shape *shape, const FanoutJsonWalk *walk,
             const guint32 *t, gsize at)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      const gint place = shape->leaf_of[i];
      const Leaf *leaf = &shape->leaves[MAX (place, 0)];
      gsize start = at;
      gsize end = at;

      if (place >= 0)
        {
          start = (place > 0 ? end_of (leaf - 1, t) : at) + leaf->length;
          end = end_of (leaf, t);
          if (!leaf->string && walk->data[start] == 'n')
            end = start;
        }
      walk->starts[i] = (guint32) start - walk->origin;
      walk->nexts[i] = (guint32) end + 1 - walk->origin;
    }
}

const guint32 *
fanout_json_shapes_row (FanoutJsonShapes *self, const FanoutJsonWalk *walk, const guint32 *t,
                        gsize start)
{
  if (self->rest > 0)
    return NULL;
  for (guint i = 0; i < SHAPES && self->shapes[i] != NULL; i++)
    {
      Shape *shape = self->shapes[i];

      if (!fits (shape, walk->data, t, start))
        continue;
      set_columns (self, shape, walk, t, start);
      for (; G_UNLIKELY (i > 0); i--)
        self->shapes[i] = self->shapes[i - 1];
      self->shapes[0] = shape;
      self->debt -= self->debt > 0 ? 1 : 0;
      return t + shape->leaves[shape->n_leaves].token;
    }
  return NULL;
}

/* The values of a row, in their order, and what stands before each; FALSE: there are too many. */
static gboolean
find_leaves (FanoutJsonShapes *self, Shape *shape, const char *data, const guint32 *row,
             const guint32 *feed, gsize start)
{
  const gsize length = *feed + 1 - start;
  const guint32 *t = row;
  gsize at = start;

  shape->bytes = g_malloc0 (length + STEP);
  memcpy (shape->bytes, data + start, length);
  while (t < feed)
    {
      Leaf *leaf = &self->leaves[shape->n_leaves];
      const gboolean string = data[*t] == '"';

      if (strchr ("{}[]:,", data[*t]) != NULL || (string && data[t[2]] == ':'))
        {
          t += string ? 3 : 1;
          continue;
        }
      if (shape->n_leaves == LEAVES_MAX)
        return FALSE;
      *leaf = (Leaf){
        .before = shape->bytes + (at - start),
        .length = (guint32) (*t + (string ? 1 : 0) - at),
        .token = (guint32) (t + 1 - row),
        .string = string,
      };
      while (!string && strchr (" \t\r", data[t[1] - 1 - leaf->blanks]) != NULL)
        leaf->blanks++;
      at = end_of (leaf, row);
      shape->n_leaves++;
      t += string ? 2 : 1;
    }
  self->leaves[shape->n_leaves] = (Leaf){
    .before = shape->bytes + (at - start),
    .length = (guint32) (*feed + 1 - at),
    .token = (guint32) (feed - row),
  };
  shape->leaves = g_memdup2 (self->leaves, (shape->n_leaves + 1) * sizeof *shape->leaves);
  return TRUE;
}

/* Which value each column has; FALSE: one has an array or object. */
static gboolean
find_columns (const FanoutJsonShapes *self, Shape *shape, const FanoutJsonWalk *walk,
              const guint32 *row, gsize start)
{
  shape->leaf_of = g_new (gint, self->n_columns + 1);
  for (guint i = 0; i < self->n_columns; i++)
    {
      const gsize wanted = walk->starts[i] + walk->origin;
      gsize at = start;

      shape->leaf_of[i] = -1;
      for (guint k = 0; k < shape->n_leaves && shape->leaf_of[i] < 0; k++)
        {
          if (at + shape->leaves[k].length == wanted)
            shape->leaf_of[i] = (gint) k;
          at = end_of (&shape->leaves[k], row);
        }
      if (shape->leaf_of[i] < 0 && walk->nexts[i] - walk->starts[i] > 1)
        return FALSE;
    }
  return TRUE;
}

void
fanout_json_shapes_learn (FanoutJsonShapes *self, const FanoutJsonWalk *walk, const guint32 *row,
                          const guint32 *feed, gsize start)
{
  Shape *shape;

  if (self->rest > 0)
    {
      self->rest--;
      return;
    }
  self->debt += HITS_WANTED;
  if (self->debt > DEBT_MAX)
    {
      self->debt /= 2;
      self->rest = REST;
    }
  shape = g_new0 (Shape, 1);
  if (!find_leaves (self, shape, walk->data, row, feed, start)
      || !find_columns (self, shape, walk, row, start))
    {
      free_shape (shape);
      return;
    }
  free_shape (self->shapes[SHAPES - 1]);
  memmove (self->shapes + 1, self->shapes, (SHAPES - 1) * sizeof self->shapes[0]);
  self->shapes[0] = shape;
}
