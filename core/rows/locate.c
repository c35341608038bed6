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

/* One row, and those before it that are skipped. FALSE: there is none. */
static gboolean
decode_one (const FanoutFeed *feed, FanoutBlock *block, FanoutChunk *chunk)
{
  const FanoutPlan *plan = feed->plan.plan;
  const gsize capacity = chunk->capacity;
  const gsize n = chunk->n_rows;
  chunk->capacity = n + 1;
  while (chunk->n_rows == n && block->offset < block->length
         && plan->source->decode (plan->source_options, block, chunk, NULL))
    ;
  chunk->capacity = capacity;
  return chunk->n_rows > n;
}

/* Decode the block of a slot into its chunk again, the rows before the one of number `end`. */
static void
decode_again (const FanoutFeed *feed, FanoutSlot *slot, guint64 end)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutChunk *chunk = slot->chunk;
  FanoutBlock block = slot->block;
  const gsize capacity = chunk->capacity;
  fanout_chunk_reset (chunk);
  /* As many as there are at least, and one by one behind rows that were skipped. */
  if (block.record < end)
    {
      chunk->capacity = (gsize) MIN ((guint64) capacity, end - block.record);
      const guint64 skipped = chunk->rows_skipped;
      FanoutBlock whole = block;
      while (chunk->n_rows < chunk->capacity && whole.offset < whole.length
             && plan->source->decode (plan->source_options, &whole, chunk, NULL))
        ;
      chunk->capacity = capacity;
      if (chunk->rows_skipped == skipped)
        return;
      restore (chunk, &slot->before);
      fanout_chunk_reset (chunk);
    }
  while (block.record < end && decode_one (feed, &block, chunk))
    ;
}

void
fanout_slot_seek (const FanoutFeed *feed, const FanoutSlot *slot, guint64 record,
                  FanoutBlock *block)
{
  /* Not into the slot's chunk: the run may go on, with its rows and what was counted. No value
   * matters. */
  g_autoptr (FanoutChunk) chunk = fanout_chunk_new (0, NULL, 0);
  *block = slot->block;
  if (feed->plan.reader == NULL)
    {
      block->name = FANOUT_INLET_NAME;
      block->line = record + 1;
      return;
    }
  chunk->on_bad_row = FANOUT_BAD_PASS;
  chunk->max_row = feed->plan.plan->reader.max_row;
  while (block->record < record)
    {
      FanoutBlock next = *block;
      if (chunk->n_rows == chunk->capacity)
        fanout_chunk_reset (chunk);
      if (!decode_one (feed, &next, chunk) || next.record > record)
        break;
      *block = next;
    }
  block->line += record > block->record ? record - block->record : 0;
}

char *
fanout_slot_locate (FanoutFeed *feed, const FanoutSlot *slot, guint64 record)
{
  FanoutBlock block;
  if (feed->plan.reader == NULL && feed->plan.inlet == NULL)
    return NULL;
  fanout_slot_seek (feed, slot, record, &block);
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT, block.name, block.line);
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
      const FanoutPlan *plan = feed->plan.plan;
      const FanoutSelected *selected = &slot->selected[plan->views[plan->tables[t].view].selection];
      const gsize n_ids = selected->whole ? n_rows : selected->before[n_rows];
      guint64 n = slot->known[t];
      for (gsize i = 0; slot->ids[t] != NULL && i < n_ids; i++)
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
          feed->filtered -= slot->n_read - slot->n_left;
          slot->n_read = slot->n_left = 0;
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
      decode_again (feed, slot, record + 1);
      const gsize filtered = slot->n_read - slot->n_left;
      fanout_slot_derive (feed, slot);
      g_clear_error (&feed->pending);
      feed->filtered -= filtered - (slot->n_read - slot->n_left);
    }
}

char *
fanout_feed_locate (FanoutFeed *feed, const FanoutFrame *frame, guint64 record)
{
  for (guint i = 0; i < feed->n_slots; i++)
    if (&feed->slots[i].frame == frame)
      return fanout_slot_locate (feed, &feed->slots[i], record);
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
  counters->rows_filtered = feed->filtered;
  counters->end = feed->end;
  if (feed->plan.inlet != NULL)
    count_chunk (feed->plan.inlet->chunk, counters);
  for (guint i = 0; i < feed->n_slots; i++)
    count_chunk (feed->slots[i].chunk, counters);
}
