#include "tests/support/suite.h"
#include "tests/support/decode.h"

/* The decoder as one would write it first. */

typedef struct
{
  const Case *test;
  guint n_fields;
  GString *out;
  guint64 record, line;
  guint64 skipped, nulled, rounded;
  char *first_skipped, *first_nulled, *failure;
} Reference;

/* Bytes of the delimiter that there is; 0: none. */
static gsize
delimiter_slowly (const FanoutDialect *dialect, const char *text, gsize length)
{
  const char one[2] = { (char) dialect->delimiter, '\0' };
  const char *delimiter = dialect->delimiter_text != NULL ? dialect->delimiter_text : one;
  const gsize n = strlen (delimiter);

  if (dialect->delimiter == FANOUT_DELIMITER_WHITESPACE)
    return length > 0 && (*text == ' ' || *text == '\t') ? 1 : 0;
  if (dialect->delimiter == FANOUT_DELIMITER_NONE)
    return 0;
  return length >= n && memcmp (text, delimiter, n) == 0 ? n : 0;
}

static void
cut_blanks (GString *field)
{
  while (field->len > 0 && strchr (" \t", field->str[field->len - 1]) != NULL)
    g_string_truncate (field, field->len - 1);
}

/* The fields of a row, each a GString; FALSE with the number of the one with a quote out of place.
 */
static gboolean
split_slowly (const FanoutDialect *dialect, const char *text, gsize length, GPtrArray *fields)
{
  enum
  {
    START,
    PLAIN,
    QUOTED,
    CLOSED,
  } state
      = START;
  const gboolean runs = dialect->delimiter == FANOUT_DELIMITER_WHITESPACE;
  GString *field = NULL;
  gsize step;

  for (gsize i = 0; i <= length; i += step)
    {
      const gsize delimiter = delimiter_slowly (dialect, text + i, length - i);
      const gboolean blank = i < length && (text[i] == ' ' || text[i] == '\t') && delimiter == 0;
      const gboolean quote = i < length && dialect->quote >= 0 && text[i] == (char) dialect->quote;
      const gboolean end = i == length || delimiter > 0;

      step = state != QUOTED && delimiter > 0 ? delimiter : 1;
      if (state == START && runs && end)
        continue;
      if (dialect->trim && blank && (state == START || state == CLOSED))
        continue;
      if (dialect->trim && state == START && i == length && fields->len == 0)
        continue;
      if (dialect->trim && state == PLAIN && end)
        cut_blanks (field);
      if (state == START)
        g_ptr_array_add (fields, field = g_string_new (NULL));
      if (state == QUOTED && !quote && i < length)
        g_string_append_c (field, text[i]);
      else if (state == QUOTED)
        state = CLOSED;
      else if (end)
        state = START;
      else if (quote && state == START)
        state = QUOTED;
      else if (quote && state == CLOSED)
        {
          g_string_append_c (field, text[i]);
          state = QUOTED;
        }
      else if (quote || state == CLOSED)
        return FALSE;
      else
        {
          g_string_append_c (field, text[i]);
          state = PLAIN;
        }
    }
  return TRUE;
}

static gboolean
is_null_slowly (const Case *test, const GString *field)
{
  g_autofree char *bare = g_strdup (field->str);
  gboolean found = field->len == 0;

  while (*bare != '\0' && strchr (" \t", bare[strlen (bare) - 1]) != NULL)
    bare[strlen (bare) - 1] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (test->null_values) && test->null_values[i] != NULL; i++)
    found |= strcmp (bare + strspn (bare, " \t"), test->null_values[i]) == 0;
  return found;
}

/* FALSE: a bad value that fails; `out` says so. */
static gboolean
put_slowly (Reference *self, guint column, const GString *field, GString *row)
{
  FanoutNumber number;
  gboolean rounded;

  g_string_append_c (row, '|');
  if (is_null_slowly (self->test, field))
    g_string_append_c (row, '-');
  else if (self->test->takes[column] == T)
    append_text (row, field->str, field->len);
  else if (self->test->takes[column] == X)
    g_string_append_c (row, '+');
  else if (strspn (field->str, " \t") == field->len)
    g_string_append_c (row, '-');
  else if (fanout_number_parse (field->str, field->len, &number, &rounded))
    {
      append_number (row, number);
      self->rounded += (guint64) rounded;
    }
  else
    {
      g_autofree char *shown = fanout_quote (field->str, (gssize) field->len);
      char *message = g_strdup_printf ("f:%" G_GUINT64_FORMAT ": column '%c': %s is not a number",
                                       self->line, 'a' + (char) column, shown);

      if (self->test->on_bad_value == FANOUT_BAD_FAIL)
        {
          self->failure = g_strconcat (
              message, "; null-values or on-bad-value = null take it for no value", NULL);
          g_free (message);
          return FALSE;
        }
      g_string_append_c (row, '-');
      if (self->nulled++ == 0)
        self->first_nulled = message;
      else
        g_free (message);
    }
  return TRUE;
}

static gboolean
put_row_slowly (Reference *self, const GPtrArray *fields)
{
  g_autoptr (GString) row = g_string_new (NULL);
  g_autoptr (GString) empty = g_string_new (NULL);

  g_string_printf (row, "%" G_GUINT64_FORMAT, self->record);
  for (guint i = 0; i < self->test->n_columns; i++)
    {
      const guint field = self->test->fields[i];

      if (!put_slowly (self, i, field < fields->len ? fields->pdata[field] : empty, row))
        return FALSE;
    }
  g_string_append_printf (self->out, "%s\n", row->str);
  return TRUE;
}

static void
free_field (gpointer field)
{
  g_string_free (field, TRUE);
}

#define LETTERS "; where quotes are letters: quote = none"

static char *
open_slowly (const Reference *self, const char *text, gsize length)
{
  guint64 line = self->line;
  guint64 opened = 0;

  for (gsize i = 0; i < length; i++)
    {
      line += text[i] == '\n';
      opened = (guchar) text[i] == self->test->dialect.quote ? line : opened;
    }
  if (opened == self->line)
    return g_strdup ("a quote in this row is never closed" LETTERS);
  return g_strdup_printf (
      "a quote that opens in line %" G_GUINT64_FORMAT " is never closed" LETTERS, opened);
}

static const char *
quotes_slowly (const FanoutDialect *dialect, const char *text, gsize length)
{
  static const char *const delimiters[] = { "; where fields end in commas: delimiter = ,",
                                            "; where fields end in semicolons: delimiter = ;",
                                            "; where fields end in tabs: delimiter = tab",
                                            "; where fields end in '|': delimiter = |" };
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (free_field);
  FanoutDialect trimmed = *dialect;

  trimmed.trim = TRUE;
  if (!dialect->trim && split_slowly (&trimmed, text, length, fields))
    return "; where there are blanks around quotes: trim = true";
  if (text[0] == '{' && text[length - 1] == '}')
    return "; where lines are JSON: type = jsonl";
  for (gsize i = 0; i < 4; i++)
    {
      const FanoutDialect other
          = { .delimiter = ",;\t|"[i], .quote = dialect->quote, .trim = dialect->trim };

      g_ptr_array_set_size (fields, 0);
      if (split_slowly (&other, text, length, fields) && fields->len > 1)
        return delimiters[i];
    }
  return LETTERS;
}

static gboolean
is_comment_slowly (const FanoutDialect *dialect, const char *text, gsize length)
{
  return dialect->comment != NULL && length >= strlen (dialect->comment)
         && memcmp (text, dialect->comment, strlen (dialect->comment)) == 0;
}

/* One row without its end; FALSE when it fails. */
static gboolean
row_slowly (Reference *self, const char *text, gsize length, gboolean open)
{
  const Case *test = self->test;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (free_field);
  g_autofree char *reason = NULL;
  char *message;

  if (is_comment_slowly (&test->dialect, text, length))
    return TRUE;
  const gboolean is_long = test->max_row > 0 && length > test->max_row;

  for (gsize i = 0; is_long && i < test->max_row; i++)
    open = (i > 0 && open) ^ ((guchar) text[i] == test->dialect.quote);
  if (is_long)
    reason = g_strdup_printf ("a row longer than max-row (%zu bytes)%s%s", test->max_row,
                              open ? "; it is inside of quotes there" : "", open ? LETTERS : "");
  else if (open)
    reason = open_slowly (self, text, length);
  else if (memchr (text, '\0', length) != NULL)
    reason = g_strdup ("a NUL byte");
  else if (!split_slowly (&test->dialect, text, length, fields))
    reason = g_strdup_printf ("field %u: a quote that is neither at an edge of it nor doubled%s",
                              fields->len, quotes_slowly (&test->dialect, text, length));
  else if (length == 0 || fields->len == 0)
    return self->n_fields != 1 || put_row_slowly (self, fields);
  else if (fields->len != self->n_fields && !test->dialect.ragged)
    reason = g_strdup_printf ("%u field%s where %u %s wanted" RAGGED, fields->len,
                              fields->len == 1 ? "" : "s", self->n_fields,
                              self->n_fields == 1 ? "is" : "are");
  else
    return put_row_slowly (self, fields);
  message = g_strdup_printf ("f:%" G_GUINT64_FORMAT ": %s", self->line, reason);
  if (test->on_bad_row == FANOUT_BAD_FAIL)
    {
      self->failure = message;
      return FALSE;
    }
  if (self->skipped++ == 0)
    self->first_skipped = message;
  else
    g_free (message);
  return TRUE;
}

static gboolean
rows_slowly (Reference *self, const char *text, gsize length)
{
  for (gsize at = 0, next; at < length; at = next)
    {
      const FanoutDialect *dialect = &self->test->dialect;
      const gboolean quotes
          = dialect->quote >= 0 && !is_comment_slowly (dialect, text + at, length - at);
      gboolean inside = FALSE;
      gsize end = at;
      guint64 lines = 1;

      for (; end < length && (inside || text[end] != '\n'); end++)
        {
          inside ^= quotes && (guchar) text[end] == dialect->quote;
          lines += text[end] == '\n';
        }
      next = MIN (end + 1, length);
      if (end < length && end > at && text[end - 1] == '\r')
        end--;
      if (!row_slowly (self, text + at, end - at, inside))
        return FALSE;
      self->record++;
      self->line += lines;
    }
  return TRUE;
}

/* As decode(), after the header. */
static char *
decode_slowly (const Case *test, guint n_fields, const char *text, gsize length, guint64 *rounded)
{
  Reference self = { .test = test, .n_fields = n_fields, .out = g_string_new (NULL), .line = 1 };

  rows_slowly (&self, text, length);
  if (self.skipped > 0)
    g_string_append_printf (self.out, "skipped %" G_GUINT64_FORMAT ": %s\n", self.skipped,
                            self.first_skipped);
  if (self.nulled > 0)
    g_string_append_printf (self.out, "nulled %" G_GUINT64_FORMAT ": %s\n", self.nulled,
                            self.first_nulled);
  if (self.failure != NULL)
    g_string_append_printf (self.out, "%s @%" G_GUINT64_FORMAT "\n", self.failure, self.record);
  g_free (self.first_skipped);
  g_free (self.first_nulled);
  g_free (self.failure);
  *rounded = self.rounded;
  return g_string_free (self.out, FALSE);
}

static const char *
pick (GRand *random, const char *const *items, guint n)
{
  return items[g_rand_int_range (random, 0, (gint32) n)];
}

/* A field, sometimes in quotes. */
static void
append_field (GRand *random, GString *out, gboolean quotes)
{
  static const char *const fields[] = {
    "1",
    "-12.3",
    "0.5",
    "",
    "17",
    "99.9",
    "-0",
    "12345678",
    "123456789",
    "3.14",
    "1.50",
    "1e3",
    "nan",
    "+4",
    "abc",
    "NA",
    "-1",
    "x y",
    "7",
    "-8.1",
    "20.0",
    "3",
    "-5.6",
    "0",
    "1e20",
    "12345678901234567890123",
    "-9223372036854775807",
    "0.000000000000000001",
    "9223372036854775808",
    "123456.789012",
  };
  const gboolean plain = g_rand_int_range (random, 0, 3) > 0;
  const gboolean quoted = quotes && g_rand_int_range (random, 0, 4) == 0;
  const char *text = pick (random, fields, plain ? 6 : G_N_ELEMENTS (fields));

  g_string_append (out, quoted ? "\"" : "");
  g_string_append (out, text);
  if (quoted && g_rand_int_range (random, 0, 4) == 0)
    g_string_append (out, "\"\",\r\n");
  g_string_append (out, quoted ? "\"" : "");
}

static void
append_blanks (GRand *random, GString *out, const FanoutDialect *dialect)
{
  static const char *const blanks[] = { "", "", "", "", " ", "\t ", "  " };

  if (dialect->trim)
    g_string_append (out, pick (random, blanks, G_N_ELEMENTS (blanks)));
}

static GString *
random_table (GRand *random, guint n_fields, const FanoutDialect *dialect, gsize length)
{
  const char one[2] = { dialect->delimiter < 0 ? ' ' : (char) dialect->delimiter, '\0' };
  const char *delimiter = dialect->delimiter_text != NULL ? dialect->delimiter_text : one;

  GString *out = g_string_new (NULL);
  const gboolean quotes = g_rand_boolean (random);
  const gint returns = g_rand_int_range (random, 0, 3);

  while (out->len < length)
    {
      guint n = n_fields;

      if (dialect->comment != NULL && g_rand_int_range (random, 0, 8) == 0)
        g_string_append (out, dialect->comment);
      if (dialect->ragged && g_rand_boolean (random))
        n = (guint) g_rand_int_range (random, 0, (gint32) n_fields + 3);
      for (guint i = 0; i < n; i++)
        {
          append_blanks (random, out, dialect);
          append_field (random, out, quotes);
          append_blanks (random, out, dialect);
          if (i + 1 < n)
            g_string_append (out, delimiter);
        }
      if (returns == 1 || (returns == 2 && g_rand_boolean (random)))
        g_string_append_c (out, '\r');
      g_string_append_c (out, '\n');
    }
  return out;
}

static void
mutate (GRand *random, GString *text)
{
  static const char bytes[] = ",,\n\n\"\"\r\r\n\0.-+eE 19\t;x\xff";
  const gint n = g_rand_int_range (random, 0, 4);

  for (gint i = 0; i < n && text->len > 0; i++)
    {
      const gsize at = (gsize) g_rand_int_range (random, 0, (gint32) text->len);
      const char byte = bytes[g_rand_int_range (random, 0, sizeof bytes)];

      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
          g_string_erase (text, (gssize) at, 1);
          break;
        case 1:
          g_string_insert_c (text, (gssize) at, byte);
          break;
        case 2:
          g_string_truncate (text, MAX (at, text->len / 2));
          break;
        default:
          text->str[at] = byte;
        }
    }
}

/* What is not usual. */
static void
random_habits (GRand *random, Case *test)
{
  static const char *const delimiters[] = { "||", ",;", "\t\t", ", ", ",,-", "\x01\x02" };
  static const char *const comments[] = { "#", "##", "1", "-", "x#x", "99.9" };
  FanoutDialect *dialect = &test->dialect;

  if (g_rand_boolean (random))
    return;
  dialect->ragged = g_rand_boolean (random);
  dialect->trim = g_rand_boolean (random);
  if (g_rand_boolean (random))
    dialect->comment = pick (random, comments, G_N_ELEMENTS (comments));
  if (dialect->delimiter >= 0 && g_rand_int_range (random, 0, 3) == 0)
    {
      dialect->delimiter_text = pick (random, delimiters, G_N_ELEMENTS (delimiters));
      dialect->delimiter = (guchar) dialect->delimiter_text[0];
    }
  for (guint i = 0; i < test->n_columns; i++)
    if (g_rand_int_range (random, 0, 8) == 0)
      test->fields[i] = FANOUT_FIELD_NONE;
}

static Case
random_case (GRand *random, guint n_fields)
{
  static const gint delimiters[]
      = { ',', ',', ';', '\t', FANOUT_DELIMITER_WHITESPACE, FANOUT_DELIMITER_NONE };
  static const FanoutTakes takes[] = { N, N, T, X };
  Case test = { .n_columns = (guint) g_rand_int_range (random, 0, 5) };

  test.dialect.delimiter = delimiters[g_rand_int_range (random, 0, 6)];
  test.dialect.quote = g_rand_int_range (random, 0, 4) > 0 ? '"' : FANOUT_QUOTE_NONE;
  if (test.dialect.delimiter == FANOUT_DELIMITER_NONE)
    test.dialect.quote = FANOUT_QUOTE_NONE;
  for (guint i = 0; i < test.n_columns; i++)
    {
      test.fields[i] = (guint) g_rand_int_range (random, 0, (gint32) n_fields);
      test.takes[i] = takes[g_rand_int_range (random, 0, 4)];
    }
  random_habits (random, &test);
  test.on_bad_row = g_rand_boolean (random) ? FANOUT_BAD_PASS : FANOUT_BAD_FAIL;
  test.on_bad_value = g_rand_int_range (random, 0, 4) > 0 ? FANOUT_BAD_PASS : FANOUT_BAD_FAIL;
  test.max_row = g_rand_int_range (random, 0, 5) == 0 ? 30 : g_rand_boolean (random) ? 0 : 100000;
  if (g_rand_int_range (random, 0, 3) == 0)
    {
      test.null_values[0] = "NA";
      test.null_values[1] = "-1";
    }
  return test;
}

static void
check_random (GRand *random, gsize length)
{
  static const gsize capacities[] = { 1, 2, 7, 100, 1000, 4096 };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  guint n_fields = (guint) g_rand_int_range (random, 1, 5);
  Case test = random_case (random, n_fields);
  g_autoptr (GString) text = random_table (random, n_fields, &test.dialect, length);
  g_autofree char *wanted = NULL, *found = NULL;
  guint64 rounded, found_rounded;
  gsize piece;

  mutate (random, text);
  /* A first row that is as it should be: without header it says how many fields there are. */
  for (guint i = 0; i < n_fields; i++)
    {
      const char one[2]
          = { test.dialect.delimiter < 0 ? ' ' : (char) test.dialect.delimiter, '\0' };

      g_string_prepend (text, i == 0                                ? "\n"
                              : test.dialect.delimiter_text != NULL ? test.dialect.delimiter_text
                                                                    : one);
      g_string_prepend_c (text, '2');
    }
  if (test.dialect.delimiter == FANOUT_DELIMITER_NONE)
    {
      n_fields = 1;
      memset (test.fields, 0, sizeof test.fields);
    }
  piece = (gsize) g_rand_int_range (random, 1, (gint32) text->len + 2);
  wanted = decode_slowly (&test, n_fields, text->str, text->len, &rounded);
  found = decode (all[g_rand_int_range (random, 0, (gint32) n)], &test, text->str, text->len,
                  capacities[g_rand_int_range (random, 0, G_N_ELEMENTS (capacities))],
                  g_rand_boolean (random) ? piece : text->len, &found_rounded);
  ck_assert_str_eq (found, wanted);
  if (strstr (wanted, " @") == NULL)
    ck_assert_uint_eq (found_rounded, rounded);
}

START_TEST (test_random)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (30);

  for (guint i = 0; i < 6000; i++)
    check_random (random, (gsize) g_rand_int_range (random, 0, 600));
}
END_TEST

START_TEST (test_random_long)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (31);

  for (guint i = 0; i < 60; i++)
    check_random (random, (gsize) g_rand_int_range (random, 10000, 90000));
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("decode-random");
  TCase *tests = tcase_create ("decode-random");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_random);
  tcase_add_test (tests, test_random_long);
  suite_add_tcase (suite, tests);
  return suite;
}
