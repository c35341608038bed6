#include "core/handover/bundle.h"
#include "core/base/pages.h"
#include <string.h>

static gsize
size_of (const FanoutNode *node)
{
  return node->plan->operator_->state_size;
}

/* What is done for whole arrays of states alone would have to be done one by one; those that need
 * it are left out. */
static gboolean
may_be_bundled (const FanoutNode *node)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  const gsize size = operator_->state_size;
  return node->grouped && node->update != NULL && node->update == operator_->update
         && operator_->end == NULL && operator_->shift == NULL && size >= FANOUT_BUNDLE_FEWEST
         && size < FANOUT_BUNDLE_LINE && FANOUT_BUNDLE_LINE % size == 0;
}

static void
make_bundle (FanoutNode *const *nodes, guint n)
{
  FanoutBundle *bundle = g_new0 (FanoutBundle, 1);
  gsize offset = 0;
  bundle->largest = G_MAXUINT32 / FANOUT_BUNDLE_MOST;
  for (guint i = 0; i < n; i++)
    {
      bundle->nodes[i] = nodes[i];
      bundle->offsets[i] = offset;
      offset += size_of (nodes[i]);
      nodes[i]->bundle = bundle;
    }
  bundle->n_nodes = n;
}

void
fanout_bundle_nodes (FanoutNode *const *nodes, guint n)
{
  FanoutNode *some[FANOUT_BUNDLE_MOST];
  guint n_some = 0;
  gsize used = 0;
  /* From large to small each is aligned, and every line is filled before the next one. */
  for (gsize size = FANOUT_BUNDLE_LINE / 2; size >= FANOUT_BUNDLE_FEWEST; size /= 2)
    for (guint i = 0; i < n; i++)
      if (size_of (nodes[i]) == size && may_be_bundled (nodes[i]))
        {
          some[n_some++] = nodes[i];
          used += size;
          if (used < FANOUT_BUNDLE_LINE)
            continue;
          make_bundle (some, n_some);
          n_some = 0;
          used = 0;
        }
}

gsize
fanout_bundle_need (const FanoutNode *node, guint64 capacity)
{
  const FanoutBundle *bundle = node->bundle;
  gsize need = 0;
  /* What is mapped begins at a line. */
  if (bundle == NULL || capacity * FANOUT_BUNDLE_LINE < FANOUT_PAGES_LARGE
      || capacity > bundle->largest)
    return 0;
  for (guint i = 0; i < bundle->n_nodes; i++)
    {
      const FanoutNode *one = bundle->nodes[i];
      if (one == NULL && bundle->block == NULL)
        return 0;
      if (one != NULL && one->capacity < capacity)
        need += (gsize) (capacity - one->capacity) * size_of (one);
    }
  return need;
}

void
fanout_bundle_ids (const FanoutNode *node, const guint32 *ids, gsize n, guint32 *room)
{
  const guint shift = (guint) g_bit_storage (FANOUT_BUNDLE_LINE / size_of (node)) - 1;
  for (gsize i = 0; i < n; i++)
    room[i] = ids[i] << shift;
}

/* Ids are put where they stay until the batch has been acknowledged. */
static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  FanoutNode *node = (FanoutNode *) input->aggregate;
  if (input->n_rows > node->n_passing)
    {
      g_free (node->passing);
      node->passing = g_new (guint32, input->n_rows);
      node->n_passing = input->n_rows;
    }
  fanout_bundle_ids (node, input->ids, input->n_rows, node->passing);
  node->input.ids = node->passing;
  return node->plan->operator_->update (states, &node->input);
}

/* From where they lie, `from_stride` apart, to where they belong. */
static void
move_states (guint8 *to, gsize to_stride, const guint8 *from, gsize from_stride, gsize size,
             guint64 n)
{
  for (guint64 i = 0; i < n; i++)
    memcpy (to + i * to_stride, from + i * from_stride, size);
}

/* The states of a node in its place of the block. */
static void
join (FanoutBundle *bundle, guint i)
{
  FanoutNode *node = bundle->nodes[i];
  const gsize size = size_of (node);
  guint8 *states = bundle->block + bundle->offsets[i];
  move_states (states, FANOUT_BUNDLE_LINE, node->states, size, size, node->n_states);
  fanout_node_lend_states (node, NULL);
  node->states_lent = FALSE;
  node->n_dirty = node->n_states;
  node->stride = FANOUT_BUNDLE_LINE;
  node->update = update;
}

void
fanout_bundle_resize (FanoutNode *node, guint64 capacity)
{
  FanoutBundle *bundle = node->bundle;
  const gboolean apart = bundle->block == NULL;
  bundle->block = fanout_pages_resize (NULL, bundle->block, bundle->capacity * FANOUT_BUNDLE_LINE,
                                       capacity * FANOUT_BUNDLE_LINE);
  bundle->capacity = capacity;
  for (guint i = 0; i < bundle->n_nodes; i++)
    {
      FanoutNode *one = bundle->nodes[i];
      if (one == NULL)
        continue;
      const gssize more = (gssize) capacity - (gssize) one->capacity;
      if (apart)
        join (bundle, i);
      one->states = bundle->block + bundle->offsets[i];
      one->capacity = capacity;
      fanout_memory_count (&one->memory, more * (gssize) size_of (one));
    }
}

void
fanout_bundle_split (FanoutBundle *bundle)
{
  for (guint i = 0; i < bundle->n_nodes; i++)
    {
      FanoutNode *node = bundle->nodes[i];
      if (node == NULL)
        continue;
      const gsize size = size_of (node);
      const guint8 *from = node->states;
      node->states = fanout_pages_resize (NULL, NULL, 0, node->capacity * size);
      move_states (node->states, size, from, FANOUT_BUNDLE_LINE, size, node->n_states);
      node->n_dirty = node->n_states;
      node->stride = size;
      node->update = node->plan->operator_->update;
    }
  fanout_pages_resize (NULL, bundle->block, bundle->capacity * FANOUT_BUNDLE_LINE, 0);
  bundle->block = NULL;
  bundle->capacity = 0;
}

void
fanout_bundle_pass (FanoutNode *node, guint64 end)
{
  FanoutBundle *bundle = node->bundle;
  for (guint i = 0; i < bundle->n_nodes; i++)
    end = bundle->nodes[i] != NULL ? MIN (end, bundle->nodes[i]->n_passed) : end;
  if (end <= bundle->n_passed)
    return;
  fanout_pages_pass (bundle->block, bundle->capacity * FANOUT_BUNDLE_LINE,
                     bundle->n_passed * FANOUT_BUNDLE_LINE, end * FANOUT_BUNDLE_LINE);
  bundle->n_passed = end;
}

void
fanout_bundle_leave (FanoutNode *node)
{
  FanoutBundle *bundle = node->bundle;
  guint n_left = 0;
  if (fanout_bundle_has (node))
    {
      node->states = NULL;
      node->states_lent = TRUE;
    }
  node->bundle = NULL;
  for (guint i = 0; i < bundle->n_nodes; i++)
    {
      if (bundle->nodes[i] == node)
        bundle->nodes[i] = NULL;
      n_left += bundle->nodes[i] != NULL;
    }
  if (n_left > 0)
    return;
  fanout_pages_resize (NULL, bundle->block, bundle->capacity * FANOUT_BUNDLE_LINE, 0);
  g_free (bundle);
}
