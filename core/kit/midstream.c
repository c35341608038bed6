/* Results and bytes that are asked for while the stream goes on. */

#include "core/kit/private.h"

#define N_PIECES 5

static const FanoutContractWay way = { 7, 64, FANOUT_FORMS_TURNS, TRUE, FALSE };

/* Piece `piece` of the rows. */
static FanoutContractRows *
pick_piece (const FanoutContractRows *rows, guint first_piece, guint end_piece)
{
  const gsize first = rows->n_rows * first_piece / N_PIECES;
  const gsize end = rows->n_rows * end_piece / N_PIECES;
  g_autofree gsize *indexes = g_new (gsize, end - first + 1);

  for (gsize i = first; i < end; i++)
    indexes[i - first] = i;
  return fanout_contract_rows_pick (rows, indexes, end - first, FALSE);
}

static void
feed_pieces (FanoutContract *self, FanoutNode *node, const FanoutContractRows *rows, guint first,
             guint end)
{
  g_autoptr (FanoutContractRows) piece = pick_piece (rows, first, end);

  fanout_contract_feed (self, node, piece, &way);
}

/* What the first rows give when no more come. */
static char *
run_first (FanoutContract *self, const FanoutContractRows *rows, guint end, gboolean grouped)
{
  g_autoptr (FanoutContractRows) first = pick_piece (rows, 0, end);

  return fanout_contract_run (self, first, &way, grouped);
}

static void
check_finish (FanoutContract *self, const FanoutContractRows *rows, const char *whole,
              gboolean grouped)
{
  const gsize n = grouped ? rows->n_groups : 1;
  g_autofree char *want = run_first (self, rows, N_PIECES / 2, grouped);
  g_autofree char *text = NULL;
  FanoutNode *node = fanout_contract_start (self, grouped ? rows->n_groups : 0);

  for (guint piece = 0; piece < N_PIECES && node->status == FANOUT_NODE_RUNNING; piece++)
    {
      g_autofree char *so_far = NULL;

      feed_pieces (self, node, rows, piece, piece + 1);
      if (node->status == FANOUT_NODE_FAILED || piece + 1 == N_PIECES)
        break;
      so_far = fanout_contract_results_so_far (self, node, n);
      /* With an `end` it has no result before. */
      if (piece + 1 == N_PIECES / 2 && self->operator_->end == NULL)
        fanout_contract_same (self, "finish in mid-stream", "while more rows are to come", so_far,
                              want);
    }
  text = fanout_contract_results (self, node, n);
  fanout_contract_stop (self, 1, &node);
  fanout_contract_same (self, "finish in mid-stream",
                        "when `finish` has been called before, and the stream went on,", text,
                        whole);
}

/* A second node like the first, at this moment. */
typedef FanoutNode *(*MakeSecond) (FanoutContract *self, FanoutNode *node, guint32 n_groups);

static FanoutNode *
make_copy (FanoutContract *self, FanoutNode *node, guint32 n_groups)
{
  FanoutNode *copy = fanout_contract_start (self, n_groups);

  self->operator_->copy (&copy->aggregate, copy->states, node->states, MAX (n_groups, 1));
  fanout_contract_look (self, copy, "copy");
  fanout_contract_look (self, node, "copy");
  return copy;
}

/* The stream goes on for both. */
static void
check_second (FanoutContract *self, MakeSecond make, const char *function,
              const FanoutContractRows *rows, const char *whole, gboolean grouped)
{
  const guint32 n_groups = grouped ? rows->n_groups : 0;
  FanoutNode *nodes[] = { fanout_contract_start (self, n_groups), NULL };
  g_autofree char *kind = g_strdup_printf ("%s in mid-stream", function);
  g_autofree char *changes = g_strdup_printf ("%s changes states", function);
  g_autofree char *how = g_strdup_printf ("when `%s` was called in between", function);
  g_autofree char *how_second
      = g_strdup_printf ("for states from `%s` for which the stream goes on", function);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  feed_pieces (self, nodes[0], rows, 0, 2);
  if (nodes[0]->status == FANOUT_NODE_RUNNING)
    {
      nodes[1] = make (self, nodes[0], n_groups);
      for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
        feed_pieces (self, nodes[i], rows, 2, N_PIECES);
      first = fanout_contract_results (self, nodes[0], MAX (n_groups, 1));
      second = fanout_contract_results (self, nodes[1], MAX (n_groups, 1));
      fanout_contract_same (self, changes, how, first, whole);
      fanout_contract_same (self, kind, how_second, second, whole);
    }
  fanout_contract_stop (self, G_N_ELEMENTS (nodes), nodes);
}

static void
check_reset (FanoutContract *self, const FanoutContractRows *rows, const char *whole,
             gboolean grouped)
{
  const guint32 n_groups = grouped ? rows->n_groups : 0;
  FanoutNode *node = fanout_contract_start (self, n_groups);
  g_autofree char *text = NULL;

  feed_pieces (self, node, rows, 1, 3);
  if (node->status == FANOUT_NODE_RUNNING)
    {
      self->operator_->reset (&node->aggregate, node->states, MAX (n_groups, 1));
      fanout_contract_look (self, node, "reset");
      feed_pieces (self, node, rows, 0, N_PIECES);
      text = fanout_contract_results (self, node, MAX (n_groups, 1));
      fanout_contract_same (self, "reset", "for states that `reset` has made new", text, whole);
    }
  fanout_contract_stop (self, 1, &node);
}

static void
check_way (FanoutContract *self, const FanoutContractRows *rows, const char *whole,
           gboolean grouped)
{
  check_finish (self, rows, whole, grouped);
  if (fanout_contract_encodes (self->operator_))
    check_second (self, fanout_contract_copy_by_bytes, "encode", rows, whole, grouped);
  if (self->operator_->copy != NULL)
    check_second (self, make_copy, "copy", rows, whole, grouped);
  if (self->operator_->reset != NULL)
    check_reset (self, rows, whole, grouped);
}

void
fanout_contract_check_midstream (FanoutContract *self, const FanoutContractRows *rows,
                                 const char *whole, const char *grouped)
{
  /* A loop has its result only at the end. */
  if (self->operator_->loop != NULL)
    return;
  fanout_contract_progress (self, "asking for results in mid-stream");
  check_way (self, rows, whole, FALSE);
  if (grouped != NULL && rows->n_groups > 0)
    check_way (self, rows, grouped, TRUE);
}
