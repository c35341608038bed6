#include "core/fanoutd/monitor/scene.h"
#include "core/pipeline/pipeline.h"

Scene *
scene_new (FanoutPipeline *pipeline)
{
  Scene *scene = g_new0 (Scene, 1);

  atomic_init (&scene->references, 1);
  scene->plan = fanout_plan_ref ((FanoutPlan *) fanout_pipeline_plan (pipeline));
  scene->inputs = g_strdupv ((char **) fanout_pipeline_inputs (pipeline));
  scene->kept = kept_new (scene->plan->window != NULL);
  return scene;
}

Scene *
scene_ref (Scene *scene)
{
  atomic_fetch_add (&scene->references, 1);
  return scene;
}

void
scene_unref (Scene *scene)
{
  if (scene == NULL || atomic_fetch_sub (&scene->references, 1) > 1)
    return;
  kept_free (scene->kept);
  g_strfreev (scene->inputs);
  fanout_plan_free (scene->plan);
  g_free (scene);
}
