#pragma once

/**
 * What fuzz targets share. A target is one file with LLVMFuzzerTestOneInput (), which takes its
 * input apart, does something with it, and calls fuzz_fail () where that went wrong.
 */

#include <fanout/pipeline.h>

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/** What is left of an input. Where there is nothing left, all is zeroes. */
typedef struct
{
  const guint8 *data;
  gsize length;
} FuzzInput;

guint8 fuzz_byte (FuzzInput *in);
guint64 fuzz_word (FuzzInput *in, guint bytes);
/** Below `n`. */
guint fuzz_below (FuzzInput *in, guint n);
#define fuzz_pick(in, array) ((array)[fuzz_below (in, G_N_ELEMENTS (array))])
/** Up to the next line feed, which is taken too, or all; owned by the caller, no NUL in it. */
char *fuzz_line (FuzzInput *in);
/** A copy of `length` bytes that ends where its block of the heap does: a sanitizer sees whoever
 * reads on. */
char *fuzz_copy (gconstpointer bytes, gsize length);

/** Change `bytes` as the input says: set, insert, remove, copy. What is structured, and sealed
 * after this, comes deeper than bytes that the fuzzer makes up. */
void fuzz_edit (FuzzInput *in, GByteArray *bytes);

/** The plugins of the build. Made once. */
FanoutRegistry *fuzz_registry (void);

/** A file of this process with these bytes, the same path for the same name; removed at exit. */
const char *fuzz_file (const char *name, gconstpointer bytes, gsize length);

/** All that came of a run: rows, bounds and counters, or the error. Owned by the caller. */
char *fuzz_outcome (FanoutPipeline *pipeline, FanoutResult *result, const GError *error);

/** Append the rows of one table of a result, and the bounds that its values have. */
void fuzz_append_rows (GString *text, FanoutResult *table);

/** The pipeline of an INI text; its name in messages is "fuzz.ini". */
FanoutPipeline *fuzz_pipeline (const char *ini, const char *const *overrides,
                               const char *const *inputs, GError **error);

/** Say what is wrong, and end the process as a sanitizer does. */
void fuzz_fail (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;
#define fuzz_check(condition, ...)                                                                 \
  do                                                                                               \
    {                                                                                              \
      if (G_UNLIKELY (!(condition)))                                                               \
        fuzz_fail (__VA_ARGS__);                                                                   \
    }                                                                                              \
  while (0)
/** Where there is no result there is an error, which says something, in UTF-8. */
void fuzz_check_error (gboolean failed, const GError *error);
/** Both texts must be the same; `what` says which they are. */
void fuzz_check_same (const char *a, const char *b, const char *what);
