#include "core/decode/chunk.h"
#include "core/number/writing.h"
#include <unistd.h>

#define CAPACITY_MIN   1024
#define CAPACITY_MAX   16384
/* Rows of thousands of columns are few: else all their arrays take more than that. */
#define BYTES_MAX      ((gsize) 16 * 1024 * 1024)
#define CAPACITY_LEAST 64
/* A multiple of it leaves no short batch at the end of each chunk. */
#define CAPACITY_STEP  4096

#define ARENA_MIN 4096

typedef struct
{
  char *bytes;
  gsize size;
} Arena;

typedef struct
{
  FanoutChunk chunk; /* first: what others see */
  FanoutScratch scratch;
  GArray *arenas; /* of Arena; the last one is being filled */
  gsize arena_used;
  gsize bytes;
  guint8 *again;   /* for each column: whether one before it takes the same numbers */
  gboolean placed; /* see fanout_chunk_use_places() */
  const FanoutChunkFilter *filter;
  GArray *findings; /* of FanoutFinding; NULL: they are judged at once */
} Chunk;

static gsize
bytes_per_row (FanoutTakes takes)
{
  const FanoutChunkColumn *column = NULL;
  const gsize null = sizeof *column->null;

  switch (takes)
    {
    case FANOUT_TAKES_NUMBER:
    case FANOUT_TAKES_WIDE:
    case FANOUT_TAKES_DOUBLE:
      return null + sizeof *column->mantissa + sizeof *column->scales;
    case FANOUT_TAKES_TEXT:
      return null + sizeof *column->text;
    case FANOUT_TAKES_NOTHING:
    default:
      return null;
    }
}

static gsize
choose_capacity (guint n_columns, const FanoutChunkWant *wants)
{
  long cache = 0;
  gsize row = sizeof (guint64) + sizeof (guint32);
  gsize capacity, least;

#ifdef _SC_LEVEL2_CACHE_SIZE
  cache = sysconf (_SC_LEVEL2_CACHE_SIZE);
#endif
  if (cache <= 0)
    cache = 512 * 1024;
  for (guint i = 0; i < n_columns; i++)
    row += bytes_per_row (wants[i].takes);
  least = CLAMP (BYTES_MAX / row, CAPACITY_LEAST, CAPACITY_MIN);
  capacity = CLAMP ((gsize) cache / 2 / row, least, CAPACITY_MAX);
  return capacity > CAPACITY_STEP ? capacity - capacity % CAPACITY_STEP : capacity;
}

/* What becomes a double in the end must be rounded but once. */
static gboolean
takes_wide (const FanoutChunkWant *want)
{
  return want->takes == FANOUT_TAKES_WIDE || want->takes == FANOUT_TAKES_DOUBLE;
}

static gboolean
takes_number (const FanoutChunkWant *want)
{
  return want->takes == FANOUT_TAKES_NUMBER || takes_wide (want);
}

/* What is known of a column whose numbers another takes as well. */
enum
{
  AGAIN = 1 << 0,       /* one before it */
  AGAIN_ALIKE = 1 << 1, /* one before it that is wide as this one is, or is not */
  AGAIN_WIDE = 1 << 2,  /* one that is wide, where this is not */
};

static void
find_again (Chunk *self, const FanoutChunkWant *wants)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) narrow = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) wide = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->chunk.n_columns; i++)
    if (takes_number (&wants[i]) && wants[i].name != NULL)
      {
        const gpointer name = (gpointer) wants[i].name;

        self->again[i] = g_hash_table_add (names, name) ? 0 : AGAIN;
        if (!g_hash_table_add (takes_wide (&wants[i]) ? wide : narrow, name))
          self->again[i] |= AGAIN_ALIKE;
      }
  for (guint i = 0; i < self->chunk.n_columns; i++)
    if (wants[i].takes == FANOUT_TAKES_NUMBER && wants[i].name != NULL
        && g_hash_table_contains (wide, wants[i].name))
      self->again[i] |= AGAIN_WIDE;
}

void
fanout_chunk_use_places (FanoutChunk *chunk)
{
  ((Chunk *) chunk)->placed = TRUE;
}

gboolean
fanout_chunk_takes_same (const FanoutChunk *chunk, const FanoutBlock *block, guint a, guint b)
{
  const FanoutChunkColumn *first = &chunk->columns[a];
  const FanoutChunkColumn *other = &chunk->columns[b];

  if (first->takes != FANOUT_TAKES_NUMBER || other->takes != FANOUT_TAKES_NUMBER)
    return FALSE;
  return ((const Chunk *) chunk)->placed ? block->fields[a] == block->fields[b]
                                         : strcmp (first->name, other->name) == 0;
}

gboolean
fanout_chunk_counts (const FanoutChunk *chunk, const FanoutBlock *block,
                     const FanoutChunkColumn *column)
{
  const Chunk *self = (const Chunk *) chunk;
  const guint index = (guint) (column - chunk->columns);

  if (!self->placed)
    return (self->again[index] & AGAIN) == 0;
  for (guint c = 0; c < index; c++)
    if (fanout_chunk_takes_same (chunk, block, c, index))
      return FALSE;
  return TRUE;
}

/* What find_again() knows where columns go by their names. */
static guint
look_again (const FanoutChunk *chunk, const FanoutBlock *block, guint index)
{
  guint again = 0;

  for (guint c = 0; c < chunk->n_columns; c++)
    if (c != index && fanout_chunk_takes_same (chunk, block, c, index))
      {
        if (c < index && chunk->columns[c].wide == chunk->columns[index].wide)
          again |= AGAIN_ALIKE;
        if (chunk->columns[c].wide && !chunk->columns[index].wide)
          again |= AGAIN_WIDE;
      }
  return again;
}

gboolean
fanout_chunk_counts_rounded (const FanoutChunk *chunk, const FanoutBlock *block,
                             const FanoutChunkColumn *column, const FanoutText *text)
{
  const Chunk *self = (const Chunk *) chunk;
  const guint index = (guint) (column - chunk->columns);
  const guint again = self->placed ? look_again (chunk, block, index) : self->again[index];
  gboolean rounded = FALSE;
  FanoutNumber number;
  FanoutWide room;

  if ((again & AGAIN_WIDE) != 0)
    /* What is rounded there as well is counted there. */
    fanout_number_parse_written_wide (text->data, text->length, &chunk->writing, &number, &room,
                                      &rounded);
  return (again & AGAIN_ALIKE) == 0 && !rounded;
}

void
fanout_chunk_defer (FanoutChunk *chunk)
{
  ((Chunk *) chunk)->findings = g_array_new (FALSE, FALSE, sizeof (FanoutFinding));
}

void
fanout_chunk_set_filter (FanoutChunk *chunk, const FanoutChunkFilter *filter)
{
  /* Before anything is decoded. */
  g_assert (((Chunk *) chunk)->scratch.room == 0);
  ((Chunk *) chunk)->filter = filter;
}

const FanoutChunkFilter *
fanout_chunk_filter (const FanoutChunk *chunk)
{
  return ((const Chunk *) chunk)->filter;
}

GArray *
fanout_chunk_findings (const FanoutChunk *chunk)
{
  return ((const Chunk *) chunk)->findings;
}

FanoutChunk *
fanout_chunk_new (guint n_columns, const FanoutChunkWant *wants, gsize capacity)
{
  Chunk *self = g_new0 (Chunk, 1);
  FanoutChunk *chunk = &self->chunk;

  chunk->size = sizeof *chunk;
  chunk->column_size = sizeof *chunk->columns;
  chunk->n_columns = n_columns;
  chunk->columns = g_new0 (FanoutChunkColumn, n_columns);
  self->again = g_new0 (guint8, n_columns);
  find_again (self, wants);
  for (guint i = 0; i < n_columns; i++)
    {
      chunk->columns[i].name = wants[i].name;
      chunk->columns[i].hint = wants[i].hint;
      chunk->columns[i].takes = takes_number (&wants[i]) ? FANOUT_TAKES_NUMBER : wants[i].takes;
      chunk->columns[i].wide = takes_wide (&wants[i]);
    }
  chunk->capacity = capacity > 0 ? capacity : choose_capacity (n_columns, wants);
  chunk->rows = g_new (guint64, chunk->capacity);
  chunk->consecutive = TRUE;
  self->bytes = sizeof *self + chunk->capacity * sizeof *chunk->rows;
  for (guint i = 0; i < n_columns; i++)
    {
      FanoutChunkColumn *column = &chunk->columns[i];

      column->null = g_new0 (guint8, chunk->capacity);
      if (column->takes == FANOUT_TAKES_NUMBER)
        {
          column->mantissa = g_new0 (gint64, chunk->capacity);
          column->scales = g_new0 (guint8, chunk->capacity);
        }
      else if (column->takes == FANOUT_TAKES_TEXT)
        column->text = g_new0 (FanoutText, chunk->capacity);
      self->bytes += sizeof *column + chunk->capacity * bytes_per_row (column->takes);
    }
  self->arenas = g_array_new (FALSE, FALSE, sizeof (Arena));
  self->scratch.spans = g_array_new (FALSE, FALSE, sizeof (FanoutSpan));
  return chunk;
}

FanoutChunk *
fanout_chunk_new_for (guint n_columns, const FanoutChunkWant *wants, guint64 rows)
{
  const gsize capacity = choose_capacity (n_columns, wants);

  return fanout_chunk_new (n_columns, wants,
                           (gsize) CLAMP (rows, (guint64) CAPACITY_LEAST, (guint64) capacity));
}

void
fanout_chunk_free (FanoutChunk *chunk)
{
  Chunk *self = (Chunk *) chunk;

  if (chunk == NULL)
    return;
  if (chunk->own != NULL && chunk->free_own != NULL)
    chunk->free_own (chunk->own);
  for (guint i = 0; i < chunk->n_columns; i++)
    {
      g_free (chunk->columns[i].null);
      g_free (chunk->columns[i].mantissa);
      g_free (chunk->columns[i].scales);
      g_free (chunk->columns[i].text);
    }
  for (guint i = 0; i < self->arenas->len; i++)
    g_free (g_array_index (self->arenas, Arena, i).bytes);
  g_array_free (self->arenas, TRUE);
  g_array_free (self->scratch.spans, TRUE);
  g_free (self->scratch.starts);
  g_free (self->scratch.nexts);
  g_free (self->scratch.fields);
  g_free (self->scratch.kept);
  g_free (self->scratch.loose);
  g_free (chunk->first_skipped);
  g_free (chunk->first_nulled);
  g_free (chunk->first_rounded);
  g_free (chunk->columns);
  g_free (self->again);
  g_clear_pointer (&self->findings, g_array_unref);
  g_free (chunk->rows);
  g_free (self);
}

/* The largest one stays: it has shown to be enough, or nearly so. */
static void
keep_one_arena (Chunk *self)
{
  while (self->arenas->len > 1)
    {
      Arena *arena = &g_array_index (self->arenas, Arena, 0);

      self->bytes -= arena->size;
      g_free (arena->bytes);
      g_array_remove_index (self->arenas, 0);
    }
  self->arena_used = FANOUT_PADDING;
}

void
fanout_chunk_reset (FanoutChunk *chunk)
{
  for (guint i = 0; i < chunk->n_columns; i++)
    {
      FanoutChunkColumn *column = &chunk->columns[i];

      /* A guess. One long value does not widen the column for ever. */
      column->scale = column->mixed ? 0 : column->most_digits;
      column->most_digits = 0;
      column->mixed = FALSE;
      column->any_null = FALSE;
    }
  chunk->n_rows = 0;
  chunk->consecutive = TRUE;
  if (((Chunk *) chunk)->findings != NULL)
    g_array_set_size (((Chunk *) chunk)->findings, 0);
  keep_one_arena ((Chunk *) chunk);
}

gsize
fanout_chunk_bytes (const FanoutChunk *chunk)
{
  return ((const Chunk *) chunk)->bytes;
}

void
fanout_chunk_hold (FanoutChunk *chunk, gsize bytes)
{
  ((Chunk *) chunk)->bytes += bytes;
}

void
fanout_chunk_view (const FanoutChunkColumn *column, gsize first, FanoutColumn *view)
{
  memset (view, 0, sizeof *view);
  view->null = column->any_null ? column->null + first : NULL;
  switch (column->takes)
    {
    case FANOUT_TAKES_NUMBER:
      view->form = column->mixed ? FANOUT_FORM_MIXED : FANOUT_FORM_PLAIN;
      view->scale = column->mixed ? 0 : column->scale;
      view->scales = column->mixed ? column->scales + first : NULL;
      view->mantissa = column->mantissa + first;
      break;
    case FANOUT_TAKES_TEXT:
      view->form = FANOUT_FORM_TEXT;
      view->text = column->text + first;
      break;
    default:
      view->form = FANOUT_FORM_NONE;
    }
}

FanoutScratch *
fanout_chunk_scratch (FanoutChunk *chunk, gsize room)
{
  Chunk *self = (Chunk *) chunk;
  FanoutScratch *scratch = &self->scratch;

  if (scratch->room < room)
    {
      self->bytes += (room - scratch->room) * (2 * sizeof (guint32) + sizeof (FanoutField));
      g_free (scratch->starts);
      g_free (scratch->nexts);
      g_free (scratch->fields);
      scratch->starts = g_new (guint32, room);
      scratch->nexts = g_new (guint32, room);
      scratch->fields = g_new (FanoutField, room);
      if (self->filter != NULL)
        {
          self->bytes += (room - scratch->room) * sizeof *scratch->kept;
          g_free (scratch->kept);
          scratch->kept = g_new (guint32, room);
        }
      scratch->room = room;
    }
  return scratch;
}

guint32 *
fanout_chunk_loose (FanoutChunk *chunk, gsize room)
{
  Chunk *self = (Chunk *) chunk;
  FanoutScratch *scratch = &self->scratch;

  /* Also where there is room for none of them, who adds to it needs an address. */
  room = MAX (room, 1);
  if (scratch->loose_room < room)
    {
      self->bytes += (room - scratch->loose_room) * sizeof *scratch->loose;
      g_free (scratch->loose);
      scratch->loose = g_new (guint32, room);
      scratch->loose_room = room;
    }
  return scratch->loose;
}

char *
fanout_chunk_text (FanoutChunk *chunk, gsize length)
{
  Chunk *self = (Chunk *) chunk;
  Arena *last = NULL;
  char *text;

  if (self->arenas->len > 0)
    last = &g_array_index (self->arenas, Arena, self->arenas->len - 1);
  if (last == NULL || last->size - self->arena_used < length + FANOUT_PADDING)
    {
      const gsize twice = last != NULL ? 2 * last->size : ARENA_MIN;
      const gsize size = MAX (twice, length + 2 * FANOUT_PADDING);
      const Arena arena = { g_malloc0 (size), size };

      g_array_append_val (self->arenas, arena);
      self->bytes += size;
      self->arena_used = FANOUT_PADDING;
      last = &g_array_index (self->arenas, Arena, self->arenas->len - 1);
    }
  text = last->bytes + self->arena_used;
  self->arena_used += length;
  return text;
}
