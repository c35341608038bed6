#include "core/input/follow.h"
#include "core/base/descriptors.h"
#include "core/base/error.h"
#include "core/input/address.h"
#include "core/input/rotated.h"
#include <errno.h>
#include <fanout/kept.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* The times of files go by ticks. */
#define TICK_US 20000

static void
clear_pattern (gpointer pattern)
{
  g_free (((FanoutFollowPattern *) pattern)->text);
}

/* Look for these, as soon as that may be. */
static void
set_patterns (FanoutFollow *self, const FanoutReaderPlan *plan)
{
  self->discover = MAX (plan->discover, 1000);
  g_array_set_size (self->patterns, 0);
  for (const char *const *path = plan->paths; *path != NULL; path++)
    {
      FanoutFollowPattern pattern;

      if (plan->glob && fanout_address_is (*path))
        continue;
      pattern.text = fanout_reader_path (plan, *path, &pattern.glob);
      g_array_append_val (self->patterns, pattern);
    }
  self->next_look = self->patterns->len > 0 ? G_MININT64 : G_MAXINT64;
  if (self->patterns->len == 0 || self->watch != NULL)
    return;
  self->watch = fanout_watch_new ();
  if (self->watch != NULL)
    {
      struct epoll_event event = { .events = EPOLLIN };

      epoll_ctl (self->live->epoll, EPOLL_CTL_ADD, fanout_watch_fd (self->watch), &event);
    }
}

FanoutFollow *
fanout_follow_new (FanoutLive *live, const FanoutReaderPlan *plan)
{
  FanoutFollow *self = g_new0 (FanoutFollow, 1);

  self->live = live;
  self->at_end = plan->start_at_end;
  self->patterns = g_array_new (FALSE, FALSE, sizeof (FanoutFollowPattern));
  g_array_set_clear_func (self->patterns, clear_pattern);
  self->folders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->watching = g_hash_table_new (NULL, NULL);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->held = fanout_file_table_new (NULL);
  fanout_known_init (&self->known);
  self->troubled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->leaving = g_ptr_array_new ();
  set_patterns (self, plan);
  return self;
}

static gboolean
is_wanted (const FanoutFollow *self, const char *path)
{
  for (guint i = 0; i < self->patterns->len; i++)
    {
      const FanoutFollowPattern *pattern = &g_array_index (self->patterns, FanoutFollowPattern, i);

      if (pattern->glob ? fnmatch (pattern->text, path, FNM_PATHNAME | FNM_PERIOD) == 0
                        : strcmp (pattern->text, path) == 0)
        return TRUE;
    }
  return FALSE;
}

void
fanout_follow_change (FanoutFollow *self, const FanoutReaderPlan *plan)
{
  GPtrArray *inputs = self->live->inputs;

  set_patterns (self, plan);
  for (guint i = 0; i < inputs->len; i++)
    {
      FanoutLiveInput *input = inputs->pdata[i];

      if (input == NULL || input->path == NULL || is_wanted (self, input->path))
        continue;
      fanout_reader_tell (self->live->reader, "%s: it is not followed any more", input->name);
      g_hash_table_remove (self->by_path, input->path);
      g_ptr_array_remove_fast (self->leaving, input);
      fanout_live_drop (input);
    }
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
  fanout_known_clear (&self->known);
  g_hash_table_unref (self->troubled);
  g_ptr_array_unref (self->leaving);
  g_free (self->last_folder);
  fanout_watch_free (self->watch);
  g_free (self);
}

static FanoutTail *take_up (FanoutFollow *self, FanoutLiveInput *input, int fd,
                            const struct stat *status);

/* What a file had more before it was truncated is in its copy, which was made since. */
static FanoutTail *
find_copy (FanoutFollow *self, const FanoutTail *tail)
{
  FanoutLiveInput *input = tail->owner;
  const struct timespec since = { .tv_sec = (time_t) ((tail->since - TICK_US) / G_USEC_PER_SEC) };
  g_autoptr (GPtrArray) names = fanout_rotated_names (input->path, &since);

  for (guint i = names->len; i-- > 0 && tail->offset > 0;)
    {
      const int fd = open (names->pdata[i], O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
      struct stat status;

      if (fd >= 0 && fstat (fd, &status) == 0 && (guint64) status.st_size >= tail->offset
          && !g_hash_table_contains (self->held, &(FanoutFileId){ status.st_dev, status.st_ino })
          && fanout_tail_matches (tail, fd))
        {
          FanoutTail *copy = take_up (self, input, fd, &status);

          copy->resume.offset = tail->offset;
          copy->resume.joined = TRUE;
          copy->wait = 0;
          fanout_tail_leave (copy);
          return copy;
        }
      if (fd >= 0)
        close (fd);
    }
  return NULL;
}

/* Before a tail is freed. */
static void
close_tail (FanoutTail *tail)
{
  FanoutLiveInput *input = tail->owner;
  FanoutFollow *self = input->live->follow;
  struct stat status;

  input->ended = tail->end;
  fanout_rotated_time (tail->fd, &input->age);
  if (tail->watch >= 0)
    {
      fanout_watch_remove (self->watch, tail->watch);
      g_hash_table_remove (self->watching, GINT_TO_POINTER (tail->watch));
    }
  if (g_hash_table_lookup (self->held, &tail->id) == tail)
    g_hash_table_remove (self->held, &tail->id);
  fanout_live_release (tail->resume.before);
  if (tail->end == FANOUT_TAIL_CHANGED)
    {
      input->copy = find_copy (self, tail);
      input->changed_left = tail->left;
      input->changed_fd = fanout_tail_steal (tail);
    }
  else if (tail->end != FANOUT_TAIL_ON && fstat (tail->fd, &status) == 0 && status.st_nlink > 0)
    fanout_known_add (&self->known, &status, tail, input->current);
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
newest_tail (FanoutLiveInput *input)
{
  return !g_queue_is_empty (&input->files) ? g_queue_peek_tail (&input->files)
                                           : fanout_follow_current (input);
}

/* On with the next file, if there is none now. */
static void
advance (FanoutLiveInput *input)
{
  FanoutTail *tail = input->current == NULL ? g_queue_pop_head (&input->files) : NULL;

  if (tail == NULL)
    return;
  fanout_live_begin (input, &tail->bytes, input->path);
  input->current->resume = tail->resume;
  input->current->skip = tail->resume.skip;
  memset (&tail->resume, 0, sizeof tail->resume);
}

void
fanout_follow_leave (FanoutFollow *self, FanoutLiveInput *input)
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

static void
set_trouble (FanoutFollow *self, FanoutLiveInput *input, int number)
{
  if (input->trouble == NULL)
    tell_trouble (self, input->name, number);
  input->trouble = g_strerror (number);
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
  gboolean short_of;
  char bytes[16];
  const gssize n = pread (fd, bytes, sizeof bytes, 0);

  if (n <= 0 || !fanout_tail_is_foreign (bytes, (gsize) n, &short_of))
    return FALSE;
  if (fanout_known_find (&self->known, fanout_file_id (status)) == NULL)
    {
      g_autofree char *name = fanout_escape (path, -1);

      tell_foreign (self, name);
    }
  fanout_known_add (&self->known, status, NULL, NULL);
  return TRUE;
}

/* Which file it is cannot be said now; keeps errno. */
static Opened
trouble (int fd)
{
  const int number = errno;

  close (fd);
  errno = number;
  return OPEN_TROUBLE;
}

/* The file by this name, where it is one that nobody reads; `known`: as far as it was read. */
static Opened
open_file (FanoutFollow *self, const char *path, int *fd, struct stat *status,
           const FanoutKnownFile **known)
{
  FanoutFileId id;

  *known = NULL;
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (*fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? OPEN_NONE : OPEN_TROUBLE;
  fanout_descriptors_allow (*fd);
  if (fstat (*fd, status) != 0)
    return trouble (*fd);
  if (S_ISREG (status->st_mode))
    {
      id = fanout_file_id (status);
      *known = fanout_known_find (&self->known, id);
      if (*known != NULL && !fanout_known_is_same (*known, status)
          && !fanout_known_has_grown (*known, *fd, status))
        {
          if (errno != 0)
            return trouble (*fd);
          *known = NULL;
        }
      if (!g_hash_table_contains (self->held, &id)
          && (*known == NULL || (*known)->offset < (guint64) status->st_size)
          && !is_foreign (self, path, *fd, status))
        return OPEN_TAKEN;
    }
  close (*fd);
  return OPEN_NONE;
}

/* As the first look at it says: nothing that is not read already. */
static gboolean
is_nothing_new (FanoutFollow *self, const struct stat *status)
{
  const FanoutFileId id = fanout_file_id (status);
  const FanoutKnownFile *known = fanout_known_find (&self->known, id);

  return !S_ISREG (status->st_mode) || g_hash_table_contains (self->held, &id)
         || (known != NULL && fanout_known_is_same (known, status));
}

FanoutTail *
fanout_follow_append (FanoutFollow *self, FanoutLiveInput *input, int fd, const struct stat *status,
                      const FanoutReaderResume *resume)
{
  const gboolean rotated = input->begun || newest_tail (input) != NULL;
  FanoutTail *tail;

  fanout_follow_leave (self, input);
  tail = take_up (self, input, fd, status);
  tail->resume = *resume;
  g_queue_push_tail (&input->files, tail);
  atomic_fetch_add (&self->live->reader->files_taken_up, 1);
  if (rotated)
    atomic_fetch_add (&self->live->reader->files_rotated, 1);
  advance (input);
  return tail;
}

/* A file that may be known. */
static void
append (FanoutFollow *self, FanoutLiveInput *input, int fd, const struct stat *status,
        const FanoutKnownFile *known)
{
  FanoutReaderResume resume = { 0 };

  if (known != NULL)
    {
      resume.offset = known->offset;
      resume.line = known->line;
      resume.before = known->file;
      if (known->file != NULL)
        atomic_fetch_add (&known->file->holders, 1);
    }
  fanout_follow_append (self, input, fd, status, &resume);
}

/* Whether a file is a copy of what was read last, or was one once: also one that was made before
 * all of that was there. */
static gboolean
is_copy (const FanoutTail *tail, int fd, const struct stat *status)
{
  const gsize begin = MIN (tail->head.length, (gsize) status->st_size);

  if (tail->offset == 0 || begin == 0)
    return FALSE;
  return (guint64) status->st_size >= tail->offset
             ? fanout_tail_matches (tail, fd)
             : fanout_known_has (fd, begin, 0, fanout_hash_bytes (tail->head.bytes, begin, 0));
}

/* Files that had the name and gave it away since anybody looked; `next` (NULL: none) has it, or had
 * it a moment ago. */
static void
find_between (FanoutFollow *self, FanoutLiveInput *input, const struct stat *next)
{
  FanoutTail *tail = newest_tail (input);
  g_autoptr (GPtrArray) names = NULL;
  struct stat status;

  if (tail != NULL)
    fanout_rotated_time (tail->fd, &input->age);
  if (input->age.tv_sec == 0)
    return;
  names = fanout_rotated_names (input->path, &input->age);
  for (guint i = 0; i < names->len; i++)
    {
      const FanoutKnownFile *known;
      const char *name = names->pdata[i];
      int fd;

      if (g_hash_table_contains (self->by_path, name)
          || open_file (self, name, &fd, &status, &known) != OPEN_TAKEN)
        continue;
      if (known != NULL
          || (next != NULL
              && fanout_file_id_equal (fanout_file_id (next), fanout_file_id (&status)))
          || (tail != NULL && is_copy (tail, fd, &status)))
        {
          close (fd);
          continue;
        }
      append (self, input, fd, &status, NULL);
      fanout_follow_leave (self, input);
    }
}

/* Another file has the name. */
static void
succeed (FanoutFollow *self, FanoutLiveInput *input)
{
  const FanoutKnownFile *known;
  struct stat status;
  int fd;

  switch (open_file (self, input->path, &fd, &status, &known))
    {
    case OPEN_TAKEN:
      find_between (self, input, &status);
      append (self, input, fd, &status, known);
      break;
    case OPEN_TROUBLE:
      set_trouble (self, input, errno);
      return;
    case OPEN_NONE:
    default:
      fanout_follow_leave (self, input);
    }
  input->trouble = NULL;
}

void
fanout_follow_look_at (FanoutFollow *self, FanoutLiveInput *input)
{
  FanoutTail *newest = newest_tail (input);
  struct stat status;

  if (stat (input->path, &status) != 0)
    {
      if (errno == ENOENT || errno == ENOTDIR)
        {
          input->trouble = NULL;
          find_between (self, input, NULL);
          fanout_follow_leave (self, input);
        }
      else
        set_trouble (self, input, errno);
    }
  else if (!S_ISREG (status.st_mode))
    {
      if (input->trouble == NULL)
        fanout_reader_tell (self->live->reader, "%s: it is no regular file: passed over",
                            input->name);
      input->trouble = "it is no regular file";
      fanout_follow_leave (self, input);
    }
  else if (newest != NULL && fanout_file_id_equal (newest->id, fanout_file_id (&status)))
    {
      newest->left = -1;
      input->trouble = NULL;
    }
  else if (is_nothing_new (self, &status))
    {
      fanout_follow_leave (self, input);
      input->trouble = NULL;
    }
  else
    succeed (self, input);
  if (input->current == NULL)
    return;
  FanoutTail *tail = fanout_follow_current (input);
  if (tail->trouble != 0 && !tail->told)
    tell_trouble (self, input->name, tail->trouble);
  tail->told = tail->trouble != 0;
  if (fanout_tail_has_news (tail))
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
      fanout_reader_tell (
          self->live->reader, "%s: it is not the file that it was: read again from its beginning%s",
          input->name, input->copy != NULL ? ", behind what its copy has more" : "");
    }
  if (input->copy != NULL)
    g_queue_push_head (&input->files, g_steal_pointer (&input->copy));
  advance (input);
  /* Nobody may have looked since there was no such name; without a file it holds no window. */
  if (input->current == NULL)
    fanout_follow_look_at (self, input);
}

FanoutLiveInput *
fanout_follow_add (FanoutFollow *self, const char *path)
{
  g_autofree char *name = fanout_escape (path, -1);
  FanoutLiveInput *input = fanout_live_add (self->live, name);

  input->path = g_strdup (path);
  g_hash_table_insert (self->by_path, input->path, input);
  return input;
}

/* A name that there was none of. */
void
fanout_follow_meet (FanoutFollow *self, const char *path)
{
  const FanoutKnownFile *known;
  struct stat status;
  int fd;

  if (stat (path, &status) != 0 || is_nothing_new (self, &status))
    return;
  switch (open_file (self, path, &fd, &status, &known))
    {
    case OPEN_TAKEN:
      g_hash_table_remove (self->troubled, path);
      append (self, fanout_follow_add (self, path), fd, &status, known);
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
