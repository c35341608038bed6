#include "core/partial/leaves.h"

void
fanout_count_add (FanoutFeedCount *count, const FanoutFeedCount *more)
{
  count->rows += more->rows;
  count->rows_filtered += more->rows_filtered;
  count->rows_skipped += more->rows_skipped;
  count->values_nulled += more->values_nulled;
  count->numbers_rounded += more->numbers_rounded;
}

gboolean
fanout_leaves_join (FanoutLeave *leaves, const FanoutLeave *next, guint n,
                    const FanoutFeedCount *before, FanoutFeedCount *cut)
{
  const FanoutLeave *last = NULL;
  gboolean all = TRUE;
  for (guint i = 0; i < n; i++)
    {
      if (!leaves[i].known && next[i].known)
        {
          leaves[i] = next[i];
          fanout_count_add (&leaves[i].count, before);
          if (last == NULL || last->count.rows < next[i].count.rows)
            last = &next[i];
        }
      all = all && leaves[i].known;
    }
  if (!all || last == NULL)
    return FALSE;
  *cut = last->count;
  return TRUE;
}

void
fanout_partial_cut (FanoutPartialCounters *counters, const FanoutFeedCount *count)
{
  counters->count = *count;
  counters->enough = TRUE;
  if (count->rows_skipped == 0)
    {
      counters->first_skipped = NULL;
      counters->first_skipped_line = counters->first_skipped_last = 0;
    }
  if (count->values_nulled == 0)
    counters->first_nulled = NULL;
  if (count->numbers_rounded == 0)
    counters->first_rounded = NULL;
}
