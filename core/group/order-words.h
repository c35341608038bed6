#pragma once

/** The words that groups are sorted by, and what gives them. */

#include <fanout/batch.h>

/** Word of a null, which is last whatever the direction; no other value has it. */
#define FANOUT_ORDER_NULL G_MAXUINT64

typedef struct
{
  guint64 word;
  guint32 id;   /* of the group */
  guint32 next; /* the depth at which groups with equal words may differ; 0: they are equal */
} FanoutOrderItem;

/** Set `word` and `next` of the items at `depth` (first 0, then a `next`). FALSE: failed. */
typedef gboolean (*FanoutOrderLoad) (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth);

/** One thing to compare by: a key column or, with `load`, something else. */
typedef struct
{
  FanoutOrderLoad load;
  gpointer data;
  guint key;
  gboolean descending;
} FanoutOrderLevel;

/** Sort items by their words, as far as the first `need` of them go. `threaded`: a thread may help,
 * where there are many. */
void fanout_order_words (FanoutOrderItem *items, gsize n, gsize need, gboolean threaded);

/** Word of the bytes of a text from 7 * `window` on, and whether it has more of them; the words of
 * equal texts are equal, and others have different words in some window. */
guint64 fanout_order_text (const FanoutText *text, gsize window, gboolean *more);

/** Words in the order of doubles; -0 is 0, nan is last. */
guint64 fanout_order_double (double value);
