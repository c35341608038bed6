/* The sizes and offsets of every struct that crosses the boundary: plugins that were built hold to
 * them, so members are only ever appended, with a line each here. */

#include "tests/support/suite.h"
#include <check.h>
#include <fanout/fanout.h>

typedef struct
{
  const char *name;
  gsize found;
  gsize pinned;
} Pin;

#define S(Struct, size)                                                                            \
  {                                                                                                \
    "sizeof " #Struct, sizeof (Struct), size                                                       \
  }
#define M(Struct, member, offset)                                                                  \
  {                                                                                                \
#Struct "." #member, G_STRUCT_OFFSET(Struct, member), offset                                   \
  }

static const Pin pins[] = {
  S (FanoutPlugin, 32),
  M (FanoutPlugin, abi, 0),
  M (FanoutPlugin, size, 4),
  M (FanoutPlugin, kind, 8),
  M (FanoutPlugin, n_items, 12),
  M (FanoutPlugin, items, 16),
  M (FanoutPlugin, core, 24),
  S (FanoutAggregate, 32),
  M (FanoutAggregate, size, 0),
  M (FanoutAggregate, options, 8),
  M (FanoutAggregate, memory, 16),
  M (FanoutAggregate, name, 24),
  S (FanoutOperator, 216),
  M (FanoutOperator, size, 0),
  M (FanoutOperator, version, 4),
  M (FanoutOperator, name, 8),
  M (FanoutOperator, summary, 16),
  M (FanoutOperator, details, 24),
  M (FanoutOperator, promise, 32),
  M (FanoutOperator, memory, 40),
  M (FanoutOperator, order, 48),
  M (FanoutOperator, flags, 52),
  M (FanoutOperator, options_size, 56),
  M (FanoutOperator, option_size, 64),
  M (FanoutOperator, options, 72),
  M (FanoutOperator, prepare, 80),
  M (FanoutOperator, release, 88),
  M (FanoutOperator, takes, 96),
  M (FanoutOperator, columns, 104),
  M (FanoutOperator, state_size, 112),
  M (FanoutOperator, init, 120),
  M (FanoutOperator, clear, 128),
  M (FanoutOperator, reset, 136),
  M (FanoutOperator, copy, 144),
  M (FanoutOperator, update, 152),
  M (FanoutOperator, combine, 160),
  M (FanoutOperator, end, 168),
  M (FanoutOperator, finish, 176),
  M (FanoutOperator, encode, 184),
  M (FanoutOperator, decode, 192),
  M (FanoutOperator, shift, 200),
  M (FanoutOperator, loop, 208),
  S (FanoutRow, 16),
  M (FanoutRow, input, 0),
  M (FanoutRow, index, 8),
  S (FanoutText, 16),
  M (FanoutText, data, 0),
  M (FanoutText, length, 8),
  S (FanoutColumn, 32),
  M (FanoutColumn, form, 0),
  M (FanoutColumn, scale, 4),
  M (FanoutColumn, null, 8),
  M (FanoutColumn, scales, 16),
  M (FanoutColumn, mantissa, 24),
  M (FanoutColumn, real, 24),
  M (FanoutColumn, text, 24),
  S (FanoutInput, 72),
  M (FanoutInput, size, 0),
  M (FanoutInput, column_size, 4),
  M (FanoutInput, n_rows, 8),
  M (FanoutInput, n_columns, 16),
  M (FanoutInput, columns, 24),
  M (FanoutInput, ids, 32),
  M (FanoutInput, skip, 40),
  M (FanoutInput, first_row, 48),
  M (FanoutInput, rows, 56),
  M (FanoutInput, aggregate, 64),
  S (FanoutReader, 16),
  M (FanoutReader, next, 0),
  M (FanoutReader, end, 8),
  S (FanoutDigits, 16),
  M (FanoutDigits, digits, 0),
  M (FanoutDigits, first, 8),
  M (FanoutDigits, n_digits, 12),
  M (FanoutDigits, n_pending, 14),
  S (FanoutExact, 40),
  M (FanoutExact, binary, 0),
  M (FanoutExact, decimal, 16),
  M (FanoutExact, scale, 32),
  M (FanoutExact, flags, 33),
  S (FanoutSum, 32),
  M (FanoutSum, total, 0),
  M (FanoutSum, exact, 16),
  M (FanoutSum, scale1, 24),
  S (FanoutMoments, 64),
  M (FanoutMoments, n, 0),
  M (FanoutMoments, s1, 8),
  M (FanoutMoments, s2_low, 24),
  M (FanoutMoments, s2_high, 40),
  M (FanoutMoments, exact, 48),
  M (FanoutMoments, scale1, 56),
  S (FanoutMoments4, 136),
  M (FanoutMoments4, n, 0),
  M (FanoutMoments4, s1, 8),
  M (FanoutMoments4, s2_low, 24),
  M (FanoutMoments4, s3_low, 40),
  M (FanoutMoments4, s3_high, 56),
  M (FanoutMoments4, s4_low, 72),
  M (FanoutMoments4, s4_high, 88),
  M (FanoutMoments4, s2_high, 112),
  M (FanoutMoments4, exact, 120),
  M (FanoutMoments4, scale1, 128),
  S (FanoutPairs, 128),
  M (FanoutPairs, n, 0),
  M (FanoutPairs, x, 8),
  M (FanoutPairs, y, 24),
  M (FanoutPairs, xx_low, 40),
  M (FanoutPairs, xy_low, 56),
  M (FanoutPairs, yy_low, 72),
  M (FanoutPairs, xx_high, 88),
  M (FanoutPairs, xy_high, 96),
  M (FanoutPairs, yy_high, 104),
  M (FanoutPairs, exact, 112),
  M (FanoutPairs, x_scale1, 120),
  M (FanoutPairs, y_scale1, 121),
  S (FanoutKept, 16),
  M (FanoutKept, length1, 0),
  M (FanoutKept, start, 4),
  M (FanoutKept, rest, 8),
  M (FanoutKept, data, 8),
  S (FanoutLogSum, 40),
  M (FanoutLogSum, limbs, 0),
  M (FanoutLogSum, weight, 24),
  M (FanoutLogSum, flags, 32),
  S (FanoutNumber, 16),
  M (FanoutNumber, mantissa, 0),
  M (FanoutNumber, real, 0),
  M (FanoutNumber, scale, 8),
  S (FanoutDecimal, 48),
  M (FanoutDecimal, limbs, 0),
  M (FanoutDecimal, scale, 40),
  S (FanoutNumbers, 24),
  M (FanoutNumbers, n, 0),
  M (FanoutNumbers, values, 8),
  M (FanoutNumbers, texts, 16),
  S (FanoutColumns, 8),
  M (FanoutColumns, first, 0),
  M (FanoutColumns, n, 4),
  S (FanoutOption, 80),
  M (FanoutOption, key, 0),
  M (FanoutOption, type, 8),
  M (FanoutOption, flags, 12),
  M (FanoutOption, offset, 16),
  M (FanoutOption, value, 24),
  M (FanoutOption, help, 32),
  M (FanoutOption, choices, 40),
  M (FanoutOption, min, 48),
  M (FanoutOption, max, 56),
  M (FanoutOption, takes, 64),
  M (FanoutOption, example, 72),
  S (FanoutAggregateCounters, 56),
  M (FanoutAggregateCounters, name, 0),
  M (FanoutAggregateCounters, type, 8),
  M (FanoutAggregateCounters, rows, 16),
  M (FanoutAggregateCounters, busy_seconds, 24),
  M (FanoutAggregateCounters, blocked_seconds, 32),
  M (FanoutAggregateCounters, state_bytes, 40),
  M (FanoutAggregateCounters, error, 48),
  S (FanoutCounters, 160),
  M (FanoutCounters, size, 0),
  M (FanoutCounters, aggregate_size, 4),
  M (FanoutCounters, rows, 8),
  M (FanoutCounters, rows_processed, 16),
  M (FanoutCounters, rows_skipped, 24),
  M (FanoutCounters, first_skipped, 32),
  M (FanoutCounters, values_nulled, 40),
  M (FanoutCounters, first_nulled, 48),
  M (FanoutCounters, integers_rounded, 56),
  M (FanoutCounters, bytes, 64),
  M (FanoutCounters, bytes_total, 72),
  M (FanoutCounters, batches, 80),
  M (FanoutCounters, groups, 88),
  M (FanoutCounters, seconds, 96),
  M (FanoutCounters, strategy, 104),
  M (FanoutCounters, partitions, 112),
  M (FanoutCounters, in_flight, 116),
  M (FanoutCounters, peak_state_bytes, 120),
  M (FanoutCounters, interrupted, 128),
  M (FanoutCounters, n_aggregates, 132),
  M (FanoutCounters, aggregates, 136),
  M (FanoutCounters, first_skipped_line, 144),
  M (FanoutCounters, first_skipped_last, 152),
  S (FanoutCell, 40),
  M (FanoutCell, kind, 0),
  M (FanoutCell, number, 8),
  M (FanoutCell, text, 24),
  M (FanoutCell, length, 32),
  S (FanoutOutputOptions, 32),
  M (FanoutOutputOptions, size, 0),
  M (FanoutOutputOptions, format, 8),
  M (FanoutOutputOptions, path, 16),
  M (FanoutOutputOptions, header, 24),
  S (FanoutLayout, 32),
  M (FanoutLayout, size, 0),
  M (FanoutLayout, n_columns, 4),
  M (FanoutLayout, names, 8),
  M (FanoutLayout, n_keys, 16),
  M (FanoutLayout, grouped, 20),
  M (FanoutLayout, header, 24),
  M (FanoutLayout, terminal, 28),
  S (FanoutRows, 32),
  M (FanoutRows, size, 0),
  M (FanoutRows, value_size, 4),
  M (FanoutRows, n_rows, 8),
  M (FanoutRows, n_columns, 16),
  M (FanoutRows, values, 24),
  S (FanoutSink, 104),
  M (FanoutSink, size, 0),
  M (FanoutSink, name, 8),
  M (FanoutSink, summary, 16),
  M (FanoutSink, details, 24),
  M (FanoutSink, options_size, 32),
  M (FanoutSink, option_size, 40),
  M (FanoutSink, options, 48),
  M (FanoutSink, prepare, 56),
  M (FanoutSink, release, 64),
  M (FanoutSink, begin, 72),
  M (FanoutSink, measure, 80),
  M (FanoutSink, rows, 88),
  M (FanoutSink, end, 96),
  S (FanoutScan, 32),
  M (FanoutScan, quoted, 0),
  M (FanoutScan, tail, 8),
  M (FanoutScan, rows, 16),
  M (FanoutScan, lines, 24),
  S (FanoutBlock, 72),
  M (FanoutBlock, size, 0),
  M (FanoutBlock, data, 8),
  M (FanoutBlock, length, 16),
  M (FanoutBlock, offset, 24),
  M (FanoutBlock, name, 32),
  M (FanoutBlock, line, 40),
  M (FanoutBlock, record, 48),
  M (FanoutBlock, clean, 56),
  M (FanoutBlock, n_fields, 60),
  M (FanoutBlock, fields, 64),
  S (FanoutChunkColumn, 72),
  M (FanoutChunkColumn, takes, 0),
  M (FanoutChunkColumn, name, 8),
  M (FanoutChunkColumn, hint, 16),
  M (FanoutChunkColumn, mantissa, 24),
  M (FanoutChunkColumn, scales, 32),
  M (FanoutChunkColumn, text, 40),
  M (FanoutChunkColumn, null, 48),
  M (FanoutChunkColumn, scale, 56),
  M (FanoutChunkColumn, most_digits, 57),
  M (FanoutChunkColumn, mixed, 60),
  M (FanoutChunkColumn, any_null, 64),
  S (FanoutChunk, 168),
  M (FanoutChunk, size, 0),
  M (FanoutChunk, column_size, 4),
  M (FanoutChunk, capacity, 8),
  M (FanoutChunk, n_rows, 16),
  M (FanoutChunk, n_columns, 24),
  M (FanoutChunk, columns, 32),
  M (FanoutChunk, first_row, 40),
  M (FanoutChunk, rows, 48),
  M (FanoutChunk, consecutive, 56),
  M (FanoutChunk, on_bad_row, 60),
  M (FanoutChunk, on_bad_value, 64),
  M (FanoutChunk, max_row, 72),
  M (FanoutChunk, null_values, 80),
  M (FanoutChunk, rows_skipped, 88),
  M (FanoutChunk, values_nulled, 96),
  M (FanoutChunk, integers_rounded, 104),
  M (FanoutChunk, first_skipped, 112),
  M (FanoutChunk, first_skipped_record, 120),
  M (FanoutChunk, first_nulled, 128),
  M (FanoutChunk, first_nulled_record, 136),
  M (FanoutChunk, shared, 144),
  M (FanoutChunk, first_skipped_line, 152),
  M (FanoutChunk, first_skipped_last, 160),
  S (FanoutSource, 120),
  M (FanoutSource, size, 0),
  M (FanoutSource, name, 8),
  M (FanoutSource, summary, 16),
  M (FanoutSource, details, 24),
  M (FanoutSource, options_size, 32),
  M (FanoutSource, option_size, 40),
  M (FanoutSource, options, 48),
  M (FanoutSource, prepare, 56),
  M (FanoutSource, release, 64),
  M (FanoutSource, header, 72),
  M (FanoutSource, scan, 80),
  M (FanoutSource, names, 88),
  M (FanoutSource, decode, 96),
  M (FanoutSource, n_rows, 104),
  M (FanoutSource, fill, 112),
  S (FanoutDialect, 32),
  M (FanoutDialect, size, 0),
  M (FanoutDialect, delimiter, 8),
  M (FanoutDialect, quote, 12),
  M (FanoutDialect, header, 16),
  M (FanoutDialect, n_columns, 20),
  M (FanoutDialect, columns, 24),
  S (FanoutValue, 56),
  M (FanoutValue, kind, 0),
  M (FanoutValue, decimal, 8),
  M (FanoutValue, real, 8),
  M (FanoutValue, text, 8),
};

START_TEST (test_pins)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pins); i++)
    if (pins[i].found != pins[i].pinned)
      ck_abort_msg ("%s: %zu where %zu is pinned", pins[i].name, pins[i].found, pins[i].pinned);
}
END_TEST

START_TEST (test_has)
{
  FanoutInput input = { .size = G_STRUCT_OFFSET (FanoutInput, rows) };

  ck_assert (FANOUT_HAS (&input, first_row));
  ck_assert (!FANOUT_HAS (&input, rows));
  input.size = sizeof input;
  ck_assert (FANOUT_HAS (&input, aggregate));
}
END_TEST

/* Columns that are larger than a plugin knows. */
START_TEST (test_input_columns)
{
  struct
  {
    FanoutColumn column;
    guint64 appended;
  } columns[3] = { 0 };
  const FanoutInput input
      = { .size = sizeof input, .column_size = sizeof columns[0], .columns = &columns[0].column };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    ck_assert_ptr_eq (fanout_input_column (&input, i), &columns[i].column);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("abi");
  TCase *test_case = tcase_create ("abi");

  if (GLIB_SIZEOF_VOID_P == 8)
    tcase_add_test (test_case, test_pins);
  tcase_add_test (test_case, test_has);
  tcase_add_test (test_case, test_input_columns);
  suite_add_tcase (suite, test_case);
  return suite;
}
