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
      "  'mean(delay / 60)'                  of an expression; it is called as it is written\n"
      "  'late=count(where=delay > 15)'      of some rows alone\n"
      "  'sum(\"Price (net)\")'                in double quotes what would be an expression\n"
      "\n"
      "Without INPUT it reads standard input. Expressions, with their functions, are described in\n"
      "fanout.ini(5) and by 'fanoutd functions'; a column of the input comes before them.\n"
      "\n"
      "  -w CONDITION         only these rows: 'delay > 15'; all of several must hold\n"
      "  -g COLUMNS           one row for each group: a list such as origin, destination; an item\n"
      "                       may be an expression, with a name or without one:\n"
      "                       'origin, hour=bucket(time(at), 1h)'; each -g is a table, and '' is\n"
      "                       the one of all rows\n"
      "  -l NAME=EXPRESSION   a derived column; may be repeated\n"
      "  -r NAME=EXPRESSION   a derived column of the result: 'share=n / total(n)'\n"
      "  -t TYPE              of the source: csv (default), tsv, jsonl, logfmt, clf, lines, ...;\n"
      "                       auto: what the first lines look like\n"
      "  -d DELIMITER         of csv: characters, or tab, space, whitespace\n"
      "  --no-header          the first line is a row; columns are called 1, 2, 3, ...\n"
      "  --header             the first line has the names, whatever they look like\n"
      "  --sort COLUMNS       of the result, each with desc if wanted: 'mean_delay desc'\n"
      "  --having CONDITION   only these rows of the result: 'count >= 100'\n"
      "  -n, --limit N        at most N rows of the result, after sorting\n"
      "  --rest NAME          after them one row of this name for all other groups\n"
      "  --rollup             rows for the first keys alone and for all as well\n"
      "  --monitor ADDRESS    show a page, metrics and results by HTTP while it runs, on "
      "HOST:PORT\n"
      "                       or unix:PATH\n"
      "  --print-ini          print the INI file that would run, and stop\n" SETTINGS_HELP "\n"
      "With -o FILE.json, .csv, .tsv or .ndjson the format is what the ending says, without -f.\n"
      "\n"
      "Examples:\n"
      "  fanoutd agg count 'mean(delay)' -- flights.csv\n"
      "  fanoutd agg -g origin 'mean(delay)' 'p99=quantile(delay, q=0.99)' -- flights.csv\n"
      "  fanoutd agg -t clf -g status count 'sum(bytes)' -- access.log\n"
      "  fanoutd agg -w 'status >= 500' -g 'minute=bucket(time(ts), 1m)' count -- requests.csv\n"
      "  ps -eo user,rss | fanoutd agg -d whitespace -g USER count 'sum(RSS)'\n";

/* As the command line gave it. */
typedef struct
{
  Settings settings;
  GPtrArray *where;
  GPtrArray *let;
  GPtrArray *result;
  GPtrArray *group_by;
  GPtrArray *having;
  GPtrArray *sort;
  GPtrArray *words;
  GPtrArray *inputs;
  const char *type;
  const char *delimiter;
  const char *limit;
  const char *rest;
  gboolean header;
  gboolean no_header;
  gboolean rollup;
  gboolean print_ini;
} Agg;

static void
agg_init (Agg *agg)
{
  *agg = (Agg){ .where = g_ptr_array_new (),
                .let = g_ptr_array_new (),
                .result = g_ptr_array_new (),
                .group_by = g_ptr_array_new (),
                .having = g_ptr_array_new (),
                .sort = g_ptr_array_new (),
                .words = g_ptr_array_new (),
                .inputs = g_ptr_array_new () };
  settings_init (&agg->settings);
}

static void
agg_clear (Agg *agg)
{
  g_ptr_array_unref (agg->where);
  g_ptr_array_unref (agg->let);
  g_ptr_array_unref (agg->result);
  g_ptr_array_unref (agg->group_by);
  g_ptr_array_unref (agg->having);
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
    { 'w', "where", ARGUMENT_LIST, &agg->where },
    { 'l', "let", ARGUMENT_LIST, &agg->let },
    { 'r', "result", ARGUMENT_LIST, &agg->result },
    { 'g', "group-by", ARGUMENT_LIST, &agg->group_by },
    { 't', "type", ARGUMENT_TEXT, &agg->type },
    { 'd', "delimiter", ARGUMENT_TEXT, &agg->delimiter },
    { 0, "header", ARGUMENT_FLAG, &agg->header },
    { 0, "no-header", ARGUMENT_FLAG, &agg->no_header },
    { 0, "having", ARGUMENT_LIST, &agg->having },
    { 0, "rest", ARGUMENT_TEXT, &agg->rest },
    { 0, "rollup", ARGUMENT_FLAG, &agg->rollup },
    { 0, "sort", ARGUMENT_LIST, &agg->sort },
    { 'n', "limit", ARGUMENT_TEXT, &agg->limit },
    { 0, "print-ini", ARGUMENT_FLAG, &agg->print_ini },
    { 0, "monitor", ARGUMENT_TEXT, &agg->settings.monitor },
    SETTINGS_ARGUMENTS (&agg->settings),
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };

  const int code = arguments_read (&agg_verb, table, arguments, agg->words, agg->inputs);

  if (code < 0 && agg->header && agg->no_header)
    return message_usage (&agg_verb, "--header or --no-header, not both");
  return code;
}

/* A file among the calls is an input without the `--` before it. */
static gboolean
is_input (const Call *call, FanoutRegistry *registry)
{
  return strpbrk (call->text, "(=") == NULL
         && fanout_registry_operator (registry, call->operator_, NULL) == NULL
         && g_file_test (call->text, G_FILE_TEST_EXISTS);
}

/* Two result columns of one name are wrong configuration, also here. */
static int
refuse_twins (const Call *first, const Call *second)
{
  const Call *nameless = second->named ? first : second;
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

/* What the arguments say, in parts. */
typedef struct
{
  FanoutRegistry *registry;
  GPtrArray *calls;  /* Call */
  GPtrArray *let;    /* CallDefinition */
  GPtrArray *result; /* CallDefinition */
  GPtrArray *tables; /* GPtrArray of CallDefinition, for each -g */
} Parsed;

static void
parsed_init (Parsed *parsed, FanoutRegistry *registry)
{
  const GDestroyNotify free_definition = (GDestroyNotify) call_definition_free;

  parsed->registry = registry;
  parsed->calls = g_ptr_array_new_with_free_func ((GDestroyNotify) call_free);
  parsed->let = g_ptr_array_new_with_free_func (free_definition);
  parsed->result = g_ptr_array_new_with_free_func (free_definition);
  parsed->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
}

static void
parsed_clear (Parsed *parsed)
{
  g_ptr_array_unref (parsed->calls);
  g_ptr_array_unref (parsed->let);
  g_ptr_array_unref (parsed->result);
  g_ptr_array_unref (parsed->tables);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parsed, parsed_clear)

/* `option` (NULL: none) is what `text` belongs to. */
static int
refuse (const char *option, const char *text, const char *problem, gsize offset)
{
  g_autofree char *place = call_point (text, offset);

  message_usage (&agg_verb, "%s%s%s", option != NULL ? option : "", option != NULL ? ": " : "",
                 problem);
  message ("%s", place);
  return EXIT_USAGE;
}

/* `names` has the calls so far, by name. */
static int
check_call (GHashTable *names, Call *call, FanoutRegistry *registry)
{
  const Call *other = g_hash_table_lookup (names, call->name);

  if (is_input (call, registry))
    return message_usage (&agg_verb, "'%s' is no operator but a file; inputs stand behind '--'",
                          call->text);
  if (other != NULL)
    return refuse_twins (other, call);
  g_hash_table_insert (names, call->name, call);
  return -1;
}

static int
parse_calls (const Agg *agg, Parsed *parsed)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  int code = -1;

  if (agg->words->len == 0)
    return message_usage (&agg_verb, "no aggregate; such as count or 'mean(delay)'");
  for (guint i = 0; code < 0 && i < agg->words->len; i++)
    {
      const char *problem = NULL;
      gsize offset = 0;
      Call *call = call_parse (agg->words->pdata[i], &problem, &offset);

      if (call == NULL)
        return refuse (NULL, agg->words->pdata[i], problem, offset);
      g_ptr_array_add (parsed->calls, call);
      code = check_call (names, call, parsed->registry);
    }
  return code;
}

static int
parse_definitions (const char *option, const GPtrArray *texts, GPtrArray *definitions)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const char *problem = NULL;
      gsize offset = 0;
      CallDefinition *definition = call_parse_definition (texts->pdata[i], &problem, &offset);

      if (definition == NULL)
        return refuse (option, texts->pdata[i], problem, offset);
      g_ptr_array_add (definitions, definition);
    }
  return -1;
}

static int
parse_keys (const GPtrArray *texts, GPtrArray *tables)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = texts->pdata[i];
      const char *problem = NULL;
      gsize offset = 0;
      /* No column is no group, as in a file. */
      GPtrArray *keys = text[strspn (text, " \t")] == '\0'
                            ? g_ptr_array_new ()
                            : call_parse_list (text, &problem, &offset);

      if (keys == NULL)
        return refuse ("-g", text, problem, offset);
      g_ptr_array_add (tables, keys);
    }
  return -1;
}

/* Tables go by their keys. */
static int
check_tables (const GPtrArray *tables)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < tables->len; i++)
    {
      char *name = agg_config_table (tables->pdata[i]);
      g_autofree char *shown = fanout_quote (name, -1);

      if (!g_hash_table_add (names, name))
        return message_usage (&agg_verb, "-g: %s is given twice", shown);
    }
  return -1;
}

/* A name stands for one thing. `names` has the definitions so far, by name. */
static int
check_definitions (GHashTable *names, const char *option, const GPtrArray *definitions)
{
  for (guint i = 0; i < definitions->len; i++)
    {
      CallDefinition *definition = definitions->pdata[i];
      const CallDefinition *other
          = definition->name != NULL ? g_hash_table_lookup (names, definition->name) : NULL;

      if (other != NULL && strcmp (other->item.text, definition->item.text) != 0)
        {
          g_autofree char *name = fanout_quote (definition->name, -1);
          g_autofree char *a = fanout_quote (other->item.text, -1);
          g_autofree char *b = fanout_quote (definition->item.text, -1);

          message ("agg: %s: %s is both %s and %s; give one of them another name", option, name, a,
                   b);
          return EXIT_CONFIG;
        }
      if (definition->name != NULL)
        g_hash_table_insert (names, definition->name, definition);
    }
  return -1;
}

static int
parse_all (const Agg *agg, Parsed *parsed)
{
  g_autoptr (GHashTable) columns = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) results = g_hash_table_new (g_str_hash, g_str_equal);
  int code = parse_calls (agg, parsed);

  if (code < 0)
    code = parse_definitions ("-l", agg->let, parsed->let);
  if (code < 0)
    code = parse_definitions ("-r", agg->result, parsed->result);
  if (code < 0)
    code = parse_keys (agg->group_by, parsed->tables);
  if (code < 0)
    code = check_tables (parsed->tables);
  if (code < 0)
    code = check_definitions (columns, "-l", parsed->let);
  for (guint i = 0; code < 0 && i < parsed->tables->len; i++)
    code = check_definitions (columns, "-g", parsed->tables->pdata[i]);
  if (code < 0)
    code = check_definitions (results, "-r", parsed->result);
  return code;
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
make_config (const Agg *agg, FanoutRegistry *registry, const Parsed *parsed, FanoutErrors *errors)
{
  g_autoptr (FanoutConfig) over = settings_config (&agg->settings, errors);
  const AggParts parts = {
    .where = agg->where,
    .let = parsed->let,
    .result = parsed->result,
    .tables = parsed->tables,
    .having = agg->having,
    .rest = agg->rest,
    .rollup = agg->rollup,
    .sort = agg->sort,
    .type = agg->type,
    .type_over = value_in (over, "source", "type"),
    .delimiter = agg->delimiter,
    .limit = agg->limit,
    .output = agg->settings.format == NULL ? agg->settings.output : NULL,
    .header = agg->header,
    .no_header = agg->no_header,
    .calls = parsed->calls,
    /* A run gets the inputs as they are, whatever their names. */
    .inputs = agg->print_ini ? agg->inputs : NULL,
  };
  FanoutConfig *config = agg_config_new (&parts, registry, errors);

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
  return pipeline != NULL ? execute (pipeline, &agg->settings, NULL)
                          : load_refuse (error, &agg->settings);
}

static int
use (const Agg *agg, FanoutRegistry *registry)
{
  g_auto (Parsed) parsed;
  g_autoptr (FanoutConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;
  int code;

  parsed_init (&parsed, registry);
  code = parse_all (agg, &parsed);
  if (code >= 0)
    return code;
  fanout_errors_init (&errors);
  config = make_config (agg, registry, &parsed, &errors);
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
  return registry != NULL ? use (&agg, registry) : code;
}

const Verb agg_verb = {
  .name = "agg",
  .summary = "aggregates on one line, without an INI file",
  .help = help,
  .run = run,
};
