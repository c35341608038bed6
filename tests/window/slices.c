#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "core/window/slices.h"

#include <string.h>

enum
{
  SLACK = 16,
  KEY_SIZE = 8,
  SLICES = 40,
  KEYS = 3000,
};

/* Rows of one key column. */
typedef struct
{
  gsize n;
  char *bytes;
  FanoutText *texts;
  FanoutColumn column;
  const FanoutColumn *pointer;
} Rows;

static Rows *
rows_new (gsize n, const guint *keys)
{
  Rows *rows = g_new0 (Rows, 1);
  rows->n = n;
  rows->bytes = g_malloc0 (n * KEY_SIZE + 2 * SLACK);
  rows->texts = g_new0 (FanoutText, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      char *text = rows->bytes + SLACK + i * KEY_SIZE;
      const gint length = g_snprintf (text, KEY_SIZE, "k%u", keys[i]);
      rows->texts[i] = (FanoutText){ text, (gsize) length };
    }
  rows->column = (FanoutColumn){ .form = FANOUT_FORM_TEXT, .text = rows->texts };
  rows->pointer = &rows->column;
  return rows;
}

static void
rows_free (Rows *rows)
{
  g_free (rows->bytes);
  g_free (rows->texts);
  g_free (rows);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rows, rows_free)

static const FanoutAxis tumbling = { .step = 1, .size = 1, .every = 1 };
static const FanoutAxis overlapping = { .step = 1, .size = 3, .every = 1 };
static const FanoutAxis skipping = { .step = 1, .size = 5, .every = 2 };

/* One row: the number of its state. */
static guint32
put (FanoutSlices *slices, gint64 number, gint64 first, guint key)
{
  g_autoptr (Rows) rows = rows_new (1, &key);
  guint32 id;
  ck_assert (fanout_slices_put (slices, (FanoutSliceKey){ number, first }, &rows->pointer, &id));
  return id;
}

static FanoutSliceRun
run (gint64 number, gsize end)
{
  return (FanoutSliceRun){ .key = { number, number }, .end = end };
}

START_TEST (test_states)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (1, 100, &tumbling, 5, NULL);
  const guint keys[] = { 1, 2, 1, 1, 2, 3 };
  g_autoptr (Rows) rows = rows_new (6, keys);
  const FanoutSliceRun runs[] = { run (0, 3), run (1, 5), run (0, 6) };
  const guint32 wanted[] = { 0, 1, 0, 2, 3, 4 };
  guint32 ids[6];
  ck_assert_uint_eq (fanout_slices_ids (slices, &rows->pointer, runs, NULL, 6, ids), 6);
  ck_assert_mem_eq (ids, wanted, sizeof ids);
  ck_assert_uint_eq (fanout_slices_n_states (slices), 5);
  ck_assert_uint_eq (fanout_slices_n_groups (slices), 5);
  ck_assert_uint_eq (fanout_slices_n_open (slices), 2);
  /* Rows that are some of those of the runs. */
  const guint32 index[] = { 1, 3, 4, 5 };
  const guint32 some[] = { 0, 3, 2, 4 };
  const guint others[] = { 1, 2, 1, 3 };
  g_autoptr (Rows) chosen = rows_new (4, others);
  ck_assert_uint_eq (fanout_slices_ids (slices, &chosen->pointer, runs, index, 4, ids), 4);
  ck_assert_mem_eq (ids, some, sizeof some);
  ck_assert_uint_eq (fanout_slices_n_states (slices), 5);
}
END_TEST

/* Two slices that take turns. */
START_TEST (test_mixed)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (1, 100, &tumbling, 5, NULL);
  const guint keys[] = { 1, 1, 2, 1, 2, 1 };
  const guint8 is_later[] = { 0, 1, 0, 0, 1, 1 };
  g_autoptr (Rows) rows = rows_new (6, keys);
  const FanoutSliceRun runs[]
      = { { .key = { 3, 3 }, .end = 6, .later = { 4, 4 }, .is_later = is_later } };
  const guint32 wanted[] = { 0, 1, 2, 0, 3, 1 };
  const guint32 early[] = { 0, 2, 3 };
  guint32 ids[6];
  ck_assert_int_eq (fanout_slice_run_key (runs, 0).number, 3);
  ck_assert_int_eq (fanout_slice_run_key (runs, 1).number, 4);
  /* Of a slice that no row is in there is nothing. */
  ck_assert_uint_eq (fanout_slices_ids (slices, &rows->pointer, runs, early, 2, ids), 2);
  ck_assert_uint_eq (fanout_slices_n_open (slices), 1);
  for (guint again = 0; again < 2; again++)
    {
      ck_assert_uint_eq (fanout_slices_ids (slices, &rows->pointer, runs, NULL, 6, ids), 6);
      ck_assert_uint_eq (fanout_slices_n_open (slices), 2);
      ck_assert_uint_eq (fanout_slices_n_states (slices), 4);
      for (guint i = 0; i < 6; i++)
        for (guint j = 0; j < 6; j++)
          ck_assert_int_eq (ids[i] == ids[j], wanted[i] == wanted[j]);
    }
}
END_TEST

START_TEST (test_without_keys)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (0, 100, &tumbling, 5, NULL);
  const FanoutSliceRun runs[] = { run (7, 2), run (-7, 3) };
  guint32 ids[3];
  ck_assert_uint_eq (fanout_slices_ids (slices, NULL, runs, NULL, 3, ids), 3);
  ck_assert_uint_eq (ids[0], 0);
  ck_assert_uint_eq (ids[1], 0);
  ck_assert_uint_eq (ids[2], 1);
  gint64 window;
  ck_assert (fanout_slices_next_window (slices, &tumbling, G_MININT64, &window));
  ck_assert_int_eq (window, -7);
}
END_TEST

START_TEST (test_max_groups)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (1, 3, &tumbling, 5, NULL);
  const guint keys[] = { 1, 2, 1, 2, 9 };
  g_autoptr (Rows) rows = rows_new (5, keys);
  const FanoutSliceRun runs[] = { run (0, 2), run (1, 5) };
  guint32 ids[5];
  ck_assert_uint_eq (fanout_slices_ids (slices, &rows->pointer, runs, NULL, 5, ids), 3);
  ck_assert_uint_eq (fanout_slices_n_groups (slices), 3);
}
END_TEST

/* The next slice with rows that count in a window. */
static const FanoutSlice *
slice_of_window (FanoutSlices *slices, const FanoutAxis *axis, gint64 window, guint *at)
{
  const FanoutSlice *slice;
  do
    slice = fanout_slices_in (slices, fanout_axis_window_start (axis, window),
                              fanout_axis_window_end (axis, window), at);
  while (slice != NULL && fanout_slice_key (slice).first > window);
  return slice;
}

/* Slices of a window, by number and first window. */
static void
check_window (FanoutSlices *slices, const FanoutAxis *axis, gint64 window, const char *wanted)
{
  g_autoptr (GString) found = g_string_new (NULL);
  const FanoutSlice *slice;
  guint at = 0;
  while ((slice = slice_of_window (slices, axis, window, &at)) != NULL)
    {
      const FanoutSliceKey key = fanout_slice_key (slice);
      g_string_append_printf (found, "%s%d/%d", found->len > 0 ? " " : "", (gint) key.number,
                              (gint) key.first);
    }
  ck_assert_str_eq (found->str, wanted);
}

START_TEST (test_windows)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (1, 100, &overlapping, 5, NULL);
  guint at = 0;
  gint64 window;
  ck_assert (!fanout_slices_next_window (slices, &overlapping, G_MININT64, &window));
  put (slices, 10, 8, 1);
  put (slices, 4, 2, 1);
  put (slices, 5, 4, 1); /* its window 3 was over */
  put (slices, 5, 3, 1);
  ck_assert (fanout_slices_next_window (slices, &overlapping, G_MININT64, &window));
  ck_assert_int_eq (window, 2);
  /* One of them has rows that were late for a window of theirs. */
  const FanoutSlice *cut = fanout_slices_cut_in (slices, 0, 10, &at);
  ck_assert (cut != NULL);
  ck_assert_int_eq (fanout_slice_key (cut).number, 5);
  ck_assert_int_eq (fanout_slice_key (cut).first, 4);
  ck_assert (fanout_slices_cut_in (slices, 0, 10, &at) == NULL);
  check_window (slices, &overlapping, 1, "");
  check_window (slices, &overlapping, 2, "4/2");
  check_window (slices, &overlapping, 3, "4/2 5/3");
  check_window (slices, &overlapping, 4, "4/2 5/3 5/4");
  check_window (slices, &overlapping, 5, "5/3 5/4");
  check_window (slices, &overlapping, 6, "");
  ck_assert (fanout_slices_next_window (slices, &overlapping, 5, &window));
  ck_assert_int_eq (window, 5);
  ck_assert (fanout_slices_next_window (slices, &overlapping, 6, &window));
  ck_assert_int_eq (window, 8);
  ck_assert (!fanout_slices_next_window (slices, &overlapping, 11, &window));
  /* Every second one. */
  ck_assert (fanout_slices_next_window (slices, &skipping, G_MININT64, &window));
  ck_assert_int_eq (window, 2);
  check_window (slices, &skipping, 2, "4/2");
}
END_TEST

static void
forget (gpointer data, const guint32 *states, gsize n)
{
  g_array_append_vals (data, states, (guint) n);
}

START_TEST (test_close)
{
  g_autoptr (FanoutSlices) slices = fanout_slices_new (1, 100, &tumbling, 5, NULL);
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  const guint32 a = put (slices, 4, 2, 1);
  const guint32 b = put (slices, 5, 3, 1);
  const guint32 c = put (slices, 6, 4, 2);
  fanout_slices_close (slices, &overlapping, 3, forget, gone);
  ck_assert_uint_eq (gone->len, 0);
  fanout_slices_close (slices, &overlapping, 4, forget, gone);
  ck_assert_uint_eq (gone->len, 1);
  ck_assert_uint_eq (g_array_index (gone, guint32, 0), a);
  ck_assert_uint_eq (fanout_slices_n_groups (slices), 2);
  ck_assert_uint_eq (fanout_slices_n_open (slices), 2);
  /* It is given again, and others stay. */
  ck_assert_uint_eq (put (slices, 9, 7, 3), a);
  ck_assert_uint_eq (put (slices, 5, 3, 1), b);
  ck_assert_uint_eq (put (slices, 6, 4, 2), c);
  fanout_slices_close (slices, &overlapping, 100, forget, gone);
  ck_assert_uint_eq (gone->len, 4);
  ck_assert_uint_eq (fanout_slices_n_groups (slices), 0);
  ck_assert (fanout_slices_is_sparse (slices));
  g_free (fanout_slices_pack (slices));
  ck_assert_uint_eq (fanout_slices_n_states (slices), 0);
  ck_assert_uint_eq (fanout_table_n_groups (fanout_slices_table (slices)), 0);
}
END_TEST

/* A plain model: the state of each slice and key, 1 + its number. */
typedef struct
{
  guint32 states[SLICES][KEYS];
  guint64 n;
} Model;

static void
check_model (FanoutSlices *slices, const Model *model, gint64 first)
{
  const FanoutTable *named = fanout_slices_table (slices);
  guint64 n = 0;
  for (gint64 window = first; window < SLICES; window++)
    {
      const FanoutSlice *slice;
      guint at = 0;
      while ((slice = slice_of_window (slices, &tumbling, window, &at)) != NULL)
        {
          guint32 keys[100], states[100], next = 0, in_slice = 0;
          gsize got;
          while ((got = fanout_slice_groups (slice, &next, 100, keys, states)) > 0)
            for (gsize i = 0; i < got; i++, in_slice++)
              {
                FanoutText text;
                CHECK (fanout_table_key (named, keys[i], 0, &text));
                const guint key = (guint) g_ascii_strtoull (text.data + 1, NULL, 10);
                CHECK (key < KEYS && model->states[window][key] == states[i] + 1);
              }
          CHECK (fanout_slice_n_groups (slice) == in_slice);
          n += in_slice;
        }
    }
  CHECK (n == model->n);
  CHECK (fanout_slices_n_groups (slices) == n);
}

static void
check_rows (FanoutSlices *slices, Model *model, GRand *rand, gint64 first, gint64 end)
{
  enum
  {
    ROWS = 500,
    RUN = 50,
  };
  guint keys[ROWS];
  FanoutSliceRun runs[ROWS / RUN];
  guint8 is_later[ROWS];
  guint32 ids[ROWS];
  for (guint r = 0; r < ROWS / RUN; r++)
    {
      const gint64 number = g_rand_int_range (rand, (gint32) first, (gint32) end);
      const gint64 later = MIN (number + 1, end - 1);
      runs[r] = (FanoutSliceRun){ .key = { number, number },
                                  .end = (r + 1) * RUN,
                                  .later = { later, later },
                                  .is_later = r % 2 == 0 ? is_later : NULL };
    }
  for (guint i = 0; i < ROWS; i++)
    is_later[i] = g_rand_int_range (rand, 0, 3) == 0 ? 1 : 0;
  /* Some slices have few of the keys, some many. */
  for (guint i = 0; i < ROWS; i++)
    {
      const gint64 number = fanout_slice_run_key (&runs[i / RUN], i).number;
      keys[i] = number % 3 == 0 ? (guint) g_rand_int_range (rand, 0, KEYS)
                                : (guint) (number * 50 + g_rand_int_range (rand, 0, 20));
    }
  g_autoptr (Rows) rows = rows_new (ROWS, keys);
  CHECK (fanout_slices_ids (slices, &rows->pointer, runs, NULL, ROWS, ids) == ROWS);
  for (guint i = 0; i < ROWS; i++)
    {
      guint32 *state = &model->states[fanout_slice_run_key (&runs[i / RUN], i).number][keys[i]];
      model->n += *state == 0 ? 1 : 0;
      CHECK (*state == 0 || *state == ids[i] + 1);
      *state = ids[i] + 1;
    }
}

/* Dense slices and hashed ones, closed and packed as time goes on. */
START_TEST (test_against_model)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  fanout_memory_limit_init (&limit, G_MAXSIZE);
  fanout_memory_init (&memory, &limit);
  FanoutSlices *slices = fanout_slices_new (1, G_MAXUINT32, &tumbling, 11, &memory);
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree Model *model = g_new0 (Model, 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  guint packed = 0;
  for (gint64 first = 0; first < SLICES; first += 2)
    {
      for (guint i = 0; i < 10; i++)
        check_rows (slices, model, rand, first, MIN (first + 8, SLICES));
      check_model (slices, model, first);
      fanout_slices_close (slices, &tumbling, first + 1, forget, gone);
      for (gint64 over = first; over < first + 2; over++)
        for (guint key = 0; key < KEYS; key++)
          {
            model->n -= model->states[over][key] != 0 ? 1 : 0;
            model->states[over][key] = 0;
          }
      check_model (slices, model, first + 2);
      if (!fanout_slices_is_sparse (slices))
        continue;
      packed++;
      g_autofree guint32 *moved = fanout_slices_pack (slices);
      for (guint s = 0; s < SLICES; s++)
        for (guint key = 0; key < KEYS; key++)
          if (model->states[s][key] != 0)
            {
              const guint32 to = moved[model->states[s][key] - 1];
              CHECK (to < model->states[s][key]);
              model->states[s][key] = to + 1;
            }
      CHECK (fanout_slices_n_states (slices) == model->n);
      check_model (slices, model, first + 2);
    }
  ck_assert_uint_gt (packed, 0);
  ck_assert_uint_eq (model->n, 0);
  fanout_slices_free (slices);
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
}
END_TEST

/* Each with one group: what they take stays within a few words. */
START_TEST (test_many_slices)
{
  enum
  {
    MANY = 100000,
  };
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  fanout_memory_limit_init (&limit, G_MAXSIZE);
  fanout_memory_init (&memory, &limit);
  FanoutSlices *slices = fanout_slices_new (1, G_MAXUINT32, &tumbling, 11, &memory);
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < MANY; i++)
    CHECK (put (slices, i, i, i % 1000) == i);
  ck_assert_uint_eq (fanout_slices_n_open (slices), MANY);
  ck_assert_uint_eq (fanout_slices_n_groups (slices), MANY);
  ck_assert_uint_lt (memory.used / MANY, 256);
  for (gint64 window = 0; window < MANY; window++)
    {
      gint64 next;
      guint at = 0;
      CHECK (fanout_slices_next_window (slices, &tumbling, window, &next) && next == window);
      CHECK (slice_of_window (slices, &tumbling, window, &at) != NULL);
      fanout_slices_close (slices, &tumbling, window, forget, gone);
    }
  ck_assert_uint_eq (gone->len, MANY);
  fanout_slices_free (slices);
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("slices");
  TCase *tcase = tcase_create ("slices");

  tcase_add_test (tcase, test_states);
  tcase_add_test (tcase, test_mixed);
  tcase_add_test (tcase, test_without_keys);
  tcase_add_test (tcase, test_max_groups);
  tcase_add_test (tcase, test_windows);
  tcase_add_test (tcase, test_close);
  tcase_add_test (tcase, test_against_model);
  tcase_add_test (tcase, test_many_slices);
  suite_add_tcase (suite, tcase);
  return suite;
}
