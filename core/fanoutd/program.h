#pragma once

/** What the parts of the program share: its verbs, its exit codes and how it prints. */

#include <fanout/pipeline.h>

/** Exit codes. 128 + a signal's number stands for an end by that signal. */
typedef enum
{
  EXIT_DONE = 0,
  EXIT_FAILED = 1,  /* input, data, plugin, output */
  EXIT_USAGE = 2,   /* wrong use of the command line */
  EXIT_RETRY = 75,  /* the system failed in a way that may pass */
  EXIT_CONFIG = 78, /* wrong configuration */
} ExitCode;

typedef struct Verb Verb;

struct Verb
{
  const char *name;
  const char *summary; /* one line, lower case, no full stop; NULL: not in the list */
  const char *help;    /* what -h prints */
  /** `arguments` are those behind the verb, NULL-terminated. Answers the exit code. */
  int (*run) (const Verb *verb, char **arguments);
};

extern const Verb run_verb;
extern const Verb check_verb;
extern const Verb agg_verb;
extern const Verb merge_verb;
extern const Verb new_plugin_verb;
extern const Verb check_plugin_verb;
extern const Verb ctl_verb;
extern const Verb top_verb;
extern const Verb plugins_verb;
extern const Verb functions_verb;
extern const Verb reference_verb;
extern const Verb manual_verb;
extern const Verb complete_verb;

/** All of them; ends with NULL. */
extern const Verb *const verbs[];

/** Print "fanoutd: text" on standard error, each line of it so. */
void message (const char *format, ...) G_GNUC_PRINTF (1, 2);
/** Print an error as messages; answers its exit code. */
int message_error (const GError *error);
/** Wrong use of `verb` (NULL: of the program): a message with a hint to -h; answers EXIT_USAGE. */
int message_usage (const Verb *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** From now on nothing is printed, but what goes to standard error is kept in `text`. */
void message_keep (GString *text);
/** Write text to standard error as it stands. */
void print_error (const char *text);
/** Write text to standard output, to the end. Answers EXIT_DONE, or why not, with a
 * message. */
int print (const char *text);
