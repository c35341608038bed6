#include "core/input/position.h"
#include "core/base/error.h"
#include "core/input/known.h"
#include "core/input/live.h"
#include <errno.h>
#include <fanout/kept.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VERSION 2

void
fanout_position_add_file (GVariantBuilder *to, const FanoutFilePosition *file)
{
  g_variant_builder_add (to, FANOUT_POSITION_FILE, (guint64) file->id.device,
                         (guint64) file->id.inode, file->seen, file->head.length, file->head.hash,
                         file->last.length, file->last.hash, file->resume.offset, file->resume.line,
                         file->resume.quoted, file->resume.too_long, file->resume.skip);
}

void
fanout_position_get_file (GVariantIter *from, FanoutFilePosition *file)
{
  guint64 device = 0;
  guint64 inode = 0;

  memset (file, 0, sizeof *file);
  g_variant_iter_next (from, FANOUT_POSITION_FILE, &device, &inode, &file->seen, &file->head.length,
                       &file->head.hash, &file->last.length, &file->last.hash, &file->resume.offset,
                       &file->resume.line, &file->resume.quoted, &file->resume.too_long,
                       &file->resume.skip);
  file->id.device = (dev_t) device;
  file->id.inode = (ino_t) inode;
}

FanoutPositionMark
fanout_position_mark (int fd, gsize length, guint64 offset)
{
  FanoutPositionMark mark = { (guint32) length, 0 };

  /* Without it the file is known by less, rather than never again. */
  if (!fanout_known_hash (fd, length, offset, &mark.hash))
    mark = (FanoutPositionMark){ 0, fanout_hash_bytes ("", 0, 0) };
  return mark;
}

static gboolean
has_mark (const FanoutPositionMark *mark, int fd, guint64 offset)
{
  errno = 0;
  return mark->length <= FANOUT_TAIL_MARK
         && fanout_known_has (fd, mark->length, offset, mark->hash);
}

gboolean
fanout_position_fits (const FanoutFilePosition *file, int fd, const struct stat *status)
{
  errno = 0;
  return (guint64) status->st_size >= file->seen && file->last.length <= file->seen
         && file->resume.offset <= file->seen && has_mark (&file->head, fd, 0)
         && has_mark (&file->last, fd, file->seen - file->last.length);
}

/* Inputs that come one after the other. */

/* Standard input is not ours to close. */
static int
open_input (const FanoutReaderInput *input, struct stat *status)
{
  const int fd = strcmp (input->path, "-") == 0
                     ? STDIN_FILENO
                     : open (input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  return fd >= 0 && fstat (fd, status) == 0 ? fd : -1;
}

static void
close_input (int fd)
{
  if (fd >= 0 && fd != STDIN_FILENO)
    close (fd);
}

gboolean
fanout_reader_passes_over (const FanoutReaderInput *input)
{
  return input->live == NULL && input->sequential;
}

void
fanout_reader_resume (FanoutReaderInput *input)
{
  if (input->live != NULL)
    fanout_live_resume (input);
  else if (input->sequential)
    input->skip = input->resume.offset;
  else
    input->offset = input->resume.offset;
}

/* Where the input is of which pieces are dealt now, or are next. */
static void
find_position (const FanoutBlockReader *reader, const FanoutReaderInput *input,
               FanoutFilePosition *file, guint64 *record)
{
  const FanoutReaderState *state = &reader->state;

  *record = state->record;
  file->resume = input->resume;
  if (!input->begun)
    return;
  file->resume.offset = input->sequential ? fanout_reader_position (input) : input->offset;
  file->resume.offset -= state->tail_length;
  file->resume.line = state->too_long ? state->last_line : state->line;
  file->resume.quoted = state->too_long ? state->quoted : FALSE;
  file->resume.too_long = state->too_long;
  if (fanout_reader_passes_over (input))
    *record = reader->first_record;
}

/* By its bytes, wherever it is: it may have been copied. */
static void
mark_file (const FanoutReaderInput *input, FanoutFilePosition *file)
{
  struct stat status;
  const int fd = open_input (input, &status);

  /* It is there all the same. */
  if (fd < 0 && errno != ENOENT)
    file->seen = file->resume.offset;
  if (fd >= 0 && S_ISREG (status.st_mode))
    {
      const guint64 size = (guint64) status.st_size;
      const gsize length = (gsize) MIN (size, FANOUT_TAIL_MARK);

      file->id = fanout_file_id (&status);
      file->seen = input->sequential ? size : MIN (file->resume.offset, size);
      file->head = fanout_position_mark (fd, (gsize) MIN (length, file->seen), 0);
      file->last = fanout_position_mark (fd, (gsize) MIN (length, file->seen),
                                         file->seen - MIN (length, file->seen));
    }
  close_input (fd);
}

/* The input that is read, or, at the end of all, the last one where it may become longer. */
static guint
find_current (const FanoutBlockReader *reader)
{
  const FanoutReaderInput *last
      = reader->n_inputs > 0 ? &reader->inputs[reader->n_inputs - 1] : NULL;

  return reader->current == reader->n_inputs && last != NULL && !last->sequential
                 && (last->begun || last->resume.offset > 0)
             ? reader->current - 1
             : reader->current;
}

static void
save_plain (const FanoutBlockReader *reader, GVariantBuilder *inputs)
{
  const guint current = find_current (reader);

  for (guint i = 0; i <= current && i < reader->n_inputs; i++)
    {
      const FanoutReaderInput *input = &reader->inputs[i];
      FanoutFilePosition file = { 0 };
      guint64 record = 0;

      g_variant_builder_open (inputs, G_VARIANT_TYPE (FANOUT_POSITION_INPUT));
      g_variant_builder_add_value (inputs, g_variant_new_bytestring (input->path));
      if (i == current)
        find_position (reader, input, &file, &record);
      g_variant_builder_add (inputs, "u", i);
      g_variant_builder_add (inputs, "y",
                             (guchar) (i < current    ? FANOUT_INPUT_ENDED
                                       : input->begun ? FANOUT_INPUT_OPEN
                                                      : FANOUT_INPUT_NOT_BEGUN));
      g_variant_builder_add (inputs, "t", i < current ? 0 : record);
      g_variant_builder_add (inputs, "x", (gint64) 0);
      g_variant_builder_add (inputs, "x", (gint64) 0);
      g_variant_builder_open (inputs, G_VARIANT_TYPE ("a" FANOUT_POSITION_FILE));
      if (i == current)
        {
          if (file.resume.offset > 0)
            mark_file (input, &file);
          fanout_position_add_file (inputs, &file);
        }
      g_variant_builder_close (inputs);
      g_variant_builder_close (inputs);
    }
}

/* Whether the input can be read again, and is the one that was read. */
static gboolean
check_file (FanoutBlockReader *reader, const FanoutReaderInput *input,
            const FanoutFilePosition *file, gboolean *again, GError **error)
{
  struct stat status;
  const int fd = open_input (input, &status);
  gboolean fits;
  int number;

  if (fd < 0)
    return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s", input->name);
  *again = S_ISREG (status.st_mode) && status.st_size > 0;
  fits = !*again || fanout_position_fits (file, fd, &status);
  number = fits ? 0 : errno;
  close_input (fd);
  if (number != 0)
    return fanout_error_system (error, FANOUT_ERROR_INPUT, number, "%s", input->name);
  if (!*again)
    fanout_reader_tell (reader,
                        "%s: what was read of it cannot be read again: it goes on with what comes",
                        input->name);
  if (!fits)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                 "%s: it is not the file that was read up to byte %" G_GUINT64_FORMAT, input->name,
                 file->seen);
  return fits;
}

static gboolean
restore_input (FanoutBlockReader *reader, const char *path, guchar stage, guint64 record,
               GVariantIter *files, GError **error)
{
  FanoutReaderInput *input
      = reader->current < reader->n_inputs ? &reader->inputs[reader->current] : NULL;
  FanoutFilePosition file;
  gboolean again = FALSE;

  if (input == NULL || strcmp (input->path, path) != 0)
    {
      g_autofree char *quoted = fanout_quote (path, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "the inputs are not those that were read: %s comes where %s was",
                   input != NULL ? input->name : "none", quoted);
      return FALSE;
    }
  if (stage == FANOUT_INPUT_ENDED)
    {
      fanout_reader_close (input);
      reader->current++;
      return TRUE;
    }
  fanout_position_get_file (files, &file);
  reader->state.record = record;
  if (file.resume.offset == 0)
    return TRUE;
  if (!check_file (reader, input, &file, &again, error))
    return FALSE;
  if (again)
    input->resume = file.resume;
  return TRUE;
}

static gboolean
restore_plain (FanoutBlockReader *reader, GVariantIter *inputs, GError **error)
{
  const char *path;
  guint32 ordinal;
  guchar stage;
  guint64 record;
  GVariantIter *files;
  gboolean fine = TRUE;

  while (fine
         && g_variant_iter_next (inputs, "(^&ayuytxxa" FANOUT_POSITION_FILE ")", &path, &ordinal,
                                 &stage, &record, NULL, NULL, &files))
    {
      fine = restore_input (reader, path, stage, record, files, error);
      g_variant_iter_free (files);
    }
  return fine;
}

void
fanout_reader_save (FanoutBlockReader *reader, GByteArray *to)
{
  GVariantBuilder inputs;
  GVariantBuilder known;
  g_autoptr (GVariant) all = NULL;
  const guint32 next = reader->live != NULL ? reader->live->inputs->len : reader->n_inputs;

  g_variant_builder_init (&inputs, G_VARIANT_TYPE ("a" FANOUT_POSITION_INPUT));
  g_variant_builder_init (&known, G_VARIANT_TYPE ("a" FANOUT_POSITION_KNOWN));
  pthread_mutex_lock (&reader->claim);
  if (reader->live != NULL)
    fanout_live_save (reader->live, &inputs, &known);
  else
    save_plain (reader, &inputs);
  pthread_mutex_unlock (&reader->claim);
  all = g_variant_ref_sink (g_variant_new (
      "(ybu@a" FANOUT_POSITION_INPUT "@a" FANOUT_POSITION_KNOWN ")", (guchar) VERSION,
      reader->live != NULL, next, g_variant_builder_end (&inputs), g_variant_builder_end (&known)));
  g_byte_array_append (to, g_variant_get_data (all), (guint) g_variant_get_size (all));
}

gboolean
fanout_reader_restore (FanoutBlockReader *reader, gconstpointer bytes, gsize length, GError **error)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes, length);
  g_autoptr (GVariant) all = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (FANOUT_POSITION), copy, FALSE));
  g_autoptr (GVariantIter) inputs = NULL;
  g_autoptr (GVariantIter) known = NULL;
  guchar version;
  gboolean live;
  guint32 next;
  gboolean fine = TRUE;

  g_variant_get (all, FANOUT_POSITION, &version, &live, &next, &inputs, &known);
  if (!g_variant_is_normal_form (all) || version != VERSION || next > FANOUT_LIVE_INPUTS_MAX)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "the positions of the inputs are damaged");
      return FALSE;
    }
  if (live != (reader->live != NULL))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "the inputs %s; --fresh begins anew",
                   live ? "were followed or sockets, and are not now"
                        : "were read one after the other, and are followed or sockets now");
      return FALSE;
    }
  pthread_mutex_lock (&reader->claim);
  if (live)
    fine = fanout_live_restore (reader->live, next, inputs, known, error);
  else
    fine = restore_plain (reader, inputs, error);
  pthread_mutex_unlock (&reader->claim);
  return fine;
}
