#pragma once

/** Where a part stands among all parts of a stream, and whether several of them are all there. */

#include "core/input/part.h"

#include <fanout/error.h>

typedef struct
{
  guint64 first; /* from 1: it is parts `first` to `last` */
  guint64 last;
  guint64 count; /* of so many; 0: no part */
  FanoutPartEnds ends;
  char *inputs; /* what was shared out: equal for the parts of one stream */
} FanoutPlace;

void fanout_place_clear (FanoutPlace *place);
/** `to` is not cleared before. */
void fanout_place_copy (FanoutPlace *to, const FanoutPlace *from);
/** Let `into` be both; `next` is the one behind it. */
void fanout_place_join (FanoutPlace *into, const FanoutPlace *next);

/** A part in a list of some. */
typedef struct
{
  const char *name; /* for messages */
  const FanoutPlace *place;
  gboolean enough; /* what comes behind it does not count */
} FanoutPlaced;

/** Put them in order, and see whether they are parts of one stream, all there once, and begin as
 * those before them end; `whole`: from the first of all to the last one. FALSE with all that is
 * wrong in `error` (FANOUT_ERROR_INPUT). */
gboolean fanout_places_sort (FanoutPlaced *parts, guint n, gboolean whole, GError **error);

/** "FILE:LINE: ..." where lines may be open: count those `before`, which may be open itself. */
char *fanout_lines_settle (const char *text, guint64 before);
/** The same of a number. */
guint64 fanout_line_settle (guint64 line, guint64 before);
/** The same for people: open lines are counted from 1 behind byte `from`. */
char *fanout_lines_show (const char *text, guint64 from);
