/* How many different values there are: exact up to a number of them, estimated beyond it. */

#include "hyperloglog.h"
#include "set.h"
#include "values.h"

#include <fanout/steps.h>

enum
{
  AS_TEXT = 0,
  AS_NUMBER,
};

typedef struct
{
  FanoutColumns columns;
  guint64 limit;
  gint as;
} Options;

/* `bytes` of a set that has SKETCHED values are the registers of a HyperLogLog. */
typedef Set State;

#define SKETCHED G_MAXUINT32

static inline void
sketch_add (State *state, FanoutText value)
{
  hyperloglog_add (state->bytes, fanout_hash_bytes (value.data, value.length, 0));
}

static void
to_sketch (State *state, FanoutMemory *memory)
{
  State sketch = { .bytes = fanout_allocate (memory, HYPERLOGLOG_N), .n = SKETCHED };

  for (gsize i = 0; i < set_words_room (state); i++)
    if (state->words[i] != 0)
      {
        guint8 buffer[SET_BUFFER];

        sketch_add (&sketch, set_value_at (set_word_bytes (state, state->words[i], buffer)));
      }
  set_clear (state, memory);
  *state = sketch;
}

static void
add (State *state, FanoutText value, const Options *options, FanoutMemory *memory)
{
  if (state->n != SKETCHED)
    {
      if (set_add (state, value, options->limit, memory))
        return;
      to_sketch (state, memory);
    }
  sketch_add (state, value);
}

/* Rows to values. */

/* Several columns together: each behind its length. */
static void
add_tuple (State *state, const FanoutInput *input, gsize i)
{
  guint8 inside[512];
  g_autofree guint8 *outside = NULL;
  guint8 *tuple = inside;
  gsize length = 0;
  ValuesBuffer buffer;

  for (guint c = 0; c < input->n_columns; c++)
    length += values_at (fanout_input_column (input, c), i, &buffer).length + SET_LENGTH_MAX;
  if (length > sizeof inside)
    {
      outside = g_malloc (length);
      tuple = outside;
    }
  length = 0;
  for (guint c = 0; c < input->n_columns; c++)
    {
      const FanoutText value = values_at (fanout_input_column (input, c), i, &buffer);

      length += set_put_length (tuple + length, value.length);
      memcpy (tuple + length, value.data, value.length);
      length += value.length;
    }
  add (state, (FanoutText){ (const char *) tuple, length }, input->aggregate->options,
       input->aggregate->memory);
}

/* A text of the stream, which is short and known as a rule. */
static inline void
text_step (State *state, FanoutText text, const Options *options, FanoutMemory *memory)
{
  if (G_UNLIKELY (text.length > SET_SHORT_MAX)
      || G_UNLIKELY (
          !set_has_at_hand (state, set_short_word (fanout_hash_word (text.data, 8), text.length))))
    add (state, text, options, memory);
}

static inline void
step (State *state, const FanoutInput *input, gsize i)
{
  ValuesBuffer buffer;

  if (input->n_columns > 1)
    add_tuple (state, input, i);
  else
    add (state, values_at (fanout_input_column (input, 0), i, &buffer), input->aggregate->options,
         input->aggregate->memory);
}

static inline void
add_coming (const SetComing *coming, const Options *options, FanoutMemory *memory)
{
  if (coming->set->n == SKETCHED || !set_add_coming (coming, options->limit, memory))
    add (coming->set, coming->value, options, memory);
}

/* Values of a batch on their way into their sets. */
typedef struct
{
  SetComing coming[16];
  gsize n;
} Several;

static void
add_several (Several *several, const Options *options, FanoutMemory *memory)
{
  set_fetch (several->coming, several->n);
  for (gsize i = 0; i < several->n; i++)
    add_coming (&several->coming[i], options, memory);
  several->n = 0;
}

/* A text on its way to where it is as a rule. */
typedef struct
{
  State *state;         /* NULL: the row is skipped, and has no text */
  const guint64 *group; /* NULL: it is none of those */
  guint64 word;
} Short;

static inline Short
fetch_short (State *state, FanoutText text)
{
  Short coming = { state, NULL, 0 };

  if (state->words == NULL || text.length > SET_SHORT_MAX)
    return coming;
  coming.word = set_short_word (fanout_hash_word (text.data, 8), text.length);
  coming.group = state->words + set_short_group (state, coming.word, state->mask);
  __builtin_prefetch (coming.group);
  return coming;
}

/* Texts that a word holds, as a rule. */
static void
update_short (State *states, const FanoutInput *input, const FanoutText *text)
{
  const Options *options = input->aggregate->options;
  FanoutMemory *memory = input->aggregate->memory;
  Short coming[32];
  gsize n;

  for (gsize at = 0; at < input->n_rows; at += n)
    {
      gboolean moved = FALSE;

      n = MIN (G_N_ELEMENTS (coming), input->n_rows - at);
      for (gsize i = at; i < at + n; i++)
        if (input->skip != NULL && input->skip[i])
          coming[i - at].state = NULL;
        else
          coming[i - at] = fetch_short (states + (input->ids != NULL ? input->ids[i] : 0), text[i]);
      for (gsize i = 0; i < n; i++)
        {
          if (coming[i].state == NULL)
            continue;
          if (moved)
            text_step (coming[i].state, text[at + i], options, memory);
          else if (coming[i].group == NULL || !set_group_has (coming[i].group, coming[i].word))
            {
              const guint64 *words = coming[i].state->words;

              add (coming[i].state, text[at + i], options, memory);
              moved = coming[i].state->words != words;
            }
        }
    }
}

/* The sets of so many groups are in the caches. */
#define GROUPS_NEAR 256

/* Texts that are longer than those that a word holds. */
static void
update_long (State *states, const FanoutInput *input, const FanoutText *text)
{
  const Options *options = input->aggregate->options;
  FanoutMemory *memory = input->aggregate->memory;
  Several several = { .n = 0 };

  for (gsize i = 0; i < input->n_rows; i++)
    {
      const guint32 id = input->ids != NULL ? input->ids[i] : 0;
      State *state = states + id;

      if (input->skip != NULL && input->skip[i])
        continue;
      if (state->words == NULL || (id < GROUPS_NEAR && !set_is_large (state)))
        {
          add (state, text[i], options, memory);
          continue;
        }
      several.coming[several.n++] = (SetComing){ state, text[i], 0 };
      if (several.n == G_N_ELEMENTS (several.coming))
        add_several (&several, options, memory);
    }
  add_several (&several, options, memory);
}

/* By the first that there is. */
static gboolean
are_long (const FanoutText *text, const FanoutInput *input)
{
  gsize i = 0;

  if (input->skip != NULL)
    while (i < input->n_rows && input->skip[i])
      i++;
  return i + 1 < input->n_rows && text[i].length > SET_SHORT_MAX;
}

static FanoutAnswer
update (gpointer states_, const FanoutInput *input)
{
  const FanoutText *text = fanout_input_column (input, 0)->text;
  State *states = states_;

  if (input->n_columns > 1 || fanout_input_column (input, 0)->form != FANOUT_FORM_TEXT)
    FANOUT_EACH_ROW (State, states, input, step (state, input, i));
  else if (are_long (text, input))
    update_long (states, input, text);
  else
    update_short (states, input, text);
  return FANOUT_MORE;
}

static void
merge (State *into, State *from, const Options *options, FanoutMemory *memory)
{
  if (from->n == SKETCHED)
    {
      if (into->n != SKETCHED)
        to_sketch (into, memory);
      for (guint i = 0; i < HYPERLOGLOG_N; i++)
        into->bytes[i] = MAX (into->bytes[i], from->bytes[i]);
      return;
    }
  for (gsize i = 0; i < set_words_room (from); i++)
    {
      const guint64 word = from->words[i];
      guint8 buffer[SET_BUFFER];

      if (word != 0)
        add (into, set_value_at (set_word_bytes (from, word, buffer)), options, memory);
    }
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    merge ((State *) into + (ids != NULL ? ids[i] : i), (State *) from + i, self->options,
           self->memory);
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n != SKETCHED)
    {
      fanout_out_count (out, row, 0, state->n);
      return;
    }
  fanout_out_count (out, row, 0, hyperloglog_estimate (state->bytes));
  fanout_out_approximate (out, 0, HYPERLOGLOG_BOUND);
}

static inline void
release (FanoutAggregate *self, State *state)
{
  if (state->n == SKETCHED)
    fanout_release (self->memory, state->bytes, HYPERLOGLOG_N);
  else
    set_clear (state, self->memory);
  memset (state, 0, sizeof *state);
}

FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *out)
{
  const State *state = state_;

  (void) self;
  fanout_write_u32 (out, state->n);
  if (state->n == SKETCHED)
    fanout_write (out, state->bytes, HYPERLOGLOG_N);
  else
    set_write (state, out);
}

static gboolean
decode_sketch (State *state, FanoutReader *in, FanoutMemory *memory)
{
  to_sketch (state, memory);
  if (!fanout_read (in, state->bytes, HYPERLOGLOG_N))
    return FALSE;
  for (guint i = 0; i < HYPERLOGLOG_N; i++)
    if (state->bytes[i] > HYPERLOGLOG_MAX)
      return FALSE;
  return TRUE;
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  FanoutText value;
  guint32 n;

  if (!fanout_read_u32 (&in, &n))
    return FALSE;
  if (n == SKETCHED)
    return decode_sketch (state, &in, self->memory) && fanout_reader_left (&in) == 0;
  for (guint32 i = 0; i < n; i++)
    if (set_read_value (&value, &in))
      add (state, value, self->options, self->memory);
    else
      return FALSE;
  return fanout_reader_left (&in) == 0;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const Options *) options)->as == AS_TEXT ? FANOUT_TAKES_TEXT : FANOUT_TAKES_WIDE;
}

static const char *const as_choices[] = { "text", "number", NULL };

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMNS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, columns),
    .help = "the column with the values, or several, whose values count together" },
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, as),
    .value = "text",
    .choices = as_choices,
    .help = "when values are the same: as texts, or as numbers (1, 1.0 and 01 are one then)" },
  { .key = "limit",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, limit),
    .value = "100000",
    .min = "0",
    .max = "100000000",
    .help = "exact while there are at most so many different values" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator distinct = {
  FANOUT_OPERATOR ("distinct", 3),
  .summary = "how many different values there are",
  .details = "Counts each value once; of several columns, each combination of their values. Beyond "
             "`limit` different values (or 256 bytes of text for each of so many) it is estimated: "
             "HyperLogLog (Flajolet et al. 2007) with 2^14 registers and the estimator of Ertl "
             "(2017).",
  .promise = "exact up to `limit` different values, beyond it with a " HYPERLOGLOG_BOUND,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&distinct);
