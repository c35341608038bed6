#pragma once

/** The items of a list, which is the text of a JSON array. */

#include <fanout/sink.h>

/** What is left of a list, first behind its bracket. */
typedef struct
{
  const char *next;
  const char *end;
} FanoutItems;

/** Within an item that is a string, behind its quote: the next byte, or -1 at its end. */
gint fanout_items_byte (FanoutItems *string);

gboolean fanout_list_has_texts (const FanoutText *list);
/** Whether all of them are numbers. */
gboolean fanout_list_is_numbers (const FanoutText *list);
/** The order of lists of which that is true, item by item, by value; equal ones bytewise. */
gint fanout_lists_compare_numbers (const FanoutValue *a, const FanoutValue *b);

typedef void (*FanoutRowsDo) (gpointer data, const FanoutRows *rows);

/**
 * Call `do_` for the rows that come of `rows` when each item of a list gets a row of its own: the
 * lists of a row side by side, all else again and again. Where a list has ended or is empty there
 * is null. `out` keeps what items are made of until it is reset.
 */
void fanout_items_to_rows (const FanoutRows *rows, FanoutOut *out, FanoutRowsDo do_, gpointer data);
