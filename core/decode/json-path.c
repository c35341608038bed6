#include "core/decode/json.h"
#include "core/base/error.h"
#include <string.h>

/* Guesses for each object; members behind them are looked up each time. */
#define GUESSES 64

/* A step of a path. */
typedef struct
{
  const char *p;   /* what comes next */
  GString *name;   /* of a member */
  gboolean array;  /* it is an element in place of one */
  guint64 element; /* which */
} Step;

static gboolean
fail (GError **error, const char *name, const char *reason)
{
  g_autofree char *quoted = fanout_quote (name, -1);

  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "%s is no path such as commit.author, tags[0] or \"a.b\": %s", quoted, reason);
  return FALSE;
}

/* What is between the quotes at step->p, doubled inside. */
static const char *
take_quoted (Step *step)
{
  const char *p = step->p + 1;

  for (; *p != '"' || p[1] == '"'; p++)
    {
      if (*p == '\0')
        return "a quote is not closed";
      p += *p == '"';
      g_string_append_c (step->name, *p);
    }
  step->p = p + 1;
  return NULL;
}

static const char *
take_element (Step *step)
{
  const char *p = step->p + 1;

  step->array = TRUE;
  step->element = 0;
  for (; g_ascii_isdigit (*p) && step->element < G_MAXUINT32; p++)
    step->element = step->element * 10 + (guint64) (*p - '0');
  if (p == step->p + 1 || *p != ']')
    return "a number, from 0, and ] are wanted behind [";
  step->p = p + 1;
  return NULL;
}

/* The next step, which is there; answers what is wrong with it. */
static const char *
take_step (Step *step, gboolean first)
{
  const char *reason = NULL;

  g_string_truncate (step->name, 0);
  step->array = FALSE;
  if (*step->p == '[' && first)
    return "it begins with the name of a member";
  if (*step->p == '[')
    return take_element (step);
  if (!first && *step->p != '.')
    return "a . or [ is wanted behind a name";
  step->p += !first;
  if (*step->p == '"')
    reason = take_quoted (step);
  else
    {
      const gsize length = strcspn (step->p, ".[]\"");

      if (length == 0)
        return "a name is missing; one that is empty or has . [ ] or \" in it stands in quotes";
      g_string_append_len (step->name, step->p, (gssize) length);
      step->p += length;
    }
  return reason;
}

gboolean
fanout_json_path_check (const char *name, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Step step = { .p = name, .name = text };
  guint depth = 0;

  do
    {
      const char *reason = take_step (&step, depth == 0);

      if (reason != NULL)
        return fail (error, name, reason);
      if (++depth >= FANOUT_JSON_DEPTH)
        return fail (error, name, "it goes too deep");
    }
  while (*step.p != '\0');
  return TRUE;
}

static gboolean
is_step (const FanoutJsonNode *node, const Step *step)
{
  if (step->array)
    return node->element == step->element;
  return node->length == step->name->len && memcmp (node->name, step->name->str, node->length) == 0;
}

/* The node that a step leads to, made when it is new. */
static FanoutJsonNode *
follow (FanoutJsonNode *node, const Step *step)
{
  GPtrArray **children = step->array ? &node->elements : &node->members;
  FanoutJsonNode *child;

  if (*children == NULL)
    *children = g_ptr_array_new ();
  for (guint i = 0; i < (*children)->len; i++)
    if (is_step ((*children)->pdata[i], step))
      return (*children)->pdata[i];
  child = g_new0 (FanoutJsonNode, 1);
  child->element = step->element;
  if (!step->array)
    {
      child->name = g_memdup2 (step->name->str, step->name->len + 1);
      child->length = step->name->len;
    }
  g_ptr_array_add (*children, child);
  return child;
}

static FanoutJsonNode *
find (FanoutJsonNode *root, const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Step step = { .p = path, .name = text };
  FanoutJsonNode *node = root;

  do
    {
      if (take_step (&step, node == root) != NULL)
        return node; /* the caller has asked fanout_json_path_check() */
      node = follow (node, &step);
    }
  while (*step.p != '\0');
  return node;
}

static gint
compare_elements (gconstpointer a, gconstpointer b)
{
  const FanoutJsonNode *first = *(FanoutJsonNode *const *) a;
  const FanoutJsonNode *second = *(FanoutJsonNode *const *) b;

  return (first->element > second->element) - (first->element < second->element);
}

/* Number the targets so that those of a node and of what is in it stand together. */
static void
settle (FanoutJsonTree *tree, FanoutJsonNode *node, FanoutJsonNode *const *nodes, guint n_columns,
        guint *n)
{
  node->first = *n;
  for (guint i = 0; i < n_columns; i++)
    if (nodes[i] == node)
      tree->targets[(*n)++] = i;
  node->behind = *n;
  for (guint i = 0; node->members != NULL && i < node->members->len; i++)
    settle (tree, node->members->pdata[i], nodes, n_columns, n);
  if (node->elements != NULL)
    g_ptr_array_sort (node->elements, compare_elements);
  for (guint i = 0; node->elements != NULL && i < node->elements->len; i++)
    settle (tree, node->elements->pdata[i], nodes, n_columns, n);
  node->end = *n;
  if (node->members == NULL)
    return;
  node->n_guesses = GUESSES;
  node->guesses = g_new0 (FanoutJsonGuess, GUESSES);
  for (guint i = 0; i < GUESSES; i++)
    node->guesses[i].length = G_MAXSIZE;
}

FanoutJsonTree *
fanout_json_tree_new (const FanoutChunk *chunk)
{
  FanoutJsonTree *tree = g_new0 (FanoutJsonTree, 1);
  g_autofree FanoutJsonNode **nodes = g_new0 (FanoutJsonNode *, chunk->n_columns + 1);
  guint n = 0;

  tree->root = g_new0 (FanoutJsonNode, 1);
  tree->root->members = g_ptr_array_new ();
  tree->targets = g_new0 (guint, chunk->n_columns + 1);
  for (guint i = 0; i < chunk->n_columns; i++)
    nodes[i] = find (tree->root, fanout_chunk_column (chunk, i)->name);
  settle (tree, tree->root, nodes, chunk->n_columns, &n);
  return tree;
}

static void
free_node (FanoutJsonNode *node)
{
  for (guint i = 0; node->members != NULL && i < node->members->len; i++)
    free_node (node->members->pdata[i]);
  for (guint i = 0; node->elements != NULL && i < node->elements->len; i++)
    free_node (node->elements->pdata[i]);
  g_clear_pointer (&node->members, g_ptr_array_unref);
  g_clear_pointer (&node->elements, g_ptr_array_unref);
  for (guint i = 0; i < node->n_guesses; i++)
    g_free (node->guesses[i].rest);
  g_free (node->guesses);
  g_free (node->name);
  g_free (node);
}

void
fanout_json_tree_free (FanoutJsonTree *tree)
{
  free_node (tree->root);
  g_free (tree->targets);
  g_free (tree);
}

static FanoutJsonNode *
find_member (const FanoutJsonNode *node, const char *name, gsize length)
{
  for (guint i = 0; i < node->members->len; i++)
    {
      FanoutJsonNode *member = node->members->pdata[i];

      if (member->length == length && memcmp (member->name, name, length) == 0)
        return member;
    }
  return NULL;
}

FanoutJsonNode *
fanout_json_member (const FanoutJsonNode *node, const char *name, gsize length)
{
  g_autofree char *plain = NULL;

  if (node->members == NULL)
    return NULL;
  if (memchr (name, '\\', length) == NULL)
    return find_member (node, name, length);
  plain = g_malloc (length);
  length = fanout_json_unescape (name, length, plain);
  return find_member (node, plain, length);
}

FanoutJsonNode *
fanout_json_element (const FanoutJsonNode *node, guint64 element)
{
  for (guint i = 0; node->elements != NULL && i < node->elements->len; i++)
    {
      FanoutJsonNode *child = node->elements->pdata[i];

      if (child->element >= element)
        return child->element == element ? child : NULL;
    }
  return NULL;
}

static guint64
first_bytes (gsize n)
{
  guint64 word = 0;
  const guint8 ones[8] = { 255, 255, 255, 255, 255, 255, 255, 255 };

  memcpy (&word, ones, MIN (n, 8));
  return word;
}

void
fanout_json_guess_set (FanoutJsonGuess *guess, const char *name, gsize length, FanoutJsonNode *node)
{
  guess->low = guess->high = 0;
  memcpy (&guess->low, name, MIN (length, 8));
  if (length > 8)
    memcpy (&guess->high, name + 8, MIN (length - 8, 8));
  guess->low_mask = first_bytes (length);
  guess->high_mask = first_bytes (length > 8 ? length - 8 : 0);
  g_clear_pointer (&guess->rest, g_free);
  if (length > 16)
    guess->rest = g_memdup2 (name + 16, length - 16);
  guess->length = length;
  guess->node = node;
}
