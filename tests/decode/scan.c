#include "tests/support/suite.h"
#include "core/decode/scan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that matter, more often than others. */
static const char *const alphabets[] = {
  "a,\n", "a \t\n", "\" a\n", "\"\"\",,\na", "\"\n", "\r\n\"a,", "abcdefghijklmnop,,\n",
  "\"",   "\n",     "a",
};

static char *
random_bytes (GRand *random, gsize length, guint kind)
{
  char *data = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    if (kind < G_N_ELEMENTS (alphabets))
      data[i] = alphabets[kind][g_rand_int_range (random, 0, (gint32) strlen (alphabets[kind]))];
    else
      data[i] = (char) g_rand_int_range (random, 0, kind % 2 == 0 ? 256 : 64);
  return data;
}

/* Byte by byte. */
static void
scan_slowly (const char *data, gsize length, gint quote, FanoutScan *scan)
{
  scan->tail = 0;
  scan->rows = scan->lines = 0;
  scan->quoted = scan->quoted && quote >= 0;
  for (gsize i = 0; i < length; i++)
    {
      scan->quoted ^= quote >= 0 && (guchar) data[i] == quote;
      scan->lines += data[i] == '\n';
      if (data[i] == '\n' && !scan->quoted)
        {
          scan->rows++;
          scan->tail = i + 1;
        }
    }
}

static void
check_scan (const FanoutScanner *scanner, const char *data, gsize length, gint quote,
            gboolean quoted)
{
  FanoutScan wanted = { .quoted = quoted };
  FanoutScan found = { .quoted = quoted };

  scan_slowly (data, length, quote, &wanted);
  scanner->scan (data, length, quote, &found);
  ck_assert_msg (found.quoted == wanted.quoted && found.tail == wanted.tail
                     && found.rows == wanted.rows && found.lines == wanted.lines,
                 "%s, %zu bytes", scanner->name, length);
}

static gboolean
is_end (const FanoutIndex *index, char c)
{
  if (index->delimiter == FANOUT_DELIMITER_WHITESPACE)
    return c == ' ' || c == '\t' || c == '\n';
  return c == '\n' || (guchar) c == index->delimiter;
}

/* A quote that opens or closes, or is one of two, where it may. */
static gboolean
is_placed (const FanoutIndex *index, const char *data, gsize length, gsize at, gboolean opening)
{
  const char quote = (char) index->quote;

  if (opening)
    return at == 0 || is_end (index, data[at - 1]) || data[at - 1] == quote;
  if (at + 1 == length || is_end (index, data[at + 1]) || data[at + 1] == quote)
    return TRUE;
  return data[at + 1] == '\r' && (at + 2 == length || data[at + 2] == '\n');
}

static guint
found_at (const FanoutIndex *index, const char *data, gsize length, gsize at, gboolean quotes,
          gboolean inside)
{
  const char quote = (char) index->quote;

  if (data[at] == '\0')
    return FANOUT_FOUND_NUL;
  if (data[at] == '\r')
    return FANOUT_FOUND_RETURN;
  if (index->quote < 0 || data[at] != quote)
    return 0;
  if (!quotes)
    return FANOUT_FOUND_QUOTE;
  return (guint) FANOUT_FOUND_QUOTE
         | (is_placed (index, data, length, at, inside) ? 0 : (guint) FANOUT_FOUND_MISPLACED)
         | (inside && at > 0 && data[at - 1] == quote ? (guint) FANOUT_FOUND_DOUBLED : 0);
}

/* Byte by byte, without limit. */
static void
index_slowly (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  const gboolean runs = index->delimiter == FANOUT_DELIMITER_WHITESPACE;
  gboolean inside = FALSE, in_run = FALSE;
  gsize in_row = 0;

  index->n = index->n_rows = index->found = 0;
  index->starts[0] = 0;
  for (gsize i = 0; i < length; i++)
    {
      const gboolean quote = quotes && data[i] == (char) index->quote;
      gboolean end, line;

      inside ^= quote;
      end = !inside && !quote && is_end (index, data[i]);
      line = end && data[i] == '\n';
      index->found |= found_at (index, data, length, i, quotes, inside);
      if (runs && in_run && end)
        index->nexts[index->n - 1] = (guint32) i + 1;
      if (runs && !in_run && !end)
        index->starts[index->n++] = (guint32) i;
      else if (!runs && end)
        index->starts[++index->n] = (guint32) i + 1;
      in_row += (runs ? !in_run && !end : end) ? 1 : 0;
      if (line ? in_row != index->n_fields : in_row > index->n_fields - !runs)
        index->found |= FANOUT_FOUND_UNEVEN;
      in_run = !end;
      index->n_rows += line ? 1 : 0;
      in_row = line ? 0 : in_row;
    }
}

static void
check_index (const FanoutScanner *scanner, const char *data, gsize length, gboolean quotes,
             const FanoutIndex *kind, gsize limit)
{
  const gboolean runs = kind->delimiter == FANOUT_DELIMITER_WHITESPACE;
  g_autofree guint32 *wanted_starts = g_new (guint32, length + 1);
  g_autofree guint32 *wanted_nexts = g_new (guint32, length + 1);
  g_autofree guint32 *found_starts = g_new (guint32, length + FANOUT_INDEX_SLACK);
  g_autofree guint32 *found_nexts = g_new (guint32, length + FANOUT_INDEX_SLACK);
  FanoutIndex wanted = *kind;
  FanoutIndex found = *kind;
  gsize looked_at;

  wanted.starts = wanted_starts;
  wanted.nexts = wanted_nexts;
  found.starts = found_starts;
  found.nexts = found_nexts;
  found.limit = limit;
  looked_at = scanner->index (data, length, quotes, &found);
  ck_assert_uint_le (looked_at, length);
  index_slowly (data, looked_at, quotes, &wanted);
  ck_assert_uint_eq (found.n, wanted.n);
  ck_assert_uint_eq (found.n_rows, wanted.n_rows);
  if (runs && kind->n_fields > 63)
    wanted.found |= FANOUT_FOUND_UNEVEN;
  ck_assert_uint_eq (found.found, wanted.found);
  if (runs && found.n > 0)
    {
      ck_assert_mem_eq (found_starts, wanted_starts, found.n * sizeof *found_starts);
      ck_assert_mem_eq (found_nexts, wanted_nexts, (found.n - 1) * sizeof *found_nexts);
    }
  else if (!runs)
    ck_assert_mem_eq (found_starts, wanted_starts, (found.n + 1) * sizeof *found_starts);
  if (looked_at < length)
    ck_assert_uint_ge (found.n, limit);
}

/* Copies with the data at each offset of a vector, at the end of what may be read. */
static void
check_all (const FanoutScanner *scanner, const char *bytes, gsize length)
{
  static const FanoutIndex kinds[] = {
    { .delimiter = ',', .quote = '"', .n_fields = 2 },
    { .delimiter = '\n', .quote = FANOUT_QUOTE_NONE, .n_fields = 1 },
    { .delimiter = 0xff, .quote = 'a', .n_fields = 1 },
    { .delimiter = ';', .quote = 0xff, .n_fields = 3 },
    { .delimiter = FANOUT_DELIMITER_WHITESPACE, .quote = '"', .n_fields = 1 },
    { .delimiter = FANOUT_DELIMITER_WHITESPACE, .quote = 'a', .n_fields = 2 },
    { .delimiter = FANOUT_DELIMITER_WHITESPACE, .quote = FANOUT_QUOTE_NONE, .n_fields = 64 },
    { .delimiter = ',', .quote = '"', .n_fields = 64 },
    { .delimiter = ',', .quote = '"', .n_fields = 65 },
  };
  const gsize offset = length % 67;
  g_autofree char *copy = g_malloc (offset + length + 1);
  char *data = copy + offset + 1; /* one more: never NULL */

  memcpy (data, bytes, length);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      check_scan (scanner, data, length, kinds[i].quote, FALSE);
      check_scan (scanner, data, length, kinds[i].quote, TRUE);
      check_index (scanner, data, length, FALSE, &kinds[i], length + 1);
      check_index (scanner, data, length, FALSE, &kinds[i], length / 7);
      if (kinds[i].quote >= 0)
        {
          check_index (scanner, data, length, TRUE, &kinds[i], length + 1);
          check_index (scanner, data, length, TRUE, &kinds[i], length / 7);
        }
    }
}

START_TEST (test_scanners)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (20);

  ck_assert_str_eq (all[0]->name, "plain");
  for (guint kind = 0; kind < G_N_ELEMENTS (alphabets) + 2; kind++)
    for (gsize length = 0; length < 300; length += length < 140 ? 1 : 9)
      {
        g_autofree char *data = random_bytes (random, length, kind);

        for (guint i = 0; i < n; i++)
          check_all (all[i], data, length);
      }
}
END_TEST

START_TEST (test_long)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (21);

  for (guint kind = 0; kind < G_N_ELEMENTS (alphabets) + 2; kind++)
    for (gsize length = 4000; length < 21000; length = length * 5 / 4 + 1)
      {
        g_autofree char *data = random_bytes (random, length, kind);

        for (guint i = 0; i < n; i++)
          check_all (all[i], data, length);
      }
}
END_TEST

/* Cut anywhere, the pieces say the same as the whole. */
START_TEST (test_pieces)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (22);

  for (guint round = 0; round < 300; round++)
    {
      const gsize length = (gsize) g_rand_int_range (random, 0, 9000);
      g_autofree char *data = random_bytes (random, length, round % 9);
      FanoutScan whole = { .quoted = FALSE };
      FanoutScan piece = { .quoted = FALSE };
      guint64 rows = 0, lines = 0;
      gsize tail = 0;

      scan_slowly (data, length, '"', &whole);
      for (gsize at = 0, n; at < length; at += n)
        {
          n = (gsize) g_rand_int_range (random, 1, 5000);
          n = MIN (n, length - at);
          fanout_scan_quoted (data + at, n, '"', &piece);
          rows += piece.rows;
          lines += piece.lines;
          tail = piece.tail > 0 ? at + piece.tail : tail;
        }
      ck_assert_uint_eq (rows, whole.rows);
      ck_assert_uint_eq (lines, whole.lines);
      ck_assert_uint_eq (tail, whole.tail);
      ck_assert_int_eq (piece.quoted, whole.quoted);
      fanout_scan_lines (data, length, &piece);
      ck_assert_uint_eq (piece.rows, whole.lines);
      ck_assert_int_eq (piece.quoted, FALSE);
    }
}
END_TEST

/* Fields with a semicolon behind each; some look like numbers. */
typedef struct
{
  GString *text;
  GArray *fields; /* of FanoutField */
} Fields;

static void
fields_clear (Fields *fields)
{
  g_string_free (fields->text, TRUE);
  g_array_free (fields->fields, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static void
append_number (GRand *random, GString *text, guint length, gboolean plain)
{
  static const char others[] = "0123456789.-+ eE/:xn\xb0\x9e";
  const gint point = g_rand_int_range (random, -4, (gint32) length + 1);

  if (plain && length > 1 && g_rand_int_range (random, 0, 3) == 0)
    {
      g_string_append_c (text, '-');
      length--;
    }
  for (guint i = 0; i < length; i++)
    if (!plain && g_rand_int_range (random, 0, 5) == 0)
      g_string_append_c (text, others[g_rand_int_range (random, 0, sizeof others - 1)]);
    else if (plain && length > 1 && (gint) i == point)
      g_string_append_c (text, '.');
    else
      g_string_append_c (text, (char) ('0' + g_rand_int_range (random, 0, 10)));
}

/* One in `odd` is not plain; 0: none. */
static void
make_fields (Fields *made, GRand *random, guint n, guint longest, guint odd)
{
  made->text = g_string_new (NULL);
  made->fields = g_array_sized_new (FALSE, FALSE, sizeof (FanoutField), n + 1);
  for (guint i = 0; i < FANOUT_PADDING; i++)
    g_string_append_c (made->text, "7.-;"[i % 4]);
  for (guint i = 0; i < n; i++)
    {
      FanoutField field = { (guint32) made->text->len - FANOUT_PADDING, 0 };

      append_number (random, made->text, (guint) g_rand_int_range (random, 0, (gint32) longest + 1),
                     odd == 0 || g_rand_int_range (random, 0, (gint32) odd) > 0);
      g_string_append_c (made->text, ';');
      field.next = (guint32) made->text->len - FANOUT_PADDING;
      g_array_append_val (made->fields, field);
    }
}

/* The digits after the point of a plain number; -1 when it is none that fits the scale. */
static gint
plain_digits (const char *text, gsize length, guint8 scale)
{
  const char *point = memchr (text, '.', length);
  const gsize after = point != NULL ? (gsize) (text + length - point) - 1 : 0;
  FanoutNumber number;
  gint64 mantissa;

  if (after > scale || !fanout_number_parse (text, length, &number, NULL)
      || fanout_number_is_double (number))
    return -1;
  mantissa = number.mantissa;
  for (guint i = number.scale; i < scale; i++)
    if (__builtin_mul_overflow (mantissa, 10, &mantissa))
      return -1;
  return (gint) after;
}

/* As they lie between those of other columns; `at` is freed by the caller. */
static FanoutFields
spread_fields (const Fields *made, gsize step, guint32 **at)
{
  const gsize n = made->fields->len;

  *at = g_new0 (guint32, (n + 1) * step + 2);
  for (gsize i = n; i-- > 0;)
    memcpy (*at + i * step, made->fields->data + i * sizeof (FanoutField), sizeof (FanoutField));
  return (FanoutFields){ made->text->str + FANOUT_PADDING, *at, step };
}

static void
check_numbers (const FanoutScanner *scanner, const Fields *made, gsize step, guint8 scale,
               gboolean all)
{
  const gsize n = made->fields->len;
  const FanoutField *fields = (const FanoutField *) (const void *) made->fields->data;
  const char *data = made->text->str + FANOUT_PADDING;
  g_autofree gint64 *mantissas = g_new (gint64, n + 1);
  g_autofree guint8 *nulls = g_new0 (guint8, n + 1);
  FanoutScaled scaled = { .scale = scale };
  g_autofree guint32 *at = NULL;
  const FanoutFields spread = spread_fields (made, step, &at);
  const gsize done = scanner->numbers (spread, n, mantissas, nulls, &scaled);
  guint8 most = 0;
  gboolean any_null = FALSE;

  ck_assert_uint_le (done, n);
  ck_assert (!all || done == n);
  for (gsize i = 0; i < done; i++)
    {
      const char *text = data + fields[i].start;
      const gsize length = fields[i].next - fields[i].start - 1;
      FanoutNumber number = fanout_number_decimal (0, 0);

      ck_assert_uint_eq (nulls[i], length == 0);
      any_null |= length == 0;
      if (length > 0)
        {
          const gint after = plain_digits (text, length, scale);

          ck_assert_msg (after >= 0 && fanout_number_parse (text, length, &number, NULL),
                         "%s: %.*s", scanner->name, (int) length, text);
          most = MAX (most, (guint8) after);
        }
      ck_assert_msg (fanout_number_compare (number, fanout_number_decimal (mantissas[i], scale))
                         == 0,
                     "%s: %.*s", scanner->name, (int) length, text);
    }
  ck_assert_uint_eq (scaled.most_digits, most);
  ck_assert_int_eq (scaled.any_null, any_null);
}

static gboolean
all_fit (const Fields *made, guint8 scale)
{
  for (guint i = 0; i < made->fields->len; i++)
    {
      const FanoutField field = g_array_index (made->fields, FanoutField, i);
      const gsize length = field.next - field.start - 1;

      if (length > 0
          && plain_digits (made->text->str + FANOUT_PADDING + field.start, length, scale) < 0)
        return FALSE;
    }
  return TRUE;
}

START_TEST (test_numbers)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (23);

  for (guint round = 0; round < 7000; round++)
    {
      static const guint longest[] = { 1, 2, 3, 8, 9, 16, 21 };
      static const guint odd[] = { 0, 0, 30, 3 };
      const guint kind = round % 7;
      g_auto (Fields) made = { 0 };

      make_fields (&made, random, (guint) g_rand_int_range (random, 0, 40), longest[kind],
                   odd[round % 4]);
      for (guint i = 0; i < n; i++)
        {
          const guint8 scale = (guint8) (round % 5 == 0 ? g_rand_int_range (random, 0, 19)
                                                        : g_rand_int_range (random, 0, 9));

          check_numbers (all[i], &made, 2 + round % 3, scale,
                         kind < 6 && odd[round % 4] == 0 && all_fit (&made, scale));
        }
    }
}
END_TEST

/* All of one shape, as most columns are. */
START_TEST (test_numbers_alike)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (24);

  for (guint round = 0; round < 2000; round++)
    {
      const guint after = round % 9;
      g_auto (Fields) made = { 0 };

      make_fields (&made, random, 0, 1, 0);
      for (guint i = 0; i < 19; i++)
        {
          FanoutField field = { (guint32) made.text->len - FANOUT_PADDING, 0 };

          g_string_append_printf (made.text, "%s%u", g_rand_boolean (random) ? "-" : "",
                                  g_rand_int (random) >> g_rand_int_range (random, 0, 32));
          if (after > 0)
            g_string_append_printf (made.text, ".%0*u", (int) after,
                                    g_rand_int (random) % (guint) (after > 1 ? 97 : 10));
          g_string_append_c (made.text, ';');
          field.next = (guint32) made.text->len - FANOUT_PADDING;
          g_array_append_val (made.fields, field);
        }
      for (guint i = 0; i < n; i++)
        check_numbers (all[i], &made, 2 + round % 2, (guint8) after, after <= 4);
    }
}
END_TEST

/* Times and identifiers: whole numbers as long as each other, some of them with one that is not. */
START_TEST (test_integers_alike)
{
  static const char *const odd[]
      = { NULL, "", "7", "-1704067200", "1704067200.5", "12345678901234567" };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (25);

  for (guint round = 0; round < 2000; round++)
    {
      const guint length = 8 + round % 11;
      const char *other = odd[round / 11 % G_N_ELEMENTS (odd)];
      const gint place = g_rand_int_range (random, 0, 40);
      g_auto (Fields) made = { 0 };

      make_fields (&made, random, 0, 1, 0);
      for (gint i = 0; i < 40; i++)
        {
          FanoutField field = { (guint32) made.text->len - FANOUT_PADDING, 0 };

          if (i == place && other != NULL)
            g_string_append (made.text, other);
          else
            for (guint d = 0; d < length; d++)
              g_string_append_c (made.text, (gchar) g_rand_int_range (random, '0', '9' + 1));
          g_string_append_c (made.text, ';');
          field.next = (guint32) made.text->len - FANOUT_PADDING;
          g_array_append_val (made.fields, field);
        }
      for (guint i = 0; i < n; i++)
        check_numbers (all[i], &made, 2 + round % 2, 0, other == NULL && length <= 18);
    }
}
END_TEST

START_TEST (test_texts)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n_scanners = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (25);

  for (guint round = 0; round < 2000; round++)
    {
      const guint n = (guint) g_rand_int_range (random, 0, 40);
      g_auto (Fields) made = { 0 };
      const FanoutField *fields;

      make_fields (&made, random, n, 40, round % 3);
      fields = (const FanoutField *) (const void *) made.fields->data;
      for (guint k = 0; k < n_scanners; k++)
        {
          g_autofree FanoutText *texts = g_new (FanoutText, n + 1);
          g_autofree guint32 *at = NULL;
          const char *data = made.text->str + FANOUT_PADDING;
          const gboolean found
              = all[k]->texts (spread_fields (&made, 2 + round % 3, &at), n, texts);
          gboolean any = FALSE;

          for (guint i = 0; i < n; i++)
            {
              ck_assert_ptr_eq (texts[i].data, data + fields[i].start);
              ck_assert_uint_eq (texts[i].length, fields[i].next - fields[i].start - 1);
              any |= texts[i].length == 0;
            }
          ck_assert_int_eq (found, any);
        }
    }
}
END_TEST

START_TEST (test_best)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  ck_assert_ptr_eq (fanout_scanner (), all[n - 1]);
  ck_assert_ptr_eq (fanout_scanner (), fanout_scanner ());
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("scan");
  TCase *tests = tcase_create ("scan");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_scanners);
  tcase_add_test (tests, test_long);
  tcase_add_test (tests, test_pieces);
  tcase_add_test (tests, test_numbers);
  tcase_add_test (tests, test_numbers_alike);
  tcase_add_test (tests, test_integers_alike);
  tcase_add_test (tests, test_texts);
  tcase_add_test (tests, test_best);
  suite_add_tcase (suite, tests);
  return suite;
}
