#pragma once

/** The checkpoints of a run: found, read back, written, so many of them kept. */

#include "core/pipeline/private.h"

typedef struct FanoutSaving FanoutSaving;

/** A run begins: none has been written in it. */
void fanout_saving_begin (FanoutPipeline *pipeline);
FanoutSaving *fanout_saving_new (FanoutPipeline *pipeline);
void fanout_saving_free (FanoutSaving *saving);

/** Find the newest checkpoint that is whole, and keep others from its path. TRUE also where there
 * is none. FALSE with `error` where none that is there can be used, or another run has the path. */
gboolean fanout_saving_find (FanoutSaving *saving, GError **error);
/** In place of finding one: go on where `before` (nullable) was. FALSE with `error` where another
 * run has its path. */
gboolean fanout_saving_succeed (FanoutSaving *saving, FanoutSaving *before, GError **error);

/** Give the positions that were found to a reader that has no lanes yet. */
gboolean fanout_saving_restore_reader (const FanoutSaving *saving, FanoutBlockReader *reader,
                                       GError **error);
/** Give what else was found to passes that have not run, and to whoever writes the results;
 * `counts` are those up to there. */
gboolean fanout_saving_restore (FanoutSaving *saving, FanoutPasses *passes,
                                FanoutStreamCounts *counts, GError **error);

typedef enum
{
  FANOUT_SAVING_APART = 0, /* beside the run, where there is room for a copy of the states */
  FANOUT_SAVING_NOW,       /* before that goes on */
  FANOUT_SAVING_MUST,      /* the same, and else it does not go on */
  FANOUT_SAVING_EDGE, /* the same, where it has not begun or does not go on: that is no pause */
} FanoutSavingWay;

/** Write one of passes that rest. What may pass is told and counted, and TRUE, unless it must be
 * written; what came of one beside the run is told at the next one. */
gboolean fanout_saving_write (FanoutSaving *saving, const FanoutPasses *passes,
                              const FanoutStreamCounts *counts, FanoutSavingWay way,
                              GError **error);
/** Wait for the one that is written beside the run. FALSE with `error` where that cannot go on. */
gboolean fanout_saving_settle (FanoutSaving *saving, GError **error);
