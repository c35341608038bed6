/* Regular expressions in expressions, against PCRE2 by itself: a line is the pattern, the rest is
 * the text. */

#include "tests/fuzz/fuzz.h"
#include "tests/support/expression.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

static const char *const names[] = { "a", NULL };

/* The value of a call for one row; NULL: it makes no sense. */
static char *
value_of (const char *call, const char *pattern, const char *more, const char *text,
          FanoutVectorKind kind)
{
  ExpressionRows rows = { .names = names, .n_rows = 1 };
  g_auto (GStrv) parts = g_strsplit (pattern, "'", -1);
  g_autofree char *quoted = g_strjoinv ("''", parts);
  g_autofree char *expression = g_strdup_printf ("%s'%s'%s", call, quoted, more);
  g_autoptr (GError) error = NULL;
  char *value;

  rows.cells[0][0] = text;
  value = expression_values (&rows, NULL, expression, kind, "", &error);
  fuzz_check_error (value == NULL, error);
  return value;
}

/* Where the pattern is found: 1, else 0; below: nobody knows. */
static int
search (pcre2_code *code, const char *text, pcre2_match_data *data)
{
  pcre2_match_context *context = pcre2_match_context_create (NULL);
  int found;

  pcre2_set_match_limit (context, 100000);
  found = pcre2_match (code, (PCRE2_SPTR) text, strlen (text), 0, PCRE2_NO_JIT, data, context);
  pcre2_match_context_free (context);
  return found > 0 ? 1 : found == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

static void
check_found (const char *pattern, const char *text, int found, pcre2_match_data *data)
{
  g_autofree char *matches = value_of ("a ~ ", pattern, "", text, FANOUT_KIND_CONDITION);
  g_autofree char *part = value_of ("match(a, ", pattern, ", 0)", text, FANOUT_KIND_TEXT);
  g_autofree char *other = value_of ("sub(a, ", pattern, ", '#')", text, FANOUT_KIND_TEXT);
  const PCRE2_SIZE *span = pcre2_get_ovector_pointer (data);
  g_autofree char *wanted = NULL;

  fuzz_check (matches != NULL && part != NULL && other != NULL, "'%s' is no pattern", pattern);
  if (found < 0 || matches[0] == '!' || part[0] == '!' || other[0] == '!')
    return;
  fuzz_check_same (matches, found == 1 ? "true" : "false", pattern);
  if (found == 1 && span[1] > span[0])
    wanted = g_strndup (text + span[0], span[1] - span[0]);
  fuzz_check_same (part, wanted != NULL ? wanted : "-", pattern);
  fuzz_check ((found == 1 && strchr (other, '#') != NULL)
                  || (found == 0 && strcmp (other, text) == 0),
              "'%s' in '%s' became '%s'", pattern, text, other);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  g_autofree char *pattern = fuzz_line (&in);
  g_autofree char *text = g_strndup ((const char *) in.data, in.length);
  pcre2_match_data *found;
  pcre2_code *code;
  PCRE2_SIZE offset;
  int number;

  /* The empty text is null; and at bytes that are no UTF-8, what PCRE2 compiles and what it
   * interprets are not always of one mind. */
  if (size > 300 || text[0] == '\0' || !g_utf8_validate (pattern, -1, NULL)
      || !g_utf8_validate (text, -1, NULL))
    return 0;
  code = pcre2_compile ((PCRE2_SPTR) pattern, strlen (pattern),
                        PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &number, &offset, NULL);
  if (code == NULL)
    {
      g_autofree char *value = value_of ("a ~ ", pattern, "", text, FANOUT_KIND_CONDITION);

      fuzz_check (value == NULL, "'%s' is a pattern", pattern);
      return 0;
    }
  found = pcre2_match_data_create_from_pattern (code, NULL);
  check_found (pattern, text, search (code, text, found), found);
  pcre2_match_data_free (found);
  pcre2_code_free (code);
  return 0;
}
