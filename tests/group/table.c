#include "tests/support/suite.h"
#include "core/group/table.h"
#include "core/group/table-keys.h"
#include "core/base/pages.h"

#include <check.h>
#include <string.h>

enum
{
  SLACK = 16,
  KEYS_MAX = 20,
};

/* Rows of keys, each text on its own with no more around it than a table may read. */
typedef struct
{
  guint n_keys;
  gsize n_rows;
  FanoutText *texts[KEYS_MAX];
  guint8 *nulls[KEYS_MAX];
  FanoutColumn columns[KEYS_MAX];
  const FanoutColumn *pointers[KEYS_MAX];
  GPtrArray *blocks;
} Rows;

static void
rows_init (Rows *rows, guint n_keys, gsize n_rows)
{
  memset (rows, 0, sizeof *rows);
  rows->n_keys = n_keys;
  rows->n_rows = n_rows;
  rows->blocks = g_ptr_array_new_with_free_func (g_free);
  for (guint k = 0; k < n_keys; k++)
    {
      rows->texts[k] = g_new0 (FanoutText, n_rows);
      rows->nulls[k] = g_new0 (guint8, n_rows);
      rows->columns[k] = (FanoutColumn){ .form = FANOUT_FORM_TEXT };
      rows->columns[k].text = rows->texts[k];
      rows->columns[k].null = rows->nulls[k];
      rows->pointers[k] = &rows->columns[k];
    }
}

static void
rows_clear (Rows *rows)
{
  for (guint k = 0; k < rows->n_keys; k++)
    {
      g_free (rows->texts[k]);
      g_free (rows->nulls[k]);
    }
  g_ptr_array_unref (rows->blocks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rows, rows_clear)

static void
rows_set (Rows *rows, guint key, gsize row, const char *data, gsize length)
{
  char *block = g_malloc (length + 2 * SLACK);

  memset (block, 'x', length + 2 * SLACK);
  memcpy (block + SLACK, data, length);
  g_ptr_array_add (rows->blocks, block);
  rows->texts[key][row] = (FanoutText){ block + SLACK, length };
}

static void
rows_set_string (Rows *rows, guint key, gsize row, const char *string)
{
  if (string == NULL)
    rows->nulls[key][row] = 1;
  else
    rows_set (rows, key, row, string, strlen (string));
}

/* The keys of a row in a form of the test's own. */
static GBytes *
rows_bytes (const Rows *rows, gsize row)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint k = 0; k < rows->n_keys; k++)
    {
      const gint64 length = rows->nulls[k][row] ? -1 : (gint64) rows->texts[k][row].length;

      g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
      if (length > 0)
        g_byte_array_append (bytes, (const guint8 *) rows->texts[k][row].data, (guint) length);
    }
  return g_byte_array_free_to_bytes (bytes);
}

/* Ids as a GHashTable gives them. */
static guint32 *
ids_slowly (const Rows *rows, GHashTable *known)
{
  guint32 *ids = g_new (guint32, rows->n_rows);

  for (gsize i = 0; i < rows->n_rows; i++)
    {
      GBytes *key = rows_bytes (rows, i);
      gpointer id;

      if (g_hash_table_lookup_extended (known, key, NULL, &id))
        g_bytes_unref (key);
      else
        {
          id = GUINT_TO_POINTER (g_hash_table_size (known));
          g_hash_table_insert (known, key, id);
        }
      ids[i] = GPOINTER_TO_UINT (id);
    }
  return ids;
}

static GHashTable *
known_new (void)
{
  return g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
}

static void
check_keys (const FanoutTable *table, const Rows *rows, const guint32 *ids)
{
  g_autofree FanoutText *all = g_new0 (FanoutText, rows->n_keys);

  for (gsize i = 0; i < rows->n_rows; i++)
    {
      fanout_record_read (rows->n_keys, fanout_keys_record (fanout_table_store (table), ids[i]),
                          all);
      for (guint k = 0; k < rows->n_keys; k++)
        {
          FanoutText text = { NULL, 0 };
          const gboolean there = fanout_table_key (table, ids[i], k, &text);

          CHECK (there == !rows->nulls[k][i]);
          CHECK (there == (all[k].data != NULL));
          if (!there)
            continue;
          CHECK (text.length == rows->texts[k][i].length);
          CHECK (memcmp (text.data, rows->texts[k][i].data, text.length) == 0);
          CHECK (text.data == all[k].data && text.length == all[k].length);
        }
    }
}

/* Look up all rows, in batches of random sizes. */
static guint32 *
ids_of (FanoutTable *table, const Rows *rows, GRand *random)
{
  guint32 *ids = g_new (guint32, rows->n_rows + 1);
  const gint largest = g_rand_boolean (random) ? 5 : 5000;

  ids[rows->n_rows] = 0xabcdef;
  for (gsize done = 0; done < rows->n_rows;)
    {
      const gsize want = (gsize) g_rand_int_range (random, 1, largest);
      const gsize n = MIN (rows->n_rows - done, want);

      CHECK (fanout_table_ids (table, rows->pointers, done, n, ids) == n);
      done += n;
    }
  ck_assert_uint_eq (ids[rows->n_rows], 0xabcdef);
  return ids;
}

typedef struct
{
  guint n_keys;
  gint shortest, longest;
  const char *alphabet;
  gsize n_letters;
  double nulls;
  gsize n_rows;
  guint64 seed;
} Kind;

static const Kind kinds[] = {
  { 1, 1, 3, "ab", 2, 0.0, 20000, 1 },       { 1, 0, 3, "a\0", 2, 0.1, 20000, 2 },
  { 1, 0, 20, "\0", 1, 0.1, 5000, 3 },       { 1, 1, 16, "ab", 2, 0.01, 40000, 4 },
  { 1, 8, 17, "abc\xff", 4, 0.0, 30000, 5 }, { 1, 0, 100, "a", 1, 0.1, 5000, 6 },
  { 1, 0, 100, "ab\0", 3, 0.1, 30000, 7 },   { 1, 1, 5, "0123456789", 10, 0.0, 70000, 8 },
  { 1, 240, 270, "a", 1, 0.1, 3000, 9 },     { 2, 0, 2, "ab", 2, 0.2, 20000, 10 },
  { 2, 0, 8, "ab\0", 3, 0.2, 30000, 11 },    { 2, 0, 300, "a", 1, 0.2, 20000, 12 },
  { 3, 0, 3, "a\1\2\3", 4, 0.3, 30000, 13 }, { 6, 1, 12, "0123456789", 10, 0.01, 30000, 14 },
  { 20, 0, 1, "a", 1, 0.3, 20000, 15 },
};

static void
rows_fill (Rows *rows, const Kind *kind, GRand *random)
{
  for (gsize i = 0; i < rows->n_rows; i++)
    for (guint k = 0; k < kind->n_keys; k++)
      {
        const gint n = g_rand_int_range (random, kind->shortest, kind->longest + 1);
        g_autofree char *text = g_malloc ((gsize) n + 1);

        for (gint j = 0; j < n; j++)
          text[j] = kind->alphabet[g_rand_int_range (random, 0, (gint32) kind->n_letters)];
        rows->nulls[k][i] = g_rand_double (random) < kind->nulls;
        rows_set (rows, k, i, text, (gsize) n);
      }
}

START_TEST (test_as_hash_table)
{
  const Kind *kind = &kinds[_i];
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i);
  g_autoptr (GHashTable) known = known_new ();
  g_autoptr (FanoutTable) table = NULL;
  FanoutMemory memory;

  fanout_memory_init (&memory, NULL);
  table = fanout_table_new (kind->n_keys, 1000000, kind->seed, &memory);
  ck_assert_uint_eq (fanout_table_n_keys (table), kind->n_keys);
  for (guint round = 0; round < 3; round++)
    {
      g_auto (Rows) rows = { 0 };
      g_autofree guint32 *expected = NULL;
      g_autofree guint32 *ids = NULL;

      rows_init (&rows, kind->n_keys, kind->n_rows / 3);
      rows_fill (&rows, kind, random);
      expected = ids_slowly (&rows, known);
      ids = ids_of (table, &rows, random);
      ck_assert_mem_eq (ids, expected, rows.n_rows * sizeof *ids);
      ck_assert_uint_eq (fanout_table_n_groups (table), g_hash_table_size (known));
      check_keys (table, &rows, ids);
      if (round == 1)
        fanout_table_settle (table);
      check_keys (table, &rows, ids);
    }
  ck_assert_uint_gt (memory.used, 0);
  g_clear_pointer (&table, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

START_TEST (test_no_null_marks)
{
  g_autoptr (FanoutTable) table = fanout_table_new (2, 10, 1, NULL);
  g_auto (Rows) rows = { 0 };
  guint32 ids[3];

  rows_init (&rows, 2, 3);
  for (guint k = 0; k < 2; k++)
    rows.columns[k].null = NULL;
  for (gsize i = 0; i < 3; i++)
    {
      rows_set_string (&rows, 0, i, i == 1 ? "b" : "a");
      rows_set_string (&rows, 1, i, "c");
    }
  ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 0, 3, ids), 3);
  ck_assert_uint_eq (ids[0], 0);
  ck_assert_uint_eq (ids[1], 1);
  ck_assert_uint_eq (ids[2], 0);
}
END_TEST

/* Keys that are alike when they are put one after the other. */
START_TEST (test_composite)
{
  static const char *const pairs[][3] = {
    { "a", "bc", NULL },   { "ab", "c", NULL },   { "abc", "", NULL },   { "", "abc", NULL },
    { "abc", NULL, NULL }, { NULL, "abc", NULL }, { NULL, NULL, "abc" }, { "\1", "\1", NULL },
    { "\1\1", "", NULL },  { "\2", "", NULL },    { "", "\2", NULL },    { NULL, NULL, NULL },
    { "", "", "" },        { "\2\1", "a", "" },   { "\2", "\1a", "" },
  };
  g_autoptr (FanoutTable) table = fanout_table_new (3, 100, 5, NULL);
  g_auto (Rows) rows = { 0 };
  guint32 ids[G_N_ELEMENTS (pairs)];

  rows_init (&rows, 3, G_N_ELEMENTS (pairs));
  for (gsize i = 0; i < rows.n_rows; i++)
    for (guint k = 0; k < 3; k++)
      rows_set_string (&rows, k, i, pairs[i][k]);
  for (guint round = 0; round < 2; round++)
    {
      ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 0, rows.n_rows, ids), rows.n_rows);
      for (guint32 i = 0; i < rows.n_rows; i++)
        ck_assert_uint_eq (ids[i], i);
    }
  check_keys (table, &rows, ids);
}
END_TEST

START_TEST (test_long_keys)
{
  static const gsize lengths[] = { 252,  253,   254,   255,   256,     4095 - 10, 4096 - 10,
                                   4097, 65535, 65536, 70000, 1000000, 2000000 };
  const gsize n = G_N_ELEMENTS (lengths);
  g_autoptr (FanoutTable) table = NULL;
  g_autofree char *text = g_malloc (2000000);
  g_auto (Rows) rows = { 0 };
  guint32 ids[4 * G_N_ELEMENTS (lengths)];
  FanoutMemory memory;

  fanout_memory_init (&memory, NULL);
  table = fanout_table_new (2, 100, 5, &memory);
  rows_init (&rows, 2, 4 * n);
  memset (text, 'k', 2000000);
  for (gsize i = 0; i < n; i++)
    {
      rows_set (&rows, 0, i, text, lengths[i]);
      rows.nulls[1][i] = 1;
      rows_set (&rows, 0, n + i, text, 1);
      rows_set (&rows, 1, n + i, text, lengths[i]);
      rows_set (&rows, 0, 2 * n + i, text, lengths[i]);
      rows_set (&rows, 1, 2 * n + i, text, lengths[i]);
      text[lengths[i] - 1] = 'l';
      rows_set (&rows, 0, 3 * n + i, text, lengths[i]);
      text[lengths[i] - 1] = 'k';
      rows_set (&rows, 1, 3 * n + i, text, lengths[i]);
    }
  for (guint round = 0; round < 3; round++)
    {
      ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 0, 4 * n, ids), 4 * n);
      for (guint32 i = 0; i < 4 * n; i++)
        ck_assert_uint_eq (ids[i], i);
      check_keys (table, &rows, ids);
      fanout_table_settle (table);
      if (round > 0)
        fanout_table_cut (table, 2 * n);
    }
  g_clear_pointer (&table, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

START_TEST (test_max_groups)
{
  const guint n_keys = (guint) _i % 2 + 1;
  const guint64 most = _i < 2 ? 3 : 3000;
  g_autoptr (FanoutTable) table = fanout_table_new (n_keys, most, 5, NULL);
  g_auto (Rows) rows = { 0 };
  g_autofree guint32 *ids = g_new0 (guint32, 2 * most + 2);

  /* Each key twice, one group too many at 2 * most. */
  rows_init (&rows, n_keys, 2 * most + 2);
  for (gsize i = 0; i < rows.n_rows; i++)
    for (guint k = 0; k < n_keys; k++)
      {
        g_autofree char *text = g_strdup_printf ("key of group %" G_GSIZE_FORMAT, i / 2);

        rows_set_string (&rows, k, i, i / 2 == 1 ? NULL : text);
      }
  ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 0, rows.n_rows, ids), 2 * most);
  ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 2 * most, 1, ids), 0);
  ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 1, 2 * most - 1, ids), 2 * most - 1);
  ck_assert_uint_eq (fanout_table_n_groups (table), most);
  for (gsize i = 0; i < 2 * most; i++)
    CHECK (ids[i] == i / 2);
}
END_TEST

START_TEST (test_ungrouped)
{
  g_autoptr (FanoutTable) table = fanout_table_new (0, 1, 5, NULL);
  g_autoptr (FanoutTable) other = fanout_table_new (0, 1, 6, NULL);
  guint32 ids[] = { 9, 9, 9 };

  ck_assert_uint_eq (fanout_table_n_groups (table), 1);
  ck_assert_uint_eq (fanout_table_ids (table, NULL, 1, 2, ids), 2);
  ck_assert_uint_eq (ids[0], 9);
  ck_assert_uint_eq (ids[1], 0);
  ck_assert_uint_eq (ids[2], 0);
  ck_assert_uint_eq (fanout_table_merge (table, other, 0, 1, ids), 1);
  ck_assert_uint_eq (ids[0], 0);
  ck_assert_uint_eq (fanout_table_n_groups (table), 1);
}
END_TEST

/* A table that was cut back goes on as one that never knew more. */
START_TEST (test_cut)
{
  const Kind *kind = &kinds[_i];
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i + 300);
  g_autoptr (FanoutTable) table = NULL;
  g_autoptr (GHashTable) known = known_new ();
  g_auto (Rows) rows = { 0 };
  g_autofree guint32 *expected = NULL;
  FanoutMemory memory;

  fanout_memory_init (&memory, NULL);
  table = fanout_table_new (kind->n_keys, 1000000, 1, &memory);
  rows_init (&rows, kind->n_keys, kind->n_rows);
  rows_fill (&rows, kind, random);
  expected = ids_slowly (&rows, known);
  for (guint round = 0; round < 4; round++)
    {
      g_autofree guint32 *ids = ids_of (table, &rows, random);
      const guint64 n = fanout_table_n_groups (table);

      ck_assert_mem_eq (ids, expected, rows.n_rows * sizeof *ids);
      check_keys (table, &rows, ids);
      fanout_table_cut (table, n + 1);
      ck_assert_uint_eq (fanout_table_n_groups (table), n);
      fanout_table_cut (table, n * round / 3);
      ck_assert_uint_eq (fanout_table_n_groups (table), n * round / 3);
    }
  g_clear_pointer (&table, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

/* Two tables merged give what one table of all rows gives. */
START_TEST (test_merge)
{
  const Kind *kind = &kinds[_i];
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i + 100);
  g_autoptr (FanoutTable) first = NULL;
  g_autoptr (FanoutTable) second = NULL;
  g_autoptr (GHashTable) known = known_new ();
  g_auto (Rows) one = { 0 };
  g_auto (Rows) two = { 0 };
  g_autofree guint32 *ids = NULL, *expected = NULL, *map = NULL;
  FanoutMemory memory;
  guint64 n;

  fanout_memory_init (&memory, NULL);
  first = fanout_table_new (kind->n_keys, 1000000, 1, &memory);
  second = fanout_table_new (kind->n_keys, 1000000, 2, &memory);
  /* Fewer than there are, and more. */
  if (_i % 3 > 0)
    fanout_table_expect (first, _i % 3 == 1 ? 100 : 5000);
  rows_init (&one, kind->n_keys, kind->n_rows / 2);
  rows_fill (&one, kind, random);
  rows_init (&two, kind->n_keys, kind->n_rows / 2);
  rows_fill (&two, kind, random);
  g_free (ids_slowly (&one, known));
  expected = ids_slowly (&two, known);

  g_free (ids_of (first, &one, random));
  ids = ids_of (second, &two, random);
  n = fanout_table_n_groups (second);
  map = g_new (guint32, n);
  for (guint64 done = 0; done < n;)
    {
      const gsize want = (gsize) g_rand_int_range (random, 1, 3000);
      const gsize size = MIN (n - done, want);

      CHECK (fanout_table_merge (first, second, (guint32) done, size, map + done) == size);
      done += size;
    }
  for (gsize i = 0; i < two.n_rows; i++)
    CHECK (map[ids[i]] == expected[i]);
  check_keys (first, &two, expected);
  ck_assert_uint_eq (fanout_table_n_groups (first), g_hash_table_size (known));

  /* The merged table goes on. */
  g_free (ids);
  ids = ids_of (first, &two, random);
  ck_assert_mem_eq (ids, expected, two.n_rows * sizeof *ids);
  g_clear_pointer (&first, fanout_table_free);
  g_clear_pointer (&second, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

START_TEST (test_merge_max_groups)
{
  g_autoptr (FanoutTable) into = fanout_table_new (1, 3, 1, NULL);
  g_autoptr (FanoutTable) from = fanout_table_new (1, 9, 1, NULL);
  g_auto (Rows) rows = { 0 };
  guint32 ids[5];

  rows_init (&rows, 1, 5);
  rows_set_string (&rows, 0, 0, "a");
  rows_set_string (&rows, 0, 1, "b");
  rows_set_string (&rows, 0, 2, NULL);
  rows_set_string (&rows, 0, 3, "a");
  rows_set_string (&rows, 0, 4, "d");
  ck_assert_uint_eq (fanout_table_ids (into, rows.pointers, 1, 1, ids), 1);
  ck_assert_uint_eq (fanout_table_ids (from, rows.pointers, 0, 5, ids), 5);
  ck_assert_uint_eq (fanout_table_merge (into, from, 0, 4, ids), 3);
  ck_assert_uint_eq (ids[0], 1);
  ck_assert_uint_eq (ids[1], 0);
  ck_assert_uint_eq (ids[2], 2);
}
END_TEST

/* Many groups: past the inline keys, several pages, and back through merging. */
START_TEST (test_many)
{
  enum
  {
    N = 600000,
    PART = 1000,
  };
  g_autoptr (FanoutTable) table = NULL;
  g_autoptr (FanoutTable) into = NULL;
  g_auto (Rows) rows = { 0 };
  char digits[PART][48];
  guint32 ids[PART];
  FanoutMemory memory;
  gsize at_first;

  fanout_memory_init (&memory, NULL);
  table = fanout_table_new (1, N, 1, &memory);
  into = fanout_table_new (1, N, 7, &memory);
  rows_init (&rows, 1, PART);
  memset (digits, 0, sizeof digits);
  for (guint round = 0; round < 2; round++)
    for (guint32 done = 0; done < N; done += PART)
      {
        for (guint32 i = 0; i < PART; i++)
          {
            const gint n = g_snprintf (digits[i] + SLACK, 16, "%u", (done + i) * 7919u);

            rows.texts[0][i] = (FanoutText){ digits[i] + SLACK, (gsize) n };
          }
        ck_assert_uint_eq (fanout_table_ids (table, rows.pointers, 0, PART, ids), PART);
        for (guint32 i = 0; i < PART; i++)
          CHECK (ids[i] == done + i);
      }
  at_first = memory.used;
  ck_assert_uint_lt (at_first / N, 16 + 10 + 1 + 4 + 4); /* slots, key, code, start, spare */
  for (guint32 done = 0; done < N; done += PART)
    {
      ck_assert_uint_eq (fanout_table_merge (into, table, done, PART, ids), PART);
      for (guint32 i = 0; i < PART; i++)
        CHECK (ids[i] == done + i);
    }
  ck_assert_uint_lt (memory.used, 2 * at_first);
  g_clear_pointer (&table, fanout_table_free);
  g_clear_pointer (&into, fanout_table_free);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

/* Arrays that become large, and small again, keep what is in them; what is added is zero. */
START_TEST (test_pages)
{
  static const gsize sizes[] = { 1,       100,     2097151, 2097152, 2097153, 5000000, 40000000,
                                 4194304, 4194305, 2097152, 2097151, 10,      3000000, 0 };
  FanoutMemory memory;
  guint8 *array = NULL;
  gsize size = 0;

  fanout_memory_init (&memory, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      array = fanout_pages_resize (&memory, array, size, sizes[i]);
      ck_assert_uint_eq (memory.used, sizes[i]);
      for (gsize j = 0; j < sizes[i]; j++)
        if (array[j] != (j < size ? (guint8) (j * 31 + 1) : 0))
          ck_abort_msg ("byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, j, sizes[i]);
      size = sizes[i];
      for (gsize j = 0; j < size; j++)
        array[j] = (guint8) (j * 31 + 1);
    }
  ck_assert_uint_lt (fanout_pages_grow (NULL, 0, 1), 100);
  ck_assert_uint_ge (fanout_pages_grow (NULL, 100, 1000), 1000);
  ck_assert_uint_ge (fanout_pages_grow (NULL, 5000000, 5000001), 6000000);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("table");
  TCase *tests = tcase_create ("table");

  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, test_as_hash_table, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (tests, test_no_null_marks);
  tcase_add_test (tests, test_composite);
  tcase_add_test (tests, test_long_keys);
  tcase_add_loop_test (tests, test_max_groups, 0, 4);
  tcase_add_test (tests, test_ungrouped);
  tcase_add_loop_test (tests, test_cut, 0, G_N_ELEMENTS (kinds));
  tcase_add_loop_test (tests, test_merge, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (tests, test_merge_max_groups);
  tcase_add_test (tests, test_many);
  tcase_add_test (tests, test_pages);
  suite_add_tcase (suite, tests);
  return suite;
}
