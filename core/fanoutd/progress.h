#pragma once

/** How far a run is, on one line of standard error that is drawn again and again. */

#include <fanout/pipeline.h>

typedef struct Progress Progress;

/** Starts after a second. NULL when standard error is no terminal. */
Progress *progress_start (FanoutPipeline *pipeline);
/** Wipe the line. */
/** What other processes have read beside the pipeline, of so many bytes. Any thread. */
void progress_add (guint64 rows, guint64 bytes, guint64 total);
void progress_stop (Progress *progress);
