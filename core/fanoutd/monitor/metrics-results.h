#pragma once

/** Results as metrics. */

#include "core/fanoutd/monitor/look.h"

/** A family for each result column of all tables. Without windows what is counted and summed is a
 * counter; with windows all are those of the last one that closed. A histogram is one, and
 * quantiles are a summary; what is no number is left out. */
void metrics_append_results (GString *text, const Look *look);
