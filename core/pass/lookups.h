#pragma once

/** Which groups of a table those of another one become, piece by piece: while the states of some
 * are combined, the next ones may be looked up in a thread of their own. */

#include "core/group/table.h"

typedef struct FanoutLookups FanoutLookups;

/** Groups that are looked up at one go. */
#define FANOUT_LOOKUPS_ROWS 4096

/** Groups `first` .. `first + n - 1`. */
typedef struct
{
  guint64 first;
  gsize n;
  gboolean full;    /* some of them have no room */
  guint64 n_groups; /* that there are then */
  guint32 ids[FANOUT_LOOKUPS_ROWS];
} FanoutLookup;

/** All groups of `from`, in order. `into` is not looked at elsewhere until the end. `threaded`: a
 * thread may do it, where there are enough. */
FanoutLookups *fanout_lookups_new (FanoutTable *into, const FanoutTable *from, gboolean threaded);

/** The next ones, which stay until the next call; NULL: that was all. Behind a full one there are
 * none. */
const FanoutLookup *fanout_lookups_next (FanoutLookups *self);

void fanout_lookups_free (FanoutLookups *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutLookups, fanout_lookups_free)
