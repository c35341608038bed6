#pragma once

/* Folders of plugins, made for one test. */

#include "core/plugin/registry.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of plugins in the making. */
typedef struct
{
  char *path;
  char *aggregate;
} Folder;

static inline char *
built (const char *name)
{
  const char *build = g_getenv ("FANOUT_BUILD_DIR");
  g_autofree char *file = g_strconcat (name, ".so", NULL);

  ck_assert_msg (build != NULL, "FANOUT_BUILD_DIR is not set");
  return g_build_filename (build, "tests", "bad-plugins", file, NULL);
}

static inline void
folder_init (Folder *folder)
{
  folder->path = g_dir_make_tmp ("fanout-registry-XXXXXX", NULL);
  folder->aggregate = g_build_filename (folder->path, "aggregate", NULL);
  ck_assert_int_eq (g_mkdir (folder->aggregate, 0755), 0);
}

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      remove_tree (inside);
    }
  g_remove (path);
}

static inline void
folder_clear (Folder *folder)
{
  remove_tree (folder->path);
  g_free (folder->path);
  g_free (folder->aggregate);
}

static inline char *
inside (const Folder *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".so", NULL);

  return g_build_filename (folder->aggregate, file, NULL);
}

/* Not synced, which would take most of the time of a test. */
static inline void
write_file (const char *path, const char *bytes, gsize length)
{
  FILE *file = fopen (path, "w");

  ck_assert_ptr_nonnull (file);
  ck_assert_uint_eq (fwrite (bytes, 1, length, file), length);
  ck_assert_int_eq (fclose (file), 0);
}

static inline void
put_bytes (const Folder *folder, const char *name, const char *bytes, gsize length)
{
  g_autofree char *path = inside (folder, name);

  write_file (path, bytes, length);
  ck_assert_int_eq (g_chmod (path, 0755), 0);
}

static inline char *
read_built (const char *name, gsize *length)
{
  g_autofree char *path = built (name);
  char *bytes = NULL;

  ck_assert_msg (g_file_get_contents (path, &bytes, length, NULL), "%s is missing", path);
  return bytes;
}

/* A copy of the plugin `from`, called `name`. */
static inline void
put_plugin (const Folder *folder, const char *from, const char *name)
{
  gsize length;
  g_autofree char *bytes = read_built (from, &length);

  put_bytes (folder, name, bytes, length);
}

static inline FanoutRegistry *
open_folder (const Folder *folder)
{
  const char *const folders[] = { folder->path, NULL };

  return fanout_registry_new (folders);
}

/* Asking for `name` must fail with a text in which all the others (to NULL) are. */
static inline void
assert_refused (const Folder *folder, const char *name, int code, ...)
{
  g_autoptr (FanoutRegistry) registry = open_folder (folder);
  g_autoptr (GError) error = NULL;
  va_list parts;
  const char *part;

  ck_assert_ptr_null (fanout_registry_operator (registry, name, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (g_error_matches (error, FANOUT_ERROR, code), "%s", error->message);
  ck_assert_msg (strchr (error->message, '\n') == NULL, "%s", error->message);
  va_start (parts, code);
  while ((part = va_arg (parts, const char *)) != NULL)
    ck_assert_msg (strstr (error->message, part) != NULL, "no '%s' in: %s", part, error->message);
  va_end (parts);
}
