#pragma once

/** Groups on their way from a file to where they are merged: as many as lie together in what has
 * been read of it, so that neither keys nor states are copied before they are looked at. */

#include "core/partial/fields.h"
#include "core/pass/partition.h"

typedef struct FanoutCarry FanoutCarry;

/** To `into`. */
FanoutCarry *fanout_carry_new (FanoutPartition *into);
void fanout_carry_free (FanoutCarry *carry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutCarry, fanout_carry_free)

/** Those that come next are of table `t` of the plan. */
void fanout_carry_begin (FanoutCarry *carry, guint t);
/** Its aggregate `i` was dropped in the file, as `reason` says: what stands for its states is
 * passed over. */
void fanout_carry_drop (FanoutCarry *carry, guint i, const char *reason);

/** Drop such aggregates, where the table has no groups to be merged. */
void fanout_carry_pass_on_drops (FanoutCarry *carry);

/** Read some groups, up to `most`. Answers how many; 0: something is wrong with the file, unless
 * there is too much in memory. */
gsize fanout_carry_read (FanoutCarry *carry, FanoutSealed *in, guint64 most);

/** What came of merging them. */
typedef enum
{
  FANOUT_CARRY_MERGED,
  FANOUT_CARRY_TWICE,  /* one of them has come before in this table, which no file has */
  FANOUT_CARRY_FAILED, /* with `error` */
} FanoutCarried;

/** Merge those that were read last, as if their rows came after `end` others. */
FanoutCarried fanout_carry_merge (FanoutCarry *carry, guint64 end, GError **error);
