#include "core/mpi/stream.h"

#include <fanout/error.h>
#include <mpi.h>
#include <string.h>

enum
{
  TAG_BYTES = 11, /* none of them: the end */
  TAG_FAILURE,    /* a code of FANOUT_ERROR as a letter, then its text */
  PIECE = 1024 * 1024,
};

void
sending_begin (Sending *sending, int rank)
{
  *sending = (Sending){ .rank = rank, .buffer = g_malloc (PIECE) };
}

static void
send_piece (Sending *sending)
{
  MPI_Send (sending->buffer, (int) sending->length, MPI_BYTE, sending->rank, TAG_BYTES,
            MPI_COMM_WORLD);
  sending->length = 0;
}

gboolean
sending_put (gpointer data, const char *bytes, gsize length, GError **error G_GNUC_UNUSED)
{
  Sending *sending = data;

  while (length > 0)
    {
      const gsize n = MIN (length, PIECE - sending->length);

      memcpy (sending->buffer + sending->length, bytes, n);
      sending->length += n;
      bytes += n;
      length -= n;
      if (sending->length == PIECE)
        send_piece (sending);
    }
  return TRUE;
}

void
sending_end (Sending *sending, const GError *failure)
{
  if (failure == NULL && sending->length > 0)
    send_piece (sending);
  if (failure == NULL)
    send_piece (sending);
  else
    {
      g_autofree char *text = g_strdup_printf (
          "%c%s", 'A' + (failure->domain == FANOUT_ERROR ? failure->code : FANOUT_ERROR_STATE),
          failure->message);

      MPI_Send (text, (int) strlen (text), MPI_BYTE, sending->rank, TAG_FAILURE, MPI_COMM_WORLD);
    }
  g_free (sending->buffer);
}

void
receiving_begin (Receiving *receiving, int rank)
{
  *receiving = (Receiving){ .rank = rank, .buffer = g_malloc (PIECE) };
}

static void
receive_failure (Receiving *receiving, int length)
{
  g_autofree char *text = g_malloc0 ((gsize) length + 1);

  MPI_Recv (text, length, MPI_BYTE, receiving->rank, TAG_FAILURE, MPI_COMM_WORLD,
            MPI_STATUS_IGNORE);
  receiving->failure = g_error_new_literal (FANOUT_ERROR, text[0] - 'A', text + 1);
  receiving->ended = TRUE;
}

static void
receive_piece (Receiving *receiving)
{
  MPI_Status status;
  int length;

  MPI_Probe (receiving->rank, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
  MPI_Get_count (&status, MPI_BYTE, &length);
  receiving->next = receiving->length = 0;
  if (status.MPI_TAG == TAG_FAILURE)
    {
      receive_failure (receiving, length);
      return;
    }
  MPI_Recv (receiving->buffer, PIECE, MPI_BYTE, receiving->rank, TAG_BYTES, MPI_COMM_WORLD,
            MPI_STATUS_IGNORE);
  receiving->length = (gsize) length;
  receiving->ended = length == 0;
}

gssize
receiving_get (gpointer data, char *to, gsize room, GError **error)
{
  Receiving *receiving = data;
  gsize n;

  if (receiving->next == receiving->length && !receiving->ended)
    receive_piece (receiving);
  if (receiving->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (receiving->failure));
      return -1;
    }
  n = MIN (room, receiving->length - receiving->next);
  memcpy (to, receiving->buffer + receiving->next, n);
  receiving->next += n;
  return (gssize) n;
}

gboolean
receiving_end (Receiving *receiving, GError **error)
{
  while (!receiving->ended)
    receive_piece (receiving);
  g_free (receiving->buffer);
  if (receiving->failure == NULL)
    return TRUE;
  g_propagate_error (error, receiving->failure);
  return FALSE;
}
