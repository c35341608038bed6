#include "core/window/watermark.h"

void
fanout_watermarks_init (FanoutWatermarks *self, const FanoutAxis *axis, FanoutInstant lateness,
                        const FanoutClock *clock)
{
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->passed, NULL);
  self->axis = axis;
  self->lateness = lateness;
  self->clock = clock;
  self->next = 0;
  self->tides = g_array_new (FALSE, FALSE, sizeof (FanoutTide));
  self->announced = self->due = G_MININT64;
  self->patience = self->untold = 0;
  atomic_init (&self->given_up, FALSE);
}

void
fanout_watermarks_clear (FanoutWatermarks *self)
{
  g_clear_pointer (&self->tides, g_array_unref);
  pthread_cond_destroy (&self->passed);
  pthread_mutex_destroy (&self->mutex);
}

static FanoutTide *
tide_of (FanoutWatermarks *self, guint input)
{
  const FanoutTide none
      = { .largest = FANOUT_INSTANT_NONE, .seen = fanout_clock_monotonic (self->clock) };
  while (self->tides->len <= input)
    g_array_append_val (self->tides, none);
  return &g_array_index (self->tides, FanoutTide, input);
}

void
fanout_watermarks_set_inputs (FanoutWatermarks *self, guint n)
{
  pthread_mutex_lock (&self->mutex);
  if (n > 0)
    tide_of (self, n - 1);
  pthread_mutex_unlock (&self->mutex);
}

void
fanout_watermarks_restore (FanoutWatermarks *self, guint input, FanoutInstant largest)
{
  pthread_mutex_lock (&self->mutex);
  tide_of (self, input)->largest = largest;
  pthread_mutex_unlock (&self->mutex);
}

void
fanout_watermarks_set_ended (FanoutWatermarks *self, guint input, gboolean ended)
{
  pthread_mutex_lock (&self->mutex);
  tide_of (self, input)->ended = ended;
  pthread_mutex_unlock (&self->mutex);
}

void
fanout_watermarks_set_patience (FanoutWatermarks *self, guint blocks)
{
  pthread_mutex_lock (&self->mutex);
  self->patience = blocks;
  pthread_mutex_unlock (&self->mutex);
}

FanoutInstant
fanout_watermarks_await (FanoutWatermarks *self, guint64 block, guint input)
{
  FanoutInstant largest;
  pthread_mutex_lock (&self->mutex);
  while (self->next != block && !atomic_load (&self->given_up))
    pthread_cond_wait (&self->passed, &self->mutex);
  largest = tide_of (self, input)->largest;
  pthread_mutex_unlock (&self->mutex);
  return largest;
}

gint64
fanout_watermark_window (const FanoutAxis *axis, FanoutInstant watermark)
{
  if (watermark == FANOUT_INSTANT_NONE || watermark == FANOUT_INSTANT_END)
    return watermark;
  if (axis->gap > 0)
    return watermark - axis->gap - 1;
  return fanout_axis_first_window (axis, fanout_axis_slice (axis, watermark)) - 1;
}

/* Inputs that are idle hold nobody, not even each other. */
static FanoutInstant
least (const FanoutWatermarks *self)
{
  FanoutInstant least = FANOUT_INSTANT_END;
  FanoutInstant idle = FANOUT_INSTANT_END;
  for (guint i = 0; i < self->tides->len; i++)
    {
      const FanoutTide *tide = &g_array_index (self->tides, FanoutTide, i);
      const FanoutInstant watermark = fanout_watermark_of (tide->largest, self->lateness);
      if (tide->ended)
        continue;
      if (!tide->idle)
        least = MIN (least, watermark);
      else
        idle = idle == FANOUT_INSTANT_END ? watermark : MAX (idle, watermark);
    }
  return least != FANOUT_INSTANT_END ? least : idle;
}

static gboolean
announce (FanoutWatermarks *self)
{
  const FanoutInstant now = least (self);
  const gint64 over = fanout_watermark_window (self->axis, now);
  if (now == FANOUT_INSTANT_END || over <= self->announced || over < self->due
      || self->untold < self->patience)
    return FALSE;
  self->announced = over;
  self->untold = 0;
  return TRUE;
}

gboolean
fanout_watermarks_idle (FanoutWatermarks *self, gint64 now, gint64 idle, gint64 *next)
{
  gboolean moved;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->tides->len; i++)
    {
      FanoutTide *tide = &g_array_index (self->tides, FanoutTide, i);
      if (tide->ended || tide->idle)
        continue;
      tide->idle = now - tide->seen >= idle;
      if (!tide->idle)
        *next = MIN (*next, tide->seen + idle);
    }
  moved = announce (self);
  pthread_mutex_unlock (&self->mutex);
  return moved;
}

gboolean
fanout_watermarks_pass (FanoutWatermarks *self, guint input, FanoutInstant largest, gboolean last)
{
  gboolean moved;
  pthread_mutex_lock (&self->mutex);
  FanoutTide *tide = tide_of (self, input);
  tide->largest = MAX (tide->largest, largest);
  tide->ended |= last;
  tide->idle = FALSE;
  tide->seen = fanout_clock_monotonic (self->clock);
  self->untold++;
  moved = announce (self);
  self->next++;
  pthread_cond_broadcast (&self->passed);
  pthread_mutex_unlock (&self->mutex);
  return moved;
}

void
fanout_watermarks_expect (FanoutWatermarks *self, gint64 due)
{
  pthread_mutex_lock (&self->mutex);
  self->due = due;
  pthread_mutex_unlock (&self->mutex);
}

void
fanout_watermarks_give_up (FanoutWatermarks *self)
{
  pthread_mutex_lock (&self->mutex);
  atomic_store (&self->given_up, TRUE);
  pthread_cond_broadcast (&self->passed);
  pthread_mutex_unlock (&self->mutex);
}

FanoutInstant
fanout_watermarks_least (FanoutWatermarks *self)
{
  FanoutInstant now;
  pthread_mutex_lock (&self->mutex);
  now = least (self);
  pthread_mutex_unlock (&self->mutex);
  return now;
}
