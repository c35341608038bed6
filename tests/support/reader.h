#pragma once

/** Runs of a reader over files and pipes made for them, and what it gives as text. */

#include "core/input/reader.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define MAX_LANES 3

/* A source of delimited text that needs nothing of the others. */

typedef struct
{
  gboolean header;
  const char *names; /* configured */
} Options;

static inline void
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

/* In a line that begins so, a quote is a letter. */
static const char *comment;

static inline gboolean
is_comment (const char *data, gsize length)
{
  return comment != NULL && length >= strlen (comment)
         && memcmp (data, comment, strlen (comment)) == 0;
}

static inline gsize
row_length (const char *data, gsize length)
{
  const gboolean quotes = !is_comment (data, length);
  gboolean quoted = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      quoted ^= quotes && data[i] == '"';
      if (data[i] == '\n' && !quoted)
        return i + 1;
    }
  return length;
}

static inline gboolean
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

static inline char **
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

static inline char *
describe (guint64 record, const char *name, guint64 line, const char *data, gsize length,
          gsize max_row)
{
  g_autofree char *base = g_path_get_basename (name);
  g_autofree char *bytes = NULL;
  FanoutScan row = { 0 };

  scan (NULL, data, length, &row);
  if (row.rows > 0 || (is_comment (data, length) && data[length - 1] == '\n'))
    length -= length > 1 && data[length - 2] == '\r' ? 2 : 1;
  bytes = length > max_row ? g_strdup ("too long") : g_strndup (data, length);
  return g_strdup_printf ("%08" G_GUINT64_FORMAT " %s:%" G_GUINT64_FORMAT " %s", record, base, line,
                          bytes);
}

static inline void
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

static inline guint64
count_rows (const FanoutBlock *block)
{
  FanoutScan rows = { 0 };

  scan (NULL, block->data, block->length, &rows);
  return rows.rows + (rows.tail < block->length ? 1 : 0);
}

static inline int
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

static inline gpointer
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
static inline void
close_lane (FanoutLane *lane)
{
  FanoutBlock block;
  guint64 record;

  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
  fanout_lane_free (lane);
}

/* All rows in order, one text each; a failure is the last one. */
static inline char *
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

static inline void
make_folder (void)
{
  GError *error = NULL;

  folder = g_dir_make_tmp ("test-reader-XXXXXX", &error);
  ck_assert_ptr_nonnull (folder);
}

static inline void
remove_folder (void)
{
  char *arguments[] = { (char *) "rm", (char *) "-rf", folder, NULL };

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&folder, g_free);
}

static inline void
write_file (const char *name, const char *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (parent, 0700), 0);
  ck_assert (g_file_set_contents (path, bytes, -1, NULL));
}

static inline FanoutReaderPlan
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

static inline FanoutBlockReader *
open_reader (const FanoutReaderPlan *plan)
{
  GError *error = NULL;
  FanoutBlockReader *reader = fanout_reader_new (plan, &error);

  ck_assert_ptr_nonnull (reader);
  ck_assert_ptr_null (error);
  return reader;
}

/* The same rows, whatever the cuts. Paths of the folder are taken out of messages. */
static inline void
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

static inline void
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

static inline void
expect_rows (const Options *options, const char *bytes, const char *expected)
{
  const char *const paths[] = { "t.csv", NULL };

  write_file ("t.csv", bytes);
  expect (make_plan (options, paths), expected);
}

/* Pipes. */

typedef struct
{
  int ends[2];
  char *path;
  const char *paths[2];
  FanoutBlockReader *reader;
  FanoutLane *lane;
} Piped;

static inline void
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

static inline void
piped_end (Piped *piped)
{
  close (piped->ends[1]);
  piped->ends[1] = -1;
}

static inline void
piped_clear (Piped *piped)
{
  fanout_lane_free (piped->lane);
  fanout_reader_free (piped->reader);
  close (piped->ends[0]);
  if (piped->ends[1] >= 0)
    close (piped->ends[1]);
  g_free (piped->path);
}

static inline void
piped_write (const Piped *piped, const char *bytes)
{
  ck_assert_int_eq (write (piped->ends[1], bytes, strlen (bytes)), (gssize) strlen (bytes));
}

/* The next thing that the reader gives: the bytes of a block, or what happened. */
static inline const char *
piped_next (Piped *piped, char *bytes, gsize room)
{
  static const char *const results[] = { "block", "wait", "end", "failed", "rest" };
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
