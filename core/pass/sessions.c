#include "core/pass/sessions.h"

#include "core/group/order.h"
#include "core/pass/gather.h"
#include "core/pass/key-rows.h"

enum
{
  /* Sessions that are told of together, where that is not seen. */
  TOGETHER = 4096,
  ROWS = FANOUT_GATHER_ROWS,
};

/* A piece, and in which partition it is. */
typedef struct
{
  FanoutInstant first;
  FanoutInstant last;
  guint partition;
  guint32 state;
} Part;

/* One that is over. */
typedef struct
{
  FanoutInstant first;
  FanoutInstant last;
  guint table;
  guint32 key; /* in the first partition */
  guint parts; /* where its parts begin */
  guint n_parts;
} Session;

/* A piece that becomes part of another one, which stays open. */
typedef struct
{
  Part from;
  Part into;
} Union;

typedef struct
{
  FanoutPasses *passes;
  FanoutInstant gap;
  FanoutInstant over;
  guint table;
  GArray *around;      /* of Part: all of one key */
  GArray *sessions;    /* of Session */
  GArray *parts;       /* of Part: what the sessions are made of */
  GArray *unions;      /* of Union */
  FanoutKeyRows *keys; /* of each table */
} Closing;

static FanoutSessions *
sessions_of (const Closing *self, guint partition)
{
  return self->passes->partitions[partition]->sessions[self->table];
}

/* The number that a key of one partition has in another one, where it is made known. */
static guint32
translate (const Closing *self, guint from, guint32 key, guint to)
{
  guint32 found = key;
  if (from != to)
    fanout_table_merge (fanout_sessions_table (sessions_of (self, to)),
                        fanout_sessions_table (sessions_of (self, from)), key, 1, &found);
  return found;
}

static void
add_parts (Closing *self, guint partition, guint32 key)
{
  const FanoutSessions *sessions = sessions_of (self, partition);
  guint32 next = fanout_sessions_last (sessions, key);
  while (next != 0)
    {
      const FanoutSessionPiece *piece = fanout_sessions_piece (sessions, next - 1);
      const Part part = { piece->first, piece->last, partition, next - 1 };
      g_array_append_val (self->around, part);
      next = piece->before;
    }
}

static gint
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *one = a;
  const Part *other = b;
  if (one->first != other->first)
    return one->first < other->first ? -1 : 1;
  return 0;
}

/* Parts of one session that is over. */
static void
end_session (Closing *self, const Part *parts, guint n, FanoutInstant last, guint32 key)
{
  const Session session = { .first = parts[0].first,
                            .last = last,
                            .table = self->table,
                            .key = key,
                            .parts = self->parts->len,
                            .n_parts = n };
  g_array_append_vals (self->parts, parts, n);
  for (guint i = 0; i < n; i++)
    fanout_sessions_drop (sessions_of (self, parts[i].partition), parts[i].state);
  g_array_append_val (self->sessions, session);
}

/* Parts of one that goes on: what is over of them would wait for its end as a piece of its own. */
static void
unite (Closing *self, const Part *parts, guint n, FanoutInstant last)
{
  const Part into = parts[n - 1];
  for (guint i = 0; i + 1 < n; i++)
    {
      const Union made = { parts[i], into };
      g_array_append_val (self->unions, made);
      fanout_sessions_drop (sessions_of (self, parts[i].partition), parts[i].state);
    }
  fanout_sessions_extend (sessions_of (self, into.partition), into.state, parts[0].first, last);
}

static void
look_at_key (Closing *self, guint partition, guint32 key)
{
  const guint32 first_key = translate (self, partition, key, 0);
  g_array_set_size (self->around, 0);
  for (guint p = 0; p < self->passes->n_partitions; p++)
    add_parts (self, p, p == 0 ? first_key : translate (self, partition, key, p));
  if (self->around->len > 1)
    g_array_sort (self->around, compare_parts);
  const Part *parts = (const Part *) (gpointer) self->around->data;
  for (guint begin = 0; begin < self->around->len;)
    {
      FanoutInstant last = parts[begin].last;
      guint end = begin + 1;
      for (; end < self->around->len && parts[end].first - self->gap <= last; end++)
        last = MAX (last, parts[end].last);
      if (last <= self->over)
        end_session (self, parts + begin, end - begin, last, first_key);
      else
        unite (self, parts + begin, end - begin, last);
      begin = end;
    }
}

static void
look_at_table (Closing *self)
{
  for (guint p = 0; p < self->passes->n_partitions; p++)
    {
      FanoutSessions *sessions = sessions_of (self, p);
      guint32 state;
      while (fanout_sessions_next_due (sessions, self->over, &state))
        look_at_key (self, p, fanout_sessions_piece (sessions, state)->key);
    }
}

/* States on their way from one partition. */
typedef struct
{
  guint32 states[ROWS];
  guint32 ids[ROWS];
  gsize n;
} Batch;

static gboolean
bring (Closing *self, FanoutGathering *gathering, guint from, guint table, Batch *batch,
       gboolean fresh, GError **error)
{
  FanoutPartition *partition = self->passes->partitions[from];
  if (batch->n == 0)
    return TRUE;
  const gboolean done = fanout_gathering_states (gathering, partition, table, batch->ids,
                                                 batch->states, batch->n, fresh, error);
  fanout_partition_renew (partition, &self->passes->run->plan->tables[table], batch->states,
                          batch->n);
  batch->n = 0;
  return done;
}

/* What `from` has that becomes part of what `into` has. */
static gboolean
combine_unions (Closing *self, guint from, guint into, Batch *batch, GError **error)
{
  FanoutPartition *partition = self->passes->partitions[into];
  FanoutGathering *gathering = fanout_gathering_into (partition);
  gboolean done = TRUE;
  for (guint i = 0; done && i < self->unions->len; i++)
    {
      const Union *made = &g_array_index (self->unions, Union, i);
      if (made->from.partition != from || made->into.partition != into)
        continue;
      batch->states[batch->n] = made->from.state;
      batch->ids[batch->n++] = made->into.state;
      if (batch->n == ROWS)
        done = bring (self, gathering, from, self->table, batch, FALSE, error);
    }
  done = done && bring (self, gathering, from, self->table, batch, FALSE, error);
  fanout_gathering_end (gathering, done);
  return done;
}

static gboolean
combine_open (Closing *self, GError **error)
{
  g_autofree Batch *batch = g_new0 (Batch, 1);
  for (guint from = 0; self->unions->len > 0 && from < self->passes->n_partitions; from++)
    for (guint into = 0; into < self->passes->n_partitions; into++)
      if (!combine_unions (self, from, into, batch, error))
        return FALSE;
  g_array_set_size (self->unions, 0);
  return TRUE;
}

/* The order in which they are told. */

static gint
compare_sessions (gconstpointer a, gconstpointer b)
{
  const Session *one = a;
  const Session *other = b;
  if (one->last != other->last)
    return one->last < other->last ? -1 : 1;
  if (one->table != other->table)
    return one->table < other->table ? -1 : 1;
  return 0;
}

/* `n` > 1 of one table that end at the same time: no two of them are of one group. */
static void
order_by_keys (Closing *self, Session *sessions, guint n)
{
  const guint t = sessions[0].table;
  FanoutSessions *first = self->passes->partitions[0]->sessions[t];
  const FanoutTable *named = fanout_sessions_table (first);
  g_autoptr (FanoutTable) table
      = fanout_table_new (fanout_table_n_keys (named), n, fanout_table_seed (named), NULL);
  g_autofree Session *unordered = g_memdup2 (sessions, n * sizeof *sessions);
  guint32 id;
  for (guint i = 0; i < n; i++)
    fanout_table_merge (table, named, sessions[i].key, 1, &id);
  g_autofree guint32 *ids = fanout_order (table, NULL, n, 0, NULL, 0, FALSE, NULL);
  for (guint i = 0; i < n; i++)
    sessions[i] = unordered[ids[i]];
}

static void
order_sessions (Closing *self)
{
  Session *sessions = (Session *) (gpointer) self->sessions->data;
  const guint n = self->sessions->len;
  g_array_sort (self->sessions, compare_sessions);
  for (guint begin = 0; begin < n;)
    {
      guint end = begin + 1;
      while (end < n && compare_sessions (&sessions[begin], &sessions[end]) == 0)
        end++;
      if (end - begin > 1)
        order_by_keys (self, sessions + begin, end - begin);
      begin = end;
    }
}

/* Groups. */

static void
put_instant (FanoutKeyRows *rows, guint key, gsize row, FanoutInstant instant, GString *text)
{
  g_string_truncate (text, 0);
  fanout_instant_append (text, instant);
  fanout_key_rows_put (rows, key, row, (FanoutText){ text->str, text->len }, FALSE);
}

/* Groups for sessions of one table: ROWS at most, which are told together. */
static gboolean
make_groups (Closing *self, FanoutPartition *whole, const Session *sessions, gsize n,
             GError **error)
{
  const guint t = sessions[0].table;
  const FanoutTable *named = fanout_sessions_table (self->passes->partitions[0]->sessions[t]);
  FanoutKeyRows *rows = &self->keys[t];
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 ids[ROWS];
  fanout_key_rows_begin (rows);
  for (gsize i = 0; i < n; i++)
    {
      put_instant (rows, 0, i, sessions[i].first, text);
      put_instant (rows, 1, i, sessions[i].last + self->gap, text);
      for (guint k = 2; k < rows->n_keys; k++)
        {
          FanoutText key = { 0 };
          const gboolean null = !fanout_table_key (named, sessions[i].key, k - 2, &key);
          fanout_key_rows_put (rows, k, i, key, null);
        }
    }
  fanout_key_rows_end (rows, n);
  return fanout_table_ids (whole->tables[t], rows->pointers, 0, n, ids) == n
         || fanout_partition_too_many_groups (whole, error);
}

/* Parts of sessions that are the groups `first` and on of a table: the first one of each, or all
 * others. */
static gboolean
bring_parts (Closing *self, FanoutGathering *gathering, const Session *sessions, gsize n,
             guint32 first, gboolean fresh, Batch *batch, GError **error)
{
  for (guint p = 0; p < self->passes->n_partitions; p++)
    {
      for (gsize i = 0; i < n; i++)
        {
          const guint end = fresh ? 1 : sessions[i].n_parts;
          for (guint k = fresh ? 0 : 1; k < end; k++)
            {
              const Part *part = &g_array_index (self->parts, Part, sessions[i].parts + k);
              if (part->partition != p)
                continue;
              batch->states[batch->n] = part->state;
              batch->ids[batch->n++] = first + (guint32) i;
              if (batch->n == ROWS
                  && !bring (self, gathering, p, sessions[0].table, batch, fresh, error))
                return FALSE;
            }
        }
      if (!bring (self, gathering, p, sessions[0].table, batch, fresh, error))
        return FALSE;
    }
  return TRUE;
}

/* Sessions of one table. */
static gboolean
gather_sessions (Closing *self, FanoutGathering *gathering, const Session *sessions, gsize n,
                 Batch *batch, GError **error)
{
  FanoutPartition *whole = fanout_gathering_whole (gathering);
  const guint t = sessions[0].table;
  const FanoutPlanTable *table = &self->passes->run->plan->tables[t];
  const guint64 first = fanout_table_n_groups (whole->tables[t]);
  if (!make_groups (self, whole, sessions, n, error))
    return FALSE;
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (whole->nodes[i]->status != FANOUT_NODE_FAILED)
      fanout_node_reserve (whole->nodes[i], first + n);
  return bring_parts (self, gathering, sessions, n, (guint32) first, TRUE, batch, error)
         && bring_parts (self, gathering, sessions, n, (guint32) first, FALSE, batch, error);
}

static FanoutPasses *
gather (Closing *self, const Session *sessions, guint n, GError **error)
{
  FanoutGathering *gathering = fanout_gathering_new (self->passes);
  fanout_gathering_set_moving (gathering, TRUE);
  g_autofree Batch *batch = g_new0 (Batch, 1);
  gboolean done = TRUE;
  for (guint begin = 0; done && begin < n;)
    {
      guint end = begin + 1;
      while (end < n && end - begin < ROWS && sessions[end].table == sessions[begin].table)
        end++;
      done = gather_sessions (self, gathering, sessions + begin, end - begin, batch, error);
      begin = end;
    }
  return fanout_gathering_end (gathering, done);
}

/* Where rows of several tables, or tables that are as wide as their rows, are written to one
 * output, it shows which sessions are told of together: those that end at the same time. */
static gboolean
shows_together (const FanoutPlan *plan)
{
  for (guint i = 0; i < plan->n_shown; i++)
    {
      const FanoutPlanTable *table = &plan->tables[plan->shown[i]];
      for (guint s = 0; s < table->n_sinks; s++)
        if (table->sinks[s].sink->measure != NULL)
          return TRUE;
      for (guint j = 0; j < i; j++)
        if (plan->tables[plan->shown[j]].output_index == table->output_index)
          return TRUE;
    }
  return FALSE;
}

static gboolean
tell (Closing *self, FanoutWindowDo do_, gpointer data, GError **error)
{
  const guint most = shows_together (self->passes->run->plan) ? 1 : TOGETHER;
  const Session *sessions = (const Session *) (gpointer) self->sessions->data;
  const guint n = self->sessions->len;
  for (guint begin = 0; begin < n;)
    {
      guint end = begin + 1;
      while (end < n && (end - begin < most || sessions[end].last == sessions[end - 1].last))
        end++;
      FanoutPasses *made = gather (self, sessions + begin, end - begin, error);
      if (made == NULL || !do_ (data, made, NULL, error))
        return FALSE;
      begin = end;
    }
  return TRUE;
}

static void
pack (Closing *self)
{
  const FanoutPlan *plan = self->passes->run->plan;
  for (guint p = 0; p < self->passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        FanoutPartition *partition = self->passes->partitions[p];
        FanoutSessions *sessions = partition->sessions[t];
        if (!fanout_sessions_is_sparse (sessions))
          continue;
        g_autofree guint32 *moved = fanout_sessions_pack (sessions);
        fanout_partition_pack (partition, &plan->tables[t], moved,
                               fanout_sessions_n_states (sessions));
      }
}

/* The last row of the first session that can be over next. */
static gint64
next_due (const Closing *self)
{
  const gint64 over = self->over;
  gint64 due
      = over > G_MAXINT64 - self->gap - 1 || over == G_MININT64 ? over : over + self->gap + 1;
  for (guint p = 0; p < self->passes->n_partitions; p++)
    for (guint t = 0; t < self->passes->run->plan->n_tables; t++)
      due = MIN (due, fanout_sessions_due (self->passes->partitions[p]->sessions[t]));
  return due;
}

static gboolean
find_sessions (Closing *self, GError **error)
{
  FanoutMemoryLimit *limit = &self->passes->run->limit;
  for (guint t = 0; t < self->passes->run->plan->n_tables; t++)
    {
      self->table = t;
      look_at_table (self);
      /* Keys that were not made known have no number. */
      if (fanout_memory_limit_exceeded (limit))
        return fanout_memory_limit_fail (limit, error);
      if (!combine_open (self, error))
        return FALSE;
    }
  order_sessions (self);
  return TRUE;
}

gboolean
fanout_passes_close_sessions (FanoutPasses *passes, gint64 over, FanoutWindowDo do_, gpointer data,
                              GError **error)
{
  FanoutRun *run = passes->run;
  const FanoutPlan *plan = run->plan;
  Closing self = { .passes = passes,
                   .gap = plan->window->axis.gap,
                   .over = MAX (over, run->closed),
                   .around = g_array_new (FALSE, FALSE, sizeof (Part)),
                   .sessions = g_array_new (FALSE, FALSE, sizeof (Session)),
                   .parts = g_array_new (FALSE, FALSE, sizeof (Part)),
                   .unions = g_array_new (FALSE, FALSE, sizeof (Union)),
                   .keys = g_new0 (FanoutKeyRows, plan->n_tables) };
  for (guint t = 0; t < plan->n_tables; t++)
    fanout_key_rows_init (&self.keys[t], plan->tables[t].n_keys + 2, ROWS);
  const gboolean done = find_sessions (&self, error) && tell (&self, do_, data, error);
  if (done)
    {
      pack (&self);
      /* Behind the end of the stream a later run may go on. */
      if (over != G_MAXINT64)
        run->closed = self.over;
      fanout_watermarks_expect (&run->watermarks, next_due (&self));
    }
  for (guint t = 0; t < plan->n_tables; t++)
    fanout_key_rows_clear (&self.keys[t]);
  g_free (self.keys);
  g_array_unref (self.around);
  g_array_unref (self.sessions);
  g_array_unref (self.parts);
  g_array_unref (self.unions);
  return done;
}
