#pragma once

/**
 * The boundary between libfanout and a plugin: one data symbol for each shared object.
 *
 * A plugin file defines its structs (#FanoutOperator, #FanoutSource or #FanoutSink) and exports
 * them with FANOUT_OPERATORS, FANOUT_SOURCES or FANOUT_SINKS. The loader looks at the file, opens
 * it, reads the symbol `fanout_plugin` and calls nothing. What the dynamic linker itself runs when
 * it opens a shared object, constructors and the initialisers of C++, does run: a plugin should do
 * without them. To know which file offers what, nothing is opened where the folder has an index
 * (fanoutd plugins --write-index).
 *
 * The same structs can be part of a program, without a shared object: compiled with
 * FANOUT_PLUGIN_SYMBOL defined as a name of its own, each file gives a table for
 * fanout_registry_add() under that name.
 *
 * A struct that crosses the boundary begins with its size, and members are only ever appended: a
 * plugin built before they were is as good as ever, one that is larger than libfanout knows is
 * refused. FANOUT_HAS tells whether a struct that libfanout hands over has a member that was
 * appended. Where one side walks an array that the other side made, the size of its elements comes
 * with it: use the functions that are there for that, such as fanout_input_column().
 *
 * Small structs that are stored in states and passed by value never change: #FanoutNumber,
 * #FanoutWide, #FanoutDecimal, #FanoutText, #FanoutNumbers, #FanoutColumns, #FanoutRow,
 * #FanoutReader, #FanoutScan, #FanoutKept and the exact sums.
 */

#include <glib.h>

G_BEGIN_DECLS

/** Part of the public interface of a shared object; all else is hidden. */
#define FANOUT_API __attribute__ ((visibility ("default")))

/** Number of the binary interface. A plugin built for another number is refused. */
#ifndef FANOUT_ABI
#define FANOUT_ABI 1u
#endif

/** What a member is that a plugin leaves out: without this C++ warns of it. */
#ifdef __cplusplus
#define FANOUT_UNSET = {}
#else
#define FANOUT_UNSET
#endif

/** Whether the struct at `pointer`, which begins with its size, is large enough for `member`. */
#define FANOUT_HAS(pointer, member)                                                                \
  ((pointer)->size >= (gsize) ((const char *) &(pointer)->member - (const char *) (pointer))       \
                          + sizeof ((pointer)->member))

/** What a plugin offers; the folder it belongs into is aggregate/, source/ or sink/. */
typedef enum
{
  FANOUT_KIND_OPERATOR = 1,
  FANOUT_KIND_SOURCE = 2,
  FANOUT_KIND_SINK = 3,
} FanoutKind;

/** One shared object: what kind of things it offers, and those things. All memory is static. */
typedef struct
{
  guint32 abi;              /* FANOUT_ABI */
  guint32 size;             /* sizeof (FanoutPlugin) */
  guint32 kind;             /* FanoutKind */
  guint32 n_items;          /* how many structs `items` points to */
  const void *const *items; /* FanoutOperator, FanoutSource or FanoutSink, as `kind` says */
  const void *core;         /* &fanout_core: tells a second copy of libfanout from this one */
} FanoutPlugin;

/** Its address identifies the libfanout that a plugin was bound to. */
FANOUT_API extern const guint32 fanout_core;

#ifdef __cplusplus
#define FANOUT_EXTERN_C extern "C"
#else
#define FANOUT_EXTERN_C extern
#endif

/** What the struct of a plugin is called; another name makes it a table of the program that it is
 * linked into: `extern const FanoutPlugin NAME;`. */
#ifndef FANOUT_PLUGIN_SYMBOL
#define FANOUT_PLUGIN_SYMBOL fanout_plugin
#endif

#define FANOUT_PLUGIN_(symbol_, kind_, ...)                                                        \
  static const void *const symbol_##_items[] = { __VA_ARGS__ };                                    \
  FANOUT_EXTERN_C FANOUT_API const FanoutPlugin symbol_;                                           \
  const FanoutPlugin symbol_                                                                       \
      = { FANOUT_ABI,      sizeof (FanoutPlugin), kind_, G_N_ELEMENTS (symbol_##_items),           \
          symbol_##_items, &fanout_core }
/* One step more, in which FANOUT_PLUGIN_SYMBOL becomes what it stands for. */
#define FANOUT_PLUGIN(symbol_, kind_, ...) FANOUT_PLUGIN_ (symbol_, kind_, __VA_ARGS__)

/** Export operators, once in a plugin: `FANOUT_OPERATORS (&sum);`, or for a family
 * `FANOUT_OPERATORS (&any, &all);`. */
#define FANOUT_OPERATORS(...)                                                                      \
  FANOUT_PLUGIN (FANOUT_PLUGIN_SYMBOL, FANOUT_KIND_OPERATOR, __VA_ARGS__)
/** Export sources: `FANOUT_SOURCES (&csv);` */
#define FANOUT_SOURCES(...) FANOUT_PLUGIN (FANOUT_PLUGIN_SYMBOL, FANOUT_KIND_SOURCE, __VA_ARGS__)
/** Export sinks: `FANOUT_SINKS (&table);` */
#define FANOUT_SINKS(...)   FANOUT_PLUGIN (FANOUT_PLUGIN_SYMBOL, FANOUT_KIND_SINK, __VA_ARGS__)

G_END_DECLS
