#pragma once

/** Expressions over rows of text, for tests. */

#include "core/expression/evaluate.h"

#include <check.h>
#include <string.h>

#define EXPRESSION_COLUMNS_MAX 8
#define EXPRESSION_ROWS_MAX    64

/** Rows of named columns; the empty text is null. */
typedef struct
{
  const char *const *names; /* ends with NULL */
  guint n_rows;
  const char *cells[EXPRESSION_ROWS_MAX][EXPRESSION_COLUMNS_MAX];
} ExpressionRows;

/* A column as one kind of user wants it. */
typedef struct
{
  guint index;
  FanoutTakes takes;
} ExpressionWant;

typedef struct
{
  const ExpressionRows *rows;
  GArray *wants; /* of ExpressionWant */
} ExpressionSource;

static inline gint
expression_column (gpointer data, const char *name, guint position, FanoutTakes takes,
                   GError **error)
{
  ExpressionSource *source = data;
  guint index = 0;

  while (source->rows->names[index] != NULL
         && (name != NULL ? strcmp (source->rows->names[index], name) != 0 : index + 1 != position))
    index++;
  if (source->rows->names[index] == NULL)
    {
      if (name != NULL)
        g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "no column '%s'", name);
      else
        g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "no column $%u", position);
      return -1;
    }
  for (guint i = 0; i < source->wants->len; i++)
    {
      const ExpressionWant *want = &g_array_index (source->wants, ExpressionWant, i);

      if (want->index == index && want->takes == takes)
        return (gint) i;
    }
  {
    const ExpressionWant want = { index, takes };

    g_array_append_val (source->wants, want);
  }
  return (gint) source->wants->len - 1;
}

static inline FanoutText
expression_text (const char *text, GPtrArray *owned)
{
  const gsize length = strlen (text);
  char *room = g_malloc0 (length + 32);

  g_ptr_array_add (owned, room);
  memcpy (room + 16, text, length);
  return (FanoutText){ room + 16, length };
}

/* One column of the rows, as the decoder gives it. */
static inline void
expression_fill (const ExpressionRows *rows, const ExpressionWant *want, FanoutColumn *column,
                 GPtrArray *owned)
{
  guint8 *null = g_malloc0 (EXPRESSION_ROWS_MAX);
  guint8 *scales = g_malloc0 (EXPRESSION_ROWS_MAX);
  gint64 *mantissas = g_new0 (gint64, EXPRESSION_ROWS_MAX);
  FanoutText *texts = g_new0 (FanoutText, EXPRESSION_ROWS_MAX);
  FanoutWide *wides = g_new0 (FanoutWide, EXPRESSION_ROWS_MAX);
  gboolean plain = TRUE;
  gint scale = 0;

  g_ptr_array_add (owned, null);
  g_ptr_array_add (owned, scales);
  g_ptr_array_add (owned, mantissas);
  g_ptr_array_add (owned, texts);
  g_ptr_array_add (owned, wides);
  memset (column, 0, sizeof *column);
  column->null = null;
  for (guint i = 0; i < rows->n_rows; i++)
    {
      const char *cell = rows->cells[i][want->index];

      null[i] = *cell == '\0';
      texts[i] = expression_text (cell, owned);
      if (want->takes == FANOUT_TAKES_WIDE && !null[i])
        {
          FanoutNumber number = fanout_number_decimal (0, 0);

          if (!fanout_number_parse_wide (cell, strlen (cell), &number, &wides[i], NULL))
            null[i] = FANOUT_MARK_BAD;
          mantissas[i] = number.mantissa;
          scales[i] = number.scale;
          if (null[i] == 0 && number.scale <= FANOUT_SCALE_MAX)
            scale = MAX (scale, number.scale);
        }
    }
  if (want->takes != FANOUT_TAKES_WIDE)
    {
      column->form = FANOUT_FORM_TEXT;
      column->text = texts;
      return;
    }
  /* Plain where all are decimals that have room at one scale. */
  for (guint i = 0; i < rows->n_rows && plain; i++)
    if (null[i] == 0)
      {
        gint64 m = mantissas[i];

        plain = scales[i] <= FANOUT_SCALE_MAX;
        for (gint s = scales[i]; plain && s < scale; s++)
          plain = !__builtin_mul_overflow (m, 10, &m);
      }
  if (plain)
    for (guint i = 0; i < rows->n_rows; i++)
      for (gint s = scales[i]; null[i] == 0 && s < scale; s++)
        mantissas[i] *= 10;
  column->form = plain ? FANOUT_FORM_PLAIN : FANOUT_FORM_MIXED;
  column->scale = (guint8) scale;
  column->scales = scales;
  column->mantissa = mantissas;
}

static inline void
expression_append (GString *out, const FanoutVector *vector, gsize row)
{
  const guint8 mark = fanout_vector_mark (vector, row);

  if (mark == FANOUT_MARK_BAD)
    g_string_append (out, "!");
  else if (mark == FANOUT_MARK_NULL)
    g_string_append (out, "-");
  else if (vector->kind == FANOUT_KIND_CONDITION)
    g_string_append (out, fanout_vector_truth (vector, row) ? "true" : "false");
  else if (vector->form == FANOUT_FORM_TEXT)
    {
      const FanoutText text = fanout_vector_text (vector, row);

      g_string_append_len (out, text.data, (gssize) text.length);
    }
  else
    {
      char text[FANOUT_NUMBER_TEXT_MAX];

      fanout_number_format (fanout_vector_number (vector, row), text);
      g_string_append (out, text);
    }
}

/** The values of an expression as `kind`, one for each row, with blanks between; null is -, bad is
 * ! and why the first is bad comes behind. NULL with `error`. Owned by the caller. */
static inline char *
expression_values (const ExpressionRows *rows, const char *const *lets, const char *text,
                   FanoutVectorKind kind, const char *separator, GError **error)
{
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) expressions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_expression_free);
  ExpressionSource source = { rows, g_array_new (FALSE, FALSE, sizeof (ExpressionWant)) };
  const FanoutNames names = { .column = expression_column, .data = &source };
  g_autoptr (GArray) wants = source.wants;
  g_autoptr (FanoutProgram) program = fanout_program_new (&names);
  g_autoptr (FanoutEvaluator) evaluator = NULL;
  g_autofree FanoutColumn *columns = NULL;
  GString *out;
  FanoutExpression *expression;
  gint register_;

  for (guint i = 0; lets != NULL && lets[i] != NULL; i += 2)
    {
      expression = fanout_expression_parse (lets[i + 1], error);
      if (expression == NULL)
        return NULL;
      g_ptr_array_add (expressions, expression);
      if (!fanout_program_define (program, lets[i], expression, error))
        return NULL;
    }
  expression = fanout_expression_parse (text, error);
  if (expression == NULL)
    return NULL;
  g_ptr_array_add (expressions, expression);
  register_ = fanout_program_add (program, expression, kind, error);
  if (register_ < 0)
    return NULL;
  columns = g_new0 (FanoutColumn, wants->len + 1);
  for (guint i = 0; i < wants->len; i++)
    expression_fill (rows, &g_array_index (wants, ExpressionWant, i), &columns[i], owned);
  evaluator = fanout_evaluator_new (program, EXPRESSION_ROWS_MAX);
  {
    const FanoutView view = { rows->n_rows, columns, 0, NULL, "some.csv", NULL };

    fanout_evaluator_begin (evaluator, &view);
    fanout_evaluator_run (evaluator, 0, fanout_program_length (program));
  }
  out = g_string_new (NULL);
  {
    const FanoutVector *vector = fanout_evaluator_vector (evaluator, (guint) register_);
    gboolean blamed = FALSE;

    for (guint i = 0; i < rows->n_rows; i++)
      {
        if (i > 0)
          g_string_append (out, separator);
        expression_append (out, vector, i);
        if (!blamed && fanout_vector_mark (vector, i) == FANOUT_MARK_BAD)
          {
            FanoutBlame blame;

            fanout_evaluator_blame (evaluator, (guint) register_, i, &blame);
            g_string_append_printf (out, "(%s)",
                                    blame.column >= 0      ? "no number"
                                    : blame.reason != NULL ? blame.reason
                                                           : "?");
            g_free (blame.reason);
            blamed = TRUE;
          }
      }
  }
  return g_string_free (out, FALSE);
}
