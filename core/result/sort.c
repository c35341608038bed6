#include "core/result/private.h"
#include "core/base/memory.h"
#include <string.h>

/* Depths of a result column. Texts go on with windows from DEPTH_TEXT. */
enum
{
  DEPTH_VALUE = 0,
  DEPTH_CLASS = 1, /* as DEPTH_VALUE, after the classes of values have been told apart */
  DEPTH_EXACT = 2, /* ranks of numbers whose nearest doubles are equal */
  DEPTH_TEXT = 3,  /* from the second window on */
};

enum
{
  CLASS_NUMBER,
  CLASS_TEXT,
  CLASS_LIST,
};

typedef struct
{
  FanoutValue value;
  gsize index;
} Indexed;

typedef void (*See) (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index);

/* Finish the states of the items and show each its value. */
static gboolean
each (FanoutResultColumn *column, FanoutOrderItem *items, gsize n, See see, gpointer data)
{
  FanoutResult *result = column->result;
  guint32 ids[1024];
  const gsize chunk = MIN (result->chunk, G_N_ELEMENTS (ids));

  for (gsize done = 0; done < n;)
    {
      const gsize size = MIN (n - done, chunk);

      for (gsize i = 0; i < size; i++)
        ids[i] = items[done + i].id;
      if (!fanout_result_finish (result, column->part, ids, size, &column->error))
        return FALSE;
      for (gsize i = 0; i < size; i++)
        see (data, fanout_out_row (&result->out, i) + column->column, &items[done + i], done + i);
      done += size;
    }
  return TRUE;
}

static guint
class_of (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT   ? CLASS_TEXT
         : value->kind == FANOUT_VALUE_LIST ? CLASS_LIST
                                            : CLASS_NUMBER;
}

static void
see_number (const FanoutValue *value, FanoutOrderItem *item)
{
  FanoutNumber number;
  double real;

  item->next = 0;
  if (value->kind == FANOUT_VALUE_DOUBLE)
    real = value->real;
  else
    {
      const gint64 exact = G_GINT64_CONSTANT (1) << 53;
      const gboolean fits = fanout_decimal_get_number (&value->decimal, &number);

      real = fits ? fanout_number_to_double (number) : fanout_decimal_get_double (&value->decimal);
      if (!fits || number.scale != 0 || ABS (number.mantissa) > exact)
        item->next = DEPTH_EXACT;
    }
  item->word = fanout_order_double (real);
}

static void
see_value (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  guint *classes = data;
  gboolean more;

  (void) index;
  item->next = 0;
  item->word = FANOUT_ORDER_NULL;
  if (value->kind == FANOUT_VALUE_NULL)
    return;
  *classes |= 1u << class_of (value);
  if (class_of (value) == CLASS_NUMBER)
    see_number (value, item);
  else
    {
      item->word = fanout_order_text (&value->text, 0, &more);
      item->next = more ? DEPTH_TEXT : 0;
    }
}

static void
see_class (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  (void) data;
  (void) index;
  item->next = value->kind == FANOUT_VALUE_NULL ? 0 : DEPTH_CLASS;
  item->word = value->kind == FANOUT_VALUE_NULL ? FANOUT_ORDER_NULL : class_of (value);
}

static void
see_window (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  const guint32 depth = *(const guint32 *) data;
  gboolean more;

  (void) index;
  item->word = fanout_order_text (&value->text, depth - DEPTH_TEXT + 1, &more);
  item->next = more ? depth + 1 : 0;
}

static void
see_same (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  Indexed *first = data; /* `index` counts those that are equal to it */

  item->word = 0;
  item->next = 0;
  if (index == 0)
    first->value = *value;
  first->index += fanout_value_compare (&first->value, value) == 0;
}

static void
see_all (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  Indexed *all = data;

  (void) item;
  all[index].value = *value;
  all[index].index = index;
}

static gint
compare_indexed (gconstpointer a, gconstpointer b, gpointer data)
{
  (void) data;
  return fanout_value_compare (&((const Indexed *) a)->value, &((const Indexed *) b)->value);
}

/* Numbers hold no texts, so they can be kept for a while. */
static gboolean
load_exact (FanoutResultColumn *column, FanoutOrderItem *items, gsize n)
{
  FanoutMemory *memory = column->result->plan.memory;
  Indexed first = { .index = 0 };
  Indexed *all;
  gboolean ok;

  if (!each (column, items, n, see_same, &first))
    return FALSE;
  if (first.index == n)
    return TRUE;
  all = fanout_allocate (memory, n * sizeof *all);
  ok = each (column, items, n, see_all, all);
  if (ok)
    {
      guint64 rank = 0;

      g_qsort_with_data (all, (gint) n, sizeof *all, compare_indexed, NULL);
      for (gsize i = 1; i < n; i++)
        {
          rank += compare_indexed (&all[i - 1], &all[i], NULL) != 0;
          items[all[i].index].word = rank;
        }
    }
  fanout_release (memory, all, n * sizeof *all);
  return ok;
}

gboolean
fanout_result_load (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth)
{
  FanoutResultColumn *column = data;
  guint classes = 0;

  if (depth == DEPTH_EXACT)
    return load_exact (column, items, n);
  if (depth >= DEPTH_TEXT)
    return each (column, items, n, see_window, &depth);
  if (!each (column, items, n, see_value, &classes))
    return FALSE;
  if (depth == DEPTH_VALUE && (classes & (classes - 1)) != 0)
    return each (column, items, n, see_class, NULL);
  return TRUE;
}
