#include "core/decode/json-shape.h"
#include "core/decode/json-scalar.h"

/* Rows of so many shapes may take turns. */
#define SHAPES      4
#define LEAVES_MAX  256
/* Bytes that are compared at a time, and how many times before a look at what came of it. */
#define STEP        16
#define STEPS       8
/* A new shape costs as much as many rows of a known one: where more than one of so many is new,
 * nothing is learned from the next ones. */
#define HITS_WANTED 16
#define DEBT_MAX    (32 * HITS_WANTED)
#define REST        4096

typedef guint8 Bytes __attribute__ ((vector_size (STEP)));

/* In a row: so many bytes behind one of its marks; less than 0: in front of it. */
typedef struct
{
  gsize mark;
  gssize bytes;
} Place;

/* What stands between values is the same in each row. */
typedef struct
{
  Bytes wanted, mask;
  Place at;
} Same;

/* A number, true, false or null, in all rows the same of them or not. */
typedef struct
{
  Place start, end;
} Scalar;

/* What a column takes. */
typedef struct
{
  Place start, end;
  gboolean scalar;
} Taken;

typedef struct
{
  guint n_marks;   /* with the line feed */
  guint32 blanks;  /* in front of the first one */
  GArray *same;    /* of Same; a multiple of STEPS */
  GArray *scalars; /* of Scalar */
  Taken *columns;
} Shape;

/* A value that is no array or object, in a row from which a shape is learned. */
typedef struct
{
  gsize start, end;
  guint mark; /* the next one behind it */
  gboolean string;
} Leaf;

struct FanoutJsonShapes
{
  guint n_columns;
  Shape *shapes[SHAPES];   /* the last one that fitted comes first */
  guint debt;              /* rows of known shapes that are to come for the new ones there were */
  guint rest;              /* rows that nothing is learned from */
  Leaf leaves[LEAVES_MAX]; /* of a new one */
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
  g_array_unref (shape->same);
  g_array_unref (shape->scalars);
  g_free (shape->columns);
  g_free (shape);
}

void
fanout_json_shapes_free (FanoutJsonShapes *self)
{
  for (guint i = 0; i < SHAPES; i++)
    free_shape (self->shapes[i]);
  g_free (self);
}

gboolean
fanout_json_shapes_rest (FanoutJsonShapes *self)
{
  if (self->rest == 0)
    return FALSE;
  self->rest--;
  return TRUE;
}

static inline gssize
offset_of (Place place, const guint32 *t)
{
  return (gssize) t[place.mark] + place.bytes;
}

static inline Bytes
differ (const Same *same, const char *data, const guint32 *t)
{
  Bytes bytes;

  memcpy (&bytes, data + offset_of (same->at, t), sizeof bytes);
  return (bytes & same->mask) ^ same->wanted;
}

static inline gboolean
is_zero (Bytes bytes)
{
  guint64 words[2];

  G_STATIC_ASSERT (sizeof words == sizeof bytes);
  memcpy (words, &bytes, sizeof words);
  return (words[0] | words[1]) == 0;
}

/* As long as all has been the same, the marks are those of the shape, and each value ends where its
 * mark says. */
static __attribute__ ((noinline)) gboolean
fits (const Shape *shape, const char *data, const guint32 *t)
{
  const Same *same = (const Same *) (const void *) shape->same->data;
  const Scalar *scalar = (const Scalar *) (const void *) shape->scalars->data;

  for (const Same *last = same + shape->same->len; same < last; same += STEPS)
    {
      Bytes different = differ (same, data, t);

      for (guint i = 1; i < STEPS; i++)
        different |= differ (same + i, data, t);
      if (!is_zero (different))
        return FALSE;
    }
  for (const Scalar *last = scalar + shape->scalars->len; scalar < last; scalar++)
    {
      const gssize start = offset_of (scalar->start, t);
      const gssize end = offset_of (scalar->end, t);

      if (G_UNLIKELY (end <= start)
          || G_UNLIKELY (!fanout_json_is_scalar (data + start, (gsize) (end - start))))
        return FALSE;
    }
  return TRUE;
}

/* A null has no text. */
static inline void
set_columns (const FanoutJsonShapes *self, const Shape *shape, const FanoutJsonWalk *walk,
             const guint32 *t)
{
  const Taken *taken = shape->columns;
  const char *data = walk->data;
  const gssize origin = walk->origin;
  guint32 *starts = walk->starts;
  guint32 *nexts = walk->nexts;

  for (const Taken *last = taken + self->n_columns; taken < last; taken++)
    {
      const gssize start = offset_of (taken->start, t) - origin;
      const gssize end = offset_of (taken->end, t) - origin;
      const gboolean null = taken->scalar && data[start + origin] == 'n';

      *starts++ = (guint32) start;
      *nexts++ = (guint32) (null ? start : end) + 1;
    }
}

const guint32 *
fanout_json_shapes_row (FanoutJsonShapes *self, const FanoutJsonWalk *walk, const guint32 *t,
                        const guint32 *end, gsize start)
{
  if (self->rest > 0)
    return NULL;
  for (guint i = 0; i < SHAPES && self->shapes[i] != NULL; i++)
    {
      Shape *shape = self->shapes[i];

      if (shape->n_marks > (gsize) (end - t) || *t - start != shape->blanks
          || !fits (shape, walk->data, t))
        continue;
      set_columns (self, shape, walk, t);
      for (; G_UNLIKELY (i > 0); i--)
        self->shapes[i] = self->shapes[i - 1];
      self->shapes[0] = shape;
      self->debt -= self->debt > 0 ? 1 : 0;
      return t + shape->n_marks - 1;
    }
  return NULL;
}

/* The values of a row, in their order; FALSE: there are too many. */
static gboolean
find_leaves (FanoutJsonShapes *self, Shape *shape, const char *data, const guint32 *row,
             const guint32 *feed, guint *n_leaves)
{
  guint n = 0;

  for (const guint32 *t = row; t < feed;)
    {
      const gboolean string = data[*t] == '"';
      Leaf *leaf = &self->leaves[n];

      if (strchr ("{}[]:,", data[*t]) != NULL || (string && data[t[2]] == ':'))
        {
          t += string ? 3 : 1;
          shape->n_marks++;
          continue;
        }
      if (n == LEAVES_MAX)
        return FALSE;
      *leaf = (Leaf){
        .start = *t + (string ? 1 : 0),
        .end = t[1],
        .mark = shape->n_marks,
        .string = string,
      };
      while (!string && strchr (" \t\r", data[leaf->end - 1]) != NULL)
        leaf->end--;
      n++;
      t += string ? 2 : 1;
    }
  shape->n_marks++;
  *n_leaves = n;
  return TRUE;
}

/* Behind the last mark that is in front of it, or in front of the one behind the value that it
 * begins or ends. */
static Place
place_of (const guint32 *marks, guint mark, gsize at)
{
  return (Place){ mark, (gssize) at - (gssize) marks[mark] };
}

/* The bytes from `start` to `end` are the same in each row. */
static void
add_same (Shape *shape, const char *data, const guint32 *marks, guint mark, gsize start, gsize end)
{
  for (gsize at = start; at < end; at += STEP)
    {
      const gsize n = MIN (end - at, STEP);
      Same same = { .at = place_of (marks, mark, at) };

      memcpy (&same.wanted, data + at, n);
      memset (&same.mask, 0xff, n);
      g_array_append_val (shape->same, same);
    }
}

/* Where each value begins and ends; FALSE: too far from a mark. */
static gboolean
add_leaves (const FanoutJsonShapes *self, Shape *shape, const char *data, const guint32 *marks,
            guint n_leaves)
{
  guint mark = 0;
  gsize at = 0;

  for (guint i = 0; i < n_leaves; i++)
    {
      const Leaf *leaf = &self->leaves[i];
      const Scalar scalar
          = { place_of (marks, mark, leaf->start), place_of (marks, leaf->mark, leaf->end) };

      if (marks[leaf->mark] - leaf->end > FANOUT_PADDING)
        return FALSE;
      add_same (shape, data, marks, mark, at, leaf->start);
      if (!leaf->string)
        g_array_append_val (shape->scalars, scalar);
      mark = leaf->mark;
      at = leaf->end;
    }
  add_same (shape, data, marks, mark, at, marks[shape->n_marks - 1] + 1);
  while (shape->same->len % STEPS != 0)
    g_array_set_size (shape->same, shape->same->len + 1);
  return TRUE;
}

/* Which value each column has, or the empty text in front of the row; FALSE: one has an array or
 * object. */
static gboolean
find_columns (const FanoutJsonShapes *self, Shape *shape, const FanoutJsonWalk *walk,
              const guint32 *marks, guint n_leaves)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      const gsize wanted = (guint32) (walk->starts[i] + walk->origin);
      guint mark = 0;
      guint k = 0;

      for (; k < n_leaves && self->leaves[k].start != wanted; k++)
        mark = self->leaves[k].mark;
      shape->columns[i] = (Taken){ .start = place_of (marks, 0, 0), .end = place_of (marks, 0, 0) };
      if (k < n_leaves)
        shape->columns[i] = (Taken){
          .start = place_of (marks, mark, wanted),
          .end = place_of (marks, self->leaves[k].mark, self->leaves[k].end),
          .scalar = !self->leaves[k].string,
        };
      else if (walk->nexts[i] - walk->starts[i] > 1)
        return FALSE;
    }
  return TRUE;
}

static gboolean
learn (FanoutJsonShapes *self, Shape *shape, const FanoutJsonWalk *walk, const guint32 *row,
       const guint32 *feed)
{
  g_autofree guint32 *marks = g_new (guint32, (gsize) (feed - row) + 1);
  guint n_leaves, n = 0;

  if (!find_leaves (self, shape, walk->data, row, feed, &n_leaves))
    return FALSE;
  for (const guint32 *t = row; t <= feed; t++)
    if (strchr ("{}[]:,\n", walk->data[*t]) != NULL)
      marks[n++] = *t;
  shape->blanks = marks[0];
  return add_leaves (self, shape, walk->data, marks, n_leaves)
         && find_columns (self, shape, walk, marks, n_leaves);
}

void
fanout_json_shapes_learn (FanoutJsonShapes *self, const FanoutJsonWalk *walk, const guint32 *row,
                          const guint32 *feed)
{
  Shape *shape;

  if (fanout_json_shapes_rest (self))
    return;
  self->debt += HITS_WANTED;
  if (self->debt > DEBT_MAX)
    {
      self->debt /= 2;
      self->rest = REST;
    }
  shape = g_new0 (Shape, 1);
  shape->same = g_array_new (FALSE, TRUE, sizeof (Same));
  shape->scalars = g_array_new (FALSE, TRUE, sizeof (Scalar));
  shape->columns = g_new0 (Taken, self->n_columns + 1);
  if (!learn (self, shape, walk, row, feed))
    {
      free_shape (shape);
      return;
    }
  free_shape (self->shapes[SHAPES - 1]);
  for (guint i = SHAPES - 1; i > 0; i--)
    self->shapes[i] = self->shapes[i - 1];
  self->shapes[0] = shape;
}
