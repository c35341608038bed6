#include "core/handover/bundle.h"
#include "core/base/pages.h"
#include "core/base/prefetch.h"
#include "core/base/writer.h"

#include <string.h>

/* Bytes of states that grow by less than half. */
#define LARGE ((gsize) 256 * 1024)

/* From so many bytes of states on those that are combined into are asked for before: fewer stay in
 * the second-level cache. */
#define FAR ((gsize) 512 * 1024)

enum
{
  LINE = FANOUT_BUNDLE_LINE,
  TOGETHER = 256, /* states that are brought together at one go */
};

/* What the states themselves take. */
static gsize
states_size (const FanoutNode *node)
{
  return node->capacity * MAX (node->plan->operator_->state_size, 1);
}

/* What a node counts beyond its states. */
static gssize
count_owned (const FanoutNode *node)
{
  return MAX ((gssize) node->memory.used - (gssize) states_size (node), 0);
}

/* What moved states had of others has been released here. Each of these pays its share. */
static void
settle_debt (FanoutNode *node)
{
  gssize debt = (gssize) states_size (node) - (gssize) node->memory.used;
  gssize owned = 0;
  for (guint i = 0; node->lenders != NULL && i < node->lenders->len; i++)
    owned += count_owned (g_ptr_array_index (node->lenders, i));
  for (guint i = 0; node->lenders != NULL && i < node->lenders->len && debt > 0; i++)
    {
      FanoutNode *lender = g_ptr_array_index (node->lenders, i);
      const gssize lent = count_owned (lender);
      const gssize share = (gssize) ((double) debt * (double) lent / (double) MAX (owned, 1)) + 1;
      const gssize paid = MIN (MIN (share, debt), lent);
      fanout_memory_count (&lender->memory, -paid);
      debt -= paid;
      owned -= lent;
    }
  g_clear_pointer (&node->lenders, g_ptr_array_unref);
}

/* States as they are made. Where there have been none yet all bytes are zero. */
static void
fill_states (FanoutNode *node, guint64 first, guint64 end)
{
  const gsize size = node->plan->operator_->state_size;
  const guint64 dirty = MIN (end, node->n_dirty);
  if (node->prototype != NULL)
    for (guint64 id = first; id < end; id++)
      memcpy (fanout_node_state (node, id), node->prototype, size);
  else if (dirty > first && node->stride == size)
    memset (fanout_node_state (node, first), 0, (dirty - first) * size);
  else
    for (guint64 id = first; id < dirty; id++)
      memset (fanout_node_state (node, id), 0, size);
  node->n_dirty = MAX (node->n_dirty, end);
}

/* Ask for the states `ids`, which may lie anywhere: to combine them depends on what they are, so
 * that few would be on their way at once. */
static void
prefetch_states (const FanoutNode *node, const guint32 *ids, gsize n)
{
  if (ids == NULL || node->capacity * node->stride < FAR)
    return;
  for (gsize i = 0; i < n; i++)
    fanout_prefetch (fanout_node_state (node, ids[i]));
}

/* Give the states room for `capacity`, which is not counted yet. What a smaller array leaves behind
 * may come back with a larger one, so that `n_dirty` stays. */
static void
resize_states (FanoutNode *node, guint64 capacity)
{
  const gsize size = MAX (node->plan->operator_->state_size, 1);
  gpointer lent = NULL;
  if (node->states_lent)
    {
      lent = node->states;
      node->states = fanout_pages_resize (NULL, NULL, 0, node->capacity * size);
      memcpy (node->states, lent, MIN (node->capacity, capacity) * size);
      node->states_lent = FALSE;
      g_free (lent);
    }
  node->states = fanout_pages_resize (NULL, node->states, node->capacity * size, capacity * size);
  node->capacity = capacity;
}

/* `size` is a constant where this is inlined. */
static inline void
zero_states (const FanoutNode *node, const guint32 *ids, gsize n, gsize size)
{
  for (gsize i = 0; i < n; i++)
    memset (fanout_node_state (node, ids[i]), 0, size);
}

/* The same to those of `ids`. */
static void
fill_some_states (FanoutNode *node, const guint32 *ids, gsize n)
{
  const gsize size = node->plan->operator_->state_size;
  if (node->prototype != NULL)
    for (gsize i = 0; i < n; i++)
      memcpy (fanout_node_state (node, ids[i]), node->prototype, size);
  else if (size == 8)
    zero_states (node, ids, n, 8);
  else if (size == 16)
    zero_states (node, ids, n, 16);
  else if (size == 32)
    zero_states (node, ids, n, 32);
  else if (size == 48)
    zero_states (node, ids, n, 48);
  else
    zero_states (node, ids, n, size);
}

/* The bytes that so many states take more than there are. */
static gsize
need (const FanoutNode *node, guint64 capacity)
{
  const gsize bundled = fanout_bundle_need (node, capacity);
  return bundled > 0 ? bundled
                     : (capacity - node->capacity) * MAX (node->plan->operator_->state_size, 1);
}

static void
give_room (FanoutNode *node, guint64 capacity)
{
  if (fanout_bundle_need (node, capacity) > 0)
    {
      fanout_bundle_resize (node, capacity);
      return;
    }
  if (fanout_bundle_has (node))
    fanout_bundle_split (node->bundle);
  const gsize more = need (node, capacity);
  resize_states (node, capacity);
  fanout_memory_count (&node->memory, (gssize) more);
}

void
fanout_node_reserve (FanoutNode *node, guint64 n)
{
  if (n <= node->n_states)
    return;
  if (n > node->capacity)
    {
      const gsize size = MAX (node->stride, 1);
      const guint64 before = node->capacity;
      /* Large arrays are moved by their pages. */
      const guint64 more = before * size < LARGE ? before / 2 : before / 8;
      guint64 capacity = MAX (n, before + more);
      if (!fanout_memory_has_room (&node->memory, need (node, capacity)))
        capacity = n;
      give_room (node, capacity);
    }
  fill_states (node, node->n_states, n);
  node->n_states = n;
}

void
fanout_node_lend_states (FanoutNode *node, gpointer states)
{
  if (node->states_lent)
    g_free (node->states);
  else
    fanout_pages_resize (NULL, node->states, states_size (node), 0);
  node->states = states;
  node->states_lent = TRUE;
  node->n_dirty = node->capacity;
}

/* States from `first` on, where they own anything. */
static void
clear_states (FanoutNode *node, guint64 first, guint64 n)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  if (operator_->clear == NULL || n == 0)
    return;
  if (node->stride == operator_->state_size)
    operator_->clear (&node->aggregate, fanout_node_state (node, first), n);
  else
    for (guint64 id = first; id < first + n; id++)
      operator_->clear (&node->aggregate, fanout_node_state (node, id), 1);
}

void
fanout_node_release_states (FanoutNode *node)
{
  if (node->n_states > node->n_passed)
    clear_states (node, node->n_passed, node->n_states - node->n_passed);
  settle_debt (node);
  if (node->bundle != NULL)
    fanout_bundle_leave (node);
  fanout_node_lend_states (node, NULL);
}

/* States that lie apart, of `size` bytes, to states that do, or to the first ones (`to` NULL). */
static inline void
move_bytes (const FanoutNode *into, const guint32 *to, const FanoutNode *from, const guint32 *ids,
            gsize n, gsize size)
{
  for (gsize i = 0; i < n; i++)
    memcpy (fanout_node_state (into, to != NULL ? to[i] : i), fanout_node_state (from, ids[i]),
            size);
}

/* What else states own is counted. */
gboolean
fanout_node_owns_nothing (const FanoutNode *node)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  return operator_->copy == NULL && node->lenders == NULL && !node->lent
         && (operator_->clear == NULL
             || (operator_->encode != NULL && node->memory.used == states_size (node)));
}

/* The same where they are nothing but their bytes: FALSE, they are more. */
static gboolean
copy_bytes (FanoutNode *into, const guint32 *to, const FanoutNode *from, const guint32 *ids,
            gsize n)
{
  const FanoutOperator *operator_ = from->plan->operator_;
  if (!fanout_node_owns_nothing (from))
    return FALSE;
  switch (operator_->state_size)
    {
    case 8:
      move_bytes (into, to, from, ids, n, 8);
      break;
    case 16:
      move_bytes (into, to, from, ids, n, 16);
      break;
    case 32:
      move_bytes (into, to, from, ids, n, 32);
      break;
    case 48:
      move_bytes (into, to, from, ids, n, 48);
      break;
    default:
      move_bytes (into, to, from, ids, n, operator_->state_size);
    }
  return TRUE;
}

/* States that follow each other. */
static gboolean
copy_states (FanoutNode *into, const FanoutNode *from, guint64 id, guint8 *to, gsize n)
{
  const FanoutOperator *operator_ = from->plan->operator_;
  const gsize size = operator_->state_size;
  const guint8 *states = fanout_node_state (from, id);
  if (n > 1 && (from->stride != size || into->stride != size))
    {
      for (gsize i = 0; i < n; i++)
        if (!copy_states (into, from, id + i, to + i * into->stride, 1))
          return FALSE;
      return TRUE;
    }
  if (operator_->copy != NULL)
    return operator_->copy (&into->aggregate, to, states, n);
  if (fanout_node_owns_nothing (from))
    {
      memcpy (to, states, n * size);
      return TRUE;
    }
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  for (gsize i = 0; i < n; i++)
    {
      gsize length;
      fanout_writer_reset (out);
      operator_->encode ((FanoutAggregate *) &from->aggregate, states + i * size, out);
      const guint8 *bytes = fanout_writer_bytes (out, &length);
      if (!operator_->decode (&into->aggregate, to + i * size, bytes, length))
        return fanout_fail (&into->aggregate, "its states cannot be copied");
    }
  return TRUE;
}

gboolean
fanout_node_copy (FanoutNode *into, const FanoutNode *from, const guint32 *ids, guint64 first,
                  gsize n)
{
  fanout_node_reserve (into, n);
  if (ids == NULL)
    return copy_states (into, from, first, into->states, n);
  if (copy_bytes (into, NULL, from, ids, n))
    return TRUE;
  for (gsize i = 0; i < n; i++)
    if (!copy_states (into, from, ids[i], fanout_node_state (into, i), 1))
      return FALSE;
  return TRUE;
}

gboolean
fanout_node_copy_to (FanoutNode *into, const guint32 *to, const FanoutNode *from,
                     const guint32 *ids, gsize n)
{
  if (copy_bytes (into, to, from, ids, n))
    return TRUE;
  for (gsize i = 0; i < n; i++)
    if (!copy_states (into, from, ids[i], fanout_node_state (into, to[i]), 1))
      return FALSE;
  return TRUE;
}

void
fanout_node_move (FanoutNode *into, const guint32 *to, FanoutNode *from, const guint32 *ids,
                  gsize n, FanoutNode *owner)
{
  if (to == NULL)
    fanout_node_reserve (into, n);
  move_bytes (into, to, from, ids, n, from->plan->operator_->state_size);
  fill_some_states (from, ids, n);
  from->lent = TRUE;
  if (owner->lenders == NULL)
    owner->lenders = g_ptr_array_new ();
  if (!g_ptr_array_find (owner->lenders, from, NULL))
    g_ptr_array_add (owner->lenders, from);
}

void
fanout_node_renew (FanoutNode *node, const guint32 *ids, gsize n)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  const gboolean clears = operator_->clear != NULL && !fanout_node_owns_nothing (node);
  /* An aggregate that was dropped has no states for what came after. */
  for (gsize i = 0; i < n;)
    {
      gsize end = i;
      while (end < n && ids[end] < node->n_states)
        end++;
      for (gsize k = i; k < end && clears; k++)
        operator_->clear (&node->aggregate, fanout_node_state (node, ids[k]), 1);
      fill_some_states (node, ids + i, end - i);
      i = end + 1;
    }
}

void
fanout_node_pack (FanoutNode *node, const guint32 *moved, guint64 n)
{
  const gsize size = node->plan->operator_->state_size;
  for (guint64 i = 0; n > 0 && i < node->n_states; i++)
    if (moved[i] != G_MAXUINT32 && moved[i] != i)
      memcpy (fanout_node_state (node, moved[i]), fanout_node_state (node, i), size);
  node->n_states = MIN (node->n_states, n);
  const guint64 wanted = MAX (node->n_states, 1);
  const guint64 before = node->capacity;
  if (before / 4 <= wanted || fanout_bundle_has (node))
    return;
  resize_states (node, wanted);
  fanout_memory_count (&node->memory, -(gssize) ((before - wanted) * MAX (size, 1)));
}

/* `states` follow each other. */
static gboolean
combine_states (FanoutNode *into, FanoutNode *from, const guint32 *ids, gpointer states, gsize n)
{
  const FanoutOperator *operator_ = into->plan->operator_;
  const gboolean done = operator_->combine (&into->aggregate, into->states, ids, states, n);
  if (operator_->clear != NULL)
    operator_->clear (&from->aggregate, states, n);
  memset (states, 0, n * operator_->state_size);
  return done;
}

/* The same where those of either node lie between others: they are brought together. */
static gboolean
combine_bundled (FanoutNode *into, FanoutNode *from, const guint32 *ids, guint64 first, gsize n)
{
  const gsize size = into->plan->operator_->state_size;
  guint32 passing[TOGETHER];
  _Alignas(LINE) guint8 states[TOGETHER * LINE];
  gboolean done = TRUE;
  for (gsize begin = 0; begin < n && done; begin += TOGETHER)
    {
      const gsize some = MIN (n - begin, TOGETHER);
      const guint32 *to = ids + begin;
      if (fanout_bundle_has (into))
        {
          fanout_bundle_ids (into, to, some, passing);
          to = passing;
        }
      for (gsize i = 0; i < some; i++)
        {
          guint8 *state = fanout_node_state (from, first + begin + i);
          memcpy (states + i * size, state, size);
          memset (state, 0, size);
        }
      done = combine_states (into, from, to, states, some);
    }
  return done;
}

gboolean
fanout_node_combine (FanoutNode *into, FanoutNode *from, const guint32 *ids, guint64 first, gsize n)
{
  const FanoutOperator *operator_ = into->plan->operator_;
  /* What `combine` takes over is released from where it goes. */
  gsize own = from->capacity * operator_->state_size;
  if (from->aggregate.memory == &from->memory && from->memory.used > own)
    fanout_memory_move (&into->memory, &from->memory, from->memory.used - own);
  from->aggregate.memory = &into->memory;
  prefetch_states (into, ids, n);
  const gboolean done = fanout_bundle_has (into) || fanout_bundle_has (from)
                            ? combine_bundled (into, from, ids, first, n)
                            : combine_states (into, from, ids, fanout_node_state (from, first), n);
  if (!done)
    {
      into->gathered = TRUE;
      fanout_node_fail (into, G_MAXUINT64);
    }
  return done;
}

void
fanout_node_pass (FanoutNode *node, guint64 first, gsize n)
{
  const gsize size = node->plan->operator_->state_size;
  node->n_passed = first + n;
  if (fanout_bundle_has (node))
    fanout_bundle_pass (node, node->n_passed);
  else if (!node->states_lent)
    fanout_pages_pass (node->states, states_size (node), first * size, (first + n) * size);
}

void
fanout_node_remake (FanoutNode *node, gsize n, gboolean combined)
{
  n = MIN (n, node->n_states);
  if (!combined)
    clear_states (node, 0, n);
  /* What was combined is zeroes. */
  if (n > 0 && (!combined || node->prototype != NULL))
    fill_states (node, 0, n);
}
