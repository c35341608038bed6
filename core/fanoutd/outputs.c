#include "core/fanoutd/outputs.h"
#include "core/base/error.h"
#include "core/expression/calendar.h"
#include "core/fanoutd/notes.h"
#include "core/fanoutd/program.h"
#include "core/fanoutd/service.h"
#include "core/result/writer.h"

#include <fanout/bytes.h>
#include <string.h>

/* How long to wait before a full disk is tried again. */
#define FULL_US (1000 * 1000)

/* One place. */
typedef struct
{
  Outputs *all;
  guint index;
  const FanoutOutputOptions *options;
  gboolean dated; /* its path has the date of what is in it */
  char *path;     /* of `file`, where that is written on */
  FanoutOutput *file;
  FanoutResultWriter *writer;
} Place;

struct Outputs
{
  FanoutPipeline *pipeline;
  gboolean piped;
  gboolean stream;
  gboolean waits; /* for a disk that is full, since what is lost would be missed */
  guint n;
  Place *places;
  FanoutOutput **replaced;
  GPtrArray *approximate;
  Monitor *monitor;
  Flow *flow;
};

Outputs *
outputs_new (FanoutPipeline *pipeline, gboolean piped, Flow *flow)
{
  Outputs *self = g_new0 (Outputs, 1);

  self->pipeline = pipeline;
  self->flow = flow;
  self->piped = piped;
  self->stream = fanout_pipeline_is_stream (pipeline);
  self->waits = fanout_pipeline_is_endless (pipeline);
  self->n = fanout_pipeline_n_outputs (pipeline);
  self->places = g_new0 (Place, self->n + 1);
  self->replaced = g_new0 (FanoutOutput *, self->n + 1);
  self->approximate = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->approximate, NULL);
  for (guint i = 0; i < self->n; i++)
    {
      Place *place = &self->places[i];

      place->all = self;
      place->index = i;
      place->options = fanout_pipeline_nth_output (pipeline, i);
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

void
outputs_free (Outputs *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    close_place (&self->places[i]);
  g_ptr_array_unref (self->approximate);
  g_free (self->places);
  g_free (self->replaced);
  g_free (self);
}

FanoutOutput *const *
outputs_replaced (const Outputs *self)
{
  return self->replaced;
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
  const gboolean header = fanout_output_length (place->file) == 0;

  place->writer = fanout_result_writer_new (
      place->index, !place->all->piped && fanout_output_is_terminal (place->file), header, put,
      place);
}

static const char *const *
inputs_of (const Outputs *self)
{
  return fanout_pipeline_inputs (self->pipeline);
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

gboolean
outputs_open (Outputs *self, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      Place *place = &self->places[i];

      if (goes_on (place))
        continue;
      place->file = fanout_output_open (place->options->path, inputs_of (self), error);
      if (place->file == NULL)
        return FALSE;
      make_writer (place);
      if (fanout_output_is_replaced (place->file))
        self->replaced[n++] = place->file;
    }
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

  if (!place->dated || g_strcmp0 (path, place->path) == 0)
    return TRUE;
  if (path == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: no path for a date",
                   place->options->path);
      return FALSE;
    }
  if (place->file != NULL && !fanout_output_sync (place->file, error))
    return FALSE;
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

  for (guint i = 0; i < self->n; i++)
    if (!turn_to (&self->places[i], when, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_some (gpointer data, FanoutResult *result, FanoutInstant when, GError **error)
{
  Outputs *self = data;

  if (!turn (self, when, error))
    return FALSE;
  for (guint i = 0; i < self->n; i++)
    if (!fanout_result_writer_add (self->places[i].writer, result, FALSE, error))
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

  for (guint i = 0; i < self->n; i++)
    {
      Place *place = &self->places[i];
      const guint64 length
          = place->path != NULL ? GUINT64_TO_LE (fanout_output_length (place->file)) : 0;

      if (place->path != NULL && !fanout_output_sync (place->file, error))
        return FALSE;
      save_text (to, place->path != NULL ? place->path : "");
      g_byte_array_append (to, (const guint8 *) &length, sizeof length);
    }
  return TRUE;
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

  for (guint i = 0; i < self->n; i++)
    if (!restore_place (&self->places[i], bytes != NULL ? &saved : NULL, error))
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
    .restore = restore,
    .note = note,
    .data = self,
  };
}

gboolean
outputs_end (Outputs *self, FanoutResult *result, GError **error)
{
  for (guint i = 0; i < self->n; i++)
    if (self->places[i].writer != NULL
        && !fanout_result_writer_add (self->places[i].writer, result, TRUE, error))
      return FALSE;
  for (guint i = 0; i < self->n; i++)
    if (self->places[i].file != NULL
        && (!fanout_output_sync (self->places[i].file, error)
            || !fanout_output_commit (self->places[i].file, error)))
      return FALSE;
  return TRUE;
}
