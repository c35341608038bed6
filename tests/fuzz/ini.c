/* INI texts: what is read of them, and what runs by them. */

#include "tests/fuzz/fuzz.h"
#include "core/config/config.h"
#include "core/pipeline/pipeline.h"

#include <string.h>

static const char rows[] = "k,a,b\nx,1,2.5\ny,2,3.5\nx,3,-1\n";

/* All groups and entries, without where they are from. */
static char *
dump (const FanoutConfig *config)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      g_string_append_printf (text, "[%s]\n", group->name);
      for (guint k = 0; k < group->n_entries; k++)
        g_string_append_printf (text, "%s=%s\n", group->entries[k].key, group->entries[k].value);
    }
  return g_string_free (text, FALSE);
}

/* What has no mistake can be written, and says the same when it is read again. */
static void
check_written (const FanoutConfig *config)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *before = dump (config);
  g_autofree char *after = NULL;
  g_autoptr (FanoutConfig) again = NULL;
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;

  fanout_errors_init (&errors);
  fanout_config_write (config, text);
  again = fanout_config_parse_written (text->str, text->len, "written.ini", &errors);
  fuzz_check (fanout_errors_raise (&errors, &error), "written it has mistakes: %s\n%s",
              error != NULL ? error->message : "", text->str);
  after = dump (again);
  fuzz_check_same (before, after, "written and read");
  fanout_errors_clear (&errors);
}

/* Whether it does no more than reading some rows. */
static gboolean
is_harmless (const FanoutPlan *plan)
{
  if (plan->source->decode == NULL || plan->threads > 4 || plan->partitions > 4
      || plan->n_aggregates > 20 || plan->batch > 100000 || plan->reader.follow
      || plan->checkpoint != NULL || plan->every > 0 || plan->monitor.listen != NULL)
    return FALSE;
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (strcmp (plan->aggregates[i].operator_->name, "exec") == 0)
      return FALSE;
  return TRUE;
}

static gboolean
take (gpointer data, const char *text, gsize length, GError **error)
{
  (void) error;
  g_string_append_len (data, text, (gssize) length);
  return TRUE;
}

static void
run (FanoutPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  g_autofree char *outcome = fuzz_outcome (pipeline, result, error);
  g_autofree char *again = NULL;
  g_autoptr (GString) written = g_string_new (NULL);

  if (result == NULL)
    return;
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    fanout_result_rewind (fanout_result_table (result, t));
  again = fuzz_outcome (pipeline, result, NULL);
  fuzz_check_same (outcome, again, "read once more");
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    fanout_result_rewind (fanout_result_table (result, t));
  g_clear_error (&error);
  fuzz_check_error (!fanout_result_write (result, FALSE, take, written, &error), error);
}

static void
check_pipeline (const char *text, gsize length, const char *const *overrides)
{
  const char *const inputs[] = { fuzz_file ("ini.csv", rows, strlen (rows)), NULL };
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  FanoutConfig *config;
  FanoutErrors errors;

  fanout_errors_init (&errors);
  config = fanout_config_parse (text, length, "fuzz.ini", g_get_tmp_dir (), overrides, &errors);
  if (errors.lines->len == 0)
    check_written (config);
  pipeline = fanout_pipeline_new_from_config (fuzz_registry (), config, "fuzz.ini", inputs, &errors,
                                              &error);
  fuzz_check_error (pipeline == NULL, error);
  if (pipeline != NULL)
    {
      g_free (fanout_pipeline_describe (pipeline));
      if (is_harmless (fanout_pipeline_plan (pipeline)))
        run (pipeline);
    }
  fanout_errors_clear (&errors);
}

static void
check_key_file (const char *text, gsize length)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_KEEP_TRANSLATIONS, NULL))
    return;
  g_key_file_set_value (file, "source", "path", fuzz_file ("ini.csv", rows, strlen (rows)));
  pipeline = fanout_pipeline_new_from_key_file (fuzz_registry (), file, g_get_tmp_dir (), &error);
  fuzz_check_error (pipeline == NULL, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  const guint8 how = fuzz_byte (&in);
  const guint n_overrides = how % 4;
  char *overrides[4] = { NULL };
  g_autofree char *text = NULL;

  if (size > 20000)
    return 0;
  for (guint i = 0; i < n_overrides; i++)
    overrides[i] = fuzz_line (&in);
  text = fuzz_copy (in.data, in.length);
  if ((how & 4) == 0)
    check_pipeline (text, in.length, (const char *const *) overrides);
  else
    check_key_file (text, in.length);
  for (guint i = 0; i < n_overrides; i++)
    g_free (overrides[i]);
  return 0;
}
