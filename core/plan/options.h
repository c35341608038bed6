#pragma once

/** The keys that the core itself knows, group by group. Each table ends with a NULL key. */

#include <fanout/option.h>

typedef struct
{
  gint strategy;   /* FanoutStrategyKind */
  guint64 threads; /* 0: the number of cores */
  guint64 batch;
  guint64 partitions; /* FANOUT_OPTION_NAMED (0): auto */
  const char *const *group_by;
  const char *where;
  guint64 max_groups;
  guint64 max_memory; /* 0: half of the machine's */
  gint on_error;      /* 1: drop */
} FanoutPipelineOptions;

typedef struct
{
  const char *type;
} FanoutSourceTypeOptions;

/** For sources over bytes. */
typedef struct
{
  const char *const *paths;
  gint compression; /* FanoutCompression */
  const char *encoding;
  const char *const *null_values;
  gint missing_columns; /* FanoutBad */
  gint on_bad_row;      /* FanoutBad */
  gint on_bad_value;    /* FanoutBad */
  guint64 max_row;
  gboolean follow;
  gint start;          /* 1: at the end */
  guint64 rotate_wait; /* microseconds */
  guint64 discover;
  guint64 max_connections;
} FanoutSourceBytesOptions;

typedef struct
{
  const char *type;
  gint on_error; /* -1: as the pipeline */
  const char *where;
  const char *const *tables;
} FanoutAggregateOptions;

typedef struct
{
  const char *const *group_by;
  const char *where;
  const char *having;
  const char *rest;
  gboolean rollup;
} FanoutTableOptions;

typedef struct
{
  const char *time;
  const char *size;
  const char *every;
  const char *gap;
  const char *zone;
  guint64 lateness; /* microseconds */
  guint64 idle;     /* the same; 0: none */
  guint64 ahead;    /* the same; 0: no bound */
  gint late;        /* FANOUT_LATE_... */
} FanoutWindowOptions;

typedef struct
{
  const char *listen; /* NULL: nowhere */
  gboolean allow_remote;
  guint64 metrics_groups;
  guint64 max_lag; /* microseconds; 0: no bound */
} FanoutMonitorOptions;

enum
{
  FANOUT_LATE_COUNT = 0,
  FANOUT_LATE_FAIL,
};

typedef struct
{
  const char *format;
  const char *path;
  gboolean header;
  const char *const *sort;
  guint64 offset;
  guint64 limit;
  gint lists;
  gboolean append;
  guint64 every; /* microseconds; 0: none */
} FanoutOutputKeys;

typedef struct
{
  const char *path;
  guint64 every; /* microseconds */
  guint64 keep;
} FanoutCheckpointOptions;

enum
{
  FANOUT_LISTS_CELL = 0,
  FANOUT_LISTS_ROWS,
};

FANOUT_API extern const FanoutOption fanout_pipeline_options[];
FANOUT_API extern const FanoutOption fanout_source_options[];
FANOUT_API extern const FanoutOption fanout_source_bytes_options[];
FANOUT_API extern const FanoutOption fanout_aggregate_options[];
FANOUT_API extern const FanoutOption fanout_table_options[];
FANOUT_API extern const FanoutOption fanout_window_options[];
FANOUT_API extern const FanoutOption fanout_monitor_options[];
FANOUT_API extern const FanoutOption fanout_checkpoint_options[];
FANOUT_API extern const FanoutOption fanout_output_options[];
