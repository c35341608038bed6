#include "core/kit/contract.h"
#include "core/plugin/columns.h"
#include "core/kit/private.h"
#include "core/config/option.h"

#include <string.h>
#include <time.h>

#define NAME "result"
#define SEED 20131231

/* How often bytes are damaged: with the first options, and with each of the others. */
#define BYTES_TRIES      200u
#define BYTES_TRIES_MORE 20u
#define HASTY_SHARE      4u

static const FanoutContractWay at_once = { 4096, 4096, FANOUT_FORMS_PLAIN, FALSE, FALSE };

void
fanout_contract_report_init (FanoutContractReport *report)
{
  memset (report, 0, sizeof *report);
  report->findings = g_ptr_array_new_with_free_func (g_free);
}

void
fanout_contract_report_clear (FanoutContractReport *report)
{
  g_clear_pointer (&report->findings, g_ptr_array_unref);
}

/* What is said about it. */

static void
check_text (FanoutContract *self, const char *member, const char *text, gboolean one_line)
{
  if (text == NULL || text[0] == '\0')
    fanout_contract_find (self, member, "`%s` is missing; people read it in the list of plugins",
                          member);
  else if (one_line && (strchr (text, '\n') != NULL || g_str_has_suffix (text, ".")))
    fanout_contract_find (self, member, "`%s` is to be one line without a full stop", member);
}

static void
check_table (FanoutContract *self)
{
  const FanoutOperator *operator_ = self->operator_;
  g_autofree char *problem = NULL;

  if (operator_->options != NULL
      && !fanout_options_check (operator_->options, operator_->options_size, &problem))
    fanout_contract_find (self, "options", "%s", problem);
  for (const FanoutOption *option = operator_->options;
       problem == NULL && option != NULL && option->key != NULL; option++)
    if (option->help == NULL || option->help[0] == '\0')
      fanout_contract_find (self, "help", "option '%s' has no `help`", option->key);
}

static void
check_declaration (FanoutContract *self)
{
  const FanoutOperator *operator_ = self->operator_;

  check_text (self, "summary", operator_->summary, TRUE);
  check_text (self, "details", operator_->details, FALSE);
  check_table (self);
}

static void
check_promises (FanoutContract *self)
{
  check_text (self, "promise", self->operator_->promise, TRUE);
  if (self->operator_->encode != NULL && self->operator_->version == 0)
    fanout_contract_find (self, "version",
                          "`version` is 0 though states are encoded; 1 is the first");
}

static void
check_columns (FanoutContract *self)
{
  g_auto (GStrv) names = fanout_operator_columns (self->operator_, self->options->options, NAME);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  self->plan.n_results = g_strv_length (names);
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_hash_table_add (seen, names[i]))
      fanout_contract_find (self, "columns", "two result columns are called '%s'", names[i]);
}

/* What it answers. */

/* The same once more. */
static gboolean
check_again (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  g_autofree char *text = fanout_contract_run (self, rows, &at_once, FALSE);

  return fanout_contract_same (
      self, "again",
      "when the same rows come again (neither time nor chance nor static variables may matter)",
      text, whole);
}

/* Nothing of a batch is there any more when the next one comes. */
static gboolean
check_keeping (FanoutContract *self, const FanoutContractRows *rows)
{
  static const FanoutContractWay single = { 1, 1, FANOUT_FORMS_PLAIN, FALSE, FALSE };
  static const FanoutContractWay kept = { 1, 1, FANOUT_FORMS_PLAIN, FALSE, TRUE };
  g_autofree char *gone_text = fanout_contract_run (self, rows, &single, FALSE);
  g_autofree char *kept_text = fanout_contract_run (self, rows, &kept, FALSE);

  return fanout_contract_same (self, "keeps a batch",
                               "when what a batch pointed to is overwritten behind it (copy what "
                               "is to last)",
                               gone_text, kept_text);
}

static void
check_batches (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  static const gsize batches[] = { 1, 64, 2, 7, 4096 };
  const gsize n = self->thorough ? G_N_ELEMENTS (batches) : 2;

  for (gsize i = 0; i < n; i++)
    {
      const FanoutContractWay stays = { batches[i], 4096, FANOUT_FORMS_PLAIN, FALSE, FALSE };
      const FanoutContractWay moves = { batches[i], 4096, FANOUT_FORMS_PLAIN, TRUE, FALSE };
      g_autofree char *how = g_strdup_printf ("in batches of %" G_GSIZE_FORMAT, batches[i]);
      g_autofree char *stayed = fanout_contract_run (self, rows, &stays, FALSE);
      g_autofree char *moved = fanout_contract_run (self, rows, &moves, FALSE);

      if (fanout_contract_same (self, "batches", how, stayed, whole))
        fanout_contract_same (self, "moved states", "when states move between the batches", moved,
                              whole);
    }
}

static void
check_forms (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  static const char *const how[] = { "in one form", "with zeros behind the digits",
                                     "in mixed columns", "when forms change from chunk to chunk" };

  for (FanoutForms forms = self->thorough ? FANOUT_FORMS_SCALED : FANOUT_FORMS_TURNS;
       forms <= FANOUT_FORMS_TURNS; forms++)
    {
      const FanoutContractWay way = { 64, 37, forms, TRUE, FALSE };
      g_autofree char *text = fanout_contract_run (self, rows, &way, FALSE);

      fanout_contract_same (self, "forms", how[forms], text, whole);
    }
}

/* Rows with a null are not there for an operator that does not take nulls. */
static void
check_nulls (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  g_autofree gsize *indexes = g_new (gsize, rows->n_rows + 1);
  g_autoptr (FanoutContractRows) picked = NULL;
  g_autofree char *text = NULL;
  gsize n = 0;

  if ((self->operator_->flags & FANOUT_TAKES_NULLS) != 0)
    return;
  for (gsize i = 0; i < rows->n_rows; i++)
    {
      gboolean any = FALSE;

      for (guint c = 0; c < rows->n_columns; c++)
        any |= rows->nulls[c][i] != 0;
      if (!any)
        indexes[n++] = i;
    }
  if (n == rows->n_rows)
    return;
  picked = fanout_contract_rows_pick (rows, indexes, n, FALSE);
  text = fanout_contract_run (self, picked, &at_once, FALSE);
  fanout_contract_same (self, "nulls", "with the rows that have a null", whole, text);
}

static FanoutContractRows *
pick_group (const FanoutContractRows *rows, guint32 group)
{
  g_autofree gsize *indexes = g_new (gsize, rows->n_rows);
  gsize n = 0;

  for (gsize i = 0; i < rows->n_rows; i++)
    if (rows->groups[i] == group)
      indexes[n++] = i;
  return fanout_contract_rows_pick (rows, indexes, n, FALSE);
}

/* The results with groups; NULL when there can be none. */
static char *
check_groups (FanoutContract *self, const FanoutContractRows *rows)
{
  static const FanoutContractWay small = { 7, 37, FANOUT_FORMS_TURNS, TRUE, FALSE };
  g_autoptr (GString) want = g_string_new (NULL);
  g_autofree char *again = NULL;
  char *text;

  if ((self->operator_->flags & FANOUT_UNGROUPED) != 0)
    return NULL;
  text = fanout_contract_run (self, rows, &at_once, TRUE);
  again = fanout_contract_run (self, rows, &small, TRUE);
  for (guint32 group = 0; group < rows->n_groups; group++)
    {
      g_autoptr (FanoutContractRows) picked = pick_group (rows, group);
      g_autofree char *one = fanout_contract_run (self, picked, &at_once, FALSE);

      g_string_append (want, one);
    }
  if (strstr (want->str, "refused") == NULL)
    fanout_contract_same (self, "groups", "for rows of one group among others", text, want->str);
  fanout_contract_same (self, "batches of groups", "with groups, in batches of 7", again, text);
  return text;
}

/* For an operator whose result is free of the order. */
static void
check_shuffled (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  g_autofree gsize *indexes = g_new (gsize, rows->n_rows + 1);
  g_autoptr (FanoutContractRows) shuffled = NULL;
  g_autofree char *text = NULL;

  for (gsize i = 0; i < rows->n_rows; i++)
    indexes[i] = i;
  for (gsize i = rows->n_rows; i > 1; i--)
    {
      const gsize other = (gsize) g_rand_int_range (self->random, 0, (gint) i);
      const gsize index = indexes[i - 1];

      indexes[i - 1] = indexes[other];
      indexes[other] = index;
    }
  shuffled = fanout_contract_rows_pick (rows, indexes, rows->n_rows, TRUE);
  text = fanout_contract_run (self, shuffled, &at_once, FALSE);
  fanout_contract_same (self, "order", "in another order of the rows, though `order` says free,",
                        text, whole);
}

static void
check_order (FanoutContract *self, const FanoutContractRows *rows, const char *whole, guint n)
{
  if (self->operator_->order == FANOUT_ORDER_FREE && !g_str_has_prefix (whole, "refused"))
    while (n-- > 0)
      check_shuffled (self, rows, whole);
}

/* Two uses of one operator know nothing of each other. */
static void
check_company (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  FanoutNode *nodes[] = { fanout_contract_start (self, 0), fanout_contract_start (self, 0) };
  g_autoptr (FanoutContractRows) others
      = fanout_contract_rows_new (FANOUT_SHAPE_WIDE, rows->n_columns, self->random);
  g_autofree char *text = NULL;

  for (gsize i = 0; i < rows->n_rows; i++)
    {
      g_autoptr (FanoutContractRows) one = fanout_contract_rows_pick (rows, &i, 1, FALSE);
      g_autoptr (FanoutContractRows) other = fanout_contract_rows_pick (others, &i, 1, FALSE);

      fanout_contract_feed (self, nodes[0], one, &at_once);
      fanout_contract_feed (self, nodes[1], other, &at_once);
    }
  text = fanout_contract_results (self, nodes[0], 1);
  fanout_contract_stop (self, G_N_ELEMENTS (nodes), nodes);
  fanout_contract_same (self, "company", "when another aggregate of this operator takes turns",
                        text, whole);
}

/* After `enough` no row may matter, and the row where that was is the same whatever the batches. */
static void
check_leaving (FanoutContract *self, const FanoutContractRows *rows, const char *whole)
{
  static const FanoutContractWay single = { 1, 4096, FANOUT_FORMS_PLAIN, FALSE, FALSE };
  FanoutNode *nodes[] = { fanout_contract_start (self, 0), fanout_contract_start (self, 0) };
  g_autofree char *text = NULL;

  fanout_contract_feed (self, nodes[0], rows, &at_once);
  fanout_contract_feed (self, nodes[1], rows, &single);
  if (nodes[0]->status != FANOUT_NODE_FAILED && nodes[1]->status != FANOUT_NODE_FAILED
      && (nodes[0]->status != nodes[1]->status || nodes[0]->last_row != nodes[1]->last_row))
    fanout_contract_find (self, "leaves too early or late",
                          "it had enough after row %" G_GUINT64_FORMAT
                          " of one batch, and after row %" G_GUINT64_FORMAT " row by row",
                          nodes[0]->last_row, nodes[1]->last_row);
  if (nodes[0]->status == FANOUT_NODE_LEFT)
    {
      if ((self->operator_->flags & FANOUT_MAY_LEAVE) == 0)
        fanout_contract_find (self, "leaves", "it had enough, but `flags` lack FANOUT_MAY_LEAVE");
      nodes[0]->status = FANOUT_NODE_RUNNING;
      if (self->operator_->loop == NULL)
        fanout_contract_feed (self, nodes[0], rows, &at_once);
      text = fanout_contract_results (self, nodes[0], 1);
      fanout_contract_same (self, "leaves and comes back", "when rows follow after it had enough",
                            text, whole);
    }
  fanout_contract_stop (self, G_N_ELEMENTS (nodes), nodes);
}

static void
check_rows (FanoutContract *self, FanoutShape shape)
{
  g_autoptr (FanoutContractRows) rows
      = fanout_contract_rows_new (shape, self->options->n_columns, self->random);
  g_autofree char *whole = NULL;
  g_autofree char *grouped = NULL;

  self->shape = fanout_shape_names[shape];
  fanout_contract_progress (self, "updating");
  whole = fanout_contract_run (self, rows, &at_once, FALSE);
  /* What is null is rubbish, another one each time. */
  if (shape < FANOUT_SHAPE_NULLS && check_again (self, rows, whole) && !check_keeping (self, rows))
    return;
  if (self->abandoned)
    return;
  check_batches (self, rows, whole);
  check_forms (self, rows, whole);
  check_nulls (self, rows, whole);
  check_order (self, rows, whole, 1);
  if (self->thorough || shape == FANOUT_SHAPE_COMMON)
    check_company (self, rows, whole);
  check_leaving (self, rows, whole);
  fanout_contract_progress (self, "updating groups");
  grouped = check_groups (self, rows);
  if (g_str_has_prefix (whole, "refused"))
    return;
  self->any_result |= rows->n_rows > 0 && shape != FANOUT_SHAPE_ALL_NULL;
  if (self->thorough || shape == FANOUT_SHAPE_COMMON)
    fanout_contract_check_midstream (self, rows, whole, grouped);
  fanout_contract_check_parts (self, rows, whole, grouped);
  fanout_contract_check_bytes (self, rows,
                               (self->thorough ? BYTES_TRIES : BYTES_TRIES_MORE)
                                   / (self->report->hasty ? HASTY_SHARE : 1u));
}

/* Thousands of values: beyond what fits a first table, and beyond limits that are small. */
static void
check_many (FanoutContract *self)
{
  static const FanoutContractWay turns = { 1000, 4096, FANOUT_FORMS_TURNS, TRUE, FALSE };
  g_autoptr (FanoutContractRows) rows
      = fanout_contract_rows_new (FANOUT_SHAPE_MANY, self->options->n_columns, self->random);
  g_autofree char *whole = NULL;
  g_autofree char *grouped = NULL;
  g_autofree char *text = NULL;

  self->shape = fanout_shape_names[FANOUT_SHAPE_MANY];
  fanout_contract_progress (self, "updating");
  whole = fanout_contract_run (self, rows, &at_once, FALSE);
  if (self->abandoned || g_str_has_prefix (whole, "refused"))
    return;
  text = fanout_contract_run (self, rows, &turns, FALSE);
  fanout_contract_same (self, "batches", "in batches of 1000", text, whole);
  check_order (self, rows, whole, 2);
  if ((self->operator_->flags & FANOUT_UNGROUPED) == 0)
    grouped = fanout_contract_run (self, rows, &at_once, TRUE);
  fanout_contract_check_parts (self, rows, whole, grouped);
}

static void
check_seen (FanoutContract *self)
{
  g_auto (GStrv) names = fanout_operator_columns (self->operator_, self->options->options, NAME);

  for (guint i = 0; i < MIN (self->plan.n_results, 63); i++)
    if ((self->seen >> i & 1) == 0)
      fanout_contract_find (self, "always null",
                            "result column '%s' is null whatever the rows; `finish` writes cells "
                            "with fanout_out_number() and its like",
                            names[i]);
}

/* The same rows in another second. */
static void
check_time (FanoutContract *self)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  g_autoptr (FanoutContractRows) rows
      = fanout_contract_rows_new (FANOUT_SHAPE_COMMON, self->options->n_columns, random);
  g_autofree char *text = fanout_contract_run (self, rows, &at_once, FALSE);
  const time_t start = time (NULL);
  g_autofree char *later = NULL;

  self->shape = fanout_shape_names[FANOUT_SHAPE_COMMON];
  while (time (NULL) == start)
    g_usleep (10000);
  later = fanout_contract_run (self, rows, &at_once, FALSE);
  fanout_contract_same (self, "time", "for the same rows a second later", later, text);
}

static void
check_options (FanoutContract *self, const FanoutContractOptions *options)
{
  self->options = options;
  self->plan.name = NAME;
  self->plan.origin = "contract";
  self->plan.operator_ = self->operator_;
  self->plan.options = options->options;
  self->plan.n_columns = options->n_columns;
  self->plan.columns = g_new0 (guint, options->n_columns + 1);
  for (guint i = 0; i < options->n_columns; i++)
    self->plan.columns[i] = i;
  check_columns (self);
  self->seen = 0;
  self->any_result = FALSE;
  for (FanoutShape shape = FANOUT_SHAPE_NONE; shape < FANOUT_N_SMALL_SHAPES && !self->abandoned;
       shape++)
    {
      check_rows (self, shape);
      fanout_contract_check_surroundings (self);
    }
  if ((self->thorough || options->bounds) && !self->abandoned)
    check_many (self);
  if (self->any_result && !self->abandoned)
    {
      check_seen (self);
      fanout_contract_check_heap (self);
      if (self->thorough && self->operator_->loop == NULL)
        fanout_contract_check_refusal (self);
      if (self->thorough && !self->report->hasty)
        check_time (self);
    }
  self->shape = NULL;
  g_clear_pointer (&self->plan.columns, g_free);
}

static void
check_all_options (FanoutContract *self)
{
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) all = fanout_contract_options (self->operator_, &problem);
  gboolean any_result = FALSE;

  if (all == NULL)
    {
      fanout_contract_find (self, "options",
                            "those made up for the test were refused: %s; give them an `example`",
                            problem);
      return;
    }
  for (guint i = 0; i < all->len && !self->abandoned; i++)
    {
      self->thorough = i == 0;
      check_options (self, all->pdata[i]);
      any_result |= self->any_result;
    }
  self->options = NULL;
  if (!any_result && !self->abandoned)
    fanout_contract_find (self, "refuses", "every input was refused: %s",
                          self->refusal != NULL ? self->refusal : "no reason");
}

/* What a source or a sink declares is what an operator would. */
typedef void (*CheckOther) (FanoutContract *self, gconstpointer item, gconstpointer options);

static void
check_source (FanoutContract *self, gconstpointer item, gconstpointer options)
{
  fanout_contract_check_source (self, item, options);
}

static void
check_sink (FanoutContract *self, gconstpointer item, gconstpointer options)
{
  fanout_contract_check_sink (self, item, options);
}

static void
check_other (FanoutContract *self, gconstpointer item, CheckOther check)
{
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) all = fanout_contract_options (self->operator_, &problem);

  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      self->options = all->pdata[i];
      check (self, item, self->options->options);
    }
  if (all == NULL)
    fanout_contract_find (self, "options",
                          "those made up for the test were refused: %s; give them an `example`",
                          problem);
}

static FanoutOperator
declaration_of (FanoutKind kind, gconstpointer item)
{
  const FanoutSource *source = item;
  const FanoutSink *sink = item;

  if (kind == FANOUT_KIND_OPERATOR)
    return *(const FanoutOperator *) item;
  if (kind == FANOUT_KIND_SOURCE)
    return (FanoutOperator){ .name = source->name,
                             .summary = source->summary,
                             .details = source->details,
                             .options_size = source->options_size,
                             .option_size = source->option_size,
                             .options = source->options,
                             .prepare = source->prepare,
                             .release = source->release };
  return (FanoutOperator){ .name = sink->name,
                           .summary = sink->summary,
                           .details = sink->details,
                           .options_size = sink->options_size,
                           .option_size = sink->option_size,
                           .options = sink->options,
                           .prepare = sink->prepare,
                           .release = sink->release };
}

static void
check_kind (FanoutContract *self, FanoutKind kind, gconstpointer item)
{
  check_declaration (self);
  if (kind == FANOUT_KIND_OPERATOR)
    check_promises (self);
  if (g_hash_table_contains (self->told, "options"))
    return;
  if (kind == FANOUT_KIND_OPERATOR)
    check_all_options (self);
  else
    check_other (self, item, kind == FANOUT_KIND_SOURCE ? check_source : check_sink);
}

gboolean
fanout_contract_check (FanoutKind kind, gconstpointer item, FanoutContractReport *report)
{
  const FanoutOperator declared = declaration_of (kind, item);
  FanoutContract self = { .report = report };
  const guint before = report->findings->len;

  self.operator_ = kind == FANOUT_KIND_OPERATOR ? item : &declared;
  self.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.context = g_main_context_new ();
  self.random = g_rand_new_with_seed (SEED);
  fanout_contract_memory_init (&self);
  self.frames = g_ptr_array_new_with_free_func ((GDestroyNotify) fanout_contract_frame_free);
  self.surroundings = fanout_surroundings_new ();
  check_kind (&self, kind, item);
  fanout_surroundings_free (self.surroundings);
  g_ptr_array_unref (self.frames);
  g_hash_table_unref (self.blocks);
  g_rand_free (self.random);
  g_main_context_unref (self.context);
  g_hash_table_unref (self.told);
  g_free (self.refusal);
  return report->findings->len == before;
}
