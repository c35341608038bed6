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
