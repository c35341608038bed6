#include "core/fanoutd/arguments.h"
#include "core/fanoutd/monitor/client.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd ctl [OPTION]... ADDRESS stats|results|health|metrics|log|checkpoint|reload\n"
      "\n"
      "Asks the monitor of a run (run --monitor, [monitor] listen) at ADDRESS, HOST:PORT or\n"
      "unix:PATH, and prints its answer. checkpoint writes one, and what [output] every would, "
      "and\n"
      "says where it is and what it took; reload lets it read its file again, and says what was\n"
      "kept, or why the run goes on as before.\n"
      "\n"
      "  --table NAME         results: of this table alone\n"
      "  --where EXPRESSION   results: rows for which this holds, over the result columns\n"
      "  --windows N          results: of the last N windows that closed, 0: of all; else of one\n"
      "  --limit N            results: so many rows of each\n" HELP_HELP "\n"
      "Examples:\n"
      "  fanoutd ctl 127.0.0.1:9464 stats\n"
      "  fanoutd ctl unix:/run/fanoutd/clicks.sock results --where 'errors > 0'\n"
      "\n"
      "Exit status: 0 it answered, and health is well; 1 it did not, or health is not.\n";

static const struct
{
  const char *name;
  const char *method;
  const char *path;
} questions[] = {
  { "stats", "GET", "/stats" },    { "results", "GET", "/results" },
  { "health", "GET", "/health" },  { "metrics", "GET", "/metrics" },
  { "log", "GET", "/log" },        { "checkpoint", "POST", "/checkpoint" },
  { "reload", "POST", "/reload" },
};

/* What of the results. */
typedef struct
{
  const char *table;
  const char *where;
  const char *windows;
  const char *limit;
} Wanted;

static void
add_argument (GString *path, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') != NULL ? '&' : '?', name,
                          escaped);
}

/* Where an answer that was put off is asked for: {"asked":"PATH"}. */
static gboolean
find_later (const GString *body, GString *path)
{
  static const char start[] = "{\"asked\":\"";
  const char *from = body->str + strlen (start);

  if (!g_str_has_prefix (body->str, start) || strchr (from, '"') == NULL)
    return FALSE;
  g_string_truncate (path, 0);
  g_string_append_len (path, from, strchr (from, '"') - from);
  return TRUE;
}

static int
ask (const FanoutAddress *address, guint question, const Wanted *wanted)
{
  g_autoptr (GString) path = g_string_new (questions[question].path);
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint status;

  add_argument (path, "table", wanted->table);
  add_argument (path, "where", wanted->where);
  add_argument (path, "windows", wanted->windows);
  add_argument (path, "limit", wanted->limit);
  if (!client_ask (address, questions[question].method, path->str, &status, body, &error))
    return message_error (error);
  while (status == 202 && find_later (body, path))
    {
      g_string_truncate (body, 0);
      if (!client_ask (address, "GET", path->str, &status, body, &error))
        return message_error (error);
    }
  if (status == 200 || (status == 503 && strcmp (questions[question].name, "health") == 0))
    {
      const int code = print (body->str);
      return code != EXIT_DONE ? code : status == 200 ? EXIT_DONE : EXIT_FAILED;
    }
  message ("ctl: %s", body->str);
  return EXIT_FAILED;
}

static int
run (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  Wanted wanted = { 0 };
  FanoutAddress address;
  const Argument table[] = {
    { 0, "table", ARGUMENT_TEXT, &wanted.table },
    { 0, "where", ARGUMENT_TEXT, &wanted.where },
    { 0, "windows", ARGUMENT_TEXT, &wanted.windows },
    { 0, "limit", ARGUMENT_TEXT, &wanted.limit },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  const int code = arguments_read (verb, table, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len != 2)
    return message_usage (verb, "ADDRESS and one question are wanted");
  if (!fanout_address_parse (words->pdata[0], &address, &error))
    return message_usage (verb, "%s", error->message);
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    if (strcmp (questions[i].name, words->pdata[1]) == 0)
      return ask (&address, i, &wanted);
  return message_usage (verb,
                        "'%s' is no question; possible: stats, results, health, metrics, "
                        "log, checkpoint, reload",
                        (const char *) words->pdata[1]);
}

const Verb ctl_verb = {
  .name = "ctl",
  .summary = "ask a run that goes on, by its monitor",
  .help = help,
  .run = run,
};
