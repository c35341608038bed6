/* Good, but a sink. */

#include <fanout/sink.h>

static gpointer
begin (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  (void) options;
  (void) layout;
  (void) text;
  return NULL;
}

static void
rows (gpointer state, const FanoutRows *rows_, GString *text)
{
  (void) state;
  (void) rows_;
  (void) text;
}

static void
end (gpointer state, GString *text)
{
  (void) state;
  (void) text;
}

static const FanoutSink sink
    = { .size = sizeof sink, .name = "sink", .begin = begin, .rows = rows, .end = end };

FANOUT_SINKS (&sink);
