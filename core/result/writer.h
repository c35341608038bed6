#pragma once

/** Results that come one after the other, written as one: the tables of windows. */

#include <fanout/pipeline.h>

typedef struct FanoutResultWriter FanoutResultWriter;

/** Writes the tables that go to output `output` of the pipeline; see fanout_result_write(). Formats
 * with a header have it once, or, with `header` FALSE, never. */
FANOUT_API FanoutResultWriter *fanout_result_writer_new (guint output, gboolean terminal,
                                                         gboolean header, FanoutWriteFunction write,
                                                         gpointer data);
/** What was not ended stays as it is. */
FANOUT_API void fanout_result_writer_free (FanoutResultWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutResultWriter, fanout_result_writer_free)

/** Write all rows of all its tables; `last`: and what ends them. All of it has been given to
 * `write` then. */
FANOUT_API gboolean fanout_result_writer_add (FanoutResultWriter *writer, FanoutResult *result,
                                              gboolean last, GError **error);
