#include "core/fanoutd/describe.h"
#include "core/base/error.h"
#include "core/fanoutd/results.h"
#include "core/fanoutd/text.h"
#include "core/config/option.h"
#include "core/plan/options.h"
#include "core/plugin/shared-object.h"

#include <string.h>

#define BLANKS "          " /* as wide as a label */

const char *
describe_summary (FanoutKind kind, gconstpointer item)
{
  switch (kind)
    {
    case FANOUT_KIND_OPERATOR:
      return ((const FanoutOperator *) item)->summary;
    case FANOUT_KIND_SOURCE:
      return ((const FanoutSource *) item)->summary;
    case FANOUT_KIND_SINK:
    default:
      return ((const FanoutSink *) item)->summary;
    }
}

static void
append_fact (GString *out, const char *label, const char *text)
{
  const gsize start = out->len;

  if (text == NULL)
    return;
  text_wrap (out, BLANKS, text);
  memcpy (out->str + start, label, strlen (label));
}

static void
append_head (GString *out, const char *kind, const char *name, const char *summary,
             const char *details)
{
  g_string_append_printf (out, "%s %s: %s\n\n", kind, name, summary);
  if (details == NULL || details[0] == '\0')
    return;
  text_wrap (out, "", details);
  g_string_append_c (out, '\n');
}

static const char *
order_words (const FanoutOperator *operator_)
{
  if (operator_->loop != NULL)
    return "sequence: a loop over the rows in their order, in one partition";
  switch (operator_->order)
    {
    case FANOUT_ORDER_FREE:
      return operator_->combine != NULL ? "free: the order of the rows does not matter"
                                        : "free, in one partition";
    case FANOUT_ORDER_TAGGED:
      return "tagged: rows are told apart by their numbers, whatever the partitions";
    case FANOUT_ORDER_ORDERED:
      return operator_->combine != NULL
                 ? "ordered: the rows in their order, in one partition; parts follow each other"
                 : "ordered, in one partition";
    case FANOUT_ORDER_SEQUENCE:
    default:
      return "sequence: the rows in their order, in one partition";
    }
}

static void
append_state (GString *out, const FanoutOperator *operator_)
{
  g_autofree char *size = fanout_count_of (operator_->state_size, "byte");
  g_autofree char *text = g_strdup_printf (
      "%s for each group%s", size, operator_->clear != NULL ? ", and what its values take" : "");

  append_fact (out, "state", text);
}

static void
append_options (GString *out, const FanoutOption *const *tables)
{
  g_autoptr (GString) text = g_string_new (NULL);

  fanout_options_describe (text, tables, "  ");
  if (text->len > 0)
    g_string_append_printf (out, "\noptions\n%s", text->str);
}

static void
append_operator (GString *out, const FanoutOperator *operator_, const char *file)
{
  const FanoutOption *const tables[] = { operator_->options, NULL };
  g_autofree char *results = results_of (operator_);

  append_head (out, "operator", operator_->name, operator_->summary, operator_->details);
  append_fact (out, "promise", operator_->promise);
  append_fact (out, "order", order_words (operator_));
  append_state (out, operator_);
  append_fact (out, "results", results);
  append_fact (out, "groups",
               (operator_->flags & FANOUT_UNGROUPED) != 0 ? "not with group-by" : NULL);
  append_fact (out, "file", file);
  append_options (out, tables);
}

static void
append_source (GString *out, const FanoutSource *source, const char *file)
{
  const FanoutOption *tables[3] = { NULL };
  guint n = 0;

  if (source->options != NULL)
    tables[n++] = source->options;
  if (source->decode != NULL)
    tables[n++] = fanout_source_bytes_options;
  append_head (out, "source", source->name, source->summary, source->details);
  append_fact (out, "reads",
               source->decode == NULL ? "nothing: it makes its rows" : "files, or standard input");
  append_fact (out, "file", file);
  append_options (out, tables);
}

static void
append_sink (GString *out, const FanoutSink *sink, const char *file)
{
  append_head (out, "sink", sink->name, sink->summary, sink->details);
  append_fact (out, "file", file);
}

void
describe_item (GString *out, FanoutKind kind, gconstpointer item, const char *file)
{
  switch (kind)
    {
    case FANOUT_KIND_OPERATOR:
      append_operator (out, item, file);
      break;
    case FANOUT_KIND_SOURCE:
      append_source (out, item, file);
      break;
    case FANOUT_KIND_SINK:
      append_sink (out, item, file);
      break;
    }
}
