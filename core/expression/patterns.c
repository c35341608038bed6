#define PCRE2_CODE_UNIT_WIDTH 8

#include "core/expression/patterns.h"

#include <pcre2.h>
#include <string.h>

/* Steps that a search may take: a pattern that backtracks without end is a bad value, not a hang.
 */
#define MATCH_LIMIT 1000000

struct FanoutPattern
{
  pcre2_code *code;
  pcre2_match_context *context;
  guint32 n_groups;
};

FanoutPattern *
fanout_pattern_new (const char *text, gsize length, char **problem)
{
  const guint32 options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
  int code;
  PCRE2_SIZE offset;
  FanoutPattern *pattern;
  pcre2_code *compiled = pcre2_compile ((PCRE2_SPTR) text, length, options, &code, &offset, NULL);

  if (compiled == NULL)
    {
      PCRE2_UCHAR message[200];

      pcre2_get_error_message (code, message, sizeof message);
      *problem
          = g_strdup_printf ("no regular expression: %s at character %" G_GSIZE_FORMAT " of it",
                             (char *) message, (gsize) g_utf8_strlen (text, (gssize) offset) + 1);
      return NULL;
    }
  /* Where no memory may be made executable it is interpreted. */
  pcre2_jit_compile (compiled, PCRE2_JIT_COMPLETE);
  pattern = g_new0 (FanoutPattern, 1);
  pattern->code = compiled;
  pattern->context = pcre2_match_context_create (NULL);
  pcre2_set_match_limit (pattern->context, MATCH_LIMIT);
  pcre2_pattern_info (compiled, PCRE2_INFO_CAPTURECOUNT, &pattern->n_groups);
  return pattern;
}

void
fanout_pattern_free (gpointer data)
{
  FanoutPattern *pattern = data;

  if (pattern == NULL)
    return;
  pcre2_match_context_free (pattern->context);
  pcre2_code_free (pattern->code);
  g_free (pattern);
}

void
fanout_patterns_free_match (gpointer match_data)
{
  pcre2_match_data_free (match_data);
}

/* Offsets of the groups; NULL: no match, or, with `failed`, none that could be told. */
static const PCRE2_SIZE *
search (FanoutEvaluator *evaluator, const FanoutPattern *pattern, FanoutText text, gsize from,
        guint32 options, gboolean *failed)
{
  int found;

  *failed = FALSE;
  if (evaluator->match_data != NULL
      && pcre2_get_ovector_count (evaluator->match_data) <= pattern->n_groups)
    g_clear_pointer (&evaluator->match_data, fanout_patterns_free_match);
  if (evaluator->match_data == NULL)
    evaluator->match_data = pcre2_match_data_create (MAX (pattern->n_groups + 1, 8), NULL);
  found = pcre2_match (pattern->code, (PCRE2_SPTR) (text.length > 0 ? text.data : ""), text.length,
                       from, options, evaluator->match_data, pattern->context);
  if (found > 0)
    return pcre2_get_ovector_pointer (evaluator->match_data);
  *failed = found != PCRE2_ERROR_NOMATCH;
  return NULL;
}

static char *
explain (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  (void) evaluator;
  (void) instruction;
  (void) row;
  return g_strdup ("the regular expression takes too many steps for this text");
}

static guint8 *
mark_bad (FanoutEvaluator *evaluator, FanoutVector *result, guint8 *marks, gsize row)
{
  if (marks == NULL)
    marks = fanout_vector_make_marks (evaluator, result);
  marks[row] = FANOUT_MARK_BAD;
  return marks;
}

/* False with a null. */
static void
run_matches (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutPattern *pattern = instruction->payload;
  const FanoutVector *value = fanout_operand (evaluator, instruction, 0);
  guint8 *truths = fanout_vector_make_truths (evaluator, result);
  guint8 *marks = NULL;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 mark = fanout_vector_mark (value, i);
      gboolean failed = mark == FANOUT_MARK_BAD;

      truths[i]
          = mark == FANOUT_MARK_VALUE
            && search (evaluator, pattern, fanout_vector_text (value, i), 0, 0, &failed) != NULL;
      if (failed)
        marks = mark_bad (evaluator, result, marks, i);
    }
}

const FanoutOperation fanout_operation_matches
    = { .name = "matches", .run = run_matches, .problem = explain };

static gboolean
check_replacement (const char *replacement, guint32 n_groups, char **problem)
{
  for (const char *p = replacement; *p != '\0'; p++)
    {
      if (*p != '\\')
        continue;
      p++;
      if (*p == '\\')
        continue;
      if (!g_ascii_isdigit (*p))
        {
          *problem = g_strdup ("in a replacement \\ stands before the number of a group, or "
                               "before another \\");
          return FALSE;
        }
      if ((guint32) (*p - '0') > n_groups)
        {
          *problem = g_strdup_printf ("\\%c names a group that the pattern does not have", *p);
          return FALSE;
        }
    }
  return TRUE;
}

FanoutSearch *
fanout_search_new (const char *text, gsize length, const char *group, const char *replacement,
                   char **problem)
{
  FanoutPattern *pattern = fanout_pattern_new (text, length, problem);
  FanoutSearch *made;
  int number = 0;

  if (pattern == NULL)
    return NULL;
  if (group != NULL)
    {
      guint64 value;

      if (g_ascii_string_to_unsigned (group, 10, 0, G_MAXINT32, &value, NULL))
        number = value <= pattern->n_groups ? (int) value : -1;
      else
        number = pcre2_substring_number_from_name (pattern->code, (PCRE2_SPTR) group);
      if (number < 0)
        *problem = g_strdup_printf ("the pattern has no group '%s'", group);
    }
  else if (replacement == NULL)
    number = pattern->n_groups > 0 ? 1 : 0;
  if (number < 0
      || (replacement != NULL && !check_replacement (replacement, pattern->n_groups, problem)))
    {
      fanout_pattern_free (pattern);
      return NULL;
    }
  made = g_new0 (FanoutSearch, 1);
  made->pattern = pattern;
  made->group = (guint) number;
  made->replacement = g_strdup (replacement);
  return made;
}

void
fanout_search_free (gpointer data)
{
  FanoutSearch *made = data;

  fanout_pattern_free (made->pattern);
  g_free (made->replacement);
  g_free (made);
}

static void
run_match (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutSearch *wanted = instruction->payload;
  const FanoutVector *value = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_make_marks (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const PCRE2_SIZE *found = NULL;
      gboolean failed = FALSE;
      FanoutText text;

      marks[i] = fanout_vector_mark (value, i);
      if (marks[i] != FANOUT_MARK_VALUE)
        continue;
      text = fanout_vector_text (value, i);
      found = search (evaluator, wanted->pattern, text, 0, 0, &failed);
      if (found == NULL)
        marks[i] = failed ? FANOUT_MARK_BAD : FANOUT_MARK_NULL;
      else
        {
          const PCRE2_SIZE start = found[2 * wanted->group];
          const PCRE2_SIZE end = found[2 * wanted->group + 1];

          if (start == PCRE2_UNSET || end <= start)
            marks[i] = FANOUT_MARK_NULL;
          else
            texts[i] = (FanoutText){ text.data + start, end - start };
        }
    }
}

const FanoutOperation fanout_operation_match
    = { .name = "match", .run = run_match, .problem = explain };

static void
append_replacement (GString *out, const char *replacement, FanoutText text, const PCRE2_SIZE *found)
{
  for (const char *p = replacement; *p != '\0'; p++)
    if (*p == '\\' && p[1] == '\\')
      g_string_append_c (out, *++p);
    else if (*p == '\\')
      {
        const guint group = (guint) (*++p - '0');

        if (found[2 * group] != PCRE2_UNSET)
          g_string_append_len (out, text.data + found[2 * group],
                               (gssize) (found[2 * group + 1] - found[2 * group]));
      }
    else
      g_string_append_c (out, *p);
}

/* Every match in turn; FALSE when a search failed, where it becomes too long, and where one goes
 * back: what a look ahead or behind calls may move the start of its match with \K, behind the end
 * of it or before that of the last. */
static gboolean
substitute (FanoutEvaluator *evaluator, const FanoutSearch *wanted, FanoutText text, GString *out)
{
  gsize at = 0;
  gsize copied = 0;
  guint32 options = 0;

  while (at <= text.length)
    {
      gboolean failed;
      const PCRE2_SIZE *found = search (evaluator, wanted->pattern, text, at, options, &failed);

      if (failed)
        return FALSE;
      options = 0;
      if (found == NULL)
        break;
      if (found[0] < copied || found[1] < found[0]
          || !fanout_evaluator_has_room (evaluator, out->len))
        return FALSE;
      g_string_append_len (out, text.data + copied, (gssize) (found[0] - copied));
      append_replacement (out, wanted->replacement, text, found);
      copied = found[1];
      at = found[1];
      /* An empty match is not found twice at one place. */
      if (found[0] == found[1])
        {
          if (at >= text.length)
            break;
          for (at++; at < text.length && (text.data[at] & 0xc0) == 0x80;)
            at++;
        }
    }
  g_string_append_len (out, text.data + copied, (gssize) (text.length - copied));
  return fanout_evaluator_has_room (evaluator, out->len);
}

static void
run_sub (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutSearch *wanted = instruction->payload;
  const FanoutVector *value = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_make_marks (evaluator, result);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      char *room;

      marks[i] = fanout_vector_mark (value, i);
      if (marks[i] != FANOUT_MARK_VALUE)
        continue;
      g_string_truncate (out, 0);
      if (!substitute (evaluator, wanted, fanout_vector_text (value, i), out))
        marks[i] = FANOUT_MARK_BAD;
      else if (out->len == 0)
        marks[i] = FANOUT_MARK_NULL;
      else
        {
          room = fanout_evaluator_text (evaluator, out->len);
          memcpy (room, out->str, out->len);
          texts[i] = (FanoutText){ room, out->len };
        }
    }
}

static char *
explain_sub (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  (void) evaluator;
  (void) instruction;
  (void) row;
  return g_strdup (
      "the regular expression takes too many steps for this text, goes back in it with "
      "\\K, or makes more than 64 MB of it");
}

const FanoutOperation fanout_operation_sub
    = { .name = "sub", .run = run_sub, .problem = explain_sub };
