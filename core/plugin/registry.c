#include "core/plugin/registry.h"
#include "core/plugin/elf.h"
#include "core/config/option.h"
#include "core/plugin/shared-object.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#define N_KINDS        (FANOUT_KIND_SINK + 1)
#define SUFFIX         ".so"
/* An error message names no more files than this. */
#define PROBLEMS_SHOWN 3

/* One file, opened or not. */
typedef struct
{
  char *path;
  FanoutElfImage *image; /* NULL: not looked at, no plugin, or tried */
  gboolean looked_at;
  gboolean tried;
  FanoutPluginFile *plugin; /* NULL: not tried, or not usable */
} File;

/* One thing that a file offers. */
typedef struct
{
  gconstpointer item;
  const char *path;
  const char *second; /* another file that offers it; NULL: none does */
} Offer;

/* Everything of one kind. */
typedef struct
{
  GPtrArray *files;    /* File, by folder, then by name */
  GHashTable *offers;  /* name to Offer, of the files that were opened */
  GPtrArray *problems; /* char *, "PATH: reason" */
  GPtrArray *names;    /* sorted, with a NULL, when all files were opened; else NULL */
} Shelf;

struct FanoutRegistry
{
  atomic_int references;
  pthread_mutex_t lock; /* of the shelves, whose files are opened when they are asked for */
  Shelf shelves[N_KINDS];
  GPtrArray *seen; /* device and inode of each file and folder, as text */
};

/* Whether the file or folder was not met before under another path. */
static gboolean
is_new (FanoutRegistry *registry, const char *path)
{
  struct stat st;
  char *identity;

  if (stat (path, &st) != 0)
    return TRUE;
  identity = g_strdup_printf ("%llx/%llx", (unsigned long long) st.st_dev,
                              (unsigned long long) st.st_ino);
  if (g_ptr_array_find_with_equal_func (registry->seen, identity, g_str_equal, NULL))
    {
      g_free (identity);
      return FALSE;
    }
  g_ptr_array_add (registry->seen, identity);
  return TRUE;
}

static void
file_free (gpointer data)
{
  File *file = data;

  fanout_plugin_file_free (file->plugin);
  fanout_elf_image_free (file->image);
  g_free (file->path);
  g_free (file);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_files (FanoutRegistry *registry, Shelf *shelf, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL || !fanout_plugin_check_access (folder, &error))
    {
      g_ptr_array_add (shelf->problems, g_strdup (error->message));
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.' && g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_texts);
  for (guint i = 0; i < paths->len; i++)
    if (is_new (registry, paths->pdata[i]))
      {
        File *file = g_new0 (File, 1);

        file->path = g_strdup (paths->pdata[i]);
        g_ptr_array_add (shelf->files, file);
      }
}

static void
list_folder (FanoutRegistry *registry, const char *folder)
{
  g_autoptr (GError) error = NULL;
  gboolean any = FALSE;

  if (!fanout_plugin_check_access (folder, &error))
    {
      g_ptr_array_add (registry->shelves[0].problems, g_strdup (error->message));
      return;
    }
  for (FanoutKind kind = FANOUT_KIND_OPERATOR; kind < N_KINDS; kind++)
    {
      g_autofree char *path = g_build_filename (folder, fanout_kind_folder (kind), NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      any = TRUE;
      if (is_new (registry, path))
        list_files (registry, &registry->shelves[kind], path);
    }
  if (!any)
    g_ptr_array_add (
        registry->shelves[0].problems,
        g_strconcat (folder, ": has neither aggregate/, source/ nor sink/ in it", NULL));
}

static void
shelf_init (Shelf *shelf)
{
  shelf->files = g_ptr_array_new_with_free_func (file_free);
  shelf->offers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  shelf->problems = g_ptr_array_new_with_free_func (g_free);
}

static void
shelf_clear (Shelf *shelf)
{
  g_clear_pointer (&shelf->names, g_ptr_array_unref);
  g_hash_table_unref (shelf->offers);
  g_ptr_array_unref (shelf->files);
  g_ptr_array_unref (shelf->problems);
}

FanoutRegistry *
fanout_registry_new (const char *const *folders)
{
  FanoutRegistry *registry = g_new0 (FanoutRegistry, 1);

  atomic_init (&registry->references, 1);
  pthread_mutex_init (&registry->lock, NULL);
  registry->seen = g_ptr_array_new_with_free_func (g_free);
  for (guint kind = 0; kind < N_KINDS; kind++)
    shelf_init (&registry->shelves[kind]);
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
  for (guint kind = 0; kind < N_KINDS; kind++)
    shelf_clear (&registry->shelves[kind]);
  g_ptr_array_unref (registry->seen);
  pthread_mutex_destroy (&registry->lock);
  g_free (registry);
}

static void
add_offers (Shelf *shelf, const FanoutPluginFile *file)
{
  const FanoutKind kind = fanout_plugin_file_kind (file);

  for (guint i = 0; i < fanout_plugin_file_n_items (file); i++)
    {
      gconstpointer item = fanout_plugin_file_item (file, i);
      const char *name = fanout_kind_item_name (kind, item);
      Offer *offer = g_hash_table_lookup (shelf->offers, name);

      if (offer != NULL)
        {
          offer->second = fanout_plugin_file_path (file);
          continue;
        }
      offer = g_new0 (Offer, 1);
      offer->item = item;
      offer->path = fanout_plugin_file_path (file);
      g_hash_table_insert (shelf->offers, (gpointer) name, offer);
    }
}

static char *
describe_twins (FanoutKind kind, const char *name, const Offer *offer)
{
  if (offer->path == offer->second)
    return g_strdup_printf ("%s: offers two %ss called '%s'", offer->path, fanout_kind_word (kind),
                            name);
  return g_strdup_printf ("%s: offers the %s '%s', and so does %s; one of them has to go",
                          offer->second, fanout_kind_word (kind), name, offer->path);
}

static void
open_file (Shelf *shelf, FanoutKind kind, File *file)
{
  g_autoptr (GError) error = NULL;

  if (file->tried)
    return;
  file->tried = TRUE;
  g_clear_pointer (&file->image, fanout_elf_image_free);
  file->plugin = fanout_plugin_file_open (file->path, kind, &error);
  if (file->plugin != NULL)
    add_offers (shelf, file->plugin);
  else
    g_ptr_array_add (shelf->problems, g_strdup (error->message));
}

/* Whether `name` may be offered by a file: its struct points to it. Looking for that takes a small
 * part of the time of loading it, and there may be many files. */
static gboolean
may_offer (File *file, const char *name)
{
  g_autofree char *base = g_path_get_basename (file->path);
  const gsize length = strlen (name);

  if (strncmp (base, name, length) == 0 && strcmp (base + length, SUFFIX) == 0)
    return TRUE;
  if (!file->looked_at)
    file->image = fanout_elf_image_read (file->path);
  file->looked_at = TRUE;
  return file->image != NULL && fanout_elf_image_points_to (file->image, name);
}

/* All files that may offer `name`, so that two that do are noticed. */
static void
open_named (Shelf *shelf, FanoutKind kind, const char *name)
{
  for (guint i = 0; i < shelf->files->len; i++)
    {
      File *file = shelf->files->pdata[i];

      if (!file->tried && may_offer (file, name))
        open_file (shelf, kind, file);
    }
}

static void
open_all (Shelf *shelf, FanoutKind kind)
{
  GHashTableIter iterator;
  gpointer name;

  if (shelf->names != NULL)
    return;
  for (guint i = 0; i < shelf->files->len; i++)
    open_file (shelf, kind, shelf->files->pdata[i]);
  shelf->names = g_ptr_array_new ();
  g_hash_table_iter_init (&iterator, shelf->offers);
  while (g_hash_table_iter_next (&iterator, &name, NULL))
    g_ptr_array_add (shelf->names, name);
  g_ptr_array_sort (shelf->names, compare_texts);
  g_ptr_array_add (shelf->names, NULL);
  g_ptr_array_sort (shelf->problems, compare_texts);
}

/* The problem of the file NAME.so, which people expect NAME in: they would wonder if they got it
 * from another file then. */
static const char *
own_problem (const Shelf *shelf, const char *name)
{
  g_autofree char *part = g_strconcat (G_DIR_SEPARATOR_S, name, SUFFIX ": ", NULL);

  for (guint i = 0; i < shelf->problems->len; i++)
    if (strstr (shelf->problems->pdata[i], part) != NULL)
      return shelf->problems->pdata[i];
  return NULL;
}

static void
append_problems (GString *text, const FanoutRegistry *registry, const Shelf *shelf)
{
  const GPtrArray *const lists[] = { registry->shelves[0].problems, shelf->problems };
  guint n = 0;

  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    for (guint i = 0; i < lists[list]->len; i++, n++)
      if (n < PROBLEMS_SHOWN)
        g_string_append_printf (text, "%s %s", n == 0 ? "; not usable:" : ";",
                                (const char *) lists[list]->pdata[i]);
  if (n > PROBLEMS_SHOWN)
    g_string_append_printf (text, "; and %u more", n - PROBLEMS_SHOWN);
}

static void
say_unknown (const FanoutRegistry *registry, FanoutKind kind, const char *name, GError **error)
{
  const Shelf *shelf = &registry->shelves[kind];
  const char *const *names = (const char *const *) shelf->names->pdata;
  const char *word = fanout_kind_word (kind);
  const char *nearest = fanout_nearest_name (name, names);
  g_autofree char *quoted = fanout_quote (name, -1);
  g_autofree char *all = g_strjoinv (", ", (char **) shelf->names->pdata);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "there is no %s %s", word, quoted);
  if (nearest != NULL)
    g_string_append_printf (text, "; '%s' is near", nearest);
  if (shelf->names->len > 1)
    g_string_append_printf (text, "; %ss: %s", word, all);
  else
    g_string_append_printf (text, "; no %ss were found", word);
  append_problems (text, registry, shelf);
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, text->str);
}

static gconstpointer
find_locked (FanoutRegistry *registry, FanoutKind kind, const char *name, GError **error)
{
  Shelf *shelf = &registry->shelves[kind];
  const Offer *offer;
  const char *problem;
  g_autofree char *twins = NULL;

  open_named (shelf, kind, name);
  offer = g_hash_table_lookup (shelf->offers, name);
  problem = own_problem (shelf, name);
  if (problem == NULL && offer == NULL)
    {
      /* It may be in a struct that is filled in as the file is loaded. */
      open_all (shelf, kind);
      offer = g_hash_table_lookup (shelf->offers, name);
    }
  if (problem == NULL && offer != NULL)
    {
      if (offer->second == NULL)
        return offer->item;
      problem = twins = describe_twins (kind, name, offer);
    }
  if (problem != NULL)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, "the %s '%s' cannot be used: %s",
                 fanout_kind_word (kind), name, problem);
  else
    say_unknown (registry, kind, name, error);
  return NULL;
}

static gconstpointer
find (FanoutRegistry *registry, FanoutKind kind, const char *name, GError **error)
{
  gconstpointer item;

  pthread_mutex_lock (&registry->lock);
  item = find_locked (registry, kind, name, error);
  pthread_mutex_unlock (&registry->lock);
  return item;
}

const FanoutOperator *
fanout_registry_operator (FanoutRegistry *registry, const char *name, GError **error)
{
  return find (registry, FANOUT_KIND_OPERATOR, name, error);
}

const FanoutSource *
fanout_registry_source (FanoutRegistry *registry, const char *name, GError **error)
{
  return find (registry, FANOUT_KIND_SOURCE, name, error);
}

const FanoutSink *
fanout_registry_sink (FanoutRegistry *registry, const char *name, GError **error)
{
  return find (registry, FANOUT_KIND_SINK, name, error);
}

const char *const *
fanout_registry_names (FanoutRegistry *registry, FanoutKind kind)
{
  Shelf *shelf = &registry->shelves[kind];

  pthread_mutex_lock (&registry->lock);
  open_all (shelf, kind);
  pthread_mutex_unlock (&registry->lock);
  return (const char *const *) shelf->names->pdata;
}

const char *
fanout_registry_file (FanoutRegistry *registry, FanoutKind kind, const char *name)
{
  Shelf *shelf = &registry->shelves[kind];
  const Offer *offer;

  pthread_mutex_lock (&registry->lock);
  open_named (shelf, kind, name);
  offer = g_hash_table_lookup (shelf->offers, name);
  pthread_mutex_unlock (&registry->lock);
  return offer != NULL ? offer->path : NULL;
}

static void
add_twins (GPtrArray *lines, const Shelf *shelf, FanoutKind kind)
{
  for (guint i = 0; shelf->names->pdata[i] != NULL; i++)
    {
      const char *name = shelf->names->pdata[i];
      const Offer *offer = g_hash_table_lookup (shelf->offers, name);

      if (offer->second != NULL)
        g_ptr_array_add (lines, describe_twins (kind, name, offer));
    }
}

char **
fanout_registry_problems (FanoutRegistry *registry)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  pthread_mutex_lock (&registry->lock);
  for (FanoutKind kind = 0; kind < N_KINDS; kind++)
    {
      Shelf *shelf = &registry->shelves[kind];

      open_all (shelf, kind);
      for (guint i = 0; i < shelf->problems->len; i++)
        g_ptr_array_add (lines, g_strdup (shelf->problems->pdata[i]));
      add_twins (lines, shelf, kind);
    }
  pthread_mutex_unlock (&registry->lock);
  g_ptr_array_sort (lines, compare_texts);
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

/* The folder of plugins that belongs to this libfanout: beside the library when it is installed,
 * even if it was moved; in the build tree; at last where it was to be installed. */
static char *
own_folder (void)
{
  static const char *const near[] = { "fanout/plugins", "../plugins" };
  Dl_info info;
  g_autofree char *path = NULL;
  g_autofree char *library = NULL;

  if (dladdr (&fanout_core, &info) == 0 || info.dli_fname == NULL)
    return g_strdup (FANOUT_PLUGIN_DIR);
  path = realpath (info.dli_fname, NULL);
  library = g_path_get_dirname (path != NULL ? path : info.dli_fname);
  for (gsize i = 0; i < G_N_ELEMENTS (near); i++)
    {
      g_autofree char *folder = g_canonicalize_filename (near[i], library);
      g_autofree char *inside = g_build_filename (folder, "aggregate", NULL);

      if (g_file_test (inside, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&folder);
    }
  return g_strdup (FANOUT_PLUGIN_DIR);
}

char **
fanout_plugin_folders (const char *const *extra)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  const char *variable = g_getenv ("FANOUT_PLUGIN_PATH");
  g_auto (GStrv) parts = g_strsplit (variable != NULL ? variable : "", ":", -1);

  for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
    g_ptr_array_add (folders, g_strdup (extra[i]));
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_ptr_array_add (folders, g_strdup (parts[i]));
  g_ptr_array_add (folders, own_folder ());
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&folders), FALSE);
}
