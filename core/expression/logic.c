#include "core/expression/logic.h"

#include "core/expression/numbers.h"

#include <fanout/kept.h>

/* `decides`: the truth of the left side that makes the right one not matter. */
static void
run_joined (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
            gboolean decides)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const gsize n = evaluator->view.n_rows;
  const gsize a_step = a->constant ? 0 : 1;
  const gsize b_step = b->constant ? 0 : 1;
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  if (decides)
    for (gsize i = 0; i < n; i++)
      truths[i] = a->truth[i * a_step] | b->truth[i * b_step];
  else
    for (gsize i = 0; i < n; i++)
      truths[i] = a->truth[i * a_step] & b->truth[i * b_step];
  if (a->marks == NULL && b->marks == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    {
      const gboolean a_bad = fanout_vector_mark (a, i) == FANOUT_MARK_BAD;
      const gboolean b_bad = fanout_vector_mark (b, i) == FANOUT_MARK_BAD;

      if (!a_bad && (!b_bad || fanout_vector_truth (a, i) == decides))
        continue;
      if (marks == NULL)
        marks = fanout_vector_make_marks (evaluator, result);
      marks[i] = FANOUT_MARK_BAD;
      truths[i] = 0;
    }
}

static void
run_and (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_joined (evaluator, instruction, result, FALSE);
}

static void
run_or (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_joined (evaluator, instruction, result, TRUE);
}

FANOUT_OPERATION_RUN (and);
FANOUT_OPERATION_RUN (or);

static void
run_not (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    truths[i] = !a->truth[fanout_vector_at (a, i)];
  if (marks != NULL)
    for (gsize i = 0; i < evaluator->view.n_rows; i++)
      truths[i] = truths[i] && marks[i] == FANOUT_MARK_VALUE;
}

FANOUT_OPERATION_RUN (not );

static void
run_is_null (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 mark = fanout_vector_mark (a, i);

      truths[i] = mark == FANOUT_MARK_NULL;
      if (mark != FANOUT_MARK_BAD)
        continue;
      if (marks == NULL)
        marks = fanout_vector_make_marks (evaluator, result);
      marks[i] = FANOUT_MARK_BAD;
    }
}

FANOUT_OPERATION_RUN (is_null);

/* Conditions as values. */

static void
run_truth_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                  FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  fanout_vector_merge_marks (evaluator, instruction, result);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    numbers[i] = a->truth[fanout_vector_at (a, i)];
}

FANOUT_OPERATION_RUN (truth_number);

static void
run_truth_text (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                FanoutVector *result)
{
  /* With the padding that texts have. */
  static const char room[] = "                true                false                ";
  static const FanoutText words[2] = { { room + 36, 5 }, { room + 16, 4 } };
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);

  fanout_vector_merge_marks (evaluator, instruction, result);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    texts[i] = words[a->truth[fanout_vector_at (a, i)] != 0];
}

FANOUT_OPERATION_RUN (truth_text);

/* Choices: a value of one operand or another. */

typedef struct
{
  FanoutEvaluator *evaluator;
  FanoutVectorKind kind;
  FanoutText *texts;
  gint64 *numbers;
  guint8 *scales;
  guint8 *truths;
  guint8 *marks;
} Choice;

static void
begin_choice (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result, Choice *choice)
{
  choice->evaluator = evaluator;
  choice->kind = instruction->kind;
  if (choice->kind == FANOUT_KIND_TEXT)
    choice->texts = fanout_vector_make_texts (evaluator, result);
  else if (choice->kind == FANOUT_KIND_CONDITION)
    choice->truths = fanout_vector_make_truths (evaluator, result);
  else
    {
      choice->numbers = fanout_vector_make_numbers (evaluator, result);
      choice->scales = fanout_vector_make_scales (evaluator, result);
    }
  choice->marks = fanout_vector_make_marks (evaluator, result);
}

static void
choose (const Choice *choice, const FanoutVector *from, gsize row)
{
  choice->marks[row] = fanout_vector_mark (from, row);
  if (choice->kind == FANOUT_KIND_CONDITION)
    choice->truths[row] = from->truth[fanout_vector_at (from, row)];
  else if (choice->marks[row] != FANOUT_MARK_VALUE)
    return;
  else if (choice->kind == FANOUT_KIND_TEXT)
    choice->texts[row] = fanout_vector_text (from, row);
  else
    fanout_vector_put (choice->evaluator, choice->numbers, choice->scales, row,
                       fanout_vector_number (from, row));
}

static void
run_if (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *condition = fanout_operand (evaluator, instruction, 0);
  Choice choice = { 0 };

  begin_choice (evaluator, instruction, result, &choice);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (fanout_vector_mark (condition, i) == FANOUT_MARK_BAD)
      {
        choice.marks[i] = FANOUT_MARK_BAD;
        if (choice.truths != NULL)
          choice.truths[i] = 0;
      }
    else
      choose (&choice,
              fanout_operand (evaluator, instruction, fanout_vector_truth (condition, i) ? 1 : 2),
              i);
}

FANOUT_OPERATION_RUN (if);

static void
run_coalesce (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  Choice choice = { 0 };

  begin_choice (evaluator, instruction, result, &choice);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const FanoutVector *found = fanout_operand (evaluator, instruction, 0);

      for (guint j = 1; j < instruction->n_arguments; j++)
        if (fanout_vector_mark (found, i) == FANOUT_MARK_NULL)
          found = fanout_operand (evaluator, instruction, j);
      choose (&choice, found, i);
    }
}

FANOUT_OPERATION_RUN (coalesce);

static gboolean
same (const FanoutVector *a, const FanoutVector *b, gsize row)
{
  if (a->kind == FANOUT_KIND_CONDITION)
    return fanout_vector_truth (a, row) == fanout_vector_truth (b, row);
  if (a->form == FANOUT_FORM_TEXT)
    return fanout_text_compare (fanout_vector_text (a, row), fanout_vector_text (b, row)) == 0;
  return fanout_number_compare (fanout_vector_number (a, row), fanout_vector_number (b, row)) == 0;
}

static void
run_nullif (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  Choice choice = { 0 };

  begin_choice (evaluator, instruction, result, &choice);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      choose (&choice, a, i);
      if (choice.marks[i] == FANOUT_MARK_NULL)
        continue;
      if (fanout_vector_mark (b, i) == FANOUT_MARK_BAD)
        choice.marks[i] = FANOUT_MARK_BAD;
      else if (choice.marks[i] == FANOUT_MARK_VALUE
               && fanout_vector_mark (b, i) == FANOUT_MARK_VALUE && same (a, b, i))
        choice.marks[i] = FANOUT_MARK_NULL;
    }
}

FANOUT_OPERATION_RUN (nullif);
