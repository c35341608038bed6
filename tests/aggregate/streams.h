#pragma once

/** Streams of numbers of many kinds, and operators that take them whole or in parts. */

#include "tests/support/numbers.h"
#include "tests/support/suite.h"
#include "tests/support/use.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SLOW 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)                            \
    || __has_feature(undefined_behavior_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

#define N_BIG    (SLOW ? 100000 : 300000)
#define N_MIDDLE (SLOW ? 10000 : 30000)
#define N_PARTS  7
#define BATCH    4096

/* Streams. */

typedef enum
{
  UNIFORM = 0,
  NORMAL,
  LOGNORMAL,
  PARETO,
  TIMES,
  ZIPF,
  SORTED,
  REVERSED,
  CONSTANT,
  TWO_VALUED,
  N_KINDS,
} Kind;

static const char *const kind_names[]
    = { "uniform", "normal", "lognormal", "pareto",   "times",
        "zipf",    "sorted", "reversed",  "constant", "two-valued" };

/* Integers are handed over as decimals; those of the last kinds are below this. */
#define INTEGER_MAX (1 << 20)

static inline gboolean
is_integral (Kind kind)
{
  return kind >= TIMES;
}

/* Above 0, at most 1. */
static inline double
next_unit (guint64 *state)
{
  return (double) ((next_random (state) >> 11) + 1) * 0x1p-53;
}

static inline double
next_normal (guint64 *state)
{
  const double radius = sqrt (-2 * log (next_unit (state)));

  return radius * cos (2 * G_PI * next_unit (state));
}

static inline double
make_value (Kind kind, gsize i, gsize n, guint64 *state)
{
  switch (kind)
    {
    case UNIFORM:
      return next_unit (state) * 1000 - 200;
    case NORMAL:
      return next_normal (state) * 3 + 1;
    case LOGNORMAL:
      return exp (2 * next_normal (state));
    case PARETO:
      return pow (next_unit (state), -1 / 1.2);
    case TIMES:
      return 1767225600 + (double) (next_random (state) % 2592000);
    case ZIPF:
      return floor (fmin (pow (next_unit (state), -1 / 0.9), INTEGER_MAX - 1));
    case SORTED:
      return (double) (i % INTEGER_MAX);
    case REVERSED:
      return (double) ((n - 1 - i) % INTEGER_MAX);
    case CONSTANT:
      return 42;
    default:
      return next_random (state) % 3 == 0 ? 7 : 1000;
    }
}

typedef struct
{
  Kind kind;
  gsize n;
  double *values;
  double *sorted; /* or NULL */
} Stream;

static inline int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a;
  const double y = *(const double *) b;

  return (x > y) - (x < y);
}

static inline Stream
make_stream (Kind kind, gsize n, gboolean sorted)
{
  Stream stream = { .kind = kind, .n = n, .values = g_new (double, n + 1) };
  guint64 state = 20131231 + (guint64) kind;

  for (gsize i = 0; i < n; i++)
    stream.values[i] = make_value (kind, i, n, &state);
  if (sorted)
    {
      stream.sorted = g_new (double, n + 1);
      memcpy (stream.sorted, stream.values, n * sizeof (double));
      qsort (stream.sorted, n, sizeof (double), compare_doubles);
    }
  return stream;
}

static inline void
stream_clear (Stream *stream)
{
  g_free (stream->values);
  g_free (stream->sorted);
}

/* Of a sorted one. */
static inline gsize
count_distinct (const Stream *stream)
{
  gsize n = 0;

  for (gsize i = 0; i < stream->n; i++)
    n += i == 0 || stream->sorted[i] != stream->sorted[i - 1];
  return n;
}

/* Texts. */

#define PADDING  16
#define TEXT_MAX 24

/* Stands for a value: up to 20 bytes, any of them. Short ones may stand for several values. */
typedef struct
{
  char bytes[PADDING + TEXT_MAX + PADDING];
  gsize length;
} Text;

static inline void
make_text (double value, Text *text)
{
  guint64 state;

  memcpy (&state, &value, sizeof state);
  text->length = next_random (&state) % 21;
  for (gsize i = 0; i < sizeof text->bytes; i += 8)
    {
      const guint64 word = next_random (&state);

      memcpy (text->bytes + i, &word, sizeof word);
    }
}

/* Runs. */

static inline void
feed_texts (Use *use, FanoutNode *node, const Stream *stream, gsize first, gsize n)
{
  g_autofree Text *made = g_new (Text, n + 1);
  g_autofree FanoutText *texts = g_new (FanoutText, n + 1);
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = texts };
  const FanoutInput input = { .size = sizeof input,
                              .column_size = sizeof column,
                              .n_rows = n,
                              .n_columns = 1,
                              .columns = &column,
                              .first_row = first,
                              .aggregate = &node->aggregate };

  for (gsize i = 0; i < n; i++)
    {
      make_text (stream->values[first + i], &made[i]);
      texts[i] = (FanoutText){ made[i].bytes + PADDING, made[i].length };
    }
  if (use->plan.operator_->update (node->states, &input) != FANOUT_MORE)
    ck_abort_msg ("%s", node->error->message);
}

static inline void
feed (Use *use, FanoutNode *node, const Stream *stream, gsize first, gsize n)
{
  gint64 mantissas[BATCH];
  guint8 scales[BATCH];
  const FanoutColumn column
      = { .form = FANOUT_FORM_MIXED, .mantissa = mantissas, .scales = scales };

  if (use->takes[0] == FANOUT_TAKES_TEXT)
    {
      feed_texts (use, node, stream, first, n);
      return;
    }
  memset (scales, is_integral (stream->kind) ? 0 : FANOUT_SCALE_DOUBLE, sizeof scales);
  for (gsize done = 0; done < n; done += BATCH)
    {
      const gsize n_rows = MIN (BATCH, n - done);
      const FanoutInput input = { .size = sizeof input,
                                  .column_size = sizeof column,
                                  .n_rows = n_rows,
                                  .n_columns = 1,
                                  .columns = &column,
                                  .first_row = first + done,
                                  .aggregate = &node->aggregate };

      for (gsize i = 0; i < n_rows; i++)
        if (is_integral (stream->kind))
          mantissas[i] = (gint64) stream->values[first + done + i];
        else
          memcpy (&mantissas[i], &stream->values[first + done + i], sizeof mantissas[i]);
      if (use->plan.operator_->update (node->states, &input) != FANOUT_MORE)
        ck_abort_msg ("%s", node->error->message);
    }
}

typedef enum
{
  WHOLE = 0,
  CHAINED,
  BALANCED,
  RANDOM,
  N_WAYS,
} Way;

static inline void
merge (FanoutNode **nodes, guint into, guint from)
{
  ck_assert (fanout_node_combine (nodes[into], nodes[from], NULL, 0, 1));
  fanout_node_free (nodes[from]);
  nodes[from] = NULL;
}

/* Into nodes[0]. */
static inline void
merge_all (FanoutNode **nodes, Way way)
{
  guint64 state = 1;

  if (way == CHAINED)
    for (guint i = 1; i < N_PARTS; i++)
      merge (nodes, 0, i);
  else if (way == BALANCED)
    for (guint step = 1; step < N_PARTS; step *= 2)
      for (guint i = 0; i + step < N_PARTS; i += 2 * step)
        merge (nodes, i, i + step);
  else
    for (guint left = N_PARTS; left > 1; left--)
      {
        const guint from = 1 + (guint) (next_random (&state) % (left - 1));
        const guint into = (guint) (next_random (&state) % from);

        merge (nodes, into, from);
        nodes[from] = nodes[left - 1];
        nodes[left - 1] = NULL;
      }
}

/* The parts are of different sizes; one of them goes through bytes. */
static inline char *
run (Use *use, const Stream *stream, Way way)
{
  FanoutNode *nodes[N_PARTS];
  char *text;

  for (guint i = 0; i < N_PARTS; i++)
    {
      const gsize first = stream->n * i * i / N_PARTS / N_PARTS;
      const gsize end = stream->n * (i + 1) * (i + 1) / N_PARTS / N_PARTS;

      nodes[i] = use_node (use, FALSE);
      if (way == WHOLE && i == 0)
        feed (use, nodes[0], stream, 0, stream->n);
      else if (way != WHOLE)
        feed (use, nodes[i], stream, first, end - first);
    }
  if (way == CHAINED)
    nodes[2] = use_through_bytes (use, nodes[2]);
  merge_all (nodes, way);
  text = use_results (use, nodes[0], 1);
  fanout_node_free (nodes[0]);
  return text;
}
