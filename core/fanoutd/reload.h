#pragma once

/** A configuration that is read again while its run goes on. */

#include "core/fanoutd/load.h"
#include "core/fanoutd/monitor/monitor.h"
#include "core/fanoutd/outputs.h"

/** What goes on by it. */
typedef struct
{
  FanoutPipeline *pipeline;
  const Load *load; /* NULL: there is no file */
  Outputs *outputs;
  Monitor *monitor; /* NULL: there is none */
} Reload;

/** Set what is asked for and told; `reload` must outlive the run. */
void reload_handle (Reload *reload, FanoutStreamHandlers *handlers);
