#pragma once

/** The layout of a checkpoint, for its writer and its reader. */

#include "core/base/writer.h"
#include "core/partial/checkpoint.h"
#include "core/partial/fields.h"

#define FANOUT_CHECKPOINT_MAGIC                                                                    \
  "\x89"                                                                                           \
  "FANOUC\r\n"
#define FANOUT_CHECKPOINT_MAGIC_LENGTH 9
#define FANOUT_CHECKPOINT_VERSION      1u

/** How many counts there are. */
#define FANOUT_STREAM_COUNTS (sizeof (FanoutStreamCounts) / sizeof (guint64))

/** Something that decides the states. */
typedef struct
{
  char *name; /* "[aggregate n]", "[table t]" */
  char *text;
} FanoutDefinition;

/** A list of them, which owns their texts. */
GArray *fanout_checkpoint_definitions (void);

/** What a table is called among them; owned by the caller. */
char *fanout_checkpoint_table_name (const FanoutPlanTable *table);

/** All of them, of FanoutDefinition, in the order of the plan. */
GArray *fanout_checkpoint_define (const FanoutPlan *plan);

struct FanoutCheckpoint
{
  char *name; /* for messages */
  FanoutSealed *in;
  GArray *definitions;
  FanoutStreamCounts counts;
  gint64 closed;
  GArray *tides;
  FanoutBuffer reader;
  FanoutBuffer outputs;
};

/** Read all but the groups of a descriptor, which is taken over. NULL with `error`. */
FanoutCheckpoint *fanout_checkpoint_take (int fd, const char *name, GError **error);

/** Say what is wrong with the file, or else `why`; FALSE. */
gboolean fanout_checkpoint_refuse (const FanoutCheckpoint *self, const char *why, GError **error);
/** The one that is called so; NULL: there is none. */
const FanoutDefinition *fanout_definition_find (const GArray *definitions, const char *name);

/** What a file is made of: magic and version, which the sealer has written; the head; then, of each
 * table, what it is, and its states in each partition. */
FanoutSealer *fanout_checkpoint_sealer (FanoutSealPut put, gpointer data);
void fanout_checkpoint_put_head (FanoutSealer *out, const FanoutPasses *passes,
                                 const FanoutStreamCounts *counts, const GByteArray *reader,
                                 const GByteArray *outputs);
void fanout_checkpoint_put_table (FanoutSealer *out, const FanoutPasses *passes, guint table);
void fanout_checkpoint_put_states (FanoutSealer *out, FanoutPartition *from, guint table,
                                   FanoutWriter *writer);
/** A FanoutSealPut of a FanoutOutput. */
gboolean fanout_checkpoint_put_in_output (gpointer output, const char *bytes, gsize length,
                                          GError **error);
