#pragma once

/** Where inputs are, as it is saved. */

#include "core/input/resume.h"
#include "core/input/tail.h"

/** Bytes by which a file is known again: their number and their hash. */
typedef struct
{
  guint32 length;
  guint64 hash;
} FanoutPositionMark;

/** A file and where to go on in it. */
typedef struct
{
  FanoutFileId id;
  guint64 seen; /* of its bytes */
  FanoutPositionMark head;
  FanoutPositionMark last; /* before `seen` */
  FanoutReaderResume resume;
} FanoutFilePosition;

#define FANOUT_POSITION_FILE  "(tttututttibt)"
#define FANOUT_POSITION_INPUT "(ayuytxxa" FANOUT_POSITION_FILE ")"
#define FANOUT_POSITION_KNOWN "(tttxxtuttt)"
#define FANOUT_POSITION       "(ybua" FANOUT_POSITION_INPUT "a" FANOUT_POSITION_KNOWN ")"

void fanout_position_add_file (GVariantBuilder *to, const FanoutFilePosition *file);
void fanout_position_get_file (GVariantIter *from, FanoutFilePosition *file);
/** Whether the file has the bytes that were seen. FALSE with errno: 0 where it is another one, else
 * why that cannot be said. */
gboolean fanout_position_fits (const FanoutFilePosition *file, int fd, const struct stat *status);
/** The mark of those at `offset`. */
FanoutPositionMark fanout_position_mark (int fd, gsize length, guint64 offset);
