#include "core/partial/place.h"
#include "core/base/error.h"

#include <stdlib.h>
#include <string.h>

/* Lines in one message. */
#define NAMES_MAX 20
/* No state of FanoutScan.quoted. */
#define UNKNOWN   (-1)

void
fanout_place_clear (FanoutPlace *place)
{
  g_clear_pointer (&place->inputs, g_free);
}

void
fanout_place_copy (FanoutPlace *to, const FanoutPlace *from)
{
  *to = *from;
  to->inputs = g_strdup (from->inputs);
}

guint64
fanout_line_settle (guint64 line, guint64 before)
{
  return line >= FANOUT_LINE_OPEN ? line - FANOUT_LINE_OPEN + before : line;
}

void
fanout_place_join (FanoutPlace *into, const FanoutPlace *next)
{
  FanoutPartEnds *ends = &into->ends;
  const FanoutPartEnds *more = &next->ends;
  const guint64 before = ends->line;
  into->last = next->last;
  if (more->empty)
    return;
  if (ends->empty)
    {
      *ends = *more;
      return;
    }
  if (ends->through)
    {
      ends->start = more->start;
      ends->guessed = more->guessed;
    }
  ends->through = ends->through && more->through;
  if (!more->through)
    ends->end = more->end;
  ends->cut = more->cut;
  ends->told = more->told;
  ends->line = more->begun ? fanout_line_settle (more->line, before) : more->line;
  ends->rows += more->rows;
}

/* "part 3", "parts 3 to 5" */
static char *
show_range (guint64 first, guint64 last)
{
  return first == last
             ? g_strdup_printf ("part %" G_GUINT64_FORMAT, first)
             : g_strdup_printf ("parts %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, first, last);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const FanoutPlace *left = ((const FanoutPlaced *) a)->place;
  const FanoutPlace *right = ((const FanoutPlaced *) b)->place;
  if (left->first != right->first)
    return left->first < right->first ? -1 : 1;
  return left->last < right->last ? -1 : left->last > right->last;
}

static void tell (GPtrArray *wrong, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (GPtrArray *wrong, const char *format, ...)
{
  if (wrong->len > NAMES_MAX)
    return;
  va_list arguments;
  va_start (arguments, format);
  g_ptr_array_add (wrong, wrong->len < NAMES_MAX ? g_strdup_vprintf (format, arguments)
                                                 : g_strdup ("and more of the kind"));
  va_end (arguments);
}

/* Whether all are parts of the stream that the first one is of. */
static void
find_foreign (const FanoutPlaced *parts, guint n, GPtrArray *wrong)
{
  const FanoutPlaced *first = &parts[0];
  for (guint i = 1; i < n; i++)
    {
      const FanoutPlaced *part = &parts[i];
      g_autofree char *range = show_range (part->place->first, part->place->last);
      if ((part->place->count == 0) != (first->place->count == 0))
        {
          const FanoutPlaced *cut = part->place->count > 0 ? part : first;
          const FanoutPlaced *uncut = part->place->count > 0 ? first : part;
          tell (wrong,
                "%s: a partial result of whole inputs, but %s is a part of %" G_GUINT64_FORMAT,
                uncut->name, cut->name, cut->place->count);
        }
      else if (part->place->count != first->place->count)
        tell (wrong, "%s: %s of %" G_GUINT64_FORMAT ", but %s is of %" G_GUINT64_FORMAT, part->name,
              range, part->place->count, first->name, first->place->count);
      else if (g_strcmp0 (part->place->inputs, first->place->inputs) != 0)
        tell (wrong, "%s: %s of other inputs than those of %s: their sizes or [source] differ",
              part->name, range, first->name);
    }
}

static void
tell_missing (guint64 first, guint64 last, guint64 count, GPtrArray *wrong)
{
  g_autofree char *range = show_range (first, last);
  tell (wrong,
        "%s of %" G_GUINT64_FORMAT " %s missing; 'fanoutd run --part %" G_GUINT64_FORMAT
        "/%" G_GUINT64_FORMAT " --partial FILE PIPELINE.ini' makes %s",
        range, count, first == last ? "is" : "are", first, count,
        first == last ? "it" : "the first one");
}

static void
find_gaps (const FanoutPlaced *parts, guint n, gboolean whole, GPtrArray *wrong)
{
  const guint64 count = parts[0].place->count;
  const FanoutPlaced *furthest = NULL;
  guint64 next = whole ? 1 : parts[0].place->first;
  for (guint i = 0; i < n; i++)
    {
      const FanoutPlaced *part = &parts[i];
      if (part->place->first > next)
        tell_missing (next, part->place->first - 1, count, wrong);
      else if (part->place->first < next)
        {
          g_autofree char *range
              = show_range (part->place->first, MIN (next - 1, part->place->last));
          tell (wrong, "%s: %s of %" G_GUINT64_FORMAT " %s in %s as well", part->name, range, count,
                g_str_has_prefix (range, "parts") ? "are" : "is", furthest->name);
        }
      if (part->place->last >= next)
        furthest = part;
      next = MAX (next, part->place->last + 1);
    }
  if (whole && next <= count)
    tell_missing (next, count, count, wrong);
}

/* What was taken in place of one thing was the other. */
static gint
opposite (gint state)
{
  return state == FALSE ? TRUE : FALSE;
}

/* How the line begins that a part begins in, by what the parts before it say. */
typedef struct
{
  gint state;    /* or UNKNOWN */
  gboolean sure; /* it rests on no guess */
} Basis;

static void
check_start (const FanoutPlaced *part, const FanoutPlaced *before, Basis *basis, GPtrArray *wrong)
{
  const FanoutPlace *place = part->place;
  const FanoutPartEnds *ends = &place->ends;
  const char *how = basis->state == FALSE ? "outside" : "inside";
  const gboolean right
      = !ends->begun || ends->through || basis->state == UNKNOWN || ends->start == basis->state;
  if (before->place->ends.told && before->place->ends.cut != ends->begun)
    tell (wrong, "%s: part %" G_GUINT64_FORMAT " does not begin where %s ends: their inputs differ",
          part->name, place->first, before->name);
  else if (!right && basis->sure)
    tell (wrong,
          "%s: part %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
          " begins %s quotes, as the parts before it show, but was %s not to: make it again with "
          "--%s",
          part->name, place->first, place->count, how, ends->guessed ? "guessed" : "told",
          basis->state == FALSE ? "unquoted" : "quoted");
  else if (!right)
    tell (wrong,
          "%s: part %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
          " begins %s quotes if %s does as was guessed, but was %s not to: one of them is to be "
          "made again; merged with all parts before them they show which",
          part->name, place->first, place->count, how, before->name,
          ends->guessed ? "guessed" : "told");
  basis->sure = basis->sure || !ends->begun || !ends->guessed;
  if (!ends->begun || !ends->through)
    basis->state = right ? ends->end : opposite (ends->end);
}

/* Of the first one it is what it says. */
static void
find_misfits (const FanoutPlaced *parts, guint n, GPtrArray *wrong)
{
  const FanoutPlaced *before = NULL;
  Basis basis = { UNKNOWN, FALSE };
  for (guint i = 0; i < n && (before == NULL || !before->enough); i++)
    {
      const FanoutPartEnds *ends = &parts[i].place->ends;
      if (ends->empty)
        continue;
      if (before != NULL)
        check_start (&parts[i], before, &basis, wrong);
      else
        basis = (Basis){ ends->through ? UNKNOWN : ends->end, !ends->begun || !ends->guessed };
      before = &parts[i];
    }
}

gboolean
fanout_places_sort (FanoutPlaced *parts, guint n, gboolean whole, GError **error)
{
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  find_foreign (parts, n, wrong);
  if (wrong->len == 0 && parts[0].place->count > 0)
    {
      qsort (parts, n, sizeof *parts, compare_places);
      find_gaps (parts, n, whole, wrong);
      if (wrong->len == 0)
        find_misfits (parts, n, wrong);
    }
  if (wrong->len == 0)
    return TRUE;
  g_ptr_array_add (wrong, NULL);
  g_autofree char *text = g_strjoinv ("\n", (char **) wrong->pdata);
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, text);
  return FALSE;
}

/* The number at `text`, where it can be an open line's: those have 19 digits. */
static gsize
find_open (const char *text, guint64 *line)
{
  gsize n = 0;
  *line = 0;
  for (; g_ascii_isdigit (text[n]) && n < 20; n++)
    *line = *line * 10 + (guint64) (text[n] - '0');
  return n == 19 && *line >= FANOUT_LINE_OPEN && *line < FANOUT_LINE_OPEN + FANOUT_LINE_OPEN / 2
             ? n
             : 0;
}

/* Lines stand behind "FILE:" and behind "line ". */
static gboolean
may_follow (const char *text, const char *at)
{
  return at > text && (at[-1] == ':' || (at - text >= 5 && memcmp (at - 5, "line ", 5) == 0));
}

static char *
replace_lines (const char *text, guint64 value, gboolean shown)
{
  GString *out = g_string_new (NULL);
  for (const char *p = text; *p != '\0';)
    {
      guint64 line;
      const gsize n = may_follow (text, p) ? find_open (p, &line) : 0;
      if (n == 0)
        g_string_append_c (out, *p++);
      else if (!shown)
        g_string_append_printf (out, "%" G_GUINT64_FORMAT, fanout_line_settle (line, value));
      else
        g_string_append_printf (out, "%" G_GUINT64_FORMAT " behind byte %" G_GUINT64_FORMAT,
                                line - FANOUT_LINE_OPEN + 1, value);
      p += n;
    }
  return g_string_free (out, FALSE);
}

char *
fanout_lines_settle (const char *text, guint64 before)
{
  return replace_lines (text, before, FALSE);
}

char *
fanout_lines_show (const char *text, guint64 from)
{
  return replace_lines (text, from, TRUE);
}
