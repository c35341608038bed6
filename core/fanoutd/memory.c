#include "core/fanoutd/memory.h"
#include "core/fanoutd/program.h"
#include "core/fanoutd/signals.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What GLib says before it gives up. */
#define FAILED "failed to allocate "

static void
add (char *to, gsize room, const char *text)
{
  const gsize length = strlen (to);

  g_strlcpy (to + length, text, room - length);
}

/* Without memory: nothing here may ask for any. */
static void
end (const char *number)
{
  static atomic_flag told = ATOMIC_FLAG_INIT;
  char text[300] = "fanoutd: no memory: the system refuses ";

  /* One thread says it, and ends all. */
  while (atomic_flag_test_and_set (&told))
    pause ();
  add (text, sizeof text, number);
  add (text, sizeof text,
       "; [pipeline] max-memory bounds what states, keys and chunks take together\n");
  signals_clean ();
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    _exit (EXIT_RETRY);
  _exit (EXIT_RETRY);
}

static GLogWriterOutput
listen_to (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
  for (gsize i = 0; (level & G_LOG_LEVEL_ERROR) != 0 && i < n; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0 && fields[i].length < 0)
      {
        const char *found = strstr (fields[i].value, FAILED);

        if (found != NULL)
          end (found + strlen (FAILED));
      }
  return g_log_writer_default (level, fields, n, data);
}

void
memory_watch (void)
{
  g_log_set_writer_func (listen_to, NULL, NULL);
}

#ifdef __GLIBC__
/* Of each heap, beyond what is used. */
#define KEPT_MAX  (8 << 20)
#define TAKEN     (256 << 10)
/* What is larger has pages of its own. Said, since glibc does not find it out by itself any more
 * where the others are. */
#define APART_MIN (4 << 20)
#endif

void
memory_keep (void)
{
#ifdef __GLIBC__
  mallopt (M_TRIM_THRESHOLD, KEPT_MAX);
  mallopt (M_MMAP_THRESHOLD, APART_MIN);
  mallopt (M_TOP_PAD, TAKEN);
#endif
}
