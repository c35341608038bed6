#include "core/result/private.h"
#include "core/base/memory.h"
#include "core/result/items.h"

#include <fanout/kept.h>
#include <string.h>

/* Depths of a result column. */
enum
{
  DEPTH_VALUE = 0,
  DEPTH_CLASS = 1, /* as DEPTH_VALUE, after the classes of values have been told apart */
  DEPTH_RANK = 2,  /* ranks of values whose words are equal */
};

enum
{
  CLASS_NUMBER,
  CLASS_TEXT,
  CLASS_LIST,
};

/* A value, which a text of a column of numbers becomes; its own text is kept then. */
typedef struct
{
  FanoutValue value;
  FanoutText text;
  gsize index;
} Indexed;

typedef void (*See) (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index);

/* Finish the states of the items and show each its value. */
static gboolean
each (FanoutResultColumn *column, FanoutOrderItem *items, gsize n, See see, gpointer data)
{
  FanoutResult *result = column->result;
  const gboolean computed = column->part == result->plan.n_parts;
  guint32 ids[1024];
  const gsize chunk = MIN (result->chunk, G_N_ELEMENTS (ids));

  for (gsize done = 0; done < n;)
    {
      const gsize size = MIN (n - done, chunk);

      for (gsize i = 0; i < size; i++)
        ids[i] = items[done + i].id;
      if (computed ? !fanout_result_compute (result, column->column, ids, size, &column->error)
                   : !fanout_result_finish (result, column->part, ids, size, &column->error))
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

static gboolean
parse (const FanoutValue *value, FanoutNumber *number, FanoutWide *room)
{
  return value->kind == FANOUT_VALUE_TEXT
         && fanout_number_parse_wide (value->text.data, value->text.length, number, room, NULL);
}

/* What is known of the column, and of the items at hand. */
typedef struct
{
  FanoutResultColumn *column;
  guint classes;
  gboolean texts; /* are among them, or in lists */
} Seen;

/* Texts that are all numbers are compared as these. */
static void
see_texts (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  FanoutResultColumn *column = ((Seen *) data)->column;
  FanoutNumber number;
  FanoutWide room;

  (void) item;
  (void) index;
  if (!column->numeric || value->kind == FANOUT_VALUE_NULL)
    return;
  column->numeric = value->kind == FANOUT_VALUE_LIST ? fanout_list_is_numbers (&value->text)
                                                     : parse (value, &number, &room);
}

static void
see_number (const FanoutNumber *number, FanoutOrderItem *item)
{
  const gint64 exact = G_GINT64_CONSTANT (1) << 53;

  item->word = fanout_order_double (fanout_number_to_double (*number));
  if (!fanout_number_is_double (*number) && (number->scale != 0 || ABS (number->mantissa) > exact))
    item->next = DEPTH_RANK;
}

/* Of a list the first item is seen, if that is a number; others come after it. */
static void
see_list (const FanoutText *list, gboolean numeric, FanoutOrderItem *item)
{
  const gsize quote = numeric && list->length > 1 && list->data[1] == '"';
  const gsize first = 1 + quote;
  gsize end = first;
  FanoutNumber number;

  while (end < list->length && list->data[end] != ',' && list->data[end] != ']')
    end++;
  item->next = DEPTH_RANK;
  if (list->length < 2 || list->data[1] == ']')
    item->word = 0;
  else if (fanout_number_parse (list->data + first, end - quote - first, &number, NULL))
    item->word = fanout_order_double (fanout_number_to_double (number));
  else
    item->word = FANOUT_ORDER_NULL - 1;
}

static void
see_value (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  Seen *seen = data;
  FanoutNumber number;
  FanoutWide room;
  gboolean more;

  (void) index;
  item->next = 0;
  item->word = FANOUT_ORDER_NULL;
  if (value->kind == FANOUT_VALUE_NULL)
    return;
  seen->classes |= 1u << class_of (value);
  seen->texts = seen->texts || value->kind == FANOUT_VALUE_TEXT
                || (value->kind == FANOUT_VALUE_LIST && fanout_list_has_texts (&value->text));
  if (value->kind == FANOUT_VALUE_LIST)
    see_list (&value->text, seen->column->numeric, item);
  else if (value->kind == FANOUT_VALUE_DOUBLE)
    item->word = fanout_order_double (value->real);
  else if (value->kind == FANOUT_VALUE_DECIMAL)
    {
      if (fanout_decimal_get_number (&value->decimal, &number))
        see_number (&number, item);
      else
        {
          item->word = fanout_order_double (fanout_decimal_get_double (&value->decimal));
          item->next = DEPTH_RANK;
        }
    }
  else if (seen->column->numeric && parse (value, &number, &room))
    {
      see_number (&number, item);
      item->next = DEPTH_RANK;
    }
  else
    {
      item->word = fanout_order_text (&value->text, 0, &more);
      item->next = more ? DEPTH_RANK : 0;
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

/* Ranks: the values are looked at once more, and kept where they are not all the same. */
typedef struct
{
  FanoutResultColumn *column;
  Indexed *all;
  gsize n_same; /* as the first */
  gsize n_bytes;
  char *bytes; /* all texts */
} Ranks;

static gboolean
has_text (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT || value->kind == FANOUT_VALUE_LIST;
}

static void
see_same (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  Ranks *ranks = data;
  Indexed *first = ranks->all;

  item->word = 0;
  item->next = 0;
  if (has_text (value))
    ranks->n_bytes += value->text.length;
  if (index == 0)
    {
      first->value = *value;
      if (has_text (value))
        first->value.text.data = g_memdup2 (value->text.data, value->text.length);
    }
  ranks->n_same += fanout_value_compare (&first->value, value) == 0;
}

static void
see_all (gpointer data, const FanoutValue *value, FanoutOrderItem *item, gsize index)
{
  Ranks *ranks = data;
  Indexed *one = &ranks->all[index];
  FanoutNumber number;
  FanoutWide room;

  (void) item;
  one->value = *value;
  one->index = index;
  if (!has_text (value))
    return;
  if (value->text.length > 0)
    memcpy (ranks->bytes, value->text.data, value->text.length);
  one->text = (FanoutText){ ranks->bytes, value->text.length };
  ranks->bytes += value->text.length;
  one->value.text = one->text;
  if (!ranks->column->numeric || !parse (value, &number, &room))
    return;
  one->value.kind = FANOUT_VALUE_DOUBLE;
  one->value.real = number.real;
  if (fanout_decimal_set_number (&one->value.decimal, number))
    one->value.kind = FANOUT_VALUE_DECIMAL;
}

static gint
compare_indexed (gconstpointer a_, gconstpointer b_, gpointer data)
{
  const Indexed *a = a_;
  const Indexed *b = b_;
  const FanoutResultColumn *column = data;
  const gboolean lists = a->value.kind == FANOUT_VALUE_LIST && b->value.kind == FANOUT_VALUE_LIST;
  const gint order = lists && column->numeric ? fanout_lists_compare_numbers (&a->value, &b->value)
                                              : fanout_value_compare (&a->value, &b->value);

  return order != 0 ? order : fanout_text_compare (a->text, b->text);
}

static gboolean
rank_all (FanoutResultColumn *column, FanoutOrderItem *items, gsize n, gsize n_bytes)
{
  FanoutMemory *memory = column->result->plan.memory;
  Ranks ranks = { .column = column,
                  .all = fanout_allocate (memory, n * sizeof *ranks.all),
                  .bytes = fanout_allocate (memory, n_bytes) };
  char *const bytes = ranks.bytes;
  const gboolean ok = each (column, items, n, see_all, &ranks);
  guint64 rank = 0;

  if (ok)
    g_qsort_with_data (ranks.all, (gint) n, sizeof *ranks.all, compare_indexed, column);
  for (gsize i = 1; ok && i < n; i++)
    {
      rank += compare_indexed (&ranks.all[i - 1], &ranks.all[i], column) != 0;
      items[ranks.all[i].index].word = rank;
    }
  fanout_release (memory, ranks.all, n * sizeof *ranks.all);
  fanout_release (memory, bytes, n_bytes);
  return ok;
}

static gboolean
load_ranks (FanoutResultColumn *column, FanoutOrderItem *items, gsize n)
{
  Indexed first = { .index = 0 };
  Ranks ranks = { .column = column, .all = &first };
  const gboolean ok = each (column, items, n, see_same, &ranks);

  if (has_text (&first.value))
    g_free ((char *) first.value.text.data);
  return ok && (ranks.n_same == n || rank_all (column, items, n, ranks.n_bytes));
}

/* Whether all texts of the column are numbers is a matter of all groups that are left. */
static gboolean
inspect (FanoutResultColumn *column)
{
  const guint64 n = fanout_result_n_left (column->result);
  FanoutOrderItem items[256];
  guint32 room[G_N_ELEMENTS (items)];
  Seen seen = { .column = column };

  column->known = TRUE;
  column->numeric = TRUE;
  for (guint64 done = 0; done < n && column->numeric;)
    {
      const gsize size = (gsize) MIN (n - done, G_N_ELEMENTS (items));
      const guint32 *ids = fanout_result_ids (column->result, done, size, room);

      for (gsize i = 0; i < size; i++)
        items[i].id = ids[i];
      if (!each (column, items, size, see_texts, &seen))
        return FALSE;
      done += size;
    }
  return TRUE;
}

gboolean
fanout_result_load (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth)
{
  FanoutResultColumn *column = data;
  Seen seen = { .column = column };

  if (depth == DEPTH_RANK)
    return load_ranks (column, items, n);
  if (!each (column, items, n, see_value, &seen))
    return FALSE;
  if (seen.texts && !column->known)
    {
      if (!inspect (column) || (column->numeric && !each (column, items, n, see_value, &seen)))
        return FALSE;
    }
  if (depth == DEPTH_VALUE && (seen.classes & (seen.classes - 1)) != 0)
    return each (column, items, n, see_class, NULL);
  return TRUE;
}
