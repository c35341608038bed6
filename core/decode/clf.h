#pragma once

/** Parts of the decoder of web servers' logs. */

#include "core/decode/spans.h"

/** The fields of a line, in the order of fanout_clf_names(). */
typedef enum
{
  FANOUT_CLF_VHOST,
  FANOUT_CLF_HOST,
  FANOUT_CLF_IDENT,
  FANOUT_CLF_USER,
  FANOUT_CLF_TIME,
  FANOUT_CLF_REQUEST,
  FANOUT_CLF_METHOD,
  FANOUT_CLF_PATH,
  FANOUT_CLF_PROTOCOL,
  FANOUT_CLF_STATUS,
  FANOUT_CLF_BYTES,
  FANOUT_CLF_REFERER,
  FANOUT_CLF_AGENT,
  FANOUT_CLF_FIELDS,
} FanoutClfField;

extern const char *const fanout_clf_columns[FANOUT_CLF_FIELDS + 1];

/** Whether lines of a format have it. */
gboolean fanout_clf_has (FanoutClfFormat format, FanoutClfField field);

/** One line, without its end, as FanoutText[FANOUT_CLF_FIELDS]; one that is not there is empty.
 * FALSE: it is not right; then `wanted` (static) is at `at`. */
gboolean fanout_clf_line (FanoutClfFormat format, const char *line, gsize length,
                          FanoutText *fields, const char **wanted, gsize *at);
/** METHOD PATH PROTOCOL; a request that is not so has none of them, and one without a protocol is
 * of HTTP/0.9. `fields` are those from METHOD on. */
void fanout_clf_request (FanoutText request, FanoutText *fields);
/** The way out, where a line is right for another format. */
const char *fanout_clf_hint (FanoutClfFormat format, const char *line, gsize length);
/** A FanoutPlainText: without what the servers wrote for bytes that would have been in the way. */
FanoutText fanout_clf_plain (FanoutChunk *chunk, FanoutText text);

/** fanout_clf_decode() with the functions of one kind of processor. */
gboolean fanout_clf_decode_with (const FanoutScanner *scanner, FanoutClfFormat format,
                                 FanoutBlock *block, FanoutChunk *chunk, GError **error);
