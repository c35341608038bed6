#include "core/partial/place.h"
#include "tests/support/suite.h"

#include <string.h>

#define OPEN "4611686018427387904"

static FanoutPlace
make (guint64 first, guint64 last, FanoutPartEnds ends)
{
  return (FanoutPlace){ first, last, 8, ends, (char *) "inputs" };
}

static FanoutPartEnds
inside (gint start, gint end)
{
  return (FanoutPartEnds){ .begun = TRUE,
                           .guessed = TRUE,
                           .start = start,
                           .cut = TRUE,
                           .told = TRUE,
                           .end = end,
                           .line = FANOUT_LINE_OPEN + 5,
                           .rows = 10 };
}

/* "" where they fit. */
static void
check_sorted (FanoutPlaced *parts, guint n, gboolean whole, const char *message)
{
  g_autoptr (GError) error = NULL;
  const gboolean fit = fanout_places_sort (parts, n, whole, &error);

  ck_assert_str_eq (error != NULL ? error->message : "", message);
  ck_assert (fit == (error == NULL));
}

START_TEST (test_lines)
{
  static const char text[]
      = "a.csv:" OPEN ": a quote that opens in line 4611686018427387906, '" OPEN "' in it";
  g_autofree char *settled = fanout_lines_settle (text, 100);
  g_autofree char *open = fanout_lines_settle (text, FANOUT_LINE_OPEN + 1);
  g_autofree char *shown = fanout_lines_show (text, 4096);

  ck_assert_str_eq (settled, "a.csv:100: a quote that opens in line 102, '" OPEN "' in it");
  ck_assert_str_eq (open, "a.csv:4611686018427387905: a quote that opens in line "
                          "4611686018427387907, '" OPEN "' in it");
  ck_assert_str_eq (shown, "a.csv:1 behind byte 4096: a quote that opens in line 3 behind byte "
                           "4096, '" OPEN "' in it");
  ck_assert_uint_eq (fanout_line_settle (7, 100), 7);
  ck_assert_uint_eq (fanout_line_settle (FANOUT_LINE_OPEN + 7, 100), 107);
}
END_TEST

START_TEST (test_join)
{
  const FanoutPlace next = make (2, 3, inside (TRUE, FALSE));
  FanoutPartEnds through = inside (FALSE, FALSE);
  FanoutPlace place;
  FanoutPlace last;

  fanout_place_copy (
      &place,
      &(FanoutPlace){
          1, 1, 8, { .cut = TRUE, .end = TRUE, .line = 20, .rows = 3 }, (char *) "inputs" });
  fanout_place_join (&place, &next);
  ck_assert_uint_eq (place.last, 3);
  ck_assert_uint_eq (place.ends.rows, 13);
  ck_assert_uint_eq (place.ends.line, 25);
  ck_assert_int_eq (place.ends.end, FALSE);
  ck_assert (!place.ends.begun && place.ends.cut);
  /* One within a line leaves what was. */
  through.through = TRUE;
  through.rows = 0;
  place.ends.end = TRUE;
  last = make (4, 4, through);
  fanout_place_join (&place, &last);
  ck_assert_int_eq (place.ends.end, TRUE);
  /* So does one without bytes. */
  last = make (5, 8, (FanoutPartEnds){ .empty = TRUE });
  fanout_place_join (&place, &last);
  ck_assert_uint_eq (place.last, 8);
  ck_assert (place.ends.end == TRUE && place.ends.cut);
  fanout_place_clear (&place);
}
END_TEST

START_TEST (test_order)
{
  const FanoutPlace a = make (1, 1, (FanoutPartEnds){ .cut = TRUE, .told = TRUE });
  const FanoutPlace b = make (2, 4, inside (FALSE, TRUE));
  const FanoutPlace c = make (5, 7, inside (TRUE, TRUE));
  const FanoutPlace d = make (8, 8, (FanoutPartEnds){ .begun = TRUE, .start = TRUE });
  FanoutPlaced parts[]
      = { { "d", &d, FALSE }, { "b", &b, FALSE }, { "a", &a, FALSE }, { "c", &c, FALSE } };
  FanoutPlaced some[] = { { "c", &c, FALSE }, { "b", &b, FALSE } };

  check_sorted (parts, 4, TRUE, "");
  for (guint i = 0; i < 4; i++)
    ck_assert_int_eq (parts[i].name[0], "abcd"[i]);
  check_sorted (some, 2, FALSE, "");
  check_sorted (
      some, 2, TRUE,
      "part 1 of 8 is missing; 'fanoutd run --part 1/8 --partial FILE PIPELINE.ini' makes it\n"
      "part 8 of 8 is missing; 'fanoutd run --part 8/8 --partial FILE PIPELINE.ini' makes it");
}
END_TEST

/* All that were guessed wrong are named at once: a guess turns all that follows. */
START_TEST (test_guesses)
{
  const FanoutPlace a = make (1, 1, (FanoutPartEnds){ .cut = TRUE, .told = TRUE, .end = TRUE });
  const FanoutPlace b = make (2, 2, inside (FALSE, FALSE));
  const FanoutPlace c = make (3, 3, inside (FALSE, TRUE));
  const FanoutPlace d = make (4, 4, inside (FALSE, FALSE));
  FanoutPlaced parts[]
      = { { "a", &a, FALSE }, { "b", &b, FALSE }, { "c", &c, FALSE }, { "d", &d, FALSE } };

  check_sorted (
      parts, 4, FALSE,
      "b: part 2 of 8 begins inside quotes, as the parts before it show, but was guessed not "
      "to: make it again with --quoted\n"
      "c: part 3 of 8 begins inside quotes, as the parts before it show, but was guessed not "
      "to: make it again with --quoted");
  parts[1].enough = TRUE;
  check_sorted (
      parts, 4, FALSE,
      "b: part 2 of 8 begins inside quotes, as the parts before it show, but was guessed not "
      "to: make it again with --quoted");
  check_sorted (parts + 1, 2, FALSE, "");
}
END_TEST

/* The parts of a scan before anything is decoded. */
START_TEST (test_settle)
{
  const FanoutPartScan scans[] = {
    { .cut = TRUE, .end = { TRUE, FALSE }, .line = 2, .lines = 10 },
    { .begun = TRUE, .cut = TRUE, .end = { TRUE, FALSE }, .lines = 7 },
    { .empty = TRUE },
    { .begun = TRUE, .cut = TRUE, .through = TRUE, .end = { FALSE, TRUE } },
    { .begun = TRUE },
    { .cut = TRUE, .line = 5 },
  };
  static const struct
  {
    gint quoted;
    guint64 line;
  } wanted[]
      = { { FALSE, 0 }, { TRUE, 12 }, { FALSE, 0 }, { FALSE, 19 }, { FALSE, 19 }, { FALSE, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (scans); i++)
    {
      FanoutPart part = { 0 };

      fanout_part_settle (scans, i, &part);
      ck_assert_int_eq (part.quoted, wanted[i].quoted);
      ck_assert_uint_eq (part.line, wanted[i].line);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("place");
  TCase *tests = tcase_create ("place");

  tcase_add_test (tests, test_lines);
  tcase_add_test (tests, test_join);
  tcase_add_test (tests, test_order);
  tcase_add_test (tests, test_guesses);
  tcase_add_test (tests, test_settle);
  suite_add_tcase (suite, tests);
  return suite;
}
