#include "core/config/names.h"

#include <string.h>

/* Longer texts are near to no name. */
#define NAME_MAX_LENGTH  64
/* So many of them help, more do not. */
#define NEAR_SHOWN       3
/* Fewer letters stand for too many names. */
#define ABBREVIATION_MIN 3

gint
fanout_name_index (const char *const *names, const char *text)
{
  for (gint i = 0; names != NULL && names[i] != NULL; i++)
    if (strcmp (names[i], text) == 0)
      return i;
  return -1;
}

/* Optimal string alignment: at most NAME_MAX_LENGTH bytes each. More than `most` is G_MAXSIZE. */
static gsize
distance (const char *a, const char *b, gsize most)
{
  const gsize n = strlen (a), m = strlen (b);
  gsize rows[3][NAME_MAX_LENGTH + 1];

  for (gsize j = 0; j <= m; j++)
    rows[0][j] = j;
  for (gsize i = 1; i <= n; i++)
    {
      gsize *row = rows[i % 3];
      const gsize *above = rows[(i + 2) % 3];
      const gsize *second = rows[(i + 1) % 3];

      gsize least = row[0] = i;

      for (gsize j = 1; j <= m; j++)
        {
          const char x = g_ascii_tolower (a[i - 1]), y = g_ascii_tolower (b[j - 1]);

          row[j] = MIN (MIN (above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
          if (i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2]) && y == g_ascii_tolower (a[i - 2]))
            row[j] = MIN (row[j], second[j - 2] + 1);
          least = MIN (least, row[j]);
        }
      /* A swap goes back two rows, and costs one. */
      if (least > most + 1)
        return G_MAXSIZE;
    }
  return rows[n % 3][m] <= most ? rows[n % 3][m] : G_MAXSIZE;
}

/* cnt of count, quant of quantile. */
static gboolean
is_abbreviation (const char *text, const char *name)
{
  const gsize length = strlen (text);

  if (length < ABBREVIATION_MIN || 2 * length < strlen (name)
      || g_ascii_tolower (text[0]) != g_ascii_tolower (name[0]))
    return FALSE;
  for (; *text != '\0' && *name != '\0'; name++)
    text += g_ascii_tolower (*text) == g_ascii_tolower (*name);
  return *text == '\0';
}

/* How many edits lead from one to the other, case aside; G_MAXSIZE: `limit` or more, or too many
 * for names that are near. */
static gsize
edits_between (const char *text, const char *name, gsize limit)
{
  const gsize length = strlen (text), other = strlen (name);
  const gsize most = MIN (MAX (length, other) / 3, limit - 1);
  const gsize apart = MAX (length, other) - MIN (length, other);

  if (limit == 0 || length > NAME_MAX_LENGTH || other > NAME_MAX_LENGTH)
    return G_MAXSIZE;
  if (apart > most)
    return apart < limit && length < other && is_abbreviation (text, name) ? apart : G_MAXSIZE;
  return distance (text, name, most);
}

const char *
fanout_nearest_name (const char *text, const char *const *names)
{
  const char *nearest = NULL;
  gsize least = G_MAXSIZE;

  for (gsize i = 0; names != NULL && names[i] != NULL && least > 0; i++)
    {
      const gsize edits = edits_between (text, names[i], least);

      if (edits < least)
        {
          nearest = names[i];
          least = edits;
        }
    }
  return nearest;
}

char *
fanout_nearest_names (const char *text, const char *const *names)
{
  const char *near[NEAR_SHOWN];
  gsize edits[NEAR_SHOWN];
  guint n = 0;
  GString *all = g_string_new (NULL);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      const gsize e = edits_between (text, names[i], n == NEAR_SHOWN ? edits[n - 1] : G_MAXSIZE);
      guint k = n < NEAR_SHOWN ? n : n - 1;

      if (e == G_MAXSIZE)
        continue;
      n = k + 1;
      for (; k > 0 && edits[k - 1] > e; k--)
        {
          near[k] = near[k - 1];
          edits[k] = edits[k - 1];
        }
      near[k] = names[i];
      edits[k] = e;
    }
  for (guint k = 0; k < n; k++)
    {
      g_autofree char *quoted = fanout_quote (near[k], -1);

      g_string_append_printf (all, "%s%s", k == 0 ? "" : k + 1 < n ? ", " : " or ", quoted);
    }
  return g_string_free (all, FALSE);
}
