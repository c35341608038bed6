/* What can be wrong where states are split, combined, encoded and decoded. */

#include "tests/kit/right.h"

#include <unistd.h>

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

/* Encoding. */

static void
encode_half (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, state->n);
  if (state->n > 0)
    fanout_write_u64 (bytes, *state->sum & ~(guint64) G_MAXUINT32);
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

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("combining");
  TCase *tests = tcase_create ("combining");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_combining);
  tcase_add_test (tests, test_encoding);
  suite_add_tcase (suite, tests);
  return suite;
}
