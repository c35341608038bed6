#pragma once

/** The programs that operators have started. */

/** Kill those of them that lead a process group of their own, with all of it. For signal handlers;
 * nothing where the system does not list children. */
void children_kill (void);
