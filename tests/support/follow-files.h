#pragma once

/** A stream over files of a folder of its own, which it follows, by a clock that stands still. */

#include "core/pipeline/private.h"
#include "tests/support/clock.h"
#include "tests/support/run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  HeldClock clock;
  FanoutPipeline *pipeline;
  char *folder;
  pthread_t thread;
  gboolean joined;
  pthread_mutex_t mutex;
  GString *told; /* rows of all results so far */
  GError *error;
} Followed;

static inline char *
followed_in_folder (const Followed *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static inline void
followed_put (const Followed *self, const char *name, const char *text)
{
  g_autofree char *path = followed_in_folder (self, name);
  const int fd = open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  ck_assert_int_eq (write (fd, text, strlen (text)), (gssize) strlen (text));
  close (fd);
}

static inline gboolean
followed_take (gpointer data, FanoutResult *result, GError **error)
{
  Followed *self = data;
  g_autofree char *text = test_text (result);
  (void) error;
  pthread_mutex_lock (&self->mutex);
  g_string_append (self->told, text);
  pthread_mutex_unlock (&self->mutex);
  return TRUE;
}

static inline void *
followed_run (void *data)
{
  Followed *self = data;
  fanout_result_free (fanout_pipeline_run (self->pipeline, NULL, &self->error));
  return NULL;
}

/** A folder without files, at a time in microseconds since 1970. */
static inline void
followed_init (Followed *self, gint64 real)
{
  *self = (Followed){ .clock = held_clock (real) };
  self->folder = g_dir_make_tmp ("fanoutd-test.XXXXXX", NULL);
}

/** Run `ini`, of which [source] is made here; its rows have these `columns`. */
static inline void
followed_begin (Followed *self, const char *ini, const char *columns, const char *const *overrides)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *all
      = g_strdup_printf ("[source]\ntype = csv\nheader = false\ncolumns = %s\nfollow = true\n"
                         "path = %s/*.log\n%s",
                         columns, self->folder, ini);
  self->pipeline = test_pipeline (all, overrides, &error);
  ck_assert_msg (self->pipeline != NULL, "%s", error != NULL ? error->message : "");
  self->pipeline->plan->reader.clock = &self->clock.clock;
  self->told = g_string_new (NULL);
  pthread_mutex_init (&self->mutex, NULL);
  fanout_pipeline_on_result (self->pipeline, followed_take, self);
  ck_assert_int_eq (pthread_create (&self->thread, NULL, followed_run, self), 0);
}

static inline void
followed_await_end (Followed *self)
{
  if (!self->joined)
    pthread_join (self->thread, NULL);
  self->joined = TRUE;
}

static inline void
followed_end (Followed *self)
{
  fanout_pipeline_interrupt (self->pipeline);
  followed_await_end (self);
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *path = followed_in_folder (self, name);
      g_unlink (path);
    }
  g_rmdir (self->folder);
  fanout_pipeline_free (self->pipeline);
  g_clear_error (&self->error);
  g_string_free (self->told, TRUE);
  pthread_mutex_destroy (&self->mutex);
  g_free (self->folder);
}

/** Until so many rows that are not late have been read. */
static inline void
followed_await_rows (Followed *self, guint64 rows)
{
  FanoutCounters counters = { 0 };
  while (counters.rows < rows)
    {
      g_usleep (200);
      fanout_pipeline_counters (self->pipeline, &counters, sizeof counters);
    }
}

/** Until so many bytes have been. */
static inline void
followed_await_bytes (Followed *self, guint64 bytes)
{
  FanoutCounters counters = { 0 };
  while (counters.bytes < bytes)
    {
      g_usleep (200);
      fanout_pipeline_counters (self->pipeline, &counters, sizeof counters);
    }
}

/** Until all of this has been told, and nothing else. */
static inline void
followed_expect (Followed *self, const char *told)
{
  gboolean same = FALSE;
  for (guint i = 0; i < 50000 && !same; i++)
    {
      fanout_pipeline_ask (self->pipeline, FANOUT_ASK_PULSE);
      g_usleep (200);
      pthread_mutex_lock (&self->mutex);
      same = strcmp (self->told->str, told) == 0;
      pthread_mutex_unlock (&self->mutex);
    }
  ck_assert_str_eq (self->told->str, told);
}

/** Until all of the run has been at rest. */
static inline void
followed_await_pulse (Followed *self)
{
  fanout_pipeline_ask (self->pipeline, FANOUT_ASK_PULSE);
  while (fanout_pipeline_is_asked (self->pipeline, FANOUT_ASK_PULSE))
    g_usleep (200);
}
