/* Runs a command and writes one line to REPORT: seconds from its start to its end, user and system
   seconds, the largest memory in KiB, and its exit status (128 + N: killed by signal N).  A small
   program does it because what the parent uses at the start counts as the child's memory.

   bench-measure REPORT COMMAND [ARGUMENT]...  */

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static double
seconds (struct timeval time)
{
  return (double) time.tv_sec + 1e-6 * (double) time.tv_usec;
}

int
main (int argc, char **argv)
{
  struct rusage usage;
  double begin, wall;
  int problem, status;
  FILE *report;
  pid_t child;

  if (argc < 3)
    {
      fputs ("usage: bench-measure REPORT COMMAND [ARGUMENT]...\n", stderr);
      return 2;
    }
  begin = now ();
  problem = posix_spawnp (&child, argv[2], NULL, NULL, argv + 2, environ);
  if (problem != 0)
    {
      fprintf (stderr, "%s: %s\n", argv[2], strerror (problem));
      return 127;
    }
  while (wait4 (child, &status, 0, &usage) < 0)
    if (errno != EINTR)
      return 1;
  wall = now () - begin;

  status = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  report = fopen (argv[1], "w");
  if (report == NULL)
    {
      perror (argv[1]);
      return 1;
    }
  fprintf (report, "%.6f %.6f %.6f %ld %d\n", wall, seconds (usage.ru_utime),
           seconds (usage.ru_stime), usage.ru_maxrss, status);
  return fclose (report) == 0 ? 0 : 1;
}
