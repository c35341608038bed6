/* Expressions over rows: the same values however many rows are computed at once, and a condition
 * and its opposite share the rows out. */

#include "tests/fuzz/fuzz.h"
#include "tests/support/expression.h"

#include <string.h>

static const char *const names[] = { "a", "b", "c", "t", NULL };
static const char *const cells[][4] = {
  { "1", "x", "0.5", "2024-02-29T12:00:00Z" },
  { "-3.25", "", "1e300", "1700000000.5" },
  { "", "abc", "nan", "10/Oct/2000:13:55:36 -0700" },
  { "9223372036854775807", "ABC def", "-0", "" },
  { "no", "\xc3\xa4\xff", "3", "no time" },
  { "0", "12", "0.000000000000000001", "2024-12-31" },
};

static char *
values (const ExpressionRows *rows, const char *text, FanoutVectorKind kind)
{
  g_autoptr (GError) error = NULL;
  char *found = expression_values (rows, NULL, text, kind, "\x1f", &error);

  fuzz_check_error (found == NULL, error);
  return found;
}

/* One row at a time, which is the first one then. Why a value is bad stands only behind the first.
 */
static void
check_apart (const ExpressionRows *rows, const char *text, FanoutVectorKind kind, const char *whole)
{
  g_auto (GStrv) found = g_strsplit (whole, "\x1f", -1);
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (g_strv_length (found) != rows->n_rows || strstr (lower, "row") != NULL)
    return; /* the separator is in a value, or row() is asked for */
  for (guint i = 0; i < rows->n_rows; i++)
    {
      ExpressionRows one = { .names = names, .n_rows = 1 };
      g_autofree char *alone = NULL;

      memcpy (one.cells[0], rows->cells[i], sizeof one.cells[0]);
      alone = values (&one, text, kind);
      fuzz_check (alone != NULL, "%s: there is no value of one row", text);
      if (alone[0] == '!')
        fuzz_check (found[i][0] == '!', "%s: row %u: %s, not %s", text, i, found[i], alone);
      else
        fuzz_check_same (found[i], alone, text);
    }
}

static void
check_opposite (const ExpressionRows *rows, const char *text, const char *condition)
{
  g_autofree char *opposite_text = g_strdup_printf ("not (%s\n)", text);
  g_autofree char *opposite = values (rows, opposite_text, FANOUT_KIND_CONDITION);
  g_auto (GStrv) is = g_strsplit (condition, "\x1f", -1);
  g_auto (GStrv) is_not = opposite != NULL ? g_strsplit (opposite, "\x1f", -1) : NULL;

  if (opposite == NULL)
    return; /* nested too deeply, or a text that goes on */
  for (guint i = 0; i < rows->n_rows; i++)
    fuzz_check ((is[i][0] == '!' && is_not[i][0] == '!')
                    || (strcmp (is[i], "true") == 0 && strcmp (is_not[i], "false") == 0)
                    || (strcmp (is[i], "false") == 0 && strcmp (is_not[i], "true") == 0),
                "%s: row %u is %s, and the opposite %s", text, i, is[i], is_not[i]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FanoutVectorKind kinds[] = { FANOUT_KIND_FREE, FANOUT_KIND_NUMBER, FANOUT_KIND_TEXT,
                                            FANOUT_KIND_CONDITION, FANOUT_KIND_TIME };
  FuzzInput in = { data, size };
  ExpressionRows rows = { .names = names, .n_rows = G_N_ELEMENTS (cells) };
  const FanoutVectorKind kind = fuzz_pick (&in, kinds);
  g_autofree char *text = g_strndup ((const char *) in.data, in.length);
  g_autofree char *whole = NULL;

  if (size > 2000)
    return 0;
  for (guint i = 0; i < rows.n_rows; i++)
    memcpy (rows.cells[i], cells[i], sizeof cells[i]);
  whole = values (&rows, text, kind);
  if (whole == NULL)
    return 0;
  check_apart (&rows, text, kind, whole);
  if (kind == FANOUT_KIND_CONDITION)
    check_opposite (&rows, text, whole);
  return 0;
}
