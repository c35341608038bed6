/* Writes ROWS lines of a service's log on standard output: as JSON, some 280 bytes each, or as a
   web server writes them (combined), some 180.  The same arguments always give the same bytes.  */

#include "random.h"

#include <string.h>

enum
{
  LONGEST_ROW = 600,
};

static const char *const agents[] = {
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
  "curl/8.9.1",
  "ExampleBot/2.1 (+https://example.org/bot.html)",
};
static const char *const levels[] = { "info", "info", "info", "warn", "error" };
static const char *const services[] = { "api", "web", "auth" };
static const char *const methods[] = { "GET", "GET", "GET", "POST" };
static const unsigned statuses[] = { 200, 200, 200, 200, 304, 404, 500 };

#define PICK(from) from[random_below (random, sizeof from / sizeof from[0])]

static int
put_json (char *out, Random *random, unsigned second)
{
  const char *level = PICK (levels);
  const char *service = PICK (services);
  const unsigned host = random_below (random, 20);
  const char *method = PICK (methods);
  const unsigned item = random_below (random, 100000);
  const unsigned status = PICK (statuses);
  const unsigned bytes = random_below (random, 100000);
  const unsigned latency = random_below (random, 20000);
  const unsigned user = random_below (random, 10000);
  const char *agent = PICK (agents);

  return sprintf (out,
                  "{\"ts\":\"2026-01-01T%02u:%02u:%02uZ\",\"level\":\"%s\",\"service\":\"%s\","
                  "\"host\":\"web-%02u\",\"method\":\"%s\",\"path\":\"/v1/items/%u\","
                  "\"status\":%u,\"bytes\":%u,\"latency\":%u.%04u,"
                  "\"user\":{\"id\":%u,\"name\":\"u%u\"},\"agent\":\"%s\",\"cached\":%s}\n",
                  second / 3600 % 24, second / 60 % 60, second % 60, level, service, host, method,
                  item, status, bytes, latency / 10000, latency % 10000, user, user, agent,
                  random_below (random, 2) == 0 ? "true" : "false");
}

static int
put_combined (char *out, Random *random, unsigned second)
{
  const unsigned host = random_below (random, 256);
  const char *method = PICK (methods);
  const unsigned item = random_below (random, 100000);
  const unsigned status = PICK (statuses);
  const unsigned bytes = random_below (random, 100000);
  const char *agent = PICK (agents);

  return sprintf (out,
                  "192.0.2.%u - - [01/Jan/2026:%02u:%02u:%02u +0000] \"%s /v1/items/%u HTTP/1.1\" "
                  "%u %u \"https://example.org/\" \"%s\"\n",
                  host, second / 3600 % 24, second / 60 % 60, second % 60, method, item, status,
                  bytes, agent);
}

int
main (int argc, char **argv)
{
  Random random = { 20260101 };
  int (*put) (char *, Random *, unsigned) = NULL;
  uint64_t rows;

  if (argc == 3)
    put = strcmp (argv[1], "json") == 0  ? put_json
          : strcmp (argv[1], "clf") == 0 ? put_combined
                                         : NULL;
  if (put == NULL)
    give_up ("usage: bench-data-logs json|clf ROWS >FILE");
  rows = count_argument (argv[2]);
  for (uint64_t row = 0; row < rows; row++)
    {
      char *out = output_room (LONGEST_ROW);

      output_end (out + put (out, &random, (unsigned) (row / 10)));
    }
  output_flush ();
  return 0;
}
