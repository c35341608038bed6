#include "core/pass/pump.h"
#include "core/base/gio.h"

#include <glib-unix.h>

/* How long a dispatch may take before the loop gets its turn, and how often the clock is asked. */
#define SLICE_US              1000
#define BATCHES_BETWEEN_LOOKS 64

typedef struct
{
  GSource source;
  FanoutPartition *partition;
  FanoutRun *run; /* outlives the partition, which goes with the last dispatch */
  FanoutStep state;
  gpointer fd_tag;
  gpointer wake_tag;
  gulong cancelled;
} Pump;

static gboolean
input_ready (Pump *pump)
{
  GSource *source = &pump->source;
  if (fanout_is_cancelled (pump->run->cancellable))
    return TRUE;
  return (pump->fd_tag != NULL && g_source_query_unix_fd (source, pump->fd_tag) != 0)
         || (pump->wake_tag != NULL && g_source_query_unix_fd (source, pump->wake_tag) != 0);
}

static gboolean
is_ready (Pump *pump)
{
  FanoutPartition *partition = pump->partition;
  switch (pump->state)
    {
    case FANOUT_STEP_WAIT_TAKEN:
      return partition->strategy->settled (partition->crew);
    case FANOUT_STEP_WAIT_INPUT:
      return input_ready (pump);
    case FANOUT_STEP_MORE:
    case FANOUT_STEP_DONE:
    default:
      return TRUE;
    }
}

static gboolean
prepare (GSource *source, gint *timeout)
{
  Pump *pump = (Pump *) source;
  *timeout = -1;
  return pump->state != FANOUT_STEP_WAIT_INPUT ? is_ready (pump)
                                               : fanout_is_cancelled (pump->run->cancellable);
}

static gboolean
check (GSource *source)
{
  return is_ready ((Pump *) source);
}

static void
watch (Pump *pump)
{
  FanoutBlockReader *reader = pump->run->reader;
  GSource *source = &pump->source;
  if (pump->fd_tag != NULL)
    g_source_remove_unix_fd (source, g_steal_pointer (&pump->fd_tag));
  if (pump->wake_tag != NULL)
    g_source_remove_unix_fd (source, g_steal_pointer (&pump->wake_tag));
  if (pump->state != FANOUT_STEP_WAIT_INPUT || reader == NULL)
    return;
  int fd = fanout_reader_fd (reader);
  if (fd >= 0)
    pump->fd_tag = g_source_add_unix_fd (source, fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  pump->wake_tag = g_source_add_unix_fd (source, fanout_reader_wake_fd (reader), G_IO_IN);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Pump *pump = (Pump *) source;
  gint64 end = g_get_monotonic_time () + SLICE_US;
  gsize rows = pump->run->plan->batch;
  guint batches = rows >= BATCHES_BETWEEN_LOOKS ? 1 : BATCHES_BETWEEN_LOOKS;
  FanoutStep before = pump->state;
  do
    pump->state = fanout_partition_step (pump->partition, batches);
  while (pump->state == FANOUT_STEP_MORE && g_get_monotonic_time () < end);
  if (before == FANOUT_STEP_WAIT_INPUT || pump->state == FANOUT_STEP_WAIT_INPUT)
    watch (pump);
  if (pump->state != FANOUT_STEP_DONE)
    return G_SOURCE_CONTINUE;
  callback (user_data);
  return G_SOURCE_REMOVE;
}

static void
finalize (GSource *source)
{
  Pump *pump = (Pump *) source;
  if (pump->cancelled != 0)
    fanout_cancellable_disconnect (pump->run->cancellable, pump->cancelled);
  fanout_run_unref (pump->run);
}

static GSourceFuncs functions = {
  .prepare = prepare,
  .check = check,
  .dispatch = dispatch,
  .finalize = finalize,
};

static void
wake_context (GCancellable *cancellable, gpointer context)
{
  (void) cancellable;
  g_main_context_wakeup (context);
}

GSource *
fanout_pump_new (FanoutPartition *partition, GSourceFunc done, gpointer user_data)
{
  GSource *source = g_source_new (&functions, sizeof (Pump));
  Pump *pump = (Pump *) source;
  pump->partition = partition;
  pump->run = fanout_run_ref (partition->run);
  pump->state = FANOUT_STEP_MORE;
  g_source_set_static_name (source, "fanout pump");
  g_source_set_callback (source, done, user_data, NULL);
  if (partition->run->cancellable != NULL)
    pump->cancelled
        = fanout_cancellable_connect (partition->run->cancellable, G_CALLBACK (wake_context),
                                      g_main_context_ref (fanout_context_get (&partition->context)),
                                      (GDestroyNotify) g_main_context_unref);
  g_source_attach (source, fanout_context_get (&partition->context));
  return source;
}
