#include "core/base/error.h"
#include "core/input/private.h"
#include <string.h>

/* Enough to tell UTF-16 from text with a NUL byte in it. */
#define SAMPLE 256

typedef struct
{
  const char *begin;
  gsize length;
  const char *what;
  const char *remedy; /* what prints it as text; the name of the file goes behind it */
} Magic;

#define MAGIC(bytes, what, remedy)                                                                 \
  {                                                                                                \
    bytes, sizeof (bytes) - 1, what, remedy                                                        \
  }

/* A mark of four bytes stands before the mark of two that it begins with. */
static const Magic magics[] = {
  MAGIC ("\xff\xfe\0\0", "is UTF-32, by its byte order mark", "iconv -f utf-32 -t utf-8"),
  MAGIC ("\0\0\xfe\xff", "is UTF-32, by its byte order mark", "iconv -f utf-32 -t utf-8"),
  MAGIC ("\xff\xfe", "is UTF-16, by its byte order mark", "iconv -f utf-16 -t utf-8"),
  MAGIC ("\xfe\xff", "is UTF-16, by its byte order mark", "iconv -f utf-16 -t utf-8"),
  MAGIC ("\x1f\x8b\x08", "looks like packed data of gzip", "gzip -dc"),
  MAGIC ("\x28\xb5\x2f\xfd", "looks like packed data of zstd", "zstd -dc"),
  MAGIC ("\xfd\x37zXZ\0", "looks like packed data of xz", "xz -dc"),
  MAGIC ("BZh91AY&SY", "looks like packed data of bzip2", "bzip2 -dc"),
  MAGIC ("\x04\x22\x4d\x18", "looks like packed data of lz4", "lz4 -dc"),
  MAGIC ("PK\3\4", "looks like a zip archive, which a spreadsheet may be as well", "unzip -p"),
  MAGIC ("PAR1\x15", "looks like Parquet", NULL),
  MAGIC ("ARROW1\0\0", "looks like Arrow", NULL),
  MAGIC ("SQLite format 3\0", "looks like a database of SQLite", NULL),
};

/* Of the bytes at odd places in UTF-16 with the low byte first, most are 0, and of the others none:
 * the encoding's name, or NULL. */
static const char *
find_utf16 (const char *data, gsize length)
{
  const gsize pairs = MIN (length, SAMPLE) / 2;
  gsize zeros[2] = { 0, 0 };

  for (gsize i = 0; i < 2 * pairs; i++)
    zeros[i % 2] += data[i] == '\0';
  if (zeros[0] == 0 && 2 * zeros[1] > pairs)
    return "utf-16le";
  return zeros[1] == 0 && 2 * zeros[0] > pairs ? "utf-16be" : NULL;
}

static gboolean
has_returns_alone (const char *data, gsize length)
{
  const char *found = memchr (data, '\r', length);

  return found != NULL && found + 1 < data + length && memchr (data, '\n', length) == NULL;
}

static gboolean
refuse (const FanoutReaderInput *input, const char *what, const char *remedy, GError **error)
{
  const gboolean standard = strcmp (input->path, "-") == 0;

  if (remedy == NULL)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s: it %s, and is no text", input->name,
                 what);
  else
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s: it %s; as text it comes from: %s%s%s",
                 input->name, what, remedy, standard ? "" : " ", standard ? "" : input->name);
  return FALSE;
}

gboolean
fanout_reader_is_text (const FanoutReaderInput *input, GError **error)
{
  const char *data = input->head + FANOUT_PADDING;
  const gsize length = input->head_length;
  const char *encoding;

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (length >= magics[i].length && memcmp (data, magics[i].begin, magics[i].length) == 0)
      return refuse (input, magics[i].what, magics[i].remedy, error);
  encoding = find_utf16 (data, length);
  if (encoding != NULL)
    {
      g_autofree char *remedy = g_strdup_printf ("iconv -f %s -t utf-8", encoding);

      return refuse (input, "looks like UTF-16 without a byte order mark", remedy, error);
    }
  if (has_returns_alone (data, length))
    return refuse (input, "has carriage returns and no line feed, the line ends of old Macintoshes",
                   strcmp (input->path, "-") == 0 ? "tr '\\r' '\\n'" : "tr '\\r' '\\n' <", error);
  return TRUE;
}
