#pragma once

/** The configuration that stands for a command line of agg. */

#include "core/config/config.h"
#include "core/fanoutd/call.h"
#include "core/plugin/registry.h"

/** What it is made of; borrowed. */
typedef struct
{
  const GPtrArray *where;  /* const char *: conditions, all of which hold */
  const GPtrArray *let;    /* CallDefinition: derived columns */
  const GPtrArray *result; /* CallDefinition: derived columns of the result */
  const GPtrArray *tables; /* GPtrArray of CallDefinition: the keys of each; none: one table */
  const GPtrArray *having; /* const char *: conditions on result rows, all of which hold */
  const char *rest;        /* the name of the row of all other groups; NULL: none */
  gboolean rollup;         /* subtotals */
  const GPtrArray *sort;   /* const char *: lists of result columns */
  const char *type;        /* of the source; NULL: csv */
  const char *type_over;   /* what is laid over that later; NULL: nothing */
  const char *delimiter;   /* NULL: the source's own */
  const char *limit;       /* of the result's rows; NULL: none */
  const char *output;      /* a file whose ending says the format; NULL: it says nothing */
  gboolean header;
  gboolean no_header;
  const GPtrArray *calls;  /* Call */
  const GPtrArray *inputs; /* const char *; NULL or none: standard input */
} AggParts;

/** Each entry has the argument that it came from as its origin. The registry tells which options
 * are lists. What a call cannot mean goes to `errors`. */
FanoutConfig *agg_config_new (const AggParts *parts, FanoutRegistry *registry,
                              FanoutErrors *errors);

/** The name of the table with these keys: theirs, with commas between. Owned by the caller. */
char *agg_config_table (const GPtrArray *keys);

/** As the text of an INI file that means the same, owned by the caller; NULL with `problem`, owned
 * by the caller too: no INI file can say so. */
char *agg_config_print (const FanoutConfig *config, FanoutRegistry *registry, char **problem);
