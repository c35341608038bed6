#pragma once

/** What goes with one plan of a run, for who looks at it: another one may come in its place. */

#include "core/fanoutd/monitor/kept.h"
#include "core/plan/plan.h"

typedef struct
{
  _Atomic guint references;
  FanoutPlan *plan;
  char **inputs; /* as they were when the run began by it */
  Kept *kept;
} Scene;

/** That of a pipeline as it is now. */
Scene *scene_new (FanoutPipeline *pipeline);
Scene *scene_ref (Scene *scene);
/** NULL is ignored. */
void scene_unref (Scene *scene);
