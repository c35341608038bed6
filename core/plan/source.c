#include "core/config/list.h"
#include "core/input/address.h"
#include "core/input/convert.h"
#include "core/plan/guess.h"
#include "core/plan/private.h"

#include <string.h>

#define WINDOW_BLOCK_SIZE ((gsize) 128 * 1024)

static const FanoutConfigGroup *
source_group (const FanoutPlanning *self, FanoutConfigGroup *none)
{
  const FanoutConfigGroup *group = fanout_config_find (self->plan->config, "source");
  none->name = "source";
  none->origin = self->name;
  return group != NULL ? group : none;
}

static void use_bytes_options (FanoutPlanning *self, const FanoutConfigGroup *group,
                               const FanoutSourceBytesOptions *options);

/* Open the inputs as the options for all sources say. What is wrong with these is told later. */
static gboolean
peek (FanoutPlanning *self, const FanoutConfigGroup *group, FanoutGuess *guess, const char **name)
{
  FanoutPlan *plan = self->plan;
  FanoutErrors *errors = self->errors;
  FanoutErrors ignored;
  FanoutSourceBytesOptions options = { 0 };
  const FanoutOption *const tables[] = { fanout_source_bytes_options, NULL };
  gboolean complete;
  const char *data;
  gsize length;

  fanout_errors_init (&ignored);
  self->errors = &ignored;
  fanout_options_bind (plan->config, group, tables, (gpointer[]){ &options }, NULL, NULL, &ignored);
  use_bytes_options (self, group, &options);
  self->errors = errors;
  fanout_errors_clear (&ignored);
  plan->first_reader = fanout_reader_new (&plan->reader, &self->unreadable);
  if (plan->first_reader == NULL
      || !fanout_reader_peek (plan->first_reader, name, &data, &length, &complete,
                              &self->unreadable))
    return FALSE;
  *guess = fanout_guess (*name, data, length, complete);
  return TRUE;
}

/* type = auto: what the first input looks like. */
static const char *
guess_type (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  FanoutPlan *plan = self->plan;
  FanoutGuess guess;
  const char *name;

  if (!peek (self, group, &guess, &name))
    return "csv";
  if (guess.format != NULL && fanout_config_entry (group, "format") == NULL)
    fanout_config_set (plan->config, "source", "format", guess.format, name);
  if (!guess.obvious)
    fanout_planning_note (self, g_strdup_printf ("%s: taken for %s, as it looks; -t or [source] "
                                                 "type says what it is",
                                                 name, guess.type));
  return guess.type;
}

static const FanoutSource *
find_source (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  const FanoutConfigEntry *type = fanout_config_entry (group, "type");
  g_autoptr (GError) error = NULL;
  if (type == NULL)
    {
      g_autofree char *names = g_strjoinv (
          ", ", (char **) fanout_registry_names (self->plan->registry, FANOUT_KIND_SOURCE));
      fanout_errors_add (self->errors, group->origin, "[source] type: missing; it can be: %s",
                         names);
      return NULL;
    }
  const char *name = strcmp (type->value, "auto") != 0 ? type->value
                     : self->running != NULL           ? fanout_planning_running_type (self)
                                                       : guess_type (self, group);
  const FanoutSource *source = fanout_registry_source (self->plan->registry, name, &error);
  if (source != NULL)
    return source;
  fanout_config_mistake (self->errors, group, type, "%s", error->message);
  fanout_errors_weigh (self->errors, error);
  return NULL;
}

static void
use_encoding (FanoutPlanning *self, const FanoutConfigGroup *group, const char *encoding)
{
  g_autoptr (GError) error = NULL;
  if (strcmp (encoding, "auto") == 0)
    return;
  if (fanout_encoding_check (encoding, &error))
    self->plan->reader.encoding = encoding;
  else
    fanout_config_mistake (self->errors, group, fanout_config_entry (group, "encoding"), "%s",
                           error->message);
}

/* What is unpacked or converted cannot wait for more. */
static const char *
refuse_follow (const FanoutReaderPlan *reader, const char **key)
{
  *key = "compression";
  if (reader->compression > FANOUT_COMPRESSION_NONE)
    return "what is packed can be neither followed nor sent to a socket: only files that are whole "
           "can be unpacked";
  *key = "encoding";
  if (reader->encoding != NULL && !fanout_encoding_is_plain (reader->encoding))
    return "only text in UTF-8 can be followed or sent to a socket";
  *key = "follow";
  for (const char *const *path = reader->paths; *path != NULL; path++)
    if (strcmp (*path, "-") == 0)
      return "standard input cannot be followed, nor read beside a socket: it is read as it comes, "
             "with follow = false";
  return NULL;
}

/* Whether any of the paths is a socket; what is wrong with them is told. */
static gboolean
check_sockets (FanoutPlanning *self, const FanoutConfigGroup *group, gboolean follow)
{
  const FanoutReaderPlan *reader = &self->plan->reader;
  const FanoutConfigEntry *entry = fanout_config_entry (group, "path");
  guint n_sockets = 0;
  guint n_files = 0;
  for (const char *const *path = reader->paths; reader->glob && *path != NULL; path++)
    {
      g_autoptr (GError) error = NULL;
      const gboolean is_socket = fanout_address_is (*path);
      n_sockets += is_socket ? 1 : 0;
      n_files += is_socket ? 0 : 1;
      if (is_socket && !fanout_address_check (*path, &error))
        fanout_config_mistake (self->errors, group, entry, "%s", error->message);
    }
  if (n_sockets > 0 && n_files > 0 && !follow)
    fanout_config_mistake (self->errors, group, entry,
                           "files beside sockets are followed: say follow = true, or read them in "
                           "a pipeline of their own");
  return n_sockets > 0;
}

static void
use_follow (FanoutPlanning *self, const FanoutConfigGroup *group,
            const FanoutSourceBytesOptions *options)
{
  FanoutReaderPlan *reader = &self->plan->reader;
  const gboolean has_sockets = check_sockets (self, group, options->follow);
  const char *key;
  const char *refusal = options->follow || has_sockets ? refuse_follow (reader, &key) : NULL;
  if (refusal != NULL)
    fanout_config_mistake (self->errors, group, fanout_config_entry (group, key), "%s", refusal);
  reader->follow = options->follow && refusal == NULL;
  reader->start_at_end = options->start == 1;
  reader->rotate_wait = (gint64) options->rotate_wait;
  reader->discover = (gint64) options->discover;
  reader->max_connections = options->max_connections;
}

static void
use_bytes_options (FanoutPlanning *self, const FanoutConfigGroup *group,
                   const FanoutSourceBytesOptions *options)
{
  FanoutPlan *plan = self->plan;
  plan->on_bad_row = (FanoutBad) options->on_bad_row;
  plan->on_bad_value = (FanoutBad) options->on_bad_value;
  if (options->null_values != NULL && options->null_values[0] != NULL)
    plan->null_values = options->null_values;
  plan->reader.source = plan->source;
  plan->reader.options = plan->source_options;
  /* What a block knows of event time it passes on when all of it is decoded: others wait for that.
   */
  if (fanout_config_find (plan->config, "window") != NULL)
    plan->reader.block_size = WINDOW_BLOCK_SIZE;
  plan->reader.max_row = (gsize) options->max_row;
  plan->reader.missing_columns = (FanoutBad) options->missing_columns;
  plan->reader.compression = (FanoutCompression) options->compression;
  use_encoding (self, group, options->encoding);
  if (self->inputs != NULL && self->inputs[0] != NULL)
    plan->reader.paths = fanout_config_intern_list (plan->config, self->inputs);
  else
    {
      plan->reader.paths = options->paths;
      plan->reader.glob = TRUE;
      const FanoutConfigEntry *entry = fanout_config_entry (group, "path");
      if (entry == NULL || entry->from != FANOUT_CONFIG_ARGUMENT)
        plan->reader.folder = fanout_config_folder (plan->config);
    }
  use_follow (self, group, options);
}

/* Where no input can lack a column that another one has. */
static void
refuse_missing_columns (FanoutPlanning *self, const FanoutConfigGroup *group)
{
  const FanoutSource *source = self->plan->source;
  const FanoutConfigEntry *entry = fanout_config_entry (group, "missing-columns");
  if (entry == NULL)
    return;
  if (source->column != NULL)
    fanout_config_mistake (self->errors, group, entry,
                           "each row of %s has columns of its own, and what it lacks is null",
                           source->name);
  else if (source->names != NULL && fanout_config_entry (group, "columns") == NULL)
    {
      g_auto (GStrv) names = source->names (self->plan->source_options);
      if (names != NULL)
        fanout_config_mistake (self->errors, group, entry,
                               "the columns of %s are the same in every input", source->name);
    }
}

void
fanout_planning_source (FanoutPlanning *self)
{
  static const FanoutSource feed = { .size = sizeof (FanoutSource), .name = "feed" };
  FanoutPlan *plan = self->plan;
  if (self->fed != NULL)
    {
      plan->source = &feed;
      plan->fed = TRUE;
      return;
    }
  FanoutConfigGroup none = { 0 };
  const FanoutConfigGroup *group = source_group (self, &none);
  plan->source = find_source (self, group);
  if (plan->source == NULL)
    return;
  /* What the input looks like may have become a part of it. */
  group = source_group (self, &none);
  gboolean bytes = plan->source->decode != NULL;
  plan->source_options = fanout_config_allocate (plan->config, MAX (plan->source->options_size, 1));
  FanoutSourceTypeOptions type = { 0 };
  FanoutSourceBytesOptions options = { 0 };
  const FanoutOption *tables[4] = { fanout_source_options };
  gpointer targets[4] = { &type };
  guint n = 1;
  if (bytes)
    {
      tables[n] = fanout_source_bytes_options;
      targets[n++] = &options;
    }
  if (plan->source->options != NULL)
    {
      tables[n] = plan->source->options;
      targets[n] = plan->source_options;
    }
  if (!fanout_options_bind (plan->config, group, tables, targets, NULL, NULL, self->errors))
    {
      plan->source = NULL;
      return;
    }
  g_autoptr (GError) error = NULL;
  plan->source_prepared = TRUE;
  if (plan->source->prepare != NULL && !plan->source->prepare (plan->source_options, &error))
    {
      fanout_errors_add (self->errors, group->origin, "[source]: %s", error->message);
      if (plan->source->release != NULL)
        plan->source->release (plan->source_options);
      plan->source_prepared = FALSE;
      plan->source = NULL;
      return;
    }
  if (bytes)
    {
      use_bytes_options (self, group, &options);
      refuse_missing_columns (self, group);
    }
  else if (self->inputs != NULL && self->inputs[0] != NULL)
    {
      g_autofree char *quoted = fanout_quote (self->inputs[0], -1);
      fanout_errors_add (self->errors, group->origin,
                         "[source] type: %s reads no input, yet %s is given", plan->source->name,
                         quoted);
    }
}

/* What somebody who wrote this expression may have meant by a name that is no column; NULL. */
static char *
hint_of_expression (const FanoutPlan *plan, const FanoutPlanColumn *column, const char *text)
{
  g_autoptr (FanoutExpression) expression = fanout_expression_parse (text, NULL);
  if (expression == NULL || fanout_expression_column (expression) != NULL)
    return NULL;
  for (guint f = 0; plan->fields[f] != NULL; f++)
    if (strstr (plan->fields[f], column->name) != NULL && strstr (text, plan->fields[f]) != NULL)
      return g_strdup_printf ("; did you mean \"%s\", in double quotes?", plan->fields[f]);
  g_autoptr (GString) quoted = g_string_new (NULL);
  fanout_value_quote (quoted, column->name);
  return strstr (text, quoted->str) != NULL
             ? g_strdup ("; a text stands in single quotes, a name in double ones")
             : NULL;
}

/* In a file an expression stands in no column's place; 2020-01 is none. */
static gboolean
is_expression (const FanoutConfigEntry *entry, const char *name)
{
  g_autoptr (FanoutExpression) expression = fanout_expression_parse (name, NULL);
  return entry != NULL && entry->from == FANOUT_CONFIG_FILE && expression != NULL
         && fanout_expression_column (expression) == NULL
         && name[strcspn (name, G_CSET_A_2_Z G_CSET_a_2_z)] != '\0';
}

/* What [let] derives is there for what comes behind it. */
static char *
hint_of_order (const FanoutPlanColumn *column, const FanoutConfigGroup *let,
               const FanoutConfigEntry *taker)
{
  const FanoutConfigEntry *made = fanout_config_entry (let, column->name);
  if (made == NULL || made <= taker || strstr (taker->value, column->name) == NULL)
    return NULL;
  g_autofree char *quoted = fanout_quote (taker->key, -1);
  return g_strdup_printf ("; [let] has %s before it, which takes it: let it come first", quoted);
}

static char *
hint_of (const FanoutPlan *plan, const FanoutPlanColumn *column, const FanoutConfigEntry *entry)
{
  char *hint = entry != NULL ? hint_of_expression (plan, column, entry->value) : NULL;
  if (hint != NULL)
    return hint;
  hint = fanout_hint_of_header (plan, column->name);
  if (hint != NULL)
    return hint;
  /* Where a derived column is used that names it. */
  const FanoutConfigGroup *let = fanout_config_find (plan->config, "let");
  for (guint i = 0; let != NULL && i < let->n_entries; i++)
    if ((hint = hint_of_expression (plan, column, let->entries[i].value)) != NULL
        || (hint = hint_of_order (column, let, &let->entries[i])) != NULL)
      return hint;
  if (strcmp (column->name, "*") == 0)
    return g_strdup ("; did you mean 'count', which counts rows without a column?");
  if (g_ascii_strncasecmp (column->name, "distinct ", strlen ("distinct ")) == 0)
    return g_strdup ("; did you mean the operator 'distinct', as in distinct(x)?");
  if (is_expression (entry, column->name))
    return g_strdup ("; an expression has a name: say NAME = EXPRESSION in [let]");
  const char *near = fanout_nearest_name (column->name, (const char *const *) plan->fields);
  g_autofree char *quoted = near != NULL ? fanout_quote (near, -1) : NULL;
  return near != NULL ? g_strdup_printf ("; did you mean %s?", quoted) : g_strdup ("");
}

/* Whether [let] has it with a mistake, which has been told. What is called as it is written may
 * have been meant for a column. */
static gboolean
is_mistaken (const FanoutPlanning *self, const char *name)
{
  const FanoutConfigGroup *let = fanout_config_find (self->plan->config, "let");
  const char *end = name;
  g_autofree char *inner = name[0] == '"' ? fanout_value_unquote (&end) : NULL;
  const char *plain = inner != NULL && *end == '\0' ? inner : name;
  const FanoutConfigEntry *entry = let != NULL ? fanout_config_entry (let, plain) : NULL;
  return entry != NULL && strcmp (entry->value, plain) != 0
         && !fanout_program_defines (self->plan->program, plain);
}

static void
missing_column (FanoutPlanning *self, const FanoutPlanColumn *column)
{
  FanoutPlan *plan = self->plan;
  if (is_mistaken (self, column->name) || !fanout_errors_wants (self->errors))
    return;
  const FanoutConfigEntry *entry = fanout_config_entry (column->group, column->key);
  g_autofree char *quoted = fanout_quote (column->name, -1);
  const char *input = plan->first_reader != NULL ? fanout_reader_named (plan->first_reader) : NULL;
  g_autofree char *names = fanout_list_show ((const char *const *) plan->fields);
  g_autofree char *hint = hint_of (plan, column, entry);
  g_autofree char *doubt
      = plan->first_reader != NULL ? fanout_reader_doubt (plan->first_reader) : NULL;
  fanout_config_mistake (self->errors, column->group, entry, "no column %s in %s; it has: %s%s%s",
                         quoted, input != NULL ? input : plan->source->name, names, hint,
                         doubt != NULL ? "; these are numbers: --no-header (header = false) takes "
                                         "the header for a row"
                                       : "");
}

static void
repeated_column (FanoutPlanning *self, const FanoutPlanColumn *column)
{
  FanoutPlan *plan = self->plan;
  const FanoutConfigEntry *entry = fanout_config_entry (column->group, column->key);
  g_autofree char *quoted = fanout_quote (column->name, -1);
  const char *input = plan->first_reader != NULL ? fanout_reader_named (plan->first_reader) : NULL;
  guint n = 0;
  for (guint f = 0; plan->fields[f] != NULL; f++)
    n += strcmp (plan->fields[f], column->name) == 0;
  fanout_config_mistake (self->errors, column->group, entry,
                         "column %s occurs %u times in %s; where columns has names for all of them "
                         "and header = true, those of the header do not matter",
                         quoted, n, input != NULL ? input : plan->source->name);
}

/* Names to their places; those of repeated ones are taken. */
static GHashTable *
index_fields (char **fields, GHashTable *repeated)
{
  GHashTable *places = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint f = 0; fields[f] != NULL; f++)
    if (!g_hash_table_insert (places, fields[f], GUINT_TO_POINTER (f)))
      g_hash_table_add (repeated, fields[f]);
  return places;
}

/* A name that a value cannot hold as it is may stand in double quotes; one that has them itself
 * comes first. */
static gboolean
find_field (FanoutPlan *plan, GHashTable *places, const char **name, gpointer *place)
{
  if (g_hash_table_lookup_extended (places, *name, NULL, place))
    return TRUE;
  const char *reason;
  g_auto (GStrv) items = (*name)[0] == '"' ? fanout_list_split (*name, &reason) : NULL;
  if (items == NULL || items[1] != NULL
      || !g_hash_table_lookup_extended (places, items[0], NULL, place))
    return FALSE;
  *name = fanout_config_intern (plan->config, items[0]);
  return TRUE;
}

/* Of a column that goes by its place. */
static gpointer
find_position (FanoutPlanning *self, FanoutPlanColumn *column)
{
  char **fields = self->plan->fields;
  const guint n = g_strv_length (fields);
  if (column->position <= n)
    {
      column->name = fields[column->position - 1];
      return GUINT_TO_POINTER (column->position - 1);
    }
  g_autofree char *columns = fanout_count_of (n, "column");
  fanout_config_mistake (self->errors, column->group,
                         fanout_config_entry (column->group, column->key),
                         "no column %s; there %s %s", column->name, n == 1 ? "is" : "are", columns);
  return NULL;
}

static void
look_up (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  g_autoptr (GHashTable) repeated = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) places = index_fields (plan->fields, repeated);
  for (guint i = 0; i < self->columns->len; i++)
    {
      FanoutPlanColumn *column = g_ptr_array_index (self->columns, i);
      gpointer place = NULL;
      if (column->position > 0)
        place = find_position (self, column);
      else if (!find_field (plan, places, &column->name, &place))
        missing_column (self, column);
      else if (g_hash_table_contains (repeated, column->name))
        repeated_column (self, column);
      plan->columns[i].name = column->name;
      plan->column_fields[i] = GPOINTER_TO_UINT (place);
    }
}

/* As a list has it: with the quotes around it, if there are any. */
static const char *
as_written (FanoutPlanning *self, const FanoutPlanColumn *column)
{
  const FanoutConfigEntry *entry = fanout_config_entry (column->group, column->key);
  g_autofree char *quoted = entry != NULL ? fanout_list_quoted (entry->value, column->name) : NULL;
  return quoted != NULL ? fanout_config_intern (self->plan->config, quoted) : column->name;
}

/* Any name may be one of a column: the source says which. */
static void
ask_source (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  for (guint i = 0; i < self->columns->len; i++)
    {
      FanoutPlanColumn *column = g_ptr_array_index (self->columns, i);
      g_autoptr (GError) error = NULL;
      if (column->position > 0)
        {
          fanout_config_mistake (
              self->errors, column->group, fanout_config_entry (column->group, column->key),
              "no column %s; those of %s have names alone", column->name, plan->source->name);
          continue;
        }
      if ((plan->source->flags & FANOUT_PATHS) != 0)
        column->name = plan->columns[i].name = as_written (self, column);
      if (!plan->source->column (plan->source_options, column->name, &error)
          && fanout_errors_wants (self->errors))
        fanout_config_mistake (self->errors, column->group,
                               fanout_config_entry (column->group, column->key), "%s",
                               error->message);
      plan->column_fields[i] = i;
    }
}

/* Whether somebody said that there is a header. */
static gboolean
header_is_asked_for (const FanoutPlanning *self)
{
  const FanoutConfigGroup *group = fanout_config_find (self->plan->config, "source");
  const FanoutConfigEntry *entry = group != NULL ? fanout_config_entry (group, "header") : NULL;

  return entry != NULL && strcmp (entry->value, "auto") != 0;
}

static gboolean
read_fields (FanoutPlanning *self, GError **error)
{
  FanoutPlan *plan = self->plan;
  gboolean known = FALSE;
  g_auto (GStrv) names = NULL;
  if (self->unreadable != NULL)
    return FALSE;
  if (plan->first_reader != NULL)
    fanout_reader_use (plan->first_reader, plan->source, plan->source_options);
  else
    plan->first_reader = fanout_reader_new (&plan->reader, error);
  if (plan->first_reader == NULL
      || !fanout_reader_fields (plan->first_reader, &names, &known, NULL, error))
    return FALSE;
  plan->fields = g_steal_pointer (&names);
  if (!header_is_asked_for (self))
    fanout_planning_note (self, fanout_reader_doubt (plan->first_reader));
  return TRUE;
}

void
fanout_planning_fields (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  if (plan->fed)
    plan->fields = g_strdupv ((char **) self->fed);
  else if (plan->source->decode == NULL)
    plan->fields = plan->source->names (plan->source_options);
  else if (self->running != NULL)
    fanout_planning_running_fields (self);
  else
    read_fields (self, &self->unreadable);
}

static void
select_fields (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  g_autofree const char **names = g_new0 (const char *, self->columns->len + 1);
  plan->positions = g_new0 (guint, MAX (self->columns->len, 1));
  for (guint i = 0; i < self->columns->len; i++)
    {
      const FanoutPlanColumn *column = g_ptr_array_index (self->columns, i);
      names[i] = column->name;
      plan->positions[i] = column->position;
    }
  if (plan->first_reader != NULL)
    fanout_reader_select (plan->first_reader, self->columns->len, names, plan->positions);
}

gboolean
fanout_planning_resolve (FanoutPlanning *self, GError **error)
{
  FanoutPlan *plan = self->plan;
  if (self->unreadable != NULL)
    {
      /* What is wrong with the file comes first: an input may be missing because of it. */
      if (fanout_errors_raise (self->errors, error))
        g_propagate_error (error, g_steal_pointer (&self->unreadable));
      return FALSE;
    }
  if (plan->source->column != NULL)
    ask_source (self);
  else if (plan->fields != NULL)
    look_up (self);
  if (plan->first_reader != NULL || self->reader != NULL)
    select_fields (self);
  return TRUE;
}
