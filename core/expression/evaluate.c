#include "core/expression/numbers.h"
#include "core/expression/patterns.h"
#include "core/expression/private.h"

#include <string.h>

/* Texts of a chunk lie in blocks that stay where they are; a long text has one of its own. */
#define BLOCK_SIZE ((gsize) 64 * 1024)
/* What <fanout/batch.h> lets readers touch on either side of a text. */
#define PADDING    ((gsize) 16)
/* Of a text that is made of others, and of all texts of a chunk. */
#define TEXT_MAX   ((gsize) 64 * 1024 * 1024)
#define TEXTS_MAX  ((gsize) 1024 * 1024 * 1024)

FanoutEvaluator *
fanout_evaluator_new (const FanoutProgram *program, gsize capacity)
{
  FanoutEvaluator *evaluator = g_new0 (FanoutEvaluator, 1);

  evaluator->program = program;
  evaluator->n_vectors = program->instructions->len;
  evaluator->capacity = capacity;
  evaluator->vectors = g_new0 (FanoutVector, MAX (evaluator->n_vectors, 1));
  evaluator->blocks = g_ptr_array_new_with_free_func (g_free);
  evaluator->block_sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  evaluator->nulled = g_array_new (FALSE, FALSE, sizeof (FanoutNulled));
  return evaluator;
}

static void
clear_vector (FanoutVector *vector)
{
  g_free (vector->data);
  g_free (vector->scale_data);
  g_free (vector->mark_data);
}

void
fanout_evaluator_free (FanoutEvaluator *evaluator)
{
  if (evaluator == NULL)
    return;
  for (guint i = 0; i < evaluator->n_vectors; i++)
    clear_vector (&evaluator->vectors[i]);
  g_free (evaluator->vectors);
  fanout_patterns_free_match (evaluator->match_data);
  g_ptr_array_unref (evaluator->blocks);
  g_array_unref (evaluator->block_sizes);
  g_array_unref (evaluator->nulled);
  g_free (evaluator);
}

void
fanout_evaluator_begin (FanoutEvaluator *evaluator, const FanoutView *view)
{
  evaluator->view = *view;
  g_array_set_size (evaluator->nulled, 0);
  /* One block is enough for most chunks; what one chunk with long texts took is given back. */
  if (evaluator->blocks->len > 1)
    {
      g_ptr_array_set_size (evaluator->blocks, 1);
      g_array_set_size (evaluator->block_sizes, 1);
    }
  evaluator->text_bytes = 0;
  evaluator->block_used = 0;
  evaluator->block_size
      = evaluator->blocks->len > 0 ? g_array_index (evaluator->block_sizes, gsize, 0) : 0;
}

char *
fanout_evaluator_text (FanoutEvaluator *evaluator, gsize length)
{
  const gsize need = length + 2 * PADDING;
  char *block;

  if (evaluator->block_size - evaluator->block_used < need)
    {
      const gsize size = MAX (need, BLOCK_SIZE);

      g_ptr_array_add (evaluator->blocks, g_malloc0 (size));
      g_array_append_val (evaluator->block_sizes, size);
      evaluator->block_size = size;
      evaluator->block_used = 0;
    }
  block = g_ptr_array_index (evaluator->blocks, evaluator->blocks->len - 1);
  block += evaluator->block_used + PADDING;
  /* The padding behind one text is that before the next. */
  evaluator->block_used += length + PADDING;
  evaluator->text_bytes += length + PADDING;
  return block;
}

gboolean
fanout_evaluator_has_room (const FanoutEvaluator *evaluator, gsize length)
{
  return length <= TEXT_MAX && evaluator->text_bytes + length <= TEXTS_MAX;
}

char *
fanout_explain_long (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  (void) evaluator;
  (void) row;
  return g_strdup_printf ("what %s() makes is longer than 64 MB, or 1 GB with what is made of the "
                          "rows beside it",
                          instruction->operation->name);
}

FanoutNumber
fanout_evaluator_wide (FanoutEvaluator *evaluator, const FanoutWide *wide)
{
  const gsize align = G_ALIGNOF (FanoutWide);
  const gsize at = (gsize) fanout_evaluator_text (evaluator, sizeof *wide + align - 1);
  FanoutWide *kept = (FanoutWide *) ((at + align - 1) & ~(align - 1));

  *kept = *wide;
  return fanout_number_wide (kept);
}

gint64 *
fanout_vector_make_numbers (FanoutEvaluator *evaluator, FanoutVector *vector)
{
  if (vector->data == NULL)
    vector->data = g_malloc (evaluator->capacity * sizeof (gint64));
  vector->mantissa = vector->data;
  return vector->data;
}

guint8 *
fanout_vector_make_scales (FanoutEvaluator *evaluator, FanoutVector *vector)
{
  if (vector->scale_data == NULL)
    vector->scale_data = g_malloc (evaluator->capacity);
  vector->scales = vector->scale_data;
  vector->form = FANOUT_FORM_MIXED;
  return vector->scale_data;
}

FanoutText *
fanout_vector_make_texts (FanoutEvaluator *evaluator, FanoutVector *vector)
{
  if (vector->data == NULL)
    vector->data = g_malloc (evaluator->capacity * sizeof (FanoutText));
  vector->form = FANOUT_FORM_TEXT;
  vector->text = vector->data;
  return vector->data;
}

guint8 *
fanout_vector_make_truths (FanoutEvaluator *evaluator, FanoutVector *vector)
{
  if (vector->data == NULL)
    vector->data = g_malloc (evaluator->capacity);
  vector->form = FANOUT_FORM_NONE;
  vector->truth = vector->data;
  return vector->data;
}

guint8 *
fanout_vector_make_marks (FanoutEvaluator *evaluator, FanoutVector *vector)
{
  if (vector->mark_data == NULL)
    vector->mark_data = g_malloc (evaluator->capacity);
  memset (vector->mark_data, FANOUT_MARK_VALUE, evaluator->view.n_rows);
  vector->marks = vector->mark_data;
  return vector->mark_data;
}

guint8 *
fanout_vector_merge_marks (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                           FanoutVector *result)
{
  const gsize n = evaluator->view.n_rows;
  guint8 *marks = NULL;

  for (guint i = 0; i < instruction->n_arguments; i++)
    {
      const FanoutVector *operand = fanout_operand (evaluator, instruction, i);

      if (operand->marks == NULL)
        continue;
      if (marks == NULL)
        marks = fanout_vector_make_marks (evaluator, result);
      if (operand->constant)
        for (gsize row = 0; row < n; row++)
          marks[row] = MAX (marks[row], operand->marks[0]);
      else
        for (gsize row = 0; row < n; row++)
          marks[row] = MAX (marks[row], operand->marks[row]);
    }
  return marks;
}

static void
run_constant (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  (void) evaluator;
  *result = instruction->constant;
  result->data = NULL;
  result->scale_data = NULL;
  result->mark_data = NULL;
}

const FanoutOperation fanout_operation_constant = { .name = "constant", .run = run_constant };

static void
run_column (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutColumn *column = &evaluator->view.columns[GPOINTER_TO_INT (instruction->payload)];

  result->form = column->form;
  result->scale = column->scale;
  result->scales = column->scales;
  result->marks = column->null;
  if (column->form == FANOUT_FORM_TEXT)
    result->text = column->text;
  else
    result->mantissa = column->mantissa;
}

const FanoutOperation fanout_operation_column
    = { .name = "column", .run = run_column, .unfoldable = TRUE };

/* Rows whose badness is forgiven. */
static void
forgive (FanoutEvaluator *evaluator, guint register_)
{
  FanoutVector *vector = &evaluator->vectors[register_];

  for (guint i = 0; i < evaluator->nulled->len; i++)
    {
      const FanoutNulled *nulled = &g_array_index (evaluator->nulled, FanoutNulled, i);

      if (nulled->register_ != register_ || vector->marks == NULL)
        continue;
      if (vector->marks != vector->mark_data)
        {
          const guint8 *given = vector->marks;

          memcpy (fanout_vector_make_marks (evaluator, vector), given, evaluator->view.n_rows);
        }
      if (vector->mark_data[nulled->row] == FANOUT_MARK_BAD)
        /* A condition is never null, and what is not known does not hold. */
        vector->mark_data[nulled->row]
            = vector->kind == FANOUT_KIND_CONDITION ? FANOUT_MARK_VALUE : FANOUT_MARK_NULL;
    }
}

void
fanout_evaluator_run (FanoutEvaluator *evaluator, guint first, guint end)
{
  for (guint i = first; i < end; i++)
    {
      const FanoutInstruction *instruction = fanout_instruction (evaluator->program, i);
      FanoutVector *vector = &evaluator->vectors[i];

      if (instruction->constant.constant)
        continue;
      vector->kind = instruction->kind;
      vector->form = FANOUT_FORM_PLAIN;
      vector->scale = 0;
      vector->bits = 0;
      vector->marks = NULL;
      instruction->operation->run (evaluator, instruction, vector);
      if (G_UNLIKELY (evaluator->nulled->len > 0))
        forgive (evaluator, i);
    }
}

const FanoutVector *
fanout_evaluator_vector (FanoutEvaluator *evaluator, guint register_)
{
  const FanoutInstruction *instruction = fanout_instruction (evaluator->program, register_);

  return instruction->constant.constant ? &instruction->constant : &evaluator->vectors[register_];
}

/* A constant once for each row; made anew for each chunk, as it seldom is wanted. */
static void
spread (FanoutEvaluator *evaluator, const FanoutVector *value, FanoutVector *room)
{
  const gsize n = evaluator->view.n_rows;

  room->kind = value->kind;
  room->form = value->form;
  room->scale = value->scale;
  room->marks = NULL;
  if (value->form == FANOUT_FORM_TEXT)
    {
      FanoutText *texts = fanout_vector_make_texts (evaluator, room);

      for (gsize i = 0; i < n; i++)
        texts[i] = value->text[0];
    }
  else if (value->form == FANOUT_FORM_NONE)
    memset (fanout_vector_make_truths (evaluator, room), value->truth[0], n);
  else
    {
      gint64 *numbers = fanout_vector_make_numbers (evaluator, room);

      for (gsize i = 0; i < n; i++)
        numbers[i] = value->mantissa[0];
      if (value->form == FANOUT_FORM_MIXED)
        memset (fanout_vector_make_scales (evaluator, room), value->scales[0], n);
    }
  if (value->marks != NULL)
    memset (fanout_vector_make_marks (evaluator, room), value->marks[0], n);
}

void
fanout_evaluator_column (FanoutEvaluator *evaluator, guint register_, FanoutColumn *column)
{
  const FanoutVector *vector = fanout_evaluator_vector (evaluator, register_);

  if (vector->constant)
    {
      spread (evaluator, vector, &evaluator->vectors[register_]);
      vector = &evaluator->vectors[register_];
    }
  column->form = vector->form;
  column->scale = vector->scale;
  column->null = vector->marks;
  column->scales = vector->form == FANOUT_FORM_MIXED ? vector->scales : NULL;
  if (vector->form == FANOUT_FORM_TEXT)
    column->text = vector->text;
  else
    column->mantissa = vector->mantissa;
}

/* Which operand a bad value of an instruction comes from: the first that is bad among those that
 * were looked at. -1: none. */
static gint
bad_operand (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  guint i = 0;

  if (instruction->operation == &fanout_operation_if)
    {
      const FanoutVector *condition = fanout_operand (evaluator, instruction, 0);

      if (fanout_vector_mark (condition, row) == FANOUT_MARK_BAD)
        return 0;
      i = fanout_vector_truth (condition, row) ? 1 : 2;
      return fanout_vector_mark (fanout_operand (evaluator, instruction, i), row) == FANOUT_MARK_BAD
                 ? (gint) i
                 : -1;
    }
  for (; i < instruction->n_arguments; i++)
    if (fanout_vector_mark (fanout_operand (evaluator, instruction, i), row) == FANOUT_MARK_BAD)
      return (gint) i;
  return -1;
}

void
fanout_evaluator_blame (FanoutEvaluator *evaluator, guint register_, gsize row, FanoutBlame *blame)
{
  while (TRUE)
    {
      const FanoutInstruction *instruction = fanout_instruction (evaluator->program, register_);
      const gint operand = bad_operand (evaluator, instruction, row);

      if (operand >= 0)
        {
          register_ = instruction->arguments[operand];
          continue;
        }
      blame->register_ = register_;
      blame->column = -1;
      blame->reason = NULL;
      if (instruction->operation == &fanout_operation_column)
        blame->column = GPOINTER_TO_INT (instruction->payload);
      else if (instruction->operation->problem != NULL)
        blame->reason = instruction->operation->problem (evaluator, instruction, row);
      return;
    }
}

void
fanout_evaluator_forgive (FanoutEvaluator *evaluator, const FanoutBlame *blame, gsize row)
{
  const FanoutNulled nulled = { blame->register_, row };

  g_array_append_val (evaluator->nulled, nulled);
}

gsize
fanout_evaluator_bytes (const FanoutEvaluator *evaluator)
{
  gsize bytes = fanout_program_row_bytes (evaluator->program) * evaluator->capacity;

  for (guint i = 0; i < evaluator->block_sizes->len; i++)
    bytes += g_array_index (evaluator->block_sizes, gsize, i);
  return bytes;
}
