#include "core/mpi/job.h"
#include "core/mpi/stream.h"

#include <string.h>

enum
{
  TAG_SHARE = 21,
  PIECE = 1024 * 1024,
  /* From so many ranks on, and groups of each, to deal them costs less than a tree of so many
   * floors, where each floor merges all groups once more. */
  DEAL_RANKS = 9,
  DEAL_GROUPS = 4096,
};

typedef struct
{
  guint64 rows;
  guint64 groups;
  gint64 is_free;
} Size;

/* Bytes of a share, on their way. */
typedef struct
{
  GString *bytes;
  gsize next;
} Share;

static gboolean
put_share (gpointer data, const char *bytes, gsize length, GError **error G_GNUC_UNUSED)
{
  Share *share = data;

  g_string_append_len (share->bytes, bytes, (gssize) length);
  return TRUE;
}

static gssize
get_share (gpointer data, char *to, gsize room, GError **error G_GNUC_UNUSED)
{
  Share *share = data;
  const gsize n = MIN (room, share->bytes->len - share->next);

  memcpy (to, share->bytes->str + share->next, n);
  share->next += n;
  return (gssize) n;
}

/* To one rank, and from another one, at the same time. */
static void
swap (const GString *out, int to, GString *in, int from)
{
  guint64 n_out = out->len;
  guint64 n_in = 0;

  MPI_Sendrecv (&n_out, 1, MPI_UINT64_T, to, TAG_SHARE, &n_in, 1, MPI_UINT64_T, from, TAG_SHARE,
                MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  g_string_set_size (in, n_in);
  for (guint64 at = 0; at < MAX (n_out, n_in); at += PIECE)
    MPI_Sendrecv (out->str + MIN (at, n_out), (int) MIN (PIECE, n_out - MIN (at, n_out)), MPI_BYTE,
                  at < n_out ? to : MPI_PROC_NULL, TAG_SHARE, in->str + MIN (at, n_in),
                  (int) MIN (PIECE, n_in - MIN (at, n_in)), MPI_BYTE,
                  at < n_in ? from : MPI_PROC_NULL, TAG_SHARE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* Each rank gets the groups of one share, of all ranks. A failure is told when all have dealt. */
static void
deal (Job *job, GError **failure)
{
  GPtrArray *shares = g_ptr_array_new ();

  for (int step = 0; step < job->n; step++)
    {
      const int to = (job->rank + step) % job->n;
      const int from = (job->rank + job->n - step) % job->n;
      Share out = { .bytes = g_string_new (NULL) };
      Share *in = g_new0 (Share, 1);

      fanout_states_write (job->states, (guint) to, (guint) job->n, put_share, &out,
                           *failure == NULL ? failure : NULL);
      in->bytes = step == 0 ? g_steal_pointer (&out.bytes) : g_string_new (NULL);
      if (step > 0)
        {
          swap (out.bytes, to, in->bytes, from);
          g_string_free (out.bytes, TRUE);
        }
      g_ptr_array_add (shares, in);
    }
  fanout_states_empty (job->states);
  for (guint i = 0; i < shares->len; i++)
    {
      Share *in = g_ptr_array_index (shares, i);

      if (*failure == NULL)
        fanout_states_merge (job->states, get_share, in, "what another rank sent", TRUE, failure);
      g_string_free (in->bytes, TRUE);
      g_free (in);
    }
  g_ptr_array_unref (shares);
}

static void
send_states (Job *job, int to, GError **failure)
{
  Sending sending;

  sending_begin (&sending, to);
  if (*failure == NULL)
    fanout_states_write (job->states, 0, 1, sending_put, &sending, failure);
  sending_end (&sending, *failure);
}

static void
take_states (Job *job, int from, GError **failure)
{
  Receiving receiving;
  g_autoptr (GError) other = NULL;
  g_autofree char *name = g_strdup_printf ("what rank %d sent", from);

  receiving_begin (&receiving, from);
  if (*failure == NULL)
    fanout_states_merge (job->states, receiving_get, &receiving, name, FALSE, failure);
  /* What went wrong there is why it went wrong here. */
  if (receiving_end (&receiving, &other))
    return;
  g_clear_error (failure);
  g_propagate_error (failure, g_steal_pointer (&other));
}

/* Neighbours meet first, in the order of the stream, which some operators want. */
static void
climb (Job *job, GError **failure)
{
  for (int step = 1; step < job->n; step *= 2)
    {
      if (job->rank % (2 * step) != 0)
        {
          send_states (job, job->rank - step, failure);
          return;
        }
      if (job->rank + step < job->n)
        take_states (job, job->rank + step, failure);
    }
}

gboolean
job_meet (Job *job, GError **error)
{
  g_autofree Size *sizes = g_new0 (Size, (guint) job->n);
  g_autoptr (GError) failure = NULL;
  guint64 before = 0;
  guint64 groups = 0;
  gboolean all_free = TRUE;

  sizes[job->rank] = (Size){ fanout_states_rows (job->states), fanout_states_groups (job->states),
                             fanout_states_are_free (job->states) };
  MPI_Allgather (MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, sizes, sizeof *sizes, MPI_BYTE,
                 MPI_COMM_WORLD);
  for (int r = 0; r < job->n; r++)
    {
      before += r < job->rank ? sizes[r].rows : 0;
      groups += sizes[r].groups;
      all_free = all_free && sizes[r].is_free;
    }
  fanout_states_shift (job->states, before);
  job->dealt = job->n >= DEAL_RANKS && all_free && groups / (guint64) job->n >= DEAL_GROUPS;
  if (job->dealt)
    deal (job, &failure);
  climb (job, &failure);
  return job_agree (job, failure, 0, error);
}
