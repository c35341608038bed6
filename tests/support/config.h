#pragma once

/** Configurations from a text, and all that is in them as another. */

#include "core/config/config.h"

#include <check.h>
#include <string.h>

typedef struct
{
  FanoutConfig *config;
  FanoutErrors errors;
} Read;

static inline void
read_clear (Read *read)
{
  g_clear_pointer (&read->config, fanout_config_free);
  fanout_errors_clear (&read->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Read, read_clear)

static inline void
read_bytes (Read *read, const char *text, gsize length, const char *const *overrides)
{
  /* A heap copy without NUL: a sanitizer sees a read past its end. */
  g_autofree char *copy = g_memdup2 (text, length);

  fanout_errors_init (&read->errors);
  read->config = fanout_config_parse (copy, length, "p.ini", "folder", overrides, &read->errors);
  ck_assert_ptr_nonnull (read->config);
}

static inline char *
lines_of (const FanoutErrors *errors)
{
  g_autoptr (GError) error = NULL;

  if (fanout_errors_raise (errors, &error))
    {
      ck_assert_ptr_null (error);
      return g_strdup ("");
    }
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  return g_strdup (error->message);
}

/* All groups and entries as one text, with their origins. */
static inline char *
dump_of (const FanoutConfig *config)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < fanout_config_n_groups (config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (config, i);

      g_string_append_printf (out, "[%s] @%s\n", group->name, group->origin);
      for (guint k = 0; k < group->n_entries; k++)
        g_string_append_printf (out, "%s=<%s> @%s\n", group->entries[k].key,
                                group->entries[k].value, group->entries[k].origin);
    }
  return g_string_free (out, FALSE);
}

static inline void
expect_bytes (const char *text, gsize length, const char *const *overrides, const char *dump,
              const char *lines)
{
  g_auto (Read) read = { 0 };
  g_autofree char *actual_lines = NULL;
  g_autofree char *actual_dump = NULL;

  read_bytes (&read, text, length, overrides);
  actual_lines = lines_of (&read.errors);
  ck_assert_str_eq (actual_lines, lines);
  actual_dump = dump_of (read.config);
  if (dump != NULL)
    ck_assert_str_eq (actual_dump, dump);
}

static inline void
expect (const char *text, const char *dump, const char *lines)
{
  expect_bytes (text, strlen (text), NULL, dump, lines);
}

static inline void
expect_override (const char *text, const char *override, const char *dump, const char *lines)
{
  const char *const overrides[] = { override, NULL };

  expect_bytes (text, strlen (text), overrides, dump, lines);
}
