#include "core/base/error.h"
#include "core/partial/carry.h"
#include "core/partial/private.h"

#include <string.h>

typedef struct
{
  char *name;
  char *type;
  guint32 version;
  char *error; /* why it was dropped; empty: it was not */
} Aggregate;

typedef struct
{
  guint first_aggregate;
  guint n_aggregates;
  guint32 n_keys;
  guint64 n_groups;
} Table;

struct FanoutPartial
{
  char *name; /* for messages */
  FanoutSealed *in;
  char *text;
  gsize text_length;
  char *fingerprint;
  FanoutPartialCounters counters;
  char *first_skipped;
  char *first_nulled;
  char *first_rounded;
  GArray *tables;
  GArray *aggregates; /* of all tables, one after the other */
  GArray *leaves;     /* of each */
};

static gboolean refuse (const char *name, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const char *name, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", name, text);
  return FALSE;
}

/* After something could not be read. */
static gboolean
damaged (const FanoutPartial *self, GError **error)
{
  const GError *reason = fanout_sealed_error (self->in);
  if (reason == NULL)
    return refuse (self->name, error, "the partial result is damaged");
  g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

static gboolean
too_much_memory (const FanoutPartial *self, GError **error)
{
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "%s: states and keys take more than [pipeline] max-memory allows", self->name);
  return FALSE;
}

/* A message about a row, which is one line whoever wrote it. Every part may have a standard input
 * of its own: that of which is told. */
static gboolean
get_message (FanoutPartial *self, char **text)
{
  g_autofree char *written = NULL;
  if (!fanout_get_text (self->in, &written))
    return FALSE;
  g_autofree char *message = fanout_escape (written, -1);
  if (g_str_has_prefix (message, FANOUT_STANDARD_INPUT ":"))
    *text = g_strdup_printf ("%s: %s", self->name, message);
  else
    *text = g_steal_pointer (&message);
  return TRUE;
}

static gboolean
get_count (FanoutPartial *self, FanoutFeedCount *count)
{
  return fanout_get_u64 (self->in, &count->rows) && fanout_get_u64 (self->in, &count->rows_filtered)
         && fanout_get_u64 (self->in, &count->rows_skipped)
         && fanout_get_u64 (self->in, &count->values_nulled)
         && fanout_get_u64 (self->in, &count->numbers_rounded);
}

static gboolean
get_leave (FanoutPartial *self, FanoutLeave *leave)
{
  guint32 known;
  if (!fanout_get_u32 (self->in, &known) || known > 1)
    return FALSE;
  leave->known = known == 1;
  return !leave->known || get_count (self, &leave->count);
}

static gboolean
get_counters (FanoutPartial *self)
{
  FanoutPartialCounters *counters = &self->counters;
  guint32 enough;
  if (!fanout_get_u64 (self->in, &counters->end) || !fanout_get_u32 (self->in, &enough)
      || enough > 1 || !get_count (self, &counters->count)
      || !get_message (self, &self->first_skipped)
      || !fanout_get_u64 (self->in, &counters->first_skipped_line)
      || !fanout_get_u64 (self->in, &counters->first_skipped_last)
      || !get_message (self, &self->first_nulled) || !get_message (self, &self->first_rounded))
    return FALSE;
  counters->enough = enough == 1;
  counters->first_skipped = self->first_skipped;
  counters->first_nulled = self->first_nulled;
  counters->first_rounded = self->first_rounded;
  return TRUE;
}

static gboolean
get_place (FanoutPartial *self)
{
  FanoutPlace *place = &self->counters.place;
  FanoutPartEnds *ends = &place->ends;
  guint32 flags, start, end;
  if (!fanout_get_u64 (self->in, &place->count))
    return FALSE;
  if (place->count == 0)
    return TRUE;
  if (!fanout_get_u64 (self->in, &place->first) || !fanout_get_u64 (self->in, &place->last)
      || !fanout_get_text (self->in, &place->inputs) || !fanout_get_u32 (self->in, &flags)
      || !fanout_get_u32 (self->in, &start) || !fanout_get_u32 (self->in, &end)
      || !fanout_get_u64 (self->in, &ends->from) || !fanout_get_u64 (self->in, &ends->line)
      || !fanout_get_u64 (self->in, &ends->rows))
    return FALSE;
  ends->begun = (flags & 1) != 0;
  ends->guessed = (flags & 2) != 0;
  ends->cut = (flags & 4) != 0;
  ends->told = (flags & 8) != 0;
  ends->through = (flags & 16) != 0;
  ends->empty = (flags & 32) != 0;
  ends->start = (gint) start;
  ends->end = (gint) end;
  return place->first > 0 && place->first <= place->last && place->last <= place->count;
}

static void
aggregate_clear (gpointer data)
{
  Aggregate *aggregate = data;
  g_free (aggregate->name);
  g_free (aggregate->type);
  g_free (aggregate->error);
}

static gboolean
get_table (FanoutPartial *self)
{
  Table table = { .first_aggregate = self->aggregates->len };
  guint32 n;
  if (!fanout_get_u32 (self->in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      Aggregate aggregate = { 0 };
      FanoutLeave leave = { 0 };
      const gboolean found = fanout_get_text (self->in, &aggregate.name)
                             && fanout_get_text (self->in, &aggregate.type)
                             && fanout_get_u32 (self->in, &aggregate.version)
                             && get_message (self, &aggregate.error) && get_leave (self, &leave);
      g_array_append_val (self->aggregates, aggregate);
      g_array_append_val (self->leaves, leave);
      if (!found)
        return FALSE;
    }
  table.n_aggregates = n;
  if (!fanout_get_u32 (self->in, &table.n_keys) || !fanout_get_u64 (self->in, &table.n_groups))
    return FALSE;
  g_array_append_val (self->tables, table);
  return table.n_keys > 0 || table.n_groups <= 1;
}

static gboolean
get_tables (FanoutPartial *self)
{
  guint32 n;
  gboolean found = fanout_get_u32 (self->in, &n);
  for (guint32 i = 0; found && i < n; i++)
    found = get_table (self);
  return found;
}

static gboolean
get_head (FanoutPartial *self)
{
  if (!fanout_get_text (self->in, &self->text))
    return FALSE;
  self->text_length = strlen (self->text);
  return fanout_get_text (self->in, &self->fingerprint) && get_counters (self) && get_place (self)
         && get_tables (self);
}

/* A pipe may never end: no more is read where this is not right. */
static gboolean
check_start (FanoutPartial *self, GError **error)
{
  guint8 magic[FANOUT_PARTIAL_MAGIC_LENGTH];
  guint32 version;
  const gsize found = fanout_sealed_magic (self->in, magic, sizeof magic);
  if (fanout_sealed_error (self->in) != NULL)
    return damaged (self, error);
  if (found < sizeof magic || memcmp (magic, FANOUT_PARTIAL_MAGIC, sizeof magic) != 0)
    return refuse (self->name, error,
                   "no partial result; one written by 'fanoutd run --partial' is wanted");
  if (fanout_sealed_magic (self->in, &version, sizeof version) < sizeof version)
    return refuse (self->name, error, "the partial result is cut short");
  version = GUINT32_FROM_LE (version);
  if (version != FANOUT_PARTIAL_VERSION)
    return refuse (self->name, error, "a partial result in format %u; this program reads format %u",
                   version, FANOUT_PARTIAL_VERSION);
  return TRUE;
}

/* `name` and `in` (NULL: it could not be opened) are taken over. */
static FanoutPartial *
read_head (char *name, FanoutSealed *in, GError **error)
{
  g_autoptr (FanoutPartial) self = g_new0 (FanoutPartial, 1);
  self->name = name;
  self->in = in;
  self->tables = g_array_new (FALSE, FALSE, sizeof (Table));
  self->aggregates = g_array_new (FALSE, FALSE, sizeof (Aggregate));
  g_array_set_clear_func (self->aggregates, aggregate_clear);
  self->leaves = g_array_new (FALSE, FALSE, sizeof (FanoutLeave));
  if (self->in == NULL || !check_start (self, error))
    return NULL;
  if (get_head (self))
    return g_steal_pointer (&self);
  damaged (self, error);
  return NULL;
}

FanoutPartial *
fanout_partial_open (const char *path, GError **error)
{
  char *name
      = strcmp (path, "-") == 0 ? g_strdup (FANOUT_STANDARD_INPUT) : fanout_escape (path, -1);
  return read_head (name, fanout_sealed_open (path, name, error), error);
}

FanoutPartial *
fanout_partial_read (FanoutSealGet get, gpointer data, const char *name, GError **error)
{
  return read_head (g_strdup (name), fanout_sealed_new (get, data, name), error);
}

void
fanout_partial_free (FanoutPartial *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  fanout_sealed_free (self->in);
  g_free (self->text);
  g_free (self->first_skipped);
  g_free (self->first_nulled);
  g_free (self->first_rounded);
  g_free (self->fingerprint);
  fanout_place_clear (&self->counters.place);
  g_array_unref (self->tables);
  g_array_unref (self->aggregates);
  g_array_unref (self->leaves);
  g_free (self);
}

const char *
fanout_partial_name (const FanoutPartial *partial)
{
  return partial->name;
}

const char *
fanout_partial_text (const FanoutPartial *self, gsize *length)
{
  *length = self->text_length;
  return self->text;
}

const FanoutPartialCounters *
fanout_partial_counters (const FanoutPartial *self)
{
  return &self->counters;
}

const FanoutLeave *
fanout_partial_leaves (const FanoutPartial *self)
{
  return &g_array_index (self->leaves, FanoutLeave, 0);
}

static const Aggregate *
aggregate_of (const FanoutPartial *self, guint i)
{
  return &g_array_index (self->aggregates, Aggregate, i);
}

static const Table *
table_of (const FanoutPartial *self, guint i)
{
  return &g_array_index (self->tables, Table, i);
}

static gboolean
refuse_aggregate (const FanoutPartial *self, const Aggregate *found,
                  const FanoutPlanAggregate *wanted, GError **error)
{
  g_autofree char *name = fanout_quote (found->name, -1);
  g_autofree char *type = fanout_escape (found->type, -1);
  g_autofree char *wanted_name = fanout_quote (wanted->name, -1);
  return refuse (self->name, error,
                 "a partial result of another plan: aggregate %s (%s); %s (%s) is wanted", name,
                 type, wanted_name, wanted->operator_->name);
}

static gboolean
check_table (const FanoutPartial *self, const FanoutPlan *plan, guint t, GError **error)
{
  const Table *table = table_of (self, t);
  const FanoutPlanTable *planned = &plan->tables[t];
  if (table->n_aggregates != planned->n_nodes || table->n_keys != planned->n_keys)
    {
      g_autofree char *aggregates = fanout_count_of (table->n_aggregates, "aggregate");
      g_autofree char *keys = fanout_count_of (table->n_keys, "key");
      return refuse (self->name, error,
                     "a partial result of another plan: %s and %s; %u and %u are wanted",
                     aggregates, keys, planned->n_nodes, planned->n_keys);
    }
  for (guint i = 0; i < planned->n_nodes; i++)
    {
      const FanoutPlanAggregate *wanted = plan->nodes[planned->first_node + i].aggregate;
      const Aggregate *found = aggregate_of (self, table->first_aggregate + i);
      if (strcmp (found->name, wanted->name) != 0
          || strcmp (found->type, wanted->operator_->name) != 0)
        return refuse_aggregate (self, found, wanted, error);
      if (found->version != wanted->operator_->version)
        return refuse (self->name, error,
                       "states of operator '%s' in version %u; version %u is wanted", found->type,
                       found->version, wanted->operator_->version);
    }
  return TRUE;
}

/* What differs is named as closely as is known. */
gboolean
fanout_partial_check (const FanoutPartial *self, const FanoutPlan *plan, GError **error)
{
  if (self->tables->len != plan->n_tables)
    {
      g_autofree char *found = fanout_count_of (self->tables->len, "table");
      return refuse (self->name, error, "a partial result of another plan: %s; %u %s wanted", found,
                     plan->n_tables, plan->n_tables == 1 ? "is" : "are");
    }
  for (guint t = 0; t < plan->n_tables; t++)
    if (!check_table (self, plan, t, error))
      return FALSE;
  g_autofree char *fingerprint = fanout_partial_fingerprint (plan);
  if (strcmp (fingerprint, self->fingerprint) != 0)
    return refuse (
        self->name, error,
        "a partial result of another plan: its group-by, its filters or the options of an "
        "aggregate differ");
  return TRUE;
}

static void
settle (char **text, guint64 before)
{
  char *old = *text;
  *text = fanout_lines_settle (old, before);
  g_free (old);
}

void
fanout_partial_settle_lines (FanoutPartial *self, guint64 before)
{
  FanoutPartialCounters *counters = &self->counters;
  settle (&self->first_skipped, before);
  settle (&self->first_nulled, before);
  settle (&self->first_rounded, before);
  counters->first_skipped = self->first_skipped;
  counters->first_nulled = self->first_nulled;
  counters->first_rounded = self->first_rounded;
  counters->first_skipped_line = fanout_line_settle (counters->first_skipped_line, before);
  counters->first_skipped_last = fanout_line_settle (counters->first_skipped_last, before);
  for (guint i = 0; i < self->aggregates->len; i++)
    settle (&g_array_index (self->aggregates, Aggregate, i).error, before);
}

/* Aggregates that were dropped in it. */
static void
take_drops (const FanoutPartial *self, FanoutCarry *carry, guint t)
{
  const Table *table = table_of (self, t);
  for (guint i = 0; i < table->n_aggregates; i++)
    {
      const char *reason = aggregate_of (self, table->first_aggregate + i)->error;
      if (reason[0] != '\0')
        fanout_carry_drop (carry, i, reason);
    }
}

/* Answers how many; 0 with `error`. */
static gsize
merge_some (FanoutPartial *self, FanoutPartition *whole, FanoutCarry *carry, guint64 most,
            guint64 end, GError **error)
{
  const gsize n = fanout_carry_read (carry, self->in, most);
  FanoutCarried carried = FANOUT_CARRY_FAILED;
  if (n > 0)
    carried = fanout_carry_merge (carry, end, error);
  /* Which part it was is worth more than what is told so far. */
  if (fanout_memory_limit_exceeded (&whole->run->limit))
    {
      g_clear_error (error);
      too_much_memory (self, error);
      return 0;
    }
  if (n == 0)
    damaged (self, error);
  else if (carried == FANOUT_CARRY_TWICE)
    refuse (self->name, error, "the partial result is damaged: it has a group twice");
  return carried == FANOUT_CARRY_MERGED ? n : 0;
}

static gboolean
merge_table (FanoutPartial *self, FanoutPartition *whole, FanoutCarry *carry, guint t, guint64 end,
             GError **error)
{
  const Table *table = table_of (self, t);
  fanout_carry_begin (carry, t);
  take_drops (self, carry, t);
  for (guint64 left = table->n_groups; left > 0;)
    {
      const gsize n = merge_some (self, whole, carry, left, end, error);
      if (n == 0)
        return FALSE;
      left -= n;
    }
  if (table->n_groups == 0)
    fanout_carry_pass_on_drops (carry);
  return TRUE;
}

static void
shift (FanoutPartition *part, guint t, gsize n, guint64 rows)
{
  const FanoutPlanTable *table = &part->run->plan->tables[t];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      FanoutNode *node = part->nodes[i];
      if (node->plan->operator_->shift != NULL && node->status != FANOUT_NODE_FAILED && rows > 0)
        node->plan->operator_->shift (&node->aggregate, node->states, n, rows);
    }
}

void
fanout_partial_shift (FanoutPartition *whole, guint64 rows)
{
  for (guint t = 0; t < whole->n_tables; t++)
    shift (whole, t, (gsize) fanout_table_n_groups (whole->tables[t]), rows);
}

gboolean
fanout_partial_merge (FanoutPartial *self, FanoutPartition *whole, guint64 end, GError **error)
{
  gboolean done = TRUE;
  if (!fanout_partial_check (self, whole->run->plan, error))
    return FALSE;
  whole->from = self->name;
  g_autoptr (FanoutCarry) carry = fanout_carry_new (whole);
  for (guint t = 0; done && t < whole->n_tables; t++)
    done = merge_table (self, whole, carry, t, end, error);
  whole->from = NULL;
  return done && (fanout_sealed_at_end (self->in) || damaged (self, error));
}
