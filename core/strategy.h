#pragma once

/**
 * Who runs when. A strategy owns the receiving side of one partition's channel: it never computes,
 * it only decides which thread or fiber lets which node take a batch.
 */

#include "core/node.h"

typedef struct FanoutCrew FanoutCrew;

typedef struct
{
  const char *name;
  gboolean ahead; /* the next batch may be prepared while one is being taken */
  /** Receivers for `nodes` (borrowed); `threads` matters under threads alone. */
  FanoutCrew *(*start) (guint n_nodes, FanoutNode **nodes, guint threads, GMainContext *context, GError **error);
  /** Without blocking: whether the batch on offer has been taken by all. */
  gboolean (*settled) (FanoutCrew *crew);
  /** Block until it has been. Iterates the context while all wait for acknowledgements. */
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
  GMainContext *context;
  _Atomic gboolean attention; /* a node has left or failed since the sender last looked */
};

extern const FanoutStrategy fanout_strategy_fiber;
extern const FanoutStrategy fanout_strategy_threads;
extern const FanoutStrategy fanout_strategy_callback;

const FanoutStrategy *fanout_strategy_get (FanoutStrategyKind kind);

void fanout_crew_init (FanoutCrew *crew, guint n_nodes, FanoutNode **nodes, GMainContext *context);

static inline void
fanout_crew_attend (FanoutCrew *crew)
{
  atomic_store_explicit (&crew->attention, TRUE, memory_order_relaxed);
}

/** Receiver side of one node that has its own end: take what is on offer. FALSE when the node
 * answered later, TRUE when it took it or left. */
gboolean fanout_crew_serve (FanoutCrew *crew, FanoutNode *node, const FanoutBatch *batch);
/** Whether every node has taken what is on offer, for crews whose nodes run in the sender's thread: those whose
 * acknowledgement has come are resumed with `resume`. */
gboolean fanout_crew_settled (FanoutCrew *crew, void (*resume) (FanoutCrew *crew, FanoutNode *node));
/** The same after LATER: FALSE while the acknowledgement is out. */
gboolean fanout_crew_resume (FanoutCrew *crew, FanoutNode *node);
