/* Writers that write, turn and truncate their files as they like, against a model that knows every
 * line: each comes once, in order, whatever the reader looked at and when it died. */

#include "tests/support/follow.h"
#include "tests/support/suite.h"

#define WRITERS 3
#define STEPS   400

typedef struct
{
  char *name;
  int fd;
  gboolean copies; /* its files are copied and truncated, not turned */
  guint turned;    /* files that it has turned */
  gint64 left;     /* when the file that it writes lost its name; -1: it has it */
  gboolean begun;  /* its last line has no end yet */
  GPtrArray *lines;
} Writer;

typedef struct
{
  Followed followed;
  GRand *random;
  Writer writers[WRITERS];
  GHashTable *read; /* name to GPtrArray of the lines that were read */
  GByteArray *saved;
  guint n_saved[WRITERS];
} World;

static void
open_file (Writer *writer)
{
  g_autofree char *path = path_of (writer->name);

  writer->fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_ge (writer->fd, 0);
  writer->left = -1;
}

static void
put (Writer *writer, const char *text)
{
  ck_assert_int_eq (write (writer->fd, text, strlen (text)), (gssize) strlen (text));
}

/* A line, the first half of one, or the second. */
static void
write_some (World *world, Writer *writer)
{
  static const char filler[] = "........................................";
  const guint length = (guint) g_rand_int_range (world->random, 0, 40);
  char *line;

  if (writer->begun)
    put (writer, ".end\n");
  writer->begun = !writer->begun && g_rand_int_range (world->random, 0, 4) == 0;
  line
      = g_strdup_printf ("%s line %u %.*s", writer->name, writer->lines->len, (int) length, filler);
  put (writer, line);
  if (!writer->begun)
    put (writer, "\n");
  g_ptr_array_add (writer->lines,
                   writer->begun ? g_strconcat (line, ".end", NULL) : g_strdup (line));
  g_free (line);
}

static void
end_line (Writer *writer)
{
  if (writer->begun)
    put (writer, ".end\n");
  writer->begun = FALSE;
}

/* As logrotate does, but that none is removed. */
static void
turn (World *world, Writer *writer)
{
  if (writer->left >= 0 || writer->copies)
    return;
  for (guint i = writer->turned; i > 0; i--)
    {
      g_autofree char *from = g_strdup_printf ("%s.%u", writer->name, i);
      g_autofree char *to = g_strdup_printf ("%s.%u", writer->name, i + 1);

      move_file (from, to);
    }
  g_autofree char *first = g_strconcat (writer->name, ".1", NULL);
  move_file (writer->name, first);
  writer->turned++;
  writer->left = world->followed.clock.monotonic;
}

/* It is told of it some time later. */
static void
open_again (Writer *writer)
{
  if (writer->left < 0)
    return;
  end_line (writer);
  close (writer->fd);
  open_file (writer);
}

static void
take_rows (World *world, const FanoutLane *lane, const FanoutBlock *block)
{
  const FanoutBlockOrigin origin = fanout_lane_origin (lane);
  g_autofree char *base = g_path_get_basename (block->name);
  GPtrArray *lines = g_hash_table_lookup (world->read, base);
  g_autofree char *text = g_strndup (block->data, block->length);
  g_auto (GStrv) rows = NULL;

  ck_assert_ptr_nonnull (lines);
  ck_assert_uint_eq (block->record, ((guint64) origin.input << 40) + lines->len);
  ck_assert (g_str_has_suffix (text, "\n"));
  text[block->length - 1] = '\0';
  rows = g_strsplit (text, "\n", -1);
  for (char **row = rows; *row != NULL; row++)
    g_ptr_array_add (lines, g_strdup (*row));
}

/* FALSE: there was none. */
static gboolean
read_block (World *world)
{
  Followed *followed = &world->followed;
  const guint i = (guint) g_rand_int_range (world->random, 0, (gint32) followed->n_lanes);
  FanoutBlock block;
  guint64 record;
  const FanoutRead result = fanout_reader_next (followed->lanes[i], &block, NULL, &record, NULL);

  if (result == FANOUT_READ_WAIT)
    return FALSE;
  ck_assert_int_eq (result, FANOUT_READ_BLOCK);
  take_rows (world, followed->lanes[i], &block);
  return TRUE;
}

static void
save (World *world)
{
  g_byte_array_set_size (world->saved, 0);
  fanout_reader_save (world->followed.reader, world->saved);
  for (guint i = 0; i < WRITERS; i++)
    {
      const GPtrArray *lines = g_hash_table_lookup (world->read, world->writers[i].name);

      world->n_saved[i] = lines->len;
    }
}

/* What was read since counts for nothing. */
static void
die (World *world)
{
  Followed *followed = &world->followed;

  followed_close (followed);
  followed->reader = open_reader (&followed->plan);
  fanout_reader_on_note (followed->reader, take_note, followed->notes);
  if (world->saved->len > 0)
    ck_assert (
        fanout_reader_restore (followed->reader, world->saved->data, world->saved->len, NULL));
  followed_lanes (followed, 1 + (guint) g_rand_int_range (world->random, 0, MAX_LANES));
  for (guint i = 0; i < WRITERS; i++)
    g_ptr_array_set_size (g_hash_table_lookup (world->read, world->writers[i].name),
                          (gint) world->n_saved[i]);
}

static void
drain (World *world)
{
  while (read_block (world))
    continue;
}

/* As logrotate does with copytruncate, of what is read up to some line. What comes between the copy
 * and the end is nobody's, and so is what is truncated again before anybody looks. */
static void
copy_and_truncate (World *world, Writer *writer)
{
  g_autofree char *path = path_of (writer->name);
  g_autofree char *copy = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  if (!writer->copies)
    return;
  for (guint i = 0; i < WRITERS; i++)
    open_again (&world->writers[i]);
  write_some (world, writer);
  for (guint i = 0; i < 10; i++)
    {
      held_clock_move (&world->followed.clock, SECOND);
      drain (world);
    }
  for (guint i = 0; i < 5; i++)
    write_some (world, writer);
  end_line (writer);
  copy = g_strdup_printf ("%s.copy%u", path, writer->lines->len);
  ck_assert (g_file_get_contents (path, &bytes, &length, NULL));
  ck_assert (g_file_set_contents (copy, bytes, (gssize) length, NULL));
  truncate_file (writer->name, 0);
  drain (world);
}

/* A writer goes on with a file that has lost its name for less than rotate-wait. */
static void
let_time_pass (World *world)
{
  const gint64 step = g_rand_int_range (world->random, 1, 2 * SECOND);

  for (guint i = 0; i < WRITERS; i++)
    if (world->writers[i].left >= 0
        && world->followed.clock.monotonic + step - world->writers[i].left > 4 * SECOND)
      open_again (&world->writers[i]);
  held_clock_move (&world->followed.clock, step);
}

static void
do_something (World *world, gboolean dying)
{
  Writer *writer = &world->writers[g_rand_int_range (world->random, 0, WRITERS)];
  const gint32 what = g_rand_int_range (world->random, 0, 100);

  if (what < 40)
    write_some (world, writer);
  else if (what < 70)
    read_block (world);
  else if (what < 78)
    turn (world, writer);
  else if (what < 86)
    open_again (writer);
  else if (what < 92)
    let_time_pass (world);
  else if (what < 94)
    copy_and_truncate (world, writer);
  else if (what < 97 && dying)
    save (world);
  else if (dying)
    die (world);
}

static void
check_lines (World *world, const Writer *writer)
{
  const GPtrArray *lines = g_hash_table_lookup (world->read, writer->name);

  for (guint i = 0; i < MIN (lines->len, writer->lines->len); i++)
    ck_assert_str_eq (lines->pdata[i], writer->lines->pdata[i]);
  ck_assert_uint_eq (lines->len, writer->lines->len);
}

static void
clear_lines (gpointer lines)
{
  g_ptr_array_unref (lines);
}

static void
try_world (guint32 seed, gboolean dying)
{
  static const char *const paths[] = { "*.log", NULL };
  World world = { .random = g_rand_new_with_seed (seed) };

  make_folder ();
  world.read = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, clear_lines);
  world.saved = g_byte_array_new ();
  for (guint i = 0; i < WRITERS; i++)
    {
      Writer *writer = &world.writers[i];

      writer->name = g_strdup_printf ("%c.log", 'a' + i);
      writer->lines = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (world.read, writer->name, g_ptr_array_new_with_free_func (g_free));
      /* Nobody finds all copies again. */
      writer->copies = i == 1 && !dying;
      open_file (writer);
      write_some (&world, writer);
    }
  followed_init (&world.followed, &plain, paths);
  followed_close (&world.followed);
  followed_open (&world.followed, 1 + seed % MAX_LANES);
  read_block (&world);
  save (&world);
  for (guint i = 0; i < STEPS; i++)
    do_something (&world, dying);
  for (guint i = 0; i < WRITERS; i++)
    {
      end_line (&world.writers[i]);
      open_again (&world.writers[i]);
    }
  for (guint i = 0; i < 10; i++)
    {
      held_clock_move (&world.followed.clock, 6 * SECOND);
      drain (&world);
    }
  for (guint i = 0; i < WRITERS; i++)
    {
      Writer *writer = &world.writers[i];

      check_lines (&world, writer);
      close (writer->fd);
      g_free (writer->name);
      g_ptr_array_unref (writer->lines);
    }
  followed_clear (&world.followed);
  g_hash_table_unref (world.read);
  g_byte_array_unref (world.saved);
  g_rand_free (world.random);
  remove_folder ();
}

START_TEST (any_order)
{
  for (guint32 seed = 0; seed < 15; seed++)
    try_world (seed, FALSE);
}
END_TEST

START_TEST (any_order_and_death)
{
  for (guint32 seed = 0; seed < 15; seed++)
    try_world (seed, TRUE);
}
END_TEST

/* A clock that, asked for the time once more than `left` times, lets a.log come. */
typedef struct
{
  FanoutClock clock;
  const HeldClock *held;
  guint left;
  FanoutBlockReader *reader;
  guint n_changes;
} Maker;

static gint64
make_then_tell (const FanoutClock *clock)
{
  Maker *self = (Maker *) clock;
  if (self->left > 0 && --self->left == 0)
    write_file ("a.log", "2\n");
  return held_monotonic (&self->held->clock);
}

static gint64
tell_real (const FanoutClock *clock)
{
  return held_real (&((const Maker *) clock)->held->clock);
}

static void
see_change (gpointer data)
{
  Maker *self = data;
  g_autofree char *path = g_build_filename (folder, "a.log", NULL);
  self->n_changes++;
  ck_assert_msg (!g_file_test (path, G_FILE_TEST_EXISTS)
                     || fanout_reader_input_stage (self->reader, 0) != FANOUT_INPUT_ENDED,
                 "a file is there, but its input holds no window");
}

static const char *const one[] = { "a.log", NULL };

/* A successor may come when nobody looks: behind the last look, before the file is given up. */
START_TEST (successor_between_two_looks)
{
  for (guint n = 1; n <= 12; n++)
    {
      Followed followed;
      Maker maker = { .clock = { make_then_tell, tell_real } };
      make_folder ();
      write_file ("a.log", "1\n");
      followed_init (&followed, &plain, one);
      maker.held = &followed.clock;
      followed_close (&followed);
      followed.plan.clock = &maker.clock;
      followed_open (&followed, 1);
      maker.reader = followed.reader;
      fanout_reader_on_change (followed.reader, see_change, &maker);
      expect_followed (&followed, "0.0 a.log:1 1");
      move_file ("a.log", "a.old");
      held_clock_move (&followed.clock, SECOND);
      expect_followed (&followed, "");
      maker.n_changes = 0;
      maker.left = n;
      held_clock_move (&followed.clock, 5 * SECOND);
      g_autofree char *at_once = followed_read (&followed);
      ck_assert_uint_gt (maker.n_changes, 0);
      if (maker.left > 0)
        write_file ("a.log", "2\n");
      held_clock_move (&followed.clock, SECOND);
      g_autofree char *later = followed_read (&followed);
      g_autofree char *all = g_strconcat (at_once, later, NULL);
      ck_assert_str_eq (all, "0.1 a.log:1 2");
      followed_clear (&followed);
      remove_folder ();
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("rotation");
  TCase *tests = tcase_create ("all");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, successor_between_two_looks);
  tcase_add_test (tests, any_order);
  tcase_add_test (tests, any_order_and_death);
  suite_add_tcase (suite, tests);
  return suite;
}
