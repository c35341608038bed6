#include "core/result/sink-writer.h"
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
  FanoutOutput *output;
  GString *text;
  GError *error; /* of the output */
} Writing;

static void
measure_rows (gpointer data, const FanoutRows *rows)
{
  Writing *writing = data;

  writing->sink->measure (writing->state, rows);
}

static void
write_rows (gpointer data, const FanoutRows *rows)
{
  Writing *writing = data;

  if (writing->error != NULL)
    return;
  writing->sink->rows (writing->state, rows, writing->text);
  if (writing->text->len >= FLUSH)
    fanout_output_write (writing->output, writing->text, &writing->error);
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

gboolean
fanout_result_write (FanoutResult *result, const FanoutSink *sink, FanoutOutput *output,
                     gboolean header, GError **error)
{
  g_autoptr (GString) text = g_string_sized_new (2 * FLUSH);
  FanoutLayout layout = *fanout_result_layout (result);
  Writing writing = { .result = result, .sink = sink, .output = output, .text = text };
  gboolean ok = TRUE;

  layout.header = header;
  layout.terminal = fanout_output_is_terminal (output);
  layout.grouped |= result->plan.item_rows;
  fanout_result_rewind (result);
  writing.state = sink->begin (NULL, &layout, text);
  if (sink->measure != NULL)
    {
      ok = pass_rows (&writing, measure_rows, error);
      fanout_result_rewind (result);
    }
  ok = ok && pass_rows (&writing, write_rows, error);
  sink->end (writing.state, text);
  return ok && fanout_output_write (output, text, error);
}
