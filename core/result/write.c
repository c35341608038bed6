#include "core/result/items.h"
#include "core/result/private.h"

enum
{
  FLUSH = 64 * 1024,
};

/* What rows go through on their way. */
typedef struct
{
  FanoutResult *result;
  const FanoutSink *sink;
  gpointer state;
  GString *text;
  FanoutWriteFunction write;
  gpointer data;
  GError *error; /* of `write` */
} Writing;

static void
measure_rows (gpointer data, const FanoutRows *rows)
{
  Writing *writing = data;

  writing->sink->measure (writing->state, rows);
}

static gboolean
flush (Writing *writing, GError **error)
{
  GString *text = writing->text;

  if (text->len > 0 && !writing->write (writing->data, text->str, text->len, error))
    return FALSE;
  g_string_truncate (text, 0);
  return TRUE;
}

static void
write_rows (gpointer data, const FanoutRows *rows)
{
  Writing *writing = data;

  if (writing->error != NULL)
    return;
  writing->sink->rows (writing->state, rows, writing->text);
  if (writing->text->len >= FLUSH)
    flush (writing, &writing->error);
}

static gboolean
pass_rows (Writing *writing, FanoutRowsDo do_, GError **error)
{
  FanoutResult *result = writing->result;
  GError *reason = NULL;
  const FanoutRows *rows;

  while (writing->error == NULL && (rows = fanout_result_next (result, &reason)) != NULL)
    if (result->plan.item_rows)
      fanout_items_to_rows (rows, &result->out, do_, writing);
    else
      do_ (writing, rows);
  if (writing->error != NULL)
    reason = writing->error;
  if (reason != NULL)
    g_propagate_error (error, reason);
  return reason == NULL;
}

static gboolean
write_table (FanoutResult *result, gboolean terminal, FanoutWriteFunction write, gpointer data,
             GError **error)
{
  FanoutResultSink used;
  if (!result->plan.find_sink (result->plan.data, terminal, &used, error))
    return FALSE;
  g_autoptr (GString) text = g_string_new (NULL);
  FanoutLayout layout = result->plan.layout;
  Writing writing
      = { .result = result, .sink = used.sink, .text = text, .write = write, .data = data };
  gboolean ok = TRUE;

  layout.terminal = terminal;
  layout.grouped |= result->plan.item_rows;
  fanout_result_rewind (result);
  writing.state = used.sink->begin (used.options, &layout, text);
  if (used.sink->measure != NULL)
    {
      ok = pass_rows (&writing, measure_rows, error);
      fanout_result_rewind (result);
    }
  ok = ok && pass_rows (&writing, write_rows, error);
  used.sink->end (writing.state, text);
  return ok && flush (&writing, error);
}

gboolean
fanout_result_write_output (FanoutResult *result, guint output, gboolean terminal,
                            FanoutWriteFunction write, gpointer data, GError **error)
{
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    {
      FanoutResult *table = fanout_result_table (result, t);

      if (table->plan.output == output && !write_table (table, terminal, write, data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
fanout_result_write (FanoutResult *result, gboolean terminal, FanoutWriteFunction write,
                     gpointer data, GError **error)
{
  return fanout_result_write_output (result, result->plan.output, terminal, write, data, error);
}
