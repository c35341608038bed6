/* The monitor's server against clients that want to keep it for themselves. Its times are short
 * here; that something does happen is waited for, however long it takes. */

#include "core/fanoutd/monitor/server.h"
#include "tests/support/suite.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MILLISECOND 1000
#define BIG         (8 * 1024 * 1024)

static Server *server;
static FanoutAddress at;
static _Atomic guint64 dropped;
static _Atomic guint64 refused;
static _Atomic guint64 n_events;

static void
note (const ServerCounters *counters)
{
  atomic_store (&dropped, counters->dropped);
  atomic_store (&refused, counters->refused);
}

static void
answer (gpointer data, const ServerRequest *request, ServerAnswer *to)
{
  (void) data;
  note (&request->counters);
  to->status = 200;
  to->body = g_string_new ("hello");
  if (strcmp (request->path, "/big") == 0)
    {
      g_string_set_size (to->body, BIG);
      memset (to->body->str, 'x', BIG);
    }
}

static char *
make_event (gpointer data, const ServerCounters *counters)
{
  g_autofree char *filling = g_strnfill (100 * 1000, 'x');

  (void) data;
  note (counters);
  return g_strdup_printf ("data: %u %s\n\n", (guint) atomic_fetch_add (&n_events, 1), filling);
}

/* Limits that are not tested are far away. */
static void
start (ServerLimits limits)
{
  const ServerHandler handler = { .answer = answer, .event = make_event };
  GError *error = NULL;

  limits.connections = limits.connections != 0 ? limits.connections : 64;
  limits.followers = limits.followers != 0 ? limits.followers : 64;
  limits.ask_time = limits.ask_time != 0 ? limits.ask_time : 600 * G_USEC_PER_SEC;
  limits.answer_time = limits.answer_time != 0 ? limits.answer_time : 600 * G_USEC_PER_SEC;
  limits.read_time = limits.read_time != 0 ? limits.read_time : 600 * G_USEC_PER_SEC;
  ck_assert (fanout_address_parse ("127.0.0.1:0", &at, NULL));
  server = server_start (&at, "127.0.0.1:0", FALSE, &limits, &handler, &error);
  ck_assert_msg (server != NULL, "%s", error != NULL ? error->message : "no error");
  ck_assert (fanout_address_parse (server_address (server), &at, NULL));
}

static void
stop (void)
{
  server_stop (server);
  server = NULL;
}

static int
join (const char *text)
{
  const int fd = socket (AF_INET, SOCK_STREAM, 0);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (connect (fd, &at.any, at.length), 0);
  if (text[0] != '\0')
    ck_assert_int_eq (send (fd, text, strlen (text), MSG_NOSIGNAL), (gssize) strlen (text));
  return fd;
}

/* What comes, to the end. Owned by the caller. */
static char *
read_end (int fd)
{
  GString *all = g_string_new (NULL);
  char buffer[64 * 1024];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    g_string_append_len (all, buffer, n);
  return g_string_free (all, FALSE);
}

static void
expect (int fd, const char *begin)
{
  g_autofree char *all = read_end (fd);

  ck_assert_msg (g_str_has_prefix (all, begin), "%.100s", all);
  close (fd);
}

static void
expect_answer (void)
{
  expect (join ("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200");
}

START_TEST (test_asks_slowly)
{
  start ((ServerLimits){ .ask_time = 50 * MILLISECOND });
  const int fd = join ("GET / HT");
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  /* A byte now and then keeps nobody in. */
  while (poll (&poll_fd, 1, 5) == 0)
    {
      G_GNUC_UNUSED const gssize n = send (fd, "T", 1, MSG_NOSIGNAL);
    }
  expect (fd, "");
  expect_answer ();
  ck_assert_uint_eq (atomic_load (&refused), 1);
  stop ();
}
END_TEST

START_TEST (test_asks_nothing)
{
  start ((ServerLimits){ .ask_time = 50 * MILLISECOND });
  expect (join (""), "");
  /* Nor does one who has asked once, and goes on for ever. */
  expect (join ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 200");
  stop ();
}
END_TEST

START_TEST (test_takes_no_answer)
{
  start ((ServerLimits){ .answer_time = 50 * MILLISECOND });
  const int fd = join ("GET /big HTTP/1.0\r\n\r\n");

  do
    expect_answer ();
  while (atomic_load (&refused) == 0);
  close (fd);
  stop ();
}
END_TEST

START_TEST (test_takes_no_events)
{
  start ((ServerLimits){ .read_time = 50 * MILLISECOND });
  const int fd = join ("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");

  while (atomic_load (&dropped) == 0)
    {
      server_wake (server);
      expect_answer ();
    }
  close (fd);
  stop ();
}
END_TEST

START_TEST (test_takes_events)
{
  start ((ServerLimits){ .read_time = 600 * G_USEC_PER_SEC });
  const int fd = join ("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  char buffer[64 * 1024];
  gsize all = 0;

  while (all < 5 * 100 * 1000)
    {
      const gssize n = recv (fd, buffer, sizeof buffer, 0);

      ck_assert_int_gt (n, 0);
      all += (gsize) n;
      server_wake (server);
    }
  ck_assert_uint_eq (atomic_load (&dropped), 0);
  close (fd);
  stop ();
}
END_TEST

START_TEST (test_makes_room)
{
  int idle[8];

  start ((ServerLimits){ .connections = 4 });
  for (guint i = 0; i < G_N_ELEMENTS (idle); i++)
    idle[i] = join ("");
  expect_answer ();
  /* The oldest are gone. */
  for (guint i = 0; i < 4; i++)
    expect (idle[i], "");
  for (guint i = 4; i < G_N_ELEMENTS (idle); i++)
    close (idle[i]);
  stop ();
}
END_TEST

START_TEST (test_is_full)
{
  int followers[2];

  start ((ServerLimits){ .connections = 2 });
  for (guint i = 0; i < G_N_ELEMENTS (followers); i++)
    {
      char c;

      followers[i] = join ("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      ck_assert_int_eq (recv (followers[i], &c, 1, 0), 1);
    }
  expect (join (""), "");
  close (followers[0]);
  close (followers[1]);
  stop ();
}
END_TEST

START_TEST (test_stops_whoever_is_there)
{
  start ((ServerLimits){ .followers = 8 });
  const int reads = join ("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const int waits = join ("");
  const int asks = join ("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
  char c;

  ck_assert_int_eq (recv (reads, &c, 1, 0), 1);
  stop ();
  close (reads);
  close (waits);
  close (asks);
}
END_TEST

START_TEST (test_is_taken)
{
  const ServerHandler handler = { .answer = answer, .event = make_event };
  GError *error = NULL;

  start ((ServerLimits){ .followers = 8 });
  ck_assert_ptr_null (
      server_start (&at, server_address (server), FALSE, &server_limits, &handler, &error));
  g_autofree char *wanted = g_strdup_printf ("monitor: cannot listen on %s: Address already in use",
                                             server_address (server));
  ck_assert_str_eq (error->message, wanted);
  g_error_free (error);
  stop ();
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("server");
  TCase *cases = tcase_create ("server");

  tcase_set_timeout (cases, 0);
  tcase_add_test (cases, test_asks_slowly);
  tcase_add_test (cases, test_asks_nothing);
  tcase_add_test (cases, test_takes_no_answer);
  tcase_add_test (cases, test_takes_no_events);
  tcase_add_test (cases, test_takes_events);
  tcase_add_test (cases, test_makes_room);
  tcase_add_test (cases, test_is_full);
  tcase_add_test (cases, test_stops_whoever_is_there);
  tcase_add_test (cases, test_is_taken);
  suite_add_tcase (suite, cases);
  return suite;
}
