#include "tests/support/written.h"
#include "core/partial/groups.h"
#include "core/partial/private.h"
#include "core/partial/seal.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <glib/gstdio.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Operators of every sort: exact sums, texts, row numbers; lists, sketches. */
#define RANGE "[source]\ntype = range\n"
#define PLAIN                                                                                      \
  RANGE "step = 7\n[aggregate n]\ntype = count\n"                                                  \
        "[aggregate mean]\ntype = mean\ncolumn = value\n"                                          \
        "[aggregate last]\ntype = last\ncolumn = value\n"                                          \
        "[aggregate least]\ntype = argmin\ncolumn = value\nvalue = value\n"                        \
        "[aggregate p]\ntype = product\ncolumn = value\n"
#define GROUPED                                                                                    \
  "[pipeline]\ngroup-by = value\n" RANGE                                                           \
  "step = 7\n[aggregate q]\ntype = quantile\ncolumn = value\nq = 0.5\n"                            \
  "[aggregate d]\ntype = distinct\ncolumn = value\nlimit = 3\n"                                    \
  "[aggregate t]\ntype = top\ncolumn = value\n"                                                    \
  "[aggregate all]\ntype = collapse\ncolumn = value\n"                                             \
  "[aggregate h]\ntype = histogram\ncolumn = value\n"

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

/* Not over what is there: some file systems then wait for the disk. */
static int
create_other (void)
{
  int fd;

  g_remove (other);
  fd = open (other, O_CREAT | O_EXCL | O_WRONLY, 0600);
  ck_assert_int_ge (fd, 0);
  return fd;
}

static void
write_other (gconstpointer bytes, gsize length)
{
  FILE *file = fdopen (create_other (), "wb");

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
  for (gsize at = 0; at < length; at += at < 100 || at + 100 > length ? 1 : 7)
    refuses (bytes, at, "cut", at);
  /* A bit of every fifth byte. */
  for (gsize bit = 0; bit < length * 8; bit += 41)
    {
      bytes[bit / 8] = (char) (bytes[bit / 8] ^ 1 << bit % 8);
      refuses (bytes, length, "bit", bit);
      bytes[bit / 8] = (char) (bytes[bit / 8] ^ 1 << bit % 8);
    }
  /* A NUL is behind it. */
  refuses (bytes, length + 1, "longer", length);
}

static FanoutWriter *
unseal (const char *path)
{
  FanoutWriter *all = fanout_writer_new (0, NULL, NULL);
  g_autoptr (FanoutSealed) in = fanout_sealed_open (path, path, NULL);
  guint8 start[FANOUT_PARTIAL_START];
  guint8 byte;

  ck_assert_uint_eq (fanout_sealed_magic (in, start, sizeof start), sizeof start);
  while (fanout_sealed_read (in, &byte, 1))
    fanout_write_u8 (all, byte);
  ck_assert (fanout_sealed_at_end (in));
  return all;
}

static gboolean
put (gpointer output, const char *bytes, gsize length, GError **error)
{
  return fanout_output_put (output, bytes, length, error);
}

/* With checksums that fit. */
static void
write_forged (gconstpointer bytes, gsize length)
{
  static const guint8 start[FANOUT_PARTIAL_START] = FANOUT_PARTIAL_MAGIC "\x0a";
  const int fd = create_other ();
  g_autofree char *path = g_strdup_printf ("/dev/fd/%d", fd);
  g_autoptr (FanoutOutput) output = fanout_output_open (path, NULL, NULL);
  g_autoptr (FanoutSealer) out = fanout_sealer_new (put, output, start, sizeof start);

  G_STATIC_ASSERT (FANOUT_PARTIAL_VERSION == 10);
  ck_assert (fanout_sealer_write (out, bytes, length));
  ck_assert (fanout_sealer_end (out, NULL) && fanout_output_commit (output, NULL));
  ck_assert_int_eq (close (fd), 0);
}

static void
write_written (const FanoutWriter *written)
{
  gsize length;
  const guint8 *bytes = fanout_writer_bytes (written, &length);

  write_forged (bytes, length);
}

/* Whatever is answered. */
static void
try_forged (gconstpointer bytes, gsize length)
{
  const char *const paths[] = { first, other, NULL };

  write_forged (bytes, length);
  g_free (merge (paths));
}

static void
check_forged (const char *ini)
{
  static const guint8 masks[] = { 0x01, 0x80, 0xff };
  g_autoptr (FanoutWriter) part = NULL;
  guint8 *bytes;
  gsize length;

  write_parts (ini);
  part = unseal (second);
  bytes = fanout_writer_bytes (part, &length);
  for (gsize at = 0; at < length; at++)
    {
      const guint8 mask = masks[at % sizeof masks];

      if (at % 8 == 0)
        try_forged (bytes, at);
      bytes[at] ^= mask;
      try_forged (bytes, length);
      bytes[at] ^= mask;
    }
}

static void
put_length (FanoutWriter *bytes, guint64 length)
{
  for (; length >= 0x80; length >>= 7)
    fanout_write_u8 (bytes, (guint8) (length | 0x80));
  fanout_write_u8 (bytes, (guint8) length);
}

static void
put_text (FanoutWriter *bytes, const char *text)
{
  put_length (bytes, strlen (text));
  fanout_write (bytes, text, strlen (text));
}

/* One state of one operator, by a hand that knows the format; `dropped` may be empty. */
static void
write_crafted (const char *ini, const char *type, const char *dropped)
{
  g_autoptr (FanoutWriter) bytes = fanout_writer_new (0, NULL, NULL);

  put_text (bytes, ini);
  put_text (bytes, "a fingerprint");
  fanout_write_u64 (bytes, 0);
  fanout_write_u32 (bytes, 0);
  for (guint i = 0; i < 5; i++)
    fanout_write_u64 (bytes, 0);
  put_text (bytes, "");
  for (guint i = 0; i < 2; i++)
    fanout_write_u64 (bytes, 0);
  for (guint i = 0; i < 2; i++)
    put_text (bytes, "");
  fanout_write_u64 (bytes, 0); /* no part of others */
  fanout_write_u32 (bytes, 1); /* table, of so many aggregates */
  fanout_write_u32 (bytes, 1);
  put_text (bytes, "x");
  put_text (bytes, type);
  fanout_write_u32 (bytes, 1);
  put_text (bytes, dropped);
  fanout_write_u32 (bytes, 0); /* it has not left */
  fanout_write_u32 (bytes, 0);
  fanout_write_u64 (bytes, 1);
  put_text (bytes, "");
  write_written (bytes);
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

/* Lengths of 64 bits: what is longer than 4 GiB is not taken for what it is modulo that. */
START_TEST (lengths)
{
  static const guint64 more[] = { 0, 1ull << 32, 1ull << 40, 1ull << 63 };
  const char *const paths[] = { other, NULL };
  g_autoptr (FanoutWriter) part = NULL;
  FanoutReader in;
  guint64 n = 0;
  guint8 byte;

  write_parts (PLAIN);
  part = unseal (first);
  in = written (part);
  for (guint shift = 0; fanout_read_u8 (&in, &byte); shift += 7)
    {
      n |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        break;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    {
      g_autoptr (FanoutWriter) forged = fanout_writer_new (0, NULL, NULL);
      g_autofree char *found = NULL;

      put_length (forged, n + more[i]);
      fanout_write (forged, in.next, fanout_reader_left (&in));
      write_written (forged);
      found = merge (paths);
      ck_assert_msg (g_str_has_suffix (found, "the partial result is damaged") == (i > 0), "%u: %s",
                     (guint) i, found);
    }
}
END_TEST

/* Ten bytes hold 64 bits; more bytes, or bits, are damage. */
START_TEST (lengths_in_bytes)
{
  static const struct
  {
    const char *bytes;
    gsize n;
  } cases[] = {
    { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 },
    { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 },
    { "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11 },
    { "\x85", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const paths[] = { other, NULL };
      g_autofree char *found = NULL;

      write_forged (cases[i].bytes, cases[i].n);
      found = merge (paths);
      ck_assert_msg (g_str_has_suffix (found, "the partial result is damaged"), "%u: %s", (guint) i,
                     found);
    }
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
      g_autoptr (GError) error = NULL;
      g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
      g_autofree char *text = NULL;

      ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
      text = test_text (result);
      ck_assert (g_str_has_prefix (text, "5,14,28,0,"));
    }
}
END_TEST

START_TEST (damaged)
{
  check_damage (GROUPED);
}
END_TEST

START_TEST (forged)
{
  check_forged (PLAIN);
  check_forged (GROUPED);
}
END_TEST

START_TEST (runs_nothing)
{
  g_autofree char *touched = g_build_filename (folder, "touched", NULL);
  g_autofree char *exec = g_strdup_printf (
      "[aggregate x]\ntype = exec\ncolumn = a\ncommand = touch '%s'; echo hi\n", touched);
  g_autofree char *command = g_strdup_printf (
      "error: %s:1: [aggregate x]: exec gives no partial results: its result is a matter of "
      "sequence",
      other);
  g_autofree char *ewma = g_strdup_printf (
      "error: %s:1: [aggregate x]: ewma gives no partial results: its result is a matter of "
      "sequence",
      other);
  const char *const paths[] = { other, NULL };
  const char *const drops[] = { "", "dropped" };

  for (guint i = 0; i < G_N_ELEMENTS (drops); i++)
    {
      g_autofree char *found = NULL;
      g_autofree char *other_found = NULL;

      write_crafted (exec, "exec", drops[i]);
      found = merge (paths);
      ck_assert_str_eq (found, command);
      ck_assert (!g_file_test (touched, G_FILE_TEST_EXISTS));
      write_crafted ("[aggregate x]\ntype = ewma\ncolumn = a\n", "ewma", drops[i]);
      other_found = merge (paths);
      ck_assert_str_eq (other_found, ewma);
    }
}
END_TEST

/* States of many pieces, and more groups than are read at once. */
START_TEST (large)
{
  const char *const paths[] = { first, second, NULL };
  const char *const overrides[] = { "source.start=0", "source.stop=90001", "source.step=1", NULL };
  static const char *const inis[]
      = { RANGE "[aggregate all]\ntype = collapse\ncolumn = value\nlimit = 1000000\n",
          "[pipeline]\ngroup-by = value\n" RANGE "[aggregate n]\ntype = count\n" };

  for (guint i = 0; i < G_N_ELEMENTS (inis); i++)
    {
      g_autofree char *whole = test_run (inis[i], overrides);
      g_autofree char *found = NULL;

      write_part (inis[i], "source.start=0", "source.stop=60000", first);
      write_part (inis[i], "source.start=60000", "source.stop=90001", second);
      found = merge (paths);
      ck_assert_str_eq (found, whole);
    }
}
END_TEST

/* Keys and states of all lengths, which lie across what is read at once at every place; the second
 * part has some groups of the first, in another order. */
START_TEST (mixed)
{
  static const char ini[] = "[pipeline]\ngroup-by = a, b\n" RANGE "[let]\n"
                            "a = nullif(value * 7 % 3001, 0)\n"
                            "b = if(value % 97 = 1, replace(replace('aaaaaaaaaaaaaaaaaaaa', 'a', "
                            "'bbbbbbbbbbbbbbbbbbbb'),"
                            " 'b', text(a)), substr('abcdefghijklmnopqrstuvwxyz', 1, value % 19))\n"
                            "x = if(value % 41 = 0, 1 / (value + 1), value * 37 % 1999 / 100 - 7)\n"
                            "[aggregate n]\ntype = count\n"
                            "[aggregate mean]\ntype = mean\ncolumn = x\n"
                            "[aggregate max]\ntype = max\ncolumn = x\n"
                            "[aggregate deviation]\ntype = stddev\ncolumn = x\n"
                            "[aggregate last]\ntype = last\ncolumn = b\n"
                            "[aggregate all]\ntype = collapse\ncolumn = b\nlimit = 1000\n";
  const char *const paths[] = { first, second, NULL };
  const char *const overrides[] = { "source.start=0", "source.stop=12000", NULL };
  g_autofree char *whole = test_run (ini, overrides);
  g_autofree char *found = NULL;

  write_part (ini, "source.start=0", "source.stop=7000", first);
  write_part (ini, "source.start=7000", "source.stop=12000", second);
  found = merge (paths);
  ck_assert_str_eq (found, whole);
}
END_TEST

/* However far apart. */
START_TEST (group_twice)
{
  static const guint8 keys_and_groups[] = { 1, 0, 0, 0, 0xb8, 0x0b, 0, 0, 0, 0, 0, 0 };
  const char *const paths[] = { other, NULL };
  g_autofree char *message
      = g_strdup_printf ("error: %s: the partial result is damaged: it has a group twice", other);
  g_autoptr (FanoutWriter) part = NULL;
  g_autofree char *found = NULL;
  g_autofree guint8 *twice = NULL;
  const guint8 *bytes;
  gsize length, groups;

  write_part ("[pipeline]\ngroup-by = value\n" RANGE "[aggregate n]\ntype = count\n",
              "source.start=0", "source.stop=3000", first);
  part = unseal (first);
  bytes = fanout_writer_bytes (part, &length);
  for (groups = sizeof keys_and_groups;
       memcmp (bytes + groups - sizeof keys_and_groups, keys_and_groups, sizeof keys_and_groups)
       != 0;
       groups++)
    ck_assert_uint_lt (groups, length);
  twice = g_malloc (2 * length - groups);
  memcpy (twice, bytes, length);
  memcpy (twice + length, bytes + groups, length - groups);
  twice[groups - sizeof (guint64)] = 0x70;
  twice[groups - sizeof (guint64) + 1] = 0x17;
  write_forged (twice, 2 * length - groups);
  found = merge (paths);
  ck_assert_str_eq (found, message);
}
END_TEST

/* A state of so many bytes and eight comes back as it was. */
static void
check_heavy (guint64 bytes)
{
  const char *const paths[] = { first, second, NULL };
  g_autofree char *ini = g_strdup_printf (
      RANGE "[aggregate n]\ntype = heavy\nbytes = %" G_GUINT64_FORMAT "\n", bytes);
  g_autofree char *found = NULL;

  write_parts (ini);
  found = merge (paths);
  ck_assert_msg (strcmp (found, "35\n") == 0, "%" G_GUINT64_FORMAT " bytes: %s", bytes, found);
}

/* With FANOUT_TEST_BIG=1 it takes a minute, 9 GiB of disk and 13 GiB of memory. */
START_TEST (heavy)
{
  static const gint64 beside[] = { -9, -8, -7, 0, FANOUT_STATE_PIECE - 8, 2 * FANOUT_STATE_PIECE };

  check_heavy (0);
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    check_heavy ((guint64) (FANOUT_STATE_PIECE + beside[i]));
  if (g_getenv ("FANOUT_TEST_BIG") != NULL)
    check_heavy ((1ull << 32) + 5);
}
END_TEST

START_TEST (cut_while_it_is_read)
{
  g_autofree char *message
      = g_strdup_printf ("%s: it is damaged or cut short: it ends too early", first);
  const char *const paths[] = { first, NULL };
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;

  write_part ("[pipeline]\ngroup-by = value\n" RANGE "[aggregate n]\ntype = count\n",
              "source.start=0", "source.stop=100000", first);
  pipeline = fanout_pipeline_load_partials (test_registry (), paths, NULL, NULL);
  ck_assert_ptr_nonnull (pipeline);
  ck_assert_int_eq (truncate (first, 100000), 0);
  ck_assert_ptr_null (fanout_pipeline_run (pipeline, NULL, &error));
  ck_assert_str_eq (error->message, message);
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
  tcase_add_test (tests, lengths);
  tcase_add_test (tests, lengths_in_bytes);
  tcase_add_test (tests, runs_nothing);
  tcase_add_test (tests, large);
  tcase_add_test (tests, mixed);
  tcase_add_test (tests, group_twice);
  tcase_add_test (tests, heavy);
  tcase_add_test (tests, cut_while_it_is_read);
  suite_add_tcase (suite, tests);
  return suite;
}
