#include "core/fanoutd/monitor/page.h"

#include <string.h>

/* 'sha256-...' of what stands between the tags <TAG> and </TAG>. */
static char *
hash_of (const char *tag)
{
  g_autofree char *open = g_strdup_printf ("<%s>", tag);
  g_autofree char *close = g_strdup_printf ("</%s>", tag);
  const char *start = strstr (page_html, open) + strlen (open);
  const char *end = strstr (start, close);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) start, end - start);
  g_checksum_get_digest (checksum, digest, &length);
  g_autofree char *text = g_base64_encode (digest, length);
  return g_strdup_printf ("'sha256-%s'", text);
}

char *
page_policy (void)
{
  g_autofree char *script = hash_of ("script");
  g_autofree char *style = hash_of ("style");

  return g_strdup_printf (
      "default-src 'none'; script-src %s; style-src %s; connect-src 'self'; "
      "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      script, style);
}
