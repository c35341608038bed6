#include "core/rows/private.h"

#include "core/base/clock.h"
#include "core/base/error.h"

#include <fanout/error.h>

/* Where the rows of a chunk are in time, as long as they are in the same slice: what a row is
 * compared with. */
typedef struct
{
  FanoutInstant start; /* of the slice, */
  FanoutInstant end;   /* and of the one behind it */
  FanoutSliceKey key;
  gint64 last_window; /* of the slice */
  FanoutInstant largest;
  FanoutInstant next_over; /* the largest time with which more windows are over */
  gint64 over;             /* the last window that is, by the rows before */
  gboolean by_others;      /* since other inputs went on without this one */
} Place;

static void
find_over (const FanoutFeed *feed, Place *place)
{
  const FanoutPlanWindow *window = feed->plan.plan->window;
  const FanoutInstant watermark = fanout_watermark_of (place->largest, window->lateness);
  const gint64 closed = *feed->plan.closed;
  place->over = fanout_watermark_window (&window->axis, watermark);
  place->next_over = FANOUT_INSTANT_NONE;
  if (watermark != FANOUT_INSTANT_NONE)
    place->next_over
        = fanout_axis_start (&window->axis, fanout_axis_slice (&window->axis, watermark) + 1)
          + window->lateness;
  place->by_others = closed > place->over;
  place->over = MAX (place->over, closed);
}

/* The slice of a time, and the windows that it counts in. */
static void
find_slice (const FanoutFeed *feed, Place *place, FanoutInstant instant)
{
  const FanoutAxis *axis = &feed->plan.plan->window->axis;
  const gint64 slice = fanout_axis_slice (axis, instant);
  place->start = fanout_axis_start (axis, slice);
  place->end = fanout_axis_start (axis, slice + 1);
  place->key.number = slice;
  place->key.first = MAX (fanout_axis_first_window (axis, slice), place->over + 1);
  place->last_window = fanout_axis_last_window (axis, slice);
}

static void
add_run (FanoutSlot *slot, const Place *place, gsize end)
{
  FanoutSliceRun *last = slot->runs->len > 0
                             ? &g_array_index (slot->runs, FanoutSliceRun, slot->runs->len - 1)
                             : NULL;
  const FanoutSliceRun run = { .key = place->key, .end = end };
  if (last != NULL && last->is_later == NULL && last->key.number == run.key.number
      && last->key.first == run.key.first)
    last->end = end;
  else
    g_array_append_val (slot->runs, run);
}

static gboolean
fail_time (FanoutFeed *feed, FanoutSlot *slot, gsize row, const char *why)
{
  const guint64 record = fanout_slot_record (slot, row);
  g_autofree char *place = fanout_slot_locate (feed, slot, record);
  if (place == NULL)
    place = g_strdup_printf ("row %" G_GUINT64_FORMAT, record + 1);
  g_clear_error (&feed->pending);
  g_set_error (&feed->pending, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s: %s", place, why);
  feed->pending_record = record;
  return FALSE;
}

/* A row that is in no window. FALSE: it is an error. */
static gboolean
skip_row (FanoutFeed *feed, FanoutSlot *slot, gsize row, const char *why)
{
  FanoutChunk *chunk = slot->chunk;
  const guint64 record = fanout_slot_record (slot, row);
  if (chunk->on_bad_value != FANOUT_BAD_PASS)
    {
      g_autofree char *told
          = g_strdup_printf ("%s; on-bad-value = null passes over such rows", why);
      return fail_time (feed, slot, row, told);
    }
  chunk->rows_skipped++;
  if (chunk->first_skipped != NULL && chunk->first_skipped_record <= record)
    return TRUE;
  g_autofree char *place = fanout_slot_locate (feed, slot, record);
  g_free (chunk->first_skipped);
  chunk->first_skipped = g_strdup_printf ("%s: %s", place != NULL ? place : "", why);
  chunk->first_skipped_record = record;
  chunk->first_skipped_line = chunk->first_skipped_last = fanout_slot_line (feed, slot, record);
  return TRUE;
}

#define LATE_WAY "[window] lateness waits longer, late = count passes over such rows"

static gboolean
count_late (FanoutFeed *feed, FanoutSlot *slot, gsize row, gboolean by_others)
{
  const guint64 record = fanout_slot_record (slot, row);
  if (feed->plan.plan->window->late_fails)
    return fail_time (feed, slot, row,
                      slot->instants != NULL
                          ? "the row is late: it is before the watermark of its input; " LATE_WAY
                          : "the row is late: its windows are over; " LATE_WAY);
  feed->late++;
  feed->late_by_others += by_others ? 1 : 0;
  if (feed->first_late != NULL && feed->first_late_record <= record)
    return TRUE;
  g_free (feed->first_late);
  feed->first_late = fanout_slot_locate (feed, slot, record);
  feed->first_late_record = record;
  return TRUE;
}

/* What is wrong with the time of a row; NULL: nothing. */
static const char *
read_time (const FanoutVector *times, gsize row, FanoutInstant latest, FanoutInstant *instant)
{
  if (fanout_vector_mark (times, row) != FANOUT_MARK_VALUE)
    return "[window] time: no value";
  if (!fanout_instant_from_seconds (fanout_vector_number (times, row), instant))
    return "[window] time: no time of the years 1700 to 2239, in seconds since 1970";
  if (*instant > latest)
    return "[window] time: further ahead of the clock than [window] ahead allows";
  return NULL;
}

static FanoutInstant
latest_time (const FanoutPlan *plan)
{
  if (plan->window->ahead == 0)
    return FANOUT_INSTANT_MAX;
  return fanout_clock_real (plan->reader.clock) * 1000 + plan->window->ahead;
}

/* Times of a chunk that are looked at together. */
#define PIECE 512

/* Rows of a chunk as they are placed. */
typedef struct
{
  FanoutFeed *feed;
  FanoutSlot *slot;
  const FanoutVector *times;
  FanoutInstant latest;
  gsize n_kept;
  gboolean listed; /* in the slot: some row was dropped. Else they are all so far */
  Place place;
} Placing;

static void
list_rows (Placing *self)
{
  for (gsize i = 0; i < self->n_kept && !self->listed; i++)
    self->slot->kept[i] = (guint32) i;
  self->listed = TRUE;
}

static inline void
keep_rows (Placing *self, gsize first, gsize n)
{
  for (gsize i = 0; i < n && self->listed; i++)
    self->slot->kept[self->n_kept + i] = (guint32) (first + i);
  self->n_kept += n;
}

/* Times of a piece that can all be read alike: `numbers` times `factor`. */
typedef struct
{
  const gint64 *numbers;
  gint64 factor;
  FanoutInstant least, most;
} Times;

/* Several at a time, since each waits for the one before. */
static void
find_limits (const gint64 *numbers, gsize n, gint64 *least, gint64 *most)
{
  enum
  {
    LANES = 4
  };
  gint64 low[LANES], high[LANES];
  gsize i = 0;
  for (guint lane = 0; lane < LANES; lane++)
    low[lane] = high[lane] = numbers[0];
  for (; i + LANES <= n; i += LANES)
    for (guint lane = 0; lane < LANES; lane++)
      {
        low[lane] = MIN (low[lane], numbers[i + lane]);
        high[lane] = MAX (high[lane], numbers[i + lane]);
      }
  for (; i < n; i++)
    {
      low[0] = MIN (low[0], numbers[i]);
      high[0] = MAX (high[0], numbers[i]);
    }
  *least = MIN (MIN (low[0], low[1]), MIN (low[2], low[3]));
  *most = MAX (MAX (high[0], high[1]), MAX (high[2], high[3]));
}

/* The times from row `first` on; FALSE: row by row. */
static gboolean
read_piece (const Placing *self, gsize first, gsize n, Times *read)
{
  static const gint64 factors[]
      = { 1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
  const FanoutVector *times = self->times;
  if (!fanout_vector_is_plain (times) || times->constant || times->scale >= G_N_ELEMENTS (factors))
    return FALSE;
  const gint64 *numbers = times->mantissa + first;
  const gint64 factor = factors[times->scale];
  gint64 low, high;
  find_limits (numbers, n, &low, &high);
  if (low < -FANOUT_INSTANT_MAX / factor || high > FANOUT_INSTANT_MAX / factor)
    return FALSE;
  guint8 marks = 0;
  for (gsize i = 0; times->marks != NULL && i < n; i++)
    marks |= times->marks[first + i];
  if (marks != FANOUT_MARK_VALUE || high * factor > self->latest)
    return FALSE;
  *read = (Times){ numbers, factor, low * factor, high * factor };
  return TRUE;
}

static void
keep_piece (Placing *self, gsize first, gsize n, FanoutInstant most)
{
  keep_rows (self, first, n);
  self->place.largest = MAX (self->place.largest, most);
}

/* Slices. */

/* Rows of a slice and of the one behind it, as they come about a slice's end. */
static gboolean
place_mixed (Placing *self, gsize first, gsize n, const Times *times)
{
  FanoutSlot *slot = self->slot;
  Place *place = &self->place;
  FanoutSliceRun run = { .key = place->key, .end = self->n_kept + n, .is_later = slot->later };
  /* The first number behind the border. */
  const gint64 border = -fanout_floor_divide (-place->end, times->factor);
  guint8 *is_later = slot->later + self->n_kept;
  find_slice (self->feed, place, place->end);
  if (times->most >= place->end || place->last_window <= place->over)
    return FALSE;
  run.later = place->key;
  for (gsize i = 0; i < n; i++)
    is_later[i] = times->numbers[i] >= border ? 1 : 0;
  keep_piece (self, first, n, times->most);
  g_array_append_val (slot->runs, run);
  return TRUE;
}

/* Whether all rows of a piece were placed: none of them is late, or ends a window. */
static gboolean
place_piece (Placing *self, gsize first, gsize n)
{
  Times times;
  Place *place = &self->place;
  if (!read_piece (self, first, n, &times) || times.most >= place->next_over)
    return FALSE;
  if (times.least < place->start || times.least >= place->end)
    find_slice (self->feed, place, times.least);
  if (place->last_window <= place->over)
    return FALSE;
  if (times.most >= place->end)
    return place_mixed (self, first, n, &times);
  keep_piece (self, first, n, times.most);
  add_run (self->slot, place, self->n_kept);
  return TRUE;
}

/* FALSE: it is an error. */
static gboolean
place_row (Placing *self, gsize row)
{
  FanoutFeed *feed = self->feed;
  Place *place = &self->place;
  FanoutInstant instant;
  const char *why = read_time (self->times, row, self->latest, &instant);
  if (G_UNLIKELY (why != NULL))
    {
      list_rows (self);
      return skip_row (feed, self->slot, row, why);
    }
  if (instant < place->start || instant >= place->end)
    find_slice (feed, place, instant);
  if (G_LIKELY (place->last_window > place->over))
    {
      keep_rows (self, row, 1);
      add_run (self->slot, place, self->n_kept);
    }
  else
    {
      list_rows (self);
      if (!count_late (feed, self->slot, row, place->by_others))
        return FALSE;
    }
  if (instant <= place->largest)
    return TRUE;
  place->largest = instant;
  if (instant < place->next_over)
    return TRUE;
  find_over (feed, place);
  place->start = place->end = 0; /* fewer windows may be left to its slice */
  return TRUE;
}

/* Sessions: `over` of the place is the last time that is late. */

static void
find_late (const FanoutFeed *feed, Place *place)
{
  const FanoutPlanWindow *window = feed->plan.plan->window;
  const FanoutInstant watermark = fanout_watermark_of (place->largest, window->lateness);
  const gint64 closed = *feed->plan.closed;
  place->over = watermark == FANOUT_INSTANT_NONE ? watermark : watermark - 1;
  place->by_others = closed != G_MININT64 && closed + window->axis.gap > place->over;
  if (place->by_others)
    place->over = closed + window->axis.gap;
}

static gboolean
keep_session_piece (Placing *self, gsize first, gsize n)
{
  const FanoutPlanWindow *window = self->feed->plan.plan->window;
  FanoutInstant *instants = self->slot->instants + self->n_kept;
  Times times;
  if (!read_piece (self, first, n, &times) || times.least <= self->place.over
      || times.least < MAX (self->place.largest, times.most) - window->lateness)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    instants[i] = times.numbers[i] * times.factor;
  keep_piece (self, first, n, times.most);
  find_late (self->feed, &self->place);
  return TRUE;
}

static gboolean
keep_session_row (Placing *self, gsize row)
{
  FanoutFeed *feed = self->feed;
  Place *place = &self->place;
  FanoutInstant instant;
  const char *why = read_time (self->times, row, self->latest, &instant);
  if (G_UNLIKELY (why != NULL || instant <= place->over))
    list_rows (self);
  if (G_UNLIKELY (why != NULL))
    return skip_row (feed, self->slot, row, why);
  if (instant <= place->over)
    return count_late (
        feed, self->slot, row,
        instant >= fanout_watermark_of (place->largest, feed->plan.plan->window->lateness));
  self->slot->instants[self->n_kept] = instant;
  keep_rows (self, row, 1);
  if (instant <= place->largest)
    return TRUE;
  place->largest = instant;
  find_late (feed, place);
  return TRUE;
}

/* Answers how many of the `n` rows come before one that fails. */
static gsize
place_rows (Placing *self, gsize n)
{
  const gboolean sessions = self->slot->instants != NULL;
  for (gsize first = 0; first < n;)
    {
      const gsize end = MIN (first + PIECE, n);
      if (sessions ? keep_session_piece (self, first, end - first)
                   : place_piece (self, first, end - first))
        first = end;
      for (; first < end; first++)
        if (!(sessions ? keep_session_row (self, first) : place_row (self, first)))
          return first;
    }
  return n;
}

void
fanout_slot_place (FanoutFeed *feed, FanoutSlot *slot)
{
  const FanoutPlanWindow *window = feed->plan.plan->window;
  const FanoutLook look
      = { .evaluator = slot->clock, .register_ = (guint) window->register_, .column = -1 };
  const gsize n = fanout_slot_run (feed, slot, slot->clock, fanout_program_length (window->program),
                                   1, &look);
  Placing placing = { .feed = feed,
                      .slot = slot,
                      .times = fanout_evaluator_vector (slot->clock, look.register_),
                      .latest = latest_time (feed->plan.plan),
                      .place.largest = fanout_feed_largest (feed) };
  g_array_set_size (slot->runs, 0);
  if (slot->instants != NULL)
    find_late (feed, &placing.place);
  else
    find_over (feed, &placing.place);
  const gsize n_placed = place_rows (&placing, n);
  const gsize n_kept = placing.n_kept;
  feed->tide.largest = placing.place.largest;
  if (n_placed < slot->chunk->n_rows || n_kept < n_placed)
    {
      list_rows (&placing);
      fanout_chunk_keep (slot->chunk, slot->kept, n_kept);
    }
  slot->n_read -= slot->n_left - n_kept;
  slot->n_left = n_kept;
}

/* The tide: from block to block. */

void
fanout_feed_begin_tide (FanoutFeed *feed)
{
  /* Rows without blocks come in one pass. */
  const FanoutBlockOrigin origin = feed->plan.reader != NULL
                                       ? fanout_lane_origin (feed->lanes[feed->lane])
                                       : (FanoutBlockOrigin){ .serial = feed->serial_made++ };
  feed->tide = (FanoutFeedTide){
    .input = origin.input, .block = origin.serial, .last = origin.last, .state = FANOUT_TIDE_AWAITED
  };
}

FanoutInstant
fanout_feed_largest (FanoutFeed *feed)
{
  FanoutFeedTide *tide = &feed->tide;
  if (tide->state == FANOUT_TIDE_AWAITED)
    {
      tide->largest = fanout_watermarks_await (feed->plan.watermarks, tide->block, tide->input);
      tide->state = FANOUT_TIDE_KNOWN;
    }
  return tide->largest;
}

void
fanout_feed_pass_tide (FanoutFeed *feed)
{
  FanoutFeedTide *tide = &feed->tide;
  if (tide->state == FANOUT_TIDE_PASSED)
    return;
  fanout_feed_largest (feed);
  tide->state = FANOUT_TIDE_PASSED;
  if (fanout_watermarks_pass (feed->plan.watermarks, tide->input, tide->largest, tide->last))
    feed->plan.advanced (feed->plan.data);
}
