#include "core/base/descriptors.h"

#include <sys/resource.h>

/* For what is opened besides: plugins, outputs, checkpoints. */
#define SPARE 64

void
fanout_descriptors_allow (int fd)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || (rlim_t) fd + SPARE < limit.rlim_cur)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}
