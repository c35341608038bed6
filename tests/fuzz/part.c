/* Partial results with any bytes in them: refused, or merged to something that can be written and
 * merged again. */

#include "tests/fuzz/sealed.h"
#include "tests/fuzz/stream.h"
#include "core/partial/private.h"
#include "core/pipeline/pipeline.h"

#include <string.h>

static const char rows[] = "a,b,c\n1,x,0.5\n2,y,1e300\n,x,-3\n4.25,,nan\n2,z,12345678901234567890\n"
                           "7,x,0\n-1,y,2\n3,x,5\n";

static char *
take_config (FuzzInput *in)
{
  static const char *const columns[] = { "a", "b", "c", NULL };
  static const char *const tables[] = {
    "",
    "[pipeline]\ngroup-by = b\n",
    "[pipeline]\nwhere = b = 'x'\n",
    "[table one]\ngroup-by = b\n[table all]\ngroup-by = a, b\nrollup = true\n",
    "[pipeline]\ngroup-by = b\n[result]\nz = total(a0)\n[output]\nsort = a0 desc\nlimit = 1\n",
  };
  GString *ini = g_string_new ("[source]\ntype = csv\non-bad-value = null\n");
  const guint n = 1 + fuzz_below (in, 4);

  g_string_append (ini, fuzz_pick (in, tables));
  for (guint i = 0; i < n; i++)
    fuzz_append_aggregate (in, ini, i, columns);
  return g_string_free (ini, FALSE);
}

static gboolean
write_part (const char *ini, guint index, const char *path)
{
  const char *const inputs[] = { fuzz_file ("part.csv", rows, strlen (rows)), NULL };
  const FanoutPart part = { .index = index, .count = 2, .quoted = FANOUT_PART_GUESS };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = fuzz_pipeline (ini, NULL, inputs, &error);
  gboolean done = pipeline != NULL && fanout_pipeline_set_part (pipeline, &part, &error)
                  && fanout_pipeline_run_partial (pipeline, path, NULL, &error);

  fuzz_check_error (!done, error);
  return done;
}

/* NULL: they cannot be merged. */
static char *
merge (const char *const *paths, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = fanout_pipeline_load_partials (fuzz_registry (), paths, NULL, &error);
  g_autoptr (FanoutResult) result
      = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;
  char *outcome;

  if (result == NULL)
    {
      fuzz_check_error (TRUE, error);
      return NULL;
    }
  outcome = fuzz_outcome (pipeline, result, error);
  g_clear_pointer (&result, fanout_result_free);
  if (to != NULL && !fanout_pipeline_run_partial (pipeline, to, NULL, &error))
    fuzz_fail ("merged, but no part: %s\n%s", error->message, outcome);
  return outcome;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  const gboolean second = fuzz_below (&in, 2) == 1;
  g_autofree char *ini = take_config (&in);
  const char *const paths[] = { fuzz_file ("part-1", "", 0), fuzz_file ("part-2", "", 0), NULL };
  const char *const merged[] = { fuzz_file ("part-12", "", 0), NULL };
  g_autofree char *outcome = NULL;
  g_autofree char *again = NULL;

  if (size > 2000 || !write_part (ini, 0, paths[0]) || !write_part (ini, 1, paths[1]))
    return 0;
  fuzz_edit_sealed (&in, paths[second ? 1 : 0], FANOUT_PARTIAL_START);
  outcome = merge (paths, merged[0]);
  if (outcome == NULL)
    return 0;
  again = merge (merged, NULL);
  fuzz_check (again != NULL, "what was merged cannot be merged again:\n%s\n%s", ini, outcome);
  fuzz_check_same (outcome, again, ini);
  return 0;
}
