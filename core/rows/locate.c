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

/* Decode the block of a slot into its chunk again, its first `n` rows. */
static void
decode_again (const FanoutFeed *feed, FanoutSlot *slot, gsize n)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutChunk *chunk = slot->chunk;
  FanoutBlock block = slot->block;
  const gsize capacity = chunk->capacity;
  fanout_chunk_reset (chunk);
  slot->n_dropped = slot->n_decided = 0;
  chunk->capacity = n;
  while (chunk->n_rows < n && block.offset < block.length
         && plan->source->decode (plan->source_options, &block, chunk, NULL))
    ;
  chunk->capacity = capacity;
}

/* How many rows of its chunk the first `n` rows of a frame are. */
static gsize
chunk_rows (const FanoutSlot *slot, gsize n)
{
  return slot->filtered_late && n > 0 ? slot->kept[n - 1] + 1 : n;
}

/* Line feeds before the row that `n` others come before. */
static guint64
lines_before (const FanoutPlan *plan, const char *data, gsize length, guint64 n)
{
  gsize first = 0, end = length;
  guint64 lines = 0;
  if (plan->source->scan == NULL)
    return n;
  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;
      FanoutScan scan = { .quoted = FALSE };
      plan->source->scan (plan->source_options, data, middle, &scan);
      if (scan.rows >= n)
        end = middle;
      else
        {
          /* Where this is the last time, the next byte is the line feed that is looked for. */
          lines = scan.lines + 1;
          first = middle + 1;
        }
    }
  return lines;
}

guint64
fanout_slot_line (const FanoutFeed *feed, const FanoutSlot *slot, guint64 record)
{
  const FanoutBlock *block = &slot->block;
  if (feed->plan.reader == NULL)
    return record + 1;
  if (record <= block->record)
    return block->line;
  return block->line
         + lines_before (feed->plan.plan, block->data + block->offset,
                         block->length - block->offset, record - block->record);
}

char *
fanout_slot_locate (const FanoutFeed *feed, const FanoutSlot *slot, guint64 record)
{
  if (feed->plan.reader == NULL && feed->plan.inlet == NULL)
    return NULL;
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT,
                          feed->plan.reader != NULL ? slot->block.name : FANOUT_INLET_NAME,
                          fanout_slot_line (feed, slot, record));
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
  /* What passed on event time cannot be taken back; and no aggregate has enough for all windows. */
  if (feed->plan.watermarks != NULL)
    return;
  g_clear_error (&feed->pending);
  for (guint i = 0; i < feed->n_slots; i++)
    {
      FanoutSlot *slot = &feed->slots[i];
      if (&slot->frame != frame && slot->frame.serial > frame->serial)
        {
          restore (slot->chunk, &slot->begun);
          uncount (feed, slot->frame.n_rows);
          feed->filtered -= slot->filtered;
          slot->filtered = 0;
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
      feed->filtered -= slot->n_read - slot->n_left;
      if (feed->plan.reader == NULL)
        {
          feed->filtered += chunk_rows (slot, n) - n;
          continue;
        }
      restore (slot->chunk, &slot->before);
      decode_again (feed, slot, chunk_rows (slot, n));
      fanout_slot_derive (feed, slot);
      feed->filtered += slot->n_read - slot->n_left;
      g_clear_error (&feed->pending);
    }
}

static void
count_values (const FanoutChunk *chunk, FanoutFeedCount *count)
{
  count->rows_skipped += chunk->rows_skipped;
  count->values_nulled += chunk->values_nulled;
  count->numbers_rounded += chunk->numbers_rounded;
}

/* The first `n` rows of a frame, behind what its chunk counted before them. */
static void
count_again (FanoutFeed *feed, const FanoutSlot *slot, gsize n, FanoutFeedCount *count)
{
  FanoutSlot again = { .block = slot->block };
  GError *pending = g_steal_pointer (&feed->pending);
  const guint64 pending_record = feed->pending_record;
  fanout_slot_init (feed, &again);
  decode_again (feed, &again, chunk_rows (slot, n));
  fanout_slot_derive (feed, &again);
  count->rows_filtered += again.n_read - again.n_left;
  count_values (&slot->before, count);
  count_values (again.chunk, count);
  fanout_slot_clear (feed, &again);
  g_clear_error (&feed->pending);
  feed->pending = pending;
  feed->pending_record = pending_record;
}

void
fanout_feed_count_until (FanoutFeed *feed, const FanoutFrame *frame, guint64 record,
                         FanoutFeedCount *count)
{
  *count = (FanoutFeedCount){ .rows = feed->rows, .rows_filtered = feed->filtered };
  for (guint i = 0; i < feed->n_slots; i++)
    {
      const FanoutSlot *slot = &feed->slots[i];
      if (&slot->frame != frame && slot->frame.serial > frame->serial)
        {
          count->rows -= slot->frame.n_rows;
          count->rows_filtered -= slot->filtered;
          count_values (&slot->begun, count);
        }
      else if (&slot->frame == frame)
        {
          const gsize n = rows_until (frame, record);
          count->rows -= frame->n_rows - n;
          count->rows_filtered -= slot->n_read - slot->n_left;
          if (feed->plan.reader != NULL)
            count_again (feed, slot, n, count);
          else
            count->rows_filtered += chunk_rows (slot, n) - n;
        }
      else
        count_values (slot->chunk, count);
    }
  count->rows += count->rows_filtered + count->rows_skipped;
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
  counters->rows_late = feed->late;
  counters->rows_late_by_others = feed->late_by_others;
  counters->first_late = feed->first_late;
  counters->first_late_record = feed->first_late_record;
  counters->end = feed->end;
  if (feed->plan.inlet != NULL)
    count_chunk (feed->plan.inlet->chunk, counters);
  for (guint i = 0; i < feed->n_slots; i++)
    count_chunk (feed->slots[i].chunk, counters);
}
