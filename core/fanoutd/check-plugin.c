#include "core/kit/contract.h"
#include "core/fanoutd/arguments.h"
#include "core/plugin/shared-object.h"

/* A call that takes longer does not end. */
#define SECONDS 120

static const char help[]
    = "Usage: fanoutd check-plugin FILE.so...\n"
      "\n"
      "Opens a plugin as a run would and holds all that is in it to the contract of\n"
      "fanout-plugin(7), each in a process of its own. Operators: no rows, nulls, every form\n"
      "of numbers, batches of any size, groups, thousands of values, split and combined,\n"
      "encoded and decoded, asked in mid-stream, moved in memory, nothing left behind.\n"
      "Sources: bytes that are cut anywhere. Sinks: every kind of value, in any pieces.\n"
      "Prints what it found, each with the rows and options that show it; exit status 1 when\n"
      "anything is wrong.\n"
      "\n" HELP_HELP "\n"
      "Example:\n"
      "  fanoutd check-plugin build/aggregate/mine.so\n";

static gboolean
check_item (FanoutKind kind, gconstpointer item, GString *text)
{
  const char *word = fanout_kind_word (kind);
  const char *name = fanout_kind_item_name (kind, item);
  FanoutContractReport report;
  gboolean kept;

  fanout_contract_report_init (&report);
  kept = fanout_contract_check_apart (kind, item, SECONDS, &report);
  if (kept)
    g_string_append_printf (text, "%s %s: keeps the contract (%" G_GUINT64_FORMAT " checks)\n",
                            word, name, report.n_checks);
  else
    g_string_append_printf (text, "%s %s: %u finding%s\n", word, name, report.findings->len,
                            report.findings->len == 1 ? "" : "s");
  for (guint i = 0; i < report.findings->len; i++)
    g_string_append_printf (text, "  %s\n", (const char *) g_ptr_array_index (report.findings, i));
  fanout_contract_report_clear (&report);
  return kept;
}

static gboolean
check_file (const char *path, GString *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPluginFile) file = fanout_plugin_file_open (path, 0, &error);
  gboolean kept = TRUE;

  if (file == NULL)
    {
      message ("%s", error->message);
      return FALSE;
    }
  for (guint i = 0; i < fanout_plugin_file_n_items (file); i++)
    kept &= check_item (fanout_plugin_file_kind (file), fanout_plugin_file_item (file, i), text);
  return kept;
}

static int
check_plugin (const Verb *verb, char **arguments)
{
  const Argument table[] = { { 0, NULL, ARGUMENT_FLAG, NULL } };
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  int code = arguments_read (verb, table, arguments, files, NULL);
  gboolean kept = TRUE;

  if (code >= 0)
    return code;
  if (files->len == 0)
    return message_usage (verb, "no FILE.so is given");
  for (guint i = 0; i < files->len; i++)
    kept &= check_file (g_ptr_array_index (files, i), text);
  code = print (text->str);
  return kept ? code : EXIT_FAILED;
}

const Verb check_plugin_verb = {
  .name = "check-plugin",
  .summary = "hold somebody's plugin to the contract",
  .help = help,
  .run = check_plugin,
};
