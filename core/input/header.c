#include "core/base/error.h"
#include "core/config/option.h"
#include "core/input/private.h"
#include <string.h>

/* Bytes read for a header at first, then as many again as there are; and beyond max_row at most. */
#define HEAD_STEP 4096

void
fanout_reader_scan (const FanoutBlockReader *reader, const char *data, gsize length,
                    FanoutScan *scan)
{
  if (reader->source->scan != NULL)
    reader->source->scan (reader->options, data, length, scan);
  else
    fanout_scan_lines (data, length, scan);
}

guint64
fanout_reader_count_lines (const char *data, gsize length)
{
  guint64 lines = 0;

  for (gsize i = 0; i < length; i++)
    lines += data[i] == '\n';
  return lines;
}

static gboolean
is_blank (char c)
{
  return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Forget the first bytes of the head: they were passed over. */
static void
forget (FanoutReaderInput *input, gsize n)
{
  char *data = input->head + FANOUT_PADDING;

  memmove (data, data + n, input->head_length - n + FANOUT_PADDING);
  input->head_length -= n;
  input->led_bytes += n;
  if (!input->sequential)
    input->offset += n;
}

/* Pass over what comes before the first row and the header; FALSE when it takes more bytes. */
static gboolean
pass_lead (const FanoutBlockReader *reader, FanoutReaderInput *input)
{
  static const char mark[] = "\xEF\xBB\xBF";
  const char *data = input->head + FANOUT_PADDING;
  gsize row = 0;

  if (input->led_bytes == 0 && memcmp (data, mark, MIN (input->head_length, 3)) == 0)
    {
      if (input->head_length >= 3)
        forget (input, 3);
      else if (!input->complete)
        return FALSE;
    }
  if (reader->source->lead != NULL)
    {
      gsize passed = 0;

      input->led = reader->source->lead (reader->options, data, input->head_length, input->complete,
                                         &input->led_lines, &passed, &row);
      if (!input->looked && input->led_lines > 0)
        {
          input->looked = TRUE;
          if (!fanout_reader_is_text (input, &input->refusal))
            return FALSE;
        }
      forget (input, passed);
      row -= passed;
    }
  else
    {
      while (row < input->head_length && is_blank (data[row]))
        row++;
      input->led = row < input->head_length || input->complete;
    }
  input->first_row = row;
  return input->led;
}

/* Whether the head has a whole row that is not empty, and not blank, as some sources need. */
static gboolean
find_row (const FanoutBlockReader *reader, FanoutReaderInput *input)
{
  FanoutScan scan = { .quoted = input->head_quoted };
  const char *data;

  if (input->head_row || input->head_length == 0 || !(input->led || pass_lead (reader, input)))
    return input->head_row;
  data = input->head + FANOUT_PADDING;
  fanout_reader_scan (reader, data + input->head_scanned, input->head_length - input->head_scanned,
                      &scan);
  input->head_row = scan.rows > 0 && input->head_scanned + scan.tail > input->first_row;
  input->head_quoted = scan.quoted;
  input->head_scanned = input->head_length;
  return input->head_row;
}

/* Read one step more. */
static FanoutRead
read_step (FanoutBlockReader *reader, FanoutReaderInput *input, gsize limit, gboolean wait,
           GCancellable *cancellable, GError **error)
{
  gsize had = input->head_length;
  gsize room = MIN (MAX (had, HEAD_STEP), limit - had);
  gsize got = 0;
  char *to;

  input->head = g_realloc (input->head, had + room + 2 * FANOUT_PADDING);
  memset (input->head, 0, FANOUT_PADDING);
  to = input->head + FANOUT_PADDING + had;
  if (input->sequential)
    {
      FanoutRead result
          = fanout_reader_read (reader, input, to, room, &got, wait, cancellable, error);

      if (result != FANOUT_READ_BLOCK)
        return result;
    }
  else
    {
      FanoutBytes *bytes = input->bytes;

      got = (gsize) MIN (room, bytes->end - input->offset - had);
      if (!bytes->type->read_at (bytes, to, got, input->offset + had, error))
        return FANOUT_READ_FAILED;
      input->complete = input->offset + had + got == bytes->end;
    }
  memset (to + got, 0, FANOUT_PADDING);
  input->head_length += got;
  return FANOUT_READ_BLOCK;
}

/* An empty name goes by its number. */
static void
number_names (char **names)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (*names[i] == '\0')
      {
        g_free (names[i]);
        names[i] = g_strdup_printf ("%u", i + 1);
      }
}

/* The line of the first row that is not blank. */
static guint64
first_line (const FanoutReaderInput *input)
{
  return 1 + input->led_lines
         + fanout_reader_count_lines (input->head + FANOUT_PADDING, input->first_row);
}

static gboolean
are_numbers (char *const *names)
{
  FanoutNumber number;

  for (guint i = 0; names[i] != NULL; i++)
    if (!fanout_number_parse (names[i], strlen (names[i]), &number, NULL))
      return FALSE;
  return names[0] != NULL;
}

static FanoutRead
ask_source (const FanoutBlockReader *reader, FanoutReaderInput *input, GError **error)
{
  const char *data = input->head + FANOUT_PADDING + input->head_start;
  gsize length = input->head_length - input->head_start;
  FanoutScan scan = { .quoted = FALSE };
  gsize header = 0;
  char **names = NULL;
  guint n_fields = 0;

  if (!input->looked && !fanout_reader_is_text (input, error))
    return FANOUT_READ_FAILED;
  if (reader->source->header != NULL
      && !reader->source->header (reader->options, data, length, input->complete, &names, &n_fields,
                                  &header, error))
    {
      g_autoptr (GError) reason = NULL;

      if (fanout_reader_is_table (input, &reason))
        g_prefix_error (error, "%s:%" G_GUINT64_FORMAT ": ", input->name, first_line (input));
      else
        {
          g_clear_error (error);
          g_propagate_error (error, g_steal_pointer (&reason));
        }
      return FANOUT_READ_FAILED;
    }
  header = MIN (header, length);
  fanout_reader_scan (reader, data, header, &scan);
  if (scan.quoted == TRUE)
    {
      g_strfreev (names);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   "%s:%" G_GUINT64_FORMAT ": a quote in the header is never closed", input->name,
                   first_line (input));
      return FANOUT_READ_FAILED;
    }
  if (header > 0 && !fanout_reader_is_table (input, error))
    {
      g_strfreev (names);
      return FANOUT_READ_FAILED;
    }
  /* Blank lines alone are as good as nothing. */
  input->empty = input->complete && names == NULL && header > 0 && header == length;
  if (header > 0 && names != NULL && are_numbers (names))
    input->numeric_line = first_line (input);
  number_names (names);
  input->names = names;
  input->n_fields = n_fields;
  input->line = 1 + input->led_lines + fanout_reader_count_lines (data, header);
  input->head_start += header;
  return FANOUT_READ_BLOCK;
}

FanoutRead
fanout_reader_begin (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean wait,
                     GCancellable *cancellable, GError **error)
{
  FanoutRead result = FANOUT_READ_BLOCK;
  gboolean told = FALSE;

  while (result == FANOUT_READ_BLOCK && !told)
    {
      if (!fanout_reader_unwrap (reader, input, &told, error))
        result = FANOUT_READ_FAILED;
      else if (!told)
        result = read_step (reader, input, reader->max_row + HEAD_STEP, wait, cancellable, error);
    }
  return result;
}

static gboolean
has_line (const FanoutReaderInput *input)
{
  const char *data = input->head + FANOUT_PADDING;
  gsize at = 0;

  while (at < input->head_length && is_blank (data[at]))
    at++;
  return at < input->head_length && memchr (data + at, '\n', input->head_length - at) != NULL;
}

FanoutRead
fanout_reader_look (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean wait,
                    GError **error)
{
  const gsize limit = reader->max_row + HEAD_STEP;
  FanoutRead result = fanout_reader_begin (reader, input, wait, NULL, error);

  while (result == FANOUT_READ_BLOCK && !input->complete && input->head_length < limit
         && !has_line (input))
    result = read_step (reader, input, limit, wait, NULL, error);
  return result;
}

/* Read as much as the header needs, and what it says. */
static FanoutRead
read_header (FanoutBlockReader *reader, FanoutReaderInput *input, gboolean wait,
             GCancellable *cancellable, GError **error)
{
  const gsize limit = reader->max_row + HEAD_STEP;
  FanoutRead result = fanout_reader_begin (reader, input, wait, cancellable, error);

  while (result == FANOUT_READ_BLOCK && !find_row (reader, input) && input->refusal == NULL
         && !input->complete && input->head_length < limit)
    result = read_step (reader, input, limit, wait, cancellable, error);
  if (result == FANOUT_READ_BLOCK && input->refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&input->refusal));
      return FANOUT_READ_FAILED;
    }
  input->empty = input->complete && input->head_start == input->head_length;
  if (result == FANOUT_READ_BLOCK && !input->empty)
    result = ask_source (reader, input, error);
  if (result != FANOUT_READ_BLOCK)
    return result;
  input->stage = FANOUT_STAGE_NAMED;
  if (input->empty)
    fanout_reader_release (input);
  if (!input->sequential)
    {
      atomic_fetch_add_explicit (&reader->bytes, input->led_bytes + input->head_start,
                                 memory_order_relaxed);
      input->offset += input->head_start;
      fanout_reader_drop_head (input);
    }
  return FANOUT_READ_BLOCK;
}

/* Whether inputs before this one have said what columns there are. */
static gboolean
is_later (const FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  return reader->live != NULL ? input != reader->named : input > reader->named;
}

static gboolean
may_lack (const FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  return reader->missing_columns == FANOUT_BAD_PASS && is_later (reader, input);
}

static const char *
missing_hint (const FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  if (input->numeric_line > 0)
    return "; its header is all numbers: --no-header takes it for a row";
  return is_later (reader, input) ? "; missing-columns = null takes it for no value" : "";
}

/* The input has no such column: none of its rows has a value in it, or that is an error. */
static gboolean
take_missing (const FanoutBlockReader *reader, const FanoutReaderInput *input, const char *name,
              guint *field, GError **error)
{
  g_autofree char *quoted = fanout_quote (name, -1);
  const char *near = NULL;

  if (may_lack (reader, input))
    {
      *field = FANOUT_FIELD_NONE;
      return TRUE;
    }
  if (input->names != NULL)
    near = fanout_nearest_name (name, (const char *const *) input->names);
  if (near != NULL)
    {
      g_autofree char *other = fanout_quote (near, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "no column %s in %s%s; did you mean %s?", quoted, input->name,
                   missing_hint (reader, input), other);
    }
  else
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "no column %s in %s%s", quoted,
                 input->name, missing_hint (reader, input));
  return FALSE;
}

static gboolean
find_number (const FanoutBlockReader *reader, const FanoutReaderInput *input, const char *name,
             guint *field, GError **error)
{
  const guint64 last = input->n_fields > 0 ? input->n_fields : G_MAXUINT;
  const char *digit = name;
  guint64 number = 0;

  /* g_ascii_string_to_unsigned() may see an errno of GLib's locks, where threads meet there. */
  for (; g_ascii_isdigit (*digit) && number <= last; digit++)
    number = number * 10 + (guint64) (*digit - '0');
  if (*name == '0' || *digit != '\0' || number == 0 || number > last)
    return take_missing (reader, input, name, field, error);
  *field = (guint) (number - 1);
  return TRUE;
}

/* Names to where they stand first, from 1, and how often they do beyond the first time. */
typedef struct
{
  GHashTable *places;
  GHashTable *again;
} Names;

static void
index_names (Names *names, char *const *list)
{
  names->places = g_hash_table_new (g_str_hash, g_str_equal);
  names->again = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    if (!g_hash_table_contains (names->places, list[i]))
      g_hash_table_insert (names->places, list[i], GUINT_TO_POINTER (i + 1));
    else
      g_hash_table_insert (
          names->again, list[i],
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (names->again, list[i])) + 1));
}

static void
clear_names (Names *names)
{
  g_hash_table_unref (names->places);
  g_hash_table_unref (names->again);
}

static gboolean
find_name (const FanoutBlockReader *reader, const FanoutReaderInput *input, const Names *names,
           const char *name, guint *field, GError **error)
{
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (names->places, name));
  const guint again = GPOINTER_TO_UINT (g_hash_table_lookup (names->again, name));

  if (place == 0)
    return take_missing (reader, input, name, field, error);
  if (again > 0)
    {
      g_autofree char *quoted = fanout_quote (name, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "column %s occurs %s in %s", quoted,
                   again == 1 ? "twice" : "several times", input->name);
      return FALSE;
    }
  *field = place - 1;
  return TRUE;
}

static gboolean
find_position (const FanoutBlockReader *reader, const FanoutReaderInput *input, guint selected,
               guint *field, GError **error)
{
  const guint position = reader->positions[selected];

  if (input->n_fields == 0 || position <= input->n_fields)
    *field = position - 1;
  else if (may_lack (reader, input))
    *field = FANOUT_FIELD_NONE;
  else
    {
      g_autofree char *columns = fanout_count_of (input->n_fields, "column");
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "no column $%u in %s, which has %s%s",
                   position, input->name, columns, missing_hint (reader, input));
      return FALSE;
    }
  return TRUE;
}

static gboolean
find_fields (const FanoutBlockReader *reader, const FanoutReaderInput *input, guint *fields,
             GError **error)
{
  gboolean found = TRUE;
  Names names;

  if (reader->source->column != NULL)
    {
      for (guint i = 0; i < reader->n_selected; i++)
        fields[i] = i;
      return TRUE;
    }
  index_names (&names, input->names);
  for (guint i = 0; i < reader->n_selected && found; i++)
    found = reader->positions[i] > 0 ? find_position (reader, input, i, &fields[i], error)
            : input->names != NULL
                ? find_name (reader, input, &names, reader->selected[i], &fields[i], error)
                : find_number (reader, input, reader->selected[i], &fields[i], error);
  clear_names (&names);
  return found;
}

guint *
fanout_reader_map (const FanoutBlockReader *reader, const FanoutReaderInput *input, GError **error)
{
  g_autofree guint *fields = g_new0 (guint, reader->n_selected + 1);

  if (!input->empty && !find_fields (reader, input, fields, error))
    return NULL;
  return g_steal_pointer (&fields);
}

static FanoutRead
map_fields (FanoutBlockReader *reader, FanoutReaderInput *input, GError **error)
{
  input->fields = fanout_reader_map (reader, input, error);
  if (input->fields == NULL)
    return FANOUT_READ_FAILED;
  if (reader->part != NULL && !input->empty
      && fanout_reader_place (reader, input, error) != FANOUT_READ_BLOCK)
    return FANOUT_READ_FAILED;
  input->stage = FANOUT_STAGE_READY;
  return FANOUT_READ_BLOCK;
}

FanoutRead
fanout_reader_advance (FanoutBlockReader *reader, FanoutReaderInput *input, FanoutStage stage,
                       gboolean wait, GCancellable *cancellable, GError **error)
{
  FanoutRead result = FANOUT_READ_BLOCK;

  while (result == FANOUT_READ_BLOCK && input->stage < stage)
    {
      if (input->stage == FANOUT_STAGE_NEW)
        result = fanout_reader_open (input, error);
      else if (input->stage == FANOUT_STAGE_OPEN)
        result = read_header (reader, input, wait, cancellable, error);
      else
        result = map_fields (reader, input, error);
    }
  return result;
}
