#pragma once

/** Sealed files, such as parts and checkpoints, with other bytes in them: their seals are right. */

#include "tests/fuzz/fuzz.h"

/** What is in the file at `path` behind the first `magic` bytes, which stay as they are, is changed
 * as the input says, and sealed again. */
void fuzz_edit_sealed (FuzzInput *in, const char *path, gsize magic);
