/* States of operators: rows in two pieces, combined, are rows in one; encoded and decoded a state
 * is the same; and what is decoded of damaged bytes is refused, or does what a state does. */

#include "tests/fuzz/fuzz.h"
#include "core/base/writer.h"
#include "core/handover/loop.h"
#include "core/kit/private.h"
#include "core/plugin/registry.h"
#include "core/result/value.h"

#include <string.h>

#define ROWS_MAX 200

/* An operator in one of its ways. */
typedef struct
{
  const FanoutOperator *operator_;
  const FanoutContractOptions *options;
  FanoutPlanAggregate plan;
  guint columns[16];
  FanoutMemoryLimit limit;
  GMainContext *context;
} Use;

/* Those of an operator are made once. */
static const GPtrArray *
variants_of (const FanoutOperator *operator_)
{
  static GHashTable *known;
  GPtrArray *variants;
  g_autofree char *problem = NULL;

  if (known == NULL)
    known = g_hash_table_new (NULL, NULL);
  variants = g_hash_table_lookup (known, operator_);
  if (variants == NULL)
    {
      variants = fanout_contract_options (operator_, &problem);
      fuzz_check (variants != NULL, "%s: %s", operator_->name, problem);
      g_hash_table_insert (known, (gpointer) operator_, variants);
    }
  return variants;
}

/* FALSE: its states are not encoded. */
static gboolean
take_use (FuzzInput *in, Use *use)
{
  const char *const *names = fanout_registry_names (fuzz_registry (), FANOUT_KIND_OPERATOR);
  const char *name = names[fuzz_below (in, g_strv_length ((char **) names))];
  const FanoutOperator *operator_ = fanout_registry_operator (fuzz_registry (), name, NULL);
  const guint8 variant = fuzz_byte (in);
  const GPtrArray *variants;
  g_auto (GStrv) columns = NULL;

  if (operator_->encode == NULL || operator_->loop != NULL)
    return FALSE;
  variants = variants_of (operator_);
  *use = (Use){ .operator_ = operator_, .options = variants->pdata[variant % variants->len] };
  columns = fanout_operator_columns (operator_, use->options->options, "x");
  for (guint i = 0; i < G_N_ELEMENTS (use->columns); i++)
    use->columns[i] = i;
  use->plan = (FanoutPlanAggregate){ .name = "x",
                                     .operator_ = operator_,
                                     .options = use->options->options,
                                     .n_columns = use->options->n_columns,
                                     .columns = use->columns,
                                     .n_results = g_strv_length (columns) };
  fanout_memory_limit_init (&use->limit, (gsize) 256 << 20);
  use->context = g_main_context_new ();
  return TRUE;
}

/* A value: a byte says of which kind. */
static char *
take_text (FuzzInput *in)
{
  static const char *const texts[] = { "",
                                       "0",
                                       "1",
                                       "-1",
                                       "2",
                                       "0.1",
                                       "1e300",
                                       "-1e300",
                                       "nan",
                                       "inf",
                                       "-inf",
                                       "5e-324",
                                       "9223372036854775807",
                                       "-9223372036854775807",
                                       "12345678901234567890",
                                       "0.000000000000000001",
                                       "a",
                                       "ab",
                                       "123456789.123456789",
                                       "1e22",
                                       "-0",
                                       "1e-7",
                                       "12345678901234567890123456789012345678",
                                       "0.00000000000000000001" };
  const guint8 kind = fuzz_byte (in);
  char *text;

  if (kind < 64)
    return g_strdup_printf ("%d", (int) kind - 32);
  if (kind < 64 + G_N_ELEMENTS (texts))
    return g_strdup (texts[kind - 64]);
  if (kind < 160)
    return g_strdup_printf ("%d.%02u", (gint8) fuzz_byte (in), fuzz_below (in, 100));
  if (kind < 200)
    {
      const guint64 bits = fuzz_word (in, 8);
      double real;

      memcpy (&real, &bits, sizeof real);
      text = g_malloc (FANOUT_NUMBER_TEXT_MAX);
      fanout_double_format (real, text);
      return text;
    }
  if (kind < 220)
    return g_strdup_printf ("%" G_GINT64_FORMAT "e-%u", (gint64) fuzz_word (in, 8),
                            fuzz_below (in, 20));
  text = g_strndup ((const char *) in->data, MIN (in->length, (gsize) kind - 220));
  in->data += MIN (in->length, (gsize) kind - 220);
  in->length -= MIN (in->length, (gsize) kind - 220);
  return text;
}

static void
put_value (FanoutContractRows *rows, const FanoutOperatorInput *input, guint column, gsize row,
           const char *text)
{
  const gsize length = strlen (text);
  char *room = g_malloc0 (length + 2 * FANOUT_CONTRACT_PADDING);
  FanoutWide *wide = g_new0 (FanoutWide, 1);

  g_ptr_array_add (rows->owner, wide);
  memcpy (room + FANOUT_CONTRACT_PADDING, text, length);
  g_ptr_array_add (rows->owner, room);
  rows->texts[column][row] = room;
  rows->lengths[column][row] = length;
  rows->nulls[column][row] = length == 0;
  if (!fanout_number_parse_wide (text, length, &rows->numbers[column][row], wide, NULL)
      && (input->takes == FANOUT_TAKES_NUMBER || input->takes == FANOUT_TAKES_DOUBLE))
    rows->nulls[column][row] = 1;
}

static FanoutContractRows *
take_rows (FuzzInput *in, const Use *use, gsize n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  const gsize indexes[ROWS_MAX] = { 0 };
  /* They have the room for others. */
  g_autoptr (FanoutContractRows) one
      = fanout_contract_rows_new (FANOUT_SHAPE_ONE, use->options->n_columns, random);
  FanoutContractRows *rows = fanout_contract_rows_pick (one, indexes, n, TRUE);

  for (gsize row = 0; row < n; row++)
    for (guint c = 0; c < rows->n_columns; c++)
      {
        g_autofree char *text = take_text (in);

        put_value (rows, &use->options->inputs[c], c, row, text);
      }
  return rows;
}

static FanoutNode *
node_new (Use *use)
{
  return fanout_node_new (&use->plan, FALSE, &use->limit, use->context);
}

/* FALSE: it has failed. */
static gboolean
feed (const Use *use, FanoutNode *node, const FanoutContractRows *rows, gsize first, gsize n,
      gsize batch)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  const gsize end = first + n;

  for (; first < end && node->status == FANOUT_NODE_RUNNING; first += batch)
    {
      const gsize size = MIN (batch, end - first);
      FanoutFrame *frame = fanout_contract_frame_new (rows, use->options->inputs, first, size,
                                                      FALSE, FANOUT_FORMS_TURNS, random);
      const FanoutBatch whole = { frame, 0, size };

      frame->serial = first + 1;
      node->n_taken = 0;
      fanout_node_take (node, &whole);
      node->serial = 0;
      node->input.rows = NULL;
      fanout_contract_frame_spoil (frame);
      fanout_contract_frame_free (frame);
    }
  return node->status != FANOUT_NODE_FAILED;
}

/* Its results as JSON, or why there are none: "error: ...". */
static char *
results (const Use *use, FanoutNode *node)
{
  GString *text = g_string_new (NULL);
  FanoutOut out;

  fanout_out_init (&out, 1, use->plan.n_results);
  fanout_out_reset (&out, 1);
  if (use->operator_->finish (&node->aggregate, node->states, 1, &out) && node->error == NULL)
    for (guint c = 0; c < use->plan.n_results; c++)
      {
        g_string_append_printf (text, "%d:", (int) fanout_out_row (&out, 0)[c].kind);
        fanout_value_append_json (text, fanout_out_row (&out, 0) + c);
        g_string_append_printf (text, " (%s) ",
                                out.approximate[c] != NULL ? out.approximate[c] : "");
      }
  else
    {
      g_autoptr (GError) error = fanout_aggregate_take_error (&node->aggregate);

      fuzz_check_error (TRUE, error);
      g_string_append_printf (text, "error: %s", error->message);
      node->status = FANOUT_NODE_RUNNING;
    }
  fanout_out_clear (&out);
  return g_string_free (text, FALSE);
}

static GByteArray *
encode (const Use *use, FanoutNode *node)
{
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  GByteArray *bytes = g_byte_array_new ();
  gsize length;
  const guint8 *data;

  use->operator_->encode (&node->aggregate, node->states, out);
  data = fanout_writer_bytes (out, &length);
  return g_byte_array_append (bytes, data, (guint) length);
}

/* A new node, or NULL where it was refused. */
static FanoutNode *
decode (Use *use, const GByteArray *bytes)
{
  g_autofree char *copy = fuzz_copy (bytes->data, bytes->len);
  FanoutNode *node = node_new (use);

  if (use->operator_->decode (&node->aggregate, node->states, (const guint8 *) copy, bytes->len))
    return node;
  fanout_node_free (node);
  return NULL;
}

static void
check_same (const Use *use, const char *a, const char *b, const char *what)
{
  fuzz_check (strcmp (a, b) == 0, "%s: %s: %s: %s instead of %s", use->operator_->name,
              use->options->text, what, b, a);
}

/* What it has come to, it comes to again behind its bytes; FALSE: they are refused. */
static gboolean
comes_through_bytes (Use *use, FanoutNode *node, const char *wanted)
{
  g_autoptr (GByteArray) bytes = encode (use, node);
  FanoutNode *again = decode (use, bytes);
  g_autofree char *found = NULL;

  if (again == NULL)
    return FALSE;
  found = results (use, again);
  check_same (use, wanted, found, "decoded");
  fanout_node_free (again);
  return TRUE;
}

static void
check_through_bytes (Use *use, FanoutNode *node, const char *wanted)
{
  fuzz_check (comes_through_bytes (use, node, wanted), "%s: %s: what it encoded was refused",
              use->operator_->name, use->options->text);
}

/* What was taken is a state. Combined with another its counts may be more than a state has, which
 * no rows come to: it may be refused then. */
static void
check_damaged (Use *use, FuzzInput *in, FanoutNode *node, FanoutNode *other)
{
  g_autoptr (GByteArray) bytes = encode (use, node);
  FanoutNode *damaged;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  fuzz_edit (in, bytes);
  damaged = decode (use, bytes);
  if (damaged == NULL)
    return;
  first = results (use, damaged);
  check_through_bytes (use, damaged, first);
  if (use->operator_->shift != NULL)
    use->operator_->shift (&damaged->aggregate, damaged->states, 1, 1000);
  if (use->operator_->combine != NULL && fanout_node_combine (damaged, other, NULL, 0, 1))
    {
      second = results (use, damaged);
      comes_through_bytes (use, damaged, second);
    }
  fanout_node_free (damaged);
}

static void
check_state (Use *use, FuzzInput *in)
{
  const gsize n = fuzz_below (in, ROWS_MAX);
  const gsize cut = fuzz_below (in, (guint) n + 1);
  const gsize batch = 1 + fuzz_below (in, 16);
  g_autoptr (FanoutContractRows) rows = take_rows (in, use, n);
  FanoutNode *whole = node_new (use), *a = node_new (use), *b = node_new (use);
  gboolean done = feed (use, whole, rows, 0, n, batch);

  done = feed (use, a, rows, 0, cut, batch) && done;
  done = feed (use, b, rows, cut, n - cut, batch) && done;
  if (done)
    {
      g_autofree char *wanted = results (use, whole);

      check_through_bytes (use, whole, wanted);
      check_damaged (use, in, whole, a);
      if (use->operator_->combine != NULL)
        {
          FanoutNode *again = node_new (use);

          feed (use, again, rows, 0, cut, n + 1);
          if (fanout_node_combine (again, b, NULL, 0, 1))
            {
              g_autofree char *combined = results (use, again);

              check_same (use, wanted, combined, "combined");
            }
          fanout_node_free (again);
        }
    }
  fanout_node_free (whole);
  fanout_node_free (a);
  fanout_node_free (b);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput in = { data, size };
  Use use;

  if (size > 5000 || !take_use (&in, &use))
    return 0;
  check_state (&use, &in);
  fuzz_check (use.limit.reserved == 0, "%s: %s: %zu bytes are left", use.operator_->name,
              use.options->text, use.limit.reserved);
  g_main_context_unref (use.context);
  return 0;
}
