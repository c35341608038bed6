#pragma once

/** The kinds of packed data, and how they begin. */

#include <glib.h>

/** In the order of the names of [source] compression. */
typedef enum
{
  FANOUT_COMPRESSION_AUTO = 0,
  FANOUT_COMPRESSION_NONE,
  FANOUT_COMPRESSION_GZ,
  FANOUT_COMPRESSION_ZST,
  FANOUT_COMPRESSION_XZ,
  FANOUT_COMPRESSION_BZ2,
  FANOUT_COMPRESSION_LZ4,
} FanoutCompression;

typedef enum
{
  FANOUT_MARK_NONE = 0,
  FANOUT_MARK_BEGUN, /* there are too few bytes to know */
  FANOUT_MARK_WHOLE,
} FanoutMark;

/** Whether the bytes begin a member of packed data of `kind`. */
FanoutMark fanout_packed_begins (FanoutCompression kind, const char *data, gsize length);

/** Of which kind packed data is that begins so: NONE when it is none, AUTO when there are too few
 * bytes to know and these are not all (`complete`). Shorter marks than fanout_packed_begins takes
 * would be found in text. */
FanoutCompression fanout_packed_kind (const char *data, gsize length, gboolean complete);

/** Bytes of a member. */
typedef struct
{
  gsize packed, unpacked;
} FanoutMemberSize;

/** Whether all of a member of gz is there that says how long it is, as those of bgzip do. */
FanoutMark fanout_packed_measure_bgzf (const char *data, gsize length, FanoutMemberSize *size);

/** "gzip": as people call it. */
const char *fanout_packed_name (FanoutCompression kind);

/** The command that unpacks it, whatever memory that takes, to its standard output. */
const char *fanout_packed_tool (FanoutCompression kind);
