#include "tests/support/suite.h"
#include "core/decode/clf.h"

#include <check.h>
#include <string.h>

static const char *const hosts[] = { "1.2.3.4", "::1", "h", "-", "\"h\"", "a\"b", "", "h\r" };
static const char *const times[] = {
  "[17/May/2015:10:05:03 +0000]", "[t]", "[t u v]", "[t u", "t u]", "[t] u]", "[ ]", "[] x]"
};
static const char *const requests[] = { "\"GET /a HTTP/1.1\"",
                                        "\"GET /a b HTTP/1.1\"",
                                        "\"-\"",
                                        "\"GET\"",
                                        "\"GET /\"",
                                        "\"\"",
                                        "\"a\\\"b\"",
                                        "\"a\"\"b\"",
                                        "\"GET  HTTP/1.1\"",
                                        "GET",
                                        "\"open",
                                        "\"a\" \"b\"",
                                        "\"\\\\\"",
                                        "\"GET /x http/1.1\"" };
static const char *const numbers[] = { "200", "-", "12345678901", "\"5\"", "", "-5" };
static const char *const agents[] = {
  "\"-\"", "\"Mozilla/5.0 (X11; Linux)\"", "\"\"", "\"a\\x22\\t\"", "x", "\"x\"y", "\"\\\"\""
};
static const char *const behind[] = { "", " 0.003", " \"-\"", " ", " a b c", "x", "  z", " \r" };

/* The first of them mostly. */
#define PICK(random, of)                                                                           \
  of[g_rand_int_range (random, 0, g_rand_int_range (random, 0, 12) > 0 ? 1 : G_N_ELEMENTS (of))]

static void
add_line (GString *text, GRand *random, FanoutClfFormat format)
{
  if (format == FANOUT_CLF_VHOST_COMBINED)
    g_string_append_printf (text, "%s ", PICK (random, hosts));
  g_string_append_printf (text, "%s %s %s %s %s %s %s", PICK (random, hosts), PICK (random, hosts),
                          PICK (random, hosts), PICK (random, times), PICK (random, requests),
                          PICK (random, numbers), PICK (random, numbers));
  if (format != FANOUT_CLF_COMMON || g_rand_int_range (random, 0, 12) == 0)
    g_string_append_printf (text, " %s %s", PICK (random, agents), PICK (random, agents));
  g_string_append (text, PICK (random, behind));
  g_string_append (text, g_rand_int_range (random, 0, 9) == 0 ? "\r\n" : "\n");
  if (g_rand_int_range (random, 0, 40) == 0)
    g_string_append (text, g_rand_int_range (random, 0, 2) == 0 ? "\n" : "\r\n");
}

static void
append_texts (GString *out, guint64 record, const FanoutText *texts, const guint *fields, guint n)
{
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, record);
  for (guint i = 0; i < n; i++)
    {
      const FanoutText text = texts[fields != NULL ? fields[i] : i];

      g_string_append_c (out, '|');
      g_string_append_len (out, text.data, (gssize) text.length);
    }
  g_string_append_c (out, '\n');
}

/* Line by line. */
static char *
model (FanoutClfFormat format, const char *text, const guint *fields, guint n)
{
  g_autoptr (FanoutChunk) chunk = fanout_chunk_new (0, NULL, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *out = g_string_new (NULL);
  guint bad = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      FanoutText values[FANOUT_CLF_FIELDS];
      gsize length = strlen (lines[i]);
      const char *wanted;
      gsize at;

      length -= lines[i + 1] != NULL && length > 0 && lines[i][length - 1] == '\r';
      if (length == 0)
        continue;
      if (!fanout_clf_line (format, lines[i], length, values, &wanted, &at))
        {
          bad++;
          continue;
        }
      for (guint f = 0; f < FANOUT_CLF_FIELDS; f++)
        values[f] = fanout_clf_plain (chunk, values[f]);
      append_texts (out, i, values, fields, n);
    }
  g_string_append_printf (out, "%u bad\n", bad);
  return g_string_free (out, FALSE);
}

/* As a run does, in chunks of `capacity` rows. */
static char *
decode (const FanoutScanner *scanner, FanoutClfFormat format, const char *text, gsize length,
        const guint *fields, guint n, gsize capacity)
{
  FanoutChunkWant wants[FANOUT_CLF_FIELDS];
  g_autoptr (FanoutChunk) chunk = NULL;
  g_autofree char *padded = g_malloc (length + 2 * FANOUT_PADDING);
  FanoutBlock block = { .name = "f", .line = 1, .length = length, .fields = fields };
  GString *out = g_string_new (NULL);

  memset (padded, '"', length + 2 * FANOUT_PADDING);
  block.data = memcpy (padded + FANOUT_PADDING, text, length);
  for (guint i = 0; i < n; i++)
    wants[i] = (FanoutChunkWant){ fanout_clf_columns[fields[i]], FANOUT_TAKES_TEXT, NULL };
  chunk = fanout_chunk_new (n, wants, capacity);
  chunk->on_bad_row = FANOUT_BAD_PASS;
  while (block.offset < length)
    {
      ck_assert (fanout_clf_decode_with (scanner, format, &block, chunk, NULL));
      for (gsize row = 0; row < chunk->n_rows; row++)
        {
          FanoutText texts[FANOUT_CLF_FIELDS];

          for (guint i = 0; i < n; i++)
            texts[i] = chunk->columns[i].text[row];
          append_texts (out, chunk->consecutive ? chunk->first_row + row : chunk->rows[row], texts,
                        NULL, n);
        }
      fanout_chunk_reset (chunk);
    }
  g_string_append_printf (out, "%" G_GUINT64_FORMAT " bad\n", chunk->rows_skipped);
  return g_string_free (out, FALSE);
}

/* The lines that are as most are, taken many at a time, are what each of them is alone. */
START_TEST (random_lines)
{
  static const gsize capacities[] = { 1, 3, 4096 };
  const FanoutScanner *all[FANOUT_SCANNERS_MAX];
  const guint n_scanners = fanout_scanners (all);
  g_autoptr (GRand) random = g_rand_new_with_seed (17);

  for (guint round = 0; round < 60; round++)
    {
      const FanoutClfFormat format = (FanoutClfFormat) (round % 3);
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *wanted = NULL;
      guint fields[FANOUT_CLF_FIELDS];
      const guint n = (guint) g_rand_int_range (random, 0, FANOUT_CLF_FIELDS + 1);

      for (guint i = 0; i < n; i++)
        fields[i] = (guint) g_rand_int_range (random, 0, FANOUT_CLF_FIELDS);
      while (text->len < 30000)
        add_line (text, random, format);
      if (round % 2 == 0)
        g_string_truncate (text, text->len - 1);
      wanted = model (format, text->str, fields, n);
      for (guint i = 0; i < n_scanners; i++)
        {
          const gsize capacity
              = capacities[g_rand_int_range (random, 0, G_N_ELEMENTS (capacities))];
          g_autofree char *found
              = decode (all[i], format, text->str, text->len, fields, n, capacity);

          ck_assert_str_eq (found, wanted);
        }
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("clf");
  TCase *tests = tcase_create ("clf");

  tcase_add_test (tests, random_lines);
  suite_add_tcase (suite, tests);
  return suite;
}
