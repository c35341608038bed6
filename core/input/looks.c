#include "core/base/error.h"
#include "core/input/private.h"
#include <string.h>

/* Enough to tell UTF-16 from text with a NUL byte in it. */
#define SAMPLE 256

typedef struct
{
  const char *begin;
  gsize length;
  gsize at;
  const char *what;
  const char *remedy; /* what prints it as text; the name of the file goes behind it */
} Magic;

#define MAGIC(bytes, at, what, remedy)                                                             \
  {                                                                                                \
    bytes, sizeof (bytes) - 1, at, what, remedy                                                    \
  }

/* No text begins so. */
static const Magic magics[] = {
  MAGIC ("PK\3\4", 0, "a zip archive, which a spreadsheet may be as well", "unzip -p"),
  MAGIC ("ustar", 257, "a tar archive", "tar -xO -f"),
  MAGIC ("7z\xbc\xaf\x27\x1c", 0, "a 7z archive", "7z x -so"),
  MAGIC ("Rar!\x1a\x07", 0, "a rar archive", "unrar p -inul"),
  MAGIC ("\x1f\x9d", 0, "packed data of compress", "gzip -dc"),
  MAGIC ("LZIP\1", 0, "packed data of lzip", "lzip -dc"),
  MAGIC ("\x02\x21\x4c\x18", 0, "packed data of an old lz4", "lz4 -dc"),
  MAGIC ("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0,
         "an old document or spreadsheet of Microsoft Office", NULL),
  MAGIC ("%PDF-", 0, "PDF", NULL),
  MAGIC ("PAR1\x15", 0, "Parquet", NULL),
  MAGIC ("ARROW1\0\0", 0, "Arrow", NULL),
  MAGIC ("Obj\1", 0, "Avro", NULL),
  MAGIC ("SQLite format 3\0", 0, "a database of SQLite", NULL),
  MAGIC ("\x89HDF\r\n", 0, "HDF5", NULL),
  MAGIC ("\x89PNG\r\n", 0, "a picture", NULL),
  MAGIC ("\x7f"
         "ELF",
         0, "a program", NULL),
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
is_packed (const FanoutReaderInput *input)
{
  return input->packed != FANOUT_COMPRESSION_NONE;
}

static gboolean
refuse (const FanoutReaderInput *input, const char *what, const char *more, GError **error)
{
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s: %s %s%s", input->name,
               is_packed (input) ? "unpacked, it" : "it", what, more);
  return FALSE;
}

/* Some programs want to be told to read the file, and of them some that it is their input. */
static char *
command_for (const FanoutReaderInput *input, const char *remedy, const char *direct)
{
  const gboolean standard = strcmp (input->path, "-") == 0;
  const char *file = standard ? "" : input->name;
  const char *blank = standard ? "" : " ";

  if (is_packed (input))
    return g_strdup_printf ("%s%s%s | %s", fanout_packed_tool (input->packed), blank, file, remedy);
  return g_strconcat (remedy, standard ? "" : direct, blank, file, NULL);
}

static gboolean
refuse_with_remedy (const FanoutReaderInput *input, const char *what, const char *remedy,
                    const char *direct, GError **error)
{
  g_autofree char *command = command_for (input, remedy, direct);
  g_autofree char *more = g_strconcat ("; as text it comes from: ", command, NULL);

  return refuse (input, what, more, error);
}

static gboolean
refuse_magic (const FanoutReaderInput *input, const Magic *magic, GError **error)
{
  g_autofree char *what = g_strconcat ("looks like ", magic->what, NULL);

  return magic->remedy == NULL ? refuse (input, what, ", and is no text", error)
                               : refuse_with_remedy (input, what, magic->remedy, "", error);
}

static gboolean
refuse_packed (const FanoutReaderInput *input, FanoutCompression kind, GError **error)
{
  g_autofree char *what
      = g_strdup_printf ("looks like packed data of %s", fanout_packed_name (kind));

  return is_packed (input)
             ? refuse_with_remedy (input, what, fanout_packed_tool (kind), "", error)
             : refuse (input, what, "; [source] compression = auto unpacks it", error);
}

/* What would be taken for text that makes no sense. */
static gboolean
has_known_encoding (const FanoutReaderInput *input, GError **error)
{
  const char *data = input->head + FANOUT_PADDING;
  const gsize length = input->head_length;
  const char *encoding;

  if (length >= 4
      && (memcmp (data, "\xff\xfe\0\0", 4) == 0 || memcmp (data, "\0\0\xfe\xff", 4) == 0))
    return refuse (input, "is UTF-32, by its byte order mark",
                   "; [source] encoding = utf-32 takes it so", error);
  if (length >= 2 && (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0))
    return refuse (input, "is UTF-16, by its byte order mark",
                   "; [source] encoding = auto takes it so", error);
  encoding = find_utf16 (data, length);
  if (encoding != NULL)
    {
      g_autofree char *more = g_strdup_printf ("; [source] encoding = %s takes it so", encoding);

      return refuse (input, "looks like UTF-16 without a byte order mark", more, error);
    }
  return TRUE;
}

gboolean
fanout_reader_is_text (const FanoutReaderInput *input, GError **error)
{
  const char *data = input->head + FANOUT_PADDING;
  const gsize length = input->head_length;
  const FanoutCompression kind = fanout_packed_kind (data, length, FALSE);

  if (kind != FANOUT_COMPRESSION_AUTO && kind != FANOUT_COMPRESSION_NONE)
    return refuse_packed (input, kind, error);
  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    {
      const Magic *magic = &magics[i];

      if (length >= magic->at + magic->length
          && memcmp (data + magic->at, magic->begin, magic->length) == 0)
        return refuse_magic (input, magic, error);
    }
  if (!has_known_encoding (input, error))
    return FALSE;
  if (has_returns_alone (data, length))
    return refuse_with_remedy (
        input, "has carriage returns and no line feed, the line ends of old Macintoshes",
        "tr '\\r' '\\n'", " <", error);
  return TRUE;
}

static const char *
skip_blanks (const char *p, const char *end)
{
  while (p < end && g_ascii_isspace (*p))
    p++;
  return p;
}

/* What makes lines of objects of it, where it is JSON of another shape; else NULL. */
static const char *
find_json (const char *data, const char *end)
{
  const gboolean array = data < end && *data == '[';
  const char *object = array ? skip_blanks (data + 1, end) : data;
  const char *key;

  if (object == end || *object != '{')
    return NULL;
  key = skip_blanks (object + 1, end);
  if (key == end || *key != '"')
    return NULL;
  if (array)
    return "jq -c '.[]'";
  return memchr (object, '\n', (gsize) (key - object)) != NULL ? "jq -c ." : NULL;
}

gboolean
fanout_reader_is_table (const FanoutReaderInput *input, GError **error)
{
  static const char *const pages[] = { "<!doctype html", "<html" };
  const char *data = input->head + FANOUT_PADDING + input->head_start;
  const char *end = input->head + FANOUT_PADDING + input->head_length;
  const char *remedy;

  data = skip_blanks (data, end);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if ((gsize) (end - data) >= strlen (pages[i])
        && g_ascii_strncasecmp (data, pages[i], strlen (pages[i])) == 0)
      return refuse (input, "looks like HTML", ", the page of a site, and has no rows", error);
  remedy = find_json (data, end);
  if (remedy != NULL)
    {
      g_autofree char *command = command_for (input, remedy, "");
      g_autofree char *more = g_strconcat (
          ", and not like rows; type = jsonl reads what comes from: ", command, NULL);

      return refuse (input, "looks like JSON", more, error);
    }
  return TRUE;
}
