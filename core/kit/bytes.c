/* Encoded states, and what is no such thing. */

#include "core/kit/private.h"

#include <string.h>

static const FanoutContractWay way = { 7, 37, FANOUT_FORMS_TURNS, TRUE, FALSE };

gboolean
fanout_contract_encodes (const FanoutOperator *operator_)
{
  return operator_->encode != NULL && operator_->decode != NULL;
}

/* Into state `id` of `node`, which is like a new one; FALSE when the bytes are refused. */
static gboolean
decode (FanoutContract *self, FanoutNode *node, gsize id, const guint8 *bytes, gsize length)
{
  /* At the very end of a block, so that reading past it can be noticed. */
  g_autofree guint8 *copy = g_malloc (MAX (length, 1));
  gboolean accepted;

  if (length > 0)
    memcpy (copy, bytes, length);
  accepted = self->operator_->decode (&node->aggregate, fanout_contract_state (self, node, id),
                                      copy, length);
  fanout_contract_look (self, node, "decode");
  return accepted;
}

FanoutNode *
fanout_contract_copy_by_bytes (FanoutContract *self, FanoutNode *node, guint32 n_groups)
{
  FanoutNode *decoded = fanout_contract_start (self, node->grouped ? MAX (n_groups, 1) : 0);
  const gsize n = node->grouped ? n_groups : 1;

  for (gsize id = 0; id < n; id++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      self->operator_->encode (&node->aggregate, fanout_contract_state (self, node, id), bytes);
      if (!decode (self, decoded, id, bytes->data, bytes->len))
        fanout_contract_find (self, "decode refuses",
                              "`decode` refused the %u bytes that `encode` had just written",
                              bytes->len);
    }
  fanout_contract_look (self, node, "encode");
  return decoded;
}

/* Damaged bytes: whatever `decode` answers, the state can be used, or cleared, as it says. */
static gboolean
try_bytes (FanoutContract *self, const guint8 *bytes, gsize length)
{
  FanoutNode *nodes[2] = { fanout_contract_start (self, 0) };
  const gboolean accepted = decode (self, nodes[0], 0, bytes, length);
  guint n = 1;

  if (accepted)
    {
      g_free (fanout_contract_results_once (self, nodes[0], 1));
      if (self->operator_->combine != NULL)
        {
          nodes[n++] = fanout_contract_start (self, 0);
          fanout_contract_combine (self, nodes[1], nodes[0], NULL, 1);
        }
    }
  fanout_contract_stop (self, n, nodes);
  self->report->n_checks++;
  return accepted;
}

static void
check_truncated (FanoutContract *self, const GByteArray *bytes, guint n_tries)
{
  const guint step = bytes->len / n_tries + 1;

  for (guint length = 0; length < bytes->len; length += step)
    if (try_bytes (self, bytes->data, length))
      {
        fanout_contract_find (self, "decode accepts too little",
                              "`decode` accepted %u bytes of %u, which is to be refused", length,
                              bytes->len);
        break;
      }
}

static void
check_damaged (FanoutContract *self, GByteArray *bytes, guint n_tries)
{
  const guint n = MIN (bytes->len * 8, n_tries);

  for (guint i = 0; i < n; i++)
    {
      const guint bit = bytes->len * 8 <= n_tries
                            ? i
                            : (guint) g_rand_int_range (self->random, 0, (gint) bytes->len * 8);

      bytes->data[bit / 8] = (guint8) (bytes->data[bit / 8] ^ 1u << bit % 8);
      try_bytes (self, bytes->data, bytes->len);
      bytes->data[bit / 8] = (guint8) (bytes->data[bit / 8] ^ 1u << bit % 8);
    }
}

void
fanout_contract_check_bytes (FanoutContract *self, const FanoutContractRows *rows, guint n_tries)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  FanoutNode *node;

  if (!fanout_contract_encodes (self->operator_))
    return;
  node = fanout_contract_start (self, 0);
  fanout_contract_feed (self, node, rows, &way);
  if (node->status != FANOUT_NODE_FAILED)
    self->operator_->encode (&node->aggregate, node->states, bytes);
  fanout_contract_stop (self, 1, &node);
  if (bytes->len == 0)
    return;
  fanout_contract_progress (self, "decoding a state that is cut short");
  check_truncated (self, bytes, n_tries);
  fanout_contract_progress (self, "decoding a damaged state");
  check_damaged (self, bytes, n_tries);
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  if (try_bytes (self, bytes->data, bytes->len))
    fanout_contract_find (self, "decode accepts too much",
                          "`decode` accepted a byte after the state, which is to be refused");
}
