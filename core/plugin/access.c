#include "core/plugin/access.h"
#include "core/base/error.h"

#include <dlfcn.h>
#include <errno.h>
#include <fanout/abi.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_ROOM 16384

gboolean
fanout_plugin_refuse (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, "%s: %s", path, text);
  return FALSE;
}

/* Whoever libfanout belongs to has code of his own in this process anyway; in a sandbox that may be
 * nobody, elsewhere the keeper of a cluster's programs. */
static gboolean
owns_library (uid_t user)
{
  Dl_info info;
  struct stat st;

  return dladdr (&fanout_core, &info) != 0 && info.dli_fname != NULL
         && stat (info.dli_fname, &st) == 0 && st.st_uid == user;
}

static gboolean
is_trusted (uid_t user)
{
  return user == 0 || user == geteuid () || owns_library (user);
}

/* Where each user has a group to himself, files that its members may write to are usual. */
static gboolean
is_private_group (uid_t user, gid_t group)
{
  g_autofree char *rooms = g_malloc (2 * NAMES_ROOM);
  struct passwd owner;
  struct group his;
  struct passwd *found_owner = NULL;
  struct group *found_group = NULL;

  if (group == 0)
    return TRUE;
  if (getpwuid_r (user, &owner, rooms, NAMES_ROOM, &found_owner) != 0 || found_owner == NULL
      || getgrgid_r (group, &his, rooms + NAMES_ROOM, NAMES_ROOM, &found_group) != 0
      || found_group == NULL || strcmp (owner.pw_name, his.gr_name) != 0)
    return FALSE;
  for (char **member = his.gr_mem; *member != NULL; member++)
    if (strcmp (*member, owner.pw_name) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
check_itself (const char *path, const struct stat *st, GError **error)
{
  if ((st->st_mode & S_IWOTH) != 0)
    return fanout_plugin_refuse (
        error, path,
        "everyone can write to it; a plugin is code, so only its owner may (chmod go-w)");
  if (!is_trusted (st->st_uid))
    return fanout_plugin_refuse (error, path,
                                 "belongs to user %lu; a plugin must belong to root or to user %lu",
                                 (gulong) st->st_uid, (gulong) geteuid ());
  if ((st->st_mode & S_IWGRP) != 0 && !is_private_group (st->st_uid, st->st_gid))
    return fanout_plugin_refuse (
        error, path,
        "the group %lu can write to it; a plugin is code, so only its owner may "
        "(chmod g-w)",
        (gulong) st->st_gid);
  return TRUE;
}

/* Groups that may write to a folder further up were let in by its owner, as staff is into
 * /usr/local; everyone was by mistake. */
static gboolean
check_parent (const char *path, const char *parent, GError **error)
{
  struct stat st;

  if (stat (parent, &st) != 0)
    return fanout_error_system (error, FANOUT_ERROR_PLUGIN, errno, "%s: %s", path, parent);
  if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
    return fanout_plugin_refuse (
        error, path,
        "lies in %s, which everyone can write to; a plugin is code, so only its owner may "
        "(chmod o-w, or +t)",
        parent);
  if (!is_trusted (st.st_uid))
    return fanout_plugin_refuse (
        error, path, "lies in %s, which belongs to user %lu; it must belong to root or to user %lu",
        parent, (gulong) st.st_uid, (gulong) geteuid ());
  return TRUE;
}

static gboolean
check_parents (const char *path, GError **error)
{
  g_autofree char *parent = realpath (path, NULL);

  if (parent == NULL)
    return fanout_error_system (error, FANOUT_ERROR_PLUGIN, errno, "%s", path);
  for (char *slash; (slash = strrchr (parent, '/')) != NULL;)
    {
      /* The last one is the root itself. */
      slash[slash == parent] = '\0';
      if (!check_parent (path, parent, error))
        return FALSE;
      if (slash == parent)
        break;
    }
  return TRUE;
}

/* Whether it is a link goes to `link`; what it is, or what that leads to, to `st`. */
static gboolean
check_one (const char *path, gboolean *link, struct stat *st, GError **error)
{
  if (lstat (path, st) != 0)
    return fanout_error_system (error, FANOUT_ERROR_PLUGIN, errno, "%s", path);
  *link = S_ISLNK (st->st_mode);
  if (*link && stat (path, st) != 0)
    return errno == ENOENT
               ? fanout_plugin_refuse (error, path, "is a link to a file that does not exist")
               : fanout_error_system (error, FANOUT_ERROR_PLUGIN, errno, "%s", path);
  return check_itself (path, st, error);
}

gboolean
fanout_plugin_check_access (const char *path, GError **error)
{
  struct stat st;
  gboolean link;

  return check_one (path, &link, &st, error) && check_parents (path, error);
}

gboolean
fanout_plugin_check_access_inside (const char *path, struct stat *st, GError **error)
{
  gboolean link = FALSE;

  return check_one (path, &link, st, error) && (!link || check_parents (path, error));
}
