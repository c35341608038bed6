#pragma once

/**
 * Who runs when. A strategy owns the receiving side of one partition's channel: it never computes,
 * it only decides which thread or fiber lets which node take a batch.
 */

#include "core/handover/node.h"

typedef struct FanoutCrew FanoutCrew;

typedef struct
{
  const char *name;
  gboolean ahead; /* the next batch may be prepared while one is being taken */
  /** Receivers for `nodes` (borrowed), which are let wait in `context`, or in one of their thread;
   * `threads` matters under threads alone. */
  FanoutCrew *(*start) (guint n_nodes, FanoutNode **nodes, guint threads, FanoutContext *context,
                        GError **error);
  /** Offer `batch`, then those that follow it in the frame, of up to `rows` rows, while each is
   * taken at once, no node has left or failed, and there were fewer than `most`. Answers how many
   * there were; `batch` is the last one then. */
  guint (*hand_over) (FanoutCrew *crew, FanoutBatch *batch, gsize rows, guint most);
  /** Without blocking: whether the batch on offer has been taken by all. */
  gboolean (*settled) (FanoutCrew *crew);
  /** Block until it has been. Iterates the context while nodes of this thread wait for
   * acknowledgements. */
  void (*wait) (FanoutCrew *crew);
  /** The end has been offered and taken: give everything back. */
  void (*stop) (FanoutCrew *crew);
} FanoutStrategy;

/** What all crews begin with. */
struct FanoutCrew
{
  FanoutChannel channel;
  guint n_nodes;
  FanoutNode **nodes;
  FanoutContext *context;     /* where the sender's thread waits for acknowledgements */
  _Atomic gboolean attention; /* a node has left or failed since the sender last looked */
};

extern const FanoutStrategy fanout_strategy_fiber;
extern const FanoutStrategy fanout_strategy_threads;
extern const FanoutStrategy fanout_strategy_callback;

const FanoutStrategy *fanout_strategy_get (FanoutStrategyKind kind);

void fanout_crew_init (FanoutCrew *crew, guint n_nodes, FanoutNode **nodes, FanoutContext *context);
/** FanoutStrategy.wait, for crews whose nodes all run in the sender's thread. */
void fanout_crew_wait (FanoutCrew *crew, gboolean (*settled) (FanoutCrew *crew));

static inline void
fanout_crew_attend (FanoutCrew *crew)
{
  atomic_store_explicit (&crew->attention, TRUE, memory_order_relaxed);
}

/** Let the sender know when a node has left or failed. */
static inline void
fanout_crew_look (FanoutCrew *crew, const FanoutNode *node)
{
  if (G_UNLIKELY (node->status != FANOUT_NODE_RUNNING))
    fanout_crew_attend (crew);
}

/** The stream has ended, for the same nodes. */
void fanout_crew_end_share (FanoutCrew *crew, guint first, guint step) FANOUT_SELDOM;

/** Let each of the nodes `first`, `first + step`, ... that still runs take a batch whose frame it
 * has seen. Answers how many answered later. */
static inline guint
fanout_crew_fold_share (FanoutCrew *crew, guint first, guint step, const FanoutBatch *batch)
{
  FanoutNode *const *const end = crew->nodes + crew->n_nodes;
  guint n_late = 0;
  for (FanoutNode *const *node = crew->nodes + first; node < end; node += step)
    {
      FanoutAnswer answer;
      if (G_UNLIKELY ((*node)->status != FANOUT_NODE_RUNNING))
        continue;
      answer = fanout_node_fold (*node, batch);
      if (G_LIKELY (answer == FANOUT_MORE))
        continue;
      n_late += answer == FANOUT_LATER;
      fanout_crew_look (crew, *node);
    }
  return n_late;
}

/** The nodes see the frame of what is handed over next. */
static inline void
fanout_crew_see (FanoutCrew *crew, guint first, guint step, const FanoutFrame *frame)
{
  for (guint i = first; i < crew->n_nodes; i += step)
    fanout_node_see (crew->nodes[i], frame);
}

/** That node has answered, and not later: it has taken what is on offer, or leaves. */
void fanout_crew_answered (FanoutCrew *crew, FanoutNode *node);
/** Whether every node has taken what is on offer, for crews whose nodes run in the sender's thread:
 * those whose acknowledgement has come are resumed with `resume`. */
gboolean fanout_crew_settled (FanoutCrew *crew,
                              void (*resume) (FanoutCrew *crew, FanoutNode *node));
/** The same after LATER: FALSE while the acknowledgement is out. */
gboolean fanout_crew_resume (FanoutCrew *crew, FanoutNode *node);
