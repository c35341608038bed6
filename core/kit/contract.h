#pragma once

/**
 * Whether an operator, a source or a sink keeps its contract.
 *
 * An operator is driven over made-up rows in every way a pipeline may: batch by batch of several
 * sizes and forms, with groups and without, split and combined, encoded and decoded. Whatever the
 * way, the result has to be the same, and nothing may be left behind. A source reads made-up bytes,
 * cut anywhere; a sink writes made-up tables, in pieces of any size.
 */

#include <fanout/aggregate.h>

typedef struct
{
  GPtrArray *findings; /* char *: one line each, what was found and what is wanted */
  guint64 n_checks;    /* comparisons that were made */
  /** Called with what is about to be done, for whoever has to tell where a crash was. NULL: nobody.
   */
  void (*progress) (const char *doing, gpointer data);
  /** Called with each finding at once, since it may end the process a little later. NULL: nobody.
   */
  void (*found) (const char *finding, gpointer data);
  gpointer data;
  /** Do not wait for the next second, which shows what depends on the time, and try fewer damaged
   * states. */
  gboolean hasty;
} FanoutContractReport;

void fanout_contract_report_init (FanoutContractReport *report);
void fanout_contract_report_clear (FanoutContractReport *report);

/** Add what is wrong with @item, a #FanoutOperator, #FanoutSource or #FanoutSink, to @report; TRUE
 * when nothing is. A crash of it is one of this process. */
gboolean fanout_contract_check (FanoutKind kind, gconstpointer item, FanoutContractReport *report);

/** The same in a process of its own, so that a crash, and a call that does not return within
 * @seconds, are findings too. No other thread may be running. */
gboolean fanout_contract_check_apart (FanoutKind kind, gconstpointer item, guint seconds,
                                      FanoutContractReport *report);
