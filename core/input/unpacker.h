#pragma once

/** What each kind of packing has for core/input/unpack.c: one member, step by step. */

#include "core/base/library.h"
#include "core/input/packed.h"

/** The largest window that packed bytes may ask for: more memory is nobody's intent. */
#define FANOUT_UNPACK_WINDOW_LOG 27

typedef enum
{
  FANOUT_UNPACK_MORE = 0, /* all bytes are taken, or the room is full */
  FANOUT_UNPACK_END,      /* of the member */
  FANOUT_UNPACK_DAMAGED,
  FANOUT_UNPACK_LARGE, /* it wants a larger window */
} FanoutUnpackStep;

/** Both ends move on. */
typedef struct
{
  const char *in;
  gsize in_length;
  char *out;
  gsize out_room;
} FanoutUnpackSpan;

typedef struct
{
  /* What is loaded to use it: see core/base/library.h. */
  const char *library;
  const char *const *names;
  /** Of what `begin` and the others get: the functions in the order of `names`, and what it needs
   * itself, zeros at first. */
  gsize size;
  /** To the beginning of a member. */
  gboolean (*begin) (gpointer unpacker);
  FanoutUnpackStep (*step) (gpointer unpacker, FanoutUnpackSpan *span);
  /* Bytes that it allocates, roughly; 0: `memory` tells how many by now. */
  gsize allocates;
  gsize (*memory) (gpointer unpacker);
  /** Free them. (nullable) */
  void (*end) (gpointer unpacker);
  /** What the member at `data` takes, packed and unpacked, where that can be known, and is not
   * much: BEGUN when more bytes than these are needed to know. It may turn out wrong. (nullable) */
  FanoutMark (*measure) (gpointer unpacker, const char *data, gsize length, FanoutMemberSize *size);
} FanoutUnpacker;

extern const FanoutUnpacker fanout_unpacker_isal;
extern const FanoutUnpacker fanout_unpacker_zlib;
extern const FanoutUnpacker fanout_unpacker_zstd;
extern const FanoutUnpacker fanout_unpacker_lzma;
extern const FanoutUnpacker fanout_unpacker_bzip2;
extern const FanoutUnpacker fanout_unpacker_lz4;
