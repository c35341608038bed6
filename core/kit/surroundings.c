/* What belongs to the whole process, and is to be as it was. */

#include "core/kit/private.h"

#include <fenv.h>
#include <float.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct FanoutSurroundings
{
  fenv_t numbers;
  int rounding;
  gboolean tiny; /* numbers too small to be normal are not taken for 0 */
  char *locale;
  locale_t thread_locale;
  sigset_t blocked;
  struct sigaction actions[NSIG];
  char *folder;
  mode_t mask;
  char *variables;
};

static gboolean
keeps_tiny (void)
{
  volatile double least = DBL_MIN;

  return least / 2 > 0;
}

static mode_t
get_mask (void)
{
  const mode_t mask = umask (0);

  umask (mask);
  return mask;
}

FanoutSurroundings *
fanout_surroundings_new (void)
{
  FanoutSurroundings *self = g_new0 (FanoutSurroundings, 1);
  g_auto (GStrv) variables = g_get_environ ();

  fegetenv (&self->numbers);
  self->rounding = fegetround ();
  self->tiny = keeps_tiny ();
  self->locale = g_strdup (setlocale (LC_ALL, NULL));
  self->thread_locale = uselocale ((locale_t) 0);
  pthread_sigmask (SIG_BLOCK, NULL, &self->blocked);
  for (int i = 1; i < NSIG; i++)
    sigaction (i, NULL, &self->actions[i]);
  self->folder = g_get_current_dir ();
  self->mask = get_mask ();
  self->variables = g_strjoinv ("\n", variables);
  return self;
}

void
fanout_surroundings_free (FanoutSurroundings *self)
{
  g_free (self->locale);
  g_free (self->folder);
  g_free (self->variables);
  g_free (self);
}

static gboolean
same_signals (const sigset_t *a, const sigset_t *b)
{
  for (int i = 1; i < NSIG; i++)
    if (sigismember (a, i) != sigismember (b, i))
      return FALSE;
  return TRUE;
}

/* GLib itself waits for programs that it started. */
static gboolean
same_actions (const FanoutSurroundings *a, const FanoutSurroundings *b)
{
  for (int i = 1; i < NSIG; i++)
    if (i != SIGCHLD && a->actions[i].sa_handler != b->actions[i].sa_handler)
      return FALSE;
  return TRUE;
}

static void
restore (const FanoutSurroundings *self)
{
  fesetenv (&self->numbers);
  setlocale (LC_ALL, self->locale);
  uselocale (self->thread_locale);
  pthread_sigmask (SIG_SETMASK, &self->blocked, NULL);
  for (int i = 1; i < NSIG; i++)
    if (i != SIGCHLD && i != SIGKILL && i != SIGSTOP)
      sigaction (i, &self->actions[i], NULL);
  if (chdir (self->folder) != 0)
    return;
  umask (self->mask);
}

void
fanout_contract_check_surroundings (FanoutContract *self)
{
  const FanoutSurroundings *was = self->surroundings;
  FanoutSurroundings *is = fanout_surroundings_new ();
  const struct
  {
    gboolean same;
    const char *what;
  } parts[] = {
    { was->rounding == is->rounding && was->tiny == is->tiny, "how doubles are rounded" },
    { strcmp (was->locale, is->locale) == 0 && was->thread_locale == is->thread_locale,
      "the locale" },
    { same_signals (&was->blocked, &is->blocked), "the blocked signals" },
    { same_actions (was, is), "what a signal does" },
    { strcmp (was->folder, is->folder) == 0, "the current folder" },
    { was->mask == is->mask, "the umask" },
    { strcmp (was->variables, is->variables) == 0, "an environment variable" },
  };
  gboolean any = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!parts[i].same)
      {
        any = TRUE;
        fanout_contract_find (self, "changes the surroundings",
                              "%s has changed; it belongs to the whole process", parts[i].what);
      }
  self->report->n_checks += G_N_ELEMENTS (parts);
  if (any)
    {
      restore (was);
      fanout_surroundings_free (self->surroundings);
      self->surroundings = fanout_surroundings_new ();
    }
  fanout_surroundings_free (is);
}
