#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "core/window/sessions.h"

#include <string.h>

enum
{
  SLACK = 16,
  GAP = 5,
  KEYS = 50,
};

/* One row. */
static gboolean
add (FanoutSessions *sessions, const char *key, FanoutInstant at, guint32 *id)
{
  char bytes[64] = { 0 };
  g_strlcpy (bytes + SLACK, key, sizeof bytes - 2 * SLACK);
  const FanoutText text = { bytes + SLACK, strlen (key) };
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .text = &text };
  const FanoutColumn *pointer = &column;
  return fanout_sessions_ids (sessions, &pointer, &at, NULL, 1, id) == 1;
}

static guint32
put (FanoutSessions *sessions, const char *key, FanoutInstant at)
{
  guint32 id = G_MAXUINT32;
  CHECK (add (sessions, key, at, &id));
  return id;
}

static void
check_piece (const FanoutSessions *sessions, guint32 state, FanoutInstant first, FanoutInstant last)
{
  const FanoutSessionPiece *piece = fanout_sessions_piece (sessions, state);
  ck_assert_int_eq (piece->first, first);
  ck_assert_int_eq (piece->last, last);
}

START_TEST (test_rows)
{
  g_autoptr (FanoutSessions) sessions = fanout_sessions_new (1, 100, GAP, 3, NULL);
  const guint32 a = put (sessions, "a", 10);
  ck_assert_uint_eq (put (sessions, "a", 15), a);
  ck_assert_uint_eq (put (sessions, "a", 12), a);
  ck_assert_uint_eq (put (sessions, "a", 5), a);
  check_piece (sessions, a, 5, 15);
  const guint32 later = put (sessions, "a", 21);
  ck_assert_uint_ne (later, a);
  const guint32 b = put (sessions, "b", 20);
  ck_assert_uint_ne (b, a);
  check_piece (sessions, b, 20, 20);
  const guint32 before = put (sessions, "a", -1);
  ck_assert_uint_ne (before, a);
  /* Between two: part of the one in front; they stay apart until they are joined. */
  ck_assert_uint_eq (put (sessions, "a", 18), a);
  check_piece (sessions, a, 5, 18);
  ck_assert_uint_eq (put (sessions, "a", 22), later);
  ck_assert_uint_eq (put (sessions, "a", 20), a);
  check_piece (sessions, a, 5, 20);
  check_piece (sessions, later, 21, 22);
  ck_assert_uint_eq (fanout_sessions_n_groups (sessions), 4);
  /* From the last to the first. */
  ck_assert_uint_eq (fanout_sessions_last (sessions, 0), later + 1);
  ck_assert_uint_eq (fanout_sessions_piece (sessions, later)->before, a + 1);
  ck_assert_uint_eq (fanout_sessions_piece (sessions, a)->before, before + 1);
  ck_assert_uint_eq (fanout_sessions_piece (sessions, before)->before, 0);
}
END_TEST

START_TEST (test_edges)
{
  g_autoptr (FanoutSessions) sessions
      = fanout_sessions_new (0, 100, G_GINT64_CONSTANT (630720000000000000), 3, NULL);
  const guint32 first = put (sessions, "", -FANOUT_INSTANT_MAX);
  const guint32 last = put (sessions, "", FANOUT_INSTANT_MAX);
  ck_assert_uint_ne (first, last);
  ck_assert_uint_eq (put (sessions, "", FANOUT_INSTANT_MAX - 1), last);
  ck_assert_uint_eq (put (sessions, "", 1 - FANOUT_INSTANT_MAX), first);
}
END_TEST

START_TEST (test_max_groups)
{
  g_autoptr (FanoutSessions) sessions = fanout_sessions_new (1, 2, GAP, 3, NULL);
  guint32 id;
  put (sessions, "a", 0);
  put (sessions, "a", 10);
  ck_assert (!add (sessions, "a", 20, &id));
  ck_assert (!add (sessions, "b", 0, &id));
  ck_assert (add (sessions, "a", 11, &id));
}
END_TEST

START_TEST (test_due)
{
  g_autoptr (FanoutSessions) sessions = fanout_sessions_new (1, 100, GAP, 3, NULL);
  guint32 state = 99;
  ck_assert_int_eq (fanout_sessions_due (sessions), FANOUT_INSTANT_END);
  ck_assert (!fanout_sessions_next_due (sessions, G_MAXINT64, &state));
  const guint32 a = put (sessions, "a", 10);
  const guint32 b = put (sessions, "b", 7);
  put (sessions, "a", 14);
  ck_assert_int_eq (fanout_sessions_due (sessions), 7);
  ck_assert (!fanout_sessions_next_due (sessions, 6, &state));
  ck_assert_uint_eq (state, 99);
  ck_assert (fanout_sessions_next_due (sessions, 13, &state));
  ck_assert_uint_eq (state, b);
  /* The other one has had a row since. */
  ck_assert (!fanout_sessions_next_due (sessions, 13, &state));
  ck_assert_int_eq (fanout_sessions_due (sessions), 14);
  fanout_sessions_extend (sessions, b, 3, 20);
  check_piece (sessions, b, 3, 20);
  ck_assert (fanout_sessions_next_due (sessions, 14, &state));
  ck_assert_uint_eq (state, a);
  fanout_sessions_drop (sessions, a);
  ck_assert_uint_eq (fanout_sessions_last (sessions, 0), 0);
  ck_assert (fanout_sessions_next_due (sessions, 20, &state));
  ck_assert_uint_eq (state, b);
  ck_assert (!fanout_sessions_next_due (sessions, G_MAXINT64, &state));
}
END_TEST

/* A state that was dropped before it was due is not due any more; the one that has it now is. */
START_TEST (test_dropped)
{
  g_autoptr (FanoutSessions) sessions = fanout_sessions_new (1, 100, GAP, 3, NULL);
  guint32 state;
  const guint32 a = put (sessions, "a", 10);
  fanout_sessions_drop (sessions, a);
  ck_assert_uint_eq (put (sessions, "b", 30), a);
  ck_assert (!fanout_sessions_next_due (sessions, 29, &state));
  ck_assert (fanout_sessions_next_due (sessions, 30, &state));
  ck_assert_uint_eq (state, a);
  ck_assert (!fanout_sessions_next_due (sessions, G_MAXINT64, &state));
}
END_TEST

/* What sessions have: a plain list of times for each key. */
typedef struct
{
  GArray *times[KEYS]; /* of FanoutInstant, of what is open */
  GArray *states;      /* of each state: how many rows went to it since it was given */
} Model;

static guint32 *
rows_of (Model *model, guint32 state)
{
  if (state >= model->states->len)
    g_array_set_size (model->states, state + 1);
  return &g_array_index (model->states, guint32, state);
}

static gint
compare_instants (gconstpointer a, gconstpointer b)
{
  const FanoutInstant one = *(const FanoutInstant *) a;
  const FanoutInstant other = *(const FanoutInstant *) b;
  return one < other ? -1 : one > other;
}

/* Pieces are in order and apart, hold every row, and have what is near in the same or the next. */
static void
check_key (const FanoutSessions *sessions, Model *model, guint32 key, GArray *times)
{
  guint32 n_rows = 0;
  g_array_sort (times, compare_instants);
  guint left = times->len;
  FanoutInstant behind = G_MAXINT64;
  for (guint32 next = fanout_sessions_last (sessions, key); next != 0;)
    {
      const FanoutSessionPiece *piece = fanout_sessions_piece (sessions, next - 1);
      CHECK (piece->key == key && piece->first <= piece->last && piece->last < behind);
      CHECK (g_array_index (times, FanoutInstant, left - 1) == piece->last);
      while (left > 0 && g_array_index (times, FanoutInstant, left - 1) >= piece->first)
        left--;
      CHECK (g_array_index (times, FanoutInstant, left) == piece->first);
      behind = piece->first;
      n_rows += *rows_of (model, next - 1);
      next = piece->before;
    }
  CHECK (left == 0);
  CHECK (n_rows == times->len);
}

/* As a rest does with one partition. */
static void
close_due (FanoutSessions *sessions, Model *model, guint (*name) (const FanoutSessions *, guint32),
           FanoutInstant over)
{
  guint32 state;
  while (fanout_sessions_next_due (sessions, over, &state))
    {
      const FanoutSessionPiece piece = *fanout_sessions_piece (sessions, state);
      GArray *times = model->times[name (sessions, piece.key)];
      CHECK (piece.last <= over);
      for (guint i = times->len; i-- > 0;)
        {
          const FanoutInstant at = g_array_index (times, FanoutInstant, i);
          if (at >= piece.first && at <= piece.last)
            g_array_remove_index_fast (times, i);
        }
      *rows_of (model, state) = 0;
      fanout_sessions_drop (sessions, state);
    }
}

static guint
name_of (const FanoutSessions *sessions, guint32 key)
{
  FanoutText text;
  CHECK (fanout_table_key (fanout_sessions_table ((FanoutSessions *) sessions), key, 0, &text));
  return (guint) g_ascii_strtoull (text.data, NULL, 10);
}

static void
check_all (const FanoutSessions *sessions, Model *model)
{
  const guint64 n = fanout_table_n_groups (fanout_sessions_table ((FanoutSessions *) sessions));
  for (guint32 key = 0; key < n; key++)
    if (fanout_sessions_last (sessions, key) != 0)
      check_key (sessions, model, key, model->times[name_of (sessions, key)]);
}

static void
pack (FanoutSessions *sessions, Model *model)
{
  const guint64 before = fanout_sessions_n_states (sessions);
  g_autofree guint32 *moved = fanout_sessions_pack (sessions);
  GArray *states = g_array_new (FALSE, TRUE, sizeof (guint32));
  g_array_set_size (states, (guint) before);
  for (guint32 i = 0; i < before; i++)
    if (moved[i] != G_MAXUINT32)
      {
        CHECK (moved[i] <= i);
        g_array_index (states, guint32, moved[i]) = *rows_of (model, i);
      }
  g_array_unref (model->states);
  model->states = states;
  CHECK (fanout_sessions_n_states (sessions) == fanout_sessions_n_groups (sessions));
}

START_TEST (test_against_model)
{
  FanoutMemoryLimit limit;
  FanoutMemory memory;
  fanout_memory_limit_init (&limit, G_MAXSIZE);
  fanout_memory_init (&memory, &limit);
  FanoutSessions *sessions = fanout_sessions_new (1, G_MAXUINT32, GAP, 3, &memory);
  g_autoptr (GRand) rand = g_rand_new_with_seed (29);
  Model model = { .states = g_array_new (FALSE, TRUE, sizeof (guint32)) };
  for (guint i = 0; i < KEYS; i++)
    model.times[i] = g_array_new (FALSE, FALSE, sizeof (FanoutInstant));
  for (gint now = 0; now < 4000; now += 10)
    {
      for (guint i = 0; i < 60; i++)
        {
          const guint key = (guint) g_rand_int_range (rand, 0, KEYS);
          const FanoutInstant at = now + g_rand_int_range (rand, 0, 60);
          g_autofree char *name = g_strdup_printf ("%u", key);
          const guint32 state = put (sessions, name, at);
          ++*rows_of (&model, state);
          g_array_append_val (model.times[key], at);
        }
      check_all (sessions, &model);
      close_due (sessions, &model, name_of, now - GAP);
      check_all (sessions, &model);
      if (now % 500 == 0 || fanout_sessions_is_sparse (sessions))
        pack (sessions, &model);
      check_all (sessions, &model);
    }
  close_due (sessions, &model, name_of, G_MAXINT64);
  ck_assert_uint_eq (fanout_sessions_n_groups (sessions), 0);
  for (guint i = 0; i < KEYS; i++)
    {
      ck_assert_uint_eq (model.times[i]->len, 0);
      g_array_unref (model.times[i]);
    }
  g_array_unref (model.states);
  fanout_sessions_free (sessions);
  ck_assert_uint_eq (memory.used, 0);
  fanout_memory_clear (&memory);
}
END_TEST

START_TEST (test_put)
{
  g_autoptr (FanoutSessions) sessions = fanout_sessions_new (0, 100, GAP, 3, NULL);
  guint32 later, before, state;
  ck_assert (fanout_sessions_put (sessions, NULL, 100, 120, &later));
  ck_assert (fanout_sessions_put (sessions, NULL, 3, 9, &before));
  ck_assert_uint_eq (put (sessions, "", 14), before);
  ck_assert_uint_eq (put (sessions, "", 95), later);
  ck_assert (fanout_sessions_next_due (sessions, 14, &state));
  ck_assert_uint_eq (state, before);
  ck_assert (!fanout_sessions_next_due (sessions, 119, &state));
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sessions");
  TCase *tcase = tcase_create ("sessions");

  tcase_add_test (tcase, test_rows);
  tcase_add_test (tcase, test_edges);
  tcase_add_test (tcase, test_max_groups);
  tcase_add_test (tcase, test_due);
  tcase_add_test (tcase, test_dropped);
  tcase_add_test (tcase, test_against_model);
  tcase_add_test (tcase, test_put);
  suite_add_tcase (suite, tcase);
  return suite;
}
