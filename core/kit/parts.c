#include "core/kit/private.h"

#include <string.h>

#define N_PARTS 5

/* A part of the rows, and the groups of the whole that its own are. */
typedef struct
{
  FanoutContractRows *rows;
  guint32 ids[FANOUT_CONTRACT_GROUPS];
  guint32 n_groups;
  guint64 offset; /* what was taken from the numbers of its rows */
} Part;

/* How the parts are made and put together. */
typedef struct
{
  const char *how;
  gboolean dealt;    /* row by row at random, in place of one after the other */
  gboolean encoded;  /* each goes through bytes */
  gboolean backward; /* the last part first */
  gboolean balanced; /* neighbours first */
  gboolean fresh;    /* into states that have seen nothing */
  gboolean shifted;  /* each numbers its rows from 0, and is shifted to its place */
} Shape;

static const Shape shapes[] = {
  { .how = "when parts are combined one after the other" },
  { .how = "when parts are combined into an empty one", .fresh = TRUE },
  { .how = "when neighbouring parts are combined first", .balanced = TRUE },
  { .how = "when parts are combined from the last to the first", .backward = TRUE },
  { .how = "when the rows are dealt to the parts", .dealt = TRUE },
  { .how = "when encoded parts are combined", .encoded = TRUE, .fresh = TRUE },
  { .how = "when parts are shifted to their place and combined", .encoded = TRUE, .shifted = TRUE },
};

static const FanoutContractWay way = { 7, 37, FANOUT_FORMS_TURNS, TRUE, FALSE };

/* A part's groups are numbered as they appear in it. */
static void
number_groups (Part *part)
{
  guint32 local[FANOUT_CONTRACT_GROUPS] = { 0 };

  for (gsize i = 0; i < part->rows->n_rows; i++)
    {
      const guint32 id = part->rows->groups[i];

      if (local[id] == 0)
        {
          part->ids[part->n_groups] = id;
          local[id] = ++part->n_groups;
        }
      part->rows->groups[i] = local[id] - 1;
    }
  part->rows->n_groups = part->n_groups;
}

static void
number_rows (Part *part)
{
  part->offset = part->rows->numbers_of_rows[0];
  for (gsize i = 0; i < part->rows->n_rows; i++)
    part->rows->numbers_of_rows[i] -= part->offset;
}

/* The part at N_PARTS / 2 stays empty. */
static guint
part_of (FanoutContract *self, const Shape *shape, gsize row, gsize n_rows)
{
  const guint part = shape->dealt ? (guint) g_rand_int_range (self->random, 0, N_PARTS - 1)
                                  : (guint) (row * (N_PARTS - 1) / n_rows);

  return part < N_PARTS / 2 ? part : part + 1;
}

static void
split (FanoutContract *self, const Shape *shape, const FanoutContractRows *rows, Part *parts)
{
  gsize *indexes[N_PARTS];
  gsize n[N_PARTS] = { 0 };

  for (guint p = 0; p < N_PARTS; p++)
    indexes[p] = g_new (gsize, rows->n_rows + 1);
  for (gsize i = 0; i < rows->n_rows; i++)
    {
      const guint p = part_of (self, shape, i, rows->n_rows);

      indexes[p][n[p]++] = i;
    }
  for (guint p = 0; p < N_PARTS; p++)
    {
      parts[p].n_groups = 0;
      parts[p].rows = fanout_contract_rows_pick (rows, indexes[p], n[p], FALSE);
      number_groups (&parts[p]);
      parts[p].offset = 0;
      if (shape->shifted && n[p] > 0)
        number_rows (&parts[p]);
      g_free (indexes[p]);
    }
}

static FanoutNode *
through_bytes (FanoutContract *self, FanoutNode *node, const Part *part, gboolean grouped)
{
  const guint32 n = grouped ? part->n_groups : 1;
  FanoutNode *decoded = fanout_contract_copy_by_bytes (self, node, grouped ? part->n_groups : 0);

  if (part->offset > 0 && n > 0)
    self->operator_->shift (&decoded->aggregate, decoded->states, n, part->offset);
  fanout_contract_look (self, decoded, "shift");
  fanout_contract_move (self, decoded);
  fanout_node_free (node);
  return decoded;
}

void
fanout_contract_combine (FanoutContract *self, FanoutNode *into, FanoutNode *from,
                         const guint32 *ids, gsize n)
{
  const gsize size = n * self->operator_->state_size;

  if (n == 0)
    return;
  self->operator_->combine (&into->aggregate, into->states, ids, from->states, n);
  fanout_contract_look (self, into, "combine");
  if (self->operator_->clear != NULL)
    self->operator_->clear (&into->aggregate, from->states, n);
  memset (from->states, 0, size);
  fanout_contract_move (self, into);
}

static FanoutNode *
start_part (FanoutContract *self, const Part *part, gboolean grouped)
{
  return fanout_contract_start (self, grouped ? MAX (part->n_groups, 1) : 0);
}

static FanoutNode *
run_part (FanoutContract *self, const Shape *shape, const Part *part, gboolean grouped)
{
  FanoutNode *node = start_part (self, part, grouped);

  fanout_contract_feed (self, node, part->rows, &way);
  if (shape->encoded && node->status != FANOUT_NODE_FAILED)
    return through_bytes (self, node, part, grouped);
  return node;
}

/* Without groups: in the order that the shape says, all into one that is answered. */
static guint
combine_single (FanoutContract *self, const Shape *shape, FanoutNode **nodes)
{
  static const guint32 first[] = { 0 };

  if (shape->balanced)
    {
      for (guint step = 1; step < N_PARTS; step *= 2)
        for (guint p = 0; p + step < N_PARTS; p += 2 * step)
          fanout_contract_combine (self, nodes[p], nodes[p + step], NULL, 1);
      return 0;
    }
  for (guint p = 1; p < N_PARTS && !shape->backward; p++)
    fanout_contract_combine (self, nodes[0], nodes[p], p % 2 == 0 ? NULL : first, 1);
  for (guint p = N_PARTS - 1; p > 0 && shape->backward; p--)
    fanout_contract_combine (self, nodes[p - 1], nodes[p], NULL, 1);
  return 0;
}

static gboolean
any_failed (FanoutNode *const *nodes)
{
  for (guint p = 0; p < N_PARTS; p++)
    if (nodes[p]->status == FANOUT_NODE_FAILED)
      return TRUE;
  return FALSE;
}

/* The last of the nodes is the one that all are combined into, when they have groups or it is to be
 * fresh. NULL when a part refused its rows, which says nothing. */
static char *
run_parts (FanoutContract *self, const Shape *shape, const Part *parts, gboolean grouped,
           guint32 n_groups)
{
  FanoutNode *nodes[N_PARTS + 1];
  const gboolean last = grouped || shape->fresh;
  char *text = NULL;

  for (guint p = 0; p < N_PARTS; p++)
    nodes[p] = run_part (self, shape, &parts[p], grouped);
  nodes[N_PARTS] = fanout_contract_start (self, grouped ? n_groups : 0);
  if (!any_failed (nodes))
    {
      for (guint i = 0; i < N_PARTS && last; i++)
        {
          const guint p = shape->backward ? N_PARTS - 1 - i : i;

          fanout_contract_combine (self, nodes[N_PARTS], nodes[p], grouped ? parts[p].ids : NULL,
                                   grouped ? parts[p].n_groups : 1);
        }
      if (!last)
        combine_single (self, shape, nodes);
      text = fanout_contract_results_once (self, nodes[last ? N_PARTS : 0], grouped ? n_groups : 1);
    }
  fanout_contract_stop (self, N_PARTS + 1, nodes);
  return text;
}

static void
check_shape (FanoutContract *self, const Shape *shape, const FanoutContractRows *rows,
             const char *whole, const char *grouped)
{
  const char *kind = shape->shifted   ? "shift"
                     : shape->encoded ? "encode and decode"
                                      : "split and combine";
  Part parts[N_PARTS];
  g_autofree char *text = NULL;
  g_autofree char *grouped_text = NULL;

  split (self, shape, rows, parts);
  text = run_parts (self, shape, parts, FALSE, 0);
  if (text != NULL)
    fanout_contract_same (self, kind, shape->how, text, whole);
  if (grouped != NULL && rows->n_groups > 0)
    grouped_text = run_parts (self, shape, parts, TRUE, rows->n_groups);
  if (grouped_text != NULL)
    {
      g_autofree char *how = g_strconcat ("with groups, ", shape->how, NULL);

      fanout_contract_same (self, kind, how, grouped_text, grouped);
    }
  for (guint p = 0; p < N_PARTS; p++)
    fanout_contract_rows_free (parts[p].rows);
}

static gboolean
can_be (const FanoutOperator *operator_, const Shape *shape)
{
  if (operator_->order == FANOUT_ORDER_ORDERED && (shape->dealt || shape->backward))
    return FALSE;
  return operator_->combine != NULL && operator_->order != FANOUT_ORDER_SEQUENCE
         && (operator_->order != FANOUT_ORDER_ORDERED || !(shape->dealt || shape->backward))
         && (fanout_contract_encodes (operator_) || !shape->encoded)
         && (operator_->shift != NULL || !shape->shifted);
}

void
fanout_contract_check_parts (FanoutContract *self, const FanoutContractRows *rows,
                             const char *whole, const char *grouped)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (can_be (self->operator_, &shapes[i]))
      {
        /* It is told as what went on "while" something happened. */
        fanout_contract_progress (self, shapes[i].how + strlen ("when "));
        check_shape (self, &shapes[i], rows, whole, grouped);
      }
}

void
fanout_contract_repeat_parts (FanoutContract *self, const FanoutContractRows *rows)
{
  const gboolean grouped = (self->operator_->flags & FANOUT_UNGROUPED) == 0;

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (can_be (self->operator_, &shapes[i]) && (shapes[i].encoded || shapes[i].balanced))
      {
        Part parts[N_PARTS];

        split (self, &shapes[i], rows, parts);
        g_free (run_parts (self, &shapes[i], parts, grouped, rows->n_groups));
        for (guint p = 0; p < N_PARTS; p++)
          fanout_contract_rows_free (parts[p].rows);
      }
}
