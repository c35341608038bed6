#include "core/fanoutd/outputs.h"
#include "core/base/error.h"
#include "core/fanoutd/notes.h"
#include "core/fanoutd/program.h"
#include "core/fanoutd/service.h"
#include "core/result/writer.h"

#include <fanout/bytes.h>
#include <string.h>

/* How long to wait before a full disk is tried again. */
#define FULL_US (1000 * 1000)

typedef struct Places Places;

/* One place. */
typedef struct
{
  Places *all;
  guint index;
  const FanoutOutputOptions *options;
  gboolean dated; /* its path has the date of what is in it */
  char *path;     /* of `file`, where that is written on */
  FanoutOutput *file;
  FanoutResultWriter *writer;
  gboolean begun;   /* something was written */
  gboolean again;   /* its path is one so far, too */
  gboolean changed; /* what comes has other columns than what is there */
  guint before;     /* which place so far it goes on with; G_MAXUINT: none */
} Place;

/* All of one plan. */
struct Places
{
  FanoutPipeline *pipeline; /* that runs */
  gboolean piped;
  Flow *flow;
  gboolean stream;
  gboolean waits; /* for a disk that is full, since what is lost would be missed */
  guint n;
  Place *items;
  FanoutOutput **replaced; /* ends with NULL */
};

struct Outputs
{
  FanoutPipeline *pipeline;
  gboolean piped;
  Places *now;
  Places *next;        /* ready to come in place of these; NULL: nothing is */
  GPtrArray *ended;    /* of Places, with nothing in them but what a signal may look at */
  GPtrArray *unsynced; /* of FanoutOutput, as of the last save: of who syncs them */
  GPtrArray *approximate;
  Monitor *monitor;
  Flow *flow;
};

/* Of `plan`, whose results are those of `running` then. */
static Places *
places_new (FanoutPipeline *running, FanoutPipeline *plan, gboolean piped, Flow *flow)
{
  Places *self = g_new0 (Places, 1);

  self->pipeline = running;
  self->piped = piped;
  self->flow = flow;
  self->stream = fanout_pipeline_is_stream (plan);
  self->waits = fanout_pipeline_is_endless (plan);
  self->n = fanout_pipeline_n_outputs (plan);
  self->items = g_new0 (Place, self->n + 1);
  self->replaced = g_new0 (FanoutOutput *, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    {
      Place *place = &self->items[i];

      place->all = self;
      place->index = i;
      place->before = G_MAXUINT;
      place->options = fanout_pipeline_nth_output (plan, i);
      place->dated = self->stream && strchr (place->options->path, '%') != NULL;
    }
  return self;
}

static void
close_place (Place *place)
{
  g_clear_pointer (&place->writer, fanout_result_writer_free);
  g_clear_pointer (&place->file, fanout_output_free);
  g_clear_pointer (&place->path, g_free);
}

static void
places_free (gpointer data)
{
  Places *self = data;

  for (guint i = 0; i < self->n; i++)
    close_place (&self->items[i]);
  g_free (self->items);
  g_free (self->replaced);
  g_free (self);
}

Outputs *
outputs_new (FanoutPipeline *pipeline, gboolean piped, Flow *flow)
{
  Outputs *self = g_new0 (Outputs, 1);

  self->pipeline = pipeline;
  self->piped = piped;
  self->flow = flow;
  self->now = places_new (pipeline, pipeline, piped, flow);
  self->ended = g_ptr_array_new_with_free_func (places_free);
  self->unsynced = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_output_free);
  self->approximate = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->approximate, NULL);
  return self;
}

void
outputs_free (Outputs *self)
{
  if (self == NULL)
    return;
  places_free (self->now);
  g_clear_pointer (&self->next, places_free);
  g_ptr_array_unref (self->ended);
  g_ptr_array_unref (self->approximate);
  g_ptr_array_unref (self->unsynced);
  g_free (self);
}

FanoutOutput *const *
outputs_replaced (const Outputs *self)
{
  return self->now->replaced;
}

const char *const *
outputs_approximate (const Outputs *self)
{
  return (const char *const *) self->approximate->pdata;
}

/* Whether results are written at the end of what is there, in place of replacing it on success. */
static gboolean
goes_on (const Place *place)
{
  return place->all->stream && (place->all->waits || place->options->append || place->dated);
}

/* A disk that is full, or the like, is told once, and waited for. */
static gboolean
put_all (Place *place, const char *text, gsize length, GError **error)
{
  gboolean told = FALSE;

  place->begun = TRUE;
  while (TRUE)
    {
      g_autoptr (GError) reason = NULL;
      gsize done;

      if (fanout_output_put_some (place->file, text, length, &done, &reason))
        break;
      flow_move (place->all->flow, done, reason->message);
      text += done;
      length -= done;
      if (!place->all->waits || !g_error_matches (reason, FANOUT_ERROR, FANOUT_ERROR_RETRY)
          || fanout_pipeline_is_asked (place->all->pipeline, FANOUT_ASK_STOP))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      if (!told)
        message ("%s; waiting, nothing is read meanwhile", reason->message);
      told = TRUE;
      g_usleep (FULL_US);
    }
  flow_move (place->all->flow, length, NULL);
  if (told)
    message ("%s: written on", fanout_output_name (place->file));
  return TRUE;
}

static gboolean
put (gpointer data, const char *text, gsize length, GError **error)
{
  Place *place = data;
  Flow *flow = place->all->flow;
  gboolean done;

  flow_begin (flow, fanout_output_name (place->file));
  done = put_all (place, text, length, error);
  flow_end (flow);
  return done;
}

static void
make_writer (Place *place)
{
  const gboolean header
      = place->changed || (!place->begun && fanout_output_length (place->file) == 0);

  place->writer = fanout_result_writer_new (
      place->index, !place->all->piped && fanout_output_is_terminal (place->file), header, put,
      place);
}

static const char *const *
inputs_of (const Places *self)
{
  return fanout_pipeline_inputs (self->pipeline);
}

/* All that will ever be in it is. */
static gboolean
finish_file (FanoutOutput *file, GError **error)
{
  return fanout_output_sync (file, error) && fanout_output_commit (file, error);
}

/* `length` as for fanout_output_open_at(). */
static gboolean
open_at (Place *place, const char *path, guint64 length, GError **error)
{
  g_autofree char *copy = g_strdup (path);

  close_place (place);
  place->file = fanout_output_open_at (path, length, inputs_of (place->all), error);
  if (place->file == NULL)
    return FALSE;
  place->path = g_steal_pointer (&copy);
  make_writer (place);
  return TRUE;
}

static guint64
end_or_begin (const Place *place)
{
  return place->options->append || place->dated ? G_MAXUINT64 : 0;
}

static gboolean
open_replaced (Place *place, GError **error)
{
  place->file = fanout_output_open (place->options->path, inputs_of (place->all), error);
  if (place->file == NULL)
    return FALSE;
  make_writer (place);
  return TRUE;
}

static void
list_replaced (Places *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    if (self->items[i].file != NULL && fanout_output_is_replaced (self->items[i].file))
      self->replaced[n++] = self->items[i].file;
}

gboolean
outputs_open (Outputs *self, GError **error)
{
  Places *places = self->now;

  for (guint i = 0; i < places->n; i++)
    if (!goes_on (&places->items[i]) && !open_replaced (&places->items[i], error))
      return FALSE;
  list_replaced (places);
  return TRUE;
}

static char *
path_at (const Place *place, FanoutInstant when)
{
  GTimeZone *zone = fanout_pipeline_zone (place->all->pipeline);
  g_autoptr (GTimeZone) utc = zone == NULL ? g_time_zone_new_utc () : NULL;
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (when / 1000000000);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (start, zone != NULL ? zone : utc);

  return g_date_time_format (local, place->options->path);
}

/* Another day has its own file. With a checkpoint it is known to that before it is written to. */
static gboolean
turn_to (Place *place, FanoutInstant when, GError **error)
{
  g_autofree char *path = place->dated ? path_at (place, when) : NULL;

  if (!place->dated || (path != NULL && g_strcmp0 (path, place->path) == 0))
    return TRUE;
  if (path == NULL) /* the locale cannot write it */
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: no path for a date",
                   place->options->path);
      return FALSE;
    }
  if (place->file != NULL && !fanout_output_sync (place->file, error))
    return FALSE;
  /* Of what is in the file before, nothing is in this one. */
  place->begun = place->changed = FALSE;
  return open_at (place, path, G_MAXUINT64, error)
         && fanout_pipeline_save (place->all->pipeline, error);
}

static void
keep_approximate (Outputs *self, FanoutResult *result)
{
  g_auto (GStrv) lines = notes_approximate (result);

  for (char **line = lines; *line != NULL; line++)
    if (!g_strv_contains ((const char *const *) self->approximate->pdata, *line))
      g_ptr_array_insert (self->approximate, (gint) self->approximate->len - 1, g_strdup (*line));
}

void
outputs_watch (Outputs *self, Monitor *monitor)
{
  self->monitor = monitor;
  monitor_watch (monitor, self->flow);
}

/* Before any of them is written to: a checkpoint has all of a result, or nothing. */
static gboolean
turn (gpointer data, FanoutInstant when, GError **error)
{
  Outputs *self = data;

  for (guint i = 0; i < self->now->n; i++)
    if (!turn_to (&self->now->items[i], when, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_some (gpointer data, FanoutResult *result, FanoutInstant when, GError **error)
{
  Outputs *self = data;

  if (!turn (self, when, error))
    return FALSE;
  for (guint i = 0; i < self->now->n; i++)
    if (!fanout_result_writer_add (self->now->items[i].writer, result, FALSE, error))
      return FALSE;
  keep_approximate (self, result);
  monitor_take (self->monitor, result);
  return TRUE;
}

static void
save_text (GByteArray *to, const char *text)
{
  const guint32 length = GUINT32_TO_LE ((guint32) strlen (text));

  g_byte_array_append (to, (const guint8 *) &length, sizeof length);
  g_byte_array_append (to, (const guint8 *) text, (guint) strlen (text));
}

/* For each place that is written on: its path, and how long the file is. */
static gboolean
save (gpointer data, GByteArray *to, GError **error)
{
  Outputs *self = data;

  g_ptr_array_set_size (self->unsynced, 0);
  for (guint i = 0; i < self->now->n; i++)
    {
      Place *place = &self->now->items[i];
      const guint64 length
          = place->path != NULL ? GUINT64_TO_LE (fanout_output_length (place->file)) : 0;

      FanoutOutput *shared = place->path != NULL ? fanout_output_share (place->file, error) : NULL;

      if (place->path != NULL && shared == NULL)
        return FALSE;
      if (shared != NULL)
        g_ptr_array_add (self->unsynced, shared);
      save_text (to, place->path != NULL ? place->path : "");
      g_byte_array_append (to, (const guint8 *) &length, sizeof length);
    }
  return TRUE;
}

static gboolean
sync_saved (gpointer data, GError **error)
{
  Outputs *self = data;
  gboolean done = TRUE;

  for (guint i = 0; done && i < self->unsynced->len; i++)
    done = fanout_output_sync (self->unsynced->pdata[i], error);
  g_ptr_array_set_size (self->unsynced, 0);
  return done;
}

/* Owned by the caller; NULL: there is none. */
static char *
restore_text (FanoutReader *from)
{
  guint32 length;
  char *text;

  if (!fanout_read_u32 (from, &length) || fanout_reader_left (from) < length)
    return NULL;
  text = g_strndup ((const char *) from->next, length);
  from->next += length;
  return text;
}

static gboolean
restore_place (Place *place, FanoutReader *saved, GError **error)
{
  g_autofree char *path = saved != NULL ? restore_text (saved) : NULL;
  guint64 length = 0;

  if (saved != NULL && (path == NULL || !fanout_read_u64 (saved, &length)))
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                           "the checkpoint says nothing of an output; --fresh begins anew");
      return FALSE;
    }
  if (!goes_on (place))
    return TRUE;
  if (path != NULL && *path != '\0' && (place->dated || strcmp (path, place->options->path) == 0))
    return open_at (place, path, length, error);
  return place->dated || open_at (place, place->options->path, end_or_begin (place), error);
}

static gboolean
restore (gpointer data, const char *bytes, gsize length, GError **error)
{
  Outputs *self = data;
  FanoutReader saved = fanout_reader (bytes, length);

  for (guint i = 0; i < self->now->n; i++)
    if (!restore_place (&self->now->items[i], bytes != NULL ? &saved : NULL, error))
      return FALSE;
  /* Inputs, states and outputs are there: what comes is not lost. */
  service_ready ();
  return TRUE;
}

static void
note (gpointer data G_GNUC_UNUSED, const char *text)
{
  message ("%s", text);
}

FanoutStreamHandlers
outputs_handlers (Outputs *self)
{
  return (FanoutStreamHandlers){
    .turn = turn,
    .result = write_some,
    .save = save,
    .sync = sync_saved,
    .restore = restore,
    .note = note,
    .data = self,
  };
}

gboolean
outputs_end (Outputs *self, FanoutResult *result, GError **error)
{
  const Places *places = self->now;

  for (guint i = 0; i < places->n; i++)
    if (places->items[i].writer != NULL
        && !fanout_result_writer_add (places->items[i].writer, result, TRUE, error))
      return FALSE;
  for (guint i = 0; i < places->n; i++)
    if (places->items[i].file != NULL && !finish_file (places->items[i].file, error))
      return FALSE;
  return TRUE;
}

/* Other places while the run goes on. */

/* The names of all columns that go there. */
static char *
columns_of (FanoutPipeline *pipeline, guint output)
{
  const FanoutPlan *plan = fanout_pipeline_plan (pipeline);
  GString *names = g_string_new (NULL);

  for (guint t = 0; t < plan->n_shown; t++)
    {
      const FanoutPlanTable *table = &plan->tables[plan->shown[t]];

      if (table->output_index != output)
        continue;
      for (guint c = 0; c < table->layout.n_columns; c++)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", table->layout.names[c]);
    }
  return g_string_free (names, FALSE);
}

/* What was moved away, by a rotation of logs say, is not written on. */
static gboolean
can_go_on (const Place *before, const Place *place)
{
  return before->dated == place->dated && goes_on (before) == goes_on (place)
         && (before->path == NULL || fanout_output_is_at (before->file, before->path));
}

static gboolean
prepare_place (Place *place, const Places *before, FanoutPipeline *next, GError **error)
{
  for (guint i = 0; i < before->n; i++)
    {
      g_autofree char *old = columns_of (before->pipeline, i);
      g_autofree char *new_ = columns_of (next, place->index);

      if (strcmp (before->items[i].options->path, place->options->path) != 0)
        continue;
      place->again = TRUE;
      place->changed = strcmp (old, new_) != 0;
      if (!can_go_on (&before->items[i], place))
        break;
      place->before = i;
      return TRUE;
    }
  if (place->dated)
    return TRUE;
  return goes_on (place) ? open_at (place, place->options->path, G_MAXUINT64, error)
                         : open_replaced (place, error);
}

gboolean
outputs_prepare (Outputs *self, FanoutPipeline *next, GError **error)
{
  g_clear_pointer (&self->next, places_free);
  self->next = places_new (self->pipeline, next, self->piped, self->flow);
  for (guint i = 0; i < self->next->n; i++)
    if (!prepare_place (&self->next->items[i], self->now, next, error))
      {
        outputs_stay (self);
        return FALSE;
      }
  return TRUE;
}

void
outputs_stay (Outputs *self)
{
  g_clear_pointer (&self->next, places_free);
}

static void
take_over (Place *place, Place *before)
{
  place->file = g_steal_pointer (&before->file);
  place->path = g_steal_pointer (&before->path);
  place->begun = before->begun;
  if (place->file == NULL)
    return;
  if (place->changed && fanout_output_length (place->file) > 0)
    message ("%s: written on, with other columns than before", fanout_output_name (place->file));
  make_writer (place);
}

/* What is there is not what a run without append writes on. */
static void
begin_file (Place *place)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (place->path);

  if (path == NULL || place->again || end_or_begin (place) > 0
      || fanout_output_length (place->file) == 0)
    return;
  if (!open_at (place, path, 0, &error))
    message_error (error);
}

static void
leave (Place *place)
{
  g_autoptr (GError) error = NULL;

  if (place->file != NULL && !finish_file (place->file, &error))
    message_error (error);
  close_place (place);
}

void
outputs_turn (Outputs *self)
{
  Places *before = self->now;
  Places *next = g_steal_pointer (&self->next);

  for (guint i = 0; i < next->n; i++)
    {
      Place *place = &next->items[i];

      if (place->before != G_MAXUINT)
        take_over (place, &before->items[place->before]);
      else
        begin_file (place);
    }
  for (guint i = 0; i < before->n; i++)
    leave (&before->items[i]);
  list_replaced (next);
  self->now = next;
  g_ptr_array_add (self->ended, before);
}
