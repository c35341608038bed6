#pragma once

/**
 * Members of packed data that several threads unpack, some each: those whose sizes are known before
 * they are unpacked. What is not as it should be is left to who unpacks them one after the other.
 */

#include "core/input/unpacker.h"
#include <stdatomic.h>

typedef struct FanoutMembers FanoutMembers;

/** NULL where no thread can be had. What they allocate is counted in `memory`. */
FanoutMembers *fanout_members_new (const FanoutUnpacker *unpacker, guint n_threads,
                                   _Atomic gsize *memory);
void fanout_members_free (FanoutMembers *members);

/** Whether there is room for a member of these sizes, and if so its bytes, to be unpacked behind
 * all others. */
gboolean fanout_members_give (FanoutMembers *members, const char *data, FanoutMemberSize size);
/** No others come for now: begin with those that there are. */
void fanout_members_flush (FanoutMembers *members);
/** Of bytes that were given, and are not all taken. */
gsize fanout_members_held (const FanoutMembers *members);
/** What is next, at most `room` bytes, which are perhaps none; waits for it. FALSE: what is held is
 * not as it should be, from its first byte on. */
gboolean fanout_members_take (FanoutMembers *members, char *to, gsize room, gsize *got);
/** All that is held, as it was given; the caller frees it. Nothing is held then. */
char *fanout_members_give_back (FanoutMembers *members, gsize *length);
