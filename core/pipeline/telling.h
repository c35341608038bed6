#pragma once

/**
 * A thread that tells the results of windows while the run goes on.
 *
 * One at a time: who has the next one waits for that before. What was told is freed by who waits,
 * since its states may be counted where they came from; so that is to be at a common rest.
 */

#include "core/pass/run.h"

#include <fanout/pipeline.h>

typedef struct FanoutTelling FanoutTelling;

/** As the handler of results of a stream. */
typedef gboolean (*FanoutTellingDo) (gpointer data, FanoutResult *result, FanoutInstant when,
                                     GError **error);

/** NULL: the system refuses a thread. */
FanoutTelling *fanout_telling_new (FanoutTellingDo tell, gpointer data);
/** Waits for what is being told. */
void fanout_telling_free (FanoutTelling *telling);

/** Tell a result, taken over; a failure is that of the run. */
void fanout_telling_start (FanoutTelling *telling, FanoutRun *run, FanoutResult *result,
                           FanoutInstant when);
/** Wait until all is told; NULL: there is nobody. */
void fanout_telling_settle (FanoutTelling *telling);
