/* Writes ROWS rows of TPC-H's lineitem.tbl: values, dates and prices by the rules of its
   specification, '|' behind each field, also the last.  The same argument always gives the same
   bytes.  */

#include "text.h"

enum
{
  LONGEST_ROW = 400,
  PARTS = 200000,
  SUPPLIERS = 10000,
  FIRST_ORDER = 8035,       /* 1992-01-01 */
  LAST_ORDER = 10591 - 151, /* 1998-12-31, and time to deliver */
  CURRENT = 9298,           /* 1995-06-17 */
};

static const char *const instructions[]
    = { "DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN" };
static const char *const modes[] = { "REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB" };
static const char *const words[] = {
  "carefully", "furiously", "quickly", "final",   "regular", "ironic",      "packages", "deposits",
  "requests",  "accounts",  "pending", "express", "bold",    "theodolites", "sleep",    "nag",
};

#define ONE_OF(list) list[random_below (random, sizeof list / sizeof list[0])]

static char *
put_hundredths (char *out, uint64_t n)
{
  out = put_number (out, n / 100);
  *out++ = '.';
  return put_padded (out, n % 100, 2);
}

static char *
put_item (char *out, Random *random, uint64_t order, uint32_t ordered, uint32_t line)
{
  const uint32_t part = 1 + random_below (random, PARTS);
  const uint32_t quantity = 1 + random_below (random, 50);
  const uint32_t price = 90000 + part / 10 % 20001 + 100 * (part % 1000);
  const uint32_t discount = random_below (random, 11), tax = random_below (random, 9);
  const uint32_t shipped = ordered + 1 + random_below (random, 121);
  const uint32_t committed = ordered + 30 + random_below (random, 61);
  const uint32_t received = shipped + 1 + random_below (random, 30);
  const uint32_t returned = random_below (random, 2), n_words = 2 + random_below (random, 4);

#define NEXT (*out++ = '|')
  out = put_number (out, order), NEXT;
  out = put_number (out, part), NEXT;
  out = put_number (out, 1 + random_below (random, SUPPLIERS)), NEXT;
  out = put_number (out, line), NEXT;
  out = put_number (out, quantity), NEXT;
  out = put_hundredths (out, (uint64_t) quantity * price), NEXT;
  out = put_hundredths (out, discount), NEXT;
  out = put_hundredths (out, tax), NEXT;
  out = put_text (out, received > CURRENT ? "N" : returned ? "R" : "A"), NEXT;
  out = put_text (out, shipped > CURRENT ? "O" : "F"), NEXT;
  out = put_date (out, shipped), NEXT;
  out = put_date (out, committed), NEXT;
  out = put_date (out, received), NEXT;
  out = put_text (out, ONE_OF (instructions)), NEXT;
  out = put_text (out, ONE_OF (modes)), NEXT;
  for (uint32_t i = 0; i < n_words; i++)
    {
      out = put_text (out, i > 0 ? " " : "");
      out = put_text (out, ONE_OF (words));
    }
  NEXT;
#undef NEXT
  *out++ = '\n';
  return out;
}

int
main (int argc, char **argv)
{
  Random random = { 19920101 };
  uint32_t line = 0, lines = 0, ordered = 0;
  uint64_t rows, order = 0;

  if (argc != 2)
    give_up ("usage: bench-data-lineitem ROWS >FILE");
  rows = count_argument (argv[1]);
  for (uint64_t row = 0; row < rows; row++)
    {
      if (line == lines)
        {
          line = 0;
          lines = 1 + random_below (&random, 7);
          ordered = FIRST_ORDER + random_below (&random, LAST_ORDER - FIRST_ORDER + 1);
          /* Of 32 keys of orders eight are used.  */
          order = order % 8 == 7 ? order + 25 : order + 1;
        }
      output_end (put_item (output_room (LONGEST_ROW), &random, order, ordered, ++line));
    }
  output_flush ();
  return 0;
}
