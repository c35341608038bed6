#pragma once

/** Running pipelines from a text, for tests. */

#include "core/pipeline/pipeline.h"

#include <check.h>
#include <fanout/fanout.h>
#include <string.h>

/** The plugins of the build and those of the tests. Made once, never freed before the end. */
static inline FanoutRegistry *
test_registry (void)
{
  static FanoutRegistry *registry;
  if (registry == NULL)
    {
      g_autofree char *own
          = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "tests", "plugins", NULL);
      g_autofree char *all = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
      registry = fanout_registry_new ((const char *const[]){ own, all, NULL });
    }
  return registry;
}

static inline FanoutPipeline *
test_pipeline (const char *ini, const char *const *overrides, GError **error)
{
  FanoutErrors errors;
  FanoutConfig *config;
  FanoutPipeline *pipeline;
  fanout_errors_init (&errors);
  config
      = fanout_config_parse (ini, strlen (ini), "test.ini", g_get_tmp_dir (), overrides, &errors);
  pipeline = fanout_pipeline_new_from_config (test_registry (), config, "test.ini", NULL, &errors,
                                              error);
  fanout_errors_clear (&errors);
  return pipeline;
}

/** The rows of a result as text: cells with commas, rows with line feeds. */
static inline char *
test_text (FanoutResult *result)
{
  const FanoutLayout *layout = fanout_result_layout (result);
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  const FanoutRows *rows;
  while ((rows = fanout_result_next (result, &error)) != NULL)
    for (gsize i = 0; i < rows->n_rows; i++)
      for (guint c = 0; c < layout->n_columns; c++)
        {
          fanout_value_append (text, fanout_rows_value (rows, i, c));
          g_string_append_c (text, c + 1 < layout->n_columns ? ',' : '\n');
        }
  ck_assert_msg (error == NULL, "%s", error != NULL ? error->message : "");
  return g_string_free (text, FALSE);
}

/** Run it; the rows, or the error's message behind "error: ". */
static inline char *
test_run (const char *ini, const char *const *overrides)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);
  g_autoptr (FanoutResult) result
      = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;
  return result != NULL ? test_text (result) : g_strdup_printf ("error: %s", error->message);
}

static const char *const test_strategies[] = { "fiber", "threads", "callback" };
static const guint test_batches[] = { 1, 2, 7, 4096 };

/** Call `body` with overrides for every strategy, batch and number of partitions up to
 * `partitions`. */
static inline void
test_every_way (guint partitions, void (*body) (const char *const *overrides, gpointer data),
                gpointer data)
{
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    for (gsize b = 0; b < G_N_ELEMENTS (test_batches); b++)
      for (guint p = 1; p <= partitions; p++)
        {
          g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
          g_autofree char *batch = g_strdup_printf ("pipeline.batch=%u", test_batches[b]);
          g_autofree char *passes = g_strdup_printf ("pipeline.partitions=%u", p);
          const char *const overrides[] = { strategy, batch, passes, NULL };
          body (overrides, data);
        }
}

typedef struct
{
  const char *ini;
  const char *wanted;
} TestCase;

static inline void
test_check_case (const char *const *overrides, gpointer data)
{
  const TestCase *test = data;
  g_autofree char *found = test_run (test->ini, overrides);
  ck_assert_msg (strcmp (found, test->wanted) == 0, "with %s %s %s:\nwanted %s\nfound %s",
                 overrides[0], overrides[1], overrides[2], test->wanted, found);
}

/** The rows, or what test_run() says, in every way. */
static inline void
test_everywhere (guint partitions, const char *ini, const char *wanted)
{
  TestCase test = { ini, wanted };
  test_every_way (partitions, test_check_case, &test);
}
