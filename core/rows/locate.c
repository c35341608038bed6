#include "core/rows/private.h"

#include <string.h>

/* Take back what was counted since the slot's chunk began to be decoded. */
static void
restore (FanoutChunk *chunk, const FanoutChunk *before)
{
  chunk->rows_skipped = before->rows_skipped;
  chunk->values_nulled = before->values_nulled;
  chunk->numbers_rounded = before->numbers_rounded;
  if (before->first_skipped == NULL)
    g_clear_pointer (&chunk->first_skipped, g_free);
  if (before->first_nulled == NULL)
    g_clear_pointer (&chunk->first_nulled, g_free);
  if (before->first_rounded == NULL)
    g_clear_pointer (&chunk->first_rounded, g_free);
}

static gsize
rows_until (const FanoutFrame *frame, guint64 record)
{
  gsize n = 0;
  while (n < frame->n_rows && fanout_frame_record (frame, n) <= record)
    n++;
  return n;
}

/* Decode the block of a slot into a chunk again, only its first `n` rows. What is behind them. */
static FanoutBlock
decode_again (const FanoutFeed *feed, const FanoutSlot *slot, FanoutChunk *chunk, gsize n)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutBlock block = slot->block;
  gsize capacity = chunk->capacity;
  fanout_chunk_reset (chunk);
  chunk->capacity = n;
  while (chunk->n_rows < n && block.offset < block.length
         && plan->source->decode (plan->source_options, &block, chunk, NULL))
    ;
  chunk->capacity = capacity;
  return block;
}

static void
uncount (FanoutFeed *feed, guint64 n)
{
  feed->rows -= n;
  atomic_fetch_sub_explicit (feed->plan.rows, n, memory_order_relaxed);
}

/* The ids of a chunk are given before its first row is handed over. */
static void
forget_groups (const FanoutFeed *feed, const FanoutSlot *slot, gsize n_rows)
{
  for (guint t = 0; t < feed->plan.plan->n_tables; t++)
    {
      guint64 n = slot->known[t];
      for (gsize i = 0; slot->ids[t] != NULL && i < n_rows; i++)
        n = MAX (n, (guint64) slot->ids[t][i] + 1);
      fanout_table_cut (feed->plan.tables[t], n);
    }
}

void
fanout_feed_trim (FanoutFeed *feed, const FanoutFrame *frame, guint64 record)
{
  g_clear_error (&feed->pending);
  for (guint i = 0; i < feed->n_slots; i++)
    {
      FanoutSlot *slot = &feed->slots[i];
      if (&slot->frame != frame && slot->frame.serial > frame->serial)
        {
          restore (slot->chunk, &slot->begun);
          uncount (feed, slot->frame.n_rows);
          slot->frame.n_rows = 0;
        }
    }
  for (guint i = 0; i < feed->n_slots; i++)
    {
      FanoutSlot *slot = &feed->slots[i];
      if (&slot->frame != frame)
        continue;
      gsize n = rows_until (frame, record);
      uncount (feed, frame->n_rows - n);
      slot->frame.n_rows = n;
      forget_groups (feed, slot, n);
      if (feed->plan.reader == NULL)
        continue;
      restore (slot->chunk, &slot->before);
      decode_again (feed, slot, slot->chunk, n);
    }
}

char *
fanout_feed_locate (FanoutFeed *feed, const FanoutFrame *frame, guint64 record)
{
  if (feed->plan.inlet != NULL)
    return g_strdup_printf (FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT, record + 1);
  if (feed->plan.reader == NULL)
    return NULL;
  for (guint i = 0; i < feed->n_slots; i++)
    {
      FanoutSlot *slot = &feed->slots[i];
      if (&slot->frame != frame)
        continue;
      gsize n = rows_until (frame, record);
      /* Not into the slot's chunk: the run may go on, with its rows and what was counted. */
      FanoutChunk *chunk = fanout_rows_chunk (feed->plan.plan);
      FanoutBlock block = decode_again (feed, slot, chunk, n > 0 ? n - 1 : 0);
      fanout_chunk_free (chunk);
      guint64 line = block.line + (record > block.record ? record - block.record : 0);
      return g_strdup_printf ("%s:%" G_GUINT64_FORMAT, block.name, line);
    }
  return NULL;
}

static void
count_chunk (const FanoutChunk *chunk, FanoutFeedCounters *counters)
{
  counters->rows_skipped += chunk->rows_skipped;
  counters->values_nulled += chunk->values_nulled;
  counters->numbers_rounded += chunk->numbers_rounded;
  if (chunk->first_skipped != NULL
      && (counters->first_skipped == NULL
          || chunk->first_skipped_record < counters->first_skipped_record))
    {
      counters->first_skipped = chunk->first_skipped;
      counters->first_skipped_record = chunk->first_skipped_record;
      counters->first_skipped_line = chunk->first_skipped_line;
      counters->first_skipped_last = chunk->first_skipped_last;
    }
  if (chunk->first_rounded != NULL
      && (counters->first_rounded == NULL
          || chunk->first_rounded_record < counters->first_rounded_record))
    {
      counters->first_rounded = chunk->first_rounded;
      counters->first_rounded_record = chunk->first_rounded_record;
    }
  if (chunk->first_nulled != NULL
      && (counters->first_nulled == NULL
          || chunk->first_nulled_record < counters->first_nulled_record))
    {
      counters->first_nulled = chunk->first_nulled;
      counters->first_nulled_record = chunk->first_nulled_record;
    }
}

void
fanout_feed_counters (FanoutFeed *feed, FanoutFeedCounters *counters)
{
  memset (counters, 0, sizeof *counters);
  counters->rows = feed->rows;
  counters->end = feed->end;
  if (feed->plan.inlet != NULL)
    count_chunk (feed->plan.inlet->chunk, counters);
  for (guint i = 0; i < feed->n_slots; i++)
    count_chunk (feed->slots[i].chunk, counters);
}
