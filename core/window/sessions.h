#pragma once

/**
 * The sessions of groups: rows of one key with no two neighbours further apart than a gap.
 *
 * They are kept as pieces, each with a state of its own. Those of one key never overlap, but may be
 * near enough to be of one session: when a row came between two of them, or when other partitions
 * have what is between.
 */

#include "core/group/table.h"
#include "core/window/axis.h"

typedef struct
{
  FanoutInstant first; /* of its rows */
  FanoutInstant last;
  guint32 key;
  guint32 before; /* 1 + the piece of the same key in front of it; 0: there is none */
} FanoutSessionPiece;

typedef struct FanoutSessions FanoutSessions;

/** As fanout_table_new(); `max_groups` are the pieces of all keys together. */
FANOUT_API FanoutSessions *fanout_sessions_new (guint n_keys, guint64 max_groups, FanoutInstant gap,
                                                guint64 seed, FanoutMemory *memory);
FANOUT_API void fanout_sessions_free (FanoutSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutSessions, fanout_sessions_free)

/** Numbers of states, which are those of pieces, for the rows 0 .. `n` - 1 into `ids`. `index`
 * (NULL: row i is row i) says which of the `instants` is that of each. Answers how many rows got
 * one, as fanout_table_ids(). */
FANOUT_API gsize fanout_sessions_ids (FanoutSessions *sessions, const FanoutColumn *const *keys,
                                      const FanoutInstant *instants, const guint32 *index, gsize n,
                                      guint32 *ids);

/** All numbers of states are below. */
FANOUT_API guint64 fanout_sessions_n_states (const FanoutSessions *sessions);
/** States in use. */
FANOUT_API guint64 fanout_sessions_n_groups (const FanoutSessions *sessions);

/** The keys of all pieces. */
FANOUT_API FanoutTable *fanout_sessions_table (FanoutSessions *sessions);
FANOUT_API const FanoutSessionPiece *fanout_sessions_piece (const FanoutSessions *sessions,
                                                            guint32 state);
/** 1 + the last piece of a key in time; 0: it has none. */
FANOUT_API guint32 fanout_sessions_last (const FanoutSessions *sessions, guint32 key);

/** The next piece whose last row is not behind `over`, one time each; FALSE: there is no other one.
 * It has to be dropped or extended before rows come again. */
FANOUT_API gboolean fanout_sessions_next_due (FanoutSessions *sessions, FanoutInstant over,
                                              guint32 *state);
/** No piece is due before this; FANOUT_INSTANT_END: there is none. */
FANOUT_API FanoutInstant fanout_sessions_due (const FanoutSessions *sessions);

/** The piece is gone, and its state may be given to another one. */
FANOUT_API void fanout_sessions_drop (FanoutSessions *sessions, guint32 state);
/** It has these rows too, which are near no other session, and is due by the last one. */
FANOUT_API void fanout_sessions_extend (FanoutSessions *sessions, guint32 state,
                                        FanoutInstant first, FanoutInstant last);

/** As fanout_slices_is_sparse() and fanout_slices_pack(). */
FANOUT_API gboolean fanout_sessions_is_sparse (const FanoutSessions *sessions);
FANOUT_API guint32 *fanout_sessions_pack (FanoutSessions *sessions);

/** A piece of its own, as when states are read back. FALSE: as fanout_sessions_ids() with no row.
 */
FANOUT_API gboolean fanout_sessions_put (FanoutSessions *sessions, const FanoutColumn *const *keys,
                                         FanoutInstant first, FanoutInstant last, guint32 *state);
