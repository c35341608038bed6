#pragma once

/** One aggregate of one partition: its states, its end of the channel, its counters. */

#include "core/handover/channel.h"
#include "core/handover/context.h"
#include "core/handover/stop.h"
#include "core/base/memory.h"
#include "core/plan/plan.h"

typedef struct FanoutNode FanoutNode;
typedef struct FanoutBundle FanoutBundle;

/** What a node has to tell its partition, most urgent last. */
typedef enum
{
  FANOUT_NODE_RUNNING = 0,
  FANOUT_NODE_LEFT, /* has had enough */
  FANOUT_NODE_FAILED,
} FanoutNodeStatus;

typedef enum
{
  FANOUT_TICKET_NONE = 0,
  FANOUT_TICKET_OUT, /* acknowledgement is awaited */
  FANOUT_TICKET_BACK,
} FanoutTicketState;

struct FanoutTicket
{
  GMainContext *context; /* of who waits */
  _Atomic int state;
  FanoutAnswer answer;
};

/** A pointer of the input that moves along the frame: base + row * stride. */
typedef struct
{
  const char **place;
  const char *base;
  gsize stride;
} FanoutCursor;

/** Samples of how long updates take. */
typedef struct
{
  guint64 rows;
  guint64 sampled_rows;
  guint64 sampled_ns;
  guint countdown;
} FanoutNodeCounters;

/** What stands between a node and an operator that has no update of its own. */
typedef struct
{
  FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
  void (*end) (gpointer data); /* no batch comes any more; may leave an error in the node */
  void (*free) (gpointer data);
  gpointer data;
} FanoutNodeAdapter;

struct FanoutNode
{
  FanoutAggregate aggregate; /* what the operator sees: first */
  const FanoutPlanAggregate *plan;
  FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
  FanoutInput input;
  FanoutColumn *slices;  /* the columns of `input` */
  FanoutCursor *cursors; /* into the frame that the slices are cut from */
  FanoutCursor *cursors_end;
  guint8 *skip; /* where nulls of several columns are merged */
  gsize skip_size;
  guint64 serial;        /* of that frame */
  guint view;            /* of the frame, that it sees */
  const guint32 *before; /* of the view */
  guint64 first_row;     /* of the view */
  gboolean grouped;
  gboolean stays; /* rows of other inputs may come that stand before: it never has enough */
  gboolean ended; /* the operator has been told */

  guint8 *states;       /* see fanout_node_state() */
  gsize stride;         /* from one to the next */
  FanoutBundle *bundle; /* of whose states they may become part; NULL: of none */
  guint32 *passing;     /* ids of a batch there, which pass over the states of others */
  gsize n_passing;
  guint64 n_states;
  guint64 capacity;
  guint64 n_passed;     /* states that nobody looks at any more */
  guint64 n_dirty;      /* states behind these have been zero all the time */
  gboolean states_lent; /* fanout_node_lend_states */
  gpointer prototype;
  FanoutMemory memory;
  gboolean lent; /* states that owned something were moved elsewhere: what is counted for it since
                    is right for all lenders of an aggregate together */
  GPtrArray *lenders;        /* of FanoutNode: who counts what moved states own; NULL: nobody */
  FanoutNodeAdapter adapter; /* of zeroes: none */

  FanoutNodeStatus status;
  guint64 last_row;   /* LEFT: the last row it took; FAILED: the row that failed */
  gboolean explained; /* FAILED: the error says where and which aggregate */
  gboolean row_known; /* FAILED: last_row is the very row, not just in its batch */
  gboolean gathered;  /* FAILED: by what came together, not by that row alone */
  GError *error;
  gsize n_taken;
  FanoutContext own_context;
  FanoutContext *context; /* where its thread waits: its own one, or one that nodes share */
  FanoutTicket ticket;
  FanoutStop *stop; /* of the run; NULL: there is none */
  FanoutNodeCounters counters;

  FanoutReceiver receiver; /* where the strategy gives each node its own end */
};

/** `context` is what is iterated while it waits; NULL: one that is made when wanted. */
FANOUT_API FanoutNode *fanout_node_new (const FanoutPlanAggregate *plan, gboolean grouped,
                                        FanoutMemoryLimit *limit, GMainContext *context);
FANOUT_API void fanout_node_free (FanoutNode *node);

/** The adapter is taken over. All states that there may be have been reserved: they stay where they
 * are from now on. */
void fanout_node_adapt (FanoutNode *node, const FanoutNodeAdapter *adapter);

/** Whether it was; such a node stays with one thread. */
static inline gboolean
fanout_node_is_adapted (const FanoutNode *node)
{
  return node->adapter.update != NULL;
}

/** Between two hand-overs: the thread that lets it take batches waits there from now on. */
static inline void
fanout_node_wait_in (FanoutNode *node, FanoutContext *context)
{
  node->context = context;
}

/* What a hand-over seldom needs stays out of its way: a batch may be a single row. */
#define FANOUT_SELDOM __attribute__ ((cold, noinline))

/* For fanout_node_take() and what it consists of. */
FANOUT_API void fanout_node_use_frame (FanoutNode *node, const FanoutFrame *frame) FANOUT_SELDOM;
FANOUT_API FanoutAnswer fanout_node_sampled_update (FanoutNode *node) FANOUT_SELDOM;
FANOUT_API FanoutAnswer fanout_node_settle (FanoutNode *node, FanoutAnswer answer) FANOUT_SELDOM;

/** Before the first batch of a frame is folded. */
static inline void
fanout_node_see (FanoutNode *node, const FanoutFrame *frame)
{
  if (G_UNLIKELY (node->serial != frame->serial))
    fanout_node_use_frame (node, frame);
}

/** fanout_node_take() of a batch whose frame it has seen. */
static inline FanoutAnswer
fanout_node_fold (FanoutNode *node, const FanoutBatch *batch)
{
  gsize first = batch->first;
  gsize n_rows = batch->n_rows;
  FanoutAnswer answer;
  if (node->before != NULL)
    {
      n_rows = node->before[first + n_rows] - node->before[first];
      first = node->before[first];
      if (n_rows == 0)
        return FANOUT_MORE;
    }
  node->input.n_rows = n_rows;
  node->input.first_row = node->first_row + first;
  for (const FanoutCursor *cursor = node->cursors; cursor < node->cursors_end; cursor++)
    *cursor->place = cursor->base + first * cursor->stride;
  node->counters.rows += n_rows;
  if (G_UNLIKELY (--node->counters.countdown == 0))
    answer = fanout_node_sampled_update (node);
  else
    answer = node->update (node->states, &node->input);
  return G_LIKELY (answer == FANOUT_MORE) ? answer : fanout_node_settle (node, answer);
}

/** Fold a batch. FANOUT_LATER: ask fanout_node_resolve from then on. Otherwise the status tells
 * whether it goes on. */
static inline FanoutAnswer
fanout_node_take (FanoutNode *node, const FanoutBatch *batch)
{
  fanout_node_see (node, batch->frame);
  return fanout_node_fold (node, batch);
}
/** After LATER: whether the acknowledgement has come; then the node is as after a take. */
FANOUT_API gboolean fanout_node_resolve (FanoutNode *node);
/** No batch comes any more (also after a failure). */
FANOUT_API void fanout_node_end (FanoutNode *node);

/** The stream has ended well, so that the operator is told, once. FALSE: see
 * fanout_aggregate_take_error. */
FANOUT_API gboolean fanout_aggregate_end (FanoutAggregate *self);

/** The state of a group. */
static inline gpointer
fanout_node_state (const FanoutNode *node, guint64 id)
{
  return node->states + id * node->stride;
}

/** Make states for ids below `n`. */
FANOUT_API void fanout_node_reserve (FanoutNode *node, guint64 n);
/** Have `states` of the heap, which it frees, in place of its own; room for as many. */
FANOUT_API void fanout_node_lend_states (FanoutNode *node, gpointer states);
/** Clear and release all states: the node is on its way out. */
void fanout_node_release_states (FanoutNode *node);
/** `row`: of the stream, where fanout_fail_row has not told. */
void fanout_node_fail (FanoutNode *node, guint64 row);
/** Copy `n` states of `from`, those of `ids` (NULL: `first` and on), into the first ones of a node
 * of the same aggregate that are as they were made. FALSE: node->error. */
gboolean fanout_node_copy (FanoutNode *into, const FanoutNode *from, const guint32 *ids,
                           guint64 first, gsize n);
/** The same to the states `to` of `into`, which are there, as they were made. */
gboolean fanout_node_copy_to (FanoutNode *into, const guint32 *to, const FanoutNode *from,
                              const guint32 *ids, gsize n);
/** Whether no state has more than its bytes, so that nothing is cheaper than to copy them. */
gboolean fanout_node_owns_nothing (const FanoutNode *node);
/** Move states in place of copying them; those of `from` are as they were made then. `to` NULL: to
 * the first ones. They end in `owner`, which is `into` or what that is combined into: it is freed
 * before `from`, which counts until then what they own. */
void fanout_node_move (FanoutNode *into, const guint32 *to, FanoutNode *from, const guint32 *ids,
                       gsize n, FanoutNode *owner);
/** Clear states, which are as they were made then. */
void fanout_node_renew (FanoutNode *node, const guint32 *ids, gsize n);
/** Move the state i to `moved`[i], which is not above i; G_MAXUINT32: it is as it was made, and
 * goes. `n` are left; with 0 `moved` is not looked at. */
void fanout_node_pack (FanoutNode *node, const guint32 *moved, guint64 n);
/** Merge states `first` .. `first + n - 1` of `from` into those of `ids`, which are there; those of
 * `from` are gone then. FALSE: node->error. */
gboolean fanout_node_combine (FanoutNode *into, FanoutNode *from, const guint32 *ids, guint64 first,
                              gsize n);

/** States `first` .. `first + n - 1` have been combined, and all before them: their memory may go
 * before the node does. */
void fanout_node_pass (FanoutNode *node, guint64 first, gsize n);

/** Let the first `n` states be as they were made. `combined`: they have been just now. */
void fanout_node_remake (FanoutNode *node, gsize n, gboolean combined);

/** The error that fanout_fail left (a general one when there is none); owned by the caller. */
FANOUT_API GError *fanout_aggregate_take_error (FanoutAggregate *self);
