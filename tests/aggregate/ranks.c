/* Quantiles and their like stay within what they promise, whatever the stream and the parts. */

#include "tests/aggregate/streams.h"

/* Quantiles. */

static const double ranks[] = { 0, 0.01, 0.25, 0.5, 0.75, 0.99, 1 };

#define QUANTILES "column = x\nq = 0, 0.01, 0.25, 0.5, 0.75, 0.99, 1\n"

/* What the first note says of the error; 0: nothing. */
static double
told_error (const char *text)
{
  const char *note = strstr (text, "at most ");

  return note != NULL ? g_ascii_strtod (note + strlen ("at most "), NULL) / 100 : 0;
}

/* How many of the sorted values are below `x`, or up to it. */
static gsize
count_below (const Stream *stream, double x, gboolean up_to)
{
  gsize first = 0;
  gsize end = stream->n;

  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;

      if (stream->sorted[middle] < x || (up_to && stream->sorted[middle] == x))
        first = middle + 1;
      else
        end = middle;
    }
  return first;
}

/* The number at the rank nearest to (n - 1) q is within the error of `got`: so many are below, and
 * so many are not above, what it may be. */
static void
assert_near_rank (const Stream *stream, double q, double got, double error)
{
  const double ends[] = { got / (1 + error), got / (1 - error) };
  const gsize rank = (gsize) floor ((double) (stream->n - 1) * q + 0.5);
  const gsize below = count_below (stream, fmin (ends[0], ends[1]), FALSE);
  const gsize up_to = count_below (stream, fmax (ends[0], ends[1]), TRUE);

  /* (n - 1) q is a double here, so that halves may go either way. */
  ck_assert_msg (below <= rank + 1 && up_to + 1 > rank,
                 "q = %g of %" G_GSIZE_FORMAT " %s values is %.17g", q, stream->n,
                 kind_names[stream->kind], got);
  ck_assert_double_ge (got, stream->sorted[0]);
  ck_assert_double_le (got, stream->sorted[stream->n - 1]);
}

static void
assert_quantiles (const Stream *stream, const char *text, gboolean exact, double most)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  const double error = told_error (text);

  ck_assert_msg ((error == 0) == exact && error <= most, "%s", text);
  for (gsize i = 0; i < G_N_ELEMENTS (ranks) && stream->n > 0; i++)
    assert_near_rank (stream, ranks[i], g_ascii_strtod (words[i], NULL), error);
}

static void
check_quantiles (Kind kind, gsize n, guint limit, double most)
{
  g_autofree char *settings = g_strdup_printf (QUANTILES "limit = %u\n", limit);
  Stream stream = make_stream (kind, n, TRUE);
  g_autofree char *whole = NULL;
  Use use;

  use_init (&use, "quantile", settings);
  whole = run (&use, &stream, WHOLE);
  assert_quantiles (&stream, whole, count_distinct (&stream) <= limit, most);
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
      check_quantiles (kind, sizes[i], 1000, kind == TIMES ? 2e-6 : 0.008);
}
END_TEST

START_TEST (test_quantile_big)
{
  check_quantiles (LOGNORMAL, N_BIG, N_BIG / 10, 1e-3);
  check_quantiles (TIMES, N_BIG, N_BIG / 10, SLOW ? 2.5e-7 : 1.2e-7);
}
END_TEST

/* A month of times, 12 seconds apart. */
START_TEST (test_month)
{
  static const char *const types[][3]
      = { { "quantile", "column = x\nq = 0, 0.25, 0.5, 0.75, 1\n",
            "1767225600 1767825597 1768425594 1769025591 1769625588" },
          { "iqr", "column = x\n", "1199994" },
          { "mad", "column = x\n", "889560" },
          { "trimmed-mean", "column = x\n", "1768425594" } };
  Stream stream = { .kind = TIMES, .n = 200000 };

  stream.values = g_new (double, stream.n);
  for (gsize i = 0; i < stream.n; i++)
    stream.values[i] = 1767225600 + 12 * (double) i;
  for (gsize t = 0; t < G_N_ELEMENTS (types); t++)
    {
      g_auto (GStrv) want = g_strsplit (types[t][2], " ", -1);
      g_autofree char *text = NULL;
      g_auto (GStrv) words = NULL;
      Use use;

      use_init (&use, types[t][0], types[t][1]);
      text = run (&use, &stream, BALANCED);
      words = g_strsplit (text, " ", -1);
      for (gsize i = 0; want[i] != NULL; i++)
        ck_assert_msg (fabs (g_ascii_strtod (words[i], NULL) - g_ascii_strtod (want[i], NULL))
                           <= (t == 0 ? 60 : 120),
                       "%s: %s", types[t][0], text);
      ck_assert_ptr_nonnull (strstr (text, "; a greater `limit` lowers it"));
      use_clear (&use);
    }
  stream_clear (&stream);
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
number_of (const char *type, const char *settings, const Stream *stream, Way way, double *error)
{
  g_autofree char *all = g_strconcat ("column = x\nlimit = 100\n", settings, NULL);
  g_autofree char *text = NULL;
  Use use;

  use_init (&use, type, all);
  text = run (&use, stream, way);
  use_clear (&use);
  *error = told_error (text);
  ck_assert_double_le (*error, 0.008);
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
  double errors[3];
  const double iqr = number_of ("iqr", "", &stream, way, &errors[0]);
  const double mad = number_of ("mad", "scale = 1\n", &stream, way, &errors[1]);
  const double mean = number_of ("trimmed-mean", "trim = 0.05\n", &stream, way, &errors[2]);
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
  ck_assert_msg (fabs (iqr - (q3 - q1)) <= errors[0] * (fabs (q1) + fabs (q3)), "iqr of %s: %g",
                 kind_names[kind], iqr);
  ck_assert_msg (fabs (mad - deviation) <= errors[1] * (deviation + 2 * fabs (median)),
                 "mad of %s: %g, not %g", kind_names[kind], mad, deviation);
  ck_assert_msg (fabs (mean - sum) <= errors[2] * magnitude + 1e-12 * magnitude,
                 "trimmed-mean of %s: %g, not %g", kind_names[kind], mean, sum);
  stream_clear (&stream);
}

START_TEST (test_ranks)
{
  for (Kind kind = UNIFORM; kind < N_KINDS; kind++)
    check_ranks (kind, kind % 2 == 0 ? RANDOM : BALANCED);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("ranks");
  TCase *all = tcase_create ("ranks");

  tcase_set_timeout (all, 300);
  tcase_add_test (all, test_quantile);
  tcase_add_test (all, test_quantile_big);
  tcase_add_test (all, test_month);
  tcase_add_test (all, test_quantile_exact);
  tcase_add_test (all, test_ranks);
  suite_add_tcase (suite, all);
  return suite;
}
