#pragma once

/** Keys of groups that are made up, to be looked up in a table. */

#include <fanout/batch.h>

typedef struct
{
  guint n_keys;
  gsize room; /* rows */
  FanoutText *texts;
  guint8 *nulls;
  FanoutColumn *columns;
  const FanoutColumn **pointers; /* what fanout_table_ids() takes */
  GByteArray *arena;             /* of the texts, which point into it once all are there */
} FanoutKeyRows;

void fanout_key_rows_init (FanoutKeyRows *rows, guint n_keys, gsize room);
void fanout_key_rows_clear (FanoutKeyRows *rows);

void fanout_key_rows_begin (FanoutKeyRows *rows);
/** Every key of every row, in any order; the text is copied. */
void fanout_key_rows_put (FanoutKeyRows *rows, guint key, gsize row, FanoutText text,
                          gboolean null);
/** All of `n` rows are there. */
void fanout_key_rows_end (FanoutKeyRows *rows, gsize n);
