/* Statistics of one column and of two: values worked out in exact arithmetic elsewhere, and
 * certified ones of NIST, through whole pipelines in every way they can run. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <glib/gstdio.h>
#include <float.h>
#include <math.h>

/* An aggregate, with ; for line feeds, and the text of its cells. */
typedef struct
{
  const char *aggregate;
  const char *wanted;
} Expected;

typedef struct
{
  const char *ini;
  const char *wanted;
} Run;

static void
check_run (const char *const *overrides, gpointer data)
{
  const Run *run = data;
  g_autofree char *found = test_run (run->ini, overrides);

  ck_assert_msg (strcmp (found, run->wanted) == 0, "with %s %s %s:\n%s\nwanted %s\nfound  %s",
                 overrides[0], overrides[1], overrides[2], run->ini, run->wanted, found);
}

static char *
write_data (const char *text)
{
  g_autofree char *lines = g_strdelimit (g_strdup_printf ("%s;", text), ";", '\n');
  char *path = NULL;
  const int file = g_file_open_tmp ("fanout-statistics-XXXXXX.csv", &path, NULL);

  ck_assert_int_ge (file, 0);
  g_close (file, NULL);
  ck_assert (g_file_set_contents (path, lines, -1, NULL));
  return path;
}

static void
add_aggregate (GString *ini, gsize i, const char *text)
{
  g_autofree char *lines = g_strdelimit (g_strdup (text), ";", '\n');

  g_string_append_printf (ini, "[aggregate a%" G_GSIZE_FORMAT "]\n%s\n", i, lines);
}

/* One row of data after the other, with ; between them. */
static void
check_data (guint partitions, const char *data, const Expected *expected, gsize n)
{
  g_autofree char *path = write_data (data);
  g_autoptr (GString) ini = g_string_new (NULL);
  g_autoptr (GString) wanted = g_string_new (NULL);
  Run run;

  g_string_printf (ini, "[source]\ntype = csv\npath = %s\n", path);
  for (gsize i = 0; i < n; i++)
    {
      add_aggregate (ini, i, expected[i].aggregate);
      g_string_append_printf (wanted, "%s%s", i > 0 ? "," : "", expected[i].wanted);
    }
  g_string_append_c (wanted, '\n');
  run = (Run){ ini->str, wanted->str };
  test_every_way (partitions, check_run, &run);
  g_unlink (path);
}

#define CHECK_RESULTS(data, ...)                                                                   \
  check_data (3, data, (const Expected[]){ __VA_ARGS__ },                                          \
              G_N_ELEMENTS (((const Expected[]){ __VA_ARGS__ })))
/* What goes by the order of the rows. */
#define CHECK_ORDER(data, ...)                                                                     \
  check_data (1, data, (const Expected[]){ __VA_ARGS__ },                                          \
              G_N_ELEMENTS (((const Expected[]){ __VA_ARGS__ })))

#define RANGE         "type = range;column = x"
#define ABSMIN        "type = absmin;column = x"
#define ABSMAX        "type = absmax;column = x"
#define SUMSQ         "type = sumsq;column = x"
#define RMS           "type = rms;column = x"
#define GEOMEAN       "type = geomean;column = x"
#define HARMMEAN      "type = harmmean;column = x"
#define PRODUCT       "type = product;column = x"
#define STDERR        "type = stderr;column = x"
#define CV            "type = cv;column = x"
#define SKEWNESS      "type = skewness;column = x"
#define KURTOSIS      "type = kurtosis;column = x"
#define JARQUE_BERA   "type = jarque-bera;column = x"
#define WEIGHTED_MEAN "type = weighted-mean;column = x;weight = y"
#define COVARIANCE    "type = covariance;column = x;with = y"
#define CORRELATION   "type = correlation;column = x;with = y"
#define DOT           "type = dot;column = x;with = y"
#define REGRESSION    "type = regression;column = x;with = y"
#define DELTA         "type = delta;column = x"
#define GAP           "type = gap;column = x"
#define INCREASE      "type = increase;column = x"
#define RATE          "type = rate;column = x;time = y"
#define EWMA          "type = ewma;column = x"
#define POPULATION    ";population = true"
#define PLAIN         ";adjust = false"
#define ORIGIN        ";origin = true"

START_TEST (five_values)
{
  CHECK_RESULTS ("x;1;2;4;8;16", { RANGE, "15" }, { ABSMIN, "1" }, { ABSMAX, "16" },
                 { SUMSQ, "341" }, { RMS, "8.25832912882503" }, { GEOMEAN, "4" },
                 { HARMMEAN, "2.5806451612903225" }, { PRODUCT, "1024" },
                 { STDERR, "2.727636339397171" }, { STDERR POPULATION, "2.439672109116305" },
                 { CV, "0.9837387536759294" }, { CV POPULATION, "0.8798826901281197" },
                 { SKEWNESS, "1.3253147098134048" }, { SKEWNESS POPULATION, "0.8890481348169543" },
                 { SKEWNESS PLAIN, "0.6361510607104344" }, { KURTOSIS, "1.303763440860215" },
                 { KURTOSIS POPULATION, "-0.6740591397849462" },
                 { KURTOSIS PLAIN, "-1.5113978494623657" },
                 { KURTOSIS POPULATION ";excess = false", "2.325940860215054" },
                 { JARQUE_BERA, "0.7533295975028423,0.6861460323594393" });
}
END_TEST

START_TEST (decimals)
{
  CHECK_RESULTS ("x;0.1;0.2;0.3;0.7", { RANGE, "0.6" }, { SUMSQ, "0.63" },
                 { RMS, "0.3968626966596886" }, { GEOMEAN, "0.25457298950218304" },
                 { HARMMEAN, "0.20240963855421687" }, { PRODUCT, "0.0042" },
                 { STDERR, "0.13149778198382917" }, { STDERR POPULATION, "0.11388041973930374" },
                 { CV, "0.8092171199004872" }, { CV POPULATION, "0.7008025830110999" },
                 { SKEWNESS, "1.4430588355316425" }, { SKEWNESS POPULATION, "0.8331504071506617" },
                 { SKEWNESS PLAIN, "0.5411470633243659" }, { KURTOSIS, "2.23486717956162" },
                 { KURTOSIS POPULATION, "-0.902017709391784" },
                 { KURTOSIS PLAIN, "-1.8198849615328785" },
                 { JARQUE_BERA, "0.5983657252996091,0.7414238183140675" });
}
END_TEST

/* Far from 0: where sums of doubles have nothing left. */
START_TEST (offset)
{
  CHECK_RESULTS ("x;1000000004;1000000007;1000000013;1000000016", { RANGE, "12" },
                 { SUMSQ, "4000000080000000490" }, { RMS, "1000000010" }, { GEOMEAN, "1000000010" },
                 { HARMMEAN, "1000000010" }, { PRODUCT, "1000000040000000555000003100000005824" },
                 { STDERR, "2.7386127875258306" }, { CV, "5.477225520279406e-9" },
                 { SKEWNESS, "0" }, { KURTOSIS, "-3.3" }, { KURTOSIS POPULATION, "-1.64" },
                 { KURTOSIS PLAIN, "-2.235" },
                 { JARQUE_BERA, "0.44826666666666665,0.7992085661228235" });
}
END_TEST

START_TEST (signs)
{
  CHECK_RESULTS ("x;-3;3;-7.5;0.25", { RANGE, "10.5" }, { ABSMIN, "0.25" }, { ABSMAX, "-7.5" },
                 { ABSMAX ";signed = false", "7.5" }, { SUMSQ, "74.3125" },
                 { RMS, "4.310234912391667" }, { GEOMEAN, "nan" },
                 { HARMMEAN, "1.0344827586206897" }, { PRODUCT, "16.875" },
                 { STDERR, "2.2577989835235552" }, { CV, "-2.491364395612199" },
                 { SKEWNESS, "-0.473666811017628" }, { KURTOSIS, "-0.6497966853099632" });
  /* Equally far from 0: the positive one, whichever came first. */
  CHECK_RESULTS ("x;-3;3", { ABSMIN, "3" }, { ABSMAX, "3" }, { CV, "" }, { PRODUCT, "-9" });
  CHECK_RESULTS ("x;3;-3", { ABSMIN, "3" }, { ABSMAX, "3" }, { HARMMEAN, "" });
}
END_TEST

#define ALL(value)                                                                                 \
  { RANGE, value }, { ABSMIN, value }, { ABSMAX, value }, { SUMSQ, value }, { RMS, value },        \
      { GEOMEAN, value }, { HARMMEAN, value }, { PRODUCT, value }, { STDERR, value },              \
      { CV, value }, { SKEWNESS, value }, { KURTOSIS, value },                                     \
  {                                                                                                \
    JARQUE_BERA, value "," value                                                                   \
  }

START_TEST (no_values)
{
  CHECK_RESULTS ("x", ALL (""));
  CHECK_RESULTS ("x,y;,1;,2", ALL (""), { WEIGHTED_MEAN, "" }, { COVARIANCE, "" },
                 { CORRELATION, "" }, { DOT, "" }, { REGRESSION, ",,,,,,0" },
                 { REGRESSION ORIGIN, ",,,,0" });
}
END_TEST

START_TEST (few_values)
{
  CHECK_RESULTS ("x;5", { RANGE, "0" }, { ABSMIN, "5" }, { SUMSQ, "25" }, { RMS, "5" },
                 { GEOMEAN, "5" }, { HARMMEAN, "5" }, { PRODUCT, "5" }, { STDERR, "" },
                 { STDERR POPULATION, "0" }, { CV, "" }, { CV POPULATION, "0" }, { SKEWNESS, "" },
                 { SKEWNESS POPULATION, "" }, { KURTOSIS, "" }, { KURTOSIS POPULATION, "" },
                 { JARQUE_BERA, "," });
  CHECK_RESULTS ("x,y;nan,1", { STDERR, "" }, { SKEWNESS POPULATION, "" },
                 { KURTOSIS POPULATION, "" }, { JARQUE_BERA, "," }, { CORRELATION, "" },
                 { REGRESSION, ",,,,,,1" });
  CHECK_RESULTS ("x;1;4", { STDERR, "1.5" }, { CV, "0.848528137423857" }, { SKEWNESS, "" },
                 { SKEWNESS PLAIN, "" }, { SKEWNESS POPULATION, "0" }, { KURTOSIS, "" },
                 { KURTOSIS POPULATION, "-2" },
                 { JARQUE_BERA, "0.3333333333333333,0.8464817248906141" });
  CHECK_RESULTS ("x;1;2;6", { STDERR, "1.5275252316519468" }, { SKEWNESS, "1.457862967321305" },
                 { SKEWNESS PLAIN, "0.32396954829362334" }, { KURTOSIS, "" },
                 { KURTOSIS PLAIN, "" }, { KURTOSIS POPULATION, "-1.5" });
}
END_TEST

START_TEST (constant)
{
  CHECK_RESULTS ("x;2.5;2.5;2.5;2.50", { RANGE, "0" }, { SUMSQ, "25" }, { RMS, "2.5" },
                 { GEOMEAN, "2.5" }, { HARMMEAN, "2.5" }, { PRODUCT, "39.0625" }, { STDERR, "0" },
                 { CV, "0" }, { SKEWNESS, "" }, { SKEWNESS POPULATION, "" }, { KURTOSIS, "" },
                 { KURTOSIS POPULATION, "" }, { JARQUE_BERA, "," });
  CHECK_RESULTS ("x;-5;-5.0", { CV, "0" }, { CV POPULATION, "0" });
  CHECK_RESULTS ("x;0;0;0;0", { RANGE, "0" }, { GEOMEAN, "0" }, { HARMMEAN, "0" }, { PRODUCT, "0" },
                 { CV, "" }, { STDERR, "0" });
}
END_TEST

/* Nulls are passed over, also in one of two columns. */
START_TEST (nulls)
{
  CHECK_RESULTS ("x,y;,;1,2;2,4;,9;4,4;8,7;9,;16,17;,", { "type = range;column = y", "15" },
                 { SUMSQ, "422" }, { WEIGHTED_MEAN, "10.411764705882353" }, { COVARIANCE, "35.8" },
                 { COVARIANCE POPULATION, "28.64" }, { CORRELATION, "0.9823753322099136" },
                 { DOT, "354" },
                 { REGRESSION, "0.9623655913978495,0.8333333333333334,0.9650612933345382,"
                               "0.1057195785215242,0.8730670747914084,1.2896055355324687,5" },
                 { REGRESSION ORIGIN, "1.0381231671554252,0.9826085592861511,0.06905520140361653,"
                                      "1.2751861459194371,5" });
}
END_TEST

START_TEST (nan_and_infinity)
{
  CHECK_RESULTS ("x,y;1,2;nan,5;3,4;7,1;2,2", { RANGE, "6" }, { ABSMIN, "1" }, { ABSMAX, "7" },
                 { SUMSQ, "nan" }, { RMS, "nan" }, { GEOMEAN, "nan" }, { HARMMEAN, "nan" },
                 { PRODUCT, "nan" }, { STDERR, "nan" }, { CV, "nan" }, { SKEWNESS, "nan" },
                 { KURTOSIS, "nan" }, { JARQUE_BERA, "nan,nan" }, { WEIGHTED_MEAN, "nan" },
                 { COVARIANCE, "nan" }, { CORRELATION, "nan" }, { DOT, "nan" },
                 { REGRESSION, "nan,nan,nan,nan,nan,nan,5" },
                 { REGRESSION ORIGIN, "nan,nan,nan,nan,5" });
  CHECK_RESULTS ("x;nan;nan", { RANGE, "nan" }, { ABSMIN, "nan" }, { ABSMAX, "nan" },
                 { PRODUCT, "nan" });
  CHECK_RESULTS ("x;inf;1;2;4", { RANGE, "inf" }, { ABSMIN, "1" }, { ABSMAX, "inf" },
                 { SUMSQ, "inf" }, { RMS, "inf" }, { GEOMEAN, "inf" },
                 { HARMMEAN, "2.2857142857142856" }, { PRODUCT, "inf" }, { STDERR, "nan" },
                 { CV, "nan" }, { SKEWNESS, "nan" }, { KURTOSIS, "nan" });
  CHECK_RESULTS ("x;inf;-inf", { RANGE, "inf" }, { ABSMAX, "inf" }, { SUMSQ, "inf" },
                 { GEOMEAN, "nan" }, { HARMMEAN, "" }, { PRODUCT, "-inf" });
  CHECK_RESULTS ("x;inf;inf", { RANGE, "nan" }, { HARMMEAN, "inf" });
  CHECK_RESULTS ("x;-inf;-inf", { HARMMEAN, "-inf" }, { PRODUCT, "inf" });
  CHECK_RESULTS ("x;inf;0", { GEOMEAN, "nan" }, { HARMMEAN, "0" }, { PRODUCT, "nan" });
  CHECK_RESULTS ("x;nan;0;inf", { GEOMEAN, "nan" }, { HARMMEAN, "nan" }, { PRODUCT, "nan" });
}
END_TEST

START_TEST (extremes)
{
  CHECK_RESULTS (
      "x;9223372036854775807;0.000000000000000001;-5", { RANGE, "9223372036854775812" },
      { ABSMIN, "0.000000000000000001" },
      { SUMSQ, "85070591730234615847396907784232501274.000000000000000000000000000000000001" },
      { RMS, "5325116328314171000" }, { HARMMEAN, "3e-18" }, { PRODUCT, "-46.116860184273879035" },
      { STDERR, "3074457345618258400" }, { CV, "1.7320508075688772" },
      { SKEWNESS, "1.7320508075688772" }, { JARQUE_BERA, "0.53125,0.76672659607082" });
  CHECK_RESULTS ("x;1e300;2e300;-1e300;3e-300", { RANGE, "3e300" }, { ABSMIN, "3e-300" },
                 { ABSMAX, "2e300" }, { SUMSQ, "inf" }, { RMS, "1.2247448713915891e300" },
                 { HARMMEAN, "1.2e-299" }, { PRODUCT, "-inf" }, { STDERR, "6.454972243679028e299" },
                 { CV, "2.581988897471611" }, { KURTOSIS, "-1.2" },
                 { KURTOSIS POPULATION, "-1.36" },
                 { JARQUE_BERA, "0.3082666666666667,0.8571577256951797" });
  CHECK_RESULTS ("x;1e308;1e308;-1e308", { RANGE, "inf" }, { RMS, "1e308" },
                 { STDERR, "6.666666666666666e307" }, { CV, "3.4641016151377544" },
                 { SKEWNESS, "-1.7320508075688772" });
  CHECK_RESULTS ("x;1.234567890123456789012345;2.5;1e-30",
                 { RANGE, "2.499999999999999999999999999999" },
                 { SUMSQ, "7.774157875323883675049533479957338669120562399025000000000001" },
                 { GEOMEAN, "1.4559674368592624e-10" }, { HARMMEAN, "3e-30" },
                 { PRODUCT, "0.0000000000000000000000000000030864197253086419725308625" },
                 { STDERR, "0.7217061690509081" }, { SKEWNESS, "0.037033614183178076" });
}
END_TEST

static char *
repeat (const char *start, const char *item, guint n)
{
  GString *text = g_string_new (start);

  while (n-- > 0)
    g_string_append (text, item);
  return g_string_free (text, FALSE);
}

/* One value apart from all others: the furthest that these can go, and a p far below it. */
START_TEST (one_apart)
{
  g_autofree char *few = repeat ("x;1", ";0", 32);
  g_autofree char *many = repeat ("x;1", ";0", 999);

  CHECK_RESULTS (few, { SKEWNESS, "5.744562646538029" },
                 { JARQUE_BERA, "1245.5794677734375,3.356256831293341e-271" });
  CHECK_RESULTS (many, { SKEWNESS, "31.622776601683793" }, { SKEWNESS PLAIN, "31.527971517431947" },
                 { KURTOSIS, "1000" }, { KURTOSIS PLAIN, "993.005997" },
                 { RMS, "0.03162277660168379" }, { JARQUE_BERA, "41417291.49987492,0" });
}
END_TEST

static char *
count_up (guint n)
{
  GString *text = g_string_new ("x");

  for (guint i = 1; i <= n; i++)
    g_string_append_printf (text, ";%u", i);
  return g_string_free (text, FALSE);
}

/* Exact as long as it can be, whatever the order; then a double whose last digit is right. */
START_TEST (products)
{
  g_autofree char *sixty = count_up (60);
  g_autofree char *hundred = count_up (100);
  g_autofree char *threes = repeat ("x", ";3", 600);
  g_autofree char *sevenths = repeat ("x;1", ";0.142857142857142857142857", 300);
  g_autofree char *up_and_down = repeat ("x", ";1000000000000000000;0.000000000000000001", 500);
  g_autofree char *halves = repeat ("x", ";0.5", 72);
  g_autofree char *more_halves = repeat ("x", ";0.5", 73);
  g_autofree char *overflow = repeat ("x;-1", ";8388607", 50);
  g_autofree char *underflow = repeat ("x", ";0.0000001234567", 90);

  CHECK_RESULTS (sixty,
                 { PRODUCT, "832098711274139014427634118322336438075417260636124595244927769640960"
                            "0000000000000" });
  CHECK_RESULTS (hundred, { PRODUCT, "9.332621544394415e157" });
  CHECK_RESULTS (threes, { PRODUCT, "1.873927703884794e286" });
  CHECK_RESULTS (sevenths, { PRODUCT, "2.955207605012408e-254" });
  CHECK_RESULTS (up_and_down, { PRODUCT, "1" });
  CHECK_RESULTS (
      halves,
      { PRODUCT, "0.000000000000000000000211758236813575084767080625169910490512847900390625" });
  CHECK_RESULTS (more_halves, { PRODUCT, "1.0587911840678754e-22" });
  CHECK_RESULTS (overflow, { PRODUCT, "-inf" });
  CHECK_RESULTS (underflow, { PRODUCT, "0" });
}
END_TEST

START_TEST (pairs)
{
  CHECK_RESULTS ("x,y;0.1,1.1;0.2,1.2;0.3,1.3", { CORRELATION, "1" }, { DOT, "0.74" },
                 { COVARIANCE, "0.01" }, { WEIGHTED_MEAN, "0.20555555555555555" },
                 { REGRESSION, "1,1,1,0,0,0,3" });
  CHECK_RESULTS ("x,y;0.1,1.3;0.2,1.2;0.3,1.1", { CORRELATION, "-1" });
  CHECK_RESULTS ("x,y;1000000001,0.5;1000000002,0.25;1000000003,0.75;1000000005,1",
                 { DOT, "2500000008.25" }, { COVARIANCE, "0.4583333333333333" },
                 { CORRELATION, "0.8315218406202999" }, { WEIGHTED_MEAN, "1000000003.3" },
                 { REGRESSION,
                   "0.15714285714285714,-157142856.95,0.6914285714285714,0.07423074889580902,"
                   "74230749.0999436,0.21957751641341997,4" },
                 { REGRESSION ORIGIN, "6.24999998625e-10,0.83333333425,1.6137430520441701e-10,"
                                      "0.3227486112963927,4" });
  CHECK_RESULTS ("x,y;1e200,1e-200;2e200,3e-200;4e200,2e-200", { COVARIANCE, "0.5" },
                 { CORRELATION, "0.3273268353539886" }, { WEIGHTED_MEAN, "2.4999999999999998e200" },
                 { REGRESSION, "0,1.5e-200,0.10714285714285714,0,1.636634176769943e-200,"
                               "1.336306209562122e-200,3" });
}
END_TEST

/* Too few points, or none that say anything about it. */
START_TEST (pairs_at_their_ends)
{
  CHECK_RESULTS ("x,y;1,3;2,5", { CORRELATION, "1" }, { REGRESSION, "2,1,1,,,,2" },
                 { REGRESSION ORIGIN, "2.6,0.9941176470588236,0.2,0.4472135954999579,2" });
  CHECK_RESULTS ("x,y;2,3", { COVARIANCE, "" }, { COVARIANCE POPULATION, "0" }, { CORRELATION, "" },
                 { DOT, "6" }, { REGRESSION, ",,,,,,1" }, { REGRESSION ORIGIN, "1.5,1,,,1" });
  CHECK_RESULTS ("x,y;1,5;2,5;3,5;4,5;5,5;6,5", { CORRELATION, "" }, { COVARIANCE, "0" },
                 { REGRESSION, "0,5,,0,0,0,6" },
                 { REGRESSION ORIGIN, "1.1538461538461537,0.8076923076923077,0.251789873349222,"
                                      "2.401922307076307,6" });
  CHECK_RESULTS ("x,y;5,1;5,2;5,3", { CORRELATION, "" }, { REGRESSION, ",,,,,,3" });
  CHECK_RESULTS ("x,y;0,1;0,2;0,3", { REGRESSION ORIGIN, ",,,,3" });
  CHECK_RESULTS ("x,y;1,1;2,-1;7,0", { WEIGHTED_MEAN, "" });
  CHECK_RESULTS ("x,y;3,2;5,-1", { WEIGHTED_MEAN, "1" });
}
END_TEST

/* From one value to the next, exact for doubles too. */
START_TEST (steps)
{
  CHECK_RESULTS ("x;1e300;7;-1e300", { DELTA, "-2e300" });
  CHECK_RESULTS ("x;5e-324;3e200", { DELTA, "3e200" });
  CHECK_RESULTS ("x;0.1;0.3", { DELTA, "0.2" });
  CHECK_RESULTS ("x;9007199254740993;1e-30;9007199254740994.1", { DELTA, "1.1" });
  CHECK_RESULTS ("x;1e40;9007199254740993", { DELTA, "-1e40" });
  CHECK_RESULTS ("x;12345678901234567890123;12345678901234567890124.5", { DELTA, "1.5" });
  CHECK_RESULTS ("x;1;nan", { DELTA, "nan" });
  CHECK_RESULTS ("x;inf;1", { DELTA, "-inf" });
  CHECK_RESULTS ("x;inf;inf", { DELTA, "nan" });
  CHECK_RESULTS ("x;1e308;-1e308", { DELTA, "-inf" });
  CHECK_RESULTS ("x;7", { DELTA, "0" });
  CHECK_RESULTS ("x", { DELTA, "" });
  CHECK_ORDER ("x;1;3;2.5;-4;;-3", { GAP, "6.5" }, { INCREASE, "1.5" });
  CHECK_ORDER ("x;1e300;-1e300;0", { GAP, "2e300" }, { INCREASE, "0" });
  /* The difference of the texts, not of their nearest doubles. */
  CHECK_ORDER ("x;-794854348598.0312;-0.000012510848078433701;-0.0002948460339179053",
               { GAP, "794854348598.031187489151921566299" },
               { INCREASE, "794854348598.030892643118003660999" });
  CHECK_ORDER ("x;9007199254740993;1e-30;0.5",
               { GAP, "9007199254740992.999999999999999999999999999999" });
  CHECK_ORDER ("x;9007199254740993;0.25;9007199254740993.5;0", { GAP, "9007199254740993.5" });
  CHECK_ORDER ("x;1;nan;4;inf;inf", { GAP, "inf" }, { INCREASE, "nan" });
  CHECK_ORDER ("x;1;nan", { GAP, "nan" }, { INCREASE, "nan" });
  CHECK_ORDER ("x;nan;5;8", { GAP, "3" }, { INCREASE, "nan" });
  CHECK_ORDER ("x;3;nan;5", { INCREASE, "nan" });
  CHECK_ORDER ("x;inf;inf;3;5", { GAP, "inf" }, { INCREASE, "nan" });
  CHECK_ORDER ("x;5", { GAP, "" }, { INCREASE, "" });
}
END_TEST

/* Both differences are exact, and only their quotient is rounded. */
START_TEST (rates)
{
  CHECK_ORDER ("x,y;10,0;25,1.5;5,2;11,3", { RATE, "8.666666666666666" });
  CHECK_ORDER (
      "x,y;8150304443167668412,-56.0;5206062980288811692,-59.2;8885491270189446524,-6.66796",
      { RATE, "180116031491692770" });
  CHECK_ORDER ("x,y;0,1700000000000000001;1,1700000000000000004", { RATE, "0.3333333333333333" });
  CHECK_ORDER ("x,y;1,5;2,5", { RATE, "" });
  CHECK_ORDER ("x,y;-5,7;-5,3", { RATE, "0" });
  CHECK_ORDER ("x,y;0,0;1.7976931348623157e308,1;1.7976931348623157e308,2;0,3;1,5",
               { RATE, "3.5953862697246315e307" });
  CHECK_ORDER ("x,y;1,0;2,nan", { RATE, "nan" });
  CHECK_ORDER ("x,y;1,0", { RATE, "" });
}
END_TEST

/* pandas: Series ([1, 2, 4]).ewm (alpha = 0.5, adjust = ...).mean () */
START_TEST (moving_average)
{
  CHECK_ORDER ("x;1;2;;4", { EWMA ";alpha = 0.5", "2.75" },
               { EWMA ";alpha = 0.5;adjust = true", "3" }, { EWMA ";alpha = 1", "4" },
               { EWMA ";alpha = 1;adjust = true", "4" }, { EWMA, "1.3900000000000001" });
  CHECK_ORDER ("x;5", { EWMA, "5" }, { EWMA ";adjust = true", "5" });
  CHECK_ORDER ("x;;", { EWMA, "" }, { EWMA ";adjust = true", "" });
  CHECK_ORDER ("x;inf;1", { EWMA, "inf" }, { EWMA ";adjust = true", "inf" });
  CHECK_ORDER ("x;1;inf", { EWMA ";alpha = 1", "inf" }, { EWMA ";adjust = true", "inf" });
}
END_TEST

#define GROUPED                                                                                    \
  "[pipeline]\ngroup-by = g\n[source]\ntype = csv\npath = %s\n"                                    \
  "[aggregate range]\ntype = range\ncolumn = x\n"                                                  \
  "[aggregate absmax]\ntype = absmax\ncolumn = x\n"                                                \
  "[aggregate sumsq]\ntype = sumsq\ncolumn = x\n"                                                  \
  "[aggregate geomean]\ntype = geomean\ncolumn = x\n"                                              \
  "[aggregate harmmean]\ntype = harmmean\ncolumn = x\n"                                            \
  "[aggregate product]\ntype = product\ncolumn = x\n"                                              \
  "[aggregate cv]\ntype = cv\ncolumn = x\n"                                                        \
  "[aggregate skewness]\ntype = skewness\ncolumn = x\n"                                            \
  "[aggregate jb]\ntype = jarque-bera\ncolumn = x\n"                                               \
  "[aggregate wm]\ntype = weighted-mean\ncolumn = x\nweight = y\n"                                 \
  "[aggregate r]\ntype = correlation\ncolumn = x\nwith = y\n"                                      \
  "[aggregate line]\ntype = regression\ncolumn = x\nwith = y\n"

START_TEST (groups)
{
  g_autofree char *path
      = write_data ("g,x,y;a,1,2;b,0.1,1.1;a,2,4;c,,1;b,0.2,1.2;a,4,4;d,-2,1e-30;a,8,7;b,0.3,1.3;"
                    "a,16,17;c,,2;a,,3");
  g_autofree char *ini = g_strdup_printf (GROUPED, path);
  Run run = {
    ini,
    "a,15,16,341,4,2.5806451612903225,1024,0.9837387536759294,1.3253147098134048,0."
    "7533295975028423,"
    "0.6861460323594393,10.411764705882353,0.9823753322099136,0.9623655913978495,0."
    "8333333333333334,"
    "0.9650612933345382,0.1057195785215242,0.8730670747914084,1.2896055355324687,5\n"
    "b,0.2,0.3,0.14,0.18171205928321396,0.16363636363636364,0.006,0.5,0,0.28125,0.8688150562628432,"
    "0.20555555555555555,1,1,1,1,0,0,0,3\n"
    "c,,,,,,,,,,,,,,,,,,,0\n"
    "d,0,-2,4,nan,-2,-2,,,,,-2,,,,,,,,1\n",
  };

  test_every_way (3, check_run, &run);
  g_unlink (path);
}
END_TEST

START_TEST (mistakes)
{
  g_autofree char *path = write_data ("x,y;1,2");
  g_autofree char *one = g_strdup_printf (
      "[source]\ntype = csv\npath = %s\n[aggregate a]\ntype = covariance\ncolumn = x\n", path);
  g_autofree char *other = g_strdup_printf (
      "[source]\ntype = csv\npath = %s\n[aggregate a]\ntype = rms\ncolumn = x\npopulation = true\n",
      path);
  g_autofree char *missing = test_run (one, NULL);
  g_autofree char *unknown = test_run (other, NULL);

  ck_assert_ptr_nonnull (strstr (missing, "the key 'with' is missing"));
  ck_assert_ptr_nonnull (strstr (unknown, "unknown key"));
  g_unlink (path);
}
END_TEST

/* Certified results. */

static char *
nist_ini (const char *set, const char *aggregates)
{
  const char *folder = g_getenv ("FANOUT_SOURCE_DIR");

  return g_strdup_printf ("[source]\ntype = csv\npath = %s/tests/data/nist/%s.csv\n%s", folder, set,
                          aggregates);
}

typedef struct
{
  const char *set;
  const char *ini;
  const char *const *certified;
} Certified;

/* To the 15 significant digits that NIST gives, of which the last one is rounded. */
static void
check_digits (const char *set, const char *found, const char *certified)
{
  const double value = g_ascii_strtod (found, NULL);
  const double wanted = g_ascii_strtod (certified, NULL);
  const double last = pow (10, floor (log10 (fabs (wanted))) - 14);

  ck_assert_msg (fabs (value - wanted) <= last / 2 + DBL_EPSILON * fabs (wanted),
                 "%s: found %s, certified %s", set, found, certified);
}

static void
check_certified (const char *const *overrides, gpointer data)
{
  const Certified *certified = data;
  g_autofree char *text = test_run (certified->ini, overrides);
  g_auto (GStrv) cells = g_strsplit (g_strchomp (text), ",", -1);
  gsize i;

  for (i = 0; certified->certified[i] != NULL; i++)
    {
      ck_assert_msg (cells[i] != NULL, "%s: %s", certified->set, text);
      check_digits (certified->set, cells[i], certified->certified[i]);
    }
  ck_assert_ptr_null (cells[i]);
}

static void
check_nist (const char *set, const char *aggregates, const char *const *values)
{
  g_autofree char *ini = nist_ini (set, aggregates);
  Certified certified = { set, ini, values };

  test_every_way (3, check_certified, &certified);
}

/* Number, mean and standard deviation. */
static const struct
{
  const char *set;
  const char *values[4];
} univariate[] = {
  { "Lottery", { "218", "518.958715596330", "291.699727470969" } },
  { "Lew", { "200", "-177.435000000000", "277.332168044316" } },
  { "Mavro", { "50", "2.00185600000000", "0.000429123454003053" } },
  { "Michelso", { "100", "299.852400000000", "0.0790105478190518" } },
  { "NumAcc1", { "3", "10000002", "1" } },
  { "NumAcc2", { "1001", "1.2", "0.1" } },
  { "NumAcc3", { "1001", "1000000.2", "0.1" } },
  { "NumAcc4", { "1001", "10000000.2", "0.1" } },
  { "PiDigits", { "5000", "4.53480000000000", "2.86733906028871" } },
};

START_TEST (nist_univariate)
{
  check_nist (univariate[_i].set,
              "[aggregate n]\ntype = count\n"
              "[aggregate mean]\ntype = mean\ncolumn = y\n"
              "[aggregate stddev]\ntype = stddev\ncolumn = y\n",
              univariate[_i].values);
}
END_TEST

#define LINE "[aggregate line]\ntype = regression\ncolumn = x\nwith = y\n"

START_TEST (nist_regression)
{
  static const char *const norris[] = { "1.00211681802045",
                                        "-0.262323073774029",
                                        "0.999993745883712",
                                        "0.429796848199937E-03",
                                        "0.232818234301152",
                                        "0.884796396144373",
                                        "36",
                                        NULL };
  static const char *const no_int1[] = {
    "2.07438016528926", "0.999365492298663", "0.165289256198347E-01", "3.56753034006338", "11", NULL
  };
  static const char *const no_int2[] = { "0.727272727272727",
                                         "0.993348115299335",
                                         "0.420827318078432E-01",
                                         "0.369274472937998",
                                         "3",
                                         NULL };

  check_nist ("Norris", LINE, norris);
  check_nist ("NoInt1", LINE "origin = true\n", no_int1);
  check_nist ("NoInt2", LINE "origin = true\n", no_int2);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("statistics");
  TCase *values = tcase_create ("values");
  TCase *certified = tcase_create ("certified");

  tcase_set_timeout (values, 300);
  tcase_add_test (values, five_values);
  tcase_add_test (values, decimals);
  tcase_add_test (values, offset);
  tcase_add_test (values, signs);
  tcase_add_test (values, no_values);
  tcase_add_test (values, few_values);
  tcase_add_test (values, constant);
  tcase_add_test (values, nulls);
  tcase_add_test (values, nan_and_infinity);
  tcase_add_test (values, extremes);
  tcase_add_test (values, one_apart);
  tcase_add_test (values, products);
  tcase_add_test (values, pairs);
  tcase_add_test (values, pairs_at_their_ends);
  tcase_add_test (values, steps);
  tcase_add_test (values, rates);
  tcase_add_test (values, moving_average);
  tcase_add_test (values, groups);
  tcase_add_test (values, mistakes);
  suite_add_tcase (suite, values);
  tcase_set_timeout (certified, 300);
  tcase_add_loop_test (certified, nist_univariate, 0, G_N_ELEMENTS (univariate));
  tcase_add_test (certified, nist_regression);
  suite_add_tcase (suite, certified);
  return suite;
}
