/* Writes ROWS bids of the shape of NEXMark's, as CSV with a header: RATE (1000) of them a second,
   most on the auction and of the bidder that are just then in favour, one in eight up to three
   seconds late.  The same arguments always give the same bytes.  */

#include "text.h"

enum
{
  LONGEST_ROW = 400,
  BEGIN = 1751356780, /* 2025-07-01 07:59:40 */
  IN_FAVOUR = 100,    /* an auction or bidder is, until so many later ones are there */
  BIDDERS = 1000,     /* are about at a time */
};

static const char header[] = "auction,bidder,price,channel,url,dateTime,extra\n";
static const char *const channels[] = { "Google", "Facebook", "Baidu", "Apple" };

/* From one to a million dollars, in cents, as many below ten as between ten and a hundred ...  */
static uint32_t
draw_price (Random *random)
{
  uint32_t least = 100;

  for (uint32_t i = random_below (random, 6); i > 0; i--)
    least *= 10;
  return least + random_below (random, 9 * least);
}

static char *
put_letters (char *out, Random *random, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    *out++ = (char) ('a' + random_below (random, 26));
  return out;
}

static char *
put_channel (char *out, Random *random)
{
  uint32_t channel;

  if (random_below (random, 2) == 0)
    {
      const char *name = channels[random_below (random, 4)];

      out = put_text (out, name);
      return put_text (put_text (out, ",https://www.nexmark.example/"), name);
    }
  channel = random_below (random, 10000);
  out = put_number (put_text (out, "channel-"), channel);
  out = put_text (out, ",https://www.nexmark.example/");
  out = put_letters (out, random, 4);
  *out++ = '/';
  out = put_letters (out, random, 5);
  return put_number (put_text (out, "/item.htm?query=1&channel_id="), channel);
}

int
main (int argc, char **argv)
{
  Random random = { 20250701 };
  uint64_t rows, rate;

  if (argc < 2 || argc > 3)
    give_up ("usage: bench-data-bids ROWS [RATE] >FILE");
  rows = count_argument (argv[1]);
  rate = argc > 2 ? count_argument (argv[2]) : 1000;
  output_end (put_text (output_room (sizeof header), header));
  for (uint64_t row = 0; row < rows; row++)
    {
      /* Of 50 events 46 are bids, three are new auctions and one is a new person.  */
      const uint64_t auctions = row / 46 * 3 + IN_FAVOUR, people = row / 46 + BIDDERS;
      const uint64_t auction = random_below (&random, 2) == 0
                                   ? auctions / IN_FAVOUR * IN_FAVOUR
                                   : auctions - random_below (&random, IN_FAVOUR);
      const uint64_t bidder = random_below (&random, 4) > 0
                                  ? people / IN_FAVOUR * IN_FAVOUR + 1
                                  : people - random_below (&random, BIDDERS);
      const uint32_t late = random_below (&random, 8) == 0 ? random_below (&random, 3000) : 0;
      const uint64_t time = UINT64_C (1000) * BEGIN + 3000 + row * 1000 / rate - late;
      char *out = output_room (LONGEST_ROW);

      out = put_number (out, 1000 + auction);
      *out++ = ',';
      out = put_number (out, 1000 + bidder);
      *out++ = ',';
      out = put_number (out, draw_price (&random));
      *out++ = ',';
      out = put_channel (out, &random);
      *out++ = ',';
      out = put_date (out, (uint32_t) (time / 86400000));
      *out++ = ' ';
      out = put_clock (out, (uint32_t) (time / 1000 % 86400));
      *out++ = '.';
      out = put_padded (out, time % 1000, 3);
      *out++ = ',';
      out = put_letters (out, &random, 20 + random_below (&random, 40));
      *out++ = '\n';
      output_end (out);
    }
  output_flush ();
  return 0;
}
