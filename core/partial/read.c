#include "core/base/error.h"
#include "core/partial/private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Groups that are read before they are merged. */
#define GROUPS_AT_ONCE 4096

struct FanoutPartial
{
  char *name; /* for messages */
  GBytes *bytes;
  FanoutReader states; /* from the first group on */
  const char *text;
  guint32 text_length;
  char *fingerprint;
  FanoutPartialCounters counters;
  char *first_skipped;
  char *first_nulled;
  guint n_aggregates;
  char **names;
  char **types;
  guint32 *versions;
  char **errors; /* why it was dropped; empty: it was not */
  guint32 n_keys;
  guint64 n_groups;
};

static gboolean refuse (const char *name, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const char *name, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", name, text);
  return FALSE;
}

static gboolean
damaged (const FanoutPartial *self, GError **error)
{
  return refuse (self->name, error, "the partial result is damaged");
}

static gboolean
has_magic (const guint8 *bytes, gsize length)
{
  return length >= FANOUT_PARTIAL_MAGIC_LENGTH
         && memcmp (bytes, FANOUT_PARTIAL_MAGIC, FANOUT_PARTIAL_MAGIC_LENGTH) == 0;
}

static gboolean
check_whole (FanoutPartial *self, FanoutReader *in, GError **error)
{
  gsize length = fanout_reader_left (in);
  guint32 version;
  if (!has_magic (in->next, length))
    return refuse (self->name, error,
                   "no partial result; one written by 'fanoutd run --partial' is "
                   "wanted");
  FanoutReader head = fanout_reader (in->next + FANOUT_PARTIAL_MAGIC_LENGTH,
                                     length - FANOUT_PARTIAL_MAGIC_LENGTH);
  if (!fanout_read_u32 (&head, &version))
    return refuse (self->name, error, "the partial result is cut short");
  if (version != FANOUT_PARTIAL_VERSION)
    return refuse (self->name, error, "a partial result in format %u; this program reads format %u",
                   version, FANOUT_PARTIAL_VERSION);
  if (fanout_reader_left (&head) < FANOUT_PARTIAL_DIGEST)
    return refuse (self->name, error, "the partial result is cut short");
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 sum[FANOUT_PARTIAL_DIGEST];
  gsize sum_length = sizeof sum;
  g_checksum_update (digest, in->next, (gssize) (length - sizeof sum));
  g_checksum_get_digest (digest, sum, &sum_length);
  if (memcmp (sum, in->end - sizeof sum, sizeof sum) != 0)
    return refuse (self->name, error,
                   "the partial result is damaged or cut short: its checksum "
                   "does not match");
  *in = fanout_reader (head.next, fanout_reader_left (&head) - sizeof sum);
  return TRUE;
}

static gboolean
get_text (FanoutReader *in, char **text)
{
  guint32 length;
  if (!fanout_read_u32 (in, &length) || fanout_reader_left (in) < length)
    return FALSE;
  *text = g_strndup ((const char *) in->next, length);
  in->next += length;
  return TRUE;
}

/* A message about a row. Every part may have a standard input of its own: that of which is told. */
static gboolean
get_message (const FanoutPartial *self, FanoutReader *in, char **text)
{
  g_autofree char *message = NULL;
  if (!get_text (in, &message))
    return FALSE;
  if (g_str_has_prefix (message, FANOUT_STANDARD_INPUT ":"))
    *text = g_strdup_printf ("%s: %s", self->name, message);
  else
    *text = g_steal_pointer (&message);
  return TRUE;
}

static gboolean
get_counters (FanoutPartial *self, FanoutReader *in)
{
  FanoutPartialCounters *counters = &self->counters;
  if (!fanout_read_u64 (in, &counters->end) || !fanout_read_u64 (in, &counters->rows)
      || !fanout_read_u64 (in, &counters->rows_skipped)
      || !fanout_read_u64 (in, &counters->values_nulled)
      || !fanout_read_u64 (in, &counters->integers_rounded)
      || !get_message (self, in, &self->first_skipped)
      || !get_message (self, in, &self->first_nulled))
    return FALSE;
  counters->first_skipped = self->first_skipped;
  counters->first_nulled = self->first_nulled;
  return TRUE;
}

static gboolean
get_aggregates (FanoutPartial *self, FanoutReader *in)
{
  guint32 n;
  if (!fanout_read_u32 (in, &n) || n > fanout_reader_left (in))
    return FALSE;
  self->names = g_new0 (char *, n + 1);
  self->types = g_new0 (char *, n + 1);
  self->errors = g_new0 (char *, n + 1);
  self->versions = g_new0 (guint32, n + 1);
  for (guint i = 0; i < n; i++)
    {
      if (!get_text (in, &self->names[i]) || !get_text (in, &self->types[i])
          || !fanout_read_u32 (in, &self->versions[i]) || !get_message (self, in, &self->errors[i]))
        return FALSE;
      self->n_aggregates++;
    }
  return TRUE;
}

static gboolean
get_head (FanoutPartial *self, FanoutReader *in)
{
  if (!fanout_read_u32 (in, &self->text_length) || fanout_reader_left (in) < self->text_length)
    return FALSE;
  self->text = (const char *) in->next;
  in->next += self->text_length;
  return get_text (in, &self->fingerprint) && get_counters (self, in) && get_aggregates (self, in)
         && fanout_read_u32 (in, &self->n_keys) && fanout_read_u64 (in, &self->n_groups)
         && (self->n_keys > 0 || self->n_groups == 1);
}

/* Of a pipe, all that comes, while it can be a partial result: others may never end. */
static GBytes *
read_pipe (const char *name, int fd, GError **error)
{
  GByteArray *all = g_byte_array_new ();
  guint8 piece[64 * 1024];
  ssize_t n;
  while ((all->len < FANOUT_PARTIAL_MAGIC_LENGTH || has_magic (all->data, all->len))
         && (n = read (fd, piece, sizeof piece)) != 0)
    if (n > 0 && all->len <= G_MAXUINT - (guint) n)
      g_byte_array_append (all, piece, (guint) n);
    else if (n > 0 || errno != EINTR)
      {
        refuse (name, error, "%s", g_strerror (n > 0 ? EFBIG : errno));
        g_byte_array_unref (all);
        return NULL;
      }
  return g_byte_array_free_to_bytes (all);
}

static GBytes *
map_file (const char *name, int fd, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, &reason);
  if (file != NULL)
    return g_mapped_file_get_bytes (file);
  refuse (name, error, "%s", reason->message);
  return NULL;
}

static GBytes *
get_bytes (const char *name, const char *path, GError **error)
{
  const gboolean standard = strcmp (path, "-") == 0;
  const int fd = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  GBytes *bytes = NULL;
  if (fd < 0 || fstat (fd, &info) != 0)
    refuse (name, error, "%s", g_strerror (errno));
  else if (S_ISDIR (info.st_mode))
    refuse (name, error, "%s", g_strerror (EISDIR));
  else
    bytes = S_ISREG (info.st_mode) && !standard ? map_file (name, fd, error)
                                                : read_pipe (name, fd, error);
  if (fd >= 0 && !standard)
    close (fd);
  return bytes;
}

FanoutPartial *
fanout_partial_open (const char *path, GError **error)
{
  g_autoptr (FanoutPartial) self = g_new0 (FanoutPartial, 1);
  self->name
      = strcmp (path, "-") == 0 ? g_strdup (FANOUT_STANDARD_INPUT) : fanout_escape (path, -1);
  self->bytes = get_bytes (self->name, path, error);
  if (self->bytes == NULL)
    return NULL;
  gsize length;
  gconstpointer bytes = g_bytes_get_data (self->bytes, &length);
  FanoutReader in = fanout_reader (bytes, length);
  if (!check_whole (self, &in, error))
    return NULL;
  if (!get_head (self, &in))
    {
      damaged (self, error);
      return NULL;
    }
  self->states = in;
  return g_steal_pointer (&self);
}

void
fanout_partial_free (FanoutPartial *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->first_skipped);
  g_free (self->first_nulled);
  g_free (self->fingerprint);
  g_strfreev (self->names);
  g_strfreev (self->types);
  g_strfreev (self->errors);
  g_free (self->versions);
  g_free (self);
}

const char *
fanout_partial_name (const FanoutPartial *partial)
{
  return partial->name;
}

const char *
fanout_partial_text (const FanoutPartial *self, gsize *length)
{
  *length = self->text_length;
  return self->text;
}

const FanoutPartialCounters *
fanout_partial_counters (const FanoutPartial *self)
{
  return &self->counters;
}

/* Whether the file comes from the same plan; what differs is named as closely as is known. */
static gboolean
check_plan (const FanoutPartial *self, const FanoutPlan *plan, GError **error)
{
  if (self->n_aggregates != plan->n_aggregates || self->n_keys != plan->layout.n_keys)
    return refuse (self->name, error,
                   "a partial result of another plan: %u aggregates and %u keys; %u and %u are "
                   "wanted",
                   self->n_aggregates, self->n_keys, plan->n_aggregates, plan->layout.n_keys);
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      const FanoutPlanAggregate *wanted = &plan->aggregates[i];
      if (strcmp (self->names[i], wanted->name) != 0
          || strcmp (self->types[i], wanted->operator_->name) != 0)
        return refuse (self->name, error,
                       "a partial result of another plan: aggregate '%s' (%s); '%s' (%s) is wanted",
                       self->names[i], self->types[i], wanted->name, wanted->operator_->name);
      if (self->versions[i] != wanted->operator_->version)
        return refuse (self->name, error,
                       "states of operator '%s' in version %u; version %u is wanted",
                       self->types[i], self->versions[i], wanted->operator_->version);
    }
  g_autofree char *fingerprint = fanout_partial_fingerprint (plan);
  if (strcmp (fingerprint, self->fingerprint) != 0)
    return refuse (self->name, error,
                   "a partial result of another plan: its group-by or the options of an aggregate "
                   "differ");
  return TRUE;
}

/* The keys of some groups as columns. */
typedef struct
{
  guint n_keys;
  FanoutText *texts; /* n_keys x GROUPS_AT_ONCE */
  guint8 *nulls;
  FanoutColumn *columns;
  const FanoutColumn **pointers;
  guint32 ids[GROUPS_AT_ONCE];
} Keys;

static void
keys_init (Keys *keys, guint n_keys)
{
  keys->n_keys = n_keys;
  keys->texts = g_new0 (FanoutText, n_keys * GROUPS_AT_ONCE + 1);
  keys->nulls = g_new0 (guint8, n_keys * GROUPS_AT_ONCE + 1);
  keys->columns = g_new0 (FanoutColumn, n_keys + 1);
  keys->pointers = g_new0 (const FanoutColumn *, n_keys + 1);
  for (guint k = 0; k < n_keys; k++)
    {
      keys->columns[k].form = FANOUT_FORM_TEXT;
      keys->columns[k].text = keys->texts + k * GROUPS_AT_ONCE;
      keys->columns[k].null = keys->nulls + k * GROUPS_AT_ONCE;
      keys->pointers[k] = &keys->columns[k];
    }
}

static void
keys_clear (Keys *keys)
{
  g_free (keys->texts);
  g_free (keys->nulls);
  g_free (keys->columns);
  g_free (keys->pointers);
}

/* The core reads beyond the ends of texts, so they cannot stay in the file's mapping. */
static const char *
copy_key (GByteArray *arena, const guint8 *bytes, guint32 length)
{
  guint offset = arena->len;
  g_byte_array_append (arena, bytes, length);
  return GSIZE_TO_POINTER (offset);
}

static gboolean
get_keys (FanoutReader *in, Keys *keys, gsize row, GByteArray *arena)
{
  for (guint k = 0; k < keys->n_keys; k++)
    {
      gsize cell = k * GROUPS_AT_ONCE + row;
      guint32 length;
      if (!fanout_read_u32 (in, &length))
        return FALSE;
      keys->nulls[cell] = length == FANOUT_PARTIAL_NULL;
      if (length == FANOUT_PARTIAL_NULL)
        continue;
      if (fanout_reader_left (in) < length)
        return FALSE;
      keys->texts[cell].data = copy_key (arena, in->next, length);
      keys->texts[cell].length = length;
      in->next += length;
    }
  return TRUE;
}

static gboolean
get_states (FanoutPartial *self, FanoutReader *in, FanoutPartition *part, guint32 id)
{
  for (guint i = 0; i < part->n_nodes; i++)
    {
      FanoutNode *node = part->nodes[i];
      const FanoutOperator *operator_ = node->plan->operator_;
      guint32 length;
      if (!fanout_read_u32 (in, &length) || fanout_reader_left (in) < length)
        return FALSE;
      fanout_node_reserve (node, id + 1);
      if (self->errors[i][0] == '\0'
          && !operator_->decode (&node->aggregate, node->states + id * operator_->state_size,
                                 in->next, length))
        return FALSE;
      in->next += length;
    }
  return TRUE;
}

/* Some groups into an empty partition. */
static gboolean
get_groups (FanoutPartial *self, FanoutReader *in, FanoutPartition *part, Keys *keys, gsize n)
{
  g_autoptr (GByteArray) arena = g_byte_array_new ();
  guint8 padding[64] = { 0 };
  g_byte_array_append (arena, padding, sizeof padding);
  for (gsize row = 0; row < n; row++)
    if (!get_keys (in, keys, row, arena) || !get_states (self, in, part, (guint32) row))
      return FALSE;
  g_byte_array_append (arena, padding, sizeof padding);
  for (guint k = 0; k < keys->n_keys; k++)
    for (gsize row = 0; row < n; row++)
      {
        FanoutText *text = &keys->texts[k * GROUPS_AT_ONCE + row];
        text->data = (const char *) arena->data + GPOINTER_TO_SIZE (text->data);
      }
  if (keys->n_keys == 0)
    return TRUE;
  /* Each group comes once, so that its id is its place here. */
  return fanout_table_ids (part->table, keys->pointers, 0, n, keys->ids) == n
         && fanout_table_n_groups (part->table) == n;
}

static void
take_drops (const FanoutPartial *self, FanoutPartition *part)
{
  for (guint i = 0; i < part->n_nodes; i++)
    if (self->errors[i][0] != '\0' && part->nodes[i]->status != FANOUT_NODE_FAILED)
      {
        FanoutNode *node = part->nodes[i];
        node->status = FANOUT_NODE_FAILED;
        node->explained = TRUE;
        node->error = g_error_new_literal (FANOUT_ERROR, FANOUT_ERROR_STATE, self->errors[i]);
      }
}

static void
shift (FanoutPartition *part, gsize n, guint64 rows)
{
  for (guint i = 0; i < part->n_nodes; i++)
    {
      FanoutNode *node = part->nodes[i];
      if (node->plan->operator_->shift != NULL && node->status != FANOUT_NODE_FAILED && rows > 0)
        node->plan->operator_->shift (&node->aggregate, node->states, n, rows);
    }
}

static gboolean
merge_some (FanoutPartial *self, FanoutReader *in, FanoutPartition *whole, Keys *keys, gsize n,
            guint64 end, GError **error)
{
  FanoutPartition *part = fanout_partition_new_empty (whole->run);
  gboolean done = get_groups (self, in, part, keys, n);
  if (!done)
    damaged (self, error);
  else
    {
      shift (part, n, end);
      take_drops (self, part);
      done = fanout_partition_merge (whole, part, error);
    }
  fanout_partition_free (part);
  return done;
}

gboolean
fanout_partial_merge (FanoutPartial *self, FanoutPartition *whole, guint64 end, GError **error)
{
  if (!check_plan (self, whole->run->plan, error))
    return FALSE;
  FanoutReader in = self->states;
  g_autofree Keys *keys = g_new0 (Keys, 1);
  keys_init (keys, self->n_keys);
  gboolean done = TRUE;
  for (guint64 left = self->n_groups; done && left > 0;)
    {
      gsize n = (gsize) MIN (left, (guint64) GROUPS_AT_ONCE);
      done = merge_some (self, &in, whole, keys, n, end, error);
      left -= n;
    }
  keys_clear (keys);
  if (self->n_groups == 0)
    take_drops (self, whole);
  if (done && fanout_reader_left (&in) != 0)
    return damaged (self, error);
  return done;
}
