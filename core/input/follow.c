#include "core/base/error.h"
#include "core/input/live.h"
#include "core/input/watch.h"
#include <errno.h>
#include <fanout/kept.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Files that were read to their end and may come again under another name; those that are there are
 * known beyond that. */
#define KNOWN_MAX 1000

/* Between two looks at everything because something comes and goes in a folder. */
#define SOON_US 20000

typedef struct
{
  char *text;
  gboolean glob;
} Pattern;

/* A file that is not read now, and how far it was. */
typedef struct
{
  FanoutFileId id;
  struct timespec changed;
  guint64 size;
  guint64 offset; /* 0: it is nothing that could be read */
  gsize marked;   /* bytes of each mark */
  guint64 head;   /* their hashes */
  guint64 last;
  guint64 look;            /* the last one at everything that saw it */
  FanoutReaderInput *file; /* that was read; NULL */
} Known;

struct FanoutFollow
{
  FanoutLive *live;
  GArray *patterns;
  gint64 discover;
  gboolean at_end; /* what the first look finds is begun at its end */
  guint64 looks;
  gint64 next_look;
  FanoutWatch *watch;
  GHashTable *folders;  /* watch to path */
  GHashTable *watching; /* watch to FanoutLiveInput */
  GHashTable *by_path;  /* to FanoutLiveInput */
  GHashTable *held;     /* FanoutFileId to FanoutTail */
  GHashTable *known;    /* FanoutFileId to Known */
  GHashTable *troubled; /* paths of no input that could not be read, which was told */
  char *last_folder;    /* that was watched */
  GPtrArray *leaving;   /* inputs whose files wait for their end */
};

static guint
hash_id (gconstpointer id)
{
  const FanoutFileId *self = id;

  return (guint) fanout_hash_words (self->device, self->inode, 0);
}

static gboolean
equal_ids (gconstpointer a, gconstpointer b)
{
  return fanout_file_id_equal (*(const FanoutFileId *) a, *(const FanoutFileId *) b);
}

static void
free_known (gpointer data)
{
  Known *known = data;

  fanout_live_release (known->file);
  g_free (known);
}

static void
clear_pattern (gpointer pattern)
{
  g_free (((Pattern *) pattern)->text);
}

FanoutFollow *
fanout_follow_new (FanoutLive *live, const FanoutReaderPlan *plan)
{
  FanoutFollow *self = g_new0 (FanoutFollow, 1);

  self->live = live;
  self->discover = MAX (plan->discover, 1000);
  self->at_end = plan->start_at_end;
  self->next_look = G_MININT64;
  self->patterns = g_array_new (FALSE, FALSE, sizeof (Pattern));
  g_array_set_clear_func (self->patterns, clear_pattern);
  for (const char *const *path = plan->paths; *path != NULL; path++)
    {
      Pattern pattern;

      pattern.text = fanout_reader_path (plan, *path, &pattern.glob);
      g_array_append_val (self->patterns, pattern);
    }
  self->folders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->watching = g_hash_table_new (NULL, NULL);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->held = g_hash_table_new (hash_id, equal_ids);
  self->known = g_hash_table_new_full (hash_id, equal_ids, free_known, NULL);
  self->troubled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->leaving = g_ptr_array_new ();
  self->watch = fanout_watch_new ();
  if (self->watch != NULL)
    {
      struct epoll_event event = { .events = EPOLLIN };

      epoll_ctl (live->epoll, EPOLL_CTL_ADD, fanout_watch_fd (self->watch), &event);
    }
  return self;
}

void
fanout_follow_free (FanoutFollow *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->patterns);
  g_hash_table_unref (self->folders);
  g_hash_table_unref (self->watching);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->held);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->troubled);
  g_ptr_array_unref (self->leaving);
  g_free (self->last_folder);
  fanout_watch_free (self->watch);
  g_free (self);
}

/* Files that are known. */

static guint64
hash_at (int fd, gsize length, guint64 offset)
{
  char bytes[FANOUT_TAIL_MARK];

  return pread (fd, bytes, length, (off_t) offset) == (gssize) length
             ? fanout_hash_bytes (bytes, length, 0)
             : 0;
}

static void
know (FanoutFollow *self, const struct stat *status, const FanoutTail *tail,
      FanoutReaderInput *file)
{
  Known *known = g_new0 (Known, 1);

  known->id = fanout_file_id (status);
  known->changed = status->st_mtim;
  known->size = (guint64) status->st_size;
  known->look = self->looks;
  if (tail != NULL)
    {
      known->offset = tail->offset;
      known->marked = tail->head.length;
      known->head = fanout_hash_bytes (tail->head.bytes, tail->head.length, 0);
      known->last = fanout_hash_bytes (tail->last.bytes, tail->last.length, 0);
      known->file = file;
      atomic_fetch_add (&file->holders, 1);
    }
  g_hash_table_replace (self->known, known, known);
}

static gboolean
is_as_known (const Known *known, const struct stat *status)
{
  return known->size == (guint64) status->st_size && known->changed.tv_sec == status->st_mtim.tv_sec
         && known->changed.tv_nsec == status->st_mtim.tv_nsec;
}

/* Whether it is the file that was read so far, and not another one with its number. */
static gboolean
has_grown (const Known *known, int fd, const struct stat *status)
{
  return known->offset > 0 && (guint64) status->st_size >= known->offset
         && hash_at (fd, known->marked, 0) == known->head
         && hash_at (fd, known->marked, known->offset - known->marked) == known->last;
}

static gboolean
is_forgotten (gpointer id G_GNUC_UNUSED, gpointer known, gpointer look)
{
  return ((const Known *) known)->look < *(const guint64 *) look;
}

/* Those that were seen longest ago. */
static void
forget_some (FanoutFollow *self)
{
  guint64 look = self->looks;

  if (g_hash_table_size (self->known) > KNOWN_MAX)
    g_hash_table_foreach_remove (self->known, is_forgotten, &look);
}

/* Before a tail is freed. */
static void
close_tail (FanoutTail *tail)
{
  FanoutLiveInput *input = tail->owner;
  FanoutFollow *self = input->live->follow;
  struct stat status;

  input->ended = tail->end;
  if (tail->watch >= 0)
    {
      fanout_watch_remove (self->watch, tail->watch);
      g_hash_table_remove (self->watching, GINT_TO_POINTER (tail->watch));
    }
  if (g_hash_table_lookup (self->held, &tail->id) == tail)
    g_hash_table_remove (self->held, &tail->id);
  fanout_live_release (tail->before);
  if (tail->end == FANOUT_TAIL_CHANGED)
    {
      input->changed_left = tail->left;
      input->changed_fd = fanout_tail_steal (tail);
    }
  else if (tail->end != FANOUT_TAIL_ON && fstat (tail->fd, &status) == 0 && status.st_nlink > 0)
    know (self, &status, tail, input->current);
}

static FanoutTail *
take_up (FanoutFollow *self, FanoutLiveInput *input, int fd, const struct stat *status)
{
  FanoutTail *tail
      = fanout_tail_new (fd, status, input->name, self->live->clock, self->live->rotate_wait);

  tail->owner = input;
  tail->closed = close_tail;
  tail->watch = fanout_watch_file (self->watch, fd);
  if (tail->watch >= 0)
    g_hash_table_insert (self->watching, GINT_TO_POINTER (tail->watch), input);
  g_hash_table_insert (self->held, &tail->id, tail);
  return tail;
}

/* Inputs and their files. */

static FanoutTail *
current_tail (const FanoutLiveInput *input)
{
  return input->current != NULL ? (FanoutTail *) input->current->bytes : NULL;
}

static FanoutTail *
newest_tail (FanoutLiveInput *input)
{
  return !g_queue_is_empty (&input->files) ? g_queue_peek_tail (&input->files)
                                           : current_tail (input);
}

/* On with the next file, if there is none now. */
static void
advance (FanoutLiveInput *input)
{
  FanoutTail *tail = input->current == NULL ? g_queue_pop_head (&input->files) : NULL;

  if (tail == NULL)
    return;
  fanout_live_begin (input, &tail->bytes, input->path);
  input->current->before = g_steal_pointer (&tail->before);
  input->current->resume.offset = tail->resume;
}

static void
leave (FanoutFollow *self, FanoutLiveInput *input)
{
  FanoutTail *tail = newest_tail (input);

  if (tail == NULL || tail->left >= 0)
    return;
  fanout_tail_leave (tail);
  if (!g_ptr_array_find (self->leaving, input, NULL))
    g_ptr_array_add (self->leaving, input);
}

static void
tell_foreign (FanoutFollow *self, const char *name)
{
  fanout_reader_tell (self->live->reader,
                      "%s: it is packed or in UTF-16, which cannot be followed: passed over", name);
}

/* It is tried again: once is enough to tell. */
static void
tell_trouble (FanoutFollow *self, const char *name, int number)
{
  fanout_reader_tell (self->live->reader, "%s: %s; it is tried again", name, g_strerror (number));
}

typedef enum
{
  OPEN_TAKEN = 0,
  OPEN_NONE, /* nothing that is not read already */
  OPEN_TROUBLE,
} Opened;

/* It was packed when another one was, or it is new. */
static gboolean
is_foreign (FanoutFollow *self, const char *path, int fd, const struct stat *status)
{
  const FanoutFileId id = fanout_file_id (status);
  gboolean short_of;
  char bytes[16];
  const gssize n = pread (fd, bytes, sizeof bytes, 0);

  if (n <= 0 || !fanout_tail_is_foreign (bytes, (gsize) n, &short_of))
    return FALSE;
  if (!g_hash_table_contains (self->known, &id))
    {
      g_autofree char *name = fanout_escape (path, -1);

      tell_foreign (self, name);
    }
  know (self, status, NULL, NULL);
  return TRUE;
}

/* The file by this name, where it is one that nobody reads; `known`: as far as it was read. */
static Opened
open_file (FanoutFollow *self, const char *path, int *fd, struct stat *status, const Known **known)
{
  Opened result = OPEN_NONE;
  FanoutFileId id;

  *known = NULL;
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (*fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? OPEN_NONE : OPEN_TROUBLE;
  if (fstat (*fd, status) != 0)
    result = OPEN_TROUBLE;
  else if (S_ISREG (status->st_mode))
    {
      id = fanout_file_id (status);
      *known = g_hash_table_lookup (self->known, &id);
      if (*known != NULL && !is_as_known (*known, status) && !has_grown (*known, *fd, status))
        *known = NULL;
      if (!g_hash_table_contains (self->held, &id)
          && (*known == NULL || (*known)->offset < (guint64) status->st_size)
          && !is_foreign (self, path, *fd, status))
        return OPEN_TAKEN;
    }
  close (*fd);
  return result;
}

/* As the first look at it says: nothing that is not read already. */
static gboolean
is_nothing_new (FanoutFollow *self, const struct stat *status)
{
  const FanoutFileId id = fanout_file_id (status);
  Known *known = g_hash_table_lookup (self->known, &id);

  if (known != NULL)
    known->look = self->looks;
  return !S_ISREG (status->st_mode) || g_hash_table_contains (self->held, &id)
         || (known != NULL && is_as_known (known, status));
}

static void
append (FanoutFollow *self, FanoutLiveInput *input, int fd, const struct stat *status,
        const Known *known)
{
  FanoutTail *tail;

  leave (self, input);
  tail = take_up (self, input, fd, status);
  if (known != NULL)
    {
      tail->resume = known->offset;
      tail->before = known->file;
      atomic_fetch_add (&known->file->holders, 1);
    }
  g_queue_push_tail (&input->files, tail);
  atomic_fetch_add (&self->live->reader->files_taken_up, 1);
  advance (input);
}

/* Another file has the name. */
static void
succeed (FanoutFollow *self, FanoutLiveInput *input)
{
  const Known *known;
  struct stat status;
  int fd;

  switch (open_file (self, input->path, &fd, &status, &known))
    {
    case OPEN_TAKEN:
      append (self, input, fd, &status, known);
      break;
    case OPEN_TROUBLE:
      if (!input->troubled)
        tell_trouble (self, input->name, errno);
      input->troubled = TRUE;
      return;
    case OPEN_NONE:
    default:
      leave (self, input);
    }
  input->troubled = FALSE;
}

static void
look_at (FanoutFollow *self, FanoutLiveInput *input)
{
  FanoutTail *newest = newest_tail (input);
  struct stat status;

  if (stat (input->path, &status) != 0)
    {
      if (errno == ENOENT || errno == ENOTDIR)
        leave (self, input);
      else
        {
          if (!input->troubled)
            tell_trouble (self, input->name, errno);
          input->troubled = TRUE;
        }
    }
  else if (!S_ISREG (status.st_mode))
    {
      if (!input->troubled)
        fanout_reader_tell (self->live->reader, "%s: it is no regular file: passed over",
                            input->name);
      input->troubled = TRUE;
      leave (self, input);
    }
  else if (newest != NULL && fanout_file_id_equal (newest->id, fanout_file_id (&status)))
    newest->left = -1;
  else if (is_nothing_new (self, &status))
    leave (self, input);
  else
    succeed (self, input);
  if (input->current != NULL && fanout_tail_has_news (current_tail (input)))
    fanout_live_queue (input);
}

void
fanout_follow_finish (FanoutFollow *self, FanoutLiveInput *input)
{
  struct stat status;
  const int fd = g_steal_fd (&input->changed_fd);

  if (input->ended == FANOUT_TAIL_FOREIGN)
    tell_foreign (self, input->name);
  if (fd >= 0 && fstat (fd, &status) == 0)
    {
      FanoutTail *tail = take_up (self, input, fd, &status);

      tail->left = input->changed_left;
      g_queue_push_head (&input->files, tail);
      atomic_fetch_add (&self->live->reader->files_changed, 1);
      fanout_reader_tell (self->live->reader,
                          "%s: it is not the file that it was: read again from its beginning",
                          input->name);
    }
  advance (input);
}

/* Looking at everything. */

static FanoutLiveInput *
add_input (FanoutFollow *self, const char *path)
{
  g_autofree char *name = fanout_escape (path, -1);
  FanoutLiveInput *input = fanout_live_add (self->live, name);

  input->path = g_strdup (path);
  g_hash_table_insert (self->by_path, input->path, input);
  return input;
}

/* A name that there was none of. */
static void
meet (FanoutFollow *self, const char *path)
{
  const Known *known;
  struct stat status;
  int fd;

  if (stat (path, &status) != 0 || is_nothing_new (self, &status))
    return;
  switch (open_file (self, path, &fd, &status, &known))
    {
    case OPEN_TAKEN:
      g_hash_table_remove (self->troubled, path);
      append (self, add_input (self, path), fd, &status, known);
      fanout_reader_tell_change (self->live->reader);
      break;
    case OPEN_TROUBLE:
      {
        const int number = errno;
        g_autofree char *name = fanout_escape (path, -1);

        if (g_hash_table_add (self->troubled, g_strdup (path)))
          tell_trouble (self, name, number);
        break;
      }
    case OPEN_NONE:
    default:
      break;
    }
}

/* The folder of the path, or the nearest above it that is there. */
static void
watch_folder_of (FanoutFollow *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_strcmp0 (folder, self->last_folder) == 0)
    return;
  g_free (self->last_folder);
  self->last_folder = g_strdup (folder);
  while (TRUE)
    {
      const int number = fanout_watch_folder (self->watch, folder);
      char *above;

      if (number >= 0)
        g_hash_table_replace (self->folders, GINT_TO_POINTER (number), g_strdup (folder));
      if (number >= 0 || strcmp (folder, ".") == 0 || strcmp (folder, "/") == 0)
        return;
      above = g_path_get_dirname (folder);
      g_free (folder);
      folder = above;
    }
}

static void
begin_at_end (FanoutFollow *self)
{
  for (guint i = 0; i < self->live->inputs->len; i++)
    {
      const FanoutLiveInput *input = self->live->inputs->pdata[i];
      struct stat status;

      if (input->current != NULL && fstat (current_tail (input)->fd, &status) == 0)
        input->current->skip = (guint64) status.st_size;
    }
}

static void
look_at_all (FanoutFollow *self)
{
  const gboolean first = self->looks++ == 0;

  g_clear_pointer (&self->last_folder, g_free);
  for (guint i = 0; i < self->live->inputs->len; i++)
    {
      FanoutLiveInput *input = self->live->inputs->pdata[i];

      watch_folder_of (self, input->path);
      look_at (self, input);
    }
  for (guint p = 0; p < self->patterns->len; p++)
    {
      const Pattern *pattern = &g_array_index (self->patterns, Pattern, p);
      g_autoptr (GPtrArray) matches = NULL;

      watch_folder_of (self, pattern->text);
      if (!pattern->glob)
        {
          if (!g_hash_table_contains (self->by_path, pattern->text))
            look_at (self, add_input (self, pattern->text));
          continue;
        }
      matches = fanout_reader_match (pattern->text);
      for (guint m = 0; m < matches->len; m++)
        if (!g_hash_table_contains (self->by_path, matches->pdata[m]))
          {
            watch_folder_of (self, matches->pdata[m]);
            meet (self, matches->pdata[m]);
          }
    }
  if (first && self->at_end)
    begin_at_end (self);
  forget_some (self);
  self->next_look = fanout_clock_monotonic (self->live->clock) + self->discover;
}

/* Looking where something happened. */

static void
look_soon (FanoutFollow *self)
{
  self->next_look = MIN (self->next_look, fanout_clock_monotonic (self->live->clock) + SOON_US);
}

static void
take_event (FanoutFollow *self, const FanoutWatchEvent *event)
{
  const gpointer number = GINT_TO_POINTER (event->watch);
  const char *folder = g_hash_table_lookup (self->folders, number);
  FanoutLiveInput *input = g_hash_table_lookup (self->watching, number);

  if (event->watch < 0)
    {
      self->next_look = G_MININT64;
      return;
    }
  if (input != NULL && event->moved)
    look_at (self, input);
  else if (input != NULL)
    fanout_live_queue (input);
  if (folder != NULL && event->name != NULL)
    {
      g_autofree char *path = strcmp (folder, ".") == 0
                                  ? g_strdup (event->name)
                                  : g_build_filename (folder, event->name, NULL);

      input = g_hash_table_lookup (self->by_path, path);
      if (input != NULL)
        look_at (self, input);
    }
  if (folder != NULL)
    look_soon (self);
  if (event->dead)
    {
      g_hash_table_remove (self->folders, number);
      g_hash_table_remove (self->watching, number);
    }
}

/* When the first of those that were left is over; those that are not are looked at. */
static gint64
look_at_leaving (FanoutFollow *self)
{
  const gint64 now = fanout_clock_monotonic (self->live->clock);
  gint64 next = G_MAXINT64;

  for (guint i = self->leaving->len; i-- > 0;)
    {
      FanoutLiveInput *input = self->leaving->pdata[i];
      const FanoutTail *tail = current_tail (input);

      if (tail == NULL || tail->left < 0)
        g_ptr_array_remove_index_fast (self->leaving, i);
      else if (now >= tail->left + tail->wait)
        fanout_live_queue (input);
      else
        next = MIN (next, tail->left + tail->wait);
    }
  return next;
}

void
fanout_follow_look (FanoutFollow *self)
{
  FanoutWatchEvent event;

  while (self->watch != NULL && fanout_watch_next (self->watch, &event))
    take_event (self, &event);
  if (fanout_clock_monotonic (self->live->clock) >= self->next_look)
    look_at_all (self);
  look_at_leaving (self);
}

gint64
fanout_follow_next_look (FanoutFollow *self)
{
  return MIN (self->next_look, look_at_leaving (self));
}
