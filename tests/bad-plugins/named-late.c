#include "parts.h"

#include <string.h>

/* Nothing points to a name in the file: the compiler cannot know it. */
static FanoutOperator late = OPERATOR (NULL);
static char name[8];

__attribute__ ((constructor)) static void
set_name (void)
{
  strcpy (name, "etal");
  late.name = g_strreverse (name);
}

FANOUT_OPERATORS (&late);
