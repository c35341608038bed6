#include "core/fanoutd/results.h"
#include "core/config/option.h"
#include "core/plugin/columns.h"

#define NAME "NAME"

/* Some value for an option that must have one. */
static const char *
value_for (const FanoutOption *option)
{
  if (option->example != NULL)
    return option->example;
  switch (option->type)
    {
    case FANOUT_OPTION_CHOICE:
      return option->choices[0];
    case FANOUT_OPTION_BOOLEAN:
      return "true";
    case FANOUT_OPTION_TEXT:
    case FANOUT_OPTION_TEXTS:
    case FANOUT_OPTION_COLUMN:
    case FANOUT_OPTION_COLUMNS:
    case FANOUT_OPTION_CHARACTER:
    case FANOUT_OPTION_CHARACTERS:
      return "x";
    case FANOUT_OPTION_TIME:
      return "1s";
    default:
      return option->min != NULL ? option->min : "1";
    }
}

static FanoutConfig *
example_config (const FanoutOperator *operator_, FanoutErrors *errors)
{
  g_autoptr (GString) text = g_string_new ("[aggregate " NAME "]\n");

  for (const FanoutOption *option = operator_->options; option->key != NULL; option++)
    if (option->value == NULL && (option->flags & FANOUT_OPTION_REQUIRED) != 0)
      g_string_append_printf (text, "%s = %s\n", option->key, value_for (option));
  return fanout_config_parse (text->str, text->len, "", ".", NULL, errors);
}

static char *
columns_of (const FanoutOperator *operator_, gpointer options)
{
  g_auto (GStrv) names = NULL;

  if (operator_->prepare != NULL && !operator_->prepare (options, NULL))
    return NULL;
  names = fanout_operator_columns (operator_, options, NAME);
  if (operator_->release != NULL)
    operator_->release (options);
  return g_strjoinv (", ", names);
}

char *
results_of (const FanoutOperator *operator_)
{
  const FanoutOption *const tables[] = { operator_->options, NULL };
  g_autoptr (GPtrArray) column_names = g_ptr_array_new ();
  g_autoptr (FanoutConfig) config = NULL;
  FanoutErrors errors;
  gpointer options;
  char *text = NULL;

  if (operator_->columns == NULL || operator_->options == NULL)
    return g_strdup (NAME);
  fanout_errors_init (&errors);
  config = example_config (operator_, &errors);
  options = fanout_config_allocate (config, operator_->options_size);
  if (fanout_options_bind (config, fanout_config_group (config, 0), tables, &options, NULL,
                           column_names, &errors))
    text = columns_of (operator_, options);
  fanout_errors_clear (&errors);
  return text;
}
