#include "core/plugin/shared-object.h"
#include "core/base/error.h"
#include "core/config/option.h"
#include "core/plugin/access.h"
#include "core/plugin/elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define SYMBOL          "fanout_plugin"
#define PROGRAM         "the program"
#define ITEMS_MAX       1024
#define NAME_LENGTH_MAX 64

/* What the structs of this ABI number began with. Members appended later do not count: a plugin
 * built before them is as good as ever. */
#define END_OF(Struct, member) (G_STRUCT_OFFSET (Struct, member) + sizeof ((Struct *) 0)->member)
#define PLUGIN_SIZE_MIN        END_OF (FanoutPlugin, core)
#define OPERATOR_SIZE_MIN      END_OF (FanoutOperator, loop)
#define SOURCE_SIZE_MIN        END_OF (FanoutSource, fill)
#define SINK_SIZE_MIN          END_OF (FanoutSink, end)
#define OPTION_SIZE_MIN        END_OF (FanoutOption, example)

struct FanoutPluginFile
{
  char *path;
  gboolean loaded; /* it is a shared object */
  FanoutKind kind;
  GPtrArray *items;  /* gconstpointer */
  GPtrArray *copies; /* of those that came in an older, smaller struct */
};

const guint32 fanout_core = FANOUT_ABI;

typedef struct
{
  const char *word;
  const char *folder;
  gsize size_min;
  gsize size;
  /* offsets */
  gsize name;
  gsize options;
  gsize option_size;
} Kind;

#define OFFSETS_OF(Struct)                                                                         \
  G_STRUCT_OFFSET (Struct, name), G_STRUCT_OFFSET (Struct, options),                               \
      G_STRUCT_OFFSET (Struct, option_size)

static const Kind kinds[] = {
  [FANOUT_KIND_OPERATOR] = { "operator", "aggregate", OPERATOR_SIZE_MIN, sizeof (FanoutOperator),
                             OFFSETS_OF (FanoutOperator) },
  [FANOUT_KIND_SOURCE]
  = { "source", "source", SOURCE_SIZE_MIN, sizeof (FanoutSource), OFFSETS_OF (FanoutSource) },
  [FANOUT_KIND_SINK]
  = { "sink", "sink", SINK_SIZE_MIN, sizeof (FanoutSink), OFFSETS_OF (FanoutSink) },
};

const char *
fanout_kind_word (FanoutKind kind)
{
  return kinds[kind].word;
}

const char *
fanout_kind_folder (FanoutKind kind)
{
  return kinds[kind].folder;
}

const char *
fanout_kind_item_name (FanoutKind kind, gconstpointer item)
{
  return G_STRUCT_MEMBER (const char *, item, kinds[kind].name);
}

/* The member of a struct that may be older, and so shorter, than ours. */
static gboolean
check_sizes (guint32 size, gsize min, gsize max, const char *what, const char *member,
             const char *path, GError **error)
{
  if (size > max)
    return fanout_plugin_refuse (error, path,
                                 "its %s takes %u bytes, at most %" G_GSIZE_FORMAT
                                 " are known here; it was built for a newer libfanout",
                                 what, size, max);
  if (size < min)
    return fanout_plugin_refuse (error, path,
                                 "its %s takes %u bytes, at least %" G_GSIZE_FORMAT
                                 " are wanted; set `%s` to its sizeof",
                                 what, size, min, member);
  return TRUE;
}

static gboolean
check_operator (const FanoutOperator *item, char **problem)
{
  const guint known
      = FANOUT_TAKES_NULLS | FANOUT_UNGROUPED | FANOUT_MAY_LEAVE | FANOUT_FINISH_MAY_FAIL;

  if ((item->update == NULL) == (item->loop == NULL))
    *problem = g_strdup ("it must have either `update` or `loop`");
  else if (item->finish == NULL)
    *problem = g_strdup ("it has no `finish`");
  else if (item->state_size == 0)
    *problem = g_strdup ("its `state_size` is 0");
  else if ((guint) item->order > FANOUT_ORDER_SEQUENCE)
    *problem = g_strdup_printf ("its `order` %u is unknown", (guint) item->order);
  else if ((item->flags & ~known) != 0)
    *problem = g_strdup_printf ("its `flags` 0x%x are not all known", item->flags);
  else if ((item->encode == NULL) != (item->decode == NULL))
    *problem = g_strdup ("it must have both `encode` and `decode`, or neither");
  else if (item->options != NULL)
    return fanout_options_check (item->options, item->options_size, problem);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_source (const FanoutSource *item, char **problem)
{
  const gboolean bytes = (item->header != NULL || item->column != NULL) && item->decode != NULL;
  const guint known = FANOUT_SPARSE | FANOUT_PATHS;
  const gboolean numbered = item->n_rows != NULL && item->fill != NULL && item->names != NULL;

  if (bytes == numbered)
    *problem
        = g_strdup ("it must have either `header` and `decode`, or `names`, `n_rows` and `fill`");
  else if ((item->flags & ~known) != 0)
    *problem = g_strdup_printf ("its `flags` 0x%x are not all known", item->flags);
  else if (item->options != NULL)
    return fanout_options_check (item->options, item->options_size, problem);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_sink (const FanoutSink *item, char **problem)
{
  if (item->begin == NULL || item->rows == NULL || item->end == NULL)
    *problem = g_strdup ("it must have `begin`, `rows` and `end`");
  else if (item->options != NULL)
    return fanout_options_check (item->options, item->options_size, problem);
  else
    return TRUE;
  return FALSE;
}

/* Names stand in INI files and on command lines. */
static gboolean
is_name (const char *name)
{
  gsize n = 0;

  while (g_ascii_isalnum (name[n]) || (n > 0 && (name[n] == '-' || name[n] == '_')))
    n++;
  return n > 0 && n <= NAME_LENGTH_MAX && name[n] == '\0';
}

static gboolean
check_item (FanoutKind kind, gconstpointer item, const char *path, GError **error)
{
  const char *name = fanout_kind_item_name (kind, item);
  g_autofree char *problem = NULL;
  gboolean fine;

  if (name == NULL)
    return fanout_plugin_refuse (error, path, "offers %s %s without a name",
                                 kind == FANOUT_KIND_OPERATOR ? "an" : "a",
                                 fanout_kind_word (kind));
  if (!is_name (name))
    {
      g_autofree char *quoted = fanout_quote (name, -1);

      return fanout_plugin_refuse (
          error, path, "offers the %s %s; a name has letters, digits, - and _, at most %d",
          fanout_kind_word (kind), quoted, NAME_LENGTH_MAX);
    }
  if (kind == FANOUT_KIND_OPERATOR)
    fine = check_operator (item, &problem);
  else if (kind == FANOUT_KIND_SOURCE)
    fine = check_source (item, &problem);
  else
    fine = check_sink (item, &problem);
  return fine
         || fanout_plugin_refuse (error, path, "%s '%s': %s", fanout_kind_word (kind), name,
                                  problem);
}

/* The table of options with elements of our size, which is what all who walk it expect. */
static gpointer
widen_options (FanoutPluginFile *file, const guint8 *table, gsize size)
{
  gsize n = 1;
  FanoutOption *wide;

  while (G_STRUCT_MEMBER (const char *, table + (n - 1) * size, 0) != NULL)
    n++;
  wide = g_new0 (FanoutOption, n);
  for (gsize i = 0; i < n; i++)
    memcpy (&wide[i], table + i * size, size);
  g_ptr_array_add (file->copies, wide);
  return wide;
}

/* Put a copy in the place of `item` where its options are smaller than ours. */
static gboolean
use_options (FanoutPluginFile *file, gconstpointer *item, GError **error)
{
  const Kind *kind = &kinds[file->kind];
  gconstpointer table = G_STRUCT_MEMBER (gconstpointer, *item, kind->options);
  const gsize size = G_STRUCT_MEMBER (gsize, *item, kind->option_size);
  gpointer copy;

  if (table == NULL || size == sizeof (FanoutOption))
    return TRUE;
  if (!check_sizes ((guint32) MIN (size, G_MAXUINT32), OPTION_SIZE_MIN, sizeof (FanoutOption),
                    "option struct", "option_size", file->path, error))
    return FALSE;
  copy = g_memdup2 (*item, kind->size);
  g_ptr_array_add (file->copies, copy);
  G_STRUCT_MEMBER (gpointer, copy, kind->options) = widen_options (file, table, size);
  G_STRUCT_MEMBER (gsize, copy, kind->option_size) = sizeof (FanoutOption);
  *item = copy;
  return TRUE;
}

static gboolean
add_item (FanoutPluginFile *file, gconstpointer item, GError **error)
{
  const Kind *kind = &kinds[file->kind];
  guint32 size;
  g_autofree char *what = g_strdup_printf ("%s struct", kind->word);

  if (item == NULL)
    return fanout_plugin_refuse (error, file->path, "its item %u is NULL", file->items->len);
  memcpy (&size, item, sizeof size);
  if (!check_sizes (size, kind->size_min, kind->size, what, "size", file->path, error))
    return FALSE;
  if (size < kind->size)
    {
      gpointer copy = g_malloc0 (kind->size);

      memcpy (copy, item, size);
      g_ptr_array_add (file->copies, copy);
      item = copy;
    }
  if (!use_options (file, &item, error) || !check_item (file->kind, item, file->path, error))
    return FALSE;
  g_ptr_array_add (file->items, (gpointer) item);
  return TRUE;
}

static gboolean
add_items (FanoutPluginFile *file, const FanoutPlugin *plugin, GError **error)
{
  if (plugin->n_items == 0 || plugin->n_items > ITEMS_MAX || plugin->items == NULL)
    return fanout_plugin_refuse (error, file->path, "offers %u things; 1 to %d are wanted",
                                 plugin->n_items, ITEMS_MAX);
  for (guint i = 0; i < plugin->n_items; i++)
    if (!add_item (file, plugin->items[i], error))
      return FALSE;
  return TRUE;
}

/* From here on only what `abi` and `size` vouch for is read. */
static gboolean
read_plugin (FanoutPluginFile *file, gconstpointer symbol, FanoutKind wanted, GError **error)
{
  FanoutPlugin plugin = { 0 };
  g_autofree char *problem = NULL;

  memcpy (&plugin, symbol, G_STRUCT_OFFSET (FanoutPlugin, kind));
  if (plugin.abi != FANOUT_ABI)
    return fanout_plugin_refuse (error, file->path,
                                 "is built for plugin ABI %u; this libfanout has ABI %u",
                                 plugin.abi, FANOUT_ABI);
  if (!check_sizes (plugin.size, PLUGIN_SIZE_MIN, sizeof plugin, "plugin struct", "size",
                    file->path, error))
    return FALSE;
  if (file->loaded && !fanout_elf_check_symbol (symbol, plugin.size, &problem))
    return fanout_plugin_refuse (error, file->path, "%s", problem);
  memcpy (&plugin, symbol, plugin.size);
  if (plugin.core != &fanout_core)
    return fanout_plugin_refuse (
        error, file->path,
        "brought a libfanout of its own; link it to the shared one that fanoutd uses");
  if (plugin.kind < FANOUT_KIND_OPERATOR || plugin.kind > FANOUT_KIND_SINK)
    return fanout_plugin_refuse (
        error, file->path, "is of the unknown kind %u; operators are %d, sources %d, sinks %d",
        plugin.kind, FANOUT_KIND_OPERATOR, FANOUT_KIND_SOURCE, FANOUT_KIND_SINK);
  if (wanted != 0 && plugin.kind != wanted)
    return fanout_plugin_refuse (
        error, file->path, "offers %ss, which belong into %s/; %ss are wanted here",
        kinds[plugin.kind].word, kinds[plugin.kind].folder, kinds[wanted].word);
  file->kind = plugin.kind;
  return add_items (file, &plugin, error);
}

/* What the dynamic linker says begins with the path as well. */
static gboolean
refuse_to_load (const char *path, const char *full, GError **error)
{
  const char *reason = dlerror ();

  if (reason == NULL)
    reason = "no reason is given";
  if (g_str_has_prefix (reason, full) && g_str_has_prefix (reason + strlen (full), ": "))
    reason += strlen (full) + 2;
  return fanout_plugin_refuse (error, path, "cannot be loaded: %s", reason);
}

/* GModule would call functions of it. */
static gboolean
load (FanoutPluginFile *file, FanoutKind kind, GError **error)
{
  /* Without a slash the dynamic linker would search its own folders. */
  g_autofree char *full = g_canonicalize_filename (file->path, NULL);
  void *module = dlopen (full, RTLD_NOW | RTLD_LOCAL);
  g_autofree char *problem = NULL;
  gconstpointer symbol;
  gboolean fine;

  if (module == NULL)
    return refuse_to_load (file->path, full, error);
  symbol = dlsym (module, SYMBOL);
  if (symbol == NULL)
    fine = fanout_plugin_refuse (error, file->path,
                                 "does not export " SYMBOL
                                 "; end it with FANOUT_OPERATORS (&name); or its like");
  else if (!fanout_elf_check_symbol (symbol, G_STRUCT_OFFSET (FanoutPlugin, kind), &problem))
    fine = fanout_plugin_refuse (error, file->path, "%s", problem);
  else
    fine = read_plugin (file, symbol, kind, error);
  if (!fine)
    dlclose (module);
  return fine;
}

static FanoutPluginFile *
make (const char *path, gboolean loaded)
{
  FanoutPluginFile *file = g_new0 (FanoutPluginFile, 1);

  file->path = g_strdup (path);
  file->loaded = loaded;
  file->items = g_ptr_array_new ();
  file->copies = g_ptr_array_new_with_free_func (g_free);
  return file;
}

FanoutPluginFile *
fanout_plugin_file_open (const char *path, FanoutKind kind, GError **error)
{
  return fanout_plugin_check_access (path, error) && fanout_plugin_file_check (path, error)
             ? fanout_plugin_file_load (path, kind, error)
             : NULL;
}

gboolean
fanout_plugin_file_check (const char *path, GError **error)
{
  g_autofree char *problem = NULL;

  if (fanout_elf_check_file (path, &problem))
    return TRUE;
  return errno != 0 ? fanout_error_system (error, FANOUT_ERROR_PLUGIN, errno, "%s", path)
                    : fanout_plugin_refuse (error, path, "%s", problem);
}

FanoutPluginFile *
fanout_plugin_file_load (const char *path, FanoutKind kind, GError **error)
{
  g_autoptr (FanoutPluginFile) file = make (path, TRUE);

  return load (file, kind, error) ? g_steal_pointer (&file) : NULL;
}

FanoutPluginFile *
fanout_plugin_file_new_for_table (const FanoutPlugin *plugin, GError **error)
{
  g_autoptr (FanoutPluginFile) file = make (PROGRAM, FALSE);

  return read_plugin (file, plugin, 0, error) ? g_steal_pointer (&file) : NULL;
}

void
fanout_plugin_file_free (FanoutPluginFile *file)
{
  if (file == NULL)
    return;
  g_ptr_array_unref (file->items);
  g_ptr_array_unref (file->copies);
  g_free (file->path);
  g_free (file);
}

const char *
fanout_plugin_file_path (const FanoutPluginFile *file)
{
  return file->path;
}

FanoutKind
fanout_plugin_file_kind (const FanoutPluginFile *file)
{
  return file->kind;
}

guint
fanout_plugin_file_n_items (const FanoutPluginFile *file)
{
  return file->items->len;
}

gconstpointer
fanout_plugin_file_item (const FanoutPluginFile *file, guint index)
{
  return file->items->pdata[index];
}
