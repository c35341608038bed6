#pragma once

/**
 * Who follows /events. There is one newest event, which all of them share; whoever is busy with
 * another gets what is newest when he is done. So a client holds no more than one event.
 */

#include "core/fanoutd/monitor/http.h"

typedef struct Events Events;

Events *events_new (const Http *http);
/** When there are no connections left. */
void events_free (Events *events);

/** Take on `connection`, whose descriptor is `fd`: MHD_NO where it cannot be. */
enum MHD_Result events_open (Events *events, struct MHD_Connection *connection, int fd);
/** How many follow. */
guint events_count (const Events *events);
/** How many were dropped since they did not read. */
guint64 events_dropped (const Events *events);
/** Let all have `text`, taken over. */
void events_publish (Events *events, char *text);
/** Drop those who have not read since `before`, by the clock of g_get_monotonic_time(). */
void events_sweep (Events *events, gint64 before);
/** Nothing more comes: end each of them when he has read what he has. */
void events_end (Events *events);
