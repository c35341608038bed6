#include "core/handover/fiber.h"

#include "core/base/error.h"
#include "core/handover/overflow.h"
#include "core/handover/switch.h"

#include <errno.h>
#include <fanout/error.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define FIBER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FIBER_TSAN 1
#endif
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define FIBER_VALGRIND 1
#endif
#endif

/* Untouched pages cost nothing; a plugin's regular expression or formatted print must fit. */
#define STACK_SIZE    (256 * 1024)
/* A large frame must not reach over it to the stack of another fiber. As wide as what Linux keeps
 * free below the stack of a process: only addresses, no memory. */
#define GUARD_SIZE    (1024 * 1024)
/* What the kernel counts for each. */
#define MAPS_OF_STACK 2
/* There is none left for a stack when there are so few, and some come and go. */
#define MAPS_LEFT     16

struct FanoutFiber
{
  FanoutSwitch inside;
  FanoutSwitch outside;
  FanoutSwitch *back; /* its own `outside`, or that of the fiber which passed on to it */
  void (*body) (gpointer data);
  gpointer data;
  gboolean done;
  guint8 *map;
  gsize map_size;
  guint8 *stack;
  gsize stack_size;
  FanoutGuard guard;
#ifdef FIBER_ASAN
  gpointer fake_inside;
  gpointer fake_outside;
  const void *outside_stack; /* of who goes on at `back` */
  gsize outside_size;
  gboolean passed; /* and so it was not there that it was entered from */
#endif
#ifdef FIBER_TSAN
  gpointer tsan_inside;
  gpointer tsan_outside;
#endif
#ifdef FIBER_VALGRIND
  guint valgrind_stack;
#endif
};

/* The sanitizers must know of each switch before and after it. */

static inline void
before_entering (FanoutFiber *fiber)
{
  (void) fiber;
#ifdef FIBER_ASAN
  fiber->passed = FALSE;
  __sanitizer_start_switch_fiber (&fiber->fake_outside, fiber->stack, fiber->stack_size);
#endif
#ifdef FIBER_TSAN
  fiber->tsan_outside = __tsan_get_current_fiber ();
  __tsan_switch_to_fiber (fiber->tsan_inside, 0);
#endif
}

static inline void
after_leaving (FanoutFiber *fiber)
{
  (void) fiber;
#ifdef FIBER_ASAN
  __sanitizer_finish_switch_fiber (fiber->fake_outside, NULL, NULL);
#endif
}

static inline void
before_leaving (FanoutFiber *fiber)
{
  (void) fiber;
#ifdef FIBER_ASAN
  __sanitizer_start_switch_fiber (fiber->done ? NULL : &fiber->fake_inside, fiber->outside_stack,
                                  fiber->outside_size);
#endif
#ifdef FIBER_TSAN
  __tsan_switch_to_fiber (fiber->tsan_outside, 0);
#endif
}

static inline void
after_entering (FanoutFiber *fiber)
{
  (void) fiber;
#ifdef FIBER_ASAN
  __sanitizer_finish_switch_fiber (fiber->fake_inside, fiber->passed ? NULL : &fiber->outside_stack,
                                   fiber->passed ? NULL : &fiber->outside_size);
#endif
}

static inline void
before_passing (FanoutFiber *fiber, FanoutFiber *next)
{
  (void) fiber;
  (void) next;
#ifdef FIBER_ASAN
  next->passed = TRUE;
  next->outside_stack = fiber->outside_stack;
  next->outside_size = fiber->outside_size;
  __sanitizer_start_switch_fiber (&fiber->fake_inside, next->stack, next->stack_size);
#endif
#ifdef FIBER_TSAN
  next->tsan_outside = fiber->tsan_outside;
  __tsan_switch_to_fiber (next->tsan_inside, 0);
#endif
}

static void
run (gpointer data)
{
  FanoutFiber *fiber = data;
  after_entering (fiber);
  fiber->body (fiber->data);
  fiber->done = TRUE;
  before_leaving (fiber);
  fanout_switch (&fiber->inside, fiber->back);
}

static guint64
read_count (const char *path)
{
  g_autofree char *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* In a buffer that is there: it may be that none can be had. */
static guint64
count_maps (void)
{
  char bytes[4096];
  guint64 n = 0;
  gssize length = 0;
  const int fd = open ("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && (length = read (fd, bytes, sizeof bytes)) > 0)
    for (gssize i = 0; i < length; i++)
      n += bytes[i] == '\n';
  if (fd >= 0)
    close (fd);
  return n;
}

/* The system says that it has no memory also where a process has as many mappings as it may. */
static void
fail_to_map (int number, GError **error)
{
  const guint64 most = number == ENOMEM ? read_count ("/proc/sys/vm/max_map_count") : 0;
  if (most > 0 && count_maps () + MAPS_LEFT >= most)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                 "no room for another stack: each takes %d of the %" G_GUINT64_FORMAT
                 " memory mappings that a process may have; fewer groups or aggregates need fewer "
                 "stacks, a higher vm.max_map_count (sysctl) allows more",
                 MAPS_OF_STACK, most);
  else
    fanout_error_system (error, FANOUT_ERROR_STATE, number, "no room for another stack");
}

static gboolean
map_stack (FanoutFiber *fiber, GError **error)
{
  fiber->map_size = GUARD_SIZE + STACK_SIZE;
  fiber->map
      = mmap (NULL, fiber->map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fiber->map == MAP_FAILED
      || mprotect (fiber->map + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE) != 0)
    {
      fail_to_map (errno, error);
      if (fiber->map != MAP_FAILED)
        munmap (fiber->map, fiber->map_size);
      return FALSE;
    }
  fiber->stack = fiber->map + GUARD_SIZE;
  fiber->stack_size = STACK_SIZE;
#ifdef FIBER_ASAN
  /* A stack that lay there before may have left its marks: a fiber that is done never returns. */
  ASAN_UNPOISON_MEMORY_REGION (fiber->stack, fiber->stack_size);
#endif
  return TRUE;
}

FanoutFiber *
fanout_fiber_new (void (*body) (gpointer data), gpointer data, const char *owner, GError **error)
{
  g_autofree FanoutFiber *fiber = g_new0 (FanoutFiber, 1);
  fiber->body = body;
  fiber->data = data;
  if (!map_stack (fiber, error))
    return NULL;
  if (!fanout_switch_make (&fiber->inside, fiber->stack, fiber->stack_size, run, fiber))
    {
      munmap (fiber->map, fiber->map_size);
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_STATE, "cannot prepare a fiber");
      return NULL;
    }
#ifdef FIBER_TSAN
  fiber->tsan_inside = __tsan_create_fiber (0);
#endif
#ifdef FIBER_VALGRIND
  fiber->valgrind_stack = VALGRIND_STACK_REGISTER (fiber->stack, fiber->stack + fiber->stack_size);
#endif
  fiber->guard = (FanoutGuard){ .from = fiber->map, .size = GUARD_SIZE, .owner = owner };
  fanout_guard_add (&fiber->guard);
  return g_steal_pointer (&fiber);
}

void
fanout_fiber_free (FanoutFiber *fiber)
{
  if (fiber == NULL)
    return;
  fanout_guard_remove (&fiber->guard);
#ifdef FIBER_TSAN
  __tsan_destroy_fiber (fiber->tsan_inside);
#endif
#ifdef FIBER_VALGRIND
  VALGRIND_STACK_DEREGISTER (fiber->valgrind_stack);
#endif
  fanout_switch_clear (&fiber->inside);
  fanout_switch_clear (&fiber->outside);
  munmap (fiber->map, fiber->map_size);
  g_free (fiber);
}

gboolean
fanout_fiber_resume (FanoutFiber *fiber)
{
  if (fiber->done)
    return FALSE;
  fiber->back = &fiber->outside;
  before_entering (fiber);
  fanout_switch (&fiber->outside, &fiber->inside);
  after_leaving (fiber);
  return !fiber->done;
}

void
fanout_fiber_suspend (FanoutFiber *fiber)
{
  before_leaving (fiber);
  fanout_switch (&fiber->inside, fiber->back);
  after_entering (fiber);
}

void
fanout_fiber_pass (FanoutFiber *fiber, FanoutFiber *next)
{
  next->back = fiber->back;
  before_passing (fiber, next);
  fanout_switch (&fiber->inside, &next->inside);
  after_entering (fiber);
}
