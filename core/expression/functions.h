#pragma once

/** The functions of expressions: one table, from which the program, the messages and the manual
 * come. */

#include "core/expression/private.h"

/** How an argument is taken. */
typedef enum
{
  FANOUT_ARGUMENT_NUMBER = 'n', /* a number or a time */
  FANOUT_ARGUMENT_TEXT = 't',
  FANOUT_ARGUMENT_CONDITION = 'c',
  FANOUT_ARGUMENT_WRITTEN = 'w', /* as text, whatever it is */
  FANOUT_ARGUMENT_READ = 'r',    /* as it is; a column as text */
  FANOUT_ARGUMENT_TAKEN = 'v',   /* as it is; a column or a condition as text */
  FANOUT_ARGUMENT_ALIKE = 'a',   /* of the same kind as the other ones so marked */
  FANOUT_ARGUMENT_LITERAL = 'l', /* a text in quotes of either kind; no operand */
  FANOUT_ARGUMENT_WIDTH = 'd',   /* a number or a span of the calendar, not computed; no operand */
  FANOUT_ARGUMENT_GROUP = 'g',   /* the number or 'name' of a group; no operand */
  FANOUT_ARGUMENT_SUMMED = 's',  /* a number of each row, whose sum over all rows is the result */
} FanoutArgument;

typedef struct FanoutFunction FanoutFunction;

/** What the operation of a call shall be, with what is not computed row by row. */
typedef struct
{
  const FanoutOperation *operation;
  FanoutVectorKind kind;
  gpointer payload;
  GDestroyNotify free_payload;
  char *key; /* owned; NULL: there is no payload */
} FanoutCall;

struct FanoutFunction
{
  const char *name;
  /** An argument a letter; those behind `|` may be missing, `*` repeats the last one. */
  const char *arguments;
  FanoutVectorKind kind; /* of the result; FREE: that of the arguments 'a' */
  const FanoutOperation *operation;
  /** Chooses the operation by what is known at the start (nullable). `kinds` has the kind of each
   * argument. FALSE with `error` and `wrong`, the argument to blame. */
  gboolean (*prepare) (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made,
                       guint *wrong, GError **error);
  const char *usage; /* how a call is written: "bucket(x, width[, zone])" */
  const char *help;  /* one line, lower case, no full stop */
  const char *example;
  const char *result; /* of the example, as text */
};

/** Ends with a name of NULL. */
FANOUT_API extern const FanoutFunction fanout_functions[];

FANOUT_API const FanoutFunction *fanout_function_find (const char *name);

/** Whether it tells of the row's place in the input, not of its values; `function` may be NULL. */
gboolean fanout_function_is_of_input (const FanoutFunction *function);

/** What we have in place of a function of this name elsewhere: "length(x)"; NULL. */
FANOUT_API const char *fanout_function_elsewhere (const char *name);
