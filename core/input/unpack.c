#include "core/input/unpack.h"
#include "core/input/intake.h"
#include "core/input/members.h"
#include <fanout/error.h>
#include <poll.h>
#include <string.h>

#define ROOM (128 * 1024)

/* Their counts are of 32 bits. */
#define STEP_MAX ((gsize) 1 << 30)

/* Bytes of members that are measured, and those that are worth a thread. */
#define MEASURED_MAX ((gsize) 2 << 20)
#define SHARED_MIN   ((gsize) 64 * 1024)

/* Of steps that give nothing, before whoever reads may do something else. */
#define STEPS_MAX 256

typedef struct
{
  FanoutIntake intake;
  FanoutCompression kind;
  const FanoutUnpacker *unpacker;
  gpointer state;
  gboolean begun; /* inside of a member */
  gboolean any;   /* member was there */
  gboolean full;  /* it filled its room, so there may be more to be given */

  guint n_threads;        /* to unpack members side by side; 0: never */
  FanoutMembers *members; /* NULL: there were none to be shared out */
  GError *later;          /* behind them */

  guint64 offset;  /* unpacked */
  GError *failure; /* told when what comes before it is read */
  _Atomic gsize *memory;
  gsize counted;
} Unpack;

static void
count_memory (Unpack *self, gsize bytes)
{
  atomic_fetch_add (self->memory, bytes - self->counted);
  self->counted = bytes;
}

static FanoutRead
fail (Unpack *self, const char *what)
{
  g_set_error (&self->failure, FANOUT_ERROR, FANOUT_ERROR_DATA, "%s: %s %" G_GUINT64_FORMAT,
               self->intake.bytes.name, what, fanout_intake_position (&self->intake));
  return FANOUT_READ_FAILED;
}

static FanoutRead
fail_large (Unpack *self)
{
  g_set_error (&self->failure, FANOUT_ERROR, FANOUT_ERROR_DATA,
               "%s: to unpack it takes a window of more than %u MiB; this does: %s",
               self->intake.bytes.name, 1u << (FANOUT_UNPACK_WINDOW_LOG - 20),
               fanout_packed_tool (self->kind));
  return FANOUT_READ_FAILED;
}

static FanoutRead
fail_kind (Unpack *self)
{
  g_set_error (&self->failure, FANOUT_ERROR, FANOUT_ERROR_DATA,
               "%s: it does not begin as packed data of %s does; [source] compression = auto takes "
               "it for what it is",
               self->intake.bytes.name, fanout_packed_name (self->kind));
  return FANOUT_READ_FAILED;
}

static FanoutRead
refill (Unpack *self)
{
  if (self->later == NULL)
    return fanout_intake_refill (&self->intake, &self->failure);
  self->failure = g_steal_pointer (&self->later);
  return FANOUT_READ_FAILED;
}

/* Zeros may come behind members: some tools fill blocks with them. */
static void
skip_zeros (Unpack *self)
{
  while (self->any && self->intake.start < self->intake.end
         && self->intake.data[self->intake.start] == '\0')
    self->intake.start++;
}

/* To the first byte of a member: END when there is none. */
static FanoutRead
find_member (Unpack *self)
{
  FanoutMark mark;

  for (;;)
    {
      FanoutRead result;

      skip_zeros (self);
      mark = fanout_packed_begins (self->kind, self->intake.data + self->intake.start,
                                   self->intake.end - self->intake.start);
      if (mark != FANOUT_MARK_BEGUN || self->intake.complete)
        break;
      result = refill (self);
      if (result != FANOUT_READ_BLOCK)
        return result;
    }
  if (self->intake.start == self->intake.end)
    return FANOUT_READ_END;
  if (mark == FANOUT_MARK_BEGUN)
    {
      self->intake.start = self->intake.end;
      return fail (self, "the compressed data ends too early, at byte");
    }
  if (mark == FANOUT_MARK_NONE)
    return self->any ? fail (self, "the compressed data is followed by other bytes, from byte")
                     : fail_kind (self);
  self->begun = self->any = TRUE;
  self->full = FALSE;
  if (!self->unpacker->begin (self->state))
    return fail (self, "there is not enough memory to unpack it, at byte");
  return FANOUT_READ_BLOCK;
}

/* One step inside of a member; `out` moves on. Where no bytes were to be had and the room was not
 * filled nothing is left to be given: some libraries read on behind their bytes when asked then. */
static FanoutRead
take_step (Unpack *self, char **out, gsize room)
{
  const gsize given = MIN (self->intake.end - self->intake.start, STEP_MAX);
  FanoutUnpackSpan span
      = { self->intake.data + self->intake.start, given, *out, MIN (room, STEP_MAX) };
  FanoutUnpackStep step;
  gboolean idle;

  if (given == 0 && !self->full)
    return self->intake.complete ? fail (self, "the compressed data ends too early, at byte")
                                 : refill (self);
  step = self->unpacker->step (self->state, &span);
  idle = span.out == *out && span.in_length == given;
  self->full = span.out_room == 0;
  /* ISA-L counts below zero in some damaged data, and says then that nearly 4 GB are left. */
  if (span.in_length > self->intake.start + given)
    return fail (self, "the compressed data is damaged, at byte");
  self->intake.start += given - span.in_length;
  *out = span.out;
  if (step == FANOUT_UNPACK_LARGE)
    return fail_large (self);
  if (step == FANOUT_UNPACK_DAMAGED || (idle && given > 0))
    return fail (self, "the compressed data is damaged, at byte");
  self->begun = step != FANOUT_UNPACK_END;
  return FANOUT_READ_BLOCK;
}

/* Whether the next member can be shared out, for which more bytes may be needed: BLOCK when that is
 * known. */
static FanoutRead
measure (Unpack *self, FanoutMark *mark, FanoutMemberSize *size)
{
  FanoutIntake *intake = &self->intake;
  const gboolean wanted
      = self->n_threads > 0 && self->unpacker->measure != NULL && self->later == NULL;
  FanoutRead result = FANOUT_READ_BLOCK;

  *mark = FANOUT_MARK_NONE;
  while (wanted && result == FANOUT_READ_BLOCK)
    {
      const gsize there = intake->end - intake->start;

      *mark = there > 0
                  ? self->unpacker->measure (self->state, intake->data + intake->start, there, size)
                  : FANOUT_MARK_BEGUN;
      if (*mark != FANOUT_MARK_BEGUN || intake->complete || there >= MEASURED_MAX)
        break;
      if (there == intake->room)
        fanout_intake_make_room (intake, 2 * intake->room);
      result = refill (self);
    }
  return result;
}

/* As many of the next members as there is room for. */
static FanoutRead
share_out (Unpack *self)
{
  FanoutIntake *intake = &self->intake;
  FanoutMemberSize size;
  FanoutMark mark;
  FanoutRead result;

  while ((result = measure (self, &mark, &size)) == FANOUT_READ_BLOCK && mark == FANOUT_MARK_WHOLE)
    {
      if (self->members == NULL)
        {
          if (intake->end - intake->start < SHARED_MIN)
            break;
          self->members = fanout_members_new (self->unpacker, self->n_threads, self->memory);
          self->n_threads = self->members != NULL ? self->n_threads : 0;
        }
      else if (fanout_members_give (self->members, intake->data + intake->start, size))
        {
          self->any = TRUE;
          intake->start += size.packed;
        }
      else
        return FANOUT_READ_BLOCK;
    }
  if (self->members != NULL)
    fanout_members_flush (self->members);
  return result;
}

/* From members that are unpacked side by side, where the next one is of these; `out` moves on. What
 * is wrong with one is found by who unpacks them one after the other. */
static FanoutRead
take_members (Unpack *self, char **out, gsize room)
{
  FanoutRead result = share_out (self);
  const gboolean any = self->members != NULL && fanout_members_held (self->members) > 0;
  gsize length;
  gsize got;

  if (!any)
    return result == FANOUT_READ_BLOCK ? find_member (self) : result;
  if (result == FANOUT_READ_FAILED)
    self->later = g_steal_pointer (&self->failure);
  if (fanout_members_take (self->members, *out, room, &got))
    *out += got;
  else
    {
      g_autofree char *held = fanout_members_give_back (self->members, &length);

      fanout_intake_give_back (&self->intake, held, length);
      self->n_threads = 0;
    }
  return FANOUT_READ_BLOCK;
}

/* Whether somebody who waits for more bytes would wait, with those that are here. */
static gboolean
would_wait (const Unpack *self)
{
  struct pollfd fd = { fanout_intake_fd (&self->intake.bytes), POLLIN, 0 };

  return poll (&fd, 1, 0) == 0;
}

static FanoutRead
read_unpacked (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  Unpack *self = (Unpack *) bytes;
  FanoutRead result = self->failure != NULL ? FANOUT_READ_FAILED : FANOUT_READ_BLOCK;
  char *out = to;
  guint steps = 0;

  while (result == FANOUT_READ_BLOCK && out < to + room)
    {
      result = self->begun ? take_step (self, &out, room - (gsize) (out - to))
                           : take_members (self, &out, room - (gsize) (out - to));
      if (result != FANOUT_READ_BLOCK || ++steps < STEPS_MAX || out != to)
        continue;
      steps = 0;
      if (!would_wait (self))
        result = FANOUT_READ_WAIT;
    }
  count_memory (self, self->intake.room + self->unpacker->size
                          + (self->unpacker->allocates > 0 ? self->unpacker->allocates
                                                           : self->unpacker->memory (self->state)));
  *got = (gsize) (out - to);
  self->offset += *got;
  if (*got > 0 || result == FANOUT_READ_END)
    return FANOUT_READ_BLOCK;
  if (result == FANOUT_READ_FAILED)
    g_propagate_error (error, g_steal_pointer (&self->failure));
  return result;
}

static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const Unpack *self = (const Unpack *) bytes;
  const gsize held = self->members != NULL ? fanout_members_held (self->members) : 0;
  const FanoutPosition position = { self->offset, fanout_intake_position (&self->intake) - held };

  return position;
}

static void
free_unpack (FanoutBytes *bytes)
{
  Unpack *self = (Unpack *) bytes;

  fanout_members_free (self->members);
  if (self->unpacker->end != NULL)
    self->unpacker->end (self->state);
  count_memory (self, 0);
  fanout_intake_clear (&self->intake);
  g_clear_error (&self->failure);
  g_clear_error (&self->later);
  g_free (self->state);
  g_free (self);
}

static const FanoutBytesType type = {
  .read = read_unpacked,
  .fd = fanout_intake_fd,
  .position = get_position,
  .finish = fanout_intake_finish,
  .free = free_unpack,
};

/* The best of those that were there when this was built, and are here. */
static gboolean
choose (Unpack *self, GError **error)
{
  static const FanoutUnpacker *const unpackers[][2] = {
#if defined FANOUT_ISAL && defined FANOUT_ZLIB
    [FANOUT_COMPRESSION_GZ] = { &fanout_unpacker_isal, &fanout_unpacker_zlib },
#elif defined FANOUT_ISAL
    [FANOUT_COMPRESSION_GZ] = { &fanout_unpacker_isal },
#elif defined FANOUT_ZLIB
    [FANOUT_COMPRESSION_GZ] = { &fanout_unpacker_zlib },
#endif
#ifdef FANOUT_ZSTD
    [FANOUT_COMPRESSION_ZST] = { &fanout_unpacker_zstd },
#endif
#ifdef FANOUT_LZMA
    [FANOUT_COMPRESSION_XZ] = { &fanout_unpacker_lzma },
#endif
#ifdef FANOUT_BZIP2
    [FANOUT_COMPRESSION_BZ2] = { &fanout_unpacker_bzip2 },
#endif
#ifdef FANOUT_LZ4
    [FANOUT_COMPRESSION_LZ4] = { &fanout_unpacker_lz4 },
#endif
    [FANOUT_COMPRESSION_LZ4 + 1] = { NULL },
  };
  static const char *const libraries[]
      = { NULL, NULL, "zlib", "libzstd", "liblzma", "libbz2", "liblz4" };
  const FanoutUnpacker *const *own = unpackers[self->kind];
  gboolean loaded = FALSE;

  if (own[0] == NULL)
    g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "this fanoutd was built without %s",
                 libraries[self->kind]);
  for (guint i = 0; i < 2 && own[i] != NULL && !loaded; i++)
    {
      g_free (self->state);
      g_clear_error (error);
      self->unpacker = own[i];
      self->state = g_malloc0 (own[i]->size);
      loaded = fanout_library_open (own[i]->library, own[i]->names, self->state, error);
    }
  return loaded;
}

FanoutBytes *
fanout_unpack_new (FanoutBytes *inner, FanoutCompression kind, const char *begun, gsize n_begun,
                   guint n_threads, _Atomic gsize *memory, GError **error)
{
  Unpack *self = g_new0 (Unpack, 1);
  g_autoptr (GError) reason = NULL;

  self->kind = kind;
  if (!choose (self, &reason))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "%s: it is packed by %s, and %s; this unpacks it: %s", inner->name,
                   fanout_packed_name (kind), reason->message, fanout_packed_tool (kind));
      g_free (self->state);
      g_free (self);
      return NULL;
    }
  self->memory = memory;
  self->n_threads = n_threads;
  fanout_intake_init (&self->intake, inner, ROOM, begun, n_begun);
  self->intake.bytes.type = &type;
  return &self->intake.bytes;
}
