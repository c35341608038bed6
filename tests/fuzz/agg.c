/* The command line of agg: what it means, and whether the INI file that it prints means the same.
 * Each line of the input is one argument, behind a letter that says of which kind. */

#include "tests/fuzz/fuzz.h"
#include "core/fanoutd/agg-config.h"
#include "core/pipeline/pipeline.h"

#include <string.h>

static const char rows[] = "k,a,b,2020\nx,1,2.5,1\ny,2,3.5,2\nx,3,-1,\n";

typedef struct
{
  GPtrArray *texts; /* all of them */
  GPtrArray *calls;
  GPtrArray *let;
  GPtrArray *result;
  GPtrArray *tables;
  GPtrArray *where;
  GPtrArray *having;
  GPtrArray *sort;
} Arguments;

/* What cannot be read has its place in the text. */
static void
check_problem (gboolean failed, const char *text, const char *problem, gsize offset)
{
  g_autofree char *shown = NULL;

  fuzz_check (failed == (problem != NULL), "'%s': %s", text, failed ? "no problem" : problem);
  if (!failed)
    return;
  fuzz_check (offset <= strlen (text), "'%s': %s at byte %zu", text, problem, offset);
  shown = call_point (text, offset);
}

static void
add_definition (GPtrArray *to, const char *text)
{
  const char *problem = NULL;
  gsize offset = 0;
  CallDefinition *definition = call_parse_definition (text, &problem, &offset);

  check_problem (definition == NULL, text, problem, offset);
  if (definition != NULL)
    g_ptr_array_add (to, definition);
}

static void
add_call (GPtrArray *to, const char *text)
{
  const char *problem = NULL;
  gsize offset = 0;
  Call *call = call_parse (text, &problem, &offset);

  check_problem (call == NULL, text, problem, offset);
  if (call != NULL)
    g_ptr_array_add (to, call);
}

static void
add_table (GPtrArray *to, const char *text)
{
  const char *problem = NULL;
  gsize offset = 0;
  GPtrArray *keys = call_parse_list (text, &problem, &offset);

  check_problem (keys == NULL, text, problem, offset);
  if (keys != NULL)
    g_ptr_array_add (to, keys);
}

static void
add (Arguments *arguments, char kind, const char *text)
{
  switch (kind)
    {
    case 'g':
      add_table (arguments->tables, text);
      break;
    case 'l':
      add_definition (arguments->let, text);
      break;
    case 'r':
      add_definition (arguments->result, text);
      break;
    case 'w':
      g_ptr_array_add (arguments->where, (gpointer) text);
      break;
    case 'h':
      g_ptr_array_add (arguments->having, (gpointer) text);
      break;
    case 's':
      g_ptr_array_add (arguments->sort, (gpointer) text);
      break;
    default:
      add_call (arguments->calls, text);
      break;
    }
}

static void
free_keys (gpointer keys)
{
  g_ptr_array_unref (keys);
}

static void
arguments_init (Arguments *arguments)
{
  arguments->texts = g_ptr_array_new_with_free_func (g_free);
  arguments->calls = g_ptr_array_new_with_free_func ((GDestroyNotify) call_free);
  arguments->let = g_ptr_array_new_with_free_func ((GDestroyNotify) call_definition_free);
  arguments->result = g_ptr_array_new_with_free_func ((GDestroyNotify) call_definition_free);
  arguments->tables = g_ptr_array_new_with_free_func (free_keys);
  arguments->where = g_ptr_array_new ();
  arguments->having = g_ptr_array_new ();
  arguments->sort = g_ptr_array_new ();
}

static void
arguments_clear (Arguments *arguments)
{
  g_ptr_array_unref (arguments->calls);
  g_ptr_array_unref (arguments->let);
  g_ptr_array_unref (arguments->result);
  g_ptr_array_unref (arguments->tables);
  g_ptr_array_unref (arguments->where);
  g_ptr_array_unref (arguments->having);
  g_ptr_array_unref (arguments->sort);
  g_ptr_array_unref (arguments->texts);
}

static FanoutPipeline *
make_pipeline (FanoutConfig *config, const char *name, FanoutErrors *errors, GError **error)
{
  const char *const inputs[] = { fuzz_file ("agg.csv", rows, strlen (rows)), NULL };
  FanoutPipeline *pipeline
      = fanout_pipeline_new_from_config (fuzz_registry (), config, name, inputs, errors, error);

  fuzz_check_error (pipeline == NULL, error != NULL ? *error : NULL);
  return pipeline;
}

static void
check_printed (const char *printed, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autofree char *found = NULL;
  FanoutErrors errors;

  fanout_errors_init (&errors);
  pipeline
      = make_pipeline (fanout_config_parse (printed, strlen (printed), "agg", NULL, NULL, &errors),
                       "agg", &errors, &error);
  fuzz_check (pipeline != NULL, "%s\nof\n%s", error != NULL ? error->message : "", printed);
  found = fanout_pipeline_describe (pipeline);
  fuzz_check_same (wanted, found, printed);
  fanout_errors_clear (&errors);
}

static void
check_config (const AggParts *parts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autofree char *printed = NULL;
  g_autofree char *problem = NULL;
  FanoutErrors errors;
  FanoutConfig *config;

  fanout_errors_init (&errors);
  config = agg_config_new (parts, fuzz_registry (), &errors);
  printed = agg_config_print (config, fuzz_registry (), &problem);
  fuzz_check ((printed == NULL) == (problem != NULL), "neither printed nor a problem");
  pipeline = make_pipeline (config, "agg", &errors, &error);
  if (pipeline != NULL && printed != NULL)
    {
      g_autofree char *plan = fanout_pipeline_describe (pipeline);

      check_printed (printed, plan);
    }
  fanout_errors_clear (&errors);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  const guint8 how = fuzz_byte (&in);
  Arguments arguments;

  if (size > 2000)
    return 0;
  arguments_init (&arguments);
  while (in.length > 0)
    {
      char *line = fuzz_line (&in);

      g_ptr_array_add (arguments.texts, line);
      if (line[0] != '\0')
        add (&arguments, line[0], line + 1);
    }
  check_config (&(AggParts){
      .where = arguments.where,
      .let = arguments.let,
      .result = arguments.result,
      .tables = arguments.tables,
      .having = arguments.having,
      .sort = arguments.sort,
      .calls = arguments.calls,
      .rollup = (how & 1) != 0,
      .rest = (how & 2) != 0 ? "other" : NULL,
      .limit = (how & 4) != 0 ? "2" : NULL,
      .header = (how & 8) != 0,
      .no_header = (how & 24) == 16,
  });
  arguments_clear (&arguments);
  return 0;
}
