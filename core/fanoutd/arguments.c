#include "core/fanoutd/arguments.h"
#include "core/config/option.h"

#include <string.h>

/* GOptionContext has no `-fVALUE`, converts values to UTF-8 and names no near option. */

#ifndef FANOUT_VERSION
#define FANOUT_VERSION "unknown"
#endif

typedef enum
{
  READ_MORE,
  READ_HELP,
  READ_VERSION,
  READ_WRONG,
} Read;

typedef struct
{
  const Verb *verb;
  const Argument *table;
  char **next; /* the argument after this one */
} Reading;

static const Argument *
find_letter (const Argument *table, char letter)
{
  for (; table->name != NULL; table++)
    if (table->letter == letter)
      return table;
  return NULL;
}

static const Argument *
find_name (const Argument *table, const char *name, gsize length)
{
  for (; table->name != NULL; table++)
    if (strncmp (table->name, name, length) == 0 && table->name[length] == '\0')
      return table;
  return NULL;
}

static void
store (const Argument *argument, const char *value)
{
  switch (argument->kind)
    {
    case ARGUMENT_FLAG:
      *(gboolean *) argument->target = TRUE;
      break;
    case ARGUMENT_TEXT:
      *(const char **) argument->target = value;
      break;
    case ARGUMENT_LIST:
      g_ptr_array_add (*(GPtrArray **) argument->target, (gpointer) value);
      break;
    }
}

/* `value` is what stands in the same argument, NULL: nothing does. */
static Read
store_value (Reading *reading, const Argument *argument, const char *shown, const char *value)
{
  if (value == NULL && *reading->next != NULL && strcmp (*reading->next, "--") != 0)
    value = *reading->next++;
  if (value == NULL)
    {
      message_usage (reading->verb, "option %s needs a value", shown);
      return READ_WRONG;
    }
  store (argument, value);
  return READ_MORE;
}

/* `text` is an option as given, `length` bytes of it. With one dash, two may have been meant. */
static void
tell_unknown (const Reading *reading, const char *text, gsize length)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *option = g_strndup (text, length);
  g_autofree char *shown = fanout_escape (option, -1);
  const char *nearest;

  for (const Argument *argument = reading->table; argument->name != NULL; argument++)
    g_ptr_array_add (names, (gpointer) argument->name);
  g_ptr_array_add (names, (gpointer) "help");
  g_ptr_array_add (names, (gpointer) "version");
  g_ptr_array_add (names, NULL);
  nearest = fanout_nearest_name (option + strspn (option, "-"), (const char *const *) names->pdata);
  message_usage (reading->verb, "unknown option %s%s%s%s", shown,
                 nearest != NULL ? "; did you mean --" : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "?" : "");
}

static Read
read_name (Reading *reading, const char *text)
{
  const char *name = text + 2;
  const gsize length = strcspn (name, "=");
  const char *value = name[length] == '=' ? name + length + 1 : NULL;
  const Argument *argument = find_name (reading->table, name, length);
  g_autofree char *shown = g_strndup (text, length + 2);

  if (strcmp (name, "help") == 0)
    return READ_HELP;
  if (strcmp (name, "version") == 0)
    return READ_VERSION;
  if (argument == NULL)
    {
      tell_unknown (reading, text, length + 2);
      return READ_WRONG;
    }
  if (argument->kind != ARGUMENT_FLAG)
    return store_value (reading, argument, shown, value);
  if (value != NULL)
    {
      message_usage (reading->verb, "option %s takes no value", shown);
      return READ_WRONG;
    }
  store (argument, NULL);
  return READ_MORE;
}

/* `-abVALUE`: flags up to the first letter that takes a value. */
static Read
read_letters (Reading *reading, const char *text)
{
  for (const char *letter = text + 1; *letter != '\0'; letter++)
    {
      const Argument *argument = find_letter (reading->table, *letter);
      const char shown[] = { '-', *letter, '\0' };

      if (*letter == 'h')
        return READ_HELP;
      if (*letter == 'V')
        return READ_VERSION;
      if (argument == NULL)
        {
          tell_unknown (reading, text, strlen (text));
          return READ_WRONG;
        }
      if (argument->kind != ARGUMENT_FLAG)
        return store_value (reading, argument, shown, letter[1] != '\0' ? letter + 1 : NULL);
      store (argument, NULL);
    }
  return READ_MORE;
}

static int
exit_code_of (Read read, const Verb *verb)
{
  switch (read)
    {
    case READ_HELP:
      return print (verb->help);
    case READ_VERSION:
      return print ("fanoutd " FANOUT_VERSION "\n");
    case READ_WRONG:
      return EXIT_USAGE;
    case READ_MORE:
    default:
      return -1;
    }
}

int
arguments_read (const Verb *verb, const Argument *table, char **arguments, GPtrArray *words,
                GPtrArray *rest)
{
  Reading reading = { verb, table, arguments };
  Read read = READ_MORE;

  while (read == READ_MORE && *reading.next != NULL && strcmp (*reading.next, "--") != 0)
    {
      char *text = *reading.next++;

      if (text[0] != '-' || text[1] == '\0')
        g_ptr_array_add (words, text);
      else if (text[1] == '-')
        read = read_name (&reading, text);
      else
        read = read_letters (&reading, text);
    }
  if (read == READ_MORE && *reading.next != NULL)
    for (char **text = reading.next + 1; *text != NULL; text++)
      g_ptr_array_add (rest != NULL ? rest : words, *text);
  return exit_code_of (read, verb);
}
