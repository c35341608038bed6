#include "core/decode/json.h"
#include "core/base/error.h"
#include <string.h>

/* A row with room around, and its tokens. */
typedef struct
{
  const char *text; /* with a line feed behind it */
  gsize length;
  FanoutTokens tokens;
} Row;

/* Places are told as an editor has them: by characters, from 1. */
static gsize
column_of (const Row *row, gsize at)
{
  gsize column = 1;

  for (gsize i = 0; i < at; i++)
    column += ((guchar) row->text[i] & 0xc0) != 0x80;
  return column;
}

static char *
tell_control (const Row *row, gsize at)
{
  const char *named = row->text[at] == '\t' ? ", as \\t" : "";
  gsize n = row->tokens.n;

  if (at < row->length)
    return g_strdup_printf ("column %zu: a control character in a string, which is to be escaped%s",
                            column_of (row, at), named);
  while (n > 1 && row->text[row->tokens.at[n - 1]] != '"')
    n--;
  return g_strdup_printf ("column %zu: a string begins here and is never closed",
                          column_of (row, row->tokens.at[n - 1]));
}

static char *
tell_escape (const Row *row, gsize at)
{
  const gboolean whole = row->text[at + 1] == 'u' && g_ascii_isxdigit (row->text[at + 2])
                         && g_ascii_isxdigit (row->text[at + 3])
                         && g_ascii_isxdigit (row->text[at + 4])
                         && g_ascii_isxdigit (row->text[at + 5]);
  g_autofree char *found
      = fanout_quote (row->text + at, (gssize) MIN (whole ? 6 : 2, row->length - at));

  return g_strdup_printf (whole ? "column %zu: %s is half of a surrogate pair, without the other"
                                : "column %zu: %s is no escape",
                          column_of (row, at), found);
}

/* What stands at a token. */
static char *
show (const Row *row, const guint32 *t)
{
  const gsize at = *t;
  gsize length = strcspn (row->text + at, "{}[]:,\" \t\r\n");

  return fanout_quote (row->text + at, (gssize) MAX (length, 1));
}

/* Where somebody has JSON, but not one object a line. */
static const char *
lines_hint (const Row *row)
{
  const gsize first = row->tokens.n > 0 ? row->tokens.at[0] : 0;

  if (row->text[first] == '[')
    return "; jq -c '.[]' makes lines of an array";
  if (row->text[first] == '\x1e')
    return "; without the separators of RFC 7464 it comes from: tr -d '\\036'";
  return row->text[first] == '{' && row->tokens.n == 2 ? "; jq -c . makes a line of each object"
                                                       : "";
}

/* What is found behind an object: where others come, they are no lines yet. */
static const char *
behind_hint (char found)
{
  if (found == '\0')
    return "; tr '\\0' '\\n' makes lines of what ends in NUL bytes";
  return found == '{' ? "; jq -c . makes a line of each object" : "";
}

static char *
tell_token (const Row *row, const FanoutJsonWalk *walk)
{
  static const char structure[] = "{}[]:,\"";
  static const char *const wanted[] = {
    [FANOUT_JSON_OBJECT] = "an object",
    [FANOUT_JSON_NAME_OR_END] = "a name in double quotes or }",
    [FANOUT_JSON_NAME] = "a name in double quotes",
    [FANOUT_JSON_COLON] = "a colon",
    [FANOUT_JSON_VALUE] = "a value",
    [FANOUT_JSON_MORE_MEMBERS] = "a comma or }",
    [FANOUT_JSON_MORE_ELEMENTS] = "a comma or ]",
    [FANOUT_JSON_LINE_END] = "the end of the line",
  };
  const gsize column = column_of (row, *walk->failed);
  g_autofree char *found = show (row, walk->failed);
  const char *hint = "";

  if (walk->wanted == FANOUT_JSON_LESS_DEPTH)
    return g_strdup_printf ("column %zu: more than %d arrays and objects in one another", column,
                            FANOUT_JSON_DEPTH);
  if (*walk->failed >= row->length)
    return g_strdup_printf ("column %zu: the line ends where %s is wanted%s", column,
                            wanted[walk->wanted], lines_hint (row));
  if (walk->wanted == FANOUT_JSON_VALUE
      && memchr (structure, row->text[*walk->failed], sizeof structure - 1) == NULL)
    return g_strdup_printf ("column %zu: %s is no value", column, found);
  if (walk->wanted == FANOUT_JSON_OBJECT)
    hint = lines_hint (row);
  else if (walk->wanted == FANOUT_JSON_LINE_END)
    hint = behind_hint (row->text[*walk->failed]);
  return g_strdup_printf ("column %zu: %s is wanted, not %s%s", column, wanted[walk->wanted], found,
                          hint);
}

/* The first mistake of a row. */
static char *
find_mistake (const Row *row, const FanoutJsonWalk *walk, const guint32 *end)
{
  const gsize control = row->tokens.control;
  const gsize escape = fanout_json_bad_escape (row->text, row->length);
  const gsize utf8 = fanout_bad_utf8 (row->text, row->length);
  const gsize first = MIN (control, MIN (escape, utf8));

  if (end == NULL && *walk->failed < first)
    return tell_token (row, walk);
  if (first == G_MAXSIZE)
    return g_strdup ("no JSON object");
  if (first == control)
    return tell_control (row, control);
  if (first == escape)
    return tell_escape (row, escape);
  return g_strdup_printf ("column %zu: the byte 0x%02x does not belong to UTF-8",
                          column_of (row, utf8), (guchar) row->text[utf8]);
}

char *
fanout_json_reason (const FanoutScanner *scanner, const char *text, gsize length)
{
  const gsize room = length + 1;
  g_autofree char *copy = g_malloc0 (length + 1 + 2 * FANOUT_PADDING);
  g_autofree guint32 *at = g_new0 (guint32, room + FANOUT_INDEX_SLACK);
  g_autoptr (FanoutChunk) nothing = fanout_chunk_new (0, NULL, 1);
  Row row = { copy + FANOUT_PADDING, length, { .at = at, .limit = room } };
  FanoutJsonWalk walk = { .data = row.text, .tree = fanout_json_tree_new (nothing) };
  char *reason;

  memcpy (copy + FANOUT_PADDING, text, length);
  copy[FANOUT_PADDING + length] = '\n';
  scanner->tokens (row.text, length + 1, &row.tokens);
  if (row.tokens.control < length)
    at[row.tokens.n++] = (guint32) length;
  for (guint i = 0; i < FANOUT_JSON_BEHIND; i++)
    at[row.tokens.n + i] = (guint32) length + 1;
  reason = find_mistake (&row, &walk, fanout_json_walk (&walk, at));
  fanout_json_tree_free (walk.tree);
  return reason;
}
