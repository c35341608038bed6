/* Bytes that a thread reads ahead: in order, no more of them than there is room for, and told of.
 */

#include "core/input/ahead.h"
#include "tests/support/suite.h"
#include <check.h>
#include <fanout/error.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define ROOM ((gsize) 1024 * 1024)

static _Atomic gsize memory;

static gboolean
is_ready (const FanoutBytes *bytes, int timeout)
{
  struct pollfd ready = { bytes->type->fd (bytes), POLLIN, 0 };

  return poll (&ready, 1, timeout) == 1;
}

static FanoutBytes *
read_ahead (FanoutBytes *inner, gsize room)
{
  GError *error = NULL;
  FanoutBytes *ahead = fanout_ahead_new (inner, room, &memory, &error);

  ck_assert_ptr_nonnull (ahead);
  return ahead;
}

/* A pipe, the one end of which is ours. */
static FanoutBytes *
open_pipe (int *to)
{
  g_autofree char *path = NULL;
  FanoutBytes *bytes;
  int ends[2];

  ck_assert_int_eq (pipe (ends), 0);
  path = g_strdup_printf ("/dev/fd/%d", ends[0]);
  bytes = fanout_bytes_open (path, "pipe", NULL);
  ck_assert_ptr_nonnull (bytes);
  close (ends[0]);
  *to = ends[1];
  return bytes;
}

#define expect_bytes(bytes, expected)                                                              \
  do                                                                                               \
    {                                                                                              \
      char found_[64] = { 0 };                                                                     \
      gsize got_ = 0;                                                                              \
      ck_assert (is_ready (bytes, -1));                                                            \
      ck_assert_int_eq ((bytes)->type->read (bytes, found_, sizeof found_ - 1, &got_, NULL),       \
                        FANOUT_READ_BLOCK);                                                        \
      ck_assert_str_eq (found_, expected);                                                         \
      ck_assert_uint_eq (got_, strlen (expected));                                                 \
    }                                                                                              \
  while (0)

START_TEST (bytes_of_a_pipe)
{
  char byte;
  gsize got;
  int to;
  FanoutBytes *ahead = read_ahead (open_pipe (&to), ROOM);

  ck_assert (!is_ready (ahead, 0));
  ck_assert_int_eq (ahead->type->read (ahead, &byte, 1, &got, NULL), FANOUT_READ_WAIT);
  ck_assert_int_eq (write (to, "abc", 3), 3);
  expect_bytes (ahead, "abc");
  ck_assert_int_eq (ahead->type->read (ahead, &byte, 1, &got, NULL), FANOUT_READ_WAIT);
  ck_assert (!is_ready (ahead, 0));
  ck_assert_int_eq (write (to, "de", 2), 2);
  expect_bytes (ahead, "de");
  ck_assert_uint_eq (ahead->type->position (ahead).offset, 5);
  close (to);
  expect_bytes (ahead, "");
  expect_bytes (ahead, "");
  ck_assert_uint_eq (ahead->type->position (ahead).source, 5);
  fanout_bytes_free (ahead);
  ck_assert_uint_eq (memory, 0);
}
END_TEST

/* Nobody writes, and nobody will read. */
START_TEST (end_while_it_waits)
{
  for (guint i = 0; i < 50; i++)
    {
      int to;
      FanoutBytes *ahead = read_ahead (open_pipe (&to), ROOM);

      fanout_bytes_free (ahead);
      close (to);
    }
  ck_assert_uint_eq (memory, 0);
}
END_TEST

/* Numbers without end, or up to where they fail. */

typedef struct
{
  FanoutBytes bytes;
  _Atomic guint64 given;
  guint64 fails_at; /* 0: never */
} Numbers;

static FanoutRead
read_numbers (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  Numbers *self = (Numbers *) bytes;
  gsize n = MIN (room, 10007);

  if (self->fails_at > 0)
    n = (gsize) MIN (n, self->fails_at - self->given);
  if (n == 0)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "no more numbers");
      return FANOUT_READ_FAILED;
    }
  for (gsize i = 0; i < n; i++)
    to[i] = (char) ((self->given + i) % 251);
  self->given += n;
  *got = n;
  return FANOUT_READ_BLOCK;
}

static int
no_fd (const FanoutBytes *bytes G_GNUC_UNUSED)
{
  return -1;
}

static FanoutPosition
position (const FanoutBytes *bytes)
{
  const guint64 given = ((const Numbers *) bytes)->given;
  const FanoutPosition found = { given, given };

  return found;
}

static void
keep (FanoutBytes *bytes G_GNUC_UNUSED)
{
}

static const FanoutBytesType numbers_type = {
  .read = read_numbers,
  .fd = no_fd,
  .position = position,
  .free = keep,
};

/* Read up to `n` bytes; FALSE at the failure. */
static gboolean
take (FanoutBytes *ahead, gsize n, guint64 *taken)
{
  char buffer[5003];
  gsize wrong = 0;

  while (n > 0)
    {
      g_autoptr (GError) error = NULL;
      gsize got = 0;
      const FanoutRead result
          = ahead->type->read (ahead, buffer, MIN (n, sizeof buffer), &got, &error);

      if (result == FANOUT_READ_FAILED)
        {
          ck_assert_str_eq (error->message, "no more numbers");
          return FALSE;
        }
      if (result == FANOUT_READ_WAIT)
        ck_assert (is_ready (ahead, -1));
      for (gsize i = 0; i < got; i++)
        wrong += (guint8) buffer[i] != (*taken + i) % 251;
      ck_assert_uint_eq (wrong, 0);
      *taken += got;
      n -= got;
    }
  return TRUE;
}

START_TEST (no_more_than_there_is_room_for)
{
  Numbers numbers = { .bytes = { .type = &numbers_type, .name = "numbers" } };
  FanoutBytes *ahead = read_ahead (&numbers.bytes, ROOM);
  const gsize most = ROOM + ROOM / 4;
  guint64 taken = 0;

  for (guint i = 0; i < 40; i++)
    {
      ck_assert (take (ahead, 100000, &taken));
      ck_assert_uint_le (numbers.given, taken + most);
      ck_assert_uint_le (memory, most + 4096);
    }
  fanout_ahead_set_room (ahead, 1);
  ck_assert (take (ahead, 3 * ROOM, &taken));
  ck_assert_uint_le (numbers.given, taken + most / 2);
  ck_assert_uint_le (memory, most / 2 + 4096);
  fanout_bytes_free (ahead);
  ck_assert_uint_eq (memory, 0);
}
END_TEST

START_TEST (failure_behind_all_bytes)
{
  for (guint64 at = 1; at < 1000000; at = 7 * at + 1)
    {
      Numbers numbers = { .bytes = { .type = &numbers_type, .name = "numbers" }, .fails_at = at };
      FanoutBytes *ahead = read_ahead (&numbers.bytes, ROOM);
      guint64 taken = 0;

      ck_assert (!take (ahead, 2 * (gsize) at, &taken));
      ck_assert_uint_eq (taken, at);
      fanout_bytes_free (ahead);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("ahead");
  TCase *tests = tcase_create ("all");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, bytes_of_a_pipe);
  tcase_add_test (tests, end_while_it_waits);
  tcase_add_test (tests, no_more_than_there_is_room_for);
  tcase_add_test (tests, failure_behind_all_bytes);
  suite_add_tcase (suite, tests);
  return suite;
}
