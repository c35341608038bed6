/* Many aggregates that leave, fail, are dropped, answer later or are loops, at random, and runs
 * that are cancelled or interrupted anywhere: under every strategy and with any number of
 * partitions the outcome is that of rows taken one by one. FANOUT_SEED is the first round to be
 * played, FANOUT_ROUNDS how many are. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <pthread.h>
#ifdef __linux__
#include <sched.h>
#endif
#include <stdlib.h>

#define ROUNDS 150
#define MOST   64

typedef enum
{
  SUM,
  COUNT,
  FAILS,
  UNTIL,
  LOOP_STOPS,
  LOOP_FAILS,
  LATER,
  N_KINDS,
} Kind;

typedef struct
{
  Kind kind;
  guint at; /* the row that matters; beyond the last one: none does */
  gboolean drop;
  const char *from;
} Aggregate;

typedef struct
{
  guint n_rows;
  guint n;
  gboolean sequence; /* one partition alone */
  Aggregate aggregates[MOST];
} Scene;

static guint
below (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

static Scene
make_scene (GRand *random)
{
  static const guint sizes[] = { 0, 1, 40, 3000 };
  static const char *const places[] = { "thread", "context", "at-once" };
  const gboolean sequence = below (random, 3) > 0;
  const gboolean mild = below (random, 2) == 0; /* so that some runs come to their end */
  Scene scene = { .sequence = sequence };
  guint n_late = 0;
  scene.n_rows = sizes[below (random, G_N_ELEMENTS (sizes))];
  scene.n = 1 + below (random, below (random, 2) == 0 ? 4 : MOST);
  for (guint i = 0; i < scene.n; i++)
    {
      Aggregate *aggregate = &scene.aggregates[i];
      aggregate->kind = (Kind) below (random, sequence ? N_KINDS : UNTIL);
      aggregate->at = 1 + below (random, (mild ? 4 : 1) * scene.n_rows + 2);
      aggregate->drop = below (random, 2) == 0 || mild;
      aggregate->from = places[below (random, G_N_ELEMENTS (places))];
      if (aggregate->kind != LATER)
        continue;
      if (n_late++ < 5)
        scene.n_rows = MIN (scene.n_rows, 40);
      else
        aggregate->kind = SUM;
    }
  return scene;
}

static char *
write_ini (const Scene *scene)
{
  GString *ini = g_string_new (NULL);
  g_string_append_printf (ini, "[source]\ntype = range\nstop = %u\n", scene->n_rows);
  for (guint i = 0; i < scene->n; i++)
    {
      static const char *const types[]
          = { "sum", "count", "fails", "until", "loop-sum", "loop-sum", "later-sum" };
      const Aggregate *aggregate = &scene->aggregates[i];
      g_string_append_printf (ini, "[aggregate a%u]\ntype = %s\non-error = %s\n", i,
                              types[aggregate->kind], aggregate->drop ? "drop" : "stop");
      if (aggregate->kind != COUNT)
        g_string_append (ini, "column = value\n");
      if (aggregate->kind == FAILS || aggregate->kind == UNTIL)
        g_string_append_printf (ini, "at = %u\n", aggregate->at);
      else if (aggregate->kind == LOOP_STOPS)
        g_string_append_printf (ini, "stop-after = %u\n", aggregate->at + 1);
      else if (aggregate->kind == LOOP_FAILS)
        g_string_append_printf (ini, "fail-at = %u\n", aggregate->at);
      else if (aggregate->kind == LATER)
        g_string_append_printf (ini, "from = %s\n", aggregate->from);
    }
  return g_string_free (ini, FALSE);
}

static gboolean
can_fail (const Aggregate *aggregate)
{
  return aggregate->kind == FAILS || aggregate->kind == LOOP_FAILS;
}

/* Whether it takes no row after `at`. */
static gboolean
goes (const Scene *scene, const Aggregate *aggregate)
{
  return aggregate->at < scene->n_rows
         && (can_fail (aggregate) || aggregate->kind == UNTIL || aggregate->kind == LOOP_STOPS);
}

static void
append_result (GString *text, const Scene *scene, const Aggregate *aggregate)
{
  const gboolean gone = goes (scene, aggregate);
  const guint64 n = gone ? aggregate->at + 1 : scene->n_rows;
  const guint64 sum = n > 0 ? n * (n - 1) / 2 : 0;
  const gboolean null = gone && can_fail (aggregate);
  if (aggregate->kind == LOOP_STOPS || aggregate->kind == LOOP_FAILS)
    {
      if (null)
        g_string_append (text, ",,");
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%s", sum, n,
                                gone ? "stopped" : "ended");
    }
  else if (aggregate->kind == SUM && n == 0)
    return;
  else if (aggregate->kind == SUM || aggregate->kind == LATER)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, sum);
  else if (!null)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, n);
}

/* The rows and how many were read, or the message. */
static char *
expect (const Scene *scene)
{
  const Aggregate *first = NULL;
  guint rows = 0;
  for (guint i = 0; i < scene->n; i++)
    {
      const Aggregate *aggregate = &scene->aggregates[i];
      rows = MAX (rows, goes (scene, aggregate) ? aggregate->at + 1 : scene->n_rows);
      if (goes (scene, aggregate) && can_fail (aggregate) && !aggregate->drop
          && (first == NULL || aggregate->at < first->at))
        first = aggregate;
    }
  if (first != NULL)
    return g_strdup_printf ("aggregate 'a%u': %s %u", (guint) (first - scene->aggregates),
                            first->kind == FAILS ? "cannot bear" : "met", first->at);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < scene->n; i++)
    {
      append_result (text, scene, &scene->aggregates[i]);
      g_string_append_c (text, i + 1 < scene->n ? ',' : '\n');
    }
  g_string_append_printf (text, "%u rows", rows);
  return g_string_free (text, FALSE);
}

typedef enum
{
  NOBODY,
  CANCELS,
  INTERRUPTS,
  N_HANDS,
} Hand;

/* Somebody who stops the run. */
typedef struct
{
  Hand hand;
  guint after; /* microseconds */
  FanoutPipeline *pipeline;
  GCancellable *cancellable;
} Stopper;

static void *
stop (void *data)
{
  const Stopper *stopper = data;
  g_usleep (stopper->after);
  if (stopper->hand == CANCELS)
    g_cancellable_cancel (stopper->cancellable);
  else if (stopper->hand == INTERRUPTS)
    fanout_pipeline_interrupt (stopper->pipeline);
  return NULL;
}

/* `rows`: how many were read where the run was stopped before it came to its end, else left. */
static char *
outcome (const char *ini, const char *const *overrides, Hand hand, guint after, guint *rows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (GCancellable) cancellable = hand == CANCELS ? g_cancellable_new () : NULL;
  Stopper stopper = { hand, after, pipeline, cancellable };
  pthread_t thread;
  if (hand != NOBODY)
    ck_assert_int_eq (pthread_create (&thread, NULL, stop, &stopper), 0);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, cancellable, &error);
  if (hand != NOBODY)
    pthread_join (thread, NULL);
  if (result == NULL)
    return g_strdup (error->message);
  FanoutCounters counters;
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  if (counters.interrupted)
    *rows = (guint) counters.rows;
  g_autofree char *text = test_text (result);
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT " rows", text, counters.rows);
}

static gboolean
is_right (const Scene *scene, const char *found, Hand hand, guint rows)
{
  Scene read = *scene;
  read.n_rows = rows;
  g_autofree char *wanted = expect (&read);
  return strcmp (found, wanted) == 0
         || (hand == CANCELS && strcmp (found, "Operation was cancelled") == 0);
}

static void
play (const Scene *scene, GRand *random, guint round)
{
  static const guint batches[] = { 1, 2, 7, 64, 1000, 4096 };
  g_autofree char *ini = write_ini (scene);
  g_autofree char *wanted = expect (scene);
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    for (guint partitions = 1; partitions <= (scene->sequence ? 1 : 3); partitions++)
      {
        char *overrides[] = {
          g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]),
          g_strdup_printf ("pipeline.partitions=%u", partitions),
          g_strdup_printf ("pipeline.batch=%u", batches[below (random, G_N_ELEMENTS (batches))]),
          g_strdup_printf ("pipeline.threads=%u", 1 + below (random, 6)),
          NULL,
        };
        /* Partitions that are interrupted have read here and there. */
        const Hand hand = (Hand) below (random, partitions > 1 ? INTERRUPTS : N_HANDS);
        const guint after = below (random, 600);
        guint rows = scene->n_rows;
        g_autofree char *found = outcome (ini, (const char *const *) overrides, hand, after, &rows);
        ck_assert_msg (is_right (scene, found, hand, rows),
                       "round %u with %s %s %s %s, hand %d, %u rows:\n%s\nwanted %s\nfound %s",
                       round, overrides[0], overrides[1], overrides[2], overrides[3], (int) hand,
                       rows, ini, wanted, found);
        for (char **override = overrides; *override != NULL; override++)
          g_free (*override);
      }
}

static guint
number_of (const char *variable, guint otherwise)
{
  const char *text = getenv (variable);
  return text != NULL ? (guint) strtoul (text, NULL, 10) : otherwise;
}

#ifdef __linux__
/* Threads that share a processor, or may have any. */
static void
share_processor (gboolean alone, const cpu_set_t *all)
{
  cpu_set_t one;
  guint first = 0;
  while (!CPU_ISSET (first, all))
    first++;
  CPU_ZERO (&one);
  CPU_SET (first, &one);
  ck_assert_int_eq (sched_setaffinity (0, sizeof one, alone ? &one : all), 0);
}
#endif

START_TEST (as_if_one_by_one)
{
#ifdef __linux__
  cpu_set_t all;
  ck_assert_int_eq (sched_getaffinity (0, sizeof all, &all), 0);
#endif
  const guint first = number_of ("FANOUT_SEED", 0);
  const guint rounds = number_of ("FANOUT_ROUNDS", ROUNDS);
  for (guint round = first; round < first + rounds; round++)
    {
      GRand *random = g_rand_new_with_seed (round);
      Scene scene = make_scene (random);
#ifdef __linux__
      /* So that in every other round those who are called do not come at once. */
      share_processor (round % 2 == 1, &all);
#endif
      play (&scene, random, round);
      g_rand_free (random);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("stress");
  TCase *tests = tcase_create ("stress");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, as_if_one_by_one);
  suite_add_tcase (suite, tests);
  return suite;
}
