/* Every operator of the build keeps its contract, and whoever breaks it is found out. */

#include "tests/support/suite.h"
#include "core/kit/contract.h"
#include "core/plugin/registry.h"
#include "tests/support/run.h"

#include <check.h>
#include <fanout/kept.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* An operator that does everything right: the sum of the hashes of the numbers, kept in a block of
 * its own. Those below it do one thing wrong. */

typedef struct
{
  gint column;
  guint64 times;
} Options;

typedef struct
{
  guint64 n;
  guint64 *sum;
} State;

static void
add (State *state, guint64 hash, FanoutMemory *memory)
{
  if (state->sum == NULL)
    state->sum = fanout_allocate (memory, sizeof *state->sum);
  *state->sum += hash;
  state->n++;
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  add (state, fanout_number_hash (x), self->memory);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  if (from->n == 0)
    return;
  add (into, *from->sum, self->memory);
  into->n += from->n - 1;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n > 0)
    fanout_out_count (out, row, 0, *state->sum >> 1);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_release (self->memory, state->sum, sizeof *state->sum);
  memset (state, 0, sizeof *state);
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, state->n);
  if (state->n > 0)
    fanout_write_u64 (bytes, *state->sum);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;
  guint64 n;
  guint64 sum = 0;

  if (!fanout_read_u64 (&in, &n) || (n > 0 && !fanout_read_u64 (&in, &sum))
      || fanout_reader_left (&in) != 0)
    return FALSE;
  if (n > 0)
    add (state, sum, self->memory);
  state->n = n;
  return TRUE;
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .help = "the column" },
  { .key = "times",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, times),
    .value = "1",
    .help = "nothing" },
  { 0 },
};

static const FanoutOperator right = {
  .size = sizeof right,
  .version = 1,
  .name = "right",
  .summary = "does everything right",
  .details = "The sum of the hashes of the numbers.",
  .promise = "exact",
  .options_size = sizeof (Options),
  .options = options,
  .state_size = sizeof (State),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static char *
all_findings (const FanoutContractReport *report)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < report->findings->len; i++)
    g_string_append_printf (text, "\n  %s", (char *) report->findings->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Checked in this process, or in one of its own. What would crash otherwise exits under a
 * sanitizer. */
static void
assert_finding (const FanoutOperator *wrong, gboolean apart, const char *kind)
{
  FanoutContractReport report;
  g_autofree char *start = g_strconcat (kind, ": ", NULL);
  g_autofree char *all = NULL;
  gboolean found = FALSE;
  gboolean fine;

  fanout_contract_report_init (&report);
  fine = apart ? fanout_contract_check_apart (wrong, 2, &report)
               : fanout_contract_check (wrong, &report);
  all = all_findings (&report);
  for (guint i = 0; i < report.findings->len; i++)
    found |= g_str_has_prefix (report.findings->pdata[i], start)
             || (strcmp (kind, "crashes") == 0
                 && g_str_has_prefix (report.findings->pdata[i], "exits: "));
  ck_assert_msg (!fine && found, "no finding '%s' among:%s", kind, all);
  ck_assert_msg (strchr (report.findings->pdata[0], '\n') == NULL, "%s", all);
  fanout_contract_report_clear (&report);
}

START_TEST (test_right)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;

  for (int apart = 0; apart <= 1; apart++)
    {
      fanout_contract_report_init (&report);
      if (apart)
        fanout_contract_check_apart (&right, 60, &report);
      else
        fanout_contract_check (&right, &report);
      g_free (all);
      all = all_findings (&report);
      ck_assert_msg (report.findings->len == 0, "%s", all);
      ck_assert (report.n_checks > 500);
      fanout_contract_report_clear (&report);
    }
}
END_TEST

/* What is declared. */

static void
two_columns (gconstpointer bound, FanoutColumnNames *names)
{
  (void) bound;
  fanout_columns_add (names, "x");
  fanout_columns_add (names, "x");
}

static gboolean
refuse_options (gpointer bound, GError **error)
{
  (void) bound;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "never");
  return FALSE;
}

START_TEST (test_declarations)
{
  static const FanoutOption bad[] = { { .key = "x", .type = 99, .help = "x" }, { 0 } };
  static const FanoutOption helpless[]
      = { { .key = "x", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED }, { 0 } };
  FanoutOperator wrong = right;

  wrong.summary = NULL;
  wrong.details = "";
  wrong.promise = "exact.";
  wrong.version = 0;
  wrong.options = helpless;
  wrong.columns = two_columns;
  assert_finding (&wrong, FALSE, "summary");
  assert_finding (&wrong, FALSE, "details");
  assert_finding (&wrong, FALSE, "promise");
  assert_finding (&wrong, FALSE, "version");
  assert_finding (&wrong, FALSE, "help");
  assert_finding (&wrong, FALSE, "columns");
  wrong.options = bad;
  assert_finding (&wrong, FALSE, "options");
  wrong = right;
  wrong.prepare = refuse_options;
  assert_finding (&wrong, FALSE, "options");
}
END_TEST

/* What `update` can do wrong. */

/* As if each batch had one row more. */
static FanoutAnswer
count_batches (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL)
    add (states, 1, input->aggregate->memory);
  return update (states, input);
}

/* Remembers where a state was. */
static FanoutAnswer
remember_address (gpointer states, const FanoutInput *input)
{
  State *state = states;
  static gpointer place;

  if (state->n == 0)
    place = states;
  else if (input->ids == NULL && place != states)
    add (state, 1, input->aggregate->memory);
  return update (states, input);
}

/* Takes mantissas for values. */
static inline void
step_mantissa (FanoutAggregate *self, State *state, FanoutNumber x)
{
  add (state, (guint64) x.mantissa, self->memory);
}

FANOUT_UPDATE_NUMBER (update_mantissas, State, step_mantissa)

/* Reads what is null. */
static FanoutAnswer
read_nulls (gpointer states, const FanoutInput *input)
{
  FanoutInput all = *input;

  all.skip = NULL;
  return update (states, &all);
}

/* All groups are one. */
static FanoutAnswer
forget_groups (gpointer states, const FanoutInput *input)
{
  FanoutInput single = *input;

  single.ids = NULL;
  return update (states, &single);
}

/* Passes over batches that have a group twice. */
static FanoutAnswer
last_of_batch (gpointer states, const FanoutInput *input)
{
  if (input->ids == NULL || input->n_rows < 2)
    return update (states, input);
  for (gsize i = 0; i + 1 < input->n_rows; i++)
    if (input->ids[i] == input->ids[input->n_rows - 1])
      return FANOUT_MORE;
  return update (states, input);
}

/* Each row counts for its place. */
static FanoutAnswer
depend_on_order (gpointer states, const FanoutInput *input)
{
  State *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    if (input->skip == NULL || !input->skip[i])
      {
        State *state = all + (input->ids != NULL ? input->ids[i] : 0);
        const FanoutNumber x = fanout_column_number (&input->columns[0], i);

        add (state, fanout_number_hash (x) * (state->n + 1), input->aggregate->memory);
      }
  return FANOUT_MORE;
}

/* All uses of it share one number. */
static FanoutAnswer
share (gpointer states, const FanoutInput *input)
{
  static guint64 shared;
  State *state = states;

  if (input->ids == NULL && state->n == 0)
    shared = 0;
  shared += input->n_rows;
  if (input->ids == NULL)
    {
      add (state, shared, input->aggregate->memory);
      *state->sum = shared;
    }
  return FANOUT_MORE;
}

static FanoutAnswer
fail_silently (gpointer states, const FanoutInput *input)
{
  (void) states;
  (void) input;
  return FANOUT_FAILED;
}

static FanoutAnswer
refuse (gpointer states, const FanoutInput *input)
{
  (void) states;
  return fanout_fail_row (input, 0, "not this one");
}

START_TEST (test_updates)
{
  static const struct
  {
    FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
    const char *kind;
  } cases[] = {
    { count_batches, "batches" },          { remember_address, "moved states" },
    { update_mantissas, "forms" },         { read_nulls, "nulls" },
    { forget_groups, "groups" },           { last_of_batch, "batches of groups" },
    { depend_on_order, "order" },          { share, "company" },
    { fail_silently, "fails in silence" }, { refuse, "refuses" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FanoutOperator wrong = right;

      wrong.update = cases[i].update;
      assert_finding (&wrong, FALSE, cases[i].kind);
    }
}
END_TEST

/* Leaving. */

static FanoutAnswer
keep_first (gpointer states, const FanoutInput *input)
{
  State *all = states;

  for (gsize i = 0; i < input->n_rows; i++)
    {
      State *state = all + (input->ids != NULL ? input->ids[i] : 0);

      if ((input->skip != NULL && input->skip[i]) || state->n > 0)
        continue;
      add (state, fanout_input_row (input, i), input->aggregate->memory);
      if (input->ids == NULL)
        return fanout_enough (input, i + 1);
    }
  return FANOUT_MORE;
}

static FanoutAnswer
leave_late (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = keep_first (states, input);

  return answer == FANOUT_ENOUGH ? fanout_enough (input, input->n_rows) : answer;
}

static FanoutAnswer
leave_early (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = update (states, input);

  return answer == FANOUT_MORE && input->ids == NULL ? fanout_enough (input, input->n_rows)
                                                     : answer;
}

START_TEST (test_leaving)
{
  FanoutOperator wrong = right;

  wrong.order = FANOUT_ORDER_SEQUENCE;
  wrong.update = keep_first;
  assert_finding (&wrong, FALSE, "leaves");
  wrong.flags = FANOUT_MAY_LEAVE;
  wrong.update = leave_late;
  assert_finding (&wrong, FALSE, "leaves too early or late");
  wrong.update = leave_early;
  assert_finding (&wrong, FALSE, "leaves and comes back");
}
END_TEST

/* Combining. */

static inline void
merge_nothing (FanoutAggregate *self, State *into, State *from)
{
  if (into->n == 0)
    merge (self, into, from);
}

static inline void
merge_stealing (FanoutAggregate *self, State *into, State *from)
{
  if (into->n == 0)
    *into = *from;
  else
    merge (self, into, from);
}

FANOUT_COMBINE (combine_nothing, State, merge_nothing)
FANOUT_COMBINE (combine_stealing, State, merge_stealing)

/* As if there were no groups. */
static gboolean
combine_in_place (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  (void) ids;
  return combine (self, into, NULL, from, n);
}

START_TEST (test_combining)
{
  FanoutOperator wrong = right;

  wrong.combine = combine_nothing;
  assert_finding (&wrong, FALSE, "split and combine");
  wrong.combine = combine_in_place;
  assert_finding (&wrong, FALSE, "split and combine");
  wrong.combine = combine_stealing;
  assert_finding (&wrong, TRUE, "crashes");
}
END_TEST

/* Row numbers. */

static inline void
merge_first (FanoutAggregate *self, State *into, State *from)
{
  if (from->n > 0 && into->n > 0)
    *into->sum = MIN (*into->sum, *from->sum);
  else
    merge (self, into, from);
}

FANOUT_COMBINE (combine_first, State, merge_first)

static FanoutAnswer
keep_first_and_stay (gpointer states, const FanoutInput *input)
{
  const FanoutAnswer answer = keep_first (states, input);

  return answer == FANOUT_ENOUGH ? FANOUT_MORE : answer;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    if (state->sum != NULL)
      *state->sum += rows;
}

static void
shift_one (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  shift (self, states, MIN (n, 1), rows);
}

START_TEST (test_row_numbers)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;
  FanoutOperator tagged = right;

  tagged.order = FANOUT_ORDER_TAGGED;
  tagged.update = keep_first_and_stay;
  tagged.combine = combine_first;
  tagged.shift = shift;
  fanout_contract_report_init (&report);
  fanout_contract_check (&tagged, &report);
  all = all_findings (&report);
  ck_assert_msg (report.findings->len == 0, "%s", all);
  fanout_contract_report_clear (&report);

  tagged.shift = shift_one;
  assert_finding (&tagged, FALSE, "shift");
  tagged.order = FANOUT_ORDER_FREE;
  assert_finding (&tagged, FALSE, "order");
  tagged = right;
  tagged.order = FANOUT_ORDER_TAGGED;
  tagged.update = depend_on_order;
  assert_finding (&tagged, FALSE, "split and combine");
}
END_TEST

/* Finishing and clearing. */

static gboolean
finish_and_empty (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const gboolean fine = finish (self, states, n, out);

  for (gsize i = 0; i < n; i++)
    if (((const State *) states)[i].sum != NULL)
      *((const State *) states)[i].sum = 0;
  return fine;
}

static gboolean
finish_and_count (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  if (((const State *) states)->n > 0)
    ((State *) states)->n++;
  return finish (self, states, n, out);
}

static gboolean
finish_wide (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  fanout_out_count (out, 0, 1, 1);
  return finish (self, states, n, out);
}

static gboolean
finish_failing (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) self;
  (void) states;
  (void) n;
  (void) out;
  return FALSE;
}

/* Frees, but tells nobody. */
static void
clear_uncounted (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  for (gsize i = 0; i < n; i++)
    {
      State *state = (State *) states + i;

      fanout_release (NULL, state->sum, sizeof *state->sum);
      memset (state, 0, sizeof *state);
    }
}

static void
clear_twice (FanoutAggregate *self, gpointer states, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (((State *) states)[i].sum != NULL)
      fanout_release (self->memory, fanout_allocate (NULL, 8), 8);
  clear (self, states, n);
}

START_TEST (test_ends)
{
  FanoutOperator wrong = right;

  wrong.finish = finish_and_empty;
  assert_finding (&wrong, FALSE, "finish twice");
  wrong.finish = finish_and_count;
  assert_finding (&wrong, FALSE, "finish changes states");
  wrong.finish = finish_wide;
  assert_finding (&wrong, FALSE, "writes too much");
  wrong.finish = finish_failing;
  assert_finding (&wrong, FALSE, "fails in silence");
  wrong.finish = finish;
  wrong.clear = clear_uncounted;
  assert_finding (&wrong, FALSE, "leaks");
  wrong.clear = clear_twice;
  assert_finding (&wrong, FALSE, "gives back too much");
}
END_TEST

/* The heap. */

static GPtrArray *left_behind;

static void
leave (void)
{
  g_ptr_array_add (left_behind, g_malloc (100));
}

static FanoutAnswer
update_leaving (gpointer states, const FanoutInput *input)
{
  leave ();
  return update (states, input);
}

static gboolean
decode_leaving (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  leave ();
  return decode (self, state, bytes, length);
}

/* A cache that grows now and then, but not for ever. */
static FanoutAnswer
update_caching (gpointer states, const FanoutInput *input)
{
  static guint n;

  if (++n % 1000 == 0)
    leave ();
  return update (states, input);
}

/* A sanitizer's heap is not that of the C library, which knows nothing then. */
static gboolean
heap_is_seen (void)
{
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const gsize before = mallinfo2 ().uordblks;
  g_autofree char *block = g_malloc (10000);

  block[0] = 'x';
  return mallinfo2 ().uordblks >= before + 10000;
#else
  return FALSE;
#endif
}

START_TEST (test_heap)
{
  FanoutContractReport report;
  FanoutOperator wrong = right;

  if (!heap_is_seen ())
    return;
  left_behind = g_ptr_array_new_with_free_func (g_free);
  wrong.update = update_leaving;
  assert_finding (&wrong, FALSE, "leaks");
  wrong.update = update;
  wrong.decode = decode_leaving;
  assert_finding (&wrong, FALSE, "leaks");
  wrong.decode = decode;
  wrong.update = update_caching;
  fanout_contract_report_init (&report);
  ck_assert (fanout_contract_check (&wrong, &report));
  fanout_contract_report_clear (&report);
  g_ptr_array_unref (left_behind);
}
END_TEST

/* Encoding. */

static void
encode_half (FanoutAggregate *self, gconstpointer state, GByteArray *bytes)
{
  encode (self, state, bytes);
  if (bytes->len > 8)
    memset (bytes->data + 8, 0, 4);
}

static gboolean
decode_never (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  (void) self;
  (void) state;
  (void) bytes;
  (void) length;
  return FALSE;
}

static gboolean
decode_short (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  guint8 all[16] = { 0 };

  memcpy (all, bytes, MIN (length, sizeof all));
  return length > sizeof all ? FALSE : decode (self, state, all, length <= 8 ? 8 : sizeof all);
}

static gboolean
decode_long (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  return decode (self, state, bytes, length) || (length > 16 && decode (self, state, bytes, 16));
}

static gboolean
decode_crashing (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  if (length != 0 && length != 8 && length != 16)
    abort ();
  return decode (self, state, bytes, length);
}

static gboolean
decode_hanging (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  if (length != 0 && length != 8 && length != 16)
    for (;;)
      pause ();
  return decode (self, state, bytes, length);
}

static gboolean
decode_exiting (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  if (length != 0 && length != 8 && length != 16)
    _exit (3);
  return decode (self, state, bytes, length);
}

START_TEST (test_encoding)
{
  FanoutOperator wrong = right;

  wrong.encode = encode_half;
  assert_finding (&wrong, FALSE, "encode and decode");
  wrong.encode = encode;
  wrong.decode = decode_never;
  assert_finding (&wrong, FALSE, "decode refuses");
  wrong.decode = decode_short;
  assert_finding (&wrong, FALSE, "decode accepts too little");
  wrong.decode = decode_long;
  assert_finding (&wrong, FALSE, "decode accepts too much");
  wrong.decode = decode_crashing;
  assert_finding (&wrong, TRUE, "crashes");
  wrong.decode = decode_hanging;
  assert_finding (&wrong, TRUE, "hangs");
  wrong.decode = decode_exiting;
  assert_finding (&wrong, TRUE, "exits");
}
END_TEST

/* The operators of the build. */

/* A sanitizer says more about a crash in this process, and finds leaks at its end. */
static void
check_one (const FanoutOperator *operator_, FanoutContractReport *report)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  fanout_contract_check (operator_, report);
#else
  fanout_contract_check_apart (operator_, 120, report);
#endif
}

static void
assert_folder_right (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), name, NULL);
  const char *const folders[] = { path, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autoptr (GString) all = g_string_new (NULL);

  for (const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);
       *names != NULL; names++)
    {
      FanoutContractReport report;
      g_autofree char *findings = NULL;

      fanout_contract_report_init (&report);
      check_one (fanout_registry_operator (registry, *names, NULL), &report);
      findings = all_findings (&report);
      if (report.findings->len > 0)
        g_string_append_printf (all, "\n%s:%s", *names, findings);
      fanout_contract_report_clear (&report);
    }
  ck_assert_msg (all->len == 0, "%s", all->str);
}

START_TEST (test_build)
{
  assert_folder_right ("plugins");
}
END_TEST

/* All of them in whole pipelines. */

static void
append_number (GString *text, GRand *random)
{
  const gint32 n = g_rand_int_range (random, -500, 500);

  switch (g_rand_int_range (random, 0, 10))
    {
    case 0:
      break;
    case 1:
      g_string_append_printf (text, "%d.%de%d", n, g_rand_int_range (random, 0, 1000000),
                              g_rand_int_range (random, -290, 290));
      break;
    case 2:
      g_string_append_printf (text, "%d.%018d", n, g_rand_int_range (random, 0, 1000000));
      break;
    case 3:
      g_string_append_printf (text, "%d0000000000000", n);
      break;
    default:
      g_string_append_printf (text, "%d.%02d", n, g_rand_int_range (random, 0, 4) * 25);
    }
}

/* Two columns of numbers, one of integers, one of groups. */
static char *
write_rows (guint n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (GString) text = g_string_new ("x,y,i,g\n");
  char *path = NULL;
  const int file = g_file_open_tmp ("fanout-contract-XXXXXX.csv", &path, NULL);

  ck_assert_int_ge (file, 0);
  g_close (file, NULL);
  for (guint row = 0; row < n; row++)
    {
      append_number (text, random);
      g_string_append_c (text, ',');
      append_number (text, random);
      g_string_append_printf (text, ",%d,%c\n", g_rand_int_range (random, -9, 9),
                              "abc"[g_rand_int_range (random, 0, 3)]);
    }
  ck_assert (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
  return path;
}

/* With what it cannot do without. */
static void
append_aggregate (GString *ini, const FanoutOperator *operator_)
{
  const char *column = g_str_has_prefix (operator_->name, "bit-") ? "i" : "x";

  g_string_append_printf (ini, "[aggregate %s]\ntype = %s\n", operator_->name, operator_->name);
  for (const FanoutOption *option = operator_->options; option->key != NULL; option++)
    if (option->type == FANOUT_OPTION_COLUMN)
      {
        g_string_append_printf (ini, "%s = %s\n", option->key, column);
        column = "y";
      }
    else if ((option->flags & FANOUT_OPTION_REQUIRED) != 0)
      g_string_append_printf (ini, "%s = %s\n", option->key,
                              option->example != NULL ? option->example : column);
}

typedef struct
{
  const char *ini;
  char *first;
} Everything;

static void
check_everything (const char *const *overrides, gpointer data)
{
  Everything *everything = data;
  g_autofree char *text = test_run (everything->ini, overrides);

  ck_assert_msg (!g_str_has_prefix (text, "error"), "%s", text);
  if (everything->first == NULL)
    everything->first = g_steal_pointer (&text);
  else
    ck_assert_msg (strcmp (text, everything->first) == 0, "with %s %s %s:\n%s\n%s", overrides[0],
                   overrides[1], overrides[2], everything->first, text);
}

/* The same bytes in every way a pipeline can run. */
START_TEST (test_pipelines)
{
  const gboolean grouped = _i == 1;
  g_autofree char *folder = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
  const char *const folders[] = { folder, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autofree char *path = write_rows (1000);
  g_autoptr (GString) free_ = g_string_new (NULL);
  g_autoptr (GString) ordered = g_string_new (NULL);
  Everything everything = { 0 };

  for (guint i = 0; i < 2; i++)
    g_string_printf (i == 0 ? free_ : ordered, "%s[source]\ntype = csv\npath = %s\n",
                     grouped ? "[pipeline]\ngroup-by = g\n" : "", path);
  for (const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);
       *names != NULL; names++)
    {
      const FanoutOperator *operator_ = fanout_registry_operator (registry, *names, NULL);
      const gboolean is_ordered
          = operator_->order == FANOUT_ORDER_SEQUENCE || operator_->combine == NULL;

      if (!grouped || (operator_->flags & FANOUT_UNGROUPED) == 0)
        append_aggregate (is_ordered ? ordered : free_, operator_);
    }
  everything.ini = free_->str;
  test_every_way (3, check_everything, &everything);
  g_clear_pointer (&everything.first, g_free);
  everything.ini = ordered->str;
  test_every_way (1, check_everything, &everything);
  g_free (everything.first);
  g_unlink (path);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("contract");
  TCase *tests = tcase_create ("contract");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_right);
  tcase_add_test (tests, test_declarations);
  tcase_add_test (tests, test_updates);
  tcase_add_test (tests, test_leaving);
  tcase_add_test (tests, test_combining);
  tcase_add_test (tests, test_row_numbers);
  tcase_add_test (tests, test_ends);
  tcase_add_test (tests, test_heap);
  tcase_add_test (tests, test_encoding);
  tcase_add_test (tests, test_build);
  tcase_add_loop_test (tests, test_pipelines, 0, 2);
  suite_add_tcase (suite, tests);
  return suite;
}
