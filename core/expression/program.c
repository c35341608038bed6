#include "core/expression/private.h"
#include "core/expression/texts.h"

#include <string.h>

static void
free_instruction (gpointer data)
{
  FanoutInstruction *instruction = data;

  if (instruction->free_payload != NULL && instruction->payload != NULL)
    instruction->free_payload (instruction->payload);
  g_free (instruction->arguments);
  g_free (instruction->constant.data);
  g_free (instruction->constant.scale_data);
  g_free (instruction->constant.mark_data);
  g_free (instruction->key);
  g_free (instruction);
}

FanoutProgram *
fanout_program_new (const FanoutNames *names)
{
  FanoutProgram *program = g_new0 (FanoutProgram, 1);

  program->names = *names;
  program->instructions = g_ptr_array_new_with_free_func (free_instruction);
  program->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  program->definitions = g_ptr_array_new_with_free_func (g_free);
  program->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return program;
}

void
fanout_program_free (FanoutProgram *program)
{
  if (program == NULL)
    return;
  g_hash_table_unref (program->by_key);
  g_hash_table_unref (program->by_name);
  g_ptr_array_unref (program->definitions);
  g_ptr_array_unref (program->instructions);
  fanout_program_free (program->trial);
  g_free (program);
}

guint
fanout_program_length (const FanoutProgram *program)
{
  return program->instructions->len;
}

gboolean
fanout_program_numbers_rows (const FanoutProgram *program)
{
  for (guint i = 0; i < program->instructions->len; i++)
    if (fanout_instruction (program, i)->operation == &fanout_operation_row)
      return TRUE;
  return FALSE;
}

FanoutVectorKind
fanout_program_register_kind (const FanoutProgram *program, guint register_)
{
  return fanout_instruction (program, register_)->kind;
}

gint
fanout_program_register_column (const FanoutProgram *program, guint register_)
{
  const FanoutInstruction *instruction = fanout_instruction (program, register_);

  return instruction->operation == &fanout_operation_column ? GPOINTER_TO_INT (instruction->payload)
                                                            : -1;
}

gboolean
fanout_program_reads (const FanoutProgram *program, guint register_, guint column)
{
  g_autofree guint8 *wanted = g_malloc0 (register_ + 1);

  /* What an instruction uses stands before it. */
  wanted[register_] = 1;
  for (guint i = register_ + 1; i-- > 0;)
    {
      const FanoutInstruction *instruction = fanout_instruction (program, i);

      if (!wanted[i])
        continue;
      if (fanout_program_register_column (program, i) == (gint) column)
        return TRUE;
      for (guint k = 0; k < instruction->n_arguments; k++)
        wanted[instruction->arguments[k]] = 1;
    }
  return FALSE;
}

gboolean
fanout_program_may_fail (const FanoutProgram *program)
{
  for (guint i = 0; i < program->instructions->len; i++)
    if (fanout_instruction (program, i)->operation->problem != NULL)
      return TRUE;
  return FALSE;
}

gsize
fanout_program_row_bytes (const FanoutProgram *program)
{
  gsize bytes = 0;

  for (guint i = 0; i < program->instructions->len; i++)
    {
      const FanoutInstruction *instruction = fanout_instruction (program, i);

      if (instruction->constant.constant || instruction->operation == &fanout_operation_column)
        continue;
      bytes += instruction->kind == FANOUT_KIND_TEXT        ? sizeof (FanoutText) + 1
               : instruction->kind == FANOUT_KIND_CONDITION ? 2
                                                            : sizeof (gint64) + 2;
    }
  return bytes;
}

const char *
fanout_kind_words (FanoutVectorKind kind)
{
  switch (kind)
    {
    case FANOUT_KIND_NUMBER:
      return "a number";
    case FANOUT_KIND_TIME:
      return "a time";
    case FANOUT_KIND_TEXT:
      return "a text";
    case FANOUT_KIND_CONDITION:
      return "a condition";
    case FANOUT_KIND_FREE:
    default:
      return "a column";
    }
}

static char *
make_key (const FanoutOperation *operation, FanoutVectorKind kind, guint n_arguments,
          const guint *arguments, const char *payload_key)
{
  GString *key = g_string_new (operation->name);

  g_string_append_printf (key, ":%d", (int) kind);
  for (guint i = 0; i < n_arguments; i++)
    g_string_append_printf (key, ",%u", arguments[i]);
  g_string_append_c (key, ';');
  g_string_append (key, payload_key);
  return g_string_free (key, FALSE);
}

static guint
add_instruction (FanoutProgram *program, FanoutInstruction *instruction)
{
  const guint register_ = program->instructions->len;

  g_ptr_array_add (program->instructions, instruction);
  g_hash_table_insert (program->by_key, instruction->key, GUINT_TO_POINTER (register_ + 1));
  return register_;
}

/* A constant with `key`; NULL, or its instruction to be filled. */
static FanoutInstruction *
new_constant (FanoutProgram *program, FanoutVectorKind kind, char *key, guint *register_)
{
  const gpointer found = g_hash_table_lookup (program->by_key, key);
  FanoutInstruction *instruction;

  if (found != NULL)
    {
      *register_ = GPOINTER_TO_UINT (found) - 1;
      g_free (key);
      return NULL;
    }
  instruction = g_new0 (FanoutInstruction, 1);
  instruction->operation = &fanout_operation_constant;
  instruction->kind = kind;
  instruction->key = key;
  instruction->constant.kind = kind;
  instruction->constant.constant = TRUE;
  *register_ = add_instruction (program, instruction);
  return instruction;
}

guint
fanout_program_constant_number (FanoutProgram *program, FanoutVectorKind kind, FanoutNumber number)
{
  char text[FANOUT_NUMBER_TEXT_MAX] = "";
  guint register_;
  FanoutInstruction *instruction;
  FanoutVector *value;
  FanoutWide *wide;

  /* Where a wide one lies is not what it is. */
  if (fanout_number_is_wide (number))
    fanout_number_format (number, text);
  instruction
      = new_constant (program, kind,
                      g_strdup_printf ("constant:%d;%d;%" G_GINT64_FORMAT "%s", (int) kind,
                                       number.scale, text[0] == '\0' ? number.mantissa : 0, text),
                      &register_);

  if (instruction == NULL)
    return register_;
  value = &instruction->constant;
  wide = g_malloc (sizeof *wide + sizeof (gint64));
  if (fanout_number_is_wide (number))
    {
      *wide = *number.wide;
      number = fanout_number_wide (wide);
    }
  value->data = wide;
  value->mantissa = (gint64 *) (wide + 1);
  *(gint64 *) (wide + 1) = number.mantissa;
  value->form = number.scale > FANOUT_SCALE_MAX ? FANOUT_FORM_MIXED : FANOUT_FORM_PLAIN;
  value->scale = number.scale;
  value->scale_data = g_malloc (1);
  value->scale_data[0] = number.scale;
  value->scales = value->scale_data;
  return register_;
}

guint
fanout_program_constant_text (FanoutProgram *program, const char *text, gsize length)
{
  const gsize padding = 16;
  guint register_;
  FanoutInstruction *instruction;
  FanoutVector *value;
  char *room;

  if (length == 0)
    return fanout_program_constant_null (program, FANOUT_KIND_TEXT);
  instruction
      = new_constant (program, FANOUT_KIND_TEXT,
                      g_strdup_printf ("constant:text;%.*s", (int) length, text), &register_);
  if (instruction == NULL)
    return register_;
  value = &instruction->constant;
  room = g_malloc0 (sizeof (FanoutText) + length + 2 * padding);
  value->data = room;
  value->form = FANOUT_FORM_TEXT;
  value->text = value->data;
  room += sizeof (FanoutText) + padding;
  memcpy (room, text, length);
  *(FanoutText *) value->data = (FanoutText){ room, length };
  return register_;
}

guint
fanout_program_constant_truth (FanoutProgram *program, gboolean truth)
{
  guint register_;
  FanoutInstruction *instruction
      = new_constant (program, FANOUT_KIND_CONDITION,
                      g_strdup_printf ("constant:truth;%d", truth != 0), &register_);
  FanoutVector *value;

  if (instruction == NULL)
    return register_;
  value = &instruction->constant;
  value->data = g_malloc (1);
  *(guint8 *) value->data = truth != 0;
  value->form = FANOUT_FORM_NONE;
  value->truth = value->data;
  return register_;
}

guint
fanout_program_constant_null (FanoutProgram *program, FanoutVectorKind kind)
{
  guint register_;
  FanoutInstruction *instruction
      = new_constant (program, kind, g_strdup_printf ("constant:null;%d", (int) kind), &register_);
  FanoutVector *value;

  if (instruction == NULL)
    return register_;
  value = &instruction->constant;
  /* Zeroes for whoever looks at a value before its mark. */
  value->data = g_malloc0 (sizeof (FanoutText));
  if (kind == FANOUT_KIND_TEXT)
    {
      value->form = FANOUT_FORM_TEXT;
      value->text = value->data;
    }
  else
    {
      value->form = FANOUT_FORM_PLAIN;
      value->mantissa = value->data;
    }
  value->mark_data = g_malloc (1);
  value->mark_data[0] = FANOUT_MARK_NULL;
  value->marks = value->mark_data;
  return register_;
}

/* The one value of `vector`, which is no condition that is bad. */
static guint
make_constant (FanoutProgram *program, const FanoutVector *vector)
{
  if (vector->kind == FANOUT_KIND_CONDITION)
    return fanout_program_constant_truth (program, vector->truth[0]);
  if (fanout_vector_mark (vector, 0) == FANOUT_MARK_NULL)
    return fanout_program_constant_null (program, vector->kind);
  if (vector->kind == FANOUT_KIND_TEXT)
    return fanout_program_constant_text (program, vector->text[0].data, vector->text[0].length);
  return fanout_program_constant_number (program, vector->kind, fanout_vector_number (vector, 0));
}

static gboolean
all_constant (const FanoutProgram *program, guint n, const guint *arguments)
{
  for (guint i = 0; i < n; i++)
    if (!fanout_instruction (program, arguments[i])->constant.constant)
      return FALSE;
  return TRUE;
}

/* What `instruction` makes of its constant operands; -1 with `error`. */
static gint
fold (FanoutProgram *program, const FanoutInstruction *instruction,
      const FanoutExpression *expression, const FanoutTree *place, GError **error)
{
  const FanoutView view = { .n_rows = 1 };
  g_autoptr (FanoutEvaluator) evaluator = NULL;
  FanoutVector result = { .kind = instruction->kind, .form = FANOUT_FORM_PLAIN };
  gint register_ = -1;

  evaluator = fanout_evaluator_new (program, 1);
  fanout_evaluator_begin (evaluator, &view);
  instruction->operation->run (evaluator, instruction, &result);
  if (fanout_vector_mark (&result, 0) == FANOUT_MARK_BAD)
    {
      g_autofree char *reason = instruction->operation->problem != NULL
                                    ? instruction->operation->problem (evaluator, instruction, 0)
                                    : NULL;

      fanout_expression_fail (error, expression->text, place->start, place->end, "%s",
                              reason != NULL ? reason : "this has no value");
    }
  else
    register_ = (gint) make_constant (program, &result);
  if (result.data != NULL)
    g_free (result.data);
  g_free (result.scale_data);
  g_free (result.mark_data);
  return register_;
}

gint
fanout_program_emit (FanoutProgram *program, const FanoutOperation *operation,
                     FanoutVectorKind kind, guint n_arguments, const guint *arguments,
                     gpointer payload, GDestroyNotify free_payload, const char *payload_key,
                     const FanoutExpression *expression, const FanoutTree *place, GError **error)
{
  char *key = make_key (operation, kind, n_arguments, arguments, payload_key);
  const gpointer found = g_hash_table_lookup (program->by_key, key);
  FanoutInstruction *instruction;
  gint register_;

  if (found != NULL)
    {
      if (free_payload != NULL && payload != NULL)
        free_payload (payload);
      g_free (key);
      return (gint) (GPOINTER_TO_UINT (found) - 1);
    }
  instruction = g_new0 (FanoutInstruction, 1);
  instruction->operation = operation;
  instruction->kind = kind;
  instruction->n_arguments = n_arguments;
  instruction->arguments = g_memdup2 (arguments, n_arguments * sizeof *arguments);
  instruction->payload = payload;
  instruction->free_payload = free_payload;
  instruction->key = key;
  if (operation->unfoldable || n_arguments == 0 || !all_constant (program, n_arguments, arguments))
    return (gint) add_instruction (program, instruction);
  register_ = fold (program, instruction, expression, place, error);
  free_instruction (instruction);
  return register_;
}
