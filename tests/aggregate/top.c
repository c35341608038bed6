/* The most frequent values beyond what can be kept of them. */

#include "tests/aggregate/streams.h"

/* The most frequent. */

#define CAPACITY 1000
#define K        20

static void
assert_item (const Stream *stream, const guint32 *counts, const char *item, guint64 want_error,
             guint64 *least)
{
  guint64 value;
  guint64 count;
  guint64 error;

  ck_assert_int_eq (
      sscanf (item, "[%" G_GINT64_MODIFIER "u,%" G_GINT64_MODIFIER "u,%" G_GINT64_MODIFIER "u]",
              &value, &count, &error),
      3);
  ck_assert_uint_eq (error, want_error);
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
  guint64 want_error;

  for (gsize i = 0; i < stream->n; i++)
    n_distinct += counts[(gsize) stream->values[i]]++ == 0;
  want_error = n_distinct > CAPACITY ? 2 * stream->n / CAPACITY : 0;
  for (const char *item = strncmp (text, "[[", 2) == 0 ? text + 1 : NULL; item != NULL;
       item = strchr (item + 1, '['), n_listed++)
    {
      assert_item (stream, counts, item, want_error, &least);
      listed[g_ascii_strtoull (item + 1, NULL, 10)] = 1;
    }
  if (want_error == 0)
    ck_assert_uint_eq (n_listed, MIN (n_distinct, K));
  else if (n_listed < K)
    least = 2 * want_error;
  ck_assert_msg ((strchr (text, '(') == NULL) == (n_distinct <= CAPACITY), "%s", text);
  for (gsize i = 0; i < INTEGER_MAX; i++)
    if (counts[i] > least && !listed[i])
      ck_abort_msg ("%s: %" G_GSIZE_FORMAT " is missing", kind_names[stream->kind], i);
}

static void
check_top (Kind kind, gsize n)
{
  Stream stream = make_stream (kind, n, FALSE);
  g_autofree char *whole = NULL;
  Use use;

  use_init (&use, "top", "column = x\nas = number\nk = 20\ncapacity = 1000\n");
  whole = run (&use, &stream, WHOLE);
  assert_top (&stream, whole);
  for (Way way = CHAINED; way < N_WAYS; way++)
    {
      g_autofree char *text = run (&use, &stream, way);

      ck_assert_str_eq (text, whole);
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
  Suite *suite = suite_create ("top");
  TCase *all = tcase_create ("top");

  tcase_set_timeout (all, 300);
  tcase_add_test (all, test_top);
  tcase_add_test (all, test_top_big);
  tcase_add_test (all, test_least);
  suite_add_tcase (suite, all);
  return suite;
}
