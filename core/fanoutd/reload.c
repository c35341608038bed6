#include "core/fanoutd/reload.h"
#include "core/base/error.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/outcome.h"
#include "core/fanoutd/service.h"
#include "core/fanoutd/signals.h"

#include <string.h>

static const char *
name_of (const Reload *self)
{
  return self->load != NULL ? self->load->words->pdata[0] : "the configuration";
}

/* What only a new start changes. */
static void
tell_monitor (const Reload *self, FanoutPipeline *next)
{
  const FanoutMonitorOptions *before = &fanout_pipeline_plan (self->pipeline)->monitor;
  const FanoutMonitorOptions *now = &fanout_pipeline_plan (next)->monitor;

  if (g_strcmp0 (before->listen, now->listen) != 0 || before->allow_remote != now->allow_remote)
    message ("%s: [monitor] listen and allow-remote: as they were until a new start",
             name_of (self));
}

static FanoutPipeline *
read_again (gpointer data, GError **error)
{
  Reload *self = data;
  g_autoptr (FanoutPipeline) next = NULL;

  service_reloading ();
  if (self->load == NULL || strcmp (name_of (self), "-") == 0)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                           "there is no file with the configuration that could be read again");
      return NULL;
    }
  next = load_again (self->load, self->pipeline, error);
  if (next == NULL || !outputs_prepare (self->outputs, next, error))
    return NULL;
  tell_monitor (self, next);
  return g_steal_pointer (&next);
}

static void
append_list (GString *text, const char *what, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s%s",
                            i > 0           ? ", "
                            : text->len > 0 ? "; "
                                            : "",
                            i > 0 ? "" : what, (const char *) names->pdata[i]);
}

/* "kept: a, b; new: c" */
static char *
summarize (const FanoutChanges *changes)
{
  GString *text = g_string_new (NULL);

  append_list (text, "kept: ", changes->kept);
  append_list (text, "begun anew: ", changes->changed);
  append_list (text, "new: ", changes->added);
  append_list (text, "gone: ", changes->gone);
  return g_string_free (text, FALSE);
}

static void
replace (gpointer data)
{
  Reload *self = data;

  signals_use (NULL);
  outputs_turn (self->outputs);
  signals_use (outputs_replaced (self->outputs));
  monitor_turn (self->monitor);
}

static void
append_names (GString *json, const char *key, const GPtrArray *names)
{
  g_autofree const char **texts = g_new0 (const char *, names->len + 1);

  for (guint i = 0; i < names->len; i++)
    texts[i] = names->pdata[i];
  json_texts (json, key, texts);
}

static char *
describe (const FanoutChanges *changes)
{
  GString *json = g_string_new ("{");

  json_boolean (json, "reloaded", TRUE);
  append_names (json, "kept", changes->kept);
  append_names (json, "begun_anew", changes->changed);
  append_names (json, "new", changes->added);
  append_names (json, "gone", changes->gone);
  append_names (json, "notes", changes->notes);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static void
tell_changes (const Reload *self, const FanoutChanges *changes)
{
  g_autofree char *summary = summarize (changes);

  for (guint i = 0; i < changes->notes->len; i++)
    message ("%s: %s", name_of (self), (const char *) changes->notes->pdata[i]);
  message ("%s: read again; %s%s", name_of (self), summary,
           changes->anew ? "; what was open has been written" : "");
}

static void
tell (gpointer data, const FanoutChanges *changes, const GError *error)
{
  Reload *self = data;

  if (changes != NULL)
    {
      tell_changes (self, changes);
      outcome_add (FALSE, describe (changes));
    }
  else
    {
      outputs_stay (self->outputs);
      message_error (error);
      message ("%s: the run goes on as before", name_of (self));
      outcome_add (TRUE, g_strconcat (error->message, "\nthe run goes on as before", NULL));
    }
  service_ready ();
}

void
reload_handle (Reload *self, FanoutStreamHandlers *handlers)
{
  handlers->reload = read_again;
  handlers->replace = replace;
  handlers->reloaded = tell;
  handlers->reload_data = self;
}
