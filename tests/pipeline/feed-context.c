/* Rows that the program puts in while others answer later. */

#include "tests/support/put.h"
#include "tests/support/suite.h"

/* In a main context, beside other work: a program that never waits, and operators that answer
 * later, from that context. */
typedef struct
{
  FanoutFeeder *feeder;
  GSource *ready;
  GMainLoop *loop;
  guint next;
  guint n_would_block;
  guint n_other;
  char *text;
} Feeding;

static gboolean
is_would_block (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static gboolean
feed_some (gpointer data)
{
  Feeding *feeding = data;
  g_autoptr (GError) error = NULL;

  while (feeding->next < 50)
    {
      const FanoutCell cell = decimal (feeding->next + 1, 0);

      if (fanout_feed_row (feeding->feeder, &cell, 1, &error))
        feeding->next++;
      else
        {
          ck_assert_msg (is_would_block (error), "%s", error->message);
          feeding->n_would_block++;
          return G_SOURCE_CONTINUE;
        }
    }
  {
    g_autoptr (FanoutResult) result = fanout_feed_end (feeding->feeder, &error);

    if (result == NULL)
      {
        ck_assert_msg (is_would_block (error), "%s", error->message);
        return G_SOURCE_CONTINUE;
      }
    feeding->text = test_text (result);
  }
  g_main_loop_quit (feeding->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
do_other_work (gpointer data)
{
  ((Feeding *) data)->n_other++;
  return G_SOURCE_CONTINUE;
}

#define LATER                                                                                      \
  "[aggregate s]\ntype = later-sum\ncolumn = x\nfrom = %s\n[aggregate n]\ntype = count\n"

static void
run_in_context (const char *strategy, const char *from)
{
  g_autofree char *ini = g_strdup_printf (LATER, from);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategy, 3, ini, only_x);
  g_autoptr (GSource) other = g_idle_source_new ();
  Feeding feeding = { .loop = g_main_loop_new (context, FALSE) };

  g_main_context_push_thread_default (context);
  feeding.feeder = fanout_feed_begin (pipeline, context, NULL, NULL);
  ck_assert_ptr_nonnull (feeding.feeder);
  feeding.ready = fanout_feed_source_new (feeding.feeder);
  g_source_set_callback (feeding.ready, feed_some, &feeding, NULL);
  g_source_attach (feeding.ready, context);
  g_source_set_callback (other, do_other_work, &feeding, NULL);
  g_source_attach (other, context);
  g_main_loop_run (feeding.loop);
  g_source_destroy (feeding.ready);
  g_source_unref (feeding.ready);
  g_source_destroy (other);
  fanout_feeder_free (feeding.feeder);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (feeding.loop);
  ck_assert_str_eq (feeding.text, "1275,50\n");
  /* An acknowledgement from this very context cannot come while it is kept busy. */
  if (strcmp (strategy, "threads") != 0 && strcmp (from, "context") == 0)
    ck_assert_uint_gt (feeding.n_would_block, 10);
  g_free (feeding.text);
}

static const char *const places[] = { "context", "thread", "at-once" };

START_TEST (test_main_context)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize p = 0; p < G_N_ELEMENTS (places); p++)
      run_in_context (strategies[s], places[p]);
}
END_TEST

/* The same operator, waited for. */
START_TEST (test_later)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize p = 0; p < G_N_ELEMENTS (places); p++)
      {
        g_autofree char *ini = g_strdup_printf (LATER, places[p]);
        g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 3, ini, only_x);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autofree char *text = NULL;

        for (guint i = 1; i <= 50; i++)
          {
            const FanoutCell cell = decimal (i, 0);

            put (feeder, &cell, 1);
          }
        text = end (feeder);
        ck_assert_str_eq (text, "1275,50\n");
      }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("feed-context");
  TCase *tests = tcase_create ("feed-context");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_main_context);
  tcase_add_test (tests, test_later);
  suite_add_tcase (suite, tests);
  return suite;
}
