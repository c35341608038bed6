#include "core/kit/private.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* What a cache keeps the first times is no leak. */
#define ROUNDS_BEFORE 3
#define ROUNDS        20
#define BYTES_TRIES   5

/* Bytes on the heap that are in use; 0 where nobody knows. */
static gsize
heap_in_use (void)
{
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  return mallinfo2 ().uordblks;
#else
  return 0;
#endif
}

/* From the start of a state to its end, in all ways that differ in what is allocated. */
static void
live (FanoutContract *self, const FanoutContractRows *rows)
{
  static const FanoutContractWay way = { 64, 4096, FANOUT_FORMS_TURNS, FALSE, FALSE };

  g_free (fanout_contract_run (self, rows, &way, FALSE));
  if ((self->operator_->flags & FANOUT_UNGROUPED) == 0)
    g_free (fanout_contract_run (self, rows, &way, TRUE));
  fanout_contract_repeat_parts (self, rows);
  fanout_contract_check_bytes (self, rows, BYTES_TRIES);
}

/* A plugin may have allocated without the core, which then sees no leak: only one that grows every
 * time is told. */
void
fanout_contract_check_heap (FanoutContract *self)
{
  g_autoptr (FanoutContractRows) rows
      = fanout_contract_rows_new (FANOUT_SHAPE_COMMON, self->options->n_columns, self->random);
  gsize least = G_MAXSIZE;
  gsize before = 0;

  if (g_hash_table_contains (self->told, "leaks"))
    return;
  self->shape = fanout_shape_names[FANOUT_SHAPE_COMMON];
  fanout_contract_progress (self, "looking for leaks");
  for (guint round = 0; round < ROUNDS_BEFORE + ROUNDS && least > 0; round++)
    {
      gsize after;

      live (self, rows);
      after = heap_in_use ();
      if (round >= ROUNDS_BEFORE)
        least = after > before ? MIN (least, after - before) : 0;
      before = after;
    }
  self->report->n_checks++;
  if (least > 0)
    fanout_contract_find (self, "leaks",
                          "%" G_GSIZE_FORMAT " bytes are left each time, which did not come from "
                          "`self->memory`",
                          least);
}

/* After fanout_may_allocate() has said no, what is left is cleared, and nothing else. */
void
fanout_contract_check_refusal (FanoutContract *self)
{
  static const FanoutContractWay way = { 64, 4096, FANOUT_FORMS_TURNS, FALSE, FALSE };
  static const gsize bounds[] = { 0, 4 * 1024, 64 * 1024 };
  g_autoptr (FanoutContractRows) rows
      = fanout_contract_rows_new (FANOUT_SHAPE_MANY, self->options->n_columns, self->random);

  self->shape = fanout_shape_names[FANOUT_SHAPE_MANY];
  fanout_contract_progress (self, "updating without memory");
  for (gsize i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      FanoutNode *nodes[] = { fanout_contract_start (self, 0), fanout_contract_start (self, 0) };
      FanoutMemoryLimit limit;

      fanout_memory_limit_init (&limit, bounds[i]);
      self->memory.limit = &limit;
      for (gsize n = 0; n < G_N_ELEMENTS (nodes); n++)
        fanout_contract_feed (self, nodes[n], rows, &way);
      if (self->operator_->combine != NULL)
        fanout_contract_combine (self, nodes[0], nodes[1], NULL, 1);
      fanout_contract_stop (self, G_N_ELEMENTS (nodes), nodes);
    }
  self->report->n_checks++;
}
