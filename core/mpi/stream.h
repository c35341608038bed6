#pragma once

/** Bytes of any number from one rank to another, and whether they are all. */

#include "core/partial/seal.h"

/** The sending side. */
typedef struct
{
  int rank; /* the other one */
  char *buffer;
  gsize length;
} Sending;

void sending_begin (Sending *sending, int rank);
/** A FanoutSealPut of a Sending. */
gboolean sending_put (gpointer sending, const char *bytes, gsize length, GError **error);
/** The last one. `failure` (NULL: none) is what the other side gets in place of the end. */
void sending_end (Sending *sending, const GError *failure);

/** The receiving side. */
typedef struct
{
  int rank;
  char *buffer;
  gsize length;
  gsize next;
  gboolean ended;
  GError *failure; /* of the other side */
} Receiving;

void receiving_begin (Receiving *receiving, int rank);
/** A FanoutSealGet of a Receiving. */
gssize receiving_get (gpointer receiving, char *to, gsize room, GError **error);
/** Take what is left of it. FALSE with `error` where the other side failed. */
gboolean receiving_end (Receiving *receiving, GError **error);
