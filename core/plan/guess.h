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

/** Where the end of a packed file's name begins in `name`: .gz, .zst, .xz, .bz2, .lz4 in any case;
 * NULL: it has none. */
const char *fanout_guess_packed_end (const char *name);
