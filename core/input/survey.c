#include "core/input/survey.h"
#include "core/input/follow.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
clear_surveyed (gpointer surveyed)
{
  g_free ((gpointer) ((FanoutSurveyed *) surveyed)->name);
}

static GArray *
new_survey (void)
{
  GArray *survey = g_array_new (FALSE, FALSE, sizeof (FanoutSurveyed));

  g_array_set_clear_func (survey, clear_surveyed);
  return survey;
}

GArray *
fanout_survey_copy (const GArray *survey)
{
  GArray *copy = new_survey ();

  for (guint i = 0; i < survey->len; i++)
    {
      FanoutSurveyed one = g_array_index (survey, FanoutSurveyed, i);

      one.name = g_strdup (one.name);
      g_array_append_val (copy, one);
    }
  return copy;
}

static gboolean
is_pattern (const FanoutFollow *follow, const char *path, gboolean glob)
{
  for (guint i = 0; i < follow->patterns->len; i++)
    {
      const FanoutFollowPattern *pattern
          = &g_array_index (follow->patterns, FanoutFollowPattern, i);

      if (pattern->glob == glob && (glob || strcmp (pattern->text, path) == 0))
        return TRUE;
    }
  return FALSE;
}

static FanoutSurveyed
survey_live (const FanoutLiveInput *input)
{
  FanoutSurveyed one = { .name = input->name,
                         .stage = fanout_live_stage (input->live, input->ordinal),
                         .trouble = input->trouble };
  const FanoutReaderInput *file = input->current;
  struct stat status;

  if (file != NULL)
    one.bytes = file->bytes->type->position (file->bytes).source;
  if (input->path == NULL)
    return one;
  one.wanted = is_pattern (input->live->follow, input->path, FALSE);
  if (file != NULL && fstat (fanout_follow_current (input)->fd, &status) == 0)
    one.size = (guint64) status.st_size;
  if (file != NULL && one.trouble == NULL && fanout_follow_current (input)->trouble != 0)
    one.trouble = g_strerror (fanout_follow_current (input)->trouble);
  return one;
}

static FanoutSurveyed
survey_one (FanoutBlockReader *reader, guint i)
{
  const FanoutReaderInput *input = &reader->inputs[i];

  return (FanoutSurveyed){ .name = input->name != NULL ? input->name : input->path,
                           .stage = fanout_reader_input_stage (reader, i),
                           .bytes = input->sequential ? input->counted : input->offset,
                           .size = input->bytes != NULL ? input->bytes->end : 0 };
}

static void
add (GArray *survey, FanoutSurveyed one, guint most)
{
  if (survey->len >= most)
    return;
  one.name = g_strdup (one.name);
  g_array_append_val (survey, one);
}

static gboolean
is_bad (const FanoutSurveyed *one)
{
  return one->trouble != NULL || (one->wanted && one->stage == FANOUT_INPUT_ENDED);
}

/* A name that is in a folder which cannot be read, or a pattern of names, has no input. */
static void
add_missing (GArray *survey, FanoutFollow *follow, gboolean any, guint most)
{
  GHashTableIter iter;
  gpointer path;

  for (guint i = 0; i < follow->patterns->len && !any; i++)
    {
      const FanoutFollowPattern *pattern
          = &g_array_index (follow->patterns, FanoutFollowPattern, i);

      if (pattern->glob)
        add (survey,
             (FanoutSurveyed){ .name = pattern->text, .stage = FANOUT_INPUT_ENDED, .wanted = TRUE },
             most);
    }
  g_hash_table_iter_init (&iter, follow->troubled);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
      const int number = errno;

      if (fd >= 0)
        close (fd);
      else if (number != ENOENT && number != ENOTDIR)
        add (survey,
             (FanoutSurveyed){
                 .name = path, .stage = FANOUT_INPUT_ENDED, .trouble = g_strerror (number) },
             most);
    }
}

static void
survey_all_live (GArray *survey, FanoutLive *live, guint most, guint64 *n)
{
  gboolean any = FALSE;

  for (int bad = 1; bad >= 0; bad--)
    {
      for (guint i = 0; i < live->inputs->len; i++)
        {
          const FanoutLiveInput *input = live->inputs->pdata[i];
          FanoutSurveyed one;

          if (input == NULL)
            continue;
          one = survey_live (input);
          any |= input->path != NULL && input->current != NULL;
          *n += (guint64) bad;
          if (is_bad (&one) == (bad == 1))
            add (survey, one, most);
        }
      if (bad == 1)
        add_missing (survey, live->follow, any, most);
    }
}

GArray *
fanout_reader_survey (FanoutBlockReader *reader, guint most, guint64 *n)
{
  GArray *survey = new_survey ();

  *n = 0;
  pthread_mutex_lock (&reader->claim);
  if (reader->live != NULL)
    survey_all_live (survey, reader->live, most, n);
  else
    {
      *n = reader->n_inputs;
      /* Those that have ended come last: there may be many. */
      for (guint i = 0; i < reader->n_inputs; i++)
        add (survey, survey_one (reader, (reader->current + i) % reader->n_inputs), most);
    }
  pthread_mutex_unlock (&reader->claim);
  return survey;
}
