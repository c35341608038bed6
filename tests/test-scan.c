#include "core/scan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that matter, more often than others. */
static const char *const alphabets[] = {
  "a,\n", "\"\"\",,\na", "\"\n", "\r\n\"a,", "abcdefghijklmnop,,\n", "\"", "\n", "a",
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
  return c == '\n' || c == index->delimiter;
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

/* Byte by byte, without limit. */
static void
index_slowly (const char *data, gsize length, gboolean quotes, FanoutIndex *index)
{
  gboolean inside = FALSE;

  index->n = index->n_rows = index->found = 0;
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '\0')
        index->found |= FANOUT_FOUND_NUL;
      if (data[i] == '\r')
        index->found |= FANOUT_FOUND_RETURN;
      if (index->quote >= 0 && data[i] == (char) index->quote)
        {
          index->found |= FANOUT_FOUND_QUOTE;
          inside ^= quotes;
          if (quotes && !is_placed (index, data, length, i, inside))
            index->found |= FANOUT_FOUND_MISPLACED;
          if (quotes && inside && i > 0 && data[i - 1] == (char) index->quote)
            index->found |= FANOUT_FOUND_DOUBLED;
        }
      else if (!inside && is_end (index, data[i]))
        {
          index->positions[index->n++] = (guint32) i;
          index->n_rows += data[i] == '\n';
        }
    }
}

static void
check_index (const FanoutScanner *scanner, const char *data, gsize length, gboolean quotes,
             const FanoutIndex *kind, gsize limit)
{
  g_autofree guint32 *wanted_at = g_new (guint32, length + 1);
  g_autofree guint32 *found_at = g_new (guint32, length + FANOUT_INDEX_SLACK);
  FanoutIndex wanted = *kind;
  FanoutIndex found = *kind;
  gsize looked_at;

  wanted.positions = wanted_at;
  found.positions = found_at;
  found.limit = limit;
  looked_at = scanner->index (data, length, quotes, &found);
  ck_assert_uint_le (looked_at, length);
  index_slowly (data, looked_at, quotes, &wanted);
  ck_assert_uint_eq (found.n, wanted.n);
  ck_assert_uint_eq (found.n_rows, wanted.n_rows);
  ck_assert_uint_eq (found.found, wanted.found);
  ck_assert_mem_eq (found_at, wanted_at, found.n * sizeof *found_at);
  if (looked_at < length)
    ck_assert_uint_ge (found.n, limit);
}

/* Copies with the data at each offset of a vector, at the end of what may be read. */
static void
check_all (const FanoutScanner *scanner, const char *bytes, gsize length)
{
  static const FanoutIndex kinds[] = {
    { .delimiter = ',', .quote = '"' },
    { .delimiter = '\n', .quote = FANOUT_QUOTE_NONE },
    { .delimiter = '\xff', .quote = 'a' },
    { .delimiter = ';', .quote = '\xff' },
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
    for (gsize length = 0; length < 300; length++)
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

START_TEST (test_best)
{
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  ck_assert_ptr_eq (fanout_scanner (), all[n - 1]);
  ck_assert_ptr_eq (fanout_scanner (), fanout_scanner ());
}
END_TEST

static Suite *
scan_suite (void)
{
  Suite *suite = suite_create ("scan");
  TCase *tests = tcase_create ("scan");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_scanners);
  tcase_add_test (tests, test_long);
  tcase_add_test (tests, test_pieces);
  tcase_add_test (tests, test_best);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (scan_suite ());
  int failed;

  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
