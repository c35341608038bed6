#pragma once

/** Running a loaded pipeline to its exit code. */

#include "core/fanoutd/load.h"

/** What runs a pipeline in place of fanout_pipeline_run(). */
typedef struct
{
  FanoutResult *(*run) (gpointer data, GError **error);
  gpointer data;
  const Load *load; /* what the pipeline can be loaded from again; NULL: nothing */
  gboolean piped; /* an output that looks like a terminal is a launcher's, whose own may be none */
  int code;       /* set by `run`: the exit code of its failure; 0: the error decides */
  const char *stats; /* set by `run`: more members of the object of --stats; NULL: none */
} Runner;

/** Run `pipeline`, print its results and all that is to be said about it; `load`: what it can be
 * loaded from again, NULL: nothing. Answers the exit code. */
int execute (FanoutPipeline *pipeline, const Settings *settings, const Load *load);
/** The same by `runner`. */
int execute_by (FanoutPipeline *pipeline, const Settings *settings, Runner *runner);
/** Run `pipeline` and write its states to `settings->partial`. Answers the exit code. */
int execute_partial (FanoutPipeline *pipeline, const Settings *settings);
