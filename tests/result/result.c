#include "tests/support/suite.h"
#include "core/handover/node.h"
#include "core/result/result.h"
#include "core/base/output.h"

#include <check.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum
{
  SLACK = 16,
  PARTS = 3,
};

/* A state is the number of its group; what it comes to is a function of that. */
typedef struct
{
  guint64 group;
} State;

/* Two columns: the group's number, and its remainder, which is a null now and then. */
static gboolean
finish_numbers (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) self;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 group = ((const State *) states)[i].group;

      fanout_out_count (out, i, 0, group);
      if (group % 11 != 10)
        fanout_out_number (out, i, 1, fanout_number_decimal ((gint64) (group % 11) - 5, 1));
      if (group == 7)
        fanout_out_approximate (out, 1, "roughly");
    }
  return TRUE;
}

/* Texts that begin alike, numbers whose nearest doubles are equal, lists, nulls. */
static gboolean
finish_anything (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const char *kinds = self->name;

  for (gsize i = 0; i < n; i++)
    {
      const guint64 group = ((const State *) states)[i].group;
      char text[64];

      switch (kinds[group % strlen (kinds)])
        {
        case 'd':
          fanout_out_number (out, i, 0,
                             fanout_number_decimal (G_MAXINT64 - (gint64) (group % 13), 3));
          break;
        case 's':
          fanout_out_number (out, i, 0, fanout_number_decimal (1, 1));
          break;
        case 'r':
          fanout_out_double (out, i, 0,
                             group % 3 == 0 ? NAN
                                            : (double) (G_MAXINT64 / 1000) + (double) (group % 7));
          break;
        case 't':
          fanout_out_text (out, i, 0, text,
                           (gsize) g_snprintf (text, sizeof text, "a text that begins alike %u",
                                               (guint) (group * 7919 % 1009)));
          break;
        case 'n':
          fanout_out_text (out, i, 0, text,
                           (gsize) g_snprintf (text, sizeof text, "%s%u.%u", group % 3 ? "" : "0",
                                               (guint) (group * 7919 % 101), (guint) group % 2));
          break;
        case 'm':
          fanout_list_begin (out, i, 0);
          for (guint64 k = group % 4; k > 0; k--)
            fanout_list_count (out, group * k % 31);
          fanout_list_text (out, group % 5 ? "a\"" : "a\n", 2);
          fanout_list_end (out);
          break;
        case 'l':
          fanout_list_begin (out, i, 0);
          fanout_list_count (out, group % 5);
          fanout_list_end (out);
          break;
        default:
          break;
        }
    }
  return TRUE;
}

static gboolean
finish_never (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) out;
  for (gsize i = 0; i < n; i++)
    if (((const State *) states)[i].group == 4)
      return fanout_fail (self, "group 4 is no good");
  return TRUE;
}

static const FanoutOperator numbers
    = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .finish = finish_numbers };
static const FanoutOperator anything
    = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .finish = finish_anything };
static const FanoutOperator failing
    = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .finish = finish_never };

/* A table of groups with the keys 0, 1, ... or null, in a shuffled order; and what is asked of it.
 */
typedef struct
{
  FanoutTable *table;
  State *states;
  FanoutNode nodes[PARTS];
  FanoutResultPart parts[PARTS];
  const char *names[5];
  FanoutResultPlan plan;
  FanoutMemory memory;
  guint n_released;
} Fixture;

static void
add_group (FanoutTable *table, const char *key)
{
  char block[64 + 2 * SLACK] = { 0 };
  const FanoutText text = { block + SLACK, key != NULL ? strlen (key) : 0 };
  const guint8 null = key == NULL;
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .null = &null, .text = &text };
  const FanoutColumn *const columns[] = { &column };
  guint32 id;

  if (key != NULL)
    memcpy (block + SLACK, key, strlen (key));
  ck_assert_uint_eq (fanout_table_ids (table, columns, 0, 1, &id), 1);
}

static void
fixture_init (Fixture *fixture, guint n_groups, const char *kinds)
{
  static const FanoutOperator *const operators[] = { &numbers, &anything, &failing };
  static const guint n_columns[] = { 2, 1, 1 };

  memset (fixture, 0, sizeof *fixture);
  fanout_memory_init (&fixture->memory, NULL);
  fixture->table = fanout_table_new (n_groups > 0, 10000000, 1, &fixture->memory);
  fixture->states = g_new0 (State, MAX (n_groups, 1));
  for (guint i = 0; i < n_groups; i++)
    {
      const guint group = i * 31 % n_groups;
      g_autofree char *key = g_strdup_printf ("%u", group);

      add_group (fixture->table, group + 1 == n_groups ? NULL : key);
      fixture->states[i].group = group;
    }
  for (guint p = 0; p < PARTS; p++)
    {
      fixture->nodes[p].aggregate.name = p == 1 ? kinds : "x";
      fixture->parts[p].operator_ = operators[p];
      fixture->parts[p].self = &fixture->nodes[p].aggregate;
      fixture->parts[p].states = fixture->states;
      fixture->parts[p].stride = sizeof (State);
      fixture->parts[p].n_columns = n_columns[p];
    }
  fixture->parts[2].dropped = TRUE;
  fixture->plan = (FanoutResultPlan){ .table = fixture->table,
                                      .n_parts = PARTS,
                                      .parts = fixture->parts,
                                      .layout = { .n_columns = 4 + (n_groups > 0),
                                                  .names = fixture->names,
                                                  .n_keys = n_groups > 0,
                                                  .grouped = n_groups > 0,
                                                  .header = TRUE },
                                      .memory = &fixture->memory };
}

static void
fixture_clear (Fixture *fixture)
{
  fanout_table_free (fixture->table);
  g_free (fixture->states);
  ck_assert_uint_eq (fixture->memory.used, 0);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
count_release (gpointer owner)
{
  ((Fixture *) owner)->n_released++;
}

static FanoutResult *
make_result (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  FanoutResult *result = fanout_result_new (&fixture->plan, fixture, count_release, &error);

  if (result == NULL)
    ck_abort_msg ("%s", error->message);
  return result;
}

/* All rows as lines of JSON. */
static GPtrArray *
read_rows (FanoutResult *result)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  const guint n_columns = fanout_result_layout (result)->n_columns;
  g_autoptr (GError) error = NULL;
  const FanoutRows *rows;

  while ((rows = fanout_result_next (result, &error)) != NULL)
    {
      CHECK (rows->n_rows > 0 && rows->n_columns == n_columns);
      for (gsize i = 0; i < rows->n_rows; i++)
        {
          GString *line = g_string_new (NULL);

          for (guint c = 0; c < n_columns; c++)
            {
              fanout_value_append_json (line, fanout_rows_value (rows, i, c));
              g_string_append_c (line, c + 1 < n_columns ? ' ' : '\0');
            }
          g_ptr_array_add (lines, g_string_free (line, FALSE));
        }
    }
  ck_assert_ptr_null (error);
  ck_assert_ptr_null (fanout_result_next (result, &error));
  return lines;
}

static void
check_lines (const GPtrArray *lines, const char *const *expected, guint n)
{
  for (guint i = 0; i < MIN (lines->len, n); i++)
    ck_assert_str_eq (lines->pdata[i], expected[i]);
  ck_assert_uint_eq (lines->len, n);
}

START_TEST (test_by_key)
{
  static const char *const expected[] = {
    "\"0\" 0 -0.5 \"nan\" null",          "\"1\" 1 -0.4 null null",
    "\"2\" 2 -0.3 9223372036854778 null", "\"3\" 3 -0.2 null null",
    "null 4 -0.1 9223372036854780 null",
  };
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;

  fixture_init (&fixture, 5, "r-");
  result = make_result (&fixture);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GPtrArray) lines = read_rows (result);

      check_lines (lines, expected, G_N_ELEMENTS (expected));
      fanout_result_rewind (result);
    }
  ck_assert_uint_eq (fixture.n_released, 0);
  g_clear_pointer (&result, fanout_result_free);
  ck_assert_uint_eq (fixture.n_released, 1);
}
END_TEST

START_TEST (test_ungrouped)
{
  static const char *const expected[] = { "0 -0.5 0.1 null" };
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  fixture_init (&fixture, 0, "s");
  fixture.plan.sorts = &(FanoutSort){ 1, TRUE };
  fixture.plan.n_sorts = 1;
  fixture.plan.limit = 5;
  result = make_result (&fixture);
  lines = read_rows (result);
  check_lines (lines, expected, 1);
  g_clear_pointer (&result, fanout_result_free);
}
END_TEST

START_TEST (test_no_groups)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  fixture_init (&fixture, 1, "s");
  fanout_table_free (fixture.table);
  fixture.table = fanout_table_new (1, 10, 1, &fixture.memory);
  fixture.plan.table = fixture.table;
  result = make_result (&fixture);
  lines = read_rows (result);
  ck_assert_uint_eq (lines->len, 0);
  g_clear_pointer (&result, fanout_result_free);
}
END_TEST

/* Rows in memory, sorted as DESIGN says it. */

typedef struct
{
  guint n_columns;
  const FanoutSort *sorts;
  guint n_sorts;
  gboolean numeric; /* texts */
} By;

/* Texts by value, where all are numbers. */
static gint
compare_values (const By *by, const FanoutValue *a, const FanoutValue *b)
{
  FanoutNumber x, y;
  gint order = 0;

  if (by->numeric && a->kind == FANOUT_VALUE_TEXT && b->kind == FANOUT_VALUE_TEXT
      && fanout_number_parse (a->text.data, a->text.length, &x, NULL)
      && fanout_number_parse (b->text.data, b->text.length, &y, NULL))
    order = fanout_number_compare (x, y);
  return order != 0 ? order : fanout_value_compare (a, b);
}

static gint
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const By *by = data;
  const FanoutValue *x = *(FanoutValue *const *) a, *y = *(FanoutValue *const *) b;

  for (guint s = 0; s < by->n_sorts; s++)
    {
      const guint column = by->sorts[s].column;
      const FanoutValue *m = &x[column], *n = &y[column];
      /* The second column is the number that is the key, and greatest where that is null. */
      const gint order = compare_values (by, column == 0 ? &x[1] : m, column == 0 ? &y[1] : n);

      if (order != 0 && by->sorts[s].descending && m->kind != FANOUT_VALUE_NULL
          && n->kind != FANOUT_VALUE_NULL)
        return -order;
      if (order != 0)
        return order;
    }
  return fanout_value_compare (&x[1], &y[1]);
}

static FanoutValue *
copy_row (const FanoutValue *row, guint n_columns, GStringChunk *texts)
{
  FanoutValue *copy = g_memdup2 (row, n_columns * sizeof *row);

  for (guint c = 0; c < n_columns; c++)
    if (copy[c].kind == FANOUT_VALUE_TEXT || copy[c].kind == FANOUT_VALUE_LIST)
      copy[c].text.data
          = g_string_chunk_insert_len (texts, copy[c].text.data, (gssize) copy[c].text.length);
  return copy;
}

static gboolean
rows_equal (const FanoutValue *a, const FanoutValue *b, guint n_columns)
{
  for (guint c = 0; c < n_columns; c++)
    if (a[c].kind != b[c].kind || fanout_value_compare (&a[c], &b[c]) != 0)
      return FALSE;
  return TRUE;
}

static const FanoutSort sorts[][3] = {
  { { 0, TRUE }, { 0, FALSE }, { 0, FALSE } },  { { 1, TRUE }, { 0, FALSE }, { 0, FALSE } },
  { { 2, FALSE }, { 0, FALSE }, { 0, FALSE } }, { { 2, TRUE }, { 3, FALSE }, { 0, TRUE } },
  { { 3, FALSE }, { 2, TRUE }, { 1, TRUE } },   { { 3, TRUE }, { 4, TRUE }, { 2, FALSE } },
};

static const char *const kinds[]
    = { "d", "t", "l", "dr", "s", "ds-", "dtl-", "tttl", "-", "r", "n", "n-", "nt", "m", "mln-" };

START_TEST (test_sort)
{
  const gboolean many = _i % 7 == 0;
  const guint n_groups = many ? 20000 : 1500;
  const By by = { 5, sorts[_i % 6], 3, strspn (kinds[_i / 6], "n-") == strlen (kinds[_i / 6]) };
  g_autoptr (GStringChunk) texts = g_string_chunk_new (65536);
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_auto (Fixture) fixture = { 0 };
  FanoutResult *result;
  const FanoutRows *rows;

  fixture_init (&fixture, n_groups, kinds[_i / 6]);
  result = make_result (&fixture);
  while ((rows = fanout_result_next (result, NULL)) != NULL)
    for (gsize i = 0; i < rows->n_rows; i++)
      g_ptr_array_add (expected, copy_row (fanout_rows_value (rows, i, 0), 5, texts));
  fanout_result_free (result);
  ck_assert_uint_eq (expected->len, n_groups);
  g_ptr_array_sort_with_data (expected, compare_rows, (gpointer) &by);

  fixture.plan.sorts = by.sorts;
  fixture.plan.n_sorts = by.n_sorts;
  for (guint64 limit = 0; limit <= n_groups; limit = limit * 8 + 1)
    {
      guint row = 0;

      fixture.plan.limit = limit;
      result = make_result (&fixture);
      while ((rows = fanout_result_next (result, NULL)) != NULL)
        for (gsize i = 0; i < rows->n_rows; i++, row++)
          CHECK (rows_equal (fanout_rows_value (rows, i, 0), expected->pdata[row], 5));
      ck_assert_uint_eq (row, limit == 0 ? n_groups : limit);
      fanout_result_free (result);
    }
}
END_TEST

/* Each value is made a few times, however long it is. */
static guint n_made;

static gboolean
finish_long (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  static char text[100000];

  (void) self;
  memset (text, 'x', sizeof text);
  for (gsize i = 0; i < n; i++, n_made++)
    {
      g_snprintf (text + sizeof text - 4, 4, "%03u",
                  (guint) (((const State *) states)[i].group % 7));
      fanout_out_text (out, i, 0, text, sizeof text);
    }
  return TRUE;
}

START_TEST (test_sort_long)
{
  static const FanoutOperator longs
      = { .size = sizeof (FanoutOperator), .state_size = sizeof (State), .finish = finish_long };
  g_auto (Fixture) fixture = { 0 };
  FanoutResult *result;

  fixture_init (&fixture, 20, "s");
  fixture.parts[1].operator_ = &longs;
  fixture.plan.sorts = &(FanoutSort){ 3, FALSE };
  fixture.plan.n_sorts = 1;
  n_made = 0;
  result = make_result (&fixture);
  ck_assert_uint_le (n_made, 5 * 20);
  fanout_result_free (result);
}
END_TEST

START_TEST (test_approximate)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  const char *const *bounds;

  fixture_init (&fixture, 100, "s");
  result = make_result (&fixture);
  lines = read_rows (result);
  bounds = fanout_result_approximate (result);
  for (guint c = 0; c < 5; c++)
    if (c == 2)
      ck_assert_str_eq (bounds[c], "roughly");
    else
      ck_assert_ptr_null (bounds[c]);
  g_clear_pointer (&result, fanout_result_free);
}
END_TEST

/* An operator that fails does so where its states are finished, be it for sorting. */
START_TEST (test_failure)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) sort_error = NULL;

  fixture_init (&fixture, 100, "s");
  fixture.parts[2].dropped = FALSE;
  result = make_result (&fixture);
  ck_assert_ptr_null (fanout_result_next (result, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_STATE));
  ck_assert_str_eq (error->message, "aggregate 'x': group 4 is no good");
  g_clear_pointer (&result, fanout_result_free);

  fixture.n_released = 0;
  fixture.plan.sorts = &(FanoutSort){ 4, TRUE };
  fixture.plan.n_sorts = 1;
  ck_assert_ptr_null (fanout_result_new (&fixture.plan, &fixture, count_release, &sort_error));
  ck_assert_str_eq (sort_error->message, "aggregate 'x': group 4 is no good");
  ck_assert_uint_eq (fixture.n_released, 1);
}
END_TEST

/* A sink that tells what it is called with. */

static gpointer
sink_begin (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  ck_assert_ptr_null (options);
  g_string_append_printf (text, "begin %u %d %d\n", layout->n_columns, layout->header,
                          layout->terminal);
  return g_new0 (guint64, 2);
}

static void
sink_measure (gpointer state, const FanoutRows *rows)
{
  ((guint64 *) state)[0] += rows->n_rows;
}

static void
sink_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  ((guint64 *) state)[1] += rows->n_rows;
  for (gsize i = 0; i < rows->n_rows; i++)
    g_string_append (text, "a row of some bytes, so that they have to be written in between\n");
}

static void
sink_end (gpointer state, GString *text)
{
  g_string_append_printf (text, "end %u %u\n", (guint) ((guint64 *) state)[0],
                          (guint) ((guint64 *) state)[1]);
  g_free (state);
}

static gboolean
put (gpointer output, const char *text, gsize length, GError **error)
{
  return fanout_output_put (output, text, length, error);
}

static char *
write_to_file (FanoutResult *result, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (FanoutOutput) output = NULL;
  char *contents = NULL;
  const int fd = g_file_open_tmp ("fanout-result-XXXXXX", &path, NULL);

  ck_assert_int_ge (fd, 0);
  close (fd);
  output = fanout_output_open (path, NULL, NULL);
  if (fanout_result_write (result, FALSE, put, output, error))
    {
      ck_assert (fanout_output_commit (output, NULL));
      ck_assert (g_file_get_contents (path, &contents, NULL, NULL));
    }
  unlink (path);
  return contents;
}

static gboolean
find_sink (gpointer data, gboolean terminal, FanoutResultSink *used, GError **error)
{
  (void) terminal;
  (void) error;
  *used = (FanoutResultSink){ .sink = data };
  return TRUE;
}

START_TEST (test_write)
{
  FanoutSink sink = { .size = sizeof sink,
                      .begin = sink_begin,
                      .measure = sink_measure,
                      .rows = sink_rows,
                      .end = sink_end };
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, 5000, "s");
  fixture.plan.find_sink = find_sink;
  fixture.plan.data = &sink;
  for (guint round = 0; round < 2; round++)
    {
      g_autofree char *contents = NULL;
      const gsize length = 64 * 5000;
      const char *end = round == 0 ? "end 5000 5000\n" : "end 0 5000\n";
      const char *begin = round == 0 ? "begin 5 1 0\n" : "begin 5 0 0\n";

      fixture.plan.layout.header = round == 0;
      result = make_result (&fixture);
      contents = write_to_file (result, &error);
      ck_assert_ptr_nonnull (contents);
      ck_assert_uint_eq (strlen (contents), length + strlen (begin) + strlen (end));
      ck_assert (g_str_has_prefix (contents, begin));
      ck_assert (g_str_has_suffix (contents, end));
      sink.measure = NULL;
      g_clear_pointer (&result, fanout_result_free);
    }

  fixture.parts[2].dropped = FALSE;
  for (guint round = 0; round < 2; round++)
    {
      sink.measure = round == 0 ? sink_measure : NULL;
      result = make_result (&fixture);
      ck_assert_ptr_null (write_to_file (result, &error));
      ck_assert_str_eq (error->message, "aggregate 'x': group 4 is no good");
      g_clear_error (&error);
      g_clear_pointer (&result, fanout_result_free);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("result");
  TCase *tests = tcase_create ("result");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_by_key);
  tcase_add_test (tests, test_ungrouped);
  tcase_add_test (tests, test_no_groups);
  tcase_add_loop_test (tests, test_sort, 0, 6 * (int) G_N_ELEMENTS (kinds));
  tcase_add_test (tests, test_sort_long);
  tcase_add_test (tests, test_approximate);
  tcase_add_test (tests, test_failure);
  tcase_add_test (tests, test_write);
  suite_add_tcase (suite, tests);
  return suite;
}
