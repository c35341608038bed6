#include "core/decode/number-hint.h"

#include <string.h>

/* What a message calls a mark between thousands: one that looks like a blank by its name as well.
 */
static const char *
mark_name (const char *mark)
{
  if (mark[0] == ' ')
    return "space";
  if (strcmp (mark, "\302\240") == 0)
    return "\302\240 (U+00A0)";
  if (strcmp (mark, "\342\200\257") == 0)
    return "\342\200\257 (U+202F)";
  return mark;
}

char *
fanout_number_hint (const FanoutWriting *writing, const char *text, gsize length)
{
  static const char *const marks[]
      = { ",", ".", " ", "'", "\342\200\231", "\302\240", "\342\200\257" };
  static const char decimals[] = { '.', ',' };
  const FanoutWriting plain[] = { { '.', "" }, { ',', "" } };
  FanoutWriting found = { 0 };
  FanoutNumber number;

  if (writing->decimal == 0)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (plain) && found.decimal == 0; i++)
    if (fanout_number_parse_written (text, length, &plain[i], &number, NULL))
      found = plain[i];
  /* With one decimal mark or the other, that of the source first. */
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (marks); i++)
    {
      FanoutWriting way = { 0 };
      const gboolean other = i >= G_N_ELEMENTS (marks);

      way.decimal = decimals[other ^ (writing->decimal == ',')];
      g_strlcpy (way.thousands, marks[i % G_N_ELEMENTS (marks)], sizeof way.thousands);
      if (way.thousands[0] == way.decimal
          || !fanout_number_parse_written (text, length, &way, &number, NULL))
        continue;
      if (found.decimal == 0)
        found = way;
      else if (found.thousands[0] == '\0' && way.decimal == writing->decimal)
        return g_strdup_printf ("; thousands = %s or decimal = %c reads it", way.thousands,
                                found.decimal);
    }
  if (found.decimal == 0)
    return NULL;
  if (found.thousands[0] == '\0')
    return g_strdup_printf ("; decimal = %c reads it", found.decimal);
  if (found.decimal == writing->decimal)
    return g_strdup_printf ("; thousands = %s reads it", mark_name (found.thousands));
  return g_strdup_printf ("; decimal = %c and thousands = %s read it", found.decimal,
                          mark_name (found.thousands));
}
