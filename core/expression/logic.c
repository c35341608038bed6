#include "core/expression/logic.h"

#include "core/expression/numbers.h"

#include <fanout/kept.h>
#include <string.h>

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

/* in */

struct FanoutSet
{
  FanoutVectorKind kind;
  gboolean null;
  GHashTable *texts; /* of GBytes */
  GArray *numbers;   /* of FanoutNumber, in order; wide ones are where the constants are */
};

FanoutSet *
fanout_set_new (FanoutVectorKind kind)
{
  FanoutSet *set = g_new0 (FanoutSet, 1);

  set->kind = kind;
  set->texts
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  set->numbers = g_array_new (FALSE, FALSE, sizeof (FanoutNumber));
  return set;
}

void
fanout_set_free (gpointer data)
{
  FanoutSet *set = data;

  g_hash_table_unref (set->texts);
  g_array_unref (set->numbers);
  g_free (set);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (*(const FanoutNumber *) a, *(const FanoutNumber *) b);
}

void
fanout_set_add (FanoutSet *set, const FanoutVector *constant)
{
  if (fanout_vector_mark (constant, 0) == FANOUT_MARK_NULL)
    set->null = TRUE;
  else if (set->kind == FANOUT_KIND_TEXT)
    {
      const FanoutText text
          = constant->form == FANOUT_FORM_TEXT ? constant->text[0] : (FanoutText){ "", 0 };

      g_hash_table_add (set->texts, g_bytes_new (text.data, text.length));
    }
  else
    {
      const FanoutNumber number = fanout_vector_number (constant, 0);

      g_array_append_val (set->numbers, number);
      g_array_sort (set->numbers, compare_numbers);
    }
}

static gboolean
set_has (const FanoutSet *set, const FanoutVector *value, gsize row)
{
  if (set->kind == FANOUT_KIND_TEXT)
    {
      const FanoutText text = fanout_vector_text (value, row);
      g_autoptr (GBytes) bytes = g_bytes_new_static (text.data, text.length);

      return g_hash_table_contains (set->texts, bytes);
    }
  {
    const FanoutNumber number = fanout_vector_number (value, row);

    return g_array_binary_search (set->numbers, &number, compare_numbers, NULL);
  }
}

static void
run_in (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutSet *set = instruction->payload;
  const FanoutVector *value = fanout_operand (evaluator, instruction, 0);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    switch (fanout_vector_mark (value, i))
      {
      case FANOUT_MARK_VALUE:
        truths[i] = (guint8) set_has (set, value, i);
        break;
      case FANOUT_MARK_NULL:
        truths[i] = (guint8) set->null;
        break;
      default:
        if (marks == NULL)
          marks = fanout_vector_make_marks (evaluator, result);
        marks[i] = FANOUT_MARK_BAD;
        truths[i] = 0;
        break;
      }
}

FANOUT_OPERATION_RUN (in);

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
