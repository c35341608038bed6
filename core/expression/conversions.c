#include "core/expression/conversions.h"

#include "core/base/error.h"
#include "core/expression/numbers.h"
#include "core/expression/texts.h"

static void
run_number_text (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                 FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    char text[FANOUT_NUMBER_TEXT_MAX];
    const gsize length = fanout_number_format (fanout_vector_number (a, i), text);

    fanout_vector_put_text (evaluator, texts, marks, i, text, length);
  }
}

FANOUT_OPERATION_RUN (number_text);

/* How numbers are written in the operand: as it is said, else in a column as the source has it. */
static const FanoutWriting *
writing_of (const FanoutEvaluator *evaluator, const FanoutInstruction *instruction)
{
  static const FanoutWriting plain = { 0 };
  const FanoutInstruction *operand
      = fanout_instruction (evaluator->program, instruction->arguments[0]);

  if (instruction->payload != NULL)
    return instruction->payload;
  return operand->operation == &fanout_operation_column && evaluator->view.writing != NULL
             ? evaluator->view.writing
             : &plain;
}

static gboolean
is_blank (const FanoutText *text)
{
  gsize n = 0;

  while (n < text->length && (text->data[n] == ' ' || text->data[n] == '\t'))
    n++;
  return n == text->length;
}

/* What is neither blank nor a number gets the mark `none`. */
static void
read_numbers (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result, guint8 none)
{
  const FanoutWriting *writing = writing_of (evaluator, instruction);
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    const FanoutText text = fanout_vector_text (a, i);
    FanoutNumber number = fanout_number_decimal (0, 0);
    FanoutWide room;

    if (!fanout_number_parse_written_wide (text.data, text.length, writing, &number, &room, NULL))
      marks[i] = is_blank (&text) ? FANOUT_MARK_NULL : none;
    fanout_vector_put (evaluator, numbers, scales, i, number);
  }
}

static void
run_text_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                 FanoutVector *result)
{
  read_numbers (evaluator, instruction, result, FANOUT_MARK_NULL);
}

FANOUT_OPERATION_RUN (text_number);

static void
run_read_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                 FanoutVector *result)
{
  read_numbers (evaluator, instruction, result, FANOUT_MARK_BAD);
}

static char *
explain_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  const FanoutText text = fanout_vector_text (fanout_operand (evaluator, instruction, 0), row);
  g_autofree char *quoted = fanout_quote (text.data, (gssize) text.length);

  return g_strdup_printf ("%s is not a number; num() takes it for no value", quoted);
}

const FanoutOperation fanout_operation_read_number
    = { .name = "read_number", .run = run_read_number, .problem = explain_number };

static void
run_is_number_text (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                    FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutWriting *writing = writing_of (evaluator, instruction);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 mark = fanout_vector_mark (a, i);
      FanoutNumber number;

      truths[i] = 0;
      if (mark == FANOUT_MARK_VALUE)
        {
          const FanoutText text = fanout_vector_text (a, i);

          truths[i] = (guint8) fanout_number_parse_written (text.data, text.length, writing,
                                                            &number, NULL);
        }
      else if (mark == FANOUT_MARK_BAD)
        {
          if (marks == NULL)
            marks = fanout_vector_make_marks (evaluator, result);
          marks[i] = FANOUT_MARK_BAD;
        }
    }
}

FANOUT_OPERATION_RUN (is_number_text);

static void
run_is_number_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                      FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 mark = fanout_vector_mark (a, i);

      truths[i] = mark == FANOUT_MARK_VALUE;
      if (mark != FANOUT_MARK_BAD)
        continue;
      if (marks == NULL)
        marks = fanout_vector_make_marks (evaluator, result);
      marks[i] = FANOUT_MARK_BAD;
    }
}

FANOUT_OPERATION_RUN (is_number_number);
