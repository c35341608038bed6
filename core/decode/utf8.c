#include "core/decode/scan.h"
#include <string.h>

/* The length of the character beyond ASCII at `p`, which ends before `end`; 0: it is none. */
static gsize
character_length (const guint8 *p, const guint8 *end)
{
  const gsize n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  /* The second byte says whether it could be shorter, is half of a pair, or too large. */
  const guint8 least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
  const guint8 most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;

  if (p[0] < 0xc2 || p[0] > 0xf4 || (gsize) (end - p) < n || p[1] < least || p[1] > most)
    return 0;
  for (gsize i = 2; i < n; i++)
    if (p[i] < 0x80 || p[i] > 0xbf)
      return 0;
  return n;
}

gsize
fanout_bad_utf8 (const char *text, gsize length)
{
  const guint8 *start = (const guint8 *) text;
  const guint8 *end = start + length;
  const guint8 *p = start;

  while (p < end)
    {
      guint64 word;
      gsize n;

      if (end - p >= 8)
        {
          memcpy (&word, p, sizeof word);
          if ((word & 0x8080808080808080u) == 0)
            {
              p += 8;
              continue;
            }
        }
      for (; p < end && *p < 0x80; p++)
        ;
      if (p == end)
        break;
      n = character_length (p, end);
      if (n == 0)
        return (gsize) (p - start);
      p += n;
    }
  return G_MAXSIZE;
}
