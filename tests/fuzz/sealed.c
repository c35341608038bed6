#include "tests/fuzz/sealed.h"
#include "core/partial/seal.h"

static gboolean
put (gpointer to, const char *bytes, gsize length, GError **error)
{
  (void) error;
  g_byte_array_append (to, (const guint8 *) bytes, (guint) length);
  return TRUE;
}

void
fuzz_edit_sealed (FuzzInput *in, const char *path, gsize magic)
{
  g_autoptr (FanoutSealed) sealed = fanout_sealed_open (path, "sealed", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (FanoutSealer) sealer = NULL;
  guint8 begin[16];
  guint8 byte;

  fuzz_check (sealed != NULL && fanout_sealed_magic (sealed, begin, magic) == magic,
              "%s cannot be read", path);
  while (fanout_sealed_read (sealed, &byte, 1))
    g_byte_array_append (bytes, &byte, 1);
  fuzz_check (fanout_sealed_error (sealed) == NULL, "%s is not sealed", path);
  fuzz_edit (in, bytes);
  sealer = fanout_sealer_new (put, file, begin, magic);
  fanout_sealer_write (sealer, bytes->data, bytes->len);
  fuzz_check (fanout_sealer_end (sealer, NULL), "%s cannot be sealed", path);
  fuzz_check (g_file_set_contents_full (path, (const char *) file->data, file->len,
                                        G_FILE_SET_CONTENTS_NONE, 0600, NULL),
              "%s cannot be written", path);
}
