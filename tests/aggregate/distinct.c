/* Estimates of how many different values there are stay near them. */

#include "tests/aggregate/streams.h"

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
  Stream stream = make_stream (UNIFORM, N_BIG, FALSE);

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

/* What no stream gives: all registers are full. */
START_TEST (test_impossible)
{
  guint8 bytes[4 + (1 << 14)];
  g_autofree char *text = NULL;
  FanoutNode *node;
  Use use;

  memset (bytes, 51, sizeof bytes);
  memset (bytes, 0xff, 4);
  use_init (&use, "distinct", "column = x\n");
  node = use_node (&use, FALSE);
  ck_assert (use.plan.operator_->decode (&node->aggregate, node->states, bytes, sizeof bytes));
  text = use_results (&use, node, 1);
  ck_assert_str_eq (text, "18446744073709551615 (standard error 0.81 %)");
  fanout_node_free (node);
  use_clear (&use);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("distinct");
  TCase *all = tcase_create ("distinct");

  tcase_set_timeout (all, 300);
  tcase_add_test (all, test_distinct);
  tcase_add_test (all, test_distinct_big);
  tcase_add_test (all, test_many_values);
  tcase_add_test (all, test_impossible);
  suite_add_tcase (suite, all);
  return suite;
}
