#include "core/kit/private.h"

#include <string.h>

#define RUBBISH 0xa5

typedef struct
{
  gpointer data;
  gsize size;
} Piece;

typedef struct
{
  FanoutFrame frame; /* first */
  FanoutFrameView view;
  GArray *pieces; /* of memory that it points to */
} Made;

/* The rows of a frame that is being made. */
typedef struct
{
  Made *made;
  const FanoutContractRows *rows;
  gsize first;
  gsize n;
  FanoutForms forms;
  GRand *random;
} Making;

/* Room that is the frame's own. */
static gpointer
take_room (const Making *making, gsize size)
{
  const Piece piece = { g_malloc0 (MAX (size, 1)), size };

  g_array_append_val (making->made->pieces, piece);
  return piece.data;
}

static gpointer
duplicate (const Making *making, gconstpointer data, gsize size)
{
  return memcpy (take_room (making, size), data, size);
}

static gint64
power_of_ten (guint exponent)
{
  gint64 power = 1;

  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* The same value with `zeros` more behind its digits, where there is room for them. */
static FanoutNumber
with_zeros (FanoutNumber x, guint zeros)
{
  FanoutNumber scaled = x;

  if (x.scale + zeros > FANOUT_SCALE_MAX
      || __builtin_mul_overflow (x.mantissa, power_of_ten (zeros), &scaled.mantissa))
    return x;
  scaled.scale = (guint8) (x.scale + zeros);
  return scaled;
}

/* Whether all numbers have one scale, `scale`, in common. */
static gboolean
have_scale (const Making *making, guint column, guint8 *scale)
{
  const FanoutNumber *numbers = making->rows->numbers[column] + making->first;
  const guint8 *nulls = making->rows->nulls[column] + making->first;
  guint8 largest = 0;

  for (gsize i = 0; i < making->n; i++)
    if (nulls[i])
      continue;
    else if (numbers[i].scale > FANOUT_SCALE_MAX)
      return FALSE;
    else
      largest = MAX (largest, numbers[i].scale);
  for (gsize i = 0; i < making->n; i++)
    if (!nulls[i] && with_zeros (numbers[i], largest - numbers[i].scale).scale != largest)
      return FALSE;
  *scale = largest;
  return TRUE;
}

static void
make_plain (const Making *making, guint column, FanoutColumn *out, guint8 scale)
{
  const FanoutNumber *numbers = making->rows->numbers[column] + making->first;
  const guint8 *nulls = making->rows->nulls[column] + making->first;
  gint64 *mantissas = take_room (making, making->n * sizeof (gint64));
  gboolean more = making->forms == FANOUT_FORMS_SCALED && scale < FANOUT_SCALE_MAX;

  for (gsize i = 0; i < making->n && more; i++)
    more = nulls[i]
           || with_zeros (numbers[i], scale + 1u - numbers[i].scale).scale == (guint8) (scale + 1);
  if (more)
    scale++;
  for (gsize i = 0; i < making->n; i++)
    mantissas[i] = nulls[i] ? (gint64) g_rand_int (making->random) * 1234567
                            : with_zeros (numbers[i], scale - numbers[i].scale).mantissa;
  out->form = FANOUT_FORM_PLAIN;
  out->scale = scale;
  out->mantissa = mantissas;
}

/* Who looks at it is to be found out by his results: it points nowhere. */
static guint8
rubbish_scale (const Making *making)
{
  const guint8 scale = (guint8) g_rand_int (making->random);

  return scale == FANOUT_SCALE_WIDE ? FANOUT_SCALE_DOUBLE : scale;
}

static void
make_mixed (const Making *making, guint column, gboolean wide, FanoutColumn *out)
{
  const FanoutNumber *numbers = making->rows->numbers[column] + making->first;
  const guint8 *nulls = making->rows->nulls[column] + making->first;
  gint64 *mantissas = take_room (making, making->n * sizeof (gint64));
  guint8 *scales = take_room (making, making->n * sizeof (guint8));

  for (gsize i = 0; i < making->n; i++)
    {
      FanoutNumber x = with_zeros (numbers[i], (guint) g_rand_int_range (making->random, 0, 3));

      /* Where it lies is gone with the frame. */
      if (fanout_number_is_wide (x))
        x = wide ? fanout_number_wide (duplicate (making, x.wide, sizeof *x.wide))
                 : fanout_number_narrow (x);

      mantissas[i] = nulls[i] ? (gint64) g_rand_int (making->random) : x.mantissa;
      scales[i] = nulls[i] ? rubbish_scale (making) : x.scale;
    }
  out->form = FANOUT_FORM_MIXED;
  out->mantissa = mantissas;
  out->scales = scales;
}

static void
make_double (const Making *making, guint column, FanoutColumn *out)
{
  const gsize first = making->first;
  double *reals = take_room (making, making->n * sizeof (double));

  for (gsize i = 0; i < making->n; i++)
    reals[i] = making->rows->nulls[column][first + i]
                   ? g_rand_double (making->random)
                   : fanout_number_to_double (making->rows->numbers[column][first + i]);
  out->form = FANOUT_FORM_DOUBLE;
  out->real = reals;
}

static void
make_text (const Making *making, guint column, FanoutColumn *out)
{
  static const char rubbish[] = "rubbish";
  const char *const nowhere = GSIZE_TO_POINTER (1);
  const gsize first = making->first;
  const guint8 *nulls = making->rows->nulls[column] + first;
  FanoutText *texts = take_room (making, making->n * sizeof (FanoutText));
  gsize size = 0;
  char *at;

  for (gsize i = 0; i < making->n; i++)
    {
      texts[i].length = nulls[i] ? strlen (rubbish) : making->rows->lengths[column][first + i];
      size += texts[i].length + 2 * FANOUT_CONTRACT_PADDING;
    }
  at = memset (take_room (making, size), '#', size);
  for (gsize i = 0; i < making->n; i++)
    {
      const char *text = making->rows->texts[column][first + i] + FANOUT_CONTRACT_PADDING;

      at += FANOUT_CONTRACT_PADDING;
      texts[i].data = memcpy (at, nulls[i] ? rubbish : text, texts[i].length);
      at += texts[i].length + FANOUT_CONTRACT_PADDING;
      /* In a run it is whatever was there before. */
      if (nulls[i] && g_rand_boolean (making->random))
        texts[i].data = nowhere;
    }
  out->form = FANOUT_FORM_TEXT;
  out->text = texts;
}

static void
make_nulls (const Making *making, guint column, FanoutColumn *out)
{
  const guint8 *nulls = making->rows->nulls[column] + making->first;
  gboolean any = making->forms == FANOUT_FORMS_SCALED;

  for (gsize i = 0; i < making->n; i++)
    any |= nulls[i] != 0;
  if (any)
    out->null = duplicate (making, nulls, making->n);
}

static void
make_column (const Making *making, guint column, FanoutTakes takes, FanoutColumn *out)
{
  guint8 scale;

  make_nulls (making, column, out);
  if (takes == FANOUT_TAKES_TEXT)
    make_text (making, column, out);
  else if (takes == FANOUT_TAKES_DOUBLE)
    make_double (making, column, out);
  else if (takes == FANOUT_TAKES_NUMBER || takes == FANOUT_TAKES_WIDE)
    {
      if (making->forms != FANOUT_FORMS_MIXED && have_scale (making, column, &scale))
        make_plain (making, column, out, scale);
      else
        make_mixed (making, column, takes == FANOUT_TAKES_WIDE, out);
    }
}

/* Numbers that count up need not be given. */
static gboolean
are_consecutive (const guint64 *numbers, gsize n)
{
  for (gsize i = 1; i < n; i++)
    if (numbers[i] != numbers[0] + i)
      return FALSE;
  return TRUE;
}

FanoutFrame *
fanout_contract_frame_new (const FanoutContractRows *rows, const FanoutOperatorInput *inputs,
                           gsize first, gsize n, gboolean grouped, FanoutForms forms, GRand *random)
{
  Made *made = g_new0 (Made, 1);
  FanoutFrame *frame = &made->frame;
  FanoutFrameView *view = &made->view;
  const guint64 *numbers = rows->numbers_of_rows + first;
  Making making = { made, rows, first, n, forms, random };
  FanoutColumn *columns;

  made->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  columns = take_room (&making, rows->n_columns * sizeof *columns);
  if (forms == FANOUT_FORMS_TURNS)
    making.forms = (FanoutForms) g_rand_int_range (random, 0, FANOUT_FORMS_TURNS);
  for (guint c = 0; c < rows->n_columns; c++)
    make_column (&making, c, inputs[c].takes, &columns[c]);
  view->columns = columns;
  if (grouped)
    {
      view->ids = duplicate (&making, rows->groups + first, n * sizeof *rows->groups);
      view->n_groups = rows->n_groups;
    }
  if (making.forms != FANOUT_FORMS_MIXED && are_consecutive (numbers, n))
    view->first_row = numbers[0];
  else
    view->rows = duplicate (&making, numbers, n * sizeof *numbers);
  frame->n_rows = n;
  frame->first_row = view->first_row;
  frame->rows = view->rows;
  frame->views = view;
  return frame;
}

void
fanout_contract_frame_spoil (FanoutFrame *frame)
{
  const GArray *pieces = ((Made *) frame)->pieces;

  for (guint i = 0; i < pieces->len; i++)
    memset (g_array_index (pieces, Piece, i).data, RUBBISH, g_array_index (pieces, Piece, i).size);
}

void
fanout_contract_frame_free (FanoutFrame *frame)
{
  GArray *pieces = ((Made *) frame)->pieces;

  for (guint i = 0; i < pieces->len; i++)
    g_free (g_array_index (pieces, Piece, i).data);
  g_array_unref (pieces);
  g_free (frame);
}
