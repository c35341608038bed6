/* What can be wrong where states end. */

#include "tests/kit/right.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

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
  report.hasty = TRUE;
  ck_assert (fanout_contract_check (FANOUT_KIND_OPERATOR, &wrong, &report));
  fanout_contract_report_clear (&report);
  g_ptr_array_unref (left_behind);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("ends");
  TCase *tests = tcase_create ("ends");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_ends);
  tcase_add_test (tests, test_heap);
  suite_add_tcase (suite, tests);
  return suite;
}
