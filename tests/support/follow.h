#pragma once

/** A reader that follows files of a folder, step by step. */

#include "tests/support/clock.h"
#include "tests/support/reader.h"
#include <poll.h>
#include <stdio.h>

#define SECOND G_USEC_PER_SEC

typedef struct
{
  HeldClock clock;
  FanoutReaderPlan plan;
  FanoutBlockReader *reader;
  FanoutLane *lanes[MAX_LANES];
  guint n_lanes;
  GPtrArray *notes;
} Followed;

static inline void
take_note (gpointer notes, const char *text)
{
  g_ptr_array_add (notes, g_strdup (text));
}

static inline void
followed_lanes (Followed *followed, guint n_lanes)
{
  followed->n_lanes = n_lanes;
  for (guint i = 0; i < n_lanes; i++)
    followed->lanes[i] = fanout_reader_lane (followed->reader, FALSE);
}

static inline void
followed_open (Followed *followed, guint n_lanes)
{
  followed->reader = open_reader (&followed->plan);
  fanout_reader_on_note (followed->reader, take_note, followed->notes);
  followed_lanes (followed, n_lanes);
}

static inline void
followed_close (Followed *followed)
{
  for (guint i = 0; i < followed->n_lanes; i++)
    g_clear_pointer (&followed->lanes[i], fanout_lane_free);
  g_clear_pointer (&followed->reader, fanout_reader_free);
}

/* rotate-wait is 5 s, discover 1 s. */
static inline void
followed_init (Followed *followed, const Options *options, const char *const *paths)
{
  memset (followed, 0, sizeof *followed);
  followed->clock = held_clock (0);
  followed->plan = make_plan (options, paths);
  followed->plan.glob = TRUE;
  followed->plan.follow = TRUE;
  followed->plan.rotate_wait = 5 * SECOND;
  followed->plan.discover = SECOND;
  followed->plan.max_connections = 1000;
  followed->plan.clock = &followed->clock.clock;
  followed->notes = g_ptr_array_new_with_free_func (g_free);
  followed_open (followed, 1);
}

static inline void
followed_clear (Followed *followed)
{
  followed_close (followed);
  g_ptr_array_unref (followed->notes);
}

static inline char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static inline void
append_to (const char *name, const char *bytes)
{
  g_autofree char *path = path_of (name);
  const int fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, strlen (bytes)), (gssize) strlen (bytes));
  close (fd);
}

static inline void
move_file (const char *from, const char *to)
{
  g_autofree char *old = path_of (from);
  g_autofree char *new = path_of (to);

  ck_assert_int_eq (rename (old, new), 0);
}

static inline void
remove_file (const char *name)
{
  g_autofree char *path = path_of (name);

  ck_assert_int_eq (unlink (path), 0);
}

static inline void
truncate_file (const char *name, off_t length)
{
  g_autofree char *path = path_of (name);

  ck_assert_int_eq (truncate (path, length), 0);
}

/* One row: "INPUT.NUMBER FILE:LINE BYTES". */
static inline void
describe_followed (GString *text, const FanoutLane *lane, FanoutBlock block)
{
  const FanoutBlockOrigin origin = fanout_lane_origin (lane);
  const guint64 first = (guint64) origin.input << 40;

  ck_assert_uint_ge (block.record, first);
  while (block.offset < block.length)
    {
      const char *data = block.data + block.offset;
      gsize length = row_length (data, block.length - block.offset);
      g_autofree char *base = g_path_get_basename (block.name);
      const gboolean ended = data[length - 1] == '\n';

      g_string_append_printf (text, "%s%u.%u %s:%u %.*s%s", text->len > 0 ? "; " : "", origin.input,
                              (guint) (block.record - first), base, (guint) block.line,
                              (int) length - (ended ? 1 : 0), data, ended ? "" : "\\");
      for (gsize i = 0; i < length; i++)
        block.line += data[i] == '\n';
      block.record++;
      block.offset += length;
    }
}

/* What there is now, up to what stops it where that is not WAIT. */
static inline char *
followed_read (Followed *followed)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  FanoutRead result = FANOUT_READ_BLOCK;
  FanoutBlock block;
  guint64 record;

  for (guint i = 0; result == FANOUT_READ_BLOCK; i = (i + 1) % followed->n_lanes)
    {
      result = fanout_reader_next (followed->lanes[i], &block, NULL, &record, &error);
      if (result == FANOUT_READ_BLOCK)
        describe_followed (text, followed->lanes[i], block);
    }
  if (result == FANOUT_READ_FAILED)
    g_string_append_printf (text, "! %s", error->message);
  else if (result != FANOUT_READ_WAIT)
    g_string_append (text, result == FANOUT_READ_END ? "! end" : "! rest");
  return g_string_free (text, FALSE);
}

#define expect_followed(followed, expected)                                                        \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *found_ = followed_read (followed);                                          \
      ck_assert_str_eq (found_, expected);                                                         \
    }                                                                                              \
  while (0)

/* The last note, without the folder; all of them are forgotten. */
static inline char *
followed_note (Followed *followed)
{
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < followed->notes->len; i++)
    {
      const char *note = followed->notes->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "",
                              g_str_has_prefix (note, prefix) ? note + strlen (prefix) : note);
    }
  g_ptr_array_set_size (followed->notes, 0);
  return g_strdup (text->str);
}

#define expect_notes(followed, expected)                                                           \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *found_ = followed_note (followed);                                          \
      ck_assert_str_eq (found_, expected);                                                         \
    }                                                                                              \
  while (0)
