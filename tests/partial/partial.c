#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* Operators of every sort: exact sums, texts, row numbers; lists, sketches. */
#define RANGE "[source]\ntype = range\nstep = 7\n"
#define PLAIN                                                                                      \
  RANGE "[aggregate n]\ntype = count\n"                                                            \
        "[aggregate mean]\ntype = mean\ncolumn = value\n"                                          \
        "[aggregate last]\ntype = last\ncolumn = value\n"                                          \
        "[aggregate least]\ntype = argmin\ncolumn = value\nvalue = value\n"                        \
        "[aggregate p]\ntype = product\ncolumn = value\n"
#define GROUPED                                                                                    \
  "[pipeline]\ngroup-by = value\n" RANGE                                                           \
  "[aggregate q]\ntype = quantile\ncolumn = value\nq = 0.5\n"                                      \
  "[aggregate d]\ntype = distinct\ncolumn = value\nlimit = 3\n"                                    \
  "[aggregate t]\ntype = top\ncolumn = value\n"                                                    \
  "[aggregate all]\ntype = collapse\ncolumn = value\n"                                             \
  "[aggregate h]\ntype = histogram\ncolumn = value\n"
/* What stands before the configuration. */
#define HEAD   13
#define DIGEST 32

static char *folder;
static char *first;  /* a part of the rows 0, 7, 14 */
static char *second; /* one of 21, 28 */
static char *other;  /* to be damaged */

static void
write_part (const char *ini, const char *start, const char *stop, const char *path)
{
  const char *const overrides[] = { start, stop, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (fanout_pipeline_run_partial (pipeline, path, NULL, &error));
}

static void
write_parts (const char *ini)
{
  write_part (ini, "source.start=0", "source.stop=21", first);
  write_part (ini, "source.start=21", "source.stop=35", second);
}

/* The rows, or the error's message behind "error: ". */
static char *
merge (const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = fanout_pipeline_load_partials (test_registry (), paths, NULL, &error);
  g_autoptr (FanoutResult) result
      = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;

  ck_assert (result != NULL || error->message[0] != '\0');
  return result != NULL ? test_text (result) : g_strdup_printf ("error: %s", error->message);
}

static void
write_other (gconstpointer bytes, gsize length)
{
  FILE *file = fopen (other, "wb");

  ck_assert_ptr_nonnull (file);
  ck_assert_uint_eq (fwrite (bytes, 1, length, file), length);
  ck_assert_int_eq (fclose (file), 0);
}

/* Bytes in place of the second part; now and then they come first. */
static void
refuses (gconstpointer bytes, gsize length, const char *how, gsize at)
{
  for (guint i = at % 8 == 0 ? 0 : 1; i < 2; i++)
    {
      const char *const paths[] = { i == 1 ? first : other, i == 1 ? other : first, NULL };
      g_autofree char *found = NULL;

      write_other (bytes, length);
      found = merge (paths);
      ck_assert_msg (g_str_has_prefix (found, "error: ") && strstr (found, other) != NULL,
                     "%s at %" G_GSIZE_FORMAT ": %s", how, at, found);
    }
}

static void
check_damage (const char *ini)
{
  g_autofree char *bytes = NULL;
  gsize length;

  write_parts (ini);
  ck_assert (g_file_get_contents (second, &bytes, &length, NULL));
  for (gsize at = 0; at < length; at++)
    refuses (bytes, at, "cut", at);
  /* A bit of each byte. */
  for (gsize bit = 0; bit < length * 8; bit += bit % 8 == 7 ? 1 : 9)
    {
      bytes[bit / 8] = (char) (bytes[bit / 8] ^ 1 << bit % 8);
      refuses (bytes, length, "bit", bit);
      bytes[bit / 8] = (char) (bytes[bit / 8] ^ 1 << bit % 8);
    }
  /* The checksum is before the file's end, and a NUL is behind it. */
  refuses (bytes, length + 1, "longer", length);
}

/* With a checksum that fits, whatever is answered. */
static void
try_forged (gconstpointer bytes, gsize length)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *const paths[] = { first, other, NULL };
  guint8 digest[DIGEST];
  gsize digest_length = sizeof digest;

  g_checksum_update (sum, bytes, (gssize) length);
  g_checksum_get_digest (sum, digest, &digest_length);
  g_byte_array_append (all, bytes, (guint) length);
  g_byte_array_append (all, digest, DIGEST);
  write_other (all->data, all->len);
  g_free (merge (paths));
}

static void
check_forged (const char *ini)
{
  static const guint8 masks[] = { 0x01, 0x80, 0xff };
  g_autofree char *bytes = NULL;
  gsize length;

  write_parts (ini);
  ck_assert (g_file_get_contents (second, &bytes, &length, NULL));
  for (gsize at = HEAD; at < length - DIGEST; at++)
    {
      const guint8 mask = masks[at % sizeof masks];

      try_forged (bytes, at);
      bytes[at] = (char) (bytes[at] ^ mask);
      try_forged (bytes, length - DIGEST);
      bytes[at] = (char) (bytes[at] ^ mask);
    }
}

static void
check_merged (const char *ini)
{
  const char *const paths[] = { first, second, NULL };
  const char *const overrides[] = { "source.start=0", "source.stop=35", NULL };
  g_autofree char *whole = test_run (ini, overrides);
  g_autofree char *merged = NULL;

  write_parts (ini);
  merged = merge (paths);
  ck_assert_str_eq (merged, whole);
}

START_TEST (merged)
{
  check_merged (PLAIN);
  check_merged (GROUPED);
}
END_TEST

START_TEST (merges_again)
{
  const char *const paths[] = { first, second, NULL };
  g_autoptr (FanoutPipeline) pipeline = NULL;

  write_parts (PLAIN);
  pipeline = fanout_pipeline_load_partials (test_registry (), paths, NULL, NULL);
  ck_assert_ptr_nonnull (pipeline);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, NULL);
      g_autofree char *text = test_text (result);

      ck_assert (g_str_has_prefix (text, "5,14,28,0,"));
    }
}
END_TEST

START_TEST (damaged)
{
  check_damage (PLAIN);
  check_damage (GROUPED);
}
END_TEST

START_TEST (forged)
{
  check_forged (PLAIN);
  check_forged (GROUPED);
}
END_TEST

static void
set_up (void)
{
  folder = g_dir_make_tmp ("fanout-partial-XXXXXX", NULL);
  first = g_build_filename (folder, "first.part", NULL);
  second = g_build_filename (folder, "second.part", NULL);
  other = g_build_filename (folder, "other.part", NULL);
}

static void
tear_down (void)
{
  g_remove (first);
  g_remove (second);
  g_remove (other);
  g_rmdir (folder);
  g_free (first);
  g_free (second);
  g_free (other);
  g_free (folder);
}

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("partial");
  TCase *tests = tcase_create ("partial");

  tcase_add_unchecked_fixture (tests, set_up, tear_down);
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, merged);
  tcase_add_test (tests, merges_again);
  tcase_add_test (tests, damaged);
  tcase_add_test (tests, forged);
  suite_add_tcase (suite, tests);
  return suite;
}
