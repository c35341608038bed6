#pragma once

/** Words, numbers and signs of an expression. */

#include "core/expression/tree.h"

typedef enum
{
  FANOUT_TOKEN_END = 0,
  FANOUT_TOKEN_NUMBER,
  FANOUT_TOKEN_CALENDAR,
  FANOUT_TOKEN_TEXT,     /* 'text' */
  FANOUT_TOKEN_WORD,     /* a name, a keyword or a function */
  FANOUT_TOKEN_QUOTED,   /* "name" */
  FANOUT_TOKEN_POSITION, /* $3 */
  FANOUT_TOKEN_SIGN,
} FanoutTokenKind;

typedef struct
{
  FanoutTokenKind kind;
  guint start; /* in the text */
  guint end;
  FanoutNumber number;
  FanoutWide wide; /* the number where it is one: tokens are moved */
  char unit;       /* CALENDAR: see FanoutTree */
  char *text;      /* owned: WORD, QUOTED, TEXT without quotes; SIGN, as it stands */
  gsize length;
} FanoutToken;

/** Read the token of `text` that begins at or behind the byte `at`, blanks passed over. FALSE with
 * `error`, and nothing in `token`, where none can. */
gboolean fanout_token_read (const char *text, guint at, FanoutToken *token, GError **error);
void fanout_token_clear (FanoutToken *token);
