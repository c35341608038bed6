#include "tests/fuzz/fuzz.h"
#include "core/config/config.h"
#include "core/pipeline/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

guint64
fuzz_word (FuzzInput *in, guint bytes)
{
  guint64 word = 0;

  for (guint i = 0; i < bytes && in->length > 0; i++, in->data++, in->length--)
    word |= (guint64) *in->data << 8 * i;
  return word;
}

guint8
fuzz_byte (FuzzInput *in)
{
  return (guint8) fuzz_word (in, 1);
}

guint
fuzz_below (FuzzInput *in, guint n)
{
  return (guint) fuzz_word (in, n <= 256 ? 1 : 2) % n;
}

char *
fuzz_line (FuzzInput *in)
{
  const guint8 *end = in->length > 0 ? memchr (in->data, '\n', in->length) : NULL;
  const gsize length = end != NULL ? (gsize) (end - in->data) : in->length;
  char *line = g_strndup ((const char *) in->data, length);

  in->data += length + (end != NULL ? 1 : 0);
  in->length -= length + (end != NULL ? 1 : 0);
  return line;
}

char *
fuzz_copy (gconstpointer bytes, gsize length)
{
  char *copy = g_malloc (MAX (length, 1));

  if (length > 0)
    memcpy (copy, bytes, length);
  return copy;
}

static void
insert (GByteArray *bytes, guint at, const guint8 *what, guint n)
{
  const guint behind = bytes->len - at;

  g_byte_array_set_size (bytes, bytes->len + n);
  memmove (bytes->data + at + n, bytes->data + at, behind);
  memcpy (bytes->data + at, what, n);
}

static void
edit_once (FuzzInput *in, GByteArray *bytes)
{
  static const guint64 words[] = { 0,
                                   1,
                                   2,
                                   0x7f,
                                   0x80,
                                   0xff,
                                   0xffff,
                                   0x7fffffff,
                                   0x80000000,
                                   0xffffffff,
                                   G_MAXINT64,
                                   G_MAXUINT64,
                                   G_GUINT64_CONSTANT (1) << 63,
                                   G_GUINT64_CONSTANT (1) << 40,
                                   G_GUINT64_CONSTANT (0x7ff8000000000000),
                                   G_GUINT64_CONSTANT (0x7ff0000000000000),
                                   G_GUINT64_CONSTANT (0x7fefffffffffffff) };
  const guint kind = fuzz_below (in, 6);
  const guint at = (guint) (fuzz_word (in, 2) % (bytes->len + 1));
  const guint room = bytes->len - at;
  guint8 piece[64];
  guint64 word;
  guint n;

  switch (kind)
    {
    case 0:
      n = 1 + fuzz_below (in, 8);
      n = MIN (n, room);
      for (guint i = 0; i < n; i++)
        bytes->data[at + i] = fuzz_byte (in);
      break;
    case 1:
      n = 1u << fuzz_below (in, 4);
      n = MIN (n, room);
      word = GUINT64_TO_LE (fuzz_pick (in, words));
      memcpy (bytes->data + at, &word, n);
      break;
    case 2:
      n = 1 + fuzz_below (in, 16);
      for (guint i = 0; i < n; i++)
        piece[i] = fuzz_byte (in);
      insert (bytes, at, piece, n);
      break;
    case 3:
      n = (guint) fuzz_word (in, 2);
      n = MIN (n, room);
      if (n > 0)
        g_byte_array_remove_range (bytes, at, n);
      break;
    case 4:
      n = fuzz_below (in, sizeof piece);
      n = MIN (n, room);
      memcpy (piece, bytes->data + at, n);
      insert (bytes, (guint) (fuzz_word (in, 2) % (bytes->len + 1)), piece, n);
      break;
    default:
      if (room > 0)
        bytes->data[at] = (guint8) (bytes->data[at] + (gint8) fuzz_byte (in));
      break;
    }
}

void
fuzz_edit (FuzzInput *in, GByteArray *bytes)
{
  while (in->length > 0)
    edit_once (in, bytes);
}

FanoutRegistry *
fuzz_registry (void)
{
  static FanoutRegistry *registry;

  if (registry == NULL)
    registry = fanout_registry_new ((const char *const[]){ FUZZ_BUILD_DIR "/plugins", NULL });
  return registry;
}

static GHashTable *files; /* name to path */

static void
remove_files (void)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, NULL, &path))
    g_unlink (path);
  g_clear_pointer (&files, g_hash_table_unref);
}

const char *
fuzz_file (const char *name, gconstpointer bytes, gsize length)
{
  char *path;
  int fd;

  if (files == NULL)
    {
      files = g_hash_table_new_full (NULL, NULL, NULL, g_free);
      atexit (remove_files);
    }
  path = g_hash_table_lookup (files, g_intern_string (name));
  if (path == NULL)
    {
      path = g_strdup_printf ("%s/fanout-fuzz-%d-%s", g_get_tmp_dir (), (int) getpid (), name);
      g_hash_table_insert (files, (gpointer) g_intern_string (name), path);
    }
  fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  fuzz_check (fd >= 0 && (gsize) write (fd, bytes, length) == length, "%s: %s", path,
              g_strerror (errno));
  close (fd);
  return path;
}

void
fuzz_append_rows (GString *text, FanoutResult *table)
{
  const FanoutLayout *layout = fanout_result_layout (table);
  g_autoptr (GError) error = NULL;
  const FanoutRows *rows;

  while ((rows = fanout_result_next (table, &error)) != NULL)
    for (gsize i = 0; i < rows->n_rows; i++)
      for (guint c = 0; c < layout->n_columns; c++)
        {
          const FanoutValue *value = fanout_rows_value (rows, i, c);

          g_string_append_printf (text, "%d:", (int) value->kind);
          fanout_value_append (text, value);
          g_string_append_c (text, c + 1 < layout->n_columns ? ',' : '\n');
        }
  if (error != NULL)
    {
      fuzz_check_error (TRUE, error);
      g_string_append_printf (text, "error: %s\n", error->message);
      return;
    }
  for (guint c = 0; c < layout->n_columns; c++)
    if (fanout_result_approximate (table)[c] != NULL)
      g_string_append_printf (text, "%u: %s\n", c, fanout_result_approximate (table)[c]);
}

static void
append_table (GString *text, FanoutResult *table)
{
  const FanoutLayout *layout = fanout_result_layout (table);

  for (guint c = 0; c < layout->n_columns; c++)
    g_string_append_printf (text, "%s%c", layout->names[c], c + 1 < layout->n_columns ? ',' : '\n');
  fuzz_append_rows (text, table);
}

static void
append_counters (GString *text, FanoutPipeline *pipeline)
{
  FanoutCounters counters = { 0 };

  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  g_string_append_printf (
      text,
      "rows %" G_GUINT64_FORMAT " = %" G_GUINT64_FORMAT " + %" G_GUINT64_FORMAT " filtered + "
      "%" G_GUINT64_FORMAT " skipped (%s) + %" G_GUINT64_FORMAT " late (%s)\n"
      "nulled %" G_GUINT64_FORMAT " (%s), rounded %" G_GUINT64_FORMAT " (%s)\n",
      counters.rows, counters.rows_processed, counters.rows_filtered, counters.rows_skipped,
      counters.first_skipped, counters.rows_late, counters.first_late, counters.values_nulled,
      counters.first_nulled, counters.numbers_rounded, counters.first_rounded);
  fuzz_check (counters.rows
                  == counters.rows_processed + counters.rows_filtered + counters.rows_skipped
                         + counters.rows_late,
              "the rows do not add up: %s", text->str);
  for (guint i = 0; i < counters.n_aggregates; i++)
    if (fanout_counters_aggregate (&counters, i)->error != NULL)
      g_string_append_printf (text, "%s: %s\n", fanout_counters_aggregate (&counters, i)->name,
                              fanout_counters_aggregate (&counters, i)->error);
}

char *
fuzz_outcome (FanoutPipeline *pipeline, FanoutResult *result, const GError *error)
{
  GString *text = g_string_new (NULL);

  fuzz_check_error (result == NULL, error);
  if (result == NULL)
    g_string_append_printf (text, "error: %s\n", error->message);
  else
    {
      for (guint t = 0; t < fanout_result_n_tables (result); t++)
        append_table (text, fanout_result_table (result, t));
      append_counters (text, pipeline);
    }
  return g_string_free (text, FALSE);
}

FanoutPipeline *
fuzz_pipeline (const char *ini, const char *const *overrides, const char *const *inputs,
               GError **error)
{
  FanoutErrors errors;
  FanoutConfig *config;
  FanoutPipeline *pipeline;

  fanout_errors_init (&errors);
  config
      = fanout_config_parse (ini, strlen (ini), "fuzz.ini", g_get_tmp_dir (), overrides, &errors);
  pipeline = fanout_pipeline_new_from_config (fuzz_registry (), config, "fuzz.ini", inputs, &errors,
                                              error);
  fanout_errors_clear (&errors);
  return pipeline;
}

void
fuzz_fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("fuzz: ", stderr);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
  va_end (arguments);
  abort ();
}

void
fuzz_check_error (gboolean failed, const GError *error)
{
  fuzz_check (failed == (error != NULL), "%s", failed ? "no error for a failure" : error->message);
  if (error == NULL)
    return;
  fuzz_check (error->message[0] != '\0', "an error that says nothing");
  fuzz_check (g_utf8_validate (error->message, -1, NULL), "not UTF-8: %s", error->message);
}

void
fuzz_check_same (const char *a, const char *b, const char *what)
{
  fuzz_check (strcmp (a, b) == 0, "%s: not the same:\n%s\n---\n%s", what, a, b);
}
