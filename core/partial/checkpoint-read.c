#include "core/base/error.h"
#include "core/partial/checkpoint-private.h"
#include "core/partial/fields.h"

#include <string.h>

#define WAY_OUT "; --fresh begins anew"

gboolean
fanout_checkpoint_refuse (const FanoutCheckpoint *self, const char *why, GError **error)
{
  const GError *reason = fanout_sealed_error (self->in);
  if (reason != NULL)
    g_propagate_error (error, g_error_copy (reason));
  else
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", self->name, why);
  return FALSE;
}

static gboolean
get_definitions (FanoutCheckpoint *self)
{
  guint32 n;
  gboolean done = fanout_get_u32 (self->in, &n);
  for (guint32 i = 0; done && i < n; i++)
    {
      FanoutDefinition definition = { 0 };
      done = fanout_get_text (self->in, &definition.name)
             && fanout_get_text (self->in, &definition.text);
      g_array_append_val (self->definitions, definition);
    }
  return done;
}

static gboolean
get_counts (FanoutCheckpoint *self)
{
  guint64 values[FANOUT_STREAM_COUNTS];
  guint32 n;
  if (!fanout_get_u32 (self->in, &n) || n != FANOUT_STREAM_COUNTS)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!fanout_get_u64 (self->in, &values[i]))
      return FALSE;
  memcpy (&self->counts, values, sizeof values);
  return TRUE;
}

static gboolean
get_tides (FanoutCheckpoint *self)
{
  guint64 closed;
  guint32 n;
  if (!fanout_get_u64 (self->in, &closed) || !fanout_get_u32 (self->in, &n))
    return FALSE;
  self->closed = (gint64) closed;
  for (guint32 i = 0; i < n; i++)
    {
      guint64 largest;
      if (!fanout_get_u64 (self->in, &largest))
        return FALSE;
      const FanoutTide tide = { .largest = (FanoutInstant) largest };
      g_array_append_val (self->tides, tide);
    }
  return TRUE;
}

static gboolean
get_blob (FanoutCheckpoint *self, FanoutBuffer *buffer)
{
  guint64 length;
  return fanout_get_length (self->in, &length) && fanout_get_bytes (self->in, buffer, length);
}

static gboolean
check_start (FanoutCheckpoint *self, GError **error)
{
  guint8 magic[FANOUT_CHECKPOINT_MAGIC_LENGTH];
  guint32 version = 0;
  if (fanout_sealed_magic (self->in, magic, sizeof magic) < sizeof magic
      || memcmp (magic, FANOUT_CHECKPOINT_MAGIC, sizeof magic) != 0)
    return fanout_checkpoint_refuse (self, "no checkpoint", error);
  if (fanout_sealed_magic (self->in, &version, sizeof version) < sizeof version)
    return fanout_checkpoint_refuse (self, "the checkpoint is cut short", error);
  version = GUINT32_FROM_LE (version);
  if (version == FANOUT_CHECKPOINT_VERSION)
    return TRUE;
  g_autofree char *why = g_strdup_printf ("a checkpoint in format %u; this program reads format %u",
                                          version, FANOUT_CHECKPOINT_VERSION);
  return fanout_checkpoint_refuse (self, why, error);
}

static FanoutCheckpoint *
make (char *name, FanoutSealed *in)
{
  FanoutCheckpoint *self = g_new0 (FanoutCheckpoint, 1);
  self->name = name;
  self->definitions = fanout_checkpoint_definitions ();
  self->tides = g_array_new (FALSE, FALSE, sizeof (FanoutTide));
  self->in = in;
  return self;
}

/* `self` is taken over. */
static FanoutCheckpoint *
read_start (FanoutCheckpoint *checkpoint, GError **error)
{
  g_autoptr (FanoutCheckpoint) self = checkpoint;
  if (self->in == NULL || !check_start (self, error))
    return NULL;
  if (get_definitions (self) && get_counts (self) && get_tides (self)
      && get_blob (self, &self->reader) && get_blob (self, &self->outputs))
    return g_steal_pointer (&self);
  fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
  return NULL;
}

FanoutCheckpoint *
fanout_checkpoint_open (const char *path, GError **error)
{
  char *name = fanout_escape (path, -1);
  return read_start (make (name, fanout_sealed_open (path, name, error)), error);
}

FanoutCheckpoint *
fanout_checkpoint_take (int fd, const char *name, GError **error)
{
  return read_start (make (g_strdup (name), fanout_sealed_take (fd, name)), error);
}

void
fanout_checkpoint_free (FanoutCheckpoint *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  fanout_sealed_free (self->in);
  g_array_unref (self->definitions);
  g_array_unref (self->tides);
  g_free (self->reader.data);
  g_free (self->outputs.data);
  g_free (self);
}

gboolean
fanout_checkpoint_check (const char *path, GError **error)
{
  g_autoptr (FanoutCheckpoint) self = fanout_checkpoint_open (path, error);
  char bytes[4096];
  if (self == NULL)
    return FALSE;
  while (fanout_sealed_read (self->in, bytes, sizeof bytes))
    ;
  return fanout_sealed_at_end (self->in)
         || fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
}

const FanoutDefinition *
fanout_definition_find (const GArray *definitions, const char *name)
{
  for (guint i = 0; i < definitions->len; i++)
    {
      const FanoutDefinition *definition = &g_array_index (definitions, FanoutDefinition, i);
      if (strcmp (definition->name, name) == 0)
        return definition;
    }
  return NULL;
}

static gboolean
differs (const FanoutCheckpoint *self, const char *name, const char *before, const char *now,
         GError **error)
{
  g_autofree char *old = before != NULL ? fanout_quote (before, -1) : NULL;
  g_autofree char *new_ = now != NULL ? fanout_quote (now, -1) : NULL;
  g_autofree char *what = fanout_escape (name, -1);
  if (old == NULL || new_ == NULL)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                 "%s: a checkpoint of another pipeline: %s is %s" WAY_OUT, self->name, what,
                 old == NULL ? "new" : "not there any more");
  else
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                 "%s: a checkpoint of another pipeline: %s was %s, and is %s" WAY_OUT, self->name,
                 what, old, new_);
  return FALSE;
}

gboolean
fanout_checkpoint_fits (const FanoutCheckpoint *self, const FanoutPlan *plan, GError **error)
{
  g_autoptr (GArray) wanted = fanout_checkpoint_define (plan);
  for (guint i = 0; i < wanted->len; i++)
    {
      const FanoutDefinition *now = &g_array_index (wanted, FanoutDefinition, i);
      const FanoutDefinition *before = fanout_definition_find (self->definitions, now->name);
      if (before == NULL || strcmp (before->text, now->text) != 0)
        return differs (self, now->name, before != NULL ? before->text : NULL, now->text, error);
    }
  for (guint i = 0; i < self->definitions->len; i++)
    {
      const FanoutDefinition *before = &g_array_index (self->definitions, FanoutDefinition, i);
      if (fanout_definition_find (wanted, before->name) == NULL)
        return differs (self, before->name, before->text, NULL, error);
      /* The order of tables and aggregates is that of their states. */
      if (strcmp (before->name, g_array_index (wanted, FanoutDefinition, i).name) != 0)
        return differs (self, "the order of the groups", before->name,
                        g_array_index (wanted, FanoutDefinition, i).name, error);
    }
  return TRUE;
}

const FanoutStreamCounts *
fanout_checkpoint_counts (const FanoutCheckpoint *self)
{
  return &self->counts;
}

const char *
fanout_checkpoint_reader (const FanoutCheckpoint *self, gsize *length)
{
  *length = self->reader.length;
  return self->reader.data;
}

const char *
fanout_checkpoint_outputs (const FanoutCheckpoint *self, gsize *length)
{
  *length = self->outputs.length;
  return self->outputs.data;
}
