#include "core/fanoutd/catalogue.h"
#include "core/plan/options.h"

#include <string.h>

static const FanoutOption *
find_option (const FanoutOption *table, const char *key)
{
  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    if (strcmp (option->key, key) == 0)
      return option;
  return NULL;
}

static const FanoutOption *
find_source_option (FanoutRegistry *registry, const char *type, const char *key)
{
  const FanoutOption *option = find_option (fanout_source_options, key);
  const FanoutSource *source = type != NULL ? fanout_registry_source (registry, type, NULL) : NULL;

  if (option == NULL)
    option = find_option (fanout_source_bytes_options, key);
  return option == NULL && source != NULL ? find_option (source->options, key) : option;
}

static const FanoutOption *
find_aggregate_option (FanoutRegistry *registry, const char *type, const char *key)
{
  const FanoutOption *option = find_option (fanout_aggregate_options, key);
  const FanoutOperator *operator_
      = type != NULL ? fanout_registry_operator (registry, type, NULL) : NULL;

  return option == NULL && operator_ != NULL ? find_option (operator_->options, key) : option;
}

const FanoutOption *
catalogue_option (FanoutRegistry *registry, const FanoutConfigGroup *group, const char *key)
{
  const FanoutConfigEntry *entry = fanout_config_entry (group, "type");
  const char *type = entry != NULL ? entry->value : NULL;

  if (strcmp (group->name, "pipeline") == 0)
    return find_option (fanout_pipeline_options, key);
  if (strcmp (group->name, "output") == 0)
    return find_option (fanout_output_options, key);
  if (strcmp (group->name, "source") == 0)
    return find_source_option (registry, type, key);
  if (g_str_has_prefix (group->name, "aggregate "))
    return find_aggregate_option (registry, type, key);
  return NULL;
}
