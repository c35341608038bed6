#pragma once

/** Whole pipelines over the bytes of an input: however they run, the same comes of it. */

#include "tests/fuzz/fuzz.h"

typedef struct
{
  const char *type; /* of the source */
  /** Append the options of its own; answer the columns that there may be (NULL-terminated). */
  const char *const *(*dialect) (FuzzInput *in, GString *ini);
} FuzzStream;

/** Append [aggregate aN], N being `number`, of any operator, with any options, over some of
 * `columns` (NULL-terminated). */
void fuzz_append_aggregate (FuzzInput *in, GString *ini, guint number, const char *const *columns);

/** Read its inputs in blocks of about so many bytes from now on. */
void fuzz_set_block (FanoutPipeline *pipeline, gsize size);

/** Take a source, what is to be computed and ways to run from the input; what is left of it are the
 * bytes of the stream. Aborts where one way gives something else than another. */
void fuzz_stream (const FuzzStream *stream, const uint8_t *data, size_t size);
