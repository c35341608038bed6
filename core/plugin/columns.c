#include "core/plugin/columns.h"

struct FanoutColumnNames
{
  const char *name; /* of the aggregate */
  GPtrArray *names;
};

void
fanout_columns_add (FanoutColumnNames *names, const char *suffix)
{
  gboolean bare = suffix == NULL || suffix[0] == '\0';
  g_ptr_array_add (names->names,
                   bare ? g_strdup (names->name) : g_strdup_printf ("%s_%s", names->name, suffix));
}

char **
fanout_operator_columns (const FanoutOperator *operator_, gconstpointer options, const char *name)
{
  FanoutColumnNames names = { name, g_ptr_array_new () };
  if (operator_->columns != NULL)
    operator_->columns (options, &names);
  if (names.names->len == 0)
    fanout_columns_add (&names, NULL);
  g_ptr_array_add (names.names, NULL);
  return (char **) g_ptr_array_free (names.names, FALSE);
}

static guint
n_bound (const FanoutOption *option, gconstpointer options)
{
  gconstpointer at = (const char *) options + option->offset;

  if (option->type == FANOUT_OPTION_COLUMN)
    return *(const gint *) at >= 0 ? 1 : 0;
  return option->type == FANOUT_OPTION_COLUMNS ? ((const FanoutColumns *) at)->n : 0;
}

FanoutOperatorInput *
fanout_operator_inputs (const FanoutOperator *operator_, gconstpointer options, guint n)
{
  FanoutOperatorInput *inputs = g_new0 (FanoutOperatorInput, MAX (n, 1));
  guint index = 0;

  for (const FanoutOption *option = operator_->options; option != NULL && option->key != NULL;
       option++)
    for (guint left = n_bound (option, options); left > 0 && index < n; left--, index++)
      {
        inputs[index].option = option;
        if (operator_->takes != NULL)
          inputs[index].takes = operator_->takes (options, index);
        else
          inputs[index].takes = option->takes != 0 ? option->takes : FANOUT_TAKES_NUMBER;
      }
  return inputs;
}
