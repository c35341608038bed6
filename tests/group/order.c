#include "tests/support/suite.h"
#include "core/group/order.h"
#include "core/base/memory.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum
{
  SLACK = 16,
  KEYS_MAX = 4,
  TEXT_MAX = 64,
};

/* How random keys of a column are made. */
typedef enum
{
  NONE = 0,
  FEW,      /* a few texts */
  WORDS,    /* short texts with NUL and 0xff in them */
  PREFIXED, /* texts that begin alike */
  COUNTS,
  IDS,     /* integers too large for doubles */
  SPELLED, /* a few numbers, spelled in many ways */
  REALS,
  CLOSE,   /* numbers whose nearest doubles are equal */
  MONEY,   /* decimals of a few scales */
  SPOILED, /* numbers, and one text */
} Content;

static const char *const spellings[] = {
  "0",   "-0",  "0.0", "1",   "1.0",  "01",       "1e0",   "+1",      " 1",    "10e-1", "-1",
  "-1.", "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e-400", "1e300", "2",     "0.5",
};

static const char *const close_numbers[] = {
  "0.1",
  "0.10",
  "0.1000000000000000055511151231257827",
  "0.100000000000000006",
  "0.09999999999999999",
  "9007199254740993",
  "9007199254740992",
  "9007199254740993.0",
  "9007199254740993.5",
  "9007199254740992.5",
  "-9007199254740993",
  "-9007199254740992",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775807",
};

static gsize
make_key (Content content, GRand *random, char *text)
{
  const guint32 x = g_rand_int (random);

  switch (content)
    {
    case FEW:
      return (gsize) g_snprintf (text, TEXT_MAX, "id%03u", x % 40);
    case WORDS:
      for (guint i = 0; i < x % 11; i++)
        text[i] = "\0a\xff"[g_rand_int_range (random, 0, 3)];
      return x % 11;
    case PREFIXED:
      return (gsize) g_snprintf (text, TEXT_MAX, "https://example.org/%.*s/%u", (int) (x >> 8) % 9,
                                 "abababab", x % 100);
    case COUNTS:
      return (gsize) g_snprintf (text, TEXT_MAX, "%u", x % 3000);
    case IDS:
      return (gsize) g_snprintf (text, TEXT_MAX, "%s17000000000000%05u", x >> 31 ? "-" : "",
                                 x % 9999);
    case SPELLED:
      return (gsize) g_snprintf (text, TEXT_MAX, "%s", spellings[x % G_N_ELEMENTS (spellings)]);
    case REALS:
      return (gsize) g_snprintf (
          text, TEXT_MAX, "%.*g", (int) (x % 17),
          ldexp (g_rand_double (random) - 0.5, g_rand_int_range (random, -90, 90)));
    case CLOSE:
      return (gsize) g_snprintf (text, TEXT_MAX, "%s",
                                 close_numbers[x % G_N_ELEMENTS (close_numbers)]);
    case MONEY:
      return (gsize) g_snprintf (text, TEXT_MAX, "%d.%0*u", (int) (x % 2000) - 1000,
                                 (int) (x >> 30) + 1, x >> 16 & 7);
    case SPOILED:
      return (gsize) g_snprintf (text, TEXT_MAX, x % 3000 == 7 ? "x" : "%u", x % 30000);
    case NONE:
    default:
      return 0;
    }
}

static FanoutTable *
make_table (const Content *contents, guint n_keys, gsize n_rows, double nulls, GRand *random,
            FanoutMemory *memory)
{
  FanoutTable *table = fanout_table_new (n_keys, 10000000, 3, memory);
  char block[KEYS_MAX][TEXT_MAX + 2 * SLACK];
  FanoutText texts[KEYS_MAX];
  guint8 null[KEYS_MAX];
  FanoutColumn columns[KEYS_MAX];
  const FanoutColumn *pointers[KEYS_MAX];

  memset (block, 0, sizeof block);
  for (guint k = 0; k < n_keys; k++)
    {
      columns[k] = (FanoutColumn){ .form = FANOUT_FORM_TEXT, .null = &null[k] };
      columns[k].text = &texts[k];
      pointers[k] = &columns[k];
    }
  for (gsize i = 0; i < n_rows; i++)
    {
      guint32 id;

      for (guint k = 0; k < n_keys; k++)
        {
          texts[k].data = block[k] + SLACK;
          texts[k].length = make_key (contents[k], random, block[k] + SLACK);
          null[k] = g_rand_double (random) < nulls;
        }
      CHECK (fanout_table_ids (table, pointers, 0, 1, &id) == 1);
    }
  return table;
}

/* The order as DESIGN says it. */

typedef struct
{
  const FanoutTable *table;
  guint n_keys;
  gboolean numeric[KEYS_MAX];
} Naive;

static gint
compare_keys (const Naive *naive, guint key, guint32 a, guint32 b)
{
  FanoutText x = { NULL, 0 }, y = { NULL, 0 };
  const gboolean has_x = fanout_table_key (naive->table, a, key, &x);
  const gboolean has_y = fanout_table_key (naive->table, b, key, &y);
  FanoutNumber m, n;
  gint order = 0;

  if (!has_x || !has_y)
    return has_y - has_x;
  if (naive->numeric[key])
    {
      CHECK (fanout_number_parse (x.data, x.length, &m, NULL));
      CHECK (fanout_number_parse (y.data, y.length, &n, NULL));
      order = fanout_number_compare (m, n);
    }
  if (order == 0)
    order = memcmp (x.data, y.data, MIN (x.length, y.length));
  if (order == 0)
    order = (x.length > y.length) - (x.length < y.length);
  return order;
}

static gint
compare_groups (gconstpointer a, gconstpointer b, gpointer data)
{
  const Naive *naive = data;
  gint order = 0;

  for (guint k = 0; k < naive->n_keys && order == 0; k++)
    order = compare_keys (naive, k, *(const guint32 *) a, *(const guint32 *) b);
  return order;
}

static void
naive_init (Naive *naive, const FanoutTable *table)
{
  naive->table = table;
  naive->n_keys = fanout_table_n_keys (table);
  for (guint k = 0; k < naive->n_keys; k++)
    {
      naive->numeric[k] = TRUE;
      for (guint32 id = 0; id < fanout_table_n_groups (table); id++)
        {
          FanoutNumber number;
          FanoutText text;

          if (fanout_table_key (table, id, k, &text)
              && !fanout_number_parse (text.data, text.length, &number, NULL))
            naive->numeric[k] = FALSE;
        }
    }
}

static guint32 *
order_naively (const Naive *naive)
{
  const gsize n = fanout_table_n_groups (naive->table);
  guint32 *ids = g_new (guint32, n);

  for (guint32 i = 0; i < n; i++)
    ids[i] = i;
  g_qsort_with_data (ids, (gint) n, sizeof *ids, compare_groups, (gpointer) naive);
  return ids;
}

typedef struct
{
  Content contents[KEYS_MAX];
  gsize n_rows;
  double nulls;
} Kind;

static const Kind kinds[] = {
  { { FEW }, 1, 0 },
  { { FEW }, 100, 0.1 },
  { { WORDS }, 20000, 0.1 },
  { { PREFIXED }, 3000, 0.1 },
  { { COUNTS }, 5000, 0.1 },
  { { IDS }, 30000, 0.1 },
  { { SPELLED }, 100, 0.1 },
  { { REALS }, 20000, 0.1 },
  { { CLOSE }, 100, 0.1 },
  { { SPOILED }, 20000, 0 },
  { { MONEY }, 20000, 0.1 },
  { { FEW, COUNTS }, 1000, 0.1 },
  { { WORDS, WORDS, WORDS }, 20000, 0.1 },
  { { SPELLED, CLOSE, WORDS }, 30000, 0.1 },
  { { CLOSE, SPELLED, SPELLED }, 30000, 0.1 },
  { { FEW, COUNTS, FEW, FEW }, 30000, 0.02 },
  { { FEW, IDS, COUNTS }, 30000, 0.02 },
  { { IDS, FEW, COUNTS }, 30000, 0.02 },
  { { PREFIXED, SPOILED, CLOSE }, 30000, 0.02 },
  { { COUNTS, REALS, FEW }, 30000, 0.5 },
  { { MONEY, FEW }, 30000, 0.1 },
  { { SPELLED, SPELLED, SPELLED, REALS }, 30000, 0.1 },
};

static guint
n_keys_of (const Kind *kind)
{
  guint n = 0;

  while (n < KEYS_MAX && kind->contents[n] != NONE)
    n++;
  return n;
}

START_TEST (test_by_keys)
{
  const Kind *kind = &kinds[_i];
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i);
  g_autofree guint32 *expected = NULL;
  g_autofree guint32 *ids = NULL;
  FanoutMemory memory;
  FanoutTable *table;
  Naive naive;
  gsize n;

  fanout_memory_init (&memory, NULL);
  table = make_table (kind->contents, n_keys_of (kind), kind->n_rows, kind->nulls, random, &memory);
  n = fanout_table_n_groups (table);
  naive_init (&naive, table);
  expected = order_naively (&naive);
  for (gboolean threaded = FALSE; threaded <= TRUE; threaded++)
    {
      g_free (ids);
      ids = fanout_order (table, NULL, 0, 0, NULL, 0, threaded, &memory);
      ck_assert_mem_eq (ids, expected, n * sizeof *ids);
      for (guint64 limit = 1; limit < n; limit = limit * 5 + 3)
        {
          g_free (ids);
          ids = fanout_order (table, NULL, 0, 0, NULL, limit, threaded, &memory);
          ck_assert_mem_eq (ids, expected, limit * sizeof *ids);
        }
    }
  fanout_table_free (table);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

/* One level by something else, then by a key upside down. */

typedef struct
{
  Naive naive;
  guint n_values;
  gboolean descending;
} Levels;

static guint32
value_of (guint32 id, guint n_values)
{
  return id * 2654435761u % n_values;
}

static gboolean
load (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth)
{
  const Levels *levels = data;

  for (gsize i = 0; i < n; i++)
    {
      const guint32 value = value_of (items[i].id, levels->n_values);

      /* The value comes in two parts; 3 stands for null. */
      items[i].word = depth == 0 ? value / 4 : value % 4;
      items[i].next = depth == 0 ? 1 : 0;
      if (value == 3)
        {
          items[i].word = FANOUT_ORDER_NULL;
          items[i].next = 0;
        }
    }
  return TRUE;
}

static gint
compare_levels (gconstpointer a, gconstpointer b, gpointer data)
{
  const Levels *levels = data;
  const guint32 i = *(const guint32 *) a, j = *(const guint32 *) b;
  const guint32 x = value_of (i, levels->n_values), y = value_of (j, levels->n_values);
  FanoutText text;
  gint order;

  if (x != y && (x == 3 || y == 3))
    return x == 3 ? 1 : -1;
  if (x != y)
    return (x > y) != levels->descending ? 1 : -1;
  order = compare_keys (&levels->naive, 1, i, j);
  if (order != 0 && fanout_table_key (levels->naive.table, i, 1, &text)
      && fanout_table_key (levels->naive.table, j, 1, &text))
    return -order;
  return order != 0 ? order : compare_groups (a, b, (gpointer) &levels->naive);
}

START_TEST (test_levels)
{
  static const Content contents[] = { COUNTS, SPELLED, FEW };
  static const guint n_values[] = { 1, 2, 7, 100000 };
  static const gsize n_rows[] = { 300, 20000 };
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i);
  g_autofree guint32 *expected = NULL;
  g_autofree guint32 *ids = NULL;
  FanoutTable *table = make_table (contents, 3, n_rows[_i % 2], 0.1, random, NULL);
  Levels levels = { .n_values = n_values[_i / 2 % 4], .descending = _i / 8 };
  const FanoutOrderLevel by[] = {
    { .load = load, .data = &levels, .descending = levels.descending },
    { .key = 1, .descending = TRUE },
  };
  const gsize n = fanout_table_n_groups (table);

  naive_init (&levels.naive, table);
  expected = order_naively (&levels.naive);
  g_qsort_with_data (expected, (gint) n, sizeof *expected, compare_levels, &levels);
  ids = fanout_order (table, NULL, 0, 2, by, 0, TRUE, NULL);
  ck_assert_mem_eq (ids, expected, n * sizeof *ids);
  g_free (ids);
  ids = fanout_order (table, NULL, 0, 2, by, 100, TRUE, NULL);
  ck_assert_mem_eq (ids, expected, 100 * sizeof *ids);
  fanout_table_free (table);
}
END_TEST

static gboolean
load_nothing (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth)
{
  (void) data, (void) items, (void) n, (void) depth;
  return FALSE;
}

START_TEST (test_failing_level)
{
  static const Content contents[] = { COUNTS };
  const FanoutOrderLevel by = { .load = load_nothing };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  FanoutMemory memory;
  FanoutTable *table;

  fanout_memory_init (&memory, NULL);
  table = make_table (contents, 1, 100, 0, random, &memory);
  ck_assert_ptr_null (fanout_order (table, NULL, 0, 1, &by, 0, FALSE, &memory));
  fanout_table_free (table);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

static int
compare_words (const void *a, const void *b)
{
  const guint64 x = ((const FanoutOrderItem *) a)->word, y = ((const FanoutOrderItem *) b)->word;

  return (x > y) - (x < y);
}

START_TEST (test_words)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i);
  const gsize n = (gsize[]){ 0, 1, 2, 23, 24, 25, 100, 1000, 50000 }[_i];

  for (guint round = 0; round < 12; round++)
    {
      const guint kind = round / 2;
      g_autofree FanoutOrderItem *items = g_new0 (FanoutOrderItem, n + 1);
      g_autofree FanoutOrderItem *sorted = NULL;
      guint64 ids = 0;

      for (gsize i = 0; i < n; i++)
        {
          const guint64 x = (guint64) g_rand_int (random) << 32 | g_rand_int (random);

          items[i].word = kind == 0   ? x
                          : kind == 1 ? x % 3
                          : kind == 2 ? x << 60
                          : kind == 3 ? i
                          : kind == 4 ? n - i
                                      : (x % 2 ? x : G_MAXUINT64 - x % 5);
          items[i].id = (guint32) i;
        }
      sorted = g_memdup2 (items, (n + 1) * sizeof *items);
      qsort (sorted, n, sizeof *sorted, compare_words);
      fanout_order_words (items, n, n, round % 2 == 1);
      for (gsize i = 0; i < n; i++)
        {
          CHECK (items[i].word == sorted[i].word);
          ids += items[i].id;
        }
      CHECK (n == 0 || ids == n * (n - 1) / 2);
    }
}
END_TEST

START_TEST (test_double_words)
{
  static const double ascending[]
      = { -INFINITY, -1e300, -2, -1, -1e-300, -5e-324, 0, 5e-324, 1, 1.5, 1e300, INFINITY, NAN };

  for (gsize i = 1; i < G_N_ELEMENTS (ascending); i++)
    ck_assert_uint_lt (fanout_order_double (ascending[i - 1]), fanout_order_double (ascending[i]));
  ck_assert_uint_eq (fanout_order_double (-0.0), fanout_order_double (0.0));
  ck_assert_uint_eq (fanout_order_double (-NAN), fanout_order_double (NAN));
  ck_assert_uint_lt (fanout_order_double (NAN), FANOUT_ORDER_NULL);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("order");
  TCase *tests = tcase_create ("order");

  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, test_by_keys, 0, G_N_ELEMENTS (kinds));
  tcase_add_loop_test (tests, test_levels, 0, 16);
  tcase_add_test (tests, test_failing_level);
  tcase_add_loop_test (tests, test_words, 0, 9);
  tcase_add_test (tests, test_double_words);
  suite_add_tcase (suite, tests);
  return suite;
}
