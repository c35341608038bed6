#pragma once

/** A thread that lets a run rest when something is due, or is asked for. */

#include "core/base/clock.h"
#include "core/pass/rest.h"

typedef struct FanoutTicker FanoutTicker;

/** When the next thing is due, in microseconds of the monotonic clock; G_MAXINT64: nothing is. Or
 * what is due is done here where it needs no rest, and a rest is wanted by fanout_rest_want(). In
 * the thread of the ticker. */
typedef gint64 (*FanoutTickerDue) (gpointer data, gint64 now);

/** `wake` becomes readable when something is asked for; the run rests then as well. NULL with
 * `error`: there is no thread. */
FanoutTicker *fanout_ticker_start (FanoutRest *rest, int wake, const FanoutClock *clock,
                                   FanoutTickerDue due, gpointer data, GError **error);
/** After the passes have ended; `wake_up` makes `wake` readable. */
void fanout_ticker_stop (FanoutTicker *ticker, int wake_up);
