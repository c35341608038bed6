#include "core/partial/private.h"

#include <string.h>

/* Written out whenever this much has come together. */
#define FLUSH_BYTES (64 * 1024)

typedef struct
{
  GByteArray *bytes;
  GString *text; /* what the output takes */
  GChecksum *digest;
  FanoutOutput *output;
} Writer;

static const char *
why_not (const FanoutOperator *operator_)
{
  if (operator_->loop != NULL)
    return "it is a loop";
  if (operator_->order == FANOUT_ORDER_SEQUENCE)
    return "its result is a matter of sequence";
  if (operator_->combine == NULL)
    return "its states cannot be combined";
  if (operator_->encode == NULL || operator_->decode == NULL)
    return "its states cannot be written";
  if (operator_->order == FANOUT_ORDER_TAGGED && operator_->shift == NULL)
    return "it depends on the numbers of all rows before";
  return NULL;
}

gboolean
fanout_partial_possible (const FanoutPlan *plan, FanoutErrors *errors)
{
  gboolean possible = TRUE;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      const char *why = why_not (aggregate->operator_);
      if (why == NULL)
        continue;
      fanout_errors_add (errors, aggregate->origin,
                         "[aggregate %s]: %s gives no partial results: %s", aggregate->name,
                         aggregate->operator_->name, why);
      possible = FALSE;
    }
  return possible;
}

static void
digest_text (GChecksum *digest, const char *text)
{
  g_checksum_update (digest, (const guchar *) text, (gssize) strlen (text) + 1);
}

char *
fanout_partial_fingerprint (const FanoutPlan *plan)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  const FanoutLayout *layout = &plan->layout;
  for (guint i = 0; i < layout->n_keys; i++)
    digest_text (digest, layout->names[i]);
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      g_checksum_update (digest, (const guchar *) "\n", 1);
      digest_text (digest, aggregate->name);
      digest_text (digest, aggregate->operator_->name);
      digest_text (digest, aggregate->meaning);
    }
  return g_strdup (g_checksum_get_string (digest));
}

static void
put_bytes (Writer *writer, gconstpointer bytes, gsize length)
{
  g_byte_array_append (writer->bytes, bytes, (guint) length);
}

static void
put_text (Writer *writer, const char *text)
{
  fanout_write_u32 (writer->bytes, (guint32) strlen (text));
  put_bytes (writer, text, strlen (text));
}

static gboolean
flush (Writer *writer, GError **error)
{
  g_checksum_update (writer->digest, writer->bytes->data, (gssize) writer->bytes->len);
  g_string_append_len (writer->text, (const char *) writer->bytes->data,
                       (gssize) writer->bytes->len);
  g_byte_array_set_size (writer->bytes, 0);
  return fanout_output_write (writer->output, writer->text, error);
}

static void
put_configuration (Writer *writer, const FanoutConfig *config)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);
      g_string_append_printf (text, "[%s]\n", group->name);
      for (guint e = 0; e < group->n_entries; e++)
        g_string_append_printf (text, "%s = %s\n", group->entries[e].key, group->entries[e].value);
    }
  put_text (writer, text->str);
}

static void
put_head (Writer *writer, FanoutPartition *whole, const FanoutPartialCounters *counters)
{
  const FanoutPlan *plan = whole->run->plan;
  g_autofree char *fingerprint = fanout_partial_fingerprint (plan);
  put_bytes (writer, FANOUT_PARTIAL_MAGIC, FANOUT_PARTIAL_MAGIC_LENGTH);
  fanout_write_u32 (writer->bytes, FANOUT_PARTIAL_VERSION);
  put_configuration (writer, plan->config);
  put_text (writer, fingerprint);
  fanout_write_u64 (writer->bytes, counters->end);
  fanout_write_u64 (writer->bytes, counters->rows);
  fanout_write_u64 (writer->bytes, counters->rows_skipped);
  fanout_write_u64 (writer->bytes, counters->values_nulled);
  fanout_write_u64 (writer->bytes, counters->integers_rounded);
  put_text (writer, counters->first_skipped != NULL ? counters->first_skipped : "");
  put_text (writer, counters->first_nulled != NULL ? counters->first_nulled : "");
  fanout_write_u32 (writer->bytes, plan->n_aggregates);
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutNode *node = whole->nodes[i];
      put_text (writer, plan->aggregates[i].name);
      put_text (writer, plan->aggregates[i].operator_->name);
      fanout_write_u32 (writer->bytes, plan->aggregates[i].operator_->version);
      put_text (writer, node->status == FANOUT_NODE_FAILED ? node->error->message : "");
    }
  fanout_write_u32 (writer->bytes, fanout_table_n_keys (whole->table));
  fanout_write_u64 (writer->bytes, fanout_table_n_groups (whole->table));
}

static void
put_key (Writer *writer, FanoutPartition *whole, guint32 id, guint key)
{
  FanoutText text;
  if (!fanout_table_key (whole->table, id, key, &text))
    {
      fanout_write_u32 (writer->bytes, FANOUT_PARTIAL_NULL);
      return;
    }
  fanout_write_u32 (writer->bytes, (guint32) text.length);
  put_bytes (writer, text.data, text.length);
}

static void
put_state (Writer *writer, FanoutNode *node, guint32 id)
{
  const FanoutOperator *operator_ = node->plan->operator_;
  guint start = writer->bytes->len;
  fanout_write_u32 (writer->bytes, 0);
  if (node->status != FANOUT_NODE_FAILED)
    operator_->encode (&node->aggregate, node->states + id * operator_->state_size, writer->bytes);
  guint32 length = GUINT32_TO_LE (writer->bytes->len - start - (guint) sizeof length);
  memcpy (writer->bytes->data + start, &length, sizeof length);
}

static gboolean
put_groups (Writer *writer, FanoutPartition *whole, GError **error)
{
  guint64 n_groups = fanout_table_n_groups (whole->table);
  for (guint32 id = 0; id < n_groups; id++)
    {
      for (guint key = 0; key < fanout_table_n_keys (whole->table); key++)
        put_key (writer, whole, id, key);
      for (guint i = 0; i < whole->n_nodes; i++)
        put_state (writer, whole->nodes[i], id);
      if (writer->bytes->len >= FLUSH_BYTES && !flush (writer, error))
        return FALSE;
    }
  return flush (writer, error);
}

gboolean
fanout_partial_write (FanoutPartition *whole, const FanoutPartialCounters *counters,
                      FanoutOutput *output, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  Writer writer = { bytes, text, digest, output };
  for (guint i = 0; i < whole->n_nodes; i++)
    fanout_node_reserve (whole->nodes[i], fanout_table_n_groups (whole->table));
  put_head (&writer, whole, counters);
  if (!put_groups (&writer, whole, error))
    return FALSE;
  guint8 sum[FANOUT_PARTIAL_DIGEST];
  gsize length = sizeof sum;
  g_checksum_get_digest (digest, sum, &length);
  g_string_append_len (text, (const char *) sum, (gssize) length);
  return fanout_output_write (output, text, error);
}
