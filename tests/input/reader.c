/* The reader: the rows of the stream, their numbers and lines, whatever the lanes and the cuts. */

#include "tests/support/suite.h"
#include "core/input/reader.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LANES 3

/* A source of delimited text that needs nothing of the others. */

typedef struct
{
  gboolean header;
  const char *names; /* configured */
} Options;

static void
scan (gconstpointer options G_GNUC_UNUSED, const char *data, gsize length, FanoutScan *result)
{
  FanoutScan found = { .quoted = result->quoted };

  for (gsize i = 0; i < length; i++)
    {
      found.quoted ^= data[i] == '"';
      found.lines += data[i] == '\n';
      if (data[i] != '\n' || found.quoted)
        continue;
      found.rows++;
      found.tail = i + 1;
    }
  *result = found;
}

static gsize
row_length (const char *data, gsize length)
{
  gboolean quoted = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      quoted ^= data[i] == '"';
      if (data[i] == '\n' && !quoted)
        return i + 1;
    }
  return length;
}

static gboolean
header (gconstpointer options, const char *data, gsize length, gboolean complete, char ***names,
        guint *n_fields, gsize *header_length, GError **error)
{
  const Options *self = options;
  gsize start = 0;
  gsize row;
  char **found;

  while (start < length && (data[start] == '\n' || data[start] == '\r'))
    start++;
  row = row_length (data + start, length - start);
  if (!complete && (row == 0 || data[start + row - 1] != '\n'))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "the header is too long");
      return FALSE;
    }
  g_autofree char *text = g_strndup (data + start, row);
  found = g_strsplit (g_strchomp (text), ",", -1);
  *n_fields = g_strv_length (found);
  if (self->header)
    {
      *names = found;
      *header_length = start + row;
    }
  else
    g_strfreev (found);
  return TRUE;
}

static char **
configured_names (gconstpointer options)
{
  const Options *self = options;

  return self->names != NULL ? g_strsplit (self->names, ",", -1) : NULL;
}

static const FanoutSource source = {
  .size = sizeof (FanoutSource),
  .name = "test",
  .options_size = sizeof (Options),
  .header = header,
  .scan = scan,
  .names = configured_names,
};
static const Options plain = { .header = FALSE };
static const Options headed = { .header = TRUE };

/* Rows, as text: "RECORD NAME:LINE BYTES". */

static char *
describe (guint64 record, const char *name, guint64 line, const char *data, gsize length,
          gsize max_row)
{
  g_autofree char *base = g_path_get_basename (name);
  g_autofree char *bytes = NULL;
  FanoutScan row = { 0 };

  scan (NULL, data, length, &row);
  if (row.rows > 0)
    length -= length > 1 && data[length - 2] == '\r' ? 2 : 1;
  bytes = length > max_row ? g_strdup ("too long") : g_strndup (data, length);
  return g_strdup_printf ("%08" G_GUINT64_FORMAT " %s:%" G_GUINT64_FORMAT " %s", record, base, line,
                          bytes);
}

static void
add_rows (GPtrArray *rows, FanoutBlock block, gsize max_row)
{
  static const char zeros[FANOUT_PADDING];

  ck_assert_uint_gt (block.length, 0);
  ck_assert_int_eq (memcmp (block.data + block.length, zeros, sizeof zeros), 0);
  while (block.offset < block.length)
    {
      const char *data = block.data + block.offset;
      gsize length = row_length (data, block.length - block.offset);

      g_ptr_array_add (rows,
                       describe (block.record, block.name, block.line, data, length, max_row));
      for (gsize i = 0; i < length; i++)
        block.line += data[i] == '\n';
      block.record++;
      block.offset += length;
    }
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* One run over files made for it. */

typedef struct
{
  const char *folder;
  FanoutReaderPlan plan;
  guint n_lanes;
  gboolean alternate; /* all lanes in one thread, in turn */
} Setup;

typedef struct
{
  FanoutLane *lanes[MAX_LANES];
  guint n_lanes;
  gsize max_row;
  GPtrArray *rows;
  GError *error;
  guint64 record;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  FanoutRead result = FANOUT_READ_BLOCK;
  FanoutBlock block;

  for (guint i = 0; result == FANOUT_READ_BLOCK; i = (i + 1) % worker->n_lanes)
    {
      result = fanout_reader_next (worker->lanes[i], &block, NULL, &worker->record, &worker->error);
      if (result == FANOUT_READ_BLOCK)
        add_rows (worker->rows, block, worker->max_row);
    }
  ck_assert_int_ne (result, FANOUT_READ_WAIT);
  ck_assert_int_eq (result == FANOUT_READ_FAILED, worker->error != NULL);
  return NULL;
}

/* Behind the end there is nothing, and a failure is told only once. */
static void
close_lane (FanoutLane *lane)
{
  FanoutBlock block;
  guint64 record;

  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
  fanout_lane_free (lane);
}

/* All rows in order, one text each; a failure is the last one. */
static char *
read_all (FanoutBlockReader *reader, guint n_lanes, gboolean alternate, gsize max_row)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  const guint n_workers = alternate ? 1 : n_lanes;
  Worker workers[MAX_LANES] = { 0 };
  pthread_t threads[MAX_LANES];
  char *text;

  for (guint i = 0; i < n_lanes; i++)
    {
      Worker *worker = &workers[alternate ? 0 : i];

      worker->lanes[worker->n_lanes++] = fanout_reader_lane (reader, TRUE);
      worker->max_row = max_row;
      if (worker->rows == NULL)
        worker->rows = g_ptr_array_new ();
    }
  for (guint i = 1; i < n_workers; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, work, &workers[i]), 0);
  work (&workers[0]);
  for (guint i = 1; i < n_workers; i++)
    pthread_join (threads[i], NULL);
  for (guint i = 0; i < n_workers; i++)
    {
      Worker *worker = &workers[i];

      for (guint r = 0; r < worker->rows->len; r++)
        {
          if (r > 0)
            ck_assert_str_lt (worker->rows->pdata[r - 1], worker->rows->pdata[r]);
          g_ptr_array_add (rows, worker->rows->pdata[r]);
        }
      if (worker->error != NULL)
        g_ptr_array_add (rows, g_strdup_printf ("%08" G_GUINT64_FORMAT "! %s", worker->record,
                                                worker->error->message));
      g_clear_error (&worker->error);
      g_ptr_array_unref (worker->rows);
      for (guint l = 0; l < worker->n_lanes; l++)
        close_lane (worker->lanes[l]);
    }
  g_ptr_array_sort (rows, compare_rows);
  g_ptr_array_add (rows, NULL);
  text = g_strjoinv ("\n", (char **) rows->pdata);
  return text;
}

static char *folder;

static void
make_folder (void)
{
  GError *error = NULL;

  folder = g_dir_make_tmp ("test-reader-XXXXXX", &error);
  ck_assert_ptr_nonnull (folder);
}

static void
remove_folder (void)
{
  char *arguments[] = { (char *) "rm", (char *) "-rf", folder, NULL };

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&folder, g_free);
}

static void
write_file (const char *name, const char *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (parent, 0700), 0);
  ck_assert (g_file_set_contents (path, bytes, -1, NULL));
}

static FanoutReaderPlan
make_plan (const Options *options, const char *const *paths)
{
  const FanoutReaderPlan plan = { .source = &source,
                                  .options = options,
                                  .paths = paths,
                                  .folder = folder,
                                  .max_row = 1024,
                                  .block_size = 16 };

  return plan;
}

static FanoutBlockReader *
open_reader (const FanoutReaderPlan *plan)
{
  GError *error = NULL;
  FanoutBlockReader *reader = fanout_reader_new (plan, &error);

  ck_assert_ptr_nonnull (reader);
  ck_assert_ptr_null (error);
  return reader;
}

/* The same rows, whatever the cuts. Paths of the folder are taken out of messages. */
static void
expect_at (const FanoutReaderPlan *plan, guint n_lanes, gboolean alternate, const char *expected)
{
  g_autoptr (FanoutBlockReader) reader = open_reader (plan);
  g_autofree char *rows = read_all (reader, n_lanes, alternate, plan->max_row);
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_auto (GStrv) parts = g_strsplit (rows, prefix, -1);
  g_autofree char *found = g_strjoinv ("", parts);

  ck_assert_msg (strcmp (found, expected) == 0, "%u lanes, blocks of %zu:\n%s\ninstead of\n%s",
                 n_lanes, plan->block_size, found, expected);
}

static void
expect (FanoutReaderPlan plan, const char *expected)
{
  for (plan.block_size = 1; plan.block_size <= 64; plan.block_size++)
    {
      expect_at (&plan, 1, FALSE, expected);
      expect_at (&plan, 2, TRUE, expected);
      expect_at (&plan, 2 + (guint) plan.block_size % 2, FALSE, expected);
    }
  plan.block_size = 0;
  expect_at (&plan, 2, FALSE, expected);
}

static void
expect_rows (const Options *options, const char *bytes, const char *expected)
{
  const char *const paths[] = { "t.csv", NULL };

  write_file ("t.csv", bytes);
  expect (make_plan (options, paths), expected);
}

START_TEST (rows_and_lines)
{
  expect_rows (&plain, "", "");
  expect_rows (&plain, "a", "00000000 t.csv:1 a");
  expect_rows (&plain, "a\n", "00000000 t.csv:1 a");
  expect_rows (&plain, "a\r\n\n\r\nb\n\nlast",
               "00000000 t.csv:1 a\n00000001 t.csv:2 \n00000002 t.csv:3 \n00000003 t.csv:4 b\n"
               "00000004 t.csv:5 \n00000005 t.csv:6 last");
  expect_rows (&plain, "\n\n", "00000000 t.csv:1 \n00000001 t.csv:2 ");
}
END_TEST

START_TEST (quotes)
{
  expect_rows (&plain, "\"a\nb\",1\n\"c \"\"\n\"\" d\",2\ne\n\"last\n\nof \"\"all\"\"\"",
               "00000000 t.csv:1 \"a\nb\",1\n00000001 t.csv:3 \"c \"\"\n\"\" d\",2\n"
               "00000002 t.csv:5 e\n00000003 t.csv:6 \"last\n\nof \"\"all\"\"\"");
  expect_rows (&plain, "\"\"\n\"\n\"\n", "00000000 t.csv:1 \"\"\n00000001 t.csv:2 \"\n\"");
}
END_TEST

START_TEST (unclosed_quote)
{
  expect_rows (&plain, "a\n\"b\nc\"\nd,\"e\n\nf\n",
               "00000000 t.csv:1 a\n00000001 t.csv:2 \"b\nc\"\n"
               "00000002 t.csv:4 d,\"e\n\nf\n");
  expect_rows (&headed, "\n\"a\nb\n", "00000000! t.csv:2: a quote in the header is never closed");
}
END_TEST

START_TEST (headers)
{
  expect_rows (&headed, "a,b\n1,2\n3,4\n", "00000000 t.csv:2 1,2\n00000001 t.csv:3 3,4");
  expect_rows (&headed,
               "\xEF\xBB\xBF"
               "a,b\r\n1,2",
               "00000000 t.csv:2 1,2");
  expect_rows (&headed, "\n\n\"a\n b\",b\n\n1,2", "00000000 t.csv:5 \n00000001 t.csv:6 1,2");
  expect_rows (&headed, "a,b", "");
  expect_rows (&headed, "a,b\n", "");
  expect_rows (&headed, "\xEF\xBB\xBF", "");
  /* The second one is a letter. */
  expect_rows (&plain, "\xEF\xBB\xBF\xEF\xBB\xBF", "00000000 t.csv:1 \xEF\xBB\xBF");
  expect_rows (&plain,
               "\xEF\xBB\xBF"
               "1,2\n",
               "00000000 t.csv:1 1,2");
  expect_rows (&plain, "\xEF\xBB\n", "00000000 t.csv:1 \xEF\xBB");
}
END_TEST

START_TEST (lines_by_default)
{
  const char *const paths[] = { "t.csv", NULL };
  const FanoutSource lines = { .size = sizeof (FanoutSource), .name = "lines" };
  FanoutReaderPlan plan = make_plan (NULL, paths);

  plan.source = &lines;
  plan.block_size = 3;
  write_file ("t.csv", "a b\nc\n");
  expect_at (&plan, 1, FALSE, "00000000 t.csv:1 a b\n00000001 t.csv:2 c");
}
END_TEST

START_TEST (several_inputs)
{
  const char *const paths[] = { "a", "empty", "b", "header", "mark", "c", NULL };

  write_file ("a", "x,y\n1,2\n3,4");
  write_file ("empty", "");
  write_file ("b", "\xEF\xBB\xBFx,y\n\"5\n\",6\n");
  write_file ("header", "x,y\n");
  write_file ("mark", "\xEF\xBB\xBF");
  write_file ("c", "\nx,y\n7,8");
  expect (make_plan (&headed, paths), "00000000 a:2 1,2\n00000001 a:3 3,4\n00000002 b:2 \"5\n\",6\n"
                                      "00000003 c:3 7,8");
}
END_TEST

START_TEST (failures_come_in_turn)
{
  const char *const missing[] = { "a", "missing", "a", NULL };
  const char *const unclosed[] = { "a", "b", "a", NULL };

  write_file ("a", "1\n2\n3");
  write_file ("b", "4\n\"5");
  expect (make_plan (&plain, missing), "00000000 a:1 1\n00000001 a:2 2\n00000002 a:3 3\n"
                                       "00000003! missing: No such file or directory");
  expect (make_plan (&plain, unclosed), "00000000 a:1 1\n00000001 a:2 2\n00000002 a:3 3\n"
                                        "00000003 b:1 4\n00000004 b:2 \"5\n"
                                        "00000005 a:1 1\n00000006 a:2 2\n00000007 a:3 3");
}
END_TEST

START_TEST (long_rows)
{
  const char *const paths[] = { "t.csv", "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);

  plan.max_row = 8;
  write_file ("t.csv", "12345678\r\n123456789\n1\n\"2\n56\n\"\"89012345678901234567890\n\",\"\n\"\n"
                       "\"2\n5678\"\n123456789\r\n12345678901234567890123456789012345678901234");
  expect (plan,
          "00000000 t.csv:1 12345678\n00000001 t.csv:2 too long\n00000002 t.csv:3 1\n"
          "00000003 t.csv:4 too long\n00000004 t.csv:9 \"2\n5678\"\n00000005 t.csv:11 too long\n"
          "00000006 t.csv:12 too long\n"
          "00000007 t.csv:1 12345678\n00000008 t.csv:2 too long\n00000009 t.csv:3 1\n"
          "00000010 t.csv:4 too long\n00000011 t.csv:9 \"2\n5678\"\n00000012 t.csv:11 too long\n"
          "00000013 t.csv:12 too long");
  write_file ("t.csv", "1\n1,\"345678901234\n67890123456789\n1");
  expect (plan, "00000000 t.csv:1 1\n00000001 t.csv:2 too long\n"
                "00000002 t.csv:1 1\n00000003 t.csv:2 too long");
}
END_TEST

/* Every text of a few bytes that matter, against a plain reading. */
static char *
read_plainly (const char *bytes, gsize max_row)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  const gsize length = strlen (bytes);
  guint64 line = 1;

  for (gsize at = 0, n; at < length; at += n)
    {
      FanoutScan found = { 0 };

      n = row_length (bytes + at, length - at);
      scan (NULL, bytes + at, n, &found);
      g_ptr_array_add (rows, describe (rows->len, "t.csv", line, bytes + at, n, max_row));
      line += found.lines;
    }
  g_ptr_array_add (rows, NULL);
  return g_strjoinv ("\n", (char **) rows->pdata);
}

/* Rows from a few bytes to more than a piece, so that all buffers grow. */
START_TEST (large_text)
{
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree char *expected = NULL;

  while (bytes->len < 500000)
    {
      const guint length = (guint) g_rand_int_range (random, 0, 5) == 0
                               ? (guint) g_rand_int_range (random, 0, 30000)
                               : (guint) g_rand_int_range (random, 0, 100);
      g_autofree char *text = g_strnfill (length, 'a' + (char) (bytes->len % 26));

      g_string_append_printf (bytes, length % 3 == 0 ? "%s,\"\n\"\n" : "%s\r\n", text);
    }
  plan.max_row = 20000;
  write_file ("t.csv", bytes->str);
  expected = read_plainly (bytes->str, plan.max_row);
  for (plan.block_size = 1000; plan.block_size < 20000; plan.block_size *= 2)
    {
      expect_at (&plan, 1, FALSE, expected);
      expect_at (&plan, 2, TRUE, expected);
      expect_at (&plan, 3, FALSE, expected);
    }
}
END_TEST

START_TEST (random_texts)
{
  static const char letters[] = "ab,\"\"\n\n\r";
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  plan.max_row = 6;
  for (guint round = 0; round < 400; round++)
    {
      char bytes[60] = "";
      const gint length = g_rand_int_range (random, 0, sizeof bytes);
      g_autofree char *expected = NULL;

      for (gint i = 0; i < length; i++)
        bytes[i] = letters[g_rand_int_range (random, 0, sizeof letters - 1)];
      /* Carriage returns alone would be told of. */
      if (strchr (bytes, '\n') == NULL)
        continue;
      write_file ("t.csv", bytes);
      expected = read_plainly (bytes, plan.max_row);
      plan.block_size = (gsize) g_rand_int_range (random, 1, 20);
      expect_at (&plan, 1, FALSE, expected);
      expect_at (&plan, 2, TRUE, expected);
      expect_at (&plan, 3, FALSE, expected);
    }
}
END_TEST

/* Pipes. */

typedef struct
{
  int ends[2];
  char *path;
  const char *paths[2];
  FanoutBlockReader *reader;
  FanoutLane *lane;
} Piped;

static void
piped_open (Piped *piped, const Options *options, gboolean blocking)
{
  FanoutReaderPlan plan = make_plan (options, piped->paths);

  ck_assert_int_eq (pipe (piped->ends), 0);
  piped->path = g_strdup_printf ("/dev/fd/%d", piped->ends[0]);
  piped->paths[0] = piped->path;
  piped->paths[1] = NULL;
  piped->reader = open_reader (&plan);
  piped->lane = fanout_reader_lane (piped->reader, blocking);
}

static void
piped_end (Piped *piped)
{
  close (piped->ends[1]);
  piped->ends[1] = -1;
}

static void
piped_clear (Piped *piped)
{
  fanout_lane_free (piped->lane);
  fanout_reader_free (piped->reader);
  close (piped->ends[0]);
  if (piped->ends[1] >= 0)
    close (piped->ends[1]);
  g_free (piped->path);
}

static void
piped_write (const Piped *piped, const char *bytes)
{
  ck_assert_int_eq (write (piped->ends[1], bytes, strlen (bytes)), (gssize) strlen (bytes));
}

/* The next thing that the reader gives: the bytes of a block, or what happened. */
static const char *
piped_next (Piped *piped, char *bytes, gsize room)
{
  static const char *const results[] = { "block", "wait", "end", "failed" };
  FanoutBlock block;
  guint64 record;
  FanoutRead result = fanout_reader_next (piped->lane, &block, NULL, &record, NULL);

  if (result != FANOUT_READ_BLOCK)
    return results[result];
  ck_assert_uint_lt (block.length, room);
  memcpy (bytes, block.data, block.length);
  bytes[block.length] = '\0';
  return bytes;
}

#define expect_next(piped, expected)                                                               \
  do                                                                                               \
    {                                                                                              \
      char bytes_[256];                                                                            \
      ck_assert_str_eq (piped_next (piped, bytes_, sizeof bytes_), expected);                      \
    }                                                                                              \
  while (0)

START_TEST (pipe_that_blocks)
{
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2");
  expect_next (&piped, "1\n");
  piped_write (&piped, "\n");
  expect_next (&piped, "2\n");
  piped_write (&piped, "a row of more than a piece\n");
  expect_next (&piped, "a row of more than a piece\n");
  piped_write (&piped, "b");
  piped_end (&piped);
  expect_next (&piped, "b");
  expect_next (&piped, "end");
  ck_assert_uint_eq (fanout_reader_bytes (piped.reader), 32);
  ck_assert_uint_eq (fanout_reader_total (piped.reader), 0);
  piped_clear (&piped);
}
END_TEST

START_TEST (pipe_that_waits)
{
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;
  Piped piped;

  piped_open (&piped, &headed, FALSE);
  ck_assert_int_eq (fanout_reader_fd (piped.reader), -1);
  ck_assert_int_eq (fanout_reader_ready (piped.reader, NULL), FANOUT_READ_WAIT);
  piped_write (&piped, "x,");
  ck_assert_int_eq (fanout_reader_ready (piped.reader, NULL), FANOUT_READ_WAIT);
  expect_next (&piped, "wait");
  ck_assert_int_ge (fanout_reader_fd (piped.reader), 0);
  piped_write (&piped, "y\n1,");
  ck_assert_int_eq (fanout_reader_ready (piped.reader, NULL), FANOUT_READ_BLOCK);
  ck_assert (fanout_reader_fields (piped.reader, &names, &known, NULL, NULL));
  ck_assert (known);
  ck_assert_str_eq (names[0], "x");
  ck_assert_str_eq (names[1], "y");
  expect_next (&piped, "wait");
  piped_write (&piped, "\"2\n");
  expect_next (&piped, "wait");
  piped_write (&piped, "\"\n3,4\n5");
  expect_next (&piped, "1,\"2\n\"\n3,4\n");
  expect_next (&piped, "wait");
  piped_end (&piped);
  expect_next (&piped, "5");
  expect_next (&piped, "end");
  ck_assert_int_eq (fanout_reader_fd (piped.reader), -1);
  piped_clear (&piped);
}
END_TEST

START_TEST (long_row_of_a_pipe)
{
  Piped piped;

  piped_open (&piped, &plain, FALSE);
  g_autofree char *letters = g_strnfill (1000, 'l');
  piped_write (&piped, "1\n");
  expect_next (&piped, "1\n");
  for (guint i = 0; i < 20; i++)
    {
      FanoutBlock block = { 0 };
      guint64 record;
      FanoutRead result;

      piped_write (&piped, letters);
      result = fanout_reader_next (piped.lane, &block, NULL, &record, NULL);
      ck_assert_int_eq (result, i == 1 ? FANOUT_READ_BLOCK : FANOUT_READ_WAIT);
      if (i == 1)
        {
          /* It is told before it ends, and not longer than need be. */
          ck_assert_uint_ge (block.length, 1024 + 2);
          ck_assert_uint_le (block.length, 1024 + 2 + 16);
          ck_assert_uint_eq (block.record, 1);
          expect_next (&piped, "wait");
        }
    }
  piped_write (&piped, "\n2\n");
  expect_next (&piped, "2\n");
  piped_clear (&piped);
}
END_TEST

typedef struct
{
  Piped piped;
  sem_t go;
} Feeder;

static gpointer
feed (gpointer data)
{
  Feeder *feeder = data;

  for (guint i = 0; i < 100; i++)
    {
      piped_write (&feeder->piped, "\"a");
      piped_write (&feeder->piped, "\n\",");
      piped_write (&feeder->piped, "b\n");
      /* The row must come before there is more. */
      while (sem_wait (&feeder->go) != 0)
        continue;
    }
  piped_end (&feeder->piped);
  return NULL;
}

/* A byte order mark may come byte by byte, too. */
START_TEST (mark_of_a_pipe)
{
  static const char *const pieces[] = { "\xEF", "\xBB", "\xBF", "h\n1\n" };
  Piped piped;

  piped_open (&piped, &headed, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      expect_next (&piped, "wait");
      piped_write (&piped, pieces[i]);
    }
  expect_next (&piped, "1\n");
  piped_clear (&piped);
}
END_TEST

START_TEST (slow_producer)
{
  Feeder feeder;
  pthread_t thread;

  piped_open (&feeder.piped, &plain, TRUE);
  sem_init (&feeder.go, 0, 0);
  pthread_create (&thread, NULL, feed, &feeder);
  for (guint i = 0; i < 100; i++)
    {
      expect_next (&feeder.piped, "\"a\n\",b\n");
      sem_post (&feeder.go);
    }
  expect_next (&feeder.piped, "end");
  pthread_join (thread, NULL);
  sem_destroy (&feeder.go);
  piped_clear (&feeder.piped);
}
END_TEST

static gpointer
write_fifo (gpointer data)
{
  const char *bytes = "h\n1\n\"2\n\"\n3\n4\n5\n6\n7\n8\n9\n10";
  int fd = open (data, O_WRONLY | O_CLOEXEC);

  for (const char *c = bytes; *c != '\0'; c++)
    ck_assert_int_eq (write (fd, c, 1), 1);
  close (fd);
  return NULL;
}

START_TEST (fifo_by_many_lanes)
{
  const char *const paths[] = { "a", "fifo", "a", NULL };
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  FanoutReaderPlan plan = make_plan (&headed, paths);

  write_file ("a", "h\na\n");
  ck_assert_int_eq (mkfifo (path, 0600), 0);
  for (plan.block_size = 1; plan.block_size < 20; plan.block_size++)
    {
      pthread_t thread;

      pthread_create (&thread, NULL, write_fifo, path);
      expect_at (&plan, 1 + (guint) plan.block_size % 3, FALSE,
                 "00000000 a:2 a\n00000001 fifo:2 1\n00000002 fifo:3 \"2\n\"\n00000003 fifo:5 3\n"
                 "00000004 fifo:6 4\n00000005 fifo:7 5\n00000006 fifo:8 6\n00000007 fifo:9 7\n"
                 "00000008 fifo:10 8\n00000009 fifo:11 9\n00000010 fifo:12 10\n00000011 a:2 a");
      pthread_join (thread, NULL);
    }
}
END_TEST

/* Standard input, whichever kind of file it is. */
static void
expect_standard_input (int fd, const char *expected)
{
  const char *const paths[] = { "-", "-", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  int saved = dup (STDIN_FILENO);
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;

  ck_assert_int_ge (dup2 (fd, STDIN_FILENO), 0);
  close (fd);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
  ck_assert (known);
  ck_assert_str_eq (names[0], "h");
  g_autofree char *rows = read_all (reader, 2, FALSE, plan.max_row);
  ck_assert_str_eq (rows, expected);
  ck_assert_int_ge (dup2 (saved, STDIN_FILENO), 0);
  close (saved);
}

START_TEST (standard_input)
{
  const char *expected = "00000000 standard input:2 1\n00000001 standard input:3 2";
  g_autofree char *path = g_build_filename (folder, "in", NULL);
  int ends[2];
  int fd;

  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_int_eq (write (ends[1], "h\n1\n2\n", 6), 6);
  close (ends[1]);
  expect_standard_input (ends[0], expected);

  write_file ("in", "skipped\nh\n1\n2\n");
  fd = open (path, O_RDONLY | O_CLOEXEC);
  ck_assert_int_eq (lseek (fd, 8, SEEK_SET), 8);
  expect_standard_input (fd, expected);
}
END_TEST

/* Stopping. */

typedef struct
{
  FanoutLane *lane;
  GCancellable *cancellable;
  sem_t *waiting;
  FanoutRead result;
  GError *error;
} Waiter;

static gpointer
wait_for_block (gpointer data)
{
  Waiter *waiter = data;
  FanoutBlock block;
  guint64 record;

  sem_post (waiter->waiting);
  waiter->result
      = fanout_reader_next (waiter->lane, &block, waiter->cancellable, &record, &waiter->error);
  return NULL;
}

typedef void (*Stop) (FanoutBlockReader *reader, GCancellable *cancellable);

/* Lanes that wait for a pipe, or are about to, and something that wakes them. */
static void
expect_woken (Stop stop, FanoutRead expected)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiters[MAX_LANES] = { 0 };
  pthread_t threads[MAX_LANES];
  sem_t waiting;
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2\n3");
  expect_next (&piped, "1\n2\n");
  fanout_reader_watch (piped.reader, cancellable);
  sem_init (&waiting, 0, 0);
  for (guint i = 0; i < MAX_LANES; i++)
    {
      waiters[i].lane = fanout_reader_lane (piped.reader, TRUE);
      waiters[i].waiting = &waiting;
      waiters[i].cancellable = cancellable;
      pthread_create (&threads[i], NULL, wait_for_block, &waiters[i]);
    }
  for (guint i = 0; i < MAX_LANES; i++)
    while (sem_wait (&waiting) != 0)
      continue;
  stop (piped.reader, cancellable);
  for (guint i = 0; i < MAX_LANES; i++)
    {
      pthread_join (threads[i], NULL);
      ck_assert_int_eq (waiters[i].result, expected);
      if (expected == FANOUT_READ_FAILED)
        ck_assert (g_error_matches (waiters[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      else
        ck_assert_ptr_null (waiters[i].error);
      g_clear_error (&waiters[i].error);
      fanout_lane_free (waiters[i].lane);
    }
  sem_destroy (&waiting);
  piped_clear (&piped);
}

static void
stop_at_once (FanoutBlockReader *reader, GCancellable *cancellable G_GNUC_UNUSED)
{
  fanout_reader_stop (reader);
}

/* The first of these wakes the lanes, but they go on. */
static void
stop_after_first (FanoutBlockReader *reader, GCancellable *cancellable G_GNUC_UNUSED)
{
  fanout_reader_stop_after (reader, 100);
  fanout_reader_stop_after (reader, 0);
  fanout_reader_stop_after (reader, 50);
}

static void
cancel (FanoutBlockReader *reader G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

START_TEST (waiting_lanes_wake)
{
  for (guint i = 0; i < 20; i++)
    {
      expect_woken (stop_at_once, FANOUT_READ_END);
      expect_woken (stop_after_first, FANOUT_READ_END);
      expect_woken (cancel, FANOUT_READ_FAILED);
    }
}
END_TEST

/* The row that failed may be a long one, of which there is no end in sight. */
START_TEST (stop_within_a_row)
{
  FanoutBlock block;
  guint64 record;
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  g_autofree char *letters = g_strnfill (2000, 'l');
  piped_write (&piped, "1\n");
  expect_next (&piped, "1\n");
  piped_write (&piped, letters);
  ck_assert_int_eq (fanout_reader_next (piped.lane, &block, NULL, &record, NULL),
                    FANOUT_READ_BLOCK);
  ck_assert_uint_eq (block.record, 1);
  fanout_reader_stop_after (piped.reader, 1);
  expect_next (&piped, "end");
  piped_clear (&piped);
}
END_TEST

static FanoutBlockReader *volatile interrupted;

static void
interrupt (int number G_GNUC_UNUSED)
{
  fanout_reader_stop (interrupted);
}

static gpointer
send_signal (gpointer data)
{
  pthread_kill (*(pthread_t *) data, SIGUSR1);
  return NULL;
}

START_TEST (stop_by_signal)
{
  const struct sigaction action = { .sa_handler = interrupt };
  pthread_t self = pthread_self ();

  ck_assert_int_eq (sigaction (SIGUSR1, &action, NULL), 0);
  for (guint i = 0; i < 50; i++)
    {
      Piped piped;
      pthread_t thread;

      piped_open (&piped, &plain, TRUE);
      interrupted = piped.reader;
      pthread_create (&thread, NULL, send_signal, &self);
      expect_next (&piped, "end");
      pthread_join (thread, NULL);
      piped_clear (&piped);
    }
}
END_TEST

/* What failed behind the last row that is wanted is nobody's business. */
START_TEST (stop_before_a_failure)
{
  const char *const paths[] = { "a", "missing", NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  write_file ("a", "1\n2\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  struct pollfd woken = { fanout_reader_wake_fd (reader), POLLIN, 0 };
  FanoutBlock block;
  guint64 record;

  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
  ck_assert_int_eq (poll (&woken, 1, 0), 0);
  fanout_reader_stop_after (reader, 1);
  ck_assert_int_eq (poll (&woken, 1, 0), 1);
  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
}
END_TEST

START_TEST (stop_deals_a_prefix)
{
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  GString *bytes = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (bytes, "%u\n", i);
  write_file ("t.csv", bytes->str);
  g_string_free (bytes, TRUE);
  for (gsize i = 0; i < 3; i++)
    {
      g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
      g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
      g_autoptr (FanoutLane) other = fanout_reader_lane (reader, TRUE);
      FanoutBlock block;
      guint64 record;

      ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
      ck_assert_uint_eq (block.record, 0);
      if (i == 0)
        fanout_reader_stop (reader);
      else
        fanout_reader_stop_after (reader, i == 1 ? 0 : 10);
      ck_assert_int_eq (fanout_reader_next (other, &block, NULL, &record, NULL),
                        i == 2 ? FANOUT_READ_BLOCK : FANOUT_READ_END);
      ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
      ck_assert_int_eq (fanout_reader_next (other, &block, NULL, &record, NULL), FANOUT_READ_END);
    }
}
END_TEST

START_TEST (fields_can_be_woken)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char **names = NULL;
  gboolean known = TRUE;
  Piped piped;

  piped_open (&piped, &headed, TRUE);
  g_cancellable_cancel (cancellable);
  ck_assert (!fanout_reader_fields (piped.reader, &names, &known, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert (known);
  fanout_reader_stop (piped.reader);
  ck_assert (fanout_reader_fields (piped.reader, &names, &known, NULL, NULL));
  ck_assert (!known);
  ck_assert_ptr_null (names);
  piped_clear (&piped);
}
END_TEST

/* What cannot be read. */

static void
expect_failure (const char *path, const char *expected)
{
  const char *const paths[] = { path, NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  expect_at (&plan, 2, FALSE, expected);
}

START_TEST (unreadable_inputs)
{
  const char *const gone[] = { "gone", NULL };
  g_autofree char *path = g_build_filename (folder, "gone", NULL);
  FanoutReaderPlan plan = make_plan (&plain, gone);

  expect_failure ("missing", "00000000! missing: No such file or directory");
  expect_failure ("a\nb", "00000000! a\\nb: No such file or directory");
  expect_failure (".", "00000000! .: Is a directory");
  if (g_file_test ("/proc/self/mem", G_FILE_TEST_EXISTS))
    expect_failure ("/proc/self/mem", "00000000! /proc/self/mem: Input/output error");
  if (geteuid () != 0)
    {
      write_file ("gone", "1\n");
      ck_assert_int_eq (chmod (path, 0), 0);
      expect_failure ("gone", "00000000! gone: Permission denied");
    }
  g_remove (path);
  write_file ("gone", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  char **names = NULL;
  gboolean known = FALSE;
  ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
  g_strfreev (names);
  ck_assert_int_eq (truncate (path, 18), 0);
  g_autofree char *rows = read_all (reader, 1, FALSE, 100);
  ck_assert (g_str_has_prefix (rows, "00000000 gone:1 1\n"));
  ck_assert (g_str_has_suffix (rows, "/gone: it became shorter while it was read"));
}
END_TEST

START_TEST (no_inputs)
{
  const char *const paths[] = { NULL };

  expect (make_plan (&headed, paths), "");
}
END_TEST

START_TEST (inputs_without_a_size)
{
  const char *const paths[] = { "/proc/self/cmdline", "/dev/null", NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  if (!g_file_test (paths[0], G_FILE_TEST_EXISTS))
    return;
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autofree char *rows = read_all (reader, 1, FALSE, plan.max_row);

  ck_assert (g_str_has_prefix (rows, "00000000 cmdline:1 "));
}
END_TEST

/* Columns. */

static void
expect_fields (const Options *options, const char *bytes, gboolean expected, const char *names)
{
  const char *const paths[] = { "nothing", "t.csv", NULL };
  const FanoutReaderPlan plan = make_plan (options, paths);
  g_autofree char *found = NULL;
  char **fields = NULL;
  gboolean known = !expected;

  write_file ("nothing", "");
  write_file ("t.csv", bytes);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert (fanout_reader_fields (reader, &fields, &known, NULL, NULL));
  ck_assert_int_eq (known, expected);
  found = fields != NULL ? g_strjoinv ("|", fields) : NULL;
  ck_assert_pstr_eq (found, names);
  g_strfreev (fields);
}

START_TEST (names_of_columns)
{
  const Options configured = { .names = "p,q" };

  expect_fields (&headed, "a,,b,a\n1,2,3,4\n", TRUE, "a|2|b|a");
  expect_fields (&headed, "a", TRUE, "a");
  expect_fields (&plain, "a,,b,a\n", TRUE, "1|2|3|4");
  expect_fields (&headed, "", FALSE, NULL);
  expect_fields (&headed, "\xEF\xBB\xBF", FALSE, NULL);
  expect_fields (&configured, "", TRUE, "p|q");
}
END_TEST

static void
expect_mapping (const Options *options, const char *const *names, const char *expected)
{
  const char *const paths[] = { "a", "b", NULL };
  const FanoutReaderPlan plan = make_plan (options, paths);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  g_autoptr (GString) found = g_string_new (NULL);
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_autoptr (GError) error = NULL;
  FanoutBlock block;
  guint64 record = 77;
  FanoutRead result;

  fanout_reader_select (reader, g_strv_length ((char **) names), names);
  while ((result = fanout_reader_next (lane, &block, NULL, &record, &error)) == FANOUT_READ_BLOCK)
    {
      g_string_append_printf (found, "%u:", block.n_fields);
      for (guint i = 0; names[i] != NULL; i++)
        g_string_append_printf (found, " %u", block.fields[i]);
      g_string_append (found, "; ");
    }
  if (error != NULL)
    {
      ck_assert (error->domain == FANOUT_ERROR && error->code == FANOUT_ERROR_INPUT);
      g_string_append_printf (found, "%" G_GUINT64_FORMAT " %s", record, error->message);
    }
  g_string_replace (found, prefix, "", 0);
  ck_assert_str_eq (found->str, expected);
}

START_TEST (columns_of_each_input)
{
  const char *const both[] = { "delay", "day", NULL };
  const char *const missing[] = { "when", NULL };
  const char *const near[] = { "delya", NULL };
  const char *const twice[] = { "x", NULL };
  const char *const numbers[] = { "2", "1", NULL };
  const char *const beyond[] = { "3", NULL };
  const char *const zero[] = { "02", NULL };

  write_file ("a", "day,delay,when\n1,2,3\n");
  write_file ("b", "x,delay,x,day\n1,2,3,4\n");
  expect_mapping (&headed, both, "3: 1 0; 4: 1 3; ");
  expect_mapping (&headed, missing, "3: 2; 1 no column 'when' in b");
  expect_mapping (&headed, near, "0 no column 'delya' in a; did you mean 'delay'?");
  expect_mapping (&headed, twice, "0 no column 'x' in a");
  write_file ("a", "x\n1");
  expect_mapping (&headed, twice, "1: 0; 1 column 'x' occurs twice in b");
  write_file ("a", "1,2");
  write_file ("b", "1,2,3");
  expect_mapping (&plain, numbers, "2: 1 0; 3: 1 0; ");
  expect_mapping (&plain, beyond, "0 no column '3' in a");
  expect_mapping (&plain, zero, "0 no column '02' in a");
}
END_TEST

START_TEST (header_too_long)
{
  const char *const paths[] = { "t.csv", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  g_autofree char *name = g_strnfill (10000, 'n');
  g_autofree char *text = g_strconcat (name, ",", name, "\n1,2\n", NULL);

  write_file ("t.csv", text);
  expect_at (&plan, 1, FALSE, "00000000! t.csv:1: the header is too long");
}
END_TEST

/* Paths. */

static void
expect_paths (const char *const *paths, const char *expected)
{
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_auto (GStrv) parts = NULL;
  FanoutBlockReader *reader;

  plan.glob = TRUE;
  reader = fanout_reader_new (&plan, &error);
  if (reader == NULL)
    ck_assert (error->domain == FANOUT_ERROR && error->code == FANOUT_ERROR_INPUT);
  found = reader != NULL ? g_strjoinv (" ", (char **) fanout_reader_paths (reader))
                         : g_strdup (error->message);
  parts = g_strsplit (found, prefix, -1);
  g_free (found);
  found = g_strjoinv ("", parts);
  ck_assert_str_eq (found, expected);
  fanout_reader_free (reader);
}

START_TEST (globs)
{
  const char *const order[] = { "b.csv", "?.csv", "-", NULL };
  const char *const deep[] = { "*/x[12].csv", NULL };
  const char *const literal[] = { "[q].txt", NULL };
  const char *const pattern[] = { "[p].txt", NULL };
  const char *const none[] = { "*.none", NULL };
  const char *const nowhere[] = { "nowhere/*", NULL };
  const char *const missing[] = { "missing", NULL };

  write_file ("a.csv", "1\n");
  write_file ("B.csv", "1\n");
  write_file ("b.csv", "12\n");
  write_file ("d/x1.csv", "1\n");
  write_file ("e/x2.csv", "1\n");
  write_file ("e/x3.csv", "1\n");
  write_file ("[q].txt", "1\n");
  write_file ("[p].txt", "1\n");
  write_file ("p.txt", "1\n");
  expect_paths (order, "b.csv B.csv a.csv b.csv -");
  expect_paths (deep, "d/x1.csv e/x2.csv");
  expect_paths (literal, "[q].txt");
  expect_paths (pattern, "p.txt");
  expect_paths (none, "no file matches '*.none'");
  expect_paths (nowhere, "no file matches 'nowhere/*'");
  expect_paths (missing, "missing");
  g_autofree char *everything = g_build_filename (folder, "?.txt", NULL);
  const char *const absolute[] = { everything, NULL };
  expect_paths (absolute, "p.txt");
}
END_TEST

START_TEST (folders_are_names)
{
  const char *const paths[] = { "*.csv", NULL };
  char *outer = folder;

  write_file ("a", "");
  folder = g_build_filename (outer, "f[a]*", NULL);
  write_file ("1.csv", "1\n");
  write_file ("2.csv", "1\n");
  expect_paths (paths, "1.csv 2.csv");
  g_free (folder);
  folder = outer;
}
END_TEST

START_TEST (counted_bytes)
{
  const char *const paths[] = { "a", "b", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);

  write_file ("a", "\xEF\xBB\xBFh\n1\n2\n");
  write_file ("b", "h\n12345678901234567890\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert_uint_eq (fanout_reader_total (reader), 32);
  ck_assert_uint_eq (fanout_reader_bytes (reader), 0);
  g_free (read_all (reader, 2, FALSE, plan.max_row));
  ck_assert_uint_eq (fanout_reader_bytes (reader), 32);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("reader");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, rows_and_lines);
  tcase_add_test (tests, quotes);
  tcase_add_test (tests, unclosed_quote);
  tcase_add_test (tests, headers);
  tcase_add_test (tests, lines_by_default);
  tcase_add_test (tests, several_inputs);
  tcase_add_test (tests, failures_come_in_turn);
  tcase_add_test (tests, long_rows);
  tcase_add_test (tests, large_text);
  tcase_add_test (tests, random_texts);
  tcase_add_test (tests, pipe_that_blocks);
  tcase_add_test (tests, pipe_that_waits);
  tcase_add_test (tests, long_row_of_a_pipe);
  tcase_add_test (tests, mark_of_a_pipe);
  tcase_add_test (tests, slow_producer);
  tcase_add_test (tests, fifo_by_many_lanes);
  tcase_add_test (tests, standard_input);
  tcase_add_test (tests, waiting_lanes_wake);
  tcase_add_test (tests, stop_within_a_row);
  tcase_add_test (tests, stop_by_signal);
  tcase_add_test (tests, stop_before_a_failure);
  tcase_add_test (tests, stop_deals_a_prefix);
  tcase_add_test (tests, fields_can_be_woken);
  tcase_add_test (tests, unreadable_inputs);
  tcase_add_test (tests, no_inputs);
  tcase_add_test (tests, inputs_without_a_size);
  tcase_add_test (tests, names_of_columns);
  tcase_add_test (tests, columns_of_each_input);
  tcase_add_test (tests, header_too_long);
  tcase_add_test (tests, globs);
  tcase_add_test (tests, folders_are_names);
  tcase_add_test (tests, counted_bytes);
  suite_add_tcase (suite, tests);
  return suite;
}
