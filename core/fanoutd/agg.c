#include "core/config/config.h"
#include "core/fanoutd/execute.h"
#include "core/fanoutd/ini.h"
#include "core/fanoutd/load.h"
#include "core/config/option.h"
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
      "  -t TYPE              of the source: csv (default), tsv, lines, ...\n"
      "  -d DELIMITER         of csv: one character, or tab, space, whitespace\n"
      "  --no-header          the first line is a row; columns are called 1, 2, 3, ...\n"
      "  --print-ini          print the INI file that would run, and stop\n" SETTINGS_HELP "\n"
      "Examples:\n"
      "  fanoutd agg count 'mean(delay)' -- flights.csv\n"
      "  fanoutd agg -g origin 'mean(delay)' 'p99=quantile(delay, q=0.99)' -- flights.csv\n"
      "  ps -eo user,rss | fanoutd agg -d whitespace -g USER count 'sum(RSS)'\n";

/* As the command line gave it. */
typedef struct
{
  Settings settings;
  GPtrArray *group_by;
  GPtrArray *words;
  GPtrArray *inputs;
  const char *type;
  const char *delimiter;
  gboolean no_header;
  gboolean print_ini;
} Agg;

static void
agg_init (Agg *agg)
{
  *agg = (Agg){ .group_by = g_ptr_array_new (),
                .words = g_ptr_array_new (),
                .inputs = g_ptr_array_new () };
  settings_init (&agg->settings);
}

static void
agg_clear (Agg *agg)
{
  g_ptr_array_unref (agg->group_by);
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
    { 0, "no-header", ARGUMENT_FLAG, &agg->no_header },
    { 0, "print-ini", ARGUMENT_FLAG, &agg->print_ini },
    SETTINGS_ARGUMENTS (&agg->settings),
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };

  return arguments_read (&agg_verb, table, arguments, agg->words, agg->inputs);
}

/* What goes into a line of the INI file must be one. */
static gboolean
check_line (const char *option, const char *value)
{
  const char *end = value;

  while (value != NULL && *end != '\0' && (*end == '\t' || !g_ascii_iscntrl (*end)))
    end++;
  if (value == NULL || (*end == '\0' && g_utf8_validate (value, -1, NULL)))
    return TRUE;
  message_usage (&agg_verb, "%s: control characters, or text that is not UTF-8", option);
  return FALSE;
}

static gboolean
check_lines (const Agg *agg)
{
  for (guint i = 0; i < agg->group_by->len; i++)
    if (!check_line ("-g", agg->group_by->pdata[i]))
      return FALSE;
  return check_line ("-t", agg->type) && check_line ("-d", agg->delimiter);
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

static int
check_expression (const GPtrArray *expressions, const Expression *expression,
                  FanoutRegistry *registry)
{
  if (is_input (expression, registry))
    return message_usage (&agg_verb, "'%s' is no operator but a file; inputs stand behind '--'",
                          expression->text);
  for (guint i = 0; i < expressions->len; i++)
    {
      const Expression *other = expressions->pdata[i];

      if (strcmp (other->name, expression->name) == 0)
        return refuse_twins (other, expression);
    }
  return -1;
}

static int
parse_expressions (const Agg *agg, FanoutRegistry *registry, GPtrArray *expressions)
{
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
      code = check_expression (expressions, expression, registry);
      g_ptr_array_add (expressions, expression);
      if (code >= 0)
        return code;
    }
  return -1;
}

static int
print_config (const FanoutConfig *config)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      g_string_append_printf (text, "%s[%s]\n", i > 0 ? "\n" : "", group->name);
      for (guint k = 0; k < group->n_entries; k++)
        g_string_append_printf (text, "%s = %s\n", group->entries[k].key, group->entries[k].value);
    }
  return print (text->str);
}

static int
refuse (const Agg *agg, const Ini *ini, const GError *error)
{
  g_autofree char *text = ini_restore (ini, error->message);
  g_autofree char *restored = settings_restore (&agg->settings, text);

  return load_refuse (error, restored, &agg->settings);
}

static int
run_ini (const Agg *agg, const Ini *ini, const char *const *overrides, FanoutRegistry *registry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  const char *const *inputs;

  g_ptr_array_add (agg->inputs, NULL);
  inputs = (const char *const *) agg->inputs->pdata;
  pipeline = fanout_pipeline_parse (registry, ini->text->str, ini->text->len, INI_NAME, ".",
                                    overrides, inputs[0] != NULL ? inputs : NULL, &error);
  load_print_notes (registry);
  return pipeline != NULL ? execute (pipeline, &agg->settings) : refuse (agg, ini, error);
}

/* Whether a list in an INI file can hold it: one line, in which nothing looks like a comment. */
static gboolean
is_printable (const char *input)
{
  for (const char *p = input; *p != '\0'; p++)
    if ((*p != '\t' && g_ascii_iscntrl (*p))
        || (g_ascii_isspace (*p) && (p[1] == '#' || p[1] == ';')))
      return FALSE;
  return g_utf8_validate (input, -1, NULL);
}

/* With the overrides in their places. */
static int
print_ini (const Agg *agg, const Ini *ini, const char *const *overrides)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutConfig) config = NULL;
  FanoutErrors errors;
  gboolean right;

  for (guint i = 0; i < agg->inputs->len; i++)
    if (!is_printable (agg->inputs->pdata[i]))
      {
        g_autofree char *shown = fanout_quote (agg->inputs->pdata[i], -1);

        return message_usage (&agg_verb, "no INI file can hold the name of the input %s", shown);
      }
  fanout_errors_init (&errors);
  config = fanout_config_parse (ini->text->str, ini->text->len, INI_NAME, ".", overrides, &errors);
  right = fanout_errors_raise (&errors, &error);
  fanout_errors_clear (&errors);
  return right ? print_config (config) : refuse (agg, ini, error);
}

static int
use_expressions (const Agg *agg, FanoutRegistry *registry)
{
  g_autoptr (GPtrArray) expressions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) expression_free);
  /* A run gets the inputs as they are, whatever their names. */
  const IniParts parts = { agg->group_by,  agg->type,   agg->delimiter,
                           agg->no_header, expressions, agg->print_ini ? agg->inputs : NULL };
  const int code = parse_expressions (agg, registry, expressions);
  g_auto (GStrv) strings = settings_overrides (&agg->settings);
  const char *const *overrides = (const char *const *) strings;
  g_autoptr (Ini) ini = NULL;

  if (code >= 0)
    return code;
  ini = ini_new (&parts, registry);
  return agg->print_ini ? print_ini (agg, ini, overrides) : run_ini (agg, ini, overrides, registry);
}

static int
run (const Verb *verb, char **arguments)
{
  g_auto (Agg) agg;
  g_autoptr (FanoutRegistry) registry = NULL;
  int code;

  agg_init (&agg);
  code = read_arguments (&agg, arguments);
  if (code < 0 && !check_lines (&agg))
    code = EXIT_USAGE;
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
