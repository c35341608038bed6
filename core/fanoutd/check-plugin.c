#include "core/kit/contract.h"
#include "core/fanoutd/arguments.h"
#include "core/plugin/shared-object.h"

/* A call that takes longer does not end. */
#define SECONDS 120

static const char help[]
    = "Usage: fanoutd check-plugin FILE.so...\n"
      "\n"
      "Opens a plugin as a run would and holds each of its operators to the contract of\n"
      "fanout-plugin(7): no rows, nulls, every form of numbers, batches of any size, groups,\n"
      "split and combined, encoded and decoded, moved in memory, nothing left behind.\n"
      "Prints what it found; exit status 1 when anything is wrong.\n"
      "\n" HELP_HELP "\n"
      "Example:\n"
      "  fanoutd check-plugin build/aggregate/mine.so\n";

static gboolean
check_operator (const FanoutOperator *operator_, GString *text)
{
  FanoutContractReport report;
  gboolean kept;

  fanout_contract_report_init (&report);
  kept = fanout_contract_check_apart (operator_, SECONDS, &report);
  if (kept)
    g_string_append_printf (text,
                            "operator %s: keeps the contract (%" G_GUINT64_FORMAT " checks)\n",
                            operator_->name, report.n_checks);
  else
    g_string_append_printf (text, "operator %s: %u findings\n", operator_->name,
                            report.findings->len);
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
    {
      gconstpointer item = fanout_plugin_file_item (file, i);
      const FanoutKind kind = fanout_plugin_file_kind (file);

      if (kind == FANOUT_KIND_OPERATOR)
        kept &= check_operator (item, text);
      else
        g_string_append_printf (text, "%s %s: can be loaded\n", fanout_kind_word (kind),
                                fanout_kind_item_name (kind, item));
    }
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
