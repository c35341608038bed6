#include "core/kit/private.h"
#include "core/config/option.h"

#include <string.h>

#define GROUP        "aggregate contract"
#define VARIANTS_MAX 40
#define SAMPLES_MAX  8

/* Values of a type, for options that say no more; those out of bounds are passed over. */
static const char *const *
samples_of_type (const FanoutOption *option)
{
  static const char *const booleans[] = { "true", "false", NULL };
  static const char *const counts[] = { "5", NULL };
  static const char *const integers[] = { "3", "-3", NULL };
  static const char *const numbers[] = { "0.5", "1", "2", NULL };
  static const char *const wides[] = { "0.123456789012345678901", "0.5", "1", "2", NULL };
  static const char *const lists[] = { "0.5", "0, 0.25, 0.999, 1", "1, 2.5", NULL };
  static const char *const wide_lists[]
      = { "0.123456789012345678901, 0.5", "0.5", "0, 0.25, 0.999, 1", "1, 2.5", NULL };
  static const char *const bytes[] = { "1K", NULL };
  static const char *const times[] = { "1h", NULL };
  static const char *const characters[] = { ",", NULL };
  static const char *const texts[] = { "x", NULL };
  static const char *const columns[] = { "a", "a, b", NULL };
  static const char *const none[] = { NULL };

  const gboolean is_wide = option->takes == FANOUT_TAKES_WIDE;

  switch (option->type)
    {
    case FANOUT_OPTION_BOOLEAN:
      return booleans;
    case FANOUT_OPTION_COUNT:
      return counts;
    case FANOUT_OPTION_INTEGER:
      return integers;
    case FANOUT_OPTION_NUMBER:
      return is_wide ? wides : numbers;
    case FANOUT_OPTION_NUMBERS:
      return is_wide ? wide_lists : lists;
    case FANOUT_OPTION_BYTES:
      return bytes;
    case FANOUT_OPTION_TIME:
      return times;
    case FANOUT_OPTION_CHARACTER:
    case FANOUT_OPTION_CHARACTERS:
      return characters;
    case FANOUT_OPTION_COLUMN:
    case FANOUT_OPTION_COLUMNS:
      return columns;
    case FANOUT_OPTION_TEXT:
    case FANOUT_OPTION_TEXTS:
      return texts;
    default:
      return none;
    }
}

/* Column names differ from option to option, so that each is a column of its own. */
static char *
column_names (const FanoutOption *option, const char *sample)
{
  if (option->type == FANOUT_OPTION_COLUMNS && strchr (sample, ',') != NULL)
    return g_strdup_printf ("%s 1, %s 2", option->key, option->key);
  return g_strdup_printf ("%s 1", option->key);
}

/* What is tried for an option, the likeliest first; the strings are owned by the array. Short times
 * are not: what happens then depends on the machine. */
static GPtrArray *
samples (const FanoutOption *option)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);
  const gboolean required = (option->flags & FANOUT_OPTION_REQUIRED) != 0;
  const char *const own[] = { option->example, required ? option->value : NULL,
                              option->type != FANOUT_OPTION_TIME ? option->min : NULL };
  const char *const *others = samples_of_type (option);
  const gboolean is_column
      = option->type == FANOUT_OPTION_COLUMN || option->type == FANOUT_OPTION_COLUMNS;

  for (gsize i = 0; i < G_N_ELEMENTS (own) && !is_column; i++)
    if (own[i] != NULL)
      g_ptr_array_add (values, g_strdup (own[i]));
  for (gsize i = 0; option->choices != NULL && option->choices[i] != NULL; i++)
    g_ptr_array_add (values, g_strdup (option->choices[i]));
  /* What a text means only its author knows. */
  if (option->example != NULL && option->type == FANOUT_OPTION_TEXT)
    return values;
  for (gsize i = 0; others[i] != NULL && values->len < SAMPLES_MAX; i++)
    g_ptr_array_add (values, is_column ? column_names (option, others[i]) : g_strdup (others[i]));
  return values;
}

/* Options as in an INI file: `changed` has `value`, others only what is required. */
static char *
settings (const FanoutOption *table, const FanoutOption *changed, const char *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    {
      g_autoptr (GPtrArray) values = samples (option);

      if (option == changed)
        g_string_append_printf (text, "%s = %s\n", option->key, value);
      else if ((option->flags & FANOUT_OPTION_REQUIRED) != 0 && values->len > 0)
        g_string_append_printf (text, "%s = %s\n", option->key, (char *) values->pdata[0]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
options_free (gpointer data)
{
  FanoutContractOptions *self = data;

  if (self->operator_->release != NULL && self->options != NULL)
    self->operator_->release (self->options);
  fanout_config_free (self->config);
  g_free (self->text);
  g_free (self->inputs);
  g_free (self);
}

static gboolean
bind_options (FanoutContractOptions *self, const FanoutConfigGroup *group, FanoutErrors *errors)
{
  const FanoutOperator *operator_ = self->operator_;
  const FanoutOption *const tables[] = { operator_->options, NULL };
  gpointer options = fanout_config_allocate (self->config, MAX (operator_->options_size, 1));
  gpointer const targets[] = { options };
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  if (!fanout_options_bind (self->config, group, tables, targets, NULL, columns, errors))
    return FALSE;
  self->options = options;
  self->n_columns = columns->len;
  if (operator_->prepare == NULL || operator_->prepare (options, &error))
    return TRUE;
  fanout_errors_add (errors, group->origin, "%s",
                     error != NULL ? error->message : "`prepare` failed without an error");
  return FALSE;
}

/* NULL with `problem` when the options are refused. */
static FanoutContractOptions *
options_new (const FanoutOperator *operator_, const char *text, char **problem)
{
  FanoutContractOptions *self = g_new0 (FanoutContractOptions, 1);
  g_autofree char *all = g_strdup_printf ("[" GROUP "]\n%s", text);
  g_autoptr (GError) error = NULL;
  FanoutErrors errors;

  fanout_errors_init (&errors);
  self->operator_ = operator_;
  self->text = g_strdup (text);
  g_strdelimit (g_strchomp (self->text), "\n", ';');
  self->config = fanout_config_parse (all, strlen (all), "made-up options", ".", NULL, &errors);
  if (errors.lines->len == 0)
    bind_options (self, fanout_config_find (self->config, GROUP), &errors);
  if (errors.lines->len == 0)
    self->inputs = fanout_operator_inputs (operator_, self->options, self->n_columns);
  else
    {
      fanout_errors_raise (&errors, &error);
      *problem = g_strdup (error->message);
      g_clear_pointer (&self, options_free);
    }
  fanout_errors_clear (&errors);
  return self;
}

static void
add_variants (GPtrArray *all, const FanoutOperator *operator_, const FanoutOption *option)
{
  g_autoptr (GPtrArray) values = samples (option);

  for (guint i = 0; i < values->len && all->len < VARIANTS_MAX; i++)
    {
      g_autofree char *text = settings (operator_->options, option, values->pdata[i]);
      g_autofree char *problem = NULL;
      FanoutContractOptions *variant = options_new (operator_, text, &problem);
      gboolean is_new = variant != NULL;

      if (variant != NULL)
        variant->bounds
            = option->type == FANOUT_OPTION_COUNT || option->type == FANOUT_OPTION_BYTES;

      for (guint j = 0; j < all->len && is_new; j++)
        is_new = strcmp (((FanoutContractOptions *) all->pdata[j])->text, variant->text) != 0;
      if (is_new)
        g_ptr_array_add (all, variant);
      else if (variant != NULL)
        options_free (variant);
    }
}

GPtrArray *
fanout_contract_options (const FanoutOperator *operator_, char **problem)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (options_free);
  g_autofree char *text = settings (operator_->options, NULL, NULL);
  FanoutContractOptions *base = options_new (operator_, text, problem);

  if (base == NULL)
    return NULL;
  g_ptr_array_add (all, base);
  for (const FanoutOption *option = operator_->options; option != NULL && option->key != NULL;
       option++)
    add_variants (all, operator_, option);
  return g_steal_pointer (&all);
}
