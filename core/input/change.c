#include "core/input/live.h"

/* What is dealt goes by these; `fields` are of `inputs`. */
typedef struct
{
  GPtrArray *inputs; /* of FanoutReaderInput */
  GPtrArray *fields;
} Mapping;

/* Those that deal blocks without being asked for their columns again. */
static GPtrArray *
find_ready (const FanoutBlockReader *reader)
{
  GPtrArray *found = g_ptr_array_new ();

  if (reader->live == NULL)
    for (guint i = reader->current; i < reader->n_inputs; i++)
      g_ptr_array_add (found, &reader->inputs[i]);
  else
    for (guint i = 0; i < reader->live->inputs->len; i++)
      {
        const FanoutLiveInput *input = reader->live->inputs->pdata[i];

        if (input != NULL && input->current != NULL)
          g_ptr_array_add (found, input->current);
      }
  for (guint i = found->len; i-- > 0;)
    if (((const FanoutReaderInput *) found->pdata[i])->stage != FANOUT_STAGE_READY)
      g_ptr_array_remove_index (found, i);
  return found;
}

static gboolean
map_all (const FanoutBlockReader *reader, Mapping *mapping, GError **error)
{
  mapping->inputs = find_ready (reader);
  mapping->fields = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < mapping->inputs->len; i++)
    {
      guint *fields = fanout_reader_map (reader, mapping->inputs->pdata[i], error);

      if (fields == NULL)
        return FALSE;
      g_ptr_array_add (mapping->fields, fields);
    }
  return TRUE;
}

static void
use_mapping (const Mapping *mapping)
{
  for (guint i = 0; i < mapping->inputs->len; i++)
    {
      FanoutReaderInput *input = mapping->inputs->pdata[i];

      g_free (input->fields);
      input->fields = g_steal_pointer (&mapping->fields->pdata[i]);
    }
}

static void
clear_mapping (const Mapping *mapping)
{
  g_ptr_array_unref (mapping->inputs);
  g_ptr_array_unref (mapping->fields);
}

/* By the columns that are selected now; nothing has changed where it fails. */
static gboolean
change (FanoutBlockReader *reader, const FanoutReaderPlan *plan, GError **error)
{
  Mapping mapping = { 0 };
  const gboolean done
      = map_all (reader, &mapping, error)
        && (reader->live == NULL || fanout_listen_change (reader->live->listen, plan, error));

  if (done)
    use_mapping (&mapping);
  if (done && reader->live != NULL)
    fanout_follow_change (reader->live->follow, plan);
  clear_mapping (&mapping);
  return done;
}

/* What a reader goes by. */
typedef struct
{
  const FanoutSource *source;
  gconstpointer options;
  FanoutBad missing_columns;
  guint n_selected;
  char **selected;
  guint *positions;
} Terms;

static Terms
take_terms (FanoutBlockReader *reader)
{
  return (Terms){ reader->source,
                  reader->options,
                  reader->missing_columns,
                  reader->n_selected,
                  g_steal_pointer (&reader->selected),
                  g_steal_pointer (&reader->positions) };
}

static void
give_terms (FanoutBlockReader *reader, const Terms *terms)
{
  g_strfreev (reader->selected);
  g_free (reader->positions);
  reader->source = terms->source;
  reader->options = terms->options;
  reader->missing_columns = terms->missing_columns;
  reader->n_selected = terms->n_selected;
  reader->selected = terms->selected;
  reader->positions = terms->positions;
}

gboolean
fanout_reader_change (FanoutBlockReader *reader, const FanoutReaderPlan *plan, guint n,
                      const char *const *names, const guint *positions, GError **error)
{
  gboolean done;

  pthread_mutex_lock (&reader->claim);
  const Terms before = take_terms (reader);
  fanout_reader_use (reader, plan->source, plan->options);
  reader->missing_columns = plan->missing_columns;
  fanout_reader_select (reader, n, names, positions);
  done = change (reader, plan, error);
  if (done)
    {
      g_strfreev (before.selected);
      g_free (before.positions);
      fanout_reader_set_limits (reader, plan);
    }
  else
    give_terms (reader, &before);
  pthread_mutex_unlock (&reader->claim);
  return done;
}

void
fanout_reader_go_on (FanoutBlockReader *reader)
{
  pthread_mutex_lock (&reader->claim);
  reader->serial = 0;
  atomic_store (&reader->left, FALSE);
  atomic_store (&reader->resting, FALSE);
  atomic_store (&reader->stopped, FALSE);
  pthread_mutex_unlock (&reader->claim);
}

char **
fanout_reader_known_names (FanoutBlockReader *reader)
{
  g_autoptr (GPtrArray) ready = NULL;
  char **names = NULL;

  pthread_mutex_lock (&reader->claim);
  ready = find_ready (reader);
  for (guint i = 0; i < ready->len && names == NULL; i++)
    names = g_strdupv (((const FanoutReaderInput *) ready->pdata[i])->names);
  pthread_mutex_unlock (&reader->claim);
  return names;
}

gboolean
fanout_reader_is_live (const FanoutBlockReader *reader)
{
  return reader != NULL && reader->live != NULL;
}
