/* Writes ROWS events of a social network as JSON lines, some 480 bytes each, of the shape of those
   of JSONBench: likes, posts, reposts, follows and blocks, few that are taken back, few about
   accounts; in the order of their times.  The same argument always gives the same bytes.  */

#include "text.h"

#include <stdbool.h>

enum
{
  LONGEST_ROW = 4096,
  SPAN = 86400, /* seconds */
};

static const uint64_t begin = UINT64_C (1732147200000000); /* 2024-11-21, microseconds */

typedef struct
{
  const char *name;
  uint32_t share; /* of 1000 */
} Collection;

static const Collection collections[] = {
  { "app.bsky.feed.like", 450 },       { "app.bsky.graph.follow", 270 },
  { "app.bsky.feed.post", 120 },       { "app.bsky.feed.repost", 90 },
  { "app.bsky.graph.block", 40 },      { "app.bsky.actor.profile", 15 },
  { "app.bsky.graph.listitem", 10 },   { "app.bsky.feed.threadgate", 3 },
  { "app.bsky.graph.starterpack", 2 },
};
static const char *const words[] = {
  "hello",      "today", "music", "cat",     "the",     "a",    "of",     "\\\"quoted\\\"",
  "caf\\u00e9", "日本",  "good",  "morning", "bluesky", "post", "really", "think",
  "new",        "\\n",   "time",  "people",  "❤️",  "is",
};
static const char *const languages[] = { "en", "en", "en", "ja", "pt", "de", "es" };

#define N(list)              (uint32_t) (sizeof list / sizeof list[0])
#define ONE_OF(list, random) list[random_below (random, N (list))]

static char *
put_base32 (char *out, Random *random, int length)
{
  static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

  for (int i = 0; i < length; i++)
    *out++ = digits[random_next (random) >> 59];
  return out;
}

static char *
put_user (char *out, uint32_t user)
{
  return put_base32 (put_text (out, "did:plc:"), &(Random){ random_of (1, user).state }, 24);
}

static char *
put_cid (char *out, Random *random)
{
  return put_base32 (put_text (out, "bafyrei"), random, 52);
}

static char *
put_instant (char *out, uint64_t microseconds)
{
  const uint64_t second = microseconds / 1000000;

  out = put_date (out, (uint32_t) (second / 86400));
  *out++ = 'T';
  out = put_clock (out, (uint32_t) (second % 86400));
  *out++ = '.';
  out = put_padded (out, microseconds / 1000 % 1000, 3);
  *out++ = 'Z';
  return out;
}

static uint32_t
draw_user (Random *random)
{
  return random_below (random, 3) == 0 ? random_zipf (random, 12) : random_below (random, 250000);
}

/* Another's post: its hash and address.  */
static char *
put_subject (char *out, Random *random)
{
  out = put_text (out, "{\"cid\":\"");
  out = put_cid (out, random);
  out = put_text (out, "\",\"uri\":\"at://");
  out = put_user (out, draw_user (random));
  out = put_text (out, "/app.bsky.feed.post/");
  out = put_base32 (out, random, 13);
  return put_text (out, "\"}");
}

static char *
put_post (char *out, Random *random)
{
  const uint32_t n = random_below (random, 40);

  out = put_text (out, ",\"langs\":[\"");
  out = put_text (out, ONE_OF (languages, random));
  out = put_text (out, "\"]");
  if (random_below (random, 2) == 0)
    {
      out = put_text (out, ",\"reply\":{\"parent\":");
      out = put_subject (out, random);
      out = put_text (out, ",\"root\":");
      out = put_subject (out, random);
      *out++ = '}';
    }
  out = put_text (out, ",\"text\":\"");
  for (uint32_t i = 0; i < n; i++)
    {
      out = put_text (out, i > 0 ? " " : "");
      out = put_text (out, ONE_OF (words, random));
    }
  return put_text (out, "\"");
}

static char *
put_record (char *out, Random *random, const char *collection, uint64_t time)
{
  out = put_text (out, ",\"record\":{\"$type\":\"");
  out = put_text (out, collection);
  out = put_text (out, "\",\"createdAt\":\"");
  out = put_instant (out, time - random_below (random, 5000000));
  out = put_text (out, "\"");
  if (strcmp (collection, "app.bsky.feed.post") == 0)
    out = put_post (out, random);
  else
    {
      out = put_text (out, ",\"subject\":");
      if (strncmp (collection, "app.bsky.feed.", 14) == 0)
        out = put_subject (out, random);
      else
        {
          *out++ = '"';
          out = put_user (out, draw_user (random));
          *out++ = '"';
        }
    }
  out = put_text (out, "},\"cid\":\"");
  out = put_cid (out, random);
  return put_text (out, "\"");
}

static const char *
draw_collection (Random *random)
{
  uint32_t share = random_below (random, 1000), i = 0;

  while (share >= collections[i].share)
    share -= collections[i++].share;
  return collections[i].name;
}

static char *
put_commit (char *out, Random *random, uint64_t time)
{
  const char *collection = draw_collection (random);
  const bool removed = random_below (random, 25) == 0;

  out = put_text (out, ",\"kind\":\"commit\",\"commit\":{\"rev\":\"");
  out = put_base32 (out, random, 13);
  out = put_text (out, "\",\"operation\":\"");
  out = put_text (out, removed ? "delete" : random_below (random, 100) == 0 ? "update" : "create");
  out = put_text (out, "\",\"collection\":\"");
  out = put_text (out, collection);
  out = put_text (out, "\",\"rkey\":\"");
  out = put_base32 (out, random, 13);
  out = put_text (out, "\"");
  if (!removed)
    out = put_record (out, random, collection, time);
  return put_text (out, "}");
}

static char *
put_account (char *out, Random *random, uint32_t user, uint64_t time)
{
  const char *kind = random_below (random, 2) == 0 ? "identity" : "account";

  out = put_text (out, ",\"kind\":\"");
  out = put_text (out, kind);
  out = put_text (out, "\",\"");
  out = put_text (out, kind);
  out = put_text (out, "\":{\"did\":\"");
  out = put_user (out, user);
  out = put_text (out, "\",\"seq\":");
  out = put_number (out, 1400000000 + random_below (random, 100000000));
  out = put_text (out, ",\"time\":\"");
  out = put_instant (out, time);
  return put_text (out, "\"}");
}

int
main (int argc, char **argv)
{
  Random random = { 20241121 };
  uint64_t rows;

  if (argc != 2)
    give_up ("usage: bench-data-events ROWS >FILE");
  rows = count_argument (argv[1]);
  for (uint64_t row = 0; row < rows; row++)
    {
      const uint64_t step = UINT64_C (1000000) * SPAN / rows;
      const uint64_t time = begin + row * step + random_below (&random, (uint32_t) step);
      const uint32_t user = draw_user (&random);
      char *out = output_room (LONGEST_ROW);

      out = put_text (out, "{\"did\":\"");
      out = put_user (out, user);
      out = put_text (out, "\",\"time_us\":");
      out = put_number (out, time);
      out = random_below (&random, 200) > 0 ? put_commit (out, &random, time)
                                            : put_account (out, &random, user, time);
      output_end (put_text (out, "}\n"));
    }
  output_flush ();
  return 0;
}
