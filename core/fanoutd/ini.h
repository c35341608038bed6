#pragma once

/** The INI file that stands for a command line, and the way back from its lines to the arguments.
 */

#include "core/fanoutd/expression.h"
#include "core/plugin/registry.h"

/** What it is made of; borrowed. */
typedef struct
{
  GPtrArray *group_by;   /* const char *: lists of columns */
  const char *type;      /* of the source; NULL: csv */
  const char *delimiter; /* NULL: the source's own */
  gboolean no_header;
  GPtrArray *expressions; /* Expression */
  GPtrArray *inputs;      /* const char *; NULL or none: standard input */
} IniParts;

typedef struct
{
  GString *text;
  GPtrArray *labels; /* char *: the argument that each line came from */
} Ini;

/** The name of the file in the origins of errors. */
#define INI_NAME "agg"

/** The registry tells which options are lists. */
Ini *ini_new (const IniParts *parts, FanoutRegistry *registry);
void ini_free (Ini *ini);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ini, ini_free)

/** A copy of `message` with the argument in place of "agg:LINE" at the start of each line. */
char *ini_restore (const Ini *ini, const char *message);
