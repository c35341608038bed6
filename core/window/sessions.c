#include "core/window/sessions.h"

#include "core/base/memory.h"
#include "core/window/stock.h"

#include <string.h>

enum
{
  ROOM_MIN = 16,
};

typedef struct
{
  FanoutSessionPiece seen;
  FanoutInstant queued; /* of its place in the queue; FANOUT_INSTANT_END: it has none */
  guint32 behind;       /* 1 + the next piece of its key; 0: it is the last one */
} Piece;

/* When a piece may be over: not before. A binary heap of them; what is not as the piece says is
 * not valid any more. */
typedef struct
{
  FanoutInstant at;
  guint32 state;
} Due;

struct FanoutSessions
{
  FanoutStock stock;
  FanoutInstant gap;
  Piece *pieces; /* of each state */
  gsize pieces_room;
  guint32 *last; /* 1 + the last piece of each key; 0: it has none */
  gsize last_room;
  GArray *queue; /* of Due */
};

FanoutSessions *
fanout_sessions_new (guint n_keys, guint64 max_groups, FanoutInstant gap, guint64 seed,
                     FanoutMemory *memory)
{
  FanoutSessions *sessions = g_new0 (FanoutSessions, 1);
  fanout_stock_init (&sessions->stock, n_keys, max_groups, seed, memory);
  sessions->gap = gap;
  sessions->queue = g_array_new (FALSE, FALSE, sizeof (Due));
  return sessions;
}

static void
release_arrays (const FanoutSessions *sessions)
{
  FanoutMemory *memory = sessions->stock.memory;
  fanout_release (memory, sessions->pieces, sessions->pieces_room * sizeof *sessions->pieces);
  fanout_release (memory, sessions->last, sessions->last_room * sizeof *sessions->last);
}

void
fanout_sessions_free (FanoutSessions *sessions)
{
  if (sessions == NULL)
    return;
  release_arrays (sessions);
  g_array_unref (sessions->queue);
  fanout_stock_clear (&sessions->stock);
  g_free (sessions);
}

guint64
fanout_sessions_n_states (const FanoutSessions *sessions)
{
  return sessions->stock.n_states;
}

guint64
fanout_sessions_n_groups (const FanoutSessions *sessions)
{
  return fanout_stock_n_used (&sessions->stock);
}

FanoutTable *
fanout_sessions_table (FanoutSessions *sessions)
{
  return sessions->stock.keys;
}

const FanoutSessionPiece *
fanout_sessions_piece (const FanoutSessions *sessions, guint32 state)
{
  return &sessions->pieces[state].seen;
}

guint32
fanout_sessions_last (const FanoutSessions *sessions, guint32 key)
{
  return key < sessions->last_room ? sessions->last[key] : 0;
}

/* The queue. */

static void
queue_up (FanoutSessions *sessions, guint32 state, FanoutInstant at)
{
  const Due due = { at, state };
  sessions->pieces[state].queued = at;
  g_array_append_val (sessions->queue, due);
  Due *heap = (Due *) (gpointer) sessions->queue->data;
  guint place = sessions->queue->len - 1;
  for (; place > 0 && heap[(place - 1) / 2].at > at; place = (place - 1) / 2)
    heap[place] = heap[(place - 1) / 2];
  heap[place] = due;
}

static Due
take_first (FanoutSessions *sessions)
{
  Due *heap = (Due *) (gpointer) sessions->queue->data;
  const Due first = heap[0];
  const guint n = sessions->queue->len - 1;
  const Due moved = heap[n];
  guint place = 0;
  for (guint child = 1; child < n; child = 2 * place + 1)
    {
      if (child + 1 < n && heap[child + 1].at < heap[child].at)
        child++;
      if (heap[child].at >= moved.at)
        break;
      heap[place] = heap[child];
      place = child;
    }
  heap[place] = moved;
  g_array_set_size (sessions->queue, n);
  return first;
}

FanoutInstant
fanout_sessions_due (const FanoutSessions *sessions)
{
  return sessions->queue->len > 0 ? g_array_index (sessions->queue, Due, 0).at : FANOUT_INSTANT_END;
}

gboolean
fanout_sessions_next_due (FanoutSessions *sessions, FanoutInstant over, guint32 *state)
{
  while (fanout_sessions_due (sessions) <= over && sessions->queue->len > 0)
    {
      const Due due = take_first (sessions);
      Piece *piece = &sessions->pieces[due.state];
      if (piece->queued != due.at)
        continue;
      if (piece->seen.last > over)
        {
          queue_up (sessions, due.state, piece->seen.last);
          continue;
        }
      piece->queued = FANOUT_INSTANT_END;
      *state = due.state;
      return TRUE;
    }
  return FALSE;
}

/* Rows. */

static gpointer
make_room (FanoutMemory *memory, gpointer array, gsize *room, gsize needed, gsize size)
{
  if (needed <= *room)
    return array;
  const gsize wider = MAX (ROOM_MIN, needed + needed / 2);
  array = fanout_reallocate (memory, array, *room * size, wider * size);
  *room = wider;
  return array;
}

/* Between two pieces of its key: 1 + their numbers, 0 where there is none. */
static guint32
add_piece (FanoutSessions *sessions, guint32 key, FanoutInstant first, FanoutInstant last,
           guint32 before, guint32 behind)
{
  FanoutMemory *memory = sessions->stock.memory;
  const guint32 state = fanout_stock_take (&sessions->stock, key);
  sessions->pieces = make_room (memory, sessions->pieces, &sessions->pieces_room, (gsize) state + 1,
                                sizeof *sessions->pieces);
  sessions->last = make_room (memory, sessions->last, &sessions->last_room, (gsize) key + 1,
                              sizeof *sessions->last);
  sessions->pieces[state].seen = (FanoutSessionPiece){ first, last, key, before };
  sessions->pieces[state].behind = behind;
  if (before != 0)
    sessions->pieces[before - 1].behind = state + 1;
  if (behind != 0)
    sessions->pieces[behind - 1].seen.before = state + 1;
  else
    sessions->last[key] = state + 1;
  queue_up (sessions, state, last);
  return state;
}

static gboolean
is_full (const FanoutSessions *sessions)
{
  return fanout_stock_is_full (&sessions->stock, sizeof (Piece) + sizeof (Due));
}

/* The pieces of a key that a time is between, and in the first of which it may be. */
static guint32
find_before (const FanoutSessions *sessions, guint32 key, FanoutInstant at, guint32 *behind)
{
  guint32 before = fanout_sessions_last (sessions, key);
  *behind = 0;
  while (before != 0 && sessions->pieces[before - 1].seen.first > at)
    {
      *behind = before;
      before = sessions->pieces[before - 1].seen.before;
    }
  return before;
}

/* FALSE: there can be no piece more. */
static gboolean
find_state (FanoutSessions *sessions, FanoutInstant at, guint32 *id)
{
  guint32 behind;
  const guint32 before = find_before (sessions, *id, at, &behind);
  if (before != 0)
    {
      FanoutSessionPiece *piece = &sessions->pieces[before - 1].seen;
      if (at <= piece->last + sessions->gap)
        {
          piece->last = MAX (piece->last, at);
          *id = before - 1;
          return TRUE;
        }
    }
  if (behind != 0 && sessions->pieces[behind - 1].seen.first - sessions->gap <= at)
    {
      sessions->pieces[behind - 1].seen.first = at;
      *id = behind - 1;
      return TRUE;
    }
  if (is_full (sessions))
    return FALSE;
  *id = add_piece (sessions, *id, at, at, before, behind);
  return TRUE;
}

gsize
fanout_sessions_ids (FanoutSessions *sessions, const FanoutColumn *const *keys,
                     const FanoutInstant *instants, const guint32 *index, gsize n, guint32 *ids)
{
  n = fanout_stock_find_keys (&sessions->stock, keys, n, ids);
  for (gsize i = 0; i < n; i++)
    if (!find_state (sessions, instants[index != NULL ? index[i] : i], &ids[i]))
      return i;
  return n;
}

gboolean
fanout_sessions_put (FanoutSessions *sessions, const FanoutColumn *const *keys, FanoutInstant first,
                     FanoutInstant last, guint32 *state)
{
  guint32 key = 0, behind;
  if (fanout_stock_find_keys (&sessions->stock, keys, 1, &key) < 1 || is_full (sessions))
    return FALSE;
  const guint32 before = find_before (sessions, key, first, &behind);
  *state = add_piece (sessions, key, first, last, before, behind);
  return TRUE;
}

/* What is over. */

void
fanout_sessions_drop (FanoutSessions *sessions, guint32 state)
{
  Piece *piece = &sessions->pieces[state];
  const guint32 key = piece->seen.key;
  const guint32 before = piece->seen.before;
  if (before != 0)
    sessions->pieces[before - 1].behind = piece->behind;
  if (piece->behind != 0)
    sessions->pieces[piece->behind - 1].seen.before = before;
  else
    sessions->last[key] = before;
  piece->queued = FANOUT_INSTANT_END;
  fanout_stock_give_back (&sessions->stock, &key, &state, 1);
}

void
fanout_sessions_extend (FanoutSessions *sessions, guint32 state, FanoutInstant first,
                        FanoutInstant last)
{
  Piece *piece = &sessions->pieces[state];
  piece->seen.first = MIN (piece->seen.first, first);
  piece->seen.last = MAX (piece->seen.last, last);
  if (piece->queued == FANOUT_INSTANT_END)
    queue_up (sessions, state, piece->seen.last);
}

gboolean
fanout_sessions_is_sparse (const FanoutSessions *sessions)
{
  return fanout_stock_is_sparse (&sessions->stock);
}

/* A piece that moves, with what it is chained to. */
static void
move_piece (FanoutSessions *sessions, const Piece *from, const guint32 *states, guint32 key,
            guint32 to)
{
  Piece *piece = &sessions->pieces[to];
  *piece = *from;
  piece->seen.key = key;
  if (piece->seen.before != 0)
    piece->seen.before = states[piece->seen.before - 1] + 1;
  if (piece->behind != 0)
    piece->behind = states[piece->behind - 1] + 1;
  queue_up (sessions, to, piece->seen.last);
}

guint32 *
fanout_sessions_pack (FanoutSessions *sessions)
{
  const FanoutSessions old = *sessions;
  const guint64 n_states = old.stock.n_states;
  guint32 *states = fanout_stock_move_states (&sessions->stock);
  const guint64 n_keys = fanout_table_n_groups (old.stock.keys);
  g_autofree guint32 *keys = fanout_stock_move_keys (&sessions->stock);
  const gsize n_left = sessions->stock.n_states;
  const gsize n_keys_left = fanout_table_n_groups (sessions->stock.keys);
  sessions->pieces = NULL;
  sessions->last = NULL;
  sessions->pieces_room = sessions->last_room = 0;
  sessions->pieces = make_room (old.stock.memory, NULL, &sessions->pieces_room, n_left,
                                sizeof *sessions->pieces);
  sessions->last = make_room (old.stock.memory, NULL, &sessions->last_room, n_keys_left,
                              sizeof *sessions->last);
  g_array_set_size (sessions->queue, 0);
  for (guint64 i = 0; i < n_states; i++)
    if (states[i] != G_MAXUINT32)
      move_piece (sessions, &old.pieces[i], states, keys[old.pieces[i].seen.key], states[i]);
  for (guint64 key = 0; key < MIN (n_keys, old.last_room); key++)
    if (old.last[key] != 0)
      sessions->last[keys[key]] = states[old.last[key] - 1] + 1;
  release_arrays (&old);
  return states;
}
