#include "tests/support/suite.h"
#include "core/result/value.h"

#include <check.h>
#include <math.h>
#include <string.h>

static char *
text_of (const FanoutValue *value)
{
  GString *text = g_string_new (NULL);

  fanout_value_append (text, value);
  return g_string_free (text, FALSE);
}

static char *
json_of (const FanoutValue *value)
{
  GString *json = g_string_new (NULL);

  fanout_value_append_json (json, value);
  return g_string_free (json, FALSE);
}

static void
assert_value (const FanoutValue *value, FanoutValueKind kind, const char *text, const char *json)
{
  g_autofree char *as_text = text_of (value);
  g_autofree char *as_json = json_of (value);

  ck_assert_int_eq (value->kind, kind);
  ck_assert_str_eq (as_text, text);
  ck_assert_str_eq (as_json, json);
}

START_TEST (test_cells)
{
  FanoutOut out;
  FanoutDecimal decimal;
  const FanoutValue *row;

  fanout_out_init (&out, 4, 12);
  fanout_out_reset (&out, 2);
  row = fanout_out_row (&out, 1);
  for (guint c = 0; c < 24; c++)
    assert_value (&out.values[c], FANOUT_VALUE_NULL, "", "null");
  ck_assert (fanout_decimal_set_number (&decimal, fanout_number_decimal (-1230, 3)));
  fanout_out_decimal (&out, 1, 0, &decimal);
  fanout_out_number (&out, 1, 1, fanout_number_decimal (1500, 2));
  fanout_out_number (&out, 1, 2, fanout_number_double (0.1));
  fanout_out_count (&out, 1, 3, G_MAXUINT64);
  fanout_out_double (&out, 1, 4, NAN);
  fanout_out_double (&out, 1, 5, -INFINITY);
  fanout_out_text (&out, 1, 6, "a\"b\n", 4);
  fanout_out_text (&out, 1, 7, NULL, 0);
  fanout_out_text (&out, 1, 8, "x", 1);
  fanout_out_null (&out, 1, 8);
  fanout_out_double (&out, 1, 9, 1e21);
  fanout_out_double (&out, 1, 10, -0.0);
  fanout_out_count (&out, 1, 11, 0);
  assert_value (&row[0], FANOUT_VALUE_DECIMAL, "-1.23", "-1.23");
  assert_value (&row[1], FANOUT_VALUE_DECIMAL, "15", "15");
  assert_value (&row[2], FANOUT_VALUE_DOUBLE, "0.1", "0.1");
  assert_value (&row[3], FANOUT_VALUE_DECIMAL, "18446744073709551615", "18446744073709551615");
  assert_value (&row[4], FANOUT_VALUE_DOUBLE, "nan", "\"nan\"");
  assert_value (&row[5], FANOUT_VALUE_DOUBLE, "-inf", "\"-inf\"");
  assert_value (&row[6], FANOUT_VALUE_TEXT, "a\"b\n", "\"a\\\"b\\n\"");
  assert_value (&row[7], FANOUT_VALUE_TEXT, "", "\"\"");
  assert_value (&row[8], FANOUT_VALUE_NULL, "", "null");
  assert_value (&row[9], FANOUT_VALUE_DOUBLE, "1e21", "1e21");
  assert_value (&row[10], FANOUT_VALUE_DOUBLE, "-0", "-0");
  assert_value (&row[11], FANOUT_VALUE_DECIMAL, "0", "0");
  fanout_out_reset (&out, 4);
  for (guint c = 0; c < 48; c++)
    ck_assert_int_eq (out.values[c].kind, FANOUT_VALUE_NULL);
  fanout_out_clear (&out);
}
END_TEST

START_TEST (test_wide_decimal)
{
  FanoutOut out;
  FanoutDecimal decimal;

  fanout_out_init (&out, 1, 1);
  fanout_out_reset (&out, 1);
  fanout_out_select (&out, 0, 1);
  ck_assert (fanout_decimal_set_number (&decimal, fanout_number_decimal (-G_MAXINT64, 2)));
  for (guint i = 0; i < 100; i++)
    ck_assert (fanout_decimal_add (&decimal, &decimal, &decimal));
  fanout_out_decimal (&out, 0, 0, &decimal);
  assert_value (&out.values[0], FANOUT_VALUE_DECIMAL,
                "-116920130986472233443618280615020347557507571384.32",
                "-116920130986472233443618280615020347557507571384.32");
  fanout_out_clear (&out);
}
END_TEST

/* An operator sees its own columns, and cannot write elsewhere. */
START_TEST (test_selected_columns)
{
  FanoutOut out;

  fanout_out_init (&out, 2, 4);
  fanout_out_reset (&out, 1);
  fanout_out_select (&out, 1, 2);
  fanout_out_count (&out, 0, 1, 7);
  fanout_out_count (&out, 0, 2, 8);
  fanout_out_count (&out, 1, 0, 8);
  fanout_out_text (&out, 0, 9, "x", 1);
  fanout_list_begin (&out, 5, 5);
  fanout_list_end (&out);
  fanout_out_approximate (&out, 0, "somewhat");
  fanout_out_approximate (&out, 2, "never");
  assert_value (&out.values[0], FANOUT_VALUE_NULL, "", "null");
  assert_value (&out.values[1], FANOUT_VALUE_NULL, "", "null");
  assert_value (&out.values[2], FANOUT_VALUE_DECIMAL, "7", "7");
  assert_value (&out.values[3], FANOUT_VALUE_NULL, "", "null");
  ck_assert_ptr_null (out.approximate[0]);
  ck_assert_str_eq (out.approximate[1], "somewhat");
  ck_assert_ptr_null (out.approximate[2]);
  ck_assert_ptr_null (out.approximate[3]);
  fanout_out_clear (&out);
}
END_TEST

START_TEST (test_lists)
{
  FanoutOut out;
  FanoutDecimal decimal;

  fanout_out_init (&out, 1, 4);
  fanout_out_reset (&out, 1);
  fanout_list_begin (&out, 0, 0);
  fanout_list_end (&out);
  assert_value (&out.values[0], FANOUT_VALUE_LIST, "[]", "[]");

  ck_assert (fanout_decimal_set_number (&decimal, fanout_number_decimal (-25, 1)));
  fanout_list_begin (&out, 0, 1);
  fanout_list_null (&out);
  fanout_list_decimal (&out, &decimal);
  fanout_list_number (&out, fanout_number_decimal (120, 1));
  fanout_list_number (&out, fanout_number_double (1.5));
  fanout_list_count (&out, 3);
  fanout_list_double (&out, INFINITY);
  fanout_list_text (&out, "a,\"", 3);
  fanout_list_end (&out);
  assert_value (&out.values[1], FANOUT_VALUE_LIST, "[null,-2.5,12,1.5,3,\"inf\",\"a,\\\"\"]",
                "[null,-2.5,12,1.5,3,\"inf\",\"a,\\\"\"]");

  fanout_list_begin (&out, 0, 2);
  fanout_list_open (&out);
  fanout_list_count (&out, 1);
  fanout_list_open (&out);
  fanout_list_close (&out);
  fanout_list_close (&out);
  fanout_list_open (&out);
  fanout_list_count (&out, 2);
  fanout_list_count (&out, 3);
  fanout_list_close (&out);
  fanout_list_end (&out);
  assert_value (&out.values[2], FANOUT_VALUE_LIST, "[[1,[]],[2,3]]", "[[1,[]],[2,3]]");

  /* One close too many and one too few are put right. */
  fanout_list_begin (&out, 0, 3);
  fanout_list_close (&out);
  fanout_list_open (&out);
  fanout_list_count (&out, 1);
  fanout_list_end (&out);
  assert_value (&out.values[3], FANOUT_VALUE_LIST, "[[1]]", "[[1]]");
  fanout_out_clear (&out);
}
END_TEST

/* Texts stay until the reset, whatever their sizes. */
START_TEST (test_texts)
{
  enum
  {
    N = 400,
  };
  FanoutOut out;

  fanout_out_init (&out, N, 1);
  for (guint round = 0; round < 3; round++)
    {
      fanout_out_reset (&out, N);
      for (gsize i = 0; i < N; i++)
        {
          const gsize length = i % 50 == 49 ? 100000 : i % 7 == 0 ? 0 : i * i % 5000;
          g_autofree char *text = g_malloc (length + 1);

          memset (text, (int) ('a' + (i + round) % 26), length);
          fanout_out_text (&out, i, 0, text, length);
        }
      for (gsize i = 0; i < N; i++)
        {
          const FanoutText *text = &out.values[i].text;

          for (gsize j = 0; j < text->length; j++)
            if (text->data[j] != (char) ('a' + (i + round) % 26))
              ck_abort_msg ("text %u changed", (guint) i);
          /* 16 bytes on either side can be read. */
          ck_assert_int_lt ((text->data[-16] | text->data[-1]) & 0x100, 1);
          ck_assert_int_lt ((text->data[text->length] | text->data[text->length + 15]) & 0x100, 1);
        }
    }
  fanout_out_clear (&out);
}
END_TEST

static const struct
{
  const char *bytes;
  gsize length;
  const char *json;
} strings[] = {
  { "", 0, "\"\"" },
  { "plain", 5, "\"plain\"" },
  { "\"\\/", 3, "\"\\\"\\\\/\"" },
  { "\0\1\b\t\n\v\f\r\x1f\x20\x7f", 11, "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \x7f\"" },
  { "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80", 16,
    "\"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80\"" },
  { "\x80", 1, "\"\xef\xbf\xbd\"" },
  { "a\xff"
    "b",
    3,
    "\"a\xef\xbf\xbd"
    "b\"" },
  /* overlong, surrogate, too large: each byte on its own */
  { "\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
  { "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
  { "\xf5\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
  { "\xe0\x80\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
  { "\xf0\x80\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
  { "\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
  /* cut off: one for what there is */
  { "\xe2\x82", 2, "\"\xef\xbf\xbd\"" },
  { "\xe2\x82x", 3, "\"\xef\xbf\xbdx\"" },
  { "\xf0\x9f\x98\"", 4, "\"\xef\xbf\xbd\\\"\"" },
  { "\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\xc2\x80\xdf\xbf", 14,
    "\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\xc2\x80\xdf\xbf\"" },
};

START_TEST (test_json_string)
{
  g_autofree char *copy = g_memdup2 (strings[_i].bytes, strings[_i].length);
  g_autoptr (GString) json = g_string_new (NULL);

  fanout_json_append (json, copy, strings[_i].length);
  ck_assert_str_eq (json->str, strings[_i].json);
}
END_TEST

START_TEST (test_json_is_utf8)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) json = g_string_new (NULL);

  for (guint i = 0; i < 100000; i++)
    {
      char bytes[8];
      const gsize n = (gsize) g_rand_int_range (random, 0, 9);

      for (gsize j = 0; j < n; j++)
        bytes[j]
            = "\xe2\x82\xac\xf0\x9f\xed\xa0\x80\xc3\xff\x91z"[g_rand_int_range (random, 0, 12)];
      g_string_truncate (json, 0);
      fanout_json_append (json, bytes, n);
      if (!g_utf8_validate (json->str, (gssize) json->len, NULL))
        ck_abort_msg ("%s", json->str);
      /* What was right stays as it was. */
      if (g_utf8_validate (bytes, (gssize) n, NULL)
          && (json->len != n + 2 || memcmp (json->str + 1, bytes, n) != 0))
        ck_abort_msg ("%s", json->str);
    }
}
END_TEST

static FanoutValue
number_value (const char *text)
{
  FanoutValue value = { .kind = FANOUT_VALUE_DOUBLE };
  FanoutNumber number;

  ck_assert (fanout_number_parse (text, strlen (text), &number, NULL));
  if (fanout_number_is_double (number))
    value.real = number.real;
  else
    {
      value.kind = FANOUT_VALUE_DECIMAL;
      fanout_decimal_set_number (&value.decimal, number);
    }
  return value;
}

START_TEST (test_compare)
{
  static const char *const numbers[] = {
    "-inf",
    "-1e300",
    "-9007199254740993",
    "-1",
    "0",
    "1e-300",
    "0.1",
    "0.5",
    "9007199254740992",
    "9007199254740993",
    "9007199254740994",
    "9223372036854775807",
    "9223372036854775808",
    "1e300",
    "inf",
    "nan",
  };
  static const FanoutText texts[] = { { "", 0 },   { "\0", 1 }, { "a", 1 },   { "a\0", 2 },
                                      { "aa", 2 }, { "b", 1 },  { "\xff", 1 } };
  GArray *values = g_array_new (FALSE, FALSE, sizeof (FanoutValue));

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const FanoutValue value = number_value (numbers[i]);

      g_array_append_val (values, value);
    }
  for (guint list = 0; list < 2; list++)
    for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        const FanoutValue value
            = { .kind = list ? FANOUT_VALUE_LIST : FANOUT_VALUE_TEXT, .text = texts[i] };

        g_array_append_val (values, value);
      }
  g_array_set_size (values, values->len + 1);
  g_array_index (values, FanoutValue, values->len - 1).kind = FANOUT_VALUE_NULL;
  for (guint i = 0; i < values->len; i++)
    for (guint j = 0; j < values->len; j++)
      ck_assert_int_eq (fanout_value_compare (&g_array_index (values, FanoutValue, i),
                                              &g_array_index (values, FanoutValue, j)),
                        (i > j) - (i < j));
  g_array_unref (values);
}
END_TEST

START_TEST (test_compare_lists)
{
  static const char *const lists[] = {
    "[]",
    "[-1.5e30,1]",
    "[1]",
    "[1,2]",
    "[1,2,3]",
    "[1,10]",
    "[1,10.5]",
    "[1,\"\"]",
    "[1,\"\\u0001\"]",
    "[1,\"a\"]",
    "[1,\"a\",1]",
    "[1,\"a\\n\"]",
    "[1,\"a\\\"\"]",
    "[1,\"a\\\\\"]",
    "[1,\"ab\"]",
    "[1,\"\xc3\xbc\"]",
    "[1,[]]",
    "[1,[2]]",
    "[1,[2],1]",
    "[1,[2,1]]",
    "[1,[10]]",
    "[1,null]",
    "[9]",
    "[10]",
    "[9223372036854775806]",
    "[9223372036854775807]",
    "[\"a\"]",
    "[[1]]",
    "[null]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < G_N_ELEMENTS (lists); j++)
      {
        const FanoutValue a
            = { .kind = FANOUT_VALUE_LIST, .text = { lists[i], strlen (lists[i]) } };
        const FanoutValue b
            = { .kind = FANOUT_VALUE_LIST, .text = { lists[j], strlen (lists[j]) } };

        ck_assert_msg (fanout_value_compare (&a, &b) == (i > j) - (i < j), "%s and %s", lists[i],
                       lists[j]);
      }
}
END_TEST

START_TEST (test_compare_exactly)
{
  const FanoutValue tenth = number_value ("0.1");
  const FanoutValue binary = { .kind = FANOUT_VALUE_DOUBLE, .real = 0.1 };
  const FanoutValue zero = number_value ("0");
  const FanoutValue minus_zero = { .kind = FANOUT_VALUE_DOUBLE, .real = -0.0 };

  ck_assert_int_eq (fanout_value_compare (&tenth, &binary), -1);
  ck_assert_int_eq (fanout_value_compare (&binary, &tenth), 1);
  ck_assert_int_eq (fanout_value_compare (&zero, &minus_zero), 0);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("value");
  TCase *tests = tcase_create ("value");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_cells);
  tcase_add_test (tests, test_wide_decimal);
  tcase_add_test (tests, test_selected_columns);
  tcase_add_test (tests, test_lists);
  tcase_add_test (tests, test_texts);
  tcase_add_loop_test (tests, test_json_string, 0, G_N_ELEMENTS (strings));
  tcase_add_test (tests, test_json_is_utf8);
  tcase_add_test (tests, test_compare);
  tcase_add_test (tests, test_compare_lists);
  tcase_add_test (tests, test_compare_exactly);
  suite_add_tcase (suite, tests);
  return suite;
}
