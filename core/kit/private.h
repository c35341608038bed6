#pragma once

/** What the files of the contract test share. */

#include "core/rows/batch.h"
#include "core/config/config.h"
#include <fanout/sink.h>
#include <fanout/source.h>
#include "core/kit/contract.h"
#include "core/handover/node.h"
#include "core/plugin/columns.h"

/* Rows. */

/** What the values of the rows are like. */
typedef enum
{
  FANOUT_SHAPE_NONE = 0, /* no rows */
  FANOUT_SHAPE_ONE,      /* one row */
  FANOUT_SHAPE_COMMON,   /* few different decimals of one scale, short texts */
  FANOUT_SHAPE_WIDE,     /* decimals of every size and scale, texts of many lengths */
  FANOUT_SHAPE_MIXED,    /* decimals and finite doubles, texts of any bytes */
  FANOUT_SHAPE_SPECIAL,  /* nan and infinities among others */
  FANOUT_SHAPE_CONSTANT, /* one value */
  FANOUT_SHAPE_NULLS,    /* common, some null */
  FANOUT_SHAPE_ALL_NULL,
  FANOUT_N_SMALL_SHAPES,
  FANOUT_SHAPE_MANY = FANOUT_N_SMALL_SHAPES, /* more than 5,000 different ones, and some often */
  FANOUT_N_SHAPES,
} FanoutShape;

extern const char *const fanout_shape_names[FANOUT_N_SHAPES];

/** Made-up rows: for each column a number, and a text, of every row. */
typedef struct
{
  gsize n_rows;
  guint n_columns;
  FanoutNumber **numbers;
  char ***texts; /* of `owner`; each begins after the padding */
  gsize **lengths;
  guint8 **nulls;
  guint32 *groups; /* dense, in order of first appearance */
  guint32 n_groups;
  guint64 *numbers_of_rows;
  GPtrArray
      *owner; /* of the texts and of wide decimals; shared by what is picked from these rows */
} FanoutContractRows;

#define FANOUT_CONTRACT_GROUPS  5
/** A text may be looked at so many bytes before its start and after its end. */
#define FANOUT_CONTRACT_PADDING 16

FanoutContractRows *fanout_contract_rows_new (FanoutShape shape, guint n_columns, GRand *random);
/** Some of @rows, in the order of @indexes; with @renumber numbered from 0 on. */
FanoutContractRows *fanout_contract_rows_pick (const FanoutContractRows *rows, const gsize *indexes,
                                               gsize n, gboolean renumber);
void fanout_contract_rows_free (FanoutContractRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutContractRows, fanout_contract_rows_free)

/** In which of the forms that mean the same a frame is made. */
typedef enum
{
  FANOUT_FORMS_PLAIN = 0, /* plain wherever that is possible */
  FANOUT_FORMS_SCALED,    /* the same with zeros behind the digits, and with marks for no nulls */
  FANOUT_FORMS_MIXED,     /* numbers mixed, each with zeros of its own */
  FANOUT_FORMS_TURNS,     /* in turns */
} FanoutForms;

/** Rows @first .. @first + @n - 1 as a chunk would hold them; what is null is rubbish. */
FanoutFrame *fanout_contract_frame_new (const FanoutContractRows *rows,
                                        const FanoutOperatorInput *inputs, gsize first, gsize n,
                                        gboolean grouped, FanoutForms forms, GRand *random);
/** What its arrays and texts were is rubbish from now on. */
void fanout_contract_frame_spoil (FanoutFrame *frame);
void fanout_contract_frame_free (FanoutFrame *frame);

/* Options. */

/** One way to set the options. */
typedef struct
{
  FanoutConfig *config;
  char *text;       /* "limit = 5"; empty: only what is required */
  gboolean bounds;  /* it changes how many, or how much */
  gpointer options; /* bound and prepared */
  guint n_columns;
  FanoutOperatorInput *inputs;
  const FanoutOperator *operator_;
} FanoutContractOptions;

/** Every way to set the options of @operator_ that is tried: what is required alone first. The
 * array frees them. NULL with @problem when not even that could be made up. */
GPtrArray *fanout_contract_options (const FanoutOperator *operator_, char **problem);

/* Runs. */

/** What belongs to the whole process. */
typedef struct FanoutSurroundings FanoutSurroundings;

typedef struct
{
  const FanoutOperator *operator_;
  FanoutContractReport *report;
  GHashTable *told; /* kinds of findings: each is told once */
  const FanoutContractOptions *options;
  FanoutPlanAggregate plan;
  FanoutMemory memory; /* of all nodes, so that states may pass from one to the other */
  GHashTable *blocks;  /* of it: address to size */
  GPtrArray *frames;   /* that are freed with the nodes, so that no address comes again */
  FanoutSurroundings *surroundings;
  guint64 seen;       /* a bit for each result column that was ever something */
  gboolean abandoned; /* what is yet to come would only mislead */
  GMainContext *context;
  GRand *random;
  const char *shape;
  gboolean thorough;   /* these are the first options: try more */
  gboolean any_result; /* with these options some input was not refused */
  char *refusal;       /* what was said to one that was */
} FanoutContract;

/** How rows are handed over. */
typedef struct
{
  gsize batch;
  gsize chunk;
  FanoutForms forms;
  gboolean moved; /* states go to another address between calls */
  gboolean kept;  /* a batch stays as it was until the results have been read */
} FanoutContractWay;

/** Add a finding of this @kind, unless one was there. */
void fanout_contract_find (FanoutContract *self, const char *kind, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void fanout_contract_progress (FanoutContract *self, const char *doing);

/** A node with @n_groups states, one without groups when that is 0. */
FanoutNode *fanout_contract_start (FanoutContract *self, guint32 n_groups);
/** Hand over @rows until the node fails or has had enough. */
void fanout_contract_feed (FanoutContract *self, FanoutNode *node, const FanoutContractRows *rows,
                           const FanoutContractWay *way);
/** The results of the first @n states as text, one line each, or the failure: rows may follow. */
char *fanout_contract_results_so_far (FanoutContract *self, FanoutNode *node, gsize n);
/** The same at the end of the stream. */
char *fanout_contract_results (FanoutContract *self, FanoutNode *node, gsize n);
/** Where it has been seen before that they are the same when they are asked for again. */
char *fanout_contract_results_once (FanoutContract *self, FanoutNode *node, gsize n);
/** Free the nodes; all that was taken from the memory must be back then. */
void fanout_contract_stop (FanoutContract *self, guint n, FanoutNode **nodes);
/** Bytes behind states and blocks that are watched. */
#define FANOUT_CONTRACT_GUARD 32
/** The states of @node have such bytes behind them from now on. */
void fanout_contract_guard (FanoutContract *self, FanoutNode *node);
/** A copy of the states of @node, with such bytes. */
guint8 *fanout_contract_states_new (FanoutContract *self, const FanoutNode *node);
/** Whether @function has left them alone. */
void fanout_contract_look (FanoutContract *self, FanoutNode *node, const char *function);
/** The rest is for operators; these are for the others. */
void fanout_contract_check_source (FanoutContract *contract, const FanoutSource *source,
                                   gconstpointer options);
void fanout_contract_check_sink (FanoutContract *contract, const FanoutSink *sink,
                                 gconstpointer options);

/** Nothing is allocated from now on. */
void fanout_contract_memory_init (FanoutContract *self);

FanoutSurroundings *fanout_surroundings_new (void);
void fanout_surroundings_free (FanoutSurroundings *self);
void fanout_contract_check_surroundings (FanoutContract *self);

/** The states of @node now lie elsewhere. */
void fanout_contract_move (FanoutContract *self, FanoutNode *node);

/** Start, feed, results, stop. */
char *fanout_contract_run (FanoutContract *self, const FanoutContractRows *rows,
                           const FanoutContractWay *way, gboolean grouped);

/** Whether both texts are the same; else a finding of @kind that shows where they part: @got where
 * @want is wanted. */
gboolean fanout_contract_same (FanoutContract *self, const char *kind, const char *how,
                               const char *got, const char *want);

static inline gpointer
fanout_contract_state (const FanoutContract *self, const FanoutNode *node, gsize id)
{
  return node->states + id * self->operator_->state_size;
}

/** Whether its states can be bytes. */
gboolean fanout_contract_encodes (const FanoutOperator *operator_);
/** A new node whose states are those of @node, by way of bytes. */
FanoutNode *fanout_contract_copy_by_bytes (FanoutContract *self, FanoutNode *node,
                                           guint32 n_groups);
/** Results and bytes in mid-stream. */
void fanout_contract_check_midstream (FanoutContract *self, const FanoutContractRows *rows,
                                      const char *whole, const char *grouped);
/** Bytes that are cut, damaged or too many, @n_tries of each kind. */
void fanout_contract_check_bytes (FanoutContract *self, const FanoutContractRows *rows,
                                  guint n_tries);

/** The first @n states of @from into those of @into that @ids name; they are cleared then. */
void fanout_contract_combine (FanoutContract *self, FanoutNode *into, FanoutNode *from,
                              const guint32 *ids, gsize n);
/** Split, combined, encoded, decoded. @whole is the result of @rows, @grouped
 * that with groups (NULL: not with groups). */
void fanout_contract_check_parts (FanoutContract *self, const FanoutContractRows *rows,
                                  const char *whole, const char *grouped);
/** All of that which allocates, once more, whatever comes out. */
void fanout_contract_repeat_parts (FanoutContract *self, const FanoutContractRows *rows);

/** What is left on the heap each time. */
void fanout_contract_check_heap (FanoutContract *self);
/** That it can do without memory that it is refused. */
void fanout_contract_check_refusal (FanoutContract *self);
