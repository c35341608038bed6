#include "core/fanoutd/execute.h"
#include "core/fanoutd/load.h"

static const char help[]
    = "Usage: fanoutd run [OPTION]... PIPELINE.ini [INPUT]...\n"
      "\n"
      "Runs the pipeline that PIPELINE.ini describes and prints its results. Each INPUT is a file\n"
      "in place of [source] path, or - for standard input. PIPELINE.ini may be - as well; then\n"
      "the inputs must be named.\n"
      "\n" SETTINGS_HELP "  --monitor ADDRESS    show a page, metrics and results by HTTP while it "
      "runs, on HOST:PORT\n"
      "                       or unix:PATH\n"
      "  --partial FILE       write the states to FILE, not results: for fanoutd merge\n"
      "  --part I/N           read the I-th of N equal pieces of the bytes of all inputs alone\n"
      "  --quoted, --unquoted the piece begins inside quotes, or outside: what merge asks for\n"
      "                       where that was guessed wrong\n"
      "  --fresh              begin anew, whatever [checkpoint] has\n"
      "\n"
      "Examples:\n"
      "  fanoutd run flights.ini\n"
      "  fanoutd run -f json flights.ini january.csv february.csv\n"
      "  fanoutd run -s pipeline.strategy=threads -s 'aggregate p99.q=0.99' flights.ini\n"
      "  fanoutd run --partial january.part flights.ini january.csv\n"
      "  fanoutd run --monitor 127.0.0.1:9464 flights.ini\n"
      "  fanoutd run --part 3/8 --partial 3.part flights.ini\n"
      "  zcat flights.csv.gz | fanoutd run --stats -o result.csv flights.ini -\n";

static int
run (const Verb *verb, char **arguments)
{
  g_auto (Load) load;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  int code = load_pipeline (&load, verb, arguments, &pipeline);

  if (code >= 0)
    return code;
  return load.settings.partial != NULL ? execute_partial (pipeline, &load.settings)
                                       : execute (pipeline, &load.settings, &load);
}

const Verb run_verb = {
  .name = "run",
  .summary = "run a pipeline that an INI file describes",
  .help = help,
  .run = run,
};
