#include "core/kit/private.h"

#include <math.h>
#include <string.h>

#define N_ROWS   211
#define N_MANY   6500
#define TEXT_MAX 300
const char *const fanout_shape_names[FANOUT_N_SHAPES] = {
  "no rows",        "one row",   "common values", "wide values", "mixed values",
  "special values", "one value", "some nulls",    "only nulls",  "many values",
};

static gint64
random_mantissa (GRand *random)
{
  const guint64 bits = (guint64) g_rand_int (random) << 32 | g_rand_int (random);
  const gint64 value = (gint64) (bits >> g_rand_int_range (random, 1, 64));

  return g_rand_boolean (random) ? value : -value;
}

static FanoutNumber
random_decimal (GRand *random)
{
  const gint64 extremes[] = { 0, 1, -1, G_MAXINT64, -G_MAXINT64, G_MAXINT32, 1000000000000000000 };
  const guint8 scale = (guint8) g_rand_int_range (random, 0, FANOUT_SCALE_MAX + 1);

  if (g_rand_int_range (random, 0, 8) == 0)
    return fanout_number_decimal (extremes[g_rand_int_range (random, 0, G_N_ELEMENTS (extremes))],
                                  scale);
  return fanout_number_decimal (random_mantissa (random), scale);
}

static FanoutNumber
random_double (GRand *random)
{
  const double extremes[] = { -0.0, 5e-324, -5e-324, 1.7976931348623157e308, 1e23, 0.1, 1e-300 };

  if (g_rand_int_range (random, 0, 4) == 0)
    return fanout_number_double (extremes[g_rand_int_range (random, 0, G_N_ELEMENTS (extremes))]);
  return fanout_number_double (
      ldexp (g_rand_double_range (random, -1, 1), g_rand_int_range (random, -200, 200)));
}

/* One of up to 38 digits, of the rows' owner. It may turn out to be none. */
static FanoutNumber
random_wide (GRand *random, GPtrArray *owner)
{
  static const char *const extremes[] = { "9223372036854775808",
                                          "-9223372036854775808",
                                          "18446744073709551615",
                                          "0.0000000000000000001",
                                          "-1e-38",
                                          "99999999999999999999999999999999999999",
                                          "-0.99999999999999999999999999999999999999",
                                          "10000000000000000000000" };
  FanoutNumber number = fanout_number_decimal (0, 0);
  FanoutWide *room = g_new0 (FanoutWide, 1);
  FanoutUint128 bits = 0;

  g_ptr_array_add (owner, room);
  if (g_rand_int_range (random, 0, 4) == 0)
    {
      const char *text = extremes[g_rand_int_range (random, 0, G_N_ELEMENTS (extremes))];

      fanout_number_parse_wide (text, strlen (text), &number, room, NULL);
      return number;
    }
  for (guint i = 0; i < 4; i++)
    bits = bits << 32 | g_rand_int (random);
  bits >>= g_rand_int_range (random, 2, 64);
  fanout_number_set_decimal (&number,
                             g_rand_boolean (random) ? (FanoutInt128) bits : -(FanoutInt128) bits,
                             (guint) g_rand_int_range (random, 0, FANOUT_WIDE_DIGITS + 1), room);
  return number;
}

static FanoutNumber
make_number (FanoutShape shape, GRand *random, GPtrArray *owner)
{
  const double special[] = { NAN, INFINITY, -INFINITY };

  switch (shape)
    {
    case FANOUT_SHAPE_WIDE:
      return random_decimal (random);
    case FANOUT_SHAPE_SPECIAL:
      if (g_rand_int_range (random, 0, 20) == 0)
        return fanout_number_double (special[g_rand_int_range (random, 0, 3)]);
      G_GNUC_FALLTHROUGH;
    case FANOUT_SHAPE_MIXED:
      return g_rand_int_range (random, 0, 4) == 0 ? random_wide (random, owner)
             : g_rand_boolean (random)            ? random_decimal (random)
                                                  : random_double (random);
    case FANOUT_SHAPE_CONSTANT:
      return fanout_number_decimal (125, 2);
    case FANOUT_SHAPE_MANY:
      return g_rand_int_range (random, 0, 8) > 0
                 ? fanout_number_decimal (g_rand_int_range (random, 0, 1000000000), 3)
                 : fanout_number_decimal (g_rand_int_range (random, 0, 100), 1);
    default:
      return fanout_number_decimal (g_rand_int_range (random, -40, 160), 1);
    }
}

static char *
make_text (FanoutShape shape, gsize *length, GRand *random)
{
  const char *const words[]
      = { "JFK", "LGA", "EWR", "a", "ab", "B6", "2013-01-01", "0123456789abcdef" };
  const gboolean any = shape == FANOUT_SHAPE_MIXED || shape == FANOUT_SHAPE_SPECIAL;
  const char *word = words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))];
  char many[16];
  char *text;

  if (shape == FANOUT_SHAPE_MANY && g_rand_int_range (random, 0, 8) > 0)
    {
      g_snprintf (many, sizeof many, "v%d", g_rand_int_range (random, 0, 1000000));
      word = many;
    }
  *length = strlen (word);
  if (shape == FANOUT_SHAPE_CONSTANT)
    *length = strlen (word = "always the same text");
  else if (any || shape == FANOUT_SHAPE_WIDE)
    *length = (gsize) g_rand_int_range (random, 1, g_rand_boolean (random) ? 20 : TEXT_MAX);
  text = g_malloc (*length + 2 * FANOUT_CONTRACT_PADDING);
  memset (text, '#', *length + 2 * FANOUT_CONTRACT_PADDING);
  for (gsize i = 0; i < *length; i++)
    text[FANOUT_CONTRACT_PADDING + i]
        = (char) (any                          ? g_rand_int_range (random, 0, 256)
                  : shape == FANOUT_SHAPE_WIDE ? g_rand_int_range (random, 'a', 'f')
                                               : word[i]);
  return text;
}

static FanoutContractRows *
rows_alloc (gsize n_rows, guint n_columns, GPtrArray *owner)
{
  FanoutContractRows *rows = g_new0 (FanoutContractRows, 1);

  rows->n_rows = n_rows;
  rows->n_columns = n_columns;
  rows->numbers = g_new0 (FanoutNumber *, n_columns);
  rows->texts = g_new0 (char **, n_columns);
  rows->lengths = g_new0 (gsize *, n_columns);
  rows->nulls = g_new0 (guint8 *, n_columns);
  for (guint c = 0; c < n_columns; c++)
    {
      rows->numbers[c] = g_new0 (FanoutNumber, n_rows);
      rows->texts[c] = g_new0 (char *, n_rows);
      rows->lengths[c] = g_new0 (gsize, n_rows);
      rows->nulls[c] = g_new0 (guint8, n_rows);
    }
  rows->groups = g_new0 (guint32, n_rows);
  rows->numbers_of_rows = g_new0 (guint64, n_rows);
  rows->owner = owner;
  return rows;
}

static gboolean
is_null (FanoutShape shape, GRand *random)
{
  return shape == FANOUT_SHAPE_ALL_NULL
         || (shape == FANOUT_SHAPE_NULLS && g_rand_int_range (random, 0, 3) == 0);
}

/* Groups get numbers as they appear. */
static void
number_groups (FanoutContractRows *rows)
{
  guint32 ids[FANOUT_CONTRACT_GROUPS] = { 0 };

  rows->n_groups = 0;
  for (gsize i = 0; i < rows->n_rows; i++)
    {
      guint32 *id = &ids[rows->groups[i]];

      if (*id == 0)
        *id = ++rows->n_groups;
      rows->groups[i] = *id - 1;
    }
}

FanoutContractRows *
fanout_contract_rows_new (FanoutShape shape, guint n_columns, GRand *random)
{
  const gsize n_rows = shape == FANOUT_SHAPE_NONE   ? 0
                       : shape == FANOUT_SHAPE_ONE  ? 1
                       : shape == FANOUT_SHAPE_MANY ? N_MANY
                                                    : N_ROWS;
  FanoutContractRows *rows
      = rows_alloc (n_rows, n_columns, g_ptr_array_new_with_free_func (g_free));

  for (gsize i = 0; i < n_rows; i++)
    {
      for (guint c = 0; c < n_columns; c++)
        {
          rows->numbers[c][i] = make_number (shape, random, rows->owner);
          rows->texts[c][i] = make_text (shape, &rows->lengths[c][i], random);
          rows->nulls[c][i] = is_null (shape, random) ? 1 : 0;
          g_ptr_array_add (rows->owner, rows->texts[c][i]);
        }
      /* The last group is a rare one. */
      rows->groups[i] = i == n_rows - 1
                            ? FANOUT_CONTRACT_GROUPS - 1
                            : (guint32) g_rand_int_range (random, 0, FANOUT_CONTRACT_GROUPS - 1);
      rows->numbers_of_rows[i] = 1000 + i;
    }
  number_groups (rows);
  return rows;
}

FanoutContractRows *
fanout_contract_rows_pick (const FanoutContractRows *rows, const gsize *indexes, gsize n,
                           gboolean renumber)
{
  FanoutContractRows *picked = rows_alloc (n, rows->n_columns, g_ptr_array_ref (rows->owner));

  for (gsize i = 0; i < n; i++)
    {
      for (guint c = 0; c < rows->n_columns; c++)
        {
          picked->numbers[c][i] = rows->numbers[c][indexes[i]];
          picked->texts[c][i] = rows->texts[c][indexes[i]];
          picked->lengths[c][i] = rows->lengths[c][indexes[i]];
          picked->nulls[c][i] = rows->nulls[c][indexes[i]];
        }
      picked->groups[i] = rows->groups[indexes[i]];
      picked->numbers_of_rows[i] = renumber ? i : rows->numbers_of_rows[indexes[i]];
    }
  picked->n_groups = rows->n_groups;
  return picked;
}

void
fanout_contract_rows_free (FanoutContractRows *rows)
{
  if (rows == NULL)
    return;
  for (guint c = 0; c < rows->n_columns; c++)
    {
      g_free (rows->numbers[c]);
      g_free (rows->texts[c]);
      g_free (rows->lengths[c]);
      g_free (rows->nulls[c]);
    }
  g_free (rows->numbers);
  g_free (rows->texts);
  g_free (rows->lengths);
  g_free (rows->nulls);
  g_free (rows->groups);
  g_free (rows->numbers_of_rows);
  g_ptr_array_unref (rows->owner);
  g_free (rows);
}
