/* Writes the data set G1_ROWS_1e2 of the h2o.ai (now DuckDB Labs) group-by benchmark on standard
   output: three text keys and three integer keys, two of each with 100 values and one with
   ROWS / 100, and the values v1 (1..5), v2 (1..15) and v3 (0..100, six decimals).  The same
   argument always gives the same bytes.  */

#include "text.h"

enum
{
  FEW = 100,
  LONGEST_ROW = 96,
};

static char *
put_id (char *out, uint32_t n, int width)
{
  memcpy (out, "id", 2);
  return put_padded (out + 2, n, width);
}

int
main (int argc, char **argv)
{
  static const char header[] = "id1,id2,id3,id4,id5,id6,v1,v2,v3\n";
  Random random = { 20240102 };
  uint64_t rows;
  uint32_t many;

  if (argc != 2)
    give_up ("usage: bench-groupby ROWS >FILE");
  rows = count_argument (argv[1]);
  if (rows < FEW)
    give_up ("at least 100 rows");
  many = (uint32_t) (rows / FEW);

  memcpy (output_room (LONGEST_ROW), header, sizeof header - 1);
  output_end (output_at + sizeof header - 1);
  for (uint64_t i = 0; i < rows; i++)
    {
      char *row = output_room (LONGEST_ROW);
      uint32_t millionths;

      row = put_id (row, 1 + random_below (&random, FEW), 3);
      *row++ = ',';
      row = put_id (row, 1 + random_below (&random, FEW), 3);
      *row++ = ',';
      row = put_id (row, 1 + random_below (&random, many), 10);
      *row++ = ',';
      row = put_number (row, 1 + random_below (&random, FEW));
      *row++ = ',';
      row = put_number (row, 1 + random_below (&random, FEW));
      *row++ = ',';
      row = put_number (row, 1 + random_below (&random, many));
      *row++ = ',';
      row = put_number (row, 1 + random_below (&random, 5));
      *row++ = ',';
      row = put_number (row, 1 + random_below (&random, 15));
      *row++ = ',';
      millionths = random_below (&random, 100000000);
      row = put_number (row, millionths / 1000000);
      *row++ = '.';
      row = put_padded (row, millionths % 1000000, 6);
      *row++ = '\n';
      output_end (row);
    }
  output_flush ();
  return 0;
}
