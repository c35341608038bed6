/* An operator that takes every row, and fails when states are combined or finished. */

#include <fanout/fanout.h>

enum
{
  IN_COMBINE,
  IN_FINISH,
};

typedef struct
{
  gint column;
  gint where;
  gint64 at;
} Options;

typedef struct
{
  guint64 n;
  gint64 greatest;
} State;

static const char *const places[] = { "combine", "finish", NULL };

static gboolean
fails (const FanoutAggregate *self, const State *state, gint where)
{
  const Options *options = self->options;
  return options->where == where && (options->at < 0 || state->greatest == options->at);
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  (void) self;
  state->n++;
  state->greatest = MAX (state->greatest, x.mantissa);
}

FANOUT_UPDATE_NUMBER (update, State, step)

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      State *to = (State *) into + (ids != NULL ? ids[i] : i);
      const State *other = (const State *) from + i;
      if (fails (self, other, IN_COMBINE))
        return fanout_fail (self, "cannot be combined");
      to->n += other->n;
      to->greatest = MAX (to->greatest, other->greatest);
    }
  return TRUE;
}

static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  for (gsize i = 0; i < n; i++)
    {
      const State *state = (const State *) states + i;
      /* What has been written before is not to be seen. */
      fanout_out_count (out, i, 0, state->n);
      fanout_list_begin (out, i, 1);
      fanout_out_approximate (out, 0, "not at all right");
      if (fails (self, state, IN_FINISH))
        return fanout_fail (self, "cannot be finished");
      fanout_list_count (out, (guint64) state->greatest);
      fanout_list_end (out);
    }
  return TRUE;
}

static void
columns (gconstpointer options, FanoutColumnNames *names)
{
  (void) options;
  fanout_columns_add (names, "n");
  fanout_columns_add (names, "greatest");
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (Options, column),
    .flags = FANOUT_OPTION_REQUIRED,
    .help = "what to look at" },
  { .key = "fails-in",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, where),
    .value = "finish",
    .choices = places,
    .help = "what fails" },
  { .key = "at",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Options, at),
    .value = "-1",
    .help = "the greatest value of a state that fails; below 0: every state" },
  { .key = NULL },
};

static const FanoutOperator fails_late = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "fails-late",
  .summary = "rows and the greatest value, if it comes to that",
  .order = FANOUT_ORDER_FREE,
  .flags = FANOUT_FINISH_MAY_FAIL,
  FANOUT_OPTIONS (Options, options),
  .columns = columns,
  .state_size = sizeof (State),
  .update = update,
  .combine = combine,
  .finish = finish,
};

FANOUT_OPERATORS (&fails_late);
