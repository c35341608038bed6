#pragma once

/** Reading what was just written. */

#include "core/base/writer.h"

/** A reader of what a writer has. */
static inline FanoutReader
written (const FanoutWriter *self)
{
  gsize length;
  const guint8 *bytes = fanout_writer_bytes (self, &length);

  return fanout_reader (bytes, length);
}
