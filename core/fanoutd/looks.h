#pragma once

/** What a text that stands for a column is: its name, or an expression. */

#include <glib.h>

typedef enum
{
  LOOKS_NAME,       /* a name, whatever is in it */
  LOOKS_EXPRESSION, /* an expression that is no name, and may be a name all the same */
  LOOKS_BROKEN,     /* a name, or an expression with a mistake in it */
} Looks;

Looks looks_like (const char *text);
