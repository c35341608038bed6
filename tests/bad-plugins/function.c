/* The symbol is there, but it is code. */

#include <glib.h>

__attribute__ ((visibility ("default"))) gpointer fanout_plugin (void);

gpointer
fanout_plugin (void)
{
  return NULL;
}
