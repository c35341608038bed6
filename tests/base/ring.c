/* Places that one thread fills and another one looks at. */

#include "tests/support/suite.h"
#include "core/base/ring.h"

enum
{
  PLACES = 3,
  NUMBERS = 1000,
};

typedef struct
{
  FanoutRing ring;
  guint n; /* of them, at most */
  guint filled;
  guint numbers[PLACES];
} Numbers;

static void *
fill (void *data)
{
  Numbers *self = data;
  gint place;

  while (self->filled < self->n && (place = fanout_ring_await (&self->ring)) >= 0)
    {
      self->numbers[place] = self->filled++;
      fanout_ring_fill (&self->ring);
    }
  fanout_ring_end (&self->ring);
  return NULL;
}

START_TEST (in_order)
{
  Numbers self = { .n = NUMBERS };
  pthread_t thread;

  fanout_ring_init (&self.ring, PLACES);
  ck_assert_int_eq (pthread_create (&thread, NULL, fill, &self), 0);
  for (guint i = 0; i < NUMBERS; i++)
    {
      const gint place = fanout_ring_take (&self.ring);

      ck_assert_int_ge (place, 0);
      ck_assert_uint_eq (self.numbers[place], i);
    }
  ck_assert_int_eq (fanout_ring_take (&self.ring), -1);
  ck_assert_int_eq (fanout_ring_take (&self.ring), -1);
  pthread_join (thread, NULL);
  fanout_ring_clear (&self.ring);
}
END_TEST

/* What is being looked at is not written to; all others may be full. */
START_TEST (stopped)
{
  Numbers self = { .n = G_MAXUINT };
  pthread_t thread;

  fanout_ring_init (&self.ring, PLACES);
  ck_assert_int_eq (pthread_create (&thread, NULL, fill, &self), 0);
  ck_assert_int_eq (fanout_ring_take (&self.ring), 0);
  ck_assert_int_eq (fanout_ring_take (&self.ring), 1);
  fanout_ring_stop (&self.ring);
  pthread_join (thread, NULL);
  ck_assert_uint_eq (self.numbers[1], 1);
  ck_assert_uint_ge (self.filled, 2);
  ck_assert_uint_le (self.filled, 1 + PLACES);
  fanout_ring_clear (&self.ring);
}
END_TEST

START_TEST (nothing)
{
  Numbers self = { .n = 0 };

  fanout_ring_init (&self.ring, PLACES);
  fill (&self);
  ck_assert_int_eq (fanout_ring_take (&self.ring), -1);
  fanout_ring_clear (&self.ring);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("base-ring");
  TCase *tests = tcase_create ("all");

  tcase_add_test (tests, in_order);
  tcase_add_test (tests, stopped);
  tcase_add_test (tests, nothing);
  suite_add_tcase (suite, tests);
  return suite;
}
