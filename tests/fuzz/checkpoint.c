/* Checkpoints with any bytes in them: refused, or gone on from. From one as it was written a run
 * goes on to the results of one without it. */

#include "tests/fuzz/sealed.h"
#include "tests/fuzz/stream.h"
#include "core/partial/checkpoint-private.h"
#include "core/pipeline/pipeline.h"

#include <glib/gstdio.h>
#include <string.h>

#define CRASH "the end of the world"

static const char rows[] = "t,a,b,c\n0,1,x,0.5\n10,2,y,1e300\n30,,x,-3\n70,4.25,,nan\n65,2,z,7\n"
                           "200,7,x,0\n190,-1,y,2\n300,3,x,5\n";

static char *
take_config (FuzzInput *in, const char *checkpoint)
{
  static const char *const columns[] = { "a", "b", "c", NULL };
  static const char *const windows[] = {
    "[window]\ntime = t\nsize = 1m\n",
    "[window]\ntime = t\nsize = 1m\nlateness = 10s\n[pipeline]\ngroup-by = b\n",
    "[window]\ntime = t\nsize = 2m\nevery = 1m\n[pipeline]\ngroup-by = b\n",
    "[window]\ntime = t\nsize = 1m\n[table one]\ngroup-by = b\n[table all]\ngroup-by = a, b\n",
  };
  GString *ini = g_string_new ("[source]\ntype = csv\non-bad-value = null\n");
  const guint n = 1 + fuzz_below (in, 3);

  g_string_append (ini, fuzz_pick (in, windows));
  g_string_append_printf (ini, "[checkpoint]\npath = %s\nkeep = 1\n", checkpoint);
  for (guint i = 0; i < n; i++)
    fuzz_append_aggregate (in, ini, i, columns);
  return g_string_free (ini, FALSE);
}

/* A run, and who takes its windows. */
typedef struct
{
  FanoutPipeline *pipeline;
  GString *text;
  guint crash; /* instead of telling the window with this number, from 1; 0: never */
} Run;

/* The last checkpoint before the end. */
static gboolean
turn (gpointer data, FanoutInstant when, GError **error)
{
  Run *self = data;

  (void) when;
  return self->crash != 1 || fanout_pipeline_save (self->pipeline, error);
}

static gboolean
take_window (gpointer data, FanoutResult *result, FanoutInstant when, GError **error)
{
  Run *self = data;

  (void) when;
  if (self->crash > 0 && --self->crash == 0)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, CRASH);
      return FALSE;
    }
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    fuzz_append_rows (self->text, fanout_result_table (result, t));
  return TRUE;
}

/* Append what windows gave while it ran; FALSE with `error`: it ended otherwise than well. */
static gboolean
run (const char *ini, gboolean anew, guint crash, GString *text, GError **error)
{
  const char *const inputs[] = { fuzz_file ("checkpoint.csv", rows, strlen (rows)), NULL };
  const char *const overrides[] = { "pipeline.batch=2", NULL };
  g_autoptr (FanoutPipeline) pipeline = fuzz_pipeline (ini, overrides, inputs, error);
  g_autoptr (FanoutResult) result = NULL;
  Run self = { pipeline, text, crash };
  const FanoutStreamHandlers handlers = { .turn = turn, .result = take_window, .data = &self };

  if (pipeline == NULL)
    return FALSE;
  fuzz_set_block (pipeline, 16);
  fanout_pipeline_on_stream (pipeline, &handlers);
  if (anew)
    fanout_pipeline_begin_anew (pipeline);
  result = fanout_pipeline_run (pipeline, NULL, error);
  fuzz_check_error (result == NULL, *error);
  return result != NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  const char *state = fuzz_file ("state", "", 0);
  const char *before = fuzz_file ("state.1", "", 0);
  const guint crash = 1 + fuzz_below (&in, 4);
  g_autofree char *ini = take_config (&in, state);
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  const gboolean edited = in.length > 0;

  if (size > 2000)
    return 0;
  g_unlink (state);
  g_unlink (before);
  if (!run (ini, TRUE, 0, whole, &error))
    return 0;
  if (!run (ini, TRUE, crash, pieces, &error))
    {
      fuzz_check (strcmp (error->message, CRASH) == 0, "it runs, but not to a checkpoint: %s\n%s",
                  error->message, ini);
      g_clear_error (&error);
    }
  g_unlink (before);
  fuzz_edit_sealed (&in, state, FANOUT_CHECKPOINT_MAGIC_LENGTH + sizeof (guint32));
  if (run (ini, FALSE, 0, pieces, &error) && !edited)
    fuzz_check_same (whole->str, pieces->str, ini);
  fuzz_check (error == NULL || edited, "it does not go on: %s\n%s", error->message, ini);
  return 0;
}
