#include "core/base/error.h"
#include "core/base/gio.h"
#include "core/input/address.h"
#include "core/input/live.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* A piece, its decoded columns and the states share the second-level cache. */
#define BLOCK_SIZE (512 * 1024)

/* Notes that are kept until somebody wants them. */
#define NOTES_MAX 100

static guint64
size_of_all (char *const *paths)
{
  guint64 total = 0;

  for (; *paths != NULL; paths++)
    {
      gboolean is_file;
      guint64 size;

      /* What cannot be looked at is told when it is opened. */
      if (!fanout_bytes_look (*paths, &is_file, &size))
        continue;
      if (!is_file)
        return 0;
      total += size;
    }
  return total;
}

static void
make_inputs (FanoutBlockReader *reader)
{
  reader->n_inputs = g_strv_length (reader->paths);
  reader->inputs = g_new0 (FanoutReaderInput, reader->n_inputs + 1);
  reader->named = reader->n_inputs > 0 ? reader->inputs : NULL;
  for (guint i = 0; i < reader->n_inputs; i++)
    {
      FanoutReaderInput *input = &reader->inputs[i];

      input->path = reader->paths[i];
      input->ordinal = i;
      input->part_to = input->stretch = G_MAXUINT64;
      input->name = strcmp (input->path, "-") == 0 ? g_strdup (FANOUT_STANDARD_INPUT)
                                                   : fanout_escape (input->path, -1);
    }
}

/* In a pipeline's `path` alone: what is named beside it is a file. */
static gboolean
is_live (const FanoutReaderPlan *plan)
{
  gboolean live = plan->follow;

  for (const char *const *path = plan->paths; plan->glob && *path != NULL; path++)
    live |= fanout_address_is (*path);
  return live;
}

/* What is not there yet is none of those that are followed. */
static char **
find_paths (const FanoutReaderPlan *plan, GError **error)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (!is_live (plan))
    return fanout_reader_expand (plan, error);
  paths = g_ptr_array_new_with_free_func (g_free);
  for (const char *const *path = plan->paths; *path != NULL; path++)
    {
      gboolean glob;
      g_autofree char *name = fanout_reader_path (plan, *path, &glob);

      if (glob)
        g_ptr_array_extend_and_steal (paths, fanout_reader_match (name));
      else
        g_ptr_array_add (paths, g_steal_pointer (&name));
    }
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}

void
fanout_reader_set_limits (FanoutBlockReader *reader, const FanoutReaderPlan *plan)
{
  reader->max_memory = plan->max_memory > 0 ? plan->max_memory : G_MAXSIZE;
  /* Sums with it must not wrap. */
  reader->max_row = plan->max_row > 0 ? MIN (plan->max_row, G_MAXSIZE / 4) : G_MAXSIZE / 4;
  if (reader->live != NULL)
    reader->live->rotate_wait = plan->rotate_wait;
}

FanoutBlockReader *
fanout_reader_new (const FanoutReaderPlan *plan, GError **error)
{
  g_auto (GStrv) paths = find_paths (plan, error);
  FanoutBlockReader *reader;
  int wake[2];

  if (paths == NULL)
    return NULL;
  if (!g_unix_open_pipe (wake, FD_CLOEXEC, error))
    {
      g_prefix_error (error, "no pipe can be made: ");
      return NULL;
    }
  g_unix_set_fd_nonblocking (wake[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (wake[1], TRUE, NULL);
  reader = g_new0 (FanoutBlockReader, 1);
  reader->source = plan->source;
  reader->options = plan->options;
  reader->compression = plan->compression;
  reader->encoding = g_strdup (plan->encoding);
  reader->block_size = plan->block_size > 0 ? plan->block_size : BLOCK_SIZE;
  reader->missing_columns = plan->missing_columns;
  fanout_reader_set_limits (reader, plan);
  reader->paths = g_steal_pointer (&paths);
  memcpy (reader->wake, wake, sizeof wake);
  pthread_mutex_init (&reader->claim, NULL);
  pthread_mutex_init (&reader->turn, NULL);
  pthread_cond_init (&reader->turned, NULL);
  pthread_mutex_init (&reader->noting, NULL);
  reader->notes = g_ptr_array_new_with_free_func (g_free);
  atomic_init (&reader->stop_record, G_MAXUINT64);
  atomic_init (&reader->wait_fd, -1);
  if (is_live (plan))
    {
      reader->live = fanout_live_new (reader, plan, error);
      return reader->live != NULL ? reader : (fanout_reader_free (reader), NULL);
    }
  reader->total = size_of_all (reader->paths);
  make_inputs (reader);
  return reader;
}

void
fanout_reader_free (FanoutBlockReader *reader)
{
  if (reader == NULL)
    return;
  fanout_reader_watch (reader, NULL);
  for (guint i = 0; i < reader->n_inputs; i++)
    fanout_reader_clear (&reader->inputs[i]);
  fanout_live_free (reader->live);
  g_free (reader->inputs);
  g_strfreev (reader->selected);
  g_free (reader->positions);
  g_strfreev (reader->paths);
  g_free (reader->encoding);
  fanout_reader_part_free (reader->part);
  g_free (reader->state.tail);
  g_clear_error (&reader->failure);
  g_ptr_array_unref (reader->notes);
  pthread_mutex_destroy (&reader->noting);
  pthread_cond_destroy (&reader->turned);
  pthread_mutex_destroy (&reader->turn);
  pthread_mutex_destroy (&reader->claim);
  close (reader->wake[0]);
  close (reader->wake[1]);
  g_free (reader);
}

/* The first input with a name for its columns; `input` NULL: there is none. */
static FanoutRead
find_fields (FanoutBlockReader *reader, FanoutReaderInput **input, GCancellable *cancellable,
             GError **error)
{
  FanoutRead result = FANOUT_READ_BLOCK;
  FanoutReaderInput *found = NULL;

  pthread_mutex_lock (&reader->claim);
  if (reader->live != NULL)
    result = fanout_live_find_names (reader, &found, error);
  for (guint i = 0; result == FANOUT_READ_BLOCK && found == NULL && i < reader->n_inputs; i++)
    {
      found = &reader->inputs[i];
      result = fanout_reader_advance (reader, found, FANOUT_STAGE_NAMED, TRUE, cancellable, error);
      if (result != FANOUT_READ_BLOCK || found->empty)
        found = NULL;
      else
        reader->named = found;
    }
  pthread_mutex_unlock (&reader->claim);
  if (result == FANOUT_READ_BLOCK)
    *input = found;
  return result;
}

gboolean
fanout_reader_peek (FanoutBlockReader *reader, const char **name, const char **data, gsize *length,
                    gboolean *complete, GError **error)
{
  FanoutRead result = FANOUT_READ_BLOCK;
  FanoutReaderInput *input = NULL;

  pthread_mutex_lock (&reader->claim);
  if (reader->live != NULL)
    result = fanout_live_peek (reader, &input, error);
  for (guint i = 0; result == FANOUT_READ_BLOCK && i < reader->n_inputs; i++)
    {
      input = &reader->inputs[i];
      result = fanout_reader_advance (reader, input, FANOUT_STAGE_OPEN, TRUE, NULL, error);
      if (result == FANOUT_READ_BLOCK)
        result = fanout_reader_look (reader, input, TRUE, error);
      if (input->head_length > 0)
        break;
    }
  pthread_mutex_unlock (&reader->claim);
  if (result == FANOUT_READ_FAILED)
    return FALSE;
  *name = input != NULL ? input->name : "";
  *data = input != NULL && input->head_length > 0 ? input->head + FANOUT_PADDING : NULL;
  *length = input != NULL ? input->head_length : 0;
  *complete = input != NULL && input->complete;
  return TRUE;
}

void
fanout_reader_use (FanoutBlockReader *reader, const FanoutSource *source, gconstpointer options)
{
  reader->source = source;
  reader->options = options;
}

static char **
copy_names (const FanoutReaderInput *input)
{
  char **names;

  if (input->names != NULL)
    return g_strdupv (input->names);
  if (input->n_fields == 0)
    return NULL;
  names = g_new0 (char *, input->n_fields + 1);
  for (guint i = 0; i < input->n_fields; i++)
    names[i] = g_strdup_printf ("%u", i + 1);
  return names;
}

static char **
configured_names (const FanoutBlockReader *reader)
{
  return reader->source->names != NULL ? reader->source->names (reader->options) : NULL;
}

gboolean
fanout_reader_fields (FanoutBlockReader *reader, char ***names, gboolean *known,
                      GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) configured = configured_names (reader);
  FanoutReaderInput *input = NULL;

  if (configured != NULL)
    {
      *names = g_steal_pointer (&configured);
      *known = TRUE;
      return TRUE;
    }
  if (fanout_set_error_if_cancelled (cancellable, error)
      || find_fields (reader, &input, cancellable, error) == FANOUT_READ_FAILED)
    return FALSE;
  *names = input != NULL ? copy_names (input) : NULL;
  *known = input != NULL;
  return TRUE;
}

void
fanout_reader_select (FanoutBlockReader *reader, guint n, const char *const *names,
                      const guint *positions)
{
  g_strfreev (reader->selected);
  g_free (reader->positions);
  reader->n_selected = n;
  reader->selected = g_new0 (char *, n + 1);
  reader->positions = g_new0 (guint, n + 1);
  for (guint i = 0; i < n; i++)
    {
      reader->selected[i] = g_strdup (names[i]);
      reader->positions[i] = positions != NULL ? positions[i] : 0;
    }
}

/* Make whoever waits for bytes look again. Async-signal-safe. */
static void
wake_up (FanoutBlockReader *reader)
{
  const int number = errno;

  atomic_store (&reader->woken, TRUE);
  /* A full pipe wakes as well. */
  if (write (reader->wake[1], "", 1) < 0)
    errno = number;
}

static void
wake_reader (GCancellable *cancellable G_GNUC_UNUSED, gpointer reader)
{
  wake_up (reader);
}

/* Once for a run: what GLib does for each wait would cost more than the wait. */
void
fanout_reader_watch (FanoutBlockReader *reader, GCancellable *cancellable)
{
  if (reader->cancellable == cancellable)
    return;
  if (reader->cancellable != NULL)
    fanout_cancellable_disconnect (reader->cancellable, reader->cancel_handler);
  fanout_cancellable_unref (reader->cancellable);
  reader->cancellable = fanout_cancellable_ref (cancellable);
  reader->cancel_handler = 0;
  if (cancellable != NULL)
    reader->cancel_handler
        = fanout_cancellable_connect (cancellable, G_CALLBACK (wake_reader), reader, NULL);
}

void
fanout_reader_stop (FanoutBlockReader *reader)
{
  atomic_store (&reader->stopped, TRUE);
  wake_up (reader);
}

void
fanout_reader_rest (FanoutBlockReader *reader, gboolean wanted)
{
  atomic_store (&reader->resting, wanted);
  if (wanted)
    wake_up (reader);
}

gboolean
fanout_reader_is_resting (FanoutBlockReader *reader)
{
  return atomic_load (&reader->resting);
}

void
fanout_reader_on_change (FanoutBlockReader *reader, void (*changed) (gpointer data), gpointer data)
{
  reader->changed = changed;
  reader->changed_data = data;
}

guint
fanout_reader_n_inputs (FanoutBlockReader *reader)
{
  if (reader->live != NULL)
    return reader->live->inputs->len;
  return reader->n_inputs;
}

FanoutInputStage
fanout_reader_input_stage (FanoutBlockReader *reader, guint input)
{
  if (reader->live != NULL)
    return fanout_live_stage (reader->live, input);
  if (input < reader->current)
    return FANOUT_INPUT_ENDED;
  return input == reader->current && reader->inputs[input].begun ? FANOUT_INPUT_OPEN
                                                                 : FANOUT_INPUT_NOT_BEGUN;
}

void
fanout_reader_tell_change (const FanoutBlockReader *reader)
{
  if (reader->changed != NULL)
    reader->changed (reader->changed_data);
}

void
fanout_reader_on_note (FanoutBlockReader *reader, void (*note) (gpointer data, const char *text),
                       gpointer data)
{
  pthread_mutex_lock (&reader->noting);
  reader->note = note;
  reader->note_data = data;
  for (guint i = 0; note != NULL && i < reader->notes->len; i++)
    note (data, reader->notes->pdata[i]);
  if (note != NULL)
    g_ptr_array_set_size (reader->notes, 0);
  pthread_mutex_unlock (&reader->noting);
}

void
fanout_reader_tell (FanoutBlockReader *reader, const char *format, ...)
{
  va_list arguments;
  char *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pthread_mutex_lock (&reader->noting);
  if (reader->note == NULL && reader->notes->len < NOTES_MAX)
    g_ptr_array_add (reader->notes, g_strdup (text));
  else if (reader->note != NULL)
    reader->note (reader->note_data, text);
  pthread_mutex_unlock (&reader->noting);
  g_free (text);
}

FanoutReaderFiles
fanout_reader_files (FanoutBlockReader *reader)
{
  const FanoutReaderFiles files
      = { atomic_load (&reader->files_taken_up), atomic_load (&reader->files_rotated),
          atomic_load (&reader->files_changed), atomic_load (&reader->files_lost) };

  return files;
}

gboolean
fanout_reader_listen (FanoutBlockReader *reader, GError **error)
{
  gboolean fine = TRUE;

  pthread_mutex_lock (&reader->claim);
  if (reader->live != NULL)
    fine = fanout_listen_begin (reader->live->listen, error);
  pthread_mutex_unlock (&reader->claim);
  return fine;
}

FanoutReaderSockets
fanout_reader_sockets (FanoutBlockReader *reader)
{
  const FanoutReaderSockets sockets
      = { atomic_load (&reader->connections_taken), atomic_load (&reader->connections_open),
          atomic_load (&reader->connections_refused), atomic_load (&reader->datagrams_dropped) };

  return sockets;
}

/* There is no order among inputs that are live: nothing more of any of them. */
void
fanout_reader_stop_after (FanoutBlockReader *reader, guint64 record)
{
  unsigned long long old = atomic_load (&reader->stop_record);

  if (reader->live != NULL)
    {
      fanout_reader_stop (reader);
      return;
    }
  while (record < old)
    if (atomic_compare_exchange_weak (&reader->stop_record, &old, record))
      {
        wake_up (reader);
        break;
      }
}

gboolean
fanout_reader_leaves (FanoutBlockReader *reader)
{
  if (!atomic_load (&reader->stopped))
    return FALSE;
  atomic_store (&reader->left, TRUE);
  return TRUE;
}

gboolean
fanout_reader_is_over (FanoutBlockReader *reader)
{
  return atomic_load (&reader->stopped) || atomic_load (&reader->failed)
         || (reader->live == NULL
             && atomic_load (&reader->record) > atomic_load (&reader->stop_record));
}

gboolean
fanout_reader_has_more (const FanoutBlockReader *reader)
{
  if (reader->live != NULL)
    return TRUE;
  if (reader->part != NULL && atomic_load (&reader->part->over))
    return atomic_load (&reader->left);
  for (guint i = reader->current; i < reader->n_inputs; i++)
    {
      const FanoutReaderInput *input = &reader->inputs[i];

      if (!input->left_out
          && (input->stage < FANOUT_STAGE_NAMED
              || (!input->empty && !fanout_reader_is_exhausted (input))))
        return TRUE;
    }
  return atomic_load (&reader->left);
}

int
fanout_reader_fd (FanoutBlockReader *reader)
{
  return atomic_load (&reader->wait_fd);
}

int
fanout_reader_wake_fd (FanoutBlockReader *reader)
{
  return reader->wake[0];
}

guint64
fanout_reader_bytes (FanoutBlockReader *reader)
{
  return atomic_load_explicit (&reader->bytes, memory_order_relaxed);
}

guint64
fanout_reader_total (FanoutBlockReader *reader)
{
  return reader->total;
}

gboolean
fanout_reader_is_packed (FanoutBlockReader *reader)
{
  return reader->named != NULL && reader->named->packed > FANOUT_COMPRESSION_NONE;
}

const char *
fanout_reader_named (FanoutBlockReader *reader)
{
  return reader->named != NULL ? reader->named->name : NULL;
}

char *
fanout_reader_doubt (FanoutBlockReader *reader)
{
  const FanoutReaderInput *input = reader->named;
  g_autofree char *first = NULL;

  if (input == NULL || input->numeric_line == 0 || input->names == NULL)
    return NULL;
  first = fanout_escape (input->names[0], -1);
  return g_strdup_printf (
      "%s:%" G_GUINT64_FORMAT ": the header's %s %s%s; --no-header (header = false) takes it for a "
      "row",
      input->name, input->numeric_line,
      input->names[1] == NULL ? "name is a number:" : "names are numbers:", first,
      input->names[1] == NULL ? "" : " and so on");
}

const char *const *
fanout_reader_paths (FanoutBlockReader *reader)
{
  return (const char *const *) reader->paths;
}
