#include "core/handover/overflow.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* What the message of an overflow needs, and more than the registers of any processor. */
#define STACK_SIZE (64 * 1024)

/* ThreadSanitizer knows what this kind does. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static FanoutGuard *_Atomic guards;
static atomic_bool wanted;

static void drop_stack (gpointer stack);
static GPrivate own = G_PRIVATE_INIT (drop_stack);

void
fanout_guard_add (FanoutGuard *guard)
{
  pthread_mutex_lock (&mutex);
  guard->before = NULL;
  guard->after = atomic_load (&guards);
  if (guard->after != NULL)
    guard->after->before = guard;
  atomic_store (&guards, guard);
  pthread_mutex_unlock (&mutex);
}

void
fanout_guard_remove (FanoutGuard *guard)
{
  pthread_mutex_lock (&mutex);
  if (guard->before != NULL)
    guard->before->after = guard->after;
  else
    atomic_store (&guards, guard->after);
  if (guard->after != NULL)
    guard->after->before = guard->before;
  pthread_mutex_unlock (&mutex);
}

const FanoutGuard *
fanout_guard_find (const void *address)
{
  const guint8 *at = address;
  const FanoutGuard *guard = atomic_load (&guards);

  while (guard != NULL && !(at >= guard->from && at < guard->from + guard->size))
    guard = guard->after;
  return guard;
}

static void
drop_stack (gpointer stack)
{
  const stack_t none = { .ss_flags = SS_DISABLE };

  sigaltstack (&none, NULL);
  g_free (stack);
}

void
fanout_guard_thread (void)
{
  stack_t there;

  if (!atomic_load_explicit (&wanted, memory_order_relaxed) || g_private_get (&own) != NULL)
    return;
  /* Whoever has one already, a sanitizer or the program, keeps it. */
  if (sigaltstack (NULL, &there) != 0 || !(there.ss_flags & SS_DISABLE))
    return;
  there = (stack_t){ .ss_sp = g_try_malloc (STACK_SIZE), .ss_size = STACK_SIZE };
  if (there.ss_sp != NULL && sigaltstack (&there, NULL) == 0)
    g_private_set (&own, there.ss_sp);
  else
    g_free (there.ss_sp);
}

void
fanout_guard_threads (void)
{
  atomic_store (&wanted, TRUE);
  fanout_guard_thread ();
}
