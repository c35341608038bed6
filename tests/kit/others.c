/* What can be wrong with sources and sinks. */

#include "tests/kit/right.h"

static void
assert_other (FanoutKind kind, gconstpointer item, const char *wanted)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;

  fanout_contract_report_init (&report);
  fanout_contract_check_apart (kind, item, 10, &report);
  all = all_findings (&report);
  if (wanted == NULL)
    ck_assert_msg (report.findings->len == 0, "%s", all);
  else
    ck_assert_msg (strstr (all, wanted) != NULL, "no finding '%s' among:%s", wanted, all);
  ck_assert (wanted != NULL || report.n_checks > 50);
  fanout_contract_report_clear (&report);
}

/* A sink that does everything right: a line for each row. */

typedef struct
{
  guint n_columns;
  FanoutText first;
  guint n_calls;
} Writing;

static gpointer
begin (gconstpointer bound, const FanoutLayout *layout, GString *text)
{
  Writing *self = g_new0 (Writing, 1);

  (void) bound;
  (void) text;
  self->n_columns = layout->n_columns;
  return self;
}

static void
rows (gpointer state, const FanoutRows *rows_, GString *text)
{
  const Writing *self = state;

  for (gsize i = 0; i < rows_->n_rows; i++)
    {
      for (guint c = 0; c < self->n_columns; c++)
        fanout_value_append_json (text, fanout_rows_value (rows_, i, c));
      g_string_append_c (text, '\n');
    }
}

static void
end (gpointer state, GString *text)
{
  (void) text;
  g_free (state);
}

static const FanoutSink sink = {
  .size = sizeof sink,
  .name = "right",
  .summary = "does everything right",
  .details = "A line for each row.",
  .begin = begin,
  .rows = rows,
  .end = end,
};

static void
rows_with_mark (gpointer state, const FanoutRows *rows_, GString *text)
{
  g_string_append_c (text, '-');
  rows (state, rows_, text);
}

/* The last plain text comes at the end. */
static void
rows_kept (gpointer state, const FanoutRows *rows_, GString *text)
{
  Writing *self = state;

  rows (state, rows_, text);
  if (rows_->n_rows > 0)
    self->first = fanout_rows_value (rows_, rows_->n_rows - 1, 2)->text;
}

static void
end_kept (gpointer state, GString *text)
{
  const Writing *self = state;

  if (self->first.data != NULL)
    g_string_append_len (text, self->first.data, 1);
  end (state, text);
}

static void
rows_replaced (gpointer state, const FanoutRows *rows_, GString *text)
{
  g_string_truncate (text, 0);
  rows (state, rows_, text);
}

static guint n_begun;

static gpointer
begin_shared (gconstpointer bound, const FanoutLayout *layout, GString *text)
{
  n_begun = 0;
  return begin (bound, layout, text);
}

static void
rows_shared (gpointer state, const FanoutRows *rows_, GString *text)
{
  rows (state, rows_, text);
  n_begun += (guint) rows_->n_rows;
}

static void
end_shared (gpointer state, GString *text)
{
  g_string_append_printf (text, "%u\n", n_begun);
  end (state, text);
}

static void
rows_raw (gpointer state, const FanoutRows *rows_, GString *text)
{
  rows (state, rows_, text);
  g_string_append_c (text, '\xff');
}

static void
rows_without_last (gpointer state, const FanoutRows *rows_, GString *text)
{
  ((Writing *) state)->n_columns = 2;
  rows (state, rows_, text);
}

static void
rows_changing (gpointer state, const FanoutRows *rows_, GString *text)
{
  rows (state, rows_, text);
  if (rows_->n_rows > 0)
    ((FanoutValue *) rows_->values)->kind = FANOUT_VALUE_NULL;
}

START_TEST (test_sinks)
{
  static const struct
  {
    void (*rows) (gpointer state, const FanoutRows *rows, GString *text);
    const char *kind;
  } cases[] = {
    { rows, NULL },
    { rows_with_mark, "pieces: row by row" },
    { rows_replaced, "pieces: row by row" },
    { rows_raw, "not UTF-8: " },
    { rows_without_last, "hides a cell: " },
    { rows_changing, "changes rows: " },
  };
  FanoutSink wrong;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      wrong = sink;
      wrong.rows = cases[i].rows;
      assert_other (FANOUT_KIND_SINK, &wrong, cases[i].kind);
    }
  wrong = sink;
  wrong.rows = rows_kept;
  wrong.end = end_kept;
  assert_other (FANOUT_KIND_SINK, &wrong, "keeps rows: ");
  wrong = sink;
  wrong.begin = begin_shared;
  wrong.rows = rows_shared;
  wrong.end = end_shared;
  assert_other (FANOUT_KIND_SINK, &wrong, "company: ");
  wrong = sink;
  wrong.details = NULL;
  assert_other (FANOUT_KIND_SINK, &wrong, "details: ");
}
END_TEST

/* A source that does everything right: comma-separated fields with quotes. */

static const FanoutDialect dialect = { .delimiter = ',', .quote = '"', .header = TRUE };

static gboolean
header (gconstpointer bound, const char *data, gsize length, gboolean complete, char ***names,
        guint *n_fields, gsize *header_length, GError **error)
{
  (void) bound;
  return fanout_delimited_header (&dialect, data, length, complete, names, n_fields, header_length,
                                  error);
}

static void
scan (gconstpointer bound, const char *data, gsize length, FanoutScan *result)
{
  (void) bound;
  fanout_delimited_scan (&dialect, data, length, result);
}

static gboolean
decode_rows (gconstpointer bound, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  (void) bound;
  return fanout_delimited_decode (&dialect, block, chunk, error);
}

static const FanoutSource source = {
  .size = sizeof source,
  .name = "right",
  .summary = "does everything right",
  .details = "Fields and commas.",
  .header = header,
  .scan = scan,
  .decode = decode_rows,
};

static gboolean
header_beyond (gconstpointer bound, const char *data, gsize length, gboolean complete,
               char ***names, guint *n_fields, gsize *header_length, GError **error)
{
  const gboolean fine
      = header (bound, data, length, complete, names, n_fields, header_length, error);

  if (fine)
    *header_length = length + 1;
  return fine;
}

static gboolean
header_silent (gconstpointer bound, const char *data, gsize length, gboolean complete,
               char ***names, guint *n_fields, gsize *header_length, GError **error)
{
  (void) bound;
  (void) data;
  (void) length;
  (void) complete;
  (void) names;
  (void) n_fields;
  (void) header_length;
  (void) error;
  return FALSE;
}

/* As if each piece began outside quotes. */
static void
scan_forgetting (gconstpointer bound, const char *data, gsize length, FanoutScan *result)
{
  result->quoted = FALSE;
  scan (bound, data, length, result);
}

/* One byte of whatever is there. */
static gboolean
lead_again (gconstpointer bound, const char *data, gsize length, gboolean complete, guint64 *lines,
            gsize *passed, gsize *row)
{
  (void) bound;
  (void) data;
  (void) lines;
  *passed = *row = MIN (length, 1);
  return complete;
}

static gboolean
lead_beyond (gconstpointer bound, const char *data, gsize length, gboolean complete, guint64 *lines,
             gsize *passed, gsize *row)
{
  (void) bound;
  (void) data;
  (void) complete;
  (void) lines;
  *passed = 0;
  *row = length + 1;
  return TRUE;
}

static gboolean
decode_nothing (gconstpointer bound, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  (void) bound;
  (void) block;
  (void) chunk;
  (void) error;
  return TRUE;
}

/* What does not fit the chunk is lost. */
static gboolean
decode_once (gconstpointer bound, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  const gboolean fine = decode_rows (bound, block, chunk, error);

  if (fine)
    block->offset = block->length;
  return fine;
}

static gboolean
decode_silent (gconstpointer bound, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  (void) error;
  return decode_rows (bound, block, chunk, NULL);
}

START_TEST (test_sources)
{
  FanoutSource wrong = source;

  assert_other (FANOUT_KIND_SOURCE, &wrong, NULL);
  wrong.header = header_beyond;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "goes too far: `header` takes ");
  wrong.header = header_silent;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "fails in silence: `header` ");
  wrong = source;
  wrong.lead = lead_again;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "lead in pieces: with ");
  wrong.lead = lead_beyond;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "goes too far: `lead` passes over ");
  wrong = source;
  wrong.scan = scan_forgetting;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "scan in pieces: cut behind byte ");
  wrong = source;
  wrong.decode = decode_nothing;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "stands still: ");
  wrong.decode = decode_once;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "pieces: in chunks of one row ");
  wrong.decode = decode_silent;
  assert_other (FANOUT_KIND_SOURCE, &wrong, "fails in silence: `decode` ");
}
END_TEST

/* One that makes its rows. */

static char **
names_of (gconstpointer bound)
{
  (void) bound;
  return g_strsplit ("x", ",", -1);
}

static guint64
count_rows (gconstpointer bound)
{
  (void) bound;
  return 100;
}

static gboolean
fill_from (guint64 start, gsize n, guint64 number, FanoutChunk *chunk)
{
  for (gsize i = 0; i < n; i++)
    {
      chunk->columns[0].mantissa[i] = (gint64) (start + i);
      chunk->columns[0].null[i] = 0;
    }
  fanout_chunk_end_rows (chunk, number, n);
  return TRUE;
}

static gboolean
fill (gconstpointer bound, guint64 first, gsize n, const guint *fields, FanoutChunk *chunk,
      GError **error)
{
  (void) bound;
  (void) fields;
  (void) error;
  return fill_from (first, n, first, chunk);
}

static gboolean
fill_anew (gconstpointer bound, guint64 first, gsize n, const guint *fields, FanoutChunk *chunk,
           GError **error)
{
  (void) bound;
  (void) fields;
  (void) error;
  return fill_from (0, n, first, chunk);
}

START_TEST (test_generators)
{
  FanoutSource made = source;

  made.header = NULL;
  made.scan = NULL;
  made.decode = NULL;
  made.names = names_of;
  made.n_rows = count_rows;
  made.fill = fill;
  {
    FanoutContractReport report;

    fanout_contract_report_init (&report);
    ck_assert (fanout_contract_check (FANOUT_KIND_SOURCE, &made, &report));
    fanout_contract_report_clear (&report);
  }
  made.fill = fill_anew;
  assert_other (FANOUT_KIND_SOURCE, &made, "pieces: in chunks of 7 rows ");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sources and sinks");
  TCase *tests = tcase_create ("sources and sinks");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_sinks);
  tcase_add_test (tests, test_sources);
  tcase_add_test (tests, test_generators);
  suite_add_tcase (suite, tests);
  return suite;
}
