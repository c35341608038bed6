#pragma once

/**
 * An aggregate in one argument: `operator`, `operator(column)`, `operator(column, option=value,
 * ...)` or `name=operator(...)`. An item without `=` continues the list before it. Items end at
 * commas outside of parentheses and quotes; what is quoted as a whole is a name.
 */

#include <glib.h>

/** One of several texts between commas. */
typedef struct
{
  char *text; /* as given, without the blanks at its ends */
  char *name; /* in double quotes as a whole, its text without them; NULL */
} CallItem;

typedef struct
{
  char *key;
  GPtrArray *items; /* CallItem, at least one */
} CallOption;

typedef struct
{
  const char *text; /* as given */
  char *name;       /* as given, or made */
  gboolean named;   /* it was given */
  char *operator_;
  GPtrArray *options; /* CallOption, in order; the column first, as the option `column` */
} Call;

/** NULL with what is wrong (static) and at which byte of `text`. A name that is not given is that
 * of the operator with those of the columns, or, where one is an expression, the whole call. */
Call *call_parse (const char *text, const char **problem, gsize *offset);
void call_free (Call *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/** NAME=TEXT, or a text alone, whose `name` is NULL; as those in `-g`, and the one of `-l`. */
typedef struct
{
  const char *text; /* in which it was given */
  char *name;
  CallItem item;
} CallDefinition;

/** The definitions between commas in `text`, an array of CallDefinition; NULL as above. */
GPtrArray *call_parse_list (const char *text, const char **problem, gsize *offset);
/** The one that `text` is as a whole. */
CallDefinition *call_parse_definition (const char *text, const char **problem, gsize *offset);
void call_definition_free (CallDefinition *definition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallDefinition, call_definition_free)

/** The items between commas, an array of CallItem; NULL: there are none such. */
GPtrArray *call_split (const char *text);

/** What an item without its quotes is. */
const char *call_item_value (const CallItem *item);

/** The text with a caret below byte `offset`; two lines. */
char *call_point (const char *text, gsize offset);
