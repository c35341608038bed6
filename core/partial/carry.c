#include "core/partial/carry.h"
#include "core/partial/groups.h"

#include <fanout/error.h>
#include <string.h>

enum
{
  GROUPS_AT_ONCE = 512,
};

/* Where something lies in the bytes of several groups. */
typedef struct
{
  guint32 start;
  guint32 length;
} Span;

struct FanoutCarry
{
  FanoutPartition *into;
  FanoutPartition *part; /* the states, of aggregates that were not dropped */
  guint t;
  const FanoutPlanTable *table;
  gsize n;
  FanoutText *texts; /* of each key, GROUPS_AT_ONCE */
  guint8 *nulls;     /* the same */
  FanoutColumn *columns;
  const FanoutColumn **pointers;
  Span *states; /* of each aggregate, GROUPS_AT_ONCE */
  guint32 ids[GROUPS_AT_ONCE];
  FanoutMemory memory;
  FanoutBuffer keys;  /* of a group that does not lie in one piece */
  FanoutBuffer state; /* the same */
  FanoutBuffer seen;  /* a bit for each group of the table that has come */
};

FanoutCarry *
fanout_carry_new (FanoutPartition *into)
{
  FanoutCarry *self = g_new0 (FanoutCarry, 1);
  self->into = into;
  self->part = fanout_partition_new_empty (into->run);
  self->part->from = into->from;
  fanout_memory_init (&self->memory, &into->run->limit);
  self->keys.memory = self->state.memory = self->seen.memory = &self->memory;
  return self;
}

void
fanout_carry_free (FanoutCarry *self)
{
  if (self == NULL)
    return;
  fanout_partition_free (self->part);
  fanout_buffer_clear (&self->keys);
  fanout_buffer_clear (&self->state);
  fanout_buffer_clear (&self->seen);
  fanout_memory_clear (&self->memory);
  g_free (self->texts);
  g_free (self->nulls);
  g_free (self->columns);
  g_free (self->pointers);
  g_free (self->states);
  g_free (self);
}

void
fanout_carry_begin (FanoutCarry *self, guint t)
{
  const FanoutPlanTable *table = &self->into->run->plan->tables[t];
  const guint n_keys = table->n_keys;
  self->t = t;
  self->table = table;
  self->texts = g_renew (FanoutText, self->texts, n_keys * GROUPS_AT_ONCE + 1);
  self->nulls = g_renew (guint8, self->nulls, n_keys * GROUPS_AT_ONCE + 1);
  self->columns = g_renew (FanoutColumn, self->columns, n_keys + 1);
  self->pointers = g_renew (const FanoutColumn *, self->pointers, n_keys + 1);
  self->states = g_renew (Span, self->states, table->n_nodes * GROUPS_AT_ONCE + 1);
  memset (self->columns, 0, n_keys * sizeof *self->columns);
  for (guint k = 0; k < n_keys; k++)
    {
      self->columns[k].form = FANOUT_FORM_TEXT;
      self->columns[k].text = self->texts + k * GROUPS_AT_ONCE;
      self->pointers[k] = &self->columns[k];
    }
  if (self->seen.data != NULL)
    memset (self->seen.data, 0, self->seen.size);
}

static FanoutNode *
node_of (const FanoutCarry *self, guint i)
{
  return self->part->nodes[self->table->first_node + i];
}

void
fanout_carry_drop (FanoutCarry *self, guint i, const char *reason)
{
  FanoutNode *node = node_of (self, i);
  node->status = FANOUT_NODE_FAILED;
  node->explained = TRUE;
  g_clear_error (&node->error);
  node->error = g_error_new_literal (FANOUT_ERROR, FANOUT_ERROR_STATE, reason);
}

/* A length, which takes one byte nearly always; NULL: it is not there as a whole. */
static inline const guint8 *
take_length (const guint8 *next, const guint8 *end, guint64 *length)
{
  enum
  {
    SHIFT_MAX = 21, /* a piece is no longer */
  };
  guint64 value = 0;
  for (guint shift = 0; next < end && shift <= SHIFT_MAX; shift += 7)
    {
      const guint8 byte = *next++;
      value |= (guint64) (byte & 0x7f) << shift;
      if (G_UNLIKELY (byte >= 0x80))
        continue;
      *length = value;
      return next;
    }
  return NULL;
}

/* Where keys and states of one group lie; NULL: it does not lie there as a whole. */
static inline const guint8 *
take_group (FanoutCarry *self, const guint8 *bytes, const guint8 *next, const guint8 *end, gsize n)
{
  guint64 length;
  for (guint k = 0; k < self->table->n_keys; k++)
    {
      const gsize cell = k * GROUPS_AT_ONCE + n;
      next = take_length (next, end, &length);
      if (next == NULL || length > (gsize) (end - next) + 1)
        return NULL;
      self->nulls[cell] = length == 0;
      if (G_UNLIKELY (length == 0))
        self->columns[k].null = self->nulls + k * GROUPS_AT_ONCE;
      length -= length > 0;
      self->texts[cell] = (FanoutText){ (const char *) next, (gsize) length };
      next += length;
    }
  for (guint i = 0; i < self->table->n_nodes; i++)
    {
      next = take_length (next, end, &length);
      if (next == NULL || length > (gsize) (end - next))
        return NULL;
      self->states[i * GROUPS_AT_ONCE + n] = (Span){ (guint32) (next - bytes), (guint32) length };
      next += length;
    }
  return next;
}

static gboolean
decode (FanoutNode *node, gsize at, gconstpointer bytes, gsize length)
{
  return node->status == FANOUT_NODE_FAILED
         || node->plan->operator_->decode (&node->aggregate, fanout_node_state (node, at), bytes,
                                           length);
}

/* Those that are in memory as they stand in the file. Answers how many; FALSE: damaged. */
static gboolean
read_together (FanoutCarry *self, FanoutSealed *in, gsize most)
{
  gsize length;
  const guint8 *bytes = fanout_sealed_rest (in, &length);
  const guint8 *next = bytes;
  gsize n = 0;
  while (n < most)
    {
      const guint8 *end = take_group (self, bytes, next, bytes + length, n);
      if (end == NULL)
        break;
      next = end;
      n++;
    }
  for (guint i = 0; i < self->table->n_nodes; i++)
    {
      const Span *states = self->states + i * GROUPS_AT_ONCE;
      FanoutNode *node = node_of (self, i);
      fanout_node_reserve (node, n);
      for (gsize row = 0; row < n; row++)
        if (!decode (node, row, bytes + states[row].start, states[row].length))
          return FALSE;
    }
  fanout_sealed_skip (in, (gsize) (next - bytes));
  self->n = n;
  return TRUE;
}

static gboolean
read_keys (FanoutCarry *self, FanoutSealed *in)
{
  self->keys.length = 0;
  fanout_buffer_pad (&self->keys);
  for (guint k = 0; k < self->table->n_keys; k++)
    {
      const gsize start = self->keys.length;
      guint64 length;
      if (!fanout_get_length (in, &length))
        return FALSE;
      self->nulls[k * GROUPS_AT_ONCE] = length == 0;
      if (length == 0)
        self->columns[k].null = self->nulls + k * GROUPS_AT_ONCE;
      else if (!fanout_get_bytes (in, &self->keys, length - 1))
        return FALSE;
      self->texts[k * GROUPS_AT_ONCE]
          = (FanoutText){ GSIZE_TO_POINTER (start), self->keys.length - start };
    }
  fanout_buffer_pad (&self->keys);
  for (guint k = 0; k < self->table->n_keys; k++)
    {
      FanoutText *text = &self->texts[k * GROUPS_AT_ONCE];
      text->data = self->keys.data + GPOINTER_TO_SIZE (text->data);
    }
  return TRUE;
}

/* One that does not lie together. */
static gboolean
read_apart (FanoutCarry *self, FanoutSealed *in)
{
  if (!read_keys (self, in))
    return FALSE;
  for (guint i = 0; i < self->table->n_nodes; i++)
    {
      FanoutNode *node = node_of (self, i);
      fanout_node_reserve (node, 1);
      if (!fanout_get_state (in, &self->state)
          || !decode (node, 0, self->state.data, self->state.length))
        return FALSE;
    }
  self->n = 1;
  return TRUE;
}

gsize
fanout_carry_read (FanoutCarry *self, FanoutSealed *in, guint64 most)
{
  for (guint k = 0; k < self->table->n_keys; k++)
    self->columns[k].null = NULL;
  self->n = 0;
  if (fanout_buffer_is_full (&self->keys)
      || !read_together (self, in, (gsize) MIN (most, (guint64) GROUPS_AT_ONCE))
      || (self->n == 0 && !read_apart (self, in)))
    return 0;
  return self->n;
}

/* Whether none of them has come before. */
static gboolean
see (FanoutCarry *self)
{
  const gsize size = (gsize) (fanout_table_n_groups (self->into->tables[self->t]) / 8) + 1;
  gboolean fresh = TRUE;
  if (self->seen.size < size)
    {
      const gsize old = self->seen.size;
      fanout_buffer_resize (&self->seen, MAX (size, 2 * old));
      memset (self->seen.data + old, 0, self->seen.size - old);
    }
  guint8 *seen = (guint8 *) self->seen.data;
  for (gsize row = 0; row < self->n; row++)
    {
      guint8 *at = seen + self->ids[row] / 8;
      const guint8 bit = (guint8) (1u << self->ids[row] % 8);
      fresh &= (*at & bit) == 0;
      *at |= bit;
    }
  return fresh;
}

FanoutCarried
fanout_carry_merge (FanoutCarry *self, guint64 end, GError **error)
{
  const FanoutPlanTable *table = self->table;
  if (fanout_table_ids (self->into->tables[self->t], self->pointers, 0, self->n, self->ids)
      < self->n)
    {
      fanout_partition_too_many_groups (self->into, error);
      return FANOUT_CARRY_FAILED;
    }
  if (!see (self))
    return FANOUT_CARRY_TWICE;
  for (guint i = 0; end > 0 && i < table->n_nodes; i++)
    {
      FanoutNode *node = node_of (self, i);
      if (node->plan->operator_->shift != NULL && node->status != FANOUT_NODE_FAILED)
        node->plan->operator_->shift (&node->aggregate, node->states, self->n, end);
    }
  return fanout_partition_merge_states (self->into, self->part, self->t, self->ids, self->n, error)
             ? FANOUT_CARRY_MERGED
             : FANOUT_CARRY_FAILED;
}

void
fanout_carry_pass_on_drops (FanoutCarry *self)
{
  fanout_partition_merge_states (self->into, self->part, self->t, NULL, 0, NULL);
}
