#pragma once

/**
 * Options as a table: from it come the binding, the errors about unknown keys and bad values,
 * `fanoutd plugins NAME` and the reference in the manual.
 */

#include <fanout/number.h>

G_BEGIN_DECLS

/** What the text of an option means, and what C type it is bound to at its offset. */
typedef enum
{
  FANOUT_OPTION_BOOLEAN = 1, /* gboolean: true/false, yes/no, 1/0 */
  FANOUT_OPTION_COUNT,       /* guint64, at most G_MAXINT64: plain digits */
  FANOUT_OPTION_INTEGER,     /* gint64: plain digits with an optional sign */
  FANOUT_OPTION_NUMBER,     /* FanoutNumber: as in the stream, finite; wide where `takes` says so */
  FANOUT_OPTION_NUMBERS,    /* FanoutNumbers: a list of them */
  FANOUT_OPTION_BYTES,      /* guint64, at most G_MAXINT64: digits, then K, M, G (1024) or none */
  FANOUT_OPTION_TIME,       /* guint64 microseconds, at most G_MAXINT64: digits, then ms, s, m, h */
  FANOUT_OPTION_CHARACTER,  /* gint: one ASCII byte, also \t or \xHH; or the name choices[index] as
                               -1 - index, but `tab` and `space` are the bytes they mean */
  FANOUT_OPTION_CHOICE,     /* gint: index into `choices` */
  FANOUT_OPTION_TEXT,       /* const char *: as it stands; NULL when absent and without default */
  FANOUT_OPTION_TEXTS,      /* const char *const *: a list, NULL-terminated, never NULL itself */
  FANOUT_OPTION_COLUMN,     /* gint: index into FanoutInput.columns, -1 when absent */
  FANOUT_OPTION_COLUMNS,    /* FanoutColumns: that many columns of FanoutInput, from `first` */
  FANOUT_OPTION_CHARACTERS, /* const char *: one or more bytes but NUL, CR and LF, each as it stands
                               or \t or \xHH; or one of `choices`, of which `tab` and `space` are
                               the bytes they mean. Letters alone are a wrong name, and
                               nothing is possible only without a default */
} FanoutOptionType;

/** What COUNT, BYTES and TIME are bound to where the text is choices[index], such as `auto`. */
#define FANOUT_OPTION_NAMED(index) (G_MAXUINT64 - (guint64) (index))

/** What NUMBERS is bound to: `n` numbers. Lives as long as the options. */
typedef struct
{
  guint n;
  const FanoutNumber *values;
  const char *const *texts; /* each as written, for names such as NAME_p99.9 */
} FanoutNumbers;

/** What COLUMNS is bound to: FanoutInput.columns[first] .. [first + n - 1]. */
typedef struct
{
  gint first;
  guint n;
} FanoutColumns;

/** What an operator wants to see of a column. */
typedef enum
{
  FANOUT_TAKES_NUMBER = 1, /* decimals, and doubles where they must be: PLAIN or MIXED. A wide
                              decimal is the double nearest to it, and is counted as rounded */
  FANOUT_TAKES_DOUBLE,     /* doubles, the same that strtod gives for the text */
  FANOUT_TAKES_TEXT,       /* the bytes as read */
  FANOUT_TAKES_NOTHING,    /* only which values are null */
  FANOUT_TAKES_WIDE,       /* as NUMBER, and wide decimals are what they are: MIXED, by scales of
                              FANOUT_SCALE_WIDE. For who knows all three forms of <fanout/number.h>
                              and keeps no number longer than its batch but by fanout_number_keep() */
} FanoutTakes;

/** What is special about an option. */
typedef enum
{
  FANOUT_OPTION_REQUIRED = 1 << 0, /* there is no default, and it must be given */
  FANOUT_OPTION_RAW = 1 << 1, /* a blank and then # or ; is no mistake in it (pattern, command) */
} FanoutOptionFlags;

/** One key. A table of them ends with a `key` of NULL. */
typedef struct FanoutOption
{
  const char *key FANOUT_UNSET;
  FanoutOptionType type FANOUT_UNSET;
  guint flags FANOUT_UNSET;       /* FanoutOptionFlags */
  gsize offset FANOUT_UNSET;      /* in the options struct */
  const char *value FANOUT_UNSET; /* the default, written as in the INI file; NULL: absent */
  const char *help FANOUT_UNSET;  /* one line, lower case, no full stop */
  const char *const *choices FANOUT_UNSET; /* NULL-terminated: CHOICE; names besides what CHARACTER,
                                 COUNT, BYTES and TIME take anyway */
  const char *min FANOUT_UNSET, *max FANOUT_UNSET; /* COUNT, INTEGER, NUMBER(S), BYTES, TIME:
                            inclusive, written as a value is; NULL: unbounded */
  FanoutTakes takes FANOUT_UNSET;   /* COLUMN and COLUMNS; 0: FANOUT_TAKES_NUMBER. NUMBER(S): with
                                       FANOUT_TAKES_WIDE wide decimals are what they are, and live as
                                       long as the options; else they are the nearest doubles */
  const char *example FANOUT_UNSET; /* shown in the reference where there is no default */
} FanoutOption;

/** The end of a table of options. */
#define FANOUT_OPTIONS_END                                                                         \
  {                                                                                                \
    .key = NULL                                                                                    \
  }

/** In the struct of an operator, source or sink: the options struct, and the table for it. */
#define FANOUT_OPTIONS(Options, table)                                                             \
  .options_size = sizeof (Options), .option_size = sizeof (FanoutOption), .options = (table)

/** An option that names a column, and has to be there: bound to `gint name` of Options. */
#define FANOUT_COLUMN_OPTION(Options, name, takes_, help_)                                         \
  {                                                                                                \
    .key = #name, .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                   \
    .offset = G_STRUCT_OFFSET (Options, name), .help = (help_), .takes = (takes_)                  \
  }

G_END_DECLS
