#include "core/fanoutd/functions.h"
#include "core/base/error.h"
#include "core/config/option.h"
#include "core/fanoutd/arguments.h"
#include "core/fanoutd/roff.h"
#include "core/fanoutd/text.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd functions [NAME]\n"
      "\n"
      "Lists the functions of expressions; with NAME all about one of them. Expressions stand in\n"
      "where, [let], [result] and having of a pipeline, and in -w, -l, -r, -g and the calls of "
      "agg;\n"
      "fanout.ini(5) describes them.\n"
      "\n" HELP_HELP "\n"
      "Examples:\n"
      "  fanoutd functions\n"
      "  fanoutd functions bucket\n";

void
functions_describe (GString *out, const FanoutFunction *function)
{
  g_autofree char *text = g_strdup_printf ("function %s: %s", function->name, function->help);

  text_wrap (out, "", text);
  g_string_append_printf (out, "\ncall      %s\n", function->usage);
  if (function->kind != FANOUT_KIND_FREE)
    g_string_append_printf (out, "gives     %s\n", fanout_kind_words (function->kind));
  if (function->example != NULL)
    g_string_append_printf (out, "example   %s = %s\n", function->example, function->result);
}

void
functions_manual (GString *out)
{
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    {
      g_string_append (out, ".TP\n\\fB");
      roff_text (out, function->usage);
      g_string_append (out, "\\fR\n");
      roff_text (out, function->help);
      g_string_append_c (out, '\n');
      if (function->example == NULL)
        continue;
      g_string_append (out, ".br\n");
      roff_text (out, function->example);
      g_string_append (out, " is ");
      roff_text (out, function->result);
      g_string_append_c (out, '\n');
    }
}

char *
functions_near (const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *ours = fanout_function_elsewhere (name);
  g_autofree char *near = NULL;

  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    g_ptr_array_add (names, (gpointer) function->name);
  g_ptr_array_add (names, NULL);
  near = ours != NULL ? g_strdup (ours)
                      : fanout_nearest_names (name, (const char *const *) names->pdata);
  return near[0] != '\0' ? g_steal_pointer (&near) : NULL;
}

static int
list_all (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize width = 0;

  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    width = MAX (width, strlen (function->usage));
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    g_string_append_printf (text, "%-*s  %s\n", (int) width, function->usage, function->help);
  return print (text->str);
}

static int
show_one (const Verb *verb, const char *name)
{
  const FanoutFunction *function = fanout_function_find (name);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *near = NULL;
  g_autofree char *shown = fanout_quote (name, -1);

  if (function != NULL)
    {
      functions_describe (text, function);
      return print (text->str);
    }
  near = functions_near (name);
  if (near != NULL)
    return message_usage (verb, "there is no function %s; did you mean %s?", shown, near);
  return message_usage (verb, "there is no function %s; 'fanoutd functions' lists them", shown);
}

static int
run (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  static const Argument none[] = { { 0, NULL, ARGUMENT_FLAG, NULL } };
  const int code = arguments_read (verb, none, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len > 1)
    return message_usage (verb, "one NAME at most");
  return words->len == 1 ? show_one (verb, words->pdata[0]) : list_all ();
}

const Verb functions_verb = {
  .name = "functions",
  .summary = "the functions of expressions",
  .help = help,
  .run = run,
};
