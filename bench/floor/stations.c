/* Question A answered by a program that can do nothing else: smallest, mean and largest value by
   station of rows `station;-12.3`, as CSV on standard output.

   It is the limit that fanoutd is held to, so it checks what fanoutd checks: a row has two fields,
   no NUL, no quote and at most a megabyte; a number that is none is an error with its line; sums
   are exact; there may be any number of stations, of any names.  */

#include "stations.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  SLICE = 256 << 10, /* what a thread takes at a time: fits L2 */
  TAIL = 256,        /* read beyond it, for the end of its last row */
  LONGEST_ROW = 1 << 20,
  PAGE = 4096,
  FEWEST_SLOTS = 1 << 14,
  MOST_SLOTS = 1 << 25,
  MOST_THREADS = 256,
};

typedef struct
{
  off_t at; /* the row's start */
  const char *what;
} Fault;

typedef struct
{
  pthread_t thread;
  Table table;
  uint32_t arranged; /* how many stations when the table was */
  char *base;        /* where a slice begins in memory */
  Fault fault;
} Worker;

static const char *path;
static int file;
static off_t file_size;
static const Kernel *kernel;
static atomic_llong next_slice;
static atomic_bool stop;

static _Noreturn void
die (const char *what)
{
  fprintf (stderr, "%s: %s\n", path, what);
  exit (1);
}

static void *
pages (size_t size)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (memory == MAP_FAILED)
    die ("out of memory");
  return memory;
}

/* The table.  */

static uint32_t
n_slots (const Table *table)
{
  return table->mask / (uint32_t) sizeof (Slot) + 1;
}

static Slot *
slot_at (const Table *table, uint32_t place)
{
  return (Slot *) ((char *) table->slots + place);
}

static void
make_slots (Table *table, uint32_t n)
{
  if (n > MOST_SLOTS)
    die ("too many stations");
  table->slots = pages (n * sizeof (Slot));
  table->mask = (n - 1) * (uint32_t) sizeof (Slot);
  /* No text gives this key: a line feed ends a name.  */
  for (uint32_t i = 0; i < n; i++)
    memset (&table->slots[i].key, '\n', sizeof (Key));
}

static Key
key_of (const char *name, size_t length)
{
  Key key = { { 0 } };

  memcpy (key.bytes, name, length < KEY_SIZE ? length : KEY_SIZE);
  if (length < KEY_SIZE)
    key.bytes[length] = ';';
  return key;
}

static Slot *
first_vacant (const Table *table, uint32_t place)
{
  while (slot_at (table, place)->station != 0)
    place = (place + (uint32_t) sizeof (Slot)) & table->mask;
  return slot_at (table, place);
}

static uint32_t
place_of (const Table *table, const Slot *slot)
{
  return (uint32_t) ((const char *) slot - (const char *) table->slots);
}

static void
rebuild (Table *table, uint32_t slots, uint64_t seed)
{
  const Table old = *table;

  table->seed = seed;
  make_slots (table, slots);
  for (uint32_t i = 1; i <= table->n_stations; i++)
    {
      Station *station = &table->stations[i];
      const Key key = key_of (station->name, strlen (station->name));
      Slot *slot = first_vacant (table, kernel->place (table, &key));

      *slot = *slot_at (&old, station->place);
      station->place = place_of (table, slot);
    }
  munmap (old.slots, n_slots (&old) * sizeof (Slot));
}

static uint32_t
count_clashes (const Table *table, uint64_t seed)
{
  const Table trial = { .mask = table->mask, .seed = seed };
  bool taken[FEWEST_SLOTS] = { false };
  uint32_t clashes = 0;

  for (uint32_t i = 1; i <= table->n_stations; i++)
    {
      const char *name = table->stations[i].name;
      const Key key = key_of (name, strlen (name));
      const uint32_t at = kernel->place (&trial, &key) / (uint32_t) sizeof (Slot);

      clashes += taken[at];
      taken[at] = true;
    }
  return clashes;
}

/* As long as there are few stations, no two of them have to share a place: then no row goes
   astray.  */
static void
arrange (Table *table)
{
  uint64_t seed = table->seed, best = seed;
  uint32_t fewest;

  if (n_slots (table) > FEWEST_SLOTS)
    return;
  fewest = count_clashes (table, seed);
  for (int i = 0; i < 200 && fewest > 0; i++)
    {
      uint32_t clashes;

      seed = seed * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
      clashes = count_clashes (table, seed);
      if (clashes < fewest)
        {
          fewest = clashes;
          best = seed;
        }
    }
  if (best != table->seed)
    rebuild (table, n_slots (table), best);
}

static Slot *
find (const Table *table, const char *name, size_t length, uint32_t place)
{
  Slot *slot;

  while ((slot = slot_at (table, place))->station != 0)
    {
      const char *there = table->stations[slot->station].name;

      if (strncmp (there, name, length) == 0 && there[length] == '\0')
        return slot;
      place = (place + (uint32_t) sizeof *slot) & table->mask;
    }
  return NULL;
}

static Slot *
add (Table *table, const char *name, size_t length, const Key *key)
{
  Station *station;
  Slot *slot;

  if (table->n_stations + 1 >= table->room)
    {
      table->room = 2 * table->room + 1024;
      table->stations = realloc (table->stations, table->room * sizeof *table->stations);
      if (table->stations == NULL)
        die ("out of memory");
    }
  if (table->n_stations >= n_slots (table) / 4)
    rebuild (table, 2 * n_slots (table), table->seed);
  slot = first_vacant (table, kernel->place (table, key));
  slot->station = ++table->n_stations;
  slot->min = INT32_MAX;
  slot->max = INT32_MIN;
  if (length < KEY_SIZE)
    slot->key = *key;
  station = &table->stations[slot->station];
  *station = (Station){ .name = strndup (name, length), .place = place_of (table, slot) };
  if (station->name == NULL)
    die ("out of memory");
  return slot;
}

Slot *
table_find (Table *table, const char *name, const char *delimiter)
{
  const size_t length = (size_t) (delimiter - name);
  const Key key = key_of (name, length);
  Slot *slot;

  if (*delimiter != ';')
    return NULL;
  slot = find (table, name, length, kernel->place (table, &key));
  if (slot != NULL)
    return slot;
  if (memchr (name, '\0', length) != NULL || memchr (name, '"', length) != NULL)
    return NULL;
  return add (table, name, length, &key);
}

/* Adds up what is recent.  */
static void
settle (Table *table)
{
  for (uint32_t i = 1; i <= table->n_stations; i++)
    {
      Station *station = &table->stations[i];
      Slot *slot = slot_at (table, station->place);
      const int64_t count = (slot->recent + COUNT_ONE / 2) / COUNT_ONE;

      station->count += count;
      station->sum += slot->recent - count * COUNT_ONE;
      slot->recent = 0;
    }
  table->recent_rows = 0;
}

/* Rows that are not plain.  */

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* A decimal with one digit after the point, or more that are zeros.  */
static bool
read_tenths (const char *text, const char *end, int32_t *ret_tenths)
{
  int64_t tenths = 0;
  bool negative = false, digits = false;
  int decimals = -1;

  if (text < end && (*text == '-' || *text == '+'))
    negative = *text++ == '-';
  for (; text < end; text++)
    {
      if (*text == '.' && decimals < 0)
        decimals = 0;
      else if (*text < '0' || *text > '9')
        return false;
      else
        {
          digits = true;
          if (decimals < 0 || decimals++ == 0)
            tenths = 10 * tenths + (*text - '0');
          else if (*text != '0')
            return false;
          if (tenths > INT32_MAX)
            return false;
        }
    }
  if (decimals <= 0)
    tenths *= 10;
  if (!digits || tenths > INT32_MAX)
    return false;
  *ret_tenths = (int32_t) (negative ? -tenths : tenths);
  return true;
}

/* One row, up to the line feed at END.  Answers what is wrong with it, or NULL.  */
static const char *
take_row (Table *table, const char *row, const char *end)
{
  const size_t length = (size_t) (end - row);
  const char *delimiter = memchr (row, ';', length);
  const char *number;
  int32_t value;
  Slot *slot;

  if (length == 0)
    return NULL;
  if (length > LONGEST_ROW)
    return "the row is longer than 1M";
  if (memchr (row, '\0', length) != NULL)
    return "the row has a NUL byte";
  if (memchr (row, '"', length) != NULL)
    return "the row has a quote";
  if (delimiter == NULL)
    return "the row has one field instead of 2";
  number = delimiter + 1;
  if (memchr (number, ';', (size_t) (end - number)) != NULL)
    return "the row has more than 2 fields";

  slot = table_find (table, row, delimiter);
  while (number < end && is_blank (end[-1]))
    end--;
  while (number < end && is_blank (*number))
    number++;
  if (number == end)
    return NULL;
  if (!read_tenths (number, end, &value))
    return "the second field is not a number with one decimal";
  table->stations[slot->station].sum += value;
  table->stations[slot->station].count++;
  if (value < slot->min)
    slot->min = value;
  if (value > slot->max)
    slot->max = value;
  return NULL;
}

/* Rows of a slice that is at offset AT of the file.  */
static void
take_rows (Worker *worker, const char *text, const char *end, off_t at)
{
  const char *begin = text;

  while (text < end)
    {
      const char *careful_until;

      text = kernel->fold (&worker->table, text, end);
      careful_until = text + STRETCH;
      while (text < end && text < careful_until)
        {
          const char *feed = memchr (text, '\n', (size_t) (end - text));
          const char *what = take_row (&worker->table, text, feed);

          if (what != NULL)
            {
              worker->fault = (Fault){ at + (text - begin), what };
              return;
            }
          text = feed + 1;
        }
    }
}

/* Slices of the file.  */

static size_t
read_at (char *into, size_t size, off_t at)
{
  size_t n = 0;

  while (n < size)
    {
      const ssize_t got = pread (file, into + n, size - n, at + (off_t) n);

      if (got < 0 && errno != EINTR)
        die (strerror (errno));
      if (got == 0)
        break;
      n += got > 0 ? (size_t) got : 0;
    }
  return n;
}

/* A slice has the rows that start in it.  */
static void
take_slice (Worker *worker, off_t at)
{
  char *base = worker->base, *text = base, *end = NULL;
  const size_t before = at > 0 ? 1 : 0;
  size_t size = read_at (base - before, before + SLICE + TAIL, at - (off_t) before);
  bool too_long = false;

  if (size <= before) /* the file has shrunk */
    return;
  size -= before;
  if (before)
    {
      text = memchr (base - 1, '\n', size + 1);
      if (text == NULL || ++text >= base + SLICE)
        return;
    }
  if (size >= SLICE)
    end = memchr (base + SLICE - 1, '\n', size - (SLICE - 1));
  if (end == NULL && size == SLICE + TAIL)
    {
      const size_t more = read_at (base + size, LONGEST_ROW, at + (off_t) size);

      end = memchr (base + size, '\n', more);
      too_long = end == NULL && more == LONGEST_ROW;
      size += more;
    }

  if (end != NULL)
    end++;
  else if (too_long)
    for (end = base + SLICE; end > text && end[-1] != '\n';)
      end--;
  else
    {
      /* The last row of the file may lack its line feed.  */
      end = base + size;
      if (end[-1] != '\n')
        *end++ = '\n';
    }
  take_rows (worker, text, end, at + (text - base));
  if (too_long && worker->fault.what == NULL)
    worker->fault = (Fault){ at + (end - base), "the row is longer than 1M" };
}

static void *
work (void *data)
{
  Worker *worker = data;

  worker->table.seed = 0x9e3779b97f4a7c15;
  make_slots (&worker->table, FEWEST_SLOTS);
  worker->base = (char *) pages (PAGE + SLICE + TAIL + LONGEST_ROW + PAGE) + PAGE;
  while (!stop)
    {
      const off_t at = (off_t) SLICE * atomic_fetch_add (&next_slice, 1);

      if (at >= file_size)
        break;
      take_slice (worker, at);
      if (worker->fault.what != NULL)
        stop = true;
      if (worker->table.recent_rows > RECENT_MOST)
        settle (&worker->table);
      if (worker->arranged != worker->table.n_stations)
        {
          arrange (&worker->table);
          worker->arranged = worker->table.n_stations;
        }
    }
  settle (&worker->table);
  return NULL;
}

/* The end.  */

static void
merge (Table *into, const Table *from)
{
  for (uint32_t i = 1; i <= from->n_stations; i++)
    {
      const Station *station = &from->stations[i];
      const Slot *slot = slot_at (from, station->place);
      const size_t length = strlen (station->name);
      const Key key = key_of (station->name, length);
      Slot *sum = find (into, station->name, length, kernel->place (into, &key));

      if (sum == NULL)
        sum = add (into, station->name, length, &key);
      into->stations[sum->station].sum += station->sum;
      into->stations[sum->station].count += station->count;
      sum->min = slot->min < sum->min ? slot->min : sum->min;
      sum->max = slot->max > sum->max ? slot->max : sum->max;
    }
}

static void
print_tenths (int32_t tenths)
{
  const int64_t absolute = llabs (tenths);

  printf ("%s%lld", tenths < 0 ? "-" : "", (long long) absolute / 10);
  if (absolute % 10 != 0)
    printf (".%d", (int) (absolute % 10));
}

/* The shortest text that reads back the same.  */
static void
print_double (double value)
{
  char text[32];

  for (int digits = 15; digits <= 17; digits++)
    {
      snprintf (text, sizeof text, "%.*g", digits, value);
      if (strtod (text, NULL) == value)
        break;
    }
  fputs (text, stdout);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (((const Station *) a)->name, ((const Station *) b)->name);
}

static void
print (const Table *table)
{
  Station *stations = table->stations + 1;

  if (table->n_stations > 0)
    qsort (stations, table->n_stations, sizeof *stations, compare_names);
  puts ("station,min,mean,max");
  for (uint32_t i = 0; i < table->n_stations; i++)
    {
      const Station *station = &stations[i];
      const Slot *slot = slot_at (table, station->place);
      const char *quote = strpbrk (station->name, ",\r") != NULL ? "\"" : "";

      printf ("%s%s%s,", quote, station->name, quote);
      if (station->count > 0)
        {
          print_tenths (slot->min);
          putchar (',');
          print_double ((double) station->sum / (10 * (double) station->count));
          putchar (',');
          print_tenths (slot->max);
        }
      else
        fputs (",,", stdout);
      putchar ('\n');
    }
}

/* Lines are counted only now that one is at fault.  */
static long long
line_at (off_t at)
{
  static char buffer[SLICE];
  long long line = 1;

  for (off_t i = 0; i < at;)
    {
      const off_t left = at - i;
      const size_t n = read_at (buffer, left < SLICE ? (size_t) left : SLICE, i);

      if (n == 0)
        break;
      for (size_t j = 0; j < n; j++)
        line += buffer[j] == '\n';
      i += (off_t) n;
    }
  return line;
}

static const Kernel *
choose_kernel (const char *name)
{
  const Kernel *kernels[3] = { &kernel_plain };
  int n = 1;

#ifdef HAVE_X86_KERNELS
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi2")
      && __builtin_cpu_supports ("aes"))
    {
      kernels[n++] = &kernel_avx2;
      if (__builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vbmi2"))
        kernels[n++] = &kernel_avx512;
    }
#endif
  if (name == NULL)
    return kernels[n - 1];
  while (n-- > 0)
    if (strcmp (kernels[n]->name, name) == 0)
      return kernels[n];
  die ("no such kernel on this machine");
}

int
main (int argc, char **argv)
{
  static Worker workers[MOST_THREADS];
  const int threads = argc > 2 ? atoi (argv[2]) : 1;
  const Fault *first = NULL;
  struct stat status;

  if (argc < 2 || argc > 4 || threads < 1 || threads > MOST_THREADS)
    {
      fputs ("usage: bench-floor-stations FILE [THREADS [plain|avx2|avx512]]\n", stderr);
      return 2;
    }
  path = argv[1];
  kernel = choose_kernel (argc > 3 ? argv[3] : NULL);
  file = open (path, O_RDONLY);
  if (file < 0 || fstat (file, &status) != 0)
    die (strerror (errno));
  file_size = status.st_size;

  for (int i = 1; i < threads; i++)
    if (pthread_create (&workers[i].thread, NULL, work, &workers[i]) != 0)
      die ("no thread");
  work (&workers[0]);
  for (int i = 1; i < threads; i++)
    pthread_join (workers[i].thread, NULL);

  for (int i = 0; i < threads; i++)
    if (workers[i].fault.what != NULL && (first == NULL || workers[i].fault.at < first->at))
      first = &workers[i].fault;
  if (first != NULL)
    {
      fprintf (stderr, "%s:%lld: %s\n", path, line_at (first->at), first->what);
      return 1;
    }
  for (int i = 1; i < threads; i++)
    merge (&workers[0].table, &workers[i].table);
  print (&workers[0].table);
  return 0;
}
