#include "core/fanoutd/log.h"
#include "core/fanoutd/json.h"

#include <pthread.h>

#define LINES 100

typedef struct
{
  gint64 time; /* microseconds since 1970 */
  char *text;
} Line;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Line lines[LINES]; /* a ring */
static guint64 n_lines;   /* that ever were */

void
log_add (const char *text)
{
  pthread_mutex_lock (&mutex);
  Line *line = &lines[n_lines++ % LINES];
  g_free (line->text);
  *line = (Line){ g_get_real_time (), g_strdup (text) };
  pthread_mutex_unlock (&mutex);
}

guint64
log_serial (void)
{
  pthread_mutex_lock (&mutex);
  const guint64 serial = n_lines;
  pthread_mutex_unlock (&mutex);
  return serial;
}

void
log_append (GString *json)
{
  g_string_append_c (json, '[');
  pthread_mutex_lock (&mutex);
  for (guint64 i = n_lines > LINES ? n_lines - LINES : 0; i < n_lines; i++)
    {
      const Line *line = &lines[i % LINES];

      g_string_append (json, json->str[json->len - 1] == '[' ? "{" : ",{");
      json_seconds (json, "time", (double) line->time * 1e-6);
      json_text (json, "text", line->text);
      g_string_append_c (json, '}');
    }
  pthread_mutex_unlock (&mutex);
  g_string_append_c (json, ']');
}
