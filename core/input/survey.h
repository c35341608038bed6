#pragma once

/** How far each input of a reader is, for who looks at it from outside. */

#include "core/input/reader.h"

typedef struct
{
  const char *name; /* owned by whoever has the survey */
  FanoutInputStage stage;
  gboolean wanted;     /* it was asked for by its own name, or by a pattern that matches nothing: it
                          should be there */
  const char *trouble; /* why it cannot be read, static; NULL: it can, or is not there */
  guint64 bytes;       /* of the file that is read now, so far, packed ones as they are */
  guint64 size;        /* of that; 0: unknown */
} FanoutSurveyed;

/** Of FanoutSurveyed, the first `most` inputs that are not over for ever, those that are in trouble
 * before all others; `n` gets how many there are in all. While all lanes rest. */
GArray *fanout_reader_survey (FanoutBlockReader *reader, guint most, guint64 *n);
/** The same again. */
FANOUT_API GArray *fanout_survey_copy (const GArray *survey);
