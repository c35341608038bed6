#include "core/plugin/place.h"
#include "core/base/error.h"
#include "core/base/same-file.h"
#include "core/plugin/access.h"
#include "core/plugin/index.h"

#include <dirent.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".so"

/* One file, opened or not. */
typedef struct
{
  FanoutIndexEntry entry; /* its name is ours */
  gboolean indexed;       /* it is what a usable index was made of, and so it is whole */
  gboolean elsewhere;     /* met before under another path: not to be opened */
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

struct FanoutPlace
{
  FanoutKind kind;
  char *folder; /* NULL: tables */
  GHashTable *seen;
  GPtrArray *files;
  gboolean listed;     /* else the files are those of a young index that were asked for */
  GPtrArray *tables;   /* FanoutPluginFile */
  FanoutIndex *index;  /* what the names of the files point into; NULL: none that fits */
  GHashTable *offers;  /* name to Offer, of the files that were opened */
  GPtrArray *problems; /* char *, "PATH: reason" */
  gboolean may_pass;   /* one of them */
  gboolean opened;     /* all of them */
};

static void
file_free (gpointer data)
{
  File *file = data;

  fanout_plugin_file_free (file->plugin);
  g_free ((gpointer) file->entry.file);
  g_free (file);
}

static FanoutPlace *
make (FanoutKind kind, const char *folder)
{
  FanoutPlace *place = g_new0 (FanoutPlace, 1);

  place->kind = kind;
  place->folder = g_strdup (folder);
  place->files = g_ptr_array_new_with_free_func (file_free);
  place->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_plugin_file_free);
  place->offers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  place->problems = g_ptr_array_new_with_free_func (g_free);
  return place;
}

FanoutPlace *
fanout_place_new_for_tables (FanoutKind kind)
{
  FanoutPlace *place = make (kind, NULL);

  place->listed = TRUE;
  place->opened = TRUE;
  return place;
}

void
fanout_place_free (FanoutPlace *place)
{
  if (place == NULL)
    return;
  fanout_index_free (place->index);
  g_hash_table_unref (place->offers);
  g_ptr_array_unref (place->tables);
  g_ptr_array_unref (place->files);
  g_ptr_array_unref (place->problems);
  g_free (place->folder);
  g_free (place);
}

static void
add_problem (FanoutPlace *place, const GError *error)
{
  g_ptr_array_add (place->problems, g_strdup (error->message));
  place->may_pass = place->may_pass || g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gint
compare_files (gconstpointer a, gconstpointer b)
{
  const File *const *x = a;
  const File *const *y = b;

  return strcmp ((*x)->entry.file, (*y)->entry.file);
}

static gboolean
same_file (gconstpointer a, gconstpointer b)
{
  const File *x = a;
  const File *y = b;

  return strcmp (x->entry.file, y->entry.file) == 0;
}

static void
read_stamp (const struct stat *st, FanoutIndexStamp *stamp)
{
  stamp->size = (guint64) st->st_size;
  stamp->seconds = st->st_mtim.tv_sec;
  stamp->nanoseconds = (guint32) st->st_mtim.tv_nsec;
}

static void
look_at (File *file, int folder, GHashTable *seen)
{
  struct stat st;

  if (fstatat (folder, file->entry.file, &st, 0) != 0)
    return;
  read_stamp (&st, &file->entry.stamp);
  file->elsewhere = !fanout_file_set_add (seen, &st);
}

static File *
add_file (FanoutPlace *place, const char *name)
{
  File *file = g_new0 (File, 1);

  file->entry.file = g_strdup (name);
  g_ptr_array_add (place->files, file);
  return file;
}

static void
list_files (FanoutPlace *place, DIR *dir)
{
  const struct dirent *entry;

  while ((entry = readdir (dir)) != NULL)
    if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, SUFFIX))
      add_file (place, entry->d_name);
  g_ptr_array_sort (place->files, compare_files);
  for (guint i = 0; i < place->files->len; i++)
    look_at (place->files->pdata[i], dirfd (dir), place->seen);
}

/* In the order of the files. */
static FanoutIndexEntry *
copy_entries (const FanoutPlace *place)
{
  FanoutIndexEntry *entries = g_new (FanoutIndexEntry, place->files->len);

  for (guint i = 0; i < place->files->len; i++)
    entries[i] = ((const File *) place->files->pdata[i])->entry;
  return entries;
}

static void
use_index (FanoutPlace *place)
{
  g_autofree FanoutIndexEntry *found = copy_entries (place);

  if (place->index != NULL && !fanout_index_fits (place->index, found, place->files->len))
    g_clear_pointer (&place->index, fanout_index_free);
  for (guint i = 0; place->index != NULL && i < place->files->len; i++)
    {
      File *file = place->files->pdata[i];

      file->entry.names = g_array_index (place->index->entries, FanoutIndexEntry, i).names;
      file->indexed = TRUE;
    }
}

/* Put the files that were opened in the place of those that were found. */
static void
keep_opened (FanoutPlace *place, GPtrArray *files)
{
  while (files->len > 0)
    {
      File *file = g_ptr_array_steal_index (files, files->len - 1);
      guint found;

      if (!file->tried)
        file_free (file);
      else if (g_ptr_array_find_with_equal_func (place->files, file, same_file, &found))
        {
          file->entry.names = ((const File *) place->files->pdata[found])->entry.names;
          file_free (place->files->pdata[found]);
          place->files->pdata[found] = file;
        }
      else
        {
          file->entry.names = "";
          g_ptr_array_add (place->files, file);
        }
    }
}

/* Look at the folder itself. */
static void
list (FanoutPlace *place)
{
  g_autoptr (GPtrArray) before = NULL;
  DIR *dir;

  if (place->listed)
    return;
  place->listed = TRUE;
  before = g_steal_pointer (&place->files);
  place->files = g_ptr_array_new_with_free_func (file_free);
  dir = opendir (place->folder);
  if (dir == NULL)
    {
      g_autoptr (GError) error = NULL;

      fanout_error_system (&error, FANOUT_ERROR_PLUGIN, errno, "%s", place->folder);
      add_problem (place, error);
    }
  else
    {
      list_files (place, dir);
      closedir (dir);
    }
  use_index (place);
  keep_opened (place, before);
}

FanoutPlace *
fanout_place_new (FanoutKind kind, const char *folder, GHashTable *seen)
{
  FanoutPlace *place = make (kind, folder);
  g_autoptr (GError) error = NULL;
  struct stat st;

  place->seen = seen;
  if (!fanout_plugin_check_access_inside (folder, &st, &error))
    {
      place->listed = TRUE;
      add_problem (place, error);
      return place;
    }
  place->index = fanout_index_read (folder, &st);
  if (place->index == NULL || !place->index->is_young)
    list (place);
  return place;
}

static void
add_offers (FanoutPlace *place, const FanoutPluginFile *file)
{
  for (guint i = 0; i < fanout_plugin_file_n_items (file); i++)
    {
      gconstpointer item = fanout_plugin_file_item (file, i);
      const char *name = fanout_kind_item_name (place->kind, item);
      Offer *offer = g_hash_table_lookup (place->offers, name);

      if (offer != NULL)
        {
          offer->second = fanout_plugin_file_path (file);
          continue;
        }
      offer = g_new0 (Offer, 1);
      offer->item = item;
      offer->path = fanout_plugin_file_path (file);
      g_hash_table_insert (place->offers, (gpointer) name, offer);
    }
}

gboolean
fanout_place_add (FanoutPlace *place, FanoutPluginFile *table, GError **error)
{
  g_autoptr (GHashTable) own = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < fanout_plugin_file_n_items (table); i++)
    {
      const char *name = fanout_kind_item_name (place->kind, fanout_plugin_file_item (table, i));

      if (g_hash_table_add (own, (gpointer) name) && !g_hash_table_contains (place->offers, name))
        continue;
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN,
                   "%s: offers two %ss called '%s'; one of them has to go",
                   fanout_plugin_file_path (table), fanout_kind_word (place->kind), name);
      fanout_plugin_file_free (table);
      return FALSE;
    }
  g_ptr_array_add (place->tables, table);
  add_offers (place, table);
  return TRUE;
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

static FanoutPluginFile *
open_whole (const File *file, const char *path, FanoutKind kind, GError **error)
{
  return file->indexed || fanout_plugin_file_check (path, error)
             ? fanout_plugin_file_load (path, kind, error)
             : NULL;
}

static void
open_file (FanoutPlace *place, File *file)
{
  g_autoptr (GError) error = NULL;

  g_autofree char *path = NULL;
  struct stat st;

  if (file->tried || file->elsewhere)
    return;
  file->tried = TRUE;
  path = g_build_filename (place->folder, file->entry.file, NULL);
  if (fanout_plugin_check_access_inside (path, &st, &error))
    file->plugin = open_whole (file, path, place->kind, &error);
  if (file->plugin != NULL)
    add_offers (place, file->plugin);
  else
    add_problem (place, error);
}

void
fanout_place_open (FanoutPlace *place)
{
  GHashTableIter iterator;
  gpointer name;
  gpointer value;

  if (place->opened)
    return;
  place->opened = TRUE;
  list (place);
  for (guint i = 0; i < place->files->len; i++)
    open_file (place, place->files->pdata[i]);
  g_hash_table_iter_init (&iterator, place->offers);
  while (g_hash_table_iter_next (&iterator, &name, &value))
    if (((const Offer *) value)->second != NULL)
      g_ptr_array_add (place->problems, describe_twins (place->kind, name, value));
  g_ptr_array_sort (place->problems, compare_texts);
}

/* The problem of the file NAME.so, which people expect NAME in: they would wonder if they got it
 * from another file then. */
static const char *
own_problem (const FanoutPlace *place, const char *name)
{
  g_autofree char *part = g_strconcat ("/", name, SUFFIX ": ", NULL);

  for (guint i = 0; i < place->problems->len; i++)
    if (strstr (place->problems->pdata[i], part) != NULL)
      return place->problems->pdata[i];
  return NULL;
}

/* The file of an entry of the index. */
static File *
take_file (FanoutPlace *place, const FanoutIndexEntry *entry)
{
  File *file;

  for (guint i = 0; i < place->files->len; i++)
    {
      file = place->files->pdata[i];
      if (file->entry.names == entry->names)
        return file;
    }
  file = add_file (place, entry->file);
  file->entry.stamp = entry->stamp;
  file->entry.names = entry->names;
  return file;
}

static void
take_indexed (FanoutPlace *place, const char *name)
{
  for (guint i = 0; i < place->index->entries->len; i++)
    {
      const FanoutIndexEntry *entry = &g_array_index (place->index->entries, FanoutIndexEntry, i);

      if (fanout_index_has_name (entry->names, name))
        take_file (place, entry);
    }
}

static File *
find_file (FanoutPlace *place, const char *name)
{
  if (!place->listed)
    take_indexed (place, name);
  for (guint i = 0; i < place->files->len; i++)
    {
      File *file = place->files->pdata[i];

      if (!file->elsewhere && fanout_index_has_name (file->entry.names, name))
        return file;
    }
  return NULL;
}

/* One that a young index names may be met elsewhere, too, or have been written to in place. */
static gboolean
is_as_indexed (FanoutPlace *place, File *file)
{
  g_autofree char *path = NULL;
  FanoutIndexStamp stamp;
  struct stat st;

  if (place->listed || file->tried)
    return TRUE;
  path = g_build_filename (place->folder, file->entry.file, NULL);
  if (stat (path, &st) != 0)
    return FALSE;
  read_stamp (&st, &stamp);
  if (!fanout_index_stamp_fits (&file->entry.stamp, &stamp))
    return FALSE;
  file->elsewhere = !fanout_file_set_add (place->seen, &st);
  file->indexed = TRUE;
  return TRUE;
}

/* What the index says is only where to look; that a name is in no file, only the files say. */
static const Offer *
find_indexed (FanoutPlace *place, const char *name)
{
  File *file = find_file (place, name);
  const Offer *offer;

  if (file == NULL || !is_as_indexed (place, file))
    {
      list (place);
      file = place->index != NULL ? find_file (place, name) : NULL;
    }
  if (file == NULL || file->elsewhere)
    return NULL;
  open_file (place, file);
  offer = g_hash_table_lookup (place->offers, name);
  if (offer == NULL)
    g_clear_pointer (&place->index, fanout_index_free);
  return offer;
}

gconstpointer
fanout_place_find (FanoutPlace *place, const char *name, const char **path, char **problem)
{
  const Offer *offer = place->index != NULL ? find_indexed (place, name) : NULL;
  const char *known;

  if (place->index == NULL)
    {
      fanout_place_open (place);
      offer = g_hash_table_lookup (place->offers, name);
    }
  known = own_problem (place, name);
  if (known != NULL || (offer != NULL && offer->second != NULL))
    {
      *problem = known != NULL ? g_strdup (known) : describe_twins (place->kind, name, offer);
      return NULL;
    }
  if (offer == NULL)
    return NULL;
  *path = offer->path;
  return offer->item;
}

static void
tell_indexed (const FanoutPlace *place, void (*function) (const char *name, gpointer data),
              gpointer data)
{
  for (guint i = 0; i < place->files->len; i++)
    {
      const File *file = place->files->pdata[i];
      const char *rest = file->elsewhere ? "" : file->entry.names;
      const char *name;
      gsize length;

      while ((name = fanout_index_next_name (&rest, &length)) != NULL)
        {
          g_autofree char *copy = g_strndup (name, length);

          function (copy, data);
        }
    }
}

void
fanout_place_names (FanoutPlace *place, void (*function) (const char *name, gpointer data),
                    gpointer data)
{
  GHashTableIter iterator;
  gpointer name;

  list (place);
  if (place->index != NULL)
    {
      tell_indexed (place, function, data);
      return;
    }
  fanout_place_open (place);
  g_hash_table_iter_init (&iterator, place->offers);
  while (g_hash_table_iter_next (&iterator, &name, NULL))
    function (name, data);
}

const GPtrArray *
fanout_place_problems (const FanoutPlace *place)
{
  return place->problems;
}

gboolean
fanout_place_may_pass (const FanoutPlace *place)
{
  return place->may_pass;
}

static char *
names_of (const FanoutPlace *place, const FanoutPluginFile *plugin)
{
  GString *names = g_string_new (NULL);
  const guint n = plugin != NULL ? fanout_plugin_file_n_items (plugin) : 0;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        names, "%s%s", i > 0 ? "," : "",
        fanout_kind_item_name (place->kind, fanout_plugin_file_item (plugin, i)));
  return g_string_free (names, FALSE);
}

static gboolean
write_index (const FanoutPlace *place, GError **error)
{
  g_autofree FanoutIndexEntry *entries = copy_entries (place);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < place->files->len; i++)
    {
      g_ptr_array_add (names, names_of (place, ((const File *) place->files->pdata[i])->plugin));
      entries[i].names = names->pdata[i];
    }
  return fanout_index_write (place->folder, entries, place->files->len, error);
}

gboolean
fanout_place_write_index (FanoutPlace *place, GError **error)
{
  g_autofree char *old = NULL;

  if (place->folder == NULL)
    return TRUE;
  fanout_place_open (place);
  if (place->problems->len == 0)
    return write_index (place, error);
  old = g_build_filename (place->folder, FANOUT_INDEX_FILE, NULL);
  g_unlink (old);
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, place->problems->pdata[0]);
  return FALSE;
}
