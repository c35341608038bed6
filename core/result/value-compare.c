#include "core/result/items.h"

#include <fanout/kept.h>
#include <fanout/value.h>
#include <string.h>

/* Classes of values, and of what stands in a list, in their order. */
enum
{
  CLASS_NUMBER = 0,
  CLASS_TEXT,
  CLASS_LIST,
  CLASS_NULL,
};

static gint
sign (gint order)
{
  return (order > 0) - (order < 0);
}

static gboolean
at (const FanoutItems *items, char c)
{
  return items->next < items->end && *items->next == c;
}

static gint
compare_strings (FanoutItems *a, FanoutItems *b)
{
  gint x;
  gint y;

  a->next++;
  b->next++;
  do
    {
      x = fanout_items_byte (a);
      y = fanout_items_byte (b);
    }
  while (x == y && x >= 0);
  return x - y;
}

/* In quotes or not. */
static FanoutNumber
next_number (FanoutItems *items, FanoutWide *room)
{
  const gboolean quoted = at (items, '"');
  const char *const start = items->next + quoted;
  FanoutNumber number = { .mantissa = 0, .scale = 0 };

  while (items->next < items->end && *items->next != ',' && *items->next != ']')
    items->next++;
  fanout_number_parse_wide (start, (gsize) (items->next - quoted - start), &number, room, NULL);
  return number;
}

static gint
class_of_item (const FanoutItems *items, gboolean numbers)
{
  return at (items, '"')   ? numbers ? CLASS_NUMBER : CLASS_TEXT
         : at (items, '[') ? CLASS_LIST
         : at (items, 'n') ? CLASS_NULL
                           : CLASS_NUMBER;
}

/* Equal items are passed over; where they differ it does not matter what is left. */
static gint
compare_items (FanoutItems *a, FanoutItems *b, gboolean numbers)
{
  const gint class = class_of_item (a, numbers);
  FanoutWide rooms[2];

  if (class != class_of_item (b, numbers))
    return class - class_of_item (b, numbers);
  if (class == CLASS_NUMBER)
    return fanout_number_compare (next_number (a, &rooms[0]), next_number (b, &rooms[1]));
  if (class == CLASS_TEXT)
    {
      const gint order = compare_strings (a, b);

      a->next++;
      b->next++;
      return order;
    }
  a->next += strlen ("null");
  b->next += strlen ("null");
  return 0;
}

/* Item by item; one that ends comes first. */
static gint
compare_lists (FanoutItems a, FanoutItems b, gboolean numbers)
{
  while (a.next < a.end && b.next < b.end)
    {
      const char c = *a.next;
      gint order;

      if (c == *b.next && (c == '[' || c == ',' || c == ']'))
        {
          a.next++;
          b.next++;
          continue;
        }
      if (c == ']' || *b.next == ']')
        return c == ']' ? -1 : 1;
      order = compare_items (&a, &b, numbers);
      if (order != 0)
        return order;
    }
  return 0;
}

static gint
class_of (FanoutValueKind kind)
{
  switch (kind)
    {
    case FANOUT_VALUE_DECIMAL:
    case FANOUT_VALUE_DOUBLE:
      return CLASS_NUMBER;
    case FANOUT_VALUE_TEXT:
      return CLASS_TEXT;
    case FANOUT_VALUE_LIST:
      return CLASS_LIST;
    case FANOUT_VALUE_NULL:
    default:
      return CLASS_NULL;
    }
}

static gint
compare_texts (const FanoutValue *a, const FanoutValue *b, gboolean numbers)
{
  const FanoutText x = a->text;
  const FanoutText y = b->text;
  gint order = 0;

  if (a->kind == FANOUT_VALUE_LIST && x.length > 0 && y.length > 0 && x.data[0] == '['
      && y.data[0] == '[')
    order = compare_lists ((FanoutItems){ x.data, x.data + x.length },
                           (FanoutItems){ y.data, y.data + y.length }, numbers);
  return order != 0 ? order : fanout_text_compare (x, y);
}

gint
fanout_value_compare (const FanoutValue *a, const FanoutValue *b)
{
  const gint classes = class_of (a->kind) - class_of (b->kind);

  if (classes != 0)
    return sign (classes);
  if (a->kind == FANOUT_VALUE_NULL)
    return 0;
  if (a->kind == FANOUT_VALUE_TEXT || a->kind == FANOUT_VALUE_LIST)
    return sign (compare_texts (a, b, FALSE));
  if (a->kind == FANOUT_VALUE_DECIMAL && b->kind == FANOUT_VALUE_DECIMAL)
    return fanout_decimal_compare (&a->decimal, &b->decimal);
  if (a->kind == FANOUT_VALUE_DECIMAL)
    return fanout_decimal_compare_double (&a->decimal, b->real);
  if (b->kind == FANOUT_VALUE_DECIMAL)
    return -fanout_decimal_compare_double (&b->decimal, a->real);
  return fanout_number_compare (fanout_number_double (a->real), fanout_number_double (b->real));
}

gint
fanout_lists_compare_numbers (const FanoutValue *a, const FanoutValue *b)
{
  return sign (compare_texts (a, b, TRUE));
}

gboolean
fanout_list_has_texts (const FanoutText *list)
{
  return memchr (list->data, '"', list->length) != NULL;
}

gboolean
fanout_list_is_numbers (const FanoutText *list)
{
  const char *const end = list->data + list->length;
  const char *next = list->data;

  while ((next = memchr (next, '"', (gsize) (end - next))) != NULL)
    {
      const char *const start = next + 1;
      FanoutNumber number;

      next = memchr (start, '"', (gsize) (end - start));
      /* What is escaped is no number. */
      if (next == NULL || !fanout_number_parse (start, (gsize) (next - start), &number, NULL))
        return FALSE;
      next++;
    }
  return TRUE;
}
