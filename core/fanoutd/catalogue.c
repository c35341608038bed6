#include "core/fanoutd/catalogue.h"
#include "core/plan/options.h"

#include <string.h>

static const FanoutOption let_options[] = {
  { .key = "late",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_RAW,
    .example = "delay > 15",
    .help = "NAME = expression" },
  { .key = NULL },
};

static const FanoutOption result_options[] = {
  { .key = "share",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_RAW,
    .example = "flights / total(flights)",
    .help = "NAME = expression over result columns" },
  { .key = NULL },
};

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
  { .name = "let",
    .header = "let",
    .help = "derived columns; each may use those above it, and one that nothing uses costs nothing",
    .free = TRUE,
    .options = let_options },
  { .name = "result",
    .header = "result",
    .help = "derived result columns, behind the aggregates, of every table that has what they name",
    .free = TRUE,
    .options = result_options },
  { .name = "table",
    .header = "table by_origin",
    .help = "one result table of several from one pass; it has the keys of [output] as well, which "
            "say what it leaves out. Without any, [pipeline] group-by and [output] describe the "
            "only one",
    .shown = TRUE,
    .options = fanout_table_options },
  { .name = "window",
    .header = "window",
    .help = "results by event time: for each window, when it is over",
    .shown = TRUE,
    .options = fanout_window_options },
  { .name = "output",
    .header = "output",
    .options = fanout_output_options,
    .kind = FANOUT_KIND_SINK,
    .choice = "format" },
  { .name = "checkpoint",
    .header = "checkpoint",
    .help = "states and positions on disk, so that a run that ended, however it did, goes on where "
            "it was",
    .shown = TRUE,
    .options = fanout_checkpoint_options },
  { .name = "monitor",
    .header = "monitor",
    .help = "a look into the run while it goes on",
    .options = fanout_monitor_options },
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
          && name[length] == (strcmp (group->name, group->header) != 0 ? ' ' : '\0'))
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

  if (known == NULL)
    return NULL;
  if (known->free)
    return &expression;
  option = find_option (known->options, key);
  if (option == NULL)
    option = find_option (known->bytes, key);
  if (option == NULL && known->choice != NULL)
    choice = fanout_config_entry (group, known->choice);
  if (choice != NULL && catalogue_find (registry, known->kind, choice->value, &item, NULL))
    option = find_option (item.options, key);
  return option;
}
