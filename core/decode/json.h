#pragma once

/** Parts of the decoder of JSON lines. */

#include "core/decode/spans.h"

/** Arrays and objects in one another, the row's own object included. */
#define FANOUT_JSON_DEPTH 1024

/* json-path.c: what is wanted of each row, as a tree. */

typedef struct FanoutJsonNode FanoutJsonNode;

/** What a member of an object was called in the row before, and what is wanted of it. */
typedef struct
{
  guint64 low, high; /* the first bytes of the name as it stands, with zeros behind */
  guint64 low_mask, high_mask;
  char *rest; /* those from the 17th on */
  gsize length;
  FanoutJsonNode *node; /* NULL: nothing */
} FanoutJsonGuess;

struct FanoutJsonNode
{
  char *name;      /* of a member of an object; NULL: of an array */
  gsize length;    /* of the name */
  guint64 element; /* its place in an array, from 0 */
  /* Of fanout_json_tree.targets: those that take it itself, and behind them, up to `end`, those
   * that take what is in it. */
  guint first, behind, end;
  GPtrArray *members;  /* of FanoutJsonNode; NULL: none are wanted */
  GPtrArray *elements; /* the same, in their order */
  FanoutJsonGuess *guesses;
  guint n_guesses;
};

typedef struct
{
  FanoutJsonNode *root;
  guint *targets; /* columns */
} FanoutJsonTree;

/** FALSE with `error` (FANOUT_ERROR_CONFIG) when `name` is no path. */
gboolean fanout_json_path_check (const char *name, GError **error);
FanoutJsonTree *fanout_json_tree_new (const FanoutChunk *chunk);
void fanout_json_tree_free (FanoutJsonTree *tree);
/** The member with this name, as it stands in a row; NULL: it is not wanted. */
FanoutJsonNode *fanout_json_member (const FanoutJsonNode *node, const char *name, gsize length);
/** The element of an array; NULL: it is not wanted. */
FanoutJsonNode *fanout_json_element (const FanoutJsonNode *node, guint64 element);
/** From now on `name` is what the guess stands for. */
void fanout_json_guess_set (FanoutJsonGuess *guess, const char *name, gsize length,
                            FanoutJsonNode *node);

/* json-text.c */

/** Write a string's bytes without their escapes, which are right; answers the new length. */
gsize fanout_json_unescape (const char *text, gsize length, char *to);
/** Where the first escape is that is none, G_MAXSIZE: nowhere. Some bytes behind are readable. */
gsize fanout_json_bad_escape (const char *text, gsize length);
/** Whether a text, not empty, is a number as JSON has them. */
gboolean fanout_json_is_number (const char *text, gsize length);

/* json-walk.c: from token to token. */

/** What was wanted where something else stands. */
typedef enum
{
  FANOUT_JSON_OBJECT,
  FANOUT_JSON_NAME_OR_END, /* behind { */
  FANOUT_JSON_NAME,        /* behind a comma */
  FANOUT_JSON_COLON,
  FANOUT_JSON_VALUE,
  FANOUT_JSON_MORE_MEMBERS, /* , or } */
  FANOUT_JSON_MORE_ELEMENTS,
  FANOUT_JSON_LESS_DEPTH,
  FANOUT_JSON_LINE_END,
} FanoutJsonWanted;

typedef struct
{
  const char *data;
  FanoutJsonTree *tree;
  FanoutChunkColumn *columns; /* `seen` is set */
  /* Of the row, as in FanoutSpans. */
  guint32 origin;
  guint32 *starts;
  guint32 *nexts;
  /* Where it is not right. */
  const guint32 *failed;
  FanoutJsonWanted wanted;
} FanoutJsonWalk;

/** Tokens behind a row's line feed that may be looked at: they stand somewhere behind it. */
#define FANOUT_JSON_BEHIND 3

/** One row, which begins with the token at `t` and has a line feed behind it: answers where that
 * is; NULL: the row is not right. */
const guint32 *fanout_json_walk (FanoutJsonWalk *walk, const guint32 *t);

/* json-bad.c */

/** Why a row of `length` bytes, without its line feed, is bad; owned by the caller. */
char *fanout_json_reason (const FanoutScanner *scanner, const char *row, gsize length);

/* json-lines.c */

/** fanout_json_decode() with the functions of one kind of processor. */
gboolean fanout_json_decode_with (const FanoutScanner *scanner, FanoutBlock *block,
                                  FanoutChunk *chunk, GError **error);
