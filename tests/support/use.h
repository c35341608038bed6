#pragma once

/** One operator of the build with its options, driven without a pipeline. */

#include "core/base/writer.h"
#include "core/plugin/columns.h"
#include "core/handover/node.h"
#include "core/config/option.h"
#include "core/plugin/registry.h"
#include "core/result/value.h"

#include <check.h>
#include <string.h>

#define USE_COLUMNS_MAX 4

typedef struct
{
  FanoutConfig *config;
  FanoutPlanAggregate plan;
  FanoutTakes takes[USE_COLUMNS_MAX];
  GMainContext *context;
  GPtrArray *owned; /* what frames pointed to: a node remembers its last one */
} Use;

/** Made once, never freed. */
static inline FanoutRegistry *
use_registry (void)
{
  static FanoutRegistry *registry;

  if (registry == NULL)
    {
      g_autofree char *path = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);

      registry = fanout_registry_new ((const char *const[]){ path, NULL });
    }
  return registry;
}

static inline void
use_clear (Use *use)
{
  const FanoutOperator *operator_ = use->plan.operator_;

  if (operator_->release != NULL && use->plan.options != NULL)
    operator_->release ((gpointer) use->plan.options);
  g_ptr_array_unref (use->owned);
  g_free (use->plan.columns);
  fanout_config_free (use->config);
  g_main_context_unref (use->context);
}

static inline void
use_find_takes (Use *use, guint n_columns)
{
  g_autofree FanoutOperatorInput *inputs
      = fanout_operator_inputs (use->plan.operator_, use->plan.options, n_columns);

  ck_assert_uint_le (n_columns, USE_COLUMNS_MAX);
  use->plan.n_columns = n_columns;
  use->plan.columns = g_new0 (guint, n_columns + 1);
  for (guint i = 0; i < n_columns; i++)
    {
      use->plan.columns[i] = i;
      use->takes[i] = inputs[i].takes;
    }
}

/** FALSE with @problem when the settings are refused. */
static inline gboolean
use_try (Use *use, const char *type, const char *settings, char **problem)
{
  g_autofree char *text = g_strdup_printf ("[a]\n%s", settings);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const FanoutOperator *operator_ = fanout_registry_operator (use_registry (), type, &error);
  const FanoutOption *const tables[] = { operator_ != NULL ? operator_->options : NULL, NULL };
  gpointer targets[1];
  FanoutErrors errors;

  ck_assert_msg (operator_ != NULL, "%s", error != NULL ? error->message : type);
  memset (use, 0, sizeof *use);
  fanout_errors_init (&errors);
  use->context = g_main_context_new ();
  use->owned = g_ptr_array_new_with_free_func (g_free);
  use->config = fanout_config_parse (text, strlen (text), "test", ".", NULL, &errors);
  use->plan.name = "x";
  use->plan.operator_ = operator_;
  targets[0] = fanout_config_allocate (use->config, operator_->options_size + 1);
  fanout_options_bind (use->config, fanout_config_find (use->config, "a"), tables, targets, NULL,
                       names, &errors);
  if (errors.lines->len > 0)
    *problem = g_strdup (errors.lines->pdata[0]);
  else if (operator_->prepare != NULL && !operator_->prepare (targets[0], &error))
    *problem = g_strdup (error->message);
  else
    use->plan.options = targets[0];
  fanout_errors_clear (&errors);
  if (use->plan.options != NULL)
    use_find_takes (use, names->len);
  return use->plan.options != NULL;
}

static inline void
use_init (Use *use, const char *type, const char *settings)
{
  g_autofree char *problem = NULL;

  ck_assert_msg (use_try (use, type, settings, &problem), "%s: %s", type, problem);
}

static inline FanoutNode *
use_node (Use *use, gboolean grouped)
{
  return fanout_node_new (&use->plan, grouped, NULL, use->context);
}

/** What the states below @n answer: cells as JSON with blanks between them, then the bounds of
 * approximate columns in parentheses; or the failure behind "error: ". */
static inline char *
use_results (Use *use, FanoutNode *node, gsize n)
{
  const FanoutOperator *operator_ = use->plan.operator_;
  g_auto (GStrv) names = fanout_operator_columns (operator_, use->plan.options, use->plan.name);
  g_autoptr (GString) text = g_string_new (NULL);
  const guint n_columns = g_strv_length (names);
  FanoutOut out;

  if (node->error != NULL)
    return g_strdup_printf ("error: %s", node->error->message);
  fanout_out_init (&out, n, n_columns);
  fanout_out_reset (&out, n);
  ck_assert (operator_->finish (&node->aggregate, node->states, n, &out));
  for (gsize row = 0; row < n; row++)
    for (guint c = 0; c < n_columns; c++)
      {
        g_string_append (text, text->len > 0 ? " " : "");
        fanout_value_append_json (text, fanout_out_row (&out, row) + c);
      }
  for (guint c = 0; c < n_columns; c++)
    if (out.approximate[c] != NULL)
      g_string_append_printf (text, " (%s)", out.approximate[c]);
  fanout_out_clear (&out);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/** @node through its encoded bytes, into a new one. */
static inline FanoutNode *
use_through_bytes (Use *use, FanoutNode *node)
{
  const FanoutOperator *operator_ = use->plan.operator_;
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  const guint8 *bytes;
  gsize length;
  FanoutNode *decoded = use_node (use, FALSE);

  operator_->encode (&node->aggregate, node->states, out);
  bytes = fanout_writer_bytes (out, &length);
  ck_assert (operator_->decode (&decoded->aggregate, decoded->states, bytes, length));
  fanout_node_free (node);
  return decoded;
}
