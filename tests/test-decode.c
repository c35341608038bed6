#include "core/delimited.h"
#include "core/error.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 8

/* What is decoded, and how. */
typedef struct
{
  FanoutDialect dialect;
  guint n_columns;
  guint fields[COLUMNS_MAX];
  FanoutTakes takes[COLUMNS_MAX];
  FanoutBad on_bad_row;
  FanoutBad on_bad_value;
  gsize max_row;
  const char *null_values[4];
} Case;

/* All of a text as blocks, and the rows that came of it. */
typedef struct
{
  const FanoutScanner *scanner;
  const Case *test;
  FanoutChunk *chunk;
  FanoutBlock block;
  GString *out;
  GError *error;
} Decoding;

#define COMMA .delimiter = ',', .quote = '"'
#define CSV { COMMA }

static void
append_text (GString *out, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] > ' ' && text[i] <= '~')
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "<%02x>", (guchar) text[i]);
}

static void
append_number (GString *out, FanoutNumber number)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  if (fanout_number_is_double (number))
    g_string_append_c (out, '~');
  else
    while (number.scale > 0 && number.mantissa % 10 == 0)
      number = fanout_number_decimal (number.mantissa / 10, (guint8) (number.scale - 1));
  fanout_number_format (number, text);
  g_string_append (out, text);
}

/* RECORD|value|value..., a null as -, a double with ~ before it. */
static void
dump_rows (Decoding *self)
{
  const FanoutChunk *chunk = self->chunk;

  for (gsize row = 0; row < chunk->n_rows; row++)
    {
      g_string_append_printf (self->out, "%" G_GUINT64_FORMAT,
                              chunk->consecutive ? chunk->first_row + row : chunk->rows[row]);
      for (guint i = 0; i < chunk->n_columns; i++)
        {
          FanoutColumn view;

          fanout_chunk_view (&chunk->columns[i], row, &view);
          g_string_append_c (self->out, '|');
          if (view.null != NULL && view.null[0])
            g_string_append_c (self->out, '-');
          else if (view.form == FANOUT_FORM_TEXT)
            append_text (self->out, view.text[0].data, view.text[0].length);
          else if (view.form == FANOUT_FORM_NONE)
            g_string_append_c (self->out, '+');
          else
            append_number (self->out, fanout_column_number (&view, 0));
        }
      g_string_append_c (self->out, '\n');
    }
}

static void
decode_block (Decoding *self, const char *data, gsize length)
{
  g_autofree char *padded = g_malloc (length + 2 * FANOUT_PADDING);

  /* What must not matter looks as if it did. */
  memset (padded, '7', length + 2 * FANOUT_PADDING);
  padded[FANOUT_PADDING - 1] = '\r';
  padded[FANOUT_PADDING + length] = '"';
  memcpy (padded + FANOUT_PADDING, data, length);
  self->block.data = padded + FANOUT_PADDING;
  self->block.length = length;
  self->block.offset = 0;
  while (self->error == NULL && self->block.offset < length)
    {
      const gboolean good
          = fanout_delimited_decode_with (self->scanner, &self->test->dialect, &self->block,
                                          self->chunk, &self->error);

      ck_assert_int_eq (good, self->error == NULL);
      dump_rows (self);
      fanout_chunk_reset (self->chunk);
    }
}

/* Cut a text behind rows, at most `piece` bytes at a time where they hold a row. */
static void
decode_blocks (Decoding *self, const char *text, gsize length, gsize piece)
{
  FanoutScan scan = { .quoted = FALSE };
  gsize from = 0, tail = 0;

  for (gsize at = 0, n; at < length && self->error == NULL; at += n)
    {
      n = MIN (piece, length - at);
      fanout_delimited_scan (&self->test->dialect, text + at, n, &scan);
      tail = scan.tail > 0 ? at + scan.tail : tail;
      if (tail > from)
        decode_block (self, text + from, tail - from);
      from = tail;
    }
  if (from < length && self->error == NULL)
    decode_block (self, text + from, length - from);
}

static void
dump_end (Decoding *self)
{
  const FanoutChunk *chunk = self->chunk;

  if (chunk->rows_skipped > 0)
    g_string_append_printf (self->out, "skipped %" G_GUINT64_FORMAT ": %s\n", chunk->rows_skipped,
                            chunk->first_skipped);
  if (chunk->values_nulled > 0)
    g_string_append_printf (self->out, "nulled %" G_GUINT64_FORMAT ": %s\n", chunk->values_nulled,
                            chunk->first_nulled);
  if (self->error != NULL)
    {
      ck_assert (g_error_matches (self->error, FANOUT_ERROR, FANOUT_ERROR_DATA));
      g_string_append_printf (self->out, "%s @%" G_GUINT64_FORMAT "\n", self->error->message,
                              self->block.record);
    }
}

/* Everything that comes of a text, as a text. `rounded` (nullable) counts rounded integers. */
static char *
decode (const FanoutScanner *scanner, const Case *test, const char *text, gsize length,
        gsize capacity, gsize piece, guint64 *rounded)
{
  FanoutChunkWant wants[COLUMNS_MAX];
  g_auto (GStrv) names = NULL;
  gsize header = 0;
  g_autoptr (FanoutChunk) chunk = NULL;
  g_autoptr (GError) error = NULL;
  Decoding self = { .scanner = scanner, .test = test, .out = g_string_new (NULL) };

  for (guint i = 0; i < test->n_columns; i++)
    {
      static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

      wants[i] = (FanoutChunkWant){ .name = letters[i], .takes = test->takes[i] };
    }
  chunk = fanout_chunk_new (test->n_columns, wants, capacity);
  chunk->on_bad_row = test->on_bad_row;
  chunk->on_bad_value = test->on_bad_value;
  chunk->max_row = test->max_row;
  chunk->null_values = test->null_values[0] != NULL ? test->null_values : NULL;
  self.chunk = chunk;
  self.block = (FanoutBlock){ .name = "f", .line = 1, .fields = test->fields };
  if (length > 0
      && !fanout_delimited_header (&test->dialect, text, length, TRUE, &names,
                                   &self.block.n_fields, &header, &error))
    {
      g_string_append_printf (self.out, "header: %s\n", error->message);
      return g_string_free (self.out, FALSE);
    }
  for (gsize i = 0; i < header; i++)
    self.block.line += text[i] == '\n';
  decode_blocks (&self, text + header, length - header, piece);
  dump_end (&self);
  if (rounded != NULL)
    *rounded = chunk->integers_rounded;
  g_clear_error (&self.error);
  return g_string_free (self.out, FALSE);
}

/* The same, however the rows are dealt. */
static void
check_decode (const Case *test, const char *text, gsize length, const char *wanted)
{
  static const gsize capacities[] = { 1, 2, 7, 4096 };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);

  for (guint i = 0; i < G_N_ELEMENTS (capacities) * n; i++)
    for (gsize piece = 1; piece <= length + 1; piece = piece * 3 + 1)
      {
        g_autofree char *found
            = decode (all[i % n], test, text, length, capacities[i / n], piece, NULL);

        ck_assert_str_eq (found, wanted);
      }
}

typedef struct
{
  Case test;
  const char *text;
  const char *wanted;
} Example;

#define N FANOUT_TAKES_NUMBER
#define T FANOUT_TAKES_TEXT
#define X FANOUT_TAKES_NOTHING
#define TWO .n_columns = 2, .fields = { 0, 1 }
#define TEXTS TWO, .takes = { T, T }
#define SKIP .on_bad_row = FANOUT_BAD_PASS
#define PASS .on_bad_value = FANOUT_BAD_PASS

static const Example examples[] = {
  { { CSV, TEXTS }, "", "" },
  { { CSV, TEXTS }, "a,b\nc,d\n", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\nc,d", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\r\nc,d\r\n", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\r\nc,d\r", "0|a|b\n1|c|d<0d>\n" },
  { { CSV, TEXTS }, "a\r,\rb\n", "0|a<0d>|<0d>b\n" },
  { { CSV, TEXTS }, "a,\r\n,b\r\n,\n", "0|a|-\n1|-|b\n2|-|-\n" },
  { { CSV, TEXTS }, "\xef\xbb\xbf" "a,b\n", "0|a|b\n" },
  { { CSV, TEXTS }, "a,b\n\n\r\n\nc,d\n\n", "0|a|b\n4|c|d\n" },
  { { CSV, TEXTS }, "\n\na,b\n", "2|a|b\n" },
  { { CSV, TEXTS }, "\xff\xfe,\x80\n", "0|<ff><fe>|<80>\n" },
  { { CSV, TEXTS }, " a ,b\n", "0|<20>a<20>|b\n" },
  /* quotes */
  { { CSV, TEXTS }, "\"a\",\"b\"\n", "0|a|b\n" },
  { { CSV, TEXTS }, "\"a,\nb\",\"c\r\nd\"\r\ne,f\n", "0|a,<0a>b|c<0d><0a>d\n1|e|f\n" },
  { { CSV, TEXTS }, "\"a\"\"b\",\"\"\"\"\n", "0|a\"b|\"\n" },
  { { CSV, TEXTS }, "\"\"\"\"\"\",\"\"\n", "0|\"\"|-\n" },
  { { CSV, TEXTS }, "\"\",\"\"\r\n", "0|-|-\n" },
  { { CSV, TEXTS }, "a,\"b\"", "0|a|b\n" },
  { { { ',', '\'', FALSE, 0, NULL }, TEXTS }, "'a,''b',\"\n", "0|a,'b|\"\n" },
  { { { ',', -1, FALSE, 0, NULL }, TEXTS }, "\"a,b\"\"\n", "0|\"a|b\"\"\n" },
  { { CSV, TEXTS }, "a,b\nc\"d,e\"\nf,g\n",
    "0|a|b\nf:2: field 1: a quote that is neither at an edge of it nor doubled @1\n" },
  { { CSV, TEXTS }, "a,\"b\"c\nd,e\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled @0\n" },
  { { CSV, TEXTS }, "a,b\"\"c\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled @0\n" },
  { { CSV, TEXTS }, "a,\"b\" \n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled @0\n" },
  { { CSV, TEXTS }, "a,\"b\"\rc\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled @0\n" },
  { { CSV, TEXTS, SKIP }, "a,b\n\"c\nd\"e,f\n\"g\nh\",i\n",
    "0|a|b\n2|g<0a>h|i\n"
    "skipped 1: f:2: field 1: a quote that is neither at an edge of it nor doubled\n" },
  { { CSV, TEXTS, SKIP }, "a,b\nc,\"d\ne,f\n", "0|a|b\nf:2: a quote in this row is never closed @1\n" },
  { { CSV, TEXTS, SKIP }, "a,b\nc,\"", "0|a|b\nf:2: a quote in this row is never closed @1\n" },
  /* fields */
  { { CSV, TEXTS }, "a,b\nc\nd,e\n", "0|a|b\nf:2: 1 field where 2 are wanted @1\n" },
  { { CSV, TEXTS }, "a,b\nc,d,e\n", "0|a|b\nf:2: 3 fields where 2 are wanted @1\n" },
  { { CSV, TEXTS }, "a,b\nc,d\n,,,", "0|a|b\n1|c|d\nf:3: 4 fields where 2 are wanted @2\n" },
  { { CSV, TEXTS }, "a,b\n \n", "0|a|b\nf:2: 1 field where 2 are wanted @1\n" },
  { { CSV, TEXTS }, "\"a\n\",b\n\nc\n", "0|a<0a>|b\nf:4: 1 field where 2 are wanted @2\n" },
  { { CSV, TEXTS, SKIP }, "a,b\nc\nd,e,f\n\ng,h\ni",
    "0|a|b\n4|g|h\nskipped 3: f:2: 1 field where 2 are wanted\n" },
  /* these have as many ends of fields as right ones */
  { { CSV, TEXTS }, "a,b\nc\nd\n", "0|a|b\nf:2: 1 field where 2 are wanted @1\n" },
  { { CSV, TEXTS, SKIP }, "a,b\nc\nd,e,f\ng,h\n",
    "0|a|b\n3|g|h\nskipped 2: f:2: 1 field where 2 are wanted\n" },
  { { CSV, .n_columns = 1, .fields = { 0 }, .takes = { T } }, "a\n\nb\n\r\nc,d\n",
    "0|a\n1|-\n2|b\n3|-\nf:5: 2 fields where 1 is wanted @4\n" },
  { { CSV, .n_columns = 0 }, "a,b\nc,d\ne\n", "0\n1\nf:3: 1 field where 2 are wanted @2\n" },
  { { CSV, .n_columns = 3, .fields = { 2, 0, 2 }, .takes = { T, X, N } }, "a,b,1\n,,\nc,,3\n",
    "0|1|+|1\n1|-|-|-\n2|3|+|3\n" },
  /* NUL, max-row */
  { { CSV, TEXTS, SKIP, .max_row = 5 }, "aa,bb\r\naaa,bb\n\"a\",\"b\"\nc,d",
    "0|aa|bb\n3|c|d\nskipped 2: f:2: a row longer than max-row (5 bytes)\n" },
  { { CSV, TEXTS, .max_row = 3 }, "a,b\nc,\"dddd\nd,e\n",
    "0|a|b\nf:2: a row longer than max-row (3 bytes) @1\n" },
  /* numbers */
  { { CSV, TWO, .takes = { N, N } }, "1,-2.50\n12.3,+7\n.5,5.\n1e3,2.5E-4\n 8 ,\t9\n",
    "0|1|-2.5\n1|12.3|7\n2|0.5|5\n3|1000|0.00025\n4|8|9\n" },
  { { CSV, TWO, .takes = { N, N } }, "nan,-inf\n1e300,1\n1,12345678901234567890123\n",
    "0|~nan|~-inf\n1|~1e300|1\n2|1|~1.2345678901234568e22\n" },
  { { CSV, TWO, .takes = { N, N } },
    "9223372036854775807,-9223372036854775807\n0.5,1\n9223372036854775808,0.000000000000000001\n",
    "0|9223372036854775807|-9223372036854775807\n1|0.5|1\n"
    "2|~9223372036854776000|0.000000000000000001\n" },
  { { CSV, TWO, .takes = { N, N } }, "1,2\n1,,\n",
    "0|1|2\nf:2: 3 fields where 2 are wanted @1\n" },
  { { CSV, TWO, .takes = { N, N } }, "\"1\",\"\"\n\" 2\",\"-3.5\"\r\n", "0|1|-\n1|2|-3.5\n" },
  { { CSV, TWO, .takes = { N, T } }, "1,a\nabc,b\n",
    "0|1|a\nf:2: column 'a': 'abc' is not a number @1\n" },
  { { CSV, TWO, .takes = { N, N } }, "1,2\n3,x\ny,4\n",
    "0|1|2\nf:2: column 'b': 'x' is not a number @1\n" },
  { { CSV, TWO, .takes = { N, N } }, "\"1\n\",2\n", "f:1: column 'a': '1\\n' is not a number @0\n" },
  { { CSV, TWO, .takes = { N, N } }, "\"1\"\"2\",2\n",
    "f:1: column 'a': '1\"2' is not a number @0\n" },
  { { CSV, TWO, .takes = { N, N } }, " ,2\n", "f:1: column 'a': ' ' is not a number @0\n" },
  { { CSV, TWO, .takes = { N, N } }, "1,2\n1_0,2\n",
    "0|1|2\nf:2: column 'a': '1_0' is not a number @1\n" },
  { { CSV, TWO, .takes = { N, N } }, "1,2\n3,4\n5\nx,6\n",
    "0|1|2\n1|3|4\nf:3: 1 field where 2 are wanted @2\n" },
  { { CSV, TWO, .takes = { N, N } }, "1,2\nx,4\n5\n",
    "0|1|2\nf:2: column 'a': 'x' is not a number @1\n" },
  { { CSV, TWO, .takes = { N, N }, PASS }, "1,2\n3,x\ny,4\nz,\n",
    "0|1|2\n1|3|-\n2|-|4\n3|-|-\nnulled 3: f:2: column 'b': 'x' is not a number\n" },
  { { CSV, TWO, .takes = { N, N }, PASS, SKIP }, "1,2\n\"1\n\",2,3\n\"\n\n\",0x1\n1\n",
    "0|1|2\n2|-|-\nskipped 2: f:2: 3 fields where 2 are wanted\n"
    "nulled 2: f:4: column 'a': '\\n\\n' is not a number\n" },
  /* null values */
  { { CSV, TWO, .takes = { N, T }, .null_values = { "NA", "-1", "\\N" } },
    "NA,NA\n-1,-1\n-1.0,n\n\"NA\",\"\\N\"\nNA ,\n",
    "0|-|-\n1|-|-\n2|-1|n\n3|-|-\nf:5: column 'a': 'NA ' is not a number @4\n" },
  { { CSV, TWO, .takes = { X, T }, .null_values = { "a\"b" } }, "\"a\"\"b\",a\n\"\",\"a\"\"b\"\n",
    "0|-|a\n1|-|-\n" },
  /* other delimiters */
  { { { '\t', -1, FALSE, 0, NULL }, TEXTS }, "a\tb\n\t\n", "0|a|b\n1|-|-\n" },
  { { { -1, '"', FALSE, 0, NULL }, TEXTS }, "  a \t b  \nc d\n \t\ne\tf\r\n",
    "0|a|b\n1|c|d\n3|e|f\n" },
  { { { -1, '"', FALSE, 0, NULL }, TEXTS }, "\"a b\" \"c\"\n\"\" x\"\n",
    "0|a<20>b|c\nf:2: a quote in this row is never closed @1\n" },
  { { { -1, -1, FALSE, 0, NULL }, TEXTS }, "a \"b\nd\n",
    "0|a|\"b\nf:2: 1 field where 2 are wanted @1\n" },
  { { { -2, -1, FALSE, 0, NULL }, .n_columns = 1, .takes = { T } }, "a,b\r\n\n\"c\nd",
    "0|a,b\n1|-\n2|\"c\n3|d\n" },
};


START_TEST (test_example)
{
  const Example *example = &examples[_i];

  check_decode (&example->test, example->text, strlen (example->text), example->wanted);
}
END_TEST

START_TEST (test_nul)
{
  static const char text[] = "a,b\nc\0,\"d\ne\"\nf,g\n";
  const Case skip = { CSV, TEXTS, SKIP };
  const Case stop = { CSV, TEXTS };

  check_decode (&skip, text, sizeof text - 1, "0|a|b\n2|f|g\nskipped 1: f:2: a NUL byte\n");
  check_decode (&stop, text, sizeof text - 1, "0|a|b\nf:2: a NUL byte @1\n");
}
END_TEST

typedef struct
{
  FanoutDialect dialect;
  const char *text;
  gboolean complete;
  const char *wanted; /* name|name;FIELDS;LENGTH, or the error */
} Header;

static const char *const two_names[] = { "one", "two", NULL };

#define HEADER COMMA, .header = TRUE

static const Header headers[] = {
  { { HEADER }, "a,b\n1,2\n", TRUE, "a|b;2;4" },
  { { HEADER }, "a,b\n1,2\n", FALSE, "a|b;2;4" },
  { { HEADER }, "a,b\r\n1,2\n", TRUE, "a|b;2;5" },
  { { HEADER }, "a,b", TRUE, "a|b;2;3" },
  { { HEADER }, "\xef\xbb\xbf" "a\n", TRUE, "a;1;5" },
  { { HEADER }, "\xef\xbb\xbf", TRUE, "1;1;3" },
  { { HEADER }, " a\t, b c ,\" d \",,\"\",a\n", TRUE, "a|b c|d|4|5|a;6;22" },
  { { HEADER }, "\"a\nb\",\"c\"\"d\"\n1,2\n", TRUE, "a\nb|c\"d;2;13" },
  { { HEADER }, "\n\r\na,b\n", TRUE, "a|b;2;7" },
  { { HEADER }, "\n\n", TRUE, "1;1;2" },
  { { HEADER }, "a,b", FALSE, "a header longer than max-row" },
  { { HEADER }, "\"a,b\n1,2", FALSE, "a header longer than max-row" },
  { { HEADER }, "\"a,b\n1,2", TRUE, "a quote in the header is never closed" },
  { { HEADER }, "a,b\"\"\n", TRUE,
    "field 2 of the header: a quote that is neither at an edge of it nor doubled" },
  { { HEADER, .n_columns = 2, .columns = two_names }, "a,b\n", TRUE, "one|two;2;4" },
  { { HEADER, .n_columns = 2, .columns = two_names }, "a,b,c\n", TRUE,
    "3 fields in the header where 'columns' names 2" },
  { { COMMA, .n_columns = 2, .columns = two_names }, "a,b,c\n", TRUE, "one|two;2;0" },
  { { COMMA }, "a,b,c\n1\n", TRUE, "-;3;0" },
  { { COMMA }, "\xef\xbb\xbf\n\na,b", TRUE, "-;2;3" },
  { { COMMA }, "a,b\",c\n\"", TRUE, "-;3;0" },
  { { .delimiter = FANOUT_DELIMITER_WHITESPACE, .quote = '"', .header = TRUE }, "  a  \"b c\" \n",
    TRUE, "a|b c;2;12" },
};

START_TEST (test_header)
{
  const Header *header = &headers[_i];
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  guint n_fields = 77;
  gsize length = 77;

  if (fanout_delimited_header (&header->dialect, header->text, strlen (header->text),
                               header->complete, &names, &n_fields, &length, &error))
    {
      g_autofree char *joined = names != NULL ? g_strjoinv ("|", names) : g_strdup ("-");

      found = g_strdup_printf ("%s;%u;%zu", joined, n_fields, length);
    }
  else
    {
      ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_DATA));
      ck_assert (names == NULL && n_fields == 77 && length == 77);
      found = g_strdup (error->message);
    }
  ck_assert_str_eq (found, header->wanted);
}
END_TEST

START_TEST (test_header_with_nul)
{
  const FanoutDialect dialect = { HEADER };
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  guint n_fields;
  gsize length;

  ck_assert (!fanout_delimited_header (&dialect, "a,\0b\n", 5, TRUE, &names, &n_fields, &length,
                                       &error));
  ck_assert_str_eq (error->message, "a NUL byte in the header");
}
END_TEST

START_TEST (test_dialect)
{
  static const struct
  {
    gint delimiter, quote;
    const char *wanted;
  } clashes[] = {
    { ',', '"', NULL },
    { FANOUT_DELIMITER_NONE, FANOUT_QUOTE_NONE, NULL },
    { FANOUT_DELIMITER_WHITESPACE, FANOUT_QUOTE_NONE, NULL },
    { '"', '"', "'delimiter' and 'quote' are the same" },
    { FANOUT_DELIMITER_WHITESPACE, ' ', "'quote' is a blank, and so is 'delimiter'" },
    { '\n', '"', "'delimiter' cannot be a line feed, a carriage return or NUL" },
    { ',', '\r', "'quote' cannot be a line feed, a carriage return or NUL" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (clashes); i++)
    {
      const FanoutDialect dialect
          = { .delimiter = clashes[i].delimiter, .quote = clashes[i].quote };
      g_autoptr (GError) error = NULL;

      ck_assert_int_eq (fanout_dialect_check (&dialect, &error), clashes[i].wanted == NULL);
      ck_assert_pstr_eq (error != NULL ? error->message : NULL, clashes[i].wanted);
      ck_assert (error == NULL || g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
    }
}
END_TEST

/* The decoder as one would write it first. */

typedef struct
{
  const Case *test;
  guint n_fields;
  GString *out;
  guint64 record, line;
  guint64 skipped, nulled, rounded;
  char *first_skipped, *first_nulled, *failure;
} Reference;

/* The fields of a row, each a GString; FALSE with the number of the one with a quote out of place. */
static gboolean
split_slowly (const FanoutDialect *dialect, const char *text, gsize length, GPtrArray *fields)
{
  enum
  {
    START,
    PLAIN,
    QUOTED,
    CLOSED,
  } state = START;
  const gboolean runs = dialect->delimiter == FANOUT_DELIMITER_WHITESPACE;
  GString *field = NULL;

  for (gsize i = 0; i <= length; i++)
    {
      const gboolean blank = i < length && (text[i] == ' ' || text[i] == '\t');
      const gboolean quote
          = i < length && dialect->quote >= 0 && text[i] == (char) dialect->quote;
      const gboolean end = i == length || (runs ? blank : (guchar) text[i] == dialect->delimiter);

      if (state == START && runs && end)
        continue;
      if (state == START)
        g_ptr_array_add (fields, field = g_string_new (NULL));
      if (state == QUOTED && !quote && i < length)
        g_string_append_c (field, text[i]);
      else if (state == QUOTED)
        state = CLOSED;
      else if (end)
        state = START;
      else if (quote && state == START)
        state = QUOTED;
      else if (quote && state == CLOSED)
        {
          g_string_append_c (field, text[i]);
          state = QUOTED;
        }
      else if (quote || state == CLOSED)
        return FALSE;
      else
        {
          g_string_append_c (field, text[i]);
          state = PLAIN;
        }
    }
  return TRUE;
}

static gboolean
is_null_slowly (const Case *test, const GString *field)
{
  gboolean found = field->len == 0;

  for (guint i = 0; i < G_N_ELEMENTS (test->null_values) && test->null_values[i] != NULL; i++)
    found |= strcmp (field->str, test->null_values[i]) == 0;
  return found;
}

/* FALSE: a bad value that fails; `out` says so. */
static gboolean
put_slowly (Reference *self, guint column, const GString *field, GString *row)
{
  FanoutNumber number;
  gboolean rounded;

  g_string_append_c (row, '|');
  if (is_null_slowly (self->test, field))
    g_string_append_c (row, '-');
  else if (self->test->takes[column] == T)
    append_text (row, field->str, field->len);
  else if (self->test->takes[column] == X)
    g_string_append_c (row, '+');
  else if (fanout_number_parse (field->str, field->len, &number, &rounded))
    {
      append_number (row, number);
      self->rounded += (guint64) rounded;
    }
  else
    {
      g_autofree char *shown = fanout_quote (field->str, (gssize) field->len);
      char *message = g_strdup_printf ("f:%" G_GUINT64_FORMAT ": column '%c': %s is not a number",
                                       self->line, 'a' + (char) column, shown);

      if (self->test->on_bad_value == FANOUT_BAD_FAIL)
        {
          self->failure = message;
          return FALSE;
        }
      g_string_append_c (row, '-');
      if (self->nulled++ == 0)
        self->first_nulled = message;
      else
        g_free (message);
    }
  return TRUE;
}

static gboolean
put_row_slowly (Reference *self, const GPtrArray *fields)
{
  g_autoptr (GString) row = g_string_new (NULL);
  g_autoptr (GString) empty = g_string_new (NULL);

  g_string_printf (row, "%" G_GUINT64_FORMAT, self->record);
  for (guint i = 0; i < self->test->n_columns; i++)
    {
      const guint field = self->test->fields[i];

      if (!put_slowly (self, i, field < fields->len ? fields->pdata[field] : empty, row))
        return FALSE;
    }
  g_string_append_printf (self->out, "%s\n", row->str);
  return TRUE;
}

static void
free_field (gpointer field)
{
  g_string_free (field, TRUE);
}

/* One row without its end; FALSE when it fails. */
static gboolean
row_slowly (Reference *self, const char *text, gsize length, gboolean open)
{
  const Case *test = self->test;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (free_field);
  g_autofree char *reason = NULL;
  char *message;

  if (test->max_row > 0 && length > test->max_row)
    reason = g_strdup_printf ("a row longer than max-row (%zu bytes)", test->max_row);
  else if (open)
    {
      self->failure = g_strdup_printf ("f:%" G_GUINT64_FORMAT
                                       ": a quote in this row is never closed", self->line);
      return FALSE;
    }
  else if (memchr (text, '\0', length) != NULL)
    reason = g_strdup ("a NUL byte");
  else if (!split_slowly (&test->dialect, text, length, fields))
    reason = g_strdup_printf ("field %u: a quote that is neither at an edge of it nor doubled",
                              fields->len);
  else if (length == 0 || fields->len == 0)
    return self->n_fields != 1 || put_row_slowly (self, fields);
  else if (fields->len != self->n_fields)
    reason = g_strdup_printf ("%u field%s where %u %s wanted", fields->len,
                              fields->len == 1 ? "" : "s", self->n_fields,
                              self->n_fields == 1 ? "is" : "are");
  else
    return put_row_slowly (self, fields);
  message = g_strdup_printf ("f:%" G_GUINT64_FORMAT ": %s", self->line, reason);
  if (test->on_bad_row == FANOUT_BAD_FAIL)
    {
      self->failure = message;
      return FALSE;
    }
  if (self->skipped++ == 0)
    self->first_skipped = message;
  else
    g_free (message);
  return TRUE;
}

static gboolean
rows_slowly (Reference *self, const char *text, gsize length)
{
  for (gsize at = 0, next; at < length; at = next)
    {
      gboolean inside = FALSE;
      gsize end = at;
      guint64 lines = 1;

      for (; end < length && (inside || text[end] != '\n'); end++)
        {
          inside ^= self->test->dialect.quote >= 0
                    && (guchar) text[end] == self->test->dialect.quote;
          lines += text[end] == '\n';
        }
      next = MIN (end + 1, length);
      if (end < length && end > at && text[end - 1] == '\r')
        end--;
      if (!row_slowly (self, text + at, end - at, inside))
        return FALSE;
      self->record++;
      self->line += lines;
    }
  return TRUE;
}

/* As decode(), after the header. */
static char *
decode_slowly (const Case *test, guint n_fields, const char *text, gsize length, guint64 *rounded)
{
  Reference self = { .test = test, .n_fields = n_fields, .out = g_string_new (NULL), .line = 1 };

  rows_slowly (&self, text, length);
  if (self.skipped > 0)
    g_string_append_printf (self.out, "skipped %" G_GUINT64_FORMAT ": %s\n", self.skipped,
                            self.first_skipped);
  if (self.nulled > 0)
    g_string_append_printf (self.out, "nulled %" G_GUINT64_FORMAT ": %s\n", self.nulled,
                            self.first_nulled);
  if (self.failure != NULL)
    g_string_append_printf (self.out, "%s @%" G_GUINT64_FORMAT "\n", self.failure, self.record);
  g_free (self.first_skipped);
  g_free (self.first_nulled);
  g_free (self.failure);
  *rounded = self.rounded;
  return g_string_free (self.out, FALSE);
}

static const char *
pick (GRand *random, const char *const *items, guint n)
{
  return items[g_rand_int_range (random, 0, (gint32) n)];
}

/* A field, sometimes in quotes. */
static void
append_field (GRand *random, GString *out, gboolean quotes)
{
  static const char *const fields[] = {
    "1",    "-12.3", "0.5",  "",     "17",   "99.9", "-0",   "12345678", "123456789",
    "3.14", "1.50",  "1e3",  "nan",  "+4",   "abc",  "NA",   "-1",       "x y",
    "7",    "-8.1",  "20.0", "3",    "-5.6", "0",    "1e20", "12345678901234567890123",
    "-9223372036854775807",  "0.000000000000000001", "9223372036854775808", "123456.789012",
  };
  const gboolean plain = g_rand_int_range (random, 0, 3) > 0;
  const gboolean quoted = quotes && g_rand_int_range (random, 0, 4) == 0;
  const char *text = pick (random, fields, plain ? 6 : G_N_ELEMENTS (fields));

  g_string_append (out, quoted ? "\"" : "");
  g_string_append (out, text);
  if (quoted && g_rand_int_range (random, 0, 4) == 0)
    g_string_append (out, "\"\",\r\n");
  g_string_append (out, quoted ? "\"" : "");
}

static GString *
random_table (GRand *random, guint n_fields, char delimiter, gsize length)
{
  GString *out = g_string_new (NULL);
  const gboolean quotes = g_rand_boolean (random);
  const gint returns = g_rand_int_range (random, 0, 3);

  while (out->len < length)
    {
      for (guint i = 0; i < n_fields; i++)
        {
          append_field (random, out, quotes);
          if (i + 1 < n_fields)
            g_string_append_c (out, delimiter);
        }
      if (returns == 1 || (returns == 2 && g_rand_boolean (random)))
        g_string_append_c (out, '\r');
      g_string_append_c (out, '\n');
    }
  return out;
}

static void
mutate (GRand *random, GString *text)
{
  static const char bytes[] = ",,\n\n\"\"\r\r\n\0.-+eE 19\t;x\xff";
  const gint n = g_rand_int_range (random, 0, 4);

  for (gint i = 0; i < n && text->len > 0; i++)
    {
      const gsize at = (gsize) g_rand_int_range (random, 0, (gint32) text->len);
      const char byte = bytes[g_rand_int_range (random, 0, sizeof bytes)];

      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
          g_string_erase (text, (gssize) at, 1);
          break;
        case 1:
          g_string_insert_c (text, (gssize) at, byte);
          break;
        case 2:
          g_string_truncate (text, MAX (at, text->len / 2));
          break;
        default:
          text->str[at] = byte;
        }
    }
}

static Case
random_case (GRand *random, guint n_fields)
{
  static const gint delimiters[]
      = { ',', ',', ';', '\t', FANOUT_DELIMITER_WHITESPACE, FANOUT_DELIMITER_NONE };
  static const FanoutTakes takes[] = { N, N, T, X };
  Case test = { .n_columns = (guint) g_rand_int_range (random, 0, 5) };

  test.dialect.delimiter = delimiters[g_rand_int_range (random, 0, 6)];
  test.dialect.quote = g_rand_int_range (random, 0, 4) > 0 ? '"' : FANOUT_QUOTE_NONE;
  if (test.dialect.delimiter == FANOUT_DELIMITER_NONE)
    test.dialect.quote = FANOUT_QUOTE_NONE;
  for (guint i = 0; i < test.n_columns; i++)
    {
      test.fields[i] = (guint) g_rand_int_range (random, 0, (gint32) n_fields);
      test.takes[i] = takes[g_rand_int_range (random, 0, 4)];
    }
  test.on_bad_row = g_rand_boolean (random) ? FANOUT_BAD_PASS : FANOUT_BAD_FAIL;
  test.on_bad_value = g_rand_int_range (random, 0, 4) > 0 ? FANOUT_BAD_PASS : FANOUT_BAD_FAIL;
  test.max_row = g_rand_int_range (random, 0, 5) == 0 ? 30 : g_rand_boolean (random) ? 0 : 100000;
  if (g_rand_int_range (random, 0, 3) == 0)
    {
      test.null_values[0] = "NA";
      test.null_values[1] = "-1";
    }
  return test;
}

static void
check_random (GRand *random, gsize length)
{
  static const gsize capacities[] = { 1, 2, 7, 100, 1000, 4096 };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n = fanout_scanners (all);
  guint n_fields = (guint) g_rand_int_range (random, 1, 5);
  Case test = random_case (random, n_fields);
  const gint delimiter = test.dialect.delimiter;
  g_autoptr (GString) text
      = random_table (random, n_fields, delimiter < 0 ? ' ' : (char) delimiter, length);
  g_autofree char *wanted = NULL, *found = NULL;
  guint64 rounded, found_rounded;
  gsize piece;

  mutate (random, text);
  /* A first row that is as it should be: without header it says how many fields there are. */
  for (guint i = 0; i < n_fields; i++)
    g_string_prepend (text, i == 0 ? "1\n" : delimiter == ',' ? "1," : "1 ");
  if (delimiter == ';' || delimiter == '\t')
    for (guint i = 0; i + 1 < n_fields; i++)
      text->str[2 * i + 1] = (char) delimiter;
  if (delimiter == FANOUT_DELIMITER_NONE)
    {
      n_fields = 1;
      memset (test.fields, 0, sizeof test.fields);
    }
  piece = (gsize) g_rand_int_range (random, 1, (gint32) text->len + 2);
  wanted = decode_slowly (&test, n_fields, text->str, text->len, &rounded);
  found = decode (all[g_rand_int_range (random, 0, (gint32) n)], &test, text->str, text->len,
                  capacities[g_rand_int_range (random, 0, G_N_ELEMENTS (capacities))],
                  g_rand_boolean (random) ? piece : text->len, &found_rounded);
  ck_assert_str_eq (found, wanted);
  if (strstr (wanted, " @") == NULL)
    ck_assert_uint_eq (found_rounded, rounded);
}

START_TEST (test_random)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (30);

  for (guint i = 0; i < 6000; i++)
    check_random (random, (gsize) g_rand_int_range (random, 0, 600));
}
END_TEST

START_TEST (test_random_long)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (31);

  for (guint i = 0; i < 60; i++)
    check_random (random, (gsize) g_rand_int_range (random, 10000, 90000));
}
END_TEST

static Suite *
decode_suite (void)
{
  Suite *suite = suite_create ("decode");
  TCase *tests = tcase_create ("decode");

  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, test_example, 0, G_N_ELEMENTS (examples));
  tcase_add_test (tests, test_nul);
  tcase_add_loop_test (tests, test_header, 0, G_N_ELEMENTS (headers));
  tcase_add_test (tests, test_header_with_nul);
  tcase_add_test (tests, test_dialect);
  tcase_add_test (tests, test_random);
  tcase_add_test (tests, test_random_long);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (decode_suite ());
  int failed;

  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
