#include "core/pipeline/private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

gboolean
fanout_pipeline_is_stream (const FanoutPipeline *pipeline)
{
  const FanoutPlan *plan = pipeline->plan;
  return pipeline->partials == NULL && !plan->fed
         && (plan->window != NULL || plan->every > 0 || fanout_plan_is_endless (plan));
}

gboolean
fanout_pipeline_is_endless (const FanoutPipeline *pipeline)
{
  return pipeline->partials == NULL && fanout_plan_is_endless (pipeline->plan);
}

void
fanout_pipeline_on_stream (FanoutPipeline *pipeline, const FanoutStreamHandlers *handlers)
{
  pipeline->handlers = *handlers;
}

void
fanout_pipeline_begin_anew (FanoutPipeline *pipeline)
{
  pipeline->anew = TRUE;
}

GTimeZone *
fanout_pipeline_zone (const FanoutPipeline *pipeline)
{
  return pipeline->plan->window != NULL ? pipeline->plan->window->axis.zone : NULL;
}

gboolean
fanout_pipeline_open_ask (FanoutPipeline *pipeline, GError **error)
{
  if (pipeline->ask[0] >= 0)
    return TRUE;
  if (!g_unix_open_pipe (pipeline->ask, FD_CLOEXEC, error))
    {
      g_prefix_error (error, "no pipe can be made: ");
      return FALSE;
    }
  return g_unix_set_fd_nonblocking (pipeline->ask[0], TRUE, error)
         && g_unix_set_fd_nonblocking (pipeline->ask[1], TRUE, error);
}

void
fanout_pipeline_ask (FanoutPipeline *pipeline, guint what)
{
  const int number = errno;
  atomic_fetch_or (&pipeline->asked, what);
  /* A full pipe wakes as well. */
  if (pipeline->ask[1] >= 0 && write (pipeline->ask[1], "", 1) < 0)
    errno = number;
  errno = number;
}

gboolean
fanout_pipeline_is_asked (const FanoutPipeline *pipeline, FanoutAsk what)
{
  return (atomic_load (&pipeline->asked) & (guint) what) != 0;
}

gboolean
fanout_pipeline_save (FanoutPipeline *pipeline, GError **error)
{
  return pipeline->save == NULL || pipeline->save (pipeline->save_data, error);
}
