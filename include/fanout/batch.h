#pragma once

/**
 * What an aggregate sees of the stream: a slice of decoded columns, with group ids beside them.
 */

#include <fanout/memory.h>
#include <fanout/number.h>

G_BEGIN_DECLS

/** Bytes of the stream, not NUL-terminated. 16 bytes before and after them may be read. */
typedef struct
{
  const char *data;
  gsize length;
} FanoutText;

/** How the values of a column lie in memory, batch by batch. */
typedef enum
{
  FANOUT_FORM_NONE = 0, /* only `null` counts */
  FANOUT_FORM_PLAIN,    /* decimals of one scale: mantissa[i] / 10^scale */
  FANOUT_FORM_MIXED,    /* each a decimal or a double, or wide where that was asked for: scales[i]
                           tells */
  FANOUT_FORM_DOUBLE,   /* real[i] */
  FANOUT_FORM_TEXT,     /* text[i] */
} FanoutForm;

/** The values of one column of a batch; valid as long as the batch is. */
typedef struct
{
  FanoutForm form;
  guint8 scale;         /* PLAIN */
  const guint8 *null;   /* NULL: no value is null; else null[i] is 0 or 1 */
  const guint8 *scales; /* MIXED: a scale, FANOUT_SCALE_DOUBLE or FANOUT_SCALE_WIDE */
  union
  {
    const gint64 *mantissa; /* PLAIN, MIXED (a double by its bits, a wide decimal by its address);
                               undefined where null */
    const double *real;     /* DOUBLE */
    const FanoutText *text; /* TEXT */
  };
} FanoutColumn;

/** See <fanout/aggregate.h>. */
typedef struct FanoutAggregate FanoutAggregate;

/** Up to `batch` consecutive rows, as one aggregate gets them. */
typedef struct
{
  guint32 size;        /* sizeof (FanoutInput) */
  guint32 column_size; /* sizeof (FanoutColumn): from one column to the next */
  gsize n_rows;
  guint n_columns;
  const FanoutColumn *columns; /* in the order of the options of type column; see
                                  fanout_input_column() */
  const guint32 *ids;          /* the state of each row; NULL: all rows go to state 0 */
  const guint8 *skip;          /* NULL: take every row; else pass over the rows with skip[i] != 0,
                                  those with a null (never set for operators that take nulls) */
  guint64 first_row;           /* number of row 0 in the stream, from 0 */
  const guint64 *rows;         /* NULL: rows are numbered consecutively; else the number of each */
  FanoutAggregate *aggregate;
} FanoutInput;

/** Column `column` of the input, from 0. */
static inline const FanoutColumn *
fanout_input_column (const FanoutInput *input, guint column)
{
  return (const FanoutColumn *) (gconstpointer) ((const char *) input->columns
                                                 + (gsize) column * input->column_size);
}

/** Number of row `i` in the stream: increases with position, the same whatever the partitions. */
static inline guint64
fanout_input_row (const FanoutInput *input, gsize i)
{
  return input->rows != NULL ? input->rows[i] : input->first_row + i;
}

/** Value `i` of a PLAIN or MIXED column; not one that is null. */
static inline FanoutNumber
fanout_column_number (const FanoutColumn *column, gsize i)
{
  FanoutNumber number;
  number.mantissa = column->mantissa[i];
  number.scale = column->form == FANOUT_FORM_PLAIN ? column->scale : column->scales[i];
  return number;
}

G_END_DECLS
