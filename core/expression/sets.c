#include "core/expression/sets.h"

#include <fanout/kept.h>
#include <string.h>

/* Texts lie in a table where the first free place behind that of their hash is theirs. */
struct FanoutSet
{
  FanoutVectorKind kind;
  gboolean null;
  GStringChunk *bytes;
  FanoutText *texts; /* `data` NULL: free */
  gsize n_texts;
  gsize room;      /* of `texts`: a power of two, at least twice as many */
  GArray *numbers; /* of FanoutNumber, in order; wide ones are where the constants are */
};

#define ROOM_MIN 8

FanoutSet *
fanout_set_new (FanoutVectorKind kind)
{
  FanoutSet *set = g_new0 (FanoutSet, 1);

  set->kind = kind;
  set->bytes = g_string_chunk_new (256);
  set->room = ROOM_MIN;
  set->texts = g_new0 (FanoutText, set->room);
  set->numbers = g_array_new (FALSE, FALSE, sizeof (FanoutNumber));
  return set;
}

void
fanout_set_free (gpointer data)
{
  FanoutSet *set = data;

  g_string_chunk_free (set->bytes);
  g_free (set->texts);
  g_array_unref (set->numbers);
  g_free (set);
}

/* Where a text is, or belongs. */
static FanoutText *
find_text (const FanoutSet *set, FanoutText text)
{
  gsize i = (gsize) fanout_hash_bytes (text.data, text.length, 0) & (set->room - 1);

  while (set->texts[i].data != NULL
         && (set->texts[i].length != text.length
             || memcmp (set->texts[i].data, text.data, text.length) != 0))
    i = (i + 1) & (set->room - 1);
  return &set->texts[i];
}

static void
make_room (FanoutSet *set)
{
  g_autofree FanoutText *old = set->texts;
  const gsize n = set->room;

  set->room *= 2;
  set->texts = g_new0 (FanoutText, set->room);
  for (gsize i = 0; i < n; i++)
    if (old[i].data != NULL)
      *find_text (set, old[i]) = old[i];
}

static void
add_text (FanoutSet *set, FanoutText text)
{
  FanoutText *place;

  if (2 * (set->n_texts + 1) > set->room)
    make_room (set);
  place = find_text (set, text);
  if (place->data != NULL)
    return;
  place->data = g_string_chunk_insert_len (set->bytes, text.data, (gssize) text.length);
  place->length = text.length;
  set->n_texts++;
}

void
fanout_set_add (FanoutSet *set, const FanoutVector *constant)
{
  if (fanout_vector_mark (constant, 0) == FANOUT_MARK_NULL)
    set->null = TRUE;
  else if (set->kind == FANOUT_KIND_TEXT)
    add_text (set, constant->form == FANOUT_FORM_TEXT ? constant->text[0] : (FanoutText){ "", 0 });
  else
    {
      const FanoutNumber number = fanout_vector_number (constant, 0);

      g_array_append_val (set->numbers, number);
    }
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (*(const FanoutNumber *) a, *(const FanoutNumber *) b);
}

void
fanout_set_end (FanoutSet *set)
{
  g_array_sort (set->numbers, compare_numbers);
}

static gboolean
set_has (const FanoutSet *set, const FanoutVector *value, gsize row)
{
  if (set->kind == FANOUT_KIND_TEXT)
    return find_text (set, fanout_vector_text (value, row))->data != NULL;
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
