#pragma once

/** Whether a command is more than a program and its words. */

#include <glib.h>
#include <string.h>

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
