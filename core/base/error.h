#pragma once

/** Mistakes that are collected and told all at once, and text made fit for a message. */

#include <fanout/error.h>

/** No more mistakes than this are kept: a data file taken for a configuration has one a line. */
#define FANOUT_ERRORS_MAX 200

/** All mistakes of a configuration, each one line "ORIGIN: text". */
typedef struct
{
  GPtrArray *lines; /* of char *; those of one file in the order of its lines */
  gboolean more;    /* some were left out */
  gboolean retry;   /* one of them may pass */
} FanoutErrors;

FANOUT_API void fanout_errors_init (FanoutErrors *errors);
FANOUT_API void fanout_errors_clear (FanoutErrors *errors);
gboolean fanout_errors_is_full (const FanoutErrors *errors);
/** Whether one more mistake would be kept, so that its text is worth the work; when it would not,
 * it counts as left out. */
gboolean fanout_errors_wants (FanoutErrors *errors);
FANOUT_API void fanout_errors_add (FanoutErrors *errors, const char *origin, const char *format,
                                   ...) G_GNUC_PRINTF (3, 4);
/** A file could not be read, as the system says with `number`. */
void fanout_errors_add_system (FanoutErrors *errors, const char *origin, int number);
/** What was just told came of `error`: whether that may pass counts. */
void fanout_errors_weigh (FanoutErrors *errors, const GError *error);
/** Set `error` to all lines joined by line feeds (FANOUT_ERROR_CONFIG, or FANOUT_ERROR_RETRY) and
 * answer FALSE when there are any. */
FANOUT_API gboolean fanout_errors_raise (const FanoutErrors *errors, GError **error);

/** Set `error` to "PREFIX: what the system says of `number`", an errno: FANOUT_ERROR_RETRY where
 * that may pass, else `code`. Answers FALSE. */
FANOUT_API gboolean fanout_error_system (GError **error, FanoutError code, int number,
                                         const char *format, ...) G_GNUC_PRINTF (4, 5);

/** A copy of `length` bytes (-1: up to the NUL) in which control characters, unusual blanks and
 * bytes that are not UTF-8 are written \t, \n, \r or \xHH: one line, whatever it was. */
FANOUT_API char *fanout_escape (const char *text, gssize length);
/** The same in single quotes, cut after 60 characters. */
FANOUT_API char *fanout_quote (const char *text, gssize length);
/** "1 row", "2 rows": `noun` in the singular, one that takes an s. Owned by the caller. */
FANOUT_API char *fanout_count_of (guint64 n, const char *noun);
