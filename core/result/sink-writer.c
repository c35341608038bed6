#include "core/result/sink-writer.h"

enum
{
  FLUSH = 64 * 1024,
};

static gboolean
measure (FanoutResult *result, const FanoutSink *sink, gpointer state, GError **error)
{
  GError *reason = NULL;
  const FanoutRows *rows;

  if (sink->measure == NULL)
    return TRUE;
  while ((rows = fanout_result_next (result, &reason)) != NULL)
    sink->measure (state, rows);
  fanout_result_rewind (result);
  if (reason != NULL)
    g_propagate_error (error, reason);
  return reason == NULL;
}

static gboolean
write_rows (FanoutResult *result, const FanoutSink *sink, gpointer state, FanoutOutput *output,
            GString *text, GError **error)
{
  GError *reason = NULL;
  const FanoutRows *rows;

  while ((rows = fanout_result_next (result, &reason)) != NULL)
    {
      sink->rows (state, rows, text);
      if (text->len >= FLUSH && !fanout_output_write (output, text, error))
        return FALSE;
    }
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
  gpointer state;
  gboolean ok;

  layout.header = header;
  layout.terminal = fanout_output_is_terminal (output);
  fanout_result_rewind (result);
  state = sink->begin (NULL, &layout, text);
  ok = measure (result, sink, state, error)
       && write_rows (result, sink, state, output, text, error);
  sink->end (state, text);
  return ok && fanout_output_write (output, text, error);
}
