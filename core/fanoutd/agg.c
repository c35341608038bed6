#include "core/fanoutd/agg-config.h"
#include "core/fanoutd/execute.h"
#include "core/fanoutd/load.h"
#include "core/pipeline/pipeline.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd agg [OPTION]... EXPR... [-- INPUT...]\n"
      "\n"
      "Aggregates without an INI file. Each EXPR is one aggregate:\n"
      "\n"
      "  count                               rows\n"
      "  mean(delay)                         an operator and its column: mean_delay\n"
      "  quantile(delay, q=0.5, 0.9)         with options; q is a list of two\n"
      "  p99=quantile(delay, q=0.99)         with a name of its own\n"
      "  'sum(\"Price (net)\")'                in double quotes what contains , ( ) or =\n"
      "\n"
      "Without INPUT it reads standard input.\n"
      "\n"
      "  -g COLUMNS           one row for each group: a list such as origin, destination\n"
      "  -t TYPE              of the source: csv (default), tsv, jsonl, logfmt, clf, lines, ...;\n"
      "                       auto: what the first lines look like\n"
      "  -d DELIMITER         of csv: one character, or tab, space, whitespace\n"
      "  --no-header          the first line is a row; columns are called 1, 2, 3, ...\n"
      "  --header             the first line has the names, whatever they look like\n"
      "  --sort COLUMNS       of the result, each with desc if wanted: 'mean_delay desc'\n"
      "  -n, --limit N        at most N rows of the result, after sorting\n"
      "  --print-ini          print the INI file that would run, and stop\n" SETTINGS_HELP "\n"
      "With -o FILE.json, .csv, .tsv or .ndjson the format is what the ending says, without -f.\n"
      "\n"
      "Examples:\n"
      "  fanoutd agg count 'mean(delay)' -- flights.csv\n"
      "  fanoutd agg -g origin 'mean(delay)' 'p99=quantile(delay, q=0.99)' -- flights.csv\n"
      "  fanoutd agg -t clf -g status count 'sum(bytes)' -- access.log\n"
      "  ps -eo user,rss | fanoutd agg -d whitespace -g USER count 'sum(RSS)'\n";

/* As the command line gave it. */
typedef struct
{
  Settings settings;
  GPtrArray *group_by;
  GPtrArray *sort;
  GPtrArray *words;
  GPtrArray *inputs;
  const char *type;
  const char *delimiter;
  const char *limit;
  gboolean header;
  gboolean no_header;
  gboolean print_ini;
} Agg;

static void
agg_init (Agg *agg)
{
  *agg = (Agg){ .group_by = g_ptr_array_new (),
                .sort = g_ptr_array_new (),
                .words = g_ptr_array_new (),
                .inputs = g_ptr_array_new () };
  settings_init (&agg->settings);
}

static void
agg_clear (Agg *agg)
{
  g_ptr_array_unref (agg->group_by);
  g_ptr_array_unref (agg->sort);
  g_ptr_array_unref (agg->words);
  g_ptr_array_unref (agg->inputs);
  settings_clear (&agg->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Agg, agg_clear)

static int
read_arguments (Agg *agg, char **arguments)
{
  const Argument table[] = {
    { 'g', "group-by", ARGUMENT_LIST, &agg->group_by },
    { 't', "type", ARGUMENT_TEXT, &agg->type },
    { 'd', "delimiter", ARGUMENT_TEXT, &agg->delimiter },
    { 0, "header", ARGUMENT_FLAG, &agg->header },
    { 0, "no-header", ARGUMENT_FLAG, &agg->no_header },
    { 0, "sort", ARGUMENT_LIST, &agg->sort },
    { 'n', "limit", ARGUMENT_TEXT, &agg->limit },
    { 0, "print-ini", ARGUMENT_FLAG, &agg->print_ini },
    SETTINGS_ARGUMENTS (&agg->settings),
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };

  const int code = arguments_read (&agg_verb, table, arguments, agg->words, agg->inputs);

  if (code < 0 && agg->header && agg->no_header)
    return message_usage (&agg_verb, "--header or --no-header, not both");
  return code;
}

/* A file among the expressions is an input without the `--` before it. */
static gboolean
is_input (const Expression *expression, FanoutRegistry *registry)
{
  return strpbrk (expression->text, "(=") == NULL
         && fanout_registry_operator (registry, expression->operator_, NULL) == NULL
         && g_file_test (expression->text, G_FILE_TEST_EXISTS);
}

/* Two result columns of one name are wrong configuration, also here. */
static int
refuse_twins (const Expression *first, const Expression *second)
{
  const Expression *nameless = second->named ? first : second;
  g_autofree char *name = fanout_escape (second->name, -1);
  g_autofree char *a = fanout_quote (first->text, -1);
  g_autofree char *b = fanout_quote (second->text, -1);

  if (nameless->named)
    message ("agg: %s and %s are both called %s; give one of them another name", a, b, name);
  else
    message ("agg: %s and %s are both called %s; name one of them: NAME=%s%s", a, b, name,
             nameless->operator_, nameless->options->len > 0 ? "(...)" : "");
  return EXIT_CONFIG;
}

/* `names` has the expressions so far, by name. */
static int
check_expression (GHashTable *names, Expression *expression, FanoutRegistry *registry)
{
  const Expression *other = g_hash_table_lookup (names, expression->name);

  if (is_input (expression, registry))
    return message_usage (&agg_verb, "'%s' is no operator but a file; inputs stand behind '--'",
                          expression->text);
  if (other != NULL)
    return refuse_twins (other, expression);
  g_hash_table_insert (names, expression->name, expression);
  return -1;
}

static int
parse_expressions (const Agg *agg, FanoutRegistry *registry, GPtrArray *expressions)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  if (agg->words->len == 0)
    return message_usage (&agg_verb, "no aggregate; such as count or 'mean(delay)'");
  for (guint i = 0; i < agg->words->len; i++)
    {
      const char *problem = NULL;
      gsize offset = 0;
      Expression *expression = expression_parse (agg->words->pdata[i], &problem, &offset);
      int code;

      if (expression == NULL)
        {
          g_autofree char *place = expression_point (agg->words->pdata[i], offset);

          message_usage (&agg_verb, "%s", problem);
          message ("%s", place);
          return EXIT_USAGE;
        }
      g_ptr_array_add (expressions, expression);
      code = check_expression (names, expression, registry);
      if (code >= 0)
        return code;
    }
  return -1;
}

static int
print_ini (const FanoutConfig *config, FanoutRegistry *registry)
{
  g_autofree char *problem = NULL;
  g_autofree char *text = agg_config_print (config, registry, &problem);

  return text != NULL ? print (text) : message_usage (&agg_verb, "%s", problem);
}

/* NULL: it is not there. */
static const char *
value_in (const FanoutConfig *config, const char *group, const char *key)
{
  const FanoutConfigGroup *found = fanout_config_find (config, group);
  const FanoutConfigEntry *entry = found != NULL ? fanout_config_entry (found, key) : NULL;

  return entry != NULL ? entry->value : NULL;
}

/* The configuration, with the settings in their places; `errors` has what is wrong with these. */
static FanoutConfig *
make_config (const Agg *agg, FanoutRegistry *registry, const GPtrArray *expressions,
             FanoutErrors *errors)
{
  g_autoptr (FanoutConfig) over = settings_config (&agg->settings, errors);
  const AggParts parts = {
    .group_by = agg->group_by,
    .sort = agg->sort,
    .type = agg->type,
    .type_over = value_in (over, "source", "type"),
    .delimiter = agg->delimiter,
    .limit = agg->limit,
    .output = agg->settings.format == NULL ? agg->settings.output : NULL,
    .header = agg->header,
    .no_header = agg->no_header,
    .expressions = expressions,
    /* A run gets the inputs as they are, whatever their names. */
    .inputs = agg->print_ini ? agg->inputs : NULL,
  };
  FanoutConfig *config = agg_config_new (&parts, registry);

  fanout_config_lay (config, over);
  return config;
}

static int
use_config (const Agg *agg, FanoutRegistry *registry, FanoutConfig *config, FanoutErrors *errors)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  const char *const *inputs;

  g_ptr_array_add (agg->inputs, NULL);
  inputs = (const char *const *) agg->inputs->pdata;
  pipeline = fanout_pipeline_new_from_config (registry, config, "agg",
                                              inputs[0] != NULL ? inputs : NULL, errors, &error);
  load_print_notes (registry);
  return pipeline != NULL ? execute (pipeline, &agg->settings)
                          : load_refuse (error, &agg->settings);
}

static int
use_expressions (const Agg *agg, FanoutRegistry *registry)
{
  g_autoptr (GPtrArray) expressions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) expression_free);
  int code = parse_expressions (agg, registry, expressions);
  g_autoptr (FanoutConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;

  if (code >= 0)
    return code;
  fanout_errors_init (&errors);
  config = make_config (agg, registry, expressions, &errors);
  if (!agg->print_ini)
    code = use_config (agg, registry, g_steal_pointer (&config), &errors);
  else if (fanout_errors_raise (&errors, &error))
    code = print_ini (config, registry);
  else
    code = load_refuse (error, &agg->settings);
  fanout_errors_clear (&errors);
  return code;
}

static int
run (const Verb *verb, char **arguments)
{
  g_auto (Agg) agg;
  g_autoptr (FanoutRegistry) registry = NULL;
  int code;

  agg_init (&agg);
  code = read_arguments (&agg, arguments);
  if (code < 0)
    registry = load_registry (verb, agg.settings.plugin_path, &code);
  return registry != NULL ? use_expressions (&agg, registry) : code;
}

const Verb agg_verb = {
  .name = "agg",
  .summary = "aggregates on one line, without an INI file",
  .help = help,
  .run = run,
};
