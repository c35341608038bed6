#pragma once

/** Regular expressions, by PCRE2: of UTF-8 with the classes of Unicode, bytes that are no UTF-8
 * allowed. */

#include "core/expression/private.h"

typedef struct FanoutPattern FanoutPattern;

/** A compiled pattern; NULL with `problem` (owned by the caller) when it is none. */
FanoutPattern *fanout_pattern_new (const char *text, gsize length, char **problem);
void fanout_pattern_free (gpointer pattern);
/** What an evaluator keeps for searching. */
void fanout_patterns_free_match (gpointer match_data);

/** Payload: a FanoutPattern. */
extern const FanoutOperation fanout_operation_matches;

/** What match() and sub() need besides their operand. */
typedef struct
{
  FanoutPattern *pattern;
  guint group;       /* of match */
  char *replacement; /* of sub: with \1 and \\ */
} FanoutSearch;

/** NULL with `problem` when `group` does not exist, is named by the replacement and does not, or
 * the pattern is none. */
FanoutSearch *fanout_search_new (const char *text, gsize length, const char *group,
                                 const char *replacement, char **problem);
void fanout_search_free (gpointer search);

extern const FanoutOperation fanout_operation_match, fanout_operation_sub;
