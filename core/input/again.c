#include "core/base/error.h"
#include "core/input/follow.h"
#include "core/input/position.h"
#include "core/input/rotated.h"
#include <fanout/kept.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A folder may be read while files are renamed in it, so that one of them is not seen. */
#define LOOKS 4

/* Where it is, to be saved. */

/* Where it has not got to where it is to go on yet, the bytes there say what file it is. */
static void
add_tail (GVariantBuilder *to, const FanoutTail *tail, const FanoutReaderResume *resume)
{
  const gsize length = (gsize) MIN (resume->offset, FANOUT_TAIL_MARK);
  FanoutFilePosition file
      = { .id = tail->id,
          .seen = tail->offset,
          .head = { (guint32) tail->head.length,
                    fanout_hash_bytes (tail->head.bytes, tail->head.length, 0) },
          .last = { (guint32) tail->last.length,
                    fanout_hash_bytes (tail->last.bytes, tail->last.length, 0) },
          .resume = *resume };

  if (resume->offset > tail->offset)
    {
      file.seen = resume->offset;
      file.head = fanout_position_mark (tail->fd, length, 0);
      file.last = fanout_position_mark (tail->fd, length, resume->offset - length);
    }
  fanout_position_add_file (to, &file);
}

static FanoutReaderResume
find_resume (const FanoutReaderInput *file, const FanoutReaderState *state)
{
  FanoutReaderResume resume = file->resume;

  resume.skip = file->skip;
  if (resume.before != NULL)
    resume.line = resume.before->end_line;
  if (!file->begun && !resume.joined)
    return resume;
  resume.offset = file->begun ? fanout_reader_position (file) : resume.offset;
  resume.offset -= state->tail_length;
  resume.line = state->too_long ? state->last_line : state->line;
  resume.quoted = state->too_long ? state->quoted : FALSE;
  resume.too_long = state->too_long;
  return resume;
}

static void
save_input (FanoutLiveInput *input, GVariantBuilder *to)
{
  const FanoutReaderState *state = fanout_live_state (input);

  g_variant_builder_open (to, G_VARIANT_TYPE (FANOUT_POSITION_INPUT));
  g_variant_builder_add_value (to, g_variant_new_bytestring (input->path));
  g_variant_builder_add (to, "u", input->ordinal);
  g_variant_builder_add (to, "y", (guchar) input->begun);
  g_variant_builder_add (to, "t", state->record);
  g_variant_builder_add (to, "x", (gint64) input->age.tv_sec);
  g_variant_builder_add (to, "x", (gint64) input->age.tv_nsec);
  g_variant_builder_open (to, G_VARIANT_TYPE ("a" FANOUT_POSITION_FILE));
  if (input->current != NULL)
    {
      const FanoutReaderResume resume = find_resume (input->current, state);

      add_tail (to, fanout_follow_current (input), &resume);
    }
  for (const GList *item = input->files.head; item != NULL; item = item->next)
    {
      const FanoutTail *tail = item->data;

      add_tail (to, tail, &tail->resume);
    }
  g_variant_builder_close (to);
  g_variant_builder_close (to);
}

static void
save_known (const FanoutKnownFile *file, GVariantBuilder *to)
{
  g_variant_builder_add (to, FANOUT_POSITION_KNOWN, (guint64) file->id.device,
                         (guint64) file->id.inode, file->size, (gint64) file->changed.tv_sec,
                         (gint64) file->changed.tv_nsec, file->offset, (guint32) file->marked,
                         file->head, file->last,
                         file->file != NULL ? file->file->end_line : file->line);
}

void
fanout_live_save (FanoutLive *self, GVariantBuilder *inputs, GVariantBuilder *known)
{
  GHashTableIter iter;
  gpointer file;

  /* What has a followed name now is read to its end, whatever becomes of the name before anybody
   * reads. */
  if (fanout_follow_next_look (self->follow) == G_MININT64)
    fanout_follow_look (self->follow);
  for (guint i = 0; i < self->inputs->len; i++)
    {
      FanoutLiveInput *input = self->inputs->pdata[i];

      if (input != NULL && input->path != NULL)
        save_input (input, inputs);
    }
  g_hash_table_iter_init (&iter, self->follow->known.files);
  while (g_hash_table_iter_next (&iter, NULL, &file))
    save_known (file, known);
}

/* Finding it again. */

/* `number`: errno where that cannot be said; as it was where it can. */
static int
open_if_fits (const char *path, const FanoutFilePosition *file, gboolean by_id, struct stat *status,
              int *number)
{
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd >= 0 && fstat (fd, status) == 0)
    {
      errno = 0;
      if (S_ISREG (status->st_mode)
          && (!by_id || fanout_file_id_equal (fanout_file_id (status), file->id))
          && (file->seen == 0 || fanout_position_fits (file, fd, status)))
        return fd;
    }
  if (errno != 0 && errno != ENOENT && errno != ENOTDIR && errno != ENXIO)
    *number = errno;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* By its number, under any name in its folder. */
static int
find_renamed (const char *path, const FanoutFilePosition *file, struct stat *status, int *number)
{
  g_autofree char *folder = g_path_get_dirname (path);
  DIR *entries = opendir (folder);
  const struct dirent *entry;
  int fd = -1;

  if (entries == NULL && errno != ENOENT && errno != ENOTDIR)
    *number = errno;

  while (entries != NULL && fd < 0 && (entry = readdir (entries)) != NULL)
    if (entry->d_ino == file->id.inode)
      {
        g_autofree char *name = g_build_filename (folder, entry->d_name, NULL);

        fd = open_if_fits (name, file, TRUE, status, number);
      }
  if (entries != NULL)
    closedir (entries);
  return fd;
}

/* By its bytes: a copy, which was made before the file was truncated. */
static int
find_copy (const char *path, const FanoutFilePosition *file, struct stat *status, int *number)
{
  static const struct timespec ever = { 0 };
  g_autoptr (GPtrArray) names = fanout_rotated_names (path, &ever);
  int fd = -1;

  if (file->head.length == 0)
    return -1;
  for (guint i = names->len; i-- > 0 && fd < 0;)
    {
      int own = 0;

      fd = open_if_fits (names->pdata[i], file, FALSE, status, &own);
      /* Old logs may well be another user's. */
      if (own != 0 && own != EACCES)
        *number = own;
    }
  return fd;
}

static gboolean
is_held (FanoutFollow *self, const struct stat *status)
{
  const FanoutFileId id = fanout_file_id (status);

  return g_hash_table_contains (self->held, &id);
}

/* It was truncated and then renamed: what it has now comes behind its copy. */
static void
take_anew (FanoutFollow *self, FanoutLiveInput *input, const FanoutFilePosition *file)
{
  const FanoutFilePosition anew = { .id = file->id };
  struct stat status;
  int number = 0;
  int fd;

  if (stat (input->path, &status) == 0 && fanout_file_id_equal (fanout_file_id (&status), file->id))
    return;
  fd = find_renamed (input->path, &anew, &status, &number);
  if (fd < 0)
    return;
  if (is_held (self, &status))
    close (fd);
  else
    {
      fanout_follow_append (self, input, fd, &status, &anew.resume);
      fanout_follow_leave (self, input);
    }
}

static void
tell_lost (FanoutFollow *self, const FanoutLiveInput *input, const FanoutFilePosition *file)
{
  atomic_fetch_add (&self->live->reader->files_lost, 1);
  fanout_reader_tell (self->live->reader,
                      "%s: the file that was read up to byte %" G_GUINT64_FORMAT
                      " is not there any more: what came behind that is lost",
                      input->name, file->resume.offset);
}

/* One that cannot be read now is not lost, nor is it to be read from its beginning. */
static gboolean
restore_file (FanoutFollow *self, FanoutLiveInput *input, const FanoutFilePosition *file,
              GError **error)
{
  struct stat status;
  gboolean there = FALSE;
  gboolean changed;
  int number = 0;
  int fd = -1;

  for (guint i = 0; fd < 0 && i < LOOKS; i++)
    {
      fd = open_if_fits (input->path, file, TRUE, &status, &number);
      there = fd >= 0;
      if (!there)
        fd = find_renamed (input->path, file, &status, &number);
    }
  changed = fd < 0;
  if (changed)
    fd = find_copy (input->path, file, &status, &number);
  if (fd < 0 && number != 0)
    return fanout_error_system (error, FANOUT_ERROR_INPUT, number,
                                "%s: the file that was read up to byte %" G_GUINT64_FORMAT
                                " cannot be looked for",
                                input->name, file->resume.offset);
  if (fd >= 0 && is_held (self, &status))
    close (g_steal_fd (&fd));
  if (fd >= 0)
    {
      fanout_follow_append (self, input, fd, &status, &file->resume);
      if (!there)
        fanout_follow_leave (self, input);
    }
  else
    tell_lost (self, input, file);
  if (changed)
    take_anew (self, input, file);
  return TRUE;
}

static gboolean
restore_input (FanoutFollow *self, GVariant *saved, GError **error)
{
  g_autoptr (GVariantIter) files = NULL;
  const char *path;
  guint32 ordinal;
  guchar begun;
  guint64 record;
  gint64 seconds;
  gint64 nanoseconds;
  FanoutLiveInput *input;

  g_variant_get (saved, "(^&ayuytxxa" FANOUT_POSITION_FILE ")", &path, &ordinal, &begun, &record,
                 &seconds, &nanoseconds, &files);
  while (self->live->inputs->len < MIN (ordinal, FANOUT_LIVE_INPUTS_MAX))
    g_ptr_array_add (self->live->inputs, NULL);
  input = fanout_follow_add (self, path);
  input->kept.record = record;
  input->begun = begun != 0;
  input->age.tv_sec = (time_t) seconds;
  input->age.tv_nsec = (long) nanoseconds;
  for (gsize n = g_variant_iter_n_children (files); n > 0; n--)
    {
      FanoutFilePosition file;

      fanout_position_get_file (files, &file);
      if (!restore_file (self, input, &file, error))
        return FALSE;
    }
  return TRUE;
}

static void
restore_known (FanoutKnown *known, GVariant *saved)
{
  FanoutKnownFile *file = g_new0 (FanoutKnownFile, 1);
  guint64 device;
  guint64 inode;
  gint64 seconds;
  gint64 nanoseconds;
  guint32 marked;

  g_variant_get (saved, FANOUT_POSITION_KNOWN, &device, &inode, &file->size, &seconds, &nanoseconds,
                 &file->offset, &marked, &file->head, &file->last, &file->line);
  file->id.device = (dev_t) device;
  file->id.inode = (ino_t) inode;
  file->changed.tv_sec = (time_t) seconds;
  file->changed.tv_nsec = (long) nanoseconds;
  file->marked = MIN (marked, FANOUT_TAIL_MARK);
  g_hash_table_replace (known->files, &file->id, file);
}

/* Before anything new is looked at: what is read is nobody else's. */
gboolean
fanout_live_restore (FanoutLive *self, guint32 next, GVariantIter *inputs, GVariantIter *known,
                     GError **error)
{
  FanoutFollow *follow = self->follow;
  gboolean fine = TRUE;
  GVariant *item;

  fanout_live_clear (self);
  g_hash_table_remove_all (follow->by_path);
  g_hash_table_remove_all (follow->known.files);
  g_ptr_array_set_size (follow->leaving, 0);
  follow->at_end = FALSE;
  if (follow->patterns->len > 0)
    follow->next_look = G_MININT64;
  for (; (item = g_variant_iter_next_value (known)) != NULL; g_variant_unref (item))
    restore_known (&follow->known, item);
  for (; fine && (item = g_variant_iter_next_value (inputs)) != NULL; g_variant_unref (item))
    fine = restore_input (follow, item, error);
  while (self->inputs->len < next)
    g_ptr_array_add (self->inputs, NULL);
  return fine;
}
