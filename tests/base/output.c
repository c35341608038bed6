#include "tests/support/suite.h"
#include "core/base/output.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gmodule.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the library calls is this, as far as a test wants it. */
static int failing_close = -1; /* the descriptor whose close() fails */
static int failing_sync;       /* the error of fsync(); 0: none */
static GString *synced;        /* F for a file, D for a folder; NULL: nobody looks */

G_MODULE_EXPORT int
close (int fd)
{
  const int done = (int) syscall (SYS_close, fd);

  if (fd != failing_close)
    return done;
  failing_close = -1;
  errno = EIO;
  return -1;
}

G_MODULE_EXPORT int
fsync (int fd)
{
  struct stat info;

  if (synced != NULL && fstat (fd, &info) == 0)
    g_string_append_c (synced, S_ISDIR (info.st_mode) ? 'D' : 'F');
  errno = failing_sync;
  return failing_sync == 0 ? 0 : -1;
}

/* A folder for one test. */
static char *
make_folder (void)
{
  char *folder = g_dir_make_tmp ("fanout-output-XXXXXX", NULL);

  ck_assert_ptr_nonnull (folder);
  return folder;
}

static void
remove_folder (char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_dir_close (dir);
  g_rmdir (folder);
  g_free (folder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (char, remove_folder)

static guint
count_files (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

static void
put_file (const char *path, const char *contents)
{
  ck_assert (g_file_set_contents (path, contents, -1, NULL));
}

static void
check_file (const char *path, const char *contents)
{
  g_autofree char *found = NULL;

  ck_assert (g_file_get_contents (path, &found, NULL, NULL));
  ck_assert_str_eq (found, contents);
}

static FanoutOutput *
open_output (const char *path)
{
  g_autoptr (GError) error = NULL;
  FanoutOutput *output = fanout_output_open (path, NULL, &error);

  if (output == NULL)
    ck_abort_msg ("%s", error->message);
  return output;
}

static void
write_text (FanoutOutput *output, const char *data)
{
  ck_assert (fanout_output_put (output, data, strlen (data), NULL));
}

static void
check_refused (const char *path, const char *const *inputs, const char *message)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (fanout_output_open (path, inputs, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT));
  ck_assert_str_eq (error->message, message);
}

static mode_t
mode_of (const char *path)
{
  struct stat info;

  ck_assert_int_eq (stat (path, &info), 0);
  return info.st_mode & 07777;
}

START_TEST (test_new_file)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  const mode_t mask = umask (027);

  {
    g_autoptr (FanoutOutput) output = open_output (path);

    ck_assert (!fanout_output_is_terminal (output));
    write_text (output, "one\n");
    write_text (output, "two\n");
    ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
    ck_assert (fanout_output_commit (output, NULL));
  }
  umask (mask);
  check_file (path, "one\ntwo\n");
  ck_assert_int_eq (mode_of (path), 0640);
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

START_TEST (test_discard)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *old = g_build_filename (folder, "old.csv", NULL);

  put_file (old, "old");
  fanout_output_free (open_output (path));
  {
    g_autoptr (FanoutOutput) output = open_output (old);

    write_text (output, "new");
  }
  check_file (old, "old");
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

START_TEST (test_replace)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *link = g_build_filename (folder, "link.csv", NULL);

  put_file (path, "a longer text than the new one");
  ck_assert_int_eq (chmod (path, 0604), 0);
  ck_assert_int_eq (symlink ("out.csv", link), 0);
  {
    g_autoptr (FanoutOutput) output = open_output (link);

    write_text (output, "new\n");
    check_file (path, "a longer text than the new one");
    ck_assert (fanout_output_commit (output, NULL));
  }
  check_file (path, "new\n");
  ck_assert_int_eq (mode_of (path), 0604);
  ck_assert (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  ck_assert_uint_eq (count_files (folder), 2);
}
END_TEST

START_TEST (test_dangling_link)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *first = g_build_filename (folder, "first", NULL);
  g_autofree char *second = g_build_filename (folder, "second", NULL);
  g_autofree char *target = g_build_filename (folder, "target", NULL);
  g_autofree char *loop = g_build_filename (folder, "loop", NULL);
  g_autofree char *message = g_strdup_printf ("%s: %s", loop, g_strerror (ELOOP));

  ck_assert_int_eq (symlink ("second", first), 0);
  ck_assert_int_eq (symlink (target, second), 0);
  ck_assert_int_eq (symlink ("loop", loop), 0);
  {
    g_autoptr (FanoutOutput) output = open_output (first);

    write_text (output, "new\n");
    ck_assert (fanout_output_commit (output, NULL));
  }
  check_file (target, "new\n");
  ck_assert (g_file_test (first, G_FILE_TEST_IS_SYMLINK));
  ck_assert (g_file_test (second, G_FILE_TEST_IS_SYMLINK));
  check_refused (loop, NULL, message);
}
END_TEST

START_TEST (test_relative)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *before = g_get_current_dir ();

  ck_assert_int_eq (chdir (folder), 0);
  {
    g_autoptr (FanoutOutput) output = open_output ("out.csv");

    write_text (output, "new\n");
    ck_assert (fanout_output_commit (output, NULL));
  }
  ck_assert_int_eq (chdir (before), 0);
  check_file (path, "new\n");
}
END_TEST

START_TEST (test_refused)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *nowhere = g_build_filename (folder, "no", "out.csv", NULL);
  g_autofree char *below = g_build_filename (folder, "file", "out.csv", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *gone = g_strdup_printf ("%s: cannot create a file in %s/no: %s", nowhere, folder,
                                           g_strerror (ENOENT));
  g_autofree char *not = g_strdup_printf ("%s: %s", below, g_strerror (ENOTDIR));
  g_autofree char *is = g_strdup_printf ("%s: %s", folder, g_strerror (EISDIR));

  put_file (file, "");
  check_refused (nowhere, NULL, gone);
  check_refused (below, NULL, not );
  check_refused (folder, NULL, is);
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

START_TEST (test_input)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "data.csv", NULL);
  g_autofree char *other = g_build_filename (folder, "other.csv", NULL);
  g_autofree char *link = g_build_filename (folder, "link.csv", NULL);
  g_autofree char *message = g_strdup_printf ("%s: the output is also an input", link);
  const char *const inputs[] = { "-", other, path, NULL };
  const char *const others[] = { "-", "/dev/null", other, NULL };
  FanoutOutput *output;

  put_file (path, "data");
  put_file (other, "data");
  ck_assert_int_eq (symlink ("data.csv", link), 0);
  check_refused (link, inputs, message);
  output = fanout_output_open (link, others, NULL);
  ck_assert_ptr_nonnull (output);
  fanout_output_free (output);
  output = fanout_output_open ("/dev/null", others, NULL);
  ck_assert_ptr_nonnull (output);
  fanout_output_free (output);
  check_file (path, "data");
}
END_TEST

START_TEST (test_commit_fails)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *message = g_strdup_printf ("%s: %s", path, g_strerror (EISDIR));
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (FanoutOutput) output = open_output (path);

    write_text (output, "new\n");
    ck_assert_int_eq (mkdir (path, 0700), 0);
    ck_assert (!fanout_output_commit (output, &error));
  }
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT));
  ck_assert_str_eq (error->message, message);
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

/* The descriptor that the next file will get. */
static int
next_descriptor (void)
{
  const int fd = dup (STDERR_FILENO);

  close (fd);
  return fd;
}

START_TEST (test_close_fails)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *message = g_strdup_printf ("%s: %s", path, g_strerror (EIO));
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) standard_error = NULL;

  put_file (path, "old");
  {
    g_autoptr (FanoutOutput) output = NULL;
    const int fd = next_descriptor ();

    output = open_output (path);
    write_text (output, "new\n");
    failing_close = fd;
    ck_assert (!fanout_output_commit (output, &error));
  }
  ck_assert_str_eq (error->message, message);
  check_file (path, "old");
  ck_assert_uint_eq (count_files (folder), 1);
  {
    g_autoptr (FanoutOutput) output = open_output ("-");

    failing_close = next_descriptor ();
    ck_assert (!fanout_output_commit (output, &standard_error));
  }
  ck_assert_str_eq (standard_error->message, "standard output: Input/output error");
}
END_TEST

START_TEST (test_sync)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *message = g_strdup_printf ("%s: %s", path, g_strerror (ENOSPC));
  g_autoptr (GError) error = NULL;

  synced = g_string_new (NULL);
  {
    g_autoptr (FanoutOutput) output = open_output (path);

    write_text (output, "new\n");
    ck_assert (fanout_output_commit (output, NULL));
  }
  ck_assert_str_eq (synced->str, "FD");
  failing_sync = EINVAL;
  {
    g_autoptr (FanoutOutput) output = open_output (path);

    ck_assert (fanout_output_commit (output, NULL));
  }
  check_file (path, "");
  failing_sync = ENOSPC;
  {
    g_autoptr (FanoutOutput) output = open_output (path);

    write_text (output, "newer\n");
    ck_assert (!fanout_output_commit (output, &error));
  }
  failing_sync = 0;
  g_string_free (g_steal_pointer (&synced), TRUE);
  ck_assert_str_eq (error->message, message);
  check_file (path, "");
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

START_TEST (test_check)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out.csv", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "out.csv", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *gone = g_strdup_printf ("%s: cannot create a file in %s/no: %s", nowhere, folder,
                                           g_strerror (ENOENT));
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (mkfifo (fifo, 0600), 0);
  ck_assert (fanout_output_check (path, NULL, NULL));
  ck_assert (fanout_output_check (fifo, NULL, NULL));
  ck_assert (fanout_output_check ("/dev/null", NULL, NULL));
  ck_assert (!fanout_output_check (nowhere, NULL, &error));
  ck_assert_str_eq (error->message, gone);
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

/* Run with another file in the place of a descriptor. */
static int
put_in_place (int fd, const char *path, int flags)
{
  const int saved = dup (fd);
  const int file = open (path, flags | O_CLOEXEC, 0600);

  ck_assert_int_ge (file, 0);
  ck_assert_int_eq (dup2 (file, fd), fd);
  close (file);
  return saved;
}

static void
put_back (int fd, int saved)
{
  dup2 (saved, fd);
  close (saved);
}

START_TEST (test_standard_output)
{
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "out", NULL);
  const char *const inputs[] = { path, NULL };
  const int saved = put_in_place (STDOUT_FILENO, path, O_WRONLY | O_CREAT);
  g_autoptr (FanoutOutput) output = fanout_output_open ("-", NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("text\n");
  const gboolean written = fanout_output_put (output, text->str, text->len, NULL);
  const gboolean committed = fanout_output_commit (output, NULL);
  const gboolean refused = fanout_output_open ("-", inputs, &error) == NULL;

  put_back (STDOUT_FILENO, saved);
  ck_assert (written && committed && refused);
  ck_assert_str_eq (error->message, "standard output: the output is also an input");
  check_file (path, "text\n");
}
END_TEST

START_TEST (test_full_disk)
{
  const int saved = put_in_place (STDOUT_FILENO, "/dev/full", O_WRONLY);
  g_autoptr (FanoutOutput) output = fanout_output_open ("-", NULL, NULL);
  g_autoptr (FanoutOutput) named = fanout_output_open ("/dev/full", NULL, NULL);
  g_autoptr (GString) text = g_string_new ("text\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) named_error = NULL;
  const gboolean written = fanout_output_put (output, text->str, text->len, &error);

  put_back (STDOUT_FILENO, saved);
  ck_assert (!written);
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY));
  ck_assert_str_eq (error->message, "standard output: No space left on device");
  ck_assert (!fanout_output_put (named, text->str, text->len, &named_error));
  ck_assert_str_eq (named_error->message, "/dev/full: No space left on device");
}
END_TEST

START_TEST (test_closed_standard_output)
{
  const int saved = dup (STDOUT_FILENO);
  g_autoptr (GError) error = NULL;
  FanoutOutput *output;

  close (STDOUT_FILENO);
  output = fanout_output_open ("-", NULL, &error);
  put_back (STDOUT_FILENO, saved);
  ck_assert_ptr_null (output);
  ck_assert_str_eq (error->message, "standard output: Bad file descriptor");
}
END_TEST

static void *
read_slowly (void *data)
{
  const int fd = *(const int *) data;
  gsize *n = g_new0 (gsize, 1);
  char bytes[5000];
  ssize_t got;

  while ((got = read (fd, bytes, sizeof bytes)) > 0)
    *n += (gsize) got;
  return n;
}

/* A FIFO is written directly; a full one that does not block is waited for. */
START_TEST (test_fifo)
{
  enum
  {
    SIZE = 1000000,
  };
  g_autoptr (char) folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gsize *n = NULL;
  pthread_t reader;
  int ends[2];

  ck_assert_int_eq (mkfifo (path, 0600), 0);
  ends[0] = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  {
    g_autoptr (FanoutOutput) output = open_output (path);

    write_text (output, "text");
    ck_assert (fanout_output_commit (output, NULL));
  }
  ck_assert_int_eq (read (ends[0], text->str, 4), 4);
  close (ends[0]);
  ck_assert_uint_eq (count_files (folder), 1);

  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  ck_assert_int_eq (fcntl (ends[1], F_SETFL, O_NONBLOCK), 0);
  ck_assert_int_eq (pthread_create (&reader, NULL, read_slowly, &ends[0]), 0);
  g_string_set_size (text, SIZE);
  memset (text->str, 'x', SIZE);
  {
    const int saved = dup (STDOUT_FILENO);
    FanoutOutput *output;
    gboolean written;

    dup2 (ends[1], STDOUT_FILENO);
    output = fanout_output_open ("-", NULL, NULL);
    written = fanout_output_put (output, text->str, text->len, NULL);
    fanout_output_free (output);
    put_back (STDOUT_FILENO, saved);
    ck_assert (written);
  }
  close (ends[1]);
  ck_assert_int_eq (pthread_join (reader, (void **) &n), 0);
  ck_assert_uint_eq (*n, SIZE);
  close (ends[0]);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("output");
  TCase *tests = tcase_create ("output");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_new_file);
  tcase_add_test (tests, test_discard);
  tcase_add_test (tests, test_replace);
  tcase_add_test (tests, test_dangling_link);
  tcase_add_test (tests, test_relative);
  tcase_add_test (tests, test_refused);
  tcase_add_test (tests, test_input);
  tcase_add_test (tests, test_commit_fails);
  tcase_add_test (tests, test_close_fails);
  tcase_add_test (tests, test_sync);
  tcase_add_test (tests, test_check);
  tcase_add_test (tests, test_standard_output);
  tcase_add_test (tests, test_full_disk);
  tcase_add_test (tests, test_closed_standard_output);
  tcase_add_test (tests, test_fifo);
  suite_add_tcase (suite, tests);
  return suite;
}
