/* Whether a sink keeps its contract: the same text however the rows come. */

#include "core/kit/private.h"

#include <string.h>

#define N_COLUMNS 3

/* How the rows are handed over. */
typedef struct
{
  gsize piece;      /* rows at a time */
  gboolean gone;    /* they are overwritten behind each call */
  gboolean emptied; /* the text is taken away behind each call */
} Way;

typedef struct
{
  FanoutContract *contract;
  const FanoutSink *sink;
  gconstpointer options;
  FanoutLayout layout;
  gboolean clean; /* all texts are UTF-8 */
} Sinking;

static const char *const names[] = { "key", "a \"name\", with, all", "plain", NULL };

static FanoutValue
text_value (FanoutValueKind kind, const char *text)
{
  return (FanoutValue){ .kind = kind, .text = { text, strlen (text) } };
}

/* Row `row`: a key, a value that is seldom seen, a plain one. */
static void
make_row (const Sinking *self, guint row, FanoutValue *values)
{
  static char long_text[3000];
  static const double reals[] = { 0.1, -0.0, 1e300, 5e-324 };
  const double special[] = { g_ascii_strtod ("nan", NULL), g_ascii_strtod ("-inf", NULL) };
  const FanoutValue all[] = {
    { .kind = FANOUT_VALUE_NULL },
    text_value (FANOUT_VALUE_TEXT, ""),
    text_value (FANOUT_VALUE_TEXT, "a,b;c\td"),
    text_value (FANOUT_VALUE_TEXT, "say \"so\"\r\nand so"),
    text_value (FANOUT_VALUE_TEXT, self->clean ? "\xc3\xa9" : "\xff\xfe not UTF-8 \xc3"),
    text_value (FANOUT_VALUE_TEXT, "\x01\x7f \\ ' |"),
    text_value (FANOUT_VALUE_TEXT, memset (long_text, 'x', sizeof long_text - 1)),
    text_value (FANOUT_VALUE_LIST, "[]"),
    text_value (FANOUT_VALUE_LIST, "[1,\"a, \\\"b\\\"\",[null,2.50]]"),
    { .kind = FANOUT_VALUE_DOUBLE, .real = reals[row % G_N_ELEMENTS (reals)] },
    { .kind = FANOUT_VALUE_DOUBLE, .real = special[row % G_N_ELEMENTS (special)] },
    { .kind = FANOUT_VALUE_DECIMAL },
  };

  values[0] = row % 5 == 4 ? all[0] : all[(row + 2) % 7];
  values[1] = all[row % G_N_ELEMENTS (all)];
  values[2] = text_value (FANOUT_VALUE_TEXT, row % 2 == 0 ? "JFK" : "LGA");
}

static void
copy_text (FanoutValue *value, GPtrArray *blocks)
{
  gchar *copy;

  if (value->kind != FANOUT_VALUE_TEXT && value->kind != FANOUT_VALUE_LIST)
    return;
  copy = g_malloc (value->text.length + 2 * FANOUT_CONTRACT_PADDING);
  memset (copy, '#', value->text.length + 2 * FANOUT_CONTRACT_PADDING);
  value->text.data = memcpy (copy + FANOUT_CONTRACT_PADDING, value->text.data, value->text.length);
  g_ptr_array_add (blocks, copy);
}

/* Hand over rows `first` .. `first + n - 1`, in memory of their own. */
static void
hand_over (Sinking *self, gpointer state, gsize first, gsize n, const Way *way, GString *text)
{
  g_autofree FanoutValue *values = g_new0 (FanoutValue, n * N_COLUMNS);
  g_autofree FanoutValue *before = NULL;
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (g_free);
  const FanoutRows rows = { sizeof (FanoutRows), sizeof (FanoutValue), n, N_COLUMNS, values };

  for (gsize i = 0; i < n; i++)
    make_row (self, (guint) (first + i), values + i * N_COLUMNS);
  for (gsize i = 0; i < n * N_COLUMNS; i++)
    copy_text (&values[i], blocks);
  before = g_memdup2 (values, n * N_COLUMNS * sizeof *values);
  if (text != NULL)
    self->sink->rows (state, &rows, text);
  else
    self->sink->measure (state, &rows);
  if (memcmp (before, values, n * N_COLUMNS * sizeof *values) != 0)
    fanout_contract_find (self->contract, "changes rows",
                          "the values that it was given differ "
                          "after the call; they are only to be read");
  for (gsize i = 0; way->gone && i < n * N_COLUMNS; i++)
    if (before[i].kind == FANOUT_VALUE_TEXT || before[i].kind == FANOUT_VALUE_LIST)
      memset ((char *) before[i].text.data, '!', before[i].text.length);
}

static void
take_text (GString *text, GString *all, const Way *way)
{
  if (!way->emptied)
    return;
  g_string_append_len (all, text->str, (gssize) text->len);
  g_string_truncate (text, 0);
}

/* `n` tables of `n_rows` rows, in turns; the text of the first. */
static char *
write_tables (Sinking *self, guint n, gsize n_rows, const Way *way)
{
  gpointer states[2];
  GString *texts[2] = { NULL, NULL };
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      texts[i] = g_string_new (NULL);
      states[i] = self->sink->begin (self->options, &self->layout, texts[i]);
    }
  for (gsize first = 0; first < n_rows && self->sink->measure != NULL; first += way->piece)
    for (guint i = 0; i < n; i++)
      hand_over (self, states[i], first, MIN (way->piece, n_rows - first), way, NULL);
  for (gsize first = 0; first < n_rows; first += way->piece)
    for (guint i = 0; i < n; i++)
      {
        hand_over (self, states[i], first, MIN (way->piece, n_rows - first), way, texts[i]);
        if (i == 0)
          take_text (texts[i], all, way);
      }
  for (guint i = 0; i < n; i++)
    self->sink->end (states[i], texts[i]);
  g_string_append_len (all, texts[0]->str, (gssize) texts[0]->len);
  for (guint i = 0; i < n; i++)
    g_string_free (texts[i], TRUE);
  return g_string_free (all, FALSE);
}

static void
check_table (Sinking *self, gsize n_rows)
{
  static const Way at_once = { G_MAXUINT16, FALSE, FALSE };
  static const struct
  {
    const char *kind;
    const char *how;
    guint n;
    Way way;
  } ways[] = {
    { "again", "the second time", 1, { G_MAXUINT16, FALSE, FALSE } },
    { "pieces", "row by row", 1, { 1, FALSE, FALSE } },
    { "keeps rows", "when rows are overwritten behind each call", 1, { 3, TRUE, FALSE } },
    { "keeps text", "when `text` is emptied between calls", 1, { 1, FALSE, TRUE } },
    { "company", "when another table takes turns", 2, { 2, FALSE, TRUE } },
  };
  g_autofree char *whole = write_tables (self, 1, n_rows, &at_once);
  g_autofree char *clean = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *text = write_tables (self, ways[i].n, n_rows, &ways[i].way);

      fanout_contract_same (self->contract, ways[i].kind, ways[i].how, text, whole);
    }
  self->clean = TRUE;
  clean = write_tables (self, 1, n_rows, &at_once);
  self->clean = FALSE;
  if (!g_utf8_validate (clean, -1, NULL))
    fanout_contract_find (self->contract, "not UTF-8",
                          "what it writes is not valid UTF-8, though all texts are");
  if (n_rows > 1 && strstr (whole, "JFK") == NULL)
    fanout_contract_find (self->contract, "hides a cell",
                          "the text JFK of the first row is not in what it writes");
}

void
fanout_contract_check_sink (FanoutContract *contract, const FanoutSink *sink, gconstpointer options)
{
  Sinking self = { .contract = contract, .sink = sink, .options = options };

  self.layout
      = (FanoutLayout){ .size = sizeof (FanoutLayout), .n_columns = N_COLUMNS, .names = names };

  for (guint i = 0; i < 8; i++)
    {
      const gboolean grouped = (i & 1) != 0;

      self.layout.n_keys = grouped ? 1 : 0;
      self.layout.grouped = grouped;
      self.layout.header = (i & 2) != 0;
      self.layout.terminal = (i & 4) != 0;
      contract->shape = grouped ? "a table with groups" : "one row";
      fanout_contract_progress (contract, "writing");
      if (grouped)
        {
          check_table (&self, 0);
          check_table (&self, 60);
        }
      check_table (&self, 1);
      fanout_contract_check_surroundings (contract);
    }
}
