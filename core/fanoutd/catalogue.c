#include "core/fanoutd/catalogue.h"
#include "core/plan/options.h"

#include <string.h>

const CatalogueGroup catalogue_groups[] = {
  { .name = "pipeline", .header = "pipeline", .options = fanout_pipeline_options },
  { .name = "source",
    .header = "source",
    .options = fanout_source_options,
    .bytes = fanout_source_bytes_options,
    .kind = FANOUT_KIND_SOURCE,
    .choice = "type",
    .example = "csv" },
  { .name = "aggregate",
    .header = "aggregate mean_delay",
    .options = fanout_aggregate_options,
    .kind = FANOUT_KIND_OPERATOR,
    .choice = "type",
    .example = "mean" },
  { .name = "output",
    .header = "output",
    .options = fanout_output_options,
    .kind = FANOUT_KIND_SINK,
    .choice = "format" },
  { .name = NULL },
};

const FanoutKind catalogue_kinds[] = { FANOUT_KIND_OPERATOR, FANOUT_KIND_SINK, FANOUT_KIND_SOURCE };
const guint n_catalogue_kinds = G_N_ELEMENTS (catalogue_kinds);

static gboolean
find_operator (FanoutRegistry *registry, const char *name, CatalogueItem *item, GError **error)
{
  const FanoutOperator *operator_ = fanout_registry_operator (registry, name, error);

  if (operator_ == NULL)
    return FALSE;
  item->operator_ = operator_;
  item->name = operator_->name;
  item->summary = operator_->summary;
  item->details = operator_->details;
  item->options = operator_->options;
  return TRUE;
}

static gboolean
find_source (FanoutRegistry *registry, const char *name, CatalogueItem *item, GError **error)
{
  const FanoutSource *source = fanout_registry_source (registry, name, error);

  if (source == NULL)
    return FALSE;
  item->source = source;
  item->name = source->name;
  item->summary = source->summary;
  item->details = source->details;
  item->options = source->options;
  item->bytes = source->decode != NULL ? fanout_source_bytes_options : NULL;
  return TRUE;
}

static gboolean
find_sink (FanoutRegistry *registry, const char *name, CatalogueItem *item, GError **error)
{
  const FanoutSink *sink = fanout_registry_sink (registry, name, error);

  if (sink == NULL)
    return FALSE;
  item->sink = sink;
  item->name = sink->name;
  item->summary = sink->summary;
  item->details = sink->details;
  item->options = sink->options;
  return TRUE;
}

gboolean
catalogue_find (FanoutRegistry *registry, FanoutKind kind, const char *name, CatalogueItem *item,
                GError **error)
{
  CatalogueItem found = { .kind = kind };
  const gboolean there = kind == FANOUT_KIND_OPERATOR
                             ? find_operator (registry, name, &found, error)
                         : kind == FANOUT_KIND_SOURCE ? find_source (registry, name, &found, error)
                                                      : find_sink (registry, name, &found, error);

  if (!there)
    return FALSE;
  found.file = fanout_registry_file (registry, kind, name);
  *item = found;
  return TRUE;
}

GArray *
catalogue_items (FanoutRegistry *registry, FanoutKind kind)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (CatalogueItem));

  for (const char *const *name = fanout_registry_names (registry, kind); *name != NULL; name++)
    {
      CatalogueItem item;

      if (catalogue_find (registry, kind, *name, &item, NULL))
        g_array_append_val (items, item);
    }
  return items;
}

static const FanoutOption *
find_option (const FanoutOption *table, const char *key)
{
  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    if (strcmp (option->key, key) == 0)
      return option;
  return NULL;
}

const FanoutOption *
catalogue_item_option (const CatalogueItem *item, const char *key)
{
  return find_option (item->options, key);
}

static const CatalogueGroup *
find_group (const char *name)
{
  for (const CatalogueGroup *group = catalogue_groups; group->name != NULL; group++)
    {
      const gsize length = strlen (group->name);

      if (strncmp (name, group->name, length) == 0
          && name[length] == (strcmp (group->name, "aggregate") == 0 ? ' ' : '\0'))
        return group;
    }
  return NULL;
}

const FanoutOption *
catalogue_option (FanoutRegistry *registry, const FanoutConfigGroup *group, const char *key)
{
  static const FanoutOption expression = { .type = FANOUT_OPTION_TEXT, .flags = FANOUT_OPTION_RAW };
  const CatalogueGroup *known = find_group (group->name);
  const FanoutConfigEntry *choice = NULL;
  const FanoutOption *option;
  CatalogueItem item;

  if (strcmp (group->name, "let") == 0 || strcmp (group->name, "result") == 0)
    return &expression;
  if (known == NULL)
    return NULL;
  option = find_option (known->options, key);
  if (option == NULL)
    option = find_option (known->bytes, key);
  if (option == NULL && known->choice != NULL)
    choice = fanout_config_entry (group, known->choice);
  if (choice != NULL && catalogue_find (registry, known->kind, choice->value, &item, NULL))
    option = find_option (item.options, key);
  return option;
}
