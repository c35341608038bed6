#pragma once

/** Sources that take a line at a time: where it is, and what none of them takes. */

#include <fanout/source.h>
#include <string.h>

typedef struct
{
  const char *text; /* FANOUT_PADDING bytes around are readable */
  gsize length;     /* without the line feed, and a carriage return before it */
  gsize next;       /* with them */
  gsize feeds;      /* 0: the last line has none */
} Line;

/* The line at block->offset, which is before the end. */
static inline Line
line_next (const FanoutBlock *block)
{
  const char *text = block->data + block->offset;
  const gsize left = block->length - block->offset;
  const char *feed = memchr (text, '\n', left);
  const gsize length = feed != NULL ? (gsize) (feed - text) : left;
  const gsize returns = feed != NULL && length > 0 && text[length - 1] == '\r' ? 1 : 0;
  const gsize feeds = feed != NULL ? 1 : 0;

  return (Line){ text, length - returns, length + feeds, feeds };
}

static inline void
line_pass (FanoutBlock *block, const Line *line)
{
  block->offset += line->next;
  block->line += line->feeds;
  block->record++;
}

/* Whether a line is worth looking at: `good`. FALSE with `error` when it is bad, and not skipped.
 */
static inline gboolean
line_check (FanoutChunk *chunk, const FanoutBlock *block, const Line *line, gboolean *good,
            GError **error)
{
  *good = FALSE;
  if (chunk->max_row > 0 && line->length > chunk->max_row)
    return fanout_chunk_bad_row (chunk, block, error, "a row longer than max-row (%zu bytes)",
                                 chunk->max_row);
  if (!block->clean && memchr (line->text, '\0', line->length) != NULL)
    return fanout_chunk_bad_row (chunk, block, error, "a NUL byte");
  *good = line->length > 0;
  return TRUE;
}
