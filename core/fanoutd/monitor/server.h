#pragma once

/**
 * An HTTP server with a thread of its own, for few clients who may be anybody: what each of them
 * can take of time, memory and connections is bounded.
 */

#include "core/config/address.h"

typedef struct
{
  guint64 requests;
  guint64 refused;   /* connections that were one too many, or took too long to ask */
  guint64 dropped;   /* who followed, and did not read */
  guint connections; /* now */
  guint followers;   /* now */
} ServerCounters;

typedef struct
{
  const char *method; /* GET (which stands for HEAD as well) or POST */
  const char *path;   /* without what follows ? */
  /** The value of NAME=VALUE behind ?; NULL: there is none. */
  const char *(*argument) (gconstpointer connection, const char *name);
  gconstpointer connection;
  ServerCounters counters; /* of the server, as of now */
} ServerRequest;

typedef struct
{
  guint status;
  const char *type;   /* of the content; static */
  const char *policy; /* Content-Security-Policy; NULL: nothing may be loaded or run */
  GString *body;      /* taken over */
} ServerAnswer;

/** What is told and how, always by the thread of the server. */
typedef struct
{
  void (*answer) (gpointer data, const ServerRequest *request, ServerAnswer *answer);
  /** What those who follow /events get next; owned by the caller. Only the newest is sent. */
  char *(*event) (gpointer data, const ServerCounters *counters);
  gpointer data;
} ServerHandler;

/** What whoever connects can take. Times are in microseconds. */
typedef struct
{
  guint connections;
  guint followers;
  gint64 ask_time;    /* until a request is there */
  gint64 answer_time; /* until its answer has been taken */
  gint64 read_time;   /* until who follows has taken more of what there is */
} ServerLimits;

extern const ServerLimits server_limits;

typedef struct Server Server;

/** Listen and serve from now on. `text` is what `address` was made of; with `names` a request may
 * name the host as it likes, else only by numbers or as localhost. NULL with `error`. */
Server *server_start (const FanoutAddress *address, const char *text, gboolean names,
                      const ServerLimits *limits, const ServerHandler *handler, GError **error);
/** Let those who follow have the last event, wait for them a moment, and end. NULL is ignored. */
void server_stop (Server *server);
/** Something is new: the next event comes at once. Any thread. */
void server_wake (Server *server);
/** Where it listens, with the port that the system chose. */
const char *server_address (const Server *server);
