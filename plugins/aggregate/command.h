#pragma once

/** How a command is started: as a program and its words, or by a shell. */

#include <errno.h>
#include <glib.h>
#include <string.h>

/** Whether a shell runs it. */
typedef enum
{
  COMMAND_AUTO = 0, /* where only a shell understands it */
  COMMAND_ALWAYS,
  COMMAND_NEVER,
} CommandShell;

static const char *const command_shells[] = { "auto", "true", "false", NULL };

/* What GLib's own splitting into words leaves as it is, and a shell does not. */
#define COMMAND_OF_SHELL "|&;<>()$`*?[]{}!#~\n"

/* First words that are no programs, or mean something else to a shell. */
static const char *const command_builtins[]
    = { ".",      ":",     "case",  "cd",    "command", "eval",  "exec", "exit",
        "export", "for",   "if",    "read",  "set",     "shift", "test", "trap",
        "ulimit", "umask", "unset", "until", "wait",    "while", NULL };

/**
 * The words of `command`, NULL-terminated, to be freed with g_strfreev(); NULL where only a shell
 * understands it: an operator, a variable, a pattern, a builtin, an assignment in front.
 */
static inline char **
command_words (const char *command)
{
  g_auto (GStrv) words = NULL;

  if (strpbrk (command, COMMAND_OF_SHELL) != NULL
      || !g_shell_parse_argv (command, NULL, &words, NULL) || strchr (words[0], '=') != NULL
      || g_strv_contains (command_builtins, words[0]))
    return NULL;
  return g_steal_pointer (&words);
}

/** What is to be started, to be freed with g_strfreev(); NULL with `error` where it is no list of
 * words. */
static inline char **
command_start_words (const char *command, CommandShell shell, GError **error)
{
  const char *const by_shell[] = { "/bin/sh", "-c", command, NULL };
  g_auto (GStrv) words = NULL;

  if (shell == COMMAND_NEVER)
    return g_shell_parse_argv (command, NULL, &words, error) ? g_steal_pointer (&words) : NULL;
  if (shell == COMMAND_AUTO)
    words = command_words (command);
  return words != NULL ? g_steal_pointer (&words) : g_strdupv ((char **) by_shell);
}

/** Why it could not be started. GLib's text has the command once more, and quotes that not every
 * terminal has. */
static inline const char *
command_reason (const GError *error)
{
  static const struct
  {
    GSpawnError code;
    int number;
  } numbers[] = { { G_SPAWN_ERROR_NOENT, ENOENT },  { G_SPAWN_ERROR_ACCES, EACCES },
                  { G_SPAWN_ERROR_PERM, EPERM },    { G_SPAWN_ERROR_NOTDIR, ENOTDIR },
                  { G_SPAWN_ERROR_TOO_BIG, E2BIG }, { G_SPAWN_ERROR_NAMETOOLONG, ENAMETOOLONG },
                  { G_SPAWN_ERROR_NOEXEC, ENOEXEC } };

  for (guint i = 0; error->domain == G_SPAWN_ERROR && i < G_N_ELEMENTS (numbers); i++)
    if (error->code == (gint) numbers[i].code)
      return g_strerror (numbers[i].number);
  return error->message;
}
