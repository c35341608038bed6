/* Lists as rows. */

#include "core/result/items.h"
#include "core/result/value.h"
#include "tests/support/suite.h"

#include <check.h>
#include <string.h>

typedef struct
{
  GString *text;
  guint n_calls;
} Seen;

/* Rows as JSON, each in parentheses. */
static void
see (gpointer data, const FanoutRows *rows)
{
  Seen *seen = data;

  seen->n_calls++;
  for (gsize row = 0; row < rows->n_rows; row++)
    {
      g_string_append_c (seen->text, '(');
      for (guint c = 0; c < rows->n_columns; c++)
        {
          g_string_append (seen->text, c > 0 ? " " : "");
          fanout_value_append_json (seen->text, fanout_rows_value (rows, row, c));
        }
      g_string_append_c (seen->text, ')');
    }
}

static FanoutValue
list (const char *text)
{
  return (FanoutValue){ .kind = FANOUT_VALUE_LIST, .text = { text, strlen (text) } };
}

/* `n` columns a row. */
static guint
assert_rows (const FanoutValue *values, gsize n_rows, guint n, const char *want)
{
  const FanoutRows rows = { .size = sizeof rows,
                            .value_size = sizeof *values,
                            .n_rows = n_rows,
                            .n_columns = n,
                            .values = values };
  g_autoptr (GString) text = g_string_new (NULL);
  Seen seen = { text, 0 };
  FanoutOut out;

  fanout_out_init (&out, 1, n);
  fanout_items_to_rows (&rows, &out, see, &seen);
  if (want != NULL)
    ck_assert_str_eq (text->str, want);
  fanout_out_clear (&out);
  return seen.n_calls;
}

START_TEST (test_side_by_side)
{
  const FanoutValue values[] = {
    { .kind = FANOUT_VALUE_TEXT, .text = { "a", 1 } },
    list ("[1,2.50,\"x\"]"),
    list ("[null]"),
    { .kind = FANOUT_VALUE_NULL },
    list ("[]"),
    list ("[[1,\"],[\"],[2]]"),
    { .kind = FANOUT_VALUE_DOUBLE, .real = 0.5 },
    { .kind = FANOUT_VALUE_NULL },
    list ("[]"),
  };

  assert_rows (values, 3, 3,
               "(\"a\" 1 null)(\"a\" 2.50 null)(\"a\" \"x\" null)"
               "(null null [1,\"],[\"])(null null [2])(0.5 null null)");
  ck_assert_uint_eq (assert_rows (values, 0, 3, ""), 0);
}
END_TEST

/* What an item is comes out again, whatever is in it. */
START_TEST (test_items)
{
  static const char *const texts[]
      = { "",       "a,b",        "]",        "[",        "\"",  "\\",
          "a\\\"b", "\n\t\b\f\r", "\x01\x1f", "\xc3\xbc", "nan", "12" };
  g_autoptr (GString) json = g_string_new ("[");
  g_autoptr (GString) want = g_string_new (NULL);
  FanoutValue value;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_string_append (json, i > 0 ? "," : "");
      fanout_json_append (json, texts[i], strlen (texts[i]));
      g_string_append_c (want, '(');
      fanout_json_append (want, texts[i], strlen (texts[i]));
      g_string_append_c (want, ')');
    }
  g_string_append (json, ",-9223372036854775807,18446744073709551613,1e-300]");
  g_string_append (want, "(-9223372036854775807)(18446744073709551613)(1e-300)");
  value = list (json->str);
  assert_rows (&value, 1, 1, want->str);
}
END_TEST

/* Rows come in blocks. */
START_TEST (test_long)
{
  g_autoptr (GString) json = g_string_new ("[0");
  g_autoptr (GString) want = g_string_new ("(0)");
  FanoutValue value;

  for (guint i = 1; i < 1000; i++)
    {
      g_string_append_printf (json, ",%u", i);
      g_string_append_printf (want, "(%u)", i);
    }
  g_string_append_c (json, ']');
  value = list (json->str);
  ck_assert_uint_gt (assert_rows (&value, 1, 1, want->str), 1);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("items");
  TCase *tests = tcase_create ("items");

  tcase_add_test (tests, test_side_by_side);
  tcase_add_test (tests, test_items);
  tcase_add_test (tests, test_long);
  suite_add_tcase (suite, tests);
  return suite;
}
