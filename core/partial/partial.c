#include "core/partial/private.h"
#include "core/base/writer.h"
#include "core/partial/groups.h"

#include <fanout/kept.h>
#include <string.h>

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
fanout_partial_possible (const FanoutPlan *plan, gboolean numbered, FanoutErrors *errors)
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
  if (plan->window != NULL)
    {
      fanout_errors_add (errors, fanout_config_find (plan->config, "window")->origin,
                         "[window] gives no partial results: which rows are late depends on all "
                         "rows before");
      possible = FALSE;
    }
  if (numbered || !fanout_plan_numbers_rows (plan))
    return possible;
  fanout_errors_add (
      errors, plan->tables[plan->shown[0]].origin,
      "row() gives no partial results: it depends on the numbers of all rows before");
  return FALSE;
}

static void
digest_text (GChecksum *digest, const char *text)
{
  g_checksum_update (digest, (const guchar *) text, (gssize) strlen (text) + 1);
}

static void
digest_aggregate (GChecksum *digest, const FanoutPlanAggregate *aggregate)
{
  g_checksum_update (digest, (const guchar *) "\n", 1);
  digest_text (digest, aggregate->name);
  digest_text (digest, aggregate->operator_->name);
  digest_text (digest, aggregate->meaning);
  digest_text (digest, aggregate->where != NULL ? aggregate->where : "");
}

/* Which rows there are, and what is derived of them. */
static void
digest_expressions (GChecksum *digest, const FanoutPlan *plan)
{
  const FanoutConfigGroup *let = fanout_config_find (plan->config, "let");
  const FanoutConfigGroup *pipeline = fanout_config_find (plan->config, "pipeline");
  const FanoutConfigEntry *where
      = pipeline != NULL ? fanout_config_entry (pipeline, "where") : NULL;
  digest_text (digest, where != NULL ? where->value : "");
  for (guint i = 0; let != NULL && i < let->n_entries; i++)
    {
      digest_text (digest, let->entries[i].key);
      digest_text (digest, let->entries[i].value);
    }
}

char *
fanout_partial_fingerprint (const FanoutPlan *plan)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  digest_expressions (digest, plan);
  for (guint t = 0; t < plan->n_tables; t++)
    {
      const FanoutPlanTable *table = &plan->tables[t];
      g_checksum_update (digest, (const guchar *) "\n\n", 2);
      digest_text (digest, table->where != NULL ? table->where : "");
      for (guint k = 0; k < table->n_keys; k++)
        digest_text (digest, table->key_names[k]);
      for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
        digest_aggregate (digest, plan->nodes[i].aggregate);
    }
  return g_strdup (g_checksum_get_string (digest));
}

char *
fanout_partial_inputs (const FanoutPlan *plan, FanoutBlockReader *reader)
{
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  const FanoutConfigGroup *source = fanout_config_find (plan->config, "source");
  guint n;
  const guint64 *sizes = fanout_reader_sizes (reader, &n);
  for (guint i = 0; i < n; i++)
    {
      const guint64 raw = GUINT64_TO_LE (sizes[i]);
      g_checksum_update (digest, (const guchar *) &raw, sizeof raw);
    }
  digest_text (digest, plan->source->name);
  for (guint i = 0; source != NULL && i < source->n_entries; i++)
    if (strcmp (source->entries[i].key, "path") != 0)
      {
        digest_text (digest, source->entries[i].key);
        digest_text (digest, source->entries[i].value);
      }
  return g_strdup (g_checksum_get_string (digest));
}

static void
put_configuration (FanoutSealer *out, const FanoutConfig *config)
{
  g_autoptr (GString) text = g_string_new (NULL);
  fanout_config_write (config, text);
  fanout_put_text (out, text->str);
}

/* The same on all machines; what has no keys is in the first share. */
static gboolean
is_in (const FanoutShare *share, const FanoutTable *table, guint n_keys, guint32 id)
{
  guint64 hash = 0;
  if (share == NULL || share->count < 2)
    return TRUE;
  for (guint key = 0; key < n_keys; key++)
    {
      FanoutText text;
      if (fanout_table_key (table, id, key, &text))
        hash = fanout_hash_bytes (text.data, text.length, hash + 1);
    }
  return (guint) (((hash >> 32) * share->count) >> 32) == share->index;
}

static guint64
count_groups (const FanoutShare *share, const FanoutTable *table, guint n_keys)
{
  const guint64 all = fanout_table_n_groups (table);
  guint64 n = 0;
  if (share == NULL || share->count < 2)
    return all;
  for (guint32 id = 0; id < all; id++)
    n += is_in (share, table, n_keys, id) ? 1 : 0;
  return n;
}

static void
put_count (FanoutSealer *out, const FanoutFeedCount *count)
{
  fanout_put_u64 (out, count->rows);
  fanout_put_u64 (out, count->rows_filtered);
  fanout_put_u64 (out, count->rows_skipped);
  fanout_put_u64 (out, count->values_nulled);
  fanout_put_u64 (out, count->numbers_rounded);
}

static void
put_leave (FanoutSealer *out, const FanoutLeave *leave)
{
  fanout_put_u32 (out, leave->known ? 1 : 0);
  if (leave->known)
    put_count (out, &leave->count);
}

static void
put_table (FanoutSealer *out, FanoutPartition *whole, guint t, const FanoutShare *share)
{
  const FanoutPlanTable *table = &whole->run->plan->tables[t];
  fanout_put_u32 (out, table->n_nodes);
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      const FanoutNode *node = whole->nodes[i];
      fanout_put_text (out, node->plan->name);
      fanout_put_text (out, node->plan->operator_->name);
      fanout_put_u32 (out, node->plan->operator_->version);
      fanout_put_text (out, node->status == FANOUT_NODE_FAILED ? node->error->message : "");
      put_leave (out, &whole->leaves[i]);
    }
  fanout_put_u32 (out, table->n_keys);
  fanout_put_u64 (out, count_groups (share, whole->tables[t], table->n_keys));
}

static void
put_place (FanoutSealer *out, const FanoutPlace *place)
{
  const FanoutPartEnds *ends = &place->ends;
  fanout_put_u64 (out, place->count);
  if (place->count == 0)
    return;
  fanout_put_u64 (out, place->first);
  fanout_put_u64 (out, place->last);
  fanout_put_text (out, place->inputs);
  fanout_put_u32 (out, (ends->begun ? 1 : 0) | (ends->guessed ? 2 : 0) | (ends->cut ? 4 : 0)
                           | (ends->told ? 8 : 0) | (ends->through ? 16 : 0)
                           | (ends->empty ? 32 : 0));
  fanout_put_u32 (out, (guint32) ends->start);
  fanout_put_u32 (out, (guint32) ends->end);
  fanout_put_u64 (out, ends->from);
  fanout_put_u64 (out, ends->line);
  fanout_put_u64 (out, ends->rows);
}

static void
put_head (FanoutSealer *out, FanoutPartition *whole, const FanoutPartialCounters *counters,
          const FanoutShare *share)
{
  const FanoutPlan *plan = whole->run->plan;
  g_autofree char *fingerprint = fanout_partial_fingerprint (plan);
  put_configuration (out, plan->config);
  fanout_put_text (out, fingerprint);
  fanout_put_u64 (out, counters->end);
  fanout_put_u32 (out, counters->enough ? 1 : 0);
  put_count (out, &counters->count);
  fanout_put_text (out, counters->first_skipped);
  fanout_put_u64 (out, counters->first_skipped_line);
  fanout_put_u64 (out, counters->first_skipped_last);
  fanout_put_text (out, counters->first_nulled);
  fanout_put_text (out, counters->first_rounded);
  put_place (out, &counters->place);
  fanout_put_u32 (out, whole->n_tables);
  for (guint t = 0; t < whole->n_tables; t++)
    put_table (out, whole, t, share);
}

static void
put_groups (FanoutSealer *out, FanoutPartition *whole, guint t, const FanoutShare *share)
{
  const FanoutPlanTable *table = &whole->run->plan->tables[t];
  const FanoutTable *keys = whole->tables[t];
  g_autoptr (FanoutWriter) writer = fanout_put_writer (out);
  guint64 n_groups = fanout_table_n_groups (keys);
  gboolean done = TRUE;
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    fanout_node_reserve (whole->nodes[i], n_groups);
  for (guint32 id = 0; done && id < n_groups; id++)
    {
      if (!is_in (share, keys, table->n_keys, id))
        continue;
      for (guint key = 0; key < table->n_keys; key++)
        fanout_put_key (out, keys, id, key);
      for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
        done = fanout_put_state (out, whole->nodes[i], id, writer);
    }
}

gboolean
fanout_partial_write (FanoutPartition *whole, const FanoutPartialCounters *counters,
                      const FanoutShare *share, FanoutSealPut put, gpointer data, GError **error)
{
  guint8 start[FANOUT_PARTIAL_START];
  const guint32 version = GUINT32_TO_LE (FANOUT_PARTIAL_VERSION);
  memcpy (start, FANOUT_PARTIAL_MAGIC, FANOUT_PARTIAL_MAGIC_LENGTH);
  memcpy (start + FANOUT_PARTIAL_MAGIC_LENGTH, &version, sizeof version);
  g_autoptr (FanoutSealer) out = fanout_sealer_new (put, data, start, sizeof start);
  put_head (out, whole, counters, share);
  fanout_sealer_flush (out);
  for (guint t = 0; t < whole->n_tables; t++)
    put_groups (out, whole, t, share);
  return fanout_sealer_end (out, error);
}
