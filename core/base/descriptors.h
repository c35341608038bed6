#pragma once

/** How many files may be open at once. */

/** Where the descriptor `fd`, just opened, is among the last that the soft limit allows: allow as
 * many as the hard one does. For what keeps any number of them; the soft limit is there for
 * programs that wait by select(). */
void fanout_descriptors_allow (int fd);
