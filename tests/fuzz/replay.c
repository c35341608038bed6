/* In place of libFuzzer: the inputs that are named, or all of folders, once each. */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>

static void
replay (const char *path)
{
  g_autofree char *bytes = NULL;
  g_autofree char *copy = NULL;
  gsize length = 0;

  fuzz_check (g_file_get_contents (path, &bytes, &length, NULL), "%s cannot be read", path);
  /* Whoever takes down the process has its input named. */
  printf ("%s\n", path);
  fflush (stdout);
  copy = fuzz_copy (bytes, length);
  LLVMFuzzerTestOneInput ((const uint8_t *) copy, length);
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (argv[i], 0, NULL);
      const char *name;

      if (folder == NULL)
        replay (argv[i]);
      while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          replay (path);
        }
    }
  return 0;
}
