#pragma once

/** Where to go on in an input that was read before. */

#include <glib.h>

typedef struct FanoutReaderInput FanoutReaderInput;

typedef struct
{
  guint64 offset; /* of a row; 0: at the beginning */
  guint64 line;   /* of it; 0: unknown */
  gint quoted;
  gboolean too_long; /* it is in the midst of one that was dealt as too long */
  gboolean joined;   /* its bytes go on with those of the file before, within a row perhaps */
  guint64 skip;      /* rows that end up to this offset are passed over; 0: none */
  FanoutReaderInput *before; /* the file as it was read, which knows the line; NULL */
} FanoutReaderResume;
