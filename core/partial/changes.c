#include "core/partial/checkpoint-private.h"

#include <string.h>

#define LET        "[let] "
#define AGGREGATE  "[aggregate "
#define TABLE      "[table "
#define GROUP_BY   "[pipeline] group-by"
#define AGGREGATES "the aggregates of "

/* Two plans, and what they call by the same names. */
typedef struct
{
  const GArray *before;
  const GArray *now;
  GPtrArray *stale; /* names of [let] that mean something else now */
} Comparison;

static GPtrArray *
new_texts (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

FanoutChanges *
fanout_changes_new (void)
{
  FanoutChanges *self = g_new0 (FanoutChanges, 1);
  self->kept = new_texts ();
  self->added = new_texts ();
  self->changed = new_texts ();
  self->gone = new_texts ();
  self->notes = new_texts ();
  self->same = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
fanout_changes_free (FanoutChanges *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->kept);
  g_ptr_array_unref (self->added);
  g_ptr_array_unref (self->changed);
  g_ptr_array_unref (self->gone);
  g_ptr_array_unref (self->notes);
  g_hash_table_unref (self->same);
  g_free (self);
}

static gboolean
is_of_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || (c & 0x80) != 0;
}

static gboolean
mentions (const char *text, const char *name)
{
  const gsize length = strlen (name);
  for (const char *at = text; length > 0 && (at = strstr (at, name)) != NULL; at++)
    if ((at == text || !is_of_name (at[-1]) || !is_of_name (name[0]))
        && (!is_of_name (at[length]) || !is_of_name (name[length - 1])))
      return TRUE;
  return FALSE;
}

/* What a text means depends on names in it; to see one that is none costs a state at worst. */
static const char *
find_stale (const Comparison *self, const char *text)
{
  for (guint i = 0; i < self->stale->len; i++)
    if (mentions (text, self->stale->pdata[i]))
      return self->stale->pdata[i];
  return NULL;
}

static gboolean
is_equal (const Comparison *self, const char *name)
{
  const FanoutDefinition *before = fanout_definition_find (self->before, name);
  const FanoutDefinition *now = fanout_definition_find (self->now, name);
  return before != NULL && now != NULL && strcmp (before->text, now->text) == 0;
}

static gboolean
is_same (const Comparison *self, const char *name)
{
  return is_equal (self, name)
         && find_stale (self, fanout_definition_find (self->now, name)->text) == NULL;
}

/* Those of a list that are not what they were, and those that go by them. */
static gboolean
add_stale (Comparison *self, const GArray *definitions)
{
  const guint n = self->stale->len;
  for (guint i = 0; i < definitions->len; i++)
    {
      const char *name = g_array_index (definitions, FanoutDefinition, i).name;
      if (g_str_has_prefix (name, LET) && !is_same (self, name)
          && !g_ptr_array_find_with_equal_func (self->stale, name + strlen (LET), g_str_equal,
                                                NULL))
        g_ptr_array_add (self->stale, (gpointer) (name + strlen (LET)));
    }
  return self->stale->len > n;
}

static void
find_same (const Comparison *self, FanoutChanges *changes)
{
  for (guint i = 0; i < self->now->len; i++)
    {
      const char *name = g_array_index (self->now, FanoutDefinition, i).name;
      if (is_same (self, name))
        g_hash_table_add (changes->same, g_strdup (name));
    }
}

/* How something that is in both differs, behind a colon. */
static char *
difference (const Comparison *self, const char *name)
{
  const FanoutDefinition *before = fanout_definition_find (self->before, name);
  const FanoutDefinition *now = fanout_definition_find (self->now, name);
  const char *stale = find_stale (self, now->text);
  g_autofree char *old = fanout_quote (before->text, -1);
  g_autofree char *new_ = fanout_quote (now->text, -1);
  return strcmp (before->text, now->text) != 0
             ? g_strdup_printf (": it was %s, and is %s", old, new_)
         : stale != NULL ? g_strdup_printf (": " LET "%s has changed", stale)
                         : g_strdup (": none of its aggregates is what it was");
}

static gboolean
is_table (const char *name)
{
  return g_str_has_prefix (name, TABLE) || strcmp (name, GROUP_BY) == 0;
}

static gboolean
has_aggregate (const GArray *definitions, const char *list, const char *name)
{
  const FanoutDefinition *definition = fanout_definition_find (definitions, list);
  g_auto (GStrv) names = definition != NULL ? g_strsplit (definition->text, ", ", -1) : NULL;
  return names != NULL && g_strv_contains ((const char *const *) names, name);
}

/* Whether a table has an aggregate that is what it was, there too. */
static gboolean
has_kept (const Comparison *self, const FanoutChanges *changes, const char *table)
{
  g_autofree char *list = g_strconcat (AGGREGATES, table, NULL);
  const FanoutDefinition *definition = fanout_definition_find (self->now, list);
  g_auto (GStrv) names = g_strsplit (definition != NULL ? definition->text : "", ", ", -1);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *aggregate = g_strdup_printf (AGGREGATE "%s]", *name);
      if (g_hash_table_contains (changes->same, aggregate)
          && has_aggregate (self->before, list, *name))
        return TRUE;
    }
  return FALSE;
}

/* A table of which no state is kept is a new one. */
static void
forget_empty (const Comparison *self, FanoutChanges *changes)
{
  for (guint i = 0; i < self->now->len; i++)
    {
      const char *name = g_array_index (self->now, FanoutDefinition, i).name;
      if (is_table (name) && g_hash_table_contains (changes->same, name)
          && !has_kept (self, changes, name))
        g_hash_table_remove (changes->same, name);
    }
}

static guint
compare_tables (const Comparison *self, FanoutChanges *changes)
{
  guint n_kept = 0;
  for (guint i = 0; i < self->now->len; i++)
    {
      const char *name = g_array_index (self->now, FanoutDefinition, i).name;
      if (!is_table (name))
        continue;
      if (g_hash_table_contains (changes->same, name))
        n_kept++;
      else if (fanout_definition_find (self->before, name) == NULL)
        g_ptr_array_add (changes->notes, g_strdup_printf ("%s is new", name));
      else
        {
          g_autofree char *how = difference (self, name);
          g_ptr_array_add (changes->notes, g_strdup_printf ("%s begins anew%s", name, how));
        }
    }
  for (guint i = 0; i < self->before->len; i++)
    {
      const char *name = g_array_index (self->before, FanoutDefinition, i).name;
      if (is_table (name) && fanout_definition_find (self->now, name) == NULL)
        g_ptr_array_add (changes->notes, g_strdup_printf ("%s is gone", name));
    }
  return n_kept;
}

/* Whether it has states in some table that is kept. */
static gboolean
is_in_kept (const Comparison *self, const FanoutChanges *changes, const char *aggregate)
{
  for (guint i = 0; i < self->now->len; i++)
    {
      const char *name = g_array_index (self->now, FanoutDefinition, i).name;
      if (!g_str_has_prefix (name, AGGREGATES)
          || !g_hash_table_contains (changes->same, name + strlen (AGGREGATES)))
        continue;
      if (has_aggregate (self->now, name, aggregate)
          && has_aggregate (self->before, name, aggregate))
        return TRUE;
    }
  return FALSE;
}

/* NAME of [aggregate NAME]; NULL: it is none. Owned by the caller. */
static char *
aggregate_name (const char *name)
{
  return g_str_has_prefix (name, AGGREGATE)
             ? g_strndup (name + strlen (AGGREGATE), strlen (name) - strlen (AGGREGATE) - 1)
             : NULL;
}

static void
compare_aggregates (const Comparison *self, FanoutChanges *changes)
{
  for (guint i = 0; i < self->now->len; i++)
    {
      const char *name = g_array_index (self->now, FanoutDefinition, i).name;
      char *aggregate = aggregate_name (name);
      if (aggregate == NULL)
        continue;
      g_ptr_array_add (fanout_definition_find (self->before, name) == NULL ? changes->added
                       : !changes->anew && g_hash_table_contains (changes->same, name)
                               && is_in_kept (self, changes, aggregate)
                           ? changes->kept
                           : changes->changed,
                       aggregate);
    }
  for (guint i = 0; i < self->before->len; i++)
    {
      const char *name = g_array_index (self->before, FanoutDefinition, i).name;
      char *aggregate
          = fanout_definition_find (self->now, name) == NULL ? aggregate_name (name) : NULL;
      if (aggregate != NULL)
        g_ptr_array_add (changes->gone, aggregate);
    }
}

/* What all states are made of: where that has changed, none is kept. */
static void
compare_all (const Comparison *self, FanoutChanges *changes)
{
  static const char *const names[] = { "[source] type", "[pipeline] where", "[window]" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!g_hash_table_contains (changes->same, names[i]))
      {
        g_autofree char *how = difference (self, names[i]);
        g_ptr_array_add (changes->notes, g_strdup_printf ("%s has changed%s", names[i], how));
        changes->anew = TRUE;
      }
  changes->times = g_hash_table_contains (changes->same, "[window]");
}

FanoutChanges *
fanout_checkpoint_compare (const FanoutCheckpoint *checkpoint, const FanoutPlan *plan)
{
  FanoutChanges *changes = fanout_changes_new ();
  g_autoptr (GArray) now = fanout_checkpoint_define (plan);
  Comparison self = { .before = checkpoint->definitions, .now = now, .stale = g_ptr_array_new () };
  while (add_stale (&self, self.before) || add_stale (&self, self.now))
    continue;
  find_same (&self, changes);
  forget_empty (&self, changes);
  compare_all (&self, changes);
  if (!changes->anew)
    changes->anew = compare_tables (&self, changes) == 0;
  compare_aggregates (&self, changes);
  g_ptr_array_unref (self.stale);
  return changes;
}
