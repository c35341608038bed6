#pragma once

/** Pipelines whose rows the test puts in. */

#include "tests/support/run.h"

#include <fanout/feed.h>

static const char *const strategies[] G_GNUC_UNUSED = { "fiber", "threads", "callback" };
static const char *const city_price[] G_GNUC_UNUSED = { "city", "price", NULL };
static const char *const only_x[] G_GNUC_UNUSED = { "x", NULL };

static inline GKeyFile *
key_file (const char *ini)
{
  GKeyFile *file = g_key_file_new ();

  ck_assert (g_key_file_load_from_data (file, ini, (gsize) -1, G_KEY_FILE_NONE, NULL));
  return file;
}

/* `ini` without [source]; NULL with `error`. */
static inline FanoutPipeline *
try_pipeline (const char *strategy, guint batch, const char *ini, const char *const *columns,
              GError **error)
{
  g_autoptr (GKeyFile) file = key_file (ini);

  g_key_file_set_string (file, "pipeline", "strategy", strategy);
  g_key_file_set_integer (file, "pipeline", "batch", (gint) batch);
  return fanout_pipeline_new_feed_from_key_file (test_registry (), file, "/", columns, error);
}

static inline FanoutPipeline *
make_pipeline (const char *strategy, guint batch, const char *ini, const char *const *columns)
{
  g_autoptr (GError) error = NULL;
  FanoutPipeline *pipeline = try_pipeline (strategy, batch, ini, columns, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  return pipeline;
}

static inline FanoutFeeder *
begin (FanoutPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;
  FanoutFeeder *feeder = fanout_feed_begin (pipeline, NULL, NULL, &error);

  ck_assert_msg (feeder != NULL, "%s", error != NULL ? error->message : "");
  return feeder;
}

static inline void
put (FanoutFeeder *feeder, const FanoutCell *cells, guint n)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (fanout_feed_row (feeder, cells, n, &error), "%s",
                 error != NULL ? error->message : "");
}

static inline void
put_pair (FanoutFeeder *feeder, const char *city, FanoutCell price)
{
  const FanoutCell cells[]
      = { city != NULL ? fanout_cell_text (city, -1) : fanout_cell_null (), price };

  put (feeder, cells, 2);
}

static inline FanoutCell
decimal (gint64 mantissa, guint8 scale)
{
  return fanout_cell_number (fanout_number_decimal (mantissa, scale));
}

static inline FanoutCell
real (double value)
{
  return fanout_cell_number (fanout_number_double (value));
}

/* The rows of the result, or "error: " and what went wrong. */
static inline char *
end (FanoutFeeder *feeder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) result = fanout_feed_end (feeder, &error);

  ck_assert ((result == NULL) == (error != NULL));
  return result != NULL ? test_text (result) : g_strdup_printf ("error: %s", error->message);
}

/** For rows of a city and a price. */
#define TALLY                                                                                      \
  "[pipeline]\ngroup-by = city\n"                                                                  \
  "[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = price\n"                   \
  "[aggregate last]\ntype = last\ncolumn = price\n[output]\nsort = city\n"
