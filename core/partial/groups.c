#include "core/partial/groups.h"

#define PIECE FANOUT_STATE_PIECE

void
fanout_put_key (FanoutSealer *out, const FanoutTable *table, guint32 id, guint key)
{
  FanoutText text;
  const gboolean there = fanout_table_key (table, id, key, &text);
  fanout_put_length (out, there ? (guint64) text.length + 1 : 0);
  if (there)
    fanout_sealer_write (out, text.data, text.length);
}

static void
put_piece (gpointer out, const guint8 *bytes, gsize length)
{
  fanout_put_bytes (out, bytes, length);
}

gboolean
fanout_put_state (FanoutSealer *out, FanoutNode *node, guint32 id, FanoutWriter *writer)
{
  gsize length;
  fanout_writer_reset (writer);
  if (node->status != FANOUT_NODE_FAILED)
    node->plan->operator_->encode (&node->aggregate, fanout_node_state (node, id), writer);
  const guint8 *bytes = fanout_writer_bytes (writer, &length);
  return fanout_put_bytes (out, bytes, length);
}

FanoutWriter *
fanout_put_writer (FanoutSealer *out)
{
  return fanout_writer_new (PIECE, put_piece, out);
}

gboolean
fanout_get_state (FanoutSealed *in, FanoutBuffer *state)
{
  guint64 length;
  state->length = 0;
  do
    if (!fanout_get_length (in, &length) || length > PIECE || !fanout_get_bytes (in, state, length))
      return FALSE;
  while (length == PIECE);
  return TRUE;
}
