#pragma once

/** From arguments to a pipeline: what run and check have in common. */

#include "core/fanoutd/arguments.h"
#include "core/input/part.h"

typedef struct
{
  Settings settings;
  GPtrArray *words; /* PIPELINE.ini, then the inputs */
  FanoutPart part;  /* `count` 0: all of them */
} Load;

void load_clear (Load *load);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Load, load_clear)

/** Read the arguments, look for plugins, load the pipeline. -1: `pipeline` is set; else the exit
 * code: help was printed, or what is wrong was told. `load` is set up in any case. */
int load_pipeline (Load *load, const Verb *verb, char **arguments, FanoutPipeline **pipeline);

/** Load the same again, to come in place of the pipeline that runs, as
 * fanout_pipeline_new_again(). */
FanoutPipeline *load_again (const Load *load, FanoutPipeline *running, GError **error);

/** The plugins that can be reached, those in `folders` too. NULL with `code`: the mistake was told.
 */
FanoutRegistry *load_registry (const Verb *verb, GPtrArray *folders, int *code);

/** What is offered in more than one place, of what was asked for: one line each on standard error.
 */
void load_print_notes (FanoutRegistry *registry);

/** Why a pipeline could not be loaded, and the statistics if wanted. Answers the exit code. */
int load_refuse (const GError *error, const Settings *settings);
