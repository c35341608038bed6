#pragma once

/** Values of one part of an expression over the rows of a chunk. */

#include "core/decode/marks.h"

#include <fanout/batch.h>

/** What the values are. */
typedef enum
{
  FANOUT_KIND_FREE = 0, /* a column as read, or null: whoever takes it decides */
  FANOUT_KIND_NUMBER,
  FANOUT_KIND_TIME, /* a number of seconds since 1970, written as a time */
  FANOUT_KIND_TEXT,
  FANOUT_KIND_CONDITION,
} FanoutVectorKind;

/** A bad value spreads to whatever looks at it; only who uses the result in the end takes it for a
 * mistake. So `a and b` never complains of a b where a is false. */
typedef struct
{
  FanoutVectorKind kind;
  FanoutForm form;      /* PLAIN or MIXED for numbers and times, TEXT, NONE for conditions */
  guint8 scale;         /* PLAIN */
  guint8 bits;          /* PLAIN: no magnitude is above 2^bits; 0: not known yet */
  gboolean constant;    /* the first value stands for every row */
  const guint8 *marks;  /* FanoutValueMark; NULL: all are values. Conditions are never null */
  const guint8 *scales; /* MIXED */
  union
  {
    const gint64 *mantissa;
    const FanoutText *text;
    const guint8 *truth; /* 0 or 1; 0 where bad */
  };
  /* Room that the vector owns, made when it is needed. */
  gpointer data;
  guint8 *scale_data;
  guint8 *mark_data;
} FanoutVector;

static inline gsize
fanout_vector_at (const FanoutVector *vector, gsize row)
{
  return vector->constant ? 0 : row;
}

static inline gboolean
fanout_vector_is_plain (const FanoutVector *vector)
{
  return vector->form == FANOUT_FORM_PLAIN;
}

static inline guint8
fanout_vector_mark (const FanoutVector *vector, gsize row)
{
  return vector->marks != NULL ? vector->marks[fanout_vector_at (vector, row)] : FANOUT_MARK_VALUE;
}

static inline FanoutNumber
fanout_vector_number (const FanoutVector *vector, gsize row)
{
  const gsize i = fanout_vector_at (vector, row);
  FanoutNumber number;

  number.mantissa = vector->mantissa[i];
  number.scale = fanout_vector_is_plain (vector) ? vector->scale : vector->scales[i];
  return number;
}

static inline FanoutText
fanout_vector_text (const FanoutVector *vector, gsize row)
{
  return vector->text[fanout_vector_at (vector, row)];
}

static inline gboolean
fanout_vector_truth (const FanoutVector *vector, gsize row)
{
  return vector->truth[fanout_vector_at (vector, row)];
}
