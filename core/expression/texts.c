#include "core/expression/texts.h"

#include "core/exact/arithmetic.h"

#include <fanout/kept.h>
#include <string.h>

void
fanout_vector_put_text (FanoutEvaluator *evaluator, FanoutText *texts, guint8 *marks, gsize row,
                        const char *text, gsize length)
{
  char *room;

  if (length == 0)
    {
      marks[row] = FANOUT_MARK_NULL;
      return;
    }
  room = fanout_evaluator_text (evaluator, length);
  memcpy (room, text, length);
  texts[row] = (FanoutText){ room, length };
}

static void
run_cased (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
           char first, char last)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    const FanoutText text = fanout_vector_text (a, i);
    char *room = fanout_evaluator_text (evaluator, text.length);

    for (gsize j = 0; j < text.length; j++)
      room[j] = (char) (text.data[j] >= first && text.data[j] <= last ? text.data[j] ^ 0x20
                                                                      : text.data[j]);
    texts[i] = (FanoutText){ room, text.length };
  }
}

static void
run_lower (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_cased (evaluator, instruction, result, 'A', 'Z');
}

static void
run_upper (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_cased (evaluator, instruction, result, 'a', 'z');
}

FANOUT_OPERATION_RUN (lower);
FANOUT_OPERATION_RUN (upper);

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* A part of an operand, where it lies. */
static void
put_part (FanoutText *texts, guint8 *marks, gsize row, FanoutText whole, gsize start, gsize end)
{
  if (end <= start)
    marks[row] = FANOUT_MARK_NULL;
  else
    texts[row] = (FanoutText){ whole.data + start, end - start };
}

static void
run_trim (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    const FanoutText text = fanout_vector_text (a, i);
    gsize start = 0;
    gsize end = text.length;

    while (start < end && is_blank (text.data[start]))
      start++;
    while (end > start && is_blank (text.data[end - 1]))
      end--;
    put_part (texts, marks, i, text, start, end);
  }
}

FANOUT_OPERATION_RUN (trim);

static gboolean
begins_character (char c)
{
  return (c & 0xc0) != 0x80;
}

/* Characters as UTF-8 has them; of bytes that are none, those that begin one. */
static gsize
count_characters (FanoutText text)
{
  gsize n = 0;

  for (gsize i = 0; i < text.length; i++)
    n += begins_character (text.data[i]) ? 1 : 0;
  return n;
}

static void
run_measured (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result, gboolean bytes)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      numbers[i] = 0;
      if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
        {
          const FanoutText text = fanout_vector_text (a, i);

          numbers[i] = (gint64) (bytes ? text.length : count_characters (text));
        }
    }
}

static void
run_length (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_measured (evaluator, instruction, result, FALSE);
}

static void
run_size (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_measured (evaluator, instruction, result, TRUE);
}

FANOUT_OPERATION_RUN (length);
FANOUT_OPERATION_RUN (size);

/* A count in an argument, rounded towards zero; far beyond any text where it is large or nan. */
static gint64
whole_number (const FanoutVector *vector, gsize row)
{
  const FanoutNumber whole = fanout_number_trunc (fanout_vector_number (vector, row), NULL);
  const gint64 far = G_MAXINT64 / 4;

  if (fanout_number_is_double (whole))
    return whole.real < 0 ? -far : far;
  return CLAMP (whole.mantissa, -far, far);
}

/* Where character `n`, from 0, begins; the end when there are fewer. */
static gsize
character_offset (FanoutText text, gint64 n)
{
  gsize i = 0;

  while (i < text.length)
    {
      if (begins_character (text.data[i]) && n-- == 0)
        return i;
      i++;
    }
  return text.length;
}

static void
run_substr (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *start = fanout_operand (evaluator, instruction, 1);
  const FanoutVector *count
      = instruction->n_arguments > 2 ? fanout_operand (evaluator, instruction, 2) : NULL;
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    const FanoutText text = fanout_vector_text (a, i);
    gint64 first = whole_number (start, i);
    gint64 end;

    /* From 1; below 0 from the end: -1 is the last character. */
    if (first < 0)
      first += (gint64) count_characters (text);
    else
      first -= 1;
    end = count != NULL ? first + whole_number (count, i) : G_MAXINT64;
    first = MAX (first, 0);
    put_part (texts, marks, i, text, character_offset (text, first),
              end <= first ? 0 : character_offset (text, end));
  }
}

FANOUT_OPERATION_RUN (substr);

/* Where `part` is in `text` from `from` on; -1: nowhere. */
static gssize
find (FanoutText text, gsize from, FanoutText part)
{
  const char *found;

  if (from > text.length || part.length == 0)
    return -1;
  found = memmem (text.data + from, text.length - from, part.data, part.length);
  return found != NULL ? found - text.data : -1;
}

typedef enum
{
  STARTS,
  ENDS,
  CONTAINS,
} Place;

/* A condition: false where a text is null. */
static void
run_place (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
           Place place)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 worst = MAX (fanout_vector_mark (a, i), fanout_vector_mark (b, i));

      truths[i] = 0;
      if (worst == FANOUT_MARK_VALUE)
        {
          const FanoutText text = fanout_vector_text (a, i);
          const FanoutText part = fanout_vector_text (b, i);

          if (place == CONTAINS)
            truths[i] = find (text, 0, part) >= 0;
          else if (text.length >= part.length)
            truths[i] = memcmp (text.data + (place == ENDS ? text.length - part.length : 0),
                                part.data, part.length)
                        == 0;
        }
      else if (worst == FANOUT_MARK_BAD)
        {
          if (marks == NULL)
            marks = fanout_vector_make_marks (evaluator, result);
          marks[i] = FANOUT_MARK_BAD;
        }
    }
}

static void
run_starts (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_place (evaluator, instruction, result, STARTS);
}

static void
run_ends (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_place (evaluator, instruction, result, ENDS);
}

static void
run_contains (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  run_place (evaluator, instruction, result, CONTAINS);
}

FANOUT_OPERATION_RUN (starts);
FANOUT_OPERATION_RUN (ends);
FANOUT_OPERATION_RUN (contains);

/* Part `n` of a text, from 1, or, below 0, from the last one back. */
static gboolean
find_part (FanoutText text, FanoutText separator, gint64 n, gsize *start, gsize *end)
{
  gint64 n_parts = 1;
  gssize found;

  if (n < 0)
    {
      for (gsize at = 0; (found = find (text, at, separator)) >= 0;
           at = (gsize) found + separator.length)
        n_parts++;
      n += n_parts + 1;
    }
  if (n < 1)
    return FALSE;
  *start = 0;
  while (TRUE)
    {
      found = find (text, *start, separator);
      *end = found >= 0 ? (gsize) found : text.length;
      if (--n == 0)
        return TRUE;
      if (found < 0)
        return FALSE;
      *start = (gsize) found + separator.length;
    }
}

static void
run_split (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *separator = fanout_operand (evaluator, instruction, 1);
  const FanoutVector *n = fanout_operand (evaluator, instruction, 2);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  FANOUT_FOR_EACH_VALUE (evaluator, marks, i)
  {
    const FanoutText text = fanout_vector_text (a, i);
    gsize start;
    gsize end;

    if (find_part (text, fanout_vector_text (separator, i), whole_number (n, i), &start, &end))
      put_part (texts, marks, i, text, start, end);
    else
      marks[i] = FANOUT_MARK_NULL;
  }
}

FANOUT_OPERATION_RUN (split);

/* A null as what comes in its place removes; the other operands decide. */
static void
run_replace (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *part = fanout_operand (evaluator, instruction, 1);
  const FanoutVector *by = fanout_operand (evaluator, instruction, 2);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_make_marks (evaluator, result);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 by_mark = fanout_vector_mark (by, i);
      FanoutText text;
      FanoutText old;
      gsize at = 0;
      gssize found;

      marks[i] = MAX (fanout_vector_mark (a, i), fanout_vector_mark (part, i));
      if (by_mark == FANOUT_MARK_BAD)
        marks[i] = FANOUT_MARK_BAD;
      if (marks[i] != FANOUT_MARK_VALUE)
        continue;
      text = fanout_vector_text (a, i);
      old = fanout_vector_text (part, i);
      g_string_truncate (out, 0);
      while (fanout_evaluator_has_room (evaluator, out->len) && (found = find (text, at, old)) >= 0)
        {
          g_string_append_len (out, text.data + at, found - (gssize) at);
          if (by_mark == FANOUT_MARK_VALUE)
            g_string_append_len (out, fanout_vector_text (by, i).data,
                                 (gssize) fanout_vector_text (by, i).length);
          at = (gsize) found + old.length;
        }
      g_string_append_len (out, text.data + at, (gssize) (text.length - at));
      if (fanout_evaluator_has_room (evaluator, out->len))
        fanout_vector_put_text (evaluator, texts, marks, i, out->str, out->len);
      else
        marks[i] = FANOUT_MARK_BAD;
    }
}

const FanoutOperation fanout_operation_replace
    = { .name = "replace", .run = run_replace, .problem = fanout_explain_long };

static void
run_concat (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_make_marks (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      gsize length = 0;
      char *room;

      for (guint j = 0; j < instruction->n_arguments; j++)
        {
          const FanoutVector *operand = fanout_operand (evaluator, instruction, j);
          const guint8 mark = fanout_vector_mark (operand, i);

          if (mark == FANOUT_MARK_BAD)
            marks[i] = FANOUT_MARK_BAD;
          else if (mark == FANOUT_MARK_VALUE)
            length += fanout_vector_text (operand, i).length;
        }
      if (marks[i] == FANOUT_MARK_VALUE && length == 0)
        marks[i] = FANOUT_MARK_NULL;
      if (marks[i] == FANOUT_MARK_VALUE && !fanout_evaluator_has_room (evaluator, length))
        marks[i] = FANOUT_MARK_BAD;
      if (marks[i] != FANOUT_MARK_VALUE)
        continue;
      room = fanout_evaluator_text (evaluator, length);
      texts[i] = (FanoutText){ room, length };
      for (guint j = 0; j < instruction->n_arguments; j++)
        {
          const FanoutVector *operand = fanout_operand (evaluator, instruction, j);

          if (fanout_vector_mark (operand, i) == FANOUT_MARK_VALUE)
            {
              const FanoutText text = fanout_vector_text (operand, i);

              memcpy (room, text.data, text.length);
              room += text.length;
            }
        }
    }
}

const FanoutOperation fanout_operation_concat
    = { .name = "concat", .run = run_concat, .problem = fanout_explain_long };

static void
run_hash (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      guint64 hash = 0;

      if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
        {
          if (a->form == FANOUT_FORM_TEXT)
            {
              const FanoutText text = fanout_vector_text (a, i);

              hash = fanout_hash_bytes (text.data, text.length, 0);
            }
          else
            hash = fanout_number_hash (fanout_vector_number (a, i));
        }
      numbers[i] = (gint64) (hash >> 1);
    }
}

static void
run_hash_text (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
               FanoutVector *result)
{
  run_hash (evaluator, instruction, result);
}

static void
run_hash_number (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                 FanoutVector *result)
{
  run_hash (evaluator, instruction, result);
}

FANOUT_OPERATION_RUN (hash_text);
FANOUT_OPERATION_RUN (hash_number);

static void
run_file (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const char *name = evaluator->view.file;
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = NULL;

  (void) instruction;
  if (name == NULL || *name == '\0')
    {
      marks = fanout_vector_make_marks (evaluator, result);
      memset (marks, FANOUT_MARK_NULL, evaluator->view.n_rows);
      return;
    }
  {
    const gsize length = strlen (name);
    char *room = fanout_evaluator_text (evaluator, length);

    memcpy (room, name, length);
    for (gsize i = 0; i < evaluator->view.n_rows; i++)
      texts[i] = (FanoutText){ room, length };
  }
}

static void
run_row (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  (void) instruction;
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    numbers[i] = (gint64) (evaluator->view.rows != NULL ? evaluator->view.rows[i]
                                                        : evaluator->view.first_row + i)
                 + 1;
}

const FanoutOperation fanout_operation_file
    = { .name = "file", .run = run_file, .unfoldable = TRUE };
const FanoutOperation fanout_operation_row = { .name = "row", .run = run_row, .unfoldable = TRUE };
