#pragma once

/**
 * How far each input has come in event time, as all partitions of a run see it.
 *
 * Whether a row is late is a matter of the rows before it in its own input, so the largest time is
 * passed from block to block, in the order in which the reader dealt them.
 */

#include "core/base/clock.h"
#include "core/window/axis.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct
{
  FanoutInstant largest; /* of its rows so far; FANOUT_INSTANT_NONE: it had none */
  gint64 seen;           /* when the last of them came, in microseconds of the monotonic clock */
  gboolean ended;        /* it holds nobody any more */
  gboolean idle;         /* nor does it by now, since nothing comes */
} FanoutTide;

typedef struct
{
  pthread_mutex_t mutex;
  pthread_cond_t passed;
  const FanoutAxis *axis;
  FanoutInstant lateness;
  guint64 next;  /* the block whose turn it is */
  GArray *tides; /* of FanoutTide, of each input */
  const FanoutClock *clock;
  gint64 announced;          /* the last window that somebody was told to be over */
  gint64 due;                /* nobody has to be told of those before it */
  guint patience;            /* blocks that pass before somebody is told anew; 0: none */
  guint untold;              /* blocks since somebody was */
  _Atomic gboolean given_up; /* nobody waits any more */
} FanoutWatermarks;

FANOUT_API void fanout_watermarks_init (FanoutWatermarks *self, const FanoutAxis *axis,
                                        FanoutInstant lateness, const FanoutClock *clock);
FANOUT_API void fanout_watermarks_clear (FanoutWatermarks *self);

/** There are so many inputs by now. */
FANOUT_API void fanout_watermarks_set_inputs (FanoutWatermarks *self, guint n);

/** Where nobody waits for results: let so many blocks pass before telling again, since each time
 * all partitions rest. */
FANOUT_API void fanout_watermarks_set_patience (FanoutWatermarks *self, guint blocks);

/** Wait until all blocks before the one of this number have passed on what they saw, and answer the
 * largest time of the input before that block. */
FANOUT_API FanoutInstant fanout_watermarks_await (FanoutWatermarks *self, guint64 block,
                                                  guint input);
/** Pass on the largest time of the block that was awaited; `last`: none of that input follows.
 * TRUE: the least watermark of all inputs has passed the end of a window since this was last said,
 * which is not said more often than its patience allows. */
FANOUT_API gboolean fanout_watermarks_pass (FanoutWatermarks *self, guint input,
                                            FanoutInstant largest, gboolean last);
/** Inputs that gave nothing for `idle` microseconds do not hold the others any more. TRUE: more
 * windows are over for it. `next`: when to ask again, if that is earlier. */
FANOUT_API gboolean fanout_watermarks_idle (FanoutWatermarks *self, gint64 now, gint64 idle,
                                            gint64 *next);
/** The run has failed or was stopped: let nobody wait. */
FANOUT_API void fanout_watermarks_give_up (FanoutWatermarks *self);

/** There are no groups in windows before this one, nor will there be. */
FANOUT_API void fanout_watermarks_expect (FanoutWatermarks *self, gint64 due);

/** How far an input was before. */
FANOUT_API void fanout_watermarks_restore (FanoutWatermarks *self, guint input,
                                           FanoutInstant largest);
/** Whether an input has ended, as the reader knows it. */
FANOUT_API void fanout_watermarks_set_ended (FanoutWatermarks *self, guint input, gboolean ended);
/** The last window that is over at a watermark; G_MININT64 at none, G_MAXINT64 at the end. Sessions
 * go by their last rows: those are over in which it is not behind the answer. */
FANOUT_API gint64 fanout_watermark_window (const FanoutAxis *axis, FanoutInstant watermark);
/** The time up to which all inputs are complete. */
FANOUT_API FanoutInstant fanout_watermarks_least (FanoutWatermarks *self);

/** The watermark of an input whose largest time this is. */
static inline FanoutInstant
fanout_watermark_of (FanoutInstant largest, FanoutInstant lateness)
{
  return largest == FANOUT_INSTANT_NONE ? FANOUT_INSTANT_NONE
                                        : MAX (largest - lateness, -FANOUT_INSTANT_MAX);
}
