#include "core/partial/snapshot.h"

#include "core/partial/checkpoint-private.h"
#include "core/partial/groups.h"

#include <string.h>

#define BLOCK (1024 * 1024)

/* Bytes of a part of the file, which are not sealed yet. */
typedef struct
{
  GPtrArray *blocks; /* each of BLOCK bytes */
  gsize length;
} Part;

struct FanoutSnapshot
{
  guint n_tables;
  guint n_partitions;
  Part head;
  Part *tables; /* what stands before the states of each */
  Part *states; /* of each table, of each partition */
};

static gboolean
put (gpointer data, const char *bytes, gsize length, GError **error G_GNUC_UNUSED)
{
  Part *part = data;
  while (length > 0)
    {
      const gsize used = part->length % BLOCK;
      const gsize n = MIN (length, BLOCK - used);
      if (used == 0)
        g_ptr_array_add (part->blocks, g_malloc (BLOCK));
      memcpy ((char *) part->blocks->pdata[part->blocks->len - 1] + used, bytes, n);
      part->length += n;
      bytes += n;
      length -= n;
    }
  return TRUE;
}

static void
part_init (Part *part)
{
  part->blocks = g_ptr_array_new_with_free_func (g_free);
}

static void
part_clear (Part *part)
{
  g_clear_pointer (&part->blocks, g_ptr_array_unref);
}

/* FALSE once something could not be written. */
static gboolean
part_write (Part *part, FanoutSealer *out)
{
  gboolean done = TRUE;
  for (guint i = 0; done && i < part->blocks->len; i++)
    {
      const gsize before = (gsize) i * BLOCK;
      done = fanout_sealer_write (out, part->blocks->pdata[i], MIN (part->length - before, BLOCK));
      g_clear_pointer (&part->blocks->pdata[i], g_free);
    }
  part_clear (part);
  return done;
}

/* The states of a partition. */
typedef struct
{
  FanoutSnapshot *self;
  FanoutPartition *from;
  guint p;
  pthread_t thread;
  gboolean apart;
} Share;

static gpointer
take_share (gpointer data)
{
  const Share *share = data;
  for (guint t = 0; t < share->self->n_tables; t++)
    {
      g_autoptr (FanoutSealer) out = fanout_sealer_new_plain (
          put, &share->self->states[t * share->self->n_partitions + share->p]);
      g_autoptr (FanoutWriter) writer = fanout_put_writer (out);
      fanout_checkpoint_put_states (out, share->from, t, writer);
      fanout_sealer_flush (out);
    }
  return NULL;
}

static void
take_states (FanoutSnapshot *self, const FanoutPasses *passes)
{
  g_autofree Share *shares = g_new0 (Share, self->n_partitions);
  for (guint p = self->n_partitions; p-- > 0;)
    {
      Share *share = &shares[p];
      *share = (Share){ .self = self, .from = passes->partitions[p], .p = p };
      /* The first one is this thread's, as are those that the system has no thread for. */
      share->apart = p > 0 && pthread_create (&share->thread, NULL, take_share, share) == 0;
      if (!share->apart)
        take_share (share);
    }
  for (guint p = 0; p < self->n_partitions; p++)
    if (shares[p].apart)
      pthread_join (shares[p].thread, NULL);
}

FanoutSnapshot *
fanout_snapshot_new (const FanoutPasses *passes, const FanoutStreamCounts *counts,
                     const GByteArray *reader, const GByteArray *outputs)
{
  FanoutSnapshot *self = g_new0 (FanoutSnapshot, 1);
  self->n_tables = passes->run->plan->n_tables;
  self->n_partitions = passes->n_partitions;
  self->tables = g_new0 (Part, self->n_tables);
  self->states = g_new0 (Part, (gsize) self->n_tables * self->n_partitions);
  part_init (&self->head);
  g_autoptr (FanoutSealer) out = fanout_sealer_new_plain (put, &self->head);
  fanout_checkpoint_put_head (out, passes, counts, reader, outputs);
  fanout_sealer_flush (out);
  for (guint t = 0; t < self->n_tables; t++)
    {
      part_init (&self->tables[t]);
      g_autoptr (FanoutSealer) table = fanout_sealer_new_plain (put, &self->tables[t]);
      fanout_checkpoint_put_table (table, passes, t);
      fanout_sealer_flush (table);
      for (guint p = 0; p < self->n_partitions; p++)
        part_init (&self->states[t * self->n_partitions + p]);
    }
  take_states (self, passes);
  return self;
}

void
fanout_snapshot_free (FanoutSnapshot *self)
{
  if (self == NULL)
    return;
  part_clear (&self->head);
  for (guint t = 0; t < self->n_tables; t++)
    part_clear (&self->tables[t]);
  for (guint i = 0; i < self->n_tables * self->n_partitions; i++)
    part_clear (&self->states[i]);
  g_free (self->tables);
  g_free (self->states);
  g_free (self);
}

gboolean
fanout_snapshot_write (FanoutSnapshot *self, FanoutOutput *output, GError **error)
{
  g_autoptr (FanoutSealer) out = fanout_checkpoint_sealer (fanout_checkpoint_put_in_output, output);
  gboolean done = part_write (&self->head, out);
  for (guint t = 0; done && t < self->n_tables; t++)
    {
      done = part_write (&self->tables[t], out);
      for (guint p = 0; done && p < self->n_partitions; p++)
        done = part_write (&self->states[t * self->n_partitions + p], out);
    }
  return fanout_sealer_end (out, error);
}
