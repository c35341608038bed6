#include "core/fanoutd/monitor/metrics-results.h"
#include "core/fanoutd/monitor/prometheus.h"
#include "core/fanoutd/outcome.h"
#include "core/fanoutd/stats.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef FANOUT_VERSION
#define FANOUT_VERSION "unknown"
#endif

static void
add_count (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  prometheus_family (text, name, type, help);
  g_string_append (text, name);
  prometheus_count (text, value);
}

static void
add_double (GString *text, const char *name, const char *type, const char *help, double value)
{
  prometheus_family (text, name, type, help);
  g_string_append (text, name);
  prometheus_double (text, value);
}

/* Bytes of memory that are in use; 0: nobody says. */
static guint64
resident_bytes (void)
{
  char line[128];
  const int fd = open ("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const gssize n = fd >= 0 ? read (fd, line, sizeof line - 1) : 0;
  char *at = line;

  if (fd >= 0)
    close (fd);
  if (n <= 0)
    return 0;
  line[n] = '\0';
  g_ascii_strtoull (line, &at, 10);
  return g_ascii_strtoull (at, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
}

static double
seconds_of (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec * 1e-6;
}

static void
add_process (GString *text, const Look *look)
{
  struct rusage usage = { 0 };

  getrusage (RUSAGE_SELF, &usage);
  prometheus_family (text, "fanout_build_info", "gauge", "Which fanoutd this is.");
  g_string_append (text, "fanout_build_info{");
  prometheus_label (text, "version", FANOUT_VERSION, strlen (FANOUT_VERSION));
  g_string_append (text, "} 1\n");
  add_double (text, "process_start_time_seconds", "gauge",
              "When the run began, in seconds since 1970.", (double) look->started * 1e-6);
  add_double (text, "process_cpu_seconds_total", "counter",
              "Processor time of the user and the system.",
              seconds_of (usage.ru_utime) + seconds_of (usage.ru_stime));
  add_count (text, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes ());
}

static void
add_fate (GString *text, const char *fate, guint64 rows)
{
  g_string_append (text, "fanout_rows_total{");
  prometheus_label (text, "fate", fate, strlen (fate));
  g_string_append_c (text, '}');
  prometheus_count (text, rows);
}

static void
add_pipeline (GString *text, const Look *look)
{
  const FanoutCounters *counters = &look->counters;

  add_count (text, "fanout_running", "gauge", "1 while the run goes on.",
             strcmp (look->state, "running") == 0 ? 1 : 0);
  add_double (text, "fanout_run_seconds", "gauge", "How long the run has gone on.",
              counters->seconds);
  prometheus_family (text, "fanout_rows_total", "counter",
                     "Rows that were read, by what became of them.");
  add_fate (text, "processed", counters->rows_processed);
  add_fate (text, "filtered", counters->rows_filtered);
  add_fate (text, "late", counters->rows_late);
  add_fate (text, "skipped", counters->rows_skipped);
  add_count (text, "fanout_values_nulled_total", "counter",
             "Bad values that were taken for no value.", counters->values_nulled);
  add_count (text, "fanout_numbers_rounded_total", "counter",
             "Numbers that became doubles inexactly.", counters->numbers_rounded);
  add_count (text, "fanout_input_bytes_total", "counter", "Bytes of input, packed as it is.",
             counters->bytes);
  if (counters->bytes_total > 0)
    add_count (text, "fanout_input_size_bytes", "gauge", "Bytes of all inputs.",
               counters->bytes_total);
  add_count (text, "fanout_batches_total", "counter", "Batches that were handed over.",
             counters->batches);
  add_count (text, "fanout_groups", "gauge", "Groups of all tables, when they were last counted.",
             counters->groups);
  add_count (text, "fanout_open_groups", "gauge",
             "Groups that have states, in all tables and partitions.", counters->open_groups);
  add_count (text, "fanout_state_bytes", "gauge",
             "Bytes of states, keys and buffers, when they were last counted.",
             counters->state_bytes);
  add_count (text, "fanout_state_peak_bytes", "gauge",
             "Most bytes of states, keys and buffers, when they were last counted.",
             counters->peak_state_bytes);
  add_count (text, "fanout_state_limit_bytes", "gauge", "How many there may be.",
             look->plan->max_memory);
}

static void
add_windows (GString *text, const Look *look)
{
  const FanoutCounters *counters = &look->counters;

  add_count (text, "fanout_rows_late_by_idle_total", "counter",
             "Late rows that would not be, had their input not been idle.",
             counters->rows_late_by_others);
  add_count (text, "fanout_windows_open", "gauge", "Windows with rows that are not over.",
             counters->open_windows);
  add_count (text, "fanout_windows_closed_total", "counter", "Windows that are over.",
             counters->windows);
  if (look->lag < 0)
    return;
  add_double (text, "fanout_watermark_timestamp_seconds", "gauge",
              "Up to when all inputs are complete, in seconds since 1970.", counters->watermark);
  add_double (text, "fanout_lag_seconds", "gauge", "How far that is behind the clock.", look->lag);
}

static void
add_reloads (GString *text)
{
  const OutcomeCounts counts = outcome_counts ();

  add_count (text, "fanout_reloads_total", "counter",
             "How often the configuration was read again while the run went on.", counts.reloads);
  add_count (text, "fanout_reloads_failed_total", "counter",
             "How often it could not be, and the run went on as before.", counts.failed);
}

static void
add_checkpoints (GString *text, const FanoutCounters *counters)
{
  add_count (text, "fanout_checkpoints_total", "counter", "Checkpoints that were written.",
             counters->checkpoints);
  add_count (text, "fanout_checkpoints_failed_total", "counter",
             "Checkpoints that could not be written.", counters->checkpoints_failed);
  add_count (text, "fanout_checkpoint_bytes", "gauge", "Size of the last checkpoint.",
             counters->checkpoint_bytes);
  add_double (text, "fanout_checkpoint_seconds", "gauge", "How long the last checkpoint took.",
              counters->checkpoint_seconds);
  add_double (text, "fanout_checkpoint_pause_seconds", "gauge", "How long nothing was read for it.",
              counters->checkpoint_pause);
  add_double (text, "fanout_checkpoint_longest_pause_seconds", "gauge",
              "How long nothing was read for one at most.", counters->checkpoint_longest_pause);
  if (counters->checkpoint_time > 0)
    add_double (text, "fanout_checkpoint_age_seconds", "gauge",
                "How long ago the last checkpoint was written.", stats_checkpoint_age (counters));
}

static void
add_inputs (GString *text, const FanoutCounters *counters)
{
  add_count (text, "fanout_files_taken_up_total", "counter",
             "Files that were begun under a followed name.", counters->files_taken_up);
  add_count (text, "fanout_files_rotated_total", "counter",
             "Files that took the place of another one.", counters->files_rotated);
  add_count (text, "fanout_files_changed_total", "counter",
             "Files that became shorter or other, and were read again.", counters->files_changed);
  add_count (text, "fanout_files_lost_total", "counter",
             "Files that could not be found again, or read to their end.", counters->files_lost);
  add_count (text, "fanout_connections_total", "counter", "Connections that were taken.",
             counters->connections);
  add_count (text, "fanout_connections_open", "gauge", "Connections to inputs.",
             counters->connections_open);
  add_count (text, "fanout_connections_refused_total", "counter",
             "Connections that began with no header, or no text.", counters->connections_refused);
  add_count (text, "fanout_datagrams_dropped_total", "counter",
             "Datagrams that the kernel had no room for.", counters->datagrams_dropped);
}

static void
add_output (GString *text, const FlowState *output)
{
  add_count (text, "fanout_output_bytes_total", "counter", "Bytes of results that were written.",
             output->bytes);
  add_double (text, "fanout_output_blocked_seconds_total", "counter",
              "How long results waited to be taken.", output->blocked);
}

typedef void (*AddValue) (GString *text, const FanoutAggregateCounters *aggregate);

static void
add_rows (GString *text, const FanoutAggregateCounters *aggregate)
{
  prometheus_count (text, aggregate->rows);
}

static void
add_busy (GString *text, const FanoutAggregateCounters *aggregate)
{
  prometheus_double (text, aggregate->busy_seconds);
}

static void
add_blocked (GString *text, const FanoutAggregateCounters *aggregate)
{
  prometheus_double (text, aggregate->blocked_seconds);
}

static void
add_state (GString *text, const FanoutAggregateCounters *aggregate)
{
  prometheus_count (text, aggregate->state_bytes);
}

static void
add_dropped (GString *text, const FanoutAggregateCounters *aggregate)
{
  prometheus_count (text, aggregate->error != NULL ? 1 : 0);
}

static const struct
{
  const char *name;
  const char *type;
  const char *help;
  AddValue add;
} aggregate_families[] = {
  { "fanout_aggregate_rows_total", "counter", "Rows that an aggregate was given.", add_rows },
  { "fanout_aggregate_busy_seconds_total", "counter", "Time in its operator, from samples.",
    add_busy },
  { "fanout_aggregate_blocked_seconds_total", "counter", "The rest of the run.", add_blocked },
  { "fanout_aggregate_state_peak_bytes", "gauge", "Its states at their most.", add_state },
  { "fanout_aggregate_dropped", "gauge", "1 after it failed and was dropped.", add_dropped },
};

static void
add_aggregates (GString *text, const FanoutCounters *counters)
{
  for (guint f = 0; counters->n_aggregates > 0 && f < G_N_ELEMENTS (aggregate_families); f++)
    {
      prometheus_family (text, aggregate_families[f].name, aggregate_families[f].type,
                         aggregate_families[f].help);
      for (guint i = 0; i < counters->n_aggregates; i++)
        {
          const FanoutAggregateCounters *aggregate = fanout_counters_aggregate (counters, i);

          g_string_append_printf (text, "%s{", aggregate_families[f].name);
          prometheus_label (text, "aggregate", aggregate->name, strlen (aggregate->name));
          prometheus_label (text, "type", aggregate->type, strlen (aggregate->type));
          g_string_append_c (text, '}');
          aggregate_families[f].add (text, aggregate);
        }
    }
}

static void
add_server (GString *text, const ServerCounters *server)
{
  add_count (text, "fanout_monitor_requests_total", "counter", "Requests to the monitor.",
             server->requests);
  add_count (text, "fanout_monitor_connections", "gauge", "Connections to it.",
             server->connections);
  add_count (text, "fanout_monitor_followers", "gauge", "Of them, those that follow /events.",
             server->followers);
  add_count (text, "fanout_monitor_refused_total", "counter",
             "Connections that were one too many, or took too long.", server->refused);
  add_count (text, "fanout_monitor_dropped_total", "counter",
             "Followers that were dropped since they did not read.", server->dropped);
}

void
look_append_metrics (GString *text, const Look *look)
{
  add_process (text, look);
  add_pipeline (text, look);
  add_windows (text, look);
  add_checkpoints (text, &look->counters);
  add_reloads (text);
  add_inputs (text, &look->counters);
  add_output (text, &look->output);
  add_aggregates (text, &look->counters);
  add_server (text, &look->server);
  metrics_append_results (text, look);
}
