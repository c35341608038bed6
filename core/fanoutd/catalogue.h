#pragma once

/**
 * Everything that can be named: the groups of the INI file with their keys, and the operators,
 * sources and sinks there are. Help, manual, reference and completion print it; `verbs` in
 * program.h is the part about the program itself.
 */

#include "core/config/config.h"
#include "core/plugin/registry.h"
#include <fanout/option.h>

/** A group of the INI file. */
typedef struct
{
  const char *name;            /* "pipeline"; of [aggregate NAME] the first word */
  const char *header;          /* such as "aggregate mean_delay" */
  const char *help;            /* what it is for, where the keys do not say; NULL */
  gboolean free;               /* its keys are any names: those in `options` are examples */
  gboolean shown;              /* in an example of everything it can only be shown */
  const FanoutOption *options; /* the core's own */
  const FanoutOption *bytes;   /* of every source that reads files or standard input; NULL */
  FanoutKind kind;             /* of what brings keys of its own, chosen by the key `choice` */
  const char *choice;          /* NULL: nothing does */
  const char *example;         /* whose keys the examples of the tables go with; NULL: none */
} CatalogueGroup;

/** In the order in which they are written; ends with a `name` of NULL. */
extern const CatalogueGroup catalogue_groups[];

/** One operator, source or sink. */
typedef struct
{
  FanoutKind kind;
  const char *name;
  const char *summary;
  const char *details;
  const FanoutOption *options; /* its own; NULL: none */
  const FanoutOption *bytes;   /* of every source that reads files or standard input; NULL */
  const char *file;            /* that offers it; NULL: none does */
  union
  {
    gconstpointer item;
    const FanoutOperator *operator_;
    const FanoutSource *source;
    const FanoutSink *sink;
  };
} CatalogueItem;

/** All kinds, sorted by their words; `n_catalogue_kinds` of them. */
extern const FanoutKind catalogue_kinds[];
extern const guint n_catalogue_kinds;

/** FALSE with `error` as that of fanout_registry_operator () and its like. */
gboolean catalogue_find (FanoutRegistry *registry, FanoutKind kind, const char *name,
                         CatalogueItem *item, GError **error);
/** Those of one kind that can be used, sorted by name: an array of CatalogueItem. */
GArray *catalogue_items (FanoutRegistry *registry, FanoutKind kind);

/** One of its own; NULL: it has none of this key. */
const FanoutOption *catalogue_item_option (const CatalogueItem *item, const char *key);

/** The option that a key of `group` stands for, of the core or of what the group's choice names;
 * NULL: there is none. */
const FanoutOption *catalogue_option (FanoutRegistry *registry, const FanoutConfigGroup *group,
                                      const char *key);
