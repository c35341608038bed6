/* Prices by city, put in by the program itself. */

#include <fanout/fanout.h>
#include <stdio.h>
#include <stdlib.h>

static const char ini[] = "[pipeline]\n"
                          "group-by = city\n"
                          "[aggregate n]\n"
                          "type = count\n"
                          "[aggregate total]\n"
                          "type = sum\n"
                          "column = price\n"
                          "[output]\n"
                          "sort = city\n";

static FanoutPipeline *
make_pipeline (FanoutRegistry *registry, GError **error)
{
  static const char *const columns[] = { "city", "price", NULL };
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!g_key_file_load_from_data (file, ini, sizeof ini - 1, G_KEY_FILE_NONE, error))
    return NULL;
  return fanout_pipeline_new_feed_from_key_file (registry, file, ".", columns, error);
}

static gboolean
put_rows (FanoutFeeder *feeder, GError **error)
{
  static const struct
  {
    const char *city;
    gint64 cents;
  } prices[] = { { "Oslo", 1230 }, { "Rome", 850 }, { "Oslo", 20 } };

  for (gsize i = 0; i < G_N_ELEMENTS (prices) && fanout_feed_wants (feeder); i++)
    {
      const FanoutCell row[] = {
        fanout_cell_text (prices[i].city, -1),
        fanout_cell_number (fanout_number_decimal (prices[i].cents, 2)),
      };

      if (!fanout_feed_row (feeder, row, G_N_ELEMENTS (row), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
print_result (FanoutResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const FanoutRows *rows;

  while ((rows = fanout_result_next (result, &failure)) != NULL)
    for (gsize i = 0; i < rows->n_rows; i++)
      {
        g_autoptr (GString) line = g_string_new (NULL);

        for (guint c = 0; c < rows->n_columns; c++)
          {
            g_string_append (line, c > 0 ? " " : "");
            fanout_value_append (line, fanout_rows_value (rows, i, c));
          }
        puts (line->str);
      }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
run (FanoutRegistry *registry, GError **error)
{
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (registry, error);
  g_autoptr (FanoutFeeder) feeder
      = pipeline != NULL ? fanout_feed_begin (pipeline, NULL, NULL, error) : NULL;
  g_autoptr (FanoutResult) result = NULL;

  if (feeder == NULL || !put_rows (feeder, error))
    return FALSE;
  result = fanout_feed_end (feeder, error);
  return result != NULL && print_result (result, error);
}

/* The folder of plugins is the one argument. */
int
main (int argc, char **argv)
{
  const char *const folders[] = { argc > 1 ? argv[1] : ".", NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autoptr (GError) error = NULL;

  if (run (registry, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "%s\n", error->message);
  return EXIT_FAILURE;
}
