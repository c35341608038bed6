#include "core/base/error.h"
#include "core/base/same-file.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/stats.h"
#include "core/pipeline/pipeline.h"
#include "core/plugin/folders.h"
#include "core/plugin/registry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
load_clear (Load *load)
{
  settings_clear (&load->settings);
  g_clear_pointer (&load->words, g_ptr_array_unref);
}

FanoutRegistry *
load_registry (const Verb *verb, GPtrArray *folders, int *code)
{
  g_auto (GStrv) all = NULL;

  for (guint i = 0; i < folders->len; i++)
    if (!g_file_test (folders->pdata[i], G_FILE_TEST_IS_DIR))
      {
        g_autofree char *shown = fanout_quote (folders->pdata[i], -1);

        *code = message_usage (verb, "--plugin-path: there is no folder %s", shown);
        return NULL;
      }
  g_ptr_array_add (folders, NULL);
  all = fanout_plugin_folders ((const char *const *) folders->pdata);
  return fanout_registry_new ((const char *const *) all);
}

void
load_print_notes (FanoutRegistry *registry)
{
  g_auto (GStrv) notes = fanout_registry_notes (registry);

  for (guint i = 0; notes[i] != NULL; i++)
    message ("%s", notes[i]);
}

int
load_refuse (const GError *error, const Settings *settings)
{
  const FanoutCounters nothing = { 0 };
  const int code = message_error (error);

  if (settings->stats)
    stats_print (&nothing, NULL, NULL, NULL);
  return code;
}

static gboolean
parse_number (const char **text, guint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  errno = 0;
  *number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return errno == 0;
}

/* I/N, from 1. */
static int
read_part (Load *load, const Verb *verb)
{
  const Settings *settings = &load->settings;
  const char *text = settings->part;
  guint64 number = 0;

  if (text == NULL)
    return settings->quoted || settings->unquoted
               ? message_usage (verb, "--quoted and --unquoted say how a --part begins")
               : -1;
  if (verb != &run_verb)
    return message_usage (verb, "--part is for 'fanoutd run'");
  if (settings->quoted && settings->unquoted)
    return message_usage (verb, "a part begins --quoted or --unquoted, not both");
  if (!parse_number (&text, &number) || *text++ != '/' || !parse_number (&text, &load->part.count)
      || *text != '\0' || number == 0 || number > load->part.count)
    {
      g_autofree char *shown = fanout_quote (settings->part, -1);

      return message_usage (verb, "--part %s: I/N is wanted, such as 3/8, from 1/8 to 8/8", shown);
    }
  if (settings->partial == NULL)
    return message_usage (verb, "a part has no results of its own: --partial FILE is wanted");
  load->part.index = number - 1;
  load->part.quoted = settings->quoted ? TRUE : settings->unquoted ? FALSE : FANOUT_PART_GUESS;
  return -1;
}

static int
read_arguments (Load *load, const Verb *verb, char **arguments)
{
  const Argument table[] = {
    SETTINGS_ARGUMENTS (&load->settings),
    { 0, "monitor", ARGUMENT_TEXT, &load->settings.monitor },
    { 0, "partial", ARGUMENT_TEXT, &load->settings.partial },
    { 0, "part", ARGUMENT_TEXT, &load->settings.part },
    { 0, "quoted", ARGUMENT_FLAG, &load->settings.quoted },
    { 0, "unquoted", ARGUMENT_FLAG, &load->settings.unquoted },
    { 0, "fresh", ARGUMENT_FLAG, &load->settings.fresh },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  const GPtrArray *words = load->words;
  int code = arguments_read (verb, table, arguments, load->words, NULL);

  if (code >= 0)
    return code;
  if (load->settings.partial != NULL && verb != &run_verb)
    return message_usage (verb, "--partial is for 'fanoutd run'");
  if (load->settings.fresh && verb != &run_verb)
    return message_usage (verb, "--fresh is for 'fanoutd run'");
  code = read_part (load, verb);
  if (code < 0)
    code = settings_check (verb, &load->settings);
  if (code >= 0)
    return code;
  if (words->len == 0)
    return message_usage (verb, "PIPELINE.ini is missing");
  if (strcmp (words->pdata[0], "-") != 0)
    return -1;
  if (words->len == 1)
    return message_usage (verb, "the pipeline comes from standard input: name the inputs");
  for (guint i = 1; i < words->len; i++)
    if (strcmp (words->pdata[i], "-") == 0)
      return message_usage (verb, "the pipeline and an input cannot both be standard input");
  return -1;
}

/* What somebody wrote by hand is not to be lost by a word in the wrong place. */
static gboolean
check_output (const char *output, const char *pipeline, GError **error)
{
  struct stat a;
  struct stat b;
  g_autofree char *shown = NULL;

  if (output == NULL || strcmp (output, "-") == 0 || stat (output, &a) != 0
      || stat (pipeline, &b) != 0 || !fanout_same_file (&a, &b) || !S_ISREG (a.st_mode))
    return TRUE;
  shown = fanout_escape (output, -1);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: the output is also the pipeline",
               shown);
  return FALSE;
}

/* In place of `running`, where there is one. */
static FanoutPipeline *
make_pipeline (const Load *load, FanoutRegistry *registry, FanoutPipeline *running, GError **error)
{
  const char *path = load->words->pdata[0];
  const char *const *inputs = (const char *const *) load->words->pdata + 1;
  g_autoptr (FanoutConfig) over = NULL;
  FanoutErrors errors;
  FanoutConfig *config;
  FanoutPipeline *pipeline;
  const char *name;

  fanout_errors_init (&errors);
  config = fanout_config_load (path, NULL, &errors);
  over = settings_config (&load->settings, &errors);
  if (config != NULL)
    fanout_config_lay (config, over);
  name = strcmp (path, "-") == 0 ? "standard input" : path;
  inputs = inputs[0] != NULL ? inputs : NULL;
  pipeline
      = running != NULL
            ? fanout_pipeline_new_again (running, registry, config, name, inputs, &errors, error)
            : fanout_pipeline_new_from_config (registry, config, name, inputs, &errors, error);
  fanout_errors_clear (&errors);
  return pipeline;
}

FanoutPipeline *
load_again (const Load *load, FanoutPipeline *running, GError **error)
{
  g_auto (GStrv) folders
      = fanout_plugin_folders ((const char *const *) load->settings.plugin_path->pdata);
  /* Plugins may be new, too. */
  g_autoptr (FanoutRegistry) registry = fanout_registry_new ((const char *const *) folders);
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (load, registry, running, error);

  load_print_notes (registry);
  return pipeline != NULL
                 && check_output (fanout_pipeline_output (pipeline)->path, load->words->pdata[0],
                                  error)
             ? g_steal_pointer (&pipeline)
             : NULL;
}

int
load_pipeline (Load *load, const Verb *verb, char **arguments, FanoutPipeline **pipeline)
{
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;
  int code;

  settings_init (&load->settings);
  load->part = (FanoutPart){ 0 };
  load->words = g_ptr_array_new ();
  code = read_arguments (load, verb, arguments);
  if (code < 0)
    registry = load_registry (verb, load->settings.plugin_path, &code);
  if (registry == NULL)
    return code;
  g_ptr_array_add (load->words, NULL);
  *pipeline = make_pipeline (load, registry, NULL, &error);
  if (*pipeline != NULL && load->part.count > 0
      && !fanout_pipeline_set_part (*pipeline, &load->part, &error))
    g_clear_pointer (pipeline, fanout_pipeline_free);
  load_print_notes (registry);
  if (*pipeline == NULL)
    return load_refuse (error, &load->settings);
  return check_output (load->settings.partial, load->words->pdata[0], &error)
                 && check_output (fanout_pipeline_output (*pipeline)->path, load->words->pdata[0],
                                  &error)
             ? -1
             : message_error (error);
}
