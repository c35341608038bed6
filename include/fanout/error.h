#pragma once

/**
 * What can go wrong, and who can put it right.
 */

#include <fanout/abi.h>

G_BEGIN_DECLS

/** Domain of the errors that libfanout makes itself; others, such as G_IO_ERROR, pass through. */
#define FANOUT_ERROR (fanout_error_quark ())

/** CONFIG is put right in the INI file (the program exits with 78); RETRY by another try (75); all
 * others fail a run (1). */
typedef enum
{
  FANOUT_ERROR_CONFIG, /* the configuration: one line for each mistake, "ORIGIN: text" */
  FANOUT_ERROR_INPUT,  /* an input cannot be found, opened or read, or lacks a column */
  FANOUT_ERROR_DATA,   /* a bad row or value: "FILE:LINE: text" */
  FANOUT_ERROR_PLUGIN, /* a shared object cannot be used */
  FANOUT_ERROR_OUTPUT, /* the result cannot be written */
  FANOUT_ERROR_STATE,  /* an aggregate failed, or its states are too many, too large or damaged */
  FANOUT_ERROR_RETRY,  /* the system cannot read or write by now, which may pass: a full disk, a
                          server that has gone, a device that fails */
} FanoutError;

/** The domain; thread-safe. */
FANOUT_API GQuark fanout_error_quark (void);

G_END_DECLS
