#include "tests/fuzz/stream.h"
#include "core/partial/partial.h"
#include "core/pipeline/pipeline.h"
#include "core/plugin/registry.h"

#include <string.h>

/* Before the columns that no row has: what parts do not know of each other. */
#define LIMIT ": more than "
#define NEVER "never "

/* A longer stream finds nothing that a short one does not, and takes longer. */
#define LENGTH_MAX 20000
#define PARTS_MAX  3

static const char *
pick_column (FuzzInput *in, const char *const *columns)
{
  return columns[fuzz_below (in, g_strv_length ((char **) columns))];
}

static void
append_value (FuzzInput *in, GString *ini, const FanoutOption *option, const char *const *columns)
{
  static const char *const numbers[]
      = { "0.5", "1", "0", "-1.5", "100", "2", "0.12345678901234567890", "18446744073709551615" };
  static const char *const lists[]
      = { "0.5",     "0, 0.25, 1", "0.1, 0.9",
          "1, 2, 3", "-1, 0, 1e3", "0, 0.12345678901234567890, 18446744073709551615" };

  switch (option->type)
    {
    case FANOUT_OPTION_BOOLEAN:
      g_string_append (ini, "true");
      break;
    case FANOUT_OPTION_COUNT:
    case FANOUT_OPTION_INTEGER:
      g_string_append_printf (ini, "%u", fuzz_below (in, 10));
      break;
    case FANOUT_OPTION_NUMBER:
      g_string_append (ini, fuzz_pick (in, numbers));
      break;
    case FANOUT_OPTION_NUMBERS:
      g_string_append (ini, fuzz_pick (in, lists));
      break;
    case FANOUT_OPTION_BYTES:
      g_string_append_printf (ini, "%u", 1 + fuzz_below (in, 64));
      break;
    case FANOUT_OPTION_TIME:
      g_string_append (ini, "1h");
      break;
    case FANOUT_OPTION_CHOICE:
      g_string_append (ini, pick_column (in, option->choices));
      break;
    case FANOUT_OPTION_COLUMN:
      g_string_append (ini, pick_column (in, columns));
      break;
    case FANOUT_OPTION_COLUMNS:
      g_string_append_printf (ini, "%s, ", pick_column (in, columns));
      g_string_append (ini, pick_column (in, columns));
      break;
    default:
      g_string_append (ini, option->example != NULL ? option->example : "x");
      break;
    }
}

void
fuzz_append_aggregate (FuzzInput *in, GString *ini, guint number, const char *const *columns)
{
  const char *const *names = fanout_registry_names (fuzz_registry (), FANOUT_KIND_OPERATOR);
  const char *name = pick_column (in, names);
  const FanoutOperator *operator_;
  guint optional = (guint) fuzz_word (in, 2);

  /* What others do is no matter of ours. */
  if (strcmp (name, "exec") == 0)
    name = "sum";
  operator_ = fanout_registry_operator (fuzz_registry (), name, NULL);
  g_string_append_printf (ini, "[aggregate a%u]\ntype = %s\n", number, name);
  for (const FanoutOption *option = operator_->options; option->key != NULL; option++)
    {
      const gboolean wanted = (option->flags & FANOUT_OPTION_REQUIRED) != 0
                              || option->type == FANOUT_OPTION_COLUMN || (optional & 1) != 0;

      optional >>= 1;
      if (!wanted)
        continue;
      g_string_append_printf (ini, "%s = ", option->key);
      append_value (in, ini, option, columns);
      g_string_append_c (ini, '\n');
    }
  if ((optional & 1) != 0)
    g_string_append (ini, "on-error = drop\n");
  if ((optional & 2) != 0)
    g_string_append_printf (ini, "where = length(\"%s\") < 3\n", pick_column (in, columns));
}

static void
append_pipeline (FuzzInput *in, GString *ini, const char *const *columns)
{
  const guint8 what = fuzz_byte (in);

  g_string_append (ini, "[pipeline]\nmax-memory = 500M\n");
  if ((what & 1) != 0)
    g_string_append_printf (ini, "group-by = %s\n", pick_column (in, columns));
  if ((what & 2) != 0)
    {
      const char *column = pick_column (in, columns);

      g_string_append_printf (ini, "where = is_number(\"%s\") and \"%s\" > 0 or \"%s\" is null\n",
                              column, column, column);
    }
  if ((what & 4) != 0)
    g_string_append_printf (ini, "max-groups = %u\n", 1 + fuzz_below (in, 16));
  if ((what & 8) != 0)
    g_string_append_printf (ini, "[let]\ne = concat(\"%s\", '-', \"%s\")\n[result]\nz = 1\n",
                            pick_column (in, columns), pick_column (in, columns));
}

static void
append_source (FuzzInput *in, GString *ini)
{
  const guint8 what = fuzz_byte (in);

  if ((what & 1) != 0)
    g_string_append (ini, "on-bad-row = skip\n");
  if ((what & 2) != 0)
    g_string_append (ini, "on-bad-value = null\n");
  if ((what & 4) != 0)
    g_string_append (ini, "null-values = NA, -, 0\n");
  if ((what & 8) != 0)
    g_string_append_printf (ini, "max-row = %u\n", 1 + fuzz_below (in, 100));
  if ((what & 16) != 0)
    g_string_append (ini, "comment = #\n");
  if ((what & 32) != 0)
    g_string_append_printf (ini, "skip-lines = %u\n", fuzz_below (in, 4));
  if ((what & 64) != 0)
    g_string_append (ini, "missing-columns = null\n");
}

void
fuzz_set_block (FanoutPipeline *pipeline, gsize size)
{
  /* It is of this process alone. The reader that looked at the header has blocks as they are. */
  FanoutPlan *plan = (FanoutPlan *) fanout_pipeline_plan (pipeline);

  plan->reader.block_size = size;
  g_clear_pointer (&plan->first_reader, fanout_reader_free);
}

/* One way to run. */
typedef struct
{
  const char *strategy;
  guint batch;
  guint partitions;
  guint threads;
  gsize block; /* 0: as it is */
} Way;

static FanoutPipeline *
make_pipeline (const char *ini, const char *const *inputs, const Way *way, GError **error)
{
  g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", way->strategy);
  g_autofree char *batch = g_strdup_printf ("pipeline.batch=%u", way->batch);
  g_autofree char *partitions = g_strdup_printf ("pipeline.partitions=%u", way->partitions);
  g_autofree char *threads = g_strdup_printf ("pipeline.threads=%u", way->threads);
  FanoutPipeline *pipeline = fuzz_pipeline (
      ini, (const char *const[]){ strategy, batch, partitions, threads, NULL }, inputs, error);

  if (pipeline != NULL && way->block > 0)
    fuzz_set_block (pipeline, way->block);
  return pipeline;
}

static char *
run (const char *ini, const char *const *inputs, const Way *way)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (ini, inputs, way, &error);
  g_autoptr (FanoutResult) result
      = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;

  g_autofree char *outcome = fuzz_outcome (pipeline, result, error);
  FanoutCounters counters = { 0 };

  if (result == NULL)
    return g_steal_pointer (&outcome);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  return g_strdup_printf ("%s" NEVER "%s\n", outcome, counters.never_seen);
}

/* Whether its rows may be dealt to partitions; and whether every run reads all of them. */
static gboolean
can_be_dealt (const FanoutPlan *plan, gboolean *reads_all)
{
  gboolean can = TRUE;

  *reads_all = TRUE;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutOperator *operator_ = plan->aggregates[i].operator_;

      can = can && operator_->order < FANOUT_ORDER_ORDERED && operator_->combine != NULL;
      *reads_all
          = *reads_all && (operator_->flags & FANOUT_MAY_LEAVE) == 0 && !plan->aggregates[i].drop;
    }
  return can;
}

/* The same in parts, which are merged. Where a part cannot be made, a row in it is bad, or it was
 * guessed wrong how it begins. */
static void
check_parts (const char *ini, const char *const *inputs, const Way *way, guint n,
             const char *reference)
{
  const char *paths[PARTS_MAX + 1] = { NULL };
  g_autoptr (FanoutPipeline) merged = NULL;
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *outcome = NULL;

  for (guint i = 0; i < n; i++)
    {
      const FanoutPart part = { .index = i, .count = n, .quoted = FANOUT_PART_GUESS };
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (ini, inputs, way, &error);
      g_autofree char *name = g_strdup_printf ("part-%u", i);

      paths[i] = fuzz_file (name, "", 0);
      fuzz_check (pipeline != NULL, "in parts: %s", error != NULL ? error->message : "");
      if (!fanout_pipeline_set_part (pipeline, &part, &error)
          || !fanout_pipeline_run_partial (pipeline, paths[i], NULL, &error))
        {
          fuzz_check_error (TRUE, error);
          fuzz_check (g_str_has_prefix (reference, "error: ") || error->code == FANOUT_ERROR_CONFIG
                          || strstr (error->message, "quote") != NULL,
                      "part %u of %u: %s\n%s\nof\n%s", i + 1, n, error->message, ini, reference);
          return;
        }
    }
  merged = fanout_pipeline_load_partials (fuzz_registry (), paths, NULL, &error);
  result = merged != NULL ? fanout_pipeline_run (merged, NULL, &error) : NULL;
  if (result == NULL && strstr (error->message, "quote") != NULL)
    return;
  outcome = fuzz_outcome (merged, result, error);
  /* A limit that no part passes has no row in the merge. */
  if (result == NULL && strstr (error->message, LIMIT) != NULL)
    {
      fuzz_check (g_str_has_prefix (reference, "error: ")
                      && strstr (reference, strstr (error->message, LIMIT)) != NULL,
                  "%u parts:\n%s\n--- in one:\n%s\n--- in parts:\n%s", n, ini, reference, outcome);
      return;
    }
  fuzz_check (g_str_has_prefix (reference, outcome)
                  && g_str_has_prefix (reference + strlen (outcome), NEVER),
              "%u parts:\n%s\n--- in one:\n%s\n--- in parts:\n%s", n, ini, reference, outcome);
}

static void
check_ways (FuzzInput *ways, const char *ini, const char *const *inputs)
{
  static const char *const strategies[] = { "fiber", "threads", "callback" };
  static const guint batches[] = { 1, 2, 3, 7, 64, 4096 };
  static const gsize blocks[] = { 0, 5, 64, 128, 256, 1000 };
  const Way first = { "fiber", 4096, 1, 1, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (ini, inputs, &first, &error);
  g_autofree char *reference = run (ini, inputs, &first);
  gboolean reads_all = FALSE;
  const gboolean dealt
      = pipeline != NULL && can_be_dealt (fanout_pipeline_plan (pipeline), &reads_all);

  if (pipeline == NULL)
    return;
  for (guint i = 0; i < 3; i++)
    {
      const Way way = { fuzz_pick (ways, strategies), fuzz_pick (ways, batches),
                        dealt ? 1 + fuzz_below (ways, 3) : 1, 1 + fuzz_below (ways, 3),
                        fuzz_pick (ways, blocks) };
      g_autofree char *other = run (ini, inputs, &way);

      fuzz_check (strcmp (reference, other) == 0,
                  "strategy %s, batch %u, partitions %u, threads %u, block %zu:\n%s\n"
                  "--- fiber, 4096, 1:\n%s\n--- so:\n%s",
                  way.strategy, way.batch, way.partitions, way.threads, way.block, ini, reference,
                  other);
    }
  if (fuzz_below (ways, 4) == 3 && reads_all)
    check_parts (ini, inputs, &first, 2 + fuzz_below (ways, PARTS_MAX - 1), reference);
}

void
fuzz_stream (const FuzzStream *stream, const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  FuzzInput ways;
  g_autoptr (GString) ini = g_string_new ("[source]\n");
  const char *inputs[3] = { NULL };
  const char *const *columns;
  guint n_aggregates;
  gsize cut;

  if (size > LENGTH_MAX)
    return;
  /* Those that say how it runs come first, so that what is behind them keeps its meaning. */
  ways = (FuzzInput){ in.data, MIN (in.length, 18) };
  in.data += ways.length;
  in.length -= ways.length;
  n_aggregates = 1 + fuzz_below (&in, 4);
  g_string_append_printf (ini, "type = %s\n", stream->type);
  columns = stream->dialect (&in, ini);
  append_source (&in, ini);
  append_pipeline (&in, ini, columns);
  for (guint i = 0; i < n_aggregates; i++)
    fuzz_append_aggregate (&in, ini, i, columns);
  /* In two files, or one. */
  cut = fuzz_byte (&in);
  if (cut < 128)
    cut = in.length;
  else
    cut = MIN (in.length, (cut - 128) * 8);
  inputs[0] = fuzz_file ("stream-1", in.data, cut);
  if (cut < in.length)
    inputs[1] = fuzz_file ("stream-2", in.data + cut, in.length - cut);
  check_ways (&ways, ini->str, inputs);
}
