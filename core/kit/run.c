#include "core/kit/private.h"
#include "core/handover/loop.h"
#include "core/result/value.h"

#include <string.h>

#define PART_SHOWN   60
#define TICKET_MS    500
/* One bit serves all columns behind the 64th. */
#define SEEN(column) (G_GUINT64_CONSTANT (1) << MIN (column, 63))

void
fanout_contract_find (FanoutContract *self, const char *kind, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  g_autofree char *line = NULL;

  if (!g_hash_table_add (self->told, g_strdup (kind)))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (self->shape == NULL)
    line = g_strdup_printf ("%s: %s", kind, text);
  else if (self->options == NULL || self->options->text[0] == '\0')
    line = g_strdup_printf ("%s: %s (%s)", kind, text, self->shape);
  else
    line = g_strdup_printf ("%s: %s (%s; %s)", kind, text, self->shape, self->options->text);
  if (self->report->found != NULL)
    self->report->found (line, self->report->data);
  g_ptr_array_add (self->report->findings, g_steal_pointer (&line));
}

void
fanout_contract_progress (FanoutContract *self, const char *doing)
{
  g_autofree char *all = NULL;

  if (self->report->progress == NULL)
    return;
  if (self->options->text[0] == '\0')
    all = g_strdup_printf ("%s (%s)", doing, self->shape);
  else
    all = g_strdup_printf ("%s (%s; %s)", doing, self->shape, self->options->text);
  self->report->progress (all, self->report->data);
}

FanoutNode *
fanout_contract_start (FanoutContract *self, guint32 n_groups)
{
  FanoutNode *node = fanout_node_new (&self->plan, n_groups > 0, NULL, self->context);

  fanout_loops_adapt (node);
  node->aggregate.memory = &self->memory;
  if (n_groups > 0)
    fanout_node_reserve (node, n_groups);
  fanout_contract_guard (self, node);
  return node;
}

void
fanout_contract_move (FanoutContract *self, FanoutNode *node)
{
  guint8 *states;

  /* The functions of a loop hold on to their states. */
  if (self->operator_->loop != NULL)
    return;
  states = fanout_contract_states_new (self, node);
  memset (node->states, 0xa5, node->capacity * self->operator_->state_size);
  fanout_node_lend_states (node, states);
}

/* Whoever has the ticket still works on the batch: give it some time. */
static void
await_ticket (FanoutContract *self, FanoutNode *node)
{
  for (guint i = 0; i < TICKET_MS && atomic_load (&node->ticket.state) != FANOUT_TICKET_BACK; i++)
    {
      g_main_context_iteration (self->context, FALSE);
      g_usleep (1000);
    }
  atomic_store (&node->ticket.state, FANOUT_TICKET_NONE);
}

static void
take (FanoutContract *self, FanoutNode *node, const FanoutBatch *batch)
{
  FanoutAnswer answer;

  node->n_taken = 0;
  answer = fanout_node_take (node, batch);
  fanout_contract_look (self, node, "update");
  if (node->grouped && self->operator_->loop == NULL && node->n_taken > 0
      && node->n_taken < batch->n_rows)
    fanout_contract_find (self, "leaves groups",
                          "`update` had enough after row %" G_GSIZE_FORMAT
                          " of a batch of %" G_GSIZE_FORMAT
                          " with groups, and the rest is lost; while `ids` is there "
                          "each row is to be taken, since the next may be of another group",
                          node->n_taken, batch->n_rows);
  while (answer == FANOUT_LATER && !fanout_node_resolve (node))
    g_main_context_iteration (self->context, TRUE);
  if (answer == FANOUT_LATER || atomic_load (&node->ticket.state) == FANOUT_TICKET_NONE)
    return;
  fanout_contract_find (self, "ticket",
                        "`update` took a ticket by fanout_later() and did not answer FANOUT_LATER, "
                        "which must follow: the batch is gone before it is acknowledged");
  self->abandoned = TRUE;
  await_ticket (self, node);
}

static void
feed_frame (FanoutContract *self, FanoutNode *node, const FanoutFrame *frame,
            const FanoutContractWay *way)
{
  for (gsize first = 0; first < frame->n_rows && node->status == FANOUT_NODE_RUNNING;
       first += way->batch)
    {
      const FanoutBatch batch = { frame, first, MIN (way->batch, frame->n_rows - first) };

      take (self, node, &batch);
      if (way->moved)
        fanout_contract_move (self, node);
    }
}

void
fanout_contract_feed (FanoutContract *self, FanoutNode *node, const FanoutContractRows *rows,
                      const FanoutContractWay *way)
{
  guint64 serial = node->serial;

  for (gsize first = 0; first < rows->n_rows && node->status == FANOUT_NODE_RUNNING;
       first += way->chunk)
    {
      FanoutFrame *frame = fanout_contract_frame_new (rows, self->options->inputs, first,
                                                      MIN (way->chunk, rows->n_rows - first),
                                                      node->grouped, way->forms, self->random);

      frame->serial = ++serial;
      feed_frame (self, node, frame, way);
      if (!way->kept)
        fanout_contract_frame_spoil (frame);
      g_ptr_array_add (self->frames, frame);
      node->input.rows = NULL;
    }
}

static void
append_rows (FanoutContract *self, GString *text, const FanoutOut *out, gsize n)
{
  for (gsize row = 0; row < n; row++)
    {
      for (guint c = 0; c < self->plan.n_results; c++)
        {
          const FanoutValue *value = fanout_out_row (out, row) + c;

          if (c > 0)
            g_string_append (text, ", ");
          fanout_value_append_json (text, value);
          if (value->kind != FANOUT_VALUE_NULL)
            self->seen |= SEEN (c);
        }
      g_string_append_c (text, '\n');
    }
}

static char *
failure (FanoutContract *self, FanoutNode *node)
{
  g_autoptr (GError) error = NULL;

  error = fanout_aggregate_take_error (&node->aggregate);
  if (strstr (error->message, "without saying why") != NULL)
    fanout_contract_find (self, "fails in silence",
                          "a function failed and gave no reason; fanout_fail is wanted");
  if (self->refusal == NULL)
    self->refusal = g_strdup (error->message);
  if (node->row_known)
    return g_strdup_printf ("refused at row %" G_GUINT64_FORMAT ": %s\n", node->last_row,
                            error->message);
  return g_strdup_printf ("refused: %s\n", error->message);
}

static void
check_bounds (FanoutContract *self, const FanoutOut *out, gsize n)
{
  for (gsize row = 0; row < out->n_rows; row++)
    for (guint c = 0; c < out->n_columns; c++)
      if ((row >= n || c >= self->plan.n_results)
          && fanout_out_row (out, row)[c].kind != FANOUT_VALUE_NULL)
        fanout_contract_find (self, "writes too much",
                              "`finish` wrote to row %" G_GSIZE_FORMAT
                              " column %u; it has rows 0 to "
                              "%" G_GSIZE_FORMAT " and columns 0 to %u",
                              row, c, n - 1, self->plan.n_results - 1);
}

/* With one row and one column more than there are, which have to stay null. NULL: failed. */
static char *
finish (FanoutContract *self, FanoutNode *node, gsize n)
{
  GString *text = NULL;
  FanoutOut out;

  fanout_out_init (&out, n + 1, self->plan.n_results + 1);
  fanout_out_reset (&out, n + 1);
  if (self->operator_->finish (&node->aggregate, node->states, n, &out) && node->error == NULL)
    {
      text = g_string_new (NULL);
      append_rows (self, text, &out, n);
      check_bounds (self, &out, n);
      if (out.depth > 0)
        fanout_contract_find (self, "open list",
                              "`finish` began a list and did not end it, which loses it; "
                              "fanout_list_end() is wanted, behind as many fanout_list_close() as "
                              "fanout_list_open()");
    }
  fanout_out_clear (&out);
  return text != NULL ? g_string_free (text, FALSE) : NULL;
}

/* NULL: failed. */
static char *
finish_once (FanoutContract *self, FanoutNode *node, gsize n)
{
  const gsize size = n * self->operator_->state_size;
  g_autofree gpointer before = memcpy (g_malloc (size), node->states, size);
  char *text = finish (self, node, n);

  if (text != NULL && memcmp (before, node->states, size) != 0)
    fanout_contract_find (
        self, "finish changes states",
        "the bytes of a state differ after `finish`, which is to leave them alone");
  fanout_contract_look (self, node, "finish");
  return text;
}

/* Twice, since results may be asked for while the stream goes on. */
char *
fanout_contract_results_so_far (FanoutContract *self, FanoutNode *node, gsize n)
{
  char *first = n > 0 ? finish_once (self, node, n) : g_strdup ("");
  g_autofree char *second = NULL;

  if (first == NULL)
    return failure (self, node);
  if (n == 0)
    return first;
  second = finish (self, node, n);
  fanout_contract_same (self, "finish twice", "when `finish` is called again",
                        second != NULL ? second : "a failure", first);
  return first;
}

static gboolean
end (FanoutNode *node)
{
  fanout_node_end (node);
  return node->status != FANOUT_NODE_FAILED && fanout_aggregate_end (&node->aggregate);
}

char *
fanout_contract_results (FanoutContract *self, FanoutNode *node, gsize n)
{
  return end (node) ? fanout_contract_results_so_far (self, node, n) : failure (self, node);
}

char *
fanout_contract_results_once (FanoutContract *self, FanoutNode *node, gsize n)
{
  char *text = NULL;

  if (end (node))
    text = n > 0 ? finish_once (self, node, n) : g_strdup ("");
  return text != NULL ? text : failure (self, node);
}

void
fanout_contract_stop (FanoutContract *self, guint n, FanoutNode **nodes)
{
  const gboolean can_clear = self->operator_->clear != NULL;

  for (guint i = 0; i < n; i++)
    fanout_node_free (nodes[i]);
  g_ptr_array_set_size (self->frames, 0);
  if ((gssize) self->memory.used > 0)
    fanout_contract_find (self, "leaks", "%" G_GSIZE_FORMAT " bytes are left %s", self->memory.used,
                          can_clear ? "after `clear`" : "and there is no `clear`");
  else if (self->memory.used != 0)
    fanout_contract_find (self, "gives back too much",
                          "%" G_GSSIZE_FORMAT " bytes more were released than allocated",
                          -(gssize) self->memory.used);
  fanout_contract_memory_init (self);
}

char *
fanout_contract_run (FanoutContract *self, const FanoutContractRows *rows,
                     const FanoutContractWay *way, gboolean grouped)
{
  const guint32 n_groups = grouped ? rows->n_groups : 0;
  FanoutNode *node = fanout_contract_start (self, n_groups);
  char *text;

  if (!grouped || n_groups > 0)
    fanout_contract_feed (self, node, rows, way);
  text = fanout_contract_results (self, node, grouped ? n_groups : 1);
  fanout_contract_stop (self, 1, &node);
  return text;
}

/* The line that `at` is in, cut to what a message bears. */
static char *
line_at (const char *text, gsize at)
{
  gsize start = at;
  gsize length;

  while (start > 0 && text[start - 1] != '\n')
    start--;
  length = strcspn (text + start, "\n");
  return g_strdup_printf ("%.*s%s", (int) MIN (length, PART_SHOWN), text + start,
                          length > PART_SHOWN ? "..." : "");
}

gboolean
fanout_contract_same (FanoutContract *self, const char *kind, const char *how, const char *got,
                      const char *want)
{
  g_autofree char *got_line = NULL;
  g_autofree char *want_line = NULL;
  gsize at = 0;

  self->report->n_checks++;
  while (got[at] == want[at] && got[at] != '\0')
    at++;
  if (got[at] == want[at])
    return TRUE;
  got_line = line_at (got, at);
  want_line = line_at (want, at);
  fanout_contract_find (self, kind, "%s the result is %s, where %s is wanted", how, got_line,
                        want_line);
  return FALSE;
}
