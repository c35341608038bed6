#include "parts.h"

typedef struct
{
  gint column;
} Options;

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator no_stride = {
  .size = sizeof no_stride,
  .name = "no-stride",
  .options_size = sizeof (Options),
  .options = options,
  .state_size = 8,
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&no_stride);
