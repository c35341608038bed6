#pragma once

/**
 * Values of a column that are texts as read, or numbers, as the option `as` says. Either is kept as
 * bytes; a number as those of its canonical form, so that equal numbers have equal bytes.
 */

#include <fanout/steps.h>
#include <fanout/kept.h>

enum
{
  VALUES_TEXT = 0,
  VALUES_NUMBER,
  VALUES_NUMERIC, /* texts that all read as numbers: no choice of an option */
};

/* What the options of such an operator begin with. */
typedef struct
{
  gint column;
  gint as;
} ValuesOptions;

static const char *const values_choices[] = { "text", "number", NULL };

#define VALUES_COLUMN                                                                              \
  {                                                                                                \
    .key = "column", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                \
    .offset = G_STRUCT_OFFSET (ValuesOptions, column), .help = "the column with the values"        \
  }
#define VALUES_AS(default_, help_)                                                                 \
  {                                                                                                \
    .key = "as", .type = FANOUT_OPTION_CHOICE, .offset = G_STRUCT_OFFSET (ValuesOptions, as),      \
    .value = default_, .choices = values_choices, .help = help_                                    \
  }
#define VALUES_SAME "when values are the same: as texts, or as numbers (1, 1.0 and 01 are one then)"
#define VALUES_READ "what the values are: the texts as read, or numbers"

static inline gboolean
values_are_numbers (const FanoutAggregate *self)
{
  return ((const ValuesOptions *) self->options)->as == VALUES_NUMBER;
}

static inline FanoutTakes
values_takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const ValuesOptions *) options)->as == VALUES_NUMBER ? FANOUT_TAKES_WIDE
                                                                : FANOUT_TAKES_TEXT;
}

/* Where it matters only whether a value is there. */
#define VALUES_AS_THERE                                                                            \
  VALUES_AS ("text", "what a value is: any text, or what `sum` would take, so neither a blank "    \
                     "field nor, with on-bad-value = null, what is no number")

static inline FanoutTakes
values_takes_there (gconstpointer options, guint column)
{
  (void) column;
  return ((const ValuesOptions *) options)->as == VALUES_NUMBER ? FANOUT_TAKES_WIDE
                                                                : FANOUT_TAKES_NOTHING;
}

/* Bytes of a number: its mantissa, its scale. A wide one has a mantissa of 16 bytes. */
#define VALUES_NUMBER_LENGTH 9
#define VALUES_WIDE_LENGTH   17

typedef struct
{
  char bytes[24];
} ValuesBuffer;

/* In one form for equal numbers. */
static inline FanoutText
values_put_number (FanoutNumber number, ValuesBuffer *buffer)
{
  FanoutWide room;
  const FanoutNumber x = fanout_number_canonical_wide (number, &room);
  guint64 mantissa;

  if (G_UNLIKELY (fanout_number_is_wide (x)))
    {
      const FanoutUint128 wide = (FanoutUint128) x.wide->mantissa;
      const guint64 words[2]
          = { GUINT64_TO_LE ((guint64) wide), GUINT64_TO_LE ((guint64) (wide >> 64)) };

      memcpy (buffer->bytes, words, sizeof words);
      buffer->bytes[sizeof words] = (char) x.wide->scale;
      return (FanoutText){ buffer->bytes, VALUES_WIDE_LENGTH };
    }
  mantissa = GUINT64_TO_LE ((guint64) x.mantissa);
  memcpy (buffer->bytes, &mantissa, sizeof mantissa);
  buffer->bytes[sizeof mantissa] = (char) x.scale;
  return (FanoutText){ buffer->bytes, VALUES_NUMBER_LENGTH };
}

/* Value `i`; a number is written to `buffer`. */
static inline FanoutText
values_at (const FanoutColumn *column, gsize i, ValuesBuffer *buffer)
{
  return column->form == FANOUT_FORM_TEXT
             ? column->text[i]
             : values_put_number (fanout_column_number (column, i), buffer);
}

/* In `room` where it is wide. */
static inline FanoutNumber
values_number (FanoutText value, FanoutWide *room)
{
  FanoutNumber x;
  guint64 mantissa;

  memcpy (&mantissa, value.data, sizeof mantissa);
  if (G_UNLIKELY (value.length == VALUES_WIDE_LENGTH))
    {
      guint64 high;

      memcpy (&high, value.data + sizeof mantissa, sizeof high);
      room->mantissa = (FanoutInt128) ((FanoutUint128) GUINT64_FROM_LE (high) << 64
                                       | GUINT64_FROM_LE (mantissa));
      room->scale = (guint8) value.data[sizeof mantissa + sizeof high];
      return fanout_number_wide (room);
    }
  x.mantissa = (gint64) GUINT64_FROM_LE (mantissa);
  x.scale = (guint8) value.data[sizeof mantissa];
  return x;
}

static inline gboolean
values_is_nan (FanoutText value)
{
  FanoutWide room;
  const FanoutNumber x = values_number (value, &room);

  return fanout_number_is_double (x) && x.real != x.real;
}

static inline int
values_compare_numeric (FanoutText a, FanoutText b)
{
  FanoutNumber x = { .mantissa = 0, .scale = 0 };
  FanoutNumber y = x;
  FanoutWide rooms[2];
  int order;

  fanout_number_parse_wide (a.data, a.length, &x, &rooms[0], NULL);
  fanout_number_parse_wide (b.data, b.length, &y, &rooms[1], NULL);
  order = fanout_number_compare (x, y);
  return order != 0 ? order : fanout_text_compare (a, b);
}

/* Numbers by value, NaN last; texts bytewise; texts of numbers by value, equal ones bytewise. */
static inline int
values_compare (FanoutText a, FanoutText b, gint as)
{
  FanoutWide rooms[2];

  return as == VALUES_NUMBER
             ? fanout_number_compare (values_number (a, &rooms[0]), values_number (b, &rooms[1]))
         : as == VALUES_NUMERIC ? values_compare_numeric (a, b)
                                : fanout_text_compare (a, b);
}

/* Whether bytes that were read back can be a value. */
static inline gboolean
values_check (FanoutText value, gboolean numbers)
{
  FanoutNumber x;
  FanoutWide room;

  if (!numbers)
    return TRUE;
  if (value.length == VALUES_WIDE_LENGTH)
    {
      FanoutWide again;
      const FanoutNumber wide = values_number (value, &room);

      return fanout_number_set_decimal (&x, wide.wide->mantissa, wide.wide->scale, &again)
             && fanout_number_is_wide (x) && again.scale == room.scale;
    }
  if (value.length != VALUES_NUMBER_LENGTH)
    return FALSE;
  x = values_number (value, &room);
  return x.scale == FANOUT_SCALE_DOUBLE
         || (x.scale <= FANOUT_SCALE_MAX && x.mantissa != G_MININT64);
}

/* Read what fanout_kept_write() wrote into `kept`; a value unless `or_none`. */
static inline gboolean
values_read (FanoutKept *kept, gboolean numbers, gboolean or_none, FanoutReader *in,
             FanoutMemory *memory)
{
  if (!fanout_kept_read (kept, in, memory))
    return FALSE;
  if (!fanout_kept_is_set (kept))
    return or_none;
  return values_check (fanout_kept_text (kept), numbers);
}

/* For how many there is room where `n` are kept. */
static inline gsize
values_room (guint64 n)
{
  gsize room = 1;

  while (room < n)
    room *= 2;
  return n > 0 ? room : 0;
}

/* An array of `n` items with room for `n_new`. NULL: there is no memory for that, and no result. */
static inline gpointer
values_reserve (gpointer items, guint64 n, guint64 n_new, gsize size, FanoutMemory *memory)
{
  const gsize room = values_room (n);
  const gsize new_room = values_room (n_new);

  if (new_room <= room)
    return items;
  return fanout_may_allocate (memory, new_room * size)
             ? fanout_reallocate (memory, items, room * size, new_room * size)
             : NULL;
}

static inline void
values_out (FanoutOut *out, gsize row, guint column, FanoutText value, gboolean numbers)
{
  FanoutWide room;

  if (numbers)
    fanout_out_number (out, row, column, values_number (value, &room));
  else
    fanout_out_text (out, row, column, value.data, value.length);
}

static inline void
values_list (FanoutOut *out, FanoutText value, gboolean numbers)
{
  FanoutWide room;

  if (numbers)
    fanout_list_number (out, values_number (value, &room));
  else
    fanout_list_text (out, value.data, value.length);
}
