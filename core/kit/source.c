/* Whether a source keeps its contract: the same rows wherever its bytes are cut. */

#include "core/kit/private.h"

#include "core/decode/chunk.h"

#include <fanout/source.h>
#include <string.h>

#define N_COLUMNS_MAX 8
#define FILLED        50

/* Not all of them mean something to every source: then it says so, in the same words always. */
static const char *const samples[] = {
  "a,b,c\n1,2.5,x\n-3,,\"y z\"\n4,1e3,\"q\"\"r\"\n5,6,\"two\nlines\"\n7,8,9\n",
  "a,b\r\n1,2\r\n3,4",
  "a\tb\n1\t2\n\n3\t4\n",
  "a=1\nb=2\nvalue=3\n",
  "# x\nx \"y\n\n#\na,b\n1,2\n#3,\"\nx,4\n\n5,6",
  "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n\n{\"b\":\"\\u00e9\",\"c\":[{}]}\n{\"a\":3",
  "a=1 b=\"x\\\"y\" c\n\nb=2\n",
  "1\n2\n3\n",
  "\n\n",
  "x",
  "a,b\n1\n1,2,3\n\"1,2\n3,4\n",
  "\xff\xfe\x01\n\n\"\"\x80,\n,",
};

typedef struct
{
  FanoutContract *contract;
  const FanoutSource *source;
  gconstpointer options;
  guint n_columns;
  const FanoutChunkWant *wants;
  guint n_fields;
  FanoutTakes takes;
} Sourcing;

static void
append_rows (GString *text, const FanoutChunk *chunk)
{
  for (gsize row = 0; row < chunk->n_rows; row++)
    {
      g_string_append_printf (text, "row %" G_GUINT64_FORMAT ":",
                              chunk->consecutive ? chunk->first_row + row : chunk->rows[row]);
      for (guint c = 0; c < chunk->n_columns; c++)
        {
          FanoutColumn view;

          fanout_chunk_view (&chunk->columns[c], 0, &view);
          if (view.null != NULL && view.null[row])
            g_string_append (text, " null");
          else if (view.form == FANOUT_FORM_TEXT)
            g_string_append_printf (text, " %.*s", (int) view.text[row].length,
                                    view.text[row].data);
          else if (view.form != FANOUT_FORM_NONE)
            {
              const FanoutNumber x = fanout_column_number (&view, row);

              g_string_append_printf (text, " %g/%" G_GINT64_MODIFIER "x",
                                      fanout_number_to_double (x), fanout_number_hash (x));
            }
        }
      g_string_append_c (text, '\n');
    }
}

static FanoutChunk *
new_chunk (const Sourcing *self, gsize capacity)
{
  FanoutChunk *chunk = fanout_chunk_new (self->n_columns, self->wants, capacity);

  chunk->max_row = 1024 * 1024;
  return chunk;
}

/* FALSE when the stream ends here. */
static gboolean
decode_block (Sourcing *self, FanoutBlock *block, FanoutChunk *chunk, GString *text)
{
  while (block->offset < block->length)
    {
      const gsize before = block->offset;
      g_autoptr (GError) error = NULL;
      const gboolean fine = self->source->decode (self->options, block, chunk, &error);

      if (chunk->n_rows > chunk->capacity || block->offset > block->length)
        {
          fanout_contract_find (self->contract, "goes too far",
                                "`decode` filled %" G_GSIZE_FORMAT
                                " rows of a chunk of %" G_GSIZE_FORMAT
                                ", up to byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT,
                                chunk->n_rows, chunk->capacity, block->offset, block->length);
          return FALSE;
        }
      append_rows (text, chunk);
      if (!fine)
        {
          g_string_append_printf (text, "%s\n", error != NULL ? error->message : "no reason");
          if (error == NULL)
            fanout_contract_find (self->contract, "fails in silence",
                                  "`decode` failed and gave no reason; fanout_chunk_bad_row() is "
                                  "wanted");
          return FALSE;
        }
      if (block->offset == before && chunk->n_rows == 0)
        {
          fanout_contract_find (self->contract, "stands still",
                                "`decode` took no byte and added no row, with %" G_GSIZE_FORMAT
                                " bytes to go",
                                block->length - before);
          return FALSE;
        }
      fanout_chunk_reset (chunk);
    }
  return TRUE;
}

static void
scan (const Sourcing *self, const char *data, gsize length, FanoutScan *result)
{
  result->tail = 0;
  result->rows = 0;
  result->lines = 0;
  if (self->source->scan != NULL)
    self->source->scan (self->options, data, length, result);
  else
    fanout_scan_lines (data, length, result);
}

/* All rows, in blocks that end with every `per_block`-th row. `lines`: before the first byte. */
static char *
decode_all (Sourcing *self, const char *data, gsize length, guint64 lines, guint per_block,
            gsize capacity)
{
  static const guint fields[N_COLUMNS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
  g_autoptr (FanoutChunk) chunk = new_chunk (self, capacity);
  GString *text = g_string_new (NULL);
  gboolean goes_on = TRUE;
  guint64 record = 0;
  gsize start = 0;

  while (start < length && goes_on)
    {
      FanoutScan found = { 0 };
      FanoutBlock block = { .name = "sample", .line = lines + 1, .record = record };
      gsize end = start;
      char *copy;

      while (end < length && found.rows < per_block)
        {
          found.quoted = FALSE;
          scan (self, data + start, ++end - start, &found);
        }
      if (found.rows >= per_block)
        end = start + found.tail;
      copy = g_malloc0 (end - start + 2 * FANOUT_PADDING);
      block.data = memcpy (copy + FANOUT_PADDING, data + start, end - start);
      block.length = end - start;
      block.n_fields = self->n_fields;
      block.fields = fields;
      goes_on = decode_block (self, &block, chunk, text);
      if (memcmp (block.data, data + start, end - start) != 0)
        fanout_contract_find (self->contract, "changes bytes",
                              "the bytes of a block differ after `decode`; others read them too");
      g_free (copy);
      record += found.rows;
      lines += found.lines;
      start = end;
    }
  return g_string_free (text, FALSE);
}

/* What the bytes begin with, asked when all of them are there but for the last `later` ones. */
typedef struct
{
  guint64 lines;
  gsize passed;
  gsize row;
} Lead;

static gboolean
find_lead (const Sourcing *self, const char *data, gsize length, gsize later, Lead *lead)
{
  const FanoutSource *source = self->source;
  gboolean known = FALSE;

  *lead = (Lead){ 0 };
  if (later > 0)
    {
      known = source->lead (self->options, data, length - later, FALSE, &lead->lines, &lead->passed,
                            &lead->row);
      if (lead->passed > lead->row || lead->row > length - later)
        return FALSE;
    }
  if (!known)
    {
      const gsize passed = lead->passed;

      known = source->lead (self->options, data + passed, length - passed, TRUE, &lead->lines,
                            &lead->passed, &lead->row);
      lead->passed += passed;
      lead->row += passed;
    }
  return known && lead->passed <= lead->row && lead->row <= length;
}

/* How many bytes come before the header, however they come; `lines` gets the line feeds in them. */
static gsize
check_lead (const Sourcing *self, const char *data, gsize length, guint64 *lines)
{
  Lead whole = { 0 };

  *lines = 0;
  if (self->source->lead == NULL)
    return 0;
  for (gsize later = 0; later <= length; later++)
    {
      Lead lead;
      const gboolean fine = find_lead (self, data, length, later, &lead);

      if (later == 0)
        whole = lead;
      self->contract->report->n_checks++;
      if (!fine)
        fanout_contract_find (self->contract, "goes too far",
                              "`lead` passes over %" G_GSIZE_FORMAT
                              " bytes and finds a row at %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                              ", or does not know when it has all of them",
                              lead.passed, lead.row, length);
      else if (lead.passed != whole.passed || lead.row != whole.row || lead.lines != whole.lines)
        fanout_contract_find (
            self->contract, "lead in pieces",
            "with %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
            " bytes first `lead` passes over %" G_GSIZE_FORMAT ", with a row at %" G_GSIZE_FORMAT
            ", where %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " are wanted",
            length - later, length, lead.passed, lead.row, whole.passed, whole.row);
    }
  *lines = whole.lines;
  return MIN (whole.passed, length);
}

static void
check_scan (Sourcing *self, const char *data, gsize length)
{
  FanoutScan whole = { 0 };

  if (length == 0)
    return;
  scan (self, data, length, &whole);
  for (gsize cut = 1; cut < length; cut++)
    {
      FanoutScan first = { 0 };
      FanoutScan second = { 0 };
      gsize tail;

      scan (self, data, cut, &first);
      second.quoted = first.quoted;
      scan (self, data + cut, length - cut, &second);
      tail = second.tail > 0 ? cut + second.tail : first.tail;
      self->contract->report->n_checks++;
      if (first.rows + second.rows != whole.rows || first.lines + second.lines != whole.lines
          || second.quoted != whole.quoted || tail != whole.tail)
        fanout_contract_find (self->contract, "scan in pieces",
                              "cut behind byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                              " `scan` finds %" G_GUINT64_FORMAT " rows, %" G_GUINT64_FORMAT
                              " lines and a tail of %" G_GSIZE_FORMAT ", where %" G_GUINT64_FORMAT
                              ", %" G_GUINT64_FORMAT " and %" G_GSIZE_FORMAT " are wanted",
                              cut, length, first.rows + second.rows, first.lines + second.lines,
                              tail, whole.rows, whole.lines, whole.tail);
    }
}

static void
check_decode (Sourcing *self, const char *data, gsize length, guint64 lines)
{
  static const struct
  {
    const char *how;
    guint per_block;
    gsize capacity;
  } ways[] = {
    { "the second time", G_MAXUINT, 4096 },
    { "in chunks of one row", G_MAXUINT, 1 },
    { "in blocks of one row", 1, 4096 },
    { "in blocks of two rows and chunks of one", 2, 1 },
  };
  g_autofree char *whole = decode_all (self, data, length, lines, G_MAXUINT, 4096);

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *text
          = decode_all (self, data, length, lines, ways[i].per_block, ways[i].capacity);

      fanout_contract_same (self->contract, i == 0 ? "again" : "pieces", ways[i].how, text, whole);
    }
}

static guint64
count_lines (const char *data, gsize length)
{
  guint64 n = 0;

  for (gsize i = 0; i < length; i++)
    n += data[i] == '\n';
  return n;
}

/* The columns of the names, or of the fields, of the kind that is wanted now. */
static void
want_columns (Sourcing *self, FanoutChunkWant *wants, char **names)
{
  static const char *const any[] = { "a", "b", "c" };
  const gboolean own = self->source->column != NULL;
  const guint n = own ? G_N_ELEMENTS (any) : names != NULL ? g_strv_length (names) : self->n_fields;

  /* Where rows have any number of fields, the first is there always. */
  self->n_columns = CLAMP (n, 1, N_COLUMNS_MAX);
  for (guint c = 0; c < self->n_columns; c++)
    wants[c] = (FanoutChunkWant){ own             ? any[c]
                                  : names != NULL ? names[c]
                                                  : "column",
                                  self->takes, NULL };
  self->wants = wants;
}

static void
check_sample (Sourcing *self, const char *sample)
{
  gsize length = strlen (sample);
  g_autofree char *copy = g_malloc0 (length + 2 * FANOUT_PADDING);
  const char *data = memcpy (copy + FANOUT_PADDING, sample, length);
  FanoutChunkWant wants[N_COLUMNS_MAX];
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  gsize header = 0;
  guint64 lines;
  const gsize lead = check_lead (self, data, length, &lines);

  data += lead;
  length -= lead;
  self->n_fields = 0;
  if (self->source->header != NULL
      && !self->source->header (self->options, data, length, TRUE, &names, &self->n_fields, &header,
                                &error))
    {
      if (error == NULL)
        fanout_contract_find (self->contract, "fails in silence",
                              "`header` failed and gave no reason; set `error`");
      return;
    }
  if (header > length)
    {
      fanout_contract_find (self->contract, "goes too far",
                            "`header` takes %" G_GSIZE_FORMAT " bytes of %" G_GSIZE_FORMAT, header,
                            length);
      return;
    }
  check_scan (self, data + header, length - header);
  for (self->takes = FANOUT_TAKES_NUMBER; self->takes <= FANOUT_TAKES_WIDE; self->takes++)
    if (self->takes != FANOUT_TAKES_DOUBLE)
      {
        want_columns (self, wants, names);
        check_decode (self, data + header, length - header, lines + count_lines (data, header));
      }
}

/* Of a source without bytes: whatever rows are asked for. */
static char *
fill_all (Sourcing *self, guint64 n_rows, gsize piece)
{
  static const guint fields[N_COLUMNS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
  GString *text = g_string_new (NULL);

  for (guint64 first = 0; first < n_rows; first += piece)
    {
      g_autoptr (FanoutChunk) chunk = new_chunk (self, piece);
      g_autoptr (GError) error = NULL;

      if (!self->source->fill (self->options, first, (gsize) MIN (piece, n_rows - first), fields,
                               chunk, &error))
        {
          g_string_append_printf (text, "%s\n", error != NULL ? error->message : "no reason");
          break;
        }
      append_rows (text, chunk);
    }
  return g_string_free (text, FALSE);
}

static void
check_fill (Sourcing *self)
{
  const guint64 n = MIN (self->source->n_rows (self->options), FILLED);
  g_auto (GStrv) names = self->source->names != NULL ? self->source->names (self->options) : NULL;
  FanoutChunkWant wants[N_COLUMNS_MAX];
  g_autofree char *whole = NULL;
  g_autofree char *pieces = NULL;
  g_autofree char *again = NULL;

  self->takes = FANOUT_TAKES_NUMBER;
  want_columns (self, wants, names);
  whole = fill_all (self, n, FILLED);
  again = fill_all (self, n, FILLED);
  pieces = fill_all (self, n, 7);
  fanout_contract_same (self->contract, "again", "the second time", again, whole);
  fanout_contract_same (self->contract, "pieces", "in chunks of 7 rows", pieces, whole);
  self->wants = NULL;
}

void
fanout_contract_check_source (FanoutContract *contract, const FanoutSource *source,
                              gconstpointer options)
{
  Sourcing self = { .contract = contract, .source = source, .options = options };

  contract->shape = "made-up bytes";
  fanout_contract_progress (contract, "reading");
  if (source->decode == NULL)
    check_fill (&self);
  for (gsize i = 0; i < G_N_ELEMENTS (samples) && source->decode != NULL; i++)
    check_sample (&self, samples[i]);
  fanout_contract_check_surroundings (contract);
}
