#pragma once

/** An operator that does everything right: the sum of the hashes of the numbers, kept in a block of
 * its own. The tests change one thing at a time. */

#include "core/kit/contract.h"
#include "tests/support/suite.h"

#include <check.h>
#include <fanout/fanout.h>
#include <fanout/kept.h>
#include <string.h>

typedef struct
{
  gint column;
  guint64 times;
} Options;

typedef struct
{
  guint64 n;
  guint64 *sum;
} State;

static void
add (State *state, guint64 hash, FanoutMemory *memory)
{
  if (state->sum == NULL)
    state->sum = fanout_allocate (memory, sizeof *state->sum);
  *state->sum += hash;
  state->n++;
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  add (state, fanout_number_hash (x), self->memory);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  if (from->n == 0)
    return;
  add (into, *from->sum, self->memory);
  into->n += from->n - 1;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n > 0)
    fanout_out_count (out, row, 0, *state->sum >> 1);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_release (self->memory, state->sum, sizeof *state->sum);
  memset (state, 0, sizeof *state);
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  (void) self;
  fanout_write_u64 (bytes, state->n);
  if (state->n > 0)
    fanout_write_u64 (bytes, *state->sum);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;
  guint64 n;
  guint64 sum = 0;

  if (!fanout_read_u64 (&in, &n) || (n > 0 && !fanout_read_u64 (&in, &sum))
      || fanout_reader_left (&in) != 0)
    return FALSE;
  if (n > 0)
    add (state, sum, self->memory);
  state->n = n;
  return TRUE;
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .help = "the column" },
  { .key = "times",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, times),
    .value = "1",
    .help = "nothing" },
  { 0 },
};

static const FanoutOperator right = {
  .size = sizeof right,
  .version = 1,
  .name = "right",
  .summary = "does everything right",
  .details = "The sum of the hashes of the numbers.",
  .promise = "exact",
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static inline char *
all_findings (const FanoutContractReport *report)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < report->findings->len; i++)
    g_string_append_printf (text, "\n  %s", (char *) report->findings->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/** Checked in this process, or in one of its own. What would crash otherwise exits under a
 * sanitizer. */
static inline void
assert_finding (const FanoutOperator *wrong, gboolean apart, const char *kind)
{
  FanoutContractReport report;
  /* A kind of findings, or the beginning of one. */
  g_autofree char *start = g_strconcat (kind, strchr (kind, ':') != NULL ? NULL : ": ", NULL);
  g_autofree char *all = NULL;
  gboolean found = FALSE;
  gboolean fine;

  fanout_contract_report_init (&report);
  report.hasty = TRUE;
  fine = apart ? fanout_contract_check_apart (FANOUT_KIND_OPERATOR, wrong, 2, &report)
               : fanout_contract_check (FANOUT_KIND_OPERATOR, wrong, &report);
  all = all_findings (&report);
  for (guint i = 0; i < report.findings->len; i++)
    found |= g_str_has_prefix (report.findings->pdata[i], start)
             || (strcmp (kind, "crashes") == 0
                 && g_str_has_prefix (report.findings->pdata[i], "exits: "));
  ck_assert_msg (!fine && found, "no finding '%s' among:%s", kind, all);
  ck_assert_msg (strchr (report.findings->pdata[0], '\n') == NULL, "%s", all);
  fanout_contract_report_clear (&report);
}

static inline void
assert_right (const FanoutOperator *operator_)
{
  FanoutContractReport report;
  g_autofree char *all = NULL;

  fanout_contract_report_init (&report);
  report.hasty = TRUE;
  fanout_contract_check (FANOUT_KIND_OPERATOR, operator_, &report);
  all = all_findings (&report);
  ck_assert_msg (report.findings->len == 0, "%s", all);
  fanout_contract_report_clear (&report);
}
