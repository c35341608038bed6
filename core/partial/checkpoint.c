#include "core/base/error.h"
#include "core/partial/checkpoint-private.h"
#include "core/partial/groups.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Groups that are looked up at one go. */
#define ROWS 1024

static void
put_definitions (FanoutSealer *out, const FanoutPlan *plan)
{
  g_autoptr (GArray) definitions = fanout_checkpoint_define (plan);
  fanout_put_u32 (out, definitions->len);
  for (guint i = 0; i < definitions->len; i++)
    {
      const FanoutDefinition *definition = &g_array_index (definitions, FanoutDefinition, i);
      fanout_put_text (out, definition->name);
      fanout_put_text (out, definition->text);
    }
}

static void
put_counts (FanoutSealer *out, const FanoutStreamCounts *counts)
{
  guint64 values[FANOUT_STREAM_COUNTS];
  memcpy (values, counts, sizeof values);
  fanout_put_u32 (out, FANOUT_STREAM_COUNTS);
  for (guint i = 0; i < FANOUT_STREAM_COUNTS; i++)
    fanout_put_u64 (out, values[i]);
}

static void
put_tides (FanoutSealer *out, const FanoutRun *run)
{
  if (run->plan->window == NULL)
    {
      fanout_put_u32 (out, 0);
      return;
    }
  const GArray *tides = run->watermarks.tides;
  fanout_put_u32 (out, tides->len);
  for (guint i = 0; i < tides->len; i++)
    fanout_put_u64 (out, (guint64) g_array_index (tides, FanoutTide, i).largest);
}

/* A loop, or the like, has nothing that could be written. */
static gboolean
is_written (const FanoutNode *node)
{
  return fanout_plan_why_unwritten (node->plan->operator_) == NULL;
}

/* How a node of the partition is: the groups' states follow. */
static void
put_nodes (FanoutSealer *out, const FanoutPasses *passes)
{
  const FanoutPartition *first = passes->partitions[0];
  fanout_put_u32 (out, first->n_nodes);
  for (guint i = 0; i < first->n_nodes; i++)
    {
      const FanoutNode *node = first->nodes[i];
      for (guint p = 1; p < passes->n_partitions; p++)
        if (node->status == FANOUT_NODE_RUNNING)
          node = passes->partitions[p]->nodes[i];
      fanout_put_text (out, node->plan->name);
      fanout_put_u32 (out, (guint32) node->status);
      fanout_put_u64 (out, node->last_row);
      fanout_put_text (out, node->status == FANOUT_NODE_FAILED ? node->error->message : "");
    }
}

/* FALSE once something could not be written. */
static gboolean
put_group (FanoutSealer *out, FanoutPartition *from, guint t, FanoutTable *keys, guint32 key,
           guint32 state, FanoutWriter *writer)
{
  const FanoutPlanTable *table = &from->run->plan->tables[t];
  gboolean done = TRUE;
  for (guint k = 0; k < table->n_keys; k++)
    fanout_put_key (out, keys, key, k);
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (is_written (from->nodes[i]))
      done = fanout_put_state (out, from->nodes[i], state, writer);
  return done;
}

static void
reserve (FanoutPartition *from, guint t, guint64 n)
{
  const FanoutPlanTable *table = &from->run->plan->tables[t];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    fanout_node_reserve (from->nodes[i], n);
}

static void
put_all (FanoutSealer *out, FanoutPartition *from, guint t, FanoutWriter *writer)
{
  FanoutTable *keys = from->tables[t];
  const guint64 n = fanout_table_n_groups (keys);
  fanout_put_u64 (out, 1);
  fanout_put_u64 (out, 0);
  fanout_put_u64 (out, 0);
  fanout_put_u64 (out, n);
  reserve (from, t, n);
  for (guint32 id = 0; id < n; id++)
    if (!put_group (out, from, t, keys, id, id, writer))
      return;
}

static void
put_slice (FanoutSealer *out, FanoutPartition *from, guint t, const FanoutSlice *slice,
           FanoutWriter *writer)
{
  const FanoutSliceKey key = fanout_slice_key (slice);
  guint32 keys[ROWS], states[ROWS], at = 0;
  gsize n;
  fanout_put_u64 (out, (guint64) key.number);
  fanout_put_u64 (out, (guint64) key.first);
  fanout_put_u64 (out, fanout_slice_n_groups (slice));
  while ((n = fanout_slice_groups (slice, &at, ROWS, keys, states)) > 0)
    for (gsize i = 0; i < n; i++)
      if (!put_group (out, from, t, fanout_slices_table (from->slices[t]), keys[i], states[i],
                      writer))
        return;
}

static void
put_slices (FanoutSealer *out, FanoutPartition *from, guint t, FanoutWriter *writer)
{
  FanoutSlices *slices = from->slices[t];
  const guint n = fanout_slices_n_open (slices);
  fanout_put_u64 (out, n);
  reserve (from, t, fanout_slices_n_states (slices));
  for (guint i = 0; i < n; i++)
    put_slice (out, from, t, fanout_slices_nth (slices, i), writer);
}

/* Whose states follow, in this order. */
static void
put_table (FanoutSealer *out, const FanoutPartition *first, const FanoutPlanTable *table)
{
  FanoutNode **nodes = first->nodes + table->first_node;
  guint32 n = 0;
  for (guint i = 0; i < table->n_nodes; i++)
    n += is_written (nodes[i]) ? 1 : 0;
  fanout_put_text (out, table->name);
  fanout_put_u32 (out, table->n_keys);
  fanout_put_u32 (out, n);
  for (guint i = 0; i < table->n_nodes; i++)
    if (is_written (nodes[i]))
      fanout_put_text (out, nodes[i]->plan->name);
}

/* Each piece of a session as a slice with one group: from its first row to its last one. */
static void
put_sessions (FanoutSealer *out, FanoutPartition *from, guint t, FanoutWriter *writer)
{
  const FanoutSessions *sessions = from->sessions[t];
  FanoutTable *keys = fanout_sessions_table (from->sessions[t]);
  const guint64 n_keys = fanout_table_n_groups (keys);
  fanout_put_u64 (out, fanout_sessions_n_groups (sessions));
  reserve (from, t, fanout_sessions_n_states (sessions));
  for (guint32 key = 0; key < n_keys; key++)
    for (guint32 at = fanout_sessions_last (sessions, key); at != 0;)
      {
        const FanoutSessionPiece *piece = fanout_sessions_piece (sessions, at - 1);
        fanout_put_u64 (out, (guint64) piece->first);
        fanout_put_u64 (out, (guint64) piece->last);
        fanout_put_u64 (out, 1);
        if (!put_group (out, from, t, keys, key, at - 1, writer))
          return;
        at = piece->before;
      }
}

void
fanout_checkpoint_put_states (FanoutSealer *out, FanoutPartition *from, guint t,
                              FanoutWriter *writer)
{
  if (fanout_plan_has_sessions (from->run->plan))
    put_sessions (out, from, t, writer);
  else if (from->run->plan->window != NULL)
    put_slices (out, from, t, writer);
  else
    put_all (out, from, t, writer);
}

void
fanout_checkpoint_put_table (FanoutSealer *out, const FanoutPasses *passes, guint t)
{
  put_table (out, passes->partitions[0], &passes->run->plan->tables[t]);
}

void
fanout_checkpoint_put_head (FanoutSealer *out, const FanoutPasses *passes,
                            const FanoutStreamCounts *counts, const GByteArray *reader,
                            const GByteArray *outputs)
{
  put_definitions (out, passes->run->plan);
  put_counts (out, counts);
  fanout_put_u64 (out, (guint64) passes->run->closed);
  put_tides (out, passes->run);
  fanout_put_bytes (out, reader->data, reader->len);
  fanout_put_bytes (out, outputs->data, outputs->len);
  put_nodes (out, passes);
  fanout_put_u32 (out, passes->run->plan->n_tables);
  fanout_put_u32 (out, passes->n_partitions);
}

FanoutSealer *
fanout_checkpoint_sealer (FanoutSealPut put, gpointer data)
{
  guint8 start[FANOUT_CHECKPOINT_MAGIC_LENGTH + sizeof (guint32)];
  const guint32 version = GUINT32_TO_LE (FANOUT_CHECKPOINT_VERSION);
  memcpy (start, FANOUT_CHECKPOINT_MAGIC, FANOUT_CHECKPOINT_MAGIC_LENGTH);
  memcpy (start + FANOUT_CHECKPOINT_MAGIC_LENGTH, &version, sizeof version);
  return fanout_sealer_new (put, data, start, sizeof start);
}

static gboolean
put_checkpoint (FanoutSealPut put, gpointer data, const FanoutPasses *passes,
                const FanoutStreamCounts *counts, const GByteArray *reader,
                const GByteArray *outputs, GError **error)
{
  g_autoptr (FanoutSealer) out = fanout_checkpoint_sealer (put, data);
  g_autoptr (FanoutWriter) writer = fanout_put_writer (out);
  fanout_checkpoint_put_head (out, passes, counts, reader, outputs);
  for (guint t = 0; t < passes->run->plan->n_tables; t++)
    {
      fanout_checkpoint_put_table (out, passes, t);
      for (guint p = 0; p < passes->n_partitions; p++)
        fanout_checkpoint_put_states (out, passes->partitions[p], t, writer);
    }
  return fanout_sealer_end (out, error);
}

gboolean
fanout_checkpoint_put_in_output (gpointer output, const char *bytes, gsize length, GError **error)
{
  return fanout_output_put (output, bytes, length, error);
}

gboolean
fanout_checkpoint_write (const FanoutPasses *passes, const FanoutStreamCounts *counts,
                         const GByteArray *reader, const GByteArray *outputs, FanoutOutput *output,
                         GError **error)
{
  return put_checkpoint (fanout_checkpoint_put_in_output, output, passes, counts, reader, outputs,
                         error);
}

static gboolean
put_in_memory (gpointer fd, const char *bytes, gsize length, GError **error)
{
  return fanout_write_all (*(const int *) fd, bytes, length)
         || fanout_error_system (error, FANOUT_ERROR_STATE, errno, "memory for all states");
}

FanoutCheckpoint *
fanout_checkpoint_keep (const FanoutPasses *passes, GError **error)
{
  const FanoutStreamCounts counts = { 0 };
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  int fd = memfd_create ("fanout states", MFD_CLOEXEC);
  if (fd < 0)
    {
      fanout_error_system (error, FANOUT_ERROR_STATE, errno, "memory for all states");
      return NULL;
    }
  if (put_checkpoint (put_in_memory, &fd, passes, &counts, nothing, nothing, error)
      && lseek (fd, 0, SEEK_SET) == 0)
    return fanout_checkpoint_take (fd, "the states in memory", error);
  close (fd);
  return NULL;
}
