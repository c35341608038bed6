/* Encoded states, and what is no such thing. */

#include "core/base/writer.h"
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
      g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
      const guint8 *bytes;
      gsize length;

      self->operator_->encode (&node->aggregate, fanout_contract_state (self, node, id), out);
      bytes = fanout_writer_bytes (out, &length);
      if (!decode (self, decoded, id, bytes, length))
        fanout_contract_find (self, "decode refuses",
                              "`decode` refused the %" G_GSIZE_FORMAT
                              " bytes that `encode` had just written",
                              length);
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
check_truncated (FanoutContract *self, const guint8 *bytes, gsize length, guint n_tries)
{
  const gsize step = length / n_tries + 1;

  for (gsize part = 0; part < length; part += step)
    if (try_bytes (self, bytes, part))
      {
        fanout_contract_find (self, "decode accepts too little",
                              "`decode` accepted %" G_GSIZE_FORMAT " bytes of %" G_GSIZE_FORMAT
                              ", which is to be refused",
                              part, length);
        break;
      }
}

static void
check_damaged (FanoutContract *self, guint8 *bytes, gsize length, guint n_tries)
{
  const guint bits = (guint) MIN (length, G_MAXINT32 / 8) * 8;

  for (guint i = 0; i < MIN (bits, n_tries); i++)
    {
      const guint bit
          = bits <= n_tries ? i : (guint) g_rand_int_range (self->random, 0, (gint) bits);

      bytes[bit / 8] = (guint8) (bytes[bit / 8] ^ 1u << bit % 8);
      try_bytes (self, bytes, length);
      bytes[bit / 8] = (guint8) (bytes[bit / 8] ^ 1u << bit % 8);
    }
}

void
fanout_contract_check_bytes (FanoutContract *self, const FanoutContractRows *rows, guint n_tries)
{
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  guint8 *bytes;
  gsize length;
  FanoutNode *node;

  if (!fanout_contract_encodes (self->operator_))
    return;
  node = fanout_contract_start (self, 0);
  fanout_contract_feed (self, node, rows, &way);
  if (node->status != FANOUT_NODE_FAILED)
    self->operator_->encode (&node->aggregate, node->states, out);
  fanout_contract_stop (self, 1, &node);
  bytes = fanout_writer_bytes (out, &length);
  if (length == 0)
    return;
  fanout_contract_progress (self, "decoding a state that is cut short");
  check_truncated (self, bytes, length, n_tries);
  fanout_contract_progress (self, "decoding a damaged state");
  check_damaged (self, bytes, length, n_tries);
  fanout_write_u8 (out, 0);
  bytes = fanout_writer_bytes (out, &length);
  if (try_bytes (self, bytes, length))
    fanout_contract_find (self, "decode accepts too much",
                          "`decode` accepted a byte after the state, which is to be refused");
}
