#include "core/fanoutd/monitor/monitor.h"
#include "core/config/address.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/log.h"
#include "core/fanoutd/monitor/counted.h"
#include "core/fanoutd/monitor/look.h"
#include "core/fanoutd/monitor/page.h"
#include "core/fanoutd/monitor/scene.h"
#include "core/fanoutd/outcome.h"
#include "core/fanoutd/program.h"
#include "core/fanoutd/stats.h"
#include "core/pipeline/pipeline.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define JSON  "application/json"
#define PLAIN "text/plain; charset=utf-8"

/* How far the run was at a moment. */
typedef struct
{
  gint64 time; /* g_get_monotonic_time */
  guint64 rows;
  guint64 bytes;
} Sample;

/* Rates are over at least so long, in microseconds. */
#define RATE_TIME        G_USEC_PER_SEC
#define LOOK_NANOSECONDS (200 * 1000000)
/* So long an answer to what was asked for is waited for before it is put off. */
#define WAIT_TIME        (200 * 1000)
#define WAIT_STEP        2000

struct Monitor
{
  FanoutPipeline *pipeline;
  char *policy; /* of the page */
  gint64 started;
  Server *server;
  FlowState output;      /* by the thread of the server */
  Sample samples[2];     /* the newest, and one before it */
  Counted *seen;         /* by the thread of the server */
  Scene *shown;          /* the same */
  pthread_cond_t looked; /* there was another look at the run */
  pthread_mutex_t mutex; /* of what follows */
  Scene *scene;          /* changes when nothing of the run does */
  guint64 n_looks;
  Counted *counted; /* at the last one; NULL: there was none */
  Flow *flow;       /* NULL: nothing goes out */
  gboolean ended;
  char *failure;
};

/* While all of the run rests, in a thread of it. */
static void
take_look (gpointer data, const FanoutLook *look)
{
  Monitor *self = data;
  Counted *counted = counted_new (look->counters, look->inputs, look->n_inputs);

  if (look->result != NULL)
    kept_take (self->scene->kept, look->result, NULL);
  pthread_mutex_lock (&self->mutex);
  counted_unref (self->counted);
  self->counted = counted;
  self->n_looks++;
  pthread_cond_signal (&self->looked);
  pthread_mutex_unlock (&self->mutex);
  server_wake (self->server);
}

/* What is asked for once is waited for, but not for long: the run may have nothing to do. */
static void
look_now (Monitor *self)
{
  struct timespec end;

  clock_gettime (CLOCK_REALTIME, &end);
  end.tv_nsec += LOOK_NANOSECONDS;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  pthread_mutex_lock (&self->mutex);
  const guint64 before = self->n_looks;
  const gboolean asked = !self->ended && fanout_pipeline_look (self->pipeline);
  while (asked && self->n_looks == before
         && pthread_cond_timedwait (&self->looked, &self->mutex, &end) == 0)
    ;
  pthread_mutex_unlock (&self->mutex);
}

/* By the thread of the server alone. */
static void
set_rates (Monitor *self, Look *look)
{
  const Sample now = { g_get_monotonic_time (), look->counters.rows, look->counters.bytes };
  const Sample *before = &self->samples[1];
  const double seconds = (double) (now.time - before->time) * 1e-6;

  look->rows_a_second = (double) (now.rows - MIN (now.rows, before->rows)) / MAX (seconds, 1e-3);
  look->bytes_a_second
      = (double) (now.bytes - MIN (now.bytes, before->bytes)) / MAX (seconds, 1e-3);
  if (now.time - self->samples[0].time < RATE_TIME)
    return;
  self->samples[1] = self->samples[0];
  self->samples[0] = now;
}

/* `look` is good until the end of the answer. */
static void
look_at (Monitor *self, const ServerCounters *server, Look *look)
{
  scene_unref (g_steal_pointer (&self->shown));
  pthread_mutex_lock (&self->mutex);
  self->shown = scene_ref (self->scene);
  pthread_mutex_unlock (&self->mutex);
  *look = (Look){ .plan = self->shown->plan,
                  .inputs = (const char *const *) self->shown->inputs,
                  .kept = self->shown->kept,
                  .started = self->started,
                  .now = g_get_real_time (),
                  .server = *server };
  fanout_pipeline_counters (self->pipeline, &look->counters, sizeof look->counters);
  /* They are somebody else's, who may change them now. */
  look->counters.n_aggregates = 0;
  counted_unref (g_steal_pointer (&self->seen));
  flow_state_clear (&self->output);
  pthread_mutex_lock (&self->mutex);
  flow_read (self->flow, &self->output);
  look->output = self->output;
  look->failure = self->failure;
  look->state = self->failure != NULL ? "failed" : self->ended ? "ended" : "running";
  if (self->counted != NULL)
    {
      self->seen = counted_ref (self->counted);
      look->counters = self->seen->counters;
      look->surveyed = self->seen->surveyed;
      look->n_surveyed = self->seen->n_surveyed;
    }
  pthread_mutex_unlock (&self->mutex);
  set_rates (self, look);
  look->lag = stats_lag (&look->counters);
}

static void
fail (ServerAnswer *answer, guint status, const char *text)
{
  answer->status = status;
  answer->type = PLAIN;
  g_string_assign (answer->body, text);
  g_string_append_c (answer->body, '\n');
}

static void
answer_page (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  (void) request;
  answer->type = "text/html; charset=utf-8";
  answer->policy = self->policy;
  g_string_append (answer->body, page_html);
}

static void
answer_stats (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  Look look;

  look_now (self);
  look_at (self, &request->counters, &look);
  look_append_stats (answer->body, &look);
  g_string_append_c (answer->body, '\n');
}

static void
answer_health (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  Look look;

  look_now (self);
  look_at (self, &request->counters, &look);
  if (!look_append_health (answer->body, &look))
    answer->status = 503;
  g_string_append_c (answer->body, '\n');
}

static void
answer_metrics (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  Look look;

  answer->type = "text/plain; version=0.0.4; charset=utf-8";
  look_now (self);
  look_at (self, &request->counters, &look);
  look_append_metrics (answer->body, &look);
}

static void
answer_log (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  (void) self;
  (void) request;
  log_append (answer->body);
  g_string_append_c (answer->body, '\n');
}

/* FALSE: what stands there is no number. */
static gboolean
read_number (const ServerRequest *request, const char *name, guint64 *number)
{
  const char *text = request->argument (request->connection, name);

  return text == NULL || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, number, NULL);
}

static void
answer_results (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  LookResults wanted = { .table = request->argument (request->connection, "table"),
                         .where = request->argument (request->connection, "where"),
                         .windows = 1 };
  g_autoptr (GError) error = NULL;
  Look look;

  if (!read_number (request, "windows", &wanted.windows)
      || !read_number (request, "limit", &wanted.limit))
    {
      fail (answer, 400, "windows and limit are whole numbers");
      return;
    }
  look_now (self);
  look_at (self, &request->counters, &look);
  if (!look_append_results (answer->body, &look, &wanted, &error))
    fail (answer, 400, error->message);
}

static void
answer_top (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  guint64 columns = 80;
  guint64 rows = 24;
  Look look;

  if (!read_number (request, "columns", &columns) || !read_number (request, "rows", &rows))
    {
      fail (answer, 400, "columns and rows are whole numbers");
      return;
    }
  look_now (self);
  look_at (self, &request->counters, &look);
  if (!look_append_screen (answer->body, &look, request->argument (request->connection, "table"),
                           (guint) CLAMP (columns, 1, 1000), (guint) CLAMP (rows, 1, 1000), &error))
    fail (answer, 400, error->message);
}

static gboolean
is_over (Monitor *self)
{
  pthread_mutex_lock (&self->mutex);
  const gboolean ended = self->ended;
  pthread_mutex_unlock (&self->mutex);
  return ended;
}

/* It is not there yet: the number asks again. */
static void
postpone (ServerAnswer *answer, const char *what, guint64 number)
{
  answer->status = 202;
  g_string_append_printf (answer->body, "{\"asked\":\"/asked?%s=%" G_GUINT64_FORMAT "\"}\n", what,
                          number);
}

typedef struct
{
  guint64 n;
  FanoutCounters last;
} Tried;

static Tried
tried_checkpoints (Monitor *self)
{
  Tried tried = { 0 };

  fanout_pipeline_counters (self->pipeline, &tried.last, sizeof tried.last);
  tried.n = tried.last.checkpoints + tried.last.checkpoints_failed;
  return tried;
}

/* Of the next one after `before` of them. */
static void
tell_checkpoint (Monitor *self, const ServerRequest *request, guint64 before, ServerAnswer *answer)
{
  Look look;

  const gint64 end = g_get_monotonic_time () + WAIT_TIME;
  Tried tried = tried_checkpoints (self);

  while (tried.n <= before && g_get_monotonic_time () < end)
    {
      g_usleep (WAIT_STEP);
      tried = tried_checkpoints (self);
    }
  if (tried.n <= before)
    {
      postpone (answer, "checkpoint", before);
      return;
    }
  look_now (self);
  look_at (self, &request->counters, &look);
  if (tried.last.checkpoint_failure != NULL)
    {
      fail (answer, 500,
            look.counters.checkpoint_failure != NULL ? look.counters.checkpoint_failure
                                                     : "the checkpoint could not be written");
      return;
    }
  g_string_append_c (answer->body, '{');
  json_text (answer->body, "checkpoint",
             look.plan->checkpoint != NULL ? look.plan->checkpoint->path : NULL);
  json_count (answer->body, "bytes", tried.last.checkpoint_bytes);
  json_seconds (answer->body, "seconds", tried.last.checkpoint_seconds);
  g_string_append (answer->body, "}\n");
}

static void
tell_reload (guint64 before, ServerAnswer *answer)
{
  gboolean failed = FALSE;

  if (!outcome_wait (before, WAIT_TIME, &failed, answer->body))
    {
      postpone (answer, "reload", before);
      return;
    }
  g_string_append_c (answer->body, '\n');
  if (!failed)
    return;
  answer->status = 409;
  answer->type = PLAIN;
}

/* POST: what is asked for comes at the next common rest. */
static void
answer_checkpoint (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  Look look;

  look_at (self, &request->counters, &look);
  if (look.plan->checkpoint == NULL && look.plan->every == 0)
    {
      fail (answer, 409, "the pipeline has no [checkpoint], and no [output] every");
      return;
    }
  if (is_over (self))
    {
      fail (answer, 409, "the run has ended");
      return;
    }
  const guint64 before = tried_checkpoints (self).n;
  fanout_pipeline_ask (self->pipeline, FANOUT_ASK_CHECKPOINT | FANOUT_ASK_RESULTS);
  if (look.plan->checkpoint == NULL)
    g_string_append (answer->body, "{\"asked\":true}\n");
  else
    tell_checkpoint (self, request, before, answer);
}

static void
answer_reload (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  (void) request;
  if (is_over (self) || !fanout_pipeline_is_stream (self->pipeline))
    {
      fail (answer, 409, "only a run that goes on reads its configuration again");
      return;
    }
  const OutcomeCounts counts = outcome_counts ();
  const guint64 before = counts.reloads + counts.failed;
  fanout_pipeline_ask (self->pipeline, FANOUT_ASK_RELOAD);
  tell_reload (before, answer);
}

/* What became of what was asked for. */
static void
answer_asked (Monitor *self, const ServerRequest *request, ServerAnswer *answer)
{
  guint64 reload = G_MAXUINT64;
  guint64 checkpoint = G_MAXUINT64;

  if (!read_number (request, "reload", &reload) || !read_number (request, "checkpoint", &checkpoint)
      || (reload == G_MAXUINT64) == (checkpoint == G_MAXUINT64))
    fail (answer, 400, "reload or checkpoint is wanted, with the number that was answered");
  else if (reload != G_MAXUINT64)
    tell_reload (reload, answer);
  else
    tell_checkpoint (self, request, checkpoint, answer);
}

static const struct
{
  const char *method;
  const char *path;
  const char *type;
  void (*answer) (Monitor *self, const ServerRequest *request, ServerAnswer *answer);
} pages[] = {
  { "GET", "/", NULL, answer_page },           { "GET", "/stats", JSON, answer_stats },
  { "GET", "/health", JSON, answer_health },   { "GET", "/results", JSON, answer_results },
  { "GET", "/log", JSON, answer_log },         { "GET", "/top", PLAIN, answer_top },
  { "GET", "/metrics", NULL, answer_metrics }, { "POST", "/checkpoint", JSON, answer_checkpoint },
  { "POST", "/reload", JSON, answer_reload },  { "GET", "/asked", JSON, answer_asked },
};

static void
answer_request (gpointer data, const ServerRequest *request, ServerAnswer *answer)
{
  gboolean known = FALSE;

  answer->body = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      if (strcmp (pages[i].path, request->path) != 0)
        continue;
      known = TRUE;
      if (strcmp (pages[i].method, request->method) != 0)
        continue;
      answer->status = 200;
      if (pages[i].type != NULL)
        answer->type = pages[i].type;
      pages[i].answer (data, request, answer);
      return;
    }
  fail (answer, known ? 405 : 404,
        known ? "this page is not for that method"
              : "there are: /, /events, /health, /log, /metrics, /results, /stats and /top");
}

static char *
make_event (gpointer data, const ServerCounters *counters)
{
  g_autoptr (GString) text = g_string_new ("data: ");
  Monitor *self = data;
  Look look;

  /* For the next one. */
  fanout_pipeline_look (self->pipeline);
  look_at (self, counters, &look);
  look_append_stats (text, &look);
  g_string_append (text, "\n\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Where it is, for whoever started it. */
static void
tell_address (const Monitor *self)
{
  const char *name = server_address (self->server);
  FanoutAddress address;

  if (g_str_has_prefix (name, "unix:"))
    message ("monitor: %s", name);
  else
    message ("monitor: http://%s/%s", name,
             fanout_address_parse (name, &address, NULL) && !address.near
                 ? ", which other machines reach: whoever does sees all results"
                 : "");
}

static void
monitor_free (Monitor *self)
{
  scene_unref (self->scene);
  scene_unref (self->shown);
  counted_unref (self->counted);
  counted_unref (self->seen);
  flow_state_clear (&self->output);
  pthread_cond_destroy (&self->looked);
  pthread_mutex_destroy (&self->mutex);
  g_free (self->policy);
  g_free (self->failure);
  g_free (self);
}

gboolean
monitor_start (FanoutPipeline *pipeline, Monitor **monitor, GError **error)
{
  const FanoutPlan *plan = fanout_pipeline_plan (pipeline);
  const FanoutMonitorOptions *options = &plan->monitor;
  ServerHandler handler = { answer_request, make_event, NULL };
  FanoutAddress address;
  Monitor *self;

  if (options->listen == NULL)
    return TRUE;
  if (!fanout_address_parse (options->listen, &address, error))
    return FALSE;
  self = g_new0 (Monitor, 1);
  handler.data = self;
  self->pipeline = pipeline;
  self->scene = scene_new (pipeline);
  self->policy = page_policy ();
  self->started = g_get_real_time ();
  self->samples[0].time = self->samples[1].time = g_get_monotonic_time ();
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->looked, NULL);
  self->server = server_start (&address, options->listen, options->allow_remote, &server_limits,
                               &handler, error);
  if (self->server == NULL)
    {
      monitor_free (self);
      return FALSE;
    }
  fanout_pipeline_on_look (pipeline, take_look, self);
  tell_address (self);
  *monitor = self;
  return TRUE;
}

void
monitor_watch (Monitor *self, Flow *flow)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  self->flow = flow;
  pthread_mutex_unlock (&self->mutex);
}

void
monitor_take (Monitor *self, FanoutResult *result)
{
  /* What is wrong with it is told by who prints it. */
  if (self != NULL && kept_take (self->scene->kept, result, NULL))
    server_wake (self->server);
}

void
monitor_turn (Monitor *self)
{
  if (self == NULL)
    return;
  Scene *before = self->scene;
  Scene *now = scene_new (self->pipeline);
  pthread_mutex_lock (&self->mutex);
  self->scene = now;
  pthread_mutex_unlock (&self->mutex);
  scene_unref (before);
  server_wake (self->server);
}

void
monitor_end (Monitor *self, const char *failure)
{
  FanoutCounters counters = { 0 };

  if (self == NULL)
    return;
  fanout_pipeline_counters (self->pipeline, &counters, sizeof counters);
  pthread_mutex_lock (&self->mutex);
  counted_unref (self->counted);
  self->counted = counted_new (&counters, NULL, 0);
  self->ended = TRUE;
  self->failure = g_strdup (failure);
  pthread_mutex_unlock (&self->mutex);
  server_wake (self->server);
}

void
monitor_stop (Monitor *self)
{
  if (self == NULL)
    return;
  fanout_pipeline_on_look (self->pipeline, NULL, NULL);
  server_stop (self->server);
  monitor_free (self);
}
