#pragma once

/**
 * Numbers: decimals that stay decimals, doubles where they must be.
 *
 * A text is a decimal when its value is m / 10^s with |m| <= 2^63 - 1 and 0 <= s <= 18, a wide
 * decimal when |m| < 10^38 and s <= 38 are enough, and any other number is a double, correctly
 * rounded. Which of the three depends on the text alone, and a value has only one of these forms.
 *
 * A #FanoutNumber has room for a decimal or a double. A wide decimal lies elsewhere, in 24 bytes
 * that only wide values take: with the batch that it came with, in a `room` that the caller lends,
 * or in memory of a state (fanout_number_keep() of <fanout/kept.h>). So a number that is to outlive
 * them must be kept, not copied. Only who asks for wide decimals meets them: operators by
 * FANOUT_TAKES_WIDE, others by passing a room.
 *
 * Exact sums are in <fanout/exact.h>, formulas over them in <fanout/rational.h>, logarithms in
 * <fanout/logarithm.h>. Nothing here depends on the locale, and no function allocates.
 */

#include <fanout/abi.h>

G_BEGIN_DECLS

/** Largest scale of a decimal: the number of digits after its point. */
#define FANOUT_SCALE_MAX    18
/** In place of a scale: the value is a double. */
#define FANOUT_SCALE_DOUBLE 255
/** In place of a scale: the value is a wide decimal, which `wide` points to. */
#define FANOUT_SCALE_WIDE   254
/** Most digits of a wide decimal, before and after its point, and so its largest scale. */
#define FANOUT_WIDE_DIGITS  38

/** 128 bits, aligned like its halves so that states need no more than 8 bytes of alignment. */
__extension__ typedef __int128 FanoutInt128 __attribute__ ((aligned (8)));
__extension__ typedef unsigned __int128 FanoutUint128 __attribute__ ((aligned (8)));

/** The decimal mantissa / 10^scale with |mantissa| < 10^38 and a scale of at most 38: one without
 * trailing zeros after its point that has no room in the #FanoutNumber itself. */
typedef struct
{
  FanoutInt128 mantissa;
  guint8 scale;
} FanoutWide;

/** One number as it came from the stream. */
typedef struct
{
  union
  {
    gint64 mantissa;        /* the value is mantissa / 10^scale */
    double real;            /* when scale is FANOUT_SCALE_DOUBLE */
    const FanoutWide *wide; /* when it is FANOUT_SCALE_WIDE */
  };
  guint8 scale;
} FanoutNumber;

/** The decimal @mantissa / 10^@scale; @scale is at most #FANOUT_SCALE_MAX. */
static inline FanoutNumber
fanout_number_decimal (gint64 mantissa, guint8 scale)
{
  FanoutNumber number;

  number.mantissa = mantissa;
  number.scale = scale;
  return number;
}

/** The double @real, also where it could be a decimal. */
static inline FanoutNumber
fanout_number_double (double real)
{
  FanoutNumber number;

  number.real = real;
  number.scale = FANOUT_SCALE_DOUBLE;
  return number;
}

/** Whether `real` is the value, not `mantissa`. */
static inline gboolean
fanout_number_is_double (FanoutNumber number)
{
  return number.scale == FANOUT_SCALE_DOUBLE;
}

/** Whether `wide` points to the value. */
static inline gboolean
fanout_number_is_wide (FanoutNumber number)
{
  return number.scale == FANOUT_SCALE_WIDE;
}

/** The wide decimal at @wide, as long as that is there. */
static inline FanoutNumber
fanout_number_wide (const FanoutWide *wide)
{
  FanoutNumber number;

  number.wide = wide;
  number.scale = FANOUT_SCALE_WIDE;
  return number;
}

/**
 * Make @number the decimal @mantissa / 10^@scale: in @room (nullable: then there is none) where
 * that is wide. FALSE, with @number as it was, when it has more digits than any decimal.
 */
FANOUT_API gboolean fanout_number_set_decimal (FanoutNumber *number, FanoutInt128 mantissa,
                                               guint scale, FanoutWide *room);

/**
 * Read the number that the @length bytes at @text are; they need no NUL and none outside is read.
 *
 * Blanks (space, tab) around are ignored. Then: an optional sign, digits with an optional point (at
 * least one digit on either side of it), an optional exponent; or nan, inf, infinity in any case.
 * Anything else, and a finite number that is too large for a double, is FALSE with the out
 * parameters as they were. A decimal comes without trailing zeros after its point; one that is too
 * small for a double but not a decimal is a subnormal or a zero of its sign.
 *
 * @rounded: (nullable): set to whether the number is no longer what the text said because the
 * nearest double differs from it (12345678901234567890123, 1e-30); never so for a decimal.
 *
 * Doubles: D. Lemire, "Number parsing at a gigabyte per second" (2021), then exact integers.
 */
FANOUT_API gboolean fanout_number_parse (const char *text, gsize length, FanoutNumber *number,
                                         gboolean *rounded);

/** The same, with a @room for a wide decimal: those of fanout_number_parse() are doubles. */
FANOUT_API gboolean fanout_number_parse_wide (const char *text, gsize length, FanoutNumber *number,
                                              FanoutWide *room, gboolean *rounded);

/** How numbers are written where that is not 1234.5. All zeroes: so. */
typedef struct
{
  char decimal;      /* in place of the point; 0: the point */
  char thousands[7]; /* one character in UTF-8, which may stand between digits; empty: none */
} FanoutWriting;

/** Whether numbers are written so that fanout_number_parse() reads them. */
static inline gboolean
fanout_writing_is_plain (const FanoutWriting *writing)
{
  return (writing->decimal == 0 || writing->decimal == '.') && writing->thousands[0] == '\0';
}

/**
 * Set @writing from a decimal mark and a mark between thousands (nullable, empty: none); FALSE,
 * with what is wrong in @reason, where these are not one character each, or mean something else in
 * a number.
 */
FANOUT_API gboolean fanout_writing_set (FanoutWriting *writing, const char *decimal,
                                        const char *thousands, const char **reason);

/**
 * fanout_number_parse() of a number that is written so. Between thousands means: between digits
 * before the decimal mark, three of them behind the last one, and two or three between two
 * (12,34,567 is written in India).
 */
FANOUT_API gboolean fanout_number_parse_written (const char *text, gsize length,
                                                 const FanoutWriting *writing, FanoutNumber *number,
                                                 gboolean *rounded);
/** The same, with a @room as fanout_number_parse_wide() has it; NULL: without. */
FANOUT_API gboolean fanout_number_parse_written_wide (const char *text, gsize length,
                                                      const FanoutWriting *writing,
                                                      FanoutNumber *number, FanoutWide *room,
                                                      gboolean *rounded);

/** The double nearest to @mantissa / 10^@scale, ties to even: what strtod gives for its text. */
FANOUT_API double fanout_decimal_to_double (gint64 mantissa, guint8 scale);

/** The double nearest to @wide, ties to even. */
FANOUT_API double fanout_wide_to_double (const FanoutWide *wide);

/** The double nearest to @number, ties to even. */
static inline double
fanout_number_to_double (FanoutNumber number)
{
  return fanout_number_is_double (number) ? number.real
         : G_UNLIKELY (fanout_number_is_wide (number))
             ? fanout_wide_to_double (number.wide)
             : fanout_decimal_to_double (number.mantissa, number.scale);
}

/** @number, or, of a wide decimal, the double nearest to it. */
static inline FanoutNumber
fanout_number_narrow (FanoutNumber number)
{
  return G_UNLIKELY (fanout_number_is_wide (number))
             ? fanout_number_double (fanout_wide_to_double (number.wide))
             : number;
}

/** Out of line part of fanout_number_compare(). */
FANOUT_API int fanout_number_compare_scaled (FanoutNumber a, FanoutNumber b);

/**
 * Order @a and @b by their exact values: negative, 0 or positive. 0.1 as a decimal is below the
 * double 0.1 (which is a little more), -0 equals 0, and NaN equals itself and comes after all
 * others.
 */
static inline int
fanout_number_compare (FanoutNumber a, FanoutNumber b)
{
  if (G_LIKELY (a.scale == b.scale && a.scale < FANOUT_SCALE_WIDE))
    return (a.mantissa > b.mantissa) - (a.mantissa < b.mantissa);
  return fanout_number_compare_scaled (a, b);
}

/**
 * The one form that all numbers equal to @number share (0 in fanout_number_compare()): a decimal
 * without trailing zeros where there is one, else a double; one NaN. Equal numbers have equal
 * mantissas and scales in this form, so it can be hashed.
 */
FANOUT_API FanoutNumber fanout_number_canonical (FanoutNumber number);

/** The same among numbers of which some are wide: a double that is exactly a wide decimal becomes
 * that, in @room. Equal wide decimals have equal mantissas and scales. */
FANOUT_API FanoutNumber fanout_number_canonical_wide (FanoutNumber number, FanoutWide *room);

/** A fixed hash of the value of @number: equal numbers have equal hashes, on every machine. */
FANOUT_API guint64 fanout_number_hash (FanoutNumber number);

/** Bytes that the text of a #FanoutNumber or a double takes at most, with its NUL. */
#define FANOUT_NUMBER_TEXT_MAX 48

/**
 * Write @number to @text, which has room for #FANOUT_NUMBER_TEXT_MAX bytes. A decimal is written
 * without exponent and without trailing zeros, a double as by fanout_double_format().
 *
 * Returns: the length without the NUL.
 */
FANOUT_API gsize fanout_number_format (FanoutNumber number, char *text);

/**
 * Write the shortest text that reads back to the bits of @value, and among these the one nearest to
 * it: plain for 1e-6 <= |value| < 1e21 and 0, else with an exponent (1e21, 1.5e-7). Others are nan,
 * inf, -inf, and -0 keeps its sign. @text has room for #FANOUT_NUMBER_TEXT_MAX bytes.
 *
 * R. Giulietti, "The Schubfach way to render doubles" (2020).
 *
 * Returns: the length without the NUL.
 */
FANOUT_API gsize fanout_double_format (double value, char *text);

/** Words of a long decimal: 320 bits. */
#define FANOUT_DECIMAL_LIMBS     5
/** Its largest scale: a product of four decimals has it. */
#define FANOUT_DECIMAL_SCALE_MAX 72
/** Bytes that the text of a #FanoutDecimal takes at most, with its NUL. */
#define FANOUT_DECIMAL_TEXT_MAX  112

/** A long decimal: the result of exact sums. The value is a signed integer / 10^scale. */
typedef struct
{
  guint64 limbs[FANOUT_DECIMAL_LIMBS]; /* two's complement, the least significant first */
  guint8 scale;
} FanoutDecimal;

/** Make @decimal the value @mantissa / 10^@scale. */
FANOUT_API void fanout_decimal_set (FanoutDecimal *decimal, gint64 mantissa, guint8 scale);

/** Make @decimal the integer @value. */
FANOUT_API void fanout_decimal_set_unsigned (FanoutDecimal *decimal, guint64 value);

/** Make @decimal the value of @number, which may be wide; FALSE when it is no decimal (doubles
 * never are). */
FANOUT_API gboolean fanout_decimal_set_number (FanoutDecimal *decimal, FanoutNumber number);

/** The value as a #FanoutNumber; FALSE when it takes more than 63 bits or a scale above 18. */
FANOUT_API gboolean fanout_decimal_get_number (const FanoutDecimal *decimal, FanoutNumber *number);

/** The same, with a @room for a wide decimal; FALSE when it is too long for that as well. */
FANOUT_API gboolean fanout_decimal_get_wide (const FanoutDecimal *decimal, FanoutNumber *number,
                                             FanoutWide *room);

/** Drop the trailing zeros after the point. */
FANOUT_API void fanout_decimal_normalise (FanoutDecimal *decimal);

/** Negative, 0 or positive, by value, whatever the scales. */
FANOUT_API int fanout_decimal_compare (const FanoutDecimal *a, const FanoutDecimal *b);

/** The same between @a and a double, exactly; NaN comes after all others. */
FANOUT_API int fanout_decimal_compare_double (const FanoutDecimal *a, double b);

/** @result = @a + @b, or @a - @b; FALSE when that takes more than 320 bits. @result may be @a or
 * @b. */
FANOUT_API gboolean fanout_decimal_add (FanoutDecimal *result, const FanoutDecimal *a,
                                        const FanoutDecimal *b);
FANOUT_API gboolean fanout_decimal_subtract (FanoutDecimal *result, const FanoutDecimal *a,
                                             const FanoutDecimal *b);

/** The nearest double, ties to even. */
FANOUT_API double fanout_decimal_get_double (const FanoutDecimal *decimal);

/**
 * Write @decimal to @text, which has room for #FANOUT_DECIMAL_TEXT_MAX bytes, without exponent and
 * without trailing zeros.
 *
 * Returns: the length without the NUL.
 */
FANOUT_API gsize fanout_decimal_format (const FanoutDecimal *decimal, char *text);

G_END_DECLS
