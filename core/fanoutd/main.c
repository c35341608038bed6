#include "core/base/error.h"
#include "core/fanoutd/arguments.h"
#include "core/fanoutd/exits.h"
#include "core/fanoutd/memory.h"
#include "core/fanoutd/overflows.h"
#include "core/fanoutd/signals.h"
#include "core/config/option.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char head[] = "Usage: fanoutd VERB [OPTION]... [ARGUMENT]...\n"
                           "\n"
                           "Any number of aggregates over one stream, in one pass.\n"
                           "\n";

static const char tail[]
    = "\n"
      "  -h, --help     this text; 'fanoutd VERB -h' for one verb\n"
      "  -V, --version  the version\n"
      "\n"
      "Examples:\n"
      "  fanoutd run flights.ini\n"
      "  fanoutd agg -g origin count 'mean(delay)' -- flights.csv\n"
      "  fanoutd plugins quantile\n"
      "\n"
      "Exit status: 0 done, 1 the run failed, 2 wrong use of the command line,\n"
      "78 wrong configuration; an interrupted run ends by the signal (a shell shows 130 or 143).\n";

const Verb *const verbs[] = { &run_verb,        &check_verb,
                              &agg_verb,        &merge_verb,
                              &ctl_verb,        &top_verb,
                              &plugins_verb,    &functions_verb,
                              &new_plugin_verb, &check_plugin_verb,
                              &reference_verb,  &manual_verb,
                              &complete_verb,   NULL };

static char *
make_help (void)
{
  GString *text = g_string_new (head);

  for (guint i = 0; verbs[i] != NULL; i++)
    if (verbs[i]->summary != NULL)
      g_string_append_printf (text, "  %-14s%s\n", verbs[i]->name, verbs[i]->summary);
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (strcmp (verbs[i]->name, name) == 0)
      return verbs[i];
  return NULL;
}

static int
refuse_verb (const char *word)
{
  const char *names[G_N_ELEMENTS (verbs)] = { NULL };
  g_autofree char *all = NULL;
  g_autofree char *shown = NULL;
  const char *nearest;
  guint n = 0;

  for (guint i = 0; verbs[i] != NULL; i++)
    if (verbs[i]->summary != NULL)
      names[n++] = verbs[i]->name;
  all = g_strjoinv (", ", (char **) names);
  if (word == NULL)
    return message_usage (NULL, "a verb is missing; possible: %s", all);
  shown = fanout_quote (word, -1);
  nearest = fanout_nearest_name (word, names);
  if (nearest != NULL)
    return message_usage (NULL, "unknown verb %s; did you mean %s?", shown, nearest);
  if (g_str_has_suffix (word, ".ini"))
    return message_usage (NULL, "unknown verb %s; did you mean 'fanoutd run %s'?", shown, word);
  return message_usage (NULL, "unknown verb %s; possible: %s", shown, all);
}

/* Else the first file opened would become standard output. */
static void
keep_standard_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      /* The wrong way round, so that reading and writing still fail. */
      open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  static const Argument none[] = { { 0, NULL, ARGUMENT_FLAG, NULL } };
  char *options[] = { argc > 1 ? argv[1] : NULL, NULL };
  /* Most calls show none. */
  g_autofree char *help = argc > 1 && argv[1][0] != '-' ? NULL : make_help ();
  const Verb program = { .help = help };
  const Verb *verb;
  int code;

  keep_standard_streams ();
  memory_watch ();
  memory_keep ();
  signal (SIGPIPE, SIG_DFL);
  /* Where it is ignored the system forgets how a child ended. */
  signal (SIGCHLD, SIG_DFL);
  code = arguments_read (&program, none, options, words, NULL);
  if (code >= 0)
    return code;
  if (words->len == 0)
    return refuse_verb (NULL);
  verb = find_verb (argv[1]);
  if (verb == NULL)
    return refuse_verb (argv[1]);
  exits_watch ();
  overflows_watch ();
  code = verb->run (verb, argv + 2);
  exits_allow ();
  return code > 128 ? signals_end (code - 128) : code;
}
