#include "core/plan-options.h"

#define AT(Type, member) G_STRUCT_OFFSET (Type, member)

static const char *const strategies[] = { "fiber", "threads", "callback", NULL };
static const char *const automatic[] = { "auto", NULL };
static const char *const stop_or_drop[] = { "stop", "drop", NULL };
static const char *const as_pipeline[] = { "stop", "drop", "pipeline", NULL };
static const char *const fail_or_skip[] = { "fail", "skip", NULL };
static const char *const fail_or_null[] = { "fail", "null", NULL };

const FanoutOption fanout_pipeline_options[] = {
  { .key = "strategy", .type = FANOUT_OPTION_CHOICE, .offset = AT (FanoutPipelineOptions, strategy),
    .value = "fiber", .choices = strategies, .help = "who runs when" },
  { .key = "threads", .type = FANOUT_OPTION_COUNT, .offset = AT (FanoutPipelineOptions, threads),
    .min = "1", .max = "1024", .example = "2",
    .help = "strategy = threads only: threads for the aggregates, the source's own included; "
            "default: the number of cores" },
  { .key = "batch", .type = FANOUT_OPTION_COUNT, .offset = AT (FanoutPipelineOptions, batch),
    .value = "4096", .min = "1", .help = "rows handed over at a time; 1 = one by one" },
  { .key = "partitions", .type = FANOUT_OPTION_COUNT,
    .offset = AT (FanoutPipelineOptions, partitions), .value = "auto", .min = "1", .max = "1024",
    .choices = automatic,
    .help = "independent passes over parts of the input; auto: the number of cores, 1 under "
            "threads and callback, for small inputs, and where an operator needs it" },
  { .key = "group-by", .type = FANOUT_OPTION_TEXTS, .offset = AT (FanoutPipelineOptions, group_by),
    .example = "origin, destination", .help = "key columns; none by default" },
  { .key = "max-groups", .type = FANOUT_OPTION_COUNT,
    .offset = AT (FanoutPipelineOptions, max_groups), .value = "1000000", .min = "1",
    .max = "4294967295", .help = "more groups are an error" },
  { .key = "max-memory", .type = FANOUT_OPTION_BYTES,
    .offset = AT (FanoutPipelineOptions, max_memory), .min = "1", .example = "4G",
    .help = "of all states, keys and chunks; more is an error; default: half of the machine's" },
  { .key = "on-error", .type = FANOUT_OPTION_CHOICE, .offset = AT (FanoutPipelineOptions, on_error),
    .value = "stop", .choices = stop_or_drop,
    .help = "what a failing aggregate does to the others; an aggregate may say otherwise for itself" },
  { .key = NULL },
};

const FanoutOption fanout_source_options[] = {
  { .key = "type", .type = FANOUT_OPTION_TEXT, .offset = AT (FanoutSourceTypeOptions, type),
    .flags = FANOUT_OPTION_REQUIRED, .example = "csv", .help = "the source" },
  { .key = NULL },
};

const FanoutOption fanout_source_bytes_options[] = {
  { .key = "path", .type = FANOUT_OPTION_TEXTS, .offset = AT (FanoutSourceBytesOptions, paths),
    .value = "-", .help = "- is standard input; several, and globs: a.csv, logs/*.csv" },
  { .key = "null-values", .type = FANOUT_OPTION_TEXTS,
    .offset = AT (FanoutSourceBytesOptions, null_values),
    .help = "texts that mean \"no value\"; the empty field always does" },
  { .key = "on-bad-row", .type = FANOUT_OPTION_CHOICE,
    .offset = AT (FanoutSourceBytesOptions, on_bad_row), .value = "fail", .choices = fail_or_skip,
    .help = "what a malformed row does" },
  { .key = "on-bad-value", .type = FANOUT_OPTION_CHOICE,
    .offset = AT (FanoutSourceBytesOptions, on_bad_value), .value = "fail",
    .choices = fail_or_null, .help = "what a text does where a number is wanted" },
  { .key = "max-row", .type = FANOUT_OPTION_BYTES,
    .offset = AT (FanoutSourceBytesOptions, max_row), .value = "1M", .min = "1", .max = "1G",
    .help = "bytes; a longer row is a bad row" },
  { .key = NULL },
};

const FanoutOption fanout_aggregate_options[] = {
  { .key = "type", .type = FANOUT_OPTION_TEXT, .offset = AT (FanoutAggregateOptions, type),
    .flags = FANOUT_OPTION_REQUIRED, .example = "mean",
    .help = "the operator; the name in the group's header becomes the column of the result" },
  { .key = "on-error", .type = FANOUT_OPTION_CHOICE,
    .offset = AT (FanoutAggregateOptions, on_error), .value = "pipeline", .choices = as_pipeline,
    .help = "what a failure of it does to the others; pipeline: as [pipeline] says" },
  { .key = NULL },
};

const FanoutOption fanout_output_options[] = {
  { .key = "format", .type = FANOUT_OPTION_TEXT, .offset = AT (FanoutOutputKeys, format),
    .value = "auto",
    .help = "table, csv, tsv, json, ndjson; auto: table where the output is a terminal, else csv" },
  { .key = "path", .type = FANOUT_OPTION_TEXT, .offset = AT (FanoutOutputKeys, path), .value = "-",
    .help = "- is standard output; a regular file is replaced on success alone" },
  { .key = "header", .type = FANOUT_OPTION_BOOLEAN, .offset = AT (FanoutOutputKeys, header),
    .value = "true", .help = "whether csv, tsv and table begin with the names of the columns" },
  { .key = "sort", .type = FANOUT_OPTION_TEXTS, .offset = AT (FanoutOutputKeys, sort),
    .example = "mean_delay desc",
    .help = "result columns, each with desc if wanted; nulls last, ties by key; none = by key" },
  { .key = "limit", .type = FANOUT_OPTION_COUNT, .offset = AT (FanoutOutputKeys, limit),
    .value = "0", .help = "rows, after sorting; 0 = all" },
  { .key = NULL },
};
