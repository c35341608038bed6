/* Runs beside other work: in a GMainContext, on pipes without an end, cancelled and interrupted. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

/* A FIFO that this process holds open: it never ends before it is closed here. */
typedef struct
{
  char *folder;
  char *path;
  int fd;
} Fifo;

static void
fifo_open (Fifo *fifo)
{
  fifo->folder = g_dir_make_tmp ("fanout-async-XXXXXX", NULL);
  fifo->path = g_build_filename (fifo->folder, "fifo", NULL);
  ck_assert_int_eq (mkfifo (fifo->path, 0600), 0);
  fifo->fd = open (fifo->path, O_RDWR | O_CLOEXEC);
  ck_assert_int_ge (fifo->fd, 0);
}

static void
fifo_put (const Fifo *fifo, const char *text)
{
  ck_assert_int_eq ((int) write (fifo->fd, text, strlen (text)), (int) strlen (text));
}

static void
fifo_close (Fifo *fifo)
{
  if (fifo->fd >= 0)
    close (fifo->fd);
  g_unlink (fifo->path);
  g_rmdir (fifo->folder);
  g_free (fifo->path);
  g_free (fifo->folder);
}

/* A run that was begun with run_async, in a context of its own. */
typedef struct
{
  FanoutPipeline *pipeline;
  GCancellable *cancellable;
  char *text; /* rows, or what went wrong; NULL: it goes on */
} Run;

static void
done (GObject *source, GAsyncResult *result, gpointer data)
{
  (void) source;
  Run *run = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) table = fanout_pipeline_run_finish (run->pipeline, result, &error);
  run->text = table != NULL ? test_text (table) : g_strdup_printf ("error: %s", error->message);
}

static void run_start (Run *run, const char *strategy, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
run_start (Run *run, const char *strategy, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *ini = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *override = g_strdup_printf ("pipeline.strategy=%s", strategy);
  g_autoptr (GError) error = NULL;
  run->text = NULL;
  run->cancellable = g_cancellable_new ();
  run->pipeline = test_pipeline (ini, (const char *const[]){ override, NULL }, &error);
  ck_assert_msg (run->pipeline != NULL, "%s", error != NULL ? error->message : "");
  fanout_pipeline_run_async (run->pipeline, run->cancellable, done, run);
}

static void
run_clear (Run *run)
{
  fanout_pipeline_free (run->pipeline);
  g_object_unref (run->cancellable);
  g_free (run->text);
}

static guint64
rows_of (const Run *run)
{
  FanoutCounters counters;
  fanout_pipeline_counters (run->pipeline, &counters, sizeof counters);
  return counters.rows;
}

/* What goes on in other threads does not wake the context. */
static void
iterate (void)
{
  if (!g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    g_thread_yield ();
}

static void
run_until (const Run *run, guint64 rows)
{
  while (rows_of (run) < rows && run->text == NULL)
    iterate ();
  ck_assert_msg (run->text == NULL, "ended before %u rows: %s", (guint) rows, run->text);
}

static const char *
run_end (const Run *run)
{
  while (run->text == NULL)
    iterate ();
  return run->text;
}

static GMainContext *context;

static void
set_up (void)
{
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
}

static void
tear_down (void)
{
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

#define LINES     "[source]\ntype = lines\npath = %s\n"
#define SUM       "[aggregate s]\ntype = sum\ncolumn = line\n"
#define COUNT     "[aggregate n]\ntype = count\n"
#define CANCELLED "error: Operation was cancelled"

/* Each waits for the bytes of its own pipe, and neither keeps the other from going on. */
START_TEST (two_pipes_in_turn)
{
  const char *strategy = test_strategies[_i];
  Fifo fifos[2];
  Run runs[2];
  for (int i = 0; i < 2; i++)
    {
      fifo_open (&fifos[i]);
      run_start (&runs[i], strategy, LINES SUM COUNT, fifos[i].path);
    }
  for (guint64 row = 1; row <= 50; row++)
    for (int i = 0; i < 2; i++)
      {
        fifo_put (&fifos[i], i == 0 ? "1\n" : "0.5\n");
        run_until (&runs[i], row);
        ck_assert_uint_eq (rows_of (&runs[1 - i]), i == 0 ? row - 1 : row);
      }
  for (int i = 0; i < 2; i++)
    {
      close (fifos[i].fd);
      fifos[i].fd = -1;
    }
  ck_assert_str_eq (run_end (&runs[0]), "50,50\n");
  ck_assert_str_eq (run_end (&runs[1]), "25,50\n");
  for (int i = 0; i < 2; i++)
    {
      run_clear (&runs[i]);
      fifo_close (&fifos[i]);
    }
}
END_TEST

/* A long run leaves the loop to others, and they to it. */
START_TEST (beside_other_work)
{
  Fifo fifo;
  Run busy, waiting;
  fifo_open (&fifo);
  run_start (&busy, "callback", "[source]\ntype = range\nstop = 1000000000000000\n" COUNT);
  run_start (&waiting, "callback", LINES COUNT, fifo.path);
  for (guint64 row = 1; row <= 5; row++)
    {
      guint64 before = rows_of (&busy);
      fifo_put (&fifo, "x\n");
      run_until (&waiting, row);
      run_until (&busy, before + 1);
    }
  close (fifo.fd);
  fifo.fd = -1;
  ck_assert_str_eq (run_end (&waiting), "5\n");
  g_cancellable_cancel (busy.cancellable);
  ck_assert_str_eq (run_end (&busy), CANCELLED);
  run_clear (&busy);
  run_clear (&waiting);
  fifo_close (&fifo);
}
END_TEST

START_TEST (cancelled_before)
{
  GCancellable *cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[_i]);
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (
      "[source]\ntype = range\nstop = 10\n" COUNT, (const char *const[]){ strategy, NULL }, &error);
  g_cancellable_cancel (cancellable);
  ck_assert_ptr_null (fanout_pipeline_run (pipeline, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_object_unref (cancellable);
  /* The next run is another one. */
  g_clear_error (&error);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_ptr_nonnull (result);
}
END_TEST

START_TEST (cancelled_while_it_runs)
{
  Run run;
  run_start (&run, test_strategies[_i],
             "[source]\ntype = range\nstop = 1000000000000000\n" COUNT
             "[aggregate l]\ntype = loop-sum\ncolumn = value\n");
  run_until (&run, 1);
  g_cancellable_cancel (run.cancellable);
  ck_assert_str_eq (run_end (&run), CANCELLED);
  run_clear (&run);
}
END_TEST

START_TEST (cancelled_while_a_pipe_is_silent)
{
  Fifo fifo;
  Run run;
  fifo_open (&fifo);
  run_start (&run, test_strategies[_i], LINES SUM "[aggregate l]\ntype = loop-sum\ncolumn = line\n",
             fifo.path);
  fifo_put (&fifo, "1\n2\n");
  run_until (&run, 2);
  g_cancellable_cancel (run.cancellable);
  ck_assert_str_eq (run_end (&run), CANCELLED);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

START_TEST (interrupted_while_a_pipe_is_silent)
{
  Fifo fifo;
  Run run;
  fifo_open (&fifo);
  run_start (&run, test_strategies[_i], LINES SUM COUNT, fifo.path);
  fifo_put (&fifo, "1\n2\n");
  run_until (&run, 2);
  fanout_pipeline_interrupt (run.pipeline);
  ck_assert_str_eq (run_end (&run), "3,2\n");
  FanoutCounters counters;
  fanout_pipeline_counters (run.pipeline, &counters, sizeof counters);
  ck_assert_int_eq (counters.interrupted, TRUE);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

static gpointer
cancel_at_two_rows (gpointer data)
{
  Run *run = data;
  while (rows_of (run) < 2)
    g_thread_yield ();
  g_cancellable_cancel (run->cancellable);
  return NULL;
}

/* The same in a run that blocks its thread. */
START_TEST (cancelled_from_another_thread)
{
  Fifo fifo;
  Run run = { .cancellable = g_cancellable_new () };
  g_autoptr (GError) error = NULL;
  fifo_open (&fifo);
  g_autofree char *ini = g_strdup_printf (LINES SUM, fifo.path);
  g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[_i % 3]);
  g_autofree char *partitions = g_strdup_printf ("pipeline.partitions=%d", 1 + _i / 3);
  run.pipeline = test_pipeline (ini, (const char *const[]){ strategy, partitions, NULL }, &error);
  fifo_put (&fifo, "1\n2\n");
  pthread_t thread;
  ck_assert_int_eq (pthread_create (&thread, NULL, cancel_at_two_rows, &run), 0);
  ck_assert_ptr_null (fanout_pipeline_run (run.pipeline, run.cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  pthread_join (thread, NULL);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

#define LATER                                                                                      \
  "[source]\ntype = range\nstop = 10\n[aggregate a]\ntype = later-sum\ncolumn = value\n"           \
  "from = fd\nfd = %d\n" COUNT

/* What an operator works on stays as it is until it says that it is done, cancelled or not. */
START_TEST (cancelled_while_an_operator_is_at_it)
{
  int fds[2];
  Run run;
  ck_assert_int_eq (pipe (fds), 0);
  run_start (&run, test_strategies[_i], LATER, fds[0]);
  run_until (&run, 10);
  g_cancellable_cancel (run.cancellable);
  for (int i = 0; i < 100; i++)
    iterate ();
  ck_assert_ptr_null (run.text);
  ck_assert_int_eq ((int) write (fds[1], "x", 1), 1);
  ck_assert_str_eq (run_end (&run), CANCELLED);
  run_clear (&run);
  close (fds[0]);
  close (fds[1]);
}
END_TEST

/* A pipe takes less than four batches: the program is waited for, which reads nothing. */
START_TEST (cancelled_while_a_program_reads_nothing)
{
  Run run;
  run_start (&run, test_strategies[_i],
             "[source]\ntype = range\nstop = 1000000000\n[aggregate e]\ntype = exec\n"
             "column = value\ncommand = exec sleep 1000\ntimeout = 0s\n" COUNT);
  run_until (&run, 4 * 4096);
  g_cancellable_cancel (run.cancellable);
  ck_assert_str_eq (run_end (&run), CANCELLED);
  run_clear (&run);
}
END_TEST

START_TEST (interrupted_while_an_operator_is_at_it)
{
  int fds[2];
  Run run;
  ck_assert_int_eq (pipe (fds), 0);
  run_start (&run, test_strategies[_i], LATER, fds[0]);
  run_until (&run, 10);
  fanout_pipeline_interrupt (run.pipeline);
  ck_assert_int_eq ((int) write (fds[1], "x", 1), 1);
  ck_assert_str_eq (run_end (&run), "45,10\n");
  /* Nothing was left unread. */
  FanoutCounters counters;
  fanout_pipeline_counters (run.pipeline, &counters, sizeof counters);
  ck_assert_int_eq (counters.interrupted, FALSE);
  run_clear (&run);
  close (fds[0]);
  close (fds[1]);
}
END_TEST

/* An acknowledgement may say more than "taken". */
START_TEST (later_answers)
{
  static const char *const places[] = { "context", "thread", "at-once" };
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      static const struct
      {
        const char *more;
        const char *wanted;
      } cases[] = {
        { "answer = enough\n", "21,100\n" },
        { "answer = failed\n", "error: aggregate 'a': thought better of it" },
        { "answer = failed\non-error = drop\n", ",100\n" },
      };
      for (gsize c = 0; c < G_N_ELEMENTS (cases); c++)
        {
          Run run;
          run_start (&run, test_strategies[_i],
                     "[pipeline]\nbatch = 7\n[source]\ntype = range\nstop = 100\n"
                     "[aggregate a]\ntype = later-sum\ncolumn = value\nfrom = %s\n%s" COUNT,
                     places[i], cases[c].more);
          ck_assert_str_eq (run_end (&run), cases[c].wanted);
          run_clear (&run);
        }
    }
}
END_TEST

/* Nobody could acknowledge, so nobody waits. */
START_TEST (later_without_a_ticket)
{
  Run run;
  run_start (&run, test_strategies[_i],
             "[source]\ntype = range\nstop = 10\n"
             "[aggregate a]\ntype = later-sum\ncolumn = value\nfrom = never\n" COUNT);
  ck_assert_str_eq (run_end (&run), "error: aggregate 'a': operator 'later-sum' answered later, "
                                    "but took no ticket");
  run_clear (&run);
}
END_TEST

/* A pipe that never ends is left when all have had enough of it. */
START_TEST (enough_of_an_endless_pipe)
{
  Fifo fifo;
  Run run;
  fifo_open (&fifo);
  run_start (&run, test_strategies[_i],
             LINES "[aggregate a]\ntype = until\ncolumn = line\nat = 2\n"
                   "[aggregate b]\ntype = until\ncolumn = line\nat = 3\n",
             fifo.path);
  fifo_put (&fifo, "1\n2\n");
  run_until (&run, 2);
  fifo_put (&fifo, "3\n4\n");
  ck_assert_str_eq (run_end (&run), "2,3\n");
  ck_assert_uint_eq (rows_of (&run), 3);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

/* A failure ends the run at once, though the pipe stays open. */
START_TEST (failure_on_an_endless_pipe)
{
  Fifo fifo;
  Run run;
  fifo_open (&fifo);
  run_start (&run, test_strategies[_i % 3],
             "[pipeline]\npartitions = %d\n" LINES
             "[aggregate a]\ntype = fails\ncolumn = line\nat = 2\n" COUNT,
             1 + _i / 3, fifo.path);
  fifo_put (&fifo, "1\n2\n");
  g_autofree char *wanted
      = g_strdup_printf ("error: %s:2: aggregate 'a': cannot bear 2", fifo.path);
  ck_assert_str_eq (run_end (&run), wanted);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

static void
note_error (GObject *source, GAsyncResult *result, gpointer data)
{
  (void) source;
  GError **error = data;
  ck_assert_ptr_null (g_task_propagate_pointer (G_TASK (result), error));
}

START_TEST (one_run_at_a_time)
{
  Fifo fifo;
  Run run;
  g_autoptr (GError) error = NULL;
  fifo_open (&fifo);
  run_start (&run, test_strategies[_i], LINES COUNT, fifo.path);
  fifo_put (&fifo, "x\n");
  run_until (&run, 1);
  ck_assert_ptr_null (fanout_pipeline_run (run.pipeline, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING));
  g_clear_error (&error);
  fanout_pipeline_run_async (run.pipeline, NULL, note_error, &error);
  while (error == NULL)
    iterate ();
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING));
  g_cancellable_cancel (run.cancellable);
  ck_assert_str_eq (run_end (&run), CANCELLED);
  run_clear (&run);
  fifo_close (&fifo);
}
END_TEST

/* Feeds lines to a pipe for as long as somebody reads them. */
typedef struct
{
  const Fifo *fifo;
  _Atomic gboolean enough;
} Feeder;

static gpointer
feed (gpointer data)
{
  Feeder *feeder = data;
  int fd = open (feeder->fifo->path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  while (!atomic_load (&feeder->enough))
    if (write (fd, "1\n2\n3\n", 6) < 0)
      g_thread_yield ();
  close (fd);
  return NULL;
}

/* Stopped at any moment, in either way, with any number of partitions. */
START_TEST (stopped_at_any_moment)
{
  for (guint round = 0; round < 12; round++)
    {
      gboolean cancels = round % 2 == 0;
      Fifo fifo;
      Run run;
      fifo_open (&fifo);
      Feeder feeder = { .fifo = &fifo };
      pthread_t thread;
      ck_assert_int_eq (pthread_create (&thread, NULL, feed, &feeder), 0);
      run_start (&run, test_strategies[_i],
                 "[pipeline]\npartitions = %u\nbatch = %u\n" LINES SUM COUNT, 1 + round % 3,
                 round % 4 == 0 ? 100 : 1000, fifo.path);
      run_until (&run, 1 + round * 97);
      if (cancels)
        g_cancellable_cancel (run.cancellable);
      else
        fanout_pipeline_interrupt (run.pipeline);
      run_end (&run);
      atomic_store (&feeder.enough, TRUE);
      pthread_join (thread, NULL);
      guint64 sum, n;
      if (cancels)
        ck_assert_str_eq (run.text, CANCELLED);
      else
        {
          ck_assert_int_eq (sscanf (run.text, "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT, &sum, &n),
                            2);
          ck_assert_uint_eq (n, rows_of (&run));
          ck_assert_uint_eq (sum, n / 3 * 6 + (n % 3 == 0 ? 0 : n % 3 == 1 ? 1 : 3));
        }
      run_clear (&run);
      fifo_close (&fifo);
    }
}
END_TEST

/* Whatever became of the runs before, and with their results still there. */
START_TEST (runs_again_from_a_file)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-async-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.csv", NULL);
  g_autofree char *ini
      = g_strdup_printf ("[pipeline]\ngroup-by = k\n[source]\ntype = csv\npath = %s\n"
                         "[aggregate s]\ntype = sum\ncolumn = x\n",
                         path);
  g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[_i]);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  ck_assert (g_file_set_contents (path, "k,x\na,1\nb,2\na,3\n", -1, NULL));
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline (ini, (const char *const[]){ strategy, NULL }, &error);
  g_cancellable_cancel (cancellable);
  ck_assert_ptr_null (fanout_pipeline_run (pipeline, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  ck_assert (g_file_set_contents (path, "k,x\na,1\nb,wrong\n", -1, NULL));
  ck_assert_ptr_null (fanout_pipeline_run (pipeline, NULL, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_DATA));
  g_clear_error (&error);
  /* The columns are found by name once more. */
  ck_assert (g_file_set_contents (path, "x,k\n1,a\n2,b\n3,a\n", -1, NULL));
  g_autoptr (FanoutResult) first = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert (g_file_set_contents (path, "k,x\nc,9\n", -1, NULL));
  g_autoptr (FanoutResult) second = fanout_pipeline_run (pipeline, NULL, &error);
  g_autofree char *later = test_text (second);
  g_autofree char *before = test_text (first);
  ck_assert_str_eq (before, "a,4\nb,2\n");
  ck_assert_str_eq (later, "c,9\n");
  g_unlink (path);
  ck_assert_ptr_null (fanout_pipeline_run (pipeline, NULL, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_INPUT));
  g_rmdir (folder);
}
END_TEST

static gpointer
run_alone (gpointer data)
{
  (void) data;
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *text = test_run ("[source]\ntype = range\nstop = 1000\n"
                                        "[aggregate s]\ntype = sum\ncolumn = value\n",
                                        NULL);
      if (strcmp (text, "499500\n") != 0)
        return text;
    }
  return NULL;
}

/* Pipelines share the plugins, and nothing else. */
START_TEST (pipelines_in_threads)
{
  pthread_t threads[3];
  test_registry ();
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, run_alone, NULL), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      gpointer wrong;
      pthread_join (threads[i], &wrong);
      ck_assert_ptr_null (wrong);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("async");
  TCase *tests = tcase_create ("async");
  int n = G_N_ELEMENTS (test_strategies);
  tcase_set_timeout (tests, 0);
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_loop_test (tests, two_pipes_in_turn, 0, n);
  tcase_add_test (tests, beside_other_work);
  tcase_add_loop_test (tests, cancelled_before, 0, n);
  tcase_add_loop_test (tests, cancelled_while_it_runs, 0, n);
  tcase_add_loop_test (tests, cancelled_while_a_pipe_is_silent, 0, n);
  tcase_add_loop_test (tests, interrupted_while_a_pipe_is_silent, 0, n);
  tcase_add_loop_test (tests, cancelled_from_another_thread, 0, 2 * n);
  tcase_add_loop_test (tests, cancelled_while_an_operator_is_at_it, 0, n);
  tcase_add_loop_test (tests, cancelled_while_a_program_reads_nothing, 0, n);
  tcase_add_loop_test (tests, interrupted_while_an_operator_is_at_it, 0, n);
  tcase_add_loop_test (tests, later_answers, 0, n);
  tcase_add_loop_test (tests, later_without_a_ticket, 0, n);
  tcase_add_loop_test (tests, enough_of_an_endless_pipe, 0, n);
  tcase_add_loop_test (tests, failure_on_an_endless_pipe, 0, 2 * n);
  tcase_add_loop_test (tests, one_run_at_a_time, 0, n);
  tcase_add_loop_test (tests, stopped_at_any_moment, 0, n);
  tcase_add_loop_test (tests, runs_again_from_a_file, 0, n);
  tcase_add_test (tests, pipelines_in_threads);
  suite_add_tcase (suite, tests);
  return suite;
}
