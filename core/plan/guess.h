#pragma once

/** What type of source an input looks like, by its name and first lines. */

#include <glib.h>

typedef struct
{
  const char *type;   /* of the source */
  const char *format; /* of clf; else NULL */
  gboolean obvious;   /* nobody need be told: its name says so too */
} FanoutGuess;

/** `data` are the first `length` bytes of the input `name`, with FANOUT_PADDING readable bytes on
 * both sides; the last line may be cut unless they are `complete`. */
FanoutGuess fanout_guess (const char *name, const char *data, gsize length, gboolean complete);
