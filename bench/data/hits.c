/* Writes ROWS rows of the shape of ClickBench's table `hits`, the pages that a web analytics
   service counted in July 2013, as CSV with a header: its 105 columns, texts and times in quotes.
   Users, sites, pages and search phrases are as skewed as there, most texts that are rare there are
   empty here too, and the values that its questions ask for occur.  The same argument always gives
   the same bytes.  */

#include "text.h"

#include <stdbool.h>

enum
{
  LONGEST_ROW = 8192,
  LONGEST_TEXT = 1000,
  BEGIN = 1372622400, /* 2013-06-30 20:00:00, midnight in Moscow */
  DAYS = 31,
  ZONE = 4 * 3600,
  MAIN_COUNTER = 62,
};

static const char main_page_hash[] = "2868770270353813622";
static const char main_referer_hash[] = "3594120000172545465";
static const char main_page[] = "http://afisha.example.ru/main";
static const char main_referer[] = "http://afisha.example.ru/today/";

static const char *const words[] = {
  "купить",   "скачать",    "фото",   "отзывы",  "цена",    "москва", "квартира", "онлайн",
  "смотреть", "бесплатно",  "сайт",   "новости", "погода",  "авто",   "работа",   "игры",
  "карта",    "расписание", "рецепт", "сериал",  "видео",   "форум",  "продажа",  "аренда",
  "google",   "iphone",     "galaxy", "forum",   "hotel",   "photo",  "samara",   "mp3",
  "weather",  "news",       "price",  "video",   "catalog", "shop",   "ticket",   "omsk",
};
static const char *const paths[] = {
  "catalog", "news", "search", "item", "photo", "forum", "video", "user", "map", "index",
};
static const char *const sections[] = { "Новости", "Каталог", "Форум", "Погода", "Афиша" };
static const char *const models[] = {
  "iPad", "iPhone", "GT-I9300", "Lumia 920", "Nokia 5230", "GT-P3100", "HTC One", "S5830",
};
static const char *const charsets[] = { "utf-8", "windows-1251", "utf-8", "koi8-r" };
static const char *const languages[] = { "ru", "ru", "ru", "en", "uk", "tr" };
static const char *const countries[] = { "RU", "RU", "UA", "KZ", "BY", "TR", "US" };
static const char *const currencies[] = { "RUB", "UAH", "USD" };
static const char *const networks[] = { "vkontakte", "facebook", "odnoklassniki" };
static const char *const campaigns[] = { "direct", "market", "summer", "brand" };
static const char *const colors[] = { "T", "g", "E", "5", "D" };

#define N(list)              (uint32_t) (sizeof list / sizeof list[0])
#define ONE_OF(list, random) list[random_below (random, N (list))]

/* What one row says, as far as several columns tell of it.  */
typedef struct
{
  Random random; /* of the row */
  Random user;   /* of its user: the same in each of the user's rows */
  uint64_t watch_id, user_id;
  uint32_t second; /* since 1970 */
  uint32_t counter, region, search_engine, adv_engine;
  bool phone;
  char url[LONGEST_TEXT], referer[LONGEST_TEXT], title[LONGEST_TEXT], phrase[LONGEST_TEXT];
} Hit;

/* Where the values of a column come from.  */
typedef enum
{
  SPECIAL, /* put_special () */
  ZERO,
  SHARE,    /* 1 in `a` rows of 1000, else 0 */
  BELOW,    /* a number from `b` to below `a` + `b` */
  SKEWED,   /* small numbers are frequent; up to `a` bits */
  RARE,     /* 0, but a number below `a` in `b` rows of 1000 */
  USER,     /* as BELOW, the same for all rows of a user */
  EMPTY,    /* a text that is always empty */
  LIST,     /* a text of `list` in `b` rows of 1000, else empty */
  USER_LIST /* the same for all rows of a user */
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  uint32_t a, b;
  const char *const *list; /* has `a` texts */
} Column;

/* clang-format off */
static const Column columns[] = {
  { "WatchID", SPECIAL }, { "JavaEnable", SHARE, 800 }, { "Title", SPECIAL },
  { "GoodEvent", SHARE, 1000 }, { "EventTime", SPECIAL }, { "EventDate", SPECIAL },
  { "CounterID", SPECIAL }, { "ClientIP", SPECIAL }, { "RegionID", SPECIAL },
  { "UserID", SPECIAL }, { "CounterClass", SHARE, 600 }, { "OS", USER, 60, 1 },
  { "UserAgent", USER, 80, 1 }, { "URL", SPECIAL }, { "Referer", SPECIAL },
  { "IsRefresh", SHARE, 130 }, { "RefererCategoryID", RARE, 20000, 250 },
  { "RefererRegionID", RARE, 500, 250 }, { "URLCategoryID", RARE, 20000, 400 },
  { "URLRegionID", RARE, 1000, 400 }, { "ResolutionWidth", SPECIAL },
  { "ResolutionHeight", USER, 600, 480 }, { "ResolutionDepth", USER, 2, 23 },
  { "FlashMajor", USER, 12 }, { "FlashMinor", USER, 10 }, { "FlashMinor2", SPECIAL },
  { "NetMajor", RARE, 5, 100 }, { "NetMinor", RARE, 9, 100 }, { "UserAgentMajor", USER, 30, 1 },
  { "UserAgentMinor", SPECIAL }, { "CookieEnable", SHARE, 990 }, { "JavascriptEnable", SHARE, 995 },
  { "IsMobile", SPECIAL }, { "MobilePhone", SPECIAL }, { "MobilePhoneModel", SPECIAL },
  { "Params", EMPTY }, { "IPNetworkID", USER, 4000000 }, { "TraficSourceID", SPECIAL },
  { "SearchEngineID", SPECIAL }, { "SearchPhrase", SPECIAL }, { "AdvEngineID", SPECIAL },
  { "IsArtifical", SHARE, 40 }, { "WindowClientWidth", BELOW, 1600, 300 },
  { "WindowClientHeight", BELOW, 900, 200 }, { "ClientTimeZone", USER, 12 },
  { "ClientEventTime", SPECIAL }, { "SilverlightVersion1", USER, 6 },
  { "SilverlightVersion2", USER, 2 }, { "SilverlightVersion3", USER, 60000 },
  { "SilverlightVersion4", ZERO }, { "PageCharset", LIST, N (charsets), 950, charsets },
  { "CodeVersion", SKEWED, 11 }, { "IsLink", SHARE, 60 }, { "IsDownload", SHARE, 5 },
  { "IsNotBounce", SHARE, 100 }, { "FUniqID", SPECIAL }, { "OriginalURL", SPECIAL },
  { "HID", BELOW, 1073741824 }, { "IsOldCounter", ZERO }, { "IsEvent", SHARE, 20 },
  { "IsParameter", ZERO }, { "DontCountHits", SHARE, 60 }, { "WithHash", ZERO },
  { "HitColor", LIST, N (colors), 1000, colors }, { "LocalEventTime", SPECIAL },
  { "Age", USER, 56 }, { "Sex", USER, 3 }, { "Income", USER, 5 }, { "Interests", USER, 30000 },
  { "Robotness", USER, 60 }, { "RemoteIP", SPECIAL }, { "WindowName", SKEWED, 12 },
  { "OpenerName", SKEWED, 12 }, { "HistoryLength", SKEWED, 9 },
  { "BrowserLanguage", USER_LIST, N (languages), 1000, languages },
  { "BrowserCountry", USER_LIST, N (countries), 1000, countries },
  { "SocialNetwork", LIST, N (networks), 3, networks }, { "SocialAction", EMPTY },
  { "HTTPError", RARE, 500, 3 }, { "SendTiming", SKEWED, 14 }, { "DNSTiming", SKEWED, 9 },
  { "ConnectTiming", SKEWED, 10 }, { "ResponseStartTiming", SKEWED, 12 },
  { "ResponseEndTiming", SKEWED, 13 }, { "FetchTiming", SKEWED, 14 },
  { "SocialSourceNetworkID", RARE, 5, 20 }, { "SocialSourcePage", EMPTY },
  { "ParamPrice", RARE, 1000000, 3 }, { "ParamOrderID", EMPTY },
  { "ParamCurrency", LIST, N (currencies), 3, currencies }, { "ParamCurrencyID", RARE, 4, 3 },
  { "OpenstatServiceName", LIST, N (campaigns), 10, campaigns }, { "OpenstatCampaignID", EMPTY },
  { "OpenstatAdID", EMPTY }, { "OpenstatSourceID", EMPTY },
  { "UTMSource", LIST, N (campaigns), 30, campaigns }, { "UTMMedium", EMPTY },
  { "UTMCampaign", LIST, N (campaigns), 20, campaigns }, { "UTMContent", EMPTY },
  { "UTMTerm", EMPTY }, { "FromTag", LIST, N (networks), 10, networks }, { "HasGCLID", SHARE, 5 },
  { "RefererHash", SPECIAL }, { "URLHash", SPECIAL }, { "CLID", ZERO },
};
/* clang-format on */

static bool
one_in_1000 (Random *random, uint32_t times)
{
  return random_below (random, 1000) < times;
}

/* As many words as the seed says, and they are the same each time.  */
static char *
put_words (char *out, uint64_t kind, uint64_t n, const char *between)
{
  Random random = random_of (kind, n);
  const uint32_t count = 1 + random_below (&random, 5);

  for (uint32_t i = 0; i < count; i++)
    {
      if (i > 0)
        out = put_text (out, between);
      out = put_text (out, ONE_OF (words, &random));
    }
  return out;
}

static uint32_t
draw_counter (Random *random)
{
  const uint32_t share = random_below (random, 1000);

  if (share < 210)
    return 3922;
  if (share < 350)
    return 199550;
  if (share < 410)
    return MAIN_COUNTER;
  return 1000 + random_zipf (random, 12);
}

static char *
put_page (char *out, uint32_t counter, uint32_t page)
{
  Random random = random_of (1, (uint64_t) counter << 32 | page);

  out = put_text (out, random_below (&random, 8) == 0 ? "https://" : "http://");
  out = put_text (out, counter % 3 == 0 ? "www." : "");
  out = put_text (out, "site");
  out = put_number (out, counter);
  out = put_text (out, ".ru/");
  out = put_text (out, ONE_OF (paths, &random));
  *out++ = '/';
  out = put_text (out, ONE_OF (paths, &random));
  out = put_text (out, ".html?page=");
  out = put_number (out, page);
  if (random_below (&random, 2) == 0)
    {
      out = put_text (out, "&text=");
      out = put_words (out, 2, page, "%20");
    }
  if (random_below (&random, 200) == 0)
    out = put_text (out, "&from=http://www.google.ru/");
  out = put_text (out, "&sid=");
  return put_number (out, random_next (&random));
}

static void
draw_url (Hit *hit)
{
  char *end = hit->url;

  if (hit->counter == MAIN_COUNTER && random_below (&hit->random, 3) == 0)
    end = put_text (end, main_page);
  else if (!one_in_1000 (&hit->random, 2))
    end = put_page (end, hit->counter, random_zipf (&hit->random, 20));
  *end = '\0';
}

static void
draw_referer (Hit *hit)
{
  const uint32_t share = random_below (&hit->random, 1000);
  char *end = hit->referer;

  if (share < 180)
    {
      end = put_text (end, "http://yandex.ru/yandsearch?text=");
      end = put_words (end, 3, random_zipf (&hit->random, 20), "+");
      end = put_text (end, "/");
    }
  else if (share < 310)
    {
      end = put_text (end, "https://www.google.ru/url?sa=t&q=");
      end = put_words (end, 3, random_zipf (&hit->random, 20), "+");
    }
  else if (hit->counter == MAIN_COUNTER && share < 700)
    end = put_text (end, main_referer);
  else if (share < 800)
    end = put_page (end, hit->counter, random_zipf (&hit->random, 16));
  *end = '\0';
}

static void
draw_title (Hit *hit)
{
  const uint32_t page = random_zipf (&hit->random, 18);
  char *end = hit->title;

  if (!one_in_1000 (&hit->random, 60))
    {
      end = put_words (end, 4, page, " ");
      end = put_text (end, page % 100 == 7 ? " - Google: " : " - ");
      end = put_text (end, sections[page % N (sections)]);
      end = put_text (end, " | ");
      end = put_words (end, 5, hit->counter, " ");
    }
  *end = '\0';
}

static void
draw_phrase (Hit *hit)
{
  char *end = hit->phrase;

  hit->search_engine = 0;
  if (one_in_1000 (&hit->random, 132))
    {
      const uint32_t n = random_zipf (&hit->random, 18);

      hit->search_engine = 1 + random_zipf (&hit->random, 6);
      end = put_words (end, 6, n, " ");
      if (n > 40)
        {
          *end++ = ' ';
          end = put_number (end, n);
        }
    }
  *end = '\0';
}

static void
draw (Hit *hit, Random *random, uint32_t users)
{
  /* Half of the rows are of few users.  */
  const uint32_t user
      = random_below (random, 2) == 0 ? random_zipf (random, 16) : random_below (random, users);
  Random ids = random_of (8, user);

  hit->random = (Random){ random_next (random) };
  hit->user = random_of (7, user);
  hit->watch_id = (random_next (&hit->random) >> 3) + (UINT64_C (1) << 62);
  hit->user_id = user == 1 ? 435090932899640449 : random_next (&ids) >> 1;
  hit->region = random_below (&hit->user, 5) == 0 ? 229 : 1 + random_zipf (&hit->user, 13);
  hit->phone = random_below (&hit->user, 18) == 0;
  hit->second = BEGIN + random_below (&hit->random, DAYS * 86400);
  hit->counter = draw_counter (&hit->random);
  hit->adv_engine = one_in_1000 (&hit->random, 7) ? 2 + random_zipf (&hit->random, 6) : 0;
  draw_phrase (hit);
  draw_url (hit);
  draw_referer (hit);
  draw_title (hit);
}

static char *
put_quoted (char *out, const char *text)
{
  *out++ = '"';
  out = put_text (out, text);
  *out++ = '"';
  return out;
}

static char *
put_time (char *out, uint32_t second)
{
  *out++ = '"';
  out = put_date (out, second / 86400);
  *out++ = ' ';
  out = put_clock (out, second % 86400);
  *out++ = '"';
  return out;
}

static char *
put_hash (char *out, const char *text)
{
  uint64_t hash = 0xcbf29ce484222325u;

  for (; *text != '\0'; text++)
    hash = (hash ^ (unsigned char) *text) * 0x100000001b3u;
  return put_signed (out, (int64_t) random_next (&(Random){ hash }));
}

static char *
put_address (char *out, Random *of)
{
  return put_signed (out, (int32_t) (uint32_t) random_next (of));
}

static char *
put_special (char *out, const char *name, Hit *hit)
{
  static const unsigned widths[] = { 1024, 1280, 1366, 1440, 1600, 1638, 1680, 1920 };
  Random of_user = random_of (9, hit->user_id);
  const bool main_only = hit->counter == MAIN_COUNTER;

#define IS(what) (strcmp (name, what) == 0)
  if (IS ("WatchID"))
    return put_number (out, hit->watch_id);
  if (IS ("UserID"))
    return put_number (out, hit->user_id);
  if (IS ("FUniqID"))
    return put_number (out, random_below (&of_user, 2) == 0 ? 0 : random_next (&of_user) >> 1);
  if (IS ("Title"))
    return put_quoted (out, hit->title);
  if (IS ("URL"))
    return put_quoted (out, hit->url);
  if (IS ("Referer"))
    return put_quoted (out, hit->referer);
  if (IS ("SearchPhrase"))
    return put_quoted (out, hit->phrase);
  if (IS ("OriginalURL"))
    return put_quoted (out, one_in_1000 (&hit->random, 100) ? hit->url : "");
  if (IS ("EventTime"))
    return put_time (out, hit->second);
  if (IS ("ClientEventTime"))
    return put_time (out, hit->second + random_below (&hit->random, 600));
  if (IS ("LocalEventTime"))
    return put_time (out, hit->second + ZONE);
  if (IS ("EventDate"))
    {
      *out++ = '"';
      out = put_date (out, (hit->second + ZONE) / 86400);
      *out++ = '"';
      return out;
    }
  if (IS ("CounterID"))
    return put_number (out, hit->counter);
  if (IS ("RegionID"))
    return put_number (out, hit->region);
  if (IS ("ClientIP") || IS ("RemoteIP"))
    return put_address (out, &of_user);
  if (IS ("ResolutionWidth"))
    return put_number (out, ONE_OF (widths, &of_user));
  if (IS ("FlashMinor2"))
    return put_quoted (out, random_below (&of_user, 3) == 0 ? "" : "700");
  if (IS ("UserAgentMinor"))
    {
      const char minor[] = { (char) ('0' + random_below (&of_user, 10)), '\0' };

      return put_quoted (out, minor);
    }
  if (IS ("IsMobile"))
    return put_number (out, hit->phone);
  if (IS ("MobilePhone"))
    return put_number (out, hit->phone ? 1 + random_zipf (&of_user, 6) : 0);
  if (IS ("MobilePhoneModel"))
    return put_quoted (out, hit->phone ? models[random_zipf (&of_user, 3)] : "");
  if (IS ("SearchEngineID"))
    return put_number (out, hit->search_engine);
  if (IS ("AdvEngineID"))
    return put_number (out, hit->adv_engine);
  if (IS ("TraficSourceID"))
    return put_signed (out, (int64_t) random_below (&hit->random, 9) - 1);
  if (IS ("URLHash"))
    return main_only && strcmp (hit->url, main_page) == 0 ? put_text (out, main_page_hash)
                                                          : put_hash (out, hit->url);
  if (IS ("RefererHash"))
    return main_only && strcmp (hit->referer, main_referer) == 0 ? put_text (out, main_referer_hash)
                                                                 : put_hash (out, hit->referer);
#undef IS
  give_up (name);
}

static char *
put_column (char *out, const Column *column, Hit *hit)
{
  Random *user = &hit->user, *random = &hit->random;

  switch (column->kind)
    {
    case SPECIAL:
      return put_special (out, column->name, hit);
    case ZERO:
      break;
    case SHARE:
      return put_number (out, one_in_1000 (random, column->a));
    case BELOW:
      return put_number (out, column->b + random_below (random, column->a));
    case SKEWED:
      return put_number (out, random_zipf (random, column->a));
    case RARE:
      return put_number (out,
                         one_in_1000 (random, column->b) ? random_below (random, column->a) : 0);
    case USER:
      return put_number (out, column->b + random_below (user, column->a));
    case EMPTY:
      return put_quoted (out, "");
    case LIST:
    case USER_LIST:
      {
        Random *of = column->kind == LIST ? random : user;
        const bool there = one_in_1000 (of, column->b);

        return put_quoted (out, there ? column->list[random_below (of, column->a)] : "");
      }
    }
  return put_number (out, 0);
}

int
main (int argc, char **argv)
{
  static Hit hit;
  Random random = { 20130701 };
  uint64_t rows;

  if (argc != 2)
    give_up ("usage: bench-data-hits ROWS >FILE");
  rows = count_argument (argv[1]);
  for (uint64_t row = 0; row <= rows; row++)
    {
      char *out = output_room (LONGEST_ROW);

      if (row > 0)
        draw (&hit, &random, (uint32_t) (rows / 5 + 1));
      for (size_t i = 0; i < N (columns); i++)
        {
          out = row == 0 ? put_text (out, columns[i].name) : put_column (out, &columns[i], &hit);
          *out++ = i + 1 < N (columns) ? ',' : '\n';
        }
      output_end (out);
    }
  output_flush ();
  return 0;
}
