#include "core/fanoutd/monitor/counted.h"

static FanoutAggregateCounters *
copy_aggregates (const FanoutCounters *counters)
{
  FanoutAggregateCounters *copy = g_new0 (FanoutAggregateCounters, counters->n_aggregates + 1);

  for (guint i = 0; i < counters->n_aggregates; i++)
    {
      copy[i] = *fanout_counters_aggregate (counters, i);
      copy[i].name = g_strdup (copy[i].name);
      copy[i].type = g_strdup (copy[i].type);
      copy[i].error = g_strdup (copy[i].error);
    }
  return copy;
}

Counted *
counted_new (const FanoutCounters *counters, const GArray *surveyed, guint64 n_surveyed)
{
  Counted *counted = g_new0 (Counted, 1);
  FanoutCounters *own = &counted->counters;

  references_begin (&counted->references);
  counted->surveyed = surveyed != NULL ? fanout_survey_copy (surveyed) : NULL;
  counted->n_surveyed = n_surveyed;
  *own = *counters;
  own->aggregate_size = sizeof (FanoutAggregateCounters);
  own->aggregates = copy_aggregates (counters);
  own->first_skipped = g_strdup (own->first_skipped);
  own->first_nulled = g_strdup (own->first_nulled);
  own->first_rounded = g_strdup (own->first_rounded);
  own->first_late = g_strdup (own->first_late);
  own->never_seen = g_strdup (own->never_seen);
  own->checkpoint_failure = g_strdup (own->checkpoint_failure);
  return counted;
}

Counted *
counted_ref (Counted *counted)
{
  references_add (&counted->references);
  return counted;
}

void
counted_unref (Counted *counted)
{
  if (counted == NULL || !references_drop (&counted->references))
    return;
  const FanoutCounters *own = &counted->counters;
  for (guint i = 0; i < own->n_aggregates; i++)
    {
      g_free ((gpointer) own->aggregates[i].name);
      g_free ((gpointer) own->aggregates[i].type);
      g_free ((gpointer) own->aggregates[i].error);
    }
  g_free ((gpointer) own->aggregates);
  g_free ((gpointer) own->first_skipped);
  g_free ((gpointer) own->first_nulled);
  g_free ((gpointer) own->first_rounded);
  g_free ((gpointer) own->first_late);
  g_free ((gpointer) own->never_seen);
  g_free ((gpointer) own->checkpoint_failure);
  g_clear_pointer (&counted->surveyed, g_array_unref);
  g_free (counted);
}
