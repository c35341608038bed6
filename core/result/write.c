#include "core/result/ahead.h"
#include "core/result/items.h"
#include "core/result/private.h"
#include "core/result/writer.h"

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
  FanoutLayout layout;
  gboolean begun; /* something of the table has been written */
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

static const FanoutRows *
next_rows (FanoutResult *result, FanoutRowsAhead *ahead, GError **error)
{
  return ahead != NULL ? fanout_rows_ahead_next (ahead, error) : fanout_result_next (result, error);
}

static gboolean
pass_rows (Writing *writing, FanoutRowsDo do_, GError **error)
{
  FanoutResult *result = writing->result;
  g_autoptr (FanoutRowsAhead) ahead
      = result->plan.item_rows ? NULL : fanout_rows_ahead_new (result);
  GError *reason = NULL;
  const FanoutRows *rows;

  while (writing->error == NULL && (rows = next_rows (result, ahead, &reason)) != NULL)
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

/* `header`: where the format has one, and [output] wants it. */
static gboolean
begin (Writing *writing, FanoutResult *result, gboolean terminal, gboolean header, GError **error)
{
  FanoutResultSink used;
  if (!result->plan.find_sink (result->plan.data, terminal, &used, error))
    return FALSE;
  writing->layout = result->plan.layout;
  writing->layout.terminal = terminal;
  writing->layout.grouped |= result->plan.item_rows;
  writing->layout.header &= header;
  writing->result = result;
  writing->sink = used.sink;
  writing->state = used.sink->begin (used.options, &writing->layout, writing->text);
  return TRUE;
}

static gboolean
go_on (Writing *writing, FanoutResult *result, GError **error)
{
  gboolean ok = TRUE;
  writing->result = result;
  fanout_result_rewind (result);
  if (writing->sink->measure != NULL)
    {
      ok = pass_rows (writing, measure_rows, error);
      fanout_result_rewind (result);
    }
  return ok && pass_rows (writing, write_rows, error);
}

static gboolean
end (Writing *writing, gboolean ok, GError **error)
{
  writing->sink->end (writing->state, writing->text);
  writing->sink = NULL;
  return ok && flush (writing, error);
}

static gboolean
write_table (FanoutResult *result, gboolean terminal, FanoutWriteFunction write, gpointer data,
             GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Writing writing = { .text = text, .write = write, .data = data };
  if (!begin (&writing, result, terminal, TRUE, error))
    return FALSE;
  return end (&writing, go_on (&writing, result, error), error);
}

struct FanoutResultWriter
{
  guint output;
  gboolean terminal;
  gboolean header;
  FanoutWriteFunction write;
  gpointer data;
  GString *text;
  GPtrArray *tables; /* of Writing, as they are met */
};

FanoutResultWriter *
fanout_result_writer_new (guint output, gboolean terminal, gboolean header,
                          FanoutWriteFunction write, gpointer data)
{
  FanoutResultWriter *self = g_new0 (FanoutResultWriter, 1);
  self->output = output;
  self->terminal = terminal;
  self->header = header;
  self->write = write;
  self->data = data;
  self->text = g_string_new (NULL);
  self->tables = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fanout_result_writer_free (FanoutResultWriter *self)
{
  if (self == NULL)
    return;
  for (guint t = 0; t < self->tables->len; t++)
    {
      Writing *writing = g_ptr_array_index (self->tables, t);
      if (writing->sink != NULL)
        end (writing, FALSE, NULL);
    }
  g_ptr_array_unref (self->tables);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static Writing *
get_table (FanoutResultWriter *self, guint t)
{
  while (self->tables->len <= t)
    {
      Writing *writing = g_new0 (Writing, 1);
      *writing = (Writing){ .text = self->text, .write = self->write, .data = self->data };
      g_ptr_array_add (self->tables, writing);
    }
  return g_ptr_array_index (self->tables, t);
}

/* A sink that measures has one table at a time: nothing of it where there are no rows, but at the
 * end, where it had none at all. */
static gboolean
add_measured (FanoutResultWriter *self, Writing *writing, FanoutResult *result, gboolean last,
              GError **error)
{
  if (result->n_rows == 0 && (!last || writing->begun))
    return TRUE;
  writing->begun = TRUE;
  return begin (writing, result, self->terminal, self->header, error)
         && end (writing, go_on (writing, result, error), error);
}

static gboolean
add_table (FanoutResultWriter *self, guint t, FanoutResult *result, gboolean last, GError **error)
{
  Writing *writing = get_table (self, t);
  FanoutResultSink used;
  if (!result->plan.find_sink (result->plan.data, self->terminal, &used, error))
    return FALSE;
  if (used.sink->measure != NULL)
    return add_measured (self, writing, result, last, error);
  if (writing->sink == NULL && !begin (writing, result, self->terminal, self->header, error))
    return FALSE;
  if (!go_on (writing, result, error))
    return FALSE;
  return last ? end (writing, TRUE, error) : flush (writing, error);
}

gboolean
fanout_result_writer_add (FanoutResultWriter *self, FanoutResult *result, gboolean last,
                          GError **error)
{
  for (guint t = 0; t < fanout_result_n_tables (result); t++)
    {
      FanoutResult *table = fanout_result_table (result, t);
      if (table->plan.output == self->output && !add_table (self, t, table, last, error))
        return FALSE;
    }
  return TRUE;
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
