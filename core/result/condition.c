#include "core/result/condition.h"
#include "core/base/error.h"
#include "core/config/list.h"
#include "core/config/names.h"
#include "core/result/frame.h"

#include <string.h>

enum
{
  ROWS = 1024, /* that are tested together */
};

struct FanoutResultCondition
{
  const FanoutLayout *layout;
  FanoutExpression *expression;
  FanoutPlanResults plan;
  GArray *reads; /* of FanoutPlanResultRead */
  FanoutPlanResult wanted;
  FanoutResultFrame *frame;
  FanoutOut out;
};

static gint
find_column (const FanoutLayout *layout, const char *name)
{
  for (guint i = 0; i < layout->n_columns; i++)
    if (strcmp (layout->names[i], name) == 0)
      return (gint) i;
  return -1;
}

static gint
read_column (gpointer data, const char *name, guint position, FanoutTakes takes, GError **error)
{
  FanoutResultCondition *self = data;
  if (name == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "$%u is a column of the input: result columns go by their names", position);
      return -1;
    }
  const gint column = find_column (self->layout, name);
  if (column < 0)
    {
      g_autofree char *quoted = fanout_quote (name, -1);
      g_autofree char *shown = fanout_list_show (self->layout->names);
      const char *near = fanout_nearest_name (name, self->layout->names);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "no result column %s; there are: %s%s%s%s", quoted, shown,
                   near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                   near != NULL ? "'?" : "");
      return -1;
    }
  const FanoutPlanResultRead read = { (guint) column, takes };
  g_array_append_val (self->reads, read);
  return (gint) self->reads->len - 1;
}

FanoutResultCondition *
fanout_result_condition_new (const char *text, const FanoutLayout *layout, GError **error)
{
  g_autoptr (FanoutResultCondition) self = g_new0 (FanoutResultCondition, 1);
  const FanoutNames names = { .column = read_column, .data = self };
  self->layout = layout;
  self->reads = g_array_new (FALSE, FALSE, sizeof (FanoutPlanResultRead));
  self->plan.program = fanout_program_new (&names);
  self->plan.null_bad = TRUE;
  self->expression = fanout_expression_parse (text, error);
  if (self->expression == NULL)
    return NULL;
  const gint register_
      = fanout_program_add (self->plan.program, self->expression, FANOUT_KIND_CONDITION, error);
  if (register_ < 0)
    return NULL;
  self->plan.n_reads = self->reads->len;
  self->plan.reads = (FanoutPlanResultRead *) (gpointer) self->reads->data;
  self->wanted = (FanoutPlanResult){ .what = "where",
                                     .register_ = (guint) register_,
                                     .place = FANOUT_PLAN_COMPUTED };
  fanout_out_init (&self->out, ROWS, layout->n_columns);
  self->frame = fanout_result_frame_new (&self->plan, layout, ROWS, NULL);
  return g_steal_pointer (&self);
}

void
fanout_result_condition_free (FanoutResultCondition *self)
{
  if (self == NULL)
    return;
  if (self->frame != NULL)
    {
      fanout_result_frame_free (self->frame);
      fanout_out_clear (&self->out);
    }
  fanout_program_free (self->plan.program);
  fanout_expression_free (self->expression);
  g_array_unref (self->reads);
  g_free (self);
}

static void
test_some (FanoutResultCondition *self, const FanoutValue *values, gsize n, guint8 *holds)
{
  const FanoutPlanResult *wanted = &self->wanted;
  fanout_out_reset (&self->out, n);
  memcpy (self->out.values, values, n * self->layout->n_columns * sizeof *values);
  fanout_result_frame_turn (self->frame, &self->out, n, TRUE);
  if (!fanout_result_frame_run (self->frame, 1, &wanted, NULL))
    {
      memset (holds, 0, n);
      return;
    }
  const FanoutVector *vector = fanout_result_frame_vector (self->frame, wanted->register_);
  for (gsize i = 0; i < n; i++)
    holds[i] = fanout_vector_truth (vector, i) ? 1 : 0;
}

void
fanout_result_condition_test (FanoutResultCondition *self, const FanoutValue *values, gsize n,
                              guint8 *holds)
{
  for (gsize done = 0; done < n; done += ROWS)
    test_some (self, values + done * self->layout->n_columns, MIN (n - done, (gsize) ROWS),
               holds + done);
}
