#pragma once

/** What an operator answers to a few rows: taken at once, in parts, by way of bytes, in groups. */

#include "tests/support/use.h"

/** Rows of up to two columns; a text of "-" is null. */
typedef struct
{
  gsize n;
  guint n_columns;
  FanoutText *texts[2];
} Rows;

/** The columns of a part of the rows, as an operator takes them. */
typedef struct
{
  FanoutColumn columns[2];
  FanoutText *texts[2];
  gint64 *mantissas[2];
  guint8 *scales[2];
  guint8 *nulls[2];
  FanoutWide *wides[2];
} Made;

static inline gboolean
is_null (FanoutText text)
{
  return text.length == 1 && text.data[0] == '-';
}

static inline void
make_column (Made *made, guint c, const Rows *rows, FanoutTakes takes, const gsize *picked, gsize n)
{
  FanoutColumn *column = &made->columns[c];

  made->texts[c] = g_new0 (FanoutText, n + 1);
  made->mantissas[c] = g_new0 (gint64, n + 1);
  made->scales[c] = g_new0 (guint8, n + 1);
  made->nulls[c] = g_new0 (guint8, n + 1);
  made->wides[c] = g_new0 (FanoutWide, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      const FanoutText text = rows->texts[c][picked[i]];
      FanoutNumber number = { 0 };

      made->nulls[c][i] = is_null (text) ? 1 : 0;
      made->texts[c][i] = text;
      if (takes == FANOUT_TAKES_WIDE && !is_null (text))
        ck_assert_msg (
            fanout_number_parse_wide (text.data, text.length, &number, &made->wides[c][i], NULL),
            "%s", text.data);
      made->mantissas[c][i] = number.mantissa;
      made->scales[c][i] = number.scale;
    }
  *column = (FanoutColumn){ .null = made->nulls[c] };
  if (takes == FANOUT_TAKES_TEXT)
    {
      column->form = FANOUT_FORM_TEXT;
      column->text = made->texts[c];
    }
  else if (takes == FANOUT_TAKES_WIDE)
    {
      column->form = FANOUT_FORM_MIXED;
      column->mantissa = made->mantissas[c];
      column->scales = made->scales[c];
    }
}

static inline void
made_clear (Made *made)
{
  for (guint c = 0; c < 2; c++)
    {
      g_free (made->texts[c]);
      g_free (made->mantissas[c]);
      g_free (made->scales[c]);
      g_free (made->nulls[c]);
      g_free (made->wides[c]);
    }
}

/** Hand over the picked rows, to group 1 where there are groups; rows keep their numbers. */
static inline void
take (Use *use, FanoutNode *node, const Rows *rows, const gsize *picked, gsize n)
{
  g_autofree guint32 *ids = g_new (guint32, n + 1);
  guint64 *numbers = g_new (guint64, n + 1);
  Made made = { 0 };
  const FanoutFrameView view = {
    .columns = made.columns, .ids = node->grouped ? ids : NULL, .n_groups = 2, .rows = numbers
  };
  const FanoutFrame frame
      = { .serial = node->serial + 1, .n_rows = n, .rows = numbers, .views = &view };
  const FanoutBatch batch = { &frame, 0, n };

  g_ptr_array_add (use->owned, numbers);
  for (gsize i = 0; i < n; i++)
    {
      ids[i] = 1;
      numbers[i] = picked[i];
    }
  for (guint c = 0; c < use->plan.n_columns; c++)
    make_column (&made, c, rows, use->takes[c], picked, n);
  if (n > 0 && node->status == FANOUT_NODE_RUNNING)
    fanout_node_take (node, &batch);
  made_clear (&made);
}

/** Rows first, first + step, ... */
static inline void
take_each (Use *use, FanoutNode *node, const Rows *rows, gsize first, gsize step)
{
  g_autofree gsize *picked = g_new (gsize, rows->n + 1);
  gsize n = 0;

  for (gsize i = first; i < rows->n; i += step)
    picked[n++] = i;
  take (use, node, rows, picked, n);
}

static inline char *
run_whole (Use *use, const Rows *rows)
{
  FanoutNode *node = use_node (use, FALSE);
  char *text;

  take_each (use, node, rows, 0, 1);
  text = use_results (use, node, 1);
  fanout_node_free (node);
  return text;
}

/** In three parts, the rows dealt to them in turn; the last is combined first. */
static inline char *
run_parts (Use *use, const Rows *rows, gboolean encoded)
{
  FanoutNode *nodes[3];
  char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      nodes[i] = use_node (use, FALSE);
      take_each (use, nodes[i], rows, i, G_N_ELEMENTS (nodes));
      if (nodes[i]->error != NULL && text == NULL)
        text = use_results (use, nodes[i], 1);
      else if (encoded && nodes[i]->error == NULL)
        nodes[i] = use_through_bytes (use, nodes[i]);
    }
  for (gsize i = G_N_ELEMENTS (nodes) - 1; i > 0 && text == NULL; i--)
    if (!fanout_node_combine (nodes[i - 1], nodes[i], NULL, 0, 1))
      text = use_results (use, nodes[i - 1], 1);
  if (text == NULL)
    text = use_results (use, nodes[0], 1);
  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    fanout_node_free (nodes[i]);
  return text;
}

/** Two groups, the first of which gets nothing: both results. */
static inline char *
run_grouped (Use *use, const Rows *rows)
{
  FanoutNode *node = use_node (use, TRUE);
  char *text;

  fanout_node_reserve (node, 2);
  take_each (use, node, rows, 0, 1);
  text = use_results (use, node, 2);
  fanout_node_free (node);
  return text;
}

static inline char *
run_nothing (Use *use)
{
  FanoutNode *node = use_node (use, FALSE);
  char *text = use_results (use, node, 1);

  fanout_node_free (node);
  return text;
}

static inline void
assert_text (const char *how, const char *type, const char *settings, const char *got,
             const char *want)
{
  ck_assert_msg (strcmp (got, want) == 0, "%s %s (%s) is %s, not %s", type, how, settings, got,
                 want);
}

static inline void
assert_rows (const char *type, const char *settings, const Rows *rows, const char *want)
{
  g_autofree char *whole = NULL;
  g_autofree char *parts = NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *grouped = NULL;
  g_autofree char *nothing = NULL;
  g_autofree char *both = NULL;
  Use use;

  use_init (&use, type, settings);
  ck_assert_uint_eq (use.plan.n_columns, rows->n_columns);
  whole = run_whole (&use, rows);
  parts = run_parts (&use, rows, FALSE);
  encoded = run_parts (&use, rows, TRUE);
  grouped = run_grouped (&use, rows);
  nothing = run_nothing (&use);
  both
      = g_str_has_prefix (want, "error") ? g_strdup (want) : g_strconcat (nothing, " ", want, NULL);
  assert_text ("as a whole", type, settings, whole, want);
  assert_text ("in parts", type, settings, parts, want);
  assert_text ("through bytes", type, settings, encoded, want);
  assert_text ("with groups", type, settings, grouped, both);
  use_clear (&use);
}

static inline FanoutText *
split (const char *values, gsize *n)
{
  g_auto (GStrv) words = g_strsplit (values, " ", -1);
  FanoutText *texts;

  *n = values[0] != '\0' ? g_strv_length (words) : 0;
  texts = g_new0 (FanoutText, *n + 1);
  for (gsize i = 0; i < *n; i++)
    texts[i] = (FanoutText){ g_strndup (words[i], 1000), strlen (words[i]) };
  return texts;
}

static inline void
texts_free (FanoutText *texts, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_free ((gpointer) texts[i].data);
  g_free (texts);
}

/** Values with blanks between them. */
static inline void
assert_result (const char *type, const char *settings, const char *values, const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\n", settings, NULL);
  Rows rows = { .n_columns = 1 };

  rows.texts[0] = split (values, &rows.n);
  assert_rows (type, all, &rows, want);
  texts_free (rows.texts[0], rows.n);
}

/** `ys` are of the column that the option `key` names. */
static inline void
assert_beside (const char *type, const char *key, const char *settings, const char *xs,
               const char *ys, const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\n", key, " = y\n", settings, NULL);
  Rows rows = { .n_columns = 2 };
  gsize n;

  rows.texts[0] = split (xs, &rows.n);
  rows.texts[1] = split (ys, &n);
  ck_assert_uint_eq (n, rows.n);
  assert_rows (type, all, &rows, want);
  texts_free (rows.texts[0], rows.n);
  texts_free (rows.texts[1], rows.n);
}

static inline void
assert_pairs (const char *type, const char *settings, const char *xs, const char *ys,
              const char *want)
{
  assert_beside (type, "value", settings, xs, ys, want);
}

static inline void
assert_refused (const char *type, const char *settings, const char *want)
{
  g_autofree char *all = g_strconcat ("column = x\n", settings, NULL);
  g_autofree char *problem = NULL;
  Use use;

  ck_assert_msg (!use_try (&use, type, all, &problem), "%s: %s", type, settings);
  ck_assert_msg (strstr (problem, want) != NULL, "%s: %s", type, problem);
  use_clear (&use);
}
