#include "core/input/follow.h"
#include <string.h>

/* Between two looks at everything because something comes and goes in a folder. */
#define SOON_US 20000

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

      if (input != NULL && input->path != NULL && input->current != NULL
          && fstat (fanout_follow_current (input)->fd, &status) == 0)
        input->current->skip = (guint64) status.st_size;
    }
}

static void
look_at_all (FanoutFollow *self)
{
  const gboolean first = self->known.look++ == 0;

  g_clear_pointer (&self->last_folder, g_free);
  for (guint i = 0; i < self->live->inputs->len; i++)
    {
      FanoutLiveInput *input = self->live->inputs->pdata[i];

      if (input == NULL || input->path == NULL)
        continue;
      watch_folder_of (self, input->path);
      fanout_follow_look_at (self, input);
    }
  for (guint p = 0; p < self->patterns->len; p++)
    {
      const FanoutFollowPattern *pattern = &g_array_index (self->patterns, FanoutFollowPattern, p);
      g_autoptr (GPtrArray) matches = NULL;

      watch_folder_of (self, pattern->text);
      if (!pattern->glob)
        {
          if (!g_hash_table_contains (self->by_path, pattern->text))
            fanout_follow_look_at (self, fanout_follow_add (self, pattern->text));
          continue;
        }
      matches = fanout_reader_match (pattern->text);
      for (guint m = 0; m < matches->len; m++)
        if (!g_hash_table_contains (self->by_path, matches->pdata[m]))
          {
            watch_folder_of (self, matches->pdata[m]);
            fanout_follow_meet (self, matches->pdata[m]);
          }
    }
  if (first && self->at_end)
    begin_at_end (self);
  fanout_known_forget (&self->known);
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
    fanout_follow_look_at (self, input);
  else if (input != NULL)
    fanout_live_queue (input);
  if (folder != NULL && event->name != NULL)
    {
      g_autofree char *path = strcmp (folder, ".") == 0
                                  ? g_strdup (event->name)
                                  : g_build_filename (folder, event->name, NULL);

      input = g_hash_table_lookup (self->by_path, path);
      if (input != NULL)
        fanout_follow_look_at (self, input);
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
      const FanoutTail *tail = fanout_follow_current (input);

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
