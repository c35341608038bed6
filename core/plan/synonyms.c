#include "core/plan/synonyms.h"

#include <string.h>

/* In lower case, without what is neither letter nor digit. */
static const struct
{
  const char *name;
  const char *ours;
} synonyms[] = {
  { "absmaximum", "'absmax'" },
  { "ama", "'absmax'" },
  { "antimodal", "'antimode'" },
  { "approxcountdistinct", "'distinct'" },
  { "approxdistinct", "'distinct'" },
  { "approxpercentile", "'quantile'" },
  { "approxquantile", "'quantile'" },
  { "argmaximum", "'argmax'" },
  { "argminimum", "'argmin'" },
  { "arrayagg", "'collapse'" },
  { "average", "'mean'" },
  { "avg", "'mean'" },
  { "bitand", "'bit-and'" },
  { "bitor", "'bit-or'" },
  { "bitxor", "'bit-xor'" },
  { "booland", "'all'" },
  { "boolor", "'any'" },
  { "cardinality", "'distinct'" },
  { "coeffvar", "'cv'" },
  { "corr", "'correlation'" },
  { "counta", "'count'" },
  { "countdistinct", "'distinct'" },
  { "countif", "'count'" },
  { "countnull", "'missing'" },
  { "countunique", "'distinct'" },
  { "covar", "'covariance'" },
  { "covarsamp", "'covariance'" },
  { "cov", "'covariance'" },
  { "crc", "'checksum'" },
  { "diff", "'delta'" },
  { "ema", "'ewma'" },
  { "ewm", "'ewma'" },
  { "every", "'all'" },
  { "freq", "'top'" },
  { "frequency", "'top'" },
  { "gmean", "'geomean'" },
  { "groupconcat", "'collapse'" },
  { "hist", "'histogram'" },
  { "hmean", "'harmmean'" },
  { "interquartilerange", "'iqr'" },
  { "isnull", "'missing'" },
  { "kurt", "'kurtosis'" },
  { "linreg", "'regression'" },
  { "listagg", "'collapse'" },
  { "maxby", "'argmax'" },
  { "maximum", "'max'" },
  { "meansquare", "'rms'" },
  { "med", "'median'" },
  { "minby", "'argmin'" },
  { "minimum", "'min'" },
  { "mostcommon", "'top'" },
  { "mostfrequent", "'mode'" },
  { "ndistinct", "'distinct'" },
  { "nlargest", "'largest'" },
  { "nsmallest", "'smallest'" },
  { "null", "'missing'" },
  { "nullcount", "'missing'" },
  { "numrows", "'count'" },
  { "nuniq", "'distinct'" },
  { "nunique", "'distinct'" },
  { "olsslope", "'regression'" },
  { "pcov", "'covariance' with population = true" },
  { "pearson", "'correlation'" },
  { "perc", "'quantile'" },
  { "percentile", "'quantile'" },
  { "percentilecont", "'quantile'" },
  { "percentiledisc", "'quantile'" },
  { "pkurt", "'kurtosis' with population = true" },
  { "prod", "'product'" },
  { "pskew", "'skewness' with population = true" },
  { "pstdev", "'stddev' with population = true" },
  { "ptp", "'range'" },
  { "pvar", "'variance' with population = true" },
  { "q1", "'quartiles'" },
  { "q3", "'quartiles'" },
  { "quartile", "'quartiles'" },
  { "rand", "'sample'" },
  { "random", "'sample'" },
  { "rows", "'count'" },
  { "scov", "'covariance'" },
  { "sd", "'stddev'" },
  { "sem", "'stderr'" },
  { "size", "'count'" },
  { "skew", "'skewness'" },
  { "skurt", "'kurtosis'" },
  { "slope", "'regression'" },
  { "spread", "'range'" },
  { "sskew", "'skewness'" },
  { "sstdev", "'stddev'" },
  { "std", "'stddev'" },
  { "stddevpop", "'stddev' with population = true" },
  { "stddevsamp", "'stddev'" },
  { "stdev", "'stddev'" },
  { "stringagg", "'collapse'" },
  { "sumofsquares", "'sumsq'" },
  { "svar", "'variance'" },
  { "topk", "'top'" },
  { "total", "'sum'" },
  { "trimmean", "'trimmed-mean'" },
  { "tally", "'count'" },
  { "uniq", "'distinct'" },
  { "uniqexact", "'distinct'" },
  { "uniquevalues", "'unique'" },
  { "valuecounts", "'top'" },
  { "values", "'collapse'" },
  { "var", "'variance'" },
  { "varpop", "'variance' with population = true" },
  { "varsamp", "'variance'" },
  { "wavg", "'weighted-mean'" },
  { "weightedaverage", "'weighted-mean'" },
};

/* p50, p99.9: q is a hundredth of it, written by moving the point. */
static char *
percentile (const char *name)
{
  const char *digits = name + 1;
  const gsize whole = strspn (digits, "0123456789");
  const gsize rest = digits[whole] == '.' ? strspn (digits + whole + 1, "0123456789") : 0;

  if (g_ascii_tolower (name[0]) != 'p' || whole < 1 || whole > 2
      || digits[whole + (rest > 0 ? rest + 1 : 0)] != '\0')
    return NULL;
  return g_strdup_printf ("'quantile' with q = 0.%s%.*s%.*s", whole == 1 ? "0" : "", (int) whole,
                          digits, (int) rest, digits + whole + (rest > 0));
}

char *
fanout_synonym (const char *name)
{
  g_autofree char *letters = g_malloc0 (strlen (name) + 1);
  char *ours = percentile (name);
  gsize n = 0;

  for (const char *p = name; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      letters[n++] = g_ascii_tolower (*p);
  for (gsize i = 0; ours == NULL && i < G_N_ELEMENTS (synonyms); i++)
    if (strcmp (synonyms[i].name, letters) == 0)
      ours = g_strdup (synonyms[i].ours);
  return ours;
}
