#include "core/result/frame.h"
#include "core/base/error.h"

#include <fanout/error.h>
#include <fanout/exact.h>
#include <string.h>

/* One column that is read, made of cells. */
typedef struct
{
  union
  {
    gint64 *numbers;
    FanoutText *texts;
  };
  guint8 *scales;
  FanoutWide *wides; /* NULL: there have been none */
  guint8 *marks;
} Room;

/* A sum in the making, and when it is made. */
typedef struct
{
  FanoutSum sum;
  FanoutDecimal wide; /* of decimals that are too wide for that */
  gboolean is_wide;   /* there are some */
  FanoutValue value;
} Total;

struct FanoutResultFrame
{
  const FanoutPlanResults *plan;
  const FanoutLayout *layout;
  gsize capacity;
  FanoutEvaluator *evaluator;
  FanoutColumn *columns; /* that are read */
  Room *rooms;
  Total *totals;
  FanoutMemory *memory;
  FanoutOut *out;
  gsize n_rows;
  gboolean may_fail; /* the program, whatever it reads */
  gboolean null_bad; /* of these rows */
};

static void
init_column (FanoutResultFrame *frame, guint i)
{
  Room *room = &frame->rooms[i];
  FanoutColumn *column = &frame->columns[i];

  room->marks = g_malloc0 (frame->capacity);
  column->null = room->marks;
  switch (frame->plan->reads[i].takes)
    {
    case FANOUT_TAKES_TEXT:
      room->texts = g_new0 (FanoutText, frame->capacity);
      column->form = FANOUT_FORM_TEXT;
      column->text = room->texts;
      break;
    case FANOUT_TAKES_NOTHING:
      column->form = FANOUT_FORM_NONE;
      break;
    default:
      room->numbers = g_new0 (gint64, frame->capacity);
      room->scales = g_malloc0 (frame->capacity);
      column->form = FANOUT_FORM_MIXED;
      column->mantissa = room->numbers;
      column->scales = room->scales;
    }
}

FanoutResultFrame *
fanout_result_frame_new (const FanoutPlanResults *plan, const FanoutLayout *layout, gsize capacity,
                         FanoutMemory *memory)
{
  FanoutResultFrame *frame = g_new0 (FanoutResultFrame, 1);

  frame->plan = plan;
  frame->layout = layout;
  frame->capacity = capacity;
  frame->memory = memory;
  frame->may_fail = fanout_program_may_fail (plan->program);
  frame->evaluator = fanout_evaluator_new (plan->program, capacity);
  frame->columns = g_new0 (FanoutColumn, plan->n_reads + 1);
  frame->rooms = g_new0 (Room, plan->n_reads + 1);
  frame->totals = g_new0 (Total, plan->n_totals + 1);
  for (guint i = 0; i < plan->n_reads; i++)
    init_column (frame, i);
  return frame;
}

void
fanout_result_frame_free (FanoutResultFrame *frame)
{
  if (frame == NULL)
    return;
  for (guint i = 0; i < frame->plan->n_reads; i++)
    {
      g_free (frame->rooms[i].numbers);
      g_free (frame->rooms[i].scales);
      g_free (frame->rooms[i].wides);
      g_free (frame->rooms[i].marks);
    }
  for (guint i = 0; i < frame->plan->n_totals; i++)
    fanout_sum_clear (&frame->totals[i].sum, frame->memory);
  fanout_evaluator_free (frame->evaluator);
  g_free (frame->columns);
  g_free (frame->rooms);
  g_free (frame->totals);
  g_free (frame);
}

gboolean
fanout_result_frame_reads (const FanoutResultFrame *frame, guint column)
{
  for (guint i = 0; i < frame->plan->n_reads; i++)
    if (frame->plan->reads[i].place == column)
      return TRUE;
  return FALSE;
}

static gboolean
is_blank (const FanoutText *text)
{
  for (gsize i = 0; i < text->length; i++)
    if (text->data[i] != ' ' && text->data[i] != '\t')
      return FALSE;
  return TRUE;
}

static FanoutValueMark
take_number (const FanoutValue *value, FanoutNumber *number, FanoutWide *room)
{
  switch (value->kind)
    {
    case FANOUT_VALUE_NULL:
      return FANOUT_MARK_NULL;
    case FANOUT_VALUE_DECIMAL:
      if (!fanout_decimal_get_wide (&value->decimal, number, room))
        *number = fanout_number_double (fanout_decimal_get_double (&value->decimal));
      return FANOUT_MARK_VALUE;
    case FANOUT_VALUE_DOUBLE:
      *number = fanout_number_double (value->real);
      return FANOUT_MARK_VALUE;
    default:
      if (is_blank (&value->text))
        return FANOUT_MARK_NULL;
      return fanout_number_parse_wide (value->text.data, value->text.length, number, room, NULL)
                 ? FANOUT_MARK_VALUE
                 : FANOUT_MARK_BAD;
    }
}

static FanoutText
take_text (FanoutOut *out, const FanoutValue *value)
{
  char text[FANOUT_DECIMAL_TEXT_MAX];

  switch (value->kind)
    {
    case FANOUT_VALUE_NULL:
      return (FanoutText){ NULL, 0 };
    case FANOUT_VALUE_TEXT:
    case FANOUT_VALUE_LIST:
      return value->text;
    default:
      return fanout_out_copy (out, text, fanout_value_format (value, text));
    }
}

static const FanoutValue *
cell_of (const FanoutResultFrame *frame, guint place, gsize row)
{
  return place < FANOUT_PLAN_TOTAL ? fanout_out_row (frame->out, row) + place
                                   : &frame->totals[place - FANOUT_PLAN_TOTAL].value;
}

/* Few tables have any. */
static FanoutNumber
keep_wide (Room *room, gsize capacity, gsize row, const FanoutWide *wide)
{
  if (room->wides == NULL)
    room->wides = g_new (FanoutWide, capacity);
  room->wides[row] = *wide;
  return fanout_number_wide (&room->wides[row]);
}

static void
take_column (FanoutResultFrame *frame, guint i)
{
  const FanoutPlanResultRead *read = &frame->plan->reads[i];
  Room *room = &frame->rooms[i];

  for (gsize row = 0; row < frame->n_rows; row++)
    {
      const FanoutValue *value = cell_of (frame, read->place, row);
      FanoutNumber number = { .mantissa = 0 };

      if (read->takes == FANOUT_TAKES_WIDE)
        {
          FanoutWide wide;

          room->marks[row] = (guint8) take_number (value, &number, &wide);
          if (fanout_number_is_wide (number))
            number = keep_wide (room, frame->capacity, row, &wide);
          room->numbers[row] = number.mantissa;
          room->scales[row] = number.scale;
        }
      else if (read->takes == FANOUT_TAKES_TEXT)
        {
          room->texts[row] = take_text (frame->out, value);
          room->marks[row] = room->texts[row].length > 0 ? FANOUT_MARK_VALUE : FANOUT_MARK_NULL;
        }
      else
        room->marks[row] = value->kind == FANOUT_VALUE_NULL
                                   || (value->kind == FANOUT_VALUE_TEXT && value->text.length == 0)
                               ? FANOUT_MARK_NULL
                               : FANOUT_MARK_VALUE;
    }
}

void
fanout_result_frame_turn (FanoutResultFrame *frame, FanoutOut *out, gsize n, gboolean named)
{
  const FanoutView view = { .n_rows = n, .columns = frame->columns };

  frame->out = out;
  frame->n_rows = n;
  frame->null_bad = named || frame->plan->null_bad;
  for (guint i = 0; i < frame->plan->n_reads; i++)
    take_column (frame, i);
  fanout_evaluator_begin (frame->evaluator, &view);
}

gboolean
fanout_result_frame_is_sound (const FanoutResultFrame *frame)
{
  if (frame->may_fail)
    return FALSE;
  for (guint i = 0; i < frame->plan->n_reads; i++)
    if (memchr (frame->rooms[i].marks, FANOUT_MARK_BAD, frame->n_rows) != NULL)
      return FALSE;
  return TRUE;
}

/* The first row from `row` on where a register is bad; the number of rows: there is none. */
static gsize
next_bad (const FanoutResultFrame *frame, guint register_, gsize row)
{
  const FanoutVector *vector = fanout_evaluator_vector (frame->evaluator, register_);

  if (vector->marks == NULL || vector->constant)
    return frame->n_rows;
  while (row < frame->n_rows && vector->marks[row] != FANOUT_MARK_BAD)
    row++;
  return row;
}

/* "origin 'ORD', destination null" */
static char *
name_row (const FanoutResultFrame *frame, gsize row)
{
  GString *text = g_string_new (NULL);

  for (guint k = 0; k < frame->layout->n_keys; k++)
    {
      const FanoutValue *key = fanout_out_row (frame->out, row) + k;
      g_autofree char *quoted = key->kind == FANOUT_VALUE_NULL
                                    ? g_strdup ("null")
                                    : fanout_quote (key->text.data, (gssize) key->text.length);

      g_string_append_printf (text, "%s%s %s", k > 0 ? ", " : "", frame->layout->names[k], quoted);
    }
  return g_string_free (text, FALSE);
}

static void
fail_value (const FanoutResultFrame *frame, const FanoutPlanResult *wanted,
            const FanoutBlame *blame, gsize row, GError **error)
{
  const FanoutPlanResultRead *read = blame->column >= 0 ? &frame->plan->reads[blame->column] : NULL;
  g_autofree char *keys = name_row (frame, row);
  g_autofree char *reason = g_strdup (blame->reason);

  if (read != NULL)
    {
      const FanoutValue *value = cell_of (frame, read->place, row);
      g_autofree char *quoted = fanout_quote (value->text.data, (gssize) value->text.length);

      g_free (reason);
      reason = g_strdup_printf ("column '%s': %s is not a number",
                                frame->layout->names[read->place], quoted);
    }
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
               "%s%s%s: %s; [source] on-bad-value = null takes it for no value", wanted->what,
               keys[0] != '\0' ? ", row of " : "", keys,
               reason != NULL ? reason : "a value that cannot be computed");
}

static void
forgive (FanoutResultFrame *frame, const FanoutBlame *blame, gsize row)
{
  if (blame->column >= 0)
    frame->rooms[blame->column].marks[row] = FANOUT_MARK_NULL;
  else
    fanout_evaluator_forgive (frame->evaluator, blame, row);
}

typedef enum
{
  JUDGE_GOOD,
  JUDGE_AGAIN, /* what was computed of a bad value has to be computed again */
  JUDGE_FAILED,
} Judgement;

static Judgement
judge (FanoutResultFrame *frame, guint n, const FanoutPlanResult *const *wanted, GError **error)
{
  const FanoutPlanResult *first = NULL;
  gsize first_row = frame->n_rows;
  Judgement judgement = JUDGE_GOOD;
  FanoutBlame blame;

  for (guint i = 0; i < n; i++)
    {
      const guint register_ = wanted[i]->register_;
      gsize row = next_bad (frame, register_, 0);

      if (row < first_row)
        {
          first = wanted[i];
          first_row = row;
        }
      for (; row < frame->n_rows && frame->null_bad; row = next_bad (frame, register_, row + 1))
        {
          fanout_evaluator_blame (frame->evaluator, register_, row, &blame);
          forgive (frame, &blame, row);
          g_free (blame.reason);
          judgement = JUDGE_AGAIN;
        }
    }
  if (first == NULL || judgement == JUDGE_AGAIN)
    return judgement;
  fanout_evaluator_blame (frame->evaluator, first->register_, first_row, &blame);
  fail_value (frame, first, &blame, first_row, error);
  g_free (blame.reason);
  return JUDGE_FAILED;
}

gboolean
fanout_result_frame_run (FanoutResultFrame *frame, guint n, const FanoutPlanResult *const *wanted,
                         GError **error)
{
  Judgement judgement;
  guint end = 0;

  for (guint i = 0; i < n; i++)
    end = MAX (end, wanted[i]->register_ + 1);
  do
    {
      fanout_evaluator_run (frame->evaluator, 0, end);
      judgement = judge (frame, n, wanted, error);
    }
  while (judgement == JUDGE_AGAIN);
  return judgement == JUDGE_GOOD;
}

const FanoutVector *
fanout_result_frame_vector (FanoutResultFrame *frame, guint register_)
{
  return fanout_evaluator_vector (frame->evaluator, register_);
}

static void
store_column (FanoutResultFrame *frame, guint column, const FanoutPlanResult *result)
{
  const FanoutVector *vector = fanout_evaluator_vector (frame->evaluator, result->register_);
  FanoutOut *out = frame->out;

  fanout_out_select (out, column, 1);
  for (gsize row = 0; row < frame->n_rows; row++)
    if (result->place != FANOUT_PLAN_COMPUTED)
      fanout_out_row (out, row)[column] = *cell_of (frame, result->place, row);
    else if (fanout_vector_mark (vector, row) != FANOUT_MARK_VALUE)
      fanout_out_null (out, row, 0);
    else if (vector->form == FANOUT_FORM_TEXT)
      {
        const FanoutText text = fanout_vector_text (vector, row);

        fanout_out_text (out, row, 0, text.data, text.length);
      }
    else
      fanout_out_number (out, row, 0, fanout_vector_number (vector, row));
}

void
fanout_result_frame_store (FanoutResultFrame *frame, guint first, guint n)
{
  const guint n_before = frame->layout->n_columns - frame->plan->n_columns;

  for (guint i = first; i < first + n; i++)
    store_column (frame, n_before + i, &frame->plan->columns[i]);
}

/* A total of subtotals would have each row more than once. */
static gboolean
is_subtotal (const FanoutResultFrame *frame, gsize row)
{
  const char *grouping = frame->plan->grouping;
  const FanoutValue *key;

  if (grouping == NULL)
    return FALSE;
  key = fanout_out_row (frame->out, row) + frame->layout->n_keys - 1;
  return key->kind != FANOUT_VALUE_TEXT || key->text.length != strlen (grouping)
         || memcmp (key->text.data, grouping, key->text.length) != 0;
}

void
fanout_result_frame_add (FanoutResultFrame *frame, guint total)
{
  const guint register_ = frame->plan->totals[total].argument.register_;
  const FanoutVector *vector = fanout_evaluator_vector (frame->evaluator, register_);
  const guint place = frame->plan->totals[total].argument.place;
  Total *to = &frame->totals[total];
  FanoutNumber number;

  for (gsize row = 0; row < frame->n_rows; row++)
    {
      const FanoutValue *cell = place != FANOUT_PLAN_COMPUTED ? cell_of (frame, place, row) : NULL;

      if (fanout_vector_mark (vector, row) != FANOUT_MARK_VALUE || is_subtotal (frame, row))
        continue;
      if (cell == NULL || cell->kind != FANOUT_VALUE_DECIMAL
          || fanout_decimal_get_number (&cell->decimal, &number)
          || !fanout_decimal_add (&to->wide, &to->wide, &cell->decimal))
        fanout_sum_add (&to->sum, fanout_vector_number (vector, row), frame->memory);
      else
        to->is_wide = TRUE;
    }
}

/* The value of a sum with what was too wide for it. */
static void
set_sum (FanoutValue *value, const FanoutSum *sum, const FanoutDecimal *wide)
{
  g_autoptr (FanoutRational) a = fanout_sum_rational (sum);
  g_autoptr (FanoutRational) b = fanout_rational_new_decimal (wide);
  g_autoptr (FanoutRational) both = fanout_rational_add (a, b);

  value->kind = FANOUT_VALUE_DOUBLE;
  value->real = fanout_rational_to_double (both);
}

static void
settle_total (Total *total)
{
  FanoutValue *value = &total->value;
  FanoutDecimal decimal;
  double real;

  switch (fanout_sum_result (&total->sum, &decimal, &real))
    {
    case FANOUT_SUM_NONE:
      if (!total->is_wide)
        return;
      value->kind = FANOUT_VALUE_DECIMAL;
      value->decimal = total->wide;
      return;
    case FANOUT_SUM_DECIMAL:
      value->kind = FANOUT_VALUE_DECIMAL;
      if (!total->is_wide)
        value->decimal = decimal;
      else if (!fanout_decimal_add (&value->decimal, &decimal, &total->wide))
        set_sum (value, &total->sum, &total->wide);
      return;
    case FANOUT_SUM_DOUBLE:
    default:
      value->kind = FANOUT_VALUE_DOUBLE;
      value->real = real;
      if (total->is_wide)
        set_sum (value, &total->sum, &total->wide);
    }
}

void
fanout_result_frame_settle (FanoutResultFrame *frame, guint level)
{
  for (guint i = 0; i < frame->plan->n_totals; i++)
    if (frame->plan->totals[i].level == level)
      settle_total (&frame->totals[i]);
}
