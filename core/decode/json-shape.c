#include "core/decode/json-shape.h"
#include "core/decode/json-scalar.h"

/* Rows of so many shapes may take turns. */
#define SHAPES      16
#define LEAVES_MAX  256
/* A new shape costs as much as many rows of a known one: where more than one of so many is new,
 * nothing is learned from the next ones. */
#define HITS_WANTED 16
#define DEBT_MAX    (32 * HITS_WANTED)
#define REST        4096

/* Where a value is, seen from the last mark in front of it and from the one behind that. */
typedef struct
{
  gsize mark;
  gssize start, end;
  gboolean scalar; /* a number, true, false or null, in all rows the same of them or not */
  gboolean none;   /* the row has no such value */
} Place;

typedef struct
{
  guint n_marks;   /* with the line feed */
  guint32 blanks;  /* in front of the first one, of any kind */
  GArray *same;    /* of FanoutSame: what stands between values */
  GArray *scalars; /* of Place */
  gsize n_rows;    /* to look at together */
  Place *columns;
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
  FanoutTokensKind kind;   /* of the marks */
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
  self->kind = FANOUT_TOKENS_QUOTES;
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

FanoutTokensKind
fanout_json_shapes_marks (const FanoutJsonShapes *self)
{
  return self->kind;
}

/* How many rows have line feeds where the shape has them, and as much in front of the first mark;
 * where they end. */
static gsize
count_rows (const Shape *shape, const char *data, const FanoutJsonRows *rows, guint32 *ends)
{
  const gsize most = MIN (shape->n_rows, rows->n_max);
  const guint32 *t = rows->marks;
  gsize start = rows->start;
  gsize n = 0;

  while (n < most && (gsize) (rows->marks_end - t) >= shape->n_marks && *t - start == shape->blanks
         && data[t[shape->n_marks - 1]] == '\n')
    {
      start = (gsize) t[shape->n_marks - 1] + 1;
      ends[n++] = (guint32) start;
      t += shape->n_marks;
    }
  return n;
}

static inline gboolean
is_right (const FanoutMarkedRows *row, const Place *place)
{
  const gssize start = (gssize) row->marks[place->mark] + place->start;
  const gssize end = (gssize) row->marks[place->mark + 1] + place->end;

  return end > start && fanout_json_is_scalar (row->data + start, (gsize) (end - start));
}

static gsize
count_fitting (const Shape *shape, const FanoutScanner *scanner, const FanoutMarkedRows *rows,
               gsize n)
{
  n = scanner->same (rows, n, (const FanoutSame *) (const void *) shape->same->data,
                     shape->same->len);
  for (guint i = 0; i < shape->scalars->len && n > 0; i++)
    {
      const Place *place = &g_array_index (shape->scalars, Place, i);
      const FanoutFields fields
          = { rows->data + place->start, rows->marks + place->mark, rows->n_marks };

      if (n == 1)
        n = is_right (rows, place) ? 1 : 0;
      else
        n = scanner->scalars (&fields, place->end - place->start + 1, n);
    }
  return n;
}

/* A null has no text. */
static inline __attribute__ ((always_inline)) void
set_column (const FanoutMarkedRows *rows, gsize n, const Place *place, gboolean scalar,
            const FanoutJsonWalk *walk, guint column, guint n_columns)
{
  const gssize origin = walk->origin;
  const char *data = rows->data + place->start;
  const guint32 *at = rows->marks + place->mark;
  guint32 *starts = walk->starts + column;
  guint32 *nexts = walk->nexts + column;

  for (gsize i = 0; i < n; i++, at += rows->n_marks, starts += n_columns, nexts += n_columns)
    {
      const guint32 start = (guint32) (at[0] + place->start - origin);
      const guint32 next = (guint32) (at[1] + place->end + 1 - origin);

      *starts = start;
      *nexts = scalar && data[*at] == 'n' ? start + 1 : next;
    }
}

/* The columns of rows, the first of which begins at `start`. */
static void
set_columns (const FanoutJsonShapes *self, const Shape *shape, const FanoutJsonWalk *walk,
             const FanoutJsonRows *rows, const guint32 *ends, gsize n)
{
  const FanoutMarkedRows marked = { walk->data, rows->marks, shape->n_marks };

  for (guint c = 0; c < self->n_columns; c++)
    {
      const Place *place = &shape->columns[c];

      for (gsize i = 0; place->none && i < n; i++)
        {
          const gsize at = i * self->n_columns + c;

          walk->starts[at] = (i > 0 ? ends[i - 1] : (guint32) rows->start) - walk->origin;
          walk->nexts[at] = walk->starts[at] + 1;
        }
      if (place->none)
        continue;
      if (place->scalar)
        set_column (&marked, n, place, TRUE, walk, c, self->n_columns);
      else
        set_column (&marked, n, place, FALSE, walk, c, self->n_columns);
    }
}

/* Rows that are of this shape. More are looked at the next time where all of them were, as was the
 * one before them. */
static gsize
take_rows (Shape *shape, const FanoutScanner *scanner, const char *data, const FanoutJsonRows *rows,
           gboolean again, guint32 *ends)
{
  const FanoutMarkedRows marked = { data, rows->marks, shape->n_marks };
  const gsize there = count_rows (shape, data, rows, ends);
  const gsize n = count_fitting (shape, scanner, &marked, there);

  if (n < there || n == 0)
    shape->n_rows = MAX (n, 1);
  else if (again && n == shape->n_rows)
    shape->n_rows = MIN (2 * n, FANOUT_JSON_ROWS_MAX);
  return n;
}

gsize
fanout_json_shapes_rows (FanoutJsonShapes *self, const FanoutScanner *scanner,
                         const FanoutJsonWalk *walk, const FanoutJsonRows *rows, guint32 *ends,
                         const guint32 **marks)
{
  if (self->rest > 0)
    return 0;
  for (guint i = 0; i < SHAPES && self->shapes[i] != NULL; i++)
    {
      Shape *shape = self->shapes[i];
      const gsize n = take_rows (shape, scanner, walk->data, rows, i == 0, ends);

      if (n == 0)
        continue;
      set_columns (self, shape, walk, rows, ends, n);
      for (; G_UNLIKELY (i > 0); i--)
        self->shapes[i] = self->shapes[i - 1];
      self->shapes[0] = shape;
      self->debt -= (guint) MIN (self->debt, n);
      *marks = rows->marks + n * shape->n_marks;
      return n;
    }
  return 0;
}

/* Whether the shapes' marks are at this token. */
static gboolean
is_mark (const FanoutJsonShapes *self, char token)
{
  return strchr (self->kind == FANOUT_TOKENS_QUOTES ? "\"\n" : "{}[]:,\n", token) != NULL;
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
          for (const guint32 *next = t + (string ? 3 : 1); t < next; t++)
            shape->n_marks += is_mark (self, data[*t]) ? 1 : 0;
          continue;
        }
      if (n == LEAVES_MAX)
        return FALSE;
      shape->n_marks += string && is_mark (self, '"') ? 1 : 0;
      *leaf = (Leaf){
        .start = *t + (string ? 1 : 0),
        .end = t[1],
        .mark = shape->n_marks,
        .string = string,
      };
      while (!string && strchr (" \t\r", data[leaf->end - 1]) != NULL)
        leaf->end--;
      shape->n_marks += string && is_mark (self, '"') ? 1 : 0;
      n++;
      t += string ? 2 : 1;
    }
  shape->n_marks++;
  *n_leaves = n;
  return TRUE;
}

static Place
place_of (const guint32 *marks, const Leaf *leaf)
{
  return (Place){
    .mark = leaf->mark - 1,
    .start = (gssize) leaf->start - (gssize) marks[leaf->mark - 1],
    .end = (gssize) leaf->end - (gssize) marks[leaf->mark],
    .scalar = !leaf->string,
  };
}

/* The bytes from `start` to `end` are the same in each row; FALSE: too far from a mark. Each step
 * is bound to the last mark in front of it, which stands in an earlier one: where that is the same,
 * this mark is where it has to be. */
static gboolean
add_same (Shape *shape, const char *data, const guint32 *marks, guint mark, gsize start, gsize end)
{
  for (gsize at = start; at < end; at += FANOUT_SAME_STEP)
    {
      const gsize n = MIN (end - at, FANOUT_SAME_STEP);
      FanoutSame same = { .mark = mark };

      while (mark + 1 < shape->n_marks && marks[mark + 1] < at)
        mark++;
      same.mark = mark;
      same.bytes = (gssize) at - (gssize) marks[mark];
      if (ABS (same.bytes) > FANOUT_PADDING - FANOUT_SAME_STEP)
        return FALSE;
      memcpy (&same.wanted, data + at, n);
      memset (&same.mask, 0xff, n);
      g_array_append_val (shape->same, same);
    }
  return TRUE;
}

/* Whether each value but the last one has a mark between it and the next one. */
static gboolean
are_apart (const FanoutJsonShapes *self, const guint32 *marks, guint n_leaves)
{
  for (guint i = 1; i < n_leaves; i++)
    if (marks[self->leaves[i - 1].mark] >= self->leaves[i].start)
      return FALSE;
  return TRUE;
}

/* Quotes are not enough. */
static void
change_marks (FanoutJsonShapes *self)
{
  self->kind = FANOUT_TOKENS_MARKS;
  for (guint i = 0; i < SHAPES; i++)
    {
      free_shape (self->shapes[i]);
      self->shapes[i] = NULL;
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
      const Place place = place_of (marks, leaf);

      if (marks[leaf->mark] - leaf->end > FANOUT_PADDING
          || !add_same (shape, data, marks, mark, at, leaf->start))
        return FALSE;
      if (!leaf->string)
        g_array_append_val (shape->scalars, place);
      mark = leaf->mark;
      at = leaf->end;
    }
  return add_same (shape, data, marks, mark, at, (gsize) marks[shape->n_marks - 1] + 1);
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
      guint k = 0;

      while (k < n_leaves && self->leaves[k].start != wanted)
        k++;
      shape->columns[i].none = k == n_leaves;
      if (k < n_leaves)
        shape->columns[i] = place_of (marks, &self->leaves[k]);
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
    if (is_mark (self, walk->data[*t]))
      marks[n++] = *t;
  shape->blanks = marks[0];
  if (!are_apart (self, marks, n_leaves))
    {
      change_marks (self);
      return FALSE;
    }
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
  shape->same = g_array_new (FALSE, TRUE, sizeof (FanoutSame));
  shape->scalars = g_array_new (FALSE, TRUE, sizeof (Place));
  shape->columns = g_new0 (Place, self->n_columns + 1);
  shape->n_rows = 1;
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
