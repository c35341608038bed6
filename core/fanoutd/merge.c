#include "core/fanoutd/execute.h"
#include "core/fanoutd/load.h"
#include "core/pipeline/pipeline.h"

static const char help[]
    = "Usage: fanoutd merge [OPTION]... FILE...\n"
      "\n"
      "Combines partial results, in the order given, and prints what one run over all their\n"
      "inputs would have printed. Each FILE comes from 'fanoutd run --partial FILE' with the same\n"
      "keys and aggregates; it may be a pipe, or - for standard input. Those of --part I/N may be\n"
      "given in any order; each must be there once. [output] is that of the first FILE but for "
      "its\n"
      "path: the results go to standard output. -s, -f and -o change it.\n"
      "\n" SETTINGS_HELP
      "  --partial FILE       write the combined states to FILE, not results: a part of parts\n"
      "\n"
      "Examples:\n"
      "  fanoutd merge january.part february.part march.part\n"
      "  fanoutd merge -f json -s 'output.sort=flights desc' *.part\n"
      "  fanoutd merge --partial quarter.part january.part february.part march.part\n"
      "  ssh other fanoutd run --partial - flights.ini | fanoutd merge here.part -\n";

static int
read_arguments (const Verb *verb, char **arguments, Settings *settings, GPtrArray *files)
{
  const Argument table[] = {
    SETTINGS_ARGUMENTS (settings),
    { 0, "partial", ARGUMENT_TEXT, &settings->partial },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  int code = arguments_read (verb, table, arguments, files, NULL);

  if (code < 0 && files->len == 0)
    return message_usage (verb, "no FILE is given");
  return code < 0 ? settings_check (verb, settings) : code;
}

static int
merge (const Verb *verb, char **arguments)
{
  g_auto (Settings) settings;
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (FanoutConfig) over = NULL;
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;
  int code;

  settings_init (&settings);
  code = read_arguments (verb, arguments, &settings, files);
  if (code < 0)
    registry = load_registry (verb, settings.plugin_path, &code);
  if (registry == NULL)
    return code;
  g_ptr_array_add (files, NULL);
  fanout_errors_init (&errors);
  over = settings_config (&settings, &errors);
  pipeline
      = fanout_pipeline_merge (registry, (const char *const *) files->pdata, over, &errors, &error);
  fanout_errors_clear (&errors);
  load_print_notes (registry);
  if (pipeline == NULL)
    return load_refuse (error, &settings);
  return settings.partial != NULL ? execute_partial (pipeline, &settings)
                                  : execute (pipeline, &settings, NULL);
}

const Verb merge_verb = {
  .name = "merge",
  .summary = "combine partial results of several runs",
  .help = help,
  .run = merge,
};
