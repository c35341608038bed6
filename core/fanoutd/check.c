#include "core/base/output.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/notes.h"

static const char help[]
    = "Usage: fanoutd check [OPTION]... PIPELINE.ini [INPUT]...\n"
      "\n"
      "Finds every error in PIPELINE.ini, or shows what would run. Takes the same arguments as\n"
      "'fanoutd run'; of the inputs it reads the headers alone, to the output it writes nothing.\n"
      "\n" SETTINGS_HELP "\n"
      "Examples:\n"
      "  fanoutd check flights.ini\n"
      "  fanoutd check -s pipeline.partitions=8 flights.ini flights.csv\n";

static int
run (const Verb *verb, char **arguments)
{
  g_auto (Load) load;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *plan = NULL;
  int code = load_pipeline (&load, verb, arguments, &pipeline);

  if (code >= 0)
    return code;
  for (guint i = 0; i < fanout_pipeline_n_outputs (pipeline); i++)
    if (!fanout_output_check (fanout_pipeline_nth_output (pipeline, i)->path,
                              fanout_pipeline_inputs (pipeline), &error))
      return message_error (error);
  notes_print_inputs (pipeline);
  plan = fanout_pipeline_describe (pipeline);
  return print (plan);
}

const Verb check_verb = {
  .name = "check",
  .summary = "find every error in the file, or show what would run",
  .help = help,
  .run = run,
};
