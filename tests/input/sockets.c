/* Sockets as inputs: each connection is one, and none can harm the others. */

#include "core/input/address.h"
#include "core/input/live.h"
#include "tests/support/follow.h"
#include "tests/support/suite.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

typedef struct
{
  char *address;
  const char *paths[2];
  Followed followed;
} Listening;

static void
listening_init (Listening *listening, const Options *options, char *address)
{
  memset (listening, 0, sizeof *listening);
  listening->address = address;
  listening->paths[0] = address;
  followed_init (&listening->followed, options, listening->paths);
}

static void
listening_clear (Listening *listening)
{
  followed_clear (&listening->followed);
  g_free (listening->address);
}

static char *
unix_address (void)
{
  return g_strdup_printf ("unix://%s/s", folder);
}

static int
connect_unix (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_snprintf (address.sun_path, sizeof address.sun_path, "%s/s", folder);
  ck_assert_int_eq (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
  return fd;
}

static void
say (int fd, const char *text)
{
  ck_assert_int_eq (send (fd, text, strlen (text), MSG_NOSIGNAL), (gssize) strlen (text));
}

START_TEST (connections_do_not_mix)
{
  Listening listening;
  Followed *followed = &listening.followed;

  listening_init (&listening, &plain, unix_address ());
  ck_assert (fanout_reader_listen (followed->reader, NULL));
  expect_followed (followed, "");
  const int a = connect_unix ();
  const int b = connect_unix ();
  say (a, "a row that is longer than");
  say (b, "b");
  expect_followed (followed, "");
  ck_assert_uint_eq (fanout_reader_n_inputs (followed->reader), 2);
  ck_assert_int_eq (fanout_reader_input_stage (followed->reader, 0), FANOUT_INPUT_ENDED);
  say (b, " too\nb2\n");
  say (a, " a piece\n");
  expect_followed (followed,
                   "1.0 s:1 b too; 1.1 s:2 b2; 0.0 s:1 a row that is longer than a piece");
  ck_assert_int_eq (fanout_reader_input_stage (followed->reader, 0), FANOUT_INPUT_OPEN);
  say (a, "last");
  close (a);
  expect_followed (followed, "0.1 s:2 last\\");
  ck_assert_int_eq (fanout_reader_input_stage (followed->reader, 0), FANOUT_INPUT_ENDED);
  const int c = connect_unix ();
  say (c, "c\n");
  say (b, "b3\n");
  expect_followed (followed, "2.0 s:1 c; 1.2 s:3 b3");
  const FanoutReaderSockets sockets = fanout_reader_sockets (followed->reader);
  ck_assert_uint_eq (sockets.taken, 3);
  ck_assert_uint_eq (sockets.open, 2);
  close (b);
  close (c);
  expect_followed (followed, "");
  ck_assert_uint_eq (fanout_reader_sockets (followed->reader).open, 0);
  expect_notes (followed, "");
  listening_clear (&listening);
  g_autofree char *path = path_of ("s");
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
}
END_TEST

/* A row without an end is told as soon as it is too long, and costs no more than that. */
START_TEST (rows_without_end)
{
  Listening listening;
  Followed *followed = &listening.followed;
  g_autofree char *letters = g_strnfill (3000, 'x');
  FanoutBlock block;
  guint64 record;

  listening_init (&listening, &plain, unix_address ());
  ck_assert (fanout_reader_listen (followed->reader, NULL));
  const int a = connect_unix ();
  const int b = connect_unix ();
  say (a, "1\n");
  expect_followed (followed, "0.0 s:1 1");
  say (a, letters);
  ck_assert_int_eq (fanout_reader_next (followed->lanes[0], &block, NULL, &record, NULL),
                    FANOUT_READ_BLOCK);
  ck_assert_uint_gt (block.length, 1024);
  ck_assert_uint_lt (block.length, 1100);
  for (guint i = 0; i < 100; i++)
    {
      say (a, letters);
      expect_followed (followed, "");
    }
  say (b, "b\n");
  expect_followed (followed, "1.0 s:1 b");
  say (a, "\nend\n");
  expect_followed (followed, "0.2 s:3 end");
  close (a);
  close (b);
  listening_clear (&listening);
}
END_TEST

/* What begins as nothing that can be read is closed; the others go on. */
START_TEST (peers_that_send_rubbish)
{
  static const char *const names[] = { "y" };
  static const guint no_positions[] = { 0 };
  Listening listening;
  Followed *followed = &listening.followed;
  char end;

  listening_init (&listening, &headed, unix_address ());
  ck_assert (fanout_reader_listen (followed->reader, NULL));
  fanout_reader_select (followed->reader, 1, names, no_positions);
  const int a = connect_unix ();
  const int b = connect_unix ();
  const int c = connect_unix ();
  say (b, "x\n1\n");
  say (a, "x,y\n1,2\n");
  say (c, "\x1f\x8b\x08 packed\n1\n");
  expect_followed (followed, "0.0 s:2 1,2");
  ck_assert_int_eq (recv (b, &end, 1, 0), 0);
  ck_assert_int_eq (recv (c, &end, 1, 0), 0);
  say (a, "3,4\n");
  expect_followed (followed, "0.1 s:3 3,4");
  ck_assert_uint_eq (followed->notes->len, 2);
  ck_assert_ptr_nonnull (strstr (followed->notes->pdata[0], "no column 'y' in "));
  ck_assert (g_str_has_suffix (followed->notes->pdata[1], "; the connection is closed"));
  ck_assert_uint_eq (fanout_reader_sockets (followed->reader).refused, 2);
  close (a);
  close (b);
  close (c);
  listening_clear (&listening);
}
END_TEST

START_TEST (no_more_than_so_many)
{
  Listening listening;
  Followed *followed = &listening.followed;
  int fds[5];

  listening_init (&listening, &plain, unix_address ());
  followed_close (followed);
  followed->plan.max_connections = 2;
  followed_open (followed, 1);
  ck_assert (fanout_reader_listen (followed->reader, NULL));
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *row = g_strdup_printf ("%u\n", i);

      fds[i] = connect_unix ();
      say (fds[i], row);
    }
  expect_followed (followed, "0.0 s:1 0; 1.0 s:1 1");
  expect_followed (followed, "");
  close (fds[1]);
  expect_followed (followed, "2.0 s:1 2");
  ck_assert_uint_eq (fanout_reader_sockets (followed->reader).open, 2);
  close (fds[0]);
  close (fds[2]);
  expect_followed (followed, "3.0 s:1 3; 4.0 s:1 4");
  close (fds[3]);
  close (fds[4]);
  expect_notes (followed, "");
  listening_clear (&listening);
}
END_TEST

static guint16
port_of (const Followed *followed)
{
  return (guint16) fanout_listen_port (followed->reader->live->listen, 0);
}

static int
connect_inet (int type, guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  const int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  ck_assert_int_eq (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
  return fd;
}

/* Until something comes: the loopback takes a moment. */
static void
await (Followed *followed)
{
  struct pollfd ready = { fanout_reader_fd (followed->reader), POLLIN, 0 };

  ck_assert_int_eq (poll (&ready, 1, 10000), 1);
}

START_TEST (tcp_connections)
{
  Listening listening;
  Followed *followed = &listening.followed;
  FanoutBlock block;
  guint64 record;

  listening_init (&listening, &plain, g_strdup ("tcp://127.0.0.1:0"));
  expect_followed (followed, "");
  const int a = connect_inet (SOCK_STREAM, port_of (followed));
  say (a, "1\n");
  while (fanout_reader_next (followed->lanes[0], &block, NULL, &record, NULL) == FANOUT_READ_WAIT)
    await (followed);
  ck_assert_str_eq (block.name, "tcp://127.0.0.1:0 from 127.0.0.1");
  ck_assert_uint_eq (block.length, 2);
  close (a);
  listening_clear (&listening);
}
END_TEST

/* The rows of what comes in one datagram end with it. */
static char *
read_datagrams (Followed *followed, guint rows)
{
  g_autoptr (GString) all = g_string_new (NULL);
  guint found = 0;

  while (found < rows)
    {
      g_autofree char *some = followed_read (followed);
      g_auto (GStrv) parts = g_strsplit (some, "; ", -1);

      found += *some != '\0' ? g_strv_length (parts) : 0;
      g_string_append_printf (all, "%s%s", all->len > 0 && *some != '\0' ? "; " : "", some);
      if (found < rows)
        await (followed);
    }
  return g_strdup (all->str);
}

START_TEST (datagrams)
{
  Listening listening;
  Followed *followed = &listening.followed;
  FanoutSource lines = source;

  lines.scan = NULL;
  for (guint i = 0; i < 2; i++)
    {
      listening_init (&listening, &plain, g_strdup ("udp://127.0.0.1:0"));
      followed_close (followed);
      if (i == 1)
        followed->plan.source = &lines;
      followed->plan.block_size = i == 0 ? 100000 : 16;
      followed_open (followed, 1);
      expect_followed (followed, "");
      ck_assert_int_eq (fanout_reader_input_stage (followed->reader, 0), FANOUT_INPUT_ENDED);
      const int a = connect_inet (SOCK_DGRAM, port_of (followed));
      say (a, "1\n2");
      say (a, i == 0 ? "\"3" : "3");
      say (a, "a row that is longer than a block\n");
      say (a, "5\n\n");
      g_autofree char *found = read_datagrams (followed, 6);
      ck_assert_str_eq (found, i == 0 ? "0.0 127.0.0.1:0:1 1; 0.1 127.0.0.1:0:2 2; "
                                        "0.2 127.0.0.1:0:3 \"3; "
                                        "0.3 127.0.0.1:0:4 a row that is longer than a block; "
                                        "0.4 127.0.0.1:0:5 5; 0.5 127.0.0.1:0:6 "
                                      : "0.0 127.0.0.1:0:1 1; 0.1 127.0.0.1:0:2 2; "
                                        "0.2 127.0.0.1:0:3 3; "
                                        "0.3 127.0.0.1:0:4 a row that is longer than a block; "
                                        "0.4 127.0.0.1:0:5 5; 0.5 127.0.0.1:0:6 ");
      close (a);
      listening_clear (&listening);
    }
}
END_TEST

START_TEST (datagrams_of_rubbish)
{
  Listening listening;
  Followed *followed = &listening.followed;

  listening_init (&listening, &headed, g_strdup ("udp://127.0.0.1:0"));
  expect_followed (followed, "");
  const int a = connect_inet (SOCK_DGRAM, port_of (followed));
  say (a, "\x1f\x8b\x08 packed\n");
  await (followed);
  expect_followed (followed, "");
  ck_assert_uint_eq (followed->notes->len, 1);
  ck_assert (g_str_has_suffix (followed->notes->pdata[0], "; it is passed over"));
  say (a, "x\n1\n");
  g_autofree char *found = read_datagrams (followed, 1);
  ck_assert_str_eq (found, "0.0 127.0.0.1:0:2 1");
  close (a);
  listening_clear (&listening);
}
END_TEST

START_TEST (datagrams_without_room)
{
  Listening listening;
  Followed *followed = &listening.followed;
  g_autofree char *letters = g_strnfill (60000, 'x');
  guint64 dropped = 0;

  listening_init (&listening, &plain, g_strdup ("udp://127.0.0.1:0"));
  followed_close (followed);
  followed->plan.max_row = 100000;
  followed_open (followed, 1);
  expect_followed (followed, "");
  const int a = connect_inet (SOCK_DGRAM, port_of (followed));
  for (guint i = 0; i < 1000; i++)
    send (a, letters, strlen (letters), MSG_DONTWAIT);
  g_free (followed_read (followed));
  /* The kernel tells with the next one that it has room for. */
  for (guint i = 0; i < 10 && dropped == 0; i++)
    {
      say (a, "1\n");
      await (followed);
      g_free (followed_read (followed));
      dropped = fanout_reader_sockets (followed->reader).dropped;
    }
  ck_assert_uint_gt (dropped, 0);
  ck_assert_uint_lt (dropped, 1000);
  close (a);
  listening_clear (&listening);
}
END_TEST

static void
expect_error (const char *address, const char *message)
{
  Listening listening;
  GError *error = NULL;

  listening_init (&listening, &plain, g_strdup (address));
  ck_assert (!fanout_reader_listen (listening.followed.reader, &error));
  ck_assert_str_eq (error->message, message);
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_INPUT));
  g_clear_error (&error);
  /* Whoever does not ask is told by the first block. */
  g_autofree char *expected = g_strdup_printf ("! %s", message);
  expect_followed (&listening.followed, expected);
  listening_clear (&listening);
}

START_TEST (sockets_that_cannot_be_opened)
{
  g_autofree char *path = path_of ("s");
  g_autofree char *address = unix_address ();
  g_autofree char *message = g_strdup_printf ("%s: cannot listen: Address already in use", address);
  Listening listening;

  listening_init (&listening, &plain, g_strdup (address));
  ck_assert (fanout_reader_listen (listening.followed.reader, NULL));
  expect_error (address, message);
  ck_assert (g_file_test (path, G_FILE_TEST_EXISTS));
  listening_clear (&listening);
  write_file ("s", "");
  expect_error (address, message);
  remove_file ("s");
  expect_error ("fd://web", "fd://web: no socket of this name was handed over (LISTEN_FDS, "
                            "LISTEN_FDNAMES)");
  /* One of somebody who has died is in nobody's way. */
  struct sockaddr_un old = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_strlcpy (old.sun_path, path, sizeof old.sun_path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *) &old, sizeof old), 0);
  close (fd);
  listening_init (&listening, &plain, g_strdup (address));
  ck_assert (fanout_reader_listen (listening.followed.reader, NULL));
  listening_clear (&listening);
}
END_TEST

START_TEST (addresses)
{
  static const struct
  {
    const char *text;
    const char *error;
  } cases[] = {
    { "tcp://localhost:80", NULL },
    { "tcp://:80", NULL },
    { "tcp://[::1]:80", NULL },
    { "udp://*:514", NULL },
    { "unix:///run/x", NULL },
    { "fd://web", NULL },
    { "tcp://localhost", "'tcp://localhost' is no address of a socket; wanted: tcp://HOST:PORT" },
    { "udp://a:65536", "'udp://a:65536' is no address of a socket; wanted: udp://HOST:PORT" },
    { "tcp://::1:80", "'tcp://::1:80' is no address of a socket; wanted: tcp://HOST:PORT" },
    { "unix://run/x", "'unix://run/x' is no address of a socket; wanted: unix:///FOLDER/NAME" },
    { "fd://", "'fd://' is no address of a socket; wanted: fd://NAME" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (fanout_address_is (cases[i].text));
      ck_assert_int_eq (fanout_address_check (cases[i].text, &error), cases[i].error == NULL);
      if (cases[i].error != NULL)
        ck_assert_str_eq (error->message, cases[i].error);
    }
  ck_assert (!fanout_address_is ("http://a"));
}
END_TEST

/* As systemd hands them over. */
START_TEST (sockets_that_are_given)
{
  g_autofree char *path = path_of ("s");
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int saved = fcntl (4, F_DUPFD_CLOEXEC, 100);
  Listening listening;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *) &address, sizeof address), 0);
  ck_assert_int_eq (listen (fd, 5), 0);
  ck_assert_int_eq (dup2 (fd, 4), 4);
  g_setenv ("LISTEN_PID", pid, TRUE);
  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_FDNAMES", "other:web", TRUE);
  listening_init (&listening, &plain, g_strdup ("fd://web"));
  ck_assert (fanout_reader_listen (listening.followed.reader, NULL));
  const int a = connect_unix ();
  say (a, "1\n");
  expect_followed (&listening.followed, "0.0 web:1 1");
  close (a);
  listening_clear (&listening);
  g_unsetenv ("LISTEN_PID");
  if (saved >= 0)
    dup2 (saved, 4);
  else
    close (4);
  if (saved >= 0)
    close (saved);
  if (fd != 4)
    close (fd);
}
END_TEST

/* Files beside sockets; positions are of files alone, and no number comes twice. */
START_TEST (sockets_and_files)
{
  g_autofree char *address = unix_address ();
  const char *const paths[] = { "*.log", address, NULL };
  g_autoptr (GByteArray) saved = g_byte_array_new ();
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, paths);
  ck_assert (fanout_reader_listen (followed.reader, NULL));
  expect_followed (&followed, "0.0 a.log:1 1");
  const int a = connect_unix ();
  say (a, "a\n");
  append_to ("a.log", "2\n");
  expect_followed (&followed, "1.0 s:1 a; 0.1 a.log:2 2");
  fanout_reader_save (followed.reader, saved);
  followed_close (&followed);
  close (a);
  followed.reader = open_reader (&followed.plan);
  ck_assert (fanout_reader_restore (followed.reader, saved->data, saved->len, NULL));
  followed_lanes (&followed, 1);
  append_to ("a.log", "3\n");
  expect_followed (&followed, "0.2 a.log:3 3");
  const int b = connect_unix ();
  say (b, "b\n");
  expect_followed (&followed, "2.0 s:1 b");
  close (b);
  followed_clear (&followed);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sockets");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, connections_do_not_mix);
  tcase_add_test (tests, rows_without_end);
  tcase_add_test (tests, peers_that_send_rubbish);
  tcase_add_test (tests, no_more_than_so_many);
  tcase_add_test (tests, tcp_connections);
  tcase_add_test (tests, datagrams);
  tcase_add_test (tests, datagrams_of_rubbish);
  tcase_add_test (tests, datagrams_without_room);
  tcase_add_test (tests, sockets_that_cannot_be_opened);
  tcase_add_test (tests, addresses);
  tcase_add_test (tests, sockets_that_are_given);
  tcase_add_test (tests, sockets_and_files);
  suite_add_tcase (suite, tests);
  return suite;
}
