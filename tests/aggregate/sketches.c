/* Sketches stay within what they promise, whatever the stream and the way that parts are merged. */

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

#define N_BIG    (SLOW ? 200000 : 10000000)
#define N_MANY   (SLOW ? 100000 : 1000000)
#define N_MIDDLE (SLOW ? 20000 : 200000)
#define N_PARTS  7
#define BATCH    4096
/* Of quantiles: "relative error at most 0.8 %". */
#define ALPHA    0.008

/* Streams. */

typedef enum
{
  UNIFORM = 0,
  NORMAL,
  LOGNORMAL,
  PARETO,
  ZIPF,
  SORTED,
  REVERSED,
  CONSTANT,
  TWO_VALUED,
  N_KINDS,
} Kind;

static const char *const kind_names[] = { "uniform", "normal",   "lognormal", "pareto",    "zipf",
                                          "sorted",  "reversed", "constant",  "two-valued" };

/* Integers of these kinds are handed over as decimals, below this. */
#define INTEGER_MAX (1 << 20)

static gboolean
is_integral (Kind kind)
{
  return kind >= ZIPF;
}

/* splitmix64 */
static guint64
next_random (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Above 0, at most 1. */
static double
next_unit (guint64 *state)
{
  return (double) ((next_random (state) >> 11) + 1) * 0x1p-53;
}

static double
next_normal (guint64 *state)
{
  const double radius = sqrt (-2 * log (next_unit (state)));

  return radius * cos (2 * G_PI * next_unit (state));
}

static double
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

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a;
  const double y = *(const double *) b;

  return (x > y) - (x < y);
}

static Stream
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

static void
stream_clear (Stream *stream)
{
  g_free (stream->values);
  g_free (stream->sorted);
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

static void
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

static gsize
count_distinct_texts (const Stream *stream)
{
  g_autoptr (GHashTable) set
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (gsize i = 0; i < stream->n; i++)
    {
      Text text;

      make_text (stream->values[i], &text);
      g_hash_table_add (set, g_bytes_new (text.bytes + PADDING, text.length));
    }
  return g_hash_table_size (set);
}

/* Runs. */

static void
feed_texts (Use *use, FanoutNode *node, const Stream *stream, gsize first, gsize n)
{
  g_autofree Text *made = g_new (Text, n + 1);
  g_autofree FanoutText *texts = g_new (FanoutText, n + 1);
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = texts };
  const FanoutInput input = { .n_rows = n,
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

static void
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
      const FanoutInput input = { .n_rows = n_rows,
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

static void
merge (FanoutNode **nodes, guint into, guint from)
{
  ck_assert (fanout_node_combine (nodes[into], nodes[from], NULL, 0, 1));
  fanout_node_free (nodes[from]);
  nodes[from] = NULL;
}

/* Into nodes[0]. */
static void
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
static char *
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

/* Quantiles. */

static const double ranks[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.99, 1 };

#define QUANTILES "column = x\nq = 0, 0.01, 0.25, 0.5, 0.75, 0.99, 1\n"

/* The number at the rank nearest to (n - 1) q is within ALPHA of `got`: so many are below, and so
 * many are not above, what it may be. */
static void
assert_near_rank (const Stream *stream, double q, double got, const char *what)
{
  const double ends[] = { got / (1 + ALPHA), got / (1 - ALPHA) };
  const double low = fmin (ends[0], ends[1]);
  const double high = fmax (ends[0], ends[1]);
  const gsize rank = (gsize) floor ((double) (stream->n - 1) * q + 0.5);
  gsize below = 0;
  gsize up_to = 0;

  for (gsize i = 0; i < stream->n; i++)
    {
      below += stream->values[i] < low;
      up_to += stream->values[i] <= high;
    }
  /* (n - 1) q is a double here, so that halves may go either way. */
  ck_assert_msg (below <= rank + 1 && up_to + 1 > rank,
                 "%s: q = %g of %" G_GSIZE_FORMAT " %s values is %.17g", what, q, stream->n,
                 kind_names[stream->kind], got);
}

static void
assert_quantiles (const Stream *stream, const char *text, gboolean exact)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  ck_assert_msg ((strchr (text, '(') == NULL) == exact, "%s", text);
  for (gsize i = 0; i < G_N_ELEMENTS (ranks) && stream->n > 0; i++)
    assert_near_rank (stream, ranks[i], g_ascii_strtod (words[i], NULL), "quantile");
}

static gsize
count_distinct (const Stream *stream)
{
  gsize n = 0;

  for (gsize i = 0; i < stream->n; i++)
    n += i == 0 || stream->sorted[i] != stream->sorted[i - 1];
  return n;
}

static void
check_quantiles (Kind kind, gsize n, guint limit)
{
  g_autofree char *settings = g_strdup_printf (QUANTILES "limit = %u\n", limit);
  Stream stream = make_stream (kind, n, TRUE);
  g_autofree char *whole = NULL;
  Use use;

  use_init (&use, "quantile", settings);
  whole = run (&use, &stream, WHOLE);
  assert_quantiles (&stream, whole, count_distinct (&stream) <= limit);
  for (Way way = CHAINED; way < N_WAYS; way++)
    {
      g_autofree char *text = run (&use, &stream, way);

      ck_assert_str_eq (text, whole);
    }
  use_clear (&use);
  stream_clear (&stream);
}

START_TEST (test_quantile)
{
  static const gsize sizes[] = { 0, 1, 2, 1000, N_MIDDLE };

  for (Kind kind = UNIFORM; kind < N_KINDS; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      check_quantiles (kind, sizes[i], 1000);
}
END_TEST

START_TEST (test_quantile_big)
{
  const Kind kinds[] = { LOGNORMAL, SORTED };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Stream stream = make_stream (kinds[i], N_BIG, FALSE);
      g_autofree char *whole = NULL;
      g_autofree char *parts = NULL;
      Use use;

      use_init (&use, "quantile", QUANTILES);
      whole = run (&use, &stream, WHOLE);
      parts = run (&use, &stream, BALANCED);
      assert_quantiles (&stream, whole, FALSE);
      ck_assert_str_eq (parts, whole);
      use_clear (&use);
      stream_clear (&stream);
    }
}
END_TEST

/* Below the limit the digits are those of the formula: integers make quarters. */
START_TEST (test_quantile_exact)
{
  const gsize sizes[] = { 1, 2, 3, 10, 999, N_MIDDLE };

  for (Kind kind = ZIPF; kind < N_KINDS; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        Stream stream = make_stream (kind, sizes[i], TRUE);
        g_autofree char *text = NULL;
        g_auto (GStrv) words = NULL;
        Use use;

        use_init (&use, "quartiles", "column = x\nlimit = 1000000\n");
        text = run (&use, &stream, RANDOM);
        words = g_strsplit (text, " ", -1);
        for (gsize k = 1; k <= 3; k++)
          {
            const gsize rank = (stream.n - 1) * k / 4;
            const double part = (double) ((stream.n - 1) * k % 4) / 4;
            const double low = stream.sorted[rank];
            const double high = part > 0 ? stream.sorted[rank + 1] : low;

            ck_assert_double_eq (g_ascii_strtod (words[k - 1], NULL), low + (high - low) * part);
          }
        ck_assert (strchr (text, '(') == NULL);
        use_clear (&use);
        stream_clear (&stream);
      }
}
END_TEST

/* What else is made from ranks. */

static double
number_of (const char *type, const char *settings, const Stream *stream, Way way)
{
  g_autofree char *all = g_strconcat ("column = x\nlimit = 100\n", settings, NULL);
  g_autofree char *text = NULL;
  Use use;

  use_init (&use, type, all);
  text = run (&use, stream, way);
  use_clear (&use);
  return g_ascii_strtod (text, NULL);
}

static double
median_deviation (const Stream *stream, double median)
{
  g_autofree double *deviations = g_new (double, stream->n);

  for (gsize i = 0; i < stream->n; i++)
    deviations[i] = fabs (stream->sorted[i] - median);
  qsort (deviations, stream->n, sizeof *deviations, compare_doubles);
  return deviations[stream->n / 2];
}

static void
check_ranks (Kind kind, Way way)
{
  /* So that the ranks of the quartiles are whole. */
  Stream stream = make_stream (kind, N_MIDDLE / 4 * 4 + 1, TRUE);
  const double *sorted = stream.sorted;
  const gsize n = stream.n;
  const double q1 = sorted[n / 4];
  const double median = sorted[n / 2];
  const double q3 = sorted[n / 4 * 3];
  const double iqr = number_of ("iqr", "", &stream, way);
  const double mad = number_of ("mad", "scale = 1\n", &stream, way);
  const double mean = number_of ("trimmed-mean", "trim = 0.05\n", &stream, way);
  const double deviation = median_deviation (&stream, median);
  const gsize n_out = n / 20;
  double sum = 0;
  double magnitude = 0;

  for (gsize i = n_out; i < n - n_out; i++)
    {
      sum += sorted[i];
      magnitude += fabs (sorted[i]);
    }
  sum /= (double) (n - 2 * n_out);
  magnitude /= (double) (n - 2 * n_out);
  ck_assert_msg (fabs (iqr - (q3 - q1)) <= ALPHA * (fabs (q1) + fabs (q3)), "iqr of %s: %g",
                 kind_names[kind], iqr);
  ck_assert_msg (fabs (mad - deviation) <= ALPHA * (deviation + 2 * fabs (median)),
                 "mad of %s: %g, not %g", kind_names[kind], mad, deviation);
  ck_assert_msg (fabs (mean - sum) <= ALPHA * magnitude, "trimmed-mean of %s: %g, not %g",
                 kind_names[kind], mean, sum);
  stream_clear (&stream);
}

START_TEST (test_ranks)
{
  for (Kind kind = UNIFORM; kind < N_KINDS; kind++)
    check_ranks (kind, kind % 2 == 0 ? RANDOM : BALANCED);
}
END_TEST

/* How many different values. */

static void
check_distinct (Kind kind, gsize n, const char *as, guint limit)
{
  g_autofree char *settings = g_strdup_printf ("column = x\nas = %s\nlimit = %u\n", as, limit);
  Stream stream = make_stream (kind, n, TRUE);
  g_autofree char *whole = NULL;
  double want;
  Use use;

  use_init (&use, "distinct", settings);
  want = (double) (use.takes[0] == FANOUT_TAKES_TEXT ? count_distinct_texts (&stream)
                                                     : count_distinct (&stream));
  whole = run (&use, &stream, WHOLE);
  for (Way way = CHAINED; way < N_WAYS; way++)
    {
      g_autofree char *text = run (&use, &stream, way);

      ck_assert_str_eq (text, whole);
    }
  ck_assert_msg ((strchr (whole, '(') == NULL) == (want <= limit), "%s", whole);
  /* Four times the standard error. */
  ck_assert_msg (fabs (g_ascii_strtod (whole, NULL) - want) <= (want > limit ? 0.0324 * want : 0),
                 "distinct of %" G_GSIZE_FORMAT " %s values as %s is %s, not %.17g", n,
                 kind_names[kind], as, whole, want);
  use_clear (&use);
  stream_clear (&stream);
}

START_TEST (test_distinct)
{
  static const gsize sizes[] = { 0, 1, 2, 1000, N_MIDDLE };

  for (Kind kind = UNIFORM; kind < N_KINDS; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        check_distinct (kind, sizes[i], "number", 1000);
        check_distinct (kind, sizes[i], "text", 1000);
        check_distinct (kind, sizes[i], "text", 100000);
      }
}
END_TEST

START_TEST (test_distinct_big)
{
  Stream stream = make_stream (UNIFORM, N_BIG, FALSE);
  g_autofree char *text = NULL;
  Use use;

  use_init (&use, "distinct", "column = x\nas = number\n");
  text = run (&use, &stream, BALANCED);
  /* Two of 2^53 doubles are hardly ever the same. */
  ck_assert_double_le (fabs (g_ascii_strtod (text, NULL) / N_BIG - 1), 0.0324);
  use_clear (&use);
  stream_clear (&stream);
}
END_TEST

/* Reading a state does not take the square of the time, which would be many minutes. */
START_TEST (test_many_values)
{
  static const char *const settings[][2]
      = { { "quantile", "column = x\nq = 0.5\nlimit = 100000000\n" },
          { "distinct", "column = x\nas = number\nlimit = 100000000\n" },
          { "unique", "column = x\nas = number\nlimit = 100000000\n" } };
  Stream stream = make_stream (UNIFORM, N_MANY, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      FanoutNode *node;
      Use use;

      use_init (&use, settings[i][0], settings[i][1]);
      node = use_node (&use, FALSE);
      feed (&use, node, &stream, 0, stream.n);
      before = use_results (&use, node, 1);
      node = use_through_bytes (&use, node);
      after = use_results (&use, node, 1);
      ck_assert_str_eq (after, before);
      fanout_node_free (node);
      use_clear (&use);
    }
  stream_clear (&stream);
}
END_TEST

/* The most frequent. */

#define CAPACITY 1000
#define K        20

static void
assert_item (const Stream *stream, const guint32 *counts, const char *item, guint64 *least)
{
  guint64 value;
  guint64 count;
  guint64 error;

  ck_assert_int_eq (
      sscanf (item, "[%" G_GINT64_MODIFIER "u,%" G_GINT64_MODIFIER "u,%" G_GINT64_MODIFIER "u]",
              &value, &count, &error),
      3);
  ck_assert_uint_le (error, 2 * stream->n / CAPACITY);
  ck_assert_msg (counts[value] <= count && counts[value] + error >= count,
                 "%s: there are %u of %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT
                 " with an error of %" G_GUINT64_FORMAT,
                 kind_names[stream->kind], counts[value], value, count, error);
  *least = count;
}

static void
assert_top (const Stream *stream, const char *text)
{
  g_autofree guint32 *counts = g_new0 (guint32, INTEGER_MAX);
  g_autofree guint8 *listed = g_new0 (guint8, INTEGER_MAX);
  guint64 n_distinct = 0;
  guint64 least = 0;
  guint64 n_listed = 0;

  for (gsize i = 0; i < stream->n; i++)
    n_distinct += counts[(gsize) stream->values[i]]++ == 0;
  for (const char *item = strchr (text, '[') != NULL ? text + 1 : NULL; item != NULL;
       item = strchr (item + 1, '['), n_listed++)
    {
      assert_item (stream, counts, item, &least);
      listed[g_ascii_strtoull (item + 1, NULL, 10)] = 1;
    }
  ck_assert_uint_eq (n_listed, MIN (n_distinct, K));
  ck_assert_msg ((strchr (text, '(') == NULL) == (n_distinct <= CAPACITY), "%s", text);
  for (gsize i = 0; i < INTEGER_MAX; i++)
    if (counts[i] > least && !listed[i])
      ck_abort_msg ("%s: %" G_GSIZE_FORMAT " is missing", kind_names[stream->kind], i);
}

static void
check_top (Kind kind, gsize n)
{
  Stream stream = make_stream (kind, n, FALSE);
  Use use;

  use_init (&use, "top", "column = x\nas = number\nk = 20\ncapacity = 1000\n");
  for (Way way = WHOLE; way < N_WAYS; way++)
    {
      g_autofree char *text = run (&use, &stream, way);

      assert_top (&stream, text);
    }
  use_clear (&use);
  stream_clear (&stream);
}

START_TEST (test_top)
{
  static const gsize sizes[] = { 0, 1, 2, 1000, N_MIDDLE };

  for (Kind kind = ZIPF; kind < N_KINDS; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      check_top (kind, sizes[i]);
}
END_TEST

START_TEST (test_top_big)
{
  Stream stream = make_stream (ZIPF, N_BIG, FALSE);
  g_autofree char *text = NULL;
  Use use;

  use_init (&use, "top", "column = x\nas = number\nk = 20\ncapacity = 1000\n");
  text = run (&use, &stream, BALANCED);
  assert_top (&stream, text);
  use_clear (&use);
  stream_clear (&stream);
}
END_TEST

/* The rarest cannot be told any more, however the rows came. */
START_TEST (test_least)
{
  Stream stream = make_stream (SORTED, 1001, FALSE);
  FanoutNode *nodes[2];
  Use use;

  use_init (&use, "top", "column = x\nas = number\nleast = true\ncapacity = 1000\n");
  nodes[0] = use_node (&use, FALSE);
  nodes[1] = use_node (&use, FALSE);
  feed (&use, nodes[0], &stream, 0, 1000);
  feed (&use, nodes[1], &stream, 1000, 1);
  ck_assert (!fanout_node_combine (nodes[0], nodes[1], NULL, 0, 1));
  ck_assert_str_eq (nodes[0]->error->message,
                    "more than 1000 different values, so that the rarest cannot be told; raise "
                    "`capacity`");
  fanout_node_free (nodes[0]);
  fanout_node_free (nodes[1]);
  use_clear (&use);
  stream_clear (&stream);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sketches");
  TCase *all = tcase_create ("sketches");
  TCase *many = tcase_create ("many");

  tcase_set_timeout (all, 300);
  tcase_add_test (all, test_quantile);
  tcase_add_test (all, test_quantile_big);
  tcase_add_test (all, test_quantile_exact);
  tcase_add_test (all, test_ranks);
  tcase_add_test (all, test_distinct);
  tcase_add_test (all, test_distinct_big);
  tcase_add_test (all, test_top);
  tcase_add_test (all, test_top_big);
  tcase_add_test (all, test_least);
  suite_add_tcase (suite, all);
  tcase_set_timeout (many, 120);
  tcase_add_test (many, test_many_values);
  suite_add_tcase (suite, many);
  return suite;
}
