#pragma once

/** The command line: options by a table, and the settings that several verbs share. */

#include "core/config/config.h"
#include "core/fanoutd/program.h"

typedef enum
{
  ARGUMENT_FLAG, /* gboolean */
  ARGUMENT_TEXT, /* const char *: the last one given */
  ARGUMENT_LIST, /* GPtrArray *: all of them, borrowed */
} ArgumentKind;

/** One option. A table of them ends with a `name` of NULL. */
typedef struct
{
  char letter;      /* 0: none */
  const char *name; /* without the dashes */
  ArgumentKind kind;
  gpointer target;
} Argument;

/**
 * Read `arguments`: options into the targets of `table`, words before the first `--` to `words`,
 * those behind it to `rest` (NULL: to `words` as well). -h and -V need no entry.
 *
 * Answers -1 to go on; else the exit code: the help or the version was printed, or the mistake
 * told.
 */
int arguments_read (const Verb *verb, const Argument *table, char **arguments, GPtrArray *words,
                    GPtrArray *rest);

/** What run, check and agg share. */
typedef struct
{
  GPtrArray *plugin_path;
  GPtrArray *overrides;
  const char *format;
  const char *output;
  const char *partial; /* run and merge: write states to this file */
  const char *part;    /* run alone: I/N */
  gboolean quoted;     /* the part begins so */
  gboolean unquoted;
  gboolean stats;
  const char *monitor; /* run, check and agg: [monitor] listen */
  gboolean fresh;      /* run alone: take no checkpoint that is there */
} Settings;

void settings_init (Settings *settings);
void settings_clear (Settings *settings);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Settings, settings_clear)

/** Whether settings go together: -1, or the exit code of what has been told of them. */
int settings_check (const Verb *verb, const Settings *settings);

/* clang-format off */
/** Entries of a table of arguments. */
#define SETTINGS_ARGUMENTS(settings)                                                               \
  { 's', "set", ARGUMENT_LIST, &(settings)->overrides },                                           \
  { 'f', "format", ARGUMENT_TEXT, &(settings)->format },                                           \
  { 'o', "output", ARGUMENT_TEXT, &(settings)->output },                                           \
  { 0, "stats", ARGUMENT_FLAG, &(settings)->stats },                                               \
  { 0, "plugin-path", ARGUMENT_LIST, &(settings)->plugin_path }
/* clang-format on */

/** The lines about -h and -V in a help text. */
#define HELP_HELP                                                                                  \
  "  -h, --help           this text\n"                                                             \
  "  -V, --version        the version\n"
/** The lines about the settings, and those. */
#define SETTINGS_HELP                                                                              \
  "  -s GROUP.KEY=VALUE   set a key of the file; may be repeated\n"                                \
  "  -f FORMAT            [output] format: table, csv, tsv, json, ndjson, auto\n"                  \
  "  -o FILE              write the results to FILE, - is standard output\n"                       \
  "  --stats              one JSON object on standard error at the end\n"                          \
  "  --plugin-path DIR    look for plugins there too; may be repeated\n" HELP_HELP

/** What -s sets, then what -f, -o and --monitor set. What is wrong with -s goes to `errors`. */
FanoutConfig *settings_config (const Settings *settings, FanoutErrors *errors);
