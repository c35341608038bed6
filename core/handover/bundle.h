#pragma once

/**
 * States of several aggregates of one table beside each other, so that those of one group share a
 * cache line: where there are many groups a row costs what its lines cost.
 *
 * They come together once they are many; before, and where they do not fill whole lines, each
 * aggregate has an array of its own. Operators see nothing of it. What lies between two of their
 * states counts as states of theirs as well, and they get ids that pass over those.
 */

#include "core/handover/node.h"

enum
{
  FANOUT_BUNDLE_LINE = 64,  /* bytes of a group */
  FANOUT_BUNDLE_FEWEST = 8, /* bytes of a state */
  FANOUT_BUNDLE_MOST = FANOUT_BUNDLE_LINE / FANOUT_BUNDLE_FEWEST,
};

struct FanoutBundle
{
  FanoutNode *nodes[FANOUT_BUNDLE_MOST]; /* NULL: gone */
  gsize offsets[FANOUT_BUNDLE_MOST];     /* of their states in a line */
  guint n_nodes;
  guint8 *block; /* NULL: they are still apart, or so again */
  guint64 capacity;
  guint64 n_passed;
  guint64 largest; /* capacity: ids beyond that could not pass over others */
};

/** Let nodes of one table, which have no states yet and always take their batches in one thread, be
 * bundled, as many as fill whole lines. */
void fanout_bundle_nodes (FanoutNode *const *nodes, guint n);

/** The bytes that `capacity` states of a node take more than there are, where it may be bundled; 0:
 * it is not, with so many. */
gsize fanout_bundle_need (const FanoutNode *node, guint64 capacity);
/** Make room for so many in all of its nodes, and count it. */
void fanout_bundle_resize (FanoutNode *node, guint64 capacity);
/** Let all have arrays of their own again: they are more than may be bundled. */
void fanout_bundle_split (FanoutBundle *bundle);
/** States before `end` are looked at no more by `node`: pages may go when that is so for all. */
void fanout_bundle_pass (FanoutNode *node, guint64 end);
/** The node is on its way out, and all it owns has been released. */
void fanout_bundle_leave (FanoutNode *node);

/** Whether states of the node lie between others. */
static inline gboolean
fanout_bundle_has (const FanoutNode *node)
{
  return node->bundle != NULL && node->bundle->block != NULL;
}

/** `ids` as the operator takes them, into `room`. */
void fanout_bundle_ids (const FanoutNode *node, const guint32 *ids, gsize n, guint32 *room);
