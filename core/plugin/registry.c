#include "core/plugin/registry.h"
#include "core/base/error.h"
#include "core/base/same-file.h"
#include "core/config/option.h"
#include "core/plugin/access.h"
#include "core/plugin/place.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#define N_KINDS        (FANOUT_KIND_SINK + 1)
/* An error message names no more files than this. */
#define PROBLEMS_SHOWN 3
/* A list of all names helps up to here. */
#define NAMES_SHOWN    12

/* Everything of one kind. */
typedef struct
{
  GPtrArray *places; /* FanoutPlace: the tables, then folder by folder */
  GPtrArray *names;  /* sorted, each once, with a NULL; NULL: not asked for */
  GPtrArray *old;    /* names that somebody may still look at */
} Shelf;

struct FanoutRegistry
{
  atomic_int references;
  pthread_mutex_t lock; /* of all below: files are opened when they are asked for */
  Shelf shelves[N_KINDS];
  GPtrArray *problems; /* of folders */
  gboolean may_pass;   /* one of them */
  GPtrArray *notes;
  GHashTable *seen; /* files and folders */
};

static void
add_problem (FanoutRegistry *registry, const GError *error)
{
  g_ptr_array_add (registry->problems, g_strdup (error->message));
  registry->may_pass
      = registry->may_pass || g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY);
}

static void
list_folder (FanoutRegistry *registry, const char *folder)
{
  g_autoptr (GError) error = NULL;
  gboolean any = FALSE;

  if (!fanout_plugin_check_access (folder, &error))
    {
      add_problem (registry, error);
      return;
    }
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    {
      g_autofree char *path = g_build_filename (folder, fanout_kind_folder (kind), NULL);
      struct stat st;
      const gboolean failed = stat (path, &st) != 0;

      if (failed && errno == ENOENT)
        continue;
      any = TRUE;
      if (failed || fanout_file_set_add (registry->seen, &st))
        g_ptr_array_add (registry->shelves[kind].places,
                         fanout_place_new (kind, path, registry->seen));
    }
  if (!any)
    g_ptr_array_add (
        registry->problems,
        g_strconcat (folder, ": has neither aggregate/, source/ nor sink/ in it", NULL));
}

static void
shelf_init (Shelf *shelf, FanoutKind kind)
{
  shelf->places = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_place_free);
  shelf->old = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_ptr_array_add (shelf->places, fanout_place_new_for_tables (kind));
}

static void
shelf_clear (Shelf *shelf)
{
  g_clear_pointer (&shelf->names, g_ptr_array_unref);
  g_ptr_array_unref (shelf->old);
  g_ptr_array_unref (shelf->places);
}

FanoutRegistry *
fanout_registry_new (const char *const *folders)
{
  FanoutRegistry *registry = g_new0 (FanoutRegistry, 1);

  atomic_init (&registry->references, 1);
  pthread_mutex_init (&registry->lock, NULL);
  registry->seen = fanout_file_set_new ();
  registry->problems = g_ptr_array_new_with_free_func (g_free);
  registry->notes = g_ptr_array_new_with_free_func (g_free);
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    shelf_init (&registry->shelves[kind], kind);
  for (guint i = 0; folders != NULL && folders[i] != NULL; i++)
    list_folder (registry, folders[i]);
  return registry;
}

FanoutRegistry *
fanout_registry_ref (FanoutRegistry *registry)
{
  atomic_fetch_add (&registry->references, 1);
  return registry;
}

void
fanout_registry_unref (FanoutRegistry *registry)
{
  if (registry == NULL || atomic_fetch_sub (&registry->references, 1) != 1)
    return;
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    shelf_clear (&registry->shelves[kind]);
  g_ptr_array_unref (registry->problems);
  g_ptr_array_unref (registry->notes);
  g_hash_table_unref (registry->seen);
  pthread_mutex_destroy (&registry->lock);
  g_free (registry);
}

gboolean
fanout_registry_add (FanoutRegistry *registry, const FanoutPlugin *plugin, GError **error)
{
  FanoutPluginFile *table = fanout_plugin_file_new_for_table (plugin, error);
  Shelf *shelf;
  gboolean added;

  if (table == NULL)
    return FALSE;
  shelf = &registry->shelves[fanout_plugin_file_kind (table)];
  pthread_mutex_lock (&registry->lock);
  added = fanout_place_add (shelf->places->pdata[0], table, error);
  if (added && shelf->names != NULL)
    g_ptr_array_add (shelf->old, g_steal_pointer (&shelf->names));
  pthread_mutex_unlock (&registry->lock);
  return added;
}

static void
add_name (const char *name, gpointer set)
{
  g_hash_table_add (set, g_strdup (name));
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_names (Shelf *shelf)
{
  g_autoptr (GHashTable) set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iterator;
  gpointer name;

  if (shelf->names != NULL)
    return;
  for (guint i = 0; i < shelf->places->len; i++)
    fanout_place_names (shelf->places->pdata[i], add_name, set);
  shelf->names = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iterator, set);
  while (g_hash_table_iter_next (&iterator, &name, NULL))
    g_ptr_array_add (shelf->names, g_strdup (name));
  g_ptr_array_sort (shelf->names, compare_texts);
  g_ptr_array_add (shelf->names, NULL);
}

static void
append_problems (GString *text, const FanoutRegistry *registry, const Shelf *shelf)
{
  guint n = 0;

  for (guint place = 0; place <= shelf->places->len; place++)
    {
      const GPtrArray *problems = place == 0
                                      ? registry->problems
                                      : fanout_place_problems (shelf->places->pdata[place - 1]);

      for (guint i = 0; i < problems->len; i++, n++)
        if (n < PROBLEMS_SHOWN)
          g_string_append_printf (text, "%s %s", n == 0 ? "; not usable:" : ";",
                                  (const char *) problems->pdata[i]);
    }
  if (n > PROBLEMS_SHOWN)
    g_string_append_printf (text, "; and %u more", n - PROBLEMS_SHOWN);
}

/* The same may be found later, with nothing put right. */
static FanoutError
weigh (const FanoutRegistry *registry, const Shelf *shelf, FanoutError code)
{
  gboolean may_pass = registry->may_pass;

  for (guint i = 0; i < shelf->places->len; i++)
    may_pass = may_pass || fanout_place_may_pass (shelf->places->pdata[i]);
  return may_pass ? FANOUT_ERROR_RETRY : code;
}

static void
say_unknown (const FanoutRegistry *registry, FanoutKind kind, const char *name, GError **error)
{
  const Shelf *shelf = &registry->shelves[kind];
  const char *const *names = (const char *const *) shelf->names->pdata;
  const char *word = fanout_kind_word (kind);
  g_autofree char *near = fanout_nearest_names (name, names);
  g_autofree char *quoted = fanout_quote (name, -1);
  g_autofree char *all = g_strjoinv (", ", (char **) shelf->names->pdata);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "there is no %s %s", word, quoted);
  if (near[0] != '\0')
    g_string_append_printf (text, "; did you mean %s?", near);
  else if (shelf->names->len > NAMES_SHOWN + 1)
    g_string_append_printf (text, "; 'fanoutd plugins' lists all %u", shelf->names->len - 1);
  else if (shelf->names->len > 1)
    g_string_append_printf (text, "; %ss: %s", word, all);
  else
    g_string_append_printf (text, "; no %ss were found", word);
  append_problems (text, registry, shelf);
  g_set_error_literal (error, FANOUT_ERROR, (gint) weigh (registry, shelf, FANOUT_ERROR_CONFIG),
                       text->str);
}

static void
note_shadow (FanoutRegistry *registry, FanoutKind kind, const char *name, const char *path,
             const char *other)
{
  char *note = g_strdup_printf ("the %s '%s' of %s is used, not that of %s",
                                fanout_kind_word (kind), name, path, other);

  if (g_ptr_array_find_with_equal_func (registry->notes, note, g_str_equal, NULL))
    g_free (note);
  else
    g_ptr_array_add (registry->notes, note);
}

/* The first place that has it decides; whether others have it too is only looked at to tell. */
static gconstpointer
find_locked (FanoutRegistry *registry, FanoutKind kind, const char *name, const char **path,
             GError **error)
{
  Shelf *shelf = &registry->shelves[kind];
  gconstpointer item = NULL;

  for (guint i = 0; i < shelf->places->len; i++)
    {
      g_autofree char *problem = NULL;
      const char *here = NULL;
      gconstpointer found = fanout_place_find (shelf->places->pdata[i], name, &here, &problem);

      if (item == NULL && problem != NULL)
        {
          g_set_error (error, FANOUT_ERROR, (gint) weigh (registry, shelf, FANOUT_ERROR_PLUGIN),
                       "the %s '%s' cannot be used: %s", fanout_kind_word (kind), name, problem);
          return NULL;
        }
      if (item != NULL && found != NULL)
        note_shadow (registry, kind, name, *path, here);
      if (item != NULL || found == NULL)
        continue;
      item = found;
      *path = here;
    }
  if (item == NULL)
    {
      list_names (shelf);
      say_unknown (registry, kind, name, error);
    }
  return item;
}

static gconstpointer
find (FanoutRegistry *registry, FanoutKind kind, const char *name, const char **path,
      GError **error)
{
  gconstpointer item;

  pthread_mutex_lock (&registry->lock);
  item = find_locked (registry, kind, name, path, error);
  pthread_mutex_unlock (&registry->lock);
  return item;
}

const FanoutOperator *
fanout_registry_operator (FanoutRegistry *registry, const char *name, GError **error)
{
  const char *path = NULL;

  return find (registry, FANOUT_KIND_OPERATOR, name, &path, error);
}

const FanoutSource *
fanout_registry_source (FanoutRegistry *registry, const char *name, GError **error)
{
  const char *path = NULL;

  return find (registry, FANOUT_KIND_SOURCE, name, &path, error);
}

const FanoutSink *
fanout_registry_sink (FanoutRegistry *registry, const char *name, GError **error)
{
  const char *path = NULL;

  return find (registry, FANOUT_KIND_SINK, name, &path, error);
}

const char *const *
fanout_registry_names (FanoutRegistry *registry, FanoutKind kind)
{
  Shelf *shelf = &registry->shelves[kind];
  const char *const *names;

  pthread_mutex_lock (&registry->lock);
  list_names (shelf);
  names = (const char *const *) shelf->names->pdata;
  pthread_mutex_unlock (&registry->lock);
  return names;
}

const char *
fanout_registry_file (FanoutRegistry *registry, FanoutKind kind, const char *name)
{
  const char *path = NULL;

  find (registry, kind, name, &path, NULL);
  return path;
}

static char **
finish_lines (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

static void
add_lines (GPtrArray *lines, const GPtrArray *more)
{
  for (guint i = 0; i < more->len; i++)
    g_ptr_array_add (lines, g_strdup (more->pdata[i]));
}

char **
fanout_registry_problems (FanoutRegistry *registry)
{
  GPtrArray *lines = g_ptr_array_new ();

  pthread_mutex_lock (&registry->lock);
  add_lines (lines, registry->problems);
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    for (guint i = 0; i < registry->shelves[kind].places->len; i++)
      {
        FanoutPlace *place = registry->shelves[kind].places->pdata[i];

        fanout_place_open (place);
        add_lines (lines, fanout_place_problems (place));
      }
  pthread_mutex_unlock (&registry->lock);
  g_ptr_array_sort (lines, compare_texts);
  return finish_lines (lines);
}

char **
fanout_registry_notes (FanoutRegistry *registry)
{
  GPtrArray *lines = g_ptr_array_new ();

  pthread_mutex_lock (&registry->lock);
  add_lines (lines, registry->notes);
  pthread_mutex_unlock (&registry->lock);
  return finish_lines (lines);
}

gboolean
fanout_registry_write_index (FanoutRegistry *registry, GError **error)
{
  gboolean written = registry->problems->len == 0;

  if (!written)
    g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, registry->problems->pdata[0]);
  pthread_mutex_lock (&registry->lock);
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    for (guint i = 0; written && i < registry->shelves[kind].places->len; i++)
      written = fanout_place_write_index (registry->shelves[kind].places->pdata[i], error);
  pthread_mutex_unlock (&registry->lock);
  return written;
}
