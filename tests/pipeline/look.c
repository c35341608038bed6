/* A run that is looked at while it goes on. */

#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Rows come through a pipe, so that it is known how many there can be. */
typedef struct
{
  int fd;
  guint64 wanted; /* rows that a look must tell of before more are written */
  _Atomic guint64 seen;
  char *text; /* of the results at that look */
  pthread_mutex_t mutex;
} Watch;

static void
watch (gpointer data, const FanoutLook *look)
{
  const FanoutCounters *counters = look->counters;
  Watch *self = data;

  ck_assert_uint_eq (counters->rows, counters->rows_processed + counters->rows_filtered
                                         + counters->rows_late + counters->rows_skipped);
  ck_assert_uint_eq (counters->n_aggregates, 2);
  ck_assert_uint_eq (fanout_counters_aggregate (counters, 0)->rows, counters->rows_processed);
  pthread_mutex_lock (&self->mutex);
  g_free (self->text);
  self->text = look->result != NULL ? test_text (look->result) : NULL;
  pthread_mutex_unlock (&self->mutex);
  atomic_store (&self->seen, counters->rows);
}

static void *
run (void *pipeline)
{
  return fanout_pipeline_run (pipeline, NULL, NULL);
}

static void
put (int fd, const char *text)
{
  ck_assert_int_eq (write (fd, text, strlen (text)), (gssize) strlen (text));
}

static void
look_at (const char *const *overrides, gpointer data)
{
  static const char ini[] = "[pipeline]\n"
                            "group-by = k\n"
                            "where = v > 0\n"
                            "[source]\n"
                            "type = csv\n"
                            "[aggregate n]\n"
                            "type = count\n"
                            "[aggregate p]\n"
                            "type = quantile\n"
                            "column = v\n"
                            "q = 0.5\n";
  int fds[2];
  ck_assert_int_eq (pipe (fds), 0);
  g_autofree char *path = g_strdup_printf ("source.path=/dev/fd/%d", fds[0]);
  const char *const all[] = { overrides[0], overrides[1], overrides[2], path, NULL };
  (void) data;
  put (fds[1], "k,v\na,1\nb,2\na,0\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, all, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  Watch self = { .fd = fds[1] };
  pthread_mutex_init (&self.mutex, NULL);
  /* Nobody is there to look. */
  ck_assert (!fanout_pipeline_look (pipeline));
  fanout_pipeline_on_look (pipeline, watch, &self);
  pthread_t thread;
  ck_assert_int_eq (pthread_create (&thread, NULL, run, pipeline), 0);
  while (atomic_load (&self.seen) < 3)
    {
      fanout_pipeline_look (pipeline);
      g_usleep (1000);
    }
  pthread_mutex_lock (&self.mutex);
  ck_assert_str_eq (self.text, "a,1,1\nb,1,2\n");
  pthread_mutex_unlock (&self.mutex);
  put (fds[1], "a,3\nc,4\n");
  while (atomic_load (&self.seen) < 5)
    {
      fanout_pipeline_look (pipeline);
      g_usleep (1000);
    }
  pthread_mutex_lock (&self.mutex);
  ck_assert_str_eq (self.text, "a,2,2\nb,1,2\nc,1,4\n");
  pthread_mutex_unlock (&self.mutex);
  put (fds[1], "c,6\n");
  close (fds[1]);
  void *result;
  pthread_join (thread, &result);
  ck_assert (!fanout_pipeline_look (pipeline));
  g_autofree char *text = test_text (result);
  ck_assert_str_eq (text, "a,2,2\nb,1,2\nc,2,5\n");
  fanout_result_free (result);
  close (fds[0]);
  g_free (self.text);
  pthread_mutex_destroy (&self.mutex);
}

START_TEST (test_look)
{
  static const char *const ways[][3]
      = { { "pipeline.strategy=fiber", "pipeline.batch=1", "pipeline.partitions=1" },
          { "pipeline.strategy=fiber", "pipeline.batch=4096", "pipeline.partitions=2" },
          { "pipeline.strategy=threads", "pipeline.batch=7", "pipeline.partitions=1" },
          { "pipeline.strategy=threads", "pipeline.batch=1", "pipeline.partitions=2" },
          { "pipeline.strategy=callback", "pipeline.batch=4096", "pipeline.partitions=1" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    look_at (ways[i], NULL);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("look");
  TCase *cases = tcase_create ("look");

  tcase_set_timeout (cases, 0);
  tcase_add_test (cases, test_look);
  suite_add_tcase (suite, cases);
  return suite;
}
