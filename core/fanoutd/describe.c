#include "core/fanoutd/describe.h"
#include "core/base/error.h"
#include "core/fanoutd/results.h"
#include "core/fanoutd/text.h"
#include "core/config/option.h"
#include "core/plugin/shared-object.h"

#include <string.h>

#define BLANKS "          " /* as wide as a label */

static void
append_fact (GString *out, const char *label, const char *text)
{
  const gsize start = out->len;

  if (text == NULL)
    return;
  text_wrap (out, BLANKS, text);
  memcpy (out->str + start, label, strlen (label));
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
  g_autofree char *text
      = g_strdup_printf ("%s for each group%s%s", size, operator_->memory != NULL ? ", and " : "",
                         operator_->memory != NULL  ? operator_->memory
                         : operator_->clear != NULL ? ", and what its values take"
                                                    : "");

  append_fact (out, "state", text);
}

static void
append_operator (GString *out, const FanoutOperator *operator_)
{
  g_autofree char *results = results_of (operator_);

  append_fact (out, "promise", operator_->promise);
  append_fact (out, "order", order_words (operator_));
  append_state (out, operator_);
  append_fact (out, "results", results);
  append_fact (out, "groups",
               (operator_->flags & FANOUT_UNGROUPED) != 0 ? "not with group-by" : NULL);
}

void
describe_facts (GString *out, const CatalogueItem *item)
{
  if (item->kind == FANOUT_KIND_OPERATOR)
    append_operator (out, item->operator_);
  else if (item->kind == FANOUT_KIND_SOURCE)
    append_fact (out, "reads",
                 item->bytes == NULL ? "nothing: it makes its rows" : "files, or standard input");
}

static void
append_options (GString *out, const CatalogueItem *item)
{
  const FanoutOption *tables[3] = { NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  if (item->options != NULL)
    tables[n++] = item->options;
  if (item->bytes != NULL)
    tables[n++] = item->bytes;
  fanout_options_describe (text, tables, "  ");
  if (text->len > 0)
    g_string_append_printf (out, "\noptions\n%s", text->str);
}

void
describe_item (GString *out, const CatalogueItem *item)
{
  g_string_append_printf (out, "%s %s: %s\n\n", fanout_kind_word (item->kind), item->name,
                          item->summary);
  if (item->details != NULL && item->details[0] != '\0')
    {
      text_wrap (out, "", item->details);
      g_string_append_c (out, '\n');
    }
  describe_facts (out, item);
  append_fact (out, "file", item->file);
  append_options (out, item);
}
