#pragma once

/** From now on the end of the system's memory ends the program with one message and EXIT_RETRY, and
 * leaves no file behind. */
void memory_watch (void);
