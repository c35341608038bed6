/* Whole numbers from `start` to before `stop`, as Python's range. */

#include <fanout/mantissas.h>
#include <fanout/source.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <string.h>

typedef struct
{
  gint64 start;
  gint64 stop;
  gint64 step;
} Options;

/* -2^63 is no decimal, and the source gives nothing else; `stop` itself is not given. */
#define LEAST "-9223372036854775807"

static const FanoutOption options[] = {
  { .key = "start",
    .type = FANOUT_OPTION_INTEGER,
    .offset = offsetof (Options, start),
    .value = "0",
    .min = LEAST,
    .help = "the first number" },
  { .key = "stop",
    .type = FANOUT_OPTION_INTEGER,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = offsetof (Options, stop),
    .help = "what the numbers end before",
    .example = "1000000" },
  { .key = "step",
    .type = FANOUT_OPTION_INTEGER,
    .offset = offsetof (Options, step),
    .value = "1",
    .min = LEAST,
    .help = "from one number to the next; below 0 they count down" },
  { .key = NULL },
};

static gboolean
prepare (gpointer data, GError **error)
{
  const Options *self = data;

  if (self->step != 0)
    return TRUE;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "'step' must not be 0");
  return FALSE;
}

static char **
names (gconstpointer data)
{
  static const char *const value[] = { "value", NULL };

  (void) data;
  return g_strdupv ((char **) value);
}

static guint64
n_rows (gconstpointer data)
{
  const Options *self = data;
  const guint64 start = (guint64) self->start;
  const guint64 stop = (guint64) self->stop;

  if (self->step > 0)
    return self->stop > self->start ? (stop - start - 1) / (guint64) self->step + 1 : 0;
  return self->stop < self->start ? (start - stop - 1) / (0 - (guint64) self->step) + 1 : 0;
}

/* Two numbers. */
typedef gint64 Pair __attribute__ ((vector_size (16)));

/*
 * Past the caches, as far as that goes; answers how many numbers are written. What another core has
 * read lies in its cache, and would have to be taken back from there line by line, which takes
 * longer than memory does.
 */
static gsize
stream_numbers (Pair values, Pair steps, gsize n, gint64 *mantissas)
{
  gsize i = 0;

#ifdef __SSE2__
  if ((guintptr) mantissas % sizeof (Pair) != 0)
    return 0;
  for (; i + 2 <= n; i += 2, values += steps)
    _mm_stream_si128 ((__m128i *) &mantissas[i], (__m128i) values);
  /* Whoever is told of the numbers shall see them. */
  _mm_sfence ();
#else
  (void) values;
  (void) steps;
  (void) n;
  (void) mantissas;
#endif
  return i;
}

static void
fill_numbers (const Options *self, guint64 first, gsize n, gboolean shared,
              FanoutChunkColumn *column)
{
  const guint64 step = (guint64) self->step;
  const guint64 from = (guint64) self->start + first * step;
  const Pair values = { (gint64) from, (gint64) (from + step) };
  const Pair steps = { (gint64) (2 * step), (gint64) (2 * step) };
  gint64 *mantissas = column->mantissa;
  const gsize i = shared ? stream_numbers (values, steps, n, mantissas) : 0;

  fanout_mantissas_count (mantissas + i, n - i, (gint64) (from + i * step), self->step);
  column->scale = 0;
}

static void
fill_texts (const Options *self, guint64 first, gsize n, FanoutChunk *chunk,
            FanoutChunkColumn *column)
{
  char *text = fanout_chunk_text (chunk, n * FANOUT_NUMBER_TEXT_MAX);

  for (gsize i = 0; i < n; i++)
    {
      const guint64 value = (guint64) self->start + (first + i) * (guint64) self->step;

      column->text[i].data = text;
      column->text[i].length
          = fanout_number_format (fanout_number_decimal ((gint64) value, 0), text);
      text += column->text[i].length;
    }
}

static gboolean
fill (gconstpointer data, guint64 first, gsize n, const guint *fields, FanoutChunk *chunk,
      GError **error)
{
  const Options *self = data;

  (void) fields; /* there is only one */
  (void) error;
  for (guint i = 0; i < chunk->n_columns; i++)
    if (fanout_chunk_column (chunk, i)->takes == FANOUT_TAKES_NUMBER)
      fill_numbers (self, first, n, chunk->shared, fanout_chunk_column (chunk, i));
    else if (fanout_chunk_column (chunk, i)->takes == FANOUT_TAKES_TEXT)
      fill_texts (self, first, n, chunk, fanout_chunk_column (chunk, i));
  fanout_chunk_end_rows (chunk, first, n);
  return TRUE;
}

static const FanoutSource range = {
  .size = sizeof (FanoutSource),
  .name = "range",
  .summary = "whole numbers from start to before stop",
  .details = "As Python's range: start, start + step, ... as long as they are below stop, or above "
             "it where step is below 0. They are in the column 'value'.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .names = names,
  .n_rows = n_rows,
  .fill = fill,
};

FANOUT_SOURCES (&range);
