/* Bytes behind states and blocks that nobody may write to. */

#include "core/kit/private.h"

#include <string.h>

#define PATTERN 0x5b
#define RUBBISH 0xa5

static void
set_guard (guint8 *at)
{
  memset (at, PATTERN, FANOUT_CONTRACT_GUARD);
}

static gboolean
is_whole (const guint8 *at)
{
  for (guint i = 0; i < FANOUT_CONTRACT_GUARD; i++)
    if (at[i] != PATTERN)
      return FALSE;
  return TRUE;
}

/* States. */

static gsize
states_size (FanoutContract *self, const FanoutNode *node)
{
  return node->capacity * self->operator_->state_size;
}

guint8 *
fanout_contract_states_new (FanoutContract *self, const FanoutNode *node)
{
  const gsize size = states_size (self, node);
  guint8 *states = g_malloc (size + FANOUT_CONTRACT_GUARD);

  if (node->n_states > 0)
    memcpy (states, node->states, node->n_states * self->operator_->state_size);
  set_guard (states + size);
  return states;
}

void
fanout_contract_guard (FanoutContract *self, FanoutNode *node)
{
  guint8 *states;

  /* The functions of a loop may have made room for more. */
  if (self->operator_->loop != NULL)
    return;
  states = fanout_contract_states_new (self, node);
  fanout_node_lend_states (node, states);
}

void
fanout_contract_look (FanoutContract *self, FanoutNode *node, const char *function)
{
  if (self->operator_->loop != NULL)
    return;
  self->report->n_checks++;
  if (is_whole (node->states + states_size (self, node)))
    return;
  fanout_contract_find (self, "writes behind a state",
                        "`%s` wrote behind the last of %" G_GUINT64_FORMAT
                        " states; each has the %" G_GSIZE_FORMAT " bytes of `state_size`",
                        function, node->capacity, self->operator_->state_size);
  set_guard (node->states + states_size (self, node));
}

/* Blocks. They are known by their address, so that one that is freed behind our back is a leak and
 * no crash. */

static FanoutContract *
owner_of (FanoutMemory *memory)
{
  return (FanoutContract *) ((char *) memory - G_STRUCT_OFFSET (FanoutContract, memory));
}

static gpointer
new_block (FanoutContract *self, gsize size)
{
  guint8 *block;

  if (size == 0)
    return NULL;
  block = g_malloc0 (size + FANOUT_CONTRACT_GUARD);
  set_guard (block + size);
  g_hash_table_insert (self->blocks, block, GSIZE_TO_POINTER (size));
  return block;
}

/* What is left of it may be looked at by mistake: it is rubbish then. */
static void
end_block (FanoutContract *self, guint8 *block, gsize size)
{
  const gsize known = GPOINTER_TO_SIZE (g_hash_table_lookup (self->blocks, block));

  if (known == 0)
    fanout_contract_find (self, "gives back too much",
                          "a block of %" G_GSIZE_FORMAT
                          " bytes was released that did not come from this memory",
                          size);
  else if (known != size)
    fanout_contract_find (self, "gives back another size",
                          "a block of %" G_GSIZE_FORMAT
                          " bytes was released as one of %" G_GSIZE_FORMAT,
                          known, size);
  if (known > 0 && !is_whole (block + known))
    fanout_contract_find (self, "writes behind a block",
                          "a byte was written behind a block of %" G_GSIZE_FORMAT
                          " bytes from fanout_allocate() or fanout_reallocate()",
                          known);
  g_hash_table_remove (self->blocks, block);
  memset (block, RUBBISH, known);
  g_free (block);
}

static gpointer
reallocate (FanoutMemory *memory, gpointer block, gsize old_size, gsize new_size)
{
  FanoutContract *self = owner_of (memory);
  const gpointer moved = new_block (self, new_size);

  if (block == NULL)
    return moved;
  if (moved != NULL)
    memcpy (moved, block, MIN (old_size, new_size));
  end_block (self, block, old_size);
  return moved;
}

void
fanout_contract_memory_init (FanoutContract *self)
{
  if (self->blocks == NULL)
    self->blocks = g_hash_table_new (NULL, NULL);
  g_hash_table_remove_all (self->blocks);
  fanout_memory_init (&self->memory, NULL);
  self->memory.reallocate = reallocate;
}
