#include "core/rows/private.h"

#include <string.h>

static gsize
cell_size (FanoutForm form)
{
  return form == FANOUT_FORM_NONE   ? 0
         : form == FANOUT_FORM_TEXT ? sizeof (FanoutText)
                                    : sizeof (gint64);
}

/* The rows of a column that a selection leaves. */
static void
gather (const FanoutSelected *selected, const FanoutColumn *from, FanoutColumn *to,
        FanoutSelectedRoom *room)
{
  const guint32 *index = selected->index;
  const gsize n = selected->n_rows;
  *to = *from;
  if (cell_size (from->form) == sizeof (FanoutText))
    {
      FanoutText *texts = room->cells;
      for (gsize i = 0; i < n; i++)
        texts[i] = from->text[index[i]];
      to->text = texts;
    }
  else if (from->form != FANOUT_FORM_NONE)
    {
      gint64 *numbers = room->cells;
      for (gsize i = 0; i < n; i++)
        numbers[i] = from->mantissa[index[i]];
      to->mantissa = numbers;
    }
  if (from->form == FANOUT_FORM_MIXED)
    {
      for (gsize i = 0; i < n; i++)
        room->scales[i] = from->scales[index[i]];
      to->scales = room->scales;
    }
  if (from->null != NULL)
    {
      for (gsize i = 0; i < n; i++)
        room->null[i] = from->null[index[i]];
      to->null = room->null;
    }
}

static void
number_rows (const FanoutFrame *frame, FanoutSelected *selected)
{
  for (gsize i = 0; i < selected->n_rows; i++)
    selected->rows[i] = fanout_frame_record (frame, selected->index[i]);
}

static void
find_rows (const FanoutVector *condition, gsize n, FanoutSelected *selected)
{
  const guint8 *truth = condition->truth;
  const gsize step = condition->constant ? 0 : 1;
  guint32 *before = selected->before;
  guint32 *index = selected->index;
  guint32 passed = 0;
  for (gsize i = 0; i < n; i++)
    {
      before[i] = passed;
      index[passed] = (guint32) i;
      passed += truth[i * step];
    }
  selected->before[n] = passed;
  selected->n_rows = passed;
}

/* The same, each row for each of its windows; `condition` NULL: it always holds. */
static void
repeat_rows (const FanoutAxis *axis, const FanoutSliceRun *run, const FanoutVector *condition,
             gsize n, FanoutSelected *selected)
{
  guint32 passed = 0;
  for (gsize i = 0; i < n; i++)
    {
      while (run->end <= i)
        run++;
      selected->before[i] = passed;
      if (condition != NULL && condition->truth[condition->constant ? 0 : i] == 0)
        continue;
      const FanoutSliceKey key = fanout_slice_run_key (run, i);
      const gint64 last = fanout_axis_last_window (axis, key.number);
      for (gint64 window = key.first; window <= last; window++)
        {
          selected->index[passed] = (guint32) i;
          selected->windows[passed]
              = (FanoutSliceRun){ .key = { window, window }, .end = (gsize) passed + 1 };
          passed++;
        }
    }
  selected->before[n] = passed;
  selected->n_rows = passed;
}

void
fanout_slot_select (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const FanoutFrame *frame = &slot->frame;
  const gboolean repeated = plan->window != NULL && plan->window->repeated;
  for (guint s = 0; s < plan->n_selections; s++)
    {
      const FanoutPlanSelection *planned = &plan->selections[s];
      FanoutSelected *selected = &slot->selected[s];
      const FanoutVector *condition
          = planned->condition >= 0
                ? fanout_evaluator_vector (slot->evaluator, (guint) planned->condition)
                : NULL;
      selected->n_rows = frame->n_rows;
      selected->whole = condition == NULL && !repeated;
      if (selected->whole)
        continue;
      if (repeated)
        repeat_rows (&plan->window->axis, (const FanoutSliceRun *) (gpointer) slot->runs->data,
                     condition, frame->n_rows, selected);
      else
        find_rows (condition, frame->n_rows, selected);
      selected->whole = selected->n_rows == frame->n_rows && !repeated;
      if (selected->whole)
        continue;
      number_rows (frame, selected);
      for (guint i = 0; i < planned->n_columns; i++)
        {
          const guint c = planned->columns[i];
          gather (selected, &slot->columns[c], &selected->columns[c], &selected->rooms[i]);
        }
    }
}

void
fanout_slot_select_ids (const FanoutSelected *from, const FanoutSelected *to, const guint32 *ids,
                        guint32 *selected)
{
  for (gsize i = 0; i < to->n_rows && to->windows != NULL; i++)
    selected[i] = ids[from->before[to->index[i]] + i - to->before[to->index[i]]];
  for (gsize i = 0; i < to->n_rows && to->windows == NULL; i++)
    selected[i] = ids[from->whole ? to->index[i] : from->before[to->index[i]]];
}

static void
make_room (const FanoutPlan *plan, guint column, gsize capacity, FanoutSelectedRoom *room)
{
  const FanoutTakes takes = fanout_plan_takes (plan, column);
  room->null = g_malloc (capacity);
  if (takes == FANOUT_TAKES_NOTHING && column < plan->n_columns)
    return;
  room->scales = g_malloc (capacity);
  room->cells = g_malloc (capacity * sizeof (FanoutText));
}

void
fanout_slot_init_select (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const gsize n_rows = slot->chunk->capacity;
  const gsize repeats = fanout_plan_repeats (plan);
  const gsize capacity = n_rows * repeats;
  slot->selected = g_new0 (FanoutSelected, plan->n_selections);
  for (guint s = 0; s < plan->n_selections; s++)
    {
      const FanoutPlanSelection *planned = &plan->selections[s];
      FanoutSelected *selected = &slot->selected[s];
      if (planned->condition < 0 && repeats == 1)
        continue;
      selected->index = g_new (guint32, capacity + 1);
      selected->before = g_new (guint32, n_rows + 1);
      if (repeats > 1)
        selected->windows = g_new (FanoutSliceRun, capacity);
      selected->rows = g_new (guint64, capacity);
      selected->columns = g_new0 (FanoutColumn, plan->n_columns + plan->n_derived + 1);
      selected->rooms = g_new0 (FanoutSelectedRoom, planned->n_columns + 1);
      for (guint i = 0; i < planned->n_columns; i++)
        make_room (plan, planned->columns[i], capacity, &selected->rooms[i]);
    }
}

void
fanout_slot_clear_select (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  for (guint s = 0; s < plan->n_selections; s++)
    {
      FanoutSelected *selected = &slot->selected[s];
      for (guint i = 0; selected->rooms != NULL && i < plan->selections[s].n_columns; i++)
        {
          g_free (selected->rooms[i].cells);
          g_free (selected->rooms[i].scales);
          g_free (selected->rooms[i].null);
        }
      g_free (selected->rooms);
      g_free (selected->columns);
      g_free (selected->rows);
      g_free (selected->windows);
      g_free (selected->before);
      g_free (selected->index);
    }
  g_free (slot->selected);
}

gsize
fanout_slot_select_bytes (const FanoutPlan *plan, gsize capacity)
{
  const gsize repeats = fanout_plan_repeats (plan);
  gsize row = 0;
  for (guint s = 0; s < plan->n_selections; s++)
    if (plan->selections[s].condition >= 0 || repeats > 1)
      row += sizeof (guint32)
             + repeats
                   * (sizeof (guint32) + sizeof (guint64)
                      + (repeats > 1 ? sizeof (FanoutSliceRun) : 0)
                      + plan->selections[s].n_columns * (sizeof (FanoutText) + 2));
  return row * capacity;
}
