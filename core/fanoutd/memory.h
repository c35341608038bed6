#pragma once

/** From now on the end of the system's memory ends the program with one message and EXIT_RETRY, and
 * leaves no file behind. */
void memory_watch (void);

/** Keep some MiB of what is freed: windows take memory and give it back all the time, and the
 * system has to clear it each time. */
void memory_keep (void);
