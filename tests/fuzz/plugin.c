/* Files of plugins and indexes of folders with any bytes in them: a damaged file is refused or
 * looks whole, a damaged index finds what is there, or tells of an error. */

#include "tests/fuzz/fuzz.h"
#include "core/plugin/elf.h"
#include "core/plugin/registry.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char *operators; /* the folder of operators in it */
static char *sum;
static char *file_index;
static GByteArray *true_index;

static void
remove_folder (void)
{
  g_unlink (file_index);
  g_unlink (sum);
  g_rmdir (operators);
  g_rmdir (folder);
}

static GByteArray *
read_bytes (const char *path)
{
  char *bytes = NULL;
  gsize length = 0;

  fuzz_check (g_file_get_contents (path, &bytes, &length, NULL), "%s cannot be read", path);
  return g_byte_array_new_take ((guint8 *) bytes, length);
}

/* A folder with one operator, and its index. */
static void
make_folder (void)
{
  const char *const folders[] = { folder = g_dir_make_tmp ("fanout-fuzz-XXXXXX", NULL), NULL };
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;

  operators = g_build_filename (folder, "aggregate", NULL);
  sum = g_build_filename (operators, "sum.so", NULL);
  file_index = g_build_filename (operators, "index", NULL);
  fuzz_check (g_mkdir (operators, 0755) == 0
                  && symlink (FUZZ_BUILD_DIR "/plugins/aggregate/sum.so", sum) == 0,
              "%s cannot be made", operators);
  atexit (remove_folder);
  registry = fanout_registry_new (folders);
  fuzz_check (fanout_registry_write_index (registry, &error), "%s",
              error != NULL ? error->message : "");
  true_index = read_bytes (file_index);
}

static void
check_index (FuzzInput *in)
{
  const char *const folders[] = { folder, NULL };
  static const char *const names[] = { "sum", "count", "x" };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (FanoutRegistry) registry = NULL;
  g_auto (GStrv) problems = NULL;

  if (fuzz_below (in, 2) == 1)
    {
      g_byte_array_append (bytes, true_index->data, true_index->len);
      fuzz_edit (in, bytes);
    }
  else
    g_byte_array_append (bytes, in->data, (guint) in->length);
  fuzz_check (g_file_set_contents_full (file_index, (const char *) bytes->data, bytes->len,
                                        G_FILE_SET_CONTENTS_NONE, 0644, NULL),
              "%s cannot be written", file_index);
  registry = fanout_registry_new (folders);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      const FanoutOperator *operator_ = fanout_registry_operator (registry, names[i], &error);

      fuzz_check_error (operator_ == NULL, error);
      fuzz_check (operator_ == NULL || strcmp (operator_->name, names[i]) == 0, "asked for %s: %s",
                  names[i], operator_ != NULL ? operator_->name : "");
    }
  problems = fanout_registry_problems (registry);
}

static void
check_elf (FuzzInput *in)
{
  static GByteArray *whole;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *problem = NULL;

  if (whole == NULL)
    whole = read_bytes (FUZZ_BUILD_DIR "/plugins/aggregate/sum.so");
  /* What there is to be read stands at its beginning. */
  if (fuzz_below (in, 2) == 1)
    g_byte_array_append (bytes, whole->data, whole->len);
  else
    g_byte_array_append (bytes, whole->data, MIN (whole->len, 4096));
  fuzz_edit (in, bytes);
  fuzz_check (fanout_elf_check_file (fuzz_file ("elf", bytes->data, bytes->len), &problem)
                  == (problem == NULL),
              "%s", problem != NULL ? problem : "no problem");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };

  if (folder == NULL)
    make_folder ();
  if (size > 2000)
    return 0;
  if (fuzz_below (&in, 2) == 0)
    check_index (&in);
  else
    check_elf (&in);
  return 0;
}
