#include "tests/support/suite.h"
#include "tests/support/decode.h"

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

#define TWO   .n_columns = 2, .fields = { 0, 1 }
#define TEXTS TWO, .takes = { T, T }
#define SKIP  .on_bad_row = FANOUT_BAD_PASS
#define PASS  .on_bad_value = FANOUT_BAD_PASS

static const Example examples[] = {
  { { CSV, TEXTS }, "", "" },
  { { CSV, TEXTS }, "a,b\nc,d\n", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\nc,d", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\r\nc,d\r\n", "0|a|b\n1|c|d\n" },
  { { CSV, TEXTS }, "a,b\r\nc,d\r", "0|a|b\n1|c|d<0d>\n" },
  { { CSV, TEXTS }, "a\r,\rb\n", "0|a<0d>|<0d>b\n" },
  { { CSV, TEXTS }, "a,\r\n,b\r\n,\n", "0|a|-\n1|-|b\n2|-|-\n" },
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
  { { { .delimiter = ',', .quote = '\'' }, TEXTS }, "'a,''b',\"\n", "0|a,'b|\"\n" },
  { { { .delimiter = ',', .quote = -1 }, TEXTS }, "\"a,b\"\"\n", "0|\"a|b\"\"\n" },
  { { CSV, TEXTS },
    "a,b\nc\"d,e\"\nf,g\n",
    "0|a|b\nf:2: field 1: a quote that is neither at an edge of it nor doubled; where quotes are "
    "letters: quote = none @1\n" },
  { { CSV, TEXTS },
    "a,\"b\"c\nd,e\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled; where quotes are letters: "
    "quote = none @0\n" },
  { { CSV, TEXTS },
    "a,b\"\"c\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled; where quotes are letters: "
    "quote = none @0\n" },
  { { CSV, TEXTS },
    "a,\"b\" \n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled; where there are blanks "
    "around quotes: trim = true @0\n" },
  { { CSV, TEXTS },
    "a,\"b\"\rc\n",
    "f:1: field 2: a quote that is neither at an edge of it nor doubled; where quotes are letters: "
    "quote = none @0\n" },
  { { CSV, TEXTS, SKIP },
    "a,b\n\"c\nd\"e,f\n\"g\nh\",i\n",
    "0|a|b\n2|g<0a>h|i\n"
    "skipped 1: f:2: field 1: a quote that is neither at an edge of it nor doubled; where quotes "
    "are letters: quote = none\n" },
  { { CSV, TEXTS, SKIP },
    "a,b\nc,\"d\ne,f\n",
    "0|a|b\nskipped 1: f:2: a quote in this row is never closed; where quotes are letters: quote = "
    "none\n" },
  { { CSV, TEXTS, SKIP },
    "a,b\nc,\"",
    "0|a|b\nskipped 1: f:2: a quote in this row is never closed; where quotes are letters: quote = "
    "none\n" },
  /* fields */
  { { CSV, TEXTS }, "a,b\nc\nd,e\n", "0|a|b\nf:2: 1 field where 2 are wanted" RAGGED " @1\n" },
  { { CSV, TEXTS }, "a,b\nc,d,e\n", "0|a|b\nf:2: 3 fields where 2 are wanted" RAGGED " @1\n" },
  { { CSV, TEXTS },
    "a,b\nc,d\n,,,",
    "0|a|b\n1|c|d\nf:3: 4 fields where 2 are wanted" RAGGED " @2\n" },
  { { CSV, TEXTS }, "a,b\n \n", "0|a|b\nf:2: 1 field where 2 are wanted" RAGGED " @1\n" },
  { { CSV, TEXTS },
    "\"a\n\",b\n\nc\n",
    "0|a<0a>|b\nf:4: 1 field where 2 are wanted" RAGGED " @2\n" },
  { { CSV, TEXTS, SKIP },
    "a,b\nc\nd,e,f\n\ng,h\ni",
    "0|a|b\n4|g|h\nskipped 3: f:2: 1 field where 2 are wanted" RAGGED "\n" },
  /* these have as many ends of fields as right ones */
  { { CSV, TEXTS }, "a,b\nc\nd\n", "0|a|b\nf:2: 1 field where 2 are wanted" RAGGED " @1\n" },
  { { CSV, TEXTS, SKIP },
    "a,b\nc\nd,e,f\ng,h\n",
    "0|a|b\n3|g|h\nskipped 2: f:2: 1 field where 2 are wanted" RAGGED "\n" },
  { { CSV, .n_columns = 1, .fields = { 0 }, .takes = { T } },
    "a\n\nb\n\r\nc,d\n",
    "0|a\n1|-\n2|b\n3|-\nf:5: 2 fields where 1 is wanted" RAGGED " @4\n" },
  { { CSV, .n_columns = 0 },
    "a,b\nc,d\ne\n",
    "0\n1\nf:3: 1 field where 2 are wanted" RAGGED " @2\n" },
  { { CSV, .n_columns = 3, .fields = { 2, 0, 2 }, .takes = { T, X, N } },
    "a,b,1\n,,\nc,,3\n",
    "0|1|+|1\n1|-|-|-\n2|3|+|3\n" },
  /* NUL, max-row */
  { { CSV, TEXTS, SKIP, .max_row = 5 },
    "aa,bb\r\naaa,bb\n\"a\",\"b\"\nc,d",
    "0|aa|bb\n3|c|d\nskipped 2: f:2: a row longer than max-row (5 bytes)\n" },
  { { CSV, TEXTS, .max_row = 3 },
    "a,b\nc,\"dddd\nd,e\n",
    "0|a|b\nf:2: a row longer than max-row (3 bytes); it is inside of quotes there; where quotes "
    "are letters: quote = none @1\n" },
  /* numbers */
  { { CSV, TWO, .takes = { N, N } },
    "1,-2.50\n12.3,+7\n.5,5.\n1e3,2.5E-4\n 8 ,\t9\n",
    "0|1|-2.5\n1|12.3|7\n2|0.5|5\n3|1000|0.00025\n4|8|9\n" },
  { { CSV, TWO, .takes = { N, N } },
    "nan,-inf\n1e300,1\n1,12345678901234567890123\n",
    "0|~nan|~-inf\n1|~1e300|1\n2|1|~1.2345678901234568e22\n" },
  { { CSV, TWO, .takes = { N, N } },
    "9223372036854775807,-9223372036854775807\n0.5,1\n9223372036854775808,0.000000000000000001\n",
    "0|9223372036854775807|-9223372036854775807\n1|0.5|1\n"
    "2|~9223372036854776000|0.000000000000000001\n" },
  { { CSV, TWO, .takes = { N, N } },
    "1,2\n1,,\n",
    "0|1|2\nf:2: 3 fields where 2 are wanted" RAGGED " @1\n" },
  { { CSV, TWO, .takes = { N, N } }, "\"1\",\"\"\n\" 2\",\"-3.5\"\r\n", "0|1|-\n1|2|-3.5\n" },
  { { CSV, TWO, .takes = { N, T } },
    "1,a\nabc,b\n",
    "0|1|a\nf:2: column 'a': 'abc' is not a number; null-values or on-bad-value = null take it for "
    "no value @1\n" },
  { { CSV, TWO, .takes = { N, N } },
    "1,2\n3,x\ny,4\n",
    "0|1|2\nf:2: column 'b': 'x' is not a number; null-values or on-bad-value = null take it for "
    "no value @1\n" },
  { { CSV, TWO, .takes = { N, N } },
    "\"1\n\",2\n",
    "f:1: column 'a': '1\\n' is not a number; null-values or on-bad-value = null take it for no "
    "value @0\n" },
  { { CSV, TWO, .takes = { N, N } },
    "\"1\"\"2\",2\n",
    "f:1: column 'a': '1\"2' is not a number; null-values or on-bad-value = null take it for no "
    "value @0\n" },
  { { CSV, TWO, .takes = { N, N } },
    " ,2\n\" \t\",3\n\"x\"\"\",4\n",
    "0|-|2\n1|-|3\nf:3: column 'a': 'x\"' is not a number; null-values or on-bad-value = null take "
    "it for no value @2\n" },
  { { CSV, TWO, .takes = { X, T } }, " , \n", "0|+|<20>\n" },
  { { CSV, TWO, .takes = { N, N } },
    "1,2\n1_0,2\n",
    "0|1|2\nf:2: column 'a': '1_0' is not a number; null-values or on-bad-value = null take it for "
    "no value @1\n" },
  { { CSV, TWO, .takes = { N, N } },
    "1,2\n3,4\n5\nx,6\n",
    "0|1|2\n1|3|4\nf:3: 1 field where 2 are wanted" RAGGED " @2\n" },
  { { CSV, TWO, .takes = { N, N } },
    "1,2\nx,4\n5\n",
    "0|1|2\nf:2: column 'a': 'x' is not a number; null-values or on-bad-value = null take it for "
    "no value @1\n" },
  { { CSV, TWO, .takes = { N, N }, PASS },
    "1,2\n3,x\ny,4\nz,\n",
    "0|1|2\n1|3|-\n2|-|4\n3|-|-\nnulled 3: f:2: column 'b': 'x' is not a number\n" },
  { { CSV, TWO, .takes = { N, N }, PASS, SKIP },
    "1,2\n\"1\n\",2,3\n\"\n\n\",0x1\n1\n",
    "0|1|2\n2|-|-\nskipped 2: f:2: 3 fields where 2 are wanted" RAGGED "\n"
    "nulled 2: f:4: column 'a': '\\n\\n' is not a number\n" },
  /* null values */
  { { CSV, TWO, .takes = { N, T }, .null_values = { "NA", "-1", "\\N" } },
    "NA,NA\n-1,-1\n-1.0,n\n\"NA\",\"\\N\"\nNA , NA\t\n",
    "0|-|-\n1|-|-\n2|-1|n\n3|-|-\n4|-|-\n" },
  { { CSV, TWO, .takes = { X, T }, .null_values = { "a\"b" } },
    "\"a\"\"b\",a\n\"\",\"a\"\"b\"\n",
    "0|-|a\n1|-|-\n" },
  /* other delimiters */
  { { { .delimiter = '\t', .quote = -1 }, TEXTS }, "a\tb\n\t\n", "0|a|b\n1|-|-\n" },
  { { { .delimiter = -1, .quote = '"' }, TEXTS },
    "  a \t b  \nc d\n \t\ne\tf\r\n",
    "0|a|b\n1|c|d\n3|e|f\n" },
  { { { .delimiter = -1, .quote = '"' }, TEXTS },
    "\"a b\" \"c\"\n\"\" x\"\n",
    "0|a<20>b|c\nf:2: a quote in this row is never closed; where quotes are letters: quote = none "
    "@1\n" },
  { { { .delimiter = -1, .quote = -1 }, TEXTS },
    "a \"b\nd\n",
    "0|a|\"b\nf:2: 1 field where 2 are wanted" RAGGED " @1\n" },
  { { { .delimiter = -2, .quote = -1 }, .n_columns = 1, .takes = { T } },
    "a,b\r\n\n\"c\nd",
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
  { { HEADER }, "  \n \t\r\na,b\n", TRUE, "a|b;2;11" },
  { { .delimiter = '\t', .quote = '"', .header = TRUE }, " \n\t\na\tb\n", TRUE, "1|2;2;4" },
  { { HEADER }, " a\t, b c ,\" d \",,\"\",a\n", TRUE, "a|b c|d|4|5|a;6;22" },
  { { HEADER }, "\"a\nb\",\"c\"\"d\"\n1,2\n", TRUE, "a\nb|c\"d;2;13" },
  { { HEADER }, "\n\r\na,b\n", TRUE, "a|b;2;7" },
  { { HEADER }, "\n\n", TRUE, "-;0;2" },
  { { HEADER }, "\r\n \t\n ", TRUE, "-;0;6" },
  { { HEADER }, "a,b", FALSE, "a header longer than max-row" },
  { { HEADER }, "\"a,b\n1,2", FALSE, "a header longer than max-row" },
  { { HEADER },
    "\"a,b\n1,2",
    TRUE,
    "a quote in the header is never closed; where quotes are letters: quote = none" },
  { { HEADER },
    "a,b\"\"\n",
    TRUE,
    "field 2 of the header: a quote that is neither at an edge of it nor doubled; where quotes are "
    "letters: quote = none" },
  { { HEADER, .n_columns = 2, .columns = two_names }, "a,b\n", TRUE, "one|two;2;4" },
  { { HEADER, .n_columns = 2, .columns = two_names },
    "a,b,c\n",
    TRUE,
    "3 fields in the header where 'columns' names 2" },
  /* As R writes it: the row names have none. */
  { { HEADER, .n_columns = 2, .columns = two_names }, "a\n1,2\n", TRUE, "one|two;2;2" },
  { { COMMA, .n_columns = 2, .columns = two_names }, "a,b,c\n", TRUE, "one|two;2;0" },
  { { COMMA }, "a,b,c\n1\n", TRUE, "-;3;0" },
  { { COMMA }, "\n  \na,b", TRUE, "-;2;0" },
  { { COMMA }, "a,b\",c\n\"", TRUE, "-;3;0" },
  { { .delimiter = FANOUT_DELIMITER_WHITESPACE, .quote = '"', .header = TRUE },
    "  a  \"b c\" \n",
    TRUE,
    "a|b c;2;12" },
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

  ck_assert (
      !fanout_delimited_header (&dialect, "a,\0b\n", 5, TRUE, &names, &n_fields, &length, &error));
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

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("decode");
  TCase *tests = tcase_create ("decode");

  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, test_example, 0, G_N_ELEMENTS (examples));
  tcase_add_test (tests, test_nul);
  tcase_add_loop_test (tests, test_header, 0, G_N_ELEMENTS (headers));
  tcase_add_test (tests, test_header_with_nul);
  tcase_add_test (tests, test_dialect);
  suite_add_tcase (suite, tests);
  return suite;
}
